//! Queries on authenticators. Seeds go in sealed and come out opened.

use diesel::prelude::*;

use super::{AddAuthenticator, RemoveAuthenticator, ReplaceAuthenticator};
use crate::clock::UtcTime;
use crate::db::schema::authenticators;
use crate::db::{Conn, DbError, Stop};
use crate::ids::{AccountId, SessionId};
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;
use crate::step_up::Spent;
use crate::vault::{Cell, Vault};

crate::words! {
    /// Whether an authenticator counts.
    pub enum State {
        /// It is being set up.
        Pending = "pending",
        /// Its codes are asked for.
        Active = "active",
    }
}

const fn cell(row: &str) -> Cell<'_> {
    Cell { table: "authenticators", column: "sealed", row }
}

/// An authenticator, opened.
pub struct Authenticator {
    /// Its key in the table.
    pub id: String,
    /// The seed, in base32.
    pub seed: Secret,
    /// The sign-in that set it up.
    pub session: SessionId,
    /// When it was made.
    pub created_at: UtcTime,
    /// When its first code was entered.
    pub confirmed_at: Option<UtcTime>,
}

#[derive(Queryable)]
struct Stored {
    id: String,
    sealed: Vec<u8>,
    session: SessionId,
    created_at: UtcTime,
    confirmed_at: Option<UtcTime>,
}

/// Keeps a new seed until its first code is entered; one that was being set up before is gone.
///
/// # Errors
/// The database's failure.
pub fn authenticator_begin(
    conn: &mut Conn,
    (vault, random): (&Vault, &Random),
    (account, session): (AccountId, SessionId),
    seed: &Secret,
    now: UtcTime,
) -> Result<(), DbError> {
    authenticator_drop(conn, account, State::Pending)?;
    let id = random.hex::<16>();
    diesel::insert_into(authenticators::table)
        .values((
            authenticators::id.eq(&id),
            authenticators::account_id.eq(account),
            authenticators::state.eq(State::Pending),
            authenticators::session_id.eq(session),
            authenticators::sealed.eq(vault.seal(random, cell(&id), seed)),
            authenticators::key_id.eq(vault.key_id()),
            authenticators::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

fn authenticator_drop(conn: &mut Conn, account: AccountId, state: State) -> Result<bool, DbError> {
    let of_account = authenticators::table
        .filter(authenticators::account_id.eq(account))
        .filter(authenticators::state.eq(state));
    Ok(diesel::delete(of_account).execute(conn)? == 1)
}

/// Gives up what is being set up; `false` when nothing is.
///
/// # Errors
/// The database's failure.
pub fn authenticator_give_up(conn: &mut Conn, account: AccountId) -> Result<bool, DbError> {
    authenticator_drop(conn, account, State::Pending)
}

/// Removes the authenticator that counts, for whoever has the host; `false` when there is none.
///
/// # Errors
/// The database's failure.
pub fn authenticator_remove_by_host(conn: &mut Conn, account: AccountId) -> Result<bool, DbError> {
    authenticator_drop(conn, account, State::Active)
}

/// The authenticator of an account in a state.
///
/// # Errors
/// The database's failure, or a seed that does not open.
pub fn authenticator(
    conn: &mut Conn,
    vault: &Vault,
    account: AccountId,
    state: State,
) -> Result<Option<Authenticator>, DbError> {
    let stored: Option<Stored> = authenticators::table
        .filter(authenticators::account_id.eq(account))
        .filter(authenticators::state.eq(state))
        .select((
            authenticators::id,
            authenticators::sealed,
            authenticators::session_id,
            authenticators::created_at,
            authenticators::confirmed_at,
        ))
        .first(conn)
        .optional()?;
    let Some(Stored { id, sealed, session, created_at, confirmed_at }) = stored else {
        return Ok(None);
    };
    let seed = vault
        .open(cell(&id), &sealed)
        .map_err(|error| DbError::Broken(format!("authenticator {id}: {error}")))?;
    Ok(Some(Authenticator { id, seed, session, created_at, confirmed_at }))
}

/// Since when an account has an authenticator; `None` when it has none.
///
/// # Errors
/// The database's failure.
pub fn authenticator_since(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Option<UtcTime>, DbError> {
    let since: Option<Option<UtcTime>> = authenticators::table
        .filter(authenticators::account_id.eq(account))
        .filter(authenticators::state.eq(State::Active))
        .select(authenticators::confirmed_at)
        .first(conn)
        .optional()?;
    Ok(since.flatten())
}

/// Uses the code of a step up. `false`, and nothing written, when that code or one after it was used before:
/// the one place that sees to it, for whatever asks for codes.
///
/// # Errors
/// The database's failure.
pub fn authenticator_step(conn: &mut Conn, id: &str, step: i64) -> Result<bool, DbError> {
    let unused =
        authenticators::table.find(id.to_owned()).filter(authenticators::last_step.lt(step));
    Ok(diesel::update(unused).set(authenticators::last_step.eq(step)).execute(conn)? == 1)
}

/// Makes a pending authenticator count, and uses up the step of its first code.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is not pending any more or another one counts, or the database's
/// failure.
pub fn authenticator_add(
    conn: &mut Conn,
    spent: &Spent<AddAuthenticator>,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    authenticator_add_first(conn, act.account, (&act.pending, act.step), now)
}

/// The same for somebody who has no way to prove who they are, and has given their password; and for sample data.
///
/// # Errors
/// As for [`authenticator_add`].
pub fn authenticator_add_first(
    conn: &mut Conn,
    account: AccountId,
    pending: (&str, i64),
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let is_added =
        authenticator_since(conn, account)?.is_none() && activate(conn, account, pending, now)?;
    if is_added { Ok(()) } else { Err(Stop::Refused(Problem::ChangedMeanwhile)) }
}

fn activate(
    conn: &mut Conn,
    account: AccountId,
    (id, step): (&str, i64),
    now: UtcTime,
) -> Result<bool, DbError> {
    let pending = authenticators::table
        .find(id.to_owned())
        .filter(authenticators::account_id.eq(account))
        .filter(authenticators::state.eq(State::Pending));
    let activated = diesel::update(pending)
        .set((
            authenticators::state.eq(State::Active),
            authenticators::confirmed_at.eq(now),
            authenticators::last_step.eq(step),
        ))
        .execute(conn)?;
    Ok(activated == 1)
}

/// Puts a pending authenticator in the place of the one that counts.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is not pending any more or there is none that counts, or the
/// database's failure.
pub fn authenticator_replace(
    conn: &mut Conn,
    spent: &Spent<ReplaceAuthenticator>,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    let is_replaced = authenticator_drop(conn, act.account, State::Active)?
        && activate(conn, act.account, (&act.pending, act.step), now)?;
    if is_replaced { Ok(()) } else { Err(Stop::Refused(Problem::ChangedMeanwhile)) }
}

/// Removes the authenticator that counts, provided that it is still the one of when this was asked for.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn authenticator_remove(
    conn: &mut Conn,
    spent: &Spent<RemoveAuthenticator>,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    let of_account = authenticators::table
        .find(act.authenticator.clone())
        .filter(authenticators::account_id.eq(act.account))
        .filter(authenticators::state.eq(State::Active));
    if diesel::delete(of_account).execute(conn)? != 1 {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    authenticator_drop(conn, act.account, State::Pending)?;
    Ok(())
}

/// Forgets up to `rows` authenticators that were begun before a moment and never finished; how many there were.
///
/// # Errors
/// The database's failure.
pub fn authenticators_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = authenticators::table
        .filter(authenticators::state.eq(State::Pending))
        .filter(authenticators::created_at.lt(before))
        .select(authenticators::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(authenticators::table.filter(authenticators::id.eq_any(old)))
        .execute(conn)?)
}
