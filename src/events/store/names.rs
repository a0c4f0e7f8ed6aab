//! What counts once, and what is summed up or compared for each user or source.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{BigInt, Text};
use jiff::civil::Date;

use crate::db::{Conn, DbError, bulk};
use crate::events::tally::{NameKind, NameKinds};
use crate::events::tier::minutes;
use crate::events::{Service, Tier};
use crate::ids::SdkAppId;
use crate::stats::Metric;
use crate::stats::store::figures_raise;

/// What is added to the figures.
pub(super) type Added = BTreeMap<(Metric, Date), i64>;

fn add(added: &mut Added, metric: Metric, day: Date, number: i64) {
    *added.entry((metric, day)).or_default() += number;
}

/// A day as the database has it.
fn day_of(text: &str) -> Result<Date, DbError> {
    text.parse().map_err(|_| DbError::Broken(format!("{text} is no day")))
}

#[derive(diesel::QueryableByName)]
struct KnownName {
    #[diesel(sql_type = BigInt)]
    nth: i64,
    #[diesel(sql_type = BigInt)]
    kinds: i64,
}

/// Keeps what names were not counted as so far, and counts them. The app's stream is held.
pub(super) fn names_count(
    conn: &mut Conn,
    app: SdkAppId,
    names: &BTreeMap<(Date, String), NameKinds>,
    added: &mut Added,
) -> Result<(), DbError> {
    let days: Vec<_> = names.keys().map(|(day, _)| day.to_string()).collect();
    let given = bulk::Given::new()
        .numbers("nth", (0..).zip(names).map(|(nth, _)| nth))
        .texts("of_day", days.iter().map(String::as_str))
        .numbers("app", names.iter().map(|_| app.0))
        .texts("of_name", names.keys().map(|(_, name)| name.as_str()));
    let known: Vec<KnownName> = bulk::load_each(
        conn,
        "SELECT nth, kinds FROM given JOIN event_names \
         ON event_names.day = of_day AND sdk_app_id = app AND name = of_name",
        &given,
    )?;
    let known: BTreeMap<_, _> = known.into_iter().map(|it| (it.nth, NameKinds(it.kinds))).collect();
    let mut changed = Vec::new();
    for ((nth, ((day, name), kinds)), text) in (0..).zip(names).zip(&days) {
        let before = known.get(&nth).copied().unwrap_or_default();
        let new = kinds.without(before);
        if new == NameKinds::default() {
            continue;
        }
        changed.push((text.as_str(), name.as_str(), before.and(new)));
        for metric in new.kinds().flat_map(NameKind::metrics) {
            add(added, *metric, *day, 1);
        }
    }
    let given = bulk::Given::new()
        .texts("day", changed.iter().map(|(day, ..)| *day))
        .numbers("sdk_app_id", changed.iter().map(|_| app.0))
        .texts("name", changed.iter().map(|(_, name, _)| *name))
        .numbers("kinds", changed.iter().map(|(.., kinds)| kinds.0));
    bulk::insert(
        conn,
        "event_names",
        &given,
        "ON CONFLICT (day, sdk_app_id, name) DO UPDATE SET kinds = excluded.kinds",
    )
}

#[derive(diesel::QueryableByName)]
struct Registration {
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    day: String,
}

/// Keeps the earliest day of each user; one that turns out to be earlier takes its place.
pub(super) fn registrations_count(
    conn: &mut Conn,
    app: SdkAppId,
    registered: &BTreeMap<String, Date>,
    added: &mut Added,
) -> Result<(), DbError> {
    let given = bulk::Given::new()
        .numbers("app", registered.iter().map(|_| app.0))
        .texts("name", registered.keys().map(String::as_str));
    let known: Vec<Registration> = bulk::load_each(
        conn,
        "SELECT registrations.user_name, registrations.day FROM given \
         JOIN registrations ON registrations.sdk_app_id = app AND registrations.user_name = name",
        &given,
    )?;
    let mut known: BTreeMap<_, _> = known.into_iter().map(|it| (it.user_name, it.day)).collect();
    let mut earlier = Vec::new();
    for (user, day) in registered {
        let before = known.remove(user).map(|day| day_of(&day)).transpose()?;
        if before.is_some_and(|before| before <= *day) {
            continue;
        }
        earlier.push((user.as_str(), day.to_string()));
        let moved = before.map(|before| (before, -1));
        for (day, number) in moved.into_iter().chain([(*day, 1)]) {
            add(added, Metric::RegistUserNumOneDay, day, number);
            add(added, Metric::RegistUserNumTotal, day, number);
        }
    }
    let given = bulk::Given::new()
        .numbers("sdk_app_id", earlier.iter().map(|_| app.0))
        .texts("user_name", earlier.iter().map(|(user, _)| *user))
        .texts("day", earlier.iter().map(|(_, day)| day.as_str()));
    bulk::insert(
        conn,
        "registrations",
        &given,
        "ON CONFLICT (sdk_app_id, user_name) DO UPDATE SET day = excluded.day",
    )
}

#[derive(diesel::QueryableByName)]
struct Used {
    #[diesel(sql_type = BigInt)]
    nth: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Adds metered seconds, and counts the minutes that became full or were begun. The app's stream is held.
pub(super) fn usage_count(
    conn: &mut Conn,
    app: SdkAppId,
    usage: &BTreeMap<(Date, Service, Tier, String), i64>,
    added: &mut Added,
) -> Result<(), DbError> {
    let days: Vec<_> = usage.keys().map(|(day, ..)| day.to_string()).collect();
    let keys = || {
        bulk::Given::new()
            .texts("day", days.iter().map(String::as_str))
            .numbers("sdk_app_id", usage.iter().map(|_| app.0))
            .texts("service", usage.keys().map(|(_, service, ..)| service.as_str()))
            .texts("tier", usage.keys().map(|(_, _, tier, _)| tier.as_str()))
            .texts("user_name", usage.keys().map(|(.., user)| user.as_str()))
    };
    let known: Vec<Used> = bulk::load_each(
        conn,
        "SELECT nth, used.seconds FROM given JOIN usage_seconds AS used ON used.day = given.day \
         AND used.sdk_app_id = given.sdk_app_id AND used.service = given.service \
         AND used.tier = given.tier AND used.user_name = given.user_name",
        &keys().numbers("nth", (0..).zip(usage).map(|(nth, _)| nth)),
    )?;
    let known: BTreeMap<_, _> = known.into_iter().map(|it| (it.nth, it.seconds)).collect();
    let mut sums = Vec::with_capacity(usage.len());
    for (nth, ((day, service, tier, _), seconds)) in (0..).zip(usage) {
        let before = known.get(&nth).copied().unwrap_or_default();
        let sum = before.saturating_add(*seconds);
        sums.push(sum);
        let more = minutes(sum) - minutes(before);
        add(added, metric_of(*service, *tier), *day, more);
        add(added, Metric::RtcPackageMinutes, *day, more * service.ratio(*tier));
    }
    bulk::insert(
        conn,
        "usage_seconds",
        &keys().numbers("seconds", sums.into_iter()),
        "ON CONFLICT (day, sdk_app_id, service, tier, user_name) \
         DO UPDATE SET seconds = excluded.seconds",
    )
}

pub(super) const fn metric_of(service: Service, tier: Tier) -> Metric {
    match (service, tier) {
        (Service::Rtc, Tier::Audio) => Metric::RtcAudioMinutes,
        (Service::Rtc, Tier::Hd) => Metric::RtcHdMinutes,
        (Service::Rtc, Tier::FullHd) => Metric::RtcFullHdMinutes,
        (Service::Rtc, Tier::TwoK) => Metric::Rtc2kMinutes,
        (Service::Rtc, Tier::TwoKPlus) => Metric::Rtc2kPlusMinutes,
        (Service::Recording, _) => Metric::RecordingMinutes,
        (Service::Relay, _) => Metric::RelayMinutes,
        (Service::MiniProgram, _) => Metric::MiniProgramMinutes,
    }
}

#[derive(diesel::QueryableByName)]
struct Online {
    #[diesel(sql_type = Text)]
    day: String,
    #[diesel(sql_type = BigInt)]
    online: i64,
}

/// Keeps the largest sample of each source in a minute, and raises the day's largest minute.
pub(super) fn online_count(
    conn: &mut Conn,
    app: SdkAppId,
    online: &BTreeMap<(Date, i64, String), i64>,
) -> Result<(), DbError> {
    let days: Vec<_> = online.keys().map(|(day, ..)| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("day", days.iter().map(String::as_str))
        .numbers("sdk_app_id", online.iter().map(|_| app.0))
        .numbers("minute", online.keys().map(|(_, minute, _)| *minute))
        .texts("source", online.keys().map(|(.., source)| source.as_str()))
        .numbers("online", online.values().copied());
    bulk::insert(
        conn,
        "online_samples",
        &given,
        "ON CONFLICT (day, sdk_app_id, minute, source) DO UPDATE SET online = excluded.online \
         WHERE online_samples.online < excluded.online",
    )?;
    let minutes: BTreeSet<_> = online.keys().map(|(day, minute, _)| (*day, *minute)).collect();
    let days: Vec<_> = minutes.iter().map(|(day, _)| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("of_day", days.iter().map(String::as_str))
        .numbers("app", minutes.iter().map(|_| app.0))
        .numbers("of_minute", minutes.iter().map(|(_, minute)| *minute));
    // At most a few thousand sources of at most 10⁹ users each: the sum stays in range.
    let sums: Vec<Online> = bulk::load_each(
        conn,
        "SELECT day, CAST(SUM(online) AS BIGINT) AS online FROM given \
         JOIN online_samples ON day = of_day AND sdk_app_id = app AND minute = of_minute \
         GROUP BY day, minute",
        &given,
    )?;
    let mut largest = BTreeMap::new();
    for Online { day, online } in sums {
        let known = largest.entry(day_of(&day)?).or_default();
        *known = online.max(*known);
    }
    let largest = largest.into_iter().map(|(day, online)| (Metric::MaxOnlineNum, day, online));
    figures_raise(conn, app, &largest.collect::<Vec<_>>())
}
