//! What an account is protected by beside its password, taken away by whoever has the host.

pub mod actions;
