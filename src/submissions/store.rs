//! Queries on submissions.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Submission;
use crate::clock::UtcTime;
use crate::db::schema::submissions;
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, SdkAppId};

/// Notes a key. A second sending waits for the first and learns what came of it.
///
/// # Errors
/// The database's failure.
pub fn submission_insert(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    now: UtcTime,
) -> Result<Submission, DbError> {
    let inserted = diesel::sql_query(
        "INSERT INTO submissions (account_id, key, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (account_id, key) DO NOTHING",
    )
    .bind::<BigInt, _>(account)
    .bind::<Text, _>(key)
    .bind::<BigInt, _>(now)
    .execute(conn)?;
    if inserted == 1 {
        return Ok(Submission::New);
    }
    let app = submissions::table
        .find((account, key.to_owned()))
        .select(submissions::sdk_app_id)
        .first(conn)?;
    Ok(Submission::Known(app))
}

/// Forgets up to `rows` keys from before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn submissions_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = submissions::table
        .filter(submissions::created_at.lt(before))
        .select(submissions::key)
        .limit(rows)
        .load(conn)?;
    let gone = submissions::table
        .filter(submissions::key.eq_any(old))
        .filter(submissions::created_at.lt(before));
    Ok(diesel::delete(gone).execute(conn)?)
}

/// Notes what came of a key.
///
/// # Errors
/// The database's failure.
pub fn submission_done(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    app: SdkAppId,
) -> Result<(), DbError> {
    diesel::update(submissions::table.find((account, key.to_owned())))
        .set(submissions::sdk_app_id.eq(app))
        .execute(conn)?;
    Ok(())
}
