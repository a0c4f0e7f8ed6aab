//! The forms of an authenticator.

use serde::Deserialize;

use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

/// What was sent to begin.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginInput {
    /// The current password; not asked for where another authenticator is to be replaced.
    #[serde(default)]
    pub password: Secret,
}

impl BeginInput {
    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.password.expose().is_empty()
    }
}

/// The password's field, always empty.
#[must_use]
pub fn password() -> Field {
    Field::new("password", "")
}

/// The password's field with a problem.
#[must_use]
pub fn password_blamed(problem: &Problem, t: Texts) -> Field {
    password().blamed(problem, t)
}
