//! Providers that lie, are away, or talk nonsense, and browsers that bring what is not theirs.

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::clock::{hours, minutes};

use super::{SSO, comes_back, impatient, is_outside, page, scene, sent_to};
use crate::support::app::PASSWORD;
use crate::support::db::run;
use crate::support::factors::account;
use crate::support::page::Page;
use crate::support::provider::{CLIENT_ID, Service, Sign, TestProvider, Token};
use crate::support::{Actor, Backend, Postgres, Response, Sqlite, TestApp};

/// Begins, logs in with an altered token, and comes back.
#[track_caller]
fn lies(app: &TestApp, provider: &TestProvider, alter: impl FnOnce(&mut Token)) -> (u16, String) {
    let visitor = app.visitor();
    let back = provider.log_in_with(&sent_to(&visitor, SSO), "ern", alter);
    let shown = page(&visitor, visitor.get(&back));
    assert_eq!(visitor.cookie("sso"), None, "the flow is over");
    is_outside(app, &visitor);
    (shown.response().status, shown.heading())
}

const UNTRUSTED: &str = "The sign-in from Example ID could not be verified";
const AWAY: &str = "Example ID cannot be used right now";
const GONE: &str = "This sign-in request is no longer valid";

#[rstest]
fn an_id_token_that_does_not_hold_signs_nobody_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let now = app.clock().now().seconds();
    let untrusted = (502, UNTRUSTED.to_owned());
    let claims: [(&str, Value); 21] = [
        ("nonce", json!("another")),
        ("nonce", json!("")),
        ("nonce", Value::Null),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("aud", json!([CLIENT_ID, "another"])),
        ("aud", json!([])),
        ("iss", json!("https://id.evil.test")),
        ("iss", json!(format!("{}/", provider.issuer()))),
        ("azp", json!("another")),
        ("exp", json!(now)),
        ("exp", json!(now - 3_600)),
        ("exp", json!(0)),
        ("iat", json!(now + 61)),
        ("iat", json!(now + 86_400)),
        ("sub", json!("")),
        ("sub", json!("e".repeat(256))),
        ("sub", json!("ern\n")),
        ("azp", json!("")),
        ("nonce", json!(" ")),
        ("aud", json!("CONSOLE")),
    ];
    for (claim, value) in claims {
        // The networks differ: the limit on attempts is not what is looked at.
        let answer = lies(&app, &provider, |token| token.set(claim, value.clone()));
        assert_eq!(answer, untrusted, "{claim}: {value}");
    }
    for sign in [Sign::Other, Sign::Hidden, Sign::Secret, Sign::PublicKeyAsSecret] {
        assert_eq!(lies(&app, &provider, |token| token.sign = sign), untrusted, "{sign:?}");
    }
    // What is no token at all.
    for (claim, value) in [
        ("exp", Value::Null),
        ("iat", Value::Null),
        ("sub", Value::Null),
        ("sub", json!(42)),
        ("exp", json!("tomorrow")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("iat", json!(i64::MAX)),
        ("amr", json!("mfa")),
        ("aud", Value::Null),
        ("iss", Value::Null),
    ] {
        let (status, heading) = lies(&app, &provider, |token| token.set(claim, value.clone()));
        assert!(
            status == 502 && [AWAY, UNTRUSTED].contains(&&*heading),
            "{claim}: {value}: {heading}"
        );
    }
    let (status, heading) = lies(&app, &provider, |token| token.sign = Sign::Nothing);
    assert!(status == 502 && [AWAY, UNTRUSTED].contains(&&*heading), "{heading}");
    assert_eq!(provider.wrong(), Vec::<String>::new());

    // A clock that is a little ahead is none of that.
    let visitor = app.visitor();
    let back = provider.log_in_with(&sent_to(&visitor, SSO), "ern", |token| {
        token.set("iat", json!(now + 60));
        token.set("azp", json!(CLIENT_ID));
        token.set("aud", json!([CLIENT_ID]));
    });
    visitor.get(&back).expect(303);
}

#[rstest]
fn new_keys_are_asked_for_when_a_signature_needs_them_but_not_more_than_once_a_minute(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    comes_back(&app.visitor(), &provider, "ern").expect(303);
    assert_eq!(provider.discoveries(), 1);
    app.db(|conn| run(conn, "DELETE FROM sessions"));

    app.clock().forward(minutes(1));
    provider.is_at(app.clock().now());
    for _ in 0..3 {
        lies(&app, &provider, |token| token.sign = Sign::Hidden);
    }
    assert_eq!(provider.discoveries(), 2);
    lies(&app, &provider, |token| token.sign = Sign::New);
    assert_eq!(provider.discoveries(), 2, "it was asked a moment ago");
    app.clock().forward(minutes(1));
    provider.is_at(app.clock().now());
    let visitor = app.visitor();
    let to = sent_to(&visitor, SSO);
    let back = provider.log_in_with(&to, "ern", |token| token.sign = Sign::New);
    visitor.get(&back).expect(303);
    assert_eq!(provider.discoveries(), 3);
    // What it says of itself is kept for an hour.
    app.clock().forward(minutes(59));
    sent_to(&app.visitor(), SSO);
    assert_eq!(provider.discoveries(), 3);
    app.clock().forward(minutes(1));
    sent_to(&app.visitor(), SSO);
    assert_eq!(provider.discoveries(), 4);
}

#[rstest]
fn a_browser_brings_its_own_answer_once_and_in_time(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let begin = || {
        let visitor = app.visitor();
        let back = provider.log_in(&sent_to(&visitor, SSO), "ern");
        (visitor, back)
    };
    let gone = |visitor: &Actor<'_>, answer: Response| {
        let shown = page(visitor, answer).expect(410);
        assert_eq!(shown.heading(), GONE);
        is_outside(&app, visitor);
    };
    // No cookie, no state, another one, another browser's.
    let (_, back) = begin();
    let visitor = app.visitor();
    gone(&visitor, visitor.get(&back));
    let (visitor, back) = begin();
    let without: Vec<_> = back.split('&').filter(|part| !part.starts_with("state=")).collect();
    gone(&visitor, visitor.get(&without.join("&")));
    gone(&visitor, visitor.get(&back.replace("state=", "state=A")));
    gone(&visitor, visitor.get("/sign-in/sso/callback"));
    let (_, theirs) = begin();
    gone(&visitor, visitor.get(&theirs));
    // That leaves the browser's own flow alone, whose answer comes later.
    assert_eq!(provider.exchanges(), 0);
    visitor.get(&back).expect(303);
    app.db(|conn| run(conn, "DELETE FROM sessions"));
    // Twice, with the cookie that it has no longer, and with one that was kept.
    let (visitor, back) = begin();
    let kept = visitor.copied();
    visitor.get(&back).expect(303);
    app.db(|conn| run(conn, "DELETE FROM sessions"));
    gone(&visitor, visitor.get(&back));
    gone(&kept, kept.get(&back));
    // Too late; the cookie is our word, not the browser's.
    let (visitor, back) = begin();
    let kept = visitor.cookie("sso").expect("a flow");
    app.clock().forward(minutes(10));
    provider.is_at(app.clock().now());
    gone(&visitor, visitor.get(&back));
    // Altered, and somebody else's secret.
    for flow in ["", "x", &kept[1..], &format!("{kept}A"), &kept.replace(&kept[40..44], "AAAA")] {
        let (visitor, back) = begin();
        visitor.set_cookie("sso", flow);
        gone(&visitor, visitor.get(&back));
    }
    // No code, and one that is too long.
    let (visitor, back) = begin();
    gone(&visitor, visitor.get(&back.replace("code=", "codes=")));
    let (visitor, back) = begin();
    gone(&visitor, visitor.get(&back.replace("code=", &format!("code={}", "a".repeat(4_001)))));
    // The same parameter twice: nobody can say which counts.
    let (visitor, back) = begin();
    assert_eq!(visitor.get(&format!("{back}&code=x")).status, 400);
    assert_eq!(visitor.get(&format!("{back}&state=x")).status, 400);
}

#[rstest]
fn a_code_that_was_begun_by_another_browser_is_worth_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let (mallory, victim) = (app.visitor(), app.visitor());
    let theirs = provider.log_in(&sent_to(&mallory, SSO), "ern");
    let own = provider.log_in(&sent_to(&victim, SSO), "ern");
    let code = |back: &str| back.split(['=', '&']).nth(1).expect("a code").to_owned();
    // The code of one flow in the other: the verifier does not fit.
    let mixed = own.replace(&code(&own), &code(&theirs));
    let shown = page(&victim, victim.get(&mixed)).expect(410);
    assert_eq!(shown.heading(), GONE);
    assert_eq!(provider.wrong(), ["another verifier"]);
    is_outside(&app, &victim);
}

#[rstest]
fn what_the_provider_refuses_is_said_without_its_words(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let refused = |error: &str| {
        let visitor = app.visitor();
        let back = provider.log_in(&sent_to(&visitor, "/sign-in/sso?return_to=%2Fapps"), "ern");
        let state = back.split("state=").nth(1).expect("a state").split('&').next().expect("one");
        let back = format!(
            "/sign-in/sso/callback?error={error}&error_description=%3Cb%3EGive+me+it&state={state}"
        );
        let shown = page(&visitor, visitor.get(&back));
        assert!(!shown.response().text().contains("Give me"), "{error}");
        assert!(shown.links().contains(&"/sign-in?return_to=%2Fapps".to_owned()));
        // Nor is the way back into it on the page, for whoever changes the language there.
        assert!(!shown.response().text().contains(state), "{error}");
        is_outside(&app, &visitor);
        (shown.response().status, shown.heading())
    };
    assert_eq!(refused("access_denied"), (403, "The sign-in was cancelled".to_owned()));
    assert_eq!(refused("server_error"), (502, AWAY.to_owned()));
    assert_eq!(refused("%3Cscript%3E"), (502, AWAY.to_owned()));
}

#[rstest]
fn the_answer_of_another_provider_is_refused(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let issuer: String = form_urlencoded::byte_serialize(provider.issuer().as_bytes()).collect();
    let with_issuer = |other: &str| {
        let visitor = app.visitor();
        let back = provider.log_in(&sent_to(&visitor, SSO), "ern");
        let shown = page(&visitor, visitor.get(&back.replace(&format!("&iss={issuer}"), other)));
        is_outside(&app, &visitor);
        (shown.response().status, shown.heading())
    };
    let exchanges = provider.exchanges();
    for other in ["https%3A%2F%2Fid.evil.test", &format!("{issuer}%2F"), "x"] {
        assert_eq!(with_issuer(&format!("&iss={other}")), (502, UNTRUSTED.to_owned()), "{other}");
    }
    assert_eq!(provider.exchanges(), exchanges, "it does not get the code");
    // One that says that it always says who it is must.
    assert_eq!(with_issuer("").0, 403);
    app.clock().forward(hours(1));
    provider.is_at(app.clock().now());
    provider.says_of_itself(json!({"authorization_response_iss_parameter_supported": true}));
    let exchanges = provider.exchanges();
    assert_eq!(with_issuer(""), (502, UNTRUSTED.to_owned()));
    assert_eq!(provider.exchanges(), exchanges);
}

/// Insists on the page that offers to try again or to sign in with the password, which works.
#[track_caller]
fn is_away(app: &TestApp, visitor: &Actor<'_>, shown: &Page<'_>, what: &str) {
    assert_eq!((shown.response().status, &*shown.heading()), (502, AWAY), "{what}");
    assert!(shown.links().contains(&"/sign-in".to_owned()), "{what}");
    is_outside(app, visitor);
    visitor.copied().sign_in("vera", PASSWORD).expect(303);
    app.db(|conn| run(conn, "DELETE FROM sessions"));
}

fn ways_to_fail(provider: &TestProvider) -> Vec<Service> {
    let elsewhere = format!("{}/.well-known/openid-configuration", provider.issuer());
    vec![
        Service::Drops,
        Service::Slow,
        Service::Endless,
        Service::Redirects(elsewhere),
        Service::Says(200, String::new()),
        Service::Says(200, "{}".into()),
        Service::Says(200, "[]".into()),
        Service::Says(200, "<html>Welcome</html>".into()),
        Service::Says(200, "\u{0}".repeat(1_000)),
        Service::Says(200, format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        Service::Says(200, "x".repeat(300_000)),
        Service::Says(404, "{}".into()),
        Service::Says(500, "{}".into()),
        Service::Says(204, String::new()),
    ]
}

#[rstest]
fn a_provider_that_is_of_no_use_is_said_to_be_so_before_somebody_goes_there(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    let app = impatient(app);
    for service in ways_to_fail(&provider) {
        provider.behave(service.clone());
        let visitor = app.visitor();
        let shown = visitor.visit(SSO);
        is_away(&app, &visitor, &shown, &format!("{service:?}"));
        app.clock().forward(minutes(1));
        provider.behave(Service::Works);
    }
    // One that failed is left alone for a moment, and asked again then.
    provider.behave(Service::Drops);
    app.visitor().visit(SSO).expect(502);
    provider.behave(Service::Works);
    app.visitor().visit(SSO).expect(502);
    assert_eq!(provider.discoveries(), 0);
    app.clock().forward(minutes(1));
    sent_to(&app.visitor(), SSO);
    // What it says of itself may not hold either.
    for (name, value) in [
        ("issuer", json!("https://id.evil.test")),
        ("issuer", json!(format!("{}/", provider.issuer()))),
        ("issuer", Value::Null),
        ("jwks_uri", json!("http://127.0.0.1:9/jwks")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("authorization_endpoint", json!("nowhere")),
    ] {
        app.clock().forward(hours(1));
        provider.says_of_itself(json!({ name: value }));
        let visitor = app.visitor();
        is_away(&app, &visitor, &visitor.visit(SSO), &format!("{name} {value}"));
    }
}

#[rstest]
fn a_provider_that_is_of_no_use_when_the_code_comes_signs_nobody_in(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let app = impatient(app);
    let mut ways = ways_to_fail(&provider);
    for body in [
        r#"{"access_token": "x", "token_type": "Bearer"}"#,
        r#"{"access_token": "x", "token_type": "Bearer", "id_token": ""}"#,
        r#"{"access_token": "x", "token_type": "Bearer", "id_token": "a.b"}"#,
        r#"{"access_token": "x", "token_type": "Bearer", "id_token": "e30.e30.e30"}"#,
        r#"{"access_token": "x", "token_type": "Bearer", "id_token": "...."}"#,
        r#"{"access_token": "x", "token_type": "Bearer", "id_token": 7}"#,
    ] {
        ways.push(Service::Says(200, body.to_owned()));
    }
    ways.push(Service::Says(401, r#"{"error": "invalid_client"}"#.into()));
    ways.push(Service::Says(400, r#"{"error": "<b>", "error_description": "<b>"}"#.into()));
    for service in ways {
        let visitor = app.visitor();
        let back = provider.log_in(&sent_to(&visitor, SSO), "ern");
        provider.behave_for_tokens(service.clone());
        let shown = page(&visitor, visitor.get(&back));
        is_away(&app, &visitor, &shown, &format!("{service:?}"));
        provider.behave_for_tokens(Service::Works);
    }
    comes_back(&app.visitor(), &provider, "ern").expect(303);
}

#[rstest]
fn looking_at_the_addresses_changes_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("erin"), &provider.issuer(), "ern");
    let visitor = app.visitor();
    let back = provider.log_in(&sent_to(&visitor, SSO), "ern");
    let alice = app.owner();
    let before = app.rows();
    for scanner in [app.visitor(), alice] {
        for path in [SSO, &*back, "/sign-in/sso/callback?error=access_denied&state=x"] {
            scanner.get(path);
        }
        scanner.get("/profile/identity/connect");
    }
    app.expect_unchanged(&before, "looking");
}
