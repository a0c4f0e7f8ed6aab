//! What stands around the content of every page.

use super::{Cx, Flash, assets, urls};
use crate::i18n::Texts;
use crate::sessions::{Person, Seat};
use crate::workspaces::Permission;

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// None.
    None,
    /// The overview.
    Overview,
    /// Apps and what is below them.
    Apps,
    /// Statistics.
    Statistics,
    /// Minutes and their ledger.
    Minutes,
    /// API keys.
    ApiKeys,
    /// The audit log.
    Audit,
    /// The members.
    Members,
    /// The workspace's settings.
    Workspace,
    /// The person's own page.
    Profile,
}

/// An entry of the navigation.
pub struct NavItem {
    /// Its address.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its words.
    pub words: &'static str,
    /// Whether the page belongs to it.
    pub is_current: bool,
}

/// A step on the way to a page.
#[derive(Clone)]
pub struct Crumb {
    /// Its address.
    pub href: String,
    /// Its words.
    pub words: String,
}

/// A link of a row of links, one of which is where we are.
#[derive(Clone)]
pub struct Link {
    /// Its address.
    pub href: String,
    /// Its words.
    pub words: String,
    /// Whether this is where we are.
    pub is_current: bool,
}

/// The line under a list: how many there are, and the way to the neighbouring pages.
pub struct Pager {
    /// How many, in words.
    pub count: String,
    /// The name of the navigation.
    pub label: &'static str,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// What the page before is called.
    pub previous_word: &'static str,
    /// What the page after is called.
    pub next_word: &'static str,
}

impl Pager {
    /// One between a page before and a page after.
    #[must_use]
    pub fn new(
        count: String,
        (previous, next): (Option<String>, Option<String>),
        t: Texts,
    ) -> Self {
        Self {
            count,
            label: t.pages(),
            previous,
            next,
            previous_word: t.previous_page(),
            next_word: t.next_page(),
        }
    }
}

/// A flash in words.
pub struct Said {
    /// The sentence before the name.
    pub lead: &'static str,
    /// The emphasised name.
    pub name: Option<String>,
    /// The next step.
    pub next: Option<(String, &'static str)>,
}

/// What layouts need.
pub struct Shell {
    /// The messages.
    pub t: Texts,
    /// The page's title.
    pub title: String,
    /// `light`, `dark`, or empty for the system's.
    pub theme: &'static str,
    /// The token of forms on this page.
    pub token: String,
    /// Where the page is, for the switches that come back to it.
    pub here: String,
    /// What the addresses of the switches begin with: a page of a mailed link has its own, since its token is good for
    /// nothing else.
    pub switches: String,
    /// The sprite of icons.
    pub sprite: &'static str,
    /// The person's name and address; `None` when nobody is signed in.
    pub person: Option<(String, String)>,
    /// The workspace's name.
    pub workspace: Option<String>,
    /// The navigation.
    pub nav: Vec<NavItem>,
    /// Its part for what concerns the workspace's people.
    pub team: Vec<NavItem>,
    /// The message of the last form.
    pub flash: Option<Said>,
    /// Whether this is the demonstration.
    pub is_demo: bool,
    /// Whether its outbox may be looked into.
    pub has_outbox: bool,
}

impl Shell {
    pub(super) fn new(cx: &Cx, section: Section, title: String, flash: Option<Flash>) -> Self {
        let t = cx.t();
        let person = cx.person.as_deref();
        let seat = person.and_then(|person| person.seat.as_ref());
        Self {
            t,
            title,
            theme: cx.theme.unwrap_or_default(),
            token: cx.token(),
            here: cx.here.clone(),
            switches: cx.link().map(urls::step_up_link).unwrap_or_default(),
            sprite: assets::url("sprite.svg"),
            person: person.map(|Person { name, email, .. }| (name.clone(), email.clone())),
            workspace: seat.map(|seat| seat.workspace_name.clone()),
            nav: seat.map(|seat| nav(seat, section, t)).unwrap_or_default(),
            team: seat.map(|seat| team(seat, section, t)).unwrap_or_default(),
            flash: flash.map(|flash| Said {
                lead: flash.lead(t),
                name: flash.name().map(str::to_owned),
                next: flash.next(t),
            }),
            is_demo: cx.services.is_demo,
            has_outbox: cx.services.is_demo && person.is_some(),
        }
    }

    /// The tag of the page's language.
    #[must_use]
    pub const fn lang(&self) -> &'static str {
        self.t.language().as_str()
    }

    /// The tag of the other language.
    #[must_use]
    pub const fn other_lang(&self) -> &'static str {
        self.t.language().other().as_str()
    }

    /// The other language's own name.
    #[must_use]
    pub const fn other_lang_name(&self) -> &'static str {
        self.t.language().other().own_name()
    }

    /// What the theme button changes to when there is no script.
    #[must_use]
    pub fn other_theme(&self) -> &'static str {
        if self.theme == "dark" { "light" } else { "dark" }
    }

    /// The version of this build.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// An entry before it is known whether somebody sees it: its section, what it needs, address, icon, words.
type Entry = (Section, Permission, &'static str, &'static str, &'static str);

fn nav(seat: &Seat, section: Section, t: Texts) -> Vec<NavItem> {
    let entries = [
        (Section::Overview, Permission::ReadApps, urls::OVERVIEW, "grid", t.nav_overview()),
        (Section::Apps, Permission::ReadApps, urls::APPS, "apps", t.nav_apps()),
        (
            Section::Statistics,
            Permission::ReadStatistics,
            urls::STATISTICS,
            "chart",
            t.statistics_title(),
        ),
        (Section::Minutes, Permission::ReadMinutes, urls::MINUTES, "clock", t.user_minutes()),
    ];
    items(&entries, seat, section)
}

fn team(seat: &Seat, section: Section, t: Texts) -> Vec<NavItem> {
    let entries = [
        (Section::Members, Permission::ReadMembers, urls::MEMBERS, "users", t.members()),
        (Section::ApiKeys, Permission::ManageApiKeys, urls::API_KEYS, "key", t.api_keys()),
        (Section::Audit, Permission::ReadAudit, urls::AUDIT, "list", t.nav_audit()),
        (
            Section::Workspace,
            Permission::ManageWorkspace,
            urls::WORKSPACE,
            "gear",
            t.workspace_settings(),
        ),
    ];
    items(&entries, seat, section)
}

fn items(entries: &[Entry], seat: &Seat, section: Section) -> Vec<NavItem> {
    let seen = entries.iter().filter(|(_, permission, ..)| seat.may(*permission));
    seen.map(|&(of, _, href, icon, words)| NavItem { href, icon, words, is_current: of == section })
        .collect()
}
