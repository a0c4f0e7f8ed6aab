//! Queries on daily figures. Their cost follows the days and metrics asked for.

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
    let ids = ids_in_scope(conn, scope, app)?;
    let of_one = |(metric, range): &(Metric, DayRange)| {
        let query = daily_figures::table
            .filter(daily_figures::sdk_app_id.eq_any(&ids))
            .filter(daily_figures::metric.eq(metric.key()))
            .filter(daily_figures::day.ge(range.first().to_string()))
            .filter(daily_figures::day.le(range.last().to_string()))
            .group_by(daily_figures::day)
            .select((daily_figures::day, total(daily_figures::value)))
            .order(daily_figures::day);
        Ok(query.load(conn)?)
    };
    asked.iter().map(of_one).collect()
}

/// The series of metrics of one app over a range, each day with its figure: a running total from where it stood before,
/// and never shown below zero.
///
/// # Errors
/// The database's failure.
pub fn series_of(
    conn: &mut Conn,
    app: SdkAppId,
    metrics: &[Metric],
    range: DayRange,
    born: Date,
) -> Result<Vec<Series>, DbError> {
    let mut of_one = |metric: &Metric| {
        let all = || {
            daily_figures::table
                .filter(daily_figures::sdk_app_id.eq(app))
                .filter(daily_figures::metric.eq(metric.key()))
        };
        let mut rows: Vec<(Day, i64)> = Vec::new();
        if metric.is_running_total() {
            let before: Vec<(Day, i64)> = all()
                .filter(daily_figures::day.lt(range.first().to_string()))
                .select((daily_figures::day, daily_figures::value))
                .order(daily_figures::day.desc())
                .limit(1)
                .load(conn)?;
            rows.extend(before);
        }
        let within: Vec<(Day, i64)> = all()
            .filter(daily_figures::day.ge(range.first().to_string()))
            .filter(daily_figures::day.le(range.last().to_string()))
            .select((daily_figures::day, daily_figures::value))
            .order(daily_figures::day)
            .load(conn)?;
        rows.extend(within);
        let rows = rows.into_iter().map(|(day, value)| (day.0, value.max(0)));
        Ok(Series::of(*metric, rows, range, born))
    };
    metrics.iter().map(&mut of_one).collect()
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

/// Writes figures of an app; a figure that is there already is replaced.
///
/// # Errors
/// The database's failure.
pub fn figures_put(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[(Metric, Date, i64)],
) -> Result<(), DbError> {
    use diesel::upsert::excluded;
    /// Rows of one statement; both backends bound the number of values.
    const ROWS: usize = 1_000;
    for rows in figures.chunks(ROWS) {
        let rows: Vec<NewFigure> = rows
            .iter()
            .map(|(metric, day, value)| NewFigure {
                sdk_app_id: app,
                metric: metric.key(),
                day: day.to_string(),
                value: *value,
            })
            .collect();
        crate::each!(
            conn,
            diesel::insert_into(daily_figures::table)
                .values(&rows)
                .on_conflict((daily_figures::sdk_app_id, daily_figures::metric, daily_figures::day))
                .do_update()
                .set(daily_figures::value.eq(excluded(daily_figures::value)))
                .execute(conn)
        )?;
    }
    Ok(())
}

/// Figures as a table of a statement.
struct Columns {
    days: Vec<String>,
}

impl Columns {
    fn of(figures: &[((Metric, Date), i64)]) -> Self {
        Self { days: figures.iter().map(|((_, day), _)| day.to_string()).collect() }
    }

    fn given<'a>(&'a self, app: SdkAppId, figures: &'a [((Metric, Date), i64)]) -> bulk::Given<'a> {
        bulk::Given::new()
            .numbers("app", figures.iter().map(|_| app.0))
            .texts("of_metric", figures.iter().map(|((metric, _), _)| metric.key()))
            .texts("of_day", self.days.iter().map(String::as_str))
            .numbers("number", figures.iter().map(|(_, number)| *number))
    }
}

#[derive(diesel::QueryableByName)]
struct Touched {
    #[diesel(sql_type = diesel::sql_types::Text)]
    metric: String,
}

/// Adds to figures of an app. A metric whose figure would leave the range, if there is one; then nothing must be kept.
///
/// # Errors
/// The database's failure.
pub fn figures_add(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[((Metric, Date), i64)],
) -> Result<Option<Metric>, DbError> {
    let columns = Columns::of(figures);
    let touched: Vec<Touched> = bulk::load(
        conn,
        "INSERT INTO daily_figures (sdk_app_id, metric, day, value) \
         SELECT app, of_metric, of_day, number FROM given WHERE true \
         ON CONFLICT (sdk_app_id, metric, day) \
         DO UPDATE SET value = daily_figures.value + excluded.value \
         WHERE daily_figures.value <= 9223372036854775807 - \
         CASE WHEN excluded.value > 0 THEN excluded.value ELSE 0 END RETURNING metric",
        &columns.given(app, figures),
    )?;
    if touched.len() == figures.len() {
        return Ok(None);
    }
    let mut left: Vec<_> = figures.iter().map(|((metric, _), _)| *metric).collect();
    for one in touched {
        if let Some(at) = left.iter().position(|metric| metric.key() == one.metric) {
            left.swap_remove(at);
        }
    }
    Ok(left.first().copied())
}

/// Raises figures of an app to those that are larger.
///
/// # Errors
/// The database's failure.
pub fn figures_raise(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[((Metric, Date), i64)],
) -> Result<(), DbError> {
    let columns = Columns::of(figures);
    bulk::execute(
        conn,
        "INSERT INTO daily_figures (sdk_app_id, metric, day, value) \
         SELECT app, of_metric, of_day, number FROM given WHERE true \
         ON CONFLICT (sdk_app_id, metric, day) DO UPDATE SET value = excluded.value \
         WHERE daily_figures.value < excluded.value",
        &columns.given(app, figures),
    )
    .map(drop)
}

/// Adds to running totals of an app: to each day's and, since they run on, to those of all later days.
///
/// # Errors
/// The database's failure.
pub fn totals_add(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[((Metric, Date), i64)],
) -> Result<(), DbError> {
    let columns = Columns::of(figures);
    let given = columns.given(app, figures);
    // A day that has no row stands where the row before it stands.
    bulk::execute(
        conn,
        "INSERT INTO daily_figures (sdk_app_id, metric, day, value) \
         SELECT app, of_metric, of_day, COALESCE((SELECT value FROM daily_figures \
         WHERE sdk_app_id = app AND metric = of_metric AND day < of_day \
         ORDER BY day DESC LIMIT 1), 0) FROM given WHERE true \
         ON CONFLICT (sdk_app_id, metric, day) DO NOTHING",
        &given,
    )?;
    bulk::execute(
        conn,
        "UPDATE daily_figures SET value = value + CAST((SELECT SUM(number) FROM given \
         WHERE app = sdk_app_id AND of_metric = metric AND of_day <= day) AS BIGINT) \
         WHERE (sdk_app_id, metric) IN (SELECT app, of_metric FROM given) AND day >= \
         (SELECT MIN(of_day) FROM given WHERE app = sdk_app_id AND of_metric = metric)",
        &given,
    )
    .map(drop)
}

#[derive(Insertable)]
#[diesel(table_name = daily_figures, treat_none_as_default_value = false)]
struct NewFigure {
    sdk_app_id: SdkAppId,
    metric: &'static str,
    day: String,
    value: i64,
}
