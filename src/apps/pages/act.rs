//! What a sensitive act does to an app, before it is asked for.

use askama::Template;

use crate::apps::Owned;
use crate::web::{Crumb, Cx, Section, Shell};

/// The page that an act begins with: its form asks for it where the page is.
#[derive(Template)]
#[template(path = "apps/act.html")]
pub struct ActPage {
    shell: Shell,
    trail: Vec<Crumb>,
    name: String,
    app_id: String,
    title: String,
    effect: &'static str,
    sure: &'static str,
    cancel: String,
}

impl ActPage {
    /// The page of an act called `title`; giving it up leads to `cancel`.
    #[must_use]
    pub fn new(
        cx: &Cx,
        owned: &Owned,
        title: String,
        effect: &'static str,
        cancel: String,
    ) -> Self {
        Self {
            shell: cx.shell(&owned.member, Section::Apps, title.clone()),
            trail: owned.trail(cx.t()),
            name: owned.app.name.clone(),
            app_id: owned.app.app_id.to_string(),
            title,
            effect,
            sure: "",
            cancel,
        }
    }

    /// The same below another page of the app, and with a question.
    #[must_use]
    pub fn below(mut self, page: Crumb, sure: &'static str) -> Self {
        self.trail.push(page);
        Self { sure, ..self }
    }
}
