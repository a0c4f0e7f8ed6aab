//! Stays in rooms, and the largest number of them that are open at once on a day.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use jiff::civil::Date;

use crate::clock::{UtcTime, Zone};
use crate::db::schema::{room_stays, stale_peaks};
use crate::db::{Conn, DbError, bulk};
use crate::events::stay::LONGEST;
use crate::events::{Stay, peak};
use crate::ids::SdkAppId;
use crate::stats::Metric;
use crate::stats::store::figures_put;

/// Stays of a day and the one before up to which its peak is found as each batch is counted; beyond, once a while.
const AT_ONCE_MAX: i64 = 2_000;

#[derive(Queryable, QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    stay: String,
    #[diesel(sql_type = Nullable<Text>)]
    user_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    room: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    joined_at: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    left_at: Option<i64>,
}

impl From<Row> for (String, Stay) {
    fn from(row: Row) -> Self {
        let joined = match (row.joined_at, row.user_name, row.room) {
            (Some(at), Some(user), Some(room)) => Some((UtcTime(at), user, room)),
            _ => None,
        };
        (row.stay, Stay { joined, left: row.left_at.map(UtcTime) })
    }
}

/// Merges what is known of stays, and finds the peaks anew of the days that this may have changed.
pub(super) fn stays_count(
    conn: &mut Conn,
    app: SdkAppId,
    stays: &BTreeMap<String, Stay>,
    zone: &Zone,
) -> Result<(), DbError> {
    let given = bulk::Given::new()
        .numbers("app", stays.iter().map(|_| app.0))
        .texts("name", stays.keys().map(String::as_str));
    let known: Vec<Row> = bulk::load_each(
        conn,
        "SELECT stay, user_name, room, joined_at, left_at FROM given \
         JOIN room_stays ON sdk_app_id = app AND stay = name",
        &given,
    )?;
    let mut known: BTreeMap<String, Stay> = known.into_iter().map(Into::into).collect();
    let (mut changed, mut days) = (BTreeMap::new(), BTreeSet::new());
    for (name, stay) in stays {
        let before = known.remove(name).unwrap_or_default();
        let mut after = before.clone();
        after.merge(stay.clone());
        if after == before {
            continue;
        }
        // What it was and what it is may be open on other days; so may the user's stay before it, until this one begins.
        for (began, ..) in [&before.joined, &after.joined].into_iter().flatten() {
            let last = began.plus(LONGEST).day(zone);
            days.extend(
                began.day(zone).series(jiff::Span::new().days(1)).take_while(|it| *it <= last),
            );
        }
        changed.insert(name.as_str(), after);
    }
    put(conn, app, &changed)?;
    // A day that is marked already is found later, whatever else comes in.
    let marked = marked(conn, app, &days)?;
    let days: Vec<_> = days.into_iter().filter(|day| !marked.contains(&day.to_string())).collect();
    for (day, is_found) in peaks_of(conn, app, &days, zone, Some(AT_ONCE_MAX))? {
        if !is_found {
            crate::each!(
                conn,
                diesel::insert_into(stale_peaks::table)
                    .values((stale_peaks::sdk_app_id.eq(app), stale_peaks::day.eq(day.to_string())))
                    .on_conflict_do_nothing()
                    .execute(conn)
            )?;
        }
    }
    Ok(())
}

fn marked(
    conn: &mut Conn,
    app: SdkAppId,
    days: &BTreeSet<Date>,
) -> Result<BTreeSet<String>, DbError> {
    let days = days.iter().map(Date::to_string);
    let marked: Vec<String> = stale_peaks::table
        .filter(stale_peaks::sdk_app_id.eq(app))
        .filter(stale_peaks::day.eq_any(days))
        .select(stale_peaks::day)
        .load(conn)?;
    Ok(marked.into_iter().collect())
}

fn put(conn: &mut Conn, app: SdkAppId, stays: &BTreeMap<&str, Stay>) -> Result<(), DbError> {
    let joined = || stays.values().map(|stay| stay.joined.as_ref());
    let given = bulk::Given::new()
        .numbers("sdk_app_id", stays.iter().map(|_| app.0))
        .texts("stay", stays.keys().copied())
        .texts_or_none("user_name", joined().map(|it| it.map(|(_, user, _)| user.as_str())))
        .texts_or_none("room", joined().map(|it| it.map(|(.., room)| room.as_str())))
        .numbers_or_none("joined_at", joined().map(|it| it.map(|(at, ..)| at.0)))
        .numbers_or_none("left_at", stays.values().map(|stay| stay.left.map(|at| at.0)));
    bulk::insert(
        conn,
        "room_stays",
        &given,
        "ON CONFLICT (sdk_app_id, stay) DO UPDATE SET user_name = excluded.user_name, \
         room = excluded.room, joined_at = excluded.joined_at, left_at = excluded.left_at",
    )
}

/// Finds the peaks of days, unless more stays than `most` would have to be looked at; whether each was found.
fn peaks_of(
    conn: &mut Conn,
    app: SdkAppId,
    days: &[Date],
    zone: &Zone,
    most: Option<i64>,
) -> Result<Vec<(Date, bool)>, DbError> {
    let mut found = Vec::new();
    for day in days {
        let peak = peak_of(conn, app, *day, zone, most)?;
        if let Some(open) = peak {
            figures_put(conn, app, &[(Metric::RtcMaxOnlineNum, *day, open)])?;
        }
        found.push((*day, peak.is_some()));
    }
    Ok(found)
}

/// The peak of a day; `None` if more stays than `most` would have to be looked at.
pub(super) fn peak_of(
    conn: &mut Conn,
    app: SdkAppId,
    day: Date,
    zone: &Zone,
    most: Option<i64>,
) -> Result<Option<i64>, DbError> {
    let begins = |day: Date| zone.moment(day.at(0, 0, 0, 0));
    // The calendar's last day does not end; nothing happens on it.
    let (Some(from), Some(until)) = (begins(day), day.tomorrow().ok().and_then(begins)) else {
        return Ok(Some(0));
    };
    let limit = most.map_or(i64::MAX, |most| most + 1);
    let rows: Vec<Row> = room_stays::table
        .filter(room_stays::sdk_app_id.eq(app))
        .filter(room_stays::joined_at.gt(from.minus(LONGEST)))
        .filter(room_stays::joined_at.lt(until))
        .select((
            room_stays::stay,
            room_stays::user_name,
            room_stays::room,
            room_stays::joined_at,
            room_stays::left_at,
        ))
        .limit(limit)
        .load(conn)?;
    let is_small = most.is_none_or(|most| i64::try_from(rows.len()).is_ok_and(|it| it <= most));
    Ok(is_small.then(|| peak(rows.into_iter().map(Into::into).collect(), from, until)))
}

/// Days whose peak is to be found anew, oldest first.
///
/// # Errors
/// The database's failure.
pub fn stale_peaks(conn: &mut Conn, most: i64) -> Result<Vec<(SdkAppId, String)>, DbError> {
    Ok(stale_peaks::table
        .select((stale_peaks::sdk_app_id, stale_peaks::day))
        .order((stale_peaks::sdk_app_id, stale_peaks::day))
        .limit(most)
        .load(conn)?)
}

/// Finds the peak of such a day, however many stays it has.
///
/// # Errors
/// The database's failure.
pub fn peaks_refresh(
    conn: &mut Conn,
    app: SdkAppId,
    day: &str,
    zone: &Zone,
) -> Result<(), DbError> {
    // A batch that comes meanwhile would find the day marked still, and leave it to this round, which does not see it.
    super::stream_wait(conn, app)?;
    diesel::delete(stale_peaks::table.find((app, day))).execute(conn)?;
    let day = day.parse().map_err(|_| DbError::Broken(format!("{day} is no day")))?;
    peaks_of(conn, app, &[day], zone, None).map(drop)
}
