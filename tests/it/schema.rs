//! Two trees of migrations, one schema: what both databases must agree on, with each other and
//! with what diesel is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use rstest::rstest;
use switchroom::db::{Conn, DatabaseUrl, migrate};

use crate::support::db::{self, Database, Filling, texts};
use crate::support::{Backend, Postgres, Sqlite};

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn connection(on: Backend, filling: Filling) -> Option<(Database, Conn)> {
    let database = Database::new(on, filling)?;
    let conn = database.connect();
    Some((database, conn))
}

/// Both databases, or nothing where one is missing.
fn both() -> Option<[(Database, Conn); 2]> {
    Some([connection(Sqlite, Filling::Schema)?, connection(Postgres, Filling::Schema)?])
}

/// `table.column type null` of every column, in diesel's words for types.
fn columns(conn: &mut Conn) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for table in db::tables(conn) {
        let query = match conn {
            Conn::Sqlite(_) => format!(
                "SELECT name || ' ' || lower(type) || ' ' || (1 - \"notnull\") AS text \
                 FROM pragma_table_info('{table}')"
            ),
            Conn::Postgres(_) => format!(
                "SELECT column_name || ' ' || data_type || ' ' || \
                   CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END AS text \
                 FROM information_schema.columns WHERE table_name = '{table}'"
            ),
        };
        for line in texts(conn, &query) {
            let words: Vec<_> = line.split(' ').collect();
            let kind = match words[1] {
                "bigint" | "integer" => "BigInt",
                "text" => "Text",
                "boolean" => "Bool",
                "blob" | "bytea" => "Binary",
                other => panic!("{table}.{}: {other} is not read by diesel as declared", words[0]),
            };
            let kind = if words[2] == "1" { format!("Nullable<{kind}>") } else { kind.to_owned() };
            all.insert(format!("{table}.{} {kind}", words[0]));
        }
    }
    all
}

/// The same of `src/db/schema.rs` and what is beside it.
fn declared() -> BTreeSet<String> {
    let read = |name: &str| std::fs::read_to_string(folder(name)).expect("the schema");
    let source = ["src/db/schema.rs", "src/db/schema/minutes.rs"].map(read).concat();
    let mut table = String::new();
    let mut all = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ") {
            if column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                all.insert(format!("{table}.{column} {}", kind.trim_end_matches(',')));
            }
        } else if let Some((name, _)) = line.split_once(" (")
            && line.ends_with(") {")
        {
            name.clone_into(&mut table);
        }
    }
    assert!(all.len() > 100, "the schema is read: {all:?}");
    all
}

#[rstest]
fn the_tables_are_as_diesel_is_told(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((_database, mut conn)) = connection(on, Filling::Schema) else { return };

    let (stored, declared) = (columns(&mut conn), declared());

    let missing: Vec<_> = declared.difference(&stored).collect();
    let surplus: Vec<_> = stored.difference(&declared).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
}

/// `table (columns)` of every unique rule, primary keys among them; partial ones say so.
fn unique_rules(conn: &mut Conn) -> BTreeSet<String> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT t.name || ' (' || (SELECT group_concat(name, ', ') FROM \
               (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' || \
               CASE i.partial WHEN 1 THEN ' partial' ELSE '' END AS text \
             FROM sqlite_master t, pragma_index_list(t.name) i \
             WHERE t.type = 'table' AND i.\"unique\" AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' \
             UNION SELECT t.name || ' (' || (SELECT group_concat(name, ', ') FROM \
               (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) || ')' \
             FROM sqlite_master t WHERE t.type = 'table' \
             AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        Conn::Postgres(_) => {
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place) \
               FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place) \
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' || \
               CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END AS text \
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
             JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE i.indisunique AND n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_%'"
        }
    };
    texts(conn, query).into_iter().collect()
}

#[test]
fn both_databases_keep_the_same_things_unique() {
    let Some([(_one, mut sqlite), (_other, mut postgres)]) = both() else { return };

    let rules = unique_rules(&mut sqlite);

    assert!(rules.contains("apps (workspace_id, name_key) partial"), "{rules:#?}");
    assert!(rules.contains("submissions (account_id, key)"), "{rules:#?}");
    assert_eq!(rules, unique_rules(&mut postgres));
}

/// `table.column → table.column` of every reference.
fn references(conn: &mut Conn) -> BTreeSet<String> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT t.name || '.' || f.\"from\" || ' → ' || f.\"table\" || '.' || f.\"to\" AS text \
             FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'"
        }
        Conn::Postgres(_) => {
            "SELECT t.relname || '.' || a.attname || ' → ' || o.relname || '.' || b.attname AS text \
             FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
             JOIN pg_class o ON o.oid = c.confrelid \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] \
             JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = c.confkey[1] \
             WHERE c.contype = 'f'"
        }
    };
    texts(conn, query).into_iter().collect()
}

#[test]
fn both_databases_know_the_same_references() {
    let Some([(_one, mut sqlite), (_other, mut postgres)]) = both() else { return };

    let known = references(&mut sqlite);

    assert!(known.contains("apps.workspace_id → workspaces.id"), "{known:#?}");
    assert_eq!(known, references(&mut postgres));
}

fn migrations(tree: &str) -> BTreeMap<String, String> {
    let read = std::fs::read_dir(folder(tree)).expect("migrations");
    let paths = read.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir());
    let up = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(path.join("down.sql").exists(), "{name} has no way back");
        (name, std::fs::read_to_string(path.join("up.sql")).expect("an up.sql"))
    };
    paths.map(up).collect()
}

/// The rules `CHECK (…)` of a migration, in order.
fn checks(sql: &str) -> Vec<String> {
    let ends = |rest: &str| {
        let mut depth = 0;
        rest.char_indices().find_map(|(at, c)| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            (depth == 0).then_some(at)
        })
    };
    let of = |rest: &str| rest[..=ends(rest).expect("a closing bracket")].to_owned();
    sql.match_indices("CHECK (").map(|(at, _)| of(&sql[at + 6..])).collect()
}

#[test]
fn both_trees_have_the_same_migrations_with_the_same_checks() {
    let (sqlite, postgres) = (migrations("migrations/sqlite"), migrations("migrations/postgres"));

    assert!(sqlite.keys().eq(postgres.keys()), "{:?} {:?}", sqlite.keys(), postgres.keys());
    for (name, sql) in &sqlite {
        assert_eq!(checks(sql), checks(&postgres[name]), "{name}");
    }
    assert!(sqlite.values().flat_map(|sql| checks(sql)).count() > 10);
}

#[rstest]
fn every_migration_goes_back_and_forth(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((database, mut conn)) = connection(on, Filling::Schema) else { return };
    let url = DatabaseUrl::parse(&database.url()).expect("an address");
    let (before, rules) = (columns(&mut conn), unique_rules(&mut conn));

    let tree = |name: &str| FileBasedMigrations::from_path(folder(name)).expect("a tree");
    match &mut conn {
        Conn::Sqlite(conn) => conn.revert_all_migrations(tree("migrations/sqlite")).map(drop),
        Conn::Postgres(conn) => conn.revert_all_migrations(tree("migrations/postgres")).map(drop),
    }
    .expect("the way back");
    assert_eq!(db::tables(&mut conn), Vec::<String>::new());

    migrate::migrate(&url).expect("the way forth");
    assert_eq!(columns(&mut conn), before);
    assert_eq!(unique_rules(&mut conn), rules);
    assert_eq!(migrate::migrate(&url).expect("nothing to do"), Vec::<String>::new());
}

#[rstest]
fn two_nodes_that_start_at_once_migrate_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(database) = Database::new(on, Filling::Nothing) else { return };
    let url = DatabaseUrl::parse(&database.url()).expect("an address");

    let done = crate::support::at_once(4, |_| migrate::migrate(&url));

    let done: Vec<_> = done.into_iter().map(|done| done.expect("migrated").len()).collect();
    assert_eq!(done.iter().sum::<usize>(), migrations("migrations/sqlite").len(), "{done:?}");
}

#[rstest]
fn the_audit_log_and_the_ledger_are_kept_by_triggers(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((_database, mut conn)) = connection(on, Filling::Schema) else { return };
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT name || ' on ' || tbl_name AS text FROM sqlite_master WHERE type = 'trigger' \
             ORDER BY 1"
        }
        Conn::Postgres(_) => {
            "SELECT tgname || ' on ' || tgrelid::regclass::text AS text FROM pg_trigger \
             WHERE NOT tgisinternal AND tgenabled = 'O' ORDER BY 1"
        }
    };
    let expected: &[&str] = match on {
        Sqlite => &[
            "audit_events_kept on audit_events",
            "audit_events_once on audit_events",
            "audit_events_stay on audit_events",
            "minute_postings_kept on minute_postings",
            "minute_postings_stay on minute_postings",
        ],
        Postgres => {
            &["audit_events_kept on audit_events", "minute_postings_kept on minute_postings"]
        }
    };

    assert_eq!(texts(&mut conn, query), expected);
}

#[rstest]
fn packages_from_before_the_ledger_open_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((database, mut conn)) = connection(on, Filling::Cast) else { return };
    let url = DatabaseUrl::parse(&database.url()).expect("an address");
    let tree = |name: &str| FileBasedMigrations::from_path(folder(name)).expect("a tree");
    match &mut conn {
        Conn::Sqlite(conn) => conn.revert_last_migration(tree("migrations/sqlite")).map(drop),
        Conn::Postgres(conn) => conn.revert_last_migration(tree("migrations/postgres")).map(drop),
    }
    .expect("the way back");
    db::run(
        &mut conn,
        "UPDATE minute_packages SET remaining = 4321 WHERE workspace_id = 1;
         INSERT INTO minute_packages (workspace_id, kind, granted, remaining, starts_at, expires_at) \
         VALUES (1, 'granted', 10, 0, 0, 1), (1, 'granted', 10, 7, 0, 1)",
    );
    migrate::migrate(&url).expect("the way forth");

    let postings = "SELECT workspace_id || ' ' || position || ' ' || kind || ' ' || amount AS text \
         FROM minute_postings ORDER BY workspace_id, position";
    let expected = ["1 1 opening 7", "1 2 opening 4321", "2 1 opening 1000000"];
    assert_eq!(texts(&mut conn, postings), expected);
    let ledgers = "SELECT workspace_id || ' ' || position || ' ' || level AS text \
         FROM minute_ledgers ORDER BY workspace_id";
    assert_eq!(texts(&mut conn, ledgers), ["1 2 fine", "2 1 fine"]);
}
