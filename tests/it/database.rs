//! Reading and writing under load and under fire, and the keys that a database belongs to.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::mpsc::channel;

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use futures_util::future::join_all;
use rstest::rstest;
use switchroom::clock::{Clock, minutes};
use switchroom::db::{Conn, DbError, Split as _, Stop};
use switchroom::problem::Problem;
use switchroom::random::Random;
use switchroom::setup::store::installation_insert;
use switchroom::startup;

use crate::support::app::{MASTER_KEY, NOW, settings};
use crate::support::db::{self, Database, Filling};
use crate::support::page::Page;
use crate::support::{Backend, Postgres, Sqlite, TestApp, app_on, at_once, wait};

fn note(conn: &mut Conn, bucket: &str) -> Result<(), DbError> {
    diesel::sql_query(
        "INSERT INTO throttles (bucket, window_started_at, attempts) VALUES ($1, 0, 0)",
    )
    .bind::<diesel::sql_types::Text, _>(bucket)
    .execute(conn)?;
    Ok(())
}

fn add_one(conn: &mut Conn) -> Result<(), DbError> {
    diesel::sql_query("UPDATE throttles SET attempts = attempts + 1 WHERE bucket = 'sum'")
        .execute(conn)?;
    Ok(())
}

#[rstest]
fn two_hundred_writes_at_once_are_all_there_when_they_are_answered(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let db = &app.services().db;
    wait(db.write(|conn| note(conn, "sum"))).expect("written");

    let all = wait(join_all((0..200).map(|number| {
        db.write(move |conn| {
            note(conn, &format!("write {number}"))?;
            add_one(conn)
        })
    })));

    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(app.count("SELECT attempts FROM throttles WHERE bucket = 'sum'"), 200);
    assert_eq!(app.count("SELECT count(*) FROM throttles WHERE bucket LIKE 'write %'"), 200);
}

#[rstest]
fn a_refused_job_leaves_no_trace_and_keeps_nobody_from_writing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let db = &app.services().db;

    let all = wait(join_all((0..50).map(|number| {
        db.write(move |conn| {
            note(conn, &format!("write {number}"))?;
            if number % 2 == 0 { Ok(()) } else { Err(Stop::Refused(Problem::NameTaken)) }
        })
    })));

    let refused = all.into_iter().map(|one| one.split().expect("an answer")).filter(Result::is_err);
    assert_eq!(refused.count(), 25);
    let odd = "SELECT count(*) FROM throttles WHERE bucket LIKE 'write %' \
               AND CAST(substr(bucket, 7) AS BIGINT) % 2 = 1";
    assert_eq!(app.count(odd), 0);
    assert_eq!(app.count("SELECT count(*) FROM throttles WHERE bucket LIKE 'write %'"), 25);
}

#[rstest]
fn a_job_that_breaks_a_rule_or_panics_rolls_back_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let db = &app.services().db;

    let all = wait(join_all((0..60).map(|number| {
        db.write::<_, DbError>(move |conn| {
            note(conn, &format!("write {number}"))?;
            match number % 3 {
                0 => Ok(()),
                1 => note(conn, &format!("write {number}")),
                _ => panic!("a job that panics"),
            }
        })
    })));

    for (number, answer) in all.iter().enumerate() {
        assert_eq!(answer.is_ok(), number % 3 == 0, "{number}: {answer:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM throttles WHERE bucket LIKE 'write %'"), 20);
    wait(db.write(|conn| note(conn, "afterwards"))).expect("the writer goes on");
    app.owner().get("/profile").expect(200);
}

#[test]
fn more_writes_than_may_wait_are_turned_away_and_the_others_done() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let db = &app.services().db;
    let (open, gate) = channel::<()>();

    let (first, rest) = wait(async {
        let first = db.write::<_, DbError>(move |_| {
            gate.recv().expect("opened");
            Ok(())
        });
        let rest =
            (0..1_500).map(|number| db.write(move |conn| note(conn, &format!("write {number}"))));
        let opened = async {
            // The queue is full by the time that this is polled.
            open.send(()).expect("a writer that waits");
        };
        let (first, (rest, ())) =
            futures_util::future::join(first, futures_util::future::join(join_all(rest), opened))
                .await;
        (first, rest)
    });

    first.expect("the first is done");
    let busy = rest.iter().filter(|one| matches!(one, Err(DbError::Busy))).count();
    let done = rest.iter().filter(|one| one.is_ok()).count();
    assert!(busy > 0 && busy + done == rest.len(), "{busy} busy, {done} done");
    let written = app.count("SELECT count(*) FROM throttles WHERE bucket LIKE 'write %'");
    assert_eq!(written, i64::try_from(done).expect("a count"));
}

/// Keeps SQLite's file from growing beyond so many pages, or beyond what it has.
fn grow_to(app: &TestApp, pages: u32) {
    let limit = format!("PRAGMA max_page_count = {pages}");
    let limited =
        app.services().db.write::<_, DbError>(move |conn| Ok(conn.batch_execute(&limit)?));
    wait(limited).expect("a limit");
}

#[test]
fn a_full_disk_is_said_so_loses_nothing_and_is_got_over() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let alice = app.owner();
    let form = || {
        let form = alice.visit("/api-keys/new").expect(200).form("Create API key");
        form.fill("name", "reports").choose("scopes", "apps:read")
    };
    let others: Vec<_> = (0..8).map(|_| (app.owner(), form())).collect();
    let keys = "SELECT count(*) FROM api_keys";
    let told = "SELECT count(*) FROM audit_events WHERE act = 'create_api_key'";

    grow_to(&app, 1);
    let mut made = 0;
    let refused = loop {
        let form = form();
        let answer = form.send();
        if answer.status != 303 {
            break (answer, form);
        }
        made += 1;
        assert!(made < 90, "the file grows");
    };

    let (answer, form) = refused;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after").as_deref(), Some("2"));
    let id = answer.header("x-request-id").expect("an id");
    let text = Page::detached("/api-keys/new", answer).texts("main").join("");
    assert!(text.contains(&id) && !text.contains("full"), "{text}");
    // What shares a commit with one that finds no room is told that it is not done.
    let statuses = at_once(others.len(), |at| {
        let (actor, form) = &others[at];
        actor.post(&form.action, &form.clone().forged("token", &actor.token()).fields()).status
    });
    let done = statuses.iter().filter(|status| **status == 303).count();
    assert!(statuses.iter().all(|status| [303, 503].contains(status)), "{statuses:?}");
    made += i64::try_from(done).expect("a small number");
    assert_eq!((app.count(keys), app.count(told)), (made, made));

    // Reading goes on, also when it would have been noted that somebody was here.
    app.clock().forward(minutes(10));
    alice.get("/api-keys").expect(200);
    app.visitor().get("/sign-in").expect(200);

    grow_to(&app, u32::MAX - 1);
    form.send().expect(303);
    assert_eq!((app.count(keys), app.count(told)), (made + 1, made + 1));
    let sound = app
        .db(|conn| db::texts(conn, "SELECT integrity_check AS text FROM pragma_integrity_check"));
    assert_eq!(sound, ["ok"]);
}

#[test]
fn a_read_cannot_write_on_sqlite() {
    let app = app_on(Sqlite).expect("SQLite is always there");

    let answer = wait(app.services().db.read(|conn| note(conn, "sneaked in")));

    let error = answer.expect_err("refused").to_string();
    assert!(error.contains("readonly"), "{error}");
    assert_eq!(app.count("SELECT count(*) FROM throttles"), 0);
}

fn given(database: &Database, key: Option<&str>) -> BTreeMap<&'static str, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys/master.key");
    let mut given = BTreeMap::from([
        ("database_url", database.url()),
        ("database_connections", "2".to_owned()),
        ("master_key_path", path.display().to_string()),
    ]);
    given.extend(key.map(|key| ("master_key", key.to_owned())));
    given
}

fn opened(given: &BTreeMap<&'static str, String>) -> Result<String, String> {
    let clock = Clock::standing_at(NOW);
    let services = wait(startup::services(settings(given), clock, Random::system()));
    services.map(|it| it.vault.key_id().to_owned()).map_err(|error| format!("{error:#}"))
}

#[rstest]
fn a_database_opens_with_its_own_master_key_only(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(database) = Database::new(on, Filling::Cast) else { return };
    let before = db::every_row(&mut database.connect());
    let other = MASTER_KEY.replace("c3d", "c3e");

    let own = opened(&given(&database, Some(MASTER_KEY))).expect("its own key");
    let refused = opened(&given(&database, Some(&other))).expect_err("another key");

    assert!(refused.contains("is not the one that the database was made with"), "{refused}");
    assert!(refused.contains(&own), "{refused} names {own}");
    assert_eq!(db::every_row(&mut database.connect()), before);
}

#[rstest]
fn a_key_that_is_missing_beside_a_database_is_not_made_anew(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(database) = Database::new(on, Filling::Cast) else { return };
    let given = given(&database, None);

    let refused = opened(&given).expect_err("no key");

    assert!(refused.contains("the master key is missing"), "{refused}");
    assert!(refused.contains(&given["master_key_path"]), "{refused} names the file");
    assert!(!std::path::Path::new(&given["master_key_path"]).exists());
}

#[rstest]
fn a_new_database_gets_a_key_that_nobody_else_can_read(#[values(Sqlite, Postgres)] on: Backend) {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(database) = Database::new(on, Filling::Nothing) else { return };
    let given = given(&database, None);

    let first = opened(&given).expect("a new database");

    let file = std::fs::metadata(&given["master_key_path"]).expect("a file");
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(opened(&given).as_deref(), Ok(first.as_str()), "the key is read again");
    let shown = db::every_row(&mut database.connect()).join("\n");
    let key = std::fs::read_to_string(&given["master_key_path"]).expect("a key");
    assert!(!shown.contains(key.trim()), "the key is stored");
}

#[rstest]
fn of_two_first_starts_with_two_keys_one_is_refused(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(database) = Database::new(on, Filling::Schema) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("master.key");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let mut given = given(&database, None);
    given.insert("master_key_path", pipe.display().to_string());

    let start = std::thread::spawn(move || opened(&given));
    // Opens when the start reads its key: it has found a new database by then.
    let mut key = std::fs::OpenOptions::new().write(true).open(&pipe).expect("a reader");
    let stands = installation_insert(&mut database.connect(), "another", NOW).expect("an answer");
    key.write_all(MASTER_KEY.as_bytes()).expect("written");
    drop(key);

    assert_eq!(stands, "another");
    let refused = start.join().expect("an answer").expect_err("the slower one");
    assert!(refused.ends_with("is not the one that the database was made with (another)"));
}
