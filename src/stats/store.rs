//! Queries on daily figures. Their cost follows the days and metrics asked for.

use diesel::prelude::*;

use super::{DayRange, Metric};
use crate::apps::store::ids_in_scope;
use crate::clock::Day;
use crate::db::dialect::total;
use crate::db::schema::daily_figures;
use crate::db::{Conn, DbError};
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

/// Writes figures of an app; a figure that is there already is replaced.
///
/// # Errors
/// The database's failure.
pub fn figures_put(
    conn: &mut Conn,
    app: SdkAppId,
    figures: &[(Metric, jiff::civil::Date, i64)],
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

#[derive(Insertable)]
#[diesel(table_name = daily_figures, treat_none_as_default_value = false)]
struct NewFigure {
    sdk_app_id: SdkAppId,
    metric: &'static str,
    day: String,
    value: i64,
}
