//! One's own activity, over all workspaces.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use rstest::rstest;
use switchroom::audit::store::{Part, Place, activity};
use switchroom::audit::{Act, Actor as By, Event, INSTALLATION, Reason, Target};
use switchroom::clock::UtcTime;
use switchroom::db::Conn;
use switchroom::ids::AccountId;

use crate::audit::plans::{plan, whole};
use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::db::run;
use crate::support::samples::BOTH;
use crate::support::{Backend, Postgres, Sqlite, TestApp, app_on};

const ACTIVITY: &str = "/profile/activity";

fn edited(name: &str) -> Event {
    let target =
        Target { kind: switchroom::audit::TargetKind::Workspace, id: 1, name: name.into() };
    Event::done(Act::EditWorkspace, target)
}

/// The objects of all rows, page by page, going one way.
fn walked(app: &TestApp, name: &str, from: &str, rel: &str) -> Vec<String> {
    let actor = app.person(name);
    let (mut path, mut found) = (from.to_owned(), Vec::new());
    loop {
        let page = actor.visit(&path).expect(200);
        assert!(page.count("tbody tr") <= 50);
        let mut rows = page.texts("tbody td[data-l='Object']");
        if rel == "prev" {
            rows.reverse();
        }
        found.extend(rows);
        match page.attributes(&format!("a[rel={rel}]"), "href").into_iter().next() {
            Some(next) => path = next,
            None => return found,
        }
    }
}

#[rstest]
fn one_sees_what_one_did_in_every_workspace_and_nothing_of_anybody_else(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let (erin, adam) = (app.actor("erin"), app.actor("adam"));
    app.records(ALPHA, &erin, &edited("mine in Alpha"), NOW);
    // A workspace that erin has no place in (any more).
    app.records(BETA, &erin, &edited("mine in Beta"), NOW);
    app.records(INSTALLATION, &erin, &edited("mine in none"), NOW);
    let denied = Event::denied(Act::DisableApp, Reason::Forbidden, edited("refused to me").target);
    app.records(ALPHA, &erin, &denied, NOW);
    app.records(ALPHA, &adam, &edited("of adam"), NOW);
    let key = By { id: erin.id, ..By::system() };
    app.records(ALPHA, &key, &edited("of a system with erin's number"), NOW);
    let program = By { kind: switchroom::audit::ActorKind::Key, ..erin.clone() };
    app.records(ALPHA, &program, &edited("of a key with erin's number"), NOW);
    app.records(ALPHA, &By::host(), &edited("of the host"), NOW);

    let page = app.person("erin").visit(ACTIVITY).expect(200);

    let mut objects = page.texts("tbody td[data-l='Object']");
    objects.sort();
    assert_eq!(
        objects,
        [
            "erin Account",
            "mine in Alpha Workspace",
            "mine in Beta Workspace",
            "mine in none Workspace",
            "refused to me Workspace"
        ]
    );
    let mut workspaces = page.texts("tbody td[data-l='Workspace']");
    workspaces.sort();
    assert_eq!(workspaces, ["Alpha", "Alpha", "Alpha", "Beta", "No workspace"]);
    // What can be looked at whole is what is in the log of the workspace that one is in.
    assert_eq!(page.count("tbody th a"), 3);
    let first = page.attributes("tbody th a", "href").remove(0);
    app.person("erin").get(&first).expect(200);
}

#[rstest]
fn who_reaches_some_apps_only_or_has_no_workspace_sees_all_their_own(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let far = app.has_app(ALPHA, "Far", BOTH);
    let erin = app.actor("erin");
    app.records(ALPHA, &erin, &Event::done(Act::EditApp, Target::app(far, "Far")), NOW);
    let limit = "UPDATE memberships SET reach = 'tag', tag_key = 'team', tag_value = 'a' \
         WHERE account_id = 3";
    app.db(|conn| run(conn, limit));
    let page = app.person("erin").visit(ACTIVITY).expect(200);
    assert!(page.texts("tbody td").iter().any(|text| text.starts_with("Far")));
    // The log of the workspace is not theirs to see whole.
    assert_eq!(page.count("tbody th a"), 0);

    app.db(|conn| run(conn, "DELETE FROM memberships WHERE account_id = 3"));
    let page = app.person("erin").visit(ACTIVITY).expect(200);
    assert!(page.texts("tbody td").iter().any(|text| text.starts_with("Far")));
    assert_eq!(page.count("tbody th a"), 0);
    app.visitor().get(ACTIVITY).expect(303);
}

#[rstest]
fn pages_lead_through_all_events_once_in_both_directions(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let vera = app.actor("vera");
    // Many of one moment, in several chains.
    for number in 0..60 {
        for workspace in [ALPHA, BETA, INSTALLATION] {
            let at = UtcTime(NOW.0 - 10_000_000 + number / 20);
            app.records(workspace, &vera, &edited(&format!("{workspace} {number}")), at);
        }
    }

    let down = walked(&app, "vera", ACTIVITY, "next");

    let ours: Vec<_> = down.iter().filter(|it| it.ends_with("Workspace")).cloned().collect();
    assert_eq!(ours.len(), 180);
    let mut once = ours.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 180);
    let oldest = format!("{ACTIVITY}?before=1-0-1");
    let mut up = walked(&app, "vera", &oldest, "prev");
    up.retain(|it| it.ends_with("Workspace"));
    up.reverse();
    assert_eq!(up, ours);
    let vera = app.person("vera");
    for query in ["after=x", "after=-1-2-3", "before=1-2", "after=1-1-1&before=x", "x=1"] {
        vera.get(&format!("{ACTIVITY}?{query}")).expect(200);
    }
    let page = vera.visit(&format!("{ACTIVITY}?after=1-0-1")).expect(200);
    assert_eq!(page.count("tbody tr"), 0);
}

#[rstest]
fn the_query_walks_the_index_of_persons_and_sorts_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    crate::audit::pages::with_many(&app, 30_000);
    app.db(|conn| run(conn, "ANALYZE"));
    let seen = Arc::new(Mutex::new(Vec::new()));

    app.db(|conn| {
        if matches!(conn, Conn::Postgres(_)) {
            run(conn, "SET enable_seqscan = off; SET enable_bitmapscan = off");
        }
        let log = Arc::clone(&seen);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                log.lock().expect("a lock").push(query.to_string());
            }
        });
        let at = UtcTime(NOW.0 + 15_000_000);
        let place = Place { at, workspace: ALPHA, position: 15_000 };
        for part in [Part::Newest, Part::Before(place), Part::After(place)] {
            let found = activity(conn, AccountId(1), part, 50).expect("a page");
            assert!(found.rows.len() <= 50);
        }
        conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
        let statements = std::mem::take(&mut *seen.lock().expect("a lock"));
        let of_events = statements.iter().filter(|it| it.contains("audit_events"));
        let of_events: Vec<_> = of_events.collect();
        assert_eq!(of_events.len(), 3, "{statements:?}");
        for statement in of_events {
            let plan = plan(conn, &whole(statement));
            assert!(plan.contains("audit_events_person"), "{statement}\n{plan}");
            for word in ["TEMP B-TREE", "Sort", "Seq Scan", "Bitmap", "SCAN audit_events"] {
                assert!(!plan.contains(word), "{statement}\n{plan}");
            }
        }
    });
}
