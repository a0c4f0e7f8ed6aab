//! Recovery codes, and the policies of confirming dangerous acts.

use std::sync::Barrier;

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::ids::SdkAppId;

use crate::support::app::ALPHA;
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Response, Sqlite, TestApp, app_on};

/// Makes recovery codes by the page, with a code of the authenticator; the codes.
fn make(app: &TestApp, alice: &Actor<'_>, seed: &switchroom::secret::Secret) -> Vec<String> {
    alice.post_with_token("/profile/recovery-codes/put-away", &[]).expect(303);
    let page = alice.visit("/profile/recovery-codes").expect(200);
    let asked = page.form("/profile/recovery-codes").send().expect(303);
    let path = asked.header("location").expect("a challenge");
    let code = app.fresh_code_of(seed);
    alice.visit(&path).form(&path).fill("code", &code).send().expect(303);
    let page = alice.visit("/profile/recovery-codes").expect(200);
    page.texts(".codes code")
}

fn recover(app: &TestApp, code: &str) -> Response {
    let actor = app.visitor();
    let answer = actor.sign_in("alice", PASSWORD).expect(303);
    let page = actor.visit(&answer.header("location").expect("a location"));
    page.form("/sign-in/recovery").fill("recovery", code).send()
}

#[rstest]
fn ten_codes_are_shown_once_and_each_signs_in_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let codes = make(&app, &alice, &seed);
    assert_eq!(codes.len(), 10);
    let file = alice.get("/profile/recovery-codes/codes.txt").expect(200);
    let (about, listed) = file.text().split_once("\n\n").expect("a head");
    assert!(about.contains("Account: alice@example.com\n"), "{about}");
    assert_eq!(listed.lines().collect::<Vec<_>>(), codes);
    assert_eq!(file.header("cache-control").as_deref(), Some("no-store"));
    let dump = app.rows().join("\n");
    let plain = codes[0].replace('-', "");
    assert!(!dump.contains(&codes[0]) && !dump.contains(&plain), "only digests are kept");

    alice
        .visit("/profile/recovery-codes")
        .form("/profile/recovery-codes/put-away")
        .send()
        .expect(303);
    assert!(alice.visit("/profile/recovery-codes").texts(".codes code").is_empty());
    alice.get("/profile/recovery-codes/codes.txt").expect(404);

    recover(&app, &codes[0].to_lowercase().replace('-', " ")).expect(303);
    let refused = recover(&app, &codes[0]).expect(422);
    assert!(refused.text().contains("has been used"), "{}", refused.text());
    recover(&app, "0000-0000-0000-0000").expect(422);
    recover(&app, "123456").expect(422);
    recover(&app, &codes[1]).expect(303);
    assert!(alice.visit("/profile").texts("main").join("").contains("8 of 10 left"));
    let query = "SELECT count(*) FROM outbox WHERE kind = 'factor_changed'";
    assert_eq!(app.count(query), 3, "one of making them, two of using them");
    let used = events(&app).iter().filter(|it| *it == "sign_in done recovery_code").count();
    assert_eq!(used, 2);
}

#[rstest]
fn new_codes_end_the_old_ones_and_other_sign_ins(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let seed = app.has_authenticator("alice");
    let other = app.person_with_code("alice", &seed);
    let alice = app.person_with_code("alice", &seed);
    let old = make(&app, &alice, &seed);
    assert_eq!(other.get("/apps").status, 303);
    let new = make(&app, &alice, &seed);

    recover(&app, &old[0]).expect(422);
    recover(&app, &new[0]).expect(303);
    // Shown for five minutes, to the sign-in that made them.
    app.clock().forward(minutes(5));
    assert!(alice.visit("/profile/recovery-codes").texts(".codes code").is_empty());
}

#[rstest]
fn of_forty_parallel_uses_of_one_recovery_code_one_succeeds(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    for round in 0..20 {
        app.db(|conn| run(conn, "DELETE FROM factor_attempts; DELETE FROM factor_budgets"));
        let codes = make(&app, &alice, &seed);
        app.db(|conn| run(conn, "DELETE FROM factor_attempts; DELETE FROM factor_budgets"));
        let before = app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL");
        let actor = app.visitor();
        let answer = actor.sign_in("alice", PASSWORD).expect(303);
        let page = actor.visit(&answer.header("location").expect("a location"));
        let form = page.form("/sign-in/recovery").fill("recovery", &codes[0]);
        let barrier = Barrier::new(40);
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    barrier.wait();
                    form.clone().send()
                });
            }
        });
        let after = app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL");
        assert_eq!(after, before + 1, "round {round}");
        let used = "SELECT count(*) FROM recovery_codes WHERE used_at IS NOT NULL";
        assert_eq!(app.count(used), 1, "round {round}");
    }
}

#[rstest]
fn an_act_is_confirmed_by_a_recovery_code_under_the_same_tries(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let codes = make(&app, &alice, &seed);
    let age = "UPDATE recovery_codes SET created_at = created_at - 172800000000";
    app.db(|conn| run(conn, age));
    let path = ask(&alice, blue);
    let wrong = app.wrong_code_of(&seed);
    for _ in 0..3 {
        alice.post_with_token(&path, &[("code", &wrong)]).expect(422);
    }
    alice.visit(&path).form("Use recovery code").choose("method", "recovery_code").send();

    alice.post_with_token(&path, &[("code", "0000-0000-0000-0000")]).expect(422);
    alice.visit(&path).form(&path).fill("code", &codes[3]).send().expect(303);
    assert_eq!(events(&app).last().map(String::as_str), Some("disable_app done recovery_code"));
}

fn ask(alice: &Actor<'_>, app: SdkAppId) -> String {
    let answer = alice.post_with_token(&format!("/apps/{app}/disable"), &[]).expect(303);
    answer.header("location").expect("a challenge")
}

fn method(app: &TestApp) -> String {
    let query = "SELECT method AS text FROM challenges WHERE state = 'open' \
         ORDER BY created_at DESC, id LIMIT 1";
    app.db(|conn| texts(conn, query)).join("")
}

fn policy(app: &TestApp, policy: &str) {
    app.db(|conn| run(conn, &format!("UPDATE workspaces SET danger_policy = '{policy}'")));
}

#[rstest]
fn a_workspace_can_ask_for_an_authenticator_for_what_is_dangerous(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    policy(&app, "authenticator_required");
    let adam = app.person("adam");

    let refused = adam.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(422);
    assert!(
        refused.text().contains("asks for a passkey or an authenticator"),
        "{}",
        refused.text()
    );
    // Showing a key destroys nothing.
    adam.post_with_token(&format!("/apps/{blue}/certificates/usersig/reveal"), &[]).expect(303);

    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let path = ask(&alice, blue);
    let other = alice.post_with_token(&format!("{path}/method"), &[("method", "email_code")]);
    other.expect(303);
    assert_eq!(method(&app), "totp", "e-mail is not to be had");
    // Nor to get rid of the authenticator with.
    alice.post_with_token("/profile/authenticator/remove", &[]).expect(303);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE method = 'email_code'"), 1);
}

#[rstest]
fn an_authenticator_of_less_than_a_day_does_not_confirm_what_is_dangerous_alone(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator_since("alice", app.clock().now());
    let alice = app.person_with_code("alice", &seed);
    ask(&alice, blue);
    assert_eq!(method(&app), "email_code");
    alice.post_with_token(&format!("/apps/{blue}/certificates/usersig/reveal"), &[]).expect(303);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE method = 'totp'"), 2);

    app.clock().forward(hours(24));
    let alice = app.person_with_code("alice", &seed);
    ask(&alice, blue);
    assert_eq!(method(&app), "totp");
}

#[rstest]
fn young_recovery_codes_do_not_stand_in_for_older_factors(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    make(&app, &alice, &seed);

    let path = ask(&alice, blue);
    let page = alice.visit(&path).expect(200);
    assert_eq!(page.count("[value=recovery_code]"), 0);
    assert!(page.texts("main").join("").contains("less than 24 hours ago"));
    let choose = [("method", "recovery_code")];
    alice.post_with_token(&format!("{path}/method"), &choose).expect(303);
    assert_eq!(method(&app), "totp");
}

#[rstest]
fn recovery_codes_do_not_get_around_a_workspace_that_asks_for_an_authenticator(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    policy(&app, "authenticator_required");
    app.db(|conn| {
        run(
            conn,
            "INSERT INTO recovery_codes (id, account_id, digest, created_at) VALUES ('a', 2, 'b', 0)",
        );
    });
    let adam = app.person("adam");
    let refused = adam.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(422);
    assert!(
        refused.text().contains("asks for a passkey or an authenticator"),
        "{}",
        refused.text()
    );
}

#[rstest]
fn without_a_confirmed_address_one_is_led_to_confirming_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    app.has_unconfirmed("alice");
    let alice = app.owner();
    let refused = alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(422);
    assert!(refused.text().contains("your address is not confirmed"), "{}", refused.text());
    assert!(refused.text().contains("href=\"/profile/email\""));
    assert_eq!(app.count("SELECT count(*) FROM challenges"), 0);
}

#[rstest]
fn where_there_is_nothing_older_a_young_authenticator_does(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator_since("alice", app.clock().now());
    let alice = app.person_with_code("alice", &seed);
    ask(&alice, blue);
    assert_eq!(method(&app), "totp");
}

#[rstest]
fn under_a_policy_an_authenticator_that_was_just_added_waits_for_a_day(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    policy(&app, "authenticator_required");
    // Whoever reads the mailbox could have added it.
    let seed = app.has_authenticator_since("alice", app.clock().now());
    let alice = app.person_with_code("alice", &seed);

    let refused = alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(422);

    assert!(refused.text().contains("less than 24 hours ago"), "{}", refused.text());
    // One's own recovery codes are made with it at once.
    alice.post_with_token("/profile/recovery-codes", &[]).expect(303);
    app.clock().forward(hours(24));
    let alice = app.person_with_code("alice", &seed);
    ask(&alice, blue);
    assert_eq!(method(&app), "totp");
}
