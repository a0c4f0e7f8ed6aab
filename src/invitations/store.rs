//! Queries on invitations.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Inviter, SEND_PAUSE, SENDS_MAX, Standing};
use crate::accounts::Email;
use crate::clock::UtcTime;
use crate::db::dialect::total;
use crate::db::schema::{accounts, invitation_apps, invitations, memberships, workspaces};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, InvitationId, SdkAppId, WorkspaceId};
use crate::workspaces::{Grant, Reach, ReachKind, Role};

crate::words! {
    /// What became of an invitation.
    pub enum State {
        /// It waits.
        Open = "open",
        /// Somebody has become a member by it.
        Accepted = "accepted",
        /// It was taken back, or another took its place.
        Cancelled = "cancelled",
    }
}

/// An open invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its number.
    pub id: InvitationId,
    /// To which workspace.
    pub workspace: WorkspaceId,
    /// The workspace's name.
    pub workspace_name: String,
    /// The workspace's time zone, in which people without one of their own read when it ends.
    pub workspace_zone: String,
    /// The address, as it was typed.
    pub email: String,
    /// Its canonical form.
    pub email_key: String,
    /// What whoever accepts is given.
    pub grant: Grant,
    /// Who invited, or sent it last.
    pub inviter: Inviter,
    /// Mails that were sent.
    pub sends: i64,
    /// When it was sent last.
    pub sent_at: UtcTime,
    /// Until when it works.
    pub expires_at: UtcTime,
}

impl Invitation {
    /// What can be done with it.
    #[must_use]
    pub fn standing(&self, now: UtcTime) -> Standing {
        Standing::of(&self.inviter, self.grant.role, self.expires_at, now)
    }

    /// The key of the mail that brought the latest link.
    #[must_use]
    pub fn mail_key(&self) -> String {
        mail_key(self.id, self.sends)
    }
}

/// The key of the mail that was sent as the `number`th of an invitation.
#[must_use]
pub fn mail_key(id: InvitationId, number: i64) -> String {
    format!("invitation {id} {number}")
}

/// An invitation to be made.
pub struct NewInvitation<'a> {
    /// To which workspace.
    pub workspace: WorkspaceId,
    /// The address.
    pub email: &'a Email,
    /// What whoever accepts is given.
    pub grant: &'a Grant,
    /// Who invites.
    pub by: AccountId,
    /// The digest of the link's token.
    pub link_digest: &'a str,
    /// Whether the link goes by mail.
    pub is_mailed: bool,
    /// Until when it works.
    pub expires_at: UtcTime,
}

/// Makes an invitation.
///
/// # Errors
/// The database's failure, as which a second open one to the same address counts.
pub fn invitation_insert(
    conn: &mut Conn,
    new: &NewInvitation<'_>,
    now: UtcTime,
) -> Result<InvitationId, DbError> {
    let (key, value) = new.grant.reach.tag().unzip();
    let id: InvitationId = diesel::insert_into(invitations::table)
        .values((
            invitations::workspace_id.eq(new.workspace),
            invitations::email.eq(&new.email.text),
            invitations::email_key.eq(&new.email.key),
            invitations::role.eq(new.grant.role),
            invitations::reach.eq(new.grant.reach.kind()),
            invitations::tag_key.eq(key),
            invitations::tag_value.eq(value),
            invitations::link_digest.eq(new.link_digest),
            invitations::invited_by.eq(new.by),
            invitations::sends.eq(i64::from(new.is_mailed)),
            invitations::sent_at.eq(now),
            invitations::created_at.eq(now),
            invitations::expires_at.eq(new.expires_at),
        ))
        .returning(invitations::id)
        .get_result(conn)?;
    for app in new.grant.reach.apps() {
        diesel::insert_into(invitation_apps::table)
            .values((invitation_apps::invitation_id.eq(id), invitation_apps::sdk_app_id.eq(*app)))
            .execute(conn)?;
    }
    Ok(id)
}

type What = (InvitationId, WorkspaceId, String, String, i64, UtcTime, UtcTime);
type Given = (Role, ReachKind, Option<String>, Option<String>);
type By = (AccountId, String, Option<UtcTime>, Option<UtcTime>);
type Row = (What, Given, By, Option<(Role, ReachKind)>, (String, String));

impl Invitation {
    fn new(
        (what, given, by, place, (workspace_name, workspace_zone)): Row,
        apps: Vec<SdkAppId>,
    ) -> Self {
        let (id, workspace, email, email_key, sends, sent_at, expires_at) = what;
        let (role, kind, key, value) = given;
        let (account, name, disabled_at, frozen_at) = by;
        let is_active = disabled_at.is_none() && frozen_at.is_none();
        Self {
            id,
            workspace,
            workspace_name,
            workspace_zone,
            email,
            email_key,
            grant: Grant { role, reach: Reach::stored(kind, (key, value), apps) },
            inviter: Inviter { account, name, place, is_active },
            sends,
            sent_at,
            expires_at,
        }
    }
}

/// Open invitations, the latest last; all of a workspace, one of it, or the one behind a digest.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// All of a workspace.
    Of(WorkspaceId),
    /// One of a workspace, by its number.
    One(WorkspaceId, InvitationId),
    /// The one of a workspace to an address, by its canonical form.
    To(WorkspaceId, &'a str),
    /// By the digest of its link.
    Link(&'a str),
}

/// The open invitations that were asked for.
///
/// # Errors
/// The database's failure.
pub fn invitations_open(conn: &mut Conn, which: Which<'_>) -> Result<Vec<Invitation>, DbError> {
    let place = memberships::account_id
        .eq(invitations::invited_by)
        .and(memberships::workspace_id.eq(invitations::workspace_id));
    let open = invitations::table
        .inner_join(accounts::table.on(accounts::id.eq(invitations::invited_by)))
        .inner_join(workspaces::table.on(workspaces::id.eq(invitations::workspace_id)))
        .left_join(memberships::table.on(place))
        .filter(invitations::state.eq(State::Open))
        .select((
            (
                invitations::id,
                invitations::workspace_id,
                invitations::email,
                invitations::email_key,
                invitations::sends,
                invitations::sent_at,
                invitations::expires_at,
            ),
            (invitations::role, invitations::reach, invitations::tag_key, invitations::tag_value),
            (accounts::id, accounts::name, accounts::disabled_at, accounts::frozen_at),
            (memberships::role, memberships::reach).nullable(),
            (workspaces::name, workspaces::time_zone),
        ))
        .order(invitations::id)
        .limit(super::OPEN_MAX)
        .into_boxed();
    let rows: Vec<Row> = match which {
        Which::Of(workspace) => open.filter(invitations::workspace_id.eq(workspace)).load(conn)?,
        Which::One(workspace, id) => open
            .filter(invitations::id.eq(id))
            .filter(invitations::workspace_id.eq(workspace))
            .load(conn)?,
        Which::To(workspace, key) => open
            .filter(invitations::workspace_id.eq(workspace))
            .filter(invitations::email_key.eq(key.to_owned()))
            .load(conn)?,
        Which::Link(digest) => {
            open.filter(invitations::link_digest.eq(digest.to_owned())).load(conn)?
        }
    };
    let ids: Vec<_> = rows.iter().map(|row| row.0.0).collect();
    let listed: Vec<(InvitationId, SdkAppId)> = invitation_apps::table
        .filter(invitation_apps::invitation_id.eq_any(ids))
        .select((invitation_apps::invitation_id, invitation_apps::sdk_app_id))
        .load(conn)?;
    let mut apps: BTreeMap<InvitationId, Vec<SdkAppId>> = BTreeMap::new();
    for (invitation, app) in listed {
        apps.entry(invitation).or_default().push(app);
    }
    let listed_for = |row: Row| {
        let apps = apps.remove(&row.0.0).unwrap_or_default();
        Invitation::new(row, apps)
    };
    Ok(rows.into_iter().map(listed_for).collect())
}

/// How many open invitations a workspace has.
///
/// # Errors
/// The database's failure.
pub fn invitations_count(conn: &mut Conn, workspace: WorkspaceId) -> Result<i64, DbError> {
    Ok(invitations::table
        .filter(invitations::workspace_id.eq(workspace))
        .filter(invitations::state.eq(State::Open))
        .count()
        .get_result(conn)?)
}

/// How many mails a workspace has sent for invitations since a moment: to one address, and in all.
///
/// # Errors
/// The database's failure.
pub fn invitations_sent(
    conn: &mut Conn,
    workspace: WorkspaceId,
    email_key: &str,
    since: UtcTime,
) -> Result<(i64, i64), DbError> {
    let sent = || {
        invitations::table
            .filter(invitations::workspace_id.eq(workspace))
            .filter(invitations::sent_at.gt(since))
    };
    let to_address = sent()
        .filter(invitations::email_key.eq(email_key.to_owned()))
        .select(total(invitations::sends))
        .get_result(conn)?;
    let in_all = sent().select(total(invitations::sends)).get_result(conn)?;
    Ok((to_address, in_all))
}

/// Gives an open invitation another link, and another inviter. `false`, and nothing written, when it was sent a
/// moment ago or as often as it may be; where no mail goes out, nothing is counted.
///
/// # Errors
/// The database's failure.
pub fn invitation_renew(
    conn: &mut Conn,
    id: InvitationId,
    (by, link_digest, is_mailed): (AccountId, &str, bool),
    expires_at: UtcTime,
    now: UtcTime,
) -> Result<bool, DbError> {
    let open = invitations::table
        .find(id)
        .filter(invitations::state.eq(State::Open))
        .filter(invitations::sends.lt(if is_mailed { SENDS_MAX } else { i64::MAX }))
        .filter(invitations::sent_at.le(now.minus(SEND_PAUSE)));
    let renewed = (
        invitations::link_digest.eq(link_digest.to_owned()),
        invitations::invited_by.eq(by),
        invitations::sent_at.eq(now),
        invitations::expires_at.eq(expires_at),
    );
    let done = if is_mailed {
        diesel::update(open)
            .set((renewed, invitations::sends.eq(invitations::sends + 1)))
            .execute(conn)?
    } else {
        // Whoever sees the link is not whoever reads the mail.
        diesel::update(open).set((renewed, invitations::sends.eq(0))).execute(conn)?
    };
    Ok(done == 1)
}

/// Takes an open invitation back; `false` when there is none of this number in the workspace.
///
/// # Errors
/// The database's failure.
pub fn invitation_cancel(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvitationId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let open = invitations::table
        .find(id)
        .filter(invitations::workspace_id.eq(workspace))
        .filter(invitations::state.eq(State::Open));
    let cancelled = diesel::update(open)
        .set((
            invitations::state.eq(State::Cancelled),
            invitations::link_digest.eq(None::<String>),
            invitations::closed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(cancelled == 1)
}

/// Uses an invitation up. `false`, and nothing written, when its link was used or renewed, it was cancelled or has
/// expired: of any number of parallel uses one is answered `true`.
///
/// # Errors
/// The database's failure.
pub fn invitation_use(
    conn: &mut Conn,
    id: InvitationId,
    link_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let good = invitations::table
        .find(id)
        .filter(invitations::state.eq(State::Open))
        .filter(invitations::link_digest.eq(link_digest.to_owned()))
        .filter(invitations::expires_at.gt(now));
    let used = diesel::update(good)
        .set((
            invitations::state.eq(State::Accepted),
            invitations::link_digest.eq(None::<String>),
            invitations::closed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(used == 1)
}

/// Removes up to `rows` invitations that were closed or too old before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn invitations_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<InvitationId> = invitations::table
        .filter(invitations::expires_at.lt(before))
        .select(invitations::id)
        .limit(rows)
        .load(conn)?;
    let apps = invitation_apps::table.filter(invitation_apps::invitation_id.eq_any(old.clone()));
    diesel::delete(apps).execute(conn)?;
    Ok(diesel::delete(invitations::table.filter(invitations::id.eq_any(old))).execute(conn)?)
}
