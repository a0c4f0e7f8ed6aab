//! Queries on certificates. Secrets go in sealed and come out opened; nothing else reads them.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{Purpose, ResetCertificate, RevealKey, Slot};
use crate::apps::store::ids_in_scope;
use crate::clock::{UtcTime, days};
use crate::db::schema::{certificates, reveals};
use crate::db::{Conn, DbError, Stop};
use crate::ids::{SdkAppId, SessionId};
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;
use crate::step_up::Spent;
use crate::vault::{Cell, Vault};
use crate::workspaces::Scope;

/// How long a reset certificate is remembered.
const RETIRED_DAYS: u64 = 30;

const fn cell(row: &str) -> Cell<'_> {
    Cell { table: "certificates", column: "sealed", row }
}

/// Makes and stores the primary certificate of a purpose, and answers its key in the table. A certificate for
/// access tokens has 32 hex digits, a `UserSig` key 64, as the official libraries expect.
///
/// # Errors
/// The database's failure.
pub fn certificate_insert(
    conn: &mut Conn,
    (vault, random): (&Vault, &Random),
    app: SdkAppId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<String, DbError> {
    let id = random.hex::<16>();
    let secret = Secret::new(match purpose {
        Purpose::AccessToken => random.hex::<16>(),
        Purpose::UserSig => random.hex::<32>(),
    });
    diesel::insert_into(certificates::table)
        .values((
            certificates::id.eq(&id),
            certificates::sdk_app_id.eq(app),
            certificates::purpose.eq(purpose),
            certificates::slot.eq(Slot::Primary),
            certificates::sealed.eq(vault.seal(random, cell(&id), &secret)),
            certificates::key_id.eq(vault.key_id()),
            certificates::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(id)
}

/// A certificate, opened.
pub struct Certificate {
    /// Its key in the table.
    pub id: String,
    /// Which one.
    pub slot: Slot,
    /// The secret.
    pub secret: Secret,
    /// The last day on which it signed or was recognised, as ISO text.
    pub used_day: Option<String>,
}

/// The certificates of an app for a purpose that a token may be signed with, the primary first;
/// retired ones as long as they are remembered.
///
/// # Errors
/// The database's failure, or a secret that does not open.
pub fn certificates_of_app(
    conn: &mut Conn,
    vault: &Vault,
    app: SdkAppId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<Vec<Certificate>, DbError> {
    let rows: Vec<(String, Slot, Vec<u8>, Option<String>)> = certificates::table
        .filter(certificates::sdk_app_id.eq(app))
        .filter(certificates::purpose.eq(purpose))
        .filter(
            certificates::retired_at
                .is_null()
                .or(certificates::retired_at.gt(now.minus(days(RETIRED_DAYS))).assume_not_null()),
        )
        .select((
            certificates::id,
            certificates::slot,
            certificates::sealed,
            certificates::used_day,
        ))
        .order((certificates::slot, certificates::retired_at.desc()))
        .limit(20)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, slot, sealed, used_day)| {
            let secret = vault
                .open(cell(&id), &sealed)
                .map_err(|error| DbError::Broken(format!("certificate {id}: {error}")))?;
            Ok(Certificate { id, slot, secret, used_day })
        })
        .collect()
}

/// Whether a token was made or checked with a certificate of any app in a scope.
///
/// # Errors
/// The database's failure.
pub fn is_any_used(conn: &mut Conn, scope: &Scope) -> Result<bool, DbError> {
    let ids = ids_in_scope(conn, scope, None)?;
    let used = certificates::table
        .filter(certificates::sdk_app_id.eq_any(ids))
        .filter(certificates::used_day.is_not_null());
    Ok(diesel::select(exists(used)).get_result(conn)?)
}

/// Remembers that a certificate was used on a day, unless that is known.
///
/// # Errors
/// The database's failure.
pub fn certificate_used(conn: &mut Conn, id: &str, day: &str) -> Result<(), DbError> {
    let is_news =
        certificates::used_day.is_null().or(certificates::used_day.lt(day).assume_not_null());
    diesel::update(certificates::table.find(id))
        .filter(is_news)
        .set(certificates::used_day.eq(day))
        .execute(conn)?;
    Ok(())
}

/// What may be seen of a certificate by anyone who may see its page.
#[derive(Clone, Debug, Queryable)]
pub struct Facts {
    /// Its key in the table.
    pub id: String,
    /// What it signs.
    pub purpose: Purpose,
    /// When it was made.
    pub created_at: UtcTime,
    /// The last day on which it signed or was recognised, as ISO text.
    pub used_day: Option<String>,
}

/// The certificates that sign for an app, one a purpose.
///
/// # Errors
/// The database's failure.
pub fn primaries(conn: &mut Conn, app: SdkAppId) -> Result<Vec<Facts>, DbError> {
    Ok(certificates::table
        .filter(certificates::sdk_app_id.eq(app))
        .filter(certificates::slot.eq(Slot::Primary))
        .order(certificates::purpose)
        .select((
            certificates::id,
            certificates::purpose,
            certificates::created_at,
            certificates::used_day,
        ))
        .load(conn)?)
}

/// Retires the certificate that signs, provided that it is still the one of when this was asked for, and makes
/// another in its place. The new one is shown to the sign-in, the old one to nobody any more.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn certificate_reset(
    conn: &mut Conn,
    keys: (&Vault, &Random),
    spent: &Spent<ResetCertificate>,
    (session, shown_until): (SessionId, UtcTime),
    now: UtcTime,
) -> Result<String, Stop<Problem>> {
    let act = spent.act();
    let signs = certificates::table
        .find(act.certificate.clone())
        .filter(certificates::sdk_app_id.eq(act.app))
        .filter(certificates::purpose.eq(act.purpose))
        .filter(certificates::slot.eq(Slot::Primary));
    let retired = diesel::update(signs)
        .set((certificates::slot.eq(Slot::Retired), certificates::retired_at.eq(now)))
        .execute(conn)?;
    if retired != 1 {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    let id = certificate_insert(conn, keys, act.app, act.purpose, now)?;
    diesel::delete(reveals::table)
        .filter(reveals::sdk_app_id.eq(act.app))
        .filter(reveals::purpose.eq(act.purpose))
        .execute(conn)?;
    reveal_put(conn, session, act.app, act.purpose, (false, shown_until))?;
    Ok(id)
}

/// Shows the key that signs to a sign-in, provided that it is still the one of when this was asked for; and
/// lets the sign-in show keys of this app again until then.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn reveal(
    conn: &mut Conn,
    spent: &Spent<RevealKey>,
    session: SessionId,
    until: UtcTime,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    let is_there = primaries(conn, act.app)?
        .iter()
        .any(|facts| facts.purpose == act.purpose && facts.id == act.certificate);
    if !is_there {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    Ok(reveal_put(conn, session, act.app, act.purpose, (true, until))?)
}

fn reveal_put(
    conn: &mut Conn,
    session: SessionId,
    app: SdkAppId,
    purpose: Purpose,
    (is_grant, until): (bool, UtcTime),
) -> Result<(), DbError> {
    diesel::sql_query(
        "INSERT INTO reveals (session_id, sdk_app_id, purpose, is_grant, expires_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (session_id, sdk_app_id, purpose) \
         DO UPDATE SET is_grant = $4, expires_at = $5, hidden_at = NULL",
    )
    .bind::<BigInt, _>(session)
    .bind::<BigInt, _>(app)
    .bind::<Text, _>(purpose)
    .bind::<Bool, _>(is_grant)
    .bind::<BigInt, _>(until)
    .execute(conn)?;
    Ok(())
}

/// Shows a key again without a new proof, as long as one for a key of this app, given in this sign-in, holds;
/// `false` when none does. It ends when that ends.
///
/// # Errors
/// The database's failure.
pub fn reveal_again(
    conn: &mut Conn,
    session: SessionId,
    app: SdkAppId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<bool, DbError> {
    // One statement, so that the grant cannot end in between.
    let shown = diesel::sql_query(
        "INSERT INTO reveals (session_id, sdk_app_id, purpose, is_grant, expires_at) \
         SELECT session_id, sdk_app_id, $1, is_grant, MAX(expires_at) FROM reveals \
         WHERE session_id = $2 AND sdk_app_id = $3 AND is_grant AND expires_at > $4 \
         GROUP BY session_id, sdk_app_id, is_grant \
         ON CONFLICT (session_id, sdk_app_id, purpose) \
         DO UPDATE SET is_grant = excluded.is_grant, expires_at = excluded.expires_at, hidden_at = NULL",
    )
    .bind::<Text, _>(purpose)
    .bind::<BigInt, _>(session)
    .bind::<BigInt, _>(app)
    .bind::<BigInt, _>(now)
    .execute(conn)?;
    Ok(shown == 1)
}

/// Hides a key from a sign-in; `false` when it was not shown.
///
/// # Errors
/// The database's failure.
pub fn reveal_hide(
    conn: &mut Conn,
    session: SessionId,
    app: SdkAppId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<bool, DbError> {
    let shown = reveals::table
        .find((session, app, purpose))
        .filter(reveals::hidden_at.is_null())
        .filter(reveals::expires_at.gt(now));
    Ok(diesel::update(shown).set(reveals::hidden_at.eq(now)).execute(conn)? == 1)
}

/// What a sign-in sees of the keys of an app now: purpose, key, until when.
///
/// # Errors
/// The database's failure, or a secret that does not open.
pub fn revealed(
    conn: &mut Conn,
    vault: &Vault,
    session: SessionId,
    app: SdkAppId,
    now: UtcTime,
) -> Result<Vec<(Purpose, Secret, UtcTime)>, DbError> {
    let shown: Vec<(Purpose, UtcTime)> = reveals::table
        .filter(reveals::session_id.eq(session))
        .filter(reveals::sdk_app_id.eq(app))
        .filter(reveals::hidden_at.is_null())
        .filter(reveals::expires_at.gt(now))
        .order(reveals::purpose)
        .select((reveals::purpose, reveals::expires_at))
        .load(conn)?;
    let mut keys = Vec::new();
    for (purpose, until) in shown {
        let key = primary_key(conn, vault, app, purpose)?;
        keys.extend(key.map(|key| (purpose, key, until)));
    }
    Ok(keys)
}

/// The key that signs for a purpose.
///
/// # Errors
/// The database's failure, or a secret that does not open.
pub fn primary_key(
    conn: &mut Conn,
    vault: &Vault,
    app: SdkAppId,
    purpose: Purpose,
) -> Result<Option<Secret>, DbError> {
    let stored: Option<(String, Vec<u8>)> = certificates::table
        .filter(certificates::sdk_app_id.eq(app))
        .filter(certificates::purpose.eq(purpose))
        .filter(certificates::slot.eq(Slot::Primary))
        .select((certificates::id, certificates::sealed))
        .first(conn)
        .optional()?;
    stored
        .map(|(id, sealed)| {
            let opened = vault.open(cell(&id), &sealed);
            opened.map_err(|error| DbError::Broken(format!("certificate {id}: {error}")))
        })
        .transpose()
}

/// Whether a sign-in may show keys of an app without a new proof.
///
/// # Errors
/// The database's failure.
pub fn may_reveal_again(
    conn: &mut Conn,
    session: SessionId,
    app: SdkAppId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let grant = reveals::table
        .filter(reveals::session_id.eq(session))
        .filter(reveals::sdk_app_id.eq(app))
        .filter(reveals::is_grant.eq(true))
        .filter(reveals::expires_at.gt(now));
    Ok(diesel::select(exists(grant)).get_result(conn)?)
}

/// Forgets up to `rows` reveals that ended before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn reveals_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let over: Vec<(SessionId, SdkAppId, Purpose)> = reveals::table
        .filter(reveals::expires_at.lt(before))
        .select((reveals::session_id, reveals::sdk_app_id, reveals::purpose))
        .limit(rows)
        .load(conn)?;
    let mut gone = 0;
    for row in over {
        gone += diesel::delete(reveals::table.find(row)).execute(conn)?;
    }
    Ok(gone)
}
