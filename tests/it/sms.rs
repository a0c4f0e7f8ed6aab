//! Text messages, from the transaction that asks for them to a gateway that takes them, or does not.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use switchroom::clock::{UtcTime, days, minutes};
use switchroom::db::DbError;
use switchroom::i18n::Language;
use switchroom::jobs::Stopper;
use switchroom::notify::sms::Limits;
use switchroom::notify::worker::Tally;
use switchroom::notify::{
    Message, Sms, SmsQueued, State, Worker, enqueue_sms, sms_is_set_up, state, withdraw,
};
use switchroom::secret::Secret;
use switchroom::upkeep;

use crate::support::db::{Filling, every_row, texts};
use crate::support::gateway::{Behaviour, Kind, SmsGateway};
use crate::support::smtp::{Mode, SmtpServer};
use crate::support::{
    Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on, at_once, demo_on, start, wait,
};

const CODE: &str = "731946";
const NUMBER: &str = "+8613800138000";
const SENT: Tally = Tally { sent: 1, again: 0, failed: 0 };
const AGAIN: Tally = Tally { sent: 0, again: 1, failed: 0 };
const FAILED: Tally = Tally { sent: 0, again: 0, failed: 1 };
const NOTHING: Tally = Tally { sent: 0, again: 0, failed: 0 };

fn app_with(on: Backend, gateway: &SmsGateway) -> Option<TestApp> {
    start(on, Filling::Cast, &[("sms_url", gateway.url().as_str())])
}

fn code(app: &TestApp, target: &str) -> Message {
    Message::StepUpCode {
        code: Secret::new(CODE.to_owned()),
        act: "Reset certificate".to_owned(),
        target: target.to_owned(),
        address: "203.0.113.7".to_owned(),
        reference: "K7".to_owned(),
        expires_at: app.clock().now().plus(minutes(5)),
        link: Secret::default(),
    }
}

fn put_to(app: &TestApp, key: &str, number: &str, message: &Message) -> SmsQueued {
    let (services, message) = (app.services().clone(), message.clone());
    let (key, number, now) = (key.to_owned(), number.to_owned(), services.clock.now());
    let tools = services.clone();
    wait(services.db.write::<_, DbError>(move |conn| {
        let (language, message) = (Language::English, &message);
        let sms = Sms { key: &key, number: &number, language, message };
        enqueue_sms(conn, &tools, &sms, now)
    }))
    .expect("put")
}

pub fn put(app: &TestApp, key: &str) -> SmsQueued {
    put_to(app, key, NUMBER, &code(app, "Classroom"))
}

/// A worker that is soon out of patience.
pub fn worker(app: &TestApp) -> Worker {
    let limits = Limits { connect: Duration::from_secs(4), total: Duration::from_millis(700) };
    Worker::sms(app.services().clone(), limits).expect("a worker")
}

pub fn round_of(worker: &Worker) -> Tally {
    let (_stopper, stop) = Stopper::new();
    wait(worker.round(&stop)).expect("a round")
}

/// State, attempts, whether a body is left, and the last error of the only message.
fn only_row(app: &TestApp) -> String {
    let query = "SELECT channel || ' ' || state || ' ' || attempts || \
         CASE WHEN body IS NULL THEN ' wiped' ELSE ' sealed' END || \
         CASE WHEN lease_owner IS NULL THEN '' ELSE ' held' END || ' ' || \
         COALESCE(last_error, '-') AS text FROM outbox";
    let rows = app.db(|conn| texts(conn, query));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

fn state_of(app: &TestApp, key: &'static str) -> Option<State> {
    wait(app.services().db.read::<_, DbError>(move |conn| state(conn, key))).expect("a state")
}

#[rstest]
#[case(Kind::Twilio)]
#[case(Kind::Tencent)]
#[case(Kind::Webhook)]
fn a_code_reaches_a_gateway_that_checks_the_whole_request(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] kind: Kind,
) {
    let gateway = SmsGateway::start(kind);
    let Some(app) = app_with(on, &gateway) else { return };
    assert!(sms_is_set_up(app.services()));
    assert_eq!(put(&app, "one"), SmsQueued::Queued);
    let before = app.db(every_row).join("\n");
    assert!(!before.contains(CODE) && !before.contains("Classroom"), "{before}");
    assert_eq!(state_of(&app, "one"), Some(State::Pending));

    assert_eq!(round_of(&worker(&app)), SENT);

    let arrived = gateway.expect(1).remove(0);
    assert_eq!(arrived.number, NUMBER);
    let words = match kind {
        Kind::Tencent => "731946 5".to_owned(),
        _ => "Switchroom code 731946 (ref. K7) for: Reset certificate, Classroom. Valid 5 min. \
              We never ask for it: tell nobody."
            .to_owned(),
    };
    assert_eq!(arrived.words, words);
    assert_eq!(only_row(&app), "sms sent 1 wiped -");
    assert_eq!(state_of(&app, "one"), Some(State::Sent));
    assert_eq!(round_of(&worker(&app)), NOTHING);
}

#[rstest]
#[case(Kind::Twilio, "http 401: 20003")]
#[case(Kind::Tencent, "http 401")]
#[case(Kind::Webhook, "http 401")]
fn with_a_wrong_secret_messages_wait(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] kind: Kind,
    #[case] error: &str,
) {
    let gateway = SmsGateway::start(kind);
    let url = gateway.url_with_wrong_secret();
    let Some(app) = start(on, Filling::Cast, &[("sms_url", url.as_str())]) else { return };
    put(&app, "one");

    assert_eq!(round_of(&worker(&app)), AGAIN);

    assert_eq!(only_row(&app), format!("sms pending 1 sealed {error}"));
    let wrong = gateway.wrong();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}

#[rstest]
fn without_tls_off_nothing_is_said_in_the_clear(#[values(Sqlite, Postgres)] on: Backend) {
    for kind in [Kind::Twilio, Kind::Tencent, Kind::Webhook] {
        let gateway = SmsGateway::start(kind);
        let url = gateway.url().replace("&tls=off", "").replace("webhook+http:", "webhook+https:");
        let Some(app) = start(on, Filling::Cast, &[("sms_url", url.as_str())]) else { return };
        put(&app, "one");

        assert_eq!(round_of(&worker(&app)), AGAIN);

        gateway.expect(0);
        let noise = String::from_utf8_lossy(&gateway.noise()).into_owned();
        assert!(!noise.contains("POST") && !noise.contains("AC1") && !noise.contains(CODE));
        let row = only_row(&app);
        assert!(row.starts_with("sms pending 1 sealed connect: "), "{row}");
    }
}

#[rstest]
#[case(Behaviour::Answer(503, format!("down {CODE}")), "http 503")]
#[case(Behaviour::Answer(401, format!("who? {CODE}")), "http 401")]
#[case(Behaviour::Answer(403, String::new()), "http 403")]
#[case(Behaviour::Answer(429, String::new()), "http 429")]
#[case(Behaviour::Answer(200, format!("<html>{CODE}")), "http 200: an answer of another kind")]
#[case(Behaviour::Redirect("http://127.0.0.1:1/".to_owned()), "http 307")]
#[case(Behaviour::Drop, "ask: ")]
#[case(Behaviour::Hold, "ask: no answer in time")]
#[case(Behaviour::Slow, "ask: no answer in time")]
#[case(Behaviour::Endless, "http 200: an answer that is too long")]
fn a_gateway_that_is_away_slow_or_talks_nonsense_loses_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] behaviour: Behaviour,
    #[case] error: &str,
) {
    let gateway = SmsGateway::start(Kind::Twilio);
    let Some(app) = app_with(on, &gateway) else { return };
    put(&app, "one");
    let worker = worker(&app);
    gateway.behave(behaviour);

    assert_eq!(round_of(&worker), AGAIN);

    let row = only_row(&app);
    assert!(row.starts_with(&format!("sms pending 1 sealed {error}")), "{row}");
    assert!(!row.contains(CODE), "{row}");
    assert_eq!(round_of(&worker), NOTHING, "not at once");
    gateway.behave(Behaviour::Take);
    app.clock().forward(Duration::from_secs(5));
    assert_eq!(round_of(&worker), SENT);
    gateway.expect(2);
}

#[rstest]
fn a_gateway_that_is_not_there_is_tried_again_and_again_until_the_code_ends(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let url = gateway.url();
    drop(gateway);
    let Some(app) = start(on, Filling::Cast, &[("sms_url", url.as_str())]) else { return };
    put(&app, "one");
    put(&app, "two");
    let worker = worker(&app);

    for _ in 0..9 {
        let tally = round_of(&worker);
        assert!(tally.sent + tally.failed == 0 && tally.again <= 1, "{tally:?}");
        app.clock().forward(Duration::from_secs(30));
    }
    let latest = UtcTime(app.count("SELECT max(next_try_at) FROM outbox"));
    assert!(latest <= app.clock().now().plus(Duration::from_secs(20)), "{latest}");
    app.clock().forward(Duration::from_secs(30));
    assert_eq!(round_of(&worker), Tally { failed: 2, ..NOTHING });
    assert_eq!(state_of(&app, "one"), Some(State::Failed));
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL"), 0);
}

#[rstest]
fn a_refused_message_ends_at_once_and_takes_its_secret_along(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Twilio);
    let Some(app) = app_with(on, &gateway) else { return };
    put(&app, "one");
    let said = format!("{{\"code\": 21211, \"message\": \"not even {CODE}\"}}");

    gateway.behave(Behaviour::Answer(400, said));
    assert_eq!(round_of(&worker(&app)), FAILED);

    assert_eq!(only_row(&app), "sms failed 1 wiped http 400: 21211");
    assert_eq!(state_of(&app, "one"), Some(State::Failed));
    app.clock().forward(minutes(2));
    assert_eq!(round_of(&worker(&app)), NOTHING);
}

#[rstest]
fn a_code_that_has_ended_is_not_sent_and_one_says_how_long_it_works_still(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Tencent);
    let Some(app) = app_with(on, &gateway) else { return };
    put(&app, "one");
    let late = code(&app, "Classroom");
    app.clock().forward(Duration::from_secs(181));
    put_to(&app, "two", NUMBER, &late);
    app.db(|conn| crate::support::db::run(conn, "DELETE FROM outbox WHERE key = 'one'"));

    assert_eq!(round_of(&worker(&app)), SENT);
    assert_eq!(gateway.expect(1)[0].words, "731946 2");

    put(&app, "three");
    app.clock().forward(minutes(5));
    assert_eq!(round_of(&worker(&app)), FAILED);
    gateway.expect(1);
    let ended = "SELECT state || ' ' || last_error AS text FROM outbox WHERE key = 'three' \
                 AND body IS NULL";
    assert_eq!(app.db(|conn| texts(conn, ended)), ["failed expired"]);
}

#[rstest]
fn a_message_that_is_tried_again_keeps_its_name(#[values(Sqlite, Postgres)] on: Backend) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let Some(app) = app_with(on, &gateway) else { return };
    put(&app, "one");
    let worker = worker(&app);

    gateway.behave(Behaviour::Drop);
    assert_eq!(round_of(&worker), AGAIN);
    gateway.behave(Behaviour::Take);
    app.clock().forward(Duration::from_secs(5));
    assert_eq!(round_of(&worker), SENT);

    let ids: Vec<_> = gateway.expect(2).into_iter().map(|arrived| arrived.id).collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(app.db(|conn| texts(conn, "SELECT id AS text FROM outbox")), [ids[0].clone()]);
}

#[rstest]
fn workers_of_several_nodes_send_a_message_once(#[values(Sqlite, Postgres)] on: Backend) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let Some(app) = app_with(on, &gateway) else { return };
    for number in 0..12 {
        assert_eq!(put(&app, &format!("sms {number}")), SmsQueued::Queued);
    }

    let tallies = at_once(4, |_| round_of(&worker(&app)));

    assert_eq!(tallies.iter().map(|tally| tally.sent).sum::<u32>(), 12, "{tallies:?}");
    let mut ids: Vec<_> = gateway.expect(12).into_iter().map(|arrived| arrived.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

#[rstest]
fn of_two_messages_of_one_key_the_first_is_sent_and_counted(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let Some(app) = app_with(on, &gateway) else { return };
    assert_eq!(put(&app, "one"), SmsQueued::Queued);
    assert_eq!(put(&app, "one"), SmsQueued::Known);
    assert_eq!(app.count("SELECT sent FROM sms_days"), 1);

    let now = app.clock().now();
    let taken_back =
        wait(app.services().db.write::<_, DbError>(move |conn| withdraw(conn, "one", now)));
    assert!(taken_back.expect("an answer"));
    assert_eq!(round_of(&worker(&app)), NOTHING);
    gateway.expect(0);
    assert_eq!(app.count("SELECT sent FROM sms_days"), 1, "it stays counted");
}

#[rstest]
fn a_day_has_a_budget_that_parallel_messages_share_and_the_next_day_has_another(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let url = gateway.url();
    let settings = [("sms_url", url.as_str()), ("sms_budget", "7")];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };

    let put_all = |round: &str| {
        let queued = at_once(20, |number| put(&app, &format!("{round} {number}")));
        let count = |what| queued.iter().filter(|queued| **queued == what).count();
        (count(SmsQueued::Queued), count(SmsQueued::OverBudget))
    };
    assert_eq!(put_all("one"), (7, 13));
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 7);
    assert_eq!(app.count("SELECT sent FROM sms_days"), 7);
    assert_eq!(put(&app, "later"), SmsQueued::OverBudget);
    assert_eq!(state_of(&app, "later"), None);

    // 16 hours later it is another day in UTC.
    app.clock().forward(minutes(16 * 60));
    assert_eq!(put_all("two"), (7, 13));
    let counts = "SELECT day || ' ' || sent AS text FROM sms_days ORDER BY day";
    assert_eq!(app.db(|conn| texts(conn, counts)), ["2026-03-02 7", "2026-03-03 7"]);
    app.clock().forward(days(32));
    wait(upkeep::sweep(app.services())).expect("a round");
    assert_eq!(app.count("SELECT count(*) FROM sms_days"), 0);
}

#[rstest]
fn a_budget_of_nothing_sends_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let settings = [("sms_url", "twilio://AC1:t@127.0.0.1:9?from=a&tls=off"), ("sms_budget", "0")];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };
    assert_eq!(put(&app, "one"), SmsQueued::OverBudget);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}

#[rstest]
fn what_is_rolled_back_is_neither_sent_nor_counted(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (tools, message, now) =
        (app.services().clone(), code(&app, "Classroom"), app.clock().now());
    let failed = wait(app.services().db.write::<(), DbError>(move |conn| {
        let (language, message) = (Language::English, &message);
        let sms = Sms { key: "one", number: NUMBER, language, message };
        assert_eq!(enqueue_sms(conn, &tools, &sms, now)?, SmsQueued::Queued);
        Err(DbError::Busy)
    }));
    assert!(failed.is_err());
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
    assert_eq!(app.count("SELECT count(*) FROM sms_days"), 0);
    assert!(!sms_is_set_up(app.services()));
}

#[rstest]
fn only_countries_of_the_list_are_served(#[values(Sqlite, Postgres)] on: Backend) {
    let settings =
        [("sms_url", "twilio://AC1:t@127.0.0.1:9?from=a&tls=off"), ("sms_countries", "+86, +1")];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };
    let message = code(&app, "Classroom");
    for (number, queued) in [
        (NUMBER, SmsQueued::Queued),
        ("+12025550123", SmsQueued::Queued),
        ("+447911123456", SmsQueued::CountryNotServed),
        ("+85251234567", SmsQueued::CountryNotServed),
    ] {
        assert_eq!(put_to(&app, number, number, &message), queued, "{number}");
    }
    assert_eq!(app.count("SELECT sent FROM sms_days"), 2);
}

#[rstest]
fn a_slow_gateway_holds_up_neither_mail_nor_pages_and_the_reverse(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let Some(mut server) = SmtpServer::start(Mode::Open) else { return };
    let (sms, mail) = (gateway.url(), server.url());
    let settings = [("sms_url", sms.as_str()), ("smtp_url", mail.as_str())];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };
    let long = Limits { connect: Duration::from_secs(4), total: Duration::from_secs(30) };
    let slow = Worker::sms(app.services().clone(), long).expect("a worker");
    let mails = Worker::new(app.services().clone()).expect("a worker");
    let owner = app.owner();
    let change_password = |from: &str, to: &str| {
        let form = owner.visit("/profile").form("/profile/password");
        form.fill("current", from).fill("password", to).fill("again", to).send().expect(303);
    };

    gateway.behave(Behaviour::Hold);
    put(&app, "one");
    std::thread::scope(|scope| {
        let texting = scope.spawn(|| round_of(&slow));
        gateway.expect(1);
        // It is on its way and stays so.
        let began = Instant::now();
        change_password(PASSWORD, "battery staple");
        put(&app, "two");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(round_of(&mails), SENT);
        assert_eq!(state_of(&app, "one"), Some(State::Pending));
        gateway.behave(Behaviour::Drop);
        assert_eq!(texting.join().expect("a round"), AGAIN);
    });

    gateway.behave(Behaviour::Take);
    server.behave(json!({"hold": true}));
    change_password("battery staple", PASSWORD);
    std::thread::scope(|scope| {
        let mailing = scope.spawn(|| round_of(&mails));
        server.expect(2);
        app.clock().forward(Duration::from_secs(5));
        assert_eq!(round_of(&slow).sent, 2);
        server.behave(json!({}));
        mailing.join().expect("a round");
    });
}

#[rstest]
fn the_worker_wakes_when_it_is_rung(#[values(Sqlite, Postgres)] on: Backend) {
    let gateway = SmsGateway::start(Kind::Webhook);
    let Some(app) = app_with(on, &gateway) else { return };
    let worker = worker(&app);
    let (stopper, stop) = Stopper::new();

    std::thread::scope(|scope| {
        let working = scope.spawn(|| wait(worker.run(stop)));
        for count in 1..=3 {
            put(&app, &format!("sms {count}"));
            app.services().sms.ring();
            gateway.expect(count);
        }
        stopper.stop();
        working.join().expect("it stops");
    });
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 3);
}

#[rstest]
fn the_demonstration_shows_text_messages_as_such(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = demo_on(on) else { return };
    assert!(sms_is_set_up(app.services()));
    assert_eq!(put(&app, "one"), SmsQueued::Queued);

    let page = app.owner().visit("/outbox").expect(200);

    assert_eq!(page.texts("main section h2"), ["Text message"]);
    let facts = page.texts("main dl").join(" ");
    assert!(facts.contains("Phone number") && facts.contains(NUMBER), "{facts}");
    let words = page.texts("p.lines").join("");
    assert!(words.starts_with("Switchroom code 731946 (ref. K7)"), "{words}");
}

#[rstest]
fn the_numbers_count_text_messages_without_saying_whose(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    put(&app, "one");
    app.clock().forward(minutes(5));
    assert_eq!(round_of(&worker(&app)), FAILED);

    let text = app.visitor().get("/metrics").expect(200).text().to_owned();

    let line = "text_messages_total{kind=\"step_up_code\",outcome=\"expired\"}";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains("13800138000"));
}
