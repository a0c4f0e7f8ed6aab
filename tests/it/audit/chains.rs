//! The chains: kept by the database, whole under load, and what is done to them past the program is found.

use rstest::rstest;
use switchroom::audit::verify::{FaultKind, Report};
use switchroom::audit::{self, Act, Event, Target, actions};
use switchroom::clock::hours;
use switchroom::db::{Conn, DbError};
use switchroom::ids::{SdkAppId, WorkspaceId};

use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::db::{run, texts};
use crate::support::{Backend, Postgres, Sqlite, TestApp, app_on, at_once, wait};

fn verified(app: &TestApp, workspace: WorkspaceId) -> Report {
    wait(actions::verify(app.services(), workspace)).expect("an answer")
}

fn faults(app: &TestApp) -> Vec<(i64, FaultKind)> {
    let faults = verified(app, ALPHA).faults;
    faults.into_iter().map(|fault| (fault.position, fault.kind)).collect()
}

/// A log of eight events.
fn with_log(app: &TestApp) {
    for number in 1..=8 {
        let actor = app.actor(if number % 2 == 0 { "alice" } else { "erin" });
        let target = Target::app(SdkAppId(1_400_000_000 + number), format!("App {number}"));
        let event = Event::done(Act::EditApp, target);
        let event = event.changing(audit::Changes::default().from_to("name", "a", "b"));
        let event = event.by(switchroom::step_up::Method::Totp);
        let actor = actor.in_session(switchroom::ids::SessionId(number));
        app.records(ALPHA, &actor, &event, NOW);
    }
}

/// Takes away what keeps the log, as somebody could who has the database.
fn unlocked(app: &TestApp) {
    app.db(|conn| {
        match conn {
            Conn::Sqlite(_) => run(
                conn,
                "DROP TRIGGER audit_events_kept; DROP TRIGGER audit_events_stay; \
                 DROP TRIGGER audit_events_once",
            ),
            Conn::Postgres(_) => run(conn, "DROP TRIGGER audit_events_kept ON audit_events"),
        }
        run(conn, "CREATE TABLE kept AS SELECT * FROM audit_events");
        run(conn, "CREATE TABLE ends AS SELECT * FROM audit_chains");
    });
}

fn restored(app: &TestApp) {
    app.db(|conn| {
        run(
            conn,
            "DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept; \
             DELETE FROM audit_chains; INSERT INTO audit_chains SELECT * FROM ends",
        );
    });
    assert_eq!(faults(app), []);
}

#[rstest]
fn the_database_refuses_to_change_or_remove_an_event(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_log(&app);
    let refused = |sql: &str| {
        app.db(|conn| {
            use diesel::connection::SimpleConnection as _;
            let error = conn.batch_execute(sql).expect_err(sql).to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        });
    };

    refused("UPDATE audit_events SET reason = 'x'");
    refused("UPDATE audit_events SET hash = hash WHERE position = 1");
    refused("DELETE FROM audit_events");
    refused("DELETE FROM audit_events WHERE position = 8");
    match on {
        Sqlite => {
            let again = "SELECT * FROM audit_events WHERE position = 2";
            refused(&format!("INSERT OR REPLACE INTO audit_events {again}"));
            refused(&format!("REPLACE INTO audit_events {again}"));
        }
        Postgres => refused("TRUNCATE audit_events"),
    }
    assert_eq!(app.events(ALPHA).len(), 8);
    assert_eq!(faults(&app), []);
}

#[rstest]
fn one_altered_column_is_found_whichever_it_is(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_log(&app);
    unlocked(&app);
    let alterations = [
        ("at", "at - 1"),
        ("actor_kind", "'host'"),
        ("actor_id", "actor_id + 1"),
        ("actor_id", "NULL"),
        ("actor_name", "actor_name || 'x'"),
        ("actor_email", "upper(actor_email)"),
        ("session_id", "NULL"),
        ("session_id", "session_id + 1"),
        ("address", "'10.1.2.4'"),
        ("user_agent", "''"),
        ("request_id", "'0123456789abcdee'"),
        ("act", "'edit_apq'"),
        ("outcome", "'denied'"),
        ("reason", "'x'"),
        ("method", "''"),
        ("target_kind", "'account'"),
        ("target_id", "target_id + 1"),
        ("target_name", "target_name || ' '"),
        ("sdk_app_id", "NULL"),
        ("changes", "'[]'"),
        ("hash", "upper(hash) || '0'"),
    ];
    let known: std::collections::BTreeSet<_> = alterations.iter().map(|(name, _)| *name).collect();
    let columns = app.db(|conn| match conn {
        Conn::Sqlite(_) => {
            texts(conn, "SELECT name AS text FROM pragma_table_info('audit_events')")
        }
        Conn::Postgres(_) => texts(
            conn,
            "SELECT column_name::text AS text FROM information_schema.columns \
             WHERE table_name = 'audit_events'",
        ),
    });
    for column in columns {
        let is_place = column == "workspace_id" || column == "position";
        assert!(known.contains(column.as_str()) || is_place, "{column} is not tried");
    }

    for at in [1, 4, 8] {
        for (column, value) in alterations {
            let sql = format!("UPDATE audit_events SET {column} = {value} WHERE position = {at}");
            app.db(|conn| run(conn, &sql));
            let found = faults(&app);
            assert!(found.contains(&(at, FaultKind::Altered)), "{sql}: {found:?}");
            restored(&app);
        }
        for (place, value) in [("position", "100"), ("workspace_id", "77")] {
            let sql = format!("UPDATE audit_events SET {place} = {value} WHERE position = {at}");
            app.db(|conn| run(conn, &sql));
            assert!(faults(&app).contains(&(at, FaultKind::Missing)), "{sql}: {:?}", faults(&app));
            restored(&app);
        }
    }
}

#[rstest]
fn what_is_removed_moved_or_put_in_is_found(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_log(&app);
    unlocked(&app);
    let after = |sql: &str| {
        app.db(|conn| run(conn, sql));
        let found = faults(&app);
        restored(&app);
        found
    };

    assert_eq!(after("DELETE FROM audit_events WHERE position = 4"), [(4, FaultKind::Missing)]);
    assert_eq!(after("DELETE FROM audit_events WHERE position = 8"), [(8, FaultKind::Missing)]);
    assert_eq!(after("DELETE FROM audit_events"), [(1, FaultKind::Missing)]);
    let swap = "UPDATE audit_events SET position = 99 WHERE position = 3; \
                UPDATE audit_events SET position = 3 WHERE position = 4; \
                UPDATE audit_events SET position = 4 WHERE position = 99";
    assert_eq!(after(swap)[0], (3, FaultKind::Foreign));
    let insert = "UPDATE audit_events SET position = position + 1000 WHERE position > 3; \
                  UPDATE audit_events SET position = position - 999 WHERE position > 1000; \
                  INSERT INTO audit_events SELECT * FROM kept WHERE position = 4";
    let found = after(insert);
    assert_eq!(found[0], (5, FaultKind::Foreign), "{found:?}");
    let append = "INSERT INTO audit_events (workspace_id, position, at, actor_kind, actor_name, \
        actor_email, address, user_agent, request_id, act, outcome, reason, method, target_kind, \
        target_id, target_name, changes, hash) SELECT workspace_id, 9, at, actor_kind, actor_name, \
        actor_email, address, user_agent, request_id, act, outcome, reason, method, target_kind, \
        target_id, target_name, changes, hash FROM kept WHERE position = 8";
    assert!(after(append).contains(&(9, FaultKind::Foreign)));
}

#[rstest]
fn an_end_that_is_not_ours_is_found(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_log(&app);
    unlocked(&app);
    let after = |sql: &str| {
        app.db(|conn| run(conn, sql));
        let found = faults(&app);
        restored(&app);
        found
    };

    let shorten = "DELETE FROM audit_events WHERE position = 8; \
        UPDATE audit_chains SET position = 7, \
          hash = (SELECT hash FROM audit_events WHERE position = 7) WHERE workspace_id = 1";
    assert_eq!(after(shorten), [(7, FaultKind::EndWrong)]);
    assert_eq!(
        after("UPDATE audit_chains SET seal = '' WHERE workspace_id = 1"),
        [(8, FaultKind::EndWrong)]
    );
    assert_eq!(
        after("UPDATE audit_chains SET position = 9 WHERE workspace_id = 1"),
        [(9, FaultKind::EndWrong)]
    );
    assert_eq!(after("DELETE FROM audit_chains"), [(8, FaultKind::EndMissing)]);
    app.db(|conn| run(conn, "UPDATE audit_events SET workspace_id = 77 WHERE position = 5"));
    let chains = wait(actions::chains(app.services())).expect("an answer");
    assert_eq!(chains, [ALPHA, BETA, WorkspaceId(77)]);
    let stray = verified(&app, WorkspaceId(77));
    let kinds: Vec<_> = stray.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::Missing, FaultKind::EndMissing]);
}

#[rstest]
fn many_writers_at_once_keep_the_chain_whole(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (alice, services) = (app.actor("alice"), app.services());

    at_once(40, |number| {
        for round in 0..5 {
            let (actor, vault) = (alice.clone(), services.vault.clone());
            let id = i64::try_from(number * 10 + round).expect("a number");
            wait(services.db.write::<_, DbError>(move |conn| {
                let event = Event::done(Act::EditApp, Target::app(SdkAppId(id), "Any"));
                audit::record(conn, &vault, ALPHA, &actor, &event, NOW)
            }))
            .expect("recorded");
        }
    });

    let report = verified(&app, ALPHA);
    assert_eq!((report.events, report.position), (200, 200));
    assert_eq!(report.faults, []);
}

#[rstest]
fn a_clock_that_is_set_back_does_not_turn_the_log_round(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (alice, event) = (app.actor("alice"), Event::done(Act::SetUp, Target::installation()));
    for at in [NOW, NOW.minus(hours(3)), NOW.plus(hours(1)), NOW] {
        app.records(ALPHA, &alice, &event, at);
    }

    let times: Vec<_> = app.events(ALPHA).iter().map(|row| row.at).collect();
    assert_eq!(times, [NOW, NOW, NOW.plus(hours(1)), NOW.plus(hours(1))]);
    assert_eq!(faults(&app), []);
}
