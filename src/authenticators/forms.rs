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
    /// The current password; not asked for where a proof will be.
    #[serde(default)]
    pub password: Secret,
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
