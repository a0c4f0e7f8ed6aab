//! Text messages into the outbox, counted by day.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::outbox_insert;
use crate::clock::{UtcTime, Zone};
use crate::db::schema::{outbox, sms_days};
use crate::db::{Conn, DbError};
use crate::notify::message::{Channel, Letter, Sms, SmsQueued};
use crate::random::Random;
use crate::vault::Vault;

fn day(at: UtcTime) -> String {
    at.day(&Zone::utc()).to_string()
}

/// Puts a text message into the outbox, unless the budget of the day (UTC) is spent.
///
/// # Errors
/// The database's failure.
pub fn sms_enqueue(
    conn: &mut Conn,
    keys: (&Vault, &Random),
    sms: &Sms<'_>,
    budget: i64,
    now: UtcTime,
) -> Result<SmsQueued, DbError> {
    let letter = Letter { zone: "UTC".to_owned(), message: sms.message.clone() };
    let (name, to) = ((Channel::Sms, sms.key), (sms.number, sms.language));
    let Some(id) = outbox_insert(conn, keys, name, to, &letter, now)? else {
        return Ok(SmsQueued::Known);
    };
    // Last, since all messages of a day wait for each other here.
    if sms_day_count(conn, budget, now)? {
        return Ok(SmsQueued::Queued);
    }
    diesel::delete(outbox::table.find(id)).execute(conn)?;
    Ok(SmsQueued::OverBudget)
}

/// Takes one of the day's messages; `false` when none is left.
fn sms_day_count(conn: &mut Conn, budget: i64, now: UtcTime) -> Result<bool, DbError> {
    if budget < 1 {
        return Ok(false);
    }
    let counted = diesel::sql_query(
        "INSERT INTO sms_days (day, sent) VALUES ($1, 1) \
         ON CONFLICT (day) DO UPDATE SET sent = sms_days.sent + 1 WHERE sms_days.sent < $2",
    )
    .bind::<Text, _>(day(now))
    .bind::<BigInt, _>(budget)
    .execute(conn)?;
    Ok(counted == 1)
}

/// Forgets up to `rows` days from before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn sms_days_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = sms_days::table
        .filter(sms_days::day.lt(day(before)))
        .select(sms_days::day)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(sms_days::table.filter(sms_days::day.eq_any(old))).execute(conn)?)
}
