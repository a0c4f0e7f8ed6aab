//! What holds for all routes, checked on each of them by the table that mounts them.

use std::collections::BTreeSet;

use rstest::rstest;
use switchroom::api_keys::ApiScope;
use switchroom::ids::SdkAppId;
use switchroom::web::Need;
use switchroom::web::refusals::Watched;
use switchroom::web::routes::{Entry, Kind};

use crate::support::app::{ALPHA, BETA, CAST};
use crate::support::normal::normal;
use crate::support::samples::{self, BOTH};
use crate::support::{Actor, Backend, Postgres, Request, Response, Sqlite, TestApp, app_on};

fn entries() -> Vec<Entry> {
    switchroom::web::routes().entries()
}

/// A number that no app has.
const NOWHERE: SdkAppId = SdkAppId(1_499_999_999);

#[test]
fn the_golden_list_names_every_route_with_its_need() {
    let lines = entries().into_iter().map(|Entry { method, path, need, kind, watched }| {
        let kind = format!("{kind:?}").to_lowercase();
        let watched = match watched {
            Some(Watched::Act(act)) => format!(", watched {act}"),
            Some(Watched::Challenge) => ", watched challenge".to_owned(),
            None => String::new(),
        };
        format!("{:<6} {path:<48} {kind:<5} {need}{watched}\n", method.as_str())
    });
    let list: String = lines.collect();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/routes.txt");
    if std::env::var_os("SWITCHROOM_TEST_UPDATE").is_some() {
        std::fs::write(golden, &list).expect("written");
    }

    let known = std::fs::read_to_string(golden).expect("the golden list");
    assert_eq!(list, known, "look at each change, then run with SWITCHROOM_TEST_UPDATE=1");
}

/// Who can reach a route at all: a visitor, the owner, or a program.
fn somebody_for<'a>(app: &'a TestApp, entry: &Entry) -> Actor<'a> {
    match entry.need {
        Need::Nothing => app.visitor(),
        Need::SignedIn | Need::May(_) => app.owner(),
        Need::Key(scope) => app.key(&[scope]),
    }
}

fn changing() -> Vec<Entry> {
    entries().into_iter().filter(|entry| entry.method != "GET").collect()
}

#[rstest]
fn nobody_gets_past_a_need_without_signing_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let before = app.rows();
    let visitor = app.visitor();
    let token = visitor.token();

    for entry in entries() {
        let request = samples::request(&entry, blue, &token);
        let shown = format!("{request:?}");
        // The same browser each time, since one of the forms signs in.
        let visitor = visitor.copied();
        let answer = visitor.send(visitor.by_browser(request));
        match entry.need {
            Need::Nothing => {}
            Need::SignedIn | Need::May(_) if answer.status == 422 => {
                assert_eq!(entry.kind, Kind::Form, "{shown}");
                assert!(answer.text().contains("Your sign-in has expired"), "{shown}");
            }
            Need::SignedIn | Need::May(_) => {
                assert_eq!(answer.status, 303, "{shown}");
                let location = answer.header("location").expect("a location");
                assert!(location.starts_with("/sign-in"), "{shown} leads to {location}");
                let back = entry.kind == Kind::Page && entry.path != "/";
                assert_eq!(location.contains("return_to="), back, "{shown} leads to {location}");
            }
            Need::Key(_) => {
                let answer = answer.problem(401, "api-key-needed");
                assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer"));
            }
        }
    }
    // What signing in writes.
    let signing_in = ["sessions", "accounts", "devices"];
    let protected = |row: &String| !signing_in.iter().any(|table| row.starts_with(table));
    let kept = |rows: Vec<String>| rows.into_iter().filter(protected).collect::<Vec<_>>();
    assert_eq!(kept(app.rows()), kept(before));
}

#[rstest]
fn each_role_reaches_what_its_permissions_say(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);

    for (name, role) in CAST {
        let member = app.person(name);
        let token = member.token();
        for entry in entries() {
            let Need::May(permission) = entry.need else { continue };
            let answer = member.send(member.by_browser(samples::request(&entry, blue, &token)));
            let shown = format!("{name} {} {}: {}", entry.method, entry.path, answer.status);
            assert_eq!(answer.status == 403, !role.may(permission), "{shown}");
            assert!(answer.status < 500, "{shown}");
        }
    }
}

#[rstest]
fn a_form_without_the_token_of_its_own_browser_changes_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let foreign = [app.bob().token(), app.visitor().token(), "0".repeat(64), String::new()];
    let owner = app.owner();
    let visitor = app.visitor();
    let earlier = app.owner().token();
    let before = app.rows();

    for entry in entries().into_iter().filter(|entry| entry.kind == Kind::Form) {
        let actor = if entry.need == Need::Nothing { &visitor } else { &owner };
        for token in foreign.iter().chain([&earlier]) {
            let answer = actor.send(actor.by_browser(samples::request(&entry, blue, token)));
            assert_eq!(answer.status, 422, "{} with {token:?}", entry.path);
            let page = answer.text();
            assert!(page.contains("This form has expired"), "{}: {page}", entry.path);
        }
        let none = samples::request(&entry, blue, "").body("application/x-www-form-urlencoded", "");
        assert_eq!(actor.send(actor.by_browser(none)).status, 422, "{} without", entry.path);
    }
    app.expect_unchanged(&before, "a form");
}

#[rstest]
fn another_site_can_make_nobody_change_anything(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let foreign = [
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];

    for entry in changing() {
        let actor = somebody_for(&app, &entry);
        let token = if entry.kind == Kind::Form { actor.token() } else { String::new() };
        let before = app.rows();
        for (name, value) in foreign {
            let request = samples::request(&entry, blue, &token).header(name, value);
            let answer = actor.send(request);
            assert_eq!(answer.status, 403, "{} {} {name}: {value}", entry.method, entry.path);
        }
        app.expect_unchanged(&before, &format!("{} {}", entry.method, entry.path));
    }
}

#[rstest]
fn a_method_that_a_path_does_not_take_is_named_with_those_it_takes(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    let paths: BTreeSet<_> = entries().iter().map(|entry| entry.path).collect();

    for path in paths {
        let of_path: Vec<_> = entries().into_iter().filter(|entry| entry.path == path).collect();
        let mut takes: BTreeSet<_> =
            of_path.iter().map(|it| it.method.as_str().to_owned()).collect();
        if takes.contains("GET") && of_path[0].kind != Kind::Api {
            takes.insert("HEAD".to_owned());
        }
        let sent = samples::path(&of_path[0], SdkAppId(1_400_000_001));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            if takes.contains(method) {
                continue;
            }
            let answer = owner.send(owner.by_browser(Request::new(method, &sent)));
            assert_eq!(answer.status, 405, "{method} {path}");
            let allow = answer.header("allow").expect("what it takes");
            let allow: BTreeSet<_> = allow.split(", ").map(str::to_owned).collect();
            assert_eq!(allow, takes, "{method} {path}");
        }
    }
}

fn check_headers(answer: &Response, shown: &str) {
    let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("{shown}: no {name}"));
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{shown}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{shown}: {policy}");
    assert!(!policy.contains("unsafe"), "{shown}: {policy}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{shown}");
    assert_eq!(header("referrer-policy"), "same-origin", "{shown}");
    // Browsers complain about it over plain HTTP.
    assert!(answer.header("cross-origin-opener-policy").is_none(), "{shown}");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{shown}");
    let id = header("x-request-id");
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}: {id}");
    let is_file = shown.contains("/assets/");
    assert_eq!(header("cache-control") == "no-store", !is_file, "{shown}");
    assert!(answer.header("server").is_none(), "{shown}");
}

#[rstest]
fn every_answer_carries_the_headers_that_keep_it_safe(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);

    // Signing out last: the owner stays the same, also after a change of password.
    let mut all = entries();
    all.sort_by_key(|entry| entry.path == "/sign-out");
    let (owner, visitor) = (app.owner(), app.visitor());
    for entry in all {
        let actor = match entry.need {
            Need::Nothing => visitor.clone(),
            Need::SignedIn | Need::May(_) => owner.clone(),
            Need::Key(scope) => app.key(&[scope]),
        };
        let token = if entry.kind == Kind::Form { actor.token() } else { String::new() };
        for token in ["wrong", token.as_str()] {
            let answer = actor.send(actor.by_browser(samples::request(&entry, blue, token)));
            check_headers(&answer, &format!("{} {}", entry.method, entry.path));
        }
    }
    for path in ["/no-such-page", "/v1", "/v1/no-such-thing", "/assets/no-such-file", "/%00"] {
        check_headers(&app.visitor().get(path), path.trim_start_matches("/assets/"));
    }
}

fn of_one_app() -> Vec<Entry> {
    entries().into_iter().filter(|entry| entry.path.contains("{sdk_app_id}")).collect()
}

#[rstest]
fn another_workspaces_app_cannot_be_told_from_one_that_does_not_exist(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let green = app.has_app(BETA, "Green", BOTH);
    let shown =
        |answer: &Response, id: SdkAppId| normal(answer.text()).replace(&id.to_string(), "[app]");

    for entry in of_one_app() {
        let actor = somebody_for(&app, &entry);
        let token = if entry.kind == Kind::Form { actor.token() } else { String::new() };
        let before = app.rows();
        let [theirs, none] = [green, NOWHERE].map(|id| {
            let answer = actor.send(actor.by_browser(samples::request(&entry, id, &token)));
            (answer.status, shown(&answer, id))
        });
        assert_eq!(theirs.0, 404, "{} {}", entry.method, entry.path);
        assert_eq!(theirs, none, "{} {}", entry.method, entry.path);
        app.expect_unchanged(&before, &format!("{} {}", entry.method, entry.path));
    }
}

#[rstest]
fn a_key_reaches_neither_beyond_its_scopes_nor_beyond_its_apps(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let other = app.has_app(ALPHA, "Other", BOTH);

    for entry in entries() {
        let Need::Key(scope) = entry.need else { continue };
        let request = samples::request(&entry, blue, "");
        let lacks: Vec<_> = ApiScope::ALL.iter().copied().filter(|it| *it != scope).collect();
        app.key(&lacks).send(request.clone()).problem(403, "scope-missing");
        if entry.path.contains("{sdk_app_id}") {
            app.key_of(BETA, None, &[scope]).send(request.clone()).problem(404, "not-found");
            app.key_of(ALPHA, Some(other), &[scope])
                .send(request.clone())
                .problem(404, "not-found");
        }
        for key in ["", "swr_", "swr_wrong", "sk_1", &"swr_a".repeat(50)] {
            let answer = app.visitor().with_key(key).send(request.clone());
            answer.problem(401, "api-key-needed");
        }
    }
}
