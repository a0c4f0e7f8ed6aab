//! The database: SQLite or PostgreSQL behind one `Db`.
//!
//! [`Db::read`] lends a connection of the pool. [`Db::write`] is the only way to change anything:
//! on SQLite it goes through one writer thread that commits what waits in one go (see
//! [`writer`]), on PostgreSQL through a transaction of its own. What differs between the two
//! stands in [`dialect`] and nowhere else.

pub mod bulk;
pub mod conn;
pub mod dialect;
pub mod migrate;
pub mod schema;
pub mod types;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use conn::{Conn, DatabaseUrl};
pub use dialect::Constraint;

/// A failure of the database; never the user's doing.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A statement failed.
    #[error("a statement failed: {0}")]
    Query(diesel::result::Error),
    /// No connection could be had.
    #[error("no connection to the database: {0}")]
    Unavailable(String),
    /// There is no room left on the disk.
    #[error("the disk that the database is on is full: {0}")]
    Full(String),
    /// More waits for a connection or the writer than can be served soon.
    #[error("too much is waiting for the database")]
    Busy,
    /// The database is shutting down or a job died.
    #[error("the database no longer answers")]
    Stopped,
    /// A stored value is not what the schema promises.
    #[error("a stored value is broken: {0}")]
    Broken(String),
}

impl From<diesel::result::Error> for DbError {
    fn from(error: diesel::result::Error) -> Self {
        if dialect::is_connection_lost(&error) {
            Self::Unavailable(error.to_string())
        } else if dialect::is_disk_full(&error) {
            Self::Full(error.to_string())
        } else {
            Self::Query(error)
        }
    }
}

/// How a job ends when it changes nothing: refused for a reason the user can mend, or broken.
#[derive(Debug)]
pub enum Stop<P> {
    /// The user can mend it; nothing was written.
    Refused(P),
    /// The database failed; nothing was written.
    Broken(DbError),
}

impl<P> From<DbError> for Stop<P> {
    fn from(error: DbError) -> Self {
        Self::Broken(error)
    }
}

impl<P> From<diesel::result::Error> for Stop<P> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Splits the two ways a job stops, so that a handler can match on the refusal.
pub trait Split<T, P> {
    /// `Ok(Ok(_))` done, `Ok(Err(_))` refused, `Err(_)` broken.
    ///
    /// # Errors
    /// The database's failure.
    fn split(self) -> Result<Result<T, P>, DbError>;
}

impl<T, P> Split<T, P> for Result<T, Stop<P>> {
    fn split(self) -> Result<Result<T, P>, DbError> {
        match self {
            Ok(done) => Ok(Ok(done)),
            Err(Stop::Refused(problem)) => Ok(Err(problem)),
            Err(Stop::Broken(error)) => Err(error),
        }
    }
}

/// How long a job waits for a connection.
const WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(5);

/// A database that many tasks share.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    pool: r2d2::Pool<conn::Manager>,
    /// As many as connections, so that waiting tasks do not each hold a blocking thread.
    permits: Arc<tokio::sync::Semaphore>,
    writer: Option<writer::Writer>,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Opens the database and checks that it answers. Does not migrate it.
    ///
    /// # Errors
    /// A message that says what is wrong with the URL, the file or the server.
    pub fn open(url: &DatabaseUrl, connections: u32) -> Result<Self, DbError> {
        let statements = Arc::new(AtomicU64::new(0));
        let manager = conn::Manager::new(url.clone(), conn::Use::Read, Arc::clone(&statements));
        // Once by hand: r2d2 would retry for half a minute and hide the reason.
        drop(manager.establish()?);
        let writer = match url {
            DatabaseUrl::Sqlite(_) => {
                let manager =
                    conn::Manager::new(url.clone(), conn::Use::Write, Arc::clone(&statements));
                Some(writer::Writer::start(manager.establish()?)?)
            }
            DatabaseUrl::Postgres(_) => None,
        };
        let pool = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(WAIT_MAX)
            .build_unchecked(manager);
        let permits = Arc::new(tokio::sync::Semaphore::new(connections as usize));
        Ok(Self(Arc::new(Inner { pool, permits, writer, statements })))
    }

    /// Statements sent so far, for metrics and for tests that count them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// Runs a job that only reads.
    ///
    /// # Errors
    /// What the job answers, or that no connection could be had.
    pub async fn read<T, E>(
        &self,
        job: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.lend(job).await
    }

    /// Runs a job in one transaction: all of it, or nothing when it answers an error.
    ///
    /// # Errors
    /// What the job answers, or that the transaction could not be committed.
    pub async fn write<T, E>(
        &self,
        job: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match &self.0.writer {
            Some(writer) => writer.run(job).await,
            None => self.lend(move |conn| conn::in_transaction(conn, job)).await,
        }
    }

    async fn lend<T, E>(
        &self,
        job: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let permit = Arc::clone(&self.0.permits).acquire_owned();
        let permit = tokio::time::timeout(WAIT_MAX, permit).await.map_err(|_| DbError::Busy)?;
        let permit = permit.map_err(|_| DbError::Stopped)?;
        let pool = self.0.pool.clone();
        tokio::task::spawn_blocking(move || {
            // Held for as long as the connection, also when nobody waits for the answer any more.
            let _permit = permit;
            let mut conn = pool.get().map_err(|error| DbError::Unavailable(error.to_string()))?;
            job(&mut conn)
        })
        .await
        .unwrap_or_else(|_| Err(DbError::Stopped.into()))
    }
}
