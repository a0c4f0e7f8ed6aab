//! The forms of a telephone.

use serde::Deserialize;

use super::PhoneNumber;
use super::actions::Unsent;
use crate::clock::UtcTime;
use crate::i18n::{Language, Texts};
use crate::problem::{PhoneProblem, Problem};
use crate::step_up::forms::seconds;
use crate::step_up::store::Sending;
use crate::web::Field;

/// A number that was sent in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberInput {
    #[serde(default)]
    number: String,
}

impl NumberInput {
    /// The number with the field that shows what was typed, or the field with its problem.
    ///
    /// # Errors
    /// The field.
    pub fn parse(self, language: Language) -> Result<(PhoneNumber, Field), Field> {
        let field = Field::new("number", self.number);
        match PhoneNumber::parse(&field.value, language) {
            Ok(number) => Ok((number, field)),
            Err(problem) => Err(field.blamed(&problem, language.texts())),
        }
    }
}

/// The field of a number, empty.
#[must_use]
pub fn number() -> Field {
    Field::new("number", "")
}

/// A field after no code was sent; without a problem where none is the field's.
#[must_use]
pub fn unsent(field: Field, unsent: Unsent, now: UtcTime, t: Texts) -> Field {
    let problem = match unsent {
        Unsent::Same => Problem::Phone(PhoneProblem::Same),
        Unsent::CountryNotServed | Unsent::Sending(Sending::NotServed) => {
            Problem::Phone(PhoneProblem::CountryNotServed)
        }
        Unsent::OverBudget => Problem::Phone(PhoneProblem::NoMoreSms),
        Unsent::Sending(Sending::Pause(until)) => {
            Problem::SendPause { seconds: seconds(until, now) }
        }
        Unsent::Sending(Sending::Full(until)) => {
            Problem::SendsFull { minutes: seconds(until, now).saturating_add(59) / 60 }
        }
        Unsent::SignedOut
        | Unsent::NotSetUp
        | Unsent::NoMethod
        | Unsent::Gone
        | Unsent::Sending(Sending::Now | Sending::Ended) => return field,
    };
    field.blamed(&problem, t)
}
