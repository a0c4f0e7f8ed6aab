//! Making, rolling and revoking keys. Who reaches some apps only touches no key of another app, nor one of the whole
//! workspace.

use diesel::prelude::*;

use super::{key, key_insert};
use crate::api_keys::{
    ApiScope, CreateApiKey, Fresh, KEYS_MAX, Key, NewKey, Overlap, RevokeApiKey, Roll, RollApiKey,
};
use crate::apps::switching::store::app_hold;
use crate::clock::UtcTime;
use crate::db::schema::{api_keys, workspaces};
use crate::db::{Conn, DbError, Stop};
use crate::ids::{AccountId, ApiKeyId, SdkAppId, WorkspaceId};
use crate::problem::Problem;
use crate::step_up::Spent;
use crate::workspaces::{Extent, Scope};

const CHANGED: Stop<Problem> = Stop::Refused(Problem::ChangedMeanwhile);

/// Makes a key.
///
/// # Errors
/// [`Problem::TooManyKeys`], [`Problem::ChangedMeanwhile`] for apps that the member does not reach (any more), or the
/// database's failure.
pub fn key_create(
    conn: &mut Conn,
    spent: &Spent<CreateApiKey>,
    scope: &Scope,
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<ApiKeyId, Stop<Problem>> {
    let act = spent.act();
    if act.workspace != scope.workspace {
        return Err(CHANGED);
    }
    create(conn, scope, &act.key(), (fresh, by), now)
}

/// Makes a key that can change nothing, which needs no proof.
///
/// # Errors
/// As for [`key_create`]; a key that can change something is refused.
pub fn key_create_read_only(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewKey,
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<ApiKeyId, Stop<Problem>> {
    if ApiScope::any_writes(&new.scopes) {
        return Err(CHANGED);
    }
    create(conn, scope, new, (fresh, by), now)
}

fn create(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewKey,
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<ApiKeyId, Stop<Problem>> {
    hold_app(conn, scope, new.app)?;
    if working(conn, scope.workspace, now)? >= KEYS_MAX {
        return Err(Stop::Refused(Problem::TooManyKeys { max: KEYS_MAX }));
    }
    Ok(key_insert(conn, scope.workspace, new, fresh, Some(by), now)?)
}

/// Insists that a key's apps are within reach, and holds the one that it is limited to: nobody deletes it meanwhile.
/// Before the workspace, as whoever deletes an app does.
fn hold_app(conn: &mut Conn, scope: &Scope, app: Option<SdkAppId>) -> Result<(), Stop<Problem>> {
    match (app, &scope.extent) {
        (Some(app), _) => app_hold(conn, scope, app).map(drop),
        (None, Extent::All) => Ok(()),
        (None, _) => Err(CHANGED),
    }
}

/// How many keys of a workspace work. The workspace is held until the transaction ends, so that of keys that are made
/// at once each counts those before it.
fn working(conn: &mut Conn, workspace: WorkspaceId, now: UtcTime) -> Result<i64, DbError> {
    // A write that changes nothing: the lock that both databases know.
    diesel::update(workspaces::table.find(workspace))
        .set(workspaces::version.eq(workspaces::version))
        .execute(conn)?;
    Ok(api_keys::table
        .filter(api_keys::workspace_id.eq(workspace))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()))
        .count()
        .get_result(conn)?)
}

/// Puts another key in the place of one.
///
/// # Errors
/// [`Problem::NoRoomToOverlap`], [`Problem::ChangedMeanwhile`] when it does not work any more, has been rolled or is
/// out of reach, or the database's failure.
pub fn key_roll(
    conn: &mut Conn,
    spent: &Spent<RollApiKey>,
    scope: &Scope,
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<(Key, ApiKeyId), Stop<Problem>> {
    let act = spent.act();
    let old = key(conn, scope, act.api_key)?.filter(|old| old.last_four == act.last_four);
    let overlap = Overlap::of_hours(act.overlap_h).ok_or(CHANGED)?;
    let roll = Roll { overlap, expires_at: act.expires_at };
    roll_to(conn, scope, old.ok_or(CHANGED)?, roll, (fresh, by), now)
}

/// The same for a key of one's own that can change nothing, which needs no proof.
///
/// # Errors
/// As for [`key_roll`]; a key that can change something, or is somebody else's, is refused.
pub fn key_roll_read_only(
    conn: &mut Conn,
    scope: &Scope,
    (id, roll): (ApiKeyId, Roll),
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<(Key, ApiKeyId), Stop<Problem>> {
    let is_free = |old: &Key| !old.writes() && old.is_made_by(by);
    let old = key(conn, scope, id)?.filter(is_free).ok_or(CHANGED)?;
    roll_to(conn, scope, old, roll, (fresh, by), now)
}

fn roll_to(
    conn: &mut Conn,
    scope: &Scope,
    old: Key,
    Roll { overlap, expires_at }: Roll,
    (fresh, by): (&Fresh, AccountId),
    now: UtcTime,
) -> Result<(Key, ApiKeyId), Stop<Problem>> {
    if !old.can_be_rolled(now) {
        return Err(CHANGED);
    }
    hold_app(conn, scope, old.app)?;
    let working = working(conn, scope.workspace, now)?;
    // Without an overlap the old one makes room.
    if overlap != Overlap::None && working >= KEYS_MAX {
        return Err(Stop::Refused(Problem::NoRoomToOverlap { max: KEYS_MAX }));
    }
    let new =
        NewKey { name: old.name.clone(), scopes: old.scopes.clone(), app: old.app, expires_at };
    let successor = key_insert(conn, scope.workspace, &new, fresh, Some(by), now)?;
    let ends = now.plus(overlap.span());
    let ends = old.expires_at.map_or(ends, |known| known.min(ends));
    let rolled = diesel::update(api_keys::table.find(old.id))
        .filter(api_keys::workspace_id.eq(scope.workspace))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::successor_id.is_null())
        .set((api_keys::expires_at.eq(ends), api_keys::successor_id.eq(successor)))
        .execute(conn)?;
    if rolled == 1 { Ok((old, successor)) } else { Err(CHANGED) }
}

/// Revokes a key, whoever made it.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it does not work any more or is out of reach, or the database's failure.
pub fn key_revoke(
    conn: &mut Conn,
    spent: &Spent<RevokeApiKey>,
    scope: &Scope,
    now: UtcTime,
) -> Result<Key, Stop<Problem>> {
    let act = spent.act();
    let old = key(conn, scope, act.api_key)?.filter(|old| old.last_four == act.last_four);
    revoke(conn, scope, old.ok_or(CHANGED)?, now)
}

/// Revokes a key that somebody made themselves, which needs no proof.
///
/// # Errors
/// As for [`key_revoke`]; a key of somebody else is refused.
pub fn key_revoke_own(
    conn: &mut Conn,
    scope: &Scope,
    (id, by): (ApiKeyId, AccountId),
    now: UtcTime,
) -> Result<Key, Stop<Problem>> {
    let old = key(conn, scope, id)?.filter(|old| old.is_made_by(by)).ok_or(CHANGED)?;
    revoke(conn, scope, old, now)
}

fn revoke(conn: &mut Conn, scope: &Scope, old: Key, now: UtcTime) -> Result<Key, Stop<Problem>> {
    let revoked = diesel::update(api_keys::table.find(old.id))
        .filter(api_keys::workspace_id.eq(scope.workspace))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()))
        .set(api_keys::revoked_at.eq(now))
        .execute(conn)?;
    if revoked == 1 { Ok(old) } else { Err(CHANGED) }
}

/// Gives a key of the sample data a past.
///
/// # Errors
/// The database's failure.
pub fn key_disguise(
    conn: &mut Conn,
    id: ApiKeyId,
    (last_used_at, revoked_at): (Option<UtcTime>, Option<UtcTime>),
    successor: Option<ApiKeyId>,
) -> Result<(), DbError> {
    diesel::update(api_keys::table.find(id))
        .set((
            api_keys::last_used_at.eq(last_used_at),
            api_keys::revoked_at.eq(revoked_at),
            api_keys::successor_id.eq(successor),
        ))
        .execute(conn)?;
    Ok(())
}
