//! A real Chromium for the journeys, driven as a person would: by what is written on the page.
//!
//! [`Browser::launch`] opens a private window in the one Chromium of this process; a [`Variant`]
//! says on what screen, in which theme and language, with or without scripts. A [`Page`] finds
//! controls by their accessible names, presses them with a real pointer at a place where nothing
//! covers them, types with real keys, and waits for what it is told to wait for, with a deadline
//! and never for a fixed time. What goes wrong panics with the page's address and what was there.
//!
//! Chromium is spoken to in the DevTools protocol over a pair of pipes (`pipe.rs`): no driver, no
//! port, and a Chromium that ends when this process does. `tests/browser/axe` holds axe-core.

#![allow(
    dead_code,
    unused_imports,
    reason = "the journeys may leave a part of the vocabulary unused"
)]

mod axe;
mod browser;
mod chromium;
mod controls;
mod measures;
mod page;
mod pipe;
mod record;
mod variant;

#[cfg(test)]
mod tests;

pub use axe::Violation;
pub use browser::Browser;
pub use measures::{Share, Transfer};
pub use page::{Device, Download, Page};
pub use record::Message;
pub use variant::{Language, Variant};
