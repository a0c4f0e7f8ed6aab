//! The forms of a workspace's settings.

use serde::Deserialize;

use super::store::Settings;
use crate::clock::Zone;
use crate::i18n::Texts;
use crate::problem::{NAME_CHARS_MAX, Problem, TeamProblem, line};
use crate::web::Field;
use crate::workspaces::DangerPolicy;

/// What was sent as name and time zone.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditInput {
    #[serde(default)]
    version: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
}

/// Name and time zone as they are saved.
pub struct Edit {
    /// The name.
    pub name: String,
    /// The zone.
    pub time_zone: Zone,
    /// The version that the form was made from.
    pub version: i64,
}

/// What was sent as policy.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyInput {
    #[serde(default)]
    version: String,
    #[serde(default)]
    policy: String,
}

/// Both forms as they are shown.
pub struct SettingsForm {
    /// The version that they are made from.
    pub version: i64,
    /// The name.
    pub name: Field,
    /// The zone.
    pub time_zone: Field,
    /// The policy.
    pub policy: Field,
}

impl SettingsForm {
    /// The forms with what is stored.
    #[must_use]
    pub fn of(stored: &Settings) -> Self {
        Self {
            version: stored.version,
            name: Field::new("name", stored.name.as_str()),
            time_zone: Field::new("time_zone", stored.time_zone.as_str()),
            policy: Field::new("policy", stored.policy.as_str()),
        }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 3] {
        [&self.name, &self.time_zone, &self.policy]
    }
}

/// A version that nothing has counts as outdated.
fn version(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

impl EditInput {
    /// Name and time zone, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(&self, stored: &Settings, t: Texts) -> Result<Edit, Box<SettingsForm>> {
        let name = line(&self.name, 1, NAME_CHARS_MAX);
        let time_zone = Zone::named(&self.time_zone).ok_or(Problem::UnknownChoice);
        match (name, time_zone) {
            (Ok(name), Ok(time_zone)) => {
                Ok(Edit { name, time_zone, version: version(&self.version) })
            }
            (name, time_zone) => Err(Box::new(SettingsForm {
                name: Field::again("name", &self.name, &name, t),
                time_zone: Field::again("time_zone", &self.time_zone, &time_zone, t),
                ..SettingsForm::of(stored)
            })),
        }
    }

    /// The form with what was typed, when somebody else has saved meanwhile: to be sent again over what is stored now.
    #[must_use]
    pub fn stale(&self, stored: &Settings, t: Texts) -> SettingsForm {
        let name = Field::new("name", self.name.as_str());
        SettingsForm {
            name: name.blamed(&Problem::Team(TeamProblem::SavedMeanwhile), t),
            time_zone: Field::new("time_zone", self.time_zone.as_str()),
            ..SettingsForm::of(stored)
        }
    }
}

impl PolicyInput {
    /// The policy, provided that it is another one and nobody has saved meanwhile; or the form to show again.
    ///
    /// # Errors
    /// The form.
    pub fn parse(&self, stored: &Settings, t: Texts) -> Result<DangerPolicy, Box<SettingsForm>> {
        let policy = match DangerPolicy::parse(&self.policy) {
            None => Err(Problem::UnknownChoice),
            Some(_) if version(&self.version) != stored.version => {
                Err(Problem::Team(TeamProblem::SavedMeanwhile))
            }
            Some(policy) if policy == stored.policy => {
                Err(Problem::Team(TeamProblem::NothingToChange))
            }
            Some(policy) => Ok(policy),
        };
        match policy {
            Ok(policy) => Ok(policy),
            problem => Err(Box::new(SettingsForm {
                policy: Field::again("policy", &self.policy, &problem, t),
                ..SettingsForm::of(stored)
            })),
        }
    }
}
