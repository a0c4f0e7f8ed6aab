//! A trend chart as numbers and path data, for a template to print.
//!
//! The drawing is a box of 1000 × 300 that the page stretches to any width, so labels are not part
//! of it: they are HTML beside it, evenly spread, one slot for each day. Everything here is whole
//! tenths of a unit, computed without floating point, so the same figures give the same bytes on
//! every machine. A day without a figure breaks the line; a day that stands alone is a dot.

use std::fmt;

use jiff::civil::Date;

use super::series::Series;

/// The box's width in its own units.
pub const WIDTH: i64 = 1000;
/// The box's height in its own units.
pub const HEIGHT: i64 = 300;
/// Steps between the grid lines.
const STEPS: i64 = 4;
/// Sizes of a step, in tenths of a power of ten.
const ROUND_TENTHS: [u8; 8] = [10, 20, 25, 30, 40, 50, 75, 100];
/// Days up to which each has a stripe of its own: more are narrower than a finger, and are most of what is sent.
const HITS_MAX: usize = 92;
/// Labels under the chart, at most.
const LABELS_MAX: i64 = 7;

/// A coordinate or length in tenths of a unit; prints as `16.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(pub i64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{}", size / 10, size % 10)
    }
}

/// A label under the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayLabel {
    /// The day it names.
    pub day: Date,
    /// Whether a narrow screen has no room for it.
    pub is_wide_only: bool,
}

/// The stripe of one day, over the full height, that a pointer or the arrow keys find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The left edge.
    pub x: Tenths,
    /// The width; the stripes touch and fill the box.
    pub width: Tenths,
    /// The day.
    pub day: Date,
    /// The day's figure; `None` is 暂无数据.
    pub value: Option<i64>,
}

/// All that a template needs to draw a period beside the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The box's width.
    pub width: i64,
    /// The box's height.
    pub height: i64,
    /// The height of each grid line, top first, the zero line last.
    pub grid_lines: Vec<Tenths>,
    /// The figure at each grid line, top first, zero last.
    pub y_labels: Vec<i64>,
    /// One slot for each day; most are empty in a long period.
    pub x_labels: Vec<Option<DayLabel>>,
    /// The period's line; empty when no two days in a row have a figure.
    pub line_path: String,
    /// The area between line and zero.
    pub area_path: String,
    /// The line of the period before, laid over this one day by day; `None` without figures.
    pub previous_path: Option<String>,
    /// Dots, to be drawn with round caps: days that stand alone, and the newest figure.
    pub dots_path: String,
    /// The days, oldest first; none of a period longer than a quarter.
    pub hits: Vec<Hit>,
}

impl Chart {
    /// A chart of a series, beside the series of the period before.
    ///
    /// Both are drawn on one scale. Days of `previous` beyond the number of days of `now` are left
    /// out. Figures are counts; a negative one is drawn on the zero line.
    pub fn new(now: &Series, previous: Option<&Series>) -> Self {
        let slots = now.values().len();
        let before = previous.map_or(&[][..], Series::values);
        let before = before.get(..slots).unwrap_or(before);
        let scale = Scale::reaching(now.values().iter().chain(before).flatten().copied().max());

        let place = |slot, value| Point { x: middle(slot, slots), y: scale.height_of(value) };
        let runs = runs_of(now.values(), place);
        Self {
            width: WIDTH,
            height: HEIGHT,
            grid_lines: scale.grid_lines(),
            y_labels: scale.labels(),
            x_labels: day_labels(now),
            line_path: runs.iter().filter(|run| run.len() > 1).map(|run| line(run)).collect(),
            area_path: runs.iter().map(|run| area(run)).collect(),
            previous_path: previous_path(&runs_of(before, place), slots),
            dots_path: dots(&runs),
            hits: if slots <= HITS_MAX { hits(now) } else { Vec::new() },
        }
    }
}

/// A point of a line.
#[derive(Clone, Copy)]
struct Point {
    x: Tenths,
    y: Tenths,
}

/// The vertical scale: zero at the bottom, `step × steps` at the top.
struct Scale {
    step: i64,
    steps: i64,
}

impl Scale {
    /// The smallest scale of round steps that reaches the largest figure.
    ///
    /// Below four there are fewer steps, since half a user is no label; nothing at all is 0 to 1.
    fn reaching(largest: Option<i64>) -> Self {
        let largest = largest.unwrap_or(0).max(1);
        if largest < STEPS {
            return Self { step: 1, steps: largest };
        }
        let needed = largest / STEPS + i64::from(largest % STEPS > 0);
        // Nineteen powers of ten hold every i64, so the last one is always enough.
        let steps = (0..19)
            .map(|power| 10_i128.pow(power))
            .flat_map(|power| ROUND_TENTHS.iter().map(move |tenths| power * i128::from(*tenths)));
        let whole = steps.filter(|tenths| tenths % 10 == 0).map(|tenths| tenths / 10);
        let step = whole.filter_map(|step| i64::try_from(step).ok()).find(|step| *step >= needed);
        Self { step: step.unwrap_or(needed), steps: STEPS }
    }

    fn top(&self) -> i64 {
        self.step.saturating_mul(self.steps)
    }

    fn height_of(&self, value: i64) -> Tenths {
        let below_top = i128::from(self.top()) - i128::from(value.clamp(0, self.top()));
        Tenths(ratio(below_top * i128::from(HEIGHT * 10), self.top()))
    }

    fn labels(&self) -> Vec<i64> {
        (0..=self.steps).rev().map(|k| self.step.saturating_mul(k)).collect()
    }

    fn grid_lines(&self) -> Vec<Tenths> {
        (0..=self.steps).map(|k| Tenths(ratio(HEIGHT * 10 * k, self.steps))).collect()
    }
}

/// The middle of a day's slot.
fn middle(slot: i64, slots: usize) -> Tenths {
    Tenths(ratio((2 * slot + 1) * WIDTH * 10, 2 * to_i64(slots)))
}

/// The unbroken stretches of days with figures.
fn runs_of(values: &[Option<i64>], place: impl Fn(i64, i64) -> Point) -> Vec<Vec<Point>> {
    let points: Vec<Option<Point>> =
        (0_i64..).zip(values).map(|(slot, value)| value.map(|value| place(slot, value))).collect();
    points
        .split(Option::is_none)
        .map(|run| run.iter().copied().flatten().collect::<Vec<Point>>())
        .filter(|run| !run.is_empty())
        .collect()
}

fn line(run: &[Point]) -> String {
    let points: Vec<String> = run.iter().map(|p| format!("{} {}", p.x, p.y)).collect();
    format!("M{}", points.join("L"))
}

/// The line down to zero and back; nothing under a day that stands alone.
fn area(run: &[Point]) -> String {
    match run {
        [first, .., last] => format!("{}L{} {HEIGHT}L{} {HEIGHT}Z", line(run), last.x, first.x),
        _ => String::new(),
    }
}

/// A line, or for a lone point a level dash of `half` to either side, kept inside the box.
fn line_or_dash(run: &[Point], half: i64, width: i64) -> String {
    match run {
        [Point { x, y }] => {
            let (from, to) = ((x.0 - half).max(0), (x.0 + half).min(width));
            format!("M{} {y}H{}", Tenths(from), Tenths(to))
        }
        _ => line(run),
    }
}

/// A thin dashed line cannot show a dot, so a lone day of the period before is a dash as wide as
/// half its slot.
fn previous_path(runs: &[Vec<Point>], slots: usize) -> Option<String> {
    let half = WIDTH * 10 / (4 * to_i64(slots).max(1));
    let path: String = runs.iter().map(|run| line_or_dash(run, half, WIDTH * 10)).collect();
    (!path.is_empty()).then_some(path)
}

fn dots(runs: &[Vec<Point>]) -> String {
    let lone = runs.iter().filter(|run| run.len() == 1).flatten();
    let newest = runs.last().filter(|run| run.len() > 1).and_then(|run| run.last());
    let dots: Vec<String> = lone.chain(newest).map(|p| format!("M{} {}h.01", p.x, p.y)).collect();
    dots.concat()
}

fn hits(series: &Series) -> Vec<Hit> {
    let slots = to_i64(series.values().len());
    let edge = |slot: i64| ratio(slot * WIDTH * 10, slots);
    let stripe = |(slot, (day, value))| {
        let x = edge(slot);
        Hit { x: Tenths(x), width: Tenths(edge(slot + 1) - x), day, value }
    };
    (0_i64..).zip(series.points()).map(stripe).collect()
}

/// Labels at every so many days from the first, and at the last; half of them are for wide screens.
fn day_labels(series: &Series) -> Vec<Option<DayLabel>> {
    let last = to_i64(series.values().len()) - 1;
    let step = (last + LABELS_MAX - 2).div_euclid(LABELS_MAX - 1).max(1);
    let label = |slot: i64, day| {
        // One that would touch the last label gives way to it.
        let is_clear_of_last = |room: i64| slot == last || 2 * (last - slot) >= room;
        let is_shown = slot == last || (slot % step == 0 && is_clear_of_last(step));
        let is_narrow = slot == last || (slot % (2 * step) == 0 && is_clear_of_last(2 * step));
        is_shown.then_some(DayLabel { day, is_wide_only: !is_narrow })
    };
    (0_i64..).zip(series.points()).map(|(slot, (day, _))| label(slot, day)).collect()
}

/// A fraction of nothing negative, halves rounded up; 0 where the denominator is 0.
fn ratio(numerator: impl Into<i128>, denominator: impl Into<i128>) -> i64 {
    let (numerator, denominator) = (numerator.into(), denominator.into());
    let rounded = (2 * numerator + denominator).checked_div(2 * denominator);
    rounded.and_then(|rounded| i64::try_from(rounded).ok()).unwrap_or(0)
}

fn to_i64(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::stats::series::DayRange;

    /// A series that begins on 1 November 2026.
    fn series(values: &[Option<i64>]) -> Series {
        let first = date(2026, 11, 1);
        let range = DayRange::ending(first, 1).unwrap();
        let last = (1..values.len()).fold(range.last(), |day, _| day.tomorrow().unwrap());
        let range = DayRange::new(first, last).unwrap();
        let rows = range.days().zip(values).filter_map(|(day, value)| Some((day, (*value)?)));
        Series::of_days(rows, range, Date::MAX)
    }

    #[test]
    fn draws_a_week_with_a_gap_beside_the_week_before() {
        let now = series(&[Some(10), Some(40), None, Some(20), None, Some(30), Some(80)]);
        let previous = series(&[Some(100), Some(0), None, Some(50), None, None, None]);

        let chart = Chart::new(&now, Some(&previous));

        assert_eq!(chart.y_labels, [100, 75, 50, 25, 0]);
        assert_eq!(chart.grid_lines.map_strings(), ["0.0", "75.0", "150.0", "225.0", "300.0"]);
        assert_eq!(chart.line_path, "M71.4 270.0L214.3 180.0M785.7 210.0L928.6 60.0");
        assert_eq!(
            chart.area_path,
            "M71.4 270.0L214.3 180.0L214.3 300L71.4 300Z\
             M785.7 210.0L928.6 60.0L928.6 300L785.7 300Z"
        );
        assert_eq!(chart.dots_path, "M500.0 240.0h.01M928.6 60.0h.01");
        assert_eq!(chart.previous_path.as_deref(), Some("M71.4 0.0L214.3 300.0M464.3 150.0H535.7"));
        let stripes: Vec<_> = chart.hits.iter().map(|h| format!("{}+{}", h.x, h.width)).collect();
        assert_eq!(
            stripes.join(" "),
            "0.0+142.9 142.9+142.8 285.7+142.9 428.6+142.8 571.4+142.9 714.3+142.8 857.1+142.9"
        );
        assert_eq!(chart.hits.first().unwrap().day, date(2026, 11, 1));
        assert_eq!(chart.hits.get(2).unwrap().value, None);
    }

    #[test]
    fn a_single_day_is_a_dot() {
        let chart = Chart::new(&series(&[Some(12)]), Some(&series(&[Some(16)])));

        assert_eq!((chart.line_path.as_str(), chart.area_path.as_str()), ("", ""));
        assert_eq!(chart.dots_path, "M500.0 75.0h.01");
        assert_eq!(chart.previous_path.as_deref(), Some("M250.0 0.0H750.0"));
        assert_eq!(chart.y_labels, [16, 12, 8, 4, 0]);
    }

    #[test]
    fn nothing_is_drawn_on_an_axis_from_zero_to_one() {
        for values in [[Some(0), Some(0)], [None, None]] {
            let chart = Chart::new(&series(&values), None);

            assert_eq!(chart.y_labels, [1, 0]);
            assert_eq!(chart.grid_lines, [Tenths(0), Tenths(3000)]);
            assert_eq!(chart.previous_path, None);
        }
        assert_eq!(
            Chart::new(&series(&[Some(0), Some(0)]), None).line_path,
            "M250.0 300.0L750.0 300.0"
        );
        assert_eq!(Chart::new(&series(&[None, None]), None).dots_path, "");
    }

    #[test]
    fn steps_are_round_numbers() {
        for (largest, top, step) in [
            (1, 1, 1),
            (3, 3, 1),
            (4, 4, 1),
            (5, 8, 2),
            (9, 12, 3),
            (17, 20, 5),
            (21, 40, 10),
            (41, 80, 20),
            (81, 100, 25),
            (101, 120, 30),
            (161, 200, 50),
            (11_632, 12_000, 3000),
            (26_553, 30_000, 7500),
        ] {
            let scale = Scale::reaching(Some(largest));
            assert_eq!((scale.top(), scale.step), (top, step), "{largest}");
        }
        assert_eq!(Scale::reaching(Some(i64::MAX)).top(), i64::MAX);
        assert_eq!(Scale::reaching(Some(-5)).labels(), [1, 0]);
    }

    #[test]
    fn a_month_has_seven_labels_of_which_a_phone_shows_four() {
        let chart = Chart::new(&series(&[None; 30]), None);

        let shown = |is_narrow: bool| -> Vec<i8> {
            let labels = chart.x_labels.iter().flatten();
            labels.filter(|l| !(is_narrow && l.is_wide_only)).map(|l| l.day.day()).collect()
        };
        assert_eq!(chart.x_labels.len(), 30);
        assert_eq!(shown(false), [1, 6, 11, 16, 21, 26, 30]);
        assert_eq!(shown(true), [1, 11, 21, 30]);
    }

    trait MapStrings {
        fn map_strings(&self) -> Vec<String>;
    }

    impl MapStrings for Vec<Tenths> {
        fn map_strings(&self) -> Vec<String> {
            self.iter().map(Tenths::to_string).collect()
        }
    }

    /// Every number of some path data that is a coordinate, with the letter or space before it.
    fn coordinates(path: &str) -> Vec<f64> {
        let spaced = path.replace("h.01", " ").replace(['M', 'L', 'H', 'Z'], " ");
        spaced.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }

    fn figures() -> impl Strategy<Value = Vec<Option<i64>>> {
        let figure =
            prop_oneof![Just(None), any::<i64>().prop_map(Some), (0..50_i64).prop_map(Some)];
        prop::collection::vec(figure, 1..150)
    }

    proptest! {
        #[test]
        fn everything_stays_inside_the_box(now in figures(), previous in figures()) {
            let chart = Chart::new(&series(&now), Some(&series(&previous)));

            // Heights are no larger than widths, so pairs are told apart by position.
            let previous_path = chart.previous_path.unwrap_or_default();
            for path in [&chart.line_path, &chart.area_path, &chart.dots_path] {
                for pair in coordinates(path).chunks(2) {
                    prop_assert!((0.0..=1000.0).contains(&pair[0]));
                    prop_assert!((0.0..=300.0).contains(&pair[1]));
                }
            }
            prop_assert!(coordinates(&previous_path).iter().all(|c| (0.0..=1000.0).contains(c)));
            let is_short = now.len() <= HITS_MAX;
            prop_assert_eq!(chart.hits.len(), if is_short { now.len() } else { 0 });
            let width = chart.hits.iter().map(|hit| hit.width.0).sum::<i64>();
            prop_assert_eq!(width, if is_short { 10_000 } else { 0 });
            prop_assert!(chart.hits.iter().all(|hit| hit.width.0 > 0));
            prop_assert!(chart.x_labels.iter().flatten().count() <= 7);
            prop_assert!(chart.x_labels.last().unwrap().is_some());
            prop_assert_eq!(chart.grid_lines.len(), chart.y_labels.len());
            prop_assert_eq!(chart.y_labels.last(), Some(&0));
        }
    }
}
