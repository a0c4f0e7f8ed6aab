//! The forms of passkeys. A script fills them in from what the browser answers.

use serde::Deserialize;

use crate::problem::{self, NAME_CHARS_MAX, Problem};
use crate::secret::Secret;
use crate::web::Field;

/// What a browser answers, and to what.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What we remember of the ceremony, sealed.
    #[serde(default)]
    pub ceremony: String,
    /// The browser's answer: JSON of the standard.
    #[serde(default)]
    pub credential: String,
}

/// What was sent to add a passkey.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddInput {
    /// What the person calls it.
    #[serde(default)]
    pub name: String,
    /// The current password; not asked for where a proof will be.
    #[serde(default)]
    pub password: Secret,
    #[serde(default)]
    ceremony: String,
    #[serde(default)]
    credential: String,
}

impl AddInput {
    /// The name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn name(&self) -> Result<String, Problem> {
        problem::line(&self.name, 1, NAME_CHARS_MAX)
    }

    /// What the browser answered.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer { ceremony: self.ceremony.clone(), credential: self.credential.clone() }
    }
}

/// Which passkey is to be removed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveInput {
    /// Its key in the table.
    #[serde(default)]
    pub passkey: String,
}

/// The field of an answer: it has no control of its own, and its problem stands by the button.
#[must_use]
pub fn field() -> Field {
    Field::new("credential", "")
}
