//! Probes, numbers, files, and the end of the process.

use std::sync::mpsc::channel;
use std::time::Duration;

use rstest::rstest;
use switchroom::api_keys::ApiScope;
use switchroom::clock::{days, hours, minutes};
use switchroom::upkeep;

use crate::support::db::{Filling, run};
use crate::support::page::Page;
use crate::support::{Backend, Postgres, Request, Sqlite, app_on, start, wait};

#[rstest]
fn the_probes_answer_without_a_session_or_a_cookie(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = app.visitor().get(path).expect(200);
        assert_eq!(answer.text(), text);
        assert!(answer.header("set-cookie").is_none());
        let bare = app.visitor().send(Request::new("HEAD", path)).expect(200);
        assert_eq!(bare.header("content-type"), answer.header("content-type"));
    }
}

#[rstest]
fn a_database_that_lacks_a_migration_is_not_ready_while_the_process_is_healthy(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };

    app.db(|conn| run(conn, "DELETE FROM __diesel_schema_migrations"));

    assert_eq!(app.visitor().get("/readyz").expect(503).text(), "migrations are waiting\n");
    app.visitor().get("/healthz").expect(200);
}

#[rstest]
fn the_numbers_count_requests_statements_and_password_checks(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    app.owner().get("/profile").expect(200);
    app.visitor().get("/a-path-that-somebody-typed").expect(404);

    let answer = app.visitor().get("/metrics").expect(200);

    let kind = answer.header("content-type").expect("a type");
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = answer.text();
    for name in [
        "http_requests_total{route=\"/profile\",status=\"2xx\"}",
        "http_request_seconds",
        "database_statements_total",
        "password_checks_total",
    ] {
        assert!(text.contains(name), "no {name} in {text}");
    }
    assert!(!text.contains("a-path-that-somebody-typed"), "{text}");
    assert!(!text.contains("alice"), "{text}");
}

#[rstest]
fn the_numbers_are_for_those_who_may_read_them(#[values(Sqlite, Postgres)] on: Backend) {
    let allowed = [("metrics_allowed", "192.0.2.0/24, 2001:db8::/32")];
    let Some(app) = start(on, Filling::Cast, &allowed) else { return };

    for (address, status) in [
        ("192.0.2.9", 200),
        ("2001:db8::9", 200),
        ("192.0.3.9", 404),
        ("2001:db9::9", 404),
        ("127.0.0.1", 404),
    ] {
        assert_eq!(app.visitor().at(address).get("/metrics").status, status, "{address}");
    }
    app.visitor().get("/healthz").expect(200);
}

#[rstest]
fn what_is_under_way_is_finished_before_the_process_ends(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(mut app) = app_on(on) else { return };
    let visitor = app.visitor();
    let form = visitor.visit("/sign-in").form("Sign in");
    let form = form.fill("email", "alice@example.com").fill("password", crate::support::PASSWORD);
    let pairs = form.fields();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    let request = visitor.dressed(Request::form("/sign-in", &pairs));
    let address = app.address();
    let mut line = request.announce(address, body.len());
    line.write(&body.as_bytes()[..10]);
    // The head has been read when a later request is answered by the same process.
    app.visitor().get("/healthz").expect(200);
    std::thread::sleep(Duration::from_millis(100));

    let (tell, told) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            app.stop();
            tell.send(()).expect("somebody listens");
        });
        std::thread::sleep(Duration::from_millis(200));
        assert!(told.try_recv().is_err(), "it ended with a request under way");
        line.write(&body.as_bytes()[10..]);
        assert_eq!(line.answer().status, 303);
        told.recv_timeout(Duration::from_secs(10)).expect("an end after the answer");
    });
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 1);
}

#[test]
fn files_are_cached_for_ever_by_their_content_and_packed() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let visitor = app.visitor();
    let page = visitor.visit("/sign-in");
    let files = [page.attributes("link[rel=stylesheet]", "href"), page.attributes("script", "src")]
        .concat();
    assert!(files.len() >= 2, "{files:?}");

    for path in files {
        let answer = visitor.get(&path).expect(200);
        let cache = answer.header("cache-control");
        assert_eq!(cache.as_deref(), Some("public, max-age=31536000, immutable"), "{path}");
        let tag = answer.header("etag").expect("a tag");
        let again = visitor.send(Request::get(&path).header("if-none-match", tag)).expect(304);
        assert_eq!(again.text(), "");
        let packed = visitor.send(Request::get(&path).header("accept-encoding", "br, gzip;q=0.8"));
        assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"), "{path}");
        let old = path.replace("?v=", "?v=0");
        let cache = visitor.get(&old).expect(200).header("cache-control");
        assert_eq!(cache.as_deref(), Some("no-cache"), "{old}");
    }
    assert_eq!(visitor.get("/robots.txt").expect(200).text(), "User-agent: *\nDisallow: /\n");
}

#[test]
fn errors_are_pages_that_say_what_to_do_next() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let (visitor, vera) = (app.visitor(), app.person("vera"));

    insta::assert_snapshot!(
        "not_found",
        visitor.visit("/no-such-page").expect(404).main_snapshot()
    );
    insta::assert_snapshot!("forbidden", vera.visit("/apps/new").expect(403).main_snapshot());
    let expired = vera.visit("/profile").form("/profile").forged("token", "x").submit().expect(422);
    insta::assert_snapshot!("form_expired", expired.main_snapshot());
    let foreign = Request::form("/language", &[]).header("origin", "https://evil.test");
    let page = Page::detached("/language", visitor.send(foreign));
    insta::assert_snapshot!("foreign_origin", page.expect(403).main_snapshot());
    let page = Page::detached("/sign-out", visitor.get("/sign-out"));
    insta::assert_snapshot!("method_not_allowed", page.expect(405).main_snapshot());
    for _ in 0..11 {
        visitor.sign_in("oscar", "wrong password");
    }
    let answer = visitor.sign_in("oscar", "wrong password").expect(429);
    insta::assert_snapshot!("throttled", Page::detached("/sign-in", answer).main_snapshot());
}

#[rstest]
fn a_database_that_is_gone_answers_with_an_error_page_and_its_id(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    app.db(|conn| run(conn, "ALTER TABLE accounts RENAME TO elsewhere"));

    let answer = owner.get("/profile");

    assert_eq!(answer.status, 500);
    let id = answer.header("x-request-id").expect("an id");
    let page = Page::detached("/profile", answer);
    let text = page.texts("main").join("");
    assert!(text.contains(&id), "{text}");
    assert!(!text.contains("accounts") && !text.contains("elsewhere"), "{text}");
    app.visitor().get("/healthz").expect(200);
}

#[test]
fn a_database_that_is_away_is_told_from_a_failure_and_is_used_again_when_it_is_back() {
    let Some(app) = app_on(Postgres) else { return };
    let (erin, visitor) = (app.person("erin"), app.visitor());
    let form = visitor.visit("/sign-in").form("Sign in");
    let form = form.fill("email", "erin@example.com").fill("password", "something");

    let program = app.key(&[ApiScope::AppsRead]);

    app.database_is_away(true);
    for answer in [erin.get("/profile"), form.send(), program.get("/v1/apps")] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after").as_deref(), Some("2"));
    }
    assert_eq!(visitor.get("/readyz").status, 503);
    visitor.get("/healthz").expect(200);

    app.database_is_away(false);
    erin.get("/profile").expect(200);
}

#[rstest]
fn what_has_served_its_time_is_removed(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let count = |table: &str| app.count(&format!("SELECT count(*) FROM {table}"));
    let sweep = || wait(upkeep::sweep(app.services())).expect("a round");
    app.person("erin").visit("/apps/new").form("/apps/new").fill("name", "Blue").submit();
    app.visitor().sign_in("erin", "a wrong password").expect(422);
    sweep();
    assert_eq!((count("sessions"), count("submissions")), (1, 1));
    assert_eq!(count("throttles"), 3, "two networks and an account");

    app.clock().forward(minutes(16));
    sweep();
    assert_eq!((count("sessions"), count("submissions"), count("throttles")), (1, 1, 0));

    app.clock().forward(hours(24));
    sweep();
    assert_eq!((count("sessions"), count("submissions")), (1, 0));

    app.clock().forward(days(31));
    sweep();
    assert_eq!(count("sessions"), 0);
    app.person("erin").get("/profile").expect(200);
}
