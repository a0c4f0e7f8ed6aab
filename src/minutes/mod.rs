//! Minutes: the prepaid real-time time of a workspace, in packages that expire.
//!
//! What the apps of a workspace used on a day is settled against its packages 24 hours after the day's end, and what is
//! counted later as an adjustment ([`actions::settle`]). Everything that is added to minutes or taken from them is a
//! posting of the workspace's ledger, which only grows. A package pays for the days that touch its validity, also where
//! it has ended by the time of the settlement, and for no others: usage that no package covered stays uncovered, and a
//! package that comes later is not charged for it. What is left of a package expires [`LAPSE_AFTER`] its end, once all
//! its days are settled. Source: the vendor's billing rules.

pub mod actions;
mod forms;
mod package;
pub mod pages;
mod posting;
pub mod store;

use serde::{Deserialize, Serialize};

pub use package::{
    Package, PackageKind, PackageState, Taking, day_span, give_back, settles_at, take,
};
pub use posting::{LAPSE_AFTER, OfDay, Posting, PostingKind};

/// Minutes in hundredths, exact: ratios such as 1.1 leave fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hundredths(pub i64);

impl Hundredths {
    /// Whole minutes as hundredths; `None` beyond the range.
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Option<Self> {
        match minutes.checked_mul(100) {
            Some(hundredths) => Some(Self(hundredths)),
            None => None,
        }
    }

    /// Whole minutes, rounded down.
    #[must_use]
    pub const fn minutes(self) -> i64 {
        self.0.div_euclid(100)
    }
}

/// What every workspace gets once, at its creation: 10,000 minutes.
pub const NEWCOMER_MINUTES: Hundredths = Hundredths(1_000_000);

/// What a workspace has of minutes at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Granted by the packages that have not expired.
    pub granted: Hundredths,
    /// Of these, not used yet.
    pub remaining: Hundredths,
}

/// The largest line that can be set, in minutes.
pub const ALERT_LINE_MAX: i64 = 1_000_000_000;

/// The line at or below which a workspace's minutes are few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertLine {
    /// A tenth of what the packages that have not expired granted: until the workspace says otherwise.
    #[default]
    Tenth,
    /// Never.
    Off,
    /// So many.
    At(Hundredths),
}

impl AlertLine {
    /// As it is stored.
    #[must_use]
    pub const fn of(stored: Option<i64>) -> Self {
        match stored {
            None => Self::Tenth,
            Some(..=0) => Self::Off,
            Some(hundredths) => Self::At(Hundredths(hundredths)),
        }
    }

    /// The same to be stored.
    #[must_use]
    pub const fn stored(self) -> Option<i64> {
        match self {
            Self::Tenth => None,
            Self::Off => Some(0),
            Self::At(line) => Some(line.0),
        }
    }
}

crate::words! {
    /// How much is left.
    pub enum Level {
        /// More than the line.
        Fine = "fine",
        /// As much as the line or less.
        Low = "low",
        /// Nothing.
        None = "none",
    }
}

/// How a workspace's minutes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What there is.
    pub balance: Balance,
    /// When that is little.
    pub line: AlertLine,
}

impl Standing {
    /// The line in hundredths; `None` where there is none.
    #[must_use]
    pub const fn line(&self) -> Option<Hundredths> {
        match self.line {
            AlertLine::Off => None,
            AlertLine::Tenth => Some(Hundredths(self.balance.granted.0 / 10)),
            AlertLine::At(line) => Some(line),
        }
    }

    /// How much is left, as mail tells it: without a line it is never little.
    #[must_use]
    pub fn level(&self) -> Level {
        match self.line() {
            Some(_) if self.balance.remaining.0 <= 0 => Level::None,
            Some(line) if self.balance.remaining <= line => Level::Low,
            Some(_) | None => Level::Fine,
        }
    }

    /// Whether pages warn of it: nothing at all is little in any case.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.balance.remaining.0 <= 0 || self.level() != Level::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(line: AlertLine, granted: i64, remaining: i64) -> Standing {
        let balance = Balance { granted: Hundredths(granted), remaining: Hundredths(remaining) };
        Standing { balance, line }
    }

    #[test]
    fn minutes_are_few_at_the_line_and_below() {
        let at = |minutes| AlertLine::At(Hundredths(minutes));
        for (line, remaining, level, is_low) in [
            (AlertLine::Tenth, 1_001, Level::Fine, false),
            (AlertLine::Tenth, 1_000, Level::Low, true),
            (AlertLine::Tenth, 1, Level::Low, true),
            (AlertLine::Tenth, 0, Level::None, true),
            (at(5_000), 5_001, Level::Fine, false),
            (at(5_000), 5_000, Level::Low, true),
            (at(5_000), 0, Level::None, true),
            (AlertLine::Off, 1, Level::Fine, false),
            (AlertLine::Off, 0, Level::Fine, true),
        ] {
            let standing = standing(line, 10_000, remaining);
            assert_eq!((standing.level(), standing.is_low()), (level, is_low), "{standing:?}");
        }
    }

    #[test]
    fn a_line_is_stored_as_it_is_read() {
        for line in [AlertLine::Tenth, AlertLine::Off, AlertLine::At(Hundredths(700))] {
            assert_eq!(AlertLine::of(line.stored()), line);
        }
    }
}
