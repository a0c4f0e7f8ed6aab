//! Mail, from the transaction that asks for it to a real server that takes it, or does not.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use switchroom::clock::{Clock, UtcTime, Zone, days, hours, minutes};
use switchroom::db::DbError;
use switchroom::i18n::Language;
use switchroom::jobs::Stopper;
use switchroom::notify::relay::Limits;
use switchroom::notify::worker::Tally;
use switchroom::notify::{
    Channel, FactorChange, Mail, Message, State, Worker, enqueue, is_set_up, state, store, withdraw,
};
use switchroom::random::Random;
use switchroom::secret::Secret;
use switchroom::upkeep;
use switchroom::vault::{MasterKey, Vault};

use crate::support::app::{ALPHA, MASTER_KEY};
use crate::support::db::{Database, Filling, every_row, run, texts};
use crate::support::samples::BOTH;
use crate::support::smtp::{Mode, SmtpServer};
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Request, Sqlite, TestApp, app_on, at_once, demo_on, start,
    wait,
};

const CODE: &str = "731946";
const SENT: Tally = Tally { sent: 1, again: 0, failed: 0 };
const AGAIN: Tally = Tally { sent: 0, again: 1, failed: 0 };
const FAILED: Tally = Tally { sent: 0, again: 0, failed: 1 };
const NOTHING: Tally = Tally { sent: 0, again: 0, failed: 0 };

fn app_with(on: Backend, server: &SmtpServer) -> Option<TestApp> {
    let url = server.url();
    start(
        on,
        Filling::Cast,
        &[("smtp_url", url.as_str()), ("mail_from", "console@switchroom.test")],
    )
}

fn code(app: &TestApp, target: &str) -> Message {
    Message::StepUpCode {
        code: Secret::new(CODE.to_owned()),
        act: "Reset the certificate".to_owned(),
        target: target.to_owned(),
        address: "203.0.113.7".to_owned(),
        reference: "K7Q2".to_owned(),
        expires_at: app.clock().now().plus(minutes(5)),
        link: switchroom::secret::Secret::new("a-link".to_owned()),
    }
}

fn notice(app: &TestApp) -> Message {
    notice_at(app.clock().now())
}

fn notice_at(at: UtcTime) -> Message {
    Message::FactorChanged {
        change: FactorChange::AuthenticatorReplaced,
        at,
        address: "203.0.113.7".to_owned(),
        browser: "Firefox".to_owned(),
        freeze: None,
        codes_left: None,
        new_email: None,
    }
}

fn put_for(app: &TestApp, key: &str, language: Language, message: &Message) -> bool {
    let zone = Zone::named("Asia/Shanghai").expect("a zone");
    let (services, key, message) = (app.services(), key.to_owned(), message.clone());
    let (vault, random, now) =
        (services.vault.clone(), services.random.clone(), services.clock.now());
    wait(services.db.write::<_, DbError>(move |conn| {
        let mail = Mail {
            key: &key,
            recipient: "li@example.com",
            language,
            zone: &zone,
            message: &message,
        };
        enqueue(conn, &vault, &random, &mail, now)
    }))
    .expect("put")
}

fn put(app: &TestApp, key: &str, message: &Message) -> bool {
    put_for(app, key, Language::English, message)
}

fn worker(app: &TestApp) -> Worker {
    Worker::new(app.services().clone()).expect("a worker")
}

/// A worker that is soon out of patience.
fn hasty(app: &TestApp) -> Worker {
    let limit = Duration::from_millis(400);
    let limits = Limits { connect: 10 * limit, send: limit, quit: limit };
    Worker::with_limits(app.services().clone(), limits).expect("a worker")
}

fn round_of(worker: &Worker) -> Tally {
    let (_stopper, stop) = Stopper::new();
    wait(worker.round(&stop)).expect("a round")
}

/// State, attempts, whether a body is left, and the last error of the only mail.
fn only_row(app: &TestApp) -> String {
    let query = "SELECT state || ' ' || attempts || \
         CASE WHEN body IS NULL THEN ' wiped' ELSE ' sealed' END || \
         CASE WHEN lease_owner IS NULL THEN '' ELSE ' held' END || ' ' || \
         COALESCE(last_error, '-') AS text FROM outbox";
    let rows = app.db(|conn| texts(conn, query));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

#[rstest]
fn a_mail_reaches_a_server_that_asks_for_encryption_and_a_password(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(Mode::StartTls, Mode::Smtps)] mode: Mode,
) {
    let Some(mut server) = SmtpServer::start(mode) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    let before = app.db(every_row).join("\n");
    assert!(!before.contains(CODE) && !before.contains("Classroom"), "{before}");

    assert_eq!(round_of(&worker(&app)), SENT);

    let arrived = &server.expect(1)[0];
    assert_eq!(arrived.from, "console@switchroom.test");
    assert_eq!(arrived.to, ["li@example.com"]);
    assert!(arrived.is_encrypted);
    assert_eq!(arrived.user, "switchroom");
    let header = |name: &str| arrived.header(name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(header("From"), "Switchroom <console@switchroom.test>");
    assert_eq!(header("To"), "li@example.com");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("Date"), "Mon, 02 Mar 2026 08:00:00 +0000");
    assert!(header("Content-Type").starts_with("multipart/alternative"));
    assert!(!arrived.header("Subject").expect("a subject").contains(CODE));
    let id = app.db(|conn| texts(conn, "SELECT id AS text FROM outbox")).remove(0);
    assert_eq!(header("Message-ID"), format!("<{id}@switchroom.test>"));
    assert_eq!(arrived.mail.matches(CODE).count(), 2, "in the text and in HTML");
    assert!(arrived.mail.contains("2026-03-02 16:05 (Asia/Shanghai)"), "{}", arrived.mail);
    let link = format!("{}/profile", app.services().settings.base_url);
    assert!(arrived.mail.replace("=\r\n", "").contains(&link), "{}", arrived.mail);

    assert_eq!(only_row(&app), "sent 1 wiped -");
    assert_eq!(round_of(&worker(&app)), NOTHING);
}

#[rstest]
#[case("mail.example.org", true, "starttls: ")]
#[case("localhost", false, "starttls: ")]
fn a_certificate_of_another_name_or_authority_gets_no_mail(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] name: &str,
    #[case] is_known: bool,
    #[case] step: &str,
) {
    let Some(mut server) = SmtpServer::named(Mode::StartTls, name) else { return };
    let url = server.url();
    let url = if is_known { url } else { url.split('?').next().expect("a URL").to_owned() };
    let Some(app) = start(on, Filling::Cast, &[("smtp_url", url.as_str())]) else { return };
    put(&app, "one", &notice(&app));

    assert_eq!(round_of(&worker(&app)), AGAIN);

    server.expect(0);
    let row = only_row(&app);
    assert!(row.starts_with("pending 1 sealed ") && row.contains(step), "{row}");
    assert!(row.contains("certificate"), "{row}");
}

#[rstest]
fn a_server_without_encryption_or_with_another_password_gets_no_mail(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut open) = SmtpServer::start(Mode::Open) else { return };
    let Some(mut strict) = SmtpServer::start(Mode::StartTls) else { return };
    for (url, step) in [
        (format!("smtp://localhost:{}", open.port()), "starttls: "),
        (strict.url().replace("p%40ss", "wrong"), "auth: 535"),
    ] {
        let Some(app) = start(on, Filling::Cast, &[("smtp_url", url.as_str())]) else { return };
        put(&app, "one", &notice(&app));

        assert_eq!(round_of(&worker(&app)), AGAIN);

        let row = only_row(&app);
        assert!(row.starts_with("pending 1 sealed ") && row.contains(step), "{row}");
        assert!(!row.contains("wrong"), "{row}");
    }
    open.expect(0);
    strict.expect(0);
}

#[rstest]
fn encryption_can_be_switched_off_for_a_server_nearby(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::Open) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &notice(&app));

    assert_eq!(round_of(&worker(&app)), SENT);
    assert!(!server.expect(1)[0].is_encrypted);
    assert!(is_set_up(app.services()));
}

#[rstest]
fn workers_of_several_nodes_send_a_mail_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    for number in 0..12 {
        assert!(put(&app, &format!("mail {number}"), &notice(&app)));
    }

    let tallies = at_once(4, |_| round_of(&worker(&app)));

    assert_eq!(tallies.iter().map(|tally| tally.sent).sum::<u32>(), 12, "{tallies:?}");
    assert_eq!(tallies.iter().map(|tally| tally.again + tally.failed).sum::<u32>(), 0);
    let arrived = server.expect(12);
    let mut ids: Vec<_> = arrived.iter().filter_map(|mail| mail.header("Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

#[rstest]
fn of_two_mails_of_one_key_the_first_is_sent(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };

    assert!(put(&app, "one", &code(&app, "Classroom")));
    assert!(!put(&app, "one", &code(&app, "Another")));

    assert_eq!(round_of(&worker(&app)), SENT);
    assert!(server.expect(1)[0].mail.contains("Classroom"));
    assert!(!put(&app, "one", &code(&app, "Another")));
    assert_eq!(round_of(&worker(&app)), NOTHING);
}

#[rstest]
fn a_mail_of_an_act_that_is_rolled_back_is_never_there(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (services, message) = (app.services(), notice(&app));
    let (vault, random, now) =
        (services.vault.clone(), services.random.clone(), services.clock.now());

    let failed = wait(services.db.write::<(), DbError>(move |conn| {
        let zone = Zone::utc();
        let mail = Mail {
            key: "one",
            recipient: "li@example.com",
            language: Language::Chinese,
            zone: &zone,
            message: &message,
        };
        assert!(enqueue(conn, &vault, &random, &mail, now)?);
        Err(DbError::Busy)
    }));

    assert!(failed.is_err());
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}

#[rstest]
fn a_crash_between_sending_and_noting_sends_again_under_the_same_id(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &notice(&app));
    let sealed = "CREATE TABLE kept AS SELECT * FROM outbox";
    app.db(|conn| run(conn, sealed));
    assert_eq!(round_of(&worker(&app)), SENT);
    // What a process that died there leaves: taken, with a lease, and nothing noted.
    let now = app.clock().now();
    let died = format!(
        "UPDATE outbox SET state = 'pending', sent_at = NULL, body = (SELECT body FROM kept), \
         lease_owner = 'dead', lease_until = {}",
        now.plus(minutes(2)).0
    );
    app.db(|conn| run(conn, &died));

    assert_eq!(round_of(&worker(&app)), NOTHING, "somebody may be sending it");
    app.clock().forward(minutes(2));
    assert_eq!(round_of(&worker(&app)), SENT);

    let arrived = server.expect(2);
    let ids: Vec<_> = arrived.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids[0], ids[1]);
    let dates: Vec<_> = arrived.iter().map(|mail| mail.header("Date")).collect();
    assert_eq!(dates[0], dates[1]);
}

/// The program as a process.
struct Process(Child);

impl Process {
    fn start(database: &Database, server: &SmtpServer) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_switchroom"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("SWITCHROOM_LOG", "warn")
            .env("SWITCHROOM_DATABASE_URL", database.url())
            .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
            .env("SWITCHROOM_SMTP_URL", server.url())
            .stdout(Stdio::null())
            .spawn();
        Self(process.expect("the program runs"))
    }

    /// Tells it to stop, and whether it ended well.
    fn stop(&mut self) -> bool {
        let pid = self.0.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        told.success() && self.0.wait().expect("it ends").success()
    }
}

/// As by `kill -9`.
impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[rstest]
fn a_process_that_is_killed_while_it_sends_leaves_the_mail_to_the_next(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(database) = Database::new(on, Filling::Cast) else { return };
    let vault = Vault::new(&MasterKey::parse(MASTER_KEY).expect("a master key"));
    let (zone, now) = (Zone::utc(), Clock::system().now());
    let mail = Mail {
        key: "one",
        recipient: "li@example.com",
        language: Language::English,
        zone: &zone,
        message: &notice_at(now),
    };
    let put = enqueue(&mut database.connect(), &vault, &Random::system(), &mail, now);
    assert!(put.expect("put"));
    let state = || texts(&mut database.connect(), "SELECT state AS text FROM outbox").remove(0);

    server.behave(json!({"hold": true}));
    let first = Process::start(&database, &server);
    server.expect(1);
    drop(first);
    assert_eq!(state(), "pending");

    server.behave(json!({}));
    run(&mut database.connect(), "UPDATE outbox SET lease_until = 0");
    let mut next = Process::start(&database, &server);
    let ids: Vec<_> = server.expect(2).iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids[0], ids[1]);
    // It ends only when what is on its way is noted.
    assert!(next.stop());
    assert_eq!(state(), "sent");
}

#[rstest]
fn a_connection_that_breaks_before_the_answer_is_tried_again_under_the_same_id(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &notice(&app));
    let worker = worker(&app);

    server.behave(json!({"drop": true}));
    assert_eq!(round_of(&worker), AGAIN);
    server.behave(json!({}));
    assert_eq!(round_of(&worker), NOTHING, "not at once");
    app.clock().forward(Duration::from_secs(5));
    assert_eq!(round_of(&worker), SENT);

    let ids: Vec<_> = server.expect(2).iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids[0], ids[1]);
}

#[rstest]
fn a_refused_recipient_ends_a_mail_at_once_and_takes_its_secret_along(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &code(&app, "Classroom"));

    // The server's own words may repeat anything.
    server.behave(json!({"rcpt": format!("550 5.1.1 nobody here, not even {CODE}")}));
    assert_eq!(round_of(&worker(&app)), FAILED);

    assert_eq!(only_row(&app), "failed 1 wiped rcpt: 550 5.1.1");
    let state = |key: &'static str| {
        wait(app.services().db.read::<_, DbError>(move |conn| state(conn, key))).expect("a state")
    };
    assert_eq!((state("one"), state("two")), (Some(State::Failed), None));
    app.clock().forward(hours(2));
    assert_eq!(round_of(&worker(&app)), NOTHING);
    server.expect(0);
}

#[rstest]
#[case(json!({"rcpt": "450 4.2.1 mailbox busy"}), "rcpt: 450 4.2.1")]
#[case(json!({"data": "451 greylisted"}), "content: 451")]
fn a_mail_that_is_refused_for_now_is_tried_again_less_and_less_often_until_it_ends(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] behaviour: serde_json::Value,
    #[case] reason: &str,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    let worker = worker(&app);
    put(&app, "one", &notice(&app));
    server.behave(behaviour);

    let mut longest = Duration::ZERO;
    for attempt in 1..=6 {
        assert_eq!(round_of(&worker), AGAIN);
        assert_eq!(only_row(&app), format!("pending {attempt} sealed {reason}"));
        let next = UtcTime(app.count("SELECT next_try_at FROM outbox"));
        let pause = next.since(app.clock().now());
        let whole = Duration::from_secs(30 << (attempt - 1));
        assert!((whole / 2..=whole).contains(&pause), "{attempt}: {pause:?}");
        longest = longest.max(pause);
        app.clock().forward(pause / 2);
        assert_eq!(round_of(&worker), NOTHING, "not before its time");
        app.clock().forward(pause / 2 + Duration::from_micros(1));
    }
    server.behave(json!({}));
    assert_eq!(round_of(&worker), SENT);

    server.behave(json!({"rcpt": "450 4.2.1 mailbox busy"}));
    put(&app, "two", &notice(&app));
    assert_eq!(round_of(&worker), AGAIN);
    app.clock().forward(days(5));
    assert_eq!(round_of(&worker), FAILED);
    let left = "SELECT state || ' ' || last_error AS text FROM outbox WHERE key = 'two' \
                AND body IS NULL";
    assert_eq!(app.db(|conn| texts(conn, left)), ["failed expired"]);
}

#[rstest]
fn a_code_that_has_ended_is_not_sent_and_is_wiped_with_a_server_or_without(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(true, false)] has_server: bool,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let app = if has_server { app_with(on, &server) } else { app_on(on) };
    let Some(app) = app else { return };
    put(&app, "one", &code(&app, "Classroom"));

    app.clock().forward(minutes(5));

    assert_eq!(round_of(&worker(&app)), FAILED);
    assert_eq!(only_row(&app), "failed 0 wiped expired");
    server.expect(0);
}

#[rstest]
fn a_code_that_a_newer_one_replaces_is_withdrawn(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    let take_back = || {
        let now = app.clock().now();
        wait(app.services().db.write::<_, DbError>(move |conn| withdraw(conn, "one", now)))
            .expect("an answer")
    };

    assert!(take_back());
    assert!(!take_back());

    assert_eq!(only_row(&app), "failed 0 wiped withdrawn");
    assert_eq!(round_of(&worker(&app)), NOTHING);
    server.expect(0);
}

#[rstest]
fn mail_waits_for_a_server_that_is_away_and_follows_its_return_soon(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(server) = SmtpServer::start(Mode::StartTls) else { return };
    let url = server.url();
    drop(server);
    let Some(app) = start(on, Filling::Cast, &[("smtp_url", url.as_str())]) else { return };
    for number in 0..3 {
        put(&app, &format!("mail {number}"), &notice(&app));
    }
    // Its authority went with the server.
    let gone = Worker::new(app.services().clone()).err().expect("no authority");
    assert!(gone.to_string().contains("ca.pem"), "{gone}");

    let url = url.split('?').next().expect("a URL");
    let Some(app) = start(on, Filling::Cast, &[("smtp_url", url)]) else { return };
    for number in 0..3 {
        put(&app, &format!("mail {number}"), &notice(&app));
    }
    let away = worker(&app);
    for _ in 0..20 {
        let tally = round_of(&away);
        assert!(tally.sent + tally.failed == 0 && tally.again <= 1, "{tally:?}");
        app.clock().forward(Duration::from_secs(30));
    }
    let latest = UtcTime(app.count("SELECT max(next_try_at) FROM outbox"));
    assert!(latest <= app.clock().now().plus(Duration::from_secs(20)), "{latest}");
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'pending'"), 3);
    let errors = "SELECT DISTINCT last_error AS text FROM outbox WHERE last_error IS NOT NULL";
    let errors = app.db(|conn| texts(conn, errors));
    assert!(errors.iter().all(|error| error.starts_with("connect: ")), "{errors:?}");
}

#[rstest]
fn a_server_that_does_not_answer_holds_up_no_page_and_loses_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    server.behave(json!({"hold": true}));
    put(&app, "one", &notice(&app));
    let worker = hasty(&app);

    let owner = app.owner();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| round_of(&worker));
        server.expect(1);
        // The mail is on its way now and stays so.
        owner.get("/apps").expect(200);
        put(&app, "two", &notice(&app));
        assert_eq!(sending.join().expect("a round"), AGAIN);
    });

    let left = "SELECT last_error AS text FROM outbox WHERE state = 'pending' AND key = 'one'";
    assert_eq!(app.db(|conn| texts(conn, left)), ["send: no answer in time"]);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL"), 2);
}

#[rstest]
fn a_server_that_says_goodbye_is_away_and_its_mail_waits(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &notice(&app));
    put(&app, "two", &notice(&app));

    server.behave(json!({"rcpt": "421 4.3.2 going down"}));
    assert_eq!(round_of(&worker(&app)), AGAIN, "the other mail is not tried");
    server.behave(json!({}));
    app.clock().forward(Duration::from_secs(5));
    assert_eq!(round_of(&worker(&app)).sent, 2);
}

#[rstest]
fn the_worker_wakes_when_it_is_rung_and_stops_when_it_is_told(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    let worker = worker(&app);
    let (stopper, stop) = Stopper::new();

    std::thread::scope(|scope| {
        let working = scope.spawn(|| wait(worker.run(stop)));
        for count in 1..=3 {
            put(&app, &format!("mail {count}"), &notice(&app));
            app.services().mail.ring();
            server.expect(count);
        }
        stopper.stop();
        working.join().expect("it stops");
    });
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 3);
}

#[rstest]
fn a_body_that_is_moved_to_another_row_is_not_sent(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    put(&app, "two", &notice(&app));
    let moved = "UPDATE outbox SET body = (SELECT body FROM outbox WHERE key = 'one') \
                 WHERE key = 'two'";
    app.db(|conn| run(conn, moved));

    assert_eq!(round_of(&worker(&app)), Tally { sent: 1, again: 0, failed: 1 });
    server.expect(1);
    let left = "SELECT last_error AS text FROM outbox WHERE state = 'failed'";
    assert_eq!(app.db(|conn| texts(conn, left)), ["cannot be opened"]);
}

#[rstest]
fn names_with_lines_in_them_stay_names(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    let names = [
        "a\r\nBcc: evil@example.com",
        "a\r\n\r\nhello",
        "a\nTo: evil@example.com",
        "a\rX: 1",
        "a\u{0}b",
        "课堂\u{2028}Bcc: evil@example.com\u{202e}",
    ];
    for (number, name) in names.into_iter().enumerate() {
        put(&app, &format!("mail {number}"), &code(&app, name));
    }

    assert_eq!(round_of(&worker(&app)).sent, 6);

    for mail in server.expect(6) {
        assert_eq!(mail.to, ["li@example.com"]);
        let head = mail.mail.split("\r\n\r\n").next().expect("a head").to_ascii_lowercase();
        let names = head.split("\r\n").filter(|line| !line.starts_with(' '));
        let names: Vec<_> = names.filter_map(|line| line.split(':').next()).collect();
        assert!(!names.contains(&"bcc") && !names.contains(&"x"), "{head}");
        assert_eq!(names.iter().filter(|name| **name == "to").count(), 1, "{head}");
    }
}

#[rstest]
fn mail_speaks_the_language_of_whom_it_is_for(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = demo_on(on) else { return };
    let alice = app.owner();
    assert!(alice.get("/outbox").expect(200).text().contains("No mail yet"));
    put_for(&app, "zh", Language::Chinese, &code(&app, "课堂 <b>互动</b>"));
    app.clock().forward(minutes(1));
    put_for(&app, "en", Language::English, &notice(&app));

    let page = alice.get("/outbox").expect(200);

    let text = page.text();
    for words in [
        "课堂 &#60;b&#62;互动&#60;/b&#62;",
        "验证码：",
        "验证码：731946",
        "编号：K7Q2",
        "有效期至：2026-03-02 16:05 (Asia/Shanghai)",
        "Authenticator replaced",
        "From address: 203.0.113.7",
        "li@example.com",
    ] {
        assert!(text.contains(words), "no {words} in {text}");
    }
    assert!(text.find("Authenticator replaced") < text.find("731946"), "the latest first");
}

#[rstest]
fn the_outbox_is_the_demonstrations_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    assert!(!is_set_up(app.services()));
    app.owner().get("/outbox").expect(404);
    app.person("erin").get("/outbox").expect(404);

    let Some(app) = demo_on(on) else { return };
    assert!(is_set_up(app.services()));
    app.owner().get("/outbox").expect(200);
    assert!(app.owner().get("/apps").expect(200).text().contains("href=\"/outbox\""));
    // Its people are everybody's, and each of them waits for mail.
    app.person("erin").get("/outbox").expect(200);
    assert!(app.person("erin").get("/profile").expect(200).text().contains("href=\"/outbox\""));
    app.visitor().get("/outbox").expect(303);
}

fn change_password(actor: &Actor<'_>, to: &str) {
    let form = actor.visit("/profile").form("/profile/password");
    form.fill("current", PASSWORD).fill("password", to).fill("again", to).submit().expect(200);
}

#[rstest]
fn whoever_changes_a_password_is_told_by_mail(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    let erin = app.person("erin").at("203.0.113.50");

    change_password(&erin, "battery staple");
    assert_eq!(round_of(&worker(&app)), SENT);

    let mail = &server.expect(1)[0];
    assert_eq!(mail.to, ["erin@example.com"]);
    assert_eq!(mail.header("Subject").as_deref(), Some("Password changed"));
    for words in ["203.0.113.50", "2026-03-02 16:00 (Asia/Shanghai)"] {
        assert!(mail.mail.contains(words), "no {words} in {}", mail.mail);
    }
    assert!(!mail.mail.contains("battery"));
}

#[rstest]
fn what_was_sent_long_ago_is_forgotten_and_what_waits_is_not(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    put(&app, "two", &notice(&app));
    app.clock().forward(minutes(5));
    assert_eq!(round_of(&worker(&app)), FAILED);
    let sweep = || wait(upkeep::sweep(app.services())).expect("a round");

    app.clock().forward(days(29));
    sweep();
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 2);
    app.clock().forward(days(2));
    sweep();
    assert_eq!(app.db(|conn| texts(conn, "SELECT key AS text FROM outbox")), ["two"]);
}

#[rstest]
fn the_numbers_count_mail_without_saying_whose(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    app.clock().forward(minutes(5));
    round_of(&worker(&app));

    let text = app.visitor().get("/metrics").expect(200).text().to_owned();

    assert!(text.contains("mails_total{kind=\"step_up_code\",outcome=\"expired\"}"), "{text}");
    assert!(!text.contains("li@example.com"));
}

#[rstest]
fn a_mail_that_is_on_its_way_is_neither_taken_back_nor_given_up(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    put(&app, "one", &code(&app, "Classroom"));
    let now = app.clock().now();
    let taken = wait(app.services().db.write::<_, DbError>(move |conn| {
        let id = store::outbox_due(conn, Channel::Mail, now, 1)?.remove(0);
        store::outbox_take(conn, &id, "me", now, now.plus(minutes(10)))
    }));
    assert!(taken.expect("taken").is_some());

    let withdrawn =
        wait(app.services().db.write::<_, DbError>(move |conn| withdraw(conn, "one", now)));
    assert!(!withdrawn.expect("an answer"));
    app.clock().forward(minutes(6));
    assert_eq!(round_of(&worker(&app)), NOTHING);
    assert_eq!(only_row(&app), "pending 1 sealed held -");
    app.clock().forward(minutes(5));
    assert_eq!(round_of(&worker(&app)), FAILED);
    assert_eq!(only_row(&app), "failed 1 wiped expired");
}

#[rstest]
fn the_code_of_a_sensitive_act_arrives_and_does_it_whatever_the_request_calls_itself(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(mut server) = SmtpServer::start(Mode::StartTls) else { return };
    let Some(app) = app_with(on, &server) else { return };
    // As nobody can name an app by the form; what is stored may be older than the form.
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    app.db(|conn| {
        run(conn, "UPDATE apps SET name = 'Blue\r\nBcc: x@evil.test' WHERE sdk_app_id > 0");
    });
    let alice = app.owner();
    let path = format!("/apps/{blue}/certificates/usersig/reset");
    let fields = [("token".to_owned(), alice.token())];
    let request = alice.by_browser(Request::form(&path, &fields)).header("host", "evil.test");
    let request = request.without("origin").without("sec-fetch-site");
    let asked = alice.send(request);
    let asked = asked.expect(303).header("location").expect("a challenge");

    assert_eq!(round_of(&worker(&app)), SENT);
    let mail = server.expect(1).remove(0);
    assert_eq!(mail.to, ["alice@example.com"]);
    assert_eq!(mail.header("Bcc"), None);
    let (code, reference) = {
        let page = alice.visit(&asked).expect(200);
        let shown = page.texts("form p b").join("");
        let text = decoded(&mail.mail);
        assert!(text.contains("http://127.0.0.1") && !text.contains("evil.test/"), "{text}");
        let line = text.lines().find(|line| line.starts_with("Code: ")).expect("a code");
        (line.trim_start_matches("Code: ").trim().to_owned(), shown)
    };
    assert!(decoded(&mail.mail).contains(&format!("Reference: {reference}")));
    let wiped = "SELECT count(*) FROM outbox WHERE body IS NOT NULL";
    assert_eq!(app.count(wiped), 0);
    alice.post_with_token(&asked, &[("code", &code)]).expect(303);
    assert_eq!(app.count("SELECT count(*) FROM certificates WHERE slot = 'retired'"), 1);
}

/// The parts of a mail with quoted-printable undone.
fn decoded(mail: &str) -> String {
    let joined = mail.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let hex = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            _ => {
                bytes.push(first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
