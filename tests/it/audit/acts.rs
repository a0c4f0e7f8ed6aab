//! What is written: one event for each change, none for what changes nothing, never a secret.

use rstest::rstest;
use serde_json::Value;
use switchroom::api_keys::ApiScope;
use switchroom::audit::INSTALLATION;
use switchroom::audit::store::Row;
use switchroom::clock::minutes;
use switchroom::credentials::Purpose;
use switchroom::credentials::store::certificates_of_app;
use switchroom::ids::WorkspaceId;
use switchroom::web::routes::{Entry, Kind};

use crate::support::app::{ALPHA, NOW, email};
use crate::support::db::{Filling, every_row, run, texts};
use crate::support::factors::app_with_mail;
use crate::support::samples::{self, BOTH, IM};
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Response, Sqlite, TestApp, app_on, start,
};

const BROWSER: &str = "Probe/1.0 (X11; 中文) \"quoted\"";

/// What a route that changes something writes; nothing for those that change nothing which anybody would ask
/// about, or have tests of their own.
fn act_of(entry: &Entry) -> Option<&'static str> {
    match (entry.method.as_str(), entry.path) {
        ("POST", "/sign-in") => Some("sign_in"),
        ("POST", "/sign-out") => Some("sign_out"),
        ("POST", "/profile") => Some("edit_profile"),
        ("POST", "/profile/password") => Some("change_password"),
        ("POST", "/api-keys/new") => Some("create_api_key"),
        ("POST", "/workspaces") => Some("enter_workspace"),
        ("POST", "/minutes") => Some("set_minutes_alert"),
        ("POST", "/apps/new" | "/v1/apps") => Some("create_app"),
        ("POST", "/apps/{sdk_app_id}/edit") | ("PATCH", "/v1/apps/{sdk_app_id}") => {
            Some("edit_app")
        }
        _ => None,
    }
}

fn new_events(app: &TestApp, before: usize) -> Vec<Row> {
    app.events(ALPHA).split_off(before)
}

/// Sends the sample of a route as somebody would, with a browser's name.
fn send(actor: &Actor<'_>, app: &TestApp, entry: &Entry) -> (Row, Response) {
    let blue = app
        .db(|conn| texts(conn, "SELECT CAST(min(sdk_app_id) AS TEXT) AS text FROM apps").remove(0));
    let token = if entry.kind == Kind::Form { actor.token() } else { String::new() };
    let before = app.events(ALPHA).len();
    let request = samples::request(entry, blue.parse().expect("a number"), &token);
    let request = request.header("user-agent", BROWSER);
    let answer = actor.send(actor.by_browser(request));
    let shown = format!("{} {}: {}", entry.method, entry.path, answer.status);
    assert!(matches!(answer.status, 200..=303), "{shown}: {}", answer.text());
    let mut rows = new_events(app, before);
    assert_eq!(rows.len(), 1, "{shown}: {rows:#?}");
    (rows.remove(0), answer)
}

#[rstest]
fn every_change_writes_one_event_with_who_where_and_what(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    app.has_app(ALPHA, "Blue", BOTH);
    let owner = app.owner().at("10.9.8.7");
    let alice = app.account("alice");
    let mut entries = switchroom::web::routes().entries();
    // What changes how one gets in comes last; a change of password keeps this browser.
    entries.sort_by_key(|entry| (entry.path == "/sign-out", entry.path == "/profile/password"));

    for entry in entries {
        let Some(act) = act_of(&entry) else { continue };
        let is_program = entry.kind == Kind::Api;
        let actor = match entry.path {
            "/sign-in" => app.visitor().at("10.9.8.7"),
            _ if is_program => app.key(ApiScope::ALL).at("10.9.8.7"),
            _ => owner.clone(),
        };
        app.clock().forward(minutes(1));
        let session = "SELECT max(id) FROM sessions WHERE ended_at IS NULL";
        let session_before = app.count(session);
        let (row, answer) = send(&actor, &app, &entry);
        let session = if act == "sign_in" { app.count(session) } else { session_before };

        assert_eq!(row.act, act);
        assert_eq!((row.outcome.as_str(), row.reason.as_str()), ("done", ""), "{act}");
        assert_eq!(row.at, app.clock().now(), "{act}");
        assert_eq!(row.address, "10.9.8.7", "{act}");
        assert_eq!(row.user_agent, BROWSER, "{act}");
        assert_eq!(Some(row.request_id.as_str()), answer.header("x-request-id").as_deref());
        if is_program {
            assert_eq!((row.actor_kind.as_str(), row.actor_name.as_str()), ("key", "ci"));
            assert_eq!(row.session, None);
        } else {
            assert_eq!(row.actor_kind, "person");
            assert_eq!(row.actor_id, Some(alice.0), "{act}");
            assert_eq!(row.actor_email, email("alice"), "{act}");
            let of_session = row.session.expect("a sign-in").0;
            let owner_of = format!("SELECT account_id FROM sessions WHERE id = {of_session}");
            assert_eq!(app.count(&owner_of), alice.0, "{act}");
            assert!(of_session <= session, "{act}");
        }
        let is_app = act.ends_with("_app");
        assert_eq!(row.sdk_app_id.is_some(), is_app, "{act}");
        assert_eq!(row.sdk_app_id.map(|app| app.0), is_app.then_some(row.target_id), "{act}");
        // The samples share a name, which an app has for itself.
        app.db(|conn| {
            run(conn, "UPDATE apps SET name_key = name_key || sdk_app_id WHERE name = 'Sample'");
        });
    }
}

#[rstest]
fn a_change_is_told_with_what_was_and_what_is(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", IM);
    let owner = app.owner();
    let changes = |app: &TestApp| -> Value {
        let row = app.events(ALPHA).pop().expect("an event");
        serde_json::from_str(&row.changes).expect("JSON")
    };

    let edit = owner.visit(&format!("/apps/{blue}/edit")).form("Save app");
    edit.fill("name", "Azure").choose("scenario", "telemedicine").send().expect(303);
    assert_eq!(
        changes(&app),
        serde_json::json!([
            {"field": "name", "before": "Blue", "after": "Azure"},
            {"field": "scenario", "before": "online_education", "after": "telemedicine"},
        ])
    );
    owner.visit("/profile").form("/profile").fill("name", "Alice B").send().expect(303);
    assert_eq!(
        changes(&app),
        serde_json::json!([{"field": "name", "before": "alice", "after": "Alice B"}])
    );
}

#[rstest]
fn what_is_refused_writes_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", IM);
    app.has_app(ALPHA, "Green", IM);
    let (owner, vera) = (app.owner(), app.person("vera"));
    let stale = owner.visit(&format!("/apps/{blue}/edit")).form("Save app");
    stale.clone().fill("description", "x").send().expect(303);
    let before = app.events(ALPHA).len();

    stale.clone().fill("name", "Late").send().expect(422);
    let edit = owner.visit(&format!("/apps/{blue}/edit")).form("Save app");
    edit.fill("name", "Green").send().expect(422);
    owner.visit("/profile").form("/profile").fill("name", "").send().expect(422);
    let password = owner.visit("/profile").form("/profile/password");
    let password = password.fill("current", "wrong").fill("password", "battery staple");
    password.fill("again", "battery staple").send().expect(422);
    vera.post_with_token(&format!("/apps/{blue}/edit"), &[("name", "Mine")]).expect(403);
    owner.post_with_token("/workspaces", &[("workspace", "2")]);
    app.key(&[ApiScope::AppsRead]);
    let wrong = serde_json::json!({"name": ""});
    let before = before + 1;
    app.key(&[ApiScope::AppsWrite]).json("POST", "/v1/apps", &wrong);
    let before = before + 1;

    let rows = app.events(ALPHA);
    let new: Vec<_> = rows[before - 2..].iter().map(|row| row.act.as_str()).collect();
    assert_eq!(new, ["create_api_key", "create_api_key"]);
    assert_eq!(app.events(WorkspaceId(2)).len(), 0);
}

#[rstest]
fn the_first_run_is_the_first_event_of_its_workspace(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = start(on, Filling::Schema, &[]) else { return };
    let link = app.setup_link().expect("a link");
    let visitor = app.visitor();
    let page = visitor.visit(&link).expect(200);
    let form = page.forms().into_iter().find(|form| form.has_open("workspace")).expect("a form");
    let form = form.fill("name", "Zoe").fill("email", "zoe@example.com");
    form.fill("password", PASSWORD).fill("workspace", "Zeta").send().expect(303);

    let rows = app.events(WorkspaceId(1));
    assert_eq!(rows[0].act, "set_up");
    assert_eq!((rows[0].position, rows[0].at), (1, NOW));
    assert!(rows.iter().all(|row| row.actor_email == "zoe@example.com"), "{rows:#?}");
    assert_eq!(app.events(INSTALLATION).len(), 0);
}

#[rstest]
fn no_secret_is_ever_written(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let owner = app.owner();
    let key = app.key(&[ApiScope::AppsWrite]);
    let password = owner.visit("/profile").form("/profile/password");
    let password = password.fill("current", PASSWORD).fill("password", "battery staple");
    password.fill("again", "battery staple").send().expect(303);
    owner.get(&format!("/apps/{blue}/tokens")).expect(200);
    // An authenticator, a new certificate and a key that is shown.
    owner.post_with_token("/profile/authenticator", &[]).expect(303);
    let seed = app.pending_seed("alice");
    let mut codes = vec![app.code_of(&seed)];
    let confirm = [("code", codes[0].as_str())];
    let asked = owner.post_with_token("/profile/authenticator/confirm", &confirm).expect(303);
    codes.push(app.mailed_code().0);
    let path = asked.header("location").expect("a challenge");
    owner.post_with_token(&path, &[("code", &codes[1])]).expect(303);
    app.ages_authenticators();
    for act in ["reset", "reveal"] {
        let path = format!("/apps/{blue}/certificates/usersig/{act}");
        let asked = owner.post_with_token(&path, &[]).expect(303);
        let path = asked.header("location").expect("a challenge");
        codes.push(app.wrong_code_of(&seed));
        owner.post_with_token(&path, &[("code", &codes[codes.len() - 1])]).expect(422);
        codes.push(app.fresh_code_of(&seed));
        owner.post_with_token(&path, &[("code", &codes[codes.len() - 1])]).expect(303);
    }

    let vault = &app.services().vault;
    let certificates: Vec<_> = Purpose::ALL
        .iter()
        .flat_map(|purpose| {
            app.db(|conn| certificates_of_app(conn, vault, blue, *purpose, NOW)).expect("opened")
        })
        .collect();
    assert!(!certificates.is_empty());
    let cookie = owner.cookie("session").expect("a session");
    let mut secrets = vec![PASSWORD.to_owned(), "battery staple".to_owned(), key.key().to_owned()];
    secrets.extend([cookie, seed.expose().to_owned()]);
    secrets.extend(certificates.iter().map(|one| one.secret.expose().to_owned()));
    let log = app.db(every_row);
    let log: Vec<_> = log.iter().filter(|row| row.starts_with("audit")).collect();
    assert!(log.len() > 10);
    for secret in secrets {
        assert!(log.iter().all(|row| !row.contains(&secret)), "{secret} is in the log");
    }
    // Six digits may be part of a hash by chance, but no word of their own.
    let is_code = |word: &str| codes.iter().any(|code| code == word);
    let words = |row: &str| row.split(|c: char| !c.is_ascii_alphanumeric()).any(is_code);
    assert!(log.iter().all(|row| !words(row)), "a code is in the log");
}
