//! Mail when minutes are few: once, to those whom it concerns, at the line that they set.

use rstest::rstest;
use switchroom::clock::{days, hours};
use switchroom::notify::store::outbox_latest;
use switchroom::notify::{Message, render};
use switchroom::workspaces::Role;

use super::{AT, UNTIL_DUE, audio, grant, plane, report, settle};
use crate::support::app::{ALPHA, NOW};
use crate::support::db::run;
use crate::support::factors::{app_with_mail, events};
use crate::support::samples::RTC;
use crate::support::{Backend, Postgres, Sqlite, TestApp};

/// To whom mail about minutes went so far, and what it was about, the oldest first.
fn told(app: &TestApp) -> Vec<String> {
    let shown = app.db(|conn| outbox_latest(conn, &app.services().vault, 100)).expect("mail");
    let mut told = Vec::new();
    for mail in shown {
        let letter = mail.letter.expect("a letter");
        if matches!(letter.message, Message::MinutesLow { .. }) {
            let words = render(&letter, mail.language, "https://console.test").expect("words");
            told.push(format!("{}: {}", mail.recipient, words.subject));
        }
    }
    told.sort();
    told
}

fn set_line(app: &TestApp, line: &str) {
    app.person("fiona").post_with_token("/minutes", &[("alert_line", line)]).expect(303);
}

/// Audio that is settled at once, since its day is over.
fn used(app: &TestApp, key: &str, minutes: i64) {
    let blue = app.count("SELECT min(sdk_app_id) FROM apps");
    report(&plane(app), switchroom::ids::SdkAppId(blue), key, &[audio(AT, key, minutes)]);
    settle(app);
}

const LOW: [&str; 2] = [
    "alice@example.com: Alpha is running low on minutes",
    "fiona@example.com: Alpha is running low on minutes",
];
const NONE: [&str; 2] = [
    "alice@example.com: Alpha has no minutes left",
    "fiona@example.com: Alpha has no minutes left",
];

#[rstest]
fn owners_and_finance_are_told_once_when_the_line_is_crossed(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_app(ALPHA, "Blue", RTC);
    set_line(&app, "9000");
    app.clock().forward(UNTIL_DUE);
    let nobody: [&str; 0] = [];

    used(&app, "1", 999);
    assert_eq!(told(&app), nobody, "9,001 are left");
    used(&app, "2", 1);
    assert_eq!(told(&app), LOW, "at the line");
    used(&app, "3", 100);
    settle(&app);
    assert_eq!(told(&app), LOW, "once");

    // A grant that does not reach the line arms nothing; one that does, does.
    grant(&app, 50, (NOW, NOW.plus(days(90))));
    used(&app, "4", 10);
    assert_eq!(told(&app), LOW);
    grant(&app, 200, (NOW, NOW.plus(days(90))));
    used(&app, "5", 1_000);
    assert_eq!(told(&app), [LOW[0], LOW[0], LOW[1], LOW[1]]);

    // Whoever moves the line sees how things stand; what is used from then on sets it off.
    set_line(&app, "8140");
    set_line(&app, "9999");
    assert_eq!(told(&app).len(), 4);
    set_line(&app, "100");
    used(&app, "6", 8_100);
    assert_eq!(told(&app).len(), 6);
    used(&app, "7", 100);
    assert_eq!(told(&app), [NONE[0], LOW[0], LOW[0], LOW[0], NONE[1], LOW[1], LOW[1], LOW[1]]);
    used(&app, "8", 100);
    assert_eq!(told(&app).len(), 8);
    assert_eq!(events(&app).iter().filter(|it| it.starts_with("set_minutes_alert")).count(), 4);
}

#[rstest]
fn the_line_is_a_tenth_until_somebody_sets_it_and_zero_means_silence(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_app(ALPHA, "Blue", RTC);
    app.clock().forward(UNTIL_DUE);
    set_line(&app, "0");
    used(&app, "1", 9_500);
    used(&app, "2", 400);
    let nobody: [&str; 0] = [];
    assert_eq!(told(&app), nobody);
    let overview = |app: &TestApp| {
        app.member(Role::Viewer).visit("/").texts("section[aria-labelledby=attention] li p")
    };
    assert_eq!(overview(&app), nobody, "100 are left, and nobody wants to know");
    set_line(&app, "");
    assert_eq!(overview(&app), ["Only 100 minutes are left"]);
    set_line(&app, "99");
    assert_eq!(overview(&app), nobody);
    used(&app, "3", 1);
    assert_eq!(told(&app), LOW);
    set_line(&app, "0");
    used(&app, "4", 99);
    assert_eq!(told(&app), LOW);
    assert_eq!(overview(&app), ["No minutes are left. RTC apps cannot be created"]);
}

#[rstest]
fn minutes_that_end_by_the_clock_are_told_of_too(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.db(|conn| {
        let end = NOW.plus(hours(1)).0;
        run(conn, &format!("UPDATE minute_packages SET expires_at = {end} WHERE workspace_id = 1"));
    });
    settle(&app);
    let nobody: [&str; 0] = [];
    assert_eq!(told(&app), nobody);
    app.clock().forward(hours(1));
    settle(&app);
    settle(&app);
    assert_eq!(told(&app), NONE);
    app.clock().forward(days(3));
    settle(&app);
    assert_eq!(told(&app), NONE, "what is left was lost before");
}
