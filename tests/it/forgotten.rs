//! Forgotten passwords: the link by mail, and choosing another password with it.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use switchroom::clock::minutes;
use switchroom::jobs::Stopper;
use switchroom::notify::Worker;

use crate::support::db::{Filling, run};
use crate::support::factors::{app_with_mail, events};
use crate::support::normal::normal;
use crate::support::smtp::{Mode, SmtpServer};
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Response, Sqlite, TestApp, app_on, start, wait,
};

const FORGOT: &str = "/forgot-password";
const NEW: &str = "staple battery horse";

fn ask(actor: &Actor<'_>, email: &str) -> Response {
    actor.post_with_token(FORGOT, &[("email", email)])
}

/// The link that somebody of the cast gets who asks for one.
#[track_caller]
fn link(app: &TestApp, email: &str) -> String {
    ask(&app.visitor(), email).expect(303);
    app.take_link(email, "/reset-password")
}

#[rstest]
fn a_forgotten_password_is_replaced_by_a_link_and_every_sign_in_ends(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (here, other) = (app.person("erin"), app.person("vera"));
    let visitor = app.visitor();
    let page = visitor.visit("/sign-in");
    assert!(page.links().contains(&FORGOT.to_owned()));
    let page = visitor.visit(FORGOT).form(FORGOT).fill("email", " Erin@example.com").submit();
    assert_eq!(
        (page.path(), page.heading().as_str()),
        ("/forgot-password/sent", "Look at your mail")
    );
    let (first, second) =
        (app.take_link("erin@example.com", "/reset-password"), link(&app, "erin@example.com"));

    let page = visitor.visit(&first).expect(200);
    assert_eq!(page.heading(), "Choose a new password");
    here.get("/profile").expect(200);
    let form = page.form(&first).fill("password", NEW).fill("again", NEW);
    let page = form.submit().expect(200);

    assert_eq!(page.path(), "/sign-in");
    assert_eq!(page.flash().as_deref(), Some("New password saved. Sign in with it."));
    here.get("/profile").expect(303);
    other.get("/profile").expect(200);
    visitor.get("/profile").expect(303);
    app.visitor().get(&second).expect(404);
    app.visitor().sign_in("erin", PASSWORD).expect(422);
    app.on_known_device().sign_in("erin", NEW).expect(303);
    let letter = app.take_letter();
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("erin@example.com", "Password changed")
    );
    assert!(letter.links()[0].contains("/freeze?key="), "{}", letter.text);
    let said: Vec<_> = events(&app).into_iter().filter(|it| it.contains("password")).collect();
    assert_eq!(
        said,
        ["ask_password_reset requested", "ask_password_reset requested", "reset_password done"]
    );
}

#[rstest]
fn an_authenticator_is_asked_for_all_the_same_afterwards(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_authenticator("erin");
    // Somebody whose password was right waits for the code.
    let waiting = app.visitor();
    waiting.sign_in("erin", PASSWORD).expect(303);
    let path = link(&app, "erin@example.com");

    app.visitor().post_with_token(&path, &[("password", NEW), ("again", NEW)]).expect(303);

    let answer = app.visitor().sign_in("erin", NEW).expect(303);
    assert_eq!(answer.header("location").as_deref(), Some("/sign-in/code"));
    let page = waiting.visit("/sign-in/code");
    assert_eq!(page.path(), "/sign-in", "what waited has ended");
}

#[rstest]
fn what_is_wrong_with_a_new_password_is_said_and_the_link_goes_on_working(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, "erin@example.com");
    let before = app.rows();
    let personal = "Do not make the password of your name, your address or Switchroom. \
         Use a few unrelated words";
    let guessable =
        "This password is easy to guess. Use a longer one, such as a few unrelated words";
    for (password, again, field, problem) in [
        ("", "", "password", "Fill in this field"),
        ("short", "short", "password", "Use at least 8 characters"),
        ("12345678", "12345678", "password", guessable),
        ("erin2024!", "erin2024!", "password", personal),
        (PASSWORD, PASSWORD, "password", "This is your current password. Choose a different one"),
        (NEW, "", "again", "Fill in this field"),
        (NEW, "staple battery house", "again", "The two passwords differ"),
    ] {
        let form = app.visitor().visit(&path).form(&path);
        let page = form.fill("password", password).fill("again", again).submit().expect(422);
        page.problem(field, problem);
        let form = page.form(&path);
        assert_eq!((form.value("password"), form.value("again")), (String::new(), String::new()));
    }
    app.expect_unchanged(&before, "a refused password");
    let form = app.visitor().visit(&path).form(&path);
    form.fill("password", NEW).fill("again", NEW).submit().expect(200);
}

#[rstest]
fn whoever_asks_learns_nothing_about_who_has_an_account(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.db(|conn| {
        run(conn, "UPDATE accounts SET disabled_at = 1 WHERE name = 'fiona'");
        run(conn, "UPDATE accounts SET frozen_at = 1 WHERE name = 'oscar'");
    });
    let mut answers = Vec::new();
    for name in ["erin", "nobody", "fiona", "oscar"] {
        let visitor = app.visitor();
        let answer = ask(&visitor, &format!("{name}@example.com"));
        let page = visitor.visit("/forgot-password/sent");
        let location = answer.header("location");
        answers.push((
            answer.status,
            location,
            answer.text().to_owned(),
            normal(page.response().text()),
        ));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(app.take_letter().to, "erin@example.com");
}

#[rstest]
fn links_are_three_for_an_address_and_twenty_for_a_network_in_a_quarter_of_an_hour(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    for email in ["erin@example.com", "nobody@example.com"] {
        for _ in 0..3 {
            ask(&app.visitor(), email).expect(303);
        }
        let before = app.count("SELECT count(*) FROM outbox");
        let form = app.visitor().visit(FORGOT).form(FORGOT).fill("email", email);
        let problem = "Too many mails were asked for. Try again in 15 minutes";
        form.submit().expect(422).problem("email", problem);
        assert_eq!(app.count("SELECT count(*) FROM outbox"), before);
    }
    let office = app.visitor();
    for number in 0..20 {
        ask(&office, &format!("somebody{number}@example.com")).expect(303);
    }
    ask(&office, "somebody@example.com").expect(422);
    app.clock().forward(minutes(15));
    ask(&office, "erin@example.com").expect(303);
}

#[rstest]
fn wrong_passwords_from_before_do_not_keep_out_whoever_has_a_new_one(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    for _ in 0..10 {
        app.visitor().sign_in("erin", "wrong password").expect(422);
    }
    app.visitor().sign_in("erin", PASSWORD).expect(429);
    let path = link(&app, "erin@example.com");
    app.visitor().post_with_token(&path, &[("password", NEW), ("again", NEW)]).expect(303);
    app.visitor().sign_in("erin", NEW).expect(303);
}

#[rstest]
fn a_link_confirms_the_address_that_it_was_read_at(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_unconfirmed("erin");
    let path = link(&app, "erin@example.com");
    app.visitor().post_with_token(&path, &[("password", NEW), ("again", NEW)]).expect(303);
    let query = "SELECT count(*) FROM accounts WHERE email_verified_at IS NULL";
    assert_eq!(app.count(query), 0);
}

#[rstest]
fn where_no_mail_is_sent_the_page_leads_to_the_operator(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let visitor = app.visitor();
    let page = visitor.visit(FORGOT).expect(200);
    assert!(page.texts("main p")[0].contains("Ask the operator"), "{:?}", page.texts("main p"));
    assert_eq!(page.count("main form"), 0);
    ask(&visitor, "erin@example.com").expect(404);
}

#[rstest]
fn mail_is_in_the_readers_language(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.db(|conn| run(conn, "UPDATE accounts SET language = 'zh-CN' WHERE name = 'erin'"));
    ask(&app.visitor().at("203.0.113.7"), "erin@example.com").expect(303);
    let letter = app.take_letter();
    assert_eq!((letter.language.as_str(), letter.subject.as_str()), ("zh-CN", "设置新密码"));
    let ([link], text) = (&letter.links()[..], &letter.text) else { panic!("{letter:#?}") };
    insta::allow_duplicates! {
        insta::assert_snapshot!(text.replace(link.as_str(), "[link]"));
    }
}

#[rstest]
fn no_page_waits_for_a_server_of_mail_that_is_slow(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut server) = SmtpServer::start(Mode::Open) else { return };
    server.behave(json!({"hold": true}));
    let Some(app) = start(on, Filling::Cast, &[("smtp_url", &server.url())]) else { return };
    app.has_unconfirmed("erin");
    let erin = app.person("erin");
    let visitor = app.visitor();
    ask(&visitor, "adam@example.com").expect(303);
    let (_stopper, stop) = Stopper::new();
    let worker = Worker::new(app.services().clone()).expect("a worker");
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let round =
                async { tokio::time::timeout(Duration::from_secs(3), worker.round(&stop)).await };
            wait(round).is_err()
        });
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(100));
            for (actor, path, fields) in [
                (&visitor, FORGOT, vec![("email", "nobody@example.com")]),
                (&visitor, FORGOT, vec![("email", "vera@example.com")]),
                (&erin, "/profile/email/confirm", vec![]),
            ] {
                let token = actor.token();
                let mut all = vec![("token".to_owned(), token)];
                all.extend(
                    fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
                );
                let began = Instant::now();
                let answer = actor.post(path, &all);
                let took = began.elapsed();
                assert!(answer.status < 500, "{path}");
                assert!(took < Duration::from_millis(300), "{path} took {took:?}");
            }
        }
        assert!(sending.join().expect("a round"), "the server was slow all the while");
    });
}
