//! Batches that are refused: a clear answer, and nothing of them is counted.

use rstest::rstest;
use serde_json::{Value, json};

use super::{batch, gzip, path, plane, report, some, tab};
use crate::support::app::ALPHA;
use crate::support::samples::BOTH;
use crate::support::{Backend, Postgres, Request, Sqlite, app_on};

const AT: &str = "2026-03-02T08:00:00Z";

fn login(user: &str) -> Value {
    json!({"type": "user.login", "at": AT, "user": user})
}

#[rstest]
fn a_batch_with_bad_events_is_refused_whole_and_they_are_named(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let before = app.rows();
    let mut events = some();
    events.push(json!({"type": "user.left", "at": AT}));
    events.push(json!({"type": "online.sampled", "at": "yesterday", "source": "a", "count": -1}));
    events.push(json!(7));
    events
        .push(json!({"type": "message.sent", "at": AT, "user": "a", "scope": "c2c", "count": 1.5}));

    let answer = plane.send(batch(blue, "k", &events)).problem(422, "invalid").json();
    let named: Vec<_> = answer["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (one["index"].as_u64().expect("an index"), one["field"].as_str().expect("a field"))
        })
        .collect();
    assert_eq!(named, [(5, "type"), (6, "at"), (6, "count"), (7, ""), (8, "count")]);
    let many: Vec<_> = (0..30).map(|_| login("")).collect();
    let answer = plane.send(batch(blue, "k", &many)).problem(422, "invalid").json();
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(20));
    app.expect_unchanged(&before, "bad events");
    // The key is free still.
    assert_eq!(report(&plane, blue, "k", &some())["duplicate"], false);
}

#[rstest]
fn what_is_no_batch_is_refused(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let before = app.rows();
    let deep = format!("{{\"events\": [{}]}}", "[".repeat(500));
    let twice = "{\"events\": [], \"events\": []}";
    let send = |kind: &str, body: Vec<u8>| {
        let request = Request::new("POST", &path(blue)).header("idempotency-key", "k");
        plane.send(request.body(kind, body))
    };
    for body in [
        "",
        "[]",
        "7",
        "{}",
        "{\"events\": {}}",
        "{\"events\": []",
        "{\"events\": [NaN]}",
        &deep,
        twice,
    ] {
        send("application/json", body.as_bytes().to_vec()).problem(400, "bad-request");
    }
    let line = login("a").to_string();
    let cut = format!("{line}\n{}", &line[..20]);
    for body in [cut, format!("{line}{line}"), "x".repeat(70_000)] {
        let answer = send("application/x-ndjson", body.into_bytes()).problem(400, "bad-request");
        assert!(answer.text().contains("line "), "{}", answer.text());
    }
    send("text/plain", line.clone().into_bytes()).problem(415, "unsupported-media-type");
    let squeezed = Request::new("POST", &path(blue)).header("idempotency-key", "k");
    let squeezed = squeezed.body("application/json", "x").header("content-encoding", "br");
    plane.send(squeezed).problem(415, "unsupported-media-type");
    let whole = json!({"events": [login("a")]}).to_string();
    let mut packed = gzip(&whole);
    packed.truncate(packed.len() - 12);
    let request = Request::new("POST", &path(blue)).header("idempotency-key", "k");
    let request = request.body("application/json", packed).header("content-encoding", "gzip");
    plane.send(request).problem(400, "bad-request");
    for key in ["", "a b", &"k".repeat(256), "\u{e9}"] {
        let request = Request::json("POST", &path(blue), &json!({"events": []}));
        plane.send(request.header("idempotency-key", key)).problem(400, "bad-request");
    }
    plane
        .send(Request::json("POST", &path(blue), &json!({"events": []})))
        .problem(400, "bad-request");
    app.expect_unchanged(&before, "what is no batch");
}

#[rstest]
fn a_batch_has_ten_thousand_events_and_eight_mebibytes_at_most(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let mut events: Vec<_> = (0..10_000).map(|n| login(&format!("u{}", n % 100))).collect();
    assert_eq!(report(&plane, blue, "full", &events)["accepted"], 10_000);
    let before = app.rows();
    events.push(login("one more"));
    plane.send(batch(blue, "k", &events)).problem(413, "too-many-events");
    // A bomb: a kilobyte for each megabyte.
    let bomb = format!("{{\"x\": \"{}\", \"events\": []}}", "0".repeat(9 * 1_024 * 1_024));
    let request = Request::new("POST", &path(blue)).header("idempotency-key", "k");
    let request = request.body("application/json", gzip(&bomb)).header("content-encoding", "gzip");
    plane.send(request).problem(413, "too-large");
    let plain = Request::new("POST", &path(blue)).header("idempotency-key", "k");
    plane.send(plain.body("application/json", bomb)).problem(413, "too-large");
    app.expect_unchanged(&before, "too much");
}

#[rstest]
fn a_figure_that_would_wrap_is_refused_by_name(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let sent = |count: i64| json!({"type": "message.sent", "at": AT, "user": "a", "scope": "c2c", "count": count});
    report(&plane, blue, "one", &[sent(1)]);
    app.db(|conn| {
        let full = "UPDATE daily_figures SET value = 9223372036854775800 WHERE metric = 'UpMsgNum'";
        crate::support::db::run(conn, full);
    });
    let before = app.rows();
    let answer = plane.send(batch(blue, "two", &[sent(8)])).problem(422, "overflow");
    assert!(answer.text().contains("UpMsgNum"), "{}", answer.text());
    app.expect_unchanged(&before, "an overflow");
    report(&plane, blue, "two", &[sent(7)]);
    let day = tab(&plane, blue, "overview", "?from=2026-03-02")["days"][0].clone();
    assert_eq!(day["UpMsgNum"], json!(i64::MAX));
}

#[rstest]
fn ranges_and_tabs_are_checked(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    let get = |rest: &str| plane.get(&format!("/v1/apps/{blue}/statistics/{rest}"));
    for (rest, field) in [
        ("overview?from=2026-03-02&to=2026-03-01", "to"),
        ("overview?from=1900-01-01&to=2026-03-01", "from"),
        ("overview?from=tomorrow", "from"),
        ("overview?to=2026-02-30", "to"),
    ] {
        let answer = get(rest).problem(422, "invalid").json();
        assert_eq!(answer["errors"][0]["field"], field, "{rest}");
    }
    get("everything").problem(404, "not-found");
    get("overview?day=1").problem(400, "bad-request");
    let days = get("rtc?from=2016-02-23&to=2026-03-01").expect(200).json();
    assert_eq!(days["days"].as_array().map(Vec::len), Some(3_660));
}
