//! Queries on API keys.

use diesel::prelude::*;

use super::ApiScope;
use crate::clock::{UtcTime, minutes};
use crate::db::schema::api_keys;
use crate::db::{Conn, DbError};
use crate::ids::{ApiKeyId, SdkAppId, WorkspaceId};

/// A key to store.
pub struct NewApiKey<'a> {
    /// The workspace it reaches.
    pub workspace: WorkspaceId,
    /// The one app it is limited to.
    pub app: Option<SdkAppId>,
    /// What people call it.
    pub name: &'a str,
    /// Its first characters.
    pub prefix: &'a str,
    /// Its last four characters.
    pub last_four: &'a str,
    /// Its SHA-256.
    pub digest: &'a str,
    /// What it may do.
    pub scopes: &'a [ApiScope],
}

/// Stores a key.
///
/// # Errors
/// The database's failure.
pub fn key_insert(conn: &mut Conn, new: &NewApiKey<'_>, now: UtcTime) -> Result<ApiKeyId, DbError> {
    Ok(diesel::insert_into(api_keys::table)
        .values((
            api_keys::workspace_id.eq(new.workspace),
            api_keys::sdk_app_id.eq(new.app),
            api_keys::name.eq(new.name),
            api_keys::prefix.eq(new.prefix),
            api_keys::last_four.eq(new.last_four),
            api_keys::digest.eq(new.digest),
            api_keys::scopes.eq(ApiScope::list(new.scopes)),
            api_keys::created_at.eq(now),
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

/// The key behind a digest, unless it is revoked.
///
/// # Errors
/// The database's failure.
pub fn key_by_digest(conn: &mut Conn, digest: &str) -> Result<Option<KeyRow>, DbError> {
    Ok(api_keys::table
        .filter(api_keys::digest.eq(digest))
        .filter(api_keys::revoked_at.is_null())
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
