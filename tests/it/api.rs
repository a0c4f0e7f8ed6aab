//! The JSON API of apps, and the keys that open it.

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::clock::minutes;

use crate::support::app::{ALPHA, BETA};
use crate::support::db::{run, texts};
use crate::support::normal::normal;
use crate::support::samples::{BOTH, IM};
use crate::support::{Backend, Postgres, Request, Response, Sqlite, app_on};

const READ: ApiScope = ApiScope::AppsRead;
const WRITE: ApiScope = ApiScope::AppsWrite;

/// An answer as it is reviewed.
fn shown(answer: &Response) -> String {
    let pretty = serde_json::to_string_pretty(&answer.json()).expect("JSON");
    format!("{}\n{}", answer.status, normal(&pretty))
}

fn sample() -> Value {
    json!({
        "name": "课堂 Blue", "scenario": "online_education", "services": ["rtc", "im"],
        "type": "education", "description": "two\nlines", "tags": {"team": "a"},
    })
}

#[rstest]
fn an_app_is_made_read_and_changed(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ, WRITE]);

    let made = program.json("POST", "/v1/apps", &sample()).expect(201);
    let place = made.header("location").expect("a place");
    assert_eq!(place, "/v1/apps/1400000001");
    let app_id = made.json()["app_id"].as_str().expect("an App ID").to_owned();
    assert!(app_id.len() == 32 && app_id.bytes().all(|byte| byte.is_ascii_hexdigit()));

    insta::assert_snapshot!("api_app", shown(&made));
    for path in
        [place.clone(), format!("/v1/apps/{app_id}"), format!("/v1/apps/{}", app_id.to_uppercase())]
    {
        assert_eq!(program.get(&path).expect(200).json(), made.json(), "{path}");
    }
    app.clock().forward(minutes(5));
    let change = json!({"name": "Azure", "platforms": ["web"], "tags": {}, "version": 1});
    let changed = program.json("PATCH", &place, &change).expect(200).json();
    assert_eq!(changed["name"], "Azure");
    assert_eq!(changed["platforms"], json!(["web"]));
    assert_eq!(changed["tags"], json!({}));
    assert_eq!(changed["description"], "two\nlines", "what is left out stays");
    assert_eq!(
        (&changed["version"], &changed["changed_at"]),
        (&json!(2), &json!("2026-03-02T08:05:00Z"))
    );
    assert_eq!(program.get(&place).json(), changed);
}

#[rstest]
fn refusals_say_what_is_wrong_in_words_that_programs_know(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ, WRITE]);
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let with = |changes: Value| {
        let mut body = sample();
        let changes = changes.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(changes);
        body
    };

    let empty = program.json("POST", "/v1/apps", &json!({})).problem(422, "invalid");
    insta::assert_snapshot!("api_invalid", shown(&empty));
    let taken = program.json("POST", "/v1/apps", &with(json!({"name": "ＢＬＵＥ"})));
    insta::assert_snapshot!("api_name_taken", shown(&taken.problem(409, "name-taken")));
    let unknown = program.json("POST", "/v1/apps", &with(json!({"secret": "x"})));
    let unknown = unknown.problem(400, "bad-request");
    assert!(unknown.text().contains("secret"), "{}", unknown.text());
    let path = format!("/v1/apps/{blue}");
    program.json("PATCH", &path, &json!({"version": 7})).problem(409, "changed-meanwhile");
    program.json("PATCH", &path, &json!({"services": ["im"]})).problem(400, "bad-request");
    program.json("PATCH", &path, &json!({"status": "disabled"})).problem(403, "step-up-required");
    program.json("PATCH", &path, &json!({"status": "enabled"})).expect(200);

    app.db(|conn| {
        run(conn, "UPDATE workspaces SET rtc_apps = rtc_apps_max, im_apps = im_apps_max");
    });
    program.json("POST", "/v1/apps", &sample()).problem(409, "quota-reached");
    let im = with(json!({"services": ["im"]}));
    program.json("POST", "/v1/apps", &im).problem(409, "quota-reached");
    app.db(|conn| {
        run(conn, "UPDATE workspaces SET rtc_apps = 0; UPDATE minute_packages SET remaining = 0");
    });
    let rtc = with(json!({"services": ["rtc"]}));
    program.json("POST", "/v1/apps", &rtc).problem(409, "no-minutes");
}

#[rstest]
fn null_empties_the_type_and_nothing_else(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ, WRITE]);
    let made = program.json("POST", "/v1/apps", &sample()).expect(201);
    let place = made.header("location").expect("a place");

    for field in ["name", "scenario", "description", "platforms", "tags", "status", "version"] {
        let body = Value::Object([(field.to_owned(), Value::Null)].into_iter().collect());
        let answer = program.json("PATCH", &place, &body).problem(422, "invalid").json();
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    assert_eq!(program.get(&place).json(), made.json(), "nothing was changed");

    let changed = program.json("PATCH", &place, &json!({"type": null})).expect(200).json();
    assert_eq!(changed["type"], Value::Null);
    assert_eq!(changed["name"], made.json()["name"]);
    let changed = program.json("PATCH", &place, &json!({"type": "game"})).expect(200).json();
    assert_eq!(changed["type"], "game");
}

#[rstest]
fn a_tag_that_comes_twice_is_refused(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ, WRITE]);
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let new = r#"{"name":"Green","scenario":"other","services":["im"],"tags":{"a":"1","a":"2"}}"#;
    let change = r#"{"tags":{"a":"1","b":"2","a":"3"}}"#;

    for (method, path, body) in
        [("POST", "/v1/apps".to_owned(), new), ("PATCH", format!("/v1/apps/{blue}"), change)]
    {
        let request = Request::new(method, &path).body("application/json", body);
        let answer = program.send(request).problem(422, "invalid");
        assert_eq!(answer.json()["errors"][0]["field"], "tags", "{}", answer.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM app_tags"), 0);
}

#[rstest]
fn a_list_goes_on_where_it_ended(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ]);
    for number in 0..53 {
        app.has_app(ALPHA, &format!("App {number:02}"), IM);
    }
    app.has_app(BETA, "Green", IM);

    let first = program.get("/v1/apps").expect(200).json();
    let next = first["next"].as_str().expect("more");
    let second = program.get(&format!("/v1/apps?after={next}")).expect(200).json();

    let names = |list: &Value| {
        let apps = list["apps"].as_array().expect("a list").clone();
        apps.iter().map(|app| app["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let expected: Vec<_> = (0..53).rev().map(|number| format!("App {number:02}")).collect();
    assert_eq!([names(&first), names(&second)].concat(), expected);
    assert_eq!((names(&first).len(), &first["total"]), (50, &json!(53)));
    assert_eq!(second["next"], Value::Null);
    assert_eq!(names(&program.get("/v1/apps?q=app%2007").json()), ["App 07"]);
    let oldest = second["apps"][2]["sdk_app_id"].as_i64().expect("a number");
    app.db(|conn| {
        run(conn, &format!("UPDATE apps SET deleted_at = 1 WHERE sdk_app_id <= {}", oldest + 2));
    });
    let beyond = program.get(&format!("/v1/apps?after={next}")).expect(200).json();
    assert_eq!((names(&beyond).len(), &beyond["total"]), (0, &json!(50)), "a page beyond the end");
    program.get("/v1/apps?token=1").problem(400, "bad-request");
    program.get("/v1/apps?after=nonsense").problem(400, "bad-request");
    program.get("/v1/apps?nonsense=1").problem(400, "bad-request");
}

#[rstest]
fn a_key_for_one_app_sees_that_app_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let [blue, green] = ["Blue", "Green"].map(|name| app.has_app(ALPHA, name, BOTH));
    let program = app.key_of(ALPHA, Some(blue), &[READ, WRITE]);

    let list = program.get("/v1/apps").expect(200).json();
    assert_eq!((&list["total"], &list["apps"][0]["name"]), (&json!(1), &json!("Blue")));
    program.get(&format!("/v1/apps/{green}")).problem(404, "not-found");
    program.json("PATCH", &format!("/v1/apps/{blue}"), &json!({"name": "Azure"})).expect(200);
    program.json("POST", "/v1/apps", &sample()).expect(403);
    assert_eq!(app.count("SELECT count(*) FROM apps"), 2);
}

#[rstest]
fn a_keys_use_is_written_at_most_once_a_minute(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ]);
    let used = || app.count("SELECT coalesce(max(last_used_at), 0) FROM api_keys");
    assert_eq!(used(), 0);

    program.get("/v1/apps").expect(200);
    let first = used();
    assert_eq!(first, app.clock().now().0);
    app.clock().forward(std::time::Duration::from_secs(59));
    program.get("/v1/apps").expect(200);
    assert_eq!(used(), first);
    app.clock().forward(std::time::Duration::from_secs(1));
    program.get("/v1/apps").expect(200);
    assert_eq!(used() - first, 60_000_000);
}

#[rstest]
fn a_revoked_key_opens_nothing_from_the_next_request_on(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ]);
    program.get("/v1/apps").expect(200);

    app.db(|conn| run(conn, "UPDATE api_keys SET revoked_at = 1"));

    program.get("/v1/apps").problem(401, "api-key-needed");
}

#[rstest]
fn a_key_is_stored_as_a_digest_and_shown_by_its_ends(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let program = app.key(&[READ]);
    let key = program.key();

    let stored = app.db(|conn| {
        texts(conn, "SELECT prefix || ' ' || last_four || ' ' || digest AS text FROM api_keys")
    });

    let digest = switchroom::secret::digest(key);
    assert_eq!(stored, [format!("{} {} {digest}", &key[..8], &key[key.len() - 4..])]);
    assert_eq!(key.len(), 47);
    app.visitor().with_key(&digest).get("/v1/apps").problem(401, "api-key-needed");
}

#[rstest]
fn neither_cookies_nor_other_schemes_open_the_api(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (owner, program) = (app.owner(), app.key(&[READ]));

    owner.get("/v1/apps").problem(401, "api-key-needed");
    for header in
        [format!("Basic {}", program.key()), program.key().to_owned(), "Bearer".to_owned()]
    {
        let request = Request::get("/v1/apps").header("authorization", header);
        app.visitor().send(request).problem(401, "api-key-needed");
    }
    let request =
        Request::get("/v1/apps").header("authorization", format!("bearer  {}", program.key()));
    app.visitor().send(request).expect(200);
    program.get("/apps").expect(303);
    app.visitor().get("/v1").problem(404, "not-found");
    app.visitor().get("/v1/nothing").problem(404, "not-found");
}
