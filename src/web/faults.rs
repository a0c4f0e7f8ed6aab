//! Reading the fields of an API request, and collecting what is wrong with them.

use crate::error::{AppError, FieldRefusal, Refusal};
use crate::i18n::Language;
use crate::problem::Problem;

/// What is wrong, field by field.
#[derive(Default)]
pub struct Faults(Vec<FieldRefusal>);

impl Faults {
    /// The value that was read, or its problem noted.
    pub fn take<T>(&mut self, field: &'static str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.refuse(field, in_words(&problem))).ok()
    }

    /// Notes a problem in words.
    pub fn refuse(&mut self, field: &'static str, detail: impl Into<String>) {
        self.0.push(FieldRefusal { index: None, field, detail: detail.into() });
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that something is wrong with.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|fault| fault.field)
    }
}

/// 422 with all that is wrong.
impl From<Faults> for AppError {
    fn from(faults: Faults) -> Self {
        Self::Refused(Box::new(Refusal {
            status: 422,
            word: "invalid",
            detail: "some fields are not valid".into(),
            fields: faults.0,
        }))
    }
}

/// A problem as programs are told it.
#[must_use]
pub fn in_words(problem: &Problem) -> String {
    problem.text(Language::English.texts())
}
