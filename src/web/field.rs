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

    /// The choices that were made, separated by commas.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').filter(|word| !word.is_empty())
    }
}

/// How many fields of a form have a problem.
#[must_use]
pub fn problems(fields: &[&Field]) -> i64 {
    i64::try_from(fields.iter().filter(|field| field.is_bad()).count()).unwrap_or(i64::MAX)
}

/// The problems of a form for the summary on top of it: for each the name of its field, and the
/// words. Far from its field a problem needs the field's label, unless it has it in its words.
#[must_use]
pub fn summary<const N: usize>(
    fields: [&Field; N],
    labels: &[&str; N],
    colon: &str,
) -> Vec<(&'static str, String)> {
    let said = |(field, label): (&Field, &&str)| {
        let problem = field.problem()?;
        // Without what stands behind it, such as "(optional)".
        let label = label.split(['(', '（']).next().unwrap_or(label).trim_end();
        let is_named = problem.to_lowercase().contains(&label.to_lowercase());
        let words = if is_named { problem.to_owned() } else { format!("{label}{colon}{problem}") };
        Some((field.name, words))
    };
    fields.into_iter().zip(labels).filter_map(said).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn a_summary_names_the_field_of_each_problem_once() {
        let (zh, en) = (Language::Chinese.texts(), Language::English.texts());
        let bad = |name, problem: Problem, t| Field::new(name, "").blamed(&problem, t);
        for (t, expected) in [
            (
                zh,
                [
                    "应用名称：请填写此项",
                    "标签键不能重复",
                    "请输入有效的邮箱地址，例如 li@example.com",
                ],
            ),
            (
                en,
                [
                    "Name: Fill in this field",
                    "Tags: Use each tag key once",
                    "Enter an e-mail address such as li@example.com",
                ],
            ),
        ] {
            let fields = [
                bad("name", Problem::Missing, t),
                Field::new("scenario", "other"),
                bad("tags", Problem::TagTwice, t),
                bad("email", Problem::NotAnEmail, t),
            ];
            let labels = [t.app_name(), t.scenario(), t.tags_label(), t.email()];
            let summary = summary(fields.each_ref(), &labels, t.colon());
            let words: Vec<_> = summary.iter().map(|(_, words)| words.as_str()).collect();
            assert_eq!(words, expected);
            assert_eq!(summary[1].0, "tags");
        }
    }
}
