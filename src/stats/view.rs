//! Figures in words: what the chart and the key figures of a page show.

use jiff::civil::Date;

use super::chart::Chart;
use super::metric::Unit;
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
    /// The days.
    pub days: Vec<DayView>,
}

/// A grid line.
pub struct Level {
    /// Its height.
    pub y: String,
    /// Its figure.
    pub label: String,
}

/// A day of a chart.
pub struct DayView {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// The day and its figure.
    pub words: String,
    /// The label under it; empty for most.
    pub tick: String,
    /// Whether small screens drop the label.
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
        Unit::PackageMinuteHundredths => grouped(value.div_euclid(100)),
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

/// A series as a chart.
#[must_use]
pub fn chart(
    metric: Metric,
    title: String,
    now: &Series,
    before: Option<&Series>,
    t: Texts,
) -> ChartView {
    let drawn = Chart::new(now, before);
    let day_figure = |day: Date, value: Option<i64>| {
        let value = value.map_or_else(|| t.no_data().to_owned(), |value| figure(metric, value));
        format!("{} {value}", day_words(day, t))
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
    let days = drawn.hits.iter().zip(&drawn.x_labels);
    ChartView {
        id: metric.key(),
        title,
        description: format!("{caption}{} {}", t.stop(), t.chart_keys()),
        caption,
        width: drawn.width,
        height: drawn.height,
        levels: levels
            .map(|(y, label)| Level { y: y.to_string(), label: figure(metric, *label) })
            .collect(),
        read: drawn.hits.last().map(|hit| day_figure(hit.day, hit.value)).unwrap_or_default(),
        days: days
            .map(|(hit, label)| DayView {
                x: hit.x.to_string(),
                width: hit.width.to_string(),
                words: day_figure(hit.day, hit.value),
                tick: label.map(|at| at.day.strftime("%m-%d").to_string()).unwrap_or_default(),
                is_minor: label.is_some_and(|at| at.is_wide_only),
            })
            .collect(),
        area: drawn.area_path,
        line: drawn.line_path,
        dots: drawn.dots_path,
        before: drawn.previous_path,
        line_word: t.this_period(),
        before_word: t.previous_period(),
    }
}

/// Yesterday's figure of a metric with its change from the day before; it links to its own trend.
#[must_use]
pub fn tile(metric: Metric, series: &Series, drawn: Metric, t: Texts) -> Tile {
    let last = series.values().last().copied().flatten();
    let change = series.last_change();
    let (arrow, trend) = match change {
        Some(1..) => ("↑ ", "up"),
        Some(..=-1) => ("↓ ", "down"),
        _ => ("", "muted"),
    };
    let words = |tenths: i64| {
        format!("{arrow}{}.{}%", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
    };
    Tile {
        href: format!("?metric={}#trend", metric.key()),
        is_current: metric == drawn,
        name: metric_name(metric, t),
        how: "",
        figure: last.map_or_else(|| t.no_data().to_owned(), |value| figure(metric, value)),
        change: change.map(words),
        trend,
        against: t.against_day_before(),
    }
}

/// The name of a metric.
#[must_use]
pub const fn metric_name(metric: Metric, t: Texts) -> &'static str {
    match metric {
        Metric::ActiveUserNum => t.metric_active_users(),
        Metric::RegistUserNumOneDay => t.metric_new_users(),
        Metric::UpMsgNum => t.metric_up_messages(),
        Metric::MaxOnlineNum => t.metric_peak_online(),
        Metric::RtcPackageMinutes => t.metric_package_minutes(),
        // The others are shown by the statistics pages.
        _ => metric.key(),
    }
}
