//! Accounts: people, their e-mail addresses and passwords.

pub mod actions;
pub mod email;
pub mod forms;
mod memory;
pub mod pages;
pub mod password;
pub mod store;

pub use email::Email;
pub use password::Passwords;
