//! Devices: browsers that have signed in to an account, known again by a cookie that lives long.
//!
//! The cookie holds a random token, signed; of an account's devices a digest is kept that is of the account too, so
//! that rows do not tell which people share a browser. A sign-in from one that is not known is told to the person by
//! mail, unless it is the account's first. The cookie lets nobody in: whoever steals it keeps that mail from being
//! sent, and no more.

pub mod actions;
pub mod store;

use std::time::Duration;

use crate::clock::days;
use crate::ids::AccountId;
use crate::secret::digest;

/// How long a device is known after it last signed in; browsers keep no cookie longer.
pub const KEPT_FOR: Duration = days(400);
/// The devices of an account that are known; the one that was not used for longest is forgotten.
pub const DEVICES_MAX: i64 = 50;

/// What is kept of a device of an account.
#[must_use]
pub fn digest_of(account: AccountId, token: &str) -> String {
    digest(&format!("device {account} {token}"))
}
