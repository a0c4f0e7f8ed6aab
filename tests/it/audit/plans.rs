//! What the databases make of the queries: every one walks an index, none sorts.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use rstest::rstest;
use switchroom::audit::store::{Asked, Span, event, events_page, span};
use switchroom::audit::{Act, At, Filter, Outcome, Who};
use switchroom::db::Conn;
use switchroom::ids::{AccountId, SdkAppId};
use switchroom::workspaces::Scope;

use super::pages::with_many;
use crate::support::app::{ALPHA, NOW};
use crate::support::db::run;
use crate::support::{Backend, Postgres, Sqlite, app_on};

/// A statement as it was sent, with its values in place: `… -- binds: [WorkspaceId(1), "x", [1, 2]]`.
pub fn whole(statement: &str) -> String {
    let (mut sql, binds) = match statement.split_once(" -- binds: [") {
        Some((sql, binds)) => (sql.to_owned(), binds.trim_end().trim_end_matches(']')),
        None => (statement.to_owned(), ""),
    };
    let mut values = Vec::new();
    for bind in binds.split(", ").filter(|it| !it.is_empty()) {
        let is_text = bind.starts_with('"');
        let bare = bind.trim_matches('"');
        let bare = bare.split_once('(').map_or(bare, |(_, inside)| inside.trim_end_matches(')'));
        values.push(if is_text { format!("'{bare}'") } else { bare.to_owned() });
    }
    let is_numbered = sql.contains("$1");
    for (number, value) in values.iter().enumerate().rev() {
        if is_numbered {
            sql = sql.replace(&format!("${}", number + 1), value);
        }
    }
    if !is_numbered {
        for value in &values {
            sql = sql.replacen('?', value, 1);
        }
    }
    sql
}

pub fn plan(conn: &mut Conn, sql: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    #[derive(diesel::QueryableByName)]
    struct Plan {
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[diesel(column_name = "QUERY PLAN")]
        line: String,
    }
    use diesel::RunQueryDsl as _;
    match conn {
        Conn::Sqlite(_) => {
            let lines: Vec<Line> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).expect(sql);
            lines.into_iter().map(|it| it.detail).collect::<Vec<_>>().join("\n")
        }
        Conn::Postgres(_) => {
            let lines: Vec<Plan> =
                diesel::sql_query(format!("EXPLAIN {sql}")).load(conn).expect(sql);
            lines.into_iter().map(|it| it.line).collect::<Vec<_>>().join("\n")
        }
    }
}

#[rstest]
fn every_query_of_the_pages_walks_an_index_and_sorts_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    with_many(&app, 30_000);
    app.db(|conn| run(conn, "ANALYZE"));
    let seen = Arc::new(Mutex::new(Vec::new()));

    app.db(|conn| {
        if matches!(conn, Conn::Postgres(_)) {
            // A walk with two ends may as well be read at once; asked is whether the index has its order.
            run(conn, "SET enable_seqscan = off; SET enable_bitmapscan = off");
        }
        let log = Arc::clone(&seen);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                log.lock().expect("a lock").push(query.to_string());
            }
        });
        let scope = Scope::whole(ALPHA);
        span(conn, ALPHA, (Some(NOW), Some(NOW))).expect("a span");
        event(conn, &scope, 7).expect("an event");
        let whos = [None, Some(Who::Person(AccountId(1))), Some(Who::Programs), Some(Who::System)];
        for who in whos {
            for act in [None, Some(Act::SignIn)] {
                for app in [None, Some(SdkAppId(1_400_000_001))] {
                    for outcome in [None, Some(Outcome::Denied)] {
                        let filter = Filter { who, act, app, outcome, ..Filter::default() };
                        for at in [At::Newest, At::Older(25_000), At::Newer(5_000)] {
                            let span = Span { first: 1, end: 30_001 };
                            let asked = Asked { filter, span, at, size: 50 };
                            events_page(conn, &scope, &asked).expect("a page");
                        }
                    }
                }
            }
        }
        conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
        let statements = std::mem::take(&mut *seen.lock().expect("a lock"));
        assert!(statements.len() > 96, "the statements are seen: {}", statements.len());
        for statement in statements.iter().filter(|it| it.contains("audit_events")) {
            let plan = plan(conn, &whole(statement));
            let walks = plan.contains("USING INDEX")
                || plan.contains("USING COVERING INDEX")
                || plan.contains("USING PRIMARY KEY")
                || plan.contains("Index Scan")
                || plan.contains("Index Only Scan");
            assert!(walks, "{statement}\n{plan}");
            for word in ["TEMP B-TREE", "Sort", "Seq Scan", "Bitmap", "SCAN audit_events"] {
                assert!(!plan.contains(word), "{statement}\n{plan}");
            }
        }
    });
}
