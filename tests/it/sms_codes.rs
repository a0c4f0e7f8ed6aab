//! Sensitive acts that are confirmed by text message.

use std::sync::Barrier;

use rstest::rstest;
use switchroom::clock::minutes;
use switchroom::ids::SdkAppId;

use crate::support::app::ALPHA;
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail_and_sms, events};
use crate::support::samples::{BOTH, IM};
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp};

const PHONE: &str = "+8613800138000";

fn ask(alice: &Actor<'_>, app: SdkAppId) -> String {
    let answer = alice.post_with_token(&format!("/apps/{app}/disable"), &[]).expect(303);
    answer.header("location").expect("a challenge")
}

fn method(app: &TestApp) -> String {
    let query = "SELECT method AS text FROM challenges WHERE state = 'open'";
    app.db(|conn| texts(conn, query)).join(" ")
}

fn has_phone(app: &TestApp) {
    app.has_phone("alice", PHONE);
    app.db(|conn| run(conn, "UPDATE phones SET confirmed_at = confirmed_at - 172800000000"));
}

#[rstest]
fn an_act_is_confirmed_by_the_code_of_a_text_message(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    has_phone(&app);
    let alice = app.owner();
    let path = ask(&alice, blue);
    assert_eq!(method(&app), "sms_code", "before mail");
    let page = alice.visit(&path).expect(200);
    let shown = page.texts("main").join("");
    assert!(shown.contains("**** 8000") && !shown.contains("13800138000"), "{shown}");
    assert_eq!(page.count("[data-poll]"), 0, "a text message has no link");

    let code = app.texted_code().0;
    let mailed = app.count("SELECT count(*) FROM outbox WHERE channel = 'mail'");
    assert_eq!(mailed, 0);
    page.form(&path).fill("code", &code).send().expect(303);
    assert_eq!(events(&app).last().map(String::as_str), Some("disable_app done sms_code"));
}

#[rstest]
fn changing_between_mail_and_text_message_sends_anew_and_keeps_the_tries(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    has_phone(&app);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let texted = app.texted_code().0;
    let wrong = if texted == "000000" { "111111" } else { "000000" };
    for _ in 0..3 {
        alice.post_with_token(&path, &[("code", wrong)]).expect(422);
    }
    app.clock().forward(minutes(1));
    let choose = [("method", "email_code")];
    alice.post_with_token(&format!("{path}/method"), &choose).expect(303);
    let mailed = app.mailed_code().0;
    if mailed != texted {
        alice.post_with_token(&path, &[("code", &texted)]).expect(422);
    }
    alice.post_with_token(&path, &[("code", &mailed)]).expect(303);
    assert_eq!(events(&app).last().map(String::as_str), Some("disable_app done email_code"));
}

#[rstest]
fn with_an_authenticator_text_messages_do_for_dangerous_acts_only_where_the_workspace_allows_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    has_phone(&app);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let choose = [("method", "sms_code")];

    let path = ask(&alice, blue);
    let page = alice.visit(&path).expect(200);
    assert_eq!(page.count("[value=sms_code]"), 0);
    assert!(page.texts("main").join("").contains("This workspace does not accept it"));
    alice.post_with_token(&format!("{path}/method"), &choose).expect(303);
    assert_eq!(method(&app), "totp");

    app.db(|conn| run(conn, "UPDATE workspaces SET danger_policy = 'sms_allowed'"));
    alice.post_with_token(&format!("{path}/method"), &choose).expect(303);
    assert_eq!(method(&app), "sms_code");

    // Showing a key destroys nothing.
    app.db(|conn| run(conn, "UPDATE workspaces SET danger_policy = 'standard'"));
    let reveal = format!("/apps/{blue}/certificates/usersig/reveal");
    let asked = alice.post_with_token(&reveal, &[]).expect(303).header("location");
    let path = asked.expect("a challenge");
    assert_eq!(alice.visit(&path).count("[value=sms_code]"), 1);
}

#[rstest]
fn of_forty_parallel_uses_of_one_texted_code_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    has_phone(&app);
    let alice = app.owner();
    for round in 1..=20 {
        let blue = app.has_app(ALPHA, &format!("App {round}"), IM);
        app.db(|conn| run(conn, "DELETE FROM code_sends; DELETE FROM factor_attempts"));
        app.clock().forward(std::time::Duration::from_secs(1));
        let path = ask(&alice, blue);
        let code = app.texted_code().0;
        let form = alice.visit(&path).form(&path).fill("code", &code);
        let barrier = Barrier::new(40);
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    barrier.wait();
                    form.clone().send()
                });
            }
        });
        let done =
            "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'";
        assert_eq!(app.count(done), round);
    }
}
