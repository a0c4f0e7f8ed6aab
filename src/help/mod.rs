//! Help for developers whose servers report to the console and check tokens with it.
//!
//! The programs are those of `docs/clients`, which tests run, and the page is served by the console itself, so that it is
//! there where nothing else can be reached, and of the same version.

mod client;
mod kinds;
pub mod pages;

pub use client::{Client, Program};
pub use kinds::{KINDS, Kind};
