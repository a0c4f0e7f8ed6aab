//! Figures in words: what the chart and the key figures of a page show.

use jiff::civil::Date;

use super::chart::{Chart, DayLabel};
use super::metric::{Unit, places};
use super::series::change_percent_tenths;
use super::{Metric, Series};
use crate::i18n::{Language, Texts, grouped};

/// A chart as its template macro takes it.
pub struct ChartView {
    /// Unique on the page.
    pub id: &'static str,
    /// What is drawn.
    pub title: String,
    /// Highest, lowest and average, and how to read it by keys.
    pub description: String,
    /// The same for the eye.
    pub caption: String,
    /// The box.
    pub width: i64,
    /// The box.
    pub height: i64,
    /// Grid lines from top to bottom.
    pub levels: Vec<Level>,
    /// Path of the area.
    pub area: String,
    /// Path of the line.
    pub line: String,
    /// Path of days that stand alone.
    pub dots: String,
    /// Path of the period before.
    pub before: Option<String>,
    /// Legend of the line.
    pub line_word: &'static str,
    /// Legend of the period before.
    pub before_word: &'static str,
    /// The day that is read out first.
    pub read: String,
    /// The days that a pointer and the arrow keys find; none of a long period.
    pub hits: Vec<HitView>,
    /// The labels under the chart, a slot for each day.
    pub ticks: Vec<Tick>,
}

/// A grid line.
pub struct Level {
    /// Its height.
    pub y: String,
    /// Its figure.
    pub label: String,
}

/// The stripe of a day.
pub struct HitView {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// The day and its figure.
    pub words: String,
}

/// A label under the chart.
pub struct Tick {
    /// Empty for most days.
    pub words: String,
    /// Whether small screens drop it.
    pub is_minor: bool,
}

/// A key figure as its template macro takes it.
pub struct Tile {
    /// Where its trend is shown.
    pub href: String,
    /// Whether its trend is shown here.
    pub is_current: bool,
    /// The metric.
    pub name: &'static str,
    /// How days are put together; empty for one day.
    pub how: &'static str,
    /// The figure.
    pub figure: String,
    /// The change with its arrow.
    pub change: Option<String>,
    /// How the change looks: `up`, `down`, or `muted` for none.
    pub trend: &'static str,
    /// Against what.
    pub against: &'static str,
}

/// A figure in words; package minutes are stored in hundredths.
#[must_use]
pub fn figure(metric: Metric, value: i64) -> String {
    match metric.unit() {
        Unit::PackageMinuteHundredths => {
            format!("{}{}", grouped(value.div_euclid(100)), places(value))
        }
        _ => grouped(value),
    }
}

/// A day as people write it: `11 月 19 日`, `19 Nov`.
#[must_use]
pub fn day_words(day: Date, t: Texts) -> String {
    match t.language() {
        Language::Chinese => format!("{} 月 {} 日", day.month(), day.day()),
        Language::English => day.strftime("%-d %b").to_string(),
    }
}

/// The day of the week: `周四`, `Thu`.
#[must_use]
pub fn weekday(day: Date, t: Texts) -> String {
    match t.language() {
        Language::Chinese => {
            let names = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
            names.get(at).copied().unwrap_or_default().to_owned()
        }
        Language::English => day.strftime("%a").to_string(),
    }
}

/// The words of a chart.
pub struct ChartWords {
    /// What is drawn.
    pub title: String,
    /// Legend of the line.
    pub line: &'static str,
    /// Legend of the period before.
    pub before: &'static str,
}

/// A series as a chart.
#[must_use]
pub fn chart(
    metric: Metric,
    words: ChartWords,
    (now, before): (&Series, Option<&Series>),
    t: Texts,
) -> ChartView {
    let drawn = Chart::new(now, before);
    let day_figure = |day: Date, value: Option<i64>| {
        format!("{} {}", day_words(day, t), figure_or_none(metric, value, t))
    };
    let caption = now.summary().map_or_else(
        || t.no_data_yet().to_owned(),
        |summary| {
            t.chart_caption(
                &figure(metric, summary.max.1),
                &day_words(summary.max.0, t),
                &figure(metric, summary.min.1),
                &day_words(summary.min.0, t),
                &figure(metric, summary.average),
            )
        },
    );
    let levels = drawn.grid_lines.iter().zip(&drawn.y_labels);
    let tick = |label: Option<DayLabel>| {
        (label.map(|at| at.day.strftime("%m-%d").to_string())).unwrap_or_default()
    };
    let is_read = !drawn.hits.is_empty();
    let last = now.points().next_back();
    ChartView {
        id: metric.key(),
        title: words.title,
        description: if is_read {
            format!("{caption}{} {}", t.stop(), t.chart_keys())
        } else {
            format!("{caption}{}", t.stop())
        },
        caption,
        width: drawn.width,
        height: drawn.height,
        levels: levels
            .map(|(y, label)| Level { y: y.to_string(), label: figure(metric, *label) })
            .collect(),
        read: last.map(|(day, value)| day_figure(day, value)).unwrap_or_default(),
        hits: drawn
            .hits
            .iter()
            .map(|hit| HitView {
                x: hit.x.to_string(),
                width: hit.width.to_string(),
                words: day_figure(hit.day, hit.value),
            })
            .collect(),
        ticks: (drawn.x_labels.iter())
            .map(|label| Tick {
                words: tick(*label),
                is_minor: label.is_some_and(|at| at.is_wide_only),
            })
            .collect(),
        area: drawn.area_path,
        line: drawn.line_path,
        dots: drawn.dots_path,
        before: drawn.previous_path,
        line_word: words.line,
        before_word: words.before,
    }
}

/// Yesterday's figure of a metric with its change from the day before; it links to its own trend.
#[must_use]
pub fn tile(metric: Metric, series: &Series, drawn: Metric, t: Texts) -> Tile {
    let last = series.values().last().copied().flatten();
    let (change, trend) = change(series.last_change());
    Tile {
        href: format!("?metric={}#trend", metric.key()),
        is_current: metric == drawn,
        name: metric.name(t),
        how: "",
        figure: figure_or_none(metric, last, t),
        change,
        trend,
        against: t.against_day_before(),
    }
}

/// The figure of a period with its change from the period before.
#[must_use]
pub fn period_tile(
    metric: Metric,
    (now, before): (&Series, Option<&Series>),
    (href, is_current): (String, bool),
    t: Texts,
) -> Tile {
    let of = |series: &Series| series.summary().map(|it| it.figure(metric.aggregate()));
    let figure = of(now);
    let (change, trend) = change(change_percent_tenths(figure, before.and_then(of)));
    Tile {
        href,
        is_current,
        name: metric.name(t),
        how: if now.values().len() > 1 { metric.aggregate().name(t) } else { "" },
        figure: figure_or_none(metric, figure, t),
        change,
        trend,
        against: t.against_before(),
    }
}

/// A figure, or that there is none.
#[must_use]
pub fn figure_or_none(metric: Metric, value: Option<i64>, t: Texts) -> String {
    value.map_or_else(|| t.no_data().to_owned(), |value| figure(metric, value))
}

/// A change in tenths of a percent with its arrow, and how it looks: `up`, `down`, or `muted` for none.
#[must_use]
pub fn change(tenths: Option<i64>) -> (Option<String>, &'static str) {
    let (arrow, trend) = match tenths {
        Some(1..) => ("↑ ", "up"),
        Some(..=-1) => ("↓ ", "down"),
        _ => ("", "muted"),
    };
    let words = |tenths: i64| {
        let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        // A thousandfold is told apart by its size, not by its tenths.
        match i64::try_from(whole) {
            Ok(whole) if whole >= 1_000 => format!("{arrow}{}%", grouped(whole)),
            _ => format!("{arrow}{whole}.{tenth}%"),
        }
    };
    (tenths.map(words), trend)
}
