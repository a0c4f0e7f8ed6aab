//! Queries on workspaces and memberships.

use diesel::prelude::*;

use super::{DangerPolicy, Grant, Quota, Role, Scope};
use crate::clock::{UtcTime, Zone, days};
use crate::db::schema::{accounts, membership_apps, memberships, plans, workspaces};
use crate::db::{Conn, DbError};
use crate::i18n::Language;
use crate::ids::{AccountId, MembershipId, WorkspaceId};
use crate::minutes::store::{ledger_insert, package_grant};
use crate::minutes::{NEWCOMER_MINUTES, PackageKind};

/// Makes a workspace with its owner and the newcomer package of minutes.
///
/// # Errors
/// The database's failure.
pub fn workspace_insert(
    conn: &mut Conn,
    name: &str,
    time_zone: &str,
    owner: AccountId,
    now: UtcTime,
) -> Result<WorkspaceId, DbError> {
    let apps_max = |conn: &mut Conn, plan: &str| {
        plans::table.find(plan.to_owned()).select(plans::apps_max).first::<Option<i64>>(conn)
    };
    let rtc_apps_max = apps_max(conn, "trtc")?.unwrap_or(i64::MAX);
    let im_apps_max = apps_max(conn, "trial")?.unwrap_or(i64::MAX);
    let id: WorkspaceId = diesel::insert_into(workspaces::table)
        .values((
            workspaces::name.eq(name),
            workspaces::time_zone.eq(time_zone),
            workspaces::rtc_apps_max.eq(rtc_apps_max),
            workspaces::im_apps_max.eq(im_apps_max),
            workspaces::created_at.eq(now),
        ))
        .returning(workspaces::id)
        .get_result(conn)?;
    membership_insert(conn, id, owner, Role::Owner, now)?;
    ledger_insert(conn, id)?;
    let newcomer = (PackageKind::Newcomer, NEWCOMER_MINUTES);
    package_grant(conn, id, newcomer, (now, now.plus(days(365))), now)?;
    Ok(id)
}

/// Makes a person a member, with all apps in reach.
///
/// # Errors
/// The database's failure, as which a second membership counts.
pub fn membership_insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
    role: Role,
    now: UtcTime,
) -> Result<(), DbError> {
    member_insert(conn, workspace, account, &Grant::whole(role), now).map(drop)
}

/// Makes a person a member.
///
/// # Errors
/// The database's failure, as which a second membership counts.
pub fn member_insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
    grant: &Grant,
    now: UtcTime,
) -> Result<MembershipId, DbError> {
    let (key, value) = grant.reach.tag().unzip();
    let id: MembershipId = diesel::insert_into(memberships::table)
        .values((
            memberships::workspace_id.eq(workspace),
            memberships::account_id.eq(account),
            memberships::role.eq(grant.role),
            memberships::reach.eq(grant.reach.kind()),
            memberships::tag_key.eq(key),
            memberships::tag_value.eq(value),
            memberships::created_at.eq(now),
        ))
        .returning(memberships::id)
        .get_result(conn)?;
    for app in grant.reach.apps() {
        diesel::insert_into(membership_apps::table)
            .values((membership_apps::membership_id.eq(id), membership_apps::sdk_app_id.eq(*app)))
            .execute(conn)?;
    }
    Ok(id)
}

/// The workspaces that a person may enter with their role there, by name.
///
/// # Errors
/// The database's failure.
pub fn workspaces_of_account(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<(WorkspaceId, String, Role)>, DbError> {
    Ok(memberships::table
        .inner_join(workspaces::table)
        .filter(memberships::account_id.eq(account))
        .select((workspaces::id, workspaces::name, memberships::role))
        .order((workspaces::name, workspaces::id))
        .limit(200)
        .load(conn)?)
}

/// The quota of a workspace.
///
/// # Errors
/// The database's failure.
pub fn quota(conn: &mut Conn, scope: &Scope) -> Result<Quota, DbError> {
    Ok(workspaces::table
        .find(scope.workspace)
        .select((
            workspaces::rtc_apps,
            workspaces::rtc_apps_max,
            workspaces::im_apps,
            workspaces::im_apps_max,
        ))
        .first(conn)?)
}

/// Whether a workspace of this number exists, and its time zone.
///
/// # Errors
/// The database's failure.
pub fn time_zone(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<String>, DbError> {
    Ok(workspaces::table.find(workspace).select(workspaces::time_zone).first(conn).optional()?)
}

/// The name of a workspace.
///
/// # Errors
/// The database's failure, as which a workspace that does not exist counts.
pub fn workspace_name(conn: &mut Conn, workspace: WorkspaceId) -> Result<String, DbError> {
    Ok(workspaces::table.find(workspace).select(workspaces::name).first(conn)?)
}

/// How dangerous acts are confirmed in a workspace.
///
/// # Errors
/// The database's failure, as which a workspace that does not exist counts.
pub fn danger_policy(conn: &mut Conn, workspace: WorkspaceId) -> Result<DangerPolicy, DbError> {
    Ok(workspaces::table.find(workspace).select(workspaces::danger_policy).first(conn)?)
}

/// The same of all workspaces of a person.
///
/// # Errors
/// The database's failure.
pub fn danger_policies(conn: &mut Conn, account: AccountId) -> Result<Vec<DangerPolicy>, DbError> {
    Ok(memberships::table
        .inner_join(workspaces::table)
        .filter(memberships::account_id.eq(account))
        .select(workspaces::danger_policy)
        .distinct()
        .load(conn)?)
}

/// The workspace that a person's sign-in opens in: the first by name; `None` for somebody who is in none.
///
/// # Errors
/// The database's failure.
pub fn first_workspace(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Option<WorkspaceId>, DbError> {
    Ok(memberships::table
        .inner_join(workspaces::table)
        .filter(memberships::account_id.eq(account))
        .select(workspaces::id)
        .order((workspaces::name, workspaces::id))
        .first(conn)
        .optional()?)
}

/// The zone that somebody is told times in where they are not at a page of theirs: their own, else that of a
/// workspace (of their first one where none is named), else UTC.
///
/// # Errors
/// The database's failure.
pub fn reader_zone(
    conn: &mut Conn,
    account: AccountId,
    workspace: Option<WorkspaceId>,
) -> Result<Zone, DbError> {
    let own: Option<String> =
        accounts::table.find(account).select(accounts::time_zone).first(conn).optional()?.flatten();
    let name = match (own, workspace) {
        (Some(own), _) => Some(own),
        (None, Some(workspace)) => time_zone(conn, workspace)?,
        (None, None) => first_workspace(conn, account)?
            .map(|workspace| time_zone(conn, workspace))
            .transpose()?
            .flatten(),
    };
    Ok(name.as_deref().and_then(Zone::named).unwrap_or_else(Zone::utc))
}

/// The owners of a workspace with their addresses and languages, up to `most`.
///
/// # Errors
/// The database's failure.
pub fn owners(
    conn: &mut Conn,
    workspace: WorkspaceId,
    most: i64,
) -> Result<Vec<(AccountId, String, Language)>, DbError> {
    members_of_roles(conn, workspace, &[Role::Owner], most)
}

/// Those who are told how a workspace's minutes stand, likewise: the owners and whoever looks after its finances.
///
/// # Errors
/// The database's failure.
pub fn told_of_minutes(
    conn: &mut Conn,
    workspace: WorkspaceId,
    most: i64,
) -> Result<Vec<(AccountId, String, Language)>, DbError> {
    members_of_roles(conn, workspace, &[Role::Owner, Role::Finance], most)
}

fn members_of_roles(
    conn: &mut Conn,
    workspace: WorkspaceId,
    roles: &[Role],
    most: i64,
) -> Result<Vec<(AccountId, String, Language)>, DbError> {
    Ok(memberships::table
        .inner_join(accounts::table)
        .filter(memberships::workspace_id.eq(workspace))
        .filter(memberships::role.eq_any(roles))
        .order(memberships::id)
        .limit(most)
        .select((accounts::id, accounts::email, accounts::language))
        .load(conn)?)
}
