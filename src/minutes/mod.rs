//! Minutes: the prepaid real-time time of a workspace, in packages that expire.

pub mod store;

use serde::{Deserialize, Serialize};

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

impl Balance {
    /// Used of the packages that have not expired.
    #[must_use]
    pub const fn used(self) -> Hundredths {
        Hundredths(self.granted.0 - self.remaining.0)
    }

    /// Whether less than a tenth is left, which the overview warns of.
    #[must_use]
    pub const fn is_low(self) -> bool {
        self.remaining.0.saturating_mul(10) < self.granted.0 || self.remaining.0 == 0
    }
}
