//! The sign-in form.

use serde::Deserialize;

use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

/// What was sent.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInInput {
    /// The address.
    #[serde(default)]
    pub email: String,
    /// The password.
    #[serde(default)]
    pub password: Secret,
}

/// The form as it is shown.
pub struct SignInForm {
    /// The address, kept.
    pub email: Field,
    /// The password, never kept.
    pub password: Field,
}

impl SignInForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: Field::new("email", email), password: Field::new("password", "") }
    }

    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 2] {
        [&self.email, &self.password]
    }
}

impl SignInInput {
    /// The form with what is missing marked; `None` when nothing is.
    #[must_use]
    pub fn incomplete(&self, t: Texts) -> Option<SignInForm> {
        let mut form = SignInForm::new(self.email.chars().take(300).collect::<String>());
        let mut is_whole = true;
        if self.email.trim().is_empty() {
            form.email = form.email.blamed(&Problem::Missing, t);
            is_whole = false;
        } else if crate::problem::has_control(&self.email) {
            form.email = form.email.blamed(&Problem::ControlCharacters, t);
            is_whole = false;
        }
        if self.password.expose().is_empty() {
            form.password = form.password.blamed(&Problem::Missing, t);
            is_whole = false;
        }
        (!is_whole).then_some(form)
    }
}
