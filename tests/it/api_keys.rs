//! API keys on pages: made, shown once, used, rolled, revoked.

use std::time::Duration;

use rstest::rstest;
use switchroom::api_keys::{ApiScope, KEYS_MAX};
use switchroom::clock::{days, hours, minutes};

use crate::support::app::{ALPHA, BETA};
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::normal::normal;
use crate::support::page::{Form, Page};
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Response, Sqlite, TestApp, app_on, at_once};

const KEYS: &str = "/api-keys";
const SECOND: Duration = Duration::from_secs(1);

/// The form of a new key with a name and a permission.
fn filled<'a>(actor: &Actor<'a>, name: &str, scope: &str) -> Form<'a> {
    let form = actor.visit("/api-keys/new").expect(200).form("Create API key");
    form.fill("name", name).choose("scopes", scope)
}

/// The whole key that a page shows.
fn shown(page: &Page<'_>) -> String {
    let keys = page.texts(".secret code");
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert!(keys[0].starts_with("swr_") && keys[0].len() == 47, "{keys:?}");
    keys[0].clone()
}

/// Makes a key that reads; the key.
fn made(actor: &Actor<'_>, name: &str) -> String {
    let page = filled(actor, name, "apps:read").submit().expect(200);
    assert_eq!(page.path(), KEYS);
    shown(&page)
}

/// What a key is answered that lists apps.
fn tried(app: &TestApp, key: &str) -> u16 {
    app.visitor().with_key(key).get("/v1/apps").status
}

/// The number of the latest key.
fn latest(app: &TestApp) -> i64 {
    app.count("SELECT MAX(id) FROM api_keys")
}

/// Enters the code that was mailed for the challenge that an answer leads to.
fn proved<'a>(app: &TestApp, actor: &Actor<'a>, asked: &Response) -> Page<'a> {
    let path = asked.header("location").expect("a challenge");
    assert!(path.starts_with("/step-up/"), "{path}");
    let code = app.mailed_code().0;
    let done = actor.post_with_token(&path, &[("code", &code)]).expect(303);
    actor.visit(&done.header("location").expect("a result")).expect(200)
}

#[rstest]
fn a_key_that_reads_is_made_at_once_and_does_what_it_may_and_nothing_else(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();

    let key = made(&alice, "reports");

    assert_eq!(tried(&app, &key), 200);
    let program = app.visitor().with_key(&key);
    let new = serde_json::json!({"name": "Mine", "scenario": "other", "services": ["im"]});
    program.json("POST", "/v1/apps", &new).problem(403, "scope-missing");
    assert_eq!(events(&app).last().map(String::as_str), Some("create_api_key done"));
    let made_by = app.count("SELECT created_by FROM api_keys");
    assert_eq!(made_by, 1);
    // 90 days: the end of 31 May in Shanghai.
    let ends = app.count("SELECT expires_at FROM api_keys");
    assert_eq!(switchroom::clock::UtcTime(ends).to_string(), "2026-05-31T16:00:00Z");
    let stored = app.db(crate::support::db::every_row).join("\n");
    assert!(!stored.contains(&key), "the key is stored as it is");
}

#[rstest]
fn a_new_key_is_shown_to_its_sign_in_until_it_is_put_away(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (alice, twin, adam) = (app.owner(), app.owner(), app.person("adam"));
    let key = made(&alice, "reports");

    assert_eq!(shown(&alice.visit(KEYS)), key);
    let answer = alice.get(KEYS);
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let file = alice.get("/api-keys/key.txt").expect(200);
    assert!(file.text().contains(&key), "{}", file.text());
    let named = file.header("content-disposition").expect("a name");
    assert!(named.starts_with("attachment; filename=\"api-key-"), "{named}");
    for other in [&twin, &adam] {
        let page = other.visit(KEYS).expect(200);
        assert!(!page.response().text().contains(&key));
        other.get("/api-keys/key.txt").expect(303);
        // Whoever has nothing to put away puts nothing away.
        other.post_with_token("/api-keys/put-away", &[]).expect(303);
    }
    assert_eq!(shown(&alice.visit(KEYS)), key);

    let page = alice.visit(KEYS).form("Put the key away").submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("The key is put away: reports."));
    assert_eq!(page.count(".secret"), 0);
    alice.get("/api-keys/key.txt").expect(303);
    assert_eq!(app.count("SELECT count(*) FROM disclosures"), 0);
    let names = page.texts("tbody th small");
    assert_eq!(names, [format!("{}…{}", &key[..8], &key[43..])]);
}

#[rstest]
fn a_new_key_is_shown_for_five_minutes_and_in_its_workspace_only(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let member = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (2, 1, 'owner', 0)";
    app.db(|conn| run(conn, member));
    let alice = app.owner();
    let key = made(&alice, "reports");

    alice.post_with_token("/workspaces", &[("workspace", &BETA.to_string())]).expect(303);
    assert_eq!(alice.visit(KEYS).expect(200).count(".secret"), 0);
    alice.get("/api-keys/key.txt").expect(303);
    alice.post_with_token("/workspaces", &[("workspace", &ALPHA.to_string())]).expect(303);
    app.clock().forward(minutes(5).saturating_sub(SECOND));
    assert_eq!(shown(&alice.visit(KEYS)), key);
    app.clock().forward(SECOND);
    assert_eq!(alice.visit(KEYS).expect(200).count(".secret"), 0);
    assert_eq!(tried(&app, &key), 200);
}

#[rstest]
fn a_key_that_writes_is_made_with_a_proof(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let asked = filled(&alice, "deploy", "apps:write").choose("lifetime", "never").send();
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 0);

    let path = asked.expect(303).header("location").expect("a challenge");
    let page = alice.visit(&path).expect(200);
    assert_eq!(page.heading(), "Verify your identity to create the API key");
    let facts = page.texts(".facts dt, .facts dd");
    assert_eq!(facts[..2], ["API key", "deploy"]);
    assert!(facts[3].contains("Create and edit apps"), "{facts:?}");
    // The same form again is the same challenge.
    let again = filled(&alice, "deploy", "apps:write").choose("lifetime", "never").send();
    assert_eq!(again.header("location"), Some(path.clone()));
    let code = app.mailed_code().0;
    let done = alice.post_with_token(&path, &[("code", &code)]).expect(303);
    let page = alice.visit(&done.header("location").expect("a result")).expect(200);

    assert_eq!(page.flash().as_deref(), Some("API key created. Save it now: deploy."));
    let program = app.visitor().with_key(&shown(&page));
    let new = serde_json::json!({"name": "Mine", "scenario": "other", "services": ["im"]});
    program.json("POST", "/v1/apps", &new).expect(201);
    let said = events(&app);
    assert!(said.contains(&"create_api_key done email_code".to_owned()), "{said:?}");
    assert_eq!(app.count("SELECT count(*) FROM api_keys WHERE expires_at IS NULL"), 1);
}

/// The mails about keys that nobody has looked at yet: to whom, what, and what they say.
fn told(app: &TestApp) -> Vec<(String, String, String)> {
    let letters = app.take_letters().into_iter();
    let mut told: Vec<_> = letters
        .filter(|it| it.text.contains("/api-keys"))
        .map(|it| (it.to, it.subject, it.text))
        .collect();
    told.sort();
    told
}

#[rstest]
fn whoever_makes_a_key_that_writes_and_every_owner_are_told(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let bob = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (1, 7, 'owner', 0); UPDATE accounts SET language = 'zh-CN' WHERE name = 'bob'";
    app.db(|conn| run(conn, bob));
    let adam = app.person("adam");
    made(&adam, "reports");
    assert_eq!(told(&app), [], "it changes nothing");

    let asked = filled(&adam, "deploy", "apps:write").send().expect(303);
    proved(&app, &adam, &asked);

    let mails = told(&app);
    let to: Vec<_> = mails.iter().map(|(to, subject, _)| (&**to, &**subject)).collect();
    let created = "An API key that can write was created";
    let expected = [
        ("adam@example.com", created),
        ("alice@example.com", created),
        ("bob@example.com", "已创建可写的 API 密钥"),
    ];
    assert_eq!(to, expected);
    let facts = "Name: deploy\nPermissions: Create and edit apps\nBy: adam <adam@example.com>\n\n\
         When: 2026-03-02 16:00 (Asia/Shanghai)\nFrom address: ";
    assert!(mails[0].2.contains(facts) && mails[1].2.contains(facts), "{mails:#?}");
    assert!(mails[0].2.contains("If it was not you"), "{mails:#?}");
    assert!(!mails[1].2.contains("you,"), "{mails:#?}");
    assert!(mails[2].2.contains("权限：创建和编辑应用\n操作者：adam"), "{mails:#?}");

    let path = format!("/api-keys/{}/roll", latest(&app));
    app.clock().forward(minutes(1));
    let asked = adam.visit(&path).form("Roll key").choose("overlap", "0").send().expect(303);
    proved(&app, &adam, &asked);
    let mails = told(&app);
    assert_eq!(mails.len(), 3, "{mails:#?}");
    assert_eq!(mails[1].1, "An API key that can write was rolled");
    // Somebody else's that only reads takes a proof, and is nothing to write home about.
    let alice = app.owner();
    made(&adam, "more reports");
    let path = format!("/api-keys/{}/roll", latest(&app));
    let asked = alice.visit(&path).form("Roll key").choose("overlap", "0").send().expect(303);
    proved(&app, &alice, &asked);
    assert_eq!(told(&app), []);
}

#[rstest]
fn a_form_that_is_sent_twice_makes_one_key(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = filled(&alice, "reports", "apps:read");

    let key = shown(&form.submit().expect(200));
    let page = form.submit().expect(200);

    assert_eq!(shown(&page), key);
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 1);
}

#[rstest]
fn what_is_wrong_with_a_form_stands_beside_each_field(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = alice.visit("/api-keys/new").form("Create API key");

    let page = form.clone().fill("name", "a").choose("lifetime", "date").submit().expect(422);

    page.problem("name", "Use at least 2 characters");
    page.problem("scopes", "Choose at least one permission");
    page.problem("until", "Fill in this field");
    assert_eq!(page.form("Create API key").value("name"), "a");
    let form = page.form("Create API key").fill("name", "ok").choose("scopes", "apps:read");
    let page = form.fill("until", "2026-03-02").submit().expect(422);
    page.problem("until", "Choose a day after today and within 5 years");
    assert_eq!(page.blamed(), ["until"]);
    // What was chosen is chosen still.
    assert_eq!(page.form("Create API key").chosen("scopes"), ["apps:read"]);
    page.form("Create API key").fill("until", "2026-03-03").submit().expect(200);
    let ends = app.count("SELECT expires_at FROM api_keys");
    assert_eq!(switchroom::clock::UtcTime(ends).to_string(), "2026-03-03T16:00:00Z");
}

#[rstest]
fn a_key_ends_with_its_last_day(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = filled(&alice, "reports", "apps:read").choose("lifetime", "date");
    let key = shown(&form.fill("until", "2026-03-03").submit().expect(200));

    // It is 16:00 in Shanghai.
    app.clock().forward(hours(32).saturating_sub(SECOND));
    assert_eq!(tried(&app, &key), 200);
    app.clock().forward(SECOND);
    assert_eq!(tried(&app, &key), 401);
    let page = app.owner().visit(KEYS).expect(200);
    assert_eq!(page.texts(".state"), ["Expired"]);
    assert_eq!(page.texts(".acts a").len(), 0);
}

#[rstest]
fn a_rolled_key_works_until_the_overlap_ends_and_not_after(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    for (overlap, span) in [("24", hours(24)), ("1", hours(1)), ("0", hours(0))] {
        let Some(app) = app_on(on) else { return };
        let alice = app.owner();
        let old = made(&alice, "reports");
        let path = format!("/api-keys/{}/roll", latest(&app));

        let form = alice.visit(&path).expect(200).form("Roll key").choose("overlap", overlap);
        let page = form.submit().expect(200);

        assert_eq!(page.path(), KEYS);
        let new = shown(&page);
        assert_ne!(new, old);
        assert_eq!(tried(&app, &new), 200);
        if !span.is_zero() {
            app.clock().forward(span.saturating_sub(SECOND));
            assert_eq!((tried(&app, &old), tried(&app, &new)), (200, 200), "{overlap}");
            app.clock().forward(SECOND);
        }
        assert_eq!((tried(&app, &old), tried(&app, &new)), (401, 200), "{overlap}");
        let same = "SELECT count(DISTINCT name || scopes || expires_at) FROM api_keys \
             WHERE successor_id IS NULL";
        assert_eq!(app.count(same), 1);
        // One that has been rolled is not rolled again.
        app.owner().get(&path).expect(303);
        let said = events(&app);
        assert!(said.contains(&"roll_api_key done".to_owned()), "{said:?}");
    }
}

#[rstest]
fn rolling_never_makes_a_key_live_longer(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = filled(&alice, "reports", "apps:read").choose("lifetime", "date");
    form.fill("until", "2026-03-03").submit().expect(200);
    let ends = app.count("SELECT expires_at FROM api_keys");
    app.clock().forward(minutes(20));

    let form = alice.visit(&format!("/api-keys/{}/roll", latest(&app))).form("Roll key");
    app.clock().forward(minutes(9));
    form.choose("overlap", "24").submit().expect(200);

    let later = "SELECT expires_at FROM api_keys WHERE successor_id IS NOT NULL";
    assert!(app.count(later) <= ends);
    // As many days as the old one had: until the end of 3 March, too.
    assert_eq!(app.count("SELECT expires_at FROM api_keys WHERE successor_id IS NULL"), ends);
}

#[rstest]
fn a_key_that_writes_is_rolled_with_a_proof(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let old = app.key(&[ApiScope::AppsRead, ApiScope::AppsWrite]);
    let alice = app.owner();
    let path = format!("/api-keys/{}/roll", latest(&app));

    let asked = alice.visit(&path).form("Roll key").choose("overlap", "0").send().expect(303);
    assert_eq!(old.get("/v1/apps").status, 200);
    let page = proved(&app, &alice, &asked);

    assert_eq!(page.flash().as_deref(), Some("API key rolled. Save the new key now: ci."));
    assert_eq!(old.get("/v1/apps").status, 401);
    assert_eq!(tried(&app, &shown(&page)), 200);
    assert_eq!(app.count("SELECT count(*) FROM api_keys WHERE created_by = 1"), 1);
}

#[rstest]
fn of_two_who_roll_a_key_at_once_one_does(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    made(&app.owner(), "reports");
    let path = format!("/api-keys/{}/roll", latest(&app));
    let people: Vec<_> = (0..6).map(|_| app.owner()).collect();
    let tokens: Vec<_> = people.iter().map(Actor::token).collect();

    let answers = at_once(people.len(), |at| {
        let fields = [("token", &*tokens[at]), ("overlap", "24")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        people[at].post(&path, &fields).status
    });

    assert!(answers.iter().all(|status| *status == 303), "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 2);
    assert_eq!(app.count("SELECT count(*) FROM api_keys WHERE successor_id IS NOT NULL"), 1);
    assert_eq!(app.count("SELECT count(*) FROM disclosures"), 2);
}

#[rstest]
fn a_revoked_key_is_refused_at_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let key = made(&alice, "reports");
    let path = format!("/api-keys/{}/revoke", latest(&app));
    assert_eq!(tried(&app, &key), 200);
    alice.get(&path).expect(200);
    assert_eq!(tried(&app, &key), 200);

    let page = alice.visit(&path).form("Revoke key").submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("API key revoked: reports."));
    assert_eq!(tried(&app, &key), 401);
    assert_eq!(page.texts(".state"), ["Revoked"]);
    assert!(!page.response().text().contains(&key), "it is not for keeping any more");
    assert_eq!(events(&app).last().map(String::as_str), Some("revoke_api_key done"));
    let before = app.events(ALPHA).len();
    alice.post_with_token(&path, &[]).expect(303);
    alice.get(&path).expect(303);
    assert_eq!(app.events(ALPHA).len(), before);
}

#[rstest]
fn somebody_elses_key_is_revoked_with_a_proof(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let key = made(&app.person("adam"), "reports");
    let alice = app.owner();
    let path = format!("/api-keys/{}/revoke", latest(&app));

    let asked = alice.visit(&path).form("Verify your identity").send().expect(303);
    assert_eq!(tried(&app, &key), 200);
    proved(&app, &alice, &asked);

    assert_eq!(tried(&app, &key), 401);
    let said = events(&app);
    assert_eq!(said.last().map(String::as_str), Some("revoke_api_key done email_code"), "{said:?}");
}

#[rstest]
fn somebody_elses_key_is_rolled_with_a_proof(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let key = made(&app.owner(), "reports");
    let path = format!("/api-keys/{}/roll", latest(&app));
    let adam = app.person("adam");

    let asked = adam.post_with_token(&path, &[("overlap", "0")]).expect(303);

    assert!(asked.header("location").is_some_and(|to| to.starts_with("/step-up/")));
    assert_eq!(tried(&app, &key), 200);
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 1);
    proved(&app, &adam, &asked);
    assert_eq!(tried(&app, &key), 401);
}

#[rstest]
fn another_workspaces_key_cannot_be_told_from_one_that_does_not_exist(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    made(&app.bob(), "theirs");
    let (alice, theirs) = (app.owner(), latest(&app));
    let before = app.db(crate::support::db::every_row);
    let kept = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter().filter(|row| row.starts_with("api_keys")).collect()
    };
    assert_eq!(alice.visit(KEYS).count("tbody tr"), 0);

    for verb in ["roll", "revoke"] {
        let answers = [theirs, 999_999].map(|id| {
            let path = format!("/api-keys/{id}/{verb}");
            let fields: &[(&str, &str)] = if verb == "roll" { &[("overlap", "0")] } else { &[] };
            let (seen, sent) = (alice.get(&path), alice.post_with_token(&path, fields));
            let text = |answer: &Response| {
                normal(answer.text()).replace(&format!("/api-keys/{id}/"), "/api-keys/[id]/")
            };
            (seen.status, text(&seen), sent.status, text(&sent))
        });
        assert_eq!((answers[0].0, answers[0].2), (404, 404));
        assert_eq!(answers[0], answers[1], "{verb}");
    }
    assert_eq!(kept(app.db(crate::support::db::every_row)), kept(before));
    for id in ["0", "-1", "x", "99999999999999999999"] {
        alice.get(&format!("/api-keys/{id}/roll")).expect(404);
    }
}

/// Limits adam to the apps with a tag.
fn limit(app: &TestApp) {
    let sql = "UPDATE memberships SET reach = 'tag', tag_key = 'team', tag_value = 'a' \
         WHERE account_id = 2";
    app.db(|conn| run(conn, sql));
}

#[rstest]
fn nobody_makes_rolls_or_revokes_a_key_beyond_their_own_reach(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let near = app.has_app(ALPHA, "Near", BOTH);
    let far = app.has_app(ALPHA, "Far", BOTH);
    let tag = format!("INSERT INTO app_tags (sdk_app_id, key, value) VALUES ({near}, 'team', 'a')");
    app.db(|conn| run(conn, &tag));
    let alice = app.owner();
    made(&alice, "whole");
    let whole = latest(&app);
    filled(&alice, "far", "apps:read").choose("app", &far.to_string()).submit().expect(200);
    let of_far = latest(&app);
    limit(&app);
    let adam = app.person("adam");

    assert_eq!(adam.visit(KEYS).expect(200).count("tbody tr"), 0);
    for id in [whole, of_far] {
        adam.get(&format!("/api-keys/{id}/roll")).expect(404);
        adam.post_with_token(&format!("/api-keys/{id}/roll"), &[("overlap", "0")]).expect(404);
        adam.post_with_token(&format!("/api-keys/{id}/revoke"), &[]).expect(404);
    }
    let page = filled(&adam, "mine", "apps:read").submit().expect(422);
    page.problem("app", "Fill in this field");
    let form = filled(&adam, "mine", "apps:read");
    let page = form.clone().forged("app", &far.to_string()).submit().expect(422);
    page.problem("app", "Choose one of the options");
    let page = form.choose("app", &near.to_string()).submit().expect(200);

    let program = app.visitor().with_key(&shown(&page));
    let seen = program.get("/v1/apps").expect(200).text().to_owned();
    assert!(seen.contains("Near") && !seen.contains("Far"), "{seen}");
    assert_eq!(adam.visit(KEYS).count("tbody tr"), 1);
    assert_eq!(alice.visit(KEYS).count("tbody tr"), 3);
    let kept = "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL AND successor_id IS NULL";
    assert_eq!(app.count(kept), 3);
}

#[rstest]
fn a_proof_does_not_outlive_the_reach_it_was_given_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let adam = app.person("adam");
    let asked = filled(&adam, "deploy", "apps:write").send().expect(303);
    limit(&app);

    let path = asked.header("location").expect("a challenge");
    let code = app.mailed_code().0;
    adam.post_with_token(&path, &[("code", &code)]).expect(409);

    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 0);
    let said = events(&app);
    let refused = "create_api_key denied target_changed";
    assert_eq!(said.last().map(String::as_str), Some(refused), "{said:?}");
}

/// Fills a workspace with keys until so many more fit.
fn leave_room_for(app: &TestApp, left: i64) {
    let insert = |number: i64| {
        format!(
            "INSERT INTO api_keys (workspace_id, name, prefix, last_four, digest, scopes, created_at) \
             VALUES (1, 'filler', 'swr_aaaa', 'aaaa', 'digest {number}', 'apps:read', {number})"
        )
    };
    let all: Vec<_> = (0..KEYS_MAX - left).map(insert).collect();
    app.db(|conn| run(conn, &all.join("; ")));
}

#[rstest]
fn a_workspace_has_a_hundred_keys_in_use_also_when_they_are_made_at_once(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    leave_room_for(&app, 3);
    let people: Vec<_> = (0..12).map(|_| app.owner()).collect();
    let forms: Vec<_> = people.iter().map(|actor| filled(actor, "reports", "apps:read")).collect();
    let sent: Vec<_> = forms.iter().map(|form| (form.action.clone(), form.fields())).collect();

    let answers = at_once(people.len(), |at| people[at].post(&sent[at].0, &sent[at].1).status);

    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 3, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 9, "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), KEYS_MAX);
    let page = filled(&app.owner(), "one more", "apps:read").submit().expect(422);
    page.problem("name", "A workspace has at most 100 keys in use. Revoke one that is not needed");
}

#[rstest]
fn a_full_workspace_rolls_without_an_overlap_and_ended_keys_make_room(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    leave_room_for(&app, 1);
    let alice = app.owner();
    made(&alice, "reports");
    let path = format!("/api-keys/{}/roll", latest(&app));

    let page = alice.visit(&path).form("Roll key").choose("overlap", "1").submit().expect(422);
    page.problem(
        "overlap",
        "All 100 keys are in use: choose no overlap, or revoke a key that is not needed",
    );
    page.form("Roll key").choose("overlap", "0").submit().expect(200);
    filled(&alice, "one more", "apps:read").submit().expect(422);
    let end = format!("UPDATE api_keys SET expires_at = {} WHERE digest = 'digest 1'", 1);
    app.db(|conn| run(conn, &end));
    filled(&alice, "one more", "apps:read").submit().expect(200);
}

#[rstest]
fn what_is_not_told_is_not_in_the_log_or_the_list(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let key = made(&alice, "reports");
    alice.visit(KEYS).form("Put the key away").submit().expect(200);

    for path in [KEYS, "/audit", "/profile"] {
        assert!(!alice.get(path).text().contains(&key), "{path}");
    }
    let said = app.db(|conn| texts(conn, "SELECT changes AS text FROM audit_events"));
    assert!(said.iter().all(|changes| !changes.contains(&key)), "{said:?}");
    assert!(said.iter().any(|changes| changes.contains(&key[..8])), "{said:?}");
    let page = alice.visit(KEYS);
    assert_eq!(page.texts("tbody td").first().map(String::as_str), Some("See apps"));
}

#[rstest]
fn a_key_that_ends_soon_says_so(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = filled(&alice, "reports", "apps:read").choose("lifetime", "30");
    form.submit().expect(200);

    assert_eq!(alice.visit(KEYS).texts(".state"), ["Active"]);
    app.clock().forward(days(24));
    assert_eq!(app.owner().visit(KEYS).texts(".state"), ["Expires soon"]);
}

#[test]
fn the_pages_of_keys_read_well() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let alice = app.owner();
    insta::assert_snapshot!("api_keys_none", alice.visit(KEYS).main_snapshot());
    insta::assert_snapshot!("api_key_create", alice.visit("/api-keys/new").main_snapshot());
    made(&alice, "reports");
    alice.visit(KEYS).form("Put the key away").submit().expect(200);
    let roll = alice.visit(&format!("/api-keys/{}/roll", latest(&app)));
    insta::assert_snapshot!("api_key_roll", roll.main_snapshot());
}
