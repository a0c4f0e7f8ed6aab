//! Attempts at passwords: counted before they are made, and refused beyond a number in a window.

use std::time::Duration;

use super::store;
use crate::clock::{UtcTime, minutes};
use crate::db::{Conn, DbError};
use crate::secret::digest;

/// Attempts at one account that are looked at within a window.
pub const ATTEMPTS_MAX: i64 = 10;
/// Attempts from one network address that are looked at within a window, less those that succeed.
pub const NETWORK_ATTEMPTS_MAX: i64 = 30;
/// The window.
pub const WINDOW: Duration = minutes(15);

/// What counts attempts at the account of a canonical address. A digest, so that what is typed there by mistake is
/// not kept.
#[must_use]
pub fn account_bucket(key: &str) -> String {
    format!("sign-in account {}", digest(key))
}

/// Counts an attempt. When the window has seen `max` already, nothing is counted, and the answer
/// is how many seconds are left of it.
///
/// # Errors
/// The database's failure.
pub fn attempt(
    conn: &mut Conn,
    bucket: &str,
    max: i64,
    now: UtcTime,
) -> Result<Option<u64>, DbError> {
    if store::throttle_count(conn, bucket, max, now.minus(WINDOW), now)? {
        return Ok(None);
    }
    let began = store::throttle_window(conn, bucket)?.unwrap_or(now);
    Ok(Some(began.plus(WINDOW).since(now).as_secs().max(1)))
}
