//! Yesterday's key figures over the last 30 days of one of them.

use jiff::civil::Date;

use crate::apps::Services;
use crate::clock::Day;
use crate::db::{Conn, DbError};
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::stats::metric::Origin;
use crate::stats::store::figures;
use crate::stats::view::{self, ChartView, ChartWords, Tile};
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
    range: DayRange,
    before: Option<DayRange>,
    born: Date,
    drawn: Metric,
    metrics: Vec<(Metric, Vec<(Day, i64)>)>,
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

/// Reads the figures of a scope, or of one of its apps, up to the day before `today`, and of the
/// metric that an address asks for also the period before.
///
/// # Errors
/// The database's failure.
pub fn trend(
    conn: &mut Conn,
    scope: &Scope,
    of: Of,
    (born, today): (Date, Date),
    metric: &str,
) -> Result<TrendFigures, DbError> {
    let yesterday = today.yesterday().unwrap_or(today);
    let range = DayRange::ending(yesterday, DAYS)
        .ok_or_else(|| DbError::Broken(format!("there is no range before {today}")))?;
    let all = || METRICS.into_iter().filter(|metric| concerns(*metric, of.services));
    let drawn = Metric::from_key(metric).filter(|asked| all().any(|metric| metric == *asked));
    let drawn = drawn.unwrap_or(Metric::ActiveUserNum);
    let before = range.previous();
    let both = before.and_then(|before| DayRange::new(before.first(), range.last()));
    let range_of = |metric| if metric == drawn { both.unwrap_or(range) } else { range };
    let asked: Vec<_> = all().map(|metric| (metric, range_of(metric))).collect();
    let days = figures(conn, scope, of.app, &asked)?;
    let metrics = asked.into_iter().map(|(metric, _)| metric).zip(days).collect();
    Ok(TrendFigures { range, before, born, drawn, metrics })
}

impl TrendFigures {
    /// Whether there is any figure at all.
    #[must_use]
    pub fn has_any(&self) -> bool {
        self.metrics.iter().any(|(_, days)| !days.is_empty())
    }

    fn series(&self, metric: Metric, range: DayRange) -> Series {
        let of_metric = self.metrics.iter().filter(|(of, _)| *of == metric);
        let days = of_metric.flat_map(|(_, days)| days.iter().map(|(day, value)| (day.0, *value)));
        Series::of(metric, days, range, self.born)
    }

    /// The same in words.
    #[must_use]
    pub fn in_words(&self, t: Texts) -> Trend {
        let drawn = self.drawn;
        let all =
            self.metrics.iter().map(|(metric, _)| (*metric, self.series(*metric, self.range)));
        let all: Vec<(Metric, Series)> = all.collect();
        let now = self.series(drawn, self.range);
        let before = self.before.map(|range| self.series(drawn, range));
        let tiles = all.iter().map(|(metric, series)| view::tile(*metric, series, drawn, t));
        let rows = self.range.days().collect::<Vec<_>>().into_iter().enumerate().rev();
        let rows = rows.map(|(at, day)| TrendRow {
            day: day.to_string(),
            figures: all
                .iter()
                .map(|(metric, series)| {
                    let value = series.values().get(at).copied().flatten();
                    view::figure_or_none(*metric, value, t)
                })
                .collect(),
        });
        let words = ChartWords {
            title: t.trend_of(drawn.name(t)),
            line: t.this_period(),
            before: t.previous_period(),
        };
        Trend {
            day: self.range.last().to_string(),
            rows: rows.collect(),
            tiles: tiles.collect(),
            chart: view::chart(drawn, words, (&now, before.as_ref()), t),
        }
    }
}
