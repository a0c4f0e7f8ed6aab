//! Queries on jobs and their leases.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Outcome;
use crate::clock::UtcTime;
use crate::db::schema::jobs;
use crate::db::{Conn, DbError};

/// Whether a job is due and nobody holds it: what is worth a try to take it.
///
/// # Errors
/// The database's failure.
pub fn job_is_free(conn: &mut Conn, name: &str, now: UtcTime) -> Result<bool, DbError> {
    let row: Option<(UtcTime, Option<UtcTime>)> = jobs::table
        .find(name.to_owned())
        .select((jobs::next_run, jobs::lease_until))
        .first(conn)
        .optional()?;
    Ok(row.is_none_or(|(due, held)| due <= now && held.is_none_or(|until| until <= now)))
}

/// Takes a job that is due for an owner until a moment. `false` when it is not due or held.
///
/// # Errors
/// The database's failure.
pub fn job_take(
    conn: &mut Conn,
    name: &str,
    owner: &str,
    now: UtcTime,
    until: UtcTime,
) -> Result<bool, DbError> {
    // One statement, so that of several nodes one gets it.
    let taken = diesel::sql_query(
        "INSERT INTO jobs (name, lease_owner, lease_until, next_run, last_run) \
         VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (name) DO UPDATE SET lease_owner = $2, lease_until = $3, last_run = $4 \
         WHERE jobs.next_run <= $4 AND (jobs.lease_until IS NULL OR jobs.lease_until <= $4)",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(owner)
    .bind::<BigInt, _>(until)
    .bind::<BigInt, _>(now)
    .execute(conn)?;
    Ok(taken == 1)
}

/// Holds a job for longer. `false` when its owner is another by now.
///
/// # Errors
/// The database's failure.
pub fn job_keep(conn: &mut Conn, name: &str, owner: &str, until: UtcTime) -> Result<bool, DbError> {
    let held = jobs::table.find(name.to_owned()).filter(jobs::lease_owner.eq(owner.to_owned()));
    let kept = diesel::update(held).set(jobs::lease_until.eq(until)).execute(conn)?;
    Ok(kept == 1)
}

/// Gives a job back, with how it ended and when it is due next; nothing when its owner is another
/// by now.
///
/// # Errors
/// The database's failure.
pub fn job_give_back(
    conn: &mut Conn,
    name: &str,
    owner: &str,
    outcome: Outcome,
    next_run: UtcTime,
) -> Result<(), DbError> {
    let held = jobs::table.find(name.to_owned()).filter(jobs::lease_owner.eq(owner.to_owned()));
    diesel::update(held)
        .set((
            jobs::lease_owner.eq(None::<String>),
            jobs::lease_until.eq(None::<UtcTime>),
            jobs::next_run.eq(next_run),
            jobs::last_outcome.eq(outcome),
        ))
        .execute(conn)?;
    Ok(())
}
