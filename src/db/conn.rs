//! Connections: one enum over both backends, chosen by the URL's scheme.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{InstrumentationEvent, SimpleConnection, TransactionManager};
use diesel::r2d2::R2D2Connection;
use diesel::result::Error;
use diesel::{Connection, PgConnection, SqliteConnection};

use super::DbError;
use super::dialect::{is_connection_lost, is_disk_full};

mod either {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either backend. diesel speaks to it as to one.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// PostgreSQL.
        Postgres(PgConnection),
        /// SQLite.
        Sqlite(SqliteConnection),
    }
}

pub use either::Conn;

/// diesel's name for "whichever of the two": what boxed queries are typed with.
pub type Backend = <Conn as Connection>::Backend;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Path of the file.
    Sqlite(String),
    /// The whole URL.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads a URL; never guesses, since a mistyped one would silently become an empty file.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(":memory:") {
                return Err("needs a file, such as sqlite:data/switchroom.db".into());
            }
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let asks_tls = ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"];
            if !cfg!(feature = "postgres-tls") && asks_tls.iter().any(|mode| text.contains(mode)) {
                return Err("asks for TLS, which this build lacks: build it with the feature \
                            postgres-tls, or use a release binary"
                    .into());
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("must begin with sqlite: or postgres://".into())
    }
}

/// Shows no password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{path}"),
            Self::Postgres(text) => match url::Url::parse(text) {
                // libpq takes a user with `?` or `#` in the password; a URL ends its host there.
                Ok(url) if url.username().is_empty() && text.contains('@') => {
                    out.write_str("postgres://…")
                }
                Ok(mut url) => {
                    if url.password().is_some() {
                        // Cannot fail for a URL that has a host.
                        let _ = url.set_password(Some("***"));
                    }
                    url.set_query(None);
                    url.set_fragment(None);
                    out.write_str(url.as_str())
                }
                Err(_) => out.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What a connection is for. SQLite's readers cannot write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Reads only (on SQLite; PostgreSQL's pool serves both).
    Read,
    /// The one writer of SQLite.
    Write,
}

/// Makes connections for the pool.
pub struct Manager {
    url: DatabaseUrl,
    use_: Use,
    statements: Arc<AtomicU64>,
    lost: Lost,
}

/// When a statement last found its connection lost.
#[derive(Clone, Default)]
struct Lost(Arc<Mutex<Option<Instant>>>);

impl Lost {
    /// How long after a loss the other connections are looked at before use.
    const SUSPICION: Duration = Duration::from_secs(600);

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_recent(&self) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < Self::SUSPICION)
    }
}

impl Manager {
    /// A maker of connections that counts the statements they send.
    #[must_use]
    pub fn new(url: DatabaseUrl, use_: Use, statements: Arc<AtomicU64>) -> Self {
        Self { url, use_, statements, lost: Lost::default() }
    }

    /// Opens one connection.
    ///
    /// # Errors
    /// The backend's own reason.
    pub fn establish(&self) -> Result<Conn, DbError> {
        let unavailable =
            |error: diesel::ConnectionError| DbError::Unavailable(format!("{}: {error}", self.url));
        let mut conn = match &self.url {
            DatabaseUrl::Postgres(url) => {
                Conn::Postgres(PgConnection::establish(url).map_err(unavailable)?)
            }
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path).map_err(unavailable)?;
                configure_sqlite(&mut conn, self.use_)?;
                Conn::Sqlite(conn)
            }
        };
        let (statements, lost) = (Arc::clone(&self.statements), self.lost.clone());
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { .. } => {
                statements.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { error: Some(error), .. }
                if is_connection_lost(error) =>
            {
                lost.note();
            }
            // Said here, since it also ends the transaction of others, who learn no more than that.
            InstrumentationEvent::FinishQuery { error: Some(error), .. } if is_disk_full(error) => {
                tracing::error!("the disk that the database is on is full: {error}");
            }
            _ => {}
        });
        Ok(conn)
    }
}

/// How often, and after which pause, a file that others open is asked for a write-ahead log again.
const WAL_TRIES: u32 = 250;
const WAL_PAUSE: Duration = Duration::from_millis(20);

/// What a batch of events touches stays in the cache (8 MiB), is brought from the log to the file every 4,000 pages (16 MiB)
/// rather than every 1,000, and what a savepoint keeps is kept in memory: a tenth less CPU for each event.
const WRITER: &str =
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000;";

/// Durable on power loss (`FULL`), readers beside the writer (`WAL`); checked, since SQLite
/// silently keeps another journal mode where WAL cannot be had.
fn configure_sqlite(conn: &mut SqliteConnection, use_: Use) -> Result<(), DbError> {
    #[derive(diesel::QueryableByName)]
    struct Mode {
        #[diesel(sql_type = diesel::sql_types::Text)]
        journal_mode: String,
    }
    use diesel::RunQueryDsl;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")?;
    // Of several that open a new file at once one changes its mode, and SQLite lets the others fail without waiting.
    let mut tries = 0;
    let mode: Mode = loop {
        match diesel::sql_query("PRAGMA journal_mode = WAL").get_result(conn) {
            Err(Error::DatabaseError(_, facts))
                if facts.message().contains("locked") && tries < WAL_TRIES =>
            {
                tries += 1;
                std::thread::sleep(WAL_PAUSE);
            }
            mode => break mode?,
        }
    };
    if mode.journal_mode != "wal" {
        return Err(DbError::Unavailable(format!(
            "SQLite cannot use a write-ahead log here (journal mode {})",
            mode.journal_mode
        )));
    }
    conn.batch_execute("PRAGMA synchronous = FULL;")?;
    conn.batch_execute(match use_ {
        Use::Read => "PRAGMA query_only = ON;",
        Use::Write => WRITER,
    })?;
    Ok(())
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = DbError;

    fn connect(&self) -> Result<Conn, DbError> {
        self.establish()
    }

    /// Asked before a connection is lent. It costs a round trip, which is spent only for a while
    /// after a connection was lost: the others then are likely to be lost too.
    fn is_valid(&self, conn: &mut Conn) -> Result<(), DbError> {
        if self.lost.is_recent() { conn.ping().map_err(DbError::from) } else { Ok(()) }
    }

    /// A connection whose holder panicked may be in a transaction and is never used again.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// Runs a job in a transaction of its own, rolled back when the job answers an error.
pub(super) fn in_transaction<T, E: From<DbError>>(
    conn: &mut Conn,
    job: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <Conn as Connection>::TransactionManager;
    Manager::begin_transaction(conn).map_err(DbError::from)?;
    match job(conn) {
        Ok(done) => {
            Manager::commit_transaction(conn).map_err(DbError::from)?;
            Ok(done)
        }
        Err(refused) => {
            // When even the rollback fails the connection is broken, and the pool drops it.
            drop(Manager::rollback_transaction(conn));
            Err(refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_names_its_backend_and_is_never_guessed() {
        for (text, shown) in [
            ("sqlite:data/x.db", "sqlite:data/x.db"),
            (" sqlite:///srv/x.db ", "sqlite:/srv/x.db"),
            ("postgres://me@db/x", "postgres://me@db/x"),
            ("postgresql://me:pw@db:5433/x", "postgresql://me:***@db:5433/x"),
            ("postgres:///x?user=me&password=pw", "postgres:///x"),
            ("postgres://me:pw@h1:1,h2:2/x", "postgres://…"),
            ("postgres://me:12#34@db/x", "postgres://…"),
            ("postgres://me:12?34@db/x", "postgres://…"),
            ("postgres://me:pw@db/x#pw", "postgres://me:***@db/x"),
        ] {
            assert_eq!(DatabaseUrl::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "data/x.db", "sqlite:", "sqlite://", "sqlite::memory:", "mysql://db/x"] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_shown(
            text in "(sqlite:|postgres://|postgresql://)?\\PC{0,60}",
        ) {
            if let Ok(url) = DatabaseUrl::parse(&text) {
                let shown = url.to_string();
                prop_assert!(shown.starts_with("sqlite:") || shown.starts_with("postgres"));
                prop_assert_eq!(shown, format!("{url:?}"));
            }
        }

        #[test]
        fn no_password_is_shown_wherever_it_stands(
            password in "PW[A-Za-z0-9%~!$&'*+=_.-]{6,20}",
            host in "[a-z]{1,8}(:[0-9]{1,5})?(,[a-z]{1,8})?|\\[::1\\]|",
            path in "(/[a-z]{0,8})?",
        ) {
            for text in [
                format!("postgres://me:{password}@{host}{path}"),
                format!("postgres://:{password}@{host}{path}"),
                format!("postgres://me@{host}{path}?password={password}"),
                format!("postgres://me@{host}{path}?sslpassword={password}#x"),
            ] {
                let shown = DatabaseUrl::parse(&text).unwrap().to_string();
                prop_assert!(!shown.contains("PW"), "{text} is shown as {shown}");
            }
        }
    }
}
