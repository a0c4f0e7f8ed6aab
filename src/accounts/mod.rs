//! Accounts: people, their e-mail addresses and passwords.

pub mod actions;
pub mod address;
pub mod email;
pub mod factors;
pub mod forms;
pub mod freezing;
mod inactive;
pub mod links;
mod memory;
pub mod pages;
pub mod password;
pub mod reset;
pub mod store;
pub mod strength;

pub use email::Email;
pub use inactive::Inactive;
pub use password::Passwords;
pub use strength::Strength;
