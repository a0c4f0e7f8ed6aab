//! API keys: how servers of the data plane prove who they are. A key is `swr_` and 43 characters;
//! its SHA-256 is stored, and of itself the first eight and the last four characters.

pub mod actions;
mod scopes;
pub mod store;

pub use actions::ApiCaller;
pub use scopes::ApiScope;
