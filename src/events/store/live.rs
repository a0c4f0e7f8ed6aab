//! What goes on right now.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use jiff::civil::Date;

use super::stays::Row;
use crate::clock::{Day, UtcTime, Zone, minutes};
use crate::db::schema::{daily_figures, online_samples, room_stays};
use crate::db::{Conn, DbError};
use crate::events::stay::LONGEST;
use crate::events::{OpenRoom, Stay, open_rooms};
use crate::ids::SdkAppId;
use crate::stats::Metric;

/// What a node of the data plane said counts for so many minutes.
const SAMPLES_COUNT_FOR: i64 = 5;
/// Stays that are looked at, those that began last: more are not told apart on a screen.
const STAYS_MAX: i64 = 100_000;

/// What goes on in some apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Users online: what each source said last, added.
    pub online: i64,
    /// Stays that are open.
    pub stays: i64,
    /// Messages sent since midnight of each app's zone.
    pub messages: i64,
    /// The rooms that are open, the fullest first, with their apps.
    pub rooms: Vec<(SdkAppId, OpenRoom)>,
}

/// What goes on at a moment in apps with their zones.
///
/// # Errors
/// The database's failure.
pub fn live(conn: &mut Conn, apps: &[(SdkAppId, Zone)], now: UtcTime) -> Result<Live, DbError> {
    let rooms = rooms(conn, apps, now)?;
    Ok(Live {
        online: online(conn, apps, now)?,
        stays: rooms.iter().map(|(_, room)| room.stays).sum(),
        messages: messages(conn, apps, now)?,
        rooms,
    })
}

fn ids(apps: &[(SdkAppId, Zone)]) -> Vec<SdkAppId> {
    apps.iter().map(|(id, _)| *id).collect()
}

fn online(conn: &mut Conn, apps: &[(SdkAppId, Zone)], now: UtcTime) -> Result<i64, DbError> {
    let minute = now.seconds().div_euclid(60);
    let from = now.minus(minutes(SAMPLES_COUNT_FOR.unsigned_abs()));
    let days = apps.iter().flat_map(|(_, zone)| [now.day(zone), from.day(zone)]);
    let days: BTreeSet<String> = days.map(|day| day.to_string()).collect();
    // By their minutes, so that of each source the last one stays.
    let samples: Vec<(SdkAppId, String, i64)> = online_samples::table
        .filter(online_samples::day.eq_any(&days))
        .filter(online_samples::sdk_app_id.eq_any(ids(apps)))
        .filter(online_samples::minute.gt(minute - SAMPLES_COUNT_FOR))
        .filter(online_samples::minute.le(minute))
        .select((online_samples::sdk_app_id, online_samples::source, online_samples::online))
        .order(online_samples::minute)
        .load(conn)?;
    let said: BTreeMap<_, _> =
        samples.into_iter().map(|(app, source, online)| ((app, source), online)).collect();
    Ok(said.values().fold(0, |sum, online| sum.saturating_add(*online)))
}

fn messages(conn: &mut Conn, apps: &[(SdkAppId, Zone)], now: UtcTime) -> Result<i64, DbError> {
    let todays: BTreeMap<SdkAppId, Date> =
        apps.iter().map(|(id, zone)| (*id, now.day(zone))).collect();
    let days: BTreeSet<String> = todays.values().map(Date::to_string).collect();
    let figures: Vec<(SdkAppId, Day, i64)> = daily_figures::table
        .filter(daily_figures::sdk_app_id.eq_any(ids(apps)))
        .filter(daily_figures::metric.eq(Metric::UpMsgNum.key()))
        .filter(daily_figures::day.eq_any(&days))
        .select((daily_figures::sdk_app_id, daily_figures::day, daily_figures::value))
        .load(conn)?;
    let of_today = figures.into_iter().filter(|(app, day, _)| todays.get(app) == Some(&day.0));
    Ok(of_today.fold(0, |sum, (.., value)| sum.saturating_add(value)))
}

fn rooms(
    conn: &mut Conn,
    apps: &[(SdkAppId, Zone)],
    now: UtcTime,
) -> Result<Vec<(SdkAppId, OpenRoom)>, DbError> {
    // A minute more, since a room lingers.
    let from = now.minus(LONGEST).minus(minutes(1));
    let rows: Vec<(SdkAppId, Row)> = room_stays::table
        .filter(room_stays::sdk_app_id.eq_any(ids(apps)))
        .filter(room_stays::joined_at.gt(from))
        .filter(room_stays::joined_at.le(now))
        .select((
            room_stays::sdk_app_id,
            (
                room_stays::stay,
                room_stays::user_name,
                room_stays::room,
                room_stays::joined_at,
                room_stays::left_at,
            ),
        ))
        .order(room_stays::joined_at.desc())
        .limit(STAYS_MAX)
        .load(conn)?;
    let mut of_apps: BTreeMap<SdkAppId, Vec<(String, Stay)>> = BTreeMap::new();
    for (app, row) in rows {
        of_apps.entry(app).or_default().push(row.into());
    }
    let of_app = |(app, stays)| open_rooms(stays, now).into_iter().map(move |room| (app, room));
    let mut open: Vec<_> = of_apps.into_iter().flat_map(of_app).collect();
    open.sort_by(|(_, a), (_, b)| b.stays.cmp(&a.stays).then(a.since.cmp(&b.since)));
    Ok(open)
}
