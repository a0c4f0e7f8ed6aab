//! All metrics of a list of events, counted in the plainest way: the specification once more, without batches, tables or
//! speed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::Value;
use switchroom::clock::{UtcTime, Zone};

/// Figures by metric and day; what is missing is zero.
pub type Figures = BTreeMap<(&'static str, Date), i64>;

struct Told<'e> {
    at: UtcTime,
    day: Date,
    event: &'e Value,
}

impl Told<'_> {
    fn text(&self, field: &str) -> &str {
        self.event[field].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str, default: i64) -> i64 {
        self.event[field].as_i64().unwrap_or(default)
    }

    fn is(&self, kind: &str) -> bool {
        self.event["type"] == kind
    }
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Counts events for an app whose days are those of a zone. Totals are told for the days asked for.
pub fn count(events: &[Value], zone: &Zone, days: &[Date]) -> Figures {
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let at: jiff::Timestamp = event["at"].as_str().expect("a moment").parse().expect("one");
            let at = UtcTime::from(at);
            Told { at, day: at.day(zone), event }
        })
        .collect();
    let mut figures = Figures::new();
    people(&told, days, &mut figures);
    messages(&told, &mut figures);
    groups(&told, days, &mut figures);
    usage(&told, &mut figures);
    rooms(&told, zone, days, &mut figures);
    figures.retain(|_, value| *value != 0);
    figures
}

fn distinct<'t>(
    figures: &mut Figures,
    metric: &'static str,
    names: impl Iterator<Item = (Date, &'t str)>,
) {
    for (day, _) in names.collect::<BTreeSet<_>>() {
        *figures.entry((metric, day)).or_default() += 1;
    }
}

fn people(told: &[Told<'_>], days: &[Date], figures: &mut Figures) {
    let logins = || told.iter().filter(|it| it.is("user.login"));
    for metric in ["ActiveUserNum", "LoginUserNum"] {
        distinct(figures, metric, logins().map(|it| (it.day, it.text("user"))));
    }
    for login in logins() {
        *figures.entry(("LoginTimes", login.day)).or_default() += 1;
    }
    let mut registered: BTreeMap<&str, Date> = BTreeMap::new();
    for it in told.iter().filter(|it| it.is("user.registered")) {
        let day = registered.entry(it.text("user")).or_insert(it.day);
        *day = it.day.min(*day);
    }
    for day in registered.values() {
        *figures.entry(("RegistUserNumOneDay", *day)).or_default() += 1;
    }
    for day in days {
        let until = registered.values().filter(|it| *it <= day).count();
        figures.insert(("RegistUserNumTotal", *day), i64::try_from(until).expect("few"));
    }
    let mut sources: BTreeMap<(Date, i64, &str), i64> = BTreeMap::new();
    for it in told.iter().filter(|it| it.is("online.sampled")) {
        let minute = it.at.0.div_euclid(60 * SECOND);
        let largest = sources.entry((it.day, minute, it.text("source"))).or_default();
        *largest = it.number("count", 0).max(*largest);
    }
    let mut minutes: BTreeMap<(Date, i64), i64> = BTreeMap::new();
    for ((day, minute, _), online) in sources {
        *minutes.entry((day, minute)).or_default() += online;
    }
    for ((day, _), online) in minutes {
        let largest = figures.entry(("MaxOnlineNum", day)).or_default();
        *largest = online.max(*largest);
    }
}

fn messages(told: &[Told<'_>], figures: &mut Figures) {
    let sent = || told.iter().filter(|it| it.is("message.sent"));
    for it in sent() {
        let own = match it.text("scope") {
            "c2c" => ["C2CUpMsgNum", "C2CDownMsgNum", "C2CAPNSMsgNum"],
            _ => ["GroupUpMsgNum", "GroupDownMsgNum", "GroupAPNSMsgNum"],
        };
        let numbers = [it.number("count", 1), it.number("deliveries", 0), it.number("apns", 0)];
        for metrics in [own, ["UpMsgNum", "DownMsgNum", "APNSMsgNum"]] {
            for (metric, number) in metrics.into_iter().zip(numbers) {
                *figures.entry((metric, it.day)).or_default() += number;
            }
        }
    }
    let of = |scope: &'static str| sent().filter(move |it| it.text("scope") == scope);
    distinct(figures, "SendMsgUserNum", sent().map(|it| (it.day, it.text("user"))));
    distinct(figures, "C2CSendMsgUserNum", of("c2c").map(|it| (it.day, it.text("user"))));
    distinct(figures, "GroupSendMsgUserNum", of("group").map(|it| (it.day, it.text("user"))));
    distinct(figures, "GroupSendMsgGroupNum", of("group").map(|it| (it.day, it.text("group"))));
}

fn groups(told: &[Told<'_>], days: &[Date], figures: &mut Figures) {
    for (kind, metric) in [
        ("group.created", "GroupNewGroupNum"),
        ("group.destroyed", "GroupDestroyGroupNum"),
        ("group.joined", "GroupJoinGroupTimes"),
        ("group.quit", "GroupQuitGroupTimes"),
        ("friend.added", "ChainIncrease"),
        ("friend.removed", "ChainDecrease"),
    ] {
        for it in told.iter().filter(|it| it.is(kind)) {
            *figures.entry((metric, it.day)).or_default() += 1;
        }
    }
    for day in days {
        let until = |kind| {
            let count = told.iter().filter(|it| it.is(kind) && it.day <= *day).count();
            i64::try_from(count).expect("few")
        };
        let all = (until("group.created") - until("group.destroyed")).max(0);
        figures.insert(("GroupAllGroupNum", *day), all);
    }
}

fn usage(told: &[Told<'_>], figures: &mut Figures) {
    let mut seconds: BTreeMap<(Date, &str, usize, &str), i64> = BTreeMap::new();
    for it in told.iter().filter(|it| it.is("room.usage")) {
        let service = it.event["service"].as_str().unwrap_or("rtc");
        let edges = [0, 921_600, 2_073_600, 3_686_400];
        let tier = edges.iter().filter(|edge| it.number("pixels", 0) > **edge).count();
        *seconds.entry((it.day, service, tier, it.text("user"))).or_default() +=
            it.number("seconds", 0);
    }
    for ((day, service, tier, _), seconds) in seconds {
        let minutes = (seconds + 59) / 60;
        let (metric, ratios) = match service {
            "rtc" => (
                [
                    "RtcAudioMinutes",
                    "RtcHdMinutes",
                    "RtcFullHdMinutes",
                    "Rtc2kMinutes",
                    "Rtc2kPlusMinutes",
                ][tier],
                [100, 400, 900, 1_600, 3_600],
            ),
            "recording" => ("RecordingMinutes", [110, 440, 990, 1_760, 3_960]),
            "relay" => ("RelayMinutes", [100, 600, 1_350, 1_500, 3_375]),
            _ => ("MiniProgramMinutes", [130, 390, 390, 390, 390]),
        };
        *figures.entry((metric, day)).or_default() += minutes;
        *figures.entry(("RtcPackageMinutes", day)).or_default() += minutes * ratios[tier];
    }
}

fn rooms(told: &[Told<'_>], zone: &Zone, days: &[Date], figures: &mut Figures) {
    let joined = || told.iter().filter(|it| it.is("room.joined"));
    distinct(figures, "RtcUserNum", joined().map(|it| (it.day, it.text("user"))));
    distinct(figures, "RtcRoomNum", joined().map(|it| (it.day, it.text("room"))));
    // Of each stay: user, beginning, name, end; in an order in which a user's next stay comes next.
    let names: BTreeSet<_> = joined().map(|it| it.text("stay")).collect();
    let mut stays: Vec<(&str, i64, &str, i64)> = names
        .into_iter()
        .map(|name| {
            let of = |kind: &'static str| {
                told.iter().filter(move |it| it.is(kind) && it.text("stay") == name)
            };
            let begins = of("room.joined").map(|it| (it.at.0, it.text("user"), it.text("room")));
            let (began, user, _) = begins.min().expect("it was joined");
            let left = of("room.left").map(|it| it.at.0).max().unwrap_or(i64::MAX);
            (user, began, name, left.min(began + DAY))
        })
        .collect();
    stays.sort_unstable();
    for at in 1..stays.len() {
        let (user, began, ..) = stays[at];
        let before = &mut stays[at - 1];
        if before.0 == user {
            before.3 = before.3.min(began);
        }
    }
    for day in days {
        let begins = |day: Date| zone.moment(day.at(0, 0, 0, 0)).expect("a day").0;
        let (from, until) = (begins(*day), begins(day.tomorrow().expect("one")));
        // The most are open at the beginning of the day or of one of the stays.
        let instants = stays.iter().map(|stay| stay.1).filter(|at| (from..until).contains(at));
        let open =
            |instant: i64| stays.iter().filter(|it| it.1 <= instant && instant < it.3).count();
        let peak = instants.chain([from]).map(open).max().unwrap_or_default();
        figures.insert(("RtcMaxOnlineNum", *day), i64::try_from(peak).expect("few"));
    }
}
