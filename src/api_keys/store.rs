//! Queries on API keys.

mod change;

use diesel::prelude::*;

use super::{ApiScope, Fresh, Key, Maker, NewKey};
use crate::apps::store::ids_in_scope;
use crate::clock::{UtcTime, minutes};
use crate::db::conn::Backend;
use crate::db::schema::{accounts, api_keys, apps};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, ApiKeyId, SdkAppId, WorkspaceId};
use crate::workspaces::{Extent, Scope};

pub use change::{
    key_create, key_create_read_only, key_disguise, key_revoke, key_revoke_own, key_roll,
    key_roll_read_only,
};

/// The most keys that a list of those that work shows: more can only be the host's doing.
pub const SHOWN_MAX: i64 = 200;

/// Stores a key.
///
/// # Errors
/// The database's failure.
pub fn key_insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewKey,
    fresh: &Fresh,
    made_by: Option<AccountId>,
    now: UtcTime,
) -> Result<ApiKeyId, DbError> {
    Ok(diesel::insert_into(api_keys::table)
        .values((
            api_keys::workspace_id.eq(workspace),
            api_keys::sdk_app_id.eq(new.app),
            api_keys::name.eq(&new.name),
            api_keys::prefix.eq(&fresh.prefix),
            api_keys::last_four.eq(&fresh.last_four),
            api_keys::digest.eq(&fresh.digest),
            api_keys::scopes.eq(ApiScope::list(&new.scopes)),
            api_keys::created_at.eq(now),
            api_keys::created_by.eq(made_by),
            api_keys::expires_at.eq(new.expires_at),
        ))
        .returning(api_keys::id)
        .get_result(conn)?)
}

/// A stored key, as a request needs it.
#[derive(Queryable)]
pub struct KeyRow {
    /// The key.
    pub id: ApiKeyId,
    /// The workspace it reaches.
    pub workspace: WorkspaceId,
    /// The one app it is limited to.
    pub app: Option<SdkAppId>,
    /// What people call it.
    pub name: String,
    /// What it may do, as stored.
    pub scopes: String,
    /// The last use that was remembered.
    pub last_used_at: Option<UtcTime>,
}

/// The key behind a digest, unless it is revoked or has ended.
///
/// # Errors
/// The database's failure.
pub fn key_by_digest(
    conn: &mut Conn,
    digest: &str,
    now: UtcTime,
) -> Result<Option<KeyRow>, DbError> {
    Ok(api_keys::table
        .filter(api_keys::digest.eq(digest))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()))
        .select((
            api_keys::id,
            api_keys::workspace_id,
            api_keys::sdk_app_id,
            api_keys::name,
            api_keys::scopes,
            api_keys::last_used_at,
        ))
        .first(conn)
        .optional()?)
}

/// Remembers that a key was used, at most once a minute.
///
/// # Errors
/// The database's failure.
pub fn key_used(conn: &mut Conn, id: ApiKeyId, now: UtcTime) -> Result<(), DbError> {
    let is_due = api_keys::last_used_at
        .is_null()
        .or(api_keys::last_used_at.le(now.minus(minutes(1))).assume_not_null());
    diesel::update(api_keys::table.find(id))
        .filter(is_due)
        .set(api_keys::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

type Names = (ApiKeyId, String, String, String, String);
type Moments = (UtcTime, Option<UtcTime>, Option<UtcTime>, Option<UtcTime>, Option<ApiKeyId>);
type Stored = (
    Names,
    Moments,
    Option<SdkAppId>,
    Option<(String, Option<UtcTime>)>,
    Option<(AccountId, String)>,
);

fn key_of(stored: Stored) -> Result<Key, DbError> {
    let ((id, name, prefix, last_four, scopes), moments, app, names, made_by) = stored;
    let (created_at, last_used_at, revoked_at, expires_at, successor) = moments;
    let scopes = ApiScope::parse_list(&scopes)
        .map_err(|word| DbError::Broken(format!("API key {id} has the scope {word}")))?;
    let app_name = names.and_then(|(name, deleted)| deleted.is_none().then_some(name));
    let made_by = made_by.map(|(account, name)| Maker { account, name });
    Ok(Key {
        id,
        name,
        prefix,
        last_four,
        scopes,
        app,
        app_name,
        made_by,
        created_at,
        last_used_at,
        revoked_at,
        expires_at,
        successor,
    })
}

type Query<'q> = diesel::dsl::IntoBoxed<'q, api_keys::table, Backend>;

/// The keys of a scope: all of the workspace, or those that are limited to an app which the member reaches. A key of
/// the whole workspace is beyond who reaches some of it only.
fn in_scope(conn: &mut Conn, scope: &Scope) -> Result<Query<'static>, DbError> {
    let all = api_keys::table.into_boxed().filter(api_keys::workspace_id.eq(scope.workspace));
    if scope.extent == Extent::All {
        return Ok(all);
    }
    let apps = ids_in_scope(conn, scope, None)?;
    Ok(all.filter(api_keys::sdk_app_id.eq_any(apps)))
}

/// Up to `max` of some keys, the newest first, with the names that go with them.
fn load(conn: &mut Conn, keys: Query<'_>, max: i64) -> Result<Vec<Key>, DbError> {
    let newest_first = (api_keys::created_at.desc(), api_keys::id.desc());
    let ids: Vec<ApiKeyId> = keys.select(api_keys::id).order(newest_first).limit(max).load(conn)?;
    let stored: Vec<Stored> = api_keys::table
        .left_join(apps::table.on(api_keys::sdk_app_id.eq(apps::sdk_app_id.nullable())))
        .left_join(accounts::table.on(api_keys::created_by.eq(accounts::id.nullable())))
        .filter(api_keys::id.eq_any(ids))
        .select((
            (api_keys::id, api_keys::name, api_keys::prefix, api_keys::last_four, api_keys::scopes),
            (
                api_keys::created_at,
                api_keys::last_used_at,
                api_keys::revoked_at,
                api_keys::expires_at,
                api_keys::successor_id,
            ),
            api_keys::sdk_app_id,
            (apps::name, apps::deleted_at).nullable(),
            (accounts::id, accounts::name).nullable(),
        ))
        .order(newest_first)
        .load(conn)?;
    stored.into_iter().map(key_of).collect()
}

/// The keys that work, the newest first.
///
/// # Errors
/// The database's failure.
pub fn keys_living(conn: &mut Conn, scope: &Scope, now: UtcTime) -> Result<Vec<Key>, DbError> {
    let living = in_scope(conn, scope)?
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()));
    load(conn, living, SHOWN_MAX)
}

/// Up to `max` of the keys that do not work any more, the newest first.
///
/// # Errors
/// The database's failure.
pub fn keys_ended(
    conn: &mut Conn,
    scope: &Scope,
    now: UtcTime,
    max: i64,
) -> Result<Vec<Key>, DbError> {
    let ended = in_scope(conn, scope)?.filter(
        api_keys::revoked_at.is_not_null().or(api_keys::expires_at.le(now).assume_not_null()),
    );
    load(conn, ended, max)
}

/// One key of a scope.
///
/// # Errors
/// The database's failure.
pub fn key(conn: &mut Conn, scope: &Scope, id: ApiKeyId) -> Result<Option<Key>, DbError> {
    let one = in_scope(conn, scope)?.filter(api_keys::id.eq(id));
    Ok(load(conn, one, 1)?.pop())
}
