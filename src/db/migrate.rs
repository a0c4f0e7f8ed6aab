//! Migrations, embedded: one tree per backend, the same names in both.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Manager, Use};
use super::{Conn, DatabaseUrl, Db, DbError, dialect};
use crate::private;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Two nodes that start at once would migrate at once; this number keeps them apart.
const LOCK: i64 = 0x5377_6974_6368;

/// Brings a database up to date. Makes the folder and the file of a new SQLite database; the
/// folder is nobody else's to read.
///
/// # Errors
/// Which migration failed and why; the failed one is rolled back.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, DbError> {
    if let DatabaseUrl::Sqlite(path) = url
        && let Some(folder) = std::path::Path::new(path).parent()
    {
        private::make_folder(folder)
            .map_err(|error| DbError::Unavailable(format!("{}: {error}", folder.display())))?;
    }
    let mut conn = Manager::new(url.clone(), Use::Write, std::sync::Arc::default()).establish()?;
    dialect::alone(&mut conn, LOCK, |conn| {
        let done = match conn {
            Conn::Postgres(conn) => conn.run_pending_migrations(POSTGRES),
            Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE),
        };
        let done = done.map_err(|error| DbError::Broken(error.to_string()))?;
        Ok(done.iter().map(ToString::to_string).collect())
    })
}

impl Db {
    /// Whether no migration is waiting.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_current(&self) -> Result<bool, DbError> {
        self.read(|conn| {
            let waiting = match conn {
                Conn::Postgres(conn) => conn.has_pending_migration(POSTGRES),
                Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE),
            };
            waiting.map(|waiting| !waiting).map_err(|error| DbError::Broken(error.to_string()))
        })
        .await
    }
}
