//! Queries on certificates. Secrets go in sealed and come out opened; nothing else reads them.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Purpose, Slot};
use crate::apps::store::ids_in_scope;
use crate::clock::{UtcTime, days};
use crate::db::schema::certificates;
use crate::db::{Conn, DbError};
use crate::ids::SdkAppId;
use crate::random::Random;
use crate::secret::Secret;
use crate::vault::{Cell, Vault};
use crate::workspaces::Scope;

/// How long a reset certificate is remembered.
const RETIRED_DAYS: u64 = 30;

const fn cell(row: &str) -> Cell<'_> {
    Cell { table: "certificates", column: "sealed", row }
}

/// Makes and stores the primary certificate of a purpose. A certificate for access tokens has 32
/// hex digits, a `UserSig` key 64, as the official libraries expect.
///
/// # Errors
/// The database's failure.
pub fn certificate_insert(
    conn: &mut Conn,
    (vault, random): (&Vault, &Random),
    app: SdkAppId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<(), DbError> {
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
    Ok(())
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
