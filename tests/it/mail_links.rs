//! The link in the mail of a sensitive act.

use std::sync::Barrier;

use rstest::rstest;
use switchroom::clock::minutes;
use switchroom::ids::SdkAppId;

use crate::support::app::ALPHA;
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::samples::{BOTH, IM};
use crate::support::{Actor, Backend, Postgres, Request, Response, Sqlite, TestApp};

/// Alice asks to disable an app, by mail; the path of the challenge.
fn ask(alice: &Actor<'_>, app: SdkAppId) -> String {
    let answer = alice.post_with_token(&format!("/apps/{app}/disable"), &[]).expect(303);
    answer.header("location").expect("a challenge")
}

/// The two digits that the first screen shows.
fn number(alice: &Actor<'_>, path: &str) -> String {
    alice.visit(path).expect(200).texts("[data-poll] strong").join("")
}

fn wrong(number: &str) -> &'static str {
    if number == "42" { "43" } else { "42" }
}

fn approve(other: &Actor<'_>, link: &str, number: &str) -> Response {
    let page = other.visit(link);
    page.form(link).fill("number", number).send()
}

fn is_disabled(app: &TestApp) -> bool {
    app.count("SELECT count(*) FROM apps WHERE switch = 'disabled'") == 1
}

fn link(app: &TestApp) -> String {
    format!("/step-up/link/{}", app.mailed_link())
}

#[rstest]
fn an_act_is_approved_on_another_device_and_done_on_the_first(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let digits = number(&alice, &path);
    assert_eq!(digits.len(), 2, "{digits}");
    let telephone = app.visitor();
    let link = link(&app);

    let page = telephone.visit(&link).expect(200);
    assert_eq!(page.heading(), "Approve this?");
    assert!(page.texts("dd").contains(&"Blue".to_owned()));
    assert_eq!(page.count("[data-poll]"), 0, "the number is for the first screen alone");
    assert_eq!(alice.get(&format!("{path}/state")).text(), "open");
    approve(&telephone, &link, &digits).expect(303);
    assert_eq!(telephone.visit(&link).expect(200).heading(), "Approved");

    // Nothing was done, and the telephone is nobody.
    assert!(!is_disabled(&app));
    assert_eq!(telephone.cookie("session"), None);
    assert_eq!(telephone.cookie("visitor"), None);
    assert_eq!(telephone.get("/apps").status, 303);
    assert_eq!(telephone.get(&path).status, 303);
    assert_eq!(alice.get(&format!("{path}/state")).text(), "granted");
    alice.visit(&path).form(&format!("{path}/continue")).send().expect(303);
    assert!(is_disabled(&app));
    assert_eq!(events(&app).last().map(String::as_str), Some("disable_app done email_link"));
    assert_eq!(telephone.get(&link).status, 410);
}

#[rstest]
fn times_are_told_in_the_zone_of_whoever_asked(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let zones = "UPDATE workspaces SET time_zone = 'Asia/Tokyo' WHERE id = 1";
    app.db(|conn| run(conn, zones));
    ask(&app.owner(), blue);
    let telephone = app.visitor();
    let asked = telephone.visit(&link(&app)).expect(200).texts("dd").pop();
    assert!(asked.is_some_and(|at| at.ends_with("(Asia/Tokyo)")));

    // Their own comes first, and whoever disowns is signed in nowhere.
    let own = "UPDATE accounts SET time_zone = 'Asia/Shanghai' WHERE name = 'alice'";
    app.db(|conn| run(conn, own));
    let page = telephone.visit(&link(&app)).expect(200);
    assert!(page.texts("dd").pop().is_some_and(|at| at.ends_with("(Asia/Shanghai)")));
    app.take_letters();
    page.form(&format!("{}/disown", page.path())).send().expect(303);
    let told = app.take_letters();
    assert!(
        !told.is_empty() && told.iter().all(|it| it.text.contains("(Asia/Shanghai)\n")),
        "{told:#?}"
    );
}

#[rstest]
fn the_page_of_a_link_has_the_switches_and_they_are_of_the_browser_alone(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let (digits, link) = (number(&alice, &path), link(&app));
    // On a browser that somebody else is signed in on.
    let erin = app.person("erin");
    let before = app.rows();
    let action = format!("{link}/language");
    let page = erin.visit(&link).form(&action).choose("lang", "zh-CN").submit().expect(200);
    assert_eq!((page.path(), page.heading().as_str()), (&*link, "有人请求你的批准"));
    let page = page.form(&format!("{link}/theme")).submit().expect(200);
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
    app.expect_unchanged(&before, "a switch on the page of a link");
    let telephone = app.visitor();
    let page = telephone.visit(&link).form(&action).choose("lang", "zh-CN").submit().expect(200);
    assert_eq!(telephone.cookie("visitor"), None);

    // What was refused comes back in either language, and the link is good still.
    let page = page.form(&link).fill("number", wrong(&digits)).submit().expect(422);
    let page = page.form(&action).choose("lang", "en").submit().expect(200);
    assert_eq!(page.heading(), "Approve this?");
    page.form(&link).fill("number", &digits).send().expect(303);

    // Elsewhere the token of a link is good for nothing, and no other is good for a link.
    let token = telephone.visit(&link).form(&action).value("token");
    let fields = |token: String| [("token".to_owned(), token), ("lang".to_owned(), "en".into())];
    telephone.post("/language", &fields(token)).expect(422);
    telephone.post(&action, &fields(app.visitor().token())).expect(422);
}

#[rstest]
fn looking_at_a_link_changes_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    ask(&app.owner(), blue);
    let link = link(&app);
    let before = app.rows();

    for _ in 0..20 {
        let scanner = app.visitor();
        scanner.get(&link).expect(200);
        scanner.send(Request::new("HEAD", &link)).expect(200);
        scanner.get(&format!("{link}/disown")).expect(303);
        scanner.send(Request::new("OPTIONS", &link)).expect(405);
    }
    // A form of another link, or of none.
    let fields = [("token".to_owned(), app.visitor().token()), ("number".to_owned(), "42".into())];
    app.visitor().post(&link, &fields).expect(422);
    app.visitor().post(&format!("{link}/disown"), &fields[..1]).expect(422);

    app.expect_unchanged(&before, "looking");
}

#[rstest]
fn three_wrong_numbers_end_a_request_and_count_as_wrong_codes(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let digits = number(&alice, &path);
    let telephone = app.visitor();
    let link = link(&app);

    for left in ["2 tries left", "1 try left"] {
        let answer = approve(&telephone, &link, wrong(&digits)).expect(422);
        assert!(answer.text().contains(left), "{left}");
    }
    for typed in ["", "4", "421", "4x"] {
        approve(&telephone, &link, typed).expect(422);
    }
    approve(&telephone, &link, wrong(&digits)).expect(303);
    telephone.get(&link).expect(410);
    alice.get(&path).expect(410);
    alice.post_with_token(&path, &[("code", "123456")]).expect(410);
    assert!(!is_disabled(&app));
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts"), 3);
}

#[rstest]
fn whoever_did_not_ask_ends_the_sign_in_that_did_and_owners_are_told(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.person("erin");
    let path = ask(&erin, blue);
    let link = link(&app);
    let mailbox = app.visitor();

    mailbox.visit(&link).form(&format!("{link}/disown")).send().expect(303);
    let page = mailbox.visit(&link).expect(200);
    assert_eq!(page.heading(), "Stopped");
    assert_eq!(page.count("main form"), 0, "nothing is left to press");

    assert_eq!(erin.get("/apps").status, 303, "the sign-in has ended");
    assert_eq!(app.person("erin").get(&path).status, 404, "another sign-in gains nothing");
    let query = "SELECT recipient AS text FROM outbox WHERE kind = 'act_disowned' ORDER BY 1";
    let told = app.db(|conn| texts(conn, query));
    assert_eq!(told, ["alice@example.com", "erin@example.com"]);
    assert!(events(&app).contains(&"disable_app denied disowned email_link".to_owned()));
    assert!(!is_disabled(&app));
}

#[rstest]
fn what_was_approved_can_be_disowned_until_it_is_done(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let digits = number(&alice, &path);
    let link = link(&app);
    let mailbox = app.visitor();
    approve(&mailbox, &link, &digits).expect(303);

    mailbox.visit(&link).form(&format!("{link}/disown")).send().expect(303);

    let answer = alice.post_with_token(&format!("{path}/continue"), &[]).expect(303);
    assert!(answer.header("location").is_some_and(|it| it.starts_with("/sign-in")));
    assert!(!is_disabled(&app));
}

#[rstest]
fn a_link_ends_with_its_request_or_when_another_code_is_sent(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let path = ask(&alice, blue);
    let first = link(&app);
    app.clock().forward(minutes(1));
    alice.post_with_token(&format!("{path}/code"), &[]).expect(303);
    let second = link(&app);

    app.visitor().get(&first).expect(404);
    let digits = number(&alice, &path);
    app.clock().forward(minutes(9));
    app.visitor().get(&second).expect(410);
    let fields = [("number", &*digits)];
    assert_eq!(app.visitor().post_with_token(&second, &fields).status, 422);
    assert!(!is_disabled(&app));
}

#[rstest]
fn of_forty_parallel_approvals_of_one_link_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    const ROUNDS: usize = 20;
    let Some(app) = app_with_mail(on) else { return };
    for round in 0..ROUNDS {
        let blue = app.has_app(ALPHA, &format!("App {round}"), IM);
        let alice = app.owner();
        app.db(|conn| crate::support::db::run(conn, "DELETE FROM code_sends"));
        let path = ask(&alice, blue);
        let digits = number(&alice, &path);
        let link = link(&app);
        let barrier = Barrier::new(40);
        let form = app.visitor().visit(&link).form(&link).fill("number", &digits);
        let before = app.count("SELECT count(*) FROM challenges WHERE state = 'granted'");
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    barrier.wait();
                    form.clone().send()
                });
            }
        });
        let granted = app.count("SELECT count(*) FROM challenges WHERE state = 'granted'");
        assert_eq!(granted, before + 1, "round {round}");
        alice.post_with_token(&format!("{path}/continue"), &[]).expect(303);
        let done =
            "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'";
        assert_eq!(app.count(done), i64::try_from(round).expect("small") + 1);
        app.db(|conn| crate::support::db::run(conn, "DELETE FROM factor_attempts"));
    }
}

#[rstest]
fn links_begin_with_the_setting_whatever_host_a_request_names(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let fields = [("token".to_owned(), alice.token())];
    let request = Request::form(&format!("/apps/{blue}/disable"), &fields);
    let request = request
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test")
        .header("x-forwarded-proto", "https");
    alice.send(alice.by_browser(request)).expect(303);

    let base = &app.services().settings.base_url;
    let mails = app
        .db(|conn| switchroom::notify::store::outbox_latest(conn, &app.services().vault, 5))
        .expect("mails");
    let letter = mails.into_iter().next().and_then(|mail| mail.letter).expect("a letter");
    let mail = switchroom::notify::render(&letter, switchroom::i18n::Language::English, base);
    let text = mail.expect("a mail").text.expose().to_owned();
    assert!(!text.contains("evil.test"));
    assert_eq!(text.matches(&format!("{base}/step-up/link/")).count(), 2);
}
