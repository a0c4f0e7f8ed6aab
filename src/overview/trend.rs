//! Yesterday's key figures over the last 30 days of one of them.

use jiff::civil::Date;

use crate::apps::Services;
use crate::db::{Conn, DbError};
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::stats::metric::Origin;
use crate::stats::store::{Figure, figures};
use crate::stats::view::{self, ChartView, Tile};
use crate::stats::{DayRange, Metric, Series};
use crate::workspaces::Scope;

/// Days of the trend.
const DAYS: u32 = 30;

/// The key figures; the first is drawn unless another is asked for.
const METRICS: [Metric; 5] = [
    Metric::ActiveUserNum,
    Metric::RegistUserNumOneDay,
    Metric::UpMsgNum,
    Metric::MaxOnlineNum,
    Metric::RtcPackageMinutes,
];

/// The figures as numbers.
pub struct TrendFigures {
    metrics: Vec<Metric>,
    range: DayRange,
    before: Option<DayRange>,
    born: Date,
    rows: Vec<Figure>,
}

/// The figures in words.
pub struct Trend {
    /// Yesterday.
    pub day: String,
    /// Key figures.
    pub tiles: Vec<Tile>,
    /// The trend.
    pub chart: ChartView,
    /// The days, the newest first.
    pub rows: Vec<TrendRow>,
}

/// What an address asks of a page with a trend.
#[derive(Default, serde::Deserialize)]
pub struct TrendQuery {
    /// The metric to draw.
    #[serde(default)]
    pub metric: String,
}

/// A day of the table.
pub struct TrendRow {
    /// The day.
    pub day: String,
    /// Its figures in the order of the tiles.
    pub figures: Vec<String>,
}

/// Whose figures.
#[derive(Clone, Copy)]
pub struct Of {
    /// One app, or all of the scope.
    pub app: Option<SdkAppId>,
    /// What they can do; figures that cannot come up are left out.
    pub services: Services,
}

fn concerns(metric: Metric, services: Services) -> bool {
    match metric.origin() {
        Origin::People => true,
        Origin::Messaging => services.im,
        Origin::Calls => services.rtc,
    }
}

/// Reads the figures of a scope, or of one of its apps, up to the day before `today`.
///
/// # Errors
/// The database's failure.
pub fn trend(
    conn: &mut Conn,
    scope: &Scope,
    of: Of,
    today: Date,
    born: Date,
) -> Result<TrendFigures, DbError> {
    let yesterday = today.yesterday().unwrap_or(today);
    let range = DayRange::ending(yesterday, DAYS)
        .ok_or_else(|| DbError::Broken(format!("there is no range before {today}")))?;
    let before = range.previous();
    let first = before.map_or(range.first(), DayRange::first);
    let all = DayRange::new(first, yesterday).unwrap_or(range);
    let metrics: Vec<Metric> =
        METRICS.into_iter().filter(|metric| concerns(*metric, of.services)).collect();
    let rows = figures(conn, scope, of.app, &metrics, all)?;
    Ok(TrendFigures { metrics, range, before, born, rows })
}

impl TrendFigures {
    /// Whether there is any figure at all.
    #[must_use]
    pub const fn has_any(&self) -> bool {
        !self.rows.is_empty()
    }

    /// The same in words, with the trend of the metric that an address asks for.
    #[must_use]
    pub fn in_words(self, asked: &str, t: Texts) -> Trend {
        let series =
            |metric: Metric, range: DayRange| view::series(&self.rows, metric, range, self.born);
        let all: Vec<(Metric, Series)> =
            self.metrics.iter().map(|metric| (*metric, series(*metric, self.range))).collect();
        let drawn = Metric::from_key(asked)
            .filter(|metric| self.metrics.contains(metric))
            .unwrap_or(Metric::ActiveUserNum);
        let before = self.before.map(|range| series(drawn, range));
        let tiles = all.iter().map(|(metric, series)| view::tile(*metric, series, drawn, t));
        let rows = self.range.days().collect::<Vec<_>>().into_iter().enumerate().rev();
        let rows = rows.map(|(at, day)| TrendRow {
            day: day.to_string(),
            figures: all
                .iter()
                .map(|(metric, series)| match series.values().get(at).copied().flatten() {
                    Some(value) => view::figure(*metric, value),
                    None => t.no_data().to_owned(),
                })
                .collect(),
        });
        let title = t.trend_of(view::metric_name(drawn, t));
        Trend {
            day: self.range.last().to_string(),
            rows: rows.collect(),
            tiles: tiles.collect(),
            chart: view::chart(drawn, title, &series(drawn, self.range), before.as_ref(), t),
        }
    }
}
