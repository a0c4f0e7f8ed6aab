//! Minutes: what apps use is settled against the packages once, exactly, and the ledger tells of it.

mod alerts;
mod page;

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::clock::{UtcTime, days, hours, minutes};
use switchroom::db::Conn;
use switchroom::events::actions::rebuild;
use switchroom::ids::{SdkAppId, WorkspaceId};
use switchroom::jobs::{Outcome, Runner, Stopper};
use switchroom::minutes::store::package_grant;
use switchroom::minutes::{Hundredths, PackageKind, actions};
use switchroom::stats::Metric;
use switchroom::stats::store::figures_put;

use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::db::{run, texts};
use crate::support::samples::{BOTH, RTC};
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on, at_once, wait};

/// A moment of the first day of the cast's packages, in Shanghai and everywhere.
const AT: &str = "2026-03-02T07:30:00Z";
/// From [`NOW`] until that day is settled for an app in Shanghai.
const UNTIL_DUE: std::time::Duration = hours(32);

/// A program that reports.
fn plane(app: &TestApp) -> Actor<'_> {
    app.key(&[ApiScope::EventsWrite])
}

fn usage(at: &str, user: &str, seconds: i64, pixels: i64, service: &str) -> Value {
    json!({"type": "room.usage", "at": at, "room": "r", "user": user, "seconds": seconds,
           "pixels": pixels, "service": service})
}

/// Audio, of which a minute is a package minute.
fn audio(at: &str, user: &str, minutes: i64) -> Value {
    usage(at, user, minutes * 60, 0, "rtc")
}

fn report(plane: &Actor<'_>, app: SdkAppId, key: &str, events: &[Value]) {
    let path = format!("/v1/apps/{app}/events");
    let request = Request::json("POST", &path, &json!({ "events": events }));
    plane.copied().send(request.header("idempotency-key", key)).expect(200);
}

fn settle(app: &TestApp) {
    wait(actions::settle(app.services())).expect("settled");
}

/// The ledger of a workspace: kind, hundredths, package, app, day, part, what is settled.
fn ledger(app: &TestApp, workspace: WorkspaceId) -> Vec<String> {
    let query = format!(
        "SELECT kind || ' ' || amount || COALESCE(' #' || package_id, '') || \
         COALESCE(' ' || sdk_app_id || ' ' || day || ' ' || part || ' ' || settled, '') AS text \
         FROM minute_postings WHERE workspace_id = {workspace} ORDER BY position"
    );
    app.db(|conn| texts(conn, &query))
}

fn left(app: &TestApp) -> Vec<String> {
    let query = "SELECT id || ' ' || remaining AS text FROM minute_packages \
         WHERE workspace_id = 1 ORDER BY id";
    app.db(|conn| texts(conn, query))
}

/// Insists that the ledger agrees with figures and packages, and that all that is due is settled.
#[track_caller]
fn expect_exact(app: &TestApp, due_until: &str) {
    for (what, query) in [
        (
            "days whose postings are not their figure",
            format!(
                "SELECT count(*) FROM daily_figures f WHERE metric = 'RtcPackageMinutes' \
                 AND day <= '{due_until}' AND value + COALESCE((SELECT SUM(amount) FROM \
                 minute_postings p WHERE p.sdk_app_id = f.sdk_app_id AND p.day = f.day), 0) <> 0"
            ),
        ),
        (
            "days that wait although they are due",
            format!("SELECT count(*) FROM unsettled_days WHERE day <= '{due_until}'"),
        ),
        (
            "packages that hold something else than was posted",
            "SELECT count(*) FROM minute_packages WHERE remaining <> (SELECT SUM(amount) \
             FROM minute_postings WHERE package_id = minute_packages.id)"
                .to_owned(),
        ),
        (
            "ledgers with gaps",
            "SELECT count(*) FROM minute_ledgers l WHERE position <> (SELECT count(*) \
             FROM minute_postings p WHERE p.workspace_id = l.workspace_id)"
                .to_owned(),
        ),
        (
            "postings whose sum so far is not what they say",
            "SELECT count(*) FROM minute_postings p WHERE settled <> -(SELECT SUM(amount) FROM \
             minute_postings q WHERE q.sdk_app_id = p.sdk_app_id AND q.day = p.day \
             AND q.part <= p.part)"
                .to_owned(),
        ),
    ] {
        assert_eq!(app.count(&query), 0, "{what}: {:#?}", ledger(app, ALPHA));
    }
}

fn grant(app: &TestApp, granted: i64, span: (UtcTime, UtcTime)) {
    let now = app.clock().now();
    let what = (PackageKind::Granted, Hundredths(granted * 100));
    app.db(|conn| {
        in_transaction(conn, |conn| package_grant(conn, ALPHA, what, span, now).map(drop));
    });
}

fn in_transaction(
    conn: &mut Conn,
    job: impl FnOnce(&mut Conn) -> Result<(), switchroom::db::DbError>,
) {
    run(conn, "BEGIN");
    job(conn).expect("done");
    run(conn, "COMMIT");
}

#[rstest]
fn the_examples_of_the_billing_rules_are_deducted_to_the_hundredth(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let [calls, recorded, relayed] =
        ["Calls", "Recorded", "Relayed"].map(|name| app.has_app(ALPHA, name, RTC));
    let plane = plane(&app);
    let hd = 3 * 360 * 640;
    report(&plane, calls, "1", &[usage(AT, "ana", 50 * 60, 2 * 960 * 720, "rtc")]);
    report(&plane, recorded, "1", &[usage(AT, "ana", 30 * 60, hd, "recording")]);
    report(&plane, relayed, "1", &[usage(AT, "ana", 30 * 60, hd, "relay")]);
    let grants = ["grant 1000000 #1"];

    settle(&app);
    app.clock().forward(UNTIL_DUE.saturating_sub(minutes(1)));
    settle(&app);
    assert_eq!(ledger(&app, ALPHA), grants, "a day is settled 24 hours after its end");
    app.clock().forward(minutes(1));
    settle(&app);

    let of = |sum: i64, app: SdkAppId| format!("usage -{sum} #1 {app} 2026-03-02 1 {sum}");
    let expected = [of(45_000, calls), of(13_200, recorded), of(18_000, relayed)];
    assert_eq!(ledger(&app, ALPHA)[1..], expected);
    assert_eq!(left(&app), ["1 923800"]);

    report(&plane, calls, "2", &[usage(AT, "ana", 20 * 60, 3 * 1_280 * 720, "rtc")]);
    settle(&app);
    settle(&app);
    let late = format!("adjustment -32000 #1 {calls} 2026-03-02 2 77000");
    assert_eq!(ledger(&app, ALPHA)[4..], [late]);
    assert_eq!(left(&app), ["1 891800"]);
    assert_eq!(ledger(&app, BETA), ["grant 1000000 #2"], "another workspace pays nothing");
    expect_exact(&app, "2026-03-02");
}

#[rstest]
fn what_is_reported_without_metered_time_marks_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = plane(&app);
    report(&plane, blue, "1", &[json!({"type": "user.login", "at": AT, "user": "ana"})]);
    assert_eq!(app.count("SELECT count(*) FROM unsettled_days"), 0);
    report(&plane, blue, "2", &[audio(AT, "ana", 1), audio(AT, "bo", 1)]);
    assert_eq!(app.count("SELECT count(*) FROM unsettled_days"), 1);

    app.clock().forward(UNTIL_DUE);
    settle(&app);
    assert_eq!(app.count("SELECT count(*) FROM unsettled_days"), 0);
    // What a round costs does not depend on what was settled before.
    let idle = app.statements(|| settle(&app));
    assert!(idle <= 4, "{idle} statements for nothing");
    // Seconds that complete no further minute change no figure.
    let seconds = |count| usage(AT, "cy", count, 0, "rtc");
    report(&plane, blue, "3", &[seconds(1)]);
    settle(&app);
    report(&plane, blue, "4", &[seconds(59)]);
    assert_eq!(app.count("SELECT count(*) FROM unsettled_days"), 0);
}

#[rstest]
fn forty_rounds_at_once_settle_each_minute_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let apps = ["Blue", "Green", "Red"].map(|name| app.has_app(ALPHA, name, RTC));
    let plane = plane(&app);
    grant(&app, 20_000, (NOW, NOW.plus(days(40))));
    app.clock().forward(UNTIL_DUE + days(2));
    // Another node, with connections and a writer of its own where the database allows it.
    let nodes =
        [app.services().clone(), if on == Postgres { app.node() } else { app.services().clone() }];
    for round in 0..20_i64 {
        let late = |number: i64| {
            let day =
                ["2026-03-02T07:30:00Z", "2026-03-03T07:30:00Z"][usize::from(number % 2 == 0)];
            // Now and then more than all packages hold.
            let much = if round % 9 == 8 { 7_000 } else { 1 + number };
            audio(day, &format!("u{}", number % 3), much)
        };
        for (number, id) in (0..).zip(apps) {
            report(&plane, id, &format!("{round}"), &[late(number), late(number + 1)]);
        }
        at_once(40, |number| {
            if number % 10 == 3 {
                let id = apps[number % 3];
                report(&plane, id, &format!("{round}-{number}"), &[late(round)]);
            } else if number % 10 == 7 {
                // Cut off somewhere.
                let span =
                    std::time::Duration::from_micros(u64::try_from(number * 97).unwrap_or(0));
                let round = actions::settle(&nodes[number % 2]);
                drop(wait(async { tokio::time::timeout(span, round).await }));
            } else {
                wait(actions::settle(&nodes[number % 2])).expect("settled");
            }
        });
        settle(&app);
        expect_exact(&app, "2026-03-03");
    }
    let uncovered = app.count("SELECT count(*) FROM minute_postings WHERE package_id IS NULL");
    assert!(uncovered > 0, "more was used than there was");
    assert_eq!(left(&app), ["1 0", "3 0"]);
}

#[rstest]
fn the_newcomer_package_goes_first_then_what_ends_first_and_nothing_is_charged_in_retrospect(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    let plane = plane(&app);
    grant(&app, 100, (NOW, NOW.plus(days(90))));
    grant(&app, 100, (NOW, NOW.plus(days(30))));
    report(&plane, blue, "1", &[audio(AT, "ana", 10_050)]);
    app.clock().forward(UNTIL_DUE);
    settle(&app);

    let of = |what: &str| what.replace("DAY", &format!("{blue} 2026-03-02"));
    let first = ["usage -1000000 #1 DAY 1 1000000", "usage -5000 #4 DAY 2 1005000"].map(of);
    assert_eq!(ledger(&app, ALPHA)[3..], first);

    report(&plane, blue, "2", &[audio(AT, "ana", 250)]);
    settle(&app);
    let second = [
        "adjustment -5000 #4 DAY 3 1010000",
        "adjustment -10000 #3 DAY 4 1020000",
        "adjustment -10000 DAY 5 1030000",
    ];
    assert_eq!(ledger(&app, ALPHA)[5..], second.map(of));

    // A package of a later day does not pay for that one, whenever it is reported.
    grant(&app, 500, (app.clock().now(), NOW.plus(days(90))));
    settle(&app);
    report(&plane, blue, "3", &[audio(AT, "ana", 10)]);
    settle(&app);
    assert_eq!(ledger(&app, ALPHA)[9..], [of("adjustment -1000 DAY 6 1031000")]);
    assert_eq!(left(&app), ["1 0", "3 0", "4 0", "5 50000"]);
    expect_exact(&app, "2026-03-02");
}

#[rstest]
fn a_figure_that_falls_gives_minutes_back_to_where_they_came_from(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    grant(&app, 100, (NOW, NOW.plus(days(30))));
    report(&plane(&app), blue, "1", &[audio(AT, "ana", 10_150)]);
    app.clock().forward(UNTIL_DUE);
    settle(&app);
    assert_eq!(left(&app), ["1 0", "3 0"]);

    let day = jiff::civil::date(2026, 3, 2);
    for (figure, expected) in [(1_004_000, ["1 0", "3 6000"]), (999_900, ["1 100", "3 10000"])] {
        app.db(|conn| {
            figures_put(conn, blue, &[(Metric::RtcPackageMinutes, day, figure)]).expect("put");
            let note = format!("INSERT INTO unsettled_days VALUES ('2026-03-02', {blue})");
            run(conn, &note);
        });
        settle(&app);
        assert_eq!(left(&app), expected);
        expect_exact(&app, "2026-03-02");
    }
}

#[rstest]
fn a_day_that_was_counted_anew_is_settled_anew(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    report(&plane(&app), blue, "1", &[audio(AT, "ana", 5)]);
    app.db(|conn| {
        run(conn, "UPDATE daily_figures SET value = 900 WHERE metric = 'RtcPackageMinutes'");
    });
    app.clock().forward(UNTIL_DUE);
    settle(&app);
    assert_eq!(left(&app), ["1 999100"]);
    let put_right = wait(rebuild(app.services(), Some(blue), true)).expect("figures");
    assert_eq!(put_right.differences.len(), 1);
    settle(&app);
    assert_eq!(left(&app), ["1 999500"]);
    expect_exact(&app, "2026-03-02");
}

#[rstest]
fn a_package_pays_for_its_last_day_and_what_is_left_expires(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    app.db(|conn| {
        // The newcomer package is over before the day.
        run(conn, "UPDATE minute_packages SET starts_at = 0, expires_at = 1 WHERE id = 1");
    });
    grant(&app, 100, (NOW, NOW.plus(hours(2))));
    report(&plane(&app), blue, "1", &[audio(AT, "ana", 30)]);
    settle(&app);
    assert_eq!(ledger(&app, ALPHA)[2..], ["expiry -1000000 #1"]);

    app.clock().forward(UNTIL_DUE);
    settle(&app);
    assert_eq!(left(&app), ["1 0", "3 7000"], "it had ended before the day was settled");
    app.clock().forward((hours(2) + days(3)).saturating_sub(UNTIL_DUE + minutes(1)));
    settle(&app);
    assert_eq!(left(&app), ["1 0", "3 7000"]);
    app.clock().forward(minutes(1));
    at_once(4, |_| settle(&app));
    assert_eq!(ledger(&app, ALPHA)[4..], ["expiry -7000 #3"]);
    expect_exact(&app, "2026-03-02");
}

#[rstest]
fn a_day_of_25_hours_is_settled_when_it_is_due(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    app.db(|conn| run(conn, "UPDATE apps SET statistics_zone = 'America/Santiago'"));
    // At the end of 2026-04-04 clocks there go back from midnight to 23:00.
    let at = "2026-04-05T03:30:00Z";
    let now = UtcTime::from_seconds(1_775_359_800);
    assert_eq!(now.to_string(), at);
    app.clock().forward(now.since(NOW));
    report(&plane(&app), blue, "1", &[audio(at, "ana", 5)]);
    app.clock().forward(hours(24));
    settle(&app);
    app.clock().forward(minutes(29));
    settle(&app);
    assert_eq!(ledger(&app, ALPHA).len(), 1);
    app.clock().forward(minutes(1));
    settle(&app);
    assert_eq!(ledger(&app, ALPHA)[1..], [format!("usage -500 #1 {blue} 2026-04-04 1 500")]);
}

#[rstest]
fn the_usage_of_a_deleted_app_is_settled(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    report(&plane(&app), blue, "1", &[audio(AT, "ana", 5)]);
    app.db(|conn| {
        run(conn, "UPDATE apps SET deleted_at = 1, switch = 'disabled', disabled_by = 'member'");
    });
    app.clock().forward(UNTIL_DUE);
    let (_stopper, stop) = Stopper::new();
    let runner = Runner::new(app.services().clone(), stop);
    let ran = wait(runner.run_if_due(&actions::SETTLE_JOB)).expect("the database");
    assert_eq!(ran, Some(Outcome::Done));

    assert_eq!(ledger(&app, ALPHA)[1..], [format!("usage -500 #1 {blue} 2026-03-02 1 500")]);
    let page = app.owner().visit("/minutes").expect(200);
    let row = page.texts("section[aria-labelledby=ledger] tbody tr:first-child td").join(" | ");
    assert!(row.contains(&format!("SDKAppID {blue}")) && !row.contains("Blue"), "{row}");
}

#[rstest]
fn the_ledger_only_grows(#[values(Sqlite, Postgres)] on: Backend) {
    use diesel::connection::SimpleConnection as _;
    let Some(app) = app_on(on) else { return };
    for change in ["UPDATE minute_postings SET amount = 1", "DELETE FROM minute_postings"] {
        let refused = app.db(|conn| conn.batch_execute(change)).expect_err(change);
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    let again = "INSERT INTO minute_postings (workspace_id, position, at, kind, amount, package_id) \
         VALUES (1, 1, 0, 'grant', 5, 1)";
    assert!(app.db(|conn| conn.batch_execute(again)).is_err());
}
