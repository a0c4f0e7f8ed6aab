//! Queries on telephones.

use diesel::prelude::*;

use super::{ChangePhone, RemovePhone};
use crate::clock::UtcTime;
use crate::db::schema::phones;
use crate::db::{Conn, DbError, Stop};
use crate::ids::{AccountId, SessionId};
use crate::problem::Problem;
use crate::step_up::{ATTEMPTS_MAX, Spent};

crate::words! {
    /// Whether a telephone counts.
    pub enum State {
        /// It is being confirmed.
        Pending = "pending",
        /// Codes are sent to it.
        Active = "active",
    }
}

/// A telephone that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Its key in the table.
    pub id: String,
    /// The number, in E.164.
    pub number: String,
    /// Since when it counts.
    pub since: UtcTime,
}

/// A telephone that is being confirmed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = phones)]
pub struct Pending {
    /// Its key in the table.
    pub id: String,
    /// The sign-in that began it.
    #[diesel(column_name = session_id)]
    pub session: SessionId,
    /// The number, in E.164.
    pub number: String,
    /// A keyed digest of the code that was sent; `None` once it was entered.
    pub code_digest: Option<String>,
    /// What page and message both show.
    pub code_reference: Option<String>,
    /// Codes that were sent.
    pub code_sends: i64,
    /// Until when the last one works.
    pub code_expires_at: Option<UtcTime>,
    /// Codes that were tried.
    pub attempts: i64,
    /// When it was begun.
    pub created_at: UtcTime,
}

impl Pending {
    /// Whether its code was entered, so that it waits for a proof only.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.code_digest.is_none()
    }

    /// Tries that are left.
    #[must_use]
    pub fn left(&self) -> i64 {
        (ATTEMPTS_MAX - self.attempts).max(0)
    }

    /// The name in the outbox of the message with the latest code.
    #[must_use]
    pub fn sms_key(&self) -> String {
        sms_key(&self.id, self.code_sends)
    }
}

/// The name in the outbox of the message with the code that was sent as the `number`th for a telephone.
#[must_use]
pub fn sms_key(phone: &str, number: i64) -> String {
    format!("phone {phone} {number}")
}

/// The telephone of an account that counts.
///
/// # Errors
/// The database's failure.
pub fn active_phone(conn: &mut Conn, account: AccountId) -> Result<Option<Phone>, DbError> {
    let found: Option<(String, String, Option<UtcTime>)> = phones::table
        .filter(phones::account_id.eq(account))
        .filter(phones::state.eq(State::Active))
        .select((phones::id, phones::number, phones::confirmed_at))
        .first(conn)
        .optional()?;
    Ok(found.and_then(|(id, number, since)| Some(Phone { id, number, since: since? })))
}

/// The telephone of an account that is being confirmed.
///
/// # Errors
/// The database's failure.
pub fn pending_phone(conn: &mut Conn, account: AccountId) -> Result<Option<Pending>, DbError> {
    Ok(phones::table
        .filter(phones::account_id.eq(account))
        .filter(phones::state.eq(State::Pending))
        .select(Pending::as_select())
        .first(conn)
        .optional()?)
}

/// A code that was sent.
pub struct NewCode<'a> {
    /// Its keyed digest.
    pub digest: &'a str,
    /// What page and message both show.
    pub reference: &'a str,
    /// Until when it works.
    pub expires_at: UtcTime,
}

/// Keeps a number until the code is entered that was sent to it; one that was being confirmed before is gone.
///
/// # Errors
/// The database's failure.
pub fn phone_begin(
    conn: &mut Conn,
    (account, session): (AccountId, SessionId),
    (id, number): (&str, &str),
    code: &NewCode<'_>,
    now: UtcTime,
) -> Result<(), DbError> {
    phone_drop(conn, account, State::Pending)?;
    diesel::insert_into(phones::table)
        .values((
            phones::id.eq(id),
            phones::account_id.eq(account),
            phones::state.eq(State::Pending),
            phones::session_id.eq(session),
            phones::number.eq(number),
            phones::code_digest.eq(code.digest),
            phones::code_reference.eq(code.reference),
            phones::code_sends.eq(1_i64),
            phones::code_expires_at.eq(code.expires_at),
            phones::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes another code that was sent; the one before stops working, the tries stay as they are. `false` when none is
/// waited for any more.
///
/// # Errors
/// The database's failure.
pub fn phone_sent(conn: &mut Conn, id: &str, code: &NewCode<'_>) -> Result<bool, DbError> {
    let waiting = phones::table
        .find(id.to_owned())
        .filter(phones::state.eq(State::Pending))
        .filter(phones::code_digest.is_not_null());
    let noted = diesel::update(waiting)
        .set((
            phones::code_digest.eq(code.digest),
            phones::code_reference.eq(code.reference),
            phones::code_expires_at.eq(code.expires_at),
            phones::code_sends.eq(phones::code_sends + 1),
        ))
        .execute(conn)?;
    Ok(noted == 1)
}

/// Takes one of the tries that a number has; `false` when it has none left or its code was entered.
///
/// # Errors
/// The database's failure.
pub fn phone_attempt(conn: &mut Conn, id: &str) -> Result<bool, DbError> {
    let waiting = phones::table
        .find(id.to_owned())
        .filter(phones::state.eq(State::Pending))
        .filter(phones::code_digest.is_not_null())
        .filter(phones::attempts.lt(ATTEMPTS_MAX));
    let taken =
        diesel::update(waiting).set(phones::attempts.eq(phones::attempts + 1)).execute(conn)?;
    Ok(taken == 1)
}

/// Uses the code of a number up, once. `false` when it was used or replaced meanwhile, or is too old.
///
/// # Errors
/// The database's failure.
pub fn phone_code_use(
    conn: &mut Conn,
    id: &str,
    digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let waiting = phones::table
        .find(id.to_owned())
        .filter(phones::state.eq(State::Pending))
        .filter(phones::code_digest.eq(digest.to_owned()))
        .filter(phones::code_expires_at.gt(now));
    let used = diesel::update(waiting).set(phones::code_digest.eq(None::<String>)).execute(conn)?;
    Ok(used == 1)
}

fn phone_drop(conn: &mut Conn, account: AccountId, state: State) -> Result<bool, DbError> {
    let of_account =
        phones::table.filter(phones::account_id.eq(account)).filter(phones::state.eq(state));
    Ok(diesel::delete(of_account).execute(conn)? == 1)
}

/// Gives up the number that is being confirmed; `false` when none is.
///
/// # Errors
/// The database's failure.
pub fn phone_give_up(conn: &mut Conn, account: AccountId) -> Result<bool, DbError> {
    phone_drop(conn, account, State::Pending)
}

/// Makes a confirmed number count, in the place of the one there is. What the number before was, if there was one.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is not there any more, or the database's failure.
pub fn phone_change(
    conn: &mut Conn,
    spent: &Spent<ChangePhone>,
    now: UtcTime,
) -> Result<Option<String>, Stop<Problem>> {
    let act = spent.act();
    let before = active_phone(conn, act.account)?;
    phone_drop(conn, act.account, State::Active)?;
    let confirmed = phones::table
        .find(act.pending.clone())
        .filter(phones::account_id.eq(act.account))
        .filter(phones::state.eq(State::Pending))
        .filter(phones::code_digest.is_null());
    let changed = diesel::update(confirmed)
        .set((
            phones::state.eq(State::Active),
            phones::confirmed_at.eq(now),
            phones::code_reference.eq(None::<String>),
            phones::code_expires_at.eq(None::<UtcTime>),
        ))
        .execute(conn)?;
    if changed == 1 {
        Ok(before.map(|phone| phone.number))
    } else {
        Err(Stop::Refused(Problem::ChangedMeanwhile))
    }
}

/// Removes the telephone that counts, provided that it is still the one of when this was asked for; its number.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn phone_remove(conn: &mut Conn, spent: &Spent<RemovePhone>) -> Result<String, Stop<Problem>> {
    let act = spent.act();
    let found = active_phone(conn, act.account)?.filter(|phone| phone.id == act.phone);
    let Some(phone) = found else { return Err(Stop::Refused(Problem::ChangedMeanwhile)) };
    phone_drop(conn, act.account, State::Active)?;
    phone_drop(conn, act.account, State::Pending)?;
    Ok(phone.number)
}

/// Removes the telephone that counts, for whoever has the host, and one that is being confirmed; `false` when none
/// counted.
///
/// # Errors
/// The database's failure.
pub fn phone_remove_by_host(conn: &mut Conn, account: AccountId) -> Result<bool, DbError> {
    phone_drop(conn, account, State::Pending)?;
    phone_drop(conn, account, State::Active)
}

/// Forgets up to `rows` numbers that were begun before a moment and never finished; how many there were.
///
/// # Errors
/// The database's failure.
pub fn phones_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = phones::table
        .filter(phones::state.eq(State::Pending))
        .filter(phones::created_at.lt(before))
        .select(phones::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(phones::table.filter(phones::id.eq_any(old))).execute(conn)?)
}
