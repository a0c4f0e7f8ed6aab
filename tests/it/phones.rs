//! Telephones: confirming a number, proving for it, another one, removing it.

use std::time::Duration;

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::phones::store::active_phone;
use switchroom::upkeep;

use crate::support::db::{Filling, every_row, run, texts};
use crate::support::factors::{account, app_with_mail, app_with_mail_and_sms, events};
use crate::support::page::Page;
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, at_once, demo_on, start, wait};

const PAGE: &str = "/profile/phone";
const CONFIRM: &str = "/profile/phone/confirm";
const NUMBER: &str = "+86 138 0013 8000";

/// Sends a code to a number by the form; what follows.
#[track_caller]
fn begin<'a>(actor: &Actor<'a>, number: &str) -> Page<'a> {
    actor.visit(PAGE).form(PAGE).fill("number", number).submit()
}

/// Sets a number by all steps.
#[track_caller]
fn set(app: &TestApp, actor: &Actor<'_>, number: &str) {
    let page = begin(actor, number).expect(200);
    let page = page.form(CONFIRM).fill("code", &app.texted_code().0).submit().expect(200);
    assert_eq!(page.heading(), "Verify your identity to set the phone number");
    let path = page.path().to_owned();
    let page = page.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);
    let flash = page.flash().expect("a message");
    assert!(flash.starts_with("Phone number set."), "{flash}");
}

fn number_of(app: &TestApp, name: &str) -> Option<String> {
    let found = app.db(|conn| active_phone(conn, account(name))).expect("an answer");
    found.map(|phone| phone.number)
}

fn wrong(code: &str) -> &'static str {
    if code == "111111" { "222222" } else { "111111" }
}

#[rstest]
fn a_number_counts_once_its_code_was_entered_and_the_person_has_proved_who_they_are(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let (alice, elsewhere) = (app.owner(), app.owner());
    assert!(alice.visit("/profile").texts("main").join("").contains("Not set"));

    let page = begin(&alice, "００８６ (138) 0013-8000").expect(200);
    let (code, reference) = app.texted_code();
    let shown = page.texts("main").join("");
    assert!(shown.contains("Sent to +86 138 **** 8000. Valid until 16:05"), "{shown}");
    assert!(shown.contains(&reference), "{shown}");
    assert!(!shown.contains(&code) && !page.response().text().contains("13800138000"));
    let sent = "SELECT recipient || ' ' || channel AS text FROM outbox";
    assert_eq!(app.db(|conn| texts(conn, sent)), ["+8613800138000 sms"]);
    // Only the sign-in that began sees it.
    assert_eq!(elsewhere.visit(PAGE).count("input[name=code]"), 0);
    elsewhere.post_with_token(CONFIRM, &[("code", &code)]).expect(409);

    let page = page.form(CONFIRM).fill("code", &format!("{} {}", &code[..3], &code[3..]));
    let page = page.submit().expect(200);
    assert_eq!(page.heading(), "Verify your identity to set the phone number");
    assert!(page.texts("main").join("").contains("+86 138 **** 8000"));
    assert_eq!(number_of(&app, "alice"), None);
    let path = page.path().to_owned();
    page.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);

    assert_eq!(number_of(&app, "alice").as_deref(), Some("+8613800138000"));
    let shown = alice.visit(PAGE).texts("main").join("");
    assert!(shown.contains("On since 2026-03-02") && shown.contains("+86 138 **** 8000"));
    assert!(alice.visit("/profile").texts("main").join("").contains("+86 138 **** 8000"));
    // Other sign-ins end, this one goes on; the owner is told by mail.
    assert_eq!(elsewhere.get("/apps").status, 303);
    assert_eq!(alice.get("/apps").status, 200);
    let told = "SELECT count(*) FROM outbox WHERE kind = 'factor_changed' AND channel = 'mail'";
    assert_eq!(app.count(told), 1);
    let known = events(&app);
    assert!(known.contains(&"change_phone done email_code".to_owned()), "{known:?}");
    let changes = "SELECT changes AS text FROM audit_events \
                   WHERE act = 'change_phone' AND outcome = 'done'";
    let changes = app.db(|conn| texts(conn, changes)).join("");
    assert!(changes.contains("+86 138 **** 8000") && !changes.contains("0013"), "{changes}");
    let all = app.db(every_row);
    let all: Vec<_> = all.iter().filter(|row| !row.starts_with("challenges")).collect();
    assert!(!all.iter().any(|row| row.contains(&code)), "codes are kept as digests");
}

#[rstest]
fn another_number_takes_the_place_of_the_one_there_is(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    set(&app, &alice, NUMBER);
    app.clock().forward(minutes(1));
    begin(&alice, "008613800138000")
        .expect(422)
        .problem("number", "This is your phone number already");
    set(&app, &alice, "+1 202 555 0123");

    assert_eq!(number_of(&app, "alice").as_deref(), Some("+12025550123"));
    assert_eq!(app.count("SELECT count(*) FROM phones"), 1);
    let changes = "SELECT changes AS text FROM audit_events \
                   WHERE act = 'change_phone' AND outcome = 'done' ORDER BY position DESC";
    let changes = app.db(|conn| texts(conn, changes)).remove(0);
    assert!(changes.contains("+86 138 **** 8000") && changes.contains("+1 20 **** 0123"));
}

#[rstest]
fn removing_it_asks_for_a_proof_and_ends_other_sign_ins(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    app.has_phone("alice", "+8613800138000");
    let (alice, elsewhere) = (app.owner(), app.owner());

    let page = alice.visit(PAGE).form("/profile/phone/remove").submit().expect(200);
    assert_eq!(page.heading(), "Verify your identity to remove the phone number");
    let path = page.path().to_owned();
    let page = page.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);

    assert!(page.flash().expect("a message").starts_with("Phone number removed."));
    assert_eq!(number_of(&app, "alice"), None);
    assert_eq!(elsewhere.get("/apps").status, 303);
    assert_eq!(alice.get(PAGE).status, 200);
    let notices = "SELECT count(*) FROM outbox WHERE kind = 'factor_changed'";
    assert_eq!(app.count(notices), 1);
    alice.post_with_token("/profile/phone/remove", &[]).expect(303);
}

#[rstest]
fn what_is_no_number_is_said_beside_the_field_and_stays_there(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    for (typed, words) in [
        ("", "Fill in this field"),
        ("12345", "Begin with the country code, as in +86 138 0013 8000"),
        ("138 0013 8000", "Begin with the country code, as in +86 138 0013 8000"),
        ("+86 138", "Enter a phone number such as +86 138 0013 8000"),
        ("+86 10 6552 9988", "This number cannot receive text messages. Enter a mobile number"),
        ("+1<script>", "Enter a phone number such as +86 138 0013 8000"),
    ] {
        let page = begin(&alice, typed).expect(422);
        page.problem("number", words);
        assert_eq!(page.form(PAGE).value("number"), typed);
    }
    assert_eq!(app.count("SELECT count(*) FROM phones"), 0);
    assert_eq!(app.count("SELECT count(*) FROM code_sends"), 0);

    // In Chinese, a mobile number is one of China.
    alice.post_with_token("/language", &[("lang", "zh-CN"), ("return_to", "/")]).expect(303);
    begin(&alice, "１３８ 0013 8000").expect(200);
    assert_eq!(app.db(|conn| texts(conn, "SELECT number AS text FROM phones")), ["+8613800138000"]);
}

#[rstest]
fn where_nothing_can_be_sent_or_proved_the_page_says_so_and_offers_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let page = alice.visit(PAGE).expect(200);
    assert!(page.texts("main").join("").contains("sends no text messages"));
    assert_eq!(page.count("main form"), 0);
    alice.post_with_token(PAGE, &[("number", NUMBER)]).expect(409);
    assert_eq!(app.count("SELECT count(*) FROM phones"), 0);
    // What is there can be removed still.
    app.has_phone("alice", "+8613800138000");
    alice.visit(PAGE).form("/profile/phone/remove").submit().expect(200);

    let settings = [("sms_url", "twilio://AC1:t@127.0.0.1:9?from=a&tls=off")];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };
    let alice = app.owner();
    let page = alice.visit(PAGE).expect(200);
    assert!(page.texts("main").join("").contains("Set one up first"));
    assert_eq!(page.count("main form"), 0);
    alice.post_with_token(PAGE, &[("number", NUMBER)]).expect(409);
    assert_eq!(app.count("SELECT count(*) FROM phones"), 0);
}

#[rstest]
#[case(("sms_budget", "0"), "No more text messages can be sent today. Try again tomorrow, or ask the operator")]
#[case(("sms_countries", "+1"), "This installation sends no text messages to that country. Use another number")]
fn a_number_that_gets_no_message_now_is_a_problem_of_the_field(
    #[values(Sqlite, Postgres)] on: Backend,
    #[case] setting: (&'static str, &str),
    #[case] words: &str,
) {
    let gateway = ("sms_url", "twilio://AC1:t@127.0.0.1:9?from=a&tls=off");
    let settings = [gateway, ("smtp_url", "smtp://127.0.0.1:9?tls=off"), setting];
    let Some(app) = start(on, Filling::Cast, &settings) else { return };
    let alice = app.owner();

    let page = begin(&alice, NUMBER).expect(422);

    page.problem("number", words);
    assert_eq!(page.form(PAGE).value("number"), NUMBER);
    for table in ["phones", "outbox", "code_sends"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[rstest]
fn one_code_used_forty_times_at_once_is_good_for_one(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    for round in 0..20 {
        app.db(|conn| {
            run(conn, "DELETE FROM phones; DELETE FROM code_sends; DELETE FROM factor_attempts");
        });
        begin(&alice, NUMBER).expect(200);
        let (code, token) = (app.texted_code().0, alice.token());
        let fields = [("token".to_owned(), token), ("code".to_owned(), code.clone())];

        let answers = at_once(40, |_| alice.copied().post(CONFIRM, &fields).status);

        let good = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(good, 1, "{round}: {answers:?}");
        assert!(answers.iter().all(|status| [303, 409, 422].contains(status)), "{answers:?}");
        let waiting = "SELECT count(*) FROM challenges WHERE state = 'open'";
        assert_eq!(app.count(waiting), 1, "{round}");
        // Used, and what is left is to go on.
        let answer = alice.post_with_token(CONFIRM, &[("code", &code)]).expect(409);
        let page = Page::detached(PAGE, answer);
        assert!(page.texts("main").join("").contains("is confirmed"));
        let again = alice.visit(PAGE).form(CONFIRM).submit().expect(200);
        assert!(again.path().starts_with("/step-up/"));
        alice.post_with_token("/profile/phone/cancel", &[]).expect(303);
        app.clock().forward(minutes(11));
        assert_eq!(number_of(&app, "alice"), None);
    }
}

#[rstest]
fn five_wrong_codes_end_a_number_and_count_with_all_other_codes_of_the_account(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    let enter = |code: &str| alice.post_with_token(CONFIRM, &[("code", code)]);
    for round in 0..2 {
        begin(&alice, NUMBER).expect(200);
        let code = app.texted_code().0;
        for left in [4, 3, 2] {
            let page = Page::detached(CONFIRM, enter(wrong(&code)).expect(422));
            let words = format!("That code is not right. {left} tries left");
            page.problem("code", &words);
        }
        enter("12 34").expect(422);
        enter(wrong(&code)).expect(422);
        let page = Page::detached(CONFIRM, enter(wrong(&code)).expect(409));
        assert!(page.texts("main").join("").contains("Too many wrong codes"), "{round}");
        enter(&code).expect(409);
        assert_eq!(page.form(PAGE).value("number"), "");
        app.clock().forward(minutes(1));
    }
    // Ten in an hour: now the right one is refused too, wherever it is asked for.
    begin(&alice, NUMBER).expect(200);
    let page = Page::detached(CONFIRM, enter(&app.texted_code().0).expect(422));
    assert!(page.texts(".error").join("").contains("Too many wrong codes. Try again in"));
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts WHERE purpose = 'step_up'"), 10);
    assert_eq!(app.count("SELECT consecutive FROM factor_budgets WHERE purpose = 'step_up'"), 10);
    let known = events(&app);
    let count = |word: &str| known.iter().filter(|event| event.contains(word)).count();
    assert_eq!(count("change_phone denied wrong_code"), 8, "{known:?}");
    // After ten, the hold is what is said first.
    assert_eq!(count("change_phone denied locked"), 3, "{known:?}");
    assert_eq!(count("change_phone denied on_hold"), 2, "{known:?}");
}

#[rstest]
fn the_right_code_of_a_telephone_does_not_forgive_wrong_codes_of_the_account(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    app.db(|conn| {
        run(
            conn,
            "INSERT INTO factor_budgets (account_id, purpose, consecutive) \
             VALUES (1, 'step_up', 48)",
        );
    });
    begin(&alice, NUMBER).expect(200);
    let code = app.texted_code().0;
    alice.post_with_token(CONFIRM, &[("code", &code)]).expect(303);
    assert_eq!(app.count("SELECT consecutive FROM factor_budgets WHERE purpose = 'step_up'"), 48);
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts"), 0);
}

#[rstest]
fn a_code_works_five_minutes_and_the_latest_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    let page = begin(&alice, NUMBER).expect(200);
    let first = app.texted_code().0;
    let again = page.form("/profile/phone/code");
    again.clone().submit().expect(422);
    app.clock().forward(minutes(1));
    again.clone().submit().expect(200);
    let second = app.texted_code().0;
    let enter = |code: &str| alice.post_with_token(CONFIRM, &[("code", code)]);
    if first != second {
        enter(&first).expect(422);
    }
    let rows = "SELECT state AS text FROM outbox ORDER BY created_at";
    assert_eq!(app.db(|conn| texts(conn, rows)), ["failed", "pending"], "the first is withdrawn");

    app.clock().forward(minutes(5));
    let page = Page::detached(CONFIRM, enter(&second).expect(422));
    page.problem("code", "That code is too old. Send another one");
    again.submit().expect(200);
    enter(&app.texted_code().0).expect(303);

    // It waits for the proof for a quarter of an hour.
    app.clock().forward(minutes(10));
    let page = Page::detached(CONFIRM, enter("").expect(409));
    assert!(page.texts("main").join("").contains("no longer valid"));
    app.clock().forward(minutes(30));
    wait(upkeep::sweep(app.services())).expect("a round");
    assert_eq!(app.count("SELECT count(*) FROM phones"), 0);
}

#[rstest]
fn sends_are_limited_by_account_and_by_number(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    // The pause is the account's and the number's.
    begin(&alice, NUMBER).expect(200);
    alice.post_with_token("/profile/phone/cancel", &[]).expect(303);
    begin(&alice, "+1 202 555 0123")
        .expect(422)
        .problem("number", "Another code can be sent in 60 seconds");
    let others = ["adam", "erin", "oscar", "fiona", "vera"];
    begin(&app.person("adam"), "0086 13800138000")
        .expect(422)
        .problem("number", "Another code can be sent in 60 seconds");
    // Ten in a day to one number, whoever asks.
    for number in 0..9 {
        app.clock().forward(minutes(1));
        begin(&app.person(others[number % 5]), NUMBER).expect(200);
    }
    app.clock().forward(minutes(1));
    let page = begin(&app.person("vera"), NUMBER).expect(422);
    let words = page.texts(".error").join("");
    assert!(words.starts_with("Too many codes were sent. Another one can be sent in"), "{words}");
    begin(&app.person("vera"), "+1 202 555 0123").expect(200);
    let stored = "SELECT DISTINCT destination AS text FROM code_sends";
    let stored = app.db(|conn| texts(conn, stored)).join(" ");
    assert!(!stored.contains("138") || stored.len() > 100, "digests alone: {stored}");
    let known = events(&app);
    assert!(known.contains(&"change_phone denied too_many_sends".to_owned()), "{known:?}");

    app.clock().forward(hours(24));
    begin(&app.person("vera"), NUMBER).expect(200);
}

#[rstest]
fn a_message_that_could_not_be_delivered_is_said(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    begin(&alice, NUMBER).expect(200);
    app.db(|conn| {
        run(
            conn,
            "UPDATE outbox SET state = 'failed', body = NULL, last_error = 'http 400: 21211' \
             WHERE channel = 'sms'",
        );
    });
    let shown = alice.visit(PAGE).texts("main").join("");
    assert!(shown.contains("The code could not be delivered"), "{shown}");
    assert!(!shown.contains("21211"));
}

#[rstest]
fn in_the_demonstration_the_code_is_in_the_outbox(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = demo_on(on) else { return };
    let alice = app.owner();
    begin(&alice, NUMBER).expect(200);
    let words = alice.visit("/outbox").texts("p.lines").join("");
    assert!(words.contains(&app.texted_code().0), "{words}");
    assert!(words.contains("for: Set phone number, alice"), "{words}");
}

#[rstest]
fn a_number_that_waits_for_a_proof_and_is_replaced_does_not_count(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    let alice = app.owner();
    begin(&alice, NUMBER).expect(200);
    let asked = alice.post_with_token(CONFIRM, &[("code", &app.texted_code().0)]).expect(303);
    let asked = asked.header("location").expect("a challenge");
    let proof = app.mailed_code().0;
    alice.post_with_token("/profile/phone/cancel", &[]).expect(303);
    app.clock().forward(Duration::from_secs(60));
    begin(&alice, "+1 202 555 0123").expect(200);

    alice.post_with_token(&asked, &[("code", &proof)]).expect(409);
    assert_eq!(number_of(&app, "alice"), None);
}

#[rstest]
fn two_people_may_have_one_number(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail_and_sms(on) else { return };
    app.has_phone("adam", "+8613800138000");
    let alice = app.owner();
    set(&app, &alice, NUMBER);
    assert_eq!(number_of(&app, "alice"), number_of(&app, "adam"));
}
