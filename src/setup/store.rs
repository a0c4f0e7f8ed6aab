//! Queries on the installation's one row.

use diesel::prelude::*;

use crate::clock::UtcTime;
use crate::db::schema::installation;
use crate::db::{Conn, DbError};

/// The installation as it is stored.
#[derive(Queryable, Debug)]
pub struct Installation {
    /// Which master key sealed its secrets.
    pub key_id: String,
    /// When the first run was over.
    pub set_up_at: Option<UtcTime>,
}

/// The installation; `None` before its very first start.
///
/// # Errors
/// The database's failure.
pub fn installation(conn: &mut Conn) -> Result<Option<Installation>, DbError> {
    Ok(installation::table
        .find(1)
        .select((installation::key_id, installation::set_up_at))
        .first(conn)
        .optional()?)
}

/// Notes the master key at the very first start. Two nodes may do so at once: both are answered
/// the key that stands, which is the quicker one's.
///
/// # Errors
/// The database's failure.
pub fn installation_insert(conn: &mut Conn, key_id: &str, now: UtcTime) -> Result<String, DbError> {
    use diesel::sql_types::{BigInt, Text};
    diesel::sql_query(
        "INSERT INTO installation (id, key_id, created_at) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind::<Text, _>(key_id)
    .bind::<BigInt, _>(now)
    .execute(conn)?;
    Ok(installation::table.find(1).select(installation::key_id).first(conn)?)
}

/// Opens set-up with a new link, unless it is closed for good.
///
/// # Errors
/// The database's failure.
pub fn setup_open(conn: &mut Conn, digest: &str, expires_at: UtcTime) -> Result<bool, DbError> {
    let changed = diesel::update(installation::table.find(1))
        .filter(installation::set_up_at.is_null())
        .set((installation::setup_digest.eq(digest), installation::setup_expires_at.eq(expires_at)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Whether a link opens set-up now.
///
/// # Errors
/// The database's failure.
pub fn setup_is_open(conn: &mut Conn, digest: &str, now: UtcTime) -> Result<bool, DbError> {
    let open = installation::table
        .find(1)
        .filter(installation::set_up_at.is_null())
        .filter(installation::setup_digest.eq(digest))
        .filter(installation::setup_expires_at.gt(now));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn)?)
}

/// Closes set-up for good; `false` when the link was used or ended meanwhile.
///
/// # Errors
/// The database's failure.
pub fn setup_close(conn: &mut Conn, digest: &str, now: UtcTime) -> Result<bool, DbError> {
    let changed = diesel::update(installation::table.find(1))
        .filter(installation::set_up_at.is_null())
        .filter(installation::setup_digest.eq(digest))
        .filter(installation::setup_expires_at.gt(now))
        .set((
            installation::set_up_at.eq(now),
            installation::setup_digest.eq(None::<String>),
            installation::setup_expires_at.eq(None::<UtcTime>),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Closes set-up because an operator came into being by the command line.
///
/// # Errors
/// The database's failure.
pub fn setup_close_by_host(conn: &mut Conn, now: UtcTime) -> Result<(), DbError> {
    diesel::update(installation::table.find(1))
        .filter(installation::set_up_at.is_null())
        .set((installation::set_up_at.eq(now), installation::setup_digest.eq(None::<String>)))
        .execute(conn)?;
    Ok(())
}
