//! Time: one newtype for moments, one for days, and a clock that is handed in, so that tests wind it
//! instead of sleeping.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::{fmt, time::Duration};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01 UTC, as both databases store it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct UtcTime(pub i64);

impl UtcTime {
    /// The moment that lies `seconds` after 1970-01-01 UTC.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since 1970-01-01 UTC, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment plus a span; sticks at the ends of the range.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// This moment minus a span; sticks at the ends of the range.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span)))
    }

    /// The time that has passed since `earlier`, zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The moment in jiff's terms; out of jiff's range it sticks at the ends.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_microsecond(self.0).unwrap_or(end)
    }

    /// Date and time of day in a zone.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> Zoned {
        self.timestamp().to_zoned(zone.0.clone())
    }

    /// The calendar day in a zone.
    #[must_use]
    pub fn day(self, zone: &Zone) -> Date {
        self.in_zone(zone).date()
    }

    /// How many times the calendar turns in a zone until a later moment: 0 for one on the same day.
    #[must_use]
    pub fn days_until(self, later: Self, zone: &Zone) -> i64 {
        later.day(zone).duration_since(self.day(zone)).as_hours() / 24
    }
}

impl From<Timestamp> for UtcTime {
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

/// RFC 3339 in UTC to the second, as JSON shows it.
impl fmt::Display for UtcTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", Timestamp::from_second(self.seconds()).unwrap_or_default())
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// A calendar day as it is stored: ISO text, which sorts as days do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::deserialize::FromSqlRow,
)]
pub struct Day(pub Date);

/// A time zone of the bundled IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// A zone by its IANA name such as `Asia/Shanghai`; `None` for a name that the database lacks.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = zone_names().binary_search(&name).is_ok();
        known.then(|| TimeZone::get(name).ok().map(Self)).flatten()
    }

    /// UTC.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The moment of a date and time in this zone; in a gap or overlap as clocks are commonly set.
    #[must_use]
    pub fn moment(&self, civil: jiff::civil::DateTime) -> Option<UtcTime> {
        self.0.to_ambiguous_timestamp(civil).compatible().ok().map(UtcTime::from)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

/// All zones that can be chosen, sorted: `Area/City` names and `UTC`.
pub fn zone_names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let areas = [
            "Africa/",
            "America/",
            "Antarctica/",
            "Asia/",
            "Atlantic/",
            "Australia/",
            "Europe/",
            "Indian/",
            "Pacific/",
        ];
        let mut names: Vec<&'static str> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .filter(|name| name == "UTC" || areas.iter().any(|area| name.starts_with(area)))
            .map(|name| &*name.leak())
            .collect();
        names.sort_unstable();
        names
    });
    &NAMES
}

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Wound(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at a moment until it is wound.
    #[must_use]
    pub fn standing_at(moment: UtcTime) -> Self {
        Self(Source::Wound(Arc::new(AtomicI64::new(moment.0))))
    }

    /// The moment it shows.
    #[must_use]
    pub fn now(&self) -> UtcTime {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System => Timestamp::now().into(),
            Source::Wound(at) => UtcTime(at.load(Ordering::SeqCst)),
        }
    }

    /// Winds a standing clock forward; the system's clock takes no notice.
    pub fn forward(&self, span: Duration) {
        if let Source::Wound(at) = &self.0 {
            at.fetch_add(micros(span), Ordering::SeqCst);
        }
    }
}

/// Seconds in a minute, for spans that read well.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A span of hours.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3_600)
}

/// A span of days of 24 hours.
#[must_use]
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_until_a_moment_are_those_of_the_calendar_in_a_zone() {
        let [shanghai, berlin] =
            ["Asia/Shanghai", "Europe/Berlin"].map(|it| Zone::named(it).unwrap());
        let at = |text: &str| UtcTime::from(text.parse::<Timestamp>().unwrap());
        for (from, to, zone, days) in [
            ("2026-03-02T08:00:00Z", "2026-03-02T15:59:59Z", &shanghai, 0),
            ("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z", &shanghai, 1),
            ("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z", &Zone::utc(), 0),
            // Three days and two hours.
            ("2026-03-02T08:00:00Z", "2026-03-05T10:00:00Z", &shanghai, 3),
            // A night of 23 hours.
            ("2026-03-28T22:30:00Z", "2026-03-29T22:30:00Z", &berlin, 2),
            ("2026-03-02T16:00:00Z", "2026-03-02T15:59:59Z", &shanghai, -1),
        ] {
            assert_eq!(at(from).days_until(at(to), zone), days, "{from} to {to}");
        }
    }
}
