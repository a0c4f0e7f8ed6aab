//! A database for each test: a copy of one that was migrated and filled once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use switchroom::db::conn::{Manager, Use};
use switchroom::db::{Conn, DatabaseUrl, migrate};
use tempfile::TempDir;

use crate::postgres::{Cluster, TestDatabase};

/// Where a test keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// What a database begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Nothing: not even migrated.
    Nothing,
    /// The schema.
    Schema,
    /// The schema and the cast.
    Cast,
}

enum Home {
    Sqlite(TempDir),
    Postgres(TestDatabase),
}

/// A test's own database; removed with this value.
pub struct Database {
    home: Home,
}

impl Database {
    /// A new one; `None` where its backend is missing, which has been said then.
    pub fn new(backend: Backend, filling: Filling) -> Option<Self> {
        let home = match backend {
            Backend::Sqlite => {
                let folder = tempfile::Builder::new().prefix("switchroom").tempdir();
                let folder = folder.expect("a temporary folder");
                if let Some(template) = sqlite_template(filling) {
                    std::fs::copy(template, folder.path().join(FILE)).expect("a copy");
                }
                Home::Sqlite(folder)
            }
            Backend::Postgres => {
                let cluster = Cluster::shared()?;
                let name = match filling {
                    Filling::Nothing => None,
                    Filling::Schema => Some("schema"),
                    Filling::Cast => Some("cast"),
                };
                if let Some(name) = name {
                    cluster.template(name, |url| fill(&parsed(url), filling));
                }
                Home::Postgres(cluster.database(name))
            }
        };
        Some(Self { home })
    }

    /// Makes a PostgreSQL unreachable, and reachable again.
    pub fn go_away(&self, is_away: bool) {
        match &self.home {
            Home::Sqlite(_) => panic!("a file does not go away"),
            Home::Postgres(database) => database.go_away(is_away),
        }
    }

    /// Its address, as settings take it.
    pub fn url(&self) -> String {
        match &self.home {
            Home::Sqlite(folder) => format!("sqlite:{}", folder.path().join(FILE).display()),
            Home::Postgres(database) => database.url().to_owned(),
        }
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> Conn {
        connect(&parsed(&self.url()))
    }
}

const FILE: &str = "switchroom.db";

fn parsed(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).expect("the address of a database")
}

/// Opens a connection that may write.
pub fn connect(url: &DatabaseUrl) -> Conn {
    Manager::new(url.clone(), Use::Write, Arc::default()).establish().expect("a connection")
}

fn fill(url: &DatabaseUrl, filling: Filling) {
    migrate::migrate(url).expect("migrations");
    if filling == Filling::Cast {
        super::app::bring_the_cast(&mut connect(url));
    }
}

/// The file to copy, made once per process.
fn sqlite_template(filling: Filling) -> Option<PathBuf> {
    static MADE: Mutex<Vec<(Filling, TempDir)>> = Mutex::new(Vec::new());
    if filling == Filling::Nothing {
        return None;
    }
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, folder)) = made.iter().find(|(known, _)| *known == filling) {
        return Some(folder.path().join(FILE));
    }
    let folder = tempfile::Builder::new().prefix("switchroom").tempdir().expect("a folder");
    let path = folder.path().join(FILE);
    let url = parsed(&format!("sqlite:{}", path.display()));
    fill(&url, filling);
    // All of it in the one file that is copied.
    connect(&url).batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    made.push((filling, folder));
    Some(path)
}

/// One text, as `SELECT … AS text` gives it.
#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The texts of a query whose one column is called `text`.
pub fn texts(conn: &mut Conn, query: &str) -> Vec<String> {
    let rows: Vec<Row> =
        diesel::sql_query(query).load(conn).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().map(|row| row.text).collect()
}

/// One number.
pub fn number(conn: &mut Conn, query: &str) -> i64 {
    let texts = texts(conn, &format!("SELECT CAST(({query}) AS TEXT) AS text"));
    texts[0].parse().unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Runs statements that answer nothing.
pub fn run(conn: &mut Conn, statements: &str) {
    conn.batch_execute(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// The names of all tables of ours.
pub fn tables(conn: &mut Conn) -> Vec<String> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT name AS text FROM sqlite_master WHERE type = 'table' \
             AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
        }
        Conn::Postgres(_) => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public' \
             AND tablename NOT LIKE '\\_\\_%' ORDER BY tablename COLLATE \"C\""
        }
    };
    texts(conn, query)
}

/// Every row of every table as text, but for what a request may change although it is refused: the
/// counters of attempts, when a key was last used, and the audit log, which tells of the refusal.
pub fn all_rows(conn: &mut Conn) -> Vec<String> {
    let all = every_row(conn);
    all.into_iter()
        .filter(|row| {
            let excused = ["api_keys", "throttles", "audit_events", "audit_chains"];
            !excused.iter().any(|table| row.starts_with(table))
        })
        .collect()
}

/// Every row of every table as text.
pub fn every_row(conn: &mut Conn) -> Vec<String> {
    let mut rows = Vec::new();
    for table in tables(conn) {
        let query = match conn {
            Conn::Sqlite(_) => {
                let columns = texts(
                    conn,
                    &format!(
                        "SELECT 'quote(\"' || name || '\")' AS text FROM pragma_table_info('{table}')"
                    ),
                );
                format!(
                    "SELECT {} AS text FROM \"{table}\" ORDER BY 1",
                    columns.join(" || ' ' || ")
                )
            }
            Conn::Postgres(_) => format!("SELECT t::text AS text FROM \"{table}\" t ORDER BY 1"),
        };
        rows.extend(texts(conn, &query).into_iter().map(|row| format!("{table}: {row}")));
    }
    rows
}
