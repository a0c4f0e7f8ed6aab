//! Random histories, counted by the console and by [`super::reference`].

use jiff::civil::Date;
use rstest::rstest;
use serde_json::{Value, json};
use switchroom::clock::{UtcTime, Zone, days};
use switchroom::events::actions::rebuild;
use switchroom::ids::SdkAppId;
use switchroom::stats::{Metric, Tab};

use super::{plane, reference, report, tab};
use crate::support::app::ALPHA;
use crate::support::db::run;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, app_on, wait};

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).expect("small")).expect("small")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

const ZONES: [&str; 5] =
    ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo"];

fn event(dice: &mut Dice, now: UtcTime) -> Value {
    // Few moments, so that many meet: most of the last two days, some a month back.
    let back = if dice.below(8) == 0 { dice.below(29 * 24) } else { dice.below(50) };
    let seconds = i64::try_from(back * 3_600 + dice.below(3) * 47).expect("small");
    let at = UtcTime::from_seconds(now.seconds() - seconds).to_string();
    let (user, peer) = (dice.one(&["ana", "bo", "çem", "丁"]), dice.one(&["ana", "bo"]));
    let (group, room) = (dice.one(&["g1", "g2", "g3"]), dice.one(&["r1", "r2"]));
    let stay = dice.one(&["s1", "s2", "s3", "s4", "s5", "s6"]);
    match dice.below(14) {
        0 => json!({"type": "user.registered", "at": at, "user": user}),
        1 => json!({"type": "user.login", "at": at, "user": user}),
        2 => {
            json!({"type": "online.sampled", "at": at, "source": dice.one(&["n1", "n2", "n3"]), "count": dice.below(50)})
        }
        3 => {
            json!({"type": "message.sent", "at": at, "user": user, "scope": "c2c", "count": dice.below(4), "deliveries": dice.below(9), "apns": dice.below(3)})
        }
        4 => {
            json!({"type": "message.sent", "at": at, "user": user, "scope": "group", "group": group, "deliveries": dice.below(9)})
        }
        5 => json!({"type": "group.created", "at": at, "group": group}),
        6 => json!({"type": "group.destroyed", "at": at, "group": group}),
        7 => {
            json!({"type": dice.one(&["group.joined", "group.quit"]), "at": at, "group": group, "user": user})
        }
        8 => {
            json!({"type": dice.one(&["friend.added", "friend.removed"]), "at": at, "user": user, "peer": peer})
        }
        9 | 10 => {
            json!({"type": "room.joined", "at": at, "room": room, "user": user, "stay": stay})
        }
        11 => json!({"type": "room.left", "at": at, "room": room, "user": user, "stay": stay}),
        _ => {
            let pixels = [0, 1, 921_600, 921_601, 2_073_600, 3_686_400, 3_686_401][dice.below(7)];
            let mut usage = json!({"type": "room.usage", "at": at, "room": room, "user": user, "seconds": dice.below(130), "pixels": pixels});
            if dice.below(2) == 0 {
                usage["service"] = json!(dice.one(&["rtc", "recording", "relay", "mini_program"]));
            }
            usage
        }
    }
}

/// All figures that the API tells and that are not zero.
fn told(plane: &Actor<'_>, app: SdkAppId, (first, last): (Date, Date)) -> reference::Figures {
    let mut figures = reference::Figures::new();
    for one in Tab::ALL {
        let answer = tab(plane, app, one.key(), &format!("?from={first}&to={last}"));
        for day in answer["days"].as_array().expect("days") {
            let date: Date = day["date"].as_str().expect("a date").parse().expect("one");
            for metric in one.columns().iter().chain(one.json_extras()) {
                let value = match (*metric, &day[metric.key()]) {
                    (Metric::RtcPackageMinutes, Value::String(text)) => {
                        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
                        format!("{whole}{rest:0<2}").parse().expect("hundredths")
                    }
                    (metric, value) => {
                        value.as_i64().unwrap_or_else(|| panic!("{metric:?}: {value}"))
                    }
                };
                figures.insert((metric.key(), date), value);
            }
        }
    }
    figures.retain(|_, value| *value != 0);
    figures
}

fn forget(app: &TestApp, zone: &str) {
    app.db(|conn| {
        for table in [
            "stale_peaks",
            "room_stays",
            "usage_seconds",
            "online_samples",
            "registrations",
            "event_names",
            "event_batches",
            "event_streams",
            "daily_figures",
        ] {
            run(conn, &format!("DELETE FROM {table}"));
        }
        run(conn, &format!("UPDATE apps SET statistics_zone = '{zone}' WHERE name = 'Blue'"));
    });
}

#[rstest]
fn two_hundred_histories_come_out_as_counted_by_hand_in_any_order_and_any_batches(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let now = app.clock().now();
    for history in 0..200_u64 {
        let mut dice = Dice(history);
        let zone = ZONES[dice.below(ZONES.len())];
        let count = 1 + dice.below(90);
        let mut events: Vec<_> = (0..count).map(|_| event(&mut dice, now)).collect();
        // What a program sends twice in other batches counts twice, where it adds up.
        let again = events[dice.below(events.len())].clone();
        events.push(again);
        forget(&app, zone);
        let zone = Zone::named(zone).expect("a zone");
        let (first, last) = (now.minus(days(32)).day(&zone), now.plus(days(1)).day(&zone));
        let asked: Vec<_> =
            first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect();
        let expected = reference::count(&events, &zone, &asked);

        dice.shuffle(&mut events);
        let mut rest = events.as_slice();
        let mut number = 0;
        while !rest.is_empty() {
            let (part, others) = rest.split_at(1 + dice.below(rest.len()));
            report(&plane, blue, &format!("{history}-{number}"), part);
            (rest, number) = (others, number + 1);
        }
        let found = told(&plane, blue, (first, last));
        assert_eq!(found, expected, "history {history}: {events:#?}");
        if history % 10 == 0 {
            expect_rebuilt(&app, &plane, blue, (first, last));
        }
    }
}

/// Counting the days anew finds nothing wrong, and finds what was spoiled.
fn expect_rebuilt(app: &TestApp, plane: &Actor<'_>, blue: SdkAppId, days: (Date, Date)) {
    let before = told(plane, blue, days);
    let all_right = wait(rebuild(app.services(), None, false)).expect("figures");
    assert_eq!(all_right.differences, []);
    // The day after tomorrow is among them where tomorrow is minutes away.
    assert!((35..=36).contains(&all_right.days), "{}", all_right.days);
    assert_eq!(all_right.figures, all_right.days * 21);

    // Of what was simply added nothing is kept.
    app.db(|conn| {
        run(
            conn,
            "UPDATE daily_figures SET value = value + 7 WHERE metric NOT LIKE '%Times' \
             AND metric NOT LIKE '%MsgNum' AND metric NOT LIKE 'Chain%' \
             AND metric NOT LIKE 'Group%GroupNum'",
        );
        run(conn, "UPDATE daily_figures SET value = value - 7 WHERE metric = 'RegistUserNumTotal'");
    });
    let spoiled = told(plane, blue, days);
    let found = wait(rebuild(app.services(), Some(blue), false)).expect("figures").differences;
    assert_eq!(told(plane, blue, days), spoiled, "only looked at");
    let put_right = wait(rebuild(app.services(), Some(blue), true)).expect("figures");
    assert_eq!(put_right.differences, found);
    assert_eq!(found.is_empty(), spoiled == before);
    let after = told(plane, blue, days);
    let lost = before.iter().filter(|it| after.get(it.0) != Some(it.1));
    let lost: Vec<_> = lost.collect();
    assert!(after == before, "lost: {lost:?}");
    assert_eq!(wait(rebuild(app.services(), Some(SdkAppId(7)), true)).expect("none").days, 0);
}
