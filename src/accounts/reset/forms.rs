//! The form of a new password.

use serde::Deserialize;

use crate::accounts::email::EMAIL_BYTES_MAX;
use crate::accounts::forms::check_again;
use crate::accounts::password::check_new;
use crate::accounts::{Email, Strength};
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

/// What was sent to ask for a link.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgotInput {
    #[serde(default)]
    email: String,
}

/// The address's field, as it is first shown.
#[must_use]
pub fn address() -> Field {
    Field::new("email", "")
}

/// The address's field again.
#[must_use]
pub fn address_again(typed: &str, problem: &Problem, t: Texts) -> Field {
    let typed: String = typed.chars().take(EMAIL_BYTES_MAX + 1).collect();
    Field::new("email", typed).blamed(problem, t)
}

impl ForgotInput {
    /// An address, or the field to show again.
    ///
    /// # Errors
    /// The field.
    pub fn parse(self, t: Texts) -> Result<Email, Box<Field>> {
        Email::parse(&self.email)
            .map_err(|problem| Box::new(address_again(&self.email, &problem, t)))
    }
}

/// What was sent as a new password.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetInput {
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    again: Secret,
}

/// The new password's form as it is shown: always empty.
pub struct ResetForm {
    /// The new password.
    pub password: Field,
    /// The same again.
    pub again: Field,
    /// How strong the one was that was refused.
    pub strength: Option<Strength>,
}

impl Default for ResetForm {
    fn default() -> Self {
        let (password, again) = (Field::new("password", ""), Field::new("again", ""));
        Self { password, again, strength: None }
    }
}

impl ResetForm {
    /// The form after the new password was refused.
    #[must_use]
    pub fn blamed(problem: &Problem, t: Texts) -> Self {
        let empty = Self::default();
        Self { password: empty.password.blamed(problem, t), ..empty }
    }

    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 2] {
        [&self.password, &self.again]
    }
}

impl ResetInput {
    /// The new password, to be judged.
    #[must_use]
    pub const fn password(&self) -> &Secret {
        &self.password
    }

    /// A password that may be set, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, strength: Option<Strength>, t: Texts) -> Result<Secret, Box<ResetForm>> {
        let password = check_new(self.password.expose(), strength);
        let again = check_again(&self.again, &self.password);
        if password.is_ok() && again.is_ok() {
            return Ok(self.password);
        }
        Err(Box::new(ResetForm {
            password: Field::again("password", "", &password, t),
            again: Field::again("again", "", &again, t),
            strength,
        }))
    }
}
