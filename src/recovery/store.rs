//! Queries on recovery codes, of which digests are kept.

use diesel::prelude::*;

use super::RenewRecoveryCodes;
use crate::clock::UtcTime;
use crate::db::schema::recovery_codes;
use crate::db::{Conn, DbError};
use crate::ids::AccountId;
use crate::step_up::Spent;

/// Whether a code that an account has was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It works.
    Unused,
    /// It was used.
    Used,
}

/// How many codes an account has that work.
///
/// # Errors
/// The database's failure.
pub fn recovery_codes_left(conn: &mut Conn, account: AccountId) -> Result<i64, DbError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Since when an account has codes that work; `None` when it has none.
///
/// # Errors
/// The database's failure.
pub fn recovery_codes_since(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Option<UtcTime>, DbError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::used_at.is_null())
        .select(recovery_codes::created_at)
        .first(conn)
        .optional()?)
}

/// The state of a code by its digest; `None` for one that the account does not have.
///
/// # Errors
/// The database's failure.
pub fn recovery_code_state(
    conn: &mut Conn,
    account: AccountId,
    digest: &str,
) -> Result<Option<State>, DbError> {
    let used_at: Option<Option<UtcTime>> = recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::digest.eq(digest.to_owned()))
        .select(recovery_codes::used_at)
        .first(conn)
        .optional()?;
    Ok(used_at.map(|used_at| if used_at.is_some() { State::Used } else { State::Unused }))
}

/// Uses a code up; `false` when it was used meanwhile, or replaced.
///
/// # Errors
/// The database's failure.
pub fn recovery_code_use(
    conn: &mut Conn,
    account: AccountId,
    digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let unused = recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::digest.eq(digest.to_owned()))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(now)).execute(conn)? == 1)
}

/// Puts new codes, by their names and digests, in the place of those there are.
///
/// # Errors
/// The database's failure.
pub fn recovery_codes_renew(
    conn: &mut Conn,
    spent: &Spent<RenewRecoveryCodes>,
    digests: &[(String, String)],
    now: UtcTime,
) -> Result<(), DbError> {
    let account = spent.act().account;
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account)))
        .execute(conn)?;
    for (id, digest) in digests {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::id.eq(id),
                recovery_codes::account_id.eq(account),
                recovery_codes::digest.eq(digest),
                recovery_codes::created_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes all codes of an account, for whoever has the host; how many there were.
///
/// # Errors
/// The database's failure.
pub fn recovery_codes_remove_by_host(
    conn: &mut Conn,
    account: AccountId,
) -> Result<usize, DbError> {
    let of_account = recovery_codes::table.filter(recovery_codes::account_id.eq(account));
    Ok(diesel::delete(of_account).execute(conn)?)
}
