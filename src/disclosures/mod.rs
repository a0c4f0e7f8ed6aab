//! Secrets that are shown once: an API key, recovery codes, the link of an invitation that is not mailed.
//!
//! They are made by a form, and the page after it shows them. In between they wait sealed, for the sign-in that made
//! them alone, until the person puts them away or [`LIFETIME`] has passed.

pub mod store;

use std::time::Duration;

use crate::clock::minutes;

/// How long a secret that was just made can be looked at.
pub const LIFETIME: Duration = minutes(5);

crate::words! {
    /// What kind of secret.
    pub enum Subject {
        /// An API key.
        ApiKey = "api_key",
        /// Recovery codes.
        RecoveryCodes = "recovery_codes",
        /// The link of an invitation, where no mail goes out.
        Invitation = "invitation",
    }
}
