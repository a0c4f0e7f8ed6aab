//! The list of one's sign-ins, ending them, and everything that ends one.

use rstest::rstest;
use switchroom::clock::minutes;

use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events, grant_disable};
use crate::support::normal::normal;
use crate::support::samples::BOTH;
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Request, Response, Sqlite, TestApp, app_on, at_once,
};

use crate::support::app::ALPHA;

const SESSIONS: &str = "/profile/sessions";
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/140.0.0.0 Safari/537.36";

/// Signs in with a browser's name.
fn signed_in_with<'a>(app: &'a TestApp, name: &str, agent: &str) -> Actor<'a> {
    let actor = app.visitor();
    let email = format!("{name}@example.com");
    let fields = [("token", actor.token()), ("email", email), ("password", PASSWORD.to_owned())];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    let request = Request::form("/sign-in", &fields).header("user-agent", agent);
    actor.send(actor.by_browser(request)).expect(303);
    actor
}

fn latest(app: &TestApp) -> i64 {
    app.count("SELECT MAX(id) FROM sessions")
}

fn end(id: i64) -> String {
    format!("{SESSIONS}/{id}/end")
}

#[rstest]
fn the_list_names_each_sign_in_that_lives_and_marks_this_one(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = signed_in_with(&app, "alice", WINDOWS);
    app.clock().forward(minutes(3));
    signed_in_with(&app, "alice", "").at("203.0.113.9");
    app.person("adam");
    let gone = app.owner();
    gone.visit("/profile").form("Sign out").submit().expect(200);

    let page = alice.visit(SESSIONS).expect(200);

    let devices = page.texts("tbody th");
    assert_eq!(devices, ["Chrome · Windows This one", "Unknown device"]);
    assert_eq!(page.texts("tbody tr:first-child .acts button").len(), 0);
    assert_eq!(page.texts("tbody tr:last-child .acts button").len(), 1);
    let times = page.texts("tbody tr:last-child time");
    assert_eq!(times, ["2026-03-02 16:03", "2026-03-02 16:03"]);
    let seen = page.texts("tbody tr:first-child time");
    assert_eq!(seen[0], "2026-03-02 16:00");
    assert_eq!(page.texts(".pager"), ["2 sign-ins"]);
    // One that was not used for long has ended, though nobody ended it.
    app.clock().forward(minutes(29));
    alice.get(SESSIONS).expect(200);
    app.clock().forward(minutes(2));
    let page = alice.visit(SESSIONS).expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert_eq!(page.count("form[action$='end-others']"), 0);
    assert_eq!(page.texts(".pager"), ["There are no other sign-ins"]);
}

#[rstest]
fn another_sign_in_is_ended_for_its_very_next_request(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (alice, phone) = (app.owner(), app.owner());
    let (id, stolen) = (latest(&app), phone.copied());

    let form = alice.visit(SESSIONS).form(&end(id));
    let page = form.submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("That sign-in has ended."));
    assert_eq!(page.count("tbody tr"), 1);
    for browser in [&phone, &stolen] {
        browser.get("/profile").expect(303);
    }
    alice.get("/profile").expect(200);
    assert_eq!(events(&app).last().map(String::as_str), Some("end_session done"));
    let changes = "SELECT changes AS text FROM audit_events WHERE act = 'end_session'";
    let changes = app.db(|conn| texts(conn, changes)).remove(0);
    assert!(changes.contains(&format!("\"before\":\"{id}\"")), "{changes}");
    alice.get(&end(id)).expect(303);
}

#[rstest]
fn somebody_elses_sign_in_cannot_be_told_from_one_that_has_ended(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let ended = app.owner();
    let of_ended = latest(&app);
    ended.visit("/profile").form("Sign out").submit().expect(200);
    app.person("adam");
    let of_adam = latest(&app);
    let before = app.rows();
    let known = events(&app).len();

    let answers = [of_adam, of_ended, 999_999].map(|id| {
        let answer = alice.post_with_token(&end(id), &[]).expect(404);
        normal(answer.text()).replace(&format!("{SESSIONS}/{id}/"), "[path]")
    });

    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    app.expect_unchanged(&before, "ending what is not one's own");
    assert_eq!(events(&app).len(), known);
    for id in ["0", "-1", "x", "99999999999999999999"] {
        alice.post_with_token(&format!("{SESSIONS}/{id}/end"), &[]).expect(404);
    }
}

#[rstest]
fn ending_this_one_is_signing_out(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let answer = alice.post_with_token(&end(latest(&app)), &[]).expect(303);
    assert_eq!(answer.header("location").as_deref(), Some("/sign-in"));
    alice.get("/profile").expect(303);
    assert_eq!(events(&app).last().map(String::as_str), Some("sign_out done"));
}

#[rstest]
fn what_waits_for_a_proof_ends_with_its_sign_in(#[values(Sqlite, Postgres)] on: Backend) {
    for others in [false, true] {
        let Some(app) = app_with_mail(on) else { return };
        let blue = app.has_app(ALPHA, "Blue", BOTH);
        let (alice, phone) = (app.owner(), app.owner());
        let id = latest(&app);
        let path = format!("/apps/{blue}/disable");
        let mine = alice.post_with_token(&format!("/apps/{blue}/certificates/usersig/reset"), &[]);
        phone.post_with_token(&path, &[]).expect(303);

        if others {
            alice.visit(SESSIONS).form("Sign out all others").submit().expect(200);
        } else {
            alice.visit(SESSIONS).form(&end(id)).submit().expect(200);
        }

        let of_phone = format!("SELECT count(*) FROM challenges WHERE session_id = {id}");
        assert_eq!(app.count(&format!("{of_phone} AND state = 'cancelled'")), 1);
        assert_eq!(app.count("SELECT count(*) FROM challenges WHERE state = 'open'"), 1);
        alice.get(&mine.header("location").expect("a challenge")).expect(200);
        let said = events(&app);
        assert!(said.contains(&"disable_app cancelled".to_owned()), "{said:?}");
    }
}

#[rstest]
fn a_granted_act_of_an_ended_sign_in_is_not_done(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (first, alice) = (app.owner(), app.owner());
    let challenge = grant_disable(&app, blue);
    let stolen = first.copied();
    let token = stolen.token();

    alice.visit(SESSIONS).form("Sign out all others").submit().expect(200);

    let fields = [("token".to_owned(), token)];
    let answer = stolen.post(&format!("/step-up/{challenge}/continue"), &fields);
    assert!(matches!(answer.status, 303 | 422), "{}", answer.status);
    let off = "SELECT count(*) FROM apps WHERE switch = 'disabled'";
    assert_eq!(app.count(off), 0);
    let state = "SELECT count(*) FROM challenges WHERE state = 'cancelled'";
    assert_eq!(app.count(state), 1);
}

#[rstest]
fn signing_out_others_also_ends_who_is_being_asked_for_a_code(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let thief = app.visitor();
    let answer = thief.sign_in("alice", PASSWORD).expect(303);
    let path = answer.header("location").expect("a page");

    alice.post_with_token("/profile/sessions/end-others", &[]).expect(303);

    let code = app.fresh_code_of(&seed);
    let answer = thief.post_with_token(&path, &[("code", &code)]);
    assert_eq!(answer.status, 410);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), 1);
}

#[rstest]
fn two_that_end_each_other_leave_one_at_least(#[values(Sqlite, Postgres)] on: Backend) {
    for _ in 0..5 {
        let Some(app) = app_on(on) else { return };
        let people: Vec<_> = (0..4).map(|_| app.owner()).collect();
        let tokens: Vec<_> = people.iter().map(Actor::token).collect();

        at_once(people.len(), |at| {
            let fields = [("token".to_owned(), tokens[at].clone())];
            people[at].post("/profile/sessions/end-others", &fields).status
        });

        assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), 1);
    }
}

/// What ends a sign-in, and how it is done to `victim`, whose cookies somebody has copied. `other` is another sign-in of
/// the same person.
type Trigger = (&'static str, fn(&TestApp, &Actor<'_>, &Actor<'_>));

fn post(actor: &Actor<'_>, path: &str, fields: &[(&str, &str)]) -> Response {
    actor.post_with_token(path, fields).expect(303)
}

const TRIGGERS: [Trigger; 6] = [
    ("sign-out", |_, victim, _| drop(post(victim, "/sign-out", &[]))),
    ("password change", |_, _, other| {
        let fields =
            [("current", PASSWORD), ("password", "battery staple"), ("again", "battery staple")];
        post(other, "/profile/password", &fields);
    }),
    ("factor change", |app, _, other| {
        post(other, "/profile/authenticator", &[("password", "")]);
        let code = app.code_of(&app.pending_seed("erin"));
        let asked = post(other, "/profile/authenticator/confirm", &[("code", &code)]);
        let path = asked.header("location").expect("a challenge");
        post(other, &path, &[("code", &app.mailed_code().0)]);
    }),
    ("account disabled", |app, _, _| {
        app.db(|conn| run(conn, "UPDATE accounts SET disabled_at = 1 WHERE name = 'erin'"));
    }),
    ("membership removed", |app, _, _| {
        app.db(|conn| run(conn, "DELETE FROM memberships WHERE account_id = 3"));
    }),
    ("sign out others", |_, _, other| {
        drop(post(other, "/profile/sessions/end-others", &[]));
    }),
];

#[rstest]
fn each_trigger_ends_what_a_copied_cookie_opens_at_the_very_next_request(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    for (trigger, pull) in TRIGGERS {
        let Some(app) = app_with_mail(on) else { return };
        app.has_app(ALPHA, "Blue", BOTH);
        let (victim, other) = (app.person("erin"), app.person("erin"));
        let thief = victim.copied();
        thief.get("/apps").expect(200);

        pull(&app, &victim, &other);

        // Whoever has lost their place is signed in still, and sees nothing of the workspace.
        let is_place = trigger == "membership removed";
        for browser in [&thief, &victim] {
            for path in ["/apps", "/", "/audit", "/api-keys"] {
                let answer = browser.get(path);
                assert_ne!(answer.status, 200, "{trigger}: {path}");
                assert!(!answer.text().contains("Blue"), "{trigger}: {path}");
            }
            let own = browser.get("/profile").status;
            assert_eq!(own, if is_place { 200 } else { 303 }, "{trigger}");
        }
    }
}
