//! Queries on secrets that are shown once. They go in sealed and come out opened.

use diesel::prelude::*;

use super::{LIFETIME, Subject};
use crate::clock::UtcTime;
use crate::db::schema::disclosures;
use crate::db::{Conn, DbError};
use crate::ids::SessionId;
use crate::random::Random;
use crate::secret::Secret;
use crate::vault::{Cell, Vault};

const fn cell(row: &str) -> Cell<'_> {
    Cell { table: "disclosures", column: "sealed", row }
}

/// Keeps a secret for the sign-in that made it; one of the same kind from before is gone. `of` is the number of what it
/// belongs to.
///
/// # Errors
/// The database's failure.
pub fn disclosure_keep(
    conn: &mut Conn,
    (vault, random): (&Vault, &Random),
    session: SessionId,
    (subject, of): (Subject, i64),
    secret: &Secret,
    now: UtcTime,
) -> Result<(), DbError> {
    disclosure_put_away(conn, session, subject)?;
    let id = random.hex::<16>();
    diesel::insert_into(disclosures::table)
        .values((
            disclosures::id.eq(&id),
            disclosures::session_id.eq(session),
            disclosures::subject.eq(subject),
            disclosures::subject_id.eq(of),
            disclosures::sealed.eq(vault.seal(random, cell(&id), secret)),
            disclosures::key_id.eq(vault.key_id()),
            disclosures::expires_at.eq(now.plus(LIFETIME)),
        ))
        .execute(conn)?;
    Ok(())
}

/// A secret that a sign-in may look at.
pub struct Disclosure {
    /// The number of what it belongs to.
    pub of: i64,
    /// The secret.
    pub secret: Secret,
    /// Until when.
    pub expires_at: UtcTime,
}

/// The secret of a kind that a sign-in may look at now.
///
/// # Errors
/// The database's failure, or a secret that does not open.
pub fn disclosure(
    conn: &mut Conn,
    vault: &Vault,
    session: SessionId,
    subject: Subject,
    now: UtcTime,
) -> Result<Option<Disclosure>, DbError> {
    let kept: Option<(String, i64, Vec<u8>, UtcTime)> = disclosures::table
        .filter(disclosures::session_id.eq(session))
        .filter(disclosures::subject.eq(subject))
        .filter(disclosures::expires_at.gt(now))
        .select((
            disclosures::id,
            disclosures::subject_id,
            disclosures::sealed,
            disclosures::expires_at,
        ))
        .first(conn)
        .optional()?;
    let Some((id, of, sealed, expires_at)) = kept else { return Ok(None) };
    let secret = vault
        .open(cell(&id), &sealed)
        .map_err(|error| DbError::Broken(format!("disclosure {id}: {error}")))?;
    Ok(Some(Disclosure { of, secret, expires_at }))
}

/// Removes a secret that was looked at; `false` when there is none.
///
/// # Errors
/// The database's failure.
pub fn disclosure_put_away(
    conn: &mut Conn,
    session: SessionId,
    subject: Subject,
) -> Result<bool, DbError> {
    let kept = disclosures::table
        .filter(disclosures::session_id.eq(session))
        .filter(disclosures::subject.eq(subject));
    Ok(diesel::delete(kept).execute(conn)? == 1)
}

/// Removes up to `rows` secrets whose time was over before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn disclosures_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = disclosures::table
        .filter(disclosures::expires_at.lt(before))
        .select(disclosures::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(disclosures::table.filter(disclosures::id.eq_any(old))).execute(conn)?)
}
