//! The forms of the profile.

use serde::Deserialize;

use super::Strength;
use super::password::check_new;
use super::store::Profile;
use crate::clock::Zone;
use crate::i18n::{Language, Texts};
use crate::problem::{NAME_CHARS_MAX, Problem, line};
use crate::secret::{Secret, same};
use crate::web::Field;

/// What was sent as a profile.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileInput {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    /// Empty follows the workspace.
    #[serde(default)]
    time_zone: String,
}

/// The profile's form as it is shown.
pub struct ProfileForm {
    /// The name.
    pub name: Field,
    /// The language.
    pub language: Field,
    /// The zone.
    pub time_zone: Field,
}

impl ProfileForm {
    /// The form with what is stored.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            name: Field::new("name", profile.name.clone()),
            language: Field::new("language", profile.language.as_str()),
            time_zone: Field::new("time_zone", profile.time_zone.clone().unwrap_or_default()),
        }
    }

    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 3] {
        [&self.name, &self.language, &self.time_zone]
    }
}

impl ProfileInput {
    /// A whole profile, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, t: Texts) -> Result<Profile, Box<ProfileForm>> {
        let name = line(&self.name, 1, NAME_CHARS_MAX);
        let language = Language::parse(&self.language).ok_or(Problem::UnknownChoice);
        let time_zone = match self.time_zone.as_str() {
            "" => Ok(None),
            zone => Zone::named(zone)
                .map(|zone| Some(zone.name().to_owned()))
                .ok_or(Problem::UnknownChoice),
        };
        match (name, language, time_zone) {
            (Ok(name), Ok(language), Ok(time_zone)) => Ok(Profile { name, language, time_zone }),
            (name, language, time_zone) => Err(Box::new(ProfileForm {
                name: Field::again("name", self.name, &name, t),
                language: Field::again("language", self.language, &language, t),
                time_zone: Field::again("time_zone", self.time_zone, &time_zone, t),
            })),
        }
    }
}

/// What was sent to change the password.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    #[serde(default)]
    current: Secret,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    again: Secret,
}

/// The password's form as it is shown: always empty.
pub struct PasswordForm {
    /// The current password.
    pub current: Field,
    /// The new one.
    pub password: Field,
    /// The new one again.
    pub again: Field,
    /// How strong the new one was that was refused.
    pub strength: Option<Strength>,
}

impl Default for PasswordForm {
    fn default() -> Self {
        Self {
            current: Field::new("current", ""),
            password: Field::new("password", ""),
            again: Field::new("again", ""),
            strength: None,
        }
    }
}

impl PasswordForm {
    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 3] {
        [&self.current, &self.password, &self.again]
    }

    /// The form after a wrong current password.
    #[must_use]
    pub fn wrong(t: Texts) -> Self {
        let form = Self::default();
        Self { current: form.current.blamed(&Problem::WrongPassword, t), ..form }
    }
}

/// A change of password that may be tried.
pub struct PasswordChange {
    /// The current password.
    pub current: Secret,
    /// The new one.
    pub password: Secret,
}

impl PasswordInput {
    /// The new password, to be judged.
    #[must_use]
    pub const fn password(&self) -> &Secret {
        &self.password
    }

    /// A change, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(
        self,
        strength: Option<Strength>,
        t: Texts,
    ) -> Result<PasswordChange, Box<PasswordForm>> {
        let current = match self.current.expose() {
            "" => Err(Problem::Missing),
            _ => Ok(()),
        };
        let password = match check_new(self.password.expose(), strength) {
            Ok(()) if same(self.password.expose(), self.current.expose()) => {
                Err(Problem::SamePassword)
            }
            checked => checked,
        };
        let again = check_again(&self.again, &self.password);
        if current.is_ok() && password.is_ok() && again.is_ok() {
            return Ok(PasswordChange { current: self.current, password: self.password });
        }
        Err(Box::new(PasswordForm {
            current: Field::again("current", "", &current, t),
            password: Field::again("password", "", &password, t),
            again: Field::again("again", "", &again, t),
            strength,
        }))
    }
}

/// Whether a password was typed the same twice.
///
/// # Errors
/// That it was not.
pub fn check_again(again: &Secret, password: &Secret) -> Result<(), Problem> {
    match again.expose() {
        "" => Err(Problem::Missing),
        again if same(again, password.expose()) => Ok(()),
        _ => Err(Problem::PasswordsDiffer),
    }
}
