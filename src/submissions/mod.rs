//! Submissions: a form that creates something carries a random key, and what was created is
//! remembered under it. Sent twice, it creates once.

pub mod store;

use crate::ids::SdkAppId;

/// Whether a key was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// No: go on.
    New,
    /// Yes, and this came of it.
    Known(Option<SdkAppId>),
}

/// Whether a text has the shape of a key: 32 hex digits.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
