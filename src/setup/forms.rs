//! The form of the first run.

use serde::Deserialize;

use crate::accounts::password::check_new;
use crate::accounts::{Email, Strength};
use crate::clock::Zone;
use crate::i18n::{Language, Texts};
use crate::problem::{NAME_CHARS_MAX, Problem, line};
use crate::secret::Secret;
use crate::web::Field;

/// What was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupInput {
    #[serde(default)]
    language: String,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    workspace: String,
}

/// What set-up makes.
pub struct Setup {
    /// The operator's language.
    pub language: Language,
    /// The workspace's zone.
    pub time_zone: Zone,
    /// The operator's name.
    pub name: String,
    /// The operator's address.
    pub email: Email,
    /// The operator's password.
    pub password: Secret,
    /// The workspace's name.
    pub workspace: String,
}

/// The form as it is shown.
pub struct SetupForm {
    /// Fields in the order of the page.
    pub language: Field,
    /// See above.
    pub time_zone: Field,
    /// See above.
    pub name: Field,
    /// See above.
    pub email: Field,
    /// See above.
    pub password: Field,
    /// See above.
    pub workspace: Field,
    /// How strong the password was that was refused.
    pub strength: Option<Strength>,
}

impl SetupForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let zone = match language {
            Language::Chinese => "Asia/Shanghai",
            Language::English => "UTC",
        };
        Self {
            language: Field::new("language", language.as_str()),
            time_zone: Field::new("time_zone", zone),
            name: Field::new("name", ""),
            email: Field::new("email", ""),
            password: Field::new("password", ""),
            workspace: Field::new("workspace", ""),
            strength: None,
        }
    }

    /// The form of a whole set-up that was refused; passwords are typed anew.
    #[must_use]
    pub fn again(setup: &Setup) -> Self {
        Self {
            language: Field::new("language", setup.language.as_str()),
            time_zone: Field::new("time_zone", setup.time_zone.name()),
            name: Field::new("name", setup.name.as_str()),
            email: Field::new("email", setup.email.text.as_str()),
            password: Field::new("password", ""),
            workspace: Field::new("workspace", setup.workspace.as_str()),
            strength: None,
        }
    }

    /// All fields.
    #[must_use]
    pub fn fields(&self) -> [&Field; 6] {
        [&self.language, &self.time_zone, &self.name, &self.email, &self.password, &self.workspace]
    }
}

impl SetupInput {
    /// The password, and what may be known of its owner: to be judged.
    #[must_use]
    pub fn password(&self) -> (&Secret, [&str; 3]) {
        (&self.password, [&self.email, &self.name, &self.workspace])
    }

    /// A whole set-up, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, strength: Option<Strength>, t: Texts) -> Result<Setup, Box<SetupForm>> {
        let language = Language::parse(&self.language).ok_or(Problem::UnknownChoice);
        let time_zone = Zone::named(&self.time_zone).ok_or(Problem::UnknownChoice);
        let name = line(&self.name, 1, NAME_CHARS_MAX);
        let email = Email::parse_new(&self.email);
        let password = check_new(self.password.expose(), strength);
        let workspace = line(&self.workspace, 1, NAME_CHARS_MAX);
        match (language, time_zone, name, email, password, workspace) {
            (Ok(language), Ok(time_zone), Ok(name), Ok(email), Ok(()), Ok(workspace)) => {
                Ok(Setup { language, time_zone, name, email, password: self.password, workspace })
            }
            (language, time_zone, name, email, password, workspace) => Err(Box::new(SetupForm {
                language: Field::again("language", self.language, &language, t),
                time_zone: Field::again("time_zone", self.time_zone, &time_zone, t),
                name: Field::again("name", self.name, &name, t),
                email: Field::again("email", self.email, &email, t),
                password: Field::again("password", "", &password, t),
                workspace: Field::again("workspace", self.workspace, &workspace, t),
                strength,
            })),
        }
    }
}
