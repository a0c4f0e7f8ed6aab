//! Sessions: one row per sign-in.
//!
//! The row's id is stable: whoever refers to a sign-in refers to it. The cookie holds a random
//! key, of which the row keeps a digest; the key rotates (see [`backing`]), the id does not.
//! Ending the row ends the sign-in for the very next request, whatever cookie comes.

pub mod actions;
pub mod backing;
mod device;
pub mod forms;
pub mod pages;
mod person;
pub mod store;
pub mod throttle;

use std::time::Duration;

pub use device::Device;
pub use person::{Person, Seat};

use crate::clock::{hours, minutes};

/// A session that was not used for so long has ended.
pub const IDLE_MAX: Duration = minutes(30);
/// A session ends so long after sign-in, used or not.
pub const LIFETIME: Duration = hours(12);
/// How exactly the last use is remembered: each request would otherwise be a write.
pub const SEEN_EVERY: Duration = minutes(1);
