//! Queries on passkeys.

use diesel::prelude::*;

use super::ceremony::Used;
use super::{AddPasskey, PASSKEYS_MAX, RemovePasskey};
use crate::clock::UtcTime;
use crate::db::dialect::{Constraint, violated};
use crate::db::schema::passkeys;
use crate::db::{Conn, DbError, Stop};
use crate::ids::AccountId;
use crate::problem::{PasskeyProblem, Problem};
use crate::step_up::Spent;

/// A passkey.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = passkeys)]
pub struct Known {
    /// Its key in the table.
    pub id: String,
    /// Whose.
    #[diesel(column_name = account_id)]
    pub account: AccountId,
    /// What devices know the account by: a UUID.
    pub user_handle: String,
    /// Its name in the protocol, in base64url.
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its public key and what the device said of itself, as JSON.
    pub credential: String,
    /// Since when it counts.
    pub created_at: UtcTime,
    /// When it was last used.
    pub last_used_at: Option<UtcTime>,
}

/// The passkeys of an account for a host name, the oldest first.
///
/// # Errors
/// The database's failure.
pub fn passkeys_of(conn: &mut Conn, account: AccountId, host: &str) -> Result<Vec<Known>, DbError> {
    Ok(passkeys::table
        .filter(passkeys::account_id.eq(account))
        .filter(passkeys::host.eq(host.to_owned()))
        .order((passkeys::created_at, passkeys::id))
        .select(Known::as_select())
        .load(conn)?)
}

/// A passkey by its name in the protocol; `None` for one that nobody has here.
///
/// # Errors
/// The database's failure.
pub fn passkey_of_credential(
    conn: &mut Conn,
    host: &str,
    credential_id: &str,
) -> Result<Option<Known>, DbError> {
    Ok(passkeys::table
        .filter(passkeys::credential_id.eq(credential_id.to_owned()))
        .filter(passkeys::host.eq(host.to_owned()))
        .select(Known::as_select())
        .first(conn)
        .optional()?)
}

/// What devices know an account by; `None` before its first passkey.
///
/// # Errors
/// The database's failure.
pub fn passkey_handle(conn: &mut Conn, account: AccountId) -> Result<Option<String>, DbError> {
    Ok(passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order((passkeys::created_at, passkeys::id))
        .select(passkeys::user_handle)
        .first(conn)
        .optional()?)
}

/// Adds a passkey.
///
/// # Errors
/// [`PasskeyProblem::KnownAlready`], [`PasskeyProblem::TooMany`], or the database's failure.
pub fn passkey_add(
    conn: &mut Conn,
    spent: &Spent<AddPasskey>,
    id: &str,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    passkey_add_first(conn, spent.act(), id, now)
}

/// The same for somebody who has no way to prove who they are, and has given their password; and for tests.
///
/// # Errors
/// As for [`passkey_add`].
pub fn passkey_add_first(
    conn: &mut Conn,
    act: &AddPasskey,
    id: &str,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let of_account = passkeys::table
        .filter(passkeys::account_id.eq(act.account))
        .filter(passkeys::host.eq(&act.host));
    let count: i64 = of_account.count().get_result(conn).map_err(DbError::from)?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= PASSKEYS_MAX {
        let problem = PasskeyProblem::TooMany { max: PASSKEYS_MAX };
        return Err(Stop::Refused(problem.into()));
    }
    diesel::insert_into(passkeys::table)
        .values((
            passkeys::id.eq(id),
            passkeys::account_id.eq(act.account),
            passkeys::user_handle.eq(&act.user_handle),
            passkeys::host.eq(&act.host),
            passkeys::credential_id.eq(&act.credential_id),
            passkeys::name.eq(&act.passkey_name),
            passkeys::credential.eq(&act.credential),
            passkeys::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
        .map_err(|error| match violated(&error) {
            Some(Constraint::Passkey) => {
                Stop::Refused(Problem::Passkey(PasskeyProblem::KnownAlready))
            }
            _ => DbError::from(error).into(),
        })
}

/// Removes a passkey.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is gone, or the database's failure.
pub fn passkey_remove(conn: &mut Conn, spent: &Spent<RemovePasskey>) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    let of_account =
        passkeys::table.find(act.passkey.clone()).filter(passkeys::account_id.eq(act.account));
    match diesel::delete(of_account).execute(conn).map_err(DbError::from)? {
        1 => Ok(()),
        _ => Err(Stop::Refused(Problem::ChangedMeanwhile)),
    }
}

/// Removes all passkeys of an account, for whoever has the host; how many there were.
///
/// # Errors
/// The database's failure.
pub fn passkeys_remove_by_host(conn: &mut Conn, account: AccountId) -> Result<usize, DbError> {
    let of_account = passkeys::table.filter(passkeys::account_id.eq(account));
    Ok(diesel::delete(of_account).execute(conn)?)
}

/// Notes that a passkey was used. `false`, and nothing written, when it is gone, or was used since the page was made
/// that asked for it: the one place that sees to it that nothing signs in twice.
///
/// # Errors
/// The database's failure.
pub fn passkey_use(conn: &mut Conn, used: &Used, now: UtcTime) -> Result<bool, DbError> {
    let unused = passkeys::table
        .find(used.passkey.id.clone())
        .filter(passkeys::last_used_at.is_null().or(passkeys::last_used_at.lt(used.begun_at)));
    let noted = diesel::update(unused)
        .set((passkeys::last_used_at.eq(now), passkeys::credential.eq(&used.credential)))
        .execute(conn)?;
    Ok(noted == 1)
}
