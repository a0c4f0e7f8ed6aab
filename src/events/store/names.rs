//! What counts once, and what is summed up or compared for each user or source.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{BigInt, Text};
use jiff::civil::Date;

use crate::db::{Conn, DbError, bulk};
use crate::events::tier::minutes;
use crate::events::{NameKind, Service, Tier};
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
struct NewName {
    #[diesel(sql_type = Text)]
    day: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Keeps names that were not there yet, and counts them.
pub(super) fn names_count(
    conn: &mut Conn,
    app: SdkAppId,
    names: &BTreeSet<(Date, NameKind, String)>,
    added: &mut Added,
) -> Result<(), DbError> {
    let days: Vec<_> = names.iter().map(|(day, ..)| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("day", days.iter().map(String::as_str))
        .numbers("app", names.iter().map(|_| app.0))
        .texts("kind", names.iter().map(|(_, kind, _)| kind.as_str()))
        .texts("name", names.iter().map(|(.., name)| name.as_str()));
    let new: Vec<NewName> = bulk::load(
        conn,
        "INSERT INTO event_names (day, sdk_app_id, kind, name) \
         SELECT day, app, kind, name FROM given WHERE true \
         ON CONFLICT (day, sdk_app_id, kind, name) DO NOTHING RETURNING day, kind",
        &given,
    )?;
    for NewName { day, kind } in new {
        let kind = NameKind::parse(&kind).ok_or_else(|| DbError::Broken(kind.clone()))?;
        for metric in kind.metrics() {
            add(added, *metric, day_of(&day)?, 1);
        }
    }
    Ok(())
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
    let known: Vec<Registration> = bulk::load(
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
        .numbers("app", earlier.iter().map(|_| app.0))
        .texts("name", earlier.iter().map(|(user, _)| *user))
        .texts("day", earlier.iter().map(|(_, day)| day.as_str()));
    bulk::execute(
        conn,
        "INSERT INTO registrations (sdk_app_id, user_name, day) \
         SELECT app, name, day FROM given WHERE true \
         ON CONFLICT (sdk_app_id, user_name) DO UPDATE SET day = excluded.day",
        &given,
    )?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Used {
    #[diesel(sql_type = Text)]
    day: String,
    #[diesel(sql_type = Text)]
    service: String,
    #[diesel(sql_type = Text)]
    tier: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Adds metered seconds, and counts the minutes that became full or were begun.
pub(super) fn usage_count(
    conn: &mut Conn,
    app: SdkAppId,
    usage: &BTreeMap<(Date, Service, Tier, String), i64>,
    added: &mut Added,
) -> Result<(), DbError> {
    let days: Vec<_> = usage.keys().map(|(day, ..)| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("day", days.iter().map(String::as_str))
        .numbers("app", usage.iter().map(|_| app.0))
        .texts("service", usage.keys().map(|(_, service, ..)| service.as_str()))
        .texts("tier", usage.keys().map(|(_, _, tier, _)| tier.as_str()))
        .texts("name", usage.keys().map(|(.., user)| user.as_str()))
        .numbers("seconds", usage.values().copied());
    let used: Vec<Used> = bulk::load(
        conn,
        "INSERT INTO usage_seconds (day, sdk_app_id, service, tier, user_name, seconds) \
         SELECT day, app, service, tier, name, seconds FROM given WHERE true \
         ON CONFLICT (day, sdk_app_id, service, tier, user_name) \
         DO UPDATE SET seconds = usage_seconds.seconds + excluded.seconds \
         RETURNING day, service, tier, user_name, seconds",
        &given,
    )?;
    for Used { day, service, tier, user_name, seconds } in used {
        let broken = || DbError::Broken(format!("usage of {service} {tier}"));
        let service = Service::parse(&service).ok_or_else(broken)?;
        let (tier, day) = (Tier::parse(&tier).ok_or_else(broken)?, day_of(&day)?);
        let more = usage.get(&(day, service, tier, user_name)).copied().unwrap_or_default();
        let more = minutes(seconds) - minutes(seconds - more);
        add(added, metric_of(service, tier), day, more);
        add(added, Metric::RtcPackageMinutes, day, more * service.ratio(tier));
    }
    Ok(())
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
        .numbers("app", online.iter().map(|_| app.0))
        .numbers("minute", online.keys().map(|(_, minute, _)| *minute))
        .texts("source", online.keys().map(|(.., source)| source.as_str()))
        .numbers("online", online.values().copied());
    bulk::execute(
        conn,
        "INSERT INTO online_samples (day, sdk_app_id, minute, source, online) \
         SELECT day, app, minute, source, online FROM given WHERE true \
         ON CONFLICT (day, sdk_app_id, minute, source) DO UPDATE SET online = excluded.online \
         WHERE online_samples.online < excluded.online",
        &given,
    )?;
    let minutes: BTreeSet<_> = online.keys().map(|(day, minute, _)| (*day, *minute)).collect();
    let days: Vec<_> = minutes.iter().map(|(day, _)| day.to_string()).collect();
    let given = bulk::Given::new()
        .texts("of_day", days.iter().map(String::as_str))
        .numbers("app", minutes.iter().map(|_| app.0))
        .numbers("of_minute", minutes.iter().map(|(_, minute)| *minute));
    // At most a few thousand sources of at most 10⁹ users each: the sum stays in range.
    let sums: Vec<Online> = bulk::load(
        conn,
        "SELECT day, CAST(SUM(online) AS BIGINT) AS online FROM given \
         JOIN online_samples ON day = of_day AND sdk_app_id = app AND minute = of_minute \
         GROUP BY day, minute",
        &given,
    )?;
    let mut largest = BTreeMap::new();
    for Online { day, online } in sums {
        let known = largest.entry((Metric::MaxOnlineNum, day_of(&day)?)).or_default();
        *known = online.max(*known);
    }
    figures_raise(conn, app, &largest.into_iter().collect::<Vec<_>>())
}
