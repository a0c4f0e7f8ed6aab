//! API keys: how servers of the data plane prove who they are. A key is `swr_` and 43 characters;
//! its SHA-256 is stored, and of itself the first eight and the last four characters.
//!
//! A member sees a new key once, on the page after it was made ([`crate::disclosures`]). It is never edited: it is
//! rolled, which puts another in its place and lets the old one work a little longer, or revoked. A key that can
//! change something waits for a proof, when it is made and when it is rolled; so does revoking somebody else's.

pub mod actions;
mod acts;
pub mod forms;
mod key;
pub mod pages;
mod scopes;
pub mod store;

pub use actions::ApiCaller;
pub use acts::{CreateApiKey, RevokeApiKey, RollApiKey};
pub use key::{Fresh, KEYS_MAX, Key, Lifetime, Maker, NewKey, Overlap, Roll, Standing, YEARS_MAX};
pub use scopes::ApiScope;
