//! One metric over a range of days, with nothing left out.
//!
//! The daily table holds a row only where something was counted. A series gives every day of a
//! range a place: the row's figure where there is one, a gap (`None`) for a day before the app
//! existed, and after that zero, or for a running total what it stood at. Charts, tables, tiles and
//! the API read the same series, so they cannot disagree.

use jiff::{ToSpan, civil::Date};

use super::metric::{Aggregate, Metric};

/// Days from a first to a last one, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// The days from `first` to `last`; `None` when `last` comes before `first`.
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The `days` days of which `last` is the newest; `None` for no days, or before the calendar.
    pub fn ending(last: Date, days: u32) -> Option<Self> {
        let first = last.checked_sub(i64::from(days.checked_sub(1)?).days()).ok()?;
        Self::new(first, last)
    }

    /// The oldest day.
    pub const fn first(self) -> Date {
        self.first
    }

    /// The newest day.
    pub const fn last(self) -> Date {
        self.last
    }

    /// How many days, at least one.
    pub fn count(self) -> u32 {
        // A calendar of 20,000 years has 7.3 million days, so the conversion holds.
        u32::try_from(self.first.duration_until(self.last).as_hours() / 24 + 1).unwrap_or(u32::MAX)
    }

    /// The days, oldest first.
    pub fn days(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take_while(move |day| *day <= self.last)
    }

    /// As many days, directly before; `None` where the calendar begins.
    pub fn previous(self) -> Option<Self> {
        Self::ending(self.first.yesterday().ok()?, self.count())
    }
}

/// A metric's figures for every day of a range, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    range: DayRange,
    days: Vec<Date>,
    values: Vec<Option<i64>>,
}

/// What is said about a series in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The largest figure and the first day that had it.
    pub max: (Date, i64),
    /// The smallest figure and the first day that had it.
    pub min: (Date, i64),
    /// The average of the days that have a figure, halves rounded up.
    pub average: i64,
    /// All figures added.
    pub sum: i64,
    /// The figure of the newest day that has one.
    pub last: i64,
}

impl Summary {
    /// The period's figure in the way its metric is summarised.
    pub const fn figure(&self, how: Aggregate) -> i64 {
        match how {
            Aggregate::Sum => self.sum,
            Aggregate::Average => self.average,
            Aggregate::Max => self.max.1,
            Aggregate::Last => self.last,
        }
    }
}

impl Series {
    /// A metric's series from rows sorted by day, at most one a day.
    pub fn of(
        metric: Metric,
        rows: impl IntoIterator<Item = (Date, i64)>,
        range: DayRange,
        born: Date,
    ) -> Self {
        if metric.is_running_total() {
            Self::of_totals(rows, range, born)
        } else {
            Self::of_days(rows, range, born)
        }
    }

    /// A series from rows sorted by day, at most one a day; rows outside the range are passed over.
    ///
    /// A day without a row is a gap before `born`, the day the app came into being, and 0 from then
    /// on. A row from before `born` counts: events may be reported up to 30 days late.
    pub fn of_days(
        rows: impl IntoIterator<Item = (Date, i64)>,
        range: DayRange,
        born: Date,
    ) -> Self {
        Self::filled(rows, range, |day, _| (day >= born).then_some(0))
    }

    /// A series of a running total from rows sorted by day, at most one a day.
    ///
    /// A day without a row stands where the row before it stood. Rows may begin before the range:
    /// the newest of them is what the range starts from. Without any, days before `born` are gaps
    /// and later ones 0.
    pub fn of_totals(
        rows: impl IntoIterator<Item = (Date, i64)>,
        range: DayRange,
        born: Date,
    ) -> Self {
        Self::filled(rows, range, |day, stood| stood.or((day >= born).then_some(0)))
    }

    /// Every day its row's figure, else what `fill` makes of the day and the newest row before it.
    fn filled(
        rows: impl IntoIterator<Item = (Date, i64)>,
        range: DayRange,
        fill: impl Fn(Date, Option<i64>) -> Option<i64>,
    ) -> Self {
        let mut rows = rows.into_iter().peekable();
        let mut stood = None;
        let days: Vec<Date> = range.days().collect();
        let values = days.iter().map(|&day| {
            let mut today = None;
            while let Some((row_day, value)) = rows.next_if(|row| row.0 <= day) {
                stood = Some(value);
                today = (row_day == day).then_some(value);
            }
            today.or_else(|| fill(day, stood))
        });
        let values = values.collect();
        Self { range, days, values }
    }

    /// The days of the series.
    pub const fn range(&self) -> DayRange {
        self.range
    }

    /// The figures, oldest first, one for each day of the range.
    pub fn values(&self) -> &[Option<i64>] {
        &self.values
    }

    /// The days with their figures, oldest first; a table reverses them.
    pub fn points(
        &self,
    ) -> impl DoubleEndedIterator<Item = (Date, Option<i64>)> + ExactSizeIterator {
        self.days.iter().copied().zip(self.values.iter().copied())
    }

    /// The series in one line; `None` when no day has a figure.
    pub fn summary(&self) -> Option<Summary> {
        let known = || self.points().filter_map(|(day, value)| Some((day, value?)));

        let first = known().next()?;
        let (mut max, mut min, mut last) = (first, first, first.1);
        let (mut sum, mut count) = (0_i128, 0_i128);
        for (day, value) in known() {
            if value > max.1 {
                max = (day, value);
            }
            if value < min.1 {
                min = (day, value);
            }
            last = value;
            sum += i128::from(value);
            count += 1;
        }
        let average = (2 * sum + count).div_euclid(2 * count);
        Some(Summary { max, min, average: saturated(average), sum: saturated(sum), last })
    }

    /// How the newest day differs from the day before it, in tenths of a percent; `None` where
    /// [`change_percent_tenths`] knows none.
    pub fn last_change(&self) -> Option<i64> {
        let mut newest_first = self.values.iter().rev().copied();
        let now = newest_first.next()?;
        change_percent_tenths(now, newest_first.next()?)
    }
}

/// How `now` differs from `before`, in tenths of a percent, halves rounded away from zero: 8.2 % more
/// is 82. `None` when either is missing, or when there was nothing before to compare with.
pub fn change_percent_tenths(now: Option<i64>, before: Option<i64>) -> Option<i64> {
    let (now, before) = (i128::from(now?), i128::from(before?));
    if before == 0 {
        return None;
    }
    let (gain, base) = ((now - before) * 1000, before.abs());
    let half = if gain < 0 { -base } else { base };
    Some(saturated((2 * gain + half) / (2 * base)))
}

/// The nearest number that fits.
fn saturated(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn november(first: i8, last: i8) -> DayRange {
        DayRange::new(date(2026, 11, first), date(2026, 11, last)).unwrap()
    }

    fn rows(rows: &[(i8, i64)]) -> Vec<(Date, i64)> {
        rows.iter().map(|(day, value)| (date(2026, 11, *day), *value)).collect()
    }

    #[test]
    fn days_before_the_app_are_gaps_and_later_ones_zeros() {
        let series =
            Series::of_days(rows(&[(1, 7), (5, 20), (9, 1)]), november(2, 6), date(2026, 11, 4));

        assert_eq!(series.values(), [None, None, Some(0), Some(20), Some(0)]);
        assert_eq!(series.points().next_back(), Some((date(2026, 11, 6), Some(0))));
    }

    #[test]
    fn a_late_row_from_before_the_app_is_shown() {
        let series = Series::of_days(rows(&[(2, 3)]), november(1, 4), date(2026, 11, 4));

        assert_eq!(series.values(), [None, Some(3), None, Some(0)]);
    }

    #[test]
    fn a_running_total_stands_where_it_stood() {
        let (born, total) = (date(2026, 10, 1), rows(&[(1, 90), (3, 100), (5, 140)]));

        let series = Series::of_totals(total, november(2, 6), born);

        assert_eq!(series.values(), [Some(90), Some(100), Some(100), Some(140), Some(140)]);
        let none = Series::of_totals([], november(1, 3), date(2026, 11, 2));
        assert_eq!(none.values(), [None, Some(0), Some(0)]);
    }

    #[test]
    fn the_summary_names_the_first_of_equal_days_and_leaves_gaps_out() {
        let figures = rows(&[(2, 5), (3, 9), (4, 9), (5, 5)]);
        let series = Series::of_days(figures, november(1, 5), date(2026, 11, 2));

        let summary = series.summary().unwrap();

        assert_eq!(summary.max, (date(2026, 11, 3), 9));
        assert_eq!(summary.min, (date(2026, 11, 2), 5));
        assert_eq!((summary.average, summary.sum, summary.last), (7, 28, 5));
        assert_eq!(summary.figure(Aggregate::Max), 9);
        assert_eq!(Series::of_days([], november(1, 2), date(2027, 1, 1)).summary(), None);
    }

    #[test]
    fn averages_round_halves_up() {
        let average = |a, b| {
            let pair = rows(&[(1, a), (2, b)]);
            Series::of_days(pair, november(1, 2), date(2026, 1, 1)).summary().unwrap().average
        };

        assert_eq!([average(1, 2), average(1, 1), average(0, 1), average(-1, 0)], [2, 1, 1, 0]);
        assert_eq!(average(i64::MAX, i64::MAX), i64::MAX);
    }

    #[test]
    fn change_is_in_tenths_of_a_percent() {
        let change = |now, before| change_percent_tenths(Some(now), Some(before));

        assert_eq!(change(108_200, 100_000), Some(82));
        assert_eq!(change(9, 10), Some(-100));
        assert_eq!(change(0, 10), Some(-1000));
        assert_eq!(change(2_001, 2_000), Some(1), "0.05 % rounds away from zero");
        assert_eq!(change(1_999, 2_000), Some(-1));
        assert_eq!(change(5, 0), None);
        assert_eq!(change_percent_tenths(None, Some(5)), None);
        assert_eq!(change_percent_tenths(Some(5), None), None);
        assert_eq!(change(i64::MAX, 1), Some(i64::MAX), "saturates");
    }

    #[test]
    fn the_newest_day_is_compared_with_the_one_before() {
        let born = date(2026, 1, 1);
        let series = Series::of_days(rows(&[(1, 50), (2, 40), (3, 50)]), november(1, 3), born);

        assert_eq!(series.last_change(), Some(250));
        assert_eq!(Series::of_days([], november(1, 1), born).last_change(), None);
    }

    #[test]
    fn ranges_know_their_neighbours() {
        let week = DayRange::ending(date(2026, 3, 3), 7).unwrap();

        assert_eq!((week.first(), week.count()), (date(2026, 2, 25), 7));
        assert_eq!(week.days().count(), 7);
        assert_eq!(week.previous(), DayRange::ending(date(2026, 2, 24), 7));
        assert_eq!(DayRange::new(date(2026, 3, 3), date(2026, 3, 2)), None);
        assert_eq!(DayRange::ending(date(2026, 3, 3), 0), None);
        assert_eq!(DayRange::ending(Date::MIN, 2), None);
        let newest = DayRange::ending(Date::MAX, 2).unwrap();
        assert_eq!(newest.days().collect::<Vec<_>>(), [date(9999, 12, 30), Date::MAX]);
        assert_eq!(DayRange::new(Date::MIN, Date::MAX).unwrap().count(), 7_304_484);
    }
}
