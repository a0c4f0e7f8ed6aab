//! The filter of the log, as its address holds it.

use jiff::civil::Date;
use serde::Deserialize;

use super::filter::{At, Days, Filter, Who};
use super::{Act, Outcome};
use crate::i18n::Texts;
use crate::problem::{DaysProblem, Problem};
use crate::web::Field;

/// The query of the log and of its export. Words that mean nothing are passed over, as in the list of apps; a
/// day that is none is refused, since a log that shows too much or nothing for it would be misread.
#[derive(Clone, Default, Deserialize)]
pub struct LogInput {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    bom: String,
}

/// The fields of the filter that can be wrong.
#[derive(Clone, Debug)]
pub struct LogForm {
    /// The first day.
    pub from: Field,
    /// The last day.
    pub to: Field,
}

impl LogInput {
    /// The filter; with the fields of its form when a day is none, or the last comes before the first.
    ///
    /// # Errors
    /// The same with what is wrong beside each field, and all else that is asked for.
    pub fn parse(&self, t: Texts) -> Result<(Filter, LogForm), Box<(Filter, LogForm)>> {
        let (from, to) = (day(&self.from), day(&self.to));
        let days = Days { from: from.clone().unwrap_or(None), to: to.clone().unwrap_or(None) };
        let to = match (days.from, days.to) {
            (Some(first), Some(last)) if last < first => Err(Problem::Days(DaysProblem::Reversed)),
            _ => to,
        };
        let form = LogForm {
            from: Field::again("from", self.from.trim(), &from, t),
            to: Field::again("to", self.to.trim(), &to, t),
        };
        let filter = Filter {
            who: Who::parse(&self.actor),
            act: Act::parse(&self.act),
            app: self.app.parse().ok().filter(|id: &crate::ids::SdkAppId| id.0 > 0),
            outcome: Outcome::parse(&self.outcome),
            days,
        };
        if from.is_ok() && to.is_ok() { Ok((filter, form)) } else { Err(Box::new((filter, form))) }
    }

    /// The page.
    #[must_use]
    pub fn at(&self) -> At {
        let position = |text: &str| text.parse().ok().filter(|position: &i64| *position > 0);
        match (position(&self.after), position(&self.before)) {
            (Some(position), _) => At::Older(position),
            (None, Some(position)) => At::Newer(position),
            (None, None) => At::Newest,
        }
    }

    /// Whether a file begins with a byte order mark, without which Excel takes UTF-8 for something else.
    #[must_use]
    pub fn has_bom(&self) -> bool {
        self.bom != "0"
    }
}

/// A day written `YYYY-MM-DD` and in no other way; `None` for none.
fn day(text: &str) -> Result<Option<Date>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.map(Some).ok_or(Problem::NotADay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn parsed(from: &str, to: &str) -> Result<Days, [bool; 2]> {
        let input = LogInput { from: from.into(), to: to.into(), ..LogInput::default() };
        input
            .parse(Language::English.texts())
            .map(|(filter, _)| filter.days)
            .map_err(|refused| [refused.1.from.is_bad(), refused.1.to.is_bad()])
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert_eq!(parsed("", " "), Ok(Days::default()));
        assert!(parsed("2026-03-02", "2026-03-02").is_ok());
        for text in ["2026-3-2", "20260302", "2026-02-30", "02/03/2026", "2026-03-02T00:00", "x"] {
            assert_eq!(parsed(text, ""), Err([true, false]), "{text}");
            assert_eq!(parsed("", text), Err([false, true]), "{text}");
        }
        assert_eq!(parsed("2026-03-02", "2026-03-01"), Err([false, true]));
        assert_eq!(parsed("x", "y"), Err([true, true]));
    }

    #[test]
    fn what_means_nothing_is_passed_over() {
        let word = || "nonsense".to_owned();
        let input = LogInput {
            actor: word(),
            act: word(),
            app: word(),
            outcome: word(),
            after: "-1".into(),
            before: "0".into(),
            ..LogInput::default()
        };
        let (filter, _) = input.parse(Language::English.texts()).map_err(drop).expect("a filter");
        assert!(!filter.is_narrow());
        assert_eq!(input.at(), At::Newest);
    }
}
