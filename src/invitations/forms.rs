//! The forms of invitations: inviting, and making an account to accept.

use serde::Deserialize;

use super::actions::{Newcomer, NewcomerBy};
use crate::accounts::password::check_new;
use crate::accounts::{Email, Strength};
use crate::i18n::{Language, Texts};
use crate::ids::SdkAppId;
use crate::members::forms::{GrantForm, GrantInput};
use crate::problem::{NAME_CHARS_MAX, Problem, TeamProblem, line};
use crate::secret::{Secret, same};
use crate::web::Field;
use crate::workspaces::{Grant, Role};

/// What was sent to invite somebody.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InviteInput {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    reach: String,
    #[serde(default)]
    apps: Vec<String>,
    #[serde(default)]
    tag: String,
}

/// The form as it is shown.
#[derive(Clone)]
pub struct InviteForm {
    /// The address.
    pub email: Field,
    /// Role and reach.
    pub grant: GrantForm,
}

impl InviteForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn new() -> Self {
        Self { email: Field::new("email", ""), grant: GrantForm::new() }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 5] {
        let [role, reach, apps, tag] = self.grant.fields();
        [&self.email, role, reach, apps, tag]
    }

    /// The same with what only the database could know, beside the field that it is about.
    #[must_use]
    pub fn blamed(mut self, problem: &Problem, t: Texts) -> Self {
        match problem {
            Problem::Team(TeamProblem::NotYoursToManage) => {
                self.grant.role = self.grant.role.blamed(problem, t);
            }
            Problem::UnknownChoice => self.grant.apps = self.grant.apps.blamed(problem, t),
            _ => self.email = self.email.blamed(problem, t),
        }
        self
    }
}

impl Default for InviteForm {
    fn default() -> Self {
        Self::new()
    }
}

impl InviteInput {
    fn grant(&self) -> GrantInput<'_> {
        GrantInput { role: &self.role, reach: &self.reach, apps: &self.apps, tag: &self.tag }
    }

    /// An address and what it is invited to, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(
        &self,
        by: Role,
        offered: &[SdkAppId],
        t: Texts,
    ) -> Result<(Email, Grant), Box<InviteForm>> {
        let (email, grant) = (Email::parse_new(&self.email), self.grant().parse(by, offered, t));
        match (email, grant) {
            (Ok(email), Ok(grant)) => Ok((email, grant)),
            (email, grant) => Err(Box::new(InviteForm {
                email: Field::again("email", &self.email, &email, t),
                grant: match grant {
                    Ok(_) => self.grant().again(),
                    Err(form) => *form,
                },
            })),
        }
    }

    /// The form with what was sent.
    #[must_use]
    pub fn again(&self) -> InviteForm {
        InviteForm { email: Field::new("email", &self.email), grant: self.grant().again() }
    }
}

/// What was sent to accept an invitation; nothing but a button for somebody who is signed in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptInput {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    again: Secret,
}

/// The form as it is shown; passwords are typed anew.
pub struct AcceptForm {
    /// The name.
    pub name: Field,
    /// The password.
    pub password: Field,
    /// The password again.
    pub again: Field,
    /// How strong the password was that was refused.
    pub strength: Option<Strength>,
}

impl Default for AcceptForm {
    fn default() -> Self {
        Self {
            name: Field::new("name", ""),
            password: Field::new("password", ""),
            again: Field::new("again", ""),
            strength: None,
        }
    }
}

impl AcceptForm {
    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 3] {
        [&self.name, &self.password, &self.again]
    }
}

impl AcceptInput {
    /// The password and the name, which it must not be made from.
    #[must_use]
    pub fn password(&self) -> (&Secret, &str) {
        (&self.password, &self.name)
    }

    /// Somebody who makes an account, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(
        self,
        strength: Option<Strength>,
        language: Language,
    ) -> Result<Newcomer, Box<AcceptForm>> {
        let t = language.texts();
        let name = line(&self.name, 1, NAME_CHARS_MAX);
        let password = check_new(self.password.expose(), strength);
        let again = match self.again.expose() {
            "" => Err(Problem::Missing),
            again if same(again, self.password.expose()) => Ok(()),
            _ => Err(Problem::PasswordsDiffer),
        };
        match (name, password, again) {
            (Ok(name), Ok(()), Ok(())) => {
                Ok(Newcomer { name, by: NewcomerBy::Password(self.password), language })
            }
            (name, password, again) => Err(Box::new(AcceptForm {
                name: Field::again("name", self.name, &name, t),
                password: Field::again("password", "", &password, t),
                again: Field::again("again", "", &again, t),
                strength,
            })),
        }
    }
}
