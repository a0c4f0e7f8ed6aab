//! Queries on devices.

use diesel::prelude::*;

use super::DEVICES_MAX;
use crate::clock::UtcTime;
use crate::db::schema::devices;
use crate::db::{Conn, DbError};
use crate::ids::AccountId;

/// Whether a device was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was.
    Known,
    /// It is the first of its account that is remembered.
    First,
    /// It was not, and others are.
    New,
}

/// Remembers that a device was used, and whether it was known. Beyond [`DEVICES_MAX`] the one that was not used for
/// longest is forgotten. The account must be held.
///
/// # Errors
/// The database's failure.
pub fn device_note(
    conn: &mut Conn,
    account: AccountId,
    digest: &str,
    now: UtcTime,
) -> Result<Seen, DbError> {
    let known = diesel::update(devices::table.find((account, digest.to_owned())))
        .set(devices::last_seen_at.eq(now))
        .execute(conn)?;
    if known == 1 {
        return Ok(Seen::Known);
    }
    let others = devices::table.filter(devices::account_id.eq(account));
    let has_others: bool = diesel::select(diesel::dsl::exists(others)).get_result(conn)?;
    diesel::insert_into(devices::table)
        .values((
            devices::account_id.eq(account),
            devices::digest.eq(digest),
            devices::created_at.eq(now),
            devices::last_seen_at.eq(now),
        ))
        .execute(conn)?;
    let beyond: Vec<String> = others
        .filter(devices::digest.ne(digest.to_owned()))
        .select(devices::digest)
        .order((devices::last_seen_at.desc(), devices::digest))
        .limit(DEVICES_MAX)
        .offset(DEVICES_MAX - 1)
        .load(conn)?;
    diesel::delete(others.filter(devices::digest.eq_any(beyond))).execute(conn)?;
    Ok(if has_others { Seen::New } else { Seen::First })
}

/// Forgets up to `rows` devices that were last used before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn devices_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<(AccountId, String)> = devices::table
        .filter(devices::last_seen_at.lt(before))
        .select((devices::account_id, devices::digest))
        .limit(rows)
        .load(conn)?;
    let mut gone = 0;
    for row in old {
        gone += diesel::delete(devices::table.find(row)).execute(conn)?;
    }
    Ok(gone)
}
