//! Queries on identities.

use diesel::prelude::*;

use super::{ConnectIdentity, DisconnectIdentity, Who};
use crate::clock::UtcTime;
use crate::db::schema::{accounts, identities};
use crate::db::{Conn, Constraint, DbError, Stop, dialect};
use crate::ids::AccountId;
use crate::problem::Problem;
use crate::step_up::Spent;

/// An identity that is connected.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub struct Identity {
    /// Its key in the table.
    pub id: String,
    /// The account it is connected to.
    #[diesel(column_name = account_id)]
    pub account: AccountId,
    /// What the provider calls them.
    pub name: String,
    /// Since when.
    #[diesel(column_name = created_at)]
    pub since: UtcTime,
    /// When somebody last signed in with it.
    pub last_used_at: Option<UtcTime>,
}

/// The identity of a subject.
///
/// # Errors
/// The database's failure.
pub fn identity_of_subject(conn: &mut Conn, who: &Who) -> Result<Option<Identity>, DbError> {
    Ok(identities::table
        .filter(identities::issuer.eq(&who.issuer))
        .filter(identities::subject.eq(&who.subject))
        .select(Identity::as_select())
        .first(conn)
        .optional()?)
}

/// The identity that an account has at a provider.
///
/// # Errors
/// The database's failure.
pub fn identity_of_account(
    conn: &mut Conn,
    account: AccountId,
    issuer: &str,
) -> Result<Option<Identity>, DbError> {
    Ok(identities::table
        .filter(identities::account_id.eq(account))
        .filter(identities::issuer.eq(issuer))
        .select(Identity::as_select())
        .first(conn)
        .optional()?)
}

/// All identities of an account, of whichever provider.
///
/// # Errors
/// The database's failure.
pub fn identities_of_account(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<Identity>, DbError> {
    Ok(identities::table
        .filter(identities::account_id.eq(account))
        .select(Identity::as_select())
        .order(identities::issuer)
        .load(conn)?)
}

/// Notes that somebody signs in with an identity, provided that it is still the account's; hold the account before.
/// `false` when it is not.
///
/// # Errors
/// The database's failure.
pub fn identity_use(
    conn: &mut Conn,
    id: &str,
    account: AccountId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let used = diesel::update(identities::table.find(id.to_owned()))
        .filter(identities::account_id.eq(account))
        .set(identities::last_used_at.eq(now))
        .execute(conn)?;
    Ok(used == 1)
}

fn insert(
    conn: &mut Conn,
    (id, account): (&str, AccountId),
    (issuer, subject, name): (&str, &str, &str),
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let inserted = diesel::insert_into(identities::table)
        .values((
            identities::id.eq(id),
            identities::account_id.eq(account),
            identities::issuer.eq(issuer),
            identities::subject.eq(subject),
            identities::name.eq(name),
            identities::created_at.eq(now),
        ))
        .execute(conn);
    match inserted {
        Ok(_) => Ok(()),
        Err(error) => Err(match dialect::violated(&error) {
            // Somebody was quicker.
            Some(Constraint::Identity) => Stop::Refused(Problem::ChangedMeanwhile),
            _ => Stop::Broken(error.into()),
        }),
    }
}

/// Connects an identity to an account that was just made for it.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is somebody's, or the database's failure.
pub fn identity_insert(
    conn: &mut Conn,
    row: (&str, AccountId),
    who: &Who,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    insert(conn, row, (&who.issuer, &who.subject, &who.label), now)
}

/// Connects an identity to an account.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is somebody's or the account has another one there, or the database's
/// failure.
pub fn identity_connect(
    conn: &mut Conn,
    spent: &Spent<ConnectIdentity>,
    id: &str,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    insert(conn, (id, act.account), (&act.issuer, &act.subject, &act.identity_name), now)
}

/// Disconnects an identity, provided that it is still the one of when this was asked for, and that its account has a
/// password: nobody could get into it otherwise.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn identity_disconnect(
    conn: &mut Conn,
    spent: &Spent<DisconnectIdentity>,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    // A write that changes nothing holds the account, and with it its password.
    let held = diesel::update(accounts::table.find(act.account))
        .filter(accounts::password_hash.is_not_null())
        .set(accounts::version.eq(accounts::version))
        .execute(conn)?;
    let of_account =
        identities::table.find(act.identity.clone()).filter(identities::account_id.eq(act.account));
    if held == 1 && diesel::delete(of_account).execute(conn)? == 1 {
        Ok(())
    } else {
        Err(Stop::Refused(Problem::ChangedMeanwhile))
    }
}

/// Disconnects whatever an account is connected to, for whoever has the host.
///
/// # Errors
/// The database's failure.
pub fn identities_remove_by_host(conn: &mut Conn, account: AccountId) -> Result<(), DbError> {
    let of_account = identities::table.filter(identities::account_id.eq(account));
    diesel::delete(of_account).execute(conn)?;
    Ok(())
}
