//! Recovery codes: what is left to whoever has lost telephone and authenticator.
//!
//! Ten are made at once and shown once. Each works once, at sign-in and for sensitive acts, under the same tries as all
//! codes. Making them asks for a proof, and those from before stop working.

pub mod actions;
mod acts;
mod code;
pub mod pages;
pub mod store;

pub use acts::RenewRecoveryCodes;
pub use code::{CODES, RecoveryCode};
