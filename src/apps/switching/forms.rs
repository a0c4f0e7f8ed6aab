//! The form that deletes an app: its name, typed.

use serde::Deserialize;

use crate::apps::App;
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::web::Field;

/// What was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteInput {
    #[serde(default)]
    name: String,
}

impl DeleteInput {
    /// Insists that the app's name was typed; blanks around it do not count.
    ///
    /// # Errors
    /// The field to show again.
    pub fn check(&self, app: &App, t: Texts) -> Result<(), Field> {
        let typed = self.name.trim();
        let problem = match typed {
            "" => Problem::Missing,
            typed if typed == app.name => return Ok(()),
            _ => Problem::OtherName,
        };
        let shown: String = typed.chars().take(64).collect();
        Err(Field::new("name", shown).blamed(&problem, t))
    }
}
