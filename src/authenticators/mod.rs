//! Authenticators: apps that make codes by the clock, as a second factor at sign-in and as the stronger proof
//! for sensitive acts.
//!
//! A seed is pending until its first code was entered. Setting one up, replacing and removing it are sensitive
//! acts; where nobody can prove anything yet, since no mail is sent, the first one asks for the password. Whatever asks for a code uses up its step by one statement
//! ([`store::authenticator_step`]), so that no code works twice anywhere.

pub mod actions;
mod acts;
pub mod forms;
pub mod pages;
pub mod store;
pub mod totp;

pub use acts::{AddAuthenticator, RemoveAuthenticator, ReplaceAuthenticator};
