//! The form of a new address.

use serde::Deserialize;

use crate::accounts::Email;
use crate::accounts::email::{EMAIL_BYTES_MAX, canonical};
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::web::Field;

/// What was sent.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailInput {
    #[serde(default)]
    email: String,
}

/// The field as it is first shown.
#[must_use]
pub fn empty() -> Field {
    Field::new("email", "")
}

/// The field again with what was typed, as far as an address can be long.
#[must_use]
pub fn again(typed: &str, problem: &Problem, t: Texts) -> Field {
    let typed: String = typed.chars().take(EMAIL_BYTES_MAX + 1).collect();
    Field::new("email", typed).blamed(problem, t)
}

impl EmailInput {
    /// A new address for somebody, or the field to show again.
    ///
    /// # Errors
    /// The field.
    pub fn parse(self, current: &str, t: Texts) -> Result<Email, Box<Field>> {
        let email = Email::parse_new(&self.email).and_then(|email| {
            if email.key == canonical(current) { Err(Problem::OwnEmail) } else { Ok(email) }
        });
        email.map_err(|problem| Box::new(again(&self.email, &problem, t)))
    }
}
