//! What a log can be asked for: who, which act, which app, which outcome, which days, which page.

use std::fmt;

use jiff::civil::Date;

use super::{Act, ActorKind, Outcome};
use crate::clock::{UtcTime, Zone};
use crate::ids::{AccountId, SdkAppId};

/// Whose events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Those of somebody with an account.
    Person(AccountId),
    /// Those of all API keys.
    Programs,
    /// Those of the host.
    Host,
    /// Those of the console itself.
    System,
}

impl Who {
    /// The ones that are no persons.
    pub const OTHERS: [Self; 3] = [Self::Programs, Self::Host, Self::System];

    /// Reads an account's number or the word of a kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = Self::OTHERS.into_iter().find(|it| it.kind().as_str() == text);
        known.or_else(|| text.parse().ok().filter(|id: &AccountId| id.0 > 0).map(Self::Person))
    }

    /// The kind of actor.
    #[must_use]
    pub const fn kind(self) -> ActorKind {
        match self {
            Self::Person(_) => ActorKind::Person,
            Self::Programs => ActorKind::Key,
            Self::Host => ActorKind::Host,
            Self::System => ActorKind::System,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => id.fmt(out),
            other => out.write_str(other.kind().as_str()),
        }
    }
}

/// Days, the first and the last included; an open end is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

impl Days {
    /// The moment at which they begin in a zone, and the one at which they are over.
    #[must_use]
    pub fn moments(self, zone: &Zone) -> (Option<UtcTime>, Option<UtcTime>) {
        let start = |day: Date| zone.moment(day.at(0, 0, 0, 0));
        let after = self.to.and_then(|day| day.tomorrow().ok());
        (self.from.and_then(start), after.and_then(start))
    }
}

/// What a log is asked for, but for the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose events.
    pub who: Option<Who>,
    /// Events of an act.
    pub act: Option<Act>,
    /// Events of an app, also of one that is gone.
    pub app: Option<SdkAppId>,
    /// Events that came out in a way.
    pub outcome: Option<Outcome>,
    /// Events of some days.
    pub days: Days,
}

impl Filter {
    /// Whether anything is narrowed.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        *self != Self::default()
    }
}

/// Which page of a log that shows the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// The newest.
    #[default]
    Newest,
    /// What lies before a position.
    Older(i64),
    /// What leads up to a position from the newer side.
    Newer(i64),
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::clock::hours;

    #[test]
    fn who_is_a_number_or_a_word_and_is_written_as_it_is_read() {
        for (text, who) in [
            ("7", Some(Who::Person(AccountId(7)))),
            ("key", Some(Who::Programs)),
            ("host", Some(Who::Host)),
            ("system", Some(Who::System)),
            ("person", None),
            ("0", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(Who::parse(text), who, "{text}");
            assert!(who.is_none_or(|who| who.to_string() == text));
        }
    }

    #[test]
    fn days_begin_at_midnight_of_the_zone_and_are_as_long_as_the_clocks_say() {
        let span = |zone: &str, day: Date| {
            let zone = Zone::named(zone).expect("a zone");
            let (from, to) = Days { from: Some(day), to: Some(day) }.moments(&zone);
            let (from, to) = (from.expect("a start"), to.expect("an end"));
            (from.to_string(), to.since(from))
        };
        let shanghai = span("Asia/Shanghai", date(2026, 3, 2));
        assert_eq!(shanghai, ("2026-03-01T16:00:00Z".to_owned(), hours(24)));
        let berlin = span("Europe/Berlin", date(2026, 3, 29));
        assert_eq!(berlin, ("2026-03-28T23:00:00Z".to_owned(), hours(23)));
        let berlin = span("Europe/Berlin", date(2026, 10, 25));
        assert_eq!(berlin, ("2026-10-24T22:00:00Z".to_owned(), hours(25)));
        // Midnight itself is skipped there, and comes twice here.
        let cairo = span("Africa/Cairo", date(2026, 4, 24));
        assert_eq!(cairo, ("2026-04-23T22:00:00Z".to_owned(), hours(23)));
        let havana = span("America/Havana", date(2026, 11, 1));
        assert_eq!(havana, ("2026-11-01T04:00:00Z".to_owned(), hours(25)));
    }

    #[test]
    fn the_last_day_that_there_is_has_no_end() {
        let (from, to) = Days { from: None, to: Some(Date::MAX) }.moments(&Zone::utc());
        assert_eq!((from, to), (None, None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_passed_over(text in "\\PC{0,30}|-?[0-9]{0,25}") {
            if let Some(who) = Who::parse(&text) {
                prop_assert_eq!(Who::parse(&who.to_string()), Some(who));
            }
        }
    }
}
