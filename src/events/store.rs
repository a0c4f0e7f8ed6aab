//! Merging what a batch adds into what was counted before: one transaction, a statement for each table.

mod live;
mod names;
mod prune;
mod rebuild;
mod stays;

use diesel::prelude::*;

use jiff::civil::Date;

use super::Tally;
use crate::clock::{UtcTime, Zone};
use crate::db::schema::{apps, event_batches, event_streams};
use crate::db::{Conn, DbError, Stop};
use crate::ids::SdkAppId;
use crate::minutes::store::days_note;
use crate::stats::Metric;
use crate::stats::store::{figures_add, totals_add};

pub use live::{Live, live};
pub use prune::PRUNES;
pub use rebuild::{Difference, day_rebuild, streams};
pub use stays::{peaks_refresh, stale_peaks};

/// A batch as its sender calls it.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The app.
    pub app: SdkAppId,
    /// The sender's key.
    pub key: String,
    /// The digest of the body.
    pub digest: String,
    /// How many events it has.
    pub events: i64,
}

/// A batch that was counted before.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Known {
    /// The digest of its body.
    pub digest: String,
    /// How many events it has.
    pub accepted: i64,
}

/// Why a batch is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was counted before.
    Known(Known),
    /// The app is there no more.
    Gone,
    /// Its days are those of another zone now.
    ZoneChanged,
    /// A figure would become larger than can be stored.
    Overflow(Metric),
}

/// A batch of a key, if one was counted.
///
/// # Errors
/// The database's failure.
pub fn batch_known(conn: &mut Conn, app: SdkAppId, key: &str) -> Result<Option<Known>, DbError> {
    Ok(event_batches::table
        .find((app, key))
        .select((event_batches::digest, event_batches::accepted))
        .first(conn)
        .optional()?)
}

/// Counts a batch: all of it or nothing, and once.
///
/// # Errors
/// [`Refusal`], or the database's failure.
pub fn batch_count(
    conn: &mut Conn,
    batch: &Batch,
    tally: &Tally,
    zone: &Zone,
    now: UtcTime,
) -> Result<(), Stop<Refusal>> {
    let app = batch.app;
    stream_hold(conn, app, tally.newest.unwrap_or(UtcTime(i64::MIN)))?;
    if let Some(known) = batch_known(conn, app, &batch.key)? {
        return Err(Stop::Refused(Refusal::Known(known)));
    }
    let kept: Option<String> = apps::table
        .find(app)
        .filter(apps::deleted_at.is_null())
        .select(apps::statistics_zone)
        .first(conn)
        .optional()?;
    match kept.map(|name| name == zone.name()) {
        Some(true) => {}
        Some(false) => return Err(Stop::Refused(Refusal::ZoneChanged)),
        None => return Err(Stop::Refused(Refusal::Gone)),
    }
    diesel::insert_into(event_batches::table)
        .values((
            event_batches::sdk_app_id.eq(app),
            event_batches::key.eq(&batch.key),
            event_batches::digest.eq(&batch.digest),
            event_batches::accepted.eq(batch.events),
            event_batches::created_at.eq(now),
        ))
        .execute(conn)?;
    let mut added = tally.added.clone();
    names::names_count(conn, app, &tally.names, &mut added)?;
    names::registrations_count(conn, app, &tally.registered, &mut added)?;
    names::usage_count(conn, app, &tally.usage, &mut added)?;
    let is_settled_by = |((metric, _), more): &(&(Metric, Date), &i64)| {
        *metric == Metric::RtcPackageMinutes && **more != 0
    };
    let touched = added.iter().filter(is_settled_by).map(|((_, day), _)| *day);
    days_note(conn, app, touched)?;
    names::online_count(conn, app, &tally.online)?;
    stays::stays_count(conn, app, &tally.stays, zone)?;
    let is_total = |metric: &Metric| metric.is_running_total();
    let added = added.into_iter().map(|((metric, day), number)| (metric, day, number));
    let (totals, daily): (Vec<_>, Vec<_>) =
        added.filter(|(.., number)| *number != 0).partition(|(metric, ..)| is_total(metric));
    match figures_add(conn, app, &daily)? {
        Some(metric) => Err(Stop::Refused(Refusal::Overflow(metric))),
        None => Ok(totals_add(conn, app, &totals)?),
    }
}

/// Holds the app's stream until the transaction ends, so that batches of an app are counted one after the other, and
/// notes its newest event.
fn stream_hold(conn: &mut Conn, app: SdkAppId, newest: UtcTime) -> Result<(), DbError> {
    use diesel::dsl::case_when;
    use diesel::upsert::excluded;
    crate::each!(
        conn,
        diesel::insert_into(event_streams::table)
            .values((event_streams::sdk_app_id.eq(app), event_streams::newest_at.eq(newest)))
            .on_conflict(event_streams::sdk_app_id)
            .do_update()
            .set(
                event_streams::newest_at.eq(case_when(
                    event_streams::newest_at.lt(excluded(event_streams::newest_at)),
                    excluded(event_streams::newest_at),
                )
                .otherwise(event_streams::newest_at))
            )
            .execute(conn)
    )?;
    Ok(())
}

/// Whether no event of an app was counted so far, and none is until the transaction ends: a first batch waits for it.
///
/// # Errors
/// The database's failure.
pub fn has_no_events(conn: &mut Conn, app: SdkAppId) -> Result<bool, DbError> {
    let first = (event_streams::sdk_app_id.eq(app), event_streams::newest_at.eq(i64::MIN));
    let begun = crate::each!(
        conn,
        diesel::insert_into(event_streams::table)
            .values(first)
            .on_conflict_do_nothing()
            .execute(conn)
    )?;
    if begun == 1 {
        diesel::delete(event_streams::table.find(app)).execute(conn)?;
    }
    Ok(begun == 1)
}

/// Whether an event of an app was counted.
///
/// # Errors
/// The database's failure.
pub fn has_events(conn: &mut Conn, app: SdkAppId) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(event_streams::table.find(app))).get_result(conn)?)
}

/// Holds the app's stream, if it has one, so that no batch of it is counted until the transaction ends.
///
/// # Errors
/// The database's failure.
pub fn stream_wait(conn: &mut Conn, app: SdkAppId) -> Result<(), DbError> {
    // A write that changes nothing: the lock that both databases know.
    diesel::update(event_streams::table.find(app))
        .set(event_streams::newest_at.eq(event_streams::newest_at))
        .execute(conn)?;
    Ok(())
}

/// Forgets batches that were counted before a moment, up to so many.
///
/// # Errors
/// The database's failure.
pub fn batches_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<(SdkAppId, String)> = event_batches::table
        .filter(event_batches::created_at.lt(before))
        .select((event_batches::sdk_app_id, event_batches::key))
        .order(event_batches::created_at)
        .limit(rows)
        .load(conn)?;
    let mut gone = 0;
    for (app, key) in old {
        gone += diesel::delete(event_batches::table.find((app, key))).execute(conn)?;
    }
    Ok(gone)
}

/// When the newest event of some apps happened that was counted; `None` before the first.
///
/// # Errors
/// The database's failure.
pub fn newest_event(conn: &mut Conn, apps: &[SdkAppId]) -> Result<Option<UtcTime>, DbError> {
    let streams = event_streams::table.filter(event_streams::sdk_app_id.eq_any(apps));
    Ok(streams.select(diesel::dsl::max(event_streams::newest_at)).first(conn)?)
}
