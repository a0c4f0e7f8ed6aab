//! A field of a form: its name, what was typed, and what is wrong with it.

use crate::i18n::Texts;
use crate::problem::Problem;

/// One field, as templates show it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The name in the form.
    pub name: &'static str,
    /// What was typed; always empty for passwords and keys.
    pub value: String,
    /// What is wrong, in words.
    pub problem: Option<String>,
}

impl Field {
    /// A field that was not sent yet.
    #[must_use]
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), problem: None }
    }

    /// A field that is shown again.
    #[must_use]
    pub fn again<T>(
        name: &'static str,
        value: impl Into<String>,
        parsed: &Result<T, Problem>,
        t: Texts,
    ) -> Self {
        let problem = parsed.as_ref().err().map(|problem| problem.text(t));
        Self { name, value: value.into(), problem }
    }

    /// The same field with a problem.
    #[must_use]
    pub fn blamed(mut self, problem: &Problem, t: Texts) -> Self {
        self.problem = Some(problem.text(t));
        self
    }

    /// Whether something is wrong.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        self.problem.is_some()
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether a choice is among those that were made; several are separated by commas.
    #[must_use]
    pub fn has(&self, choice: &str) -> bool {
        self.value.split(',').any(|made| made == choice)
    }
}

/// How many fields of a form have a problem.
#[must_use]
pub fn problems(fields: &[&Field]) -> i64 {
    i64::try_from(fields.iter().filter(|field| field.is_bad()).count()).unwrap_or(i64::MAX)
}

/// One of the choices of a field.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What is shown.
    pub label: &'static str,
    /// More about it; may be empty.
    pub hint: &'static str,
}

impl Choice {
    /// A choice that says all by its label.
    #[must_use]
    pub const fn new(value: &'static str, label: &'static str) -> Self {
        Self { value, label, hint: "" }
    }

    /// A choice with a hint.
    #[must_use]
    pub const fn hinted(value: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { value, label, hint }
    }
}
