//! Queries on the days of apps that wait to be settled.

use diesel::prelude::*;
use jiff::civil::Date;

use crate::clock::Day;
use crate::db::dialect::total;
use crate::db::schema::{apps, minute_postings, unsettled_days};
use crate::db::{Conn, DbError, bulk};
use crate::ids::{PackageId, SdkAppId, WorkspaceId};
use crate::minutes::{Hundredths, Taking};

/// A day of an app whose package minutes have changed since it was settled, if it was.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Unsettled {
    /// The day.
    pub day: Day,
    /// The app; it may be deleted by now.
    pub app: SdkAppId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The name of its statistics zone.
    pub zone: String,
}

/// Notes that the package minutes of days have changed. The app's stream is held.
///
/// # Errors
/// The database's failure.
pub fn days_note(
    conn: &mut Conn,
    app: SdkAppId,
    days: impl IntoIterator<Item = Date>,
) -> Result<(), DbError> {
    let days: Vec<_> = days.into_iter().map(|day| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("day", days.iter().map(String::as_str))
        .numbers("sdk_app_id", days.iter().map(|_| app.0));
    bulk::insert(conn, "unsettled_days", &given, "ON CONFLICT (day, sdk_app_id) DO NOTHING")
}

/// Days up to one that wait to be settled, the oldest first, from after one of them on, up to so many.
///
/// # Errors
/// The database's failure.
pub fn unsettled_days(
    conn: &mut Conn,
    until: Date,
    after: Option<(Date, SdkAppId)>,
    most: i64,
) -> Result<Vec<Unsettled>, DbError> {
    let (day, app) = after.unwrap_or((Date::MIN, SdkAppId(i64::MIN)));
    // The least day is written with a sign, which sorts before digits.
    let day = day.to_string();
    Ok(unsettled_days::table
        .inner_join(apps::table)
        .filter(unsettled_days::day.le(until.to_string()))
        .filter(unsettled_days::day.ge(day.clone()))
        .filter(unsettled_days::day.gt(day).or(unsettled_days::sdk_app_id.gt(app)))
        .order((unsettled_days::day, unsettled_days::sdk_app_id))
        .limit(most)
        .select((
            unsettled_days::day,
            unsettled_days::sdk_app_id,
            apps::workspace_id,
            apps::statistics_zone,
        ))
        .load(conn)?)
}

/// A day is settled. The app's stream is held, so that no change of it is lost.
///
/// # Errors
/// The database's failure.
pub fn day_done(conn: &mut Conn, app: SdkAppId, day: Date) -> Result<(), DbError> {
    diesel::delete(unsettled_days::table.find((day.to_string(), app))).execute(conn)?;
    Ok(())
}

/// How many postings an app's day has, and what they settled of it.
///
/// # Errors
/// The database's failure.
pub fn settled_of(
    conn: &mut Conn,
    app: SdkAppId,
    day: Date,
) -> Result<Option<(i64, Hundredths)>, DbError> {
    let last: Option<(Option<i64>, Option<i64>)> = minute_postings::table
        .filter(minute_postings::sdk_app_id.eq(app))
        .filter(minute_postings::day.eq(day.to_string()))
        .order(minute_postings::part.desc())
        .select((minute_postings::part, minute_postings::settled))
        .first(conn)
        .optional()?;
    let settled = last.map(|(part, settled)| {
        let whole = part.zip(settled).ok_or_else(|| DbError::Broken(format!("postings of {day}")));
        whole.map(|(part, settled)| (part, Hundredths(settled)))
    });
    settled.transpose()
}

/// What an app's day has taken of each package.
///
/// # Errors
/// The database's failure.
pub fn taken_of(conn: &mut Conn, app: SdkAppId, day: Date) -> Result<Vec<Taking>, DbError> {
    let taken: Vec<(Option<PackageId>, i64)> = minute_postings::table
        .filter(minute_postings::sdk_app_id.eq(app))
        .filter(minute_postings::day.eq(day.to_string()))
        .group_by(minute_postings::package_id)
        .select((minute_postings::package_id, total(minute_postings::amount)))
        .load(conn)?;
    let taken = taken.into_iter().filter(|(_, amount)| *amount < 0);
    Ok(taken
        .map(|(package, amount)| Taking { package, amount: Hundredths(amount.saturating_neg()) })
        .collect())
}
