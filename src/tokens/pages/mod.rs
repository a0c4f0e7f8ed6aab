//! The token pages of an app: temporary tokens, `UserSigs`, checking.
//!
//! A token is shown on the answer to its form and nowhere else: never in an address, a log or a
//! flash. No key of an app is ever part of a page.

mod check;
mod facts;
mod temporary;
mod usersig;

use crate::apps::Owned;
use crate::clock::UtcTime;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::web::field::problems;
use crate::web::shell::Link;
use crate::web::{Crumb, Cx, Need, Routes, Section, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const MINT: Need = Need::May(Permission::MintTokens);
    const VERIFY: Need = Need::May(Permission::VerifyTokens);
    routes.page("/apps/{sdk_app_id}/tokens", MINT, temporary::show);
    routes.form("/apps/{sdk_app_id}/tokens", MINT, temporary::mint);
    routes.page("/apps/{sdk_app_id}/tokens/usersig", MINT, usersig::show);
    routes.form("/apps/{sdk_app_id}/tokens/usersig", MINT, usersig::mint);
    routes.page("/apps/{sdk_app_id}/tokens/verify", VERIFY, check::show);
    routes.form("/apps/{sdk_app_id}/tokens/verify", VERIFY, check::carry_out);
}

/// Which of the pages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Temporary,
    UserSig,
    Check,
}

impl Tool {
    const ALL: [Self; 3] = [Self::Temporary, Self::UserSig, Self::Check];

    fn href(self, app: SdkAppId) -> String {
        match self {
            Self::Temporary => urls::tokens(app),
            Self::UserSig => urls::usersig(app),
            Self::Check => urls::verify(app),
        }
    }

    /// Its name among the others: short, so that all three fit on a phone.
    const fn tab(self, t: Texts) -> &'static str {
        match self {
            Self::Temporary => t.token_temporary_tab(),
            Self::UserSig => t.token_usersig_tab(),
            Self::Check => t.token_check_tab(),
        }
    }

    const fn title(self, t: Texts) -> &'static str {
        match self {
            Self::Temporary => t.token_temporary(),
            Self::UserSig => t.usersig(),
            Self::Check => t.check_token(),
        }
    }
}

/// What stands around the content of each of them.
struct Frame {
    trail: Vec<Crumb>,
    /// The app's name, on the picker.
    app: String,
    /// The same page of other apps.
    picker: Vec<Link>,
    /// The tools.
    tabs: Vec<Link>,
}

impl Frame {
    fn new(cx: &Cx, owned: &Owned, tool: Tool) -> Self {
        let t = cx.t();
        let trail = Crumb { href: urls::APPS.to_owned(), words: t.apps().to_owned() };
        let tabs = Tool::ALL.iter().map(|each| Link {
            href: each.href(owned.id()),
            words: each.tab(t).to_owned(),
            is_current: *each == tool,
        });
        Self {
            trail: vec![trail],
            app: owned.app.name.clone(),
            picker: owned.picker(|id| tool.href(id)),
            tabs: tabs.collect(),
        }
    }
}

fn shell(cx: &Cx, owned: &Owned, tool: Tool) -> Shell {
    cx.shell(&owned.member, Section::Apps, tool.title(cx.t()))
}

/// A moment as pages show it.
struct When {
    /// For machines.
    iso: String,
    /// For people, in the zone of the page.
    text: String,
    /// The zone's name.
    zone: String,
}

impl When {
    fn new(cx: &Cx, moment: UtcTime) -> Self {
        let zone = cx.zone();
        let zoned = moment.in_zone(&zone);
        Self {
            iso: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            text: zoned.strftime("%Y-%m-%d %H:%M").to_string(),
            zone: zone.name().to_owned(),
        }
    }
}
