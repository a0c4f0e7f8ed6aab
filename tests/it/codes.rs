//! Codes: each works once, wrong ones are counted before they are compared, and few are sent.

use std::process::{Command, Stdio};
use std::time::Duration;

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::ids::SdkAppId;
use switchroom::secret::Secret;
use switchroom::step_up::actions::{count, find};
use switchroom::step_up::store::challenge_anywhere;

use crate::support::app::{ALPHA, MASTER_KEY};
use crate::support::db::texts;
use crate::support::factors::{app_with_mail, events};
use crate::support::page::Page;
use crate::support::samples::{self, BOTH};
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Response, Sqlite, TestApp, app_on, at_once, wait,
};

/// Asks to reset a certificate; the path of the challenge.
fn ask(actor: &Actor<'_>, app: SdkAppId) -> String {
    let path = format!("/apps/{app}/certificates/usersig/reset");
    let answer = actor.post_with_token(&path, &[]).expect(303);
    answer.header("location").expect("a challenge")
}

fn enter(actor: &Actor<'_>, path: &str, code: &str) -> Response {
    actor.post_with_token(path, &[("code", code)])
}

/// Insists that a code was refused for a reason, on the form or on the page that says it is over.
#[track_caller]
fn expect_refused(answer: Response, words: &str) {
    assert!([410, 422].contains(&answer.status), "{}", answer.status);
    let page = Page::detached("a code", answer);
    let shown = page.texts("main").join(" ");
    assert!(shown.contains(words), "{shown}");
}

fn resets(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM certificates WHERE slot = 'retired'")
}

#[rstest]
fn a_code_that_was_used_at_sign_in_is_dead_everywhere_in_every_spelling(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let used = app.code_of(&seed);
    let wide: String =
        used.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("a digit")).collect();
    let (left, right) = used.split_at(3);
    let spellings = [used.clone(), format!("{left} {right}"), format!(" {left}-{right}\n"), wide];

    for spelling in &spellings {
        let path = ask(&alice, blue);
        expect_refused(enter(&alice, &path, spelling), "has been used");
        alice.post_with_token(&format!("{path}/cancel"), &[]).expect(303);
        let again = app.visitor();
        let answer = again.sign_in("alice", PASSWORD).expect(303);
        let page = again.visit(&answer.header("location").expect("a location"));
        let refused = page.form("Enter your code").fill("code", spelling).send();
        expect_refused(refused, "has been used");
    }
    assert_eq!(resets(&app), 0);

    // The other way round: used for an act, dead at sign-in.
    let path = ask(&alice, blue);
    let code = app.fresh_code_of(&seed);
    enter(&alice, &path, &code).expect(303);
    assert_eq!(resets(&app), 1);
    let again = app.visitor();
    let answer = again.sign_in("alice", PASSWORD).expect(303);
    let page = again.visit(&answer.header("location").expect("a location"));
    expect_refused(page.form("Enter your code").fill("code", &code).send(), "has been used");
    assert!(events(&app).contains(&"sign_in denied used_code totp".to_owned()));
}

#[rstest]
fn of_forty_parallel_uses_of_one_code_one_succeeds(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(true, false)] by_mail: bool,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = (!by_mail).then(|| app.has_authenticator("alice"));

    for round in 1..=20 {
        let alice = match &seed {
            Some(seed) => app.person_with_code("alice", seed),
            None => app.person("alice"),
        };
        let path = ask(&alice, blue);
        let code = match &seed {
            Some(seed) => app.fresh_code_of(seed),
            None => app.mailed_code().0,
        };
        let token = alice.token();
        let copies: Vec<_> = (0..40).map(|_| alice.copied()).collect();
        let fields = [("token".to_owned(), token), ("code".to_owned(), code)];
        let answers = at_once(40, |at| copies[at].post(&path, &fields).status);
        // Whoever comes late is led to the result, told so, or signed out by the new key.
        assert!(answers.iter().all(|status| [303, 410, 422].contains(status)), "{answers:?}");
        assert_eq!(resets(&app), round);
        let done = "SELECT count(*) FROM audit_events \
             WHERE act = 'reset_certificate' AND outcome = 'done'";
        assert_eq!(app.count(done), round);
        // Beyond what may be sent within an hour and a day.
        app.clock().forward(hours(3));
    }
}

#[rstest]
fn of_forty_parallel_uses_of_one_proof_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let apps: Vec<_> =
        (0..20).map(|n| app.has_app(ALPHA, &format!("App {n}"), samples::IM)).collect();
    // Her first sign-in asks.
    let alice = app.owner();
    app.has_authenticator("alice");
    let done = "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'";
    let mut alice = alice.copied();
    for (round, id) in (1..).zip(&apps) {
        let challenge = crate::support::factors::grant_disable(&app, *id);
        let path = format!("/step-up/{challenge}/continue");
        let fields = [("token".to_owned(), alice.token())];
        let copies: Vec<_> = (0..40).map(|_| alice.copied()).collect();
        let answers = at_once(40, |at| copies[at].post(&path, &fields).status);
        assert!(answers.iter().all(|status| [303, 410, 422].contains(status)), "{answers:?}");
        assert_eq!(app.count(done), round);
        assert_eq!(app.count("SELECT count(*) FROM apps WHERE switch = 'disabled'"), round);
        // The one whose browser has the new key goes on.
        let winner = copies.into_iter().find(|copy| copy.get("/apps").status == 200);
        alice = winner.expect("somebody who is still signed in");
    }
}

#[rstest]
fn a_double_click_makes_one_challenge(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = format!("/apps/{blue}/disable");
    let fields = [("token".to_owned(), alice.token())];

    let led_to =
        at_once(20, |_| alice.copied().post(&path, &fields).expect(303).header("location"));

    assert!(led_to.iter().all(|path| *path == led_to[0]), "{led_to:?}");
    assert_eq!(app.count("SELECT count(*) FROM challenges"), 1);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 1);
}

#[rstest]
fn refusals_fill_no_log(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let vera = app.person("vera");
    let before = events(&app).len();
    let fields = [("token".to_owned(), vera.token())];
    for _ in 0..110 {
        vera.post(&format!("/apps/{blue}/disable"), &fields).expect(403);
    }
    assert_eq!(events(&app).len() - before, 100);
    app.clock().forward(minutes(15));
    vera.post(&format!("/apps/{blue}/disable"), &fields).expect(403);
    assert_eq!(events(&app).len() - before, 101);
}

#[rstest]
fn of_two_hundred_parallel_wrong_guesses_five_are_compared(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    let wrong = app.wrong_code_of(&seed);
    let fields = [("token".to_owned(), alice.token()), ("code".to_owned(), wrong)];

    let answers = at_once(200, |_| alice.copied().post(&path, &fields).status);
    // Or there were more than can wait for the database.
    assert!(answers.iter().all(|status| [410, 422, 503].contains(status)), "{answers:?}");

    assert_eq!(app.count("SELECT count(*) FROM factor_attempts"), 5);
    let query = "SELECT attempts FROM challenges WHERE act = 'reset_certificate'";
    assert_eq!(app.count(query), 5);
    assert_eq!(app.count("SELECT consecutive FROM factor_budgets WHERE purpose = 'step_up'"), 5);
    // The right one comes too late.
    let right = app.fresh_code_of(&seed);
    expect_refused(enter(&alice, &path, &right), "locked");
    assert_eq!(resets(&app), 0);
    // Its owner is told, once.
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'codes_wrong'"), 1);
}

/// Enters wrong codes until the challenge is locked.
fn lock(app: &TestApp, alice: &Actor<'_>, seed: &Secret, blue: SdkAppId) {
    let path = ask(alice, blue);
    for left in [4, 3, 2, 1] {
        let answer = enter(alice, &path, &app.wrong_code_of(seed));
        let tries = if left == 1 { "1 try left".to_owned() } else { format!("{left} tries left") };
        expect_refused(answer, &tries);
    }
    expect_refused(enter(alice, &path, &app.wrong_code_of(seed)), "locked");
}

#[rstest]
fn after_ten_wrong_codes_in_an_hour_and_twenty_in_a_day_the_right_one_is_refused_too(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    lock(&app, &alice, &seed, blue);
    lock(&app, &alice, &seed, blue);

    // Neither another challenge, nor a restart, nor another sign-in or method brings tries back.
    let app = app.restarted();
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    expect_refused(enter(&alice, &path, &app.fresh_code_of(&seed)), "Too many wrong codes");
    alice.post_with_token(&format!("{path}/method"), &[("method", "email_code")]).expect(303);
    expect_refused(enter(&alice, &path, &app.mailed_code().0), "Too many wrong codes");
    assert_eq!(resets(&app), 0);
    assert!(events(&app).contains(&"reset_certificate denied on_hold email_code".to_owned()));

    app.clock().forward(minutes(61));
    let alice = app.person_with_code("alice", &seed);
    lock(&app, &alice, &seed, blue);
    lock(&app, &alice, &seed, blue);
    app.clock().forward(hours(2));
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    expect_refused(enter(&alice, &path, &app.fresh_code_of(&seed)), "Too many wrong codes");

    app.clock().forward(hours(24));
    let alice = app.person_with_code("alice", &seed);
    enter(&alice, &ask(&alice, blue), &app.fresh_code_of(&seed)).expect(303);
    assert_eq!(resets(&app), 1);
    // A success takes back its own try alone.
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts WHERE purpose = 'step_up'"), 20);
}

#[rstest]
fn after_fifty_wrong_codes_in_a_row_none_is_looked_at_until_the_host_lifts_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    for _ in 0..10 {
        let alice = app.person_with_code("alice", &seed);
        lock(&app, &alice, &seed, blue);
        app.clock().forward(hours(25));
    }
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    expect_refused(enter(&alice, &path, &app.fresh_code_of(&seed)), "until the operator unlocks");
    app.clock().forward(hours(24 * 30));
    // Signing in has tries of its own, which is how she gets here at all.
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    expect_refused(enter(&alice, &path, &app.fresh_code_of(&seed)), "until the operator unlocks");
    assert!(events(&app).contains(&"reset_certificate denied hard_stop totp".to_owned()));

    let unlocked = Command::new(env!("CARGO_BIN_EXE_switchroom"))
        .args(["account", "unlock", "--email", "alice@example.com"])
        .env_clear()
        .env("SWITCHROOM_DATABASE_URL", app.database_url())
        .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
        .output()
        .expect("the program runs");
    assert!(unlocked.status.success(), "{unlocked:?}");
    enter(&alice, &path, &app.fresh_code_of(&seed)).expect(303);
    assert_eq!(resets(&app), 1);
    assert!(events(&app).contains(&"unlock_account done".to_owned()));
}

#[rstest]
fn changing_the_method_keeps_the_act_and_the_tries(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    let choose = |method: &str| {
        alice.post_with_token(&format!("{path}/method"), &[("method", method)]).expect(303);
    };
    for _ in 0..3 {
        enter(&alice, &path, &app.wrong_code_of(&seed)).expect(422);
    }

    choose("email_code");
    let (code, reference) = app.mailed_code();
    let page = alice.visit(&path).expect(200);
    let shown = page.texts("main").join(" ");
    assert!(shown.contains(&reference) && shown.contains("al***@example.com"), "{shown}");
    // To and fro: the code that is good still is not sent anew.
    choose("totp");
    choose("email_code");
    assert_eq!(app.mailed_code().0, code);
    let other = if code == "000000" { "000001" } else { "000000" };
    expect_refused(enter(&alice, &path, other), "1 try left");
    enter(&alice, &path, &code).expect(303);
    assert_eq!(resets(&app), 1);
    assert!(events(&app).contains(&"reset_certificate done email_code".to_owned()));
}

#[rstest]
fn another_code_is_sent_after_a_minute_and_five_times_an_hour_and_the_latest_alone_is_good(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let (first, _) = app.mailed_code();
    let again = || alice.copied().post_with_token(&format!("{path}/code"), &[]);
    let sent = || app.count("SELECT count(*) FROM outbox WHERE kind = 'step_up_code'");

    for _ in 0..3 {
        expect_refused(again(), "in 60 seconds");
    }
    at_once(30, |_| again().status);
    assert_eq!(sent(), 1);
    app.clock().forward(Duration::from_secs(59));
    expect_refused(again(), "in 1 second");
    app.clock().forward(Duration::from_secs(1));
    at_once(30, |_| again().status);
    assert_eq!(sent(), 2);
    let (second, _) = app.mailed_code();
    assert_ne!(first, second);
    expect_refused(enter(&alice, &path, &first), "tries left");

    for count in 3..=5 {
        app.clock().forward(minutes(1));
        assert_eq!(again().status, 303);
        assert_eq!(sent(), count);
    }
    app.clock().forward(minutes(1));
    expect_refused(again(), "Too many codes were sent");
    assert_eq!(sent(), 5);
    // Nor does another challenge send one.
    alice.post_with_token(&format!("{path}/cancel"), &[]).expect(303);
    let path = ask(&alice, blue);
    assert_eq!(sent(), 5);
    expect_refused(enter(&alice, &path, &second), "Send one first");
}

#[rstest]
fn a_mailed_code_is_good_for_five_minutes_and_its_text_is_nowhere_in_the_database(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let (code, _) = app.mailed_code();
    let all = app.db(crate::support::db::every_row).join("\n");
    assert!(!all.contains(&code));

    app.clock().forward(minutes(5));
    expect_refused(enter(&alice, &path, &code), "too old");
    assert_eq!(alice.post_with_token(&format!("{path}/code"), &[]).status, 303);
    enter(&alice, &path, &app.mailed_code().0).expect(303);
    assert_eq!(resets(&app), 1);
}

#[rstest]
fn what_is_no_code_is_refused_and_not_counted(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);

    for (typed, words) in [
        ("", "Fill in this field"),
        (" ", "Fill in this field"),
        (&*"1".repeat(40), "6 digits"),
        (&*"9".repeat(9_000), "6 digits"),
        ("null", "6 digits"),
        ("[]", "6 digits"),
        ("12345\u{0}", "6 digits"),
    ] {
        expect_refused(enter(&alice, &path, typed), words);
    }
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts"), 0);
    let code = app.fresh_code_of(&seed);
    let spaced = format!(" {} {}\t", &code[..3], &code[3..]);
    enter(&alice, &path, &spaced).expect(303);
    assert_eq!(resets(&app), 1);
}

const CHILD: &str = "SWITCHROOM_TEST_CHILD";

/// Runs a test of this program as a process of its own.
fn child(name: &str, app: &TestApp, told: &str) -> std::process::Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, told)
        .env("SWITCHROOM_TEST_CHILD_DATABASE", app.database_url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs")
}

fn database_of_child() -> String {
    let url = std::env::var_os("SWITCHROOM_TEST_CHILD_DATABASE").expect("a database");
    url.into_string().expect("UTF-8")
}

/// What a process that was started for it works with; `None` in the process of all tests.
fn as_child() -> Option<(String, switchroom::services::Services)> {
    let told = std::env::var_os(CHILD)?.into_string().ok()?;
    let url = database_of_child();
    let given = std::collections::BTreeMap::from([
        ("database_url", url),
        ("master_key", MASTER_KEY.to_owned()),
    ]);
    let settings = crate::support::app::settings(&given);
    let clock = switchroom::clock::Clock::standing_at(crate::support::app::NOW);
    let random = switchroom::random::Random::system();
    let services = wait(switchroom::startup::services(settings, clock, random));
    Some((told, services.expect("services")))
}

/// Ends this process as `kill -9` does.
fn die() -> ! {
    let pid = std::process::id().to_string();
    drop(Command::new("kill").args(["-9", &pid]).status());
    std::process::abort();
}

/// A process that counts a try, and is killed before it compares the code.
#[test]
fn a_process_that_counts_and_dies() {
    let Some((id, services)) = as_child() else { return };
    let job = move |conn: &mut switchroom::db::Conn| challenge_anywhere(conn, &id);
    let challenge = wait(services.db.read(job)).expect("an answer").expect("a challenge");
    let counted = wait(count(&services, &challenge)).expect("an answer");
    assert!(counted.is_ok());
    die();
}

#[rstest]
fn a_kill_between_counting_and_comparing_keeps_the_count(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    let id = path.trim_start_matches("/step-up/");

    for killed in 1..=5 {
        let mut process = child("codes::a_process_that_counts_and_dies", &app, id);
        assert!(!process.wait().expect("it ends").success());
        assert_eq!(
            app.count("SELECT attempts FROM challenges WHERE session_id IS NOT NULL"),
            killed
        );
        assert_eq!(
            app.count("SELECT count(*) FROM factor_attempts WHERE purpose = 'step_up'"),
            killed
        );
    }
    expect_refused(enter(&alice, &path, &app.fresh_code_of(&seed)), "locked");
    assert_eq!(resets(&app), 0);
}

/// A process that disables one app after the other, each with its proof, until it is killed.
#[test]
fn a_process_that_acts_until_it_dies() {
    use switchroom::apps::switching::DisableApp;
    use switchroom::apps::switching::actions::disable;
    let Some((_, services)) = as_child() else { return };
    let url = switchroom::db::DatabaseUrl::parse(&database_of_child()).expect("an address");
    let mut conn = crate::support::db::connect(&url);
    for id in
        texts(&mut conn, "SELECT id AS text FROM challenges WHERE state = 'granted' ORDER BY id")
    {
        wait(async {
            let asker = crate::support::factors::asker("alice", switchroom::ids::SessionId(1));
            let found = find(&services, &asker.holder, &asker.actor, &id).await;
            let challenge = found.expect("an answer").expect("a challenge");
            let act: DisableApp = serde_json::from_str(&challenge.body).expect("the act");
            let granted = switchroom::step_up::actions::granted(
                &services,
                &asker.holder,
                &asker.actor,
                challenge,
            );
            let granted = granted.await.expect("an answer").unwrap_or_else(|it| panic!("{it:?}"));
            let done = disable(&services, &asker, act, granted.proof()).await;
            done.expect("an answer").expect("done");
        });
    }
    die();
}

#[rstest]
fn a_kill_leaves_each_act_whole_with_its_event_or_not_begun(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let apps: Vec<_> = (0..9).map(|n| app.has_app(ALPHA, &format!("App {n}"), BOTH)).collect();
    // Whose sign-in asks, and by which method.
    app.owner();
    app.has_authenticator("alice");
    let mut some_were_cut_off = false;

    for round in 0..12_u64 {
        app.db(|conn| {
            crate::support::db::run(conn, "DELETE FROM challenges");
            crate::support::db::run(
                conn,
                "UPDATE apps SET switch = 'enabled', disabled_by = NULL WHERE sdk_app_id > 0",
            );
        });
        for id in &apps {
            crate::support::factors::grant_disable(&app, *id);
        }
        let before = app.count(
            "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'",
        );
        let mut process = child("codes::a_process_that_acts_until_it_dies", &app, "act");
        // It is looked at while it works, and killed after so many acts.
        let done =
            "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'";
        while app.count(done) - before < i64::try_from(round % 9).expect("small") + 1
            && process.try_wait().expect("a process").is_none()
        {}
        drop(process.kill());
        drop(process.wait());

        let disabled = app.count("SELECT count(*) FROM apps WHERE switch = 'disabled'");
        let spent = app.count("SELECT count(*) FROM challenges WHERE state = 'spent'");
        let events = app.count(done) - before;
        assert_eq!((disabled, spent), (events, events), "round {round}");
        some_were_cut_off |= (1..9).contains(&events);
    }
    assert!(some_were_cut_off, "no process was killed in the middle of its work");
}
