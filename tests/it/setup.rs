//! The first run: one link, one use.

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::setup::store::setup_close_by_host;

use crate::support::app::NOW;
use crate::support::db::Filling;
use crate::support::page::Form;
use crate::support::{Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on, at_once, start};

/// The button of the form.
const SUBMIT: &str = "Create and sign in";

fn new_app(on: Backend) -> Option<TestApp> {
    start(on, Filling::Schema, &[])
}

fn filled<'a>(form: Form<'a>, name: &str) -> Form<'a> {
    form.choose("language", "en")
        .choose("time_zone", "Asia/Tokyo")
        .fill("name", name)
        .fill("email", &format!("{name}@example.com"))
        .fill("password", PASSWORD)
        .fill("workspace", "Gamma")
}

#[rstest]
fn the_link_makes_operator_and_workspace_and_signs_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    let zoe = app.visitor();
    assert_eq!(zoe.visit("/sign-in").count("main .note.warn"), 1, "the way to begin is told");

    let page = filled(zoe.visit(&link).expect(200).form(SUBMIT), "zoe");
    let page = page.submit().expect(200);

    assert_eq!(page.path(), "/");
    assert_eq!(page.flash().as_deref(), Some("Set-up is complete. Welcome to Switchroom."));
    let profile = zoe.visit("/profile").expect(200);
    assert_eq!(profile.form("/profile").value("name"), "zoe");
    assert_eq!(app.count("SELECT count(*) FROM accounts WHERE is_operator"), 1);
    let owners = "SELECT count(*) FROM memberships WHERE role = 'owner'";
    assert_eq!(app.count(owners), 1);
    assert_eq!(app.count("SELECT sum(remaining) FROM minute_packages"), 10_000 * 100);
    let zone = app.db(|conn| {
        crate::support::db::texts(conn, "SELECT time_zone AS text FROM workspaces").remove(0)
    });
    assert_eq!(zone, "Asia/Tokyo");
    assert_eq!(app.visitor().visit("/sign-in").count("main .note.warn"), 0);
    app.visitor().sign_in("zoe", PASSWORD).expect(303);
}

#[rstest]
fn it_is_closed_for_good_afterwards(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    let (zoe, late) = (app.visitor(), app.visitor());
    let form = filled(late.visit(&link).form(SUBMIT), "mallory");
    filled(zoe.visit(&link).form(SUBMIT), "zoe").submit().expect(200);

    zoe.get(&link).expect(404);
    late.get(&link).expect(404);
    form.send().expect(404);
    assert_eq!(app.setup_link(), None);
    assert_eq!(app.restarted().setup_link(), None);
}

#[rstest]
fn sign_in_knows_when_another_process_ended_the_first_run(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    app.setup_link().expect("a link");
    assert_eq!(app.visitor().visit("/sign-in").count("main .note.warn"), 1);

    app.db(|conn| setup_close_by_host(conn, NOW)).expect("closed");

    assert_eq!(app.visitor().visit("/sign-in").count("main .note.warn"), 0);
    let again = app.statements(|| {
        app.visitor().visit("/sign-in");
    });
    assert_eq!(again, 0, "it asks no more");
}

#[rstest]
fn the_link_works_for_a_day(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    let zoe = app.visitor();

    app.clock().forward(hours(23) + minutes(59));
    let form = filled(zoe.visit(&link).expect(200).form(SUBMIT), "zoe");
    app.clock().forward(minutes(1));

    zoe.get(&link).expect(404);
    form.send().expect(404);
    assert_eq!(app.count("SELECT count(*) FROM accounts"), 0);
}

#[rstest]
fn only_the_newest_link_works_and_no_other_key(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    let old = app.setup_link().expect("a link");
    let app = app.restarted();
    let new = app.setup_link().expect("a link");
    let visitor = app.visitor();

    visitor.get(&new).expect(200);
    for path in [&old, "/setup", "/setup?key=", "/setup?key=x", "/setup?key=%25"] {
        visitor.get(path).expect(404);
    }
    let digest = app.db(|conn| {
        crate::support::db::texts(conn, "SELECT setup_digest AS text FROM installation").remove(0)
    });
    visitor.get(&format!("/setup?key={digest}")).expect(404);
}

#[rstest]
fn of_many_who_send_it_at_once_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    let visitor = app.visitor();
    let forms: Vec<_> = (0..6)
        .map(|number| {
            let form = visitor.visit(&link).form(SUBMIT);
            filled(form, &format!("person{number}"))
        })
        .collect();

    let mut statuses = at_once(forms.len(), |number| {
        visitor.copied().post(&forms[number].action, &forms[number].fields()).status
    });

    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404, 404, 404, 404, 404]);
    assert_eq!(app.count("SELECT count(*) FROM accounts"), 1);
    assert_eq!(app.count("SELECT count(*) FROM workspaces"), 1);
}

#[rstest]
fn what_is_wrong_is_said_beside_each_field_and_nothing_is_made(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    let before = app.rows();

    let form = app.visitor().visit(&link).form(SUBMIT);
    let form = form.forged("time_zone", "Mars/Olympus").forged("language", "tlh");
    let form = form.fill("name", " ").fill("email", "zoe@").fill("workspace", &"w".repeat(65));
    let page = form.fill("password", "short").submit().expect(422);

    page.problem("language", "Choose one of the options")
        .problem("time_zone", "Choose one of the options")
        .problem("name", "Fill in this field")
        .problem("email", "Enter an e-mail address such as li@example.com")
        .problem("password", "Use at least 8 characters")
        .problem("workspace", "Use at most 64 characters");
    let form = page.form(SUBMIT);
    assert_eq!(form.value("email"), "zoe@");
    assert_eq!(form.value("password"), "");
    app.expect_unchanged(&before, "a refused set-up");
}

#[rstest]
fn an_installation_that_has_people_has_no_set_up(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    assert_eq!(app.setup_link(), None);
    app.visitor().get("/setup").expect(404);
}

#[test]
fn the_set_up_page_reads_well() {
    let app = new_app(Sqlite).expect("SQLite is always there");
    let link = app.setup_link().expect("a link");

    insta::assert_snapshot!("setup", app.visitor().visit(&link).main_snapshot());
}

#[rstest]
fn an_address_that_has_an_account_is_blamed_and_the_link_stays_open(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = new_app(on) else { return };
    let link = app.setup_link().expect("a link");
    app.db(|conn| {
        let zoe = "INSERT INTO accounts (email, email_key, name, language, is_operator, \
                   created_at, changed_at, version) \
                   VALUES ('zoe@example.com', 'zoe@example.com', 'Zoe', 'en', FALSE, 0, 0, 1)";
        crate::support::db::run(conn, zoe);
    });
    let zoe = app.visitor();

    let page = filled(zoe.visit(&link).form(SUBMIT), "zoe").submit().expect(422);
    page.problem("email", "This e-mail address is already in use");
    let form = page.form(SUBMIT);
    assert_eq!((form.value("workspace"), form.value("password")), ("Gamma".into(), String::new()));

    form.fill("email", "zoe.b@example.com").fill("password", PASSWORD).submit().expect(200);
}
