//! Counting a day anew from what distinct counting keeps of it.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use jiff::civil::Date;

use super::names::metric_of;
use super::stays::peak_of;
use super::stream_hold;
use crate::clock::{UtcTime, Zone};
use crate::db::dialect::total;
use crate::db::schema::{
    apps, event_names, event_streams, online_samples, registrations, usage_seconds,
};
use crate::db::{Conn, DbError};
use crate::events::tally::{NameKind, NameKinds};
use crate::events::tier::minutes;
use crate::events::{Service, Tier};
use crate::ids::SdkAppId;
use crate::minutes::store::days_note;
use crate::stats::store::{figures_put, rows};
use crate::stats::{DayRange, Metric, Series};

/// A figure that is not what its day comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The day.
    pub day: Date,
    /// The metric.
    #[serde(serialize_with = "key")]
    pub metric: Metric,
    /// The figure that was kept.
    pub kept: i64,
    /// What the day comes to.
    pub counted: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn key<S: serde::Serializer>(metric: &Metric, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(metric.key())
}

/// Apps that events were counted for, with their zones: all, or one of them.
///
/// # Errors
/// The database's failure.
pub fn streams(
    conn: &mut Conn,
    only: Option<SdkAppId>,
) -> Result<Vec<(SdkAppId, String)>, DbError> {
    let with_events = event_streams::table.select(event_streams::sdk_app_id);
    let mut found: Vec<(SdkAppId, String)> = apps::table
        .filter(apps::sdk_app_id.eq_any(with_events))
        .select((apps::sdk_app_id, apps::statistics_zone))
        .order(apps::sdk_app_id)
        .load(conn)?;
    found.retain(|(app, _)| only.is_none_or(|only| only == *app));
    Ok(found)
}

/// Counts a day of an app anew, and puts what was wrong right if that is wanted: how many figures were compared, and which
/// were wrong. Registrations of all days are kept, so the total of the day before is taken as it is.
///
/// # Errors
/// The database's failure.
pub fn day_rebuild(
    conn: &mut Conn,
    app: SdkAppId,
    day: Date,
    zone: &Zone,
    repairs: bool,
) -> Result<(usize, Vec<Difference>), DbError> {
    // No batch comes in between.
    stream_hold(conn, app, UtcTime(i64::MIN))?;
    let counted = counted(conn, app, day, zone)?;
    let mut wrong = Vec::new();
    for (metric, number) in &counted {
        let kept = figure(conn, app, *metric, day)?;
        if kept != *number {
            wrong.push(Difference { day, metric: *metric, kept, counted: *number });
        }
    }
    if repairs {
        let right: Vec<_> = wrong.iter().map(|it| (it.metric, it.day, it.counted)).collect();
        figures_put(conn, app, &right)?;
        // The ledger follows the figure.
        if wrong.iter().any(|it| it.metric == Metric::RtcPackageMinutes) {
            days_note(conn, app, [day])?;
        }
    }
    Ok((counted.len(), wrong))
}

/// The figure of a day; a running total stands where it stood.
fn figure(conn: &mut Conn, app: SdkAppId, metric: Metric, day: Date) -> Result<i64, DbError> {
    let Some(range) = DayRange::new(day, day) else { return Ok(0) };
    let rows = rows(conn, &[app], metric, range)?;
    let series =
        Series::of(metric, rows.into_iter().map(|(day, value)| (day.0, value)), range, day);
    Ok(series.values().first().copied().flatten().unwrap_or_default())
}

fn counted(
    conn: &mut Conn,
    app: SdkAppId,
    day: Date,
    zone: &Zone,
) -> Result<BTreeMap<Metric, i64>, DbError> {
    let text = day.to_string();
    let mut counted = BTreeMap::new();
    names(conn, app, &text, &mut counted)?;
    let registered: i64 = registrations::table
        .filter(registrations::sdk_app_id.eq(app))
        .filter(registrations::day.eq(&text))
        .count()
        .get_result(conn)?;
    counted.insert(Metric::RegistUserNumOneDay, registered);
    if let Ok(before) = day.yesterday() {
        let stood = figure(conn, app, Metric::RegistUserNumTotal, before)?;
        counted.insert(Metric::RegistUserNumTotal, stood.saturating_add(registered));
    }
    let online: Vec<i64> = online_samples::table
        .filter(online_samples::day.eq(&text))
        .filter(online_samples::sdk_app_id.eq(app))
        .group_by(online_samples::minute)
        .select(total(online_samples::online))
        .load(conn)?;
    counted.insert(Metric::MaxOnlineNum, online.into_iter().max().unwrap_or_default());
    usage(conn, app, &text, &mut counted)?;
    let peak = peak_of(conn, app, day, zone, None)?;
    counted.insert(Metric::RtcMaxOnlineNum, peak.unwrap_or_default());
    Ok(counted)
}

fn names(
    conn: &mut Conn,
    app: SdkAppId,
    day: &str,
    counted: &mut BTreeMap<Metric, i64>,
) -> Result<(), DbError> {
    let found: Vec<(i64, i64)> = event_names::table
        .filter(event_names::day.eq(day))
        .filter(event_names::sdk_app_id.eq(app))
        .group_by(event_names::kinds)
        .select((event_names::kinds, count_star()))
        .load(conn)?;
    for metric in NameKind::ALL.into_iter().flat_map(NameKind::metrics) {
        counted.insert(*metric, 0);
    }
    for (kinds, names) in found {
        for metric in NameKinds(kinds).kinds().flat_map(NameKind::metrics) {
            *counted.entry(*metric).or_default() += names;
        }
    }
    Ok(())
}

fn usage(
    conn: &mut Conn,
    app: SdkAppId,
    day: &str,
    counted: &mut BTreeMap<Metric, i64>,
) -> Result<(), DbError> {
    let used: Vec<(String, String, i64)> = usage_seconds::table
        .filter(usage_seconds::day.eq(day))
        .filter(usage_seconds::sdk_app_id.eq(app))
        .select((usage_seconds::service, usage_seconds::tier, usage_seconds::seconds))
        .load(conn)?;
    for (service, tier) in Service::ALL.iter().flat_map(|it| Tier::ALL.iter().map(move |t| (it, t)))
    {
        counted.entry(metric_of(*service, *tier)).or_default();
    }
    counted.insert(Metric::RtcPackageMinutes, 0);
    for (service, tier, seconds) in used {
        let broken = || DbError::Broken(format!("usage of {service} {tier}"));
        let service = Service::parse(&service).ok_or_else(broken)?;
        let tier = Tier::parse(&tier).ok_or_else(broken)?;
        let number = minutes(seconds);
        *counted.entry(metric_of(service, tier)).or_default() += number;
        *counted.entry(Metric::RtcPackageMinutes).or_default() += number * service.ratio(tier);
    }
    Ok(())
}
