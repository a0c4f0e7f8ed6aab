//! Every way in which a form or a JSON body can be wrong, tried on every route that takes one.

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::web::Need;
use switchroom::web::routes::{Entry, Kind};

use crate::support::app::ALPHA;
use crate::support::db::Filling;
use crate::support::page::Page;
use crate::support::passkey::BASE_URL;
use crate::support::samples::{self, BOTH, Body};
use crate::support::{Actor, Backend, Postgres, Request, Response, Sqlite, TestApp, app_on, start};

const FORM: &str = "application/x-www-form-urlencoded";

/// Fields that may come several times.
const LISTS: [&str; 5] = ["services", "platforms", "privileges", "scopes", "apps"];

/// Whether a field may be left out or empty.
fn is_optional(entry: &Entry, field: &str) -> bool {
    match (entry.path, field) {
        (_, "return_to" | "app_type" | "description" | "tags" | "platforms")
        | ("/profile", "time_zone")
        | ("/minutes", "alert_line")
        | ("/api-keys/new", "app")
        | ("/members/invite" | "/members/{account}", "tag")
        | ("/apps/{sdk_app_id}/tokens", "user")
        | ("/apps/{sdk_app_id}/tokens/usersig", "room") => true,
        (path, field) => is_only_compared(path, field) && field != "credential" || field == "room",
    }
}

/// Whether a field takes any text: it is compared with something, or it is passed over when it
/// makes no sense.
fn is_lenient(entry: &Entry, field: &str) -> bool {
    field == "return_to" || is_only_compared(entry.path, field)
}

fn is_only_compared(path: &str, field: &str) -> bool {
    path.ends_with("/tokens/verify") && ["credential", "token", "channel", "user"].contains(&field)
}

type Fields = Vec<(String, String)>;

fn of_kind(kind: Kind) -> Vec<Entry> {
    let all = switchroom::web::routes().entries();
    all.into_iter().filter(|entry| entry.kind == kind && entry.method != "GET").collect()
}

fn somebody<'a>(app: &'a TestApp, entry: &Entry) -> Actor<'a> {
    match entry.need {
        Need::Nothing => app.visitor(),
        Need::SignedIn | Need::May(_) => app.owner(),
        Need::Key(scope) => app.key(&[scope]),
    }
}

fn with(fields: &Fields, name: &str, value: Option<&str>) -> Fields {
    let mut fields = fields.clone();
    fields.retain(|(known, _)| known != name || value.is_some());
    for field in fields.iter_mut().filter(|(known, _)| known == name) {
        value.unwrap_or_default().clone_into(&mut field.1);
    }
    fields
}

/// Everything that is wrong with a form, with words for it.
fn wrong_forms(entry: &Entry, good: &Fields) -> Vec<(String, Fields)> {
    let long = "a".repeat(10_000);
    let mut wrong = Vec::new();
    for (name, _) in good {
        if !is_optional(entry, name) {
            wrong.push((format!("{name} missing"), with(good, name, None)));
            wrong.push((format!("{name} empty"), with(good, name, Some(""))));
            wrong.push((format!("{name} blank"), with(good, name, Some(" \u{3000} "))));
        }
        if !is_lenient(entry, name) {
            wrong.push((format!("{name} too long"), with(good, name, Some(&long))));
            for control in ["a\u{0}b", "a\u{7}b", "\u{1b}[31m", "\u{7f}x"] {
                wrong.push((format!("{name} with {control:?}"), with(good, name, Some(control))));
            }
        }
        if !LISTS.contains(&name.as_str()) {
            let twice = [good.clone(), vec![(name.clone(), "x".to_owned())]].concat();
            wrong.push((format!("{name} twice"), twice));
        }
    }
    for unknown in ["role", "is_operator", "workspace_id", ""] {
        let more = [good.clone(), vec![(unknown.to_owned(), "1".to_owned())]].concat();
        wrong.push((format!("unknown field {unknown:?}"), more));
    }
    let many = (0..300).map(|number| (format!("f{number}"), String::new())).collect();
    wrong.push(("300 fields".to_owned(), many));
    wrong
}

/// A refusal that a person can read: a whole page in the right status.
fn check_page(answer: Response, shown: &str) -> Page<'static> {
    assert!((400..500).contains(&answer.status), "{shown}: {}", answer.status);
    let kind = answer.header("content-type");
    assert_eq!(kind.as_deref(), Some("text/html; charset=utf-8"), "{shown}");
    let page = Page::detached(shown, answer);
    assert!(!page.heading().is_empty(), "{shown} has no heading");
    page
}

#[rstest]
fn every_form_refuses_every_wrong_field_on_a_page_and_changes_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    // A name, for which browsers have passkeys.
    let Some(app) = start(on, Filling::Cast, &[("base_url", BASE_URL)]) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    // The key of the samples.
    app.key(&[ApiScope::AppsRead]);

    for entry in of_kind(Kind::Form) {
        let Body::Form(sample) = samples::body(&entry) else { panic!("{}", entry.path) };
        if sample.is_empty() {
            // It reads no field: nobody is kept from signing out.
            continue;
        }
        let actor = somebody(&app, &entry);
        let token = ("token".to_owned(), actor.token());
        let good: Fields =
            sample.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let path = samples::path(&entry, blue);
        let before = app.rows();
        for (what, fields) in wrong_forms(&entry, &good) {
            let shown = format!("POST {path}, {what}");
            let fields = [vec![token.clone()], fields].concat();
            let page = check_page(actor.at_any().post(&path, &fields), &shown);
            if page.response().status == 422 {
                // A link that is none shows no form of its own.
                if entry.path.starts_with("/step-up/link/") {
                    continue;
                }
                // What a passkey answers is filled in by a script, and hidden.
                let shows_it = page.count("form[data-passkey]") > 0
                    || page.forms().iter().any(|form| form.has_open(&good[good.len() - 1].0));
                assert!(shows_it, "{shown} shows its form again");
                // A lost key is replaced; it is nobody's field.
                let is_typed = !what.starts_with("submission");
                assert_eq!(!page.blamed().is_empty(), is_typed, "{shown} blames a field");
            }
        }
        app.expect_unchanged(&before, &format!("wrong fields to {path}"));
    }
}

#[rstest]
fn every_form_refuses_bodies_that_are_no_forms(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);

    for entry in of_kind(Kind::Form) {
        let actor = somebody(&app, &entry);
        let token = actor.token();
        let path = samples::path(&entry, blue);
        let before = app.rows();
        let send = |content_type: Option<&str>, body: &[u8]| {
            let request = match content_type {
                Some(content_type) => Request::new("POST", &path).body(content_type, body),
                None => Request::new("POST", &path).body("", body).without("content-type"),
            };
            actor.at_any().send(actor.by_browser(request))
        };
        let good = format!("token={token}");
        for (content_type, body, status) in [
            (Some(FORM), format!("{good}&x=%FF").into_bytes(), 400),
            (Some(FORM), format!("{good}&%C3%28=x").into_bytes(), 400),
            (Some(FORM), [good.as_bytes(), b"&x=\xff\xfe"].concat(), 400),
            (Some(FORM), format!("{good}&token={token}").into_bytes(), 400),
            (Some(FORM), b"\0\0\0".to_vec(), 422),
            (Some("text/plain"), good.clone().into_bytes(), 415),
            (Some("application/json"), b"{}".to_vec(), 415),
            (Some("multipart/form-data; boundary=x"), b"--x--".to_vec(), 415),
            (Some("\u{ff}"), good.clone().into_bytes(), 415),
            (None, good.clone().into_bytes(), 415),
        ] {
            let shown = format!("POST {path} {content_type:?} {}", body.escape_ascii());
            let answer = send(content_type, &body);
            assert_eq!(answer.status, status, "{shown}");
            check_page(answer, &shown);
        }
        app.expect_unchanged(&before, &format!("no form to {path}"));
    }
}

/// A refusal that a program can read.
fn check_problem(answer: &Response, shown: &str) {
    assert!((400..500).contains(&answer.status), "{shown}: {} {}", answer.status, answer.text());
    let kind = answer.header("content-type");
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{shown}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{shown}");
    assert_eq!(problem["request_id"], answer.header("x-request-id").unwrap_or_default(), "{shown}");
    let is_named =
        problem["type"].as_str().is_some_and(|it| it.starts_with("urn:switchroom:problem:"));
    assert!(is_named && problem["detail"].is_string(), "{shown}: {problem}");
}

/// Values of every JSON type, one of which a field takes.
fn values() -> Vec<Value> {
    let texts = [String::new(), " ".into(), "a\u{0}b".into(), "a\u{7}".into(), "a".repeat(10_000)];
    let others = [
        json!(true),
        json!(-1),
        json!(1.5),
        json!([]),
        json!([1]),
        json!([["rtc"]]),
        json!(["nonsense"]),
        json!({"a": 1}),
        json!({"": ""}),
        json!({"a\u{0}": "b"}),
    ];
    texts.into_iter().map(Value::from).chain(others).collect()
}

/// Whether a value is one that a field of this name may well take.
fn is_fine(entry: &Entry, field: &str, value: &Value) -> bool {
    if is_only_compared(entry.path, field) {
        return value.is_string();
    }
    let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    match field {
        "description" => is_blank,
        "platforms" => *value == json!([]),
        // The formats allow a blank as the name of a channel or a room.
        "channel" | "room" => *value == json!(" "),
        _ => false,
    }
}

#[rstest]
fn every_json_route_refuses_every_wrong_value_and_changes_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);

    for entry in of_kind(Kind::Api) {
        let Body::Json(Value::Object(good)) = samples::body(&entry) else { panic!("an object") };
        let (actor, path) = (somebody(&app, &entry), samples::path(&entry, blue));
        let method = entry.method.as_str();
        let before = app.rows();
        for field in good.keys() {
            for value in values().into_iter().filter(|value| !is_fine(&entry, field, value)) {
                let mut wrong = good.clone();
                wrong.insert(field.clone(), value.clone());
                let answer = actor.json(method, &path, &Value::Object(wrong));
                let value: String = value.to_string().chars().take(40).collect();
                check_problem(&answer, &format!("{method} {path} {field}: {value}"));
            }
        }
        for unknown in ["workspace_id", "sdk_app_id", "app_id", "secret", ""] {
            let mut wrong = good.clone();
            wrong.insert(unknown.to_owned(), json!(1));
            let answer = actor.json(method, &path, &Value::Object(wrong));
            check_problem(&answer.expect(400), &format!("{method} {path} with {unknown:?}"));
        }
        app.expect_unchanged(&before, &format!("wrong values to {method} {path}"));
    }
}

#[rstest]
fn every_json_route_refuses_what_is_no_json_object(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));

    for entry in of_kind(Kind::Api) {
        let (actor, path) = (somebody(&app, &entry), samples::path(&entry, blue));
        let method = entry.method.as_str();
        let before = app.rows();
        let mut bodies: Vec<Vec<u8>> = [
            "[\"Sample\",\"other\",[\"im\"]]",
            "",
            "{",
            "}",
            "null",
            "true",
            "1",
            "\"x\"",
            "[]",
            "[{}]",
            "{}{}",
            "{} x",
            "{'a':1}",
            "{\"name\":\"a\",\"name\":\"b\"}",
            "{\"name\":\"\\ud800\"}",
            "{\"name\":1e999}",
            "\u{feff}{}",
            "{\"name\":\"a\nb\"}",
            "{\"name\": NaN}",
            "{\"name\":\"x\",}",
        ]
        .map(|text| text.as_bytes().to_vec())
        .into();
        bodies.push(b"{\"name\":\"\xff\xfe\"}".to_vec());
        bodies.push(deep("[", "]").into_bytes());
        bodies.push(format!("{{\"tags\":{}}}", deep("{\"a\":", "}")).into_bytes());
        for body in bodies {
            let shown: String = body.escape_ascii().to_string().chars().take(60).collect();
            let request = Request::new(method, &path).body("application/json", body);
            check_problem(&actor.send(request).expect(400), &format!("{method} {path} {shown}"));
        }
        for content_type in ["text/plain", FORM, "text/json", "application/jsonp", ""] {
            let request = Request::new(method, &path).body(content_type, "{}");
            let answer = actor.send(request).problem(415, "unsupported-media-type");
            check_problem(&answer, content_type);
        }
        app.expect_unchanged(&before, &format!("no JSON to {method} {path}"));
    }
}

#[rstest]
fn no_path_query_cookie_or_header_makes_the_server_fail(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let owner = app.owner();

    for id in ["0", "-1", "abc", "99999999999999999999", "1400000001x", "%00", "%FF", "..%2f", "١"]
    {
        let id = percent_encoding::utf8_percent_encode(id, percent_encoding::CONTROLS).to_string();
        let answer = owner.get(&format!("/apps/{id}"));
        assert_eq!(answer.status, 404, "/apps/{id}");
    }
    let long = "a".repeat(8_000);
    for entry in switchroom::web::routes().entries() {
        if entry.method != "GET" {
            continue;
        }
        let (actor, path) = (somebody(&app, &entry), samples::path(&entry, blue));
        for query in [
            "%FF",
            "q=%FF",
            "after=%00",
            "after=!!",
            "before=AAAA",
            "q=a&q=b",
            &long,
            "=",
            "&&&",
            "size=-1&sort=%27--&status=x&service=%00",
            "return_to=%FF",
            "key=%00",
        ] {
            let answer = actor.get(&format!("{path}?{query}"));
            assert!(answer.status < 500, "GET {path}?{query:.60}: {}", answer.status);
        }
    }
    for (name, value) in [
        ("session", "x"),
        ("visitor", "%00"),
        ("flash", "{}"),
        ("lang", "xx"),
        ("theme", "<b>"),
        ("", "x"),
    ] {
        let stranger = app.visitor();
        stranger.set_cookie(name, value);
        stranger.get("/sign-in").expect(200);
        stranger.get("/profile").expect(303);
    }
    for (name, value) in [
        ("authorization", "Bearer"),
        ("authorization", "Bearer \u{ff}"),
        ("authorization", &*format!("Bearer swr_{long}")),
        ("cookie", "=;;;==;\u{ff}"),
        ("accept-language", "zh;q=x,;;,*;q=2,\u{ff}"),
        ("x-forwarded-for", "::::,999.1.1.1"),
        ("user-agent", "\u{ff}\u{fe}"),
        ("content-length", "0"),
    ] {
        for path in ["/sign-in", "/v1/apps"] {
            let answer = app.visitor().send(Request::get(path).header(name, value));
            assert!(answer.status < 500, "GET {path} {name}: {value:.60}: {}", answer.status);
        }
    }
    app.visitor().get("/healthz").expect(200);
}

#[rstest]
fn a_script_in_a_field_is_shown_as_text(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    let script = "\"><script>alert(1)</script>";

    let page = owner.visit("/profile").form("/profile").fill("name", script).submit().expect(200);

    assert_eq!(page.form("/profile").value("name"), script);
    assert_eq!(page.count("script:not([src])"), 0);
    assert!(!page.response().text().contains("<script>alert"));
    let query = format!("/no-such-page?{}", "%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    assert!(!owner.get(&query).text().contains("<script>alert"));
}
