//! The form of the alert's line, and the pages of the ledger.

use serde::Deserialize;

use super::{ALERT_LINE_MAX, AlertLine, Hundredths, Standing};
use crate::audit::At;
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::web::Field;

/// Which page of the ledger an address asks for; what means nothing is passed over.
#[derive(Clone, Default, Deserialize)]
pub struct PageQuery {
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    bom: String,
}

impl PageQuery {
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

/// What was sent as line.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertInput {
    #[serde(default)]
    alert_line: String,
}

impl AlertInput {
    /// The line: whole minutes, 0 for none, nothing for a tenth of the packages; or the field to show again.
    ///
    /// # Errors
    /// The field.
    pub fn parse(&self, t: Texts) -> Result<AlertLine, Field> {
        let text = self.alert_line.trim();
        if text.is_empty() {
            return Ok(AlertLine::Tenth);
        }
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let minutes = text.parse().ok().filter(|it| is_plain && (0..=ALERT_LINE_MAX).contains(it));
        let line = minutes.and_then(Hundredths::from_minutes);
        match line {
            Some(Hundredths(0)) => Ok(AlertLine::Off),
            Some(line) => Ok(AlertLine::At(line)),
            None => {
                let problem = Problem::NotInRange { min: 0, max: ALERT_LINE_MAX };
                Err(Field::new("alert_line", &*self.alert_line).blamed(&problem, t))
            }
        }
    }
}

/// The field with what is stored.
#[must_use]
pub fn field_of(standing: &Standing) -> Field {
    let value = match standing.line {
        AlertLine::Tenth => String::new(),
        AlertLine::Off => "0".to_owned(),
        AlertLine::At(line) => line.minutes().to_string(),
    };
    Field::new("alert_line", value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn parsed(text: &str) -> Option<AlertLine> {
        AlertInput { alert_line: text.into() }.parse(Language::English.texts()).ok()
    }

    #[test]
    fn a_line_is_whole_minutes_within_bounds() {
        assert_eq!(parsed(""), Some(AlertLine::Tenth));
        assert_eq!(parsed(" \u{3000}"), Some(AlertLine::Tenth));
        assert_eq!(parsed("0"), Some(AlertLine::Off));
        assert_eq!(parsed(" 500 "), Some(AlertLine::At(Hundredths(50_000))));
        assert_eq!(parsed("1000000000"), Some(AlertLine::At(Hundredths(100_000_000_000))));
        for text in ["1000000001", "-1", "+5", "1.5", "1,000", "ten", "٥", "99999999999999999999"]
        {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
