//! Tokens: what the console mints it accepts, by page and by API, and says why it accepts no
//! others.

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::clock::{days, hours};
use switchroom::ids::SdkAppId;
use switchroom::workspaces::Role;

use crate::apps::secrets_of;
use crate::support::app::ALPHA;
use crate::support::db::{run, texts};
use crate::support::page::{Form, Page};
use crate::support::samples::{BOTH, IM};
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, app_on};

const TOKEN: &str = "Generate token";
const USERSIG: &str = "Generate UserSig";
const VERIFY: &str = "Verify";

fn mint(program: &Actor<'_>, app: SdkAppId, order: &Value) -> Value {
    program.json("POST", &format!("/v1/apps/{app}/tokens"), order).expect(200).json()
}

fn verify(program: &Actor<'_>, app: SdkAppId, question: &Value) -> Value {
    program.json("POST", &format!("/v1/apps/{app}/tokens/verify"), question).expect(200).json()
}

fn server(app: &TestApp) -> Actor<'_> {
    app.key(&[ApiScope::TokensWrite, ApiScope::TokensVerify])
}

#[rstest]
fn an_access_token_made_by_the_api_is_valid_for_its_channel_and_user_and_time(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let (blue, green) = (app.has_app(ALPHA, "Blue", BOTH), app.has_app(ALPHA, "Green", BOTH));
    let server = server(&app);

    let order = json!({"kind": "access_token", "channel": "c1", "user": "u1", "expires_in": 3600});
    let minted = mint(&server, blue, &order);
    let token = minted["token"].as_str().expect("a token").to_owned();

    assert!(token.starts_with("007"), "{token}");
    assert_eq!(minted["expires_at"], "2026-03-02T09:00:00Z");
    let asked = |more: Value| {
        let mut question = json!({"token": token});
        question.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        question
    };
    let answer = verify(&server, blue, &asked(json!({"channel": "c1", "user": "u1"})));
    assert_eq!((&answer["valid"], &answer["signed_with"]), (&json!(true), &json!("primary")));
    assert_eq!(answer["claims"]["user"], "u1");
    for (more, reason) in [
        (json!({"channel": "c2"}), "wrong_channel"),
        (json!({"user": "u2"}), "wrong_user"),
        (json!({"user": "U1"}), "wrong_user"),
        (json!({"kind": "usersig"}), "malformed"),
        (json!({"token": format!("{token}x")}), "malformed"),
        (json!({"token": ""}), "malformed"),
    ] {
        let answer = verify(&server, blue, &asked(more.clone()));
        assert_eq!(
            (&answer["valid"], &answer["reason"]),
            (&json!(false), &json!(reason)),
            "{more}"
        );
    }
    assert_eq!(verify(&server, green, &asked(json!({})))["reason"], "wrong_app");
    app.clock().forward(hours(1));
    let answer = verify(&server, blue, &asked(json!({})));
    assert_eq!((&answer["valid"], &answer["reason"]), (&json!(false), &json!("expired")));
}

#[rstest]
fn a_usersig_made_by_the_api_lasts_180_days_and_may_carry_a_room(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let server = server(&app);

    let plain = mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}));
    assert_eq!(plain["expires_at"], "2026-08-29T08:00:00Z");
    let answer = verify(&server, blue, &json!({"token": plain["token"], "user": "u1"}));
    assert_eq!((&answer["valid"], &answer["signed_with"]), (&json!(true), &json!("primary")));
    assert_eq!(verify(&server, blue, &json!({"token": plain["token"], "room": 7}))["valid"], false);

    for (room, other) in [(json!(7), json!(8)), (json!("seven"), json!("eight"))] {
        let order = json!({"kind": "usersig", "user": "u1", "room": room, "privileges": 2});
        let token = mint(&server, blue, &order)["token"].clone();
        assert_eq!(verify(&server, blue, &json!({"token": token, "room": room}))["valid"], true);
        let answer = verify(&server, blue, &json!({"token": token, "room": other}));
        assert_eq!(answer["reason"], "wrong_channel", "{room}");
    }
    app.clock().forward(days(180) + hours(1));
    assert_eq!(verify(&server, blue, &json!({"token": plain["token"]}))["reason"], "expired");
}

#[rstest]
fn a_token_of_a_replaced_key_is_told_from_a_forged_one(#[values(Sqlite, Postgres)] on: Backend) {
    use switchroom::credentials::{Purpose, store::certificate_insert};
    use switchroom::random::Random;
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let server = server(&app);
    let tokens = [
        mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}))["token"].clone(),
        mint(&server, blue, &json!({"kind": "access_token", "channel": "c1"}))["token"].clone(),
    ];

    let (vault, now) = (&app.services().vault, app.clock().now());
    app.db(|conn| {
        run(conn, &format!("UPDATE certificates SET slot = 'retired', retired_at = {}", now.0));
        for purpose in Purpose::ALL {
            certificate_insert(conn, (vault, &Random::system()), blue, *purpose, now)
                .expect("a key");
        }
    });

    for token in &tokens {
        let answer = verify(&server, blue, &json!({"token": token}));
        assert_eq!(
            (&answer["reason"], &answer["signed_with"]),
            (&json!("retired_key"), &json!("retired"))
        );
    }
    app.db(|conn| run(conn, "DELETE FROM certificates WHERE slot = 'retired'"));
    for token in &tokens {
        assert_eq!(verify(&server, blue, &json!({"token": token}))["reason"], "bad_signature");
    }
}

#[rstest]
fn a_disabled_app_mints_and_accepts_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (server, erin) = (server(&app), app.member(Role::Engineer));
    let order = json!({"kind": "usersig", "user": "u1"});
    let token = mint(&server, blue, &order)["token"].clone();

    app.db(|conn| run(conn, "UPDATE apps SET switch = 'disabled', disabled_by = 'member'"));

    let path = format!("/v1/apps/{blue}/tokens");
    server.json("POST", &path, &order).problem(409, "app-disabled");
    let answer = verify(&server, blue, &json!({"token": token}));
    assert_eq!((&answer["valid"], &answer["reason"]), (&json!(false), &json!("app_disabled")));
    assert_eq!(answer["signed_with"], Value::Null);
    let page = erin.visit(&format!("/apps/{blue}/tokens")).expect(200);
    assert_eq!(page.count("main .note"), 1, "it says so before anything is typed");
    let page = page.form(TOKEN).fill("channel", "c1").submit();
    assert_eq!(page.response().status, 422);
    assert_eq!(page.count(".secret"), 0);
}

#[rstest]
fn an_app_without_calls_has_no_access_tokens_and_no_rooms(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", IM);
    let server = server(&app);
    let path = format!("/v1/apps/{blue}/tokens");

    for order in [
        json!({"kind": "access_token", "channel": "c1"}),
        json!({"kind": "usersig", "user": "u1", "room": 7}),
    ] {
        server.json("POST", &path, &order).problem(409, "service-disabled");
    }
    mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}));
}

/// The secrets that a page shows.
fn shown(page: &Page<'_>) -> Vec<String> {
    page.texts("main .secret code")
}

fn form<'a>(actor: &Actor<'a>, app: SdkAppId, below: &str, name: &str) -> Form<'a> {
    actor.visit(&format!("/apps/{app}/tokens{below}")).expect(200).form(name)
}

/// The verdict of the page: the reason, or nothing for a valid token.
fn verdict(page: &Page<'_>) -> Option<String> {
    assert_eq!(page.response().status, 200);
    if page.count("main .note.ok") == 1 {
        return None;
    }
    page.texts("main .note.bad code").into_iter().next()
}

#[rstest]
fn a_temporary_token_made_on_its_page_is_valid_on_the_page_that_checks(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);

    for format in ["007", "006"] {
        let asked = form(&erin, blue, "", TOKEN).fill("channel", "room 1").fill("user", "u1");
        let page = asked.choose("format", format).submit().expect(200);
        let [token] = shown(&page).try_into().expect("one token");
        assert!(token.starts_with(format), "{token}");
        let check = form(&erin, blue, "/verify", VERIFY).fill("credential", &token);
        let check = check.fill("channel", "room 1").fill("user", "u1");
        assert_eq!(verdict(&check.submit()), None, "{format}");
        let reason = verdict(&check.clone().fill("channel", "room 2").submit());
        assert!(reason.is_some(), "{format}");
        assert_eq!(shown(&erin.visit(page.path())), Vec::<String>::new(), "shown once");
    }
}

#[rstest]
fn a_usersig_made_on_its_page_is_valid_and_comes_with_the_key_of_its_room(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);

    let asked = form(&erin, blue, "/usersig", USERSIG).fill("user", "u1").fill("days", "7");
    let [plain] = shown(&asked.submit().expect(200)).try_into().expect("one");
    let page = asked.fill("room", "7").submit().expect(200);
    let [_, room_key] = shown(&page).try_into().expect("two");

    let check = form(&erin, blue, "/verify", VERIFY);
    let check = |token: &str, room: &str| {
        verdict(&check.clone().fill("credential", token).fill("room", room).submit())
    };
    assert_eq!(check(&plain, ""), None);
    assert_eq!(check(&room_key, "7"), None);
    assert_eq!(check(&room_key, "8").as_deref(), Some("wrong_channel"));
    assert!(check(&plain, "7").is_some(), "a plain one has no room");
    app.clock().forward(days(7) + hours(1));
    let erin = app.member(Role::Engineer);
    let late = form(&erin, blue, "/verify", VERIFY).fill("credential", &plain).submit();
    assert_eq!(verdict(&late).as_deref(), Some("expired"));
}

#[rstest]
fn a_pasted_key_signs_and_checks_once_and_is_neither_kept_nor_shown(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);
    let (other, key) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let before = app.rows();

    let asked = form(&erin, blue, "", TOKEN).fill("channel", "c1").fill("app_id", other);
    let page = asked.fill("certificate", key).submit().expect(200);
    let [token] = shown(&page).try_into().expect("one token");
    assert_eq!(page.form(TOKEN).value("certificate"), "");
    assert!(!page.response().text().contains(key), "the key comes back");
    let check = form(&erin, blue, "/verify", VERIFY).fill("credential", &token);
    assert_eq!(verdict(&check.submit()).as_deref(), Some("wrong_app"));
    let page = check.fill("app", other).fill("key", key).submit();
    assert_eq!(verdict(&page), None);
    assert!(!page.response().text().contains(key), "the key comes back");

    let asked = form(&erin, blue, "/usersig", USERSIG).fill("user", "u1");
    let asked = asked.fill("sdk_app_id", "1400000009").fill("key", &key.repeat(2));
    let [token] = shown(&asked.submit().expect(200)).try_into().expect("one");
    let check = form(&erin, blue, "/verify", VERIFY).fill("credential", &token);
    let check = check.fill("app", "1400000009").fill("key", &key.repeat(2));
    assert_eq!(verdict(&check.submit()), None);
    app.expect_unchanged(&before, "a pasted key");
}

#[rstest]
fn what_is_wrong_is_said_beside_the_field(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);

    let page = form(&erin, blue, "", TOKEN).submit().expect(422);
    page.problem("channel", "Fill in this field");
    let page = form(&erin, blue, "/usersig", USERSIG).fill("user", "10086").submit().expect(422);
    page.problem("user", "A UserID cannot be digits only");
    let page = form(&erin, blue, "/usersig", USERSIG).fill("user", "a\nb").submit().expect(422);
    assert_eq!(page.blamed(), ["user"]);
    for days in ["0", "-1", "3651", "x", ""] {
        let form = form(&erin, blue, "/usersig", USERSIG).fill("user", "u1").fill("days", days);
        assert_eq!(form.submit().expect(422).blamed(), ["days"], "{days:?}");
    }
    let page = form(&erin, blue, "/verify", VERIFY).submit().expect(422);
    page.problem("credential", "Fill in this field");
}

#[rstest]
fn the_day_on_which_a_key_was_used_is_written_once_a_day(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let server = server(&app);
    let used = || {
        let sql = "SELECT purpose || ' ' || coalesce(used_day, '-') AS text FROM certificates \
                   ORDER BY purpose";
        app.db(|conn| texts(conn, sql))
    };
    assert_eq!(used(), ["access_token -", "usersig -"]);

    mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}));
    assert_eq!(used(), ["access_token -", "usersig 2026-03-02"]);
    // 16:00 UTC is midnight in the app's zone, Asia/Shanghai.
    app.clock().forward(hours(8));
    let costs = app.statements(|| {
        mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}));
    });
    assert_eq!(used(), ["access_token -", "usersig 2026-03-03"]);
    let again = app.statements(|| {
        mint(&server, blue, &json!({"kind": "usersig", "user": "u1"}));
    });
    assert!(again < costs, "{again} statements after {costs}");
    assert_eq!(secrets_of(&app, blue).len(), 2);
}

#[test]
fn the_token_pages_read_well() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);

    for (below, name) in [("", "temporary"), ("/usersig", "usersig"), ("/verify", "verify")] {
        let page = erin.visit(&format!("/apps/{blue}/tokens{below}")).expect(200);
        insta::assert_snapshot!(format!("tokens_{name}"), page.main_snapshot());
    }
}
