//! Passkeys (WebAuthn): key pairs that a device keeps, of which we have the public half. They cannot be phished, since
//! browsers use them for the host name alone that they were made for.
//!
//! A ceremony, making or using one, is a page with options for the browser and what we must remember of them, sealed
//! into its form ([`Ceremony`]): looking at a page writes nothing. What comes back works once, for a challenge of an act
//! is passed once, and a sign-in asks for a ceremony that is younger than the last use of its passkey. The protocol is
//! that of `webauthn-rs`, which also draws the random numbers that are signed.

pub mod actions;
mod acts;
mod ceremony;
pub mod forms;
pub mod pages;
pub mod store;

pub use acts::{AddPasskey, RemovePasskey};
pub use ceremony::{Ceremony, Host, Made, Used};

/// Passkeys that an account may have.
pub const PASSKEYS_MAX: usize = 10;
