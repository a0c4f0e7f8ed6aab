//! Closing, opening and deleting apps; showing, hiding and resetting their keys.

use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::apps::owned::app_anywhere;
use switchroom::clock::minutes;
use switchroom::credentials::Purpose;
use switchroom::ids::SdkAppId;
use switchroom::secret::Secret;
use switchroom::tokens::actions::{Question, check};
use switchroom::web::Need;
use switchroom::web::routes::Kind;
use switchroom::workspaces::Role;

use crate::support::app::{ALPHA, BETA, MASTER_KEY};
use crate::support::db::run;
use crate::support::factors::{app_with_mail, events};
use crate::support::page::Page;
use crate::support::samples::{self, BOTH};
use crate::support::{Actor, Backend, Postgres, Response, Sqlite, TestApp, app_on, wait};

/// Proves who somebody is by the code that was mailed, where a form has led.
#[track_caller]
fn prove<'a>(app: &'a TestApp, actor: &Actor<'a>, asked: &Response) -> Page<'a> {
    let path = asked.header("location").expect("a challenge");
    assert!(path.starts_with("/step-up/"), "{path}");
    let page = actor.visit(&path).expect(200);
    let (code, _) = app.mailed_code();
    // Beyond the pause between two codes.
    app.clock().forward(minutes(1));
    page.form(&path).fill("code", &code).submit().expect(200)
}

fn mint(app: &TestApp, id: SdkAppId) -> Secret {
    let program = app.key(&[ApiScope::TokensWrite]);
    let body = json!({"kind": "access_token", "channel": "c1", "user": "u1"});
    let answer = program.json("POST", &format!("/v1/apps/{id}/tokens"), &body).expect(200);
    Secret::new(answer.json()["token"].as_str().expect("a token").to_owned())
}

/// Why a node refuses a token; `None` when it takes it.
fn refusal(
    services: &switchroom::services::Services,
    id: SdkAppId,
    token: &Secret,
) -> Option<String> {
    let (app, _) = wait(app_anywhere(&services.db, id)).expect("an answer").expect("an app");
    let question = Question {
        token: token.expose().to_owned(),
        user: Some("u1".into()),
        channel: Some("c1".into()),
        ..Question::default()
    };
    let verdict = wait(check(services, &app, &question)).expect("an answer").expect("a verdict");
    verdict.refusal.map(|refusal| refusal.wire_name().to_owned())
}

#[rstest]
fn a_closed_app_refuses_every_token_at_once_on_every_node_until_it_is_opened(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (alice, other_node, token) = (app.owner(), app.node(), mint(&app, blue));
    assert_eq!(refusal(&other_node, blue, &token), None);

    // It is said beforehand what will happen.
    let page = alice.visit(&format!("/apps/{blue}/disable")).expect(200);
    assert!(page.texts(".note.warn").join("").contains("Calls and sign-ins fail at once"));
    let asked = page.form("Disable app").send().expect(303);
    assert_eq!(refusal(&other_node, blue, &token), None, "asking changes nothing");
    let page = prove(&app, &alice, &asked);
    assert_eq!(page.flash().as_deref(), Some("App disabled: Blue."));
    assert_eq!(page.path(), format!("/apps/{blue}"));

    for node in [app.services(), &other_node] {
        assert_eq!(refusal(node, blue, &token).as_deref(), Some("app_disabled"));
    }
    let program = app.key(&[ApiScope::TokensVerify, ApiScope::TokensWrite]);
    let body = json!({"token": token.expose(), "channel": "c1", "user": "u1"});
    let path = format!("/v1/apps/{blue}/tokens/verify");
    assert_eq!(program.json("POST", &path, &body).json()["reason"], "app_disabled");
    let body = json!({"kind": "access_token", "channel": "c1"});
    program.json("POST", &format!("/v1/apps/{blue}/tokens"), &body).problem(409, "app-disabled");

    let page = alice.visit(&format!("/apps/{blue}/edit")).form("Enable app").submit().expect(200);
    assert_eq!(page.flash().as_deref(), Some("App enabled: Blue."));
    for node in [app.services(), &other_node] {
        assert_eq!(refusal(node, blue, &token), None);
    }
    let known = events(&app);
    assert!(known.contains(&"disable_app done email_code".to_owned()), "{known:?}");
    assert!(known.contains(&"enable_app done".to_owned()), "{known:?}");
}

#[rstest]
fn a_member_cannot_open_what_the_plan_or_an_operator_has_closed(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    for by in ["plan", "operator", "arrears"] {
        let sql = format!(
            "UPDATE apps SET switch = 'disabled', disabled_by = '{by}' WHERE sdk_app_id = {blue}"
        );
        app.db(|conn| run(conn, &sql));
        let page = alice.visit(&format!("/apps/{blue}/edit")).expect(200);
        assert!(!page.texts("button").contains(&"Enable app".to_owned()), "{by}");
        alice.post_with_token(&format!("/apps/{blue}/enable"), &[]).expect(303);
        assert_eq!(app.count("SELECT count(*) FROM apps WHERE switch = 'enabled'"), 0, "{by}");
    }
}

#[rstest]
fn what_was_asked_for_starts_again_when_the_app_has_changed_meanwhile(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (alice, adam) = (app.owner(), app.person("adam"));
    let asked = alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(303);
    let path = asked.header("location").expect("a challenge");
    let edit = adam.visit(&format!("/apps/{blue}/edit")).form("Save app").fill("name", "Bluer");
    edit.submit().expect(200);

    let (code, _) = app.mailed_code();
    let answer = alice.post_with_token(&path, &[("code", &code)]).expect(409);
    let page = Page::detached("a challenge", answer);
    assert!(
        page.texts("main").join("").contains("It has changed since you asked"),
        "{:?}",
        page.texts("main")
    );
    assert_eq!(page.links().last(), Some(&format!("/apps/{blue}/disable")));
    assert_eq!(app.count("SELECT count(*) FROM apps WHERE switch = 'disabled'"), 0);
    assert_eq!(alice.get(&path).status, 410);
    let known = events(&app);
    assert_eq!(known.last().map(String::as_str), Some("disable_app denied target_changed"));
}

#[rstest]
fn an_app_is_deleted_by_its_name_when_it_is_closed_and_nothing_of_it_is_left(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    let of_blue = app.key_of(ALPHA, Some(blue), &[ApiScope::AppsRead]);
    of_blue.get(&format!("/v1/apps/{blue}")).expect(200);
    let path = format!("/apps/{blue}/delete");
    let page = alice.visit(&path).expect(200);
    assert!(page.texts(".note.warn").join("").contains("Disable it first"));
    alice.post_with_token(&path, &[("name", "Blue")]).expect(409);

    let sql = "UPDATE apps SET switch = 'disabled', disabled_by = 'member' WHERE sdk_app_id > 0";
    app.db(|conn| run(conn, sql));
    let form = alice.visit(&path).form("Delete app");
    for (typed, words) in [
        ("", "Fill in this field"),
        ("blue", "This is not the name of the app. Type the whole name"),
    ] {
        form.clone().fill("name", typed).submit().expect(422).problem("name", words);
    }
    let asked = form.fill("name", " Blue ").send().expect(303);
    let page = prove(&app, &alice, &asked);
    assert_eq!((page.path(), page.flash().as_deref()), ("/apps", Some("App deleted: Blue.")));

    for entry in switchroom::web::routes().entries() {
        if !entry.path.contains("{sdk_app_id}") {
            continue;
        }
        let actor = match entry.need {
            Need::Key(scope) => app.key(&[scope]),
            _ => alice.clone(),
        };
        let token = if entry.kind == Kind::Form { actor.token() } else { String::new() };
        let answer = actor.send(actor.by_browser(samples::request(&entry, blue, &token)));
        assert_eq!(answer.status, 404, "{} {}", entry.method, entry.path);
    }
    of_blue.get(&format!("/v1/apps/{blue}")).problem(401, "api-key-needed");
    let all = app.key(&[ApiScope::AppsRead]).get("/v1/apps").json();
    assert_eq!(all["total"], 0);
    assert_eq!(app.count("SELECT count(*) FROM certificates"), 0);
    assert_eq!(app.count("SELECT rtc_apps + im_apps FROM workspaces WHERE id = 1"), 0);
    // Its name and its place are free again.
    app.has_app(ALPHA, "Blue", BOTH);
}

#[rstest]
fn members_do_not_delete_what_is_paid_for(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let sql = "UPDATE apps SET switch = 'disabled', disabled_by = 'member', plan = 'pro' WHERE sdk_app_id > 0";
    app.db(|conn| run(conn, sql));
    let alice = app.owner();
    let page = alice.visit(&format!("/apps/{blue}/delete")).expect(200);
    assert!(page.texts(".note.warn").join("").contains("paid plan"));
    alice.post_with_token(&format!("/apps/{blue}/delete"), &[("name", "Blue")]).expect(409);
}

/// The keys that sign for an app.
fn keys(app: &TestApp, id: SdkAppId) -> Vec<String> {
    let vault = &app.services().vault;
    let now = app.clock().now();
    Purpose::ALL
        .iter()
        .map(|purpose| {
            let all = app.db(|conn| {
                switchroom::credentials::store::certificates_of_app(conn, vault, id, *purpose, now)
            });
            all.expect("certificates")[0].secret.expose().to_owned()
        })
        .collect()
}

#[rstest]
fn a_key_is_shown_to_the_sign_in_that_proved_for_five_minutes_and_to_nobody_else(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (blue, other) = (app.has_app(ALPHA, "Blue", BOTH), app.has_app(ALPHA, "Other", BOTH));
    let (alice, keys) = (app.owner(), keys(&app, blue));
    let [access_token, usersig] = [&keys[0], &keys[1]];
    let path = format!("/apps/{blue}/certificates");
    let seen = |actor: &Actor<'_>| {
        let html = actor.get(&path).expect(200).text().to_owned();
        (html.contains(access_token.as_str()), html.contains(usersig.as_str()))
    };
    assert_eq!(seen(&alice), (false, false));
    let file = format!("{path}/usersig/key.txt");
    assert_eq!(alice.get(&file).status, 303);

    let asked = alice.post_with_token(&format!("{path}/usersig/reveal"), &[]).expect(303);
    assert_eq!(seen(&alice), (false, false), "asking shows nothing");
    let page = prove(&app, &alice, &asked);
    assert_eq!(page.response().header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(seen(&alice), (false, true));
    let text = alice.get(&file).expect(200);
    assert!(text.text().contains(usersig) && text.header("content-disposition").is_some());
    // Nobody else, not even her other browser.
    assert_eq!(seen(&app.owner()), (false, false));
    assert_eq!(seen(&app.person("adam")), (false, false));

    // Of this app again without another proof, of another app not.
    alice.post_with_token(&format!("{path}/usersig/hide"), &[]).expect(303);
    assert_eq!(seen(&alice), (false, false));
    alice.post_with_token(&format!("{path}/access_token/reveal"), &[]).expect(303);
    assert_eq!(seen(&alice), (true, false));
    let elsewhere =
        alice.post_with_token(&format!("/apps/{other}/certificates/usersig/reveal"), &[]);
    assert!(elsewhere.header("location").expect("a challenge").starts_with("/step-up/"));

    // It is not lengthened by showing again.
    app.clock().forward(minutes(3));
    alice.post_with_token(&format!("{path}/access_token/reveal"), &[]).expect(303);
    assert_eq!(seen(&alice), (true, false));
    app.clock().forward(minutes(2));
    assert_eq!(seen(&alice), (false, false));
    let again = alice.post_with_token(&format!("{path}/usersig/reveal"), &[]);
    assert!(again.header("location").expect("a challenge").starts_with("/step-up/"));
    let known = events(&app);
    let count = |what: &str| known.iter().filter(|event| event.starts_with(what)).count();
    assert_eq!((count("reveal_key done"), count("hide_key done")), (3, 1), "{known:?}");
}

#[rstest]
fn a_reset_certificate_is_shown_once_and_what_the_old_one_signed_is_refused(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (alice, token, old) = (app.owner(), mint(&app, blue), keys(&app, blue));
    let path = format!("/apps/{blue}/certificates/access_token/reset");
    let page = alice.visit(&path).expect(200);
    assert!(page.texts(".note.warn").join("").contains("stops working at once"));

    let asked = page.form("Verify your identity").send().expect(303);
    let page = prove(&app, &alice, &asked);

    let new = keys(&app, blue);
    assert_ne!(new[0], old[0]);
    assert_eq!(new[1], old[1], "one purpose alone");
    assert!(page.response().text().contains(&new[0]));
    assert_eq!(refusal(app.services(), blue, &token).as_deref(), Some("retired_key"));
    assert_eq!(refusal(app.services(), blue, &mint(&app, blue)), None);
    // A new key that is shown is no leave to show others.
    let other = alice.post_with_token(&format!("/apps/{blue}/certificates/usersig/reveal"), &[]);
    assert!(other.header("location").expect("a challenge").starts_with("/step-up/"));
    app.clock().forward(minutes(5));
    assert!(!alice.get(&format!("/apps/{blue}/certificates")).text().contains(&new[0]));
}

#[rstest]
fn roles_without_certificates_see_none_and_their_tries_are_events(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    for role in [Role::Operations, Role::Finance, Role::Viewer] {
        let member = app.member(role);
        let before = events(&app).len();
        member.get(&format!("/apps/{blue}/certificates")).expect(403);
        member
            .post_with_token(&format!("/apps/{blue}/certificates/usersig/reveal"), &[])
            .expect(403);
        assert_eq!(events(&app)[before..], ["reveal_key denied forbidden".to_owned()], "{role}");
    }
    let bob = app.bob();
    bob.get(&format!("/apps/{blue}/certificates")).expect(404);
    bob.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(404);
}

#[rstest]
fn a_program_that_asks_for_a_sensitive_act_is_told_that_it_belongs_to_people(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let program = app.key(ApiScope::ALL);
    let path = format!("/v1/apps/{blue}");

    program.json("PATCH", &path, &json!({"status": "disabled"})).problem(403, "step-up-required");

    assert_eq!(events(&app).last().map(String::as_str), Some("disable_app denied api_key"));
    let app_now: Value = program.get(&path).json();
    assert_eq!(app_now["status"], "enabled");
    let foreign = app.key_of(BETA, None, ApiScope::ALL);
    let before = events(&app).len();
    foreign.post(&format!("/apps/{blue}/disable"), &[]).expect(404);
    assert_eq!(events(&app).len(), before);
}

#[rstest]
fn without_mail_and_authenticator_one_is_told_how_to_get_a_method(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();

    let answer = alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(422);

    let page = Page::detached("disable", answer);
    assert_eq!(page.heading(), "There is no way to verify your identity");
    // At an address that is no name, browsers have no passkeys.
    assert_eq!(page.links(), ["/profile/authenticator"]);
    assert_eq!(page.texts(".list b"), ["Authenticator app"]);
    assert_eq!(app.count("SELECT count(*) FROM challenges"), 0);
}

#[rstest]
fn two_tabs_share_a_challenge_and_another_act_to_the_same_thing_takes_its_place(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let ask = |purpose: &str| {
        let path = format!("/apps/{blue}/certificates/{purpose}/reset");
        alice.post_with_token(&path, &[]).expect(303).header("location").expect("a challenge")
    };

    let first = ask("usersig");
    assert_eq!(ask("usersig"), first);
    let second = ask("access_token");
    assert_ne!(second, first);
    let page = alice.visit(&first).expect(410);
    assert!(page.texts("main").join("").contains("a newer one took its place"));
    alice.post_with_token(&second, &[("code", &app.fresh_code_of(&seed))]).expect(303);
    assert_eq!(app.count("SELECT count(*) FROM certificates WHERE slot = 'retired'"), 1);
}

#[rstest]
fn what_was_proved_for_and_cut_off_goes_on_without_another_code(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let asked = alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(303);
    let path = asked.header("location").expect("a challenge");
    let until = app.clock().now().plus(minutes(5));
    let granted = format!(
        "UPDATE challenges SET state = 'granted', proof_expires_at = {} WHERE session_id IS NOT NULL",
        until.0
    );
    app.db(|conn| run(conn, &granted));

    let page = alice.visit(&path).expect(200);
    assert_eq!(page.heading(), "Your identity is verified");
    let page = page.form(&format!("{path}/continue")).submit().expect(200);
    assert_eq!(page.flash().as_deref(), Some("App disabled: Blue."));

    // Not for longer than five minutes.
    app.db(|conn| run(conn, &granted.replace("SET", "SET closed_at = NULL,")));
    app.clock().forward(minutes(5));
    alice.post_with_token(&format!("{path}/continue"), &[]).expect(410);
}

#[rstest]
fn the_host_sees_secrets_when_it_asks_for_them_and_the_log_tells(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let show = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_switchroom"))
            .args(["app", "show", &blue.to_string()])
            .args(more)
            .env_clear()
            .env("SWITCHROOM_DATABASE_URL", app.database_url())
            .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let keys = keys(&app, blue);
    assert!(keys.iter().all(|key| !show(&[]).contains(key)));
    let before = events(&app).len();

    let text = show(&["--secrets"]);
    let json: Value = serde_json::from_str(&show(&["--secrets", "--json"])).expect("JSON");

    assert!(keys.iter().all(|key| text.contains(key)), "{text}");
    assert_eq!(json["certificates"]["access_token"], keys[0]);
    assert_eq!(json["certificates"]["usersig"], keys[1]);
    assert_eq!(events(&app)[before..], vec!["reveal_key done".to_owned(); 4]);
    assert_eq!(
        app.count(
            "SELECT count(*) FROM audit_events WHERE actor_kind = 'host' AND act = 'reveal_key'"
        ),
        4
    );
}
