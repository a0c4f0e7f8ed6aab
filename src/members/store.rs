//! Queries on members: who is in a workspace, as what, and what former members left.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{ChangeMember, HandOver, RemoveMember};
use crate::accounts::Inactive;
use crate::apps::store::ids_in_scope;
use crate::clock::UtcTime;
use crate::db::schema::{
    accounts, api_keys, authenticators, membership_apps, memberships, passkeys, sessions,
    workspaces,
};
use crate::db::{Conn, DbError, Stop};
use crate::i18n::Language;
use crate::ids::{AccountId, ApiKeyId, MembershipId, SdkAppId, WorkspaceId};
use crate::problem::{Problem, TeamProblem};
use crate::sessions::store::{place, sessions_end_in};
use crate::step_up::Spent;
use crate::workspaces::{Extent, Grant, Permission, Reach, ReachKind, Role, Scope};

/// The most members that are shown, and that a workspace may have.
pub const MEMBERS_MAX: i64 = 500;
/// API keys of former members that are shown.
const KEYS_MAX: i64 = 100;

/// A member.
#[derive(Clone, Debug)]
pub struct Member {
    membership: MembershipId,
    /// Whose place it is.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their language.
    pub language: Language,
    /// What keeps them from signing in.
    pub inactive: Option<Inactive>,
    /// What they are and reach.
    pub grant: Grant,
    /// Since when.
    pub joined_at: UtcTime,
    /// Counts changes.
    pub version: i64,
}

type Place = (MembershipId, Role, ReachKind, Option<String>, Option<String>, UtcTime, i64);
type Person = (AccountId, String, String, Language, Option<UtcTime>, Option<UtcTime>);

impl Member {
    fn new((place, person): (Place, Person), apps: Vec<SdkAppId>) -> Self {
        let (membership, role, kind, key, value, joined_at, version) = place;
        let (account, name, email, language, disabled_at, frozen_at) = person;
        Self {
            membership,
            account,
            name,
            email,
            language,
            inactive: Inactive::of(disabled_at, frozen_at),
            grant: Grant { role, reach: Reach::stored(kind, (key, value), apps) },
            joined_at,
            version,
        }
    }
}

type Columns = (
    (
        memberships::id,
        memberships::role,
        memberships::reach,
        memberships::tag_key,
        memberships::tag_value,
        memberships::created_at,
        memberships::version,
    ),
    (
        accounts::id,
        accounts::name,
        accounts::email,
        accounts::language,
        accounts::disabled_at,
        accounts::frozen_at,
    ),
);

const COLUMNS: Columns = (
    (
        memberships::id,
        memberships::role,
        memberships::reach,
        memberships::tag_key,
        memberships::tag_value,
        memberships::created_at,
        memberships::version,
    ),
    (
        accounts::id,
        accounts::name,
        accounts::email,
        accounts::language,
        accounts::disabled_at,
        accounts::frozen_at,
    ),
);

/// A member of a workspace; `None` for everybody else.
///
/// # Errors
/// The database's failure.
pub fn member(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<Option<Member>, DbError> {
    let row: Option<(Place, Person)> = memberships::table
        .inner_join(accounts::table)
        .filter(memberships::account_id.eq(account))
        .filter(memberships::workspace_id.eq(workspace))
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let apps = membership_apps::table
        .filter(membership_apps::membership_id.eq(row.0.0))
        .select(membership_apps::sdk_app_id)
        .load(conn)?;
    Ok(Some(Member::new(row, apps)))
}

/// A member with what the list shows besides.
pub struct Listed {
    /// The member.
    pub member: Member,
    /// Whether they have a second factor.
    pub has_second_factor: bool,
    /// When they were last seen in the workspace.
    pub last_seen_at: Option<UtcTime>,
}

/// The members of a workspace: owners first, then by name. `host` is the name that passkeys are for, where there are
/// such.
///
/// # Errors
/// The database's failure.
pub fn members(
    conn: &mut Conn,
    workspace: WorkspaceId,
    host: Option<&str>,
) -> Result<Vec<Listed>, DbError> {
    let here = || memberships::table.filter(memberships::workspace_id.eq(workspace));
    let rows: Vec<(Place, Person)> = here()
        .inner_join(accounts::table)
        .select(COLUMNS)
        .order((accounts::name, accounts::id))
        .limit(MEMBERS_MAX)
        .load(conn)?;
    let listed: Vec<(MembershipId, SdkAppId)> = membership_apps::table
        .filter(membership_apps::membership_id.eq_any(here().select(memberships::id)))
        .select((membership_apps::membership_id, membership_apps::sdk_app_id))
        .load(conn)?;
    let by_passkey = passkeys::table
        .filter(passkeys::account_id.eq_any(here().select(memberships::account_id)))
        .filter(passkeys::host.eq(host.unwrap_or_default().to_owned()))
        .select(passkeys::account_id)
        .load::<AccountId>(conn)?;
    let protected: BTreeSet<AccountId> = authenticators::table
        .filter(authenticators::account_id.eq_any(here().select(memberships::account_id)))
        .filter(authenticators::confirmed_at.is_not_null())
        .select(authenticators::account_id)
        .load(conn)?
        .into_iter()
        .chain(by_passkey)
        .collect();
    let seen: BTreeMap<AccountId, Option<UtcTime>> = sessions::table
        .filter(sessions::workspace_id.eq(workspace))
        .group_by(sessions::account_id)
        .select((sessions::account_id, diesel::dsl::max(sessions::last_seen_at)))
        .load(conn)?
        .into_iter()
        .collect();
    let mut apps: BTreeMap<MembershipId, Vec<SdkAppId>> = BTreeMap::new();
    for (membership, app) in listed {
        apps.entry(membership).or_default().push(app);
    }
    let mut all: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let listed = apps.remove(&row.0.0).unwrap_or_default();
            let member = Member::new(row, listed);
            Listed {
                has_second_factor: protected.contains(&member.account),
                last_seen_at: seen.get(&member.account).copied().flatten(),
                member,
            }
        })
        .collect();
    all.sort_by_key(|listed| listed.member.grant.role);
    Ok(all)
}

/// Holds the members of a workspace until the transaction ends: who comes, goes or becomes something else is
/// decided one after the other, so that what was counted stays so.
///
/// # Errors
/// The database's failure.
pub fn members_hold(conn: &mut Conn, workspace: WorkspaceId) -> Result<(), DbError> {
    // A write that changes nothing: the lock that both databases know.
    diesel::update(workspaces::table.find(workspace))
        .set(workspaces::version.eq(workspaces::version))
        .execute(conn)?;
    Ok(())
}

/// How many members a workspace has.
///
/// # Errors
/// The database's failure.
pub fn members_count(conn: &mut Conn, workspace: WorkspaceId) -> Result<i64, DbError> {
    Ok(memberships::table
        .filter(memberships::workspace_id.eq(workspace))
        .count()
        .get_result(conn)?)
}

/// Whether a workspace has an owner who can sign in, besides one account.
///
/// # Errors
/// The database's failure.
pub fn has_other_owner(
    conn: &mut Conn,
    workspace: WorkspaceId,
    but: AccountId,
) -> Result<bool, DbError> {
    let others = memberships::table
        .inner_join(accounts::table)
        .filter(memberships::workspace_id.eq(workspace))
        .filter(memberships::role.eq(Role::Owner))
        .filter(memberships::account_id.ne(but))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null());
    Ok(diesel::select(exists(others)).get_result(conn)?)
}

/// The role of somebody who manages members, as it is now; see [`members_hold`] for what must come before.
///
/// # Errors
/// [`Problem::Team(TeamProblem::NotYoursToManage)`] for everybody else, or the database's failure.
pub fn manager(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<Role, Stop<Problem>> {
    match place(conn, account, workspace)? {
        // Somebody who is limited could give others more than they have.
        Some((role, scope))
            if role.may(Permission::ManageMembers) && scope.extent == Extent::All =>
        {
            Ok(role)
        }
        _ => Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage))),
    }
}

/// Whether all of some apps are the workspace's and not deleted.
///
/// # Errors
/// The database's failure.
pub fn are_apps_there(
    conn: &mut Conn,
    workspace: WorkspaceId,
    apps: &[SdkAppId],
) -> Result<bool, DbError> {
    if apps.is_empty() {
        return Ok(true);
    }
    let there: BTreeSet<_> =
        ids_in_scope(conn, &Scope::whole(workspace), None)?.into_iter().collect();
    Ok(apps.iter().all(|app| there.contains(app)))
}

/// Somebody else's place, with all members held, provided that it may be changed by this account and is still at a
/// version; and the role of whoever changes it.
fn managed(
    conn: &mut Conn,
    workspace: WorkspaceId,
    by: AccountId,
    (account, version): (AccountId, i64),
) -> Result<(Member, Role), Stop<Problem>> {
    members_hold(conn, workspace)?;
    let role = manager(conn, workspace, by)?;
    let found = member(conn, workspace, account)?;
    let member = found.ok_or(Stop::Refused(Problem::ChangedMeanwhile))?;
    if account == by || !role.may_manage(member.grant.role) {
        return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
    }
    if member.version != version {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    Ok((member, role))
}

/// Refuses what would leave a workspace without an owner.
fn keep_an_owner(
    conn: &mut Conn,
    workspace: WorkspaceId,
    member: &Member,
) -> Result<(), Stop<Problem>> {
    let is_needed =
        member.grant.role == Role::Owner && !has_other_owner(conn, workspace, member.account)?;
    if is_needed { Err(Stop::Refused(Problem::Team(TeamProblem::LastOwner))) } else { Ok(()) }
}

fn grant_put(conn: &mut Conn, member: &Member, grant: &Grant) -> Result<(), DbError> {
    let (key, value) = grant.reach.tag().unzip();
    diesel::update(memberships::table.find(member.membership))
        .set((
            memberships::role.eq(grant.role),
            memberships::reach.eq(grant.reach.kind()),
            memberships::tag_key.eq(key),
            memberships::tag_value.eq(value),
            memberships::version.eq(memberships::version + 1),
        ))
        .execute(conn)?;
    apps_drop(conn, member.membership)?;
    for app in grant.reach.apps() {
        let listed = (
            membership_apps::membership_id.eq(member.membership),
            membership_apps::sdk_app_id.eq(*app),
        );
        diesel::insert_into(membership_apps::table).values(listed).execute(conn)?;
    }
    Ok(())
}

fn apps_drop(conn: &mut Conn, membership: MembershipId) -> Result<(), DbError> {
    diesel::delete(membership_apps::table.filter(membership_apps::membership_id.eq(membership)))
        .execute(conn)?;
    Ok(())
}

fn member_drop(conn: &mut Conn, member: &Member) -> Result<(), DbError> {
    apps_drop(conn, member.membership)?;
    diesel::delete(memberships::table.find(member.membership)).execute(conn)?;
    Ok(())
}

/// Gives a member a role and a reach without further ado, for sample data.
///
/// # Errors
/// The database's failure.
pub fn member_disguise(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
    grant: &Grant,
) -> Result<(), DbError> {
    match member(conn, workspace, account)? {
        Some(member) => grant_put(conn, &member, grant),
        None => Ok(()),
    }
}

/// Gives a member another role or reach; the member as they were.
///
/// # Errors
/// [`Problem::Team(TeamProblem::NotYoursToManage)`], [`Problem::Team(TeamProblem::LastOwner)`], [`Problem::UnknownChoice`], [`Problem::ChangedMeanwhile`],
/// or the database's failure.
pub fn member_change(
    conn: &mut Conn,
    spent: &Spent<ChangeMember>,
    workspace: WorkspaceId,
    by: AccountId,
) -> Result<Member, Stop<Problem>> {
    let act = spent.act();
    let (member, role) = managed(conn, workspace, by, (act.account, act.version))?;
    let grant = act.grant();
    if !role.may_manage(grant.role) {
        return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
    }
    if !grant.is_possible() {
        return Err(Stop::Refused(Problem::UnknownChoice));
    }
    if !are_apps_there(conn, workspace, grant.reach.apps())? {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    if grant.role != Role::Owner {
        keep_an_owner(conn, workspace, &member)?;
    }
    grant_put(conn, &member, &grant)?;
    Ok(member)
}

/// Removes a member, and ends their sign-ins that are in this workspace; the member as they were.
///
/// # Errors
/// As for [`member_change`].
pub fn member_remove(
    conn: &mut Conn,
    spent: &Spent<RemoveMember>,
    workspace: WorkspaceId,
    by: AccountId,
    now: UtcTime,
) -> Result<Member, Stop<Problem>> {
    let act = spent.act();
    let (member, _) = managed(conn, workspace, by, (act.account, act.version))?;
    keep_an_owner(conn, workspace, &member)?;
    member_drop(conn, &member)?;
    sessions_end_in(conn, member.account, workspace, now)?;
    Ok(member)
}

/// Makes another member the owner and whoever was it an admin; both as they were, the new owner first.
///
/// # Errors
/// [`Problem::Team(TeamProblem::NotYoursToManage)`], [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn member_hand_over(
    conn: &mut Conn,
    spent: &Spent<HandOver>,
    workspace: WorkspaceId,
    by: AccountId,
) -> Result<(Member, Member), Stop<Problem>> {
    let act = spent.act();
    let (next, role) = managed(conn, workspace, by, (act.account, act.version))?;
    let found = member(conn, workspace, by)?;
    let last = found.ok_or(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)))?;
    if !role.may(Permission::HandOver) || next.grant.role == Role::Owner || next.inactive.is_some()
    {
        return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
    }
    grant_put(conn, &next, &Grant::whole(Role::Owner))?;
    grant_put(conn, &last, &Grant::whole(Role::Admin))?;
    Ok((next, last))
}

/// Takes an account out of a workspace at its own wish; the member as they were.
///
/// # Errors
/// [`Problem::Team(TeamProblem::LastOwner)`], [`Problem::ChangedMeanwhile`] for somebody who is no member, or the database's failure.
pub fn member_leave(
    conn: &mut Conn,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<Member, Stop<Problem>> {
    members_hold(conn, workspace)?;
    let found = member(conn, workspace, account)?;
    let member = found.ok_or(Stop::Refused(Problem::ChangedMeanwhile))?;
    keep_an_owner(conn, workspace, &member)?;
    member_drop(conn, &member)?;
    Ok(member)
}

/// An API key that works and whose maker has left.
#[derive(Queryable)]
pub struct KeyLeft {
    /// The key.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// Its last four characters.
    pub last_four: String,
    /// When it was made.
    pub created_at: UtcTime,
    /// Who made it.
    pub maker: String,
}

/// The API keys of a workspace that work and whose makers are members no more.
///
/// # Errors
/// The database's failure.
pub fn keys_left(
    conn: &mut Conn,
    workspace: WorkspaceId,
    now: UtcTime,
) -> Result<Vec<KeyLeft>, DbError> {
    let is_member = exists(
        memberships::table
            .filter(memberships::workspace_id.eq(api_keys::workspace_id))
            .filter(memberships::account_id.nullable().eq(api_keys::created_by)),
    );
    let works = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null());
    Ok(api_keys::table
        .inner_join(accounts::table.on(accounts::id.nullable().eq(api_keys::created_by)))
        .filter(api_keys::workspace_id.eq(workspace))
        .filter(api_keys::revoked_at.is_null())
        .filter(works)
        .filter(diesel::dsl::not(is_member))
        .order((api_keys::created_at, api_keys::id))
        .select((
            api_keys::id,
            api_keys::name,
            api_keys::prefix,
            api_keys::last_four,
            api_keys::created_at,
            accounts::name,
        ))
        .limit(KEYS_MAX)
        .load(conn)?)
}
