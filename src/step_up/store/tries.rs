//! Tries at codes and codes that were sent: counted over all challenges, methods and sign-ins of an account,
//! in transactions of their own, before anything is compared or sent.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::clock::UtcTime;
use crate::db::schema::{code_sends, factor_attempts, factor_budgets};
use crate::db::{Conn, DbError};
use crate::ids::AccountId;
use crate::notify::Channel;
use crate::step_up::challenge::{
    CONSECUTIVE_MAX, DESTINATION_SENDS, NETWORK_SENDS, Purpose, SEND_PAUSE, SENDS, WINDOWS,
};

/// Why no code is compared now, whether right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Too many were wrong lately.
    Until(UtcTime),
    /// So many were wrong in a row that somebody else must lift it.
    HardStop,
}

/// What came of counting a try.
pub enum Counted {
    /// It may be made; its name, to take it back.
    Try(String),
    /// It may not.
    Held(Hold),
}

/// Holds the tries of an account until the transaction ends, so that parallel ones wait for each other; how
/// many were wrong in a row.
fn budget_hold(conn: &mut Conn, account: AccountId, purpose: Purpose) -> Result<i64, DbError> {
    // A write that changes nothing: the lock that both databases know.
    diesel::sql_query(
        "INSERT INTO factor_budgets (account_id, purpose) VALUES ($1, $2) \
         ON CONFLICT (account_id, purpose) DO UPDATE SET consecutive = factor_budgets.consecutive",
    )
    .bind::<BigInt, _>(account)
    .bind::<Text, _>(purpose)
    .execute(conn)?;
    Ok(factor_budgets::table
        .find((account, purpose))
        .select(factor_budgets::consecutive)
        .first(conn)?)
}

/// Holds the tries of an account at acts until the transaction ends: what concerns its challenges begins with it,
/// so that none waits for another in a circle.
///
/// # Errors
/// The database's failure.
pub fn tries_hold(conn: &mut Conn, account: AccountId) -> Result<(), DbError> {
    budget_hold(conn, account, Purpose::StepUp).map(drop)
}

/// The moment at which the count of some moments within a while falls below a number again; `None` when it is
/// below already. `latest` are the latest `max` moments, the latest first.
fn full_until(latest: &[UtcTime], (max, span): (i64, Duration), now: UtcTime) -> Option<UtcTime> {
    let max = usize::try_from(max).ok()?;
    let oldest = latest.get(max.checked_sub(1)?)?;
    let until = oldest.plus(span);
    (until > now).then_some(until)
}

/// Counts a try at a code before it is compared.
///
/// # Errors
/// The database's failure.
pub fn attempt_count(
    conn: &mut Conn,
    (account, purpose): (AccountId, Purpose),
    id: String,
    now: UtcTime,
) -> Result<Counted, DbError> {
    if budget_hold(conn, account, purpose)? >= CONSECUTIVE_MAX {
        return Ok(Counted::Held(Hold::HardStop));
    }
    let most = WINDOWS.iter().map(|(max, _)| *max).max().unwrap_or(0);
    let latest: Vec<UtcTime> = factor_attempts::table
        .filter(factor_attempts::account_id.eq(account))
        .filter(factor_attempts::purpose.eq(purpose))
        .order(factor_attempts::at.desc())
        .limit(most)
        .select(factor_attempts::at)
        .load(conn)?;
    let held = WINDOWS.iter().filter_map(|window| full_until(&latest, *window, now)).max();
    if let Some(until) = held {
        return Ok(Counted::Held(Hold::Until(until)));
    }
    diesel::insert_into(factor_attempts::table)
        .values((
            factor_attempts::id.eq(&id),
            factor_attempts::account_id.eq(account),
            factor_attempts::purpose.eq(purpose),
            factor_attempts::at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(factor_budgets::table.find((account, purpose)))
        .set(factor_budgets::consecutive.eq(factor_budgets::consecutive + 1))
        .execute(conn)?;
    Ok(Counted::Try(id))
}

/// Takes a try back that was right, from the hour and the day alike: they bound wrong tries, and somebody who
/// works a lot is not held up by their own right codes. The wrong ones stay; those in a row count anew.
///
/// # Errors
/// The database's failure.
pub fn attempt_succeeded(
    conn: &mut Conn,
    (account, purpose): (AccountId, Purpose),
    id: &str,
) -> Result<(), DbError> {
    diesel::delete(factor_attempts::table.find(id.to_owned())).execute(conn)?;
    diesel::update(factor_budgets::table.find((account, purpose)))
        .set(factor_budgets::consecutive.eq(0))
        .execute(conn)?;
    Ok(())
}

/// Takes a try back that was right and proves nothing about the person, such as at the code of a telephone that is
/// about to be theirs: those in a row stay as they were before it, since anyone can have such a code at will.
///
/// # Errors
/// The database's failure.
pub fn attempt_withdraw(
    conn: &mut Conn,
    (account, purpose): (AccountId, Purpose),
    id: &str,
) -> Result<(), DbError> {
    if diesel::delete(factor_attempts::table.find(id.to_owned())).execute(conn)? == 1 {
        diesel::update(factor_budgets::table.find((account, purpose)))
            .filter(factor_budgets::consecutive.gt(0))
            .set(factor_budgets::consecutive.eq(factor_budgets::consecutive - 1))
            .execute(conn)?;
    }
    Ok(())
}

/// Forgets all tries of an account: for whoever has the host.
///
/// # Errors
/// The database's failure.
pub fn account_unlock(conn: &mut Conn, account: AccountId) -> Result<(), DbError> {
    diesel::delete(factor_attempts::table.filter(factor_attempts::account_id.eq(account)))
        .execute(conn)?;
    diesel::delete(factor_budgets::table.filter(factor_budgets::account_id.eq(account)))
        .execute(conn)?;
    Ok(())
}

/// What came of asking to send a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It may be sent, and is counted.
    Now,
    /// The last one was sent a moment ago.
    Pause(UtcTime),
    /// Too many were sent lately.
    Full(UtcTime),
    /// The gateway does not serve the number, or has done enough for today.
    NotServed,
    /// The challenge does not wait any more.
    Ended,
}

/// A code that is to be sent, as it is counted.
#[derive(Clone, Copy)]
pub struct CodeSend<'a> {
    /// Whose.
    pub account: AccountId,
    /// The part of the asker's network address that one party usually holds.
    pub network: &'a str,
    /// By what it goes.
    pub channel: Channel,
    /// A digest of the address or number that it goes to.
    pub destination: &'a str,
}

/// Counts a code that is to be sent, unless too many were: of the account, by whatever channel, of the network address
/// and to the destination; between two there is a pause, for the channel and the destination each. (For an account exactly; of several accounts at one network address, or with one
/// destination, parallel requests may each see the last place free.)
///
/// # Errors
/// The database's failure.
pub fn send_count(
    conn: &mut Conn,
    send: &CodeSend<'_>,
    id: &str,
    now: UtcTime,
) -> Result<Sending, DbError> {
    let CodeSend { account, network, channel, destination } = *send;
    budget_hold(conn, account, Purpose::StepUp)?;
    let (latest, on_channel) = sends_latest(conn, account, channel)?;
    let from_there: Vec<UtcTime> = code_sends::table
        .filter(code_sends::network.eq(network.to_owned()))
        .order(code_sends::at.desc())
        .limit(NETWORK_SENDS.0)
        .select(code_sends::at)
        .load(conn)?;
    let to_there: Vec<UtcTime> = code_sends::table
        .filter(code_sends::destination.eq(destination.to_owned()))
        .order(code_sends::at.desc())
        .limit(DESTINATION_SENDS.0)
        .select(code_sends::at)
        .load(conn)?;
    let full = SENDS.iter().filter_map(|limit| full_until(&latest, *limit, now));
    let full = full.chain(full_until(&from_there, NETWORK_SENDS, now));
    let full = full.chain(full_until(&to_there, DESTINATION_SENDS, now)).max();
    if let Some(until) = full {
        return Ok(Sending::Full(until));
    }
    let pauses = [&on_channel, &to_there].map(|sends| full_until(sends, (1, SEND_PAUSE), now));
    if let Some(until) = pauses.into_iter().flatten().max() {
        return Ok(Sending::Pause(until));
    }
    diesel::insert_into(code_sends::table)
        .values((
            code_sends::id.eq(id),
            code_sends::account_id.eq(account),
            code_sends::network.eq(network),
            code_sends::at.eq(now),
            code_sends::channel.eq(channel),
            code_sends::destination.eq(destination),
        ))
        .execute(conn)?;
    Ok(Sending::Now)
}

/// Takes the latest code that was sent to an account by a channel out of the count.
///
/// # Errors
/// The database's failure.
pub fn send_give_back(
    conn: &mut Conn,
    account: AccountId,
    channel: Channel,
) -> Result<(), DbError> {
    let latest: Option<String> = code_sends::table
        .filter(code_sends::account_id.eq(account))
        .filter(code_sends::channel.eq(channel))
        .order((code_sends::at.desc(), code_sends::id))
        .select(code_sends::id)
        .first(conn)
        .optional()?;
    if let Some(latest) = latest {
        diesel::delete(code_sends::table.find(latest)).execute(conn)?;
    }
    Ok(())
}

/// The latest codes that were sent to an account, the latest first; and those of them by a channel: who confirms a
/// telephone proves with the code of a mail at once who they are.
fn sends_latest(
    conn: &mut Conn,
    account: AccountId,
    channel: Channel,
) -> Result<(Vec<UtcTime>, Vec<UtcTime>), DbError> {
    let most = SENDS.iter().map(|(max, _)| *max).max().unwrap_or(0);
    let latest: Vec<(UtcTime, Channel)> = code_sends::table
        .filter(code_sends::account_id.eq(account))
        .order(code_sends::at.desc())
        .limit(most)
        .select((code_sends::at, code_sends::channel))
        .load(conn)?;
    let on_channel = latest.iter().filter(|(_, by)| *by == channel).map(|(at, _)| *at).collect();
    Ok((latest.into_iter().map(|(at, _)| at).collect(), on_channel))
}

/// Until when no code can be sent to an account by a channel, for the page; `None` when one can.
///
/// # Errors
/// The database's failure.
pub fn sends_paused_until(
    conn: &mut Conn,
    account: AccountId,
    channel: Channel,
    now: UtcTime,
) -> Result<Option<UtcTime>, DbError> {
    let (latest, on_channel) = sends_latest(conn, account, channel)?;
    let full = SENDS.iter().filter_map(|limit| full_until(&latest, *limit, now));
    Ok(full.chain(full_until(&on_channel, (1, SEND_PAUSE), now)).max())
}

/// Forgets up to `rows` tries from before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn attempts_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = factor_attempts::table
        .filter(factor_attempts::at.lt(before))
        .select(factor_attempts::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(factor_attempts::table.filter(factor_attempts::id.eq_any(old)))
        .execute(conn)?)
}

/// Forgets up to `rows` codes that were sent before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn sends_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = code_sends::table
        .filter(code_sends::at.lt(before))
        .select(code_sends::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(code_sends::table.filter(code_sends::id.eq_any(old))).execute(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::minutes;

    #[test]
    fn a_window_is_full_until_its_oldest_moment_leaves_it() {
        let at = |minute: i64| UtcTime::from_seconds(minute * 60);
        let hour = (3, minutes(60));
        assert_eq!(full_until(&[], hour, at(100)), None);
        assert_eq!(full_until(&[at(99), at(98)], hour, at(100)), None);
        assert_eq!(full_until(&[at(99), at(98), at(50)], hour, at(100)), Some(at(110)));
        assert_eq!(full_until(&[at(99), at(98), at(40)], hour, at(100)), None);
        assert_eq!(full_until(&[at(99), at(98), at(50), at(1)], hour, at(100)), Some(at(110)));
    }
}
