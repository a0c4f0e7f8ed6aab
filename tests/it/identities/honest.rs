//! Signing in by identities, connecting and disconnecting them, with a provider that says what is so.

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::clock::{hours, minutes};

use super::{CONNECT, DISCONNECT, PAGE, SSO, comes_back, is_outside, page, scene, sent_to};
use crate::support::app::PASSWORD;
use crate::support::db::{run, texts};
use crate::support::factors::{account, events};
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on, at_once};

fn identities(app: &TestApp) -> Vec<String> {
    let query = "SELECT account_id || ' ' || subject || ' ' || name AS text FROM identities \
         ORDER BY account_id";
    app.db(|conn| texts(conn, query))
}

#[rstest]
fn an_identity_is_connected_by_logging_in_there_and_proving_who_one_is_here(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    let (alice, elsewhere) = (app.owner(), app.owner());
    let profile = alice.visit("/profile").expect(200);
    assert!(profile.links().contains(&PAGE.to_owned()));
    assert!(profile.texts("main").join("").contains("Sign in with your account at Example ID"));
    let shown = alice.visit(PAGE).expect(200);
    assert!(shown.links().contains(&CONNECT.to_owned()));

    let back = provider.log_in(&sent_to(&alice, CONNECT), "ally");
    assert_eq!(identities(&app), Vec::<String>::new());
    let shown = alice.visit(&back).expect(200);
    assert_eq!(shown.heading(), "Verify your identity to connect single sign-on");
    assert!(shown.texts("main").join("").contains("ally@id.test can sign in to this account"));
    assert_eq!(identities(&app), Vec::<String>::new(), "not without the proof");
    let path = shown.path().to_owned();
    let shown = shown.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);

    assert_eq!((shown.path(), identities(&app)), (PAGE, vec!["1 ally ally@id.test".to_owned()]));
    let flash = shown.flash().expect("a message");
    assert!(flash.starts_with("Single sign-on connected."), "{flash}");
    let words = shown.texts("main").join("");
    assert!(words.contains("ally@id.test") && words.contains("Connected since 2026-03-02"));
    assert!(words.contains("Not used to sign in yet"), "{words}");
    assert_eq!(elsewhere.get("/apps").status, 303, "other sign-ins end");
    let told = app.take_letters();
    assert!(told.iter().any(|letter| letter.subject.contains("Single sign-on connected")));
    assert!(events(&app).contains(&"connect_identity done email_code".to_owned()));
    // The page of the connected one leads nowhere else, and the cookie is gone.
    assert_eq!(sent_to(&alice, CONNECT), PAGE);
    assert_eq!(alice.cookie("sso"), None);
}

#[rstest]
fn an_identity_signs_in_the_account_that_it_is_connected_to(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    // The first device is no news.
    app.visitor().sign_in("erin", PASSWORD).expect(303);
    let visitor = app.visitor();
    let shown = visitor.visit("/sign-in?return_to=%2Fapps%3Fq%3Da").expect(200);
    let href = "/sign-in/sso?return_to=%2Fapps%3Fq%3Da";
    assert!(shown.links().contains(&href.to_owned()), "{:?}", shown.links());
    assert!(shown.texts("main a.btn").contains(&"Sign in with Example ID".to_owned()));

    let begun = visitor.get(href).expect(303);
    let cookie = begun.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(cookie.contains("Max-Age=600") && cookie.contains("Path=/"), "{cookie}");
    let to = begun.header("location").expect("a location");
    let state = to.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("state");
    assert!(!cookie.contains(state), "it can be read in the cookie");
    let answer = visitor.get(&provider.log_in(&to, "ern")).expect(303);

    assert_eq!(answer.header("location").as_deref(), Some("/apps?q=a"));
    assert_eq!(visitor.get("/apps").status, 200);
    assert!(visitor.visit("/profile").texts("main").join("").contains("erin@example.com"));
    let told = app.take_letters();
    assert!(told.iter().any(|it| it.to == "erin@example.com" && it.subject.contains("device")));
    let words = visitor.visit(PAGE).texts("main").join("");
    assert!(words.contains("Last used 2026-03-02 16:00"), "{words}");
    assert_eq!(events(&app), ["sign_in done", "sign_in done"]);
    let event = app.owner().visit("/audit/2").texts("main").join(" ");
    assert!(event.contains("ern@id.test"), "{event}");
    // Addresses are not compared: vera's at the provider opens nothing.
    let other = app.visitor();
    let to = sent_to(&other, SSO);
    let back = provider.log_in_with(&to, "somebody", |token| {
        token.set("email", json!("vera@example.com"));
    });
    let shown = page(&other, other.get(&back)).expect(403);
    assert_eq!(shown.heading(), "No account is connected to this identity");
    assert!(shown.links().contains(&"/sign-in?return_to=%2Fprofile%2Fidentity".to_owned()));
    assert_eq!(other.get("/apps").status, 303);
}

#[rstest]
fn a_second_factor_is_asked_for_unless_the_provider_has_asked_for_one(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    // Also of somebody who has no password.
    app.db(|conn| run(conn, "UPDATE accounts SET password_hash = NULL WHERE name = 'erin'"));
    let seed = app.has_authenticator("erin");

    let erin = app.visitor();
    let answer = comes_back(&erin, &provider, "ern").expect(303);
    let path = answer.header("location").expect("a location");
    assert!(path.starts_with("/sign-in/code"), "{path}");
    assert_eq!(erin.get("/apps").status, 303);
    let shown = erin.visit(&path).form("Enter your code").fill("code", &app.wrong_code_of(&seed));
    shown.submit().expect(422);
    let code = app.fresh_code_of(&seed);
    erin.visit(&path).form("Enter your code").fill("code", &code).send().expect(303);
    assert_eq!(erin.get("/apps").status, 200);

    for (methods, is_asked) in
        [(json!(["pwd"]), true), (json!(["otp"]), true), (json!(["pwd", "mfa"]), false)]
    {
        let visitor = app.visitor();
        let back = provider.log_in_with(&sent_to(&visitor, SSO), "ern", |token| {
            token.set("amr", methods.clone());
        });
        let path = visitor.get(&back).expect(303).header("location").expect("a location");
        assert_eq!(path.starts_with("/sign-in/code"), is_asked, "{methods} leads to {path}");
    }
}

/// Signs in by the identity and stops where the code is asked for.
fn waits_for_code<'a>(app: &'a TestApp, provider: &super::TestProvider) -> Actor<'a> {
    let actor = app.visitor();
    let path = comes_back(&actor, provider, "ern").expect(303).header("location").expect("a path");
    assert!(path.starts_with("/sign-in/code"), "{path}");
    actor
}

#[rstest]
fn what_was_shown_must_hold_still_when_the_code_comes(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let seed = app.has_authenticator("erin");
    let issuer = provider.issuer();
    let again = format!(
        "INSERT INTO identities (id, account_id, issuer, subject, name, created_at) \
         SELECT '{}', id, '{issuer}', 'ern', 'x', 0 FROM accounts WHERE name = 'erin'",
        "f".repeat(32)
    );
    for (meanwhile, afterwards) in [
        (
            "UPDATE accounts SET frozen_at = 1 WHERE name = 'erin'",
            "UPDATE accounts SET frozen_at = NULL",
        ),
        (
            "UPDATE accounts SET disabled_at = 1 WHERE name = 'erin'",
            "UPDATE accounts SET disabled_at = NULL",
        ),
        // Another connection of the same identity is not the one that was shown.
        (&*format!("DELETE FROM identities; {again}"), "SELECT 1"),
        ("DELETE FROM identities", &*again),
    ] {
        let erin = waits_for_code(&app, &provider);
        app.db(|conn| run(conn, meanwhile));
        let form = erin.visit("/sign-in/code").form("Enter your code");
        let shown = form.fill("code", &app.fresh_code_of(&seed)).submit().expect(410);
        assert_eq!(shown.count("input[name=code]"), 0, "{meanwhile}");
        assert_eq!(erin.get("/apps").status, 303, "{meanwhile}");
        app.db(|conn| run(conn, afterwards));
    }
    // A password that is changed meanwhile has nothing to do with it.
    let erin = waits_for_code(&app, &provider);
    app.db(|conn| run(conn, "UPDATE accounts SET password_hash = NULL WHERE name = 'erin'"));
    let form = erin.visit("/sign-in/code").form("Enter your code");
    form.fill("code", &app.fresh_code_of(&seed)).send().expect(303);
    assert_eq!(erin.get("/apps").status, 200);
}

#[rstest]
fn a_disabled_or_frozen_account_is_not_signed_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    for column in ["disabled_at", "frozen_at"] {
        app.db(|conn| run(conn, &format!("UPDATE accounts SET {column} = 1 WHERE name = 'erin'")));
        let visitor = app.visitor();
        let shown = page(&visitor, comes_back(&visitor, &provider, "ern")).expect(403);
        assert_eq!(shown.heading(), "This account cannot sign in now");
        is_outside(&app, &visitor);
        app.db(|conn| run(conn, &format!("UPDATE accounts SET {column} = NULL")));
    }
}

#[rstest]
fn signing_in_ends_the_session_before_and_gives_a_new_key(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let actor = app.visitor();
    let to = sent_to(&actor, SSO);
    // Somebody signs in there by password in another tab meanwhile.
    actor.sign_in("vera", PASSWORD).expect(303);
    let (vera, before) = (actor.copied(), actor.cookie("session"));
    actor.get(&provider.log_in(&to, "ern")).expect(303);
    assert_ne!(actor.cookie("session"), before);
    assert!(actor.visit("/profile").texts("main").join("").contains("erin@example.com"));
    assert_eq!(vera.get("/apps").status, 303);
    // Whoever is signed in is not led to the provider.
    assert_eq!(sent_to(&actor, "/sign-in/sso?return_to=%2Fapps"), "/apps");
}

#[rstest]
fn the_identity_of_somebody_else_is_not_connected(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let alice = app.owner();
    let back = provider.log_in(&sent_to(&alice, CONNECT), "ern");
    let shown = page(&alice, alice.get(&back)).expect(409);
    assert_eq!(shown.heading(), "This identity is connected to another account");
    assert!(shown.links().contains(&PAGE.to_owned()));
    assert_eq!(identities(&app).len(), 1);
    assert!(events(&app).contains(&"connect_identity denied not_possible".to_owned()));

    // Nor when it was connected between the question and the proof.
    let shown = alice.visit(&provider.log_in(&sent_to(&alice, CONNECT), "new")).expect(200);
    app.has_identity(account("vera"), &provider.issuer(), "new");
    let path = shown.path().to_owned();
    shown.form(&path).fill("code", &app.mailed_code().0).submit().expect(409);
    assert_eq!(identities(&app).len(), 2);
}

#[rstest]
fn connecting_belongs_to_the_sign_in_that_began_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let alice = app.owner();
    let back = provider.log_in(&sent_to(&alice, CONNECT), "ally");
    let (flow, before) = (alice.cookie("sso").expect("a flow"), app.rows());
    // Another person with the cookie, the same person in another sign-in, and nobody.
    for other in [app.bob(), app.owner(), app.visitor()] {
        other.set_cookie("sso", &flow);
        let back = provider.log_in(&sent_to(&alice, CONNECT), "ally");
        other.set_cookie("sso", &alice.cookie("sso").expect("a flow"));
        let shown = page(&other, other.get(&back)).expect(410);
        assert_eq!(shown.heading(), "This sign-in request is no longer valid");
    }
    let denied = events(&app).into_iter().filter(|it| it.starts_with("connect_identity denied"));
    assert_eq!(denied.collect::<Vec<_>>(), ["connect_identity denied other_session"; 2]);
    // A sign-in cannot be made from it either, and it was begun anew since.
    page(&alice, alice.get(&back)).expect(410);
    let challenges =
        |rows: &[String]| rows.iter().filter(|it| it.starts_with("challenges")).count();
    assert_eq!(challenges(&app.rows()), challenges(&before));
    assert_eq!(identities(&app), Vec::<String>::new());
}

#[rstest]
fn names_are_asked_for_where_the_id_token_has_none(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let label = |names: Value| {
        app.clock().forward(hours(1));
        provider.is_at(app.clock().now());
        provider.tells_names_apart(names);
        let visitor = app.visitor();
        let back = provider.log_in_with(&sent_to(&visitor, SSO), "ern", |token| {
            token.set("name", Value::Null);
            token.set("email", Value::Null);
        });
        let shown = page(&visitor, visitor.get(&back)).expect(403).texts("main p").remove(0);
        shown.split(" is not connected").next().expect("words").to_owned()
    };
    assert_eq!(label(json!({"sub": "ern", "email": "ern@id.test"})), "ern@id.test");
    assert_eq!(label(json!({"sub": "ern", "name": "Ern", "preferred_username": "e"})), "e");
    // What is told of somebody else, and what is no answer, is passed over.
    assert_eq!(label(json!({"sub": "vera", "email": "vera@id.test"})), "ern");
    assert_eq!(label(json!({"email": "vera@id.test"})), "ern");
    assert_eq!(label(json!("x")), "ern");
    assert_eq!(label(json!({"sub": "ern"})), "ern");
}

#[rstest]
fn whoever_has_no_way_to_prove_who_they_are_is_told_so(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let alice = app.owner();
    app.db(|conn| run(conn, "UPDATE accounts SET email_verified_at = NULL WHERE name = 'alice'"));
    let back = provider.log_in(&sent_to(&alice, CONNECT), "ally");
    let shown = page(&alice, alice.get(&back)).expect(422);
    assert_eq!(shown.heading(), "There is no way to verify your identity");
    assert_eq!(identities(&app), Vec::<String>::new());
}

#[rstest]
fn an_identity_is_disconnected_with_a_proof_where_there_is_another_way_in(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let (erin, elsewhere) = (app.person("erin"), app.visitor());
    comes_back(&elsewhere, &provider, "ern").expect(303);
    app.db(|conn| run(conn, "UPDATE accounts SET version = version + 1 WHERE name = 'erin'"));

    // Without a password there would be none.
    let hash = "SELECT password_hash AS text FROM accounts WHERE name = 'erin'";
    let hash = app.db(|conn| texts(conn, hash)).remove(0);
    app.db(|conn| run(conn, "UPDATE accounts SET password_hash = NULL WHERE name = 'erin'"));
    let shown = erin.visit(PAGE).expect(200);
    assert!(shown.texts("main").join("").contains("Your account has no password"));
    assert_eq!(shown.forms().iter().filter(|form| form.action == DISCONNECT).count(), 0);
    erin.post_with_token(DISCONNECT, &[]).expect(409);
    app.db(|conn| {
        run(conn, &format!("UPDATE accounts SET password_hash = '{hash}' WHERE name = 'erin'"));
    });

    let shown = erin.visit(PAGE).form(DISCONNECT).submit().expect(200);
    assert_eq!(shown.heading(), "Verify your identity to disconnect single sign-on");
    let path = shown.path().to_owned();
    let form = shown.form(&path).fill("code", &app.mailed_code().0);
    // It must be so when it is done, too.
    app.db(|conn| run(conn, "UPDATE accounts SET password_hash = NULL WHERE name = 'erin'"));
    form.submit().expect(409);
    assert_eq!(identities(&app).len(), 1);
    app.db(|conn| {
        run(conn, &format!("UPDATE accounts SET password_hash = '{hash}' WHERE name = 'erin'"));
        run(conn, "DELETE FROM code_sends");
    });
    let shown = erin.visit(PAGE).form(DISCONNECT).submit().expect(200);
    let path = shown.path().to_owned();
    let shown = shown.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);

    assert_eq!((shown.path(), identities(&app)), (PAGE, vec![]));
    assert_eq!(elsewhere.get("/apps").status, 303, "other sign-ins end");
    assert!(events(&app).contains(&"disconnect_identity done email_code".to_owned()));
    let visitor = app.visitor();
    page(&visitor, comes_back(&visitor, &provider, "ern")).expect(403);
}

#[rstest]
fn of_forty_callbacks_at_once_one_signs_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    for round in 1..=3 {
        let visitor = app.visitor();
        let back = provider.log_in(&sent_to(&visitor, SSO), "ern");
        let answers = at_once(40, |_| {
            // Each from a network of its own, or the limit would be what is seen.
            let browser = visitor.copied().at_any();
            browser.get(&back).status
        });
        assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 410).count(), 39, "{answers:?}");
        assert_eq!(app.count("SELECT count(*) FROM sessions"), round);
    }
}

#[rstest]
fn attempts_are_counted_for_the_network_and_successes_taken_back(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let visitor = app.visitor();
    for _ in 0..35 {
        comes_back(&visitor.copied(), &provider, "ern").expect(303);
    }
    let made_up = |actor: &Actor<'_>| {
        let to = sent_to(actor, SSO);
        let back = provider.log_in(&to, "ern").replace("code=code-", "code=made-up-");
        actor.get(&back)
    };
    for _ in 0..30 {
        made_up(&visitor.copied()).expect(410);
    }
    let exchanges = provider.exchanges();
    assert!(made_up(&visitor.copied()).expect(429).header("retry-after").is_some());
    comes_back(&visitor.copied(), &provider, "ern").expect(429);
    assert_eq!(provider.exchanges(), exchanges, "the provider is not asked");
    // By password neither, since it is one count; elsewhere it goes on.
    visitor.copied().sign_in("vera", PASSWORD).expect(429);
    comes_back(&app.visitor(), &provider, "ern").expect(303);
    app.clock().forward(minutes(15));
    provider.is_at(app.clock().now());
    comes_back(&visitor.copied(), &provider, "ern").expect(303);
}

#[rstest]
fn what_is_handed_in_to_lead_back_leads_to_ourselves(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let long = format!("/apps?q={}", "\"".repeat(1_990));
    let foreign = ["//evil.test", "https://evil.test", "/\\evil.test", "/%09/evil.test/a//b", "x"];
    for path in foreign.into_iter().chain([&*long]) {
        let visitor = app.visitor();
        let query: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let to = sent_to(&visitor, &format!("{SSO}?return_to={query}"));
        let answer = visitor.get(&provider.log_in(&to, "ern")).expect(303);
        assert_eq!(answer.header("location").as_deref(), Some("/"), "{path}");
    }
}

#[rstest]
fn no_request_changes_where_the_provider_sends_people_back_to(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, _provider)) = scene(on) else { return };
    let base = app.services().settings.base_url.clone();
    let expected: String =
        form_urlencoded::byte_serialize(format!("{base}/sign-in/sso/callback").as_bytes())
            .collect();
    for (name, value) in [
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.test;proto=https"),
        ("x-original-host", "evil.test"),
        ("origin", "https://evil.test"),
    ] {
        let answer = app.visitor().send(Request::get(SSO).header(name, value)).expect(303);
        let to = answer.header("location").expect("a location");
        assert!(to.contains(&format!("redirect_uri={expected}&")), "{name}: {to}");
        assert!(!to.contains("evil"), "{name}: {to}");
    }
}

#[rstest]
fn without_a_provider_nothing_of_it_is_to_be_seen(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let shown = app.visitor().visit("/sign-in").expect(200);
    assert!(!shown.response().text().contains(SSO));
    let alice = app.owner();
    assert!(!alice.visit("/profile").response().text().contains(PAGE));
    for path in [SSO, "/sign-in/sso/callback?code=a&state=b", PAGE, CONNECT, DISCONNECT] {
        assert_eq!(alice.get(path).status, 404, "{path}");
    }
    alice.post_with_token(DISCONNECT, &[]).expect(404);
}
