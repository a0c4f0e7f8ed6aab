//! Bodies that are too large or too slow: refused in time, and the server goes on.

use std::time::{Duration, Instant};

use rstest::rstest;
use switchroom::ids::SdkAppId;
use switchroom::web::body::Patience;
use switchroom::web::routes::Kind;

use crate::support::app::ALPHA;
use crate::support::http::Line;
use crate::support::samples::{self, BOTH};
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on, at_once};

const HUGE: usize = 50 * 1_024 * 1_024;
/// Far less than it takes to send or to wait for a whole body.
const SOON: Duration = Duration::from_secs(5);

/// Requests with a body for every route that takes one, from somebody who may send it.
fn requests(app: &TestApp, blue: SdkAppId) -> Vec<(Actor<'_>, Request)> {
    let mut all = Vec::new();
    let entries = switchroom::web::routes().entries();
    for entry in entries.into_iter().filter(|entry| entry.method != "GET") {
        let actor = match entry.need {
            switchroom::web::Need::Key(scope) => app.key(&[scope]),
            _ => app.owner(),
        };
        let content_type = match entry.kind {
            Kind::Api => "application/json",
            _ => "application/x-www-form-urlencoded",
        };
        let request = Request::new(entry.method.as_str(), &samples::path(&entry, blue));
        // For events; the others do not look at it.
        let request = request.header("idempotency-key", "a-sample");
        all.push((actor.clone(), actor.dressed(request.body(content_type, ""))));
    }
    all
}

/// Whether a route reads a body while it comes, and so sees at its first byte that these are no JSON.
fn is_read_as_it_comes(request: &Request) -> bool {
    format!("{request:?}").contains("/events\"")
}

#[rstest]
fn fifty_megabytes_are_refused_before_they_are_read(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let requests = requests(&app, blue);
    let before = app.rows();

    for (_, request) in &requests {
        let began = Instant::now();
        let answer = request.announce(app.address(), HUGE).answer();
        assert_eq!(answer.status, 413, "{request:?}");
        let took = began.elapsed();
        assert!(took < SOON, "{request:?} took {took:?}");
    }
    app.expect_unchanged(&before, "a large body");
    app.visitor().get("/healthz").expect(200);
}

#[rstest]
fn a_body_without_a_length_is_cut_off_where_it_gets_too_large(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let requests = requests(&app, blue);
    let before = app.rows();

    for (_, request) in &requests {
        let began = Instant::now();
        let answer = request.flood(app.address(), HUGE);
        assert_eq!(
            answer.status,
            if is_read_as_it_comes(request) { 400 } else { 413 },
            "{request:?}"
        );
        let took = began.elapsed();
        assert!(took < SOON, "{request:?} took {took:?}");
    }
    app.expect_unchanged(&before, "a large body");
    app.visitor().get("/healthz").expect(200);
}

#[rstest]
fn a_body_that_stops_or_drips_is_given_up(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (pause, total) = (Duration::from_millis(300), Duration::from_millis(900));
    let app = app.adjusted(|services| services.patience = Patience { pause, total });
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let requests = requests(&app, blue);
    let before = app.rows();

    at_once(requests.len(), |number| {
        let (_, request) = &requests[number];
        let answer = request.announce(app.address(), 100).answer();
        assert_eq!(answer.status, 408, "{request:?}");
        let mut drip = request.announce(app.address(), 100);
        // Each byte comes in time, all of them do not.
        for _ in 0..5 {
            drip.write(b"a");
            std::thread::sleep(Duration::from_millis(200));
        }
        let expected = if is_read_as_it_comes(request) { 400 } else { 408 };
        assert_eq!(drip.answer().status, expected, "{request:?}");
    });
    app.expect_unchanged(&before, "a slow body");
    app.visitor().get("/healthz").expect(200);
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let mut line = Line::open(app.address());

    line.write(b"GET /sign-in HTTP/1.1\r\nhost: x\r\nx-slow: ");

    assert_eq!(line.answer().status, 408);
    app.visitor().get("/healthz").expect(200);
}

#[test]
fn a_head_that_is_too_large_or_no_http_at_all_is_refused() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    for bytes in [
        [b"GET / HTTP/1.1\r\nx-large: ".as_slice(), &b"a".repeat(200_000)].concat(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"
            .to_vec(),
    ] {
        let mut line = Line::open(app.address());
        line.write(&bytes);
        let answer = line.answer();
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    app.visitor().get("/healthz").expect(200);
}
