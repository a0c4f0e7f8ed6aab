//! Which days a page of statistics shows, as its address says it.

use jiff::civil::Date;
use serde::Deserialize;

use super::{DayRange, Metric, Tab};
use crate::i18n::Texts;
use crate::problem::{DaysProblem, Problem};
use crate::web::Field;

/// The most days of a page.
pub const PAGE_DAYS_MAX: u32 = 366;
/// The most days of a file, and of an answer to a program.
pub const EXPORT_DAYS_MAX: u32 = 3_660;

/// The query of a page and of its export.
#[derive(Clone, Default, Deserialize)]
pub struct RangeInput {
    #[serde(default)]
    range: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    metric: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    bom: String,
}

/// Whole days up to yesterday, which most people look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// 昨天.
    Yesterday,
    /// 最近 7 天.
    Week,
    /// 最近 30 天.
    Month,
}

impl Preset {
    /// All, as they stand on the page.
    pub const ALL: [Self; 3] = [Self::Yesterday, Self::Week, Self::Month];

    /// The word in an address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// The word on the page.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Yesterday => t.range_yesterday(),
            Self::Week => t.range_7d(),
            Self::Month => t.range_30d(),
        }
    }

    const fn days(self) -> u32 {
        match self {
            Self::Yesterday => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    /// The days; `None` at the very beginning of the calendar.
    #[must_use]
    pub fn range(self, today: Date) -> Option<DayRange> {
        DayRange::ending(today.yesterday().ok()?, self.days())
    }
}

/// The days that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The preset; `None` for days that were chosen.
    pub preset: Option<Preset>,
    /// The days.
    pub range: DayRange,
}

impl Asked {
    /// The same as the query of an address.
    #[must_use]
    pub fn query(self) -> String {
        match self.preset {
            Some(preset) => format!("range={}", preset.as_str()),
            None => chosen_query(self.range),
        }
    }
}

/// Days as the query of an address that names them.
#[must_use]
pub fn chosen_query(range: DayRange) -> String {
    format!("range=custom&from={}&to={}", range.first(), range.last())
}

/// The form of chosen days.
#[derive(Clone, Debug)]
pub struct RangeForm {
    /// The first day.
    pub from: Field,
    /// The last day.
    pub to: Field,
}

/// What an address asks for.
#[derive(Clone, Debug)]
pub enum Reading {
    /// Days that can be shown.
    Asked(Asked, RangeForm),
    /// Days that cannot, with what is wrong beside them.
    Refused(RangeForm),
    /// A word that no page has.
    Unknown,
}

impl RangeInput {
    /// The days, at most `most` of them and none after `today`. Without any, the last 30 days.
    #[must_use]
    pub fn read(&self, today: Date, most: u32, t: Texts) -> Reading {
        let has_days = !self.from.trim().is_empty() || !self.to.trim().is_empty();
        let preset = match self.range.as_str() {
            "custom" => None,
            "" if has_days => None,
            "" => Some(Preset::Month),
            word => match Preset::ALL.into_iter().find(|it| it.as_str() == word) {
                Some(preset) => Some(preset),
                None => return Reading::Unknown,
            },
        };
        match preset {
            Some(preset) => preset.range(today).map_or(Reading::Unknown, |range| {
                let form = RangeForm {
                    from: Field::new("from", range.first().to_string()),
                    to: Field::new("to", range.last().to_string()),
                };
                Reading::Asked(Asked { preset: Some(preset), range }, form)
            }),
            None => self.read_days(today, most, t),
        }
    }

    fn read_days(&self, today: Date, most: u32, t: Texts) -> Reading {
        let (mut from, mut to) = (day(&self.from, today), day(&self.to, today));
        let mut range = None;
        if let (Ok(first), Ok(last)) = (&from, &to) {
            match DayRange::new(*first, *last) {
                None => to = Err(Problem::Days(DaysProblem::Reversed)),
                Some(days) if days.count() > most => {
                    from = Err(Problem::Days(DaysProblem::TooMany { most: i64::from(most) }));
                }
                Some(days) => range = Some(days),
            }
        }
        let form = RangeForm {
            from: Field::again("from", self.from.trim(), &from, t),
            to: Field::again("to", self.to.trim(), &to, t),
        };
        match range {
            Some(range) => Reading::Asked(Asked { preset: None, range }, form),
            None => Reading::Refused(form),
        }
    }

    /// The metric to draw: the first of the tab where none is asked for, `None` for one that the tab lacks.
    #[must_use]
    pub fn metric(&self, tab: Tab) -> Option<Metric> {
        match self.metric.as_str() {
            "" => tab.columns().first().copied(),
            key => tab.columns().iter().copied().find(|metric| metric.key() == key),
        }
    }

    /// The page of the table, from 1 on.
    #[must_use]
    pub fn page(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// Whether a file begins with a byte order mark.
    #[must_use]
    pub fn has_bom(&self) -> bool {
        self.bom != "0"
    }
}

/// A day written `YYYY-MM-DD` and in no other way, that has begun.
fn day(text: &str, today: Date) -> Result<Date, Problem> {
    let text = text.trim();
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    let day = day.ok_or(Problem::NotADay)?;
    if day > today { Err(Problem::Days(DaysProblem::InFuture)) } else { Ok(day) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::i18n::Language;

    const TODAY: Date = date(2026, 11, 20);

    fn read(range: &str, from: &str, to: &str) -> Reading {
        let input = RangeInput {
            range: range.into(),
            from: from.into(),
            to: to.into(),
            ..RangeInput::default()
        };
        input.read(TODAY, PAGE_DAYS_MAX, Language::English.texts())
    }

    fn asked(range: &str, from: &str, to: &str) -> Asked {
        match read(range, from, to) {
            Reading::Asked(asked, _) => asked,
            other => panic!("{range} {from} {to}: {other:?}"),
        }
    }

    /// The fields that are wrong.
    fn refused(from: &str, to: &str) -> [bool; 2] {
        match read("custom", from, to) {
            Reading::Refused(form) => [form.from.is_bad(), form.to.is_bad()],
            other => panic!("{from} {to}: {other:?}"),
        }
    }

    #[test]
    fn presets_end_yesterday_and_thirty_days_are_shown_where_none_are_asked_for() {
        let days = |range| {
            let range = asked(range, "", "").range;
            (range.first().to_string(), range.last().to_string(), range.count())
        };
        assert_eq!(days("yesterday"), ("2026-11-19".into(), "2026-11-19".into(), 1));
        assert_eq!(days("7d"), ("2026-11-13".into(), "2026-11-19".into(), 7));
        assert_eq!(days("30d"), ("2026-10-21".into(), "2026-11-19".into(), 30));
        assert_eq!(asked("", "", ""), asked("30d", "", ""));
        assert_eq!(asked("7d", "x", "y").query(), "range=7d");
        assert!(matches!(read("8d", "", ""), Reading::Unknown));
    }

    #[test]
    fn days_that_are_chosen_may_reach_up_to_today() {
        let chosen = asked("custom", "2026-11-20", " 2026-11-20 ");
        assert_eq!(chosen.range.count(), 1);
        assert_eq!(chosen.query(), "range=custom&from=2026-11-20&to=2026-11-20");
        assert_eq!(asked("", "2025-11-20", "2026-11-20").range.count(), 366);
    }

    #[test]
    fn days_that_cannot_be_shown_are_refused_beside_the_field() {
        for (from, to, bad) in [
            ("2026-11-19", "2026-11-18", [false, true]),
            ("2026-11-19", "2026-11-21", [false, true]),
            ("2026-11-21", "2026-11-22", [true, true]),
            ("2025-11-19", "2026-11-20", [true, false]),
            ("0001-01-01", "2026-11-20", [true, false]),
            ("-9999-01-01", "9999-12-31", [true, true]),
            ("", "2026-11-20", [true, false]),
            ("2026-11-20", "", [false, true]),
            ("", "", [true, true]),
            ("2026-2-3", "2026-02-30", [true, true]),
            ("2026-11-01T00:00", "20261102", [true, true]),
        ] {
            assert_eq!(refused(from, to), bad, "{from} {to}");
        }
    }

    #[test]
    fn a_metric_belongs_to_its_tab_and_a_page_is_a_number() {
        let input = |metric: &str, page: &str| RangeInput {
            metric: metric.into(),
            page: page.into(),
            ..RangeInput::default()
        };
        assert_eq!(input("", "").metric(Tab::Rtc), Some(Metric::RtcAudioMinutes));
        assert_eq!(input("UpMsgNum", "").metric(Tab::Overview), Some(Metric::UpMsgNum));
        assert_eq!(input("UpMsgNum", "").metric(Tab::C2c), None);
        assert_eq!(input("upmsgnum", "").metric(Tab::Overview), None);
        for (page, number) in [("", 1), ("2", 2), ("0", 1), ("-1", 1), ("x", 1)] {
            assert_eq!(input("", page).page(), number);
        }
    }
}
