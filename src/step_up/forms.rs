//! The forms of a challenge.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::Method;
use super::actions::Refusal;
use super::store::{Hold, Sending};
use crate::clock::UtcTime;
use crate::i18n::Texts;
use crate::passkeys::forms::{self as passkeys, Answer};
use crate::problem::{PhoneProblem, Problem};
use crate::web::Field;

/// A code that was sent in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeInput {
    /// As it was typed.
    #[serde(default)]
    pub code: String,
}

/// What was sent in for a challenge: a code, or what a passkey answers.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerInput {
    /// As it was typed.
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    ceremony: String,
    #[serde(default)]
    credential: String,
}

impl AnswerInput {
    /// What the passkey answers.
    #[must_use]
    pub fn passkey(self) -> Answer {
        Answer { ceremony: self.ceremony, credential: self.credential }
    }
}

/// A method that was chosen.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodInput {
    #[serde(default)]
    method: String,
}

impl MethodInput {
    /// The method; `None` for a word that is none.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        Method::parse(&self.method)
    }
}

/// A form whose button is all there is to it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The two digits that were sent in by whoever has the link of a mail.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberInput {
    #[serde(default)]
    number: String,
}

impl NumberInput {
    /// The two digits, in whatever width they were typed.
    ///
    /// # Errors
    /// [`Problem::Missing`] or [`Problem::NotANumberFromScreen`].
    pub fn parse(&self) -> Result<String, Problem> {
        let digits: String =
            self.number.chars().take(20).nfkc().filter(|c| !c.is_whitespace()).collect();
        match digits.len() {
            0 => Err(Problem::Missing),
            2 if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(digits),
            _ => Err(Problem::NotANumberFromScreen),
        }
    }
}

/// The field of a code, always empty.
#[must_use]
pub fn empty() -> Field {
    Field::new("code", "")
}

/// The field of a code after it was refused.
#[must_use]
pub fn refused((refusal, method): (&Refusal, Method), now: UtcTime, t: Texts) -> Field {
    let field = match refusal {
        Refusal::Passkey(_) => passkeys::field(),
        _ => empty(),
    };
    field.blamed(&problem(refusal, method, now), t)
}

/// The field of a code when none could be sent; without a problem when one was.
#[must_use]
pub fn sent(sending: Sending, now: UtcTime, t: Texts) -> Field {
    match sending {
        Sending::Now | Sending::Ended => empty(),
        Sending::NotServed => empty().blamed(&Problem::Phone(PhoneProblem::CountryNotServed), t),
        Sending::Pause(until) => {
            empty().blamed(&Problem::SendPause { seconds: seconds(until, now) }, t)
        }
        Sending::Full(until) => {
            empty().blamed(&Problem::SendsFull { minutes: minutes(until, now) }, t)
        }
    }
}

/// Seconds until a moment, rounded up.
#[must_use]
pub fn seconds(until: UtcTime, now: UtcTime) -> i64 {
    i64::try_from(until.since(now).as_micros().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

fn minutes(until: UtcTime, now: UtcTime) -> i64 {
    seconds(until, now).saturating_add(59) / 60
}

/// What is wrong with a code.
#[must_use]
pub fn problem(refusal: &Refusal, method: Method, now: UtcTime) -> Problem {
    match refusal {
        Refusal::NoCode(problem) => problem.clone(),
        Refusal::Passkey(problem) => Problem::Passkey(*problem),
        Refusal::Wrong { left } if method == Method::RecoveryCode => {
            Problem::WrongRecoveryCode { left: *left }
        }
        Refusal::Wrong { left } => Problem::WrongCode { left: *left },
        Refusal::UsedCode => Problem::UsedCode,
        Refusal::UsedRecoveryCode => Problem::UsedRecoveryCode,
        Refusal::ExpiredCode => Problem::ExpiredCode,
        Refusal::NoneSent | Refusal::Ended(_) => Problem::NoCodeSent,
        Refusal::Held(Hold::Until(until)) => Problem::CodesOnHold { minutes: minutes(*until, now) },
        Refusal::Held(Hold::HardStop) => Problem::CodesStopped,
    }
}
