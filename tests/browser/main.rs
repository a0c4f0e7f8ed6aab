//! What people do at the console, done in a real browser.
//!
//! Each journey runs on a desk in light and Chinese and on a telephone in dark and English, or in
//! every combination under `./test --browser-matrix`. The pictures in `docs/screenshots` are made
//! anew by `SWITCHROOM_TEST_SCREENSHOTS=1 cargo test --features browser-tests --test browser`.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON answers null for what it lacks, and a test that panics has told what it is for"
)]

#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod console;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod visit;

mod support;
