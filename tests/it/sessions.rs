//! Signing in, staying signed in, and the ends of it.

use std::time::Duration;

use rstest::rstest;
use switchroom::clock::minutes;
use switchroom::sessions::store::session_set_key;

use crate::support::db::{Filling, run};
use crate::support::normal::normal;
use crate::support::{Backend, PASSWORD, Postgres, Response, Sqlite, TestApp, app_on, start, wait};

const COOKIE: &str = "session";

#[rstest]
fn a_person_signs_in_and_sees_the_page_that_was_asked_for(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.visitor();

    let page = alice.visit("/profile").expect(200);
    assert_eq!(page.path(), "/sign-in?return_to=%2Fprofile");
    let form = page.form("Sign in").fill("email", "Alice@Example.com").fill("password", PASSWORD);
    let page = form.submit().expect(200);

    assert_eq!(page.path(), "/profile");
    assert_eq!(page.form("/profile").value("name"), "alice");
}

#[rstest]
fn after_sign_in_only_paths_of_ours_are_followed(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for (wanted, led) in [
        ("/profile", "/profile"),
        ("//evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", wanted)
            .finish();
        let page = app.visitor().visit(&format!("/sign-in?{query}")).expect(200);
        let form = page.form("Sign in").fill("email", "bob@example.com").fill("password", PASSWORD);
        let answer = form.send().expect(303);
        assert_eq!(answer.header("location").as_deref(), Some(led), "{wanted}");
    }
}

#[rstest]
fn signing_out_ends_the_session_for_the_very_next_request(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let thief = alice.copied();
    thief.get("/profile").expect(200);

    let page = alice.visit("/profile").form("Sign out").submit().expect(200);

    assert_eq!(page.path(), "/sign-in");
    assert_eq!(page.flash().as_deref(), Some("You are signed out."));
    thief.get("/profile").expect(303);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), 0);
}

#[rstest]
fn the_key_is_new_after_sign_in_and_password_change_while_the_session_stays(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let id = app.count("SELECT max(id) FROM sessions");
    let old = alice.copied();

    let form = alice.visit("/profile").form("/profile/password");
    let form = form.fill("current", PASSWORD).fill("password", "battery staple");
    let page = form.fill("again", "battery staple").submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("Password changed. All other sign-ins have ended."));
    assert_ne!(alice.cookie(COOKIE), old.cookie(COOKIE));
    old.get("/profile").expect(303);
    alice.get("/profile").expect(200);
    assert_eq!(app.count("SELECT id FROM sessions WHERE ended_at IS NULL"), id);
}

#[rstest]
fn signing_in_again_ends_the_session_that_the_browser_had(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let old = alice.copied();

    let token = alice.token();
    let fields = [("token", token.as_str()), ("email", "bob@example.com"), ("password", PASSWORD)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    alice.post("/sign-in", &fields).expect(303);

    old.get("/profile").expect(303);
    let page = alice.visit("/profile").expect(200);
    assert_eq!(page.form("/profile").value("name"), "bob");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), 1);
}

#[rstest]
fn a_session_ends_after_half_an_hour_without_use_and_not_before(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();

    for _ in 0..3 {
        app.clock().forward(minutes(29));
        alice.get("/profile").expect(200);
    }
    app.clock().forward(minutes(30));
    alice.get("/profile").expect(303);
    alice.get("/profile").expect(303);
}

#[rstest]
fn a_session_ends_after_twelve_hours_whatever_its_use(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();

    for _ in 0..35 {
        app.clock().forward(minutes(20));
        alice.get("/profile").expect(200);
    }
    app.clock().forward(minutes(19));
    alice.get("/profile").expect(200);
    app.clock().forward(minutes(1));
    alice.get("/profile").expect(303);
}

#[rstest]
fn the_last_use_is_written_at_most_once_a_minute(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let seen = || app.count("SELECT last_seen_at FROM sessions WHERE ended_at IS NULL");
    let began = seen();

    app.clock().forward(Duration::from_secs(59));
    alice.get("/profile").expect(200);
    assert_eq!(seen(), began);
    app.clock().forward(Duration::from_secs(1));
    alice.get("/profile").expect(200);
    assert_eq!(seen() - began, 60_000_000);
}

/// What a visitor can see of an answer, less what differs between any two.
fn seen(answer: &Response, typed: &str) -> (u16, String) {
    (answer.status, normal(answer.text()).replace(typed, "[typed]"))
}

#[rstest]
fn an_unknown_address_and_a_wrong_password_look_alike_and_cost_the_same(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    app.db(|conn| {
        crate::support::db::run(
            conn,
            "UPDATE accounts SET disabled_at = 1 WHERE name = 'oscar'; \
             UPDATE accounts SET password_hash = NULL WHERE name = 'vera';",
        );
    });
    let long = "x".repeat(10_000);

    let cases = [
        ("alice@example.com", "wrong password"),
        ("nobody@example.com", "wrong password"),
        ("not an address", "wrong password"),
        ("oscar@example.com", "wrong password"),
        ("vera@example.com", PASSWORD),
        ("alice@example.com", &long),
    ];
    let mut answers = Vec::new();
    for (email, password) in cases {
        let checks = app.password_checks(|| {
            let answer = app.visitor().sign_in_as(email, password).expect(422);
            assert!(answer.header("set-cookie").is_none(), "{email}");
            answers.push(seen(&answer, email));
        });
        assert_eq!(checks, 1, "{email}");
    }
    assert!(
        answers[0].1.contains("The e-mail address or the password is not right"),
        "{}",
        answers[0].1
    );
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[rstest]
fn a_session_goes_on_after_a_restart(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let session = app.owner().cookie(COOKIE).expect("a cookie");

    let app = app.restarted();

    let alice = app.visitor();
    alice.set_cookie(COOKIE, &session);
    alice.get("/profile").expect(200);
}

#[rstest]
fn a_session_cookie_that_somebody_planted_is_not_taken_over(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let mallory = app.bob();
    let planted = mallory.cookie(COOKIE).expect("a cookie");
    let victim = app.visitor();
    victim.set_cookie(COOKIE, &planted);

    // The page of bob's session leads on; the attacker's form is posted all the same.
    let form = [("email", "alice@example.com"), ("password", PASSWORD)];
    victim.post_with_token("/sign-in", &form).expect(303);

    assert_ne!(victim.cookie(COOKIE), Some(planted));
    assert_eq!(victim.visit("/profile").form("/profile").value("name"), "alice");
    mallory.get("/profile").expect(303);
    for invented in ["x", "", "a=b", &"a".repeat(4_000)] {
        let victim = app.visitor();
        victim.set_cookie(COOKIE, invented);
        victim.get("/profile").expect(303);
        victim.sign_in("alice", PASSWORD).expect(303);
        assert_ne!(victim.cookie(COOKIE).as_deref(), Some(invented));
    }
}

#[rstest]
fn saving_a_session_that_has_ended_writes_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let id = switchroom::ids::SessionId(app.count("SELECT max(id) FROM sessions"));
    alice.visit("/profile").form("Sign out").submit().expect(200);
    let before = app.rows();

    let (digest, now) = ("d".repeat(64), app.clock().now());
    let alive = app.db(|conn| session_set_key(conn, id, &digest, now)).expect("an answer");

    assert!(!alive);
    assert_eq!(app.rows(), before);
}

#[rstest]
fn a_disabled_account_loses_its_session_at_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let vera = app.person("vera");
    vera.get("/profile").expect(200);

    app.db(|conn| {
        crate::support::db::run(conn, "UPDATE accounts SET disabled_at = 1 WHERE name = 'vera'");
    });

    vera.get("/profile").expect(303);
    for (password, said) in [
        (PASSWORD, "This account is disabled. Ask the operator"),
        ("wrong password", "The e-mail address or the password is not right"),
    ] {
        let visitor = app.visitor();
        let page = visitor.visit("/sign-in").form("Sign in").fill("email", "vera@example.com");
        page.fill("password", password).submit().expect(422).problem("email", said);
    }
}

fn cookies_of(app: &TestApp) -> Vec<String> {
    let visitor = app.visitor();
    let page = visitor.visit("/sign-in").expect(200);
    let mut lines: Vec<_> =
        page.response().headers_named("set-cookie").map(str::to_owned).collect();
    let answer = visitor.sign_in("alice", PASSWORD).expect(303);
    lines.extend(answer.headers_named("set-cookie").map(str::to_owned));
    assert_eq!(lines.len(), 3, "{lines:?}");
    lines
}

#[rstest]
fn cookies_are_bound_to_host_and_tls_where_there_is_tls(#[values(Sqlite, Postgres)] on: Backend) {
    let https = [("base_url", "https://console.example.com")];
    let Some(app) = start(on, Filling::Cast, &https) else { return };

    for line in cookies_of(&app) {
        assert!(line.starts_with("__Host-"), "{line}");
        for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.split("; ").any(|known| known == part), "{line} lacks {part}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    let policy = app.visitor().get("/sign-in").header("strict-transport-security");
    assert_eq!(policy.as_deref(), Some("max-age=63072000; includeSubDomains"));
}

#[rstest]
fn without_tls_cookies_still_keep_from_scripts_and_other_sites(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };

    for line in cookies_of(&app) {
        assert!(!line.starts_with("__Host-") && !line.contains("Secure"), "{line}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.split("; ").any(|known| known == part), "{line} lacks {part}");
        }
    }
    assert!(app.visitor().get("/sign-in").header("strict-transport-security").is_none());
}

#[rstest]
fn a_stored_key_opens_nothing_by_itself(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let cookie = app.owner().cookie(COOKIE).expect("a cookie");

    let rows = app.rows().join("\n");
    assert!(!rows.contains(&cookie), "the cookie is stored as it is");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE length(key_digest) = 64"), 1);
    let digest = app.db(|conn| {
        crate::support::db::texts(conn, "SELECT key_digest AS text FROM sessions").remove(0)
    });
    let thief = app.visitor();
    thief.set_cookie(COOKIE, &digest);
    thief.get("/profile").expect(303);
}

#[test]
fn the_sign_in_page_reads_well() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let visitor = app.visitor();

    insta::assert_snapshot!("sign_in", visitor.visit("/sign-in").main_snapshot());
    let page =
        visitor.visit("/sign-in").form("Sign in").fill("email", "alice").submit().expect(422);
    assert!(page.title().starts_with("Error"), "{}", page.title());
    assert_eq!(page.form("Sign in").value("email"), "alice");
    assert_eq!(page.blamed(), ["password"]);
}

#[rstest]
fn an_old_password_that_is_looked_at_while_it_changes_opens_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let passwords = &app.services().passwords;
    let pause = wait(passwords.pause()).expect("all turns");

    std::thread::scope(|scope| {
        let answer = scope.spawn(|| app.visitor().sign_in("erin", PASSWORD));
        while passwords.in_hand() == 0 {
            std::thread::yield_now();
        }
        let other = "UPDATE accounts SET password_hash = password_hash || 'x' WHERE name = 'erin'";
        app.db(|conn| run(conn, other));
        drop(pause);
        answer.join().expect("an answer").expect(422);
    });
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0);
}

#[rstest]
fn a_form_that_outlives_its_session_is_kept_until_one_has_signed_in_again(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    let form = erin.visit("/profile").form("/profile").fill("name", "Erin E.");
    app.clock().forward(minutes(31));
    let before = app.rows();

    let ended = form.submit().expect(422);
    assert_eq!(ended.heading(), "Your sign-in has expired");
    assert!(ended.links().contains(&"/sign-in".to_owned()), "{:?}", ended.links());
    app.expect_unchanged(&before, "a form without a session");

    erin.sign_in("erin", PASSWORD).expect(303);
    let page = ended.form("/profile").submit().expect(422).form("/profile").submit().expect(200);
    assert_eq!(page.form("/profile").value("name"), "Erin E.");
}
