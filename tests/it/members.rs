//! Members: who is seen by whom, changing, removing, handing over and leaving, and that there is always an owner.

use rstest::rstest;
use switchroom::api_keys::ApiScope;
use switchroom::clock::minutes;
use switchroom::ids::SdkAppId;
use switchroom::step_up::PROOF_LIFETIME;
use switchroom::step_up::store::{challenge_anywhere, challenge_grant};
use switchroom::workspaces::{Permission, Role};

use crate::support::app::{ALPHA, BETA, CAST};
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::page::Page;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Response, Sqlite, TestApp, app_on, at_once};

/// Proves who somebody is by the code that was mailed, where a form has led.
#[track_caller]
fn prove<'a>(app: &'a TestApp, actor: &Actor<'a>, asked: &Response) -> Page<'a> {
    let path = asked.header("location").expect("a challenge");
    assert!(path.starts_with("/step-up/"), "{path}");
    let page = actor.visit(&path).expect(200);
    let (code, _) = app.mailed_code();
    // Beyond the pause between two codes.
    app.clock().forward(minutes(1));
    page.form(&path).fill("code", &code).submit()
}

/// Has an act proved for that a form has asked for; the path that does it.
#[track_caller]
fn granted(app: &TestApp, asked: &Response) -> String {
    let path = asked.header("location").expect("a challenge");
    let id = path.strip_prefix("/step-up/").expect("a challenge");
    let now = app.clock().now();
    app.db(|conn| {
        let stored = challenge_anywhere(conn, id).expect("an answer").expect("a challenge");
        assert!(challenge_grant(conn, &stored, now.plus(PROOF_LIFETIME), now).expect("an answer"));
        run(conn, "DELETE FROM code_sends");
    });
    format!("{path}/continue")
}

/// Asks for another role, as the form does.
fn ask_role(app: &TestApp, by: &Actor<'_>, account: i64, role: &str) -> Response {
    let version = app.count(&format!(
        "SELECT version FROM memberships WHERE workspace_id = 1 AND account_id = {account}"
    ));
    let version = version.to_string();
    let fields = [("version", version.as_str()), ("role", role), ("reach", "all"), ("tag", "")];
    by.post_with_token(&format!("/members/{account}"), &fields)
}

fn roles(app: &TestApp) -> Vec<String> {
    let query = "SELECT account_id || ' ' || role AS text FROM memberships \
         WHERE workspace_id = 1 ORDER BY account_id";
    app.db(|conn| texts(conn, query))
}

fn owners(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM memberships WHERE workspace_id = 1 AND role = 'owner'")
}

fn make_owner(app: &TestApp, account: i64) {
    let query = format!(
        "UPDATE memberships SET role = 'owner', version = version + 1 \
         WHERE workspace_id = 1 AND account_id = {account}"
    );
    app.db(|conn| run(conn, &query));
}

#[rstest]
fn everybody_sees_the_members_and_only_managers_what_is_open(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let fields = [("email", "nora@example.com"), ("role", "viewer"), ("reach", "all"), ("tag", "")];
    alice.post_with_token("/members/invite", &fields).expect(303);
    app.has_authenticator("fiona");
    for (name, role) in CAST.into_iter().filter(|(name, _)| *name != "fiona") {
        let actor = app.person(name);
        let page = actor.visit("/members").expect(200);
        let rows = page.texts("table:first-of-type tbody tr");
        for (member, _) in CAST {
            let row = rows.iter().find(|row| row.contains(&format!("{member}@example.com")));
            let row = row.unwrap_or_else(|| panic!("{name} sees {member} in {rows:?}"));
            assert_eq!(row.contains("You"), member == name, "{row}");
            assert_eq!(row.contains("On"), member == "fiona", "{row}");
        }
        assert!(rows[0].starts_with("alice"), "owners come first: {rows:?}");
        let may = role.may(Permission::ManageMembers);
        assert_eq!(page.texts("main").join("").contains("nora@example.com"), may, "{name}");
        assert_eq!(page.links().contains(&"/members/invite".to_owned()), may, "{name}");
        assert_eq!(page.links().contains(&"/members/4".to_owned()), may && name != "oscar");
        let nav = page.attributes("nav.side a[aria-current]", "href");
        assert_eq!(nav, ["/members"]);
    }
    assert!(!app.bob().visit("/members").texts("main").join("").contains("alice"));
}

#[rstest]
fn the_table_of_permissions_is_the_one_that_is_enforced(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let page = app.person("vera").visit("/members/roles").expect(200);
    let rows = page.texts("tbody tr:has(td)");
    let t = switchroom::i18n::Language::English.texts();
    assert_eq!(rows.len(), Permission::ALL.len());
    for permission in Permission::ALL {
        let cells: String =
            Role::ALL.iter().map(|it| if it.may(*permission) { "Yes" } else { "—No" }).collect();
        let row = format!("{}{cells}", permission.name(t));
        assert!(rows.contains(&row), "{row} in {rows:#?}");
    }
    for role in Role::ALL {
        assert!(page.texts("thead th").contains(&role.name(t).to_owned()));
        assert!(page.texts("dd").contains(&role.words(t).to_owned()));
    }
}

#[rstest]
fn another_role_counts_from_the_next_request_and_the_member_is_told(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    app.has_app(ALPHA, "Red", BOTH);
    let (alice, erin) = (app.owner(), app.person("erin"));
    erin.get(&format!("/apps/{blue}/edit")).expect(200);
    app.db(|conn| run(conn, "UPDATE accounts SET language = 'zh-CN' WHERE id = 3"));

    let form = alice.visit("/members/3").expect(200).form("Change member");
    assert_eq!(
        (form.chosen("role"), form.chosen("reach")),
        (vec!["engineer".to_owned()], vec!["all".to_owned()])
    );
    let form = form.choose("role", "viewer").choose("reach", "apps");
    let asked = form.choose("apps", &blue.to_string()).send().expect(303);
    erin.get(&format!("/apps/{blue}/edit")).expect(200);
    let page = prove(&app, &alice, &asked).expect(200);

    assert_eq!((page.path(), page.flash().as_deref()), ("/members", Some("Member changed: erin.")));
    erin.get(&format!("/apps/{blue}/edit")).expect(403);
    let seen = erin.visit("/apps").texts("tbody th").join(" ");
    assert!(seen.contains("Blue") && !seen.contains("Red"), "{seen}");
    let mut letters = app.take_letters();
    letters.retain(|letter| letter.to == "erin@example.com");
    let [letter] = letters.as_slice() else { panic!("{letters:#?}") };
    assert_eq!(letter.subject, "你在「Alpha」中的角色或应用范围已修改");
    assert!(
        letter.text.contains("角色：只读\n应用范围：1 个应用\n操作者：alice\n"),
        "{}",
        letter.text
    );
    let query = "SELECT changes AS text FROM audit_events WHERE act = 'change_member' \
         AND outcome = 'done' AND target_kind = 'account' AND target_id = 3";
    let changes = app.db(|conn| texts(conn, query)).join("");
    let expected = format!("\"after\":\"apps {blue}\"");
    assert!(changes.contains(&expected) && changes.contains("engineer"), "{changes}");
}

#[rstest]
fn a_form_of_before_changes_nothing_and_keeps_what_was_typed(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let form = alice.visit("/members/3").form("Change member");
    let asked = form.clone().choose("role", "finance").send().expect(303);
    let go_on = granted(&app, &asked);
    // Somebody else is quicker.
    app.db(|conn| run(conn, "UPDATE memberships SET version = version + 1 WHERE account_id = 3"));
    assert_eq!(alice.post_with_token(&go_on, &[]).status, 409);
    let page = form.choose("role", "operations").submit().expect(422);
    page.problem("role", "Somebody else has changed it. Check it and send it again");
    let again = page.form("Change member");
    assert_eq!(again.chosen("role"), ["operations"]);
    again.send().expect(303);
    let page = alice.visit("/members/3").form("Change member").submit().expect(422);
    page.problem("role", "Nothing would change");
    assert!(roles(&app).contains(&"3 engineer".to_owned()));
}

#[rstest]
fn admins_manage_all_but_owners_and_nobody_themselves(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let (alice, adam) = (app.owner(), app.person("adam"));
    let before = roles(&app);
    let page = adam.visit("/members/1").expect(200);
    assert!(page.texts("main").join("").contains("Only an owner manages owners."));
    assert_eq!(page.forms().iter().filter(|form| form.has_open("role")).count(), 0);
    for (actor, account) in [(&adam, 1), (&adam, 2), (&alice, 1)] {
        ask_role(&app, actor, account, "viewer").expect(409);
        actor.post_with_token(&format!("/members/{account}/remove"), &[]).expect(409);
        let page = actor.visit(&format!("/members/{account}/remove")).expect(200);
        assert!(!page.texts("main button").contains(&"Verify your identity".to_owned()));
    }
    let page = Page::detached("/", ask_role(&app, &adam, 3, "owner").expect(422));
    page.problem("role", "Your role cannot give or manage this role");
    adam.post_with_token("/members/3/hand-over", &[]).expect(403);
    adam.get("/members/3/hand-over").expect(403);
    alice.post_with_token("/members/1/hand-over", &[]).expect(409);

    // What was allowed when it was asked for is not any more when it is proved for.
    let asked = ask_role(&app, &adam, 3, "viewer").expect(303);
    let go_on = granted(&app, &asked);
    app.db(|conn| run(conn, "UPDATE memberships SET role = 'owner' WHERE account_id = 3"));
    assert_eq!(adam.post_with_token(&go_on, &[]).status, 409);
    app.db(|conn| run(conn, "UPDATE memberships SET role = 'engineer' WHERE account_id = 3"));
    let asked = ask_role(&app, &adam, 3, "viewer").expect(303);
    let go_on = granted(&app, &asked);
    app.db(|conn| run(conn, "UPDATE memberships SET role = 'viewer' WHERE account_id = 2"));
    assert_eq!(adam.post_with_token(&go_on, &[]).status, 403);
    app.db(|conn| run(conn, "UPDATE memberships SET role = 'admin' WHERE account_id = 2"));
    assert_eq!(roles(&app), before);
}

#[rstest]
fn somebody_who_was_removed_is_refused_at_the_next_request(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (alice, adam) = (app.owner(), app.person("adam"));
    // What they leave behind.
    let fields = [("email", "nora@example.com"), ("role", "viewer"), ("reach", "all"), ("tag", "")];
    adam.post_with_token("/members/invite", &fields).expect(303);
    let program = app.key(&[ApiScope::AppsRead]);
    app.db(|conn| run(conn, "UPDATE api_keys SET created_by = 2"));
    let waiting = adam.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(303);
    let waiting = waiting.header("location").expect("a challenge");
    app.clock().forward(minutes(1));
    // They are also in another workspace, on another browser.
    let joined = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (2, 2, 'viewer', 0)";
    app.db(|conn| run(conn, joined));
    let elsewhere = app.person("adam");
    elsewhere.post_with_token("/workspaces", &[("workspace", "2")]).expect(303);

    let page = alice.visit("/members/2/remove").expect(200);
    let words = page.texts(".note.warn").join("");
    assert!(words.contains("API keys that they made keep working"), "{words}");
    let asked = page.form("Remove member").send().expect(303);
    let at = alice.visit(&asked.header("location").expect("a challenge"));
    assert_eq!(at.attributes(".crumbs a", "href"), ["/members", "/members/2"]);
    adam.get(&format!("/apps/{blue}")).expect(200);
    let page = prove(&app, &alice, &asked).expect(200);
    assert_eq!(page.flash().as_deref(), Some("Member removed: adam."));

    // Their sign-in here has ended; the one in the other workspace goes on there.
    for path in ["/", "/apps", &format!("/apps/{blue}"), "/audit/export.csv", &waiting, "/members"]
    {
        assert_eq!(adam.get(path).status, 303, "{path}");
    }
    assert!(adam.get("/apps").header("location").expect("one").starts_with("/sign-in"));
    elsewhere.visit("/").expect(200);
    elsewhere.get(&format!("/apps/{blue}")).expect(404);
    elsewhere.post_with_token("/workspaces", &[("workspace", "1")]).expect(404);
    let ended = "SELECT count(*) FROM challenges WHERE account_id = 2 AND state = 'cancelled'";
    assert_eq!(app.count(ended), 1);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE account_id = 2"), 1);

    // What is left is listed, and works until somebody decides otherwise; the invitation does not.
    let left = page.texts("main").join("");
    assert!(left.contains("API keys that former members made") && left.contains("ci"), "{left}");
    assert!(left.contains("Whoever invited may not any more"), "{left}");
    program.get("/v1/apps").expect(200);
    let told = app.take_letters();
    let told: Vec<_> = told.iter().filter(|it| it.to == "adam@example.com").collect();
    assert!(told.iter().any(|it| it.subject == "You were removed from Alpha"), "{told:#?}");
    app.db(|conn| run(conn, "UPDATE api_keys SET revoked_at = 1"));
    assert!(!alice.visit("/members").texts("main").join("").contains("former members made"));
}

#[rstest]
fn a_download_ends_when_its_reader_is_removed(#[values(Sqlite, Postgres)] on: Backend) {
    use std::io::{Read as _, Write as _};
    let Some(app) = app_on(on) else { return };
    let vera = app.person("vera");
    // More than what fits into buffers on the way.
    let wide = "x".repeat(2_000);
    let row = format!(
        "INSERT INTO audit_events (workspace_id, position, at, actor_kind, actor_name, actor_email, \
         address, user_agent, request_id, act, outcome, reason, method, target_kind, target_id, \
         target_name, changes, hash) SELECT 1, 100 + id, 1, 'host', '', '', '', '{wide}', '', \
         'edit_app', 'done', '', '', 'app', 1, '{wide}', '[]', 'h' FROM n"
    );
    let rows = if on == Postgres {
        row.replace("FROM n", "FROM generate_series(1, 12000) AS n (id)")
    } else {
        format!(
            "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 12000) {row}"
        )
    };
    app.db(|conn| run(conn, &rows));
    let cookie = vera.cookie("session").expect("a cookie");
    let mut line = std::net::TcpStream::connect(app.address()).expect("the server listens");
    line.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a timeout");
    let request = format!(
        "GET /audit/export.csv HTTP/1.1\r\nhost: {}\r\ncookie: session={cookie}\r\n\r\n",
        app.address()
    );
    line.write_all(request.as_bytes()).expect("sent");
    let mut first = vec![0; 64 * 1_024];
    line.read_exact(&mut first).expect("the beginning");
    assert!(first.starts_with(b"HTTP/1.1 200"));
    app.db(|conn| run(conn, "DELETE FROM memberships WHERE account_id = 6"));
    let mut rest = Vec::new();
    // It breaks off, or ends without its last chunk.
    let _ = line.read_to_end(&mut rest);
    assert!(rest.len() < 12_000 * 4_000 - first.len(), "{}", rest.len());
    assert!(!rest.ends_with(b"0\r\n\r\n"), "the end says that something is missing");
}

#[rstest]
fn a_workspace_is_handed_over_and_its_last_owner_cannot_go(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (alice, adam) = (app.owner(), app.person("adam"));
    let page = alice.visit("/members/leave").expect(200);
    assert!(page.texts(".note.warn").join("").starts_with("You are the only owner"));
    alice.post_with_token("/members/leave", &[("sure", "yes")]).expect(409);

    // Another owner who cannot sign in is none.
    make_owner(&app, 3);
    app.db(|conn| run(conn, "UPDATE accounts SET disabled_at = 1 WHERE id = 3"));
    alice.post_with_token("/members/leave", &[("sure", "yes")]).expect(409);
    let fixed = "UPDATE accounts SET disabled_at = NULL; \
         UPDATE memberships SET role = 'engineer' WHERE account_id = 3";
    app.db(|conn| run(conn, fixed));

    let page = alice.visit("/members/2").expect(200);
    assert!(page.links().contains(&"/members/2/hand-over".to_owned()));
    let page = alice.visit("/members/2/hand-over").expect(200);
    let asked = page.form("Hand over ownership").send().expect(303);
    let waiting = alice.visit(&asked.header("location").expect("a challenge"));
    assert_eq!(waiting.texts("dt")[..2], ["Member", "Workspace"]);
    assert_eq!(waiting.texts("dd")[..2], ["adam", "Alpha"]);
    let page = prove(&app, &alice, &asked).expect(200);
    assert_eq!(page.flash().as_deref(), Some("Ownership handed over: adam."));
    assert_eq!(roles(&app)[..2], ["1 admin", "2 owner"]);
    alice.get("/members/2/hand-over").expect(403);
    adam.get("/members/1/hand-over").expect(200);
    let told = app.take_letters();
    for (to, subject) in [
        ("alice@example.com", "You have handed Alpha over"),
        ("adam@example.com", "You own Alpha now"),
    ] {
        let is_told = |it: &&crate::support::letters::Letter| it.to == to && it.subject == subject;
        assert_eq!(told.iter().filter(is_told).count(), 1, "{told:#?}");
    }

    let page = alice.visit("/members/leave").expect(200).form("Leave workspace").submit();
    page.expect(422).problem("sure", "Tick the box to confirm");
    let page = alice.visit("/members/leave").form("Leave workspace").choose("sure", "yes").submit();
    assert_eq!(
        (page.path(), page.flash().as_deref()),
        ("/workspaces", Some("You have left the workspace: Alpha."))
    );
    alice.get("/apps").expect(303);
    assert_eq!(owners(&app), 1);
    assert_eq!(app.take_letter().subject, "You have left Alpha");
    assert!(events(&app).contains(&"leave_workspace done".to_owned()));
}

#[rstest]
fn whoever_leaves_one_of_several_workspaces_is_in_another(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let joined = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (2, 6, 'viewer', 0)";
    app.db(|conn| run(conn, joined));
    let vera = app.person("vera");
    let menu = vera.visit("/").attributes(".bar .menu a", "href");
    assert!(menu.contains(&"/workspaces".to_owned()), "{menu:?}");
    let form = vera.visit("/members/leave").form("Leave workspace").choose("sure", "yes");
    // The other tab has gone to the other workspace meanwhile.
    vera.post_with_token("/workspaces", &[("workspace", "2")]).expect(303);
    let page = form.submit().expect(422);
    assert_eq!(page.heading(), "You are in another workspace now");
    vera.post_with_token("/workspaces", &[("workspace", "1")]).expect(303);
    let form = vera.visit("/members/leave").form("Leave workspace").choose("sure", "yes");
    let page = form.submit().expect(200);
    assert!(page.texts("main li").join("").contains("BetaViewer · ID 2You are here"));
    vera.visit("/").expect(200);
    assert_eq!(app.count("SELECT count(*) FROM memberships WHERE account_id = 6"), 1);
}

/// What two owners do at once: each the path and the fields of the last form.
type Move = (String, Vec<(&'static str, &'static str)>);

fn moves<'a>(app: &'a TestApp, which: &str, owners: [&Actor<'a>; 2]) -> [Move; 2] {
    let go_on = |asked: Response| (granted(app, &asked.expect(303)), Vec::new());
    let remove = |by: &Actor<'_>, whom: i64| {
        go_on(by.post_with_token(&format!("/members/{whom}/remove"), &[]))
    };
    let demote = |by: &Actor<'_>, whom: i64| go_on(ask_role(app, by, whom, "viewer"));
    let leave = || ("/members/leave".to_owned(), vec![("sure", "yes")]);
    match which {
        "demote, demote" => [demote(owners[0], 2), demote(owners[1], 1)],
        "remove, remove" => [remove(owners[0], 2), remove(owners[1], 1)],
        "demote, remove" => [demote(owners[0], 2), remove(owners[1], 1)],
        "leave, leave" => [leave(), leave()],
        "leave, demote" => [leave(), demote(owners[1], 1)],
        other => panic!("{other}"),
    }
}

#[rstest]
fn two_owners_at_once_leave_an_owner(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let both = "DELETE FROM memberships WHERE workspace_id = 1 AND account_id IN (1, 2); \
         INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (1, 1, 'owner', 0), (1, 2, 'owner', 0); \
         DELETE FROM code_sends; DELETE FROM challenges";
    for which in
        ["demote, demote", "remove, remove", "demote, remove", "leave, leave", "leave, demote"]
    {
        for round in 0..6 {
            app.db(|conn| run(conn, both));
            let owners_at = [app.person("alice"), app.person("adam")];
            let moves = moves(&app, which, [&owners_at[0], &owners_at[1]]);
            let tokens = [owners_at[0].token(), owners_at[1].token()];
            let answers = at_once(2, |at| {
                let (path, fields) = &moves[at];
                let mut all = vec![("token".to_owned(), tokens[at].clone())];
                all.extend(fields.iter().map(|(name, text)| ((*name).into(), (*text).into())));
                owners_at[at].post(path, &all).status
            });
            assert!(answers.iter().all(|it| *it < 500), "{which}, {round}: {answers:?}");
            assert_eq!(owners(&app), 1, "{which}, {round}: {answers:?} {:?}", roles(&app));
        }
    }
}

#[rstest]
fn a_member_of_another_workspace_cannot_be_told_from_nobody(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let shown = |answer: &Response, id: &str| {
        crate::support::normal::normal(answer.text()).replace(&format!("/{id}"), "/[id]")
    };
    let fields = [("version", "1"), ("role", "viewer"), ("reach", "all"), ("tag", "")];
    let before = app.rows();
    for path in ["/members/{}", "/members/{}/remove", "/members/{}/hand-over"] {
        // Bob's account, one that is nobody's, and what is no number.
        let found = ["7", "999", "x", "-1", "99999999999999999999"].map(|id| {
            let path = path.replace("{}", id);
            let page = alice.get(&path);
            let sent = if path.ends_with(id) { &fields[..] } else { &[] };
            let post = alice.post_with_token(&path, sent);
            (page.status, post.status, shown(&page, id), shown(&post, id))
        });
        assert_eq!((found[0].0, found[0].1), (404, 404), "{path}");
        assert!(found.iter().all(|it| *it == found[0]), "{path}");
    }
    for path in ["/members/invitations/1/cancel", "/members/invitations/x/resend"] {
        alice.post_with_token(path, &[]).expect(404);
    }
    app.expect_unchanged(&before, "members of others");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE outcome = 'denied'"), 0);
    assert_eq!(app.count("SELECT count(*) FROM memberships"), 7);
    let _ = (BETA, SdkAppId(0));
}

#[rstest]
fn refusals_name_the_member_that_they_are_about(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    erin.post_with_token("/members/4/remove", &[]).expect(403);
    let query = "SELECT act || ' ' || reason || ' ' || target_kind || ' ' || target_name AS text \
         FROM audit_events WHERE outcome = 'denied'";
    assert_eq!(app.db(|conn| texts(conn, query)), ["remove_member forbidden account oscar"]);
}
