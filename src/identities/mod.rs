//! Identities at an OpenID Connect provider: signing in through it, connecting an account to it and accepting
//! invitations with it.
//!
//! An account is known by issuer and subject of an identity that its owner has connected, and by nothing else.
//! Addresses are not compared: with most providers people choose them, and who takes the word of one for an address
//! hands over the account of whoever has it here (CVE-2023-3128).

pub mod actions;
mod acts;
mod flow;
pub mod pages;
pub mod provider;
pub mod registration;
pub mod store;
mod who;

pub use acts::{ConnectIdentity, DisconnectIdentity};
pub use flow::{FLOW_LIFETIME, Flow, Purpose};
pub use provider::Provider;
pub use registration::Registration;
pub use who::Who;
