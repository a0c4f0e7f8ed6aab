//! `GET /members`: the members, and for those who manage them what is open and what was left behind.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;

use super::TAGS_READ;
use crate::apps::store::{app_names, app_tags_of};
use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SdkAppId};
use crate::invitations::Standing;
use crate::invitations::store::{Invitation, Which, invitations_open};
use crate::members::store::{self, KeyLeft, Listed};
use crate::notify;
use crate::passkeys::Host;
use crate::web::{Cx, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::Role;
use crate::workspaces::{Extent, Permission, Reach, Scope};

/// Apps whose names are known to the list.
const NAMES_MAX: i64 = 10_000;

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    routes.page(urls::MEMBERS, Need::May(Permission::ReadMembers), show);
}

/// A moment as rows show it.
struct Moment {
    words: String,
    iso: String,
}

impl Moment {
    fn new(at: UtcTime, zone: &Zone) -> Self {
        let at = at.in_zone(zone);
        Self {
            words: at.strftime("%Y-%m-%d %H:%M").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// Apps that are named for a reach; of more only the number is told.
const NAMES_SHOWN: usize = 4;

struct MemberRow {
    name: String,
    of: String,
    email: String,
    role: &'static str,
    reach: String,
    /// The names of the apps, where there are some.
    apps: String,
    inactive: Option<&'static str>,
    has_second_factor: bool,
    seen: Option<Moment>,
    joined: Moment,
    is_own: bool,
    /// Where they are changed, for whoever may.
    manage: Option<String>,
}

struct InvitationRow {
    email: String,
    of: String,
    role: &'static str,
    reach: String,
    /// As for members.
    apps: String,
    by: String,
    is_by_former: bool,
    standing: (&'static str, &'static str),
    until: Moment,
    note: &'static str,
    resend: String,
    cancel: String,
}

struct KeyRow {
    name: String,
    key: String,
    maker: String,
    created: Moment,
}

#[derive(Template)]
#[template(path = "members/list.html")]
struct ListPage {
    shell: Shell,
    lead: String,
    members: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    keys: Vec<KeyRow>,
    may_manage: bool,
    is_mailed: bool,
    api_keys: &'static str,
}

/// What the page is made from.
struct Found {
    members: Vec<Listed>,
    invitations: Vec<Invitation>,
    keys: Vec<KeyLeft>,
    apps: Apps,
}

/// The apps that whoever looks may know of.
#[derive(Default)]
struct Apps {
    names: BTreeMap<SdkAppId, String>,
    /// Which have a tag, by key and value.
    tagged: Tagged,
}

type Tagged = BTreeMap<(String, String), Vec<SdkAppId>>;

async fn read(cx: &Cx, scope: Scope, may_manage: bool) -> Result<Found, DbError> {
    let (workspace, now) = (scope.workspace, cx.now());
    let host = Host::of(&cx.services.settings);
    let found = cx.services.db.read(move |conn| {
        let members = store::members(conn, workspace, host.as_ref().map(Host::name))?;
        let (invitations, keys) = if may_manage {
            let open = invitations_open(conn, Which::Of(workspace))?;
            (open, store::keys_left(conn, workspace, now)?)
        } else {
            Default::default()
        };
        // Nobody learns of apps beyond their own reach.
        let names = app_names(conn, &scope, NAMES_MAX)?.into_iter().collect();
        let mut tagged = Tagged::new();
        for (key, value, app) in app_tags_of(conn, workspace, TAGS_READ)? {
            tagged.entry((key, value)).or_default().push(app);
        }
        Ok(Found { members, invitations, keys, apps: Apps { names, tagged } })
    });
    found.await
}

impl Apps {
    /// The apps that a reach comes to, by name. That a tag comes to nothing may be a slip and is said.
    fn named(&self, reach: &Reach, t: Texts) -> String {
        let apps = match reach {
            Reach::Tag { key, value } => match self.tagged.get(&(key.clone(), value.clone())) {
                Some(apps) => apps,
                None => return t.reach_tag_none().to_owned(),
            },
            reach => reach.apps(),
        };
        let known: Vec<_> =
            apps.iter().filter_map(|app| self.names.get(app).map(String::as_str)).collect();
        let (shown, more) = known.split_at(known.len().min(NAMES_SHOWN));
        let shown = shown.join(t.list_comma());
        match i64::try_from(more.len()) {
            Ok(more @ 1..) => t.list_and_more(&shown, more),
            _ => shown,
        }
    }
}

/// What a page is shown to.
struct Eye {
    t: Texts,
    zone: Zone,
    now: UtcTime,
    own: AccountId,
    role: Role,
    may_manage: bool,
}

impl Eye {
    fn member(&self, listed: Listed, apps: &Apps) -> MemberRow {
        let (t, zone) = (self.t, &self.zone);
        let Listed { member, has_second_factor, last_seen_at } = listed;
        MemberRow {
            of: t.member_of(&member.name),
            role: member.grant.role.name(t),
            reach: member.grant.reach.name(t),
            apps: apps.named(&member.grant.reach, t),
            inactive: member.inactive.map(|inactive| inactive.name(t)),
            has_second_factor,
            seen: last_seen_at.map(|at| Moment::new(at, zone)),
            joined: Moment::new(member.joined_at, zone),
            is_own: member.account == self.own,
            manage: (self.may_manage && self.role.may_manage(member.grant.role))
                .then(|| urls::member(member.account)),
            name: member.name,
            email: member.email,
        }
    }

    fn invitation(&self, invitation: Invitation, apps: &Apps) -> InvitationRow {
        let t = self.t;
        let (standing, note) = match invitation.standing(self.now) {
            Standing::Good => (("on", t.invitation_waits()), ""),
            Standing::Expired => (("over", t.invitation_expired()), ""),
            Standing::Void => (("over", t.invitation_is_void()), t.invitation_void()),
        };
        InvitationRow {
            of: t.member_of(&invitation.email),
            role: invitation.grant.role.name(t),
            apps: apps.named(&invitation.grant.reach, t),
            reach: invitation.grant.reach.name(t),
            is_by_former: invitation.inviter.place.is_none(),
            by: invitation.inviter.name,
            standing,
            until: Moment::new(invitation.expires_at, &self.zone),
            note,
            resend: urls::resend_invitation(invitation.id),
            cancel: urls::cancel_invitation(invitation.id),
            email: invitation.email,
        }
    }

    fn key(&self, key: KeyLeft) -> KeyRow {
        KeyRow {
            key: format!("{}…{}", key.prefix, key.last_four),
            created: Moment::new(key.created_at, &self.zone),
            name: key.name,
            maker: key.maker,
        }
    }
}

/// `GET /members`.
async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let (t, seat) = (cx.t(), member.seat());
    let may_manage = seat.may(Permission::ManageMembers) && seat.scope.extent == Extent::All;
    let found = read(&cx, seat.scope.clone(), may_manage).await?;
    let (zone, own) = (cx.zone(), member.person.account);
    let eye = Eye { t, zone, now: cx.now(), own, role: seat.role, may_manage };
    let count = i64::try_from(found.members.len()).unwrap_or(i64::MAX);
    let members = found.members.into_iter();
    let page = ListPage {
        shell: cx.shell(&member, Section::Members, t.members()),
        lead: t.members_lead(count),
        members: members.map(|listed| eye.member(listed, &found.apps)).collect(),
        invitations: found
            .invitations
            .into_iter()
            .map(|it| eye.invitation(it, &found.apps))
            .collect(),
        keys: found.keys.into_iter().map(|key| eye.key(key)).collect(),
        may_manage,
        is_mailed: notify::is_set_up(&cx.services),
        api_keys: urls::API_KEYS,
    };
    cx.page(&page)
}
