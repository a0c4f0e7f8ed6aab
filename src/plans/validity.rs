//! From when to when something bought by the month may be used.
//!
//! A validity begins at its anchor, the moment of purchase, and runs for a number of calendar
//! months: it ends `n` months later less one day, at the same time of day. Bought at 10:10:52 on
//! 9 March for one month, a plan ends at 10:10:52 on 8 April. Renewing adds months to the same
//! anchor, so a plan from 31 January renewed in February ends on 30 March, not on 27 March: a short
//! month on the way costs no day.
//!
//! All moments are civil times in the workspace's zone. The caller turns the end into an instant,
//! and passes "now" in the same zone.

use jiff::{SignedDuration, Span, ToSpan, civil::DateTime};

/// A validity is called due from this many days before its end.
pub const DUE_DAYS: i64 = 7;

/// A stretch of calendar months from an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Validity {
    anchor: DateTime,
    months: u32,
    ends_at: DateTime,
}

/// Where a moment lies in a validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// More than [`DUE_DAYS`] are left.
    Running,
    /// 即将到期: at most [`DUE_DAYS`] are left.
    Due,
    /// 到期: the end has come.
    Over,
}

impl Validity {
    /// A validity of so many months; `None` for no months, or beyond the calendar's year 9999.
    pub fn new(anchor: DateTime, months: u32) -> Option<Self> {
        if months == 0 {
            return None;
        }
        let months_span = Span::new().try_months(months).ok()?;
        // First the months, clamped to the end of a shorter month, then the day.
        let ends_at = anchor.checked_add(months_span).ok()?.checked_sub(1.day()).ok()?;
        Some(Self { anchor, months, ends_at })
    }

    /// The same validity with months added, from the same anchor; `None` as for [`Validity::new`].
    pub fn renewed(self, more_months: u32) -> Option<Self> {
        Self::new(self.anchor, self.months.checked_add(more_months)?)
    }

    /// The moment it began.
    pub const fn anchor(self) -> DateTime {
        self.anchor
    }

    /// All its months, those of renewals included.
    pub const fn months(self) -> u32 {
        self.months
    }

    /// The moment it ends; from then on it is over.
    pub const fn ends_at(self) -> DateTime {
        self.ends_at
    }

    /// The phase at a moment. Days are of 24 hours here.
    pub fn phase(self, now: DateTime) -> Phase {
        let left = now.duration_until(self.ends_at);
        if !left.is_positive() {
            Phase::Over
        } else if left <= SignedDuration::from_hours(DUE_DAYS * 24) {
            Phase::Due
        } else {
            Phase::Running
        }
    }

    /// How many times the calendar turns until the end; 0 on its last day and once it is over.
    pub fn days_left(self, now: DateTime) -> i64 {
        now.date().duration_until(self.ends_at.date()).as_hours().max(0) / 24
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn ends_so_many_months_later_less_a_day() {
        for (anchor, months, end) in [
            ("2019-03-09T10:10:52", 1, "2019-04-08T10:10:52"),
            ("2019-03-09T10:10:52", 12, "2020-03-08T10:10:52"),
            ("2026-01-31T08:00:00", 1, "2026-02-27T08:00:00"),
            ("2028-01-31T08:00:00", 1, "2028-02-28T08:00:00"),
            ("2026-01-31T08:00:00", 2, "2026-03-30T08:00:00"),
            ("2026-03-31T23:59:59", 1, "2026-04-29T23:59:59"),
            ("2026-02-28T00:00:00", 1, "2026-03-27T00:00:00"),
            ("2026-12-01T00:00:00", 1, "2026-12-31T00:00:00"),
            ("2026-11-30T12:00:00", 3, "2027-02-27T12:00:00"),
            ("2028-02-29T12:00:00", 12, "2029-02-27T12:00:00"),
            ("2028-02-29T12:00:00", 48, "2032-02-28T12:00:00"),
        ] {
            let validity = Validity::new(at(anchor), months).unwrap();
            assert_eq!(validity.ends_at(), at(end), "{anchor} + {months}");
        }
    }

    #[test]
    fn renewing_keeps_the_anchor() {
        let bought = Validity::new(at("2026-01-31T08:00:00"), 1).unwrap();

        let renewed = bought.renewed(1).unwrap();

        assert_eq!(renewed, Validity::new(at("2026-01-31T08:00:00"), 2).unwrap());
        assert_eq!(renewed.ends_at(), at("2026-03-30T08:00:00"));
    }

    #[test]
    fn there_is_no_validity_of_no_months_or_beyond_the_calendar() {
        assert_eq!(Validity::new(at("2026-01-31T08:00:00"), 0), None);
        assert_eq!(Validity::new(at("9999-12-09T08:00:00"), 1), None);
        assert_eq!(Validity::new(at("2026-01-31T08:00:00"), u32::MAX), None);
        let bought = Validity::new(at("2026-01-31T08:00:00"), 1).unwrap();
        assert_eq!(bought.renewed(u32::MAX), None);
    }

    #[test]
    fn is_due_in_its_last_seven_days_and_over_at_its_end() {
        let validity = Validity::new(at("2019-03-09T10:10:52"), 1).unwrap();

        for (now, phase, days_left) in [
            ("2019-03-09T10:10:52", Phase::Running, 30),
            ("2019-04-01T10:10:51.999", Phase::Running, 7),
            ("2019-04-01T10:10:52", Phase::Due, 7),
            ("2019-04-01T10:10:52.5", Phase::Due, 7),
            ("2019-04-07T23:59:59", Phase::Due, 1),
            ("2019-04-08T00:00:00", Phase::Due, 0),
            ("2019-04-08T10:10:51", Phase::Due, 0),
            ("2019-04-08T10:10:51.999", Phase::Due, 0),
            ("2019-04-08T10:10:52", Phase::Over, 0),
            ("2020-04-08T10:10:52", Phase::Over, 0),
        ] {
            assert_eq!(validity.phase(at(now)), phase, "{now}");
            assert_eq!(validity.days_left(at(now)), days_left, "{now}");
        }
    }

    proptest! {
        #[test]
        fn a_month_more_never_ends_earlier_and_is_27_to_31_days(
            day in 0_i64..20_000, second in 0_i64..86_400, months in 1_u32..240,
        ) {
            let anchor = at("2000-01-01T00:00:00") + day.days() + second.seconds();
            let short = Validity::new(anchor, months).unwrap();
            let long = short.renewed(1).unwrap();

            let added = short.ends_at().duration_until(long.ends_at()).as_hours() / 24;
            prop_assert!((27..=31).contains(&added));
            prop_assert_eq!(short.ends_at().time(), anchor.time());
        }
    }
}
