//! Queries on daily figures. Their cost follows the days and metrics asked for.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::civil::Date;

use super::{DayRange, Metric, Series};
use crate::apps::store::ids_in_scope;
use crate::clock::Day;
use crate::db::dialect::total;
use crate::db::schema::daily_figures;
use crate::db::{Conn, DbError, bulk};
use crate::ids::SdkAppId;
use crate::workspaces::Scope;

/// Figures of the apps in a scope, added, or of one of them: for each metric and range asked for
/// the days that have one, oldest first.
///
/// A statement each, since the table is in the order of apps, metrics and days: the days of one
/// metric are added as they are read, those of several would be sorted first.
///
/// # Errors
/// The database's failure.
pub fn figures(
    conn: &mut Conn,
    scope: &Scope,
    app: Option<SdkAppId>,
    asked: &[(Metric, DayRange)],
) -> Result<Vec<Vec<(Day, i64)>>, DbError> {
    let apps = ids_in_scope(conn, scope, app)?;
    asked.iter().map(|(metric, range)| rows(conn, &apps, *metric, *range)).collect()
}

/// Figures of one metric, day by day, as far as there are any: those of the apps, added. A running total comes with
/// the day on which it stood before the range, and is never below zero.
///
/// # Errors
/// The database's failure.
pub fn rows(
    conn: &mut Conn,
    apps: &[SdkAppId],
    metric: Metric,
    range: DayRange,
) -> Result<Vec<(Day, i64)>, DbError> {
    if metric.is_running_total() {
        return totals(conn, apps, metric, range);
    }
    let query = daily_figures::table
        .filter(daily_figures::sdk_app_id.eq_any(apps))
        .filter(daily_figures::metric.eq(metric.key()))
        .filter(daily_figures::day.ge(range.first().to_string()))
        .filter(daily_figures::day.le(range.last().to_string()))
        .group_by(daily_figures::day)
        .select((daily_figures::day, total(daily_figures::value)))
        .order(daily_figures::day);
    Ok(query.load(conn)?)
}

#[derive(diesel::QueryableByName)]
struct Gain {
    #[diesel(sql_type = diesel::sql_types::Text)]
    of_day: Day,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    gain: i64,
}

#[derive(diesel::QueryableByName)]
struct Stood {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    app: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    of_day: Day,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    value: i64,
}

/// Where a running total of each app stood: on the days of a range that have a figure, and on the last one before.
const STANDING: &str = "FROM (SELECT app, day AS of_day, \
    CASE WHEN value < 0 THEN 0 ELSE value END AS stood \
    FROM given JOIN daily_figures ON sdk_app_id = app AND metric = of_metric \
    WHERE day <= of_last AND day >= COALESCE((SELECT MAX(earlier.day) FROM daily_figures AS earlier \
    WHERE earlier.sdk_app_id = app AND earlier.metric = of_metric AND earlier.day < of_first), \
    of_first)) AS standing";

fn standing<R: bulk::Row>(
    conn: &mut Conn,
    statement: &str,
    apps: &[SdkAppId],
    metric: Metric,
    range: DayRange,
) -> Result<Vec<R>, DbError> {
    let (first, last) = (range.first().to_string(), range.last().to_string());
    let given = bulk::Given::new()
        .numbers("app", apps.iter().map(|app| app.0))
        .texts("of_metric", apps.iter().map(|_| metric.key()))
        .texts("of_first", apps.iter().map(|_| first.as_str()))
        .texts("of_last", apps.iter().map(|_| last.as_str()));
    bulk::load(conn, statement, &given)
}

/// A running total of several apps: each stands where it stood until its next day, so what is added is by how much each
/// has moved.
fn totals(
    conn: &mut Conn,
    apps: &[SdkAppId],
    metric: Metric,
    range: DayRange,
) -> Result<Vec<(Day, i64)>, DbError> {
    let statement = format!(
        "SELECT of_day, CAST(SUM(moved) AS BIGINT) AS gain FROM (SELECT of_day, stood - \
         COALESCE(LAG(stood) OVER (PARTITION BY app ORDER BY of_day), 0) AS moved {STANDING}) \
         AS moving GROUP BY of_day ORDER BY of_day"
    );
    let gains: Vec<Gain> = standing(conn, &statement, apps, metric, range)?;
    let mut stands = 0_i64;
    let add = |gain: Gain| {
        stands = stands.saturating_add(gain.gain);
        (gain.of_day, stands)
    };
    Ok(gains.into_iter().map(add).collect())
}

/// The series of metrics over a range, each day with its figure: those of the apps, added.
///
/// # Errors
/// The database's failure.
pub fn series_of(
    conn: &mut Conn,
    apps: &[SdkAppId],
    metrics: &[Metric],
    range: DayRange,
    born: Date,
) -> Result<Vec<Series>, DbError> {
    let mut of_one = |metric: &Metric| {
        let rows = rows(conn, apps, *metric, range)?;
        let rows = rows.into_iter().map(|(day, value)| (day.0, value));
        Ok(Series::of(*metric, rows, range, born))
    };
    metrics.iter().map(&mut of_one).collect()
}

/// The series of metrics over a range, of each of some apps with the day from which on it has figures.
///
/// # Errors
/// The database's failure.
pub fn series_of_each(
    conn: &mut Conn,
    apps: &[(SdkAppId, Date)],
    metrics: &[Metric],
    range: DayRange,
) -> Result<Vec<Vec<Series>>, DbError> {
    let ids: Vec<_> = apps.iter().map(|(id, _)| *id).collect();
    let mut each: Vec<Vec<Series>> = apps.iter().map(|_| Vec::new()).collect();
    for metric in metrics {
        let rows = rows_of_each(conn, &ids, *metric, range)?;
        for ((id, born), series) in apps.iter().zip(&mut each) {
            let from = rows.partition_point(|row| row.0 < *id);
            let of_app = rows.iter().skip(from).take_while(|row| row.0 == *id);
            let of_app = of_app.map(|(_, day, value)| (day.0, *value));
            series.push(Series::of(*metric, of_app, range, *born));
        }
    }
    Ok(each)
}

/// Figures of one metric, of each app day by day: in the order of apps and days.
fn rows_of_each(
    conn: &mut Conn,
    apps: &[SdkAppId],
    metric: Metric,
    range: DayRange,
) -> Result<Vec<(SdkAppId, Day, i64)>, DbError> {
    if metric.is_running_total() {
        let statement =
            format!("SELECT app, of_day, stood AS value {STANDING} ORDER BY app, of_day");
        let rows: Vec<Stood> = standing(conn, &statement, apps, metric, range)?;
        return Ok(rows
            .into_iter()
            .map(|row| (SdkAppId(row.app), row.of_day, row.value))
            .collect());
    }
    let query = daily_figures::table
        .filter(daily_figures::sdk_app_id.eq_any(apps))
        .filter(daily_figures::metric.eq(metric.key()))
        .filter(daily_figures::day.ge(range.first().to_string()))
        .filter(daily_figures::day.le(range.last().to_string()))
        .select((daily_figures::sdk_app_id, daily_figures::day, daily_figures::value))
        .order((daily_figures::sdk_app_id, daily_figures::day));
    Ok(query.load(conn)?)
}

/// The figure of one day of an app; zero where there is none.
///
/// # Errors
/// The database's failure.
pub fn figure(conn: &mut Conn, app: SdkAppId, metric: Metric, day: Date) -> Result<i64, DbError> {
    let found = daily_figures::table
        .find((app, metric.key(), day.to_string()))
        .select(daily_figures::value)
        .first(conn)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// What a metric came to on a day.
pub type Figure = (Metric, Date, i64);

/// Writes figures of an app; a figure that is there already is replaced.
///
/// # Errors
/// The database's failure.
pub fn figures_put(conn: &mut Conn, app: SdkAppId, figures: &[Figure]) -> Result<(), DbError> {
    bulk::insert(
        conn,
        "daily_figures",
        &Columns::of(figures).given(app, figures),
        "ON CONFLICT (sdk_app_id, metric, day) DO UPDATE SET value = excluded.value",
    )
}

/// Figures as a table of a statement.
struct Columns {
    days: Vec<String>,
}

impl Columns {
    fn of(figures: &[Figure]) -> Self {
        Self { days: figures.iter().map(|(_, day, _)| day.to_string()).collect() }
    }

    fn given<'a>(&'a self, app: SdkAppId, figures: &'a [Figure]) -> bulk::Given<'a> {
        bulk::Given::new()
            .numbers("sdk_app_id", figures.iter().map(|_| app.0))
            .texts("metric", figures.iter().map(|(metric, ..)| metric.key()))
            .texts("day", self.days.iter().map(String::as_str))
            .numbers("value", figures.iter().map(|(.., value)| *value))
    }
}

#[derive(diesel::QueryableByName)]
struct Known {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    nth: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    value: i64,
}

/// Adds to figures of an app, whose stream is held. A metric whose figure would leave the range, if there is one; then none
/// is changed.
///
/// # Errors
/// The database's failure.
pub fn figures_add(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[Figure],
) -> Result<Option<Metric>, DbError> {
    let columns = Columns::of(figures);
    let given = columns.given(app, figures).numbers("nth", (0..).zip(figures).map(|(nth, _)| nth));
    let known: Vec<Known> = bulk::load_each(
        conn,
        "SELECT nth, daily_figures.value FROM given \
         JOIN daily_figures ON daily_figures.sdk_app_id = given.sdk_app_id \
         AND daily_figures.metric = given.metric AND daily_figures.day = given.day",
        &given,
    )?;
    let known: BTreeMap<_, _> = known.into_iter().map(|it| (it.nth, it.value)).collect();
    let mut sums = Vec::with_capacity(figures.len());
    for (nth, (metric, day, more)) in (0..).zip(figures) {
        let Some(sum) = known.get(&nth).unwrap_or(&0).checked_add(*more) else {
            return Ok(Some(*metric));
        };
        sums.push((*metric, *day, sum));
    }
    figures_put(conn, app, &sums)?;
    Ok(None)
}

/// Raises figures of an app to those that are larger.
///
/// # Errors
/// The database's failure.
pub fn figures_raise(conn: &mut Conn, app: SdkAppId, figures: &[Figure]) -> Result<(), DbError> {
    let columns = Columns::of(figures);
    bulk::insert(
        conn,
        "daily_figures",
        &columns.given(app, figures),
        "ON CONFLICT (sdk_app_id, metric, day) DO UPDATE SET value = excluded.value \
         WHERE daily_figures.value < excluded.value",
    )
}

/// Adds to running totals of an app: to each day's and, since they run on, to those of all later days.
///
/// # Errors
/// The database's failure.
pub fn totals_add(conn: &mut Conn, app: SdkAppId, figures: &[Figure]) -> Result<(), DbError> {
    let columns = Columns::of(figures);
    let given = columns.given(app, figures);
    // A day that has no row stands where the row before it stands.
    bulk::execute_each(
        conn,
        "INSERT INTO daily_figures (sdk_app_id, metric, day, value) \
         SELECT sdk_app_id, metric, day, COALESCE((SELECT earlier.value \
         FROM daily_figures AS earlier WHERE earlier.sdk_app_id = given.sdk_app_id \
         AND earlier.metric = given.metric AND earlier.day < given.day \
         ORDER BY earlier.day DESC LIMIT 1), 0) FROM given WHERE true \
         ON CONFLICT (sdk_app_id, metric, day) DO NOTHING",
        &given,
    )?;
    bulk::execute_each(
        conn,
        "UPDATE daily_figures SET value = value + CAST((SELECT SUM(given.value) FROM given \
         WHERE given.sdk_app_id = daily_figures.sdk_app_id \
         AND given.metric = daily_figures.metric AND given.day <= daily_figures.day) AS BIGINT) \
         WHERE (sdk_app_id, metric) IN (SELECT sdk_app_id, metric FROM given) AND day >= \
         (SELECT MIN(given.day) FROM given WHERE given.sdk_app_id = daily_figures.sdk_app_id \
         AND given.metric = daily_figures.metric)",
        &given,
    )
    .map(drop)
}
