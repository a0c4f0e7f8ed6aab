//! The message that a page shows once after a form was accepted. It travels in a signed cookie
//! as an act with its names, never as text.

use serde::{Deserialize, Serialize};

use crate::i18n::Texts;
use crate::ids::SdkAppId;

/// What was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Flash {
    /// An app was created.
    AppCreated {
        /// Its number, for the next step.
        app: SdkAppId,
        /// Its name.
        name: String,
    },
    /// An app was edited.
    AppEdited {
        /// Its name.
        name: String,
    },
    /// The profile was saved.
    ProfileSaved,
    /// The password was changed and other sign-ins ended.
    PasswordChanged,
    /// The installation is ready.
    SetUp,
    /// Signed out.
    SignedOut,
}

impl Flash {
    /// The sentence before the emphasised name.
    #[must_use]
    pub const fn lead(&self, t: Texts) -> &'static str {
        match self {
            Self::AppCreated { .. } => t.flash_app_created(),
            Self::AppEdited { .. } => t.flash_app_edited(),
            Self::ProfileSaved => t.flash_profile_saved(),
            Self::PasswordChanged => t.flash_password_changed(),
            Self::SetUp => t.flash_set_up(),
            Self::SignedOut => t.flash_signed_out(),
        }
    }

    /// The emphasised name after it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::AppCreated { name, .. } | Self::AppEdited { name } => Some(name),
            _ => None,
        }
    }

    /// The next step: its address and its words.
    #[must_use]
    pub fn next(&self, t: Texts) -> Option<(String, &'static str)> {
        match self {
            Self::AppCreated { app, .. } => Some((super::urls::tokens(*app), t.flash_next_token())),
            _ => None,
        }
    }
}
