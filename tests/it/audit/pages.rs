//! The pages: who sees which events, filters, days, paging.

use rstest::rstest;
use switchroom::audit::{Act, Actor as Doer, Event, Reason, Target};
use switchroom::clock::{UtcTime, hours, minutes};
use switchroom::ids::SdkAppId;

use crate::support::app::{ALPHA, BETA, CAST, NOW};
use crate::support::db::run;
use crate::support::page::Page;
use crate::support::samples::IM;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on};

/// The acts that a page shows, with their objects.
fn shown(page: &Page<'_>) -> Vec<String> {
    let cell = |number: usize| page.texts(&format!("main tbody td:nth-of-type({number})"));
    cell(1).into_iter().zip(cell(3)).map(|(act, target)| format!("{act}: {target}")).collect()
}

fn list(actor: &Actor<'_>, query: &str) -> Vec<String> {
    shown(&actor.visit(&format!("/audit?{query}")).expect(200))
}

/// The positions of a page's events.
fn positions(page: &Page<'_>) -> Vec<i64> {
    let hrefs = page.attributes("main tbody th a", "href");
    hrefs
        .iter()
        .map(|it| it.rsplit('/').next().and_then(|it| it.parse().ok()).expect("a number"))
        .collect()
}

fn turn(page: &Page<'_>, words: &str) -> Option<String> {
    let links = page.texts(".pager a").into_iter().zip(page.attributes(".pager a", "href"));
    links.filter(|(text, _)| text == words).map(|(_, href)| href).next()
}

/// Two apps, one of which is gone, and events of several people.
fn with_events(app: &TestApp) -> (SdkAppId, SdkAppId) {
    let (blue, green) = (app.has_app(ALPHA, "Blue", IM), app.has_app(ALPHA, "Green", IM));
    let (erin, adam) = (app.actor("erin"), app.actor("adam"));
    let edit = |id, name: &str| Event::done(Act::EditApp, Target::app(id, name));
    let denied = Event::denied(Act::DeleteApp, Reason::WrongCode, Target::app(green, "Green"));
    let at = |count| NOW.plus(minutes(count));
    app.records(ALPHA, &erin, &edit(blue, "Blue"), at(1));
    app.records(ALPHA, &adam, &denied, at(2));
    app.records(ALPHA, &Doer::system(), &edit(green, "Green"), at(3));
    let deleted = Event::done(Act::DeleteApp, Target::app(green, "Green"));
    app.records(ALPHA, &adam, &deleted, at(4));
    app.db(|conn| run(conn, "UPDATE apps SET deleted_at = 1 WHERE name = 'Green'"));
    app.clock().forward(minutes(10));
    (blue, green)
}

#[rstest]
fn every_role_reads_the_log_of_its_own_workspace(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_events(&app);
    app.has_app(BETA, "Theirs", IM);
    for (name, _) in CAST {
        let page = app.person(name).visit("/audit").expect(200);
        let acts = shown(&page);
        assert!(acts.contains(&"Delete app: Green App".to_owned()), "{name}: {acts:?}");
        assert!(!page.texts("main").join(" ").contains("Theirs"), "{name}");
        assert_eq!(page.texts(".side a[aria-current=page]"), ["Audit log"]);
    }
    let bob = app.bob();
    let theirs = shown(&bob.visit("/audit"));
    assert_eq!(theirs, ["Sign in: bob Account", "Create app: Theirs App"]);
    bob.get("/audit/1").expect(200);
    bob.get("/audit/3").expect(404);
    for path in ["/audit/0", "/audit/-1", "/audit/x", "/audit/99999999999999999999"] {
        bob.get(path).expect(404);
    }
}

#[rstest]
fn a_member_with_some_apps_sees_the_events_of_those_alone(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values("apps", "tag")] reach: &str,
) {
    let Some(app) = app_on(on) else { return };
    let (blue, _) = with_events(&app);
    let third = app.has_app(ALPHA, "Third", IM);
    let vera = app.account("vera");
    let tag = if reach == "tag" { ", tag_key = 'team', tag_value = 'a'" } else { "" };
    app.db(|conn| {
        run(
            conn,
            &format!(
                "UPDATE memberships SET reach = '{reach}'{tag} WHERE account_id = {vera}; \
                 INSERT INTO app_tags VALUES ({blue}, 'team', 'a'); \
                 INSERT INTO membership_apps SELECT id, {blue} FROM memberships WHERE account_id = {vera}"
            ),
        );
    });
    let member = app.person("vera");

    let edits = ["Edit app: Blue App", "Create app: Blue App"];
    assert_eq!(list(&member, ""), edits);
    assert_eq!(list(&member, "act=edit_app"), edits[..1]);
    assert_eq!(list(&member, &format!("app={blue}")), edits);
    assert_eq!(list(&member, &format!("app={third}")), Vec::<String>::new());
    let page = member.visit("/audit");
    assert_eq!(page.texts("select[name=app] option"), ["All apps", "Blue"]);
    let seen = positions(&page);
    let statuses = |position: i64| member.get(&format!("/audit/{position}")).status;
    for position in 1..=i64::try_from(app.events(ALPHA).len()).expect("a few") {
        let expected = if seen.contains(&position) { 200 } else { 404 };
        assert_eq!(statuses(position), expected, "event {position}");
    }
    // With a second app in reach the walk is another one.
    app.db(|conn| {
        run(
            conn,
            &format!(
                "INSERT INTO app_tags VALUES ({third}, 'team', 'a'); \
                 INSERT INTO membership_apps SELECT id, {third} FROM memberships WHERE account_id = {vera}"
            ),
        );
    });
    let all = ["Create app: Third App", "Edit app: Blue App", "Create app: Blue App"];
    assert_eq!(list(&member, ""), all);
    let csv = member.get("/audit/export.csv?bom=0").expect(200);
    assert_eq!(csv.text().matches("\r\n").count(), 4, "{}", csv.text());
}

#[rstest]
fn filters_narrow_the_log(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (blue, green) = with_events(&app);
    let (erin, adam) = (app.account("erin"), app.account("adam"));
    let owner = app.owner();

    let (edit_blue, edit_green) = ("Edit app: Blue App", "Edit app: Green App");
    let (delete, create) =
        ("Delete app: Green App", ["Create app: Green App", "Create app: Blue App"]);
    for (query, expected) in [
        (format!("actor={erin}"), vec![edit_blue]),
        (format!("actor={adam}&act=delete_app"), vec![delete, delete]),
        (format!("actor={adam}&outcome=denied"), vec![delete]),
        (format!("actor={adam}&app={blue}"), vec![]),
        ("act=edit_app".to_owned(), vec![edit_green, edit_blue]),
        ("act=edit_app&actor=system".to_owned(), vec![edit_green]),
        ("actor=host".to_owned(), create.to_vec()),
        ("actor=system".to_owned(), vec![edit_green]),
        ("actor=key".to_owned(), vec![]),
        ("outcome=denied".to_owned(), vec![delete]),
        (format!("app={blue}"), vec![edit_blue, create[1]]),
        (format!("app={green}"), vec![delete, edit_green, delete, create[0]]),
        (format!("app={green}&act=delete_app&outcome=done"), vec![delete]),
        (format!("app={green}&actor={adam}"), vec![delete, delete]),
    ] {
        assert_eq!(list(&owner, &query), expected, "{query}");
    }
    let nonsense = list(&owner, "actor=x&act=x&app=x&outcome=x&after=x&before=-3&what=x");
    assert_eq!(nonsense.len(), 7);
    // The app is gone; its name still stands in the choice, and nothing leads to it.
    let page = owner.visit(&format!("/audit?app={green}"));
    assert_eq!(page.form("Filter").value("app"), green.to_string());
    assert!(page.texts("select[name=app] option").contains(&"Green".to_owned()));
    assert!(!page.links().contains(&format!("/apps/{green}")));
    assert!(owner.visit("/audit").links().contains(&format!("/apps/{blue}")));
    let filtered = owner.visit("/audit").form("Filter").choose("act", "edit_app").submit();
    assert_eq!(shown(&filtered), [edit_green, edit_blue]);
    assert!(filtered.links().contains(&"/audit".to_owned()));
    assert_eq!(filtered.attributes("a[download]", "href"), ["/audit/export.csv?act=edit_app"]);
}

#[rstest]
fn days_are_those_of_the_reader(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.actor("alice");
    // NOW is 2026-03-02 08:00 UTC; midnight in Shanghai is 16:00 UTC.
    let midnight = UtcTime(NOW.0 + 8 * 3_600_000_000);
    let event = |name: &str| Event::done(Act::EditApp, Target::app(SdkAppId(7), name));
    app.records(ALPHA, &alice, &event("late"), UtcTime(midnight.0 - 1));
    app.records(ALPHA, &alice, &event("early"), midnight);
    app.records(ALPHA, &alice, &event("next"), midnight.plus(hours(24)));
    let names = |actor: &Actor<'_>, query: &str| {
        let page = actor.visit(&format!("/audit?act=edit_app&{query}")).expect(200);
        page.texts("main tbody td:nth-of-type(3)")
            .iter()
            .map(|it| it.trim_end_matches(" App").to_owned())
            .collect::<Vec<_>>()
    };

    let owner = app.owner();
    assert_eq!(names(&owner, "from=2026-03-02&to=2026-03-02"), ["late"]);
    assert_eq!(names(&owner, "from=2026-03-03&to=2026-03-03"), ["early"]);
    assert_eq!(names(&owner, "from=2026-03-03"), ["next", "early"]);
    assert_eq!(names(&owner, "to=2026-03-03"), ["early", "late"]);
    assert_eq!(names(&owner, "from=2026-03-05"), Vec::<String>::new());
    assert_eq!(names(&owner, "to=2026-03-01"), Vec::<String>::new());
    assert_eq!(names(&owner, "from=1900-01-01&to=9999-12-31"), ["next", "early", "late"]);
    let erin = app.person("erin");
    erin.visit("/profile").form("/profile").choose("time_zone", "UTC").send().expect(303);
    assert_eq!(names(&erin, "from=2026-03-02&to=2026-03-02"), ["early", "late"]);
    assert!(erin.visit("/audit").texts(".head p").join("").contains("UTC"));
}

#[rstest]
fn a_day_that_is_none_is_refused_beside_its_field(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();

    for path in ["/audit", "/audit/export.csv"] {
        let page = owner.visit(&format!("{path}?from=2026-02-30&act=sign_in")).expect(422);
        page.problem("from", "Enter a day such as 2026-11-19");
        assert_eq!(page.form("Filter").value("from"), "2026-02-30");
        assert_eq!(page.form("Filter").value("act"), "sign_in");
        assert_eq!(page.count("main tbody tr"), 0);
        let page = owner.visit(&format!("{path}?from=x&to=y")).expect(422);
        assert_eq!(page.blamed(), ["from", "to"]);
        let page = owner.visit(&format!("{path}?from=2026-03-02&to=2026-03-01")).expect(422);
        page.problem("to", "The last day comes before the first");
    }
}

#[rstest]
fn paging_shows_every_event_once(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values("", "act=edit_app", "outcome=done", "actor=system")] query: &str,
) {
    let Some(app) = app_on(on) else { return };
    let event = Event::done(Act::EditApp, Target::app(SdkAppId(7), "Seven"));
    (0..131).for_each(|_| app.records(ALPHA, &Doer::system(), &event, NOW));
    let owner = app.owner();
    let all: Vec<_> = if query.is_empty() || query == "outcome=done" {
        (1..=132).rev().collect()
    } else {
        (1..=131).rev().collect()
    };

    let mut page = owner.visit(&format!("/audit?{query}")).expect(200);
    assert_eq!(turn(&page, "Newer"), None);
    let mut forward = vec![positions(&page)];
    while let Some(next) = turn(&page, "Older") {
        // What comes in meanwhile shifts nothing.
        app.records(ALPHA, &Doer::system(), &event, NOW);
        page = owner.visit(&next).expect(200);
        forward.push(positions(&page));
    }
    assert_eq!(forward.concat(), all);
    let mut backward = vec![positions(&page)];
    while let Some(previous) = turn(&page, "Newer") {
        page = owner.visit(&previous).expect(200);
        backward.insert(0, positions(&page));
    }
    assert_eq!(backward.concat()[backward.concat().len() - all.len()..], all);
    assert_eq!(page.texts(".pager p").len(), 1);
}

/// Many events that nobody has hashed.
pub fn with_many(app: &TestApp, count: i64) {
    let is_postgres = app.db(|conn| matches!(conn, switchroom::db::Conn::Postgres(_)));
    let numbers = if is_postgres {
        format!("SELECT n FROM generate_series(1, {count}) AS n")
    } else {
        let next = format!("SELECT n + 1 FROM c WHERE n < {count}");
        format!("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL {next}) SELECT n FROM c")
    };
    let sql = format!(
        "INSERT INTO audit_events SELECT 1, n, {} + n * 1000, CASE n % 3 WHEN 0 THEN 'system' ELSE 'person' END, \
           CASE n % 3 WHEN 0 THEN NULL ELSE n % 3 END, 'Somebody', '', NULL, '10.0.0.1', '', '', \
           CASE n % 2 WHEN 0 THEN 'edit_app' ELSE 'sign_in' END, CASE n WHEN 7 THEN 'denied' ELSE 'done' END, \
           '', '', 'app', 7, 'Seven', CASE n % 5 WHEN 0 THEN 1400000001 ELSE NULL END, '[]', '' FROM ({numbers}) AS n; \
         INSERT INTO audit_chains VALUES (1, {count}, '', '')",
        NOW.0
    );
    app.db(|conn| run(conn, &sql));
}

#[rstest]
fn a_rare_event_is_searched_for_in_steps(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values("outcome=denied", "outcome=denied&act=sign_in", "outcome=denied&actor=1")] query: &str,
) {
    let Some(app) = app_on(on) else { return };
    with_many(&app, 45_000);
    let owner = app.owner();

    let mut page = owner.visit(&format!("/audit?{query}")).expect(200);
    let mut steps = 1;
    while positions(&page).is_empty() {
        assert_eq!(page.heading(), "Audit log");
        let on = turn(&page, "Search on").expect("a way on");
        page = owner.visit(&on).expect(200);
        steps += 1;
    }
    assert_eq!(positions(&page), [7], "{query}");
    // 45,000 events, of which an act or a person has its part.
    let walked = if query == "outcome=denied" { 5 } else { 3 };
    assert!((2..=walked).contains(&steps), "{query}: {steps}");
    while let Some(newer) = turn(&page, "Newer") {
        page = owner.visit(&newer).expect(200);
        steps -= 1;
    }
    assert!(steps >= 0, "{query} leads back in no more steps");
    let csv = owner.get(&format!("/audit/export.csv?bom=0&{query}")).expect(200);
    assert_eq!(csv.text().matches("\r\n").count(), 2, "the whole log is searched for a file");
}

#[rstest]
fn an_event_is_shown_with_all_that_is_known(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", IM);
    let owner = app.owner();
    let edit = owner.visit(&format!("/apps/{blue}/edit")).form("Save app");
    edit.choose("scenario", "telemedicine").fill("description", "<b>New</b>").send().expect(303);
    let row = app.events(ALPHA).pop().expect("an event");

    let page = owner.visit(&format!("/audit/{}", row.position)).expect(200);
    assert_eq!(page.heading(), "Edit app");
    let text = page.texts("main").join(" ");
    for part in ["2026-03-02 16:00:00", "Asia/Shanghai (UTC+08:00)", "alice@example.com", "Done"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(page.texts("tbody th"), ["Scenario", "Description"]);
    assert_eq!(
        page.texts("tbody td"),
        ["Online education", "Telemedicine", "Nothing", "<b>New</b>"]
    );
    assert!(page.attributes("[data-copy]", "data-copy").contains(&row.hash));
    assert!(page.attributes("[data-copy]", "data-copy").contains(&row.request_id));
    assert!(page.links().contains(&format!("/apps/{blue}")));
}

#[rstest]
fn words_of_a_newer_version_are_shown_as_they_are(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    let sql = "INSERT INTO audit_events SELECT workspace_id, 2, at, actor_kind, actor_id, actor_name, actor_email, \
        session_id, address, user_agent, request_id, 'fly_away', outcome, 'too_windy', 'by_wing', target_kind, \
        target_id, target_name, sdk_app_id, '{\"new\":1}', hash FROM audit_events WHERE position = 1";
    app.db(|conn| run(conn, sql));

    assert_eq!(list(&owner, "")[0], "fly_away: alice Account");
    let page = owner.visit("/audit/2").expect(200);
    assert_eq!(page.heading(), "fly_away");
    let text = page.texts("main").join(" ");
    assert!(text.contains("too_windy") && text.contains("{\"new\":1}"), "{text}");
}

#[rstest]
fn a_workspace_without_events_says_so(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (vera, account) = (app.person("vera"), app.account("vera"));
    let sql = format!("UPDATE memberships SET reach = 'apps' WHERE account_id = {account}");
    app.db(|conn| run(conn, &sql));

    let page = vera.visit("/audit").expect(200);
    assert_eq!(page.texts(".empty h2"), ["No events yet"]);
    assert_eq!(page.count("main form"), 0);
    let page = app.owner().visit("/audit?act=delete_app").expect(200);
    assert_eq!(page.texts(".empty h2"), ["No events match"]);
    assert!(page.links().contains(&"/audit".to_owned()));
}

#[test]
fn the_log_reads_well() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    with_events(&app);
    let vera = app.visitor().at("10.9.8.7");
    vera.sign_in("vera", PASSWORD).expect(303);
    insta::assert_snapshot!("audit_list", vera.visit("/audit").main_snapshot());
    insta::assert_snapshot!("audit_event", vera.visit("/audit/4").main_snapshot());
}
