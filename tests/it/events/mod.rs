//! Events: counted once, exactly, in any order, or refused as a whole.

mod bad_input;
mod histories;
mod killed;
mod reference;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Write as _;
use switchroom::api_keys::ApiScope;
use switchroom::events::actions;
use switchroom::ids::SdkAppId;

use crate::support::app::ALPHA;
use crate::support::db::run;
use crate::support::samples::BOTH;
use crate::support::wait;
use crate::support::{
    Actor, Backend, Postgres, Request, Response, Sqlite, TestApp, app_on, at_once,
};

/// A program that reports and reads.
fn plane(app: &TestApp) -> Actor<'_> {
    app.key(&[ApiScope::EventsWrite, ApiScope::StatisticsRead])
}

fn path(app: SdkAppId) -> String {
    format!("/v1/apps/{app}/events")
}

fn batch(app: SdkAppId, key: &str, events: &[Value]) -> Request {
    Request::json("POST", &path(app), &json!({"events": events})).header("idempotency-key", key)
}

fn report(plane: &Actor<'_>, app: SdkAppId, key: &str, events: &[Value]) -> Value {
    plane.send(batch(app, key, events)).expect(200).json()
}

/// A tab of the statistics, whole.
fn tab(plane: &Actor<'_>, app: SdkAppId, tab: &str, query: &str) -> Value {
    plane.get(&format!("/v1/apps/{app}/statistics/{tab}{query}")).expect(200).json()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).expect("memory");
    out.finish().expect("memory")
}

fn some() -> Vec<Value> {
    let at = "2026-03-02T08:00:00Z";
    vec![
        json!({"type": "user.registered", "at": at, "user": "ana"}),
        json!({"type": "user.login", "at": at, "user": "ana", "platform": "ios", "more": {"a": [1]}}),
        json!({"type": "user.login", "at": "2026-03-02T16:00:01+08:00", "user": "ana"}),
        json!({"type": "message.sent", "at": at, "user": "ana", "scope": "c2c", "deliveries": 3}),
        json!({"type": "online.sampled", "at": at, "source": "a", "count": 7}),
    ]
}

#[rstest]
fn what_is_reported_is_in_the_figures_of_its_day(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    assert_eq!(tab(&plane, blue, "overview", "")["data_as_of"], Value::Null);

    let answer = report(&plane, blue, "one", &some());
    assert_eq!(answer, json!({"accepted": 5, "duplicate": false}));

    let found = tab(&plane, blue, "overview", "?from=2026-03-01&to=2026-03-02");
    assert_eq!(found["data_as_of"], "2026-03-02T08:00:01Z");
    assert_eq!(found["time_zone"], "Asia/Shanghai");
    let text = serde_json::to_string(&found["days"][1]).expect("JSON");
    assert_eq!(found["days"][0]["RegistUserNumTotal"], 0);
    let day = &found["days"][1];
    assert_eq!(day["date"], "2026-03-02");
    for (metric, value) in [
        ("ActiveUserNum", 1),
        ("RegistUserNumOneDay", 1),
        ("RegistUserNumTotal", 1),
        ("UpMsgNum", 1),
        ("DownMsgNum", 3),
        ("SendMsgUserNum", 1),
        ("MaxOnlineNum", 7),
        ("LoginTimes", 2),
        ("ChainIncrease", 0),
    ] {
        assert_eq!(day[metric], value, "{metric} in {text}");
    }
}

#[rstest]
fn a_batch_counts_once_however_it_is_sent_again(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let body = json!({"events": some()}).to_string();
    let whole = || Request::new("POST", &path(blue)).header("idempotency-key", "k");
    plane.send(plane.dressed(whole().body("application/json", body.clone()))).expect(200);
    let before = app.rows();

    let again = json!({"accepted": 5, "duplicate": true});
    let plain = whole().body("application/json; charset=utf-8", body.clone());
    assert_eq!(plane.send(plain).expect(200).json(), again);
    let packed = whole().body("application/json", gzip(&body)).header("content-encoding", "gzip");
    assert_eq!(plane.send(packed).expect(200).json(), again);
    let other = whole().body("application/json", json!({"events": []}).to_string());
    plane.send(other).problem(409, "idempotency-key-used");
    app.expect_unchanged(&before, "sending it again");
    // Another key is another batch, and keys are an app's own.
    assert_eq!(report(&plane, blue, "K", &some())["duplicate"], false);
    let green = app.has_app(ALPHA, "Green", BOTH);
    assert_eq!(report(&plane, green, "k", &some())["duplicate"], false);
    let day = tab(&plane, blue, "overview", "?from=2026-03-02")["days"][0].clone();
    assert_eq!((&day["LoginTimes"], &day["ActiveUserNum"]), (&json!(4), &json!(1)));
}

#[rstest]
fn of_one_key_from_many_clients_at_once_one_counts(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    for round in 0..5 {
        let key = format!("round {round}").replace(' ', "-");
        let answers =
            at_once(12, |_| plane.copied().send(batch(blue, &key, &some())).expect(200).json());
        let counted = answers.iter().filter(|answer| answer["duplicate"] == false).count();
        assert_eq!(counted, 1, "round {round}: {answers:?}");
    }
    let day = tab(&plane, blue, "overview", "?from=2026-03-02")["days"][0].clone();
    assert_eq!(day["LoginTimes"], 10);
}

#[rstest]
fn lines_say_the_same_as_a_document(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (blue, green) = (app.has_app(ALPHA, "Blue", BOTH), app.has_app(ALPHA, "Green", BOTH));
    let plane = plane(&app);
    report(&plane, blue, "one", &some());
    let lines: Vec<_> = some().iter().map(ToString::to_string).collect();
    let lines = format!("{}\r\n\n  \n", lines.join("\n"));
    let request = Request::new("POST", &path(green)).header("idempotency-key", "one");
    let request = request.body("application/x-ndjson", gzip(&lines));
    let answer: Response = plane.send(request.header("content-encoding", "gzip"));
    assert_eq!(answer.expect(200).json()["accepted"], 5);
    for name in ["overview", "c2c", "group", "rtc"] {
        let days = |app| tab(&plane, app, name, "?from=2026-03-02")["days"].clone();
        assert_eq!(days(blue), days(green), "{name}");
    }
}

#[rstest]
fn an_app_that_was_deleted_takes_nothing_and_neither_does_somebody_elses(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let green = app.has_app(crate::support::app::BETA, "Green", BOTH);
    let plane = plane(&app);
    plane.send(batch(green, "k", &some())).problem(404, "not-found");
    app.key(&[ApiScope::StatisticsRead])
        .send(batch(blue, "k", &some()))
        .problem(403, "scope-missing");
    app.db(|conn| {
        crate::support::db::run(conn, "UPDATE apps SET deleted_at = 1 WHERE name = 'Blue'");
    });
    let before = app.rows();
    plane.send(batch(blue, "k", &some())).problem(404, "not-found");
    app.expect_unchanged(&before, "an app that is gone");
}

#[rstest]
fn what_only_counting_needs_is_forgotten_after_35_days_and_figures_stay(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let at = "2026-03-02T08:00:00Z";
    let room = |kind: &str, stay: &str| json!({"type": kind, "at": at, "room": "r", "user": "ana", "stay": stay});
    let mut events = some();
    events.extend([
        room("room.joined", "one"),
        room("room.left", "two"),
        json!({"type": "room.usage", "at": at, "room": "r", "user": "ana", "seconds": 61, "pixels": 0}),
    ]);
    report(&plane, blue, "one", &events);
    let tables = ["event_names", "online_samples", "usage_seconds", "room_stays"];
    let kept = || tables.map(|table| app.count(&format!("SELECT count(*) FROM {table}")));
    let days = || {
        ["overview", "rtc"]
            .map(|name| tab(&plane, blue, name, "?from=2026-03-01&to=2026-03-03")["days"].clone())
    };
    let (all, figures) = (kept(), days());
    assert!(all.iter().all(|rows| *rows > 0), "{all:?}");

    app.clock().forward(switchroom::clock::days(34));
    wait(actions::prune(app.services())).expect("pruned");
    assert_eq!(kept(), all);
    assert_eq!(app.count("SELECT count(*) FROM event_batches"), 0, "keys are kept for 8 days");

    app.clock().forward(switchroom::clock::days(3));
    wait(actions::prune(app.services())).expect("pruned");
    assert_eq!(kept(), [0; 4]);
    assert_eq!(app.count("SELECT count(*) FROM registrations"), 1, "nobody registers twice");
    assert_eq!(days(), figures);
}

/// So many people join one room.
fn stays(number: usize) -> Vec<Value> {
    let stay = |n| {
        json!({"type": "room.joined", "at": "2026-03-02T08:00:00Z", "room": "r",
               "user": format!("u{n}"), "stay": format!("s{n}")})
    };
    (0..number).map(stay).collect()
}

#[rstest]
fn the_peak_of_a_crowded_day_is_found_by_and_by(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let stays = stays(2_500);
    report(&plane, blue, "one", &stays[..2_000]);
    let peak =
        || tab(&plane, blue, "rtc", "?from=2026-03-02")["days"][0]["RtcMaxOnlineNum"].clone();
    assert_eq!(peak(), 2_000);
    report(&plane, blue, "two", &stays[2_000..]);
    assert_eq!(peak(), 2_000);
    assert!(app.count("SELECT count(*) FROM stale_peaks") > 0);

    wait(actions::refresh_peaks(app.services())).expect("found");
    assert_eq!(peak(), 2_500);
    assert_eq!(app.count("SELECT count(*) FROM stale_peaks"), 0);
}

#[rstest]
fn a_batch_that_comes_while_a_peak_is_found_is_in_it_or_in_the_next(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    const CROWD: usize = 2_001;
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let stays = stays(CROWD + 60);
    report(&plane, blue, "crowd", &stays[..CROWD]);
    for late in (CROWD..stays.len()).step_by(2) {
        let one = |at: usize| drop(report(&plane, blue, &format!("late-{at}"), &stays[at..=at]));
        one(late);
        at_once(2, |which| match which {
            0 => one(late + 1),
            _ => wait(actions::refresh_peaks(app.services())).expect("found"),
        });
        wait(actions::refresh_peaks(app.services())).expect("found");
        let told = tab(&plane, blue, "rtc", "?from=2026-03-02");
        assert_eq!(told["days"][0]["RtcMaxOnlineNum"], late + 2);
    }
}

#[rstest]
fn the_zone_of_the_days_is_chosen_until_the_first_event(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (owner, plane) = (app.owner(), plane(&app));
    let edit = format!("/apps/{blue}/edit");

    let form = || owner.visit(&edit).expect(200).form(&edit);
    assert_eq!(form().value("statistics_zone"), "Asia/Shanghai");
    form()
        .forged("statistics_zone", "Mars/Base")
        .submit()
        .expect(422)
        .problem("statistics_zone", "Choose one of the options");
    form().choose("statistics_zone", "America/Sao_Paulo").send().expect(303);

    let early = form().choose("statistics_zone", "UTC");
    let at = "2026-03-01T17:00:00Z";
    report(&plane, blue, "first", &[json!({"type": "user.login", "at": at, "user": "ana"})]);
    let told = tab(&plane, blue, "overview", "?from=2026-03-01&to=2026-03-02");
    assert_eq!(told["time_zone"], "America/Sao_Paulo");
    assert_eq!(told["days"][0]["ActiveUserNum"], 1);

    let page = owner.visit(&edit).expect(200);
    assert!(!page.form(&edit).open_names().contains(&"statistics_zone".to_owned()));
    assert!(page.texts("main dd").contains(&"America/Sao_Paulo".to_owned()));
    let late = early.submit().expect(422);
    let words = "Events were counted by the days of the old zone. It cannot change any more";
    assert!(late.texts("[role=alert]")[0].contains(words));
    page.form(&edit).fill("name", "Bluer").send().expect(303);
    let told = tab(&plane, blue, "overview", "");
    assert_eq!(told["time_zone"], "America/Sao_Paulo");
}

#[rstest]
fn a_first_event_and_another_zone_never_both_win(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let mut changed = 0;
    for round in 0..20 {
        let id = app.has_app(ALPHA, &format!("App {round}"), BOTH);
        app.db(|conn| run(conn, "UPDATE workspaces SET rtc_apps_max = 99, im_apps_max = 99"));
        let (owner, plane) = (app.owner(), plane(&app));
        let edit = format!("/apps/{id}/edit");
        let form = owner.visit(&edit).expect(200).form(&edit).choose("statistics_zone", "UTC");
        let at = "2026-03-01T17:00:00Z";
        let login = [json!({"type": "user.login", "at": at, "user": "ana"})];
        let answers = at_once(2, |which| match which {
            0 => form.send().status,
            _ => plane.send(batch(id, "first", &login)).status,
        });
        // A batch that was read by the days of the old zone is sent again.
        assert!(matches!(answers[..], [303 | 422, 200] | [303, 503]), "{answers:?}");
        report(&plane, id, "first", &login);
        let told = tab(&plane, id, "overview", "?from=2026-03-01&to=2026-03-02");
        let (zone, day) = if answers[0] == 303 { ("UTC", 0) } else { ("Asia/Shanghai", 1) };
        assert_eq!(told["time_zone"], zone, "{answers:?}");
        assert_eq!(told["days"][day]["ActiveUserNum"], 1, "{answers:?}");
        assert_eq!(told["days"][1 - day]["ActiveUserNum"], 0, "{answers:?}");
        changed += usize::from(answers[0] == 303);
    }
    assert!(changed > 0, "the zone is changed at least now and then");
}
