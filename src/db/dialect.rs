//! What SQLite and PostgreSQL do differently: the only place that looks at which one it is.

use diesel::result::{DatabaseErrorKind, Error};

use super::{Conn, DbError};

/// The unique rules that a user can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Two apps of one name in a workspace.
    AppName,
    /// Two people of one e-mail address.
    AccountEmail,
    /// A passkey that somebody has already.
    Passkey,
    /// Two accounts of one identity, or two identities of one account at a provider.
    Identity,
}

impl Constraint {
    /// PostgreSQL names the constraint, SQLite the columns.
    const NAMES: [(Self, &'static str, &'static str); 5] = [
        (Self::AppName, "apps_name", "apps.workspace_id, apps.name_key"),
        (Self::AccountEmail, "accounts_email_key", "accounts.email_key"),
        (Self::Passkey, "passkeys_credential", "passkeys.credential_id"),
        (Self::Identity, "identities_subject", "identities.issuer, identities.subject"),
        (Self::Identity, "identities_account", "identities.account_id, identities.issuer"),
    ];
}

/// Which of our unique rules a statement broke, if that is why it failed.
#[must_use]
pub fn violated(error: &Error) -> Option<Constraint> {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, facts) = error else {
        return None;
    };
    let name = facts.constraint_name().unwrap_or_default();
    let columns = facts.message().rsplit(": ").next().unwrap_or_default();
    Constraint::NAMES
        .into_iter()
        .find(|(_, on_postgres, on_sqlite)| name == *on_postgres || columns == *on_sqlite)
        .map(|(constraint, ..)| constraint)
}

/// Whether a statement failed because the server is gone, and may be back soon.
#[must_use]
pub fn is_connection_lost(error: &Error) -> bool {
    let Error::DatabaseError(kind, facts) = error else {
        return matches!(error, Error::BrokenTransactionManager);
    };
    // libpq's own failures have no kind; a server that shuts down says so (class 57P).
    let said = || {
        ["terminating connection", "the database system is", "no connection to the server"]
            .iter()
            .any(|words| facts.message().contains(words))
    };
    matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand)
        || said()
}

/// Whether a statement failed because the disk is full.
#[must_use]
pub fn is_disk_full(error: &Error) -> bool {
    // Neither has a kind: SQLite's SQLITE_FULL, and PostgreSQL's disk_full (53100) with the system's words.
    let Error::DatabaseError(DatabaseErrorKind::Unknown, facts) = error else { return false };
    ["database or disk is full", "No space left on device"]
        .iter()
        .any(|words| facts.message().contains(words))
}

/// Runs a job while nobody else runs one under the same number: on PostgreSQL by an advisory lock,
/// on SQLite in one transaction that holds the file's only write lock.
///
/// # Errors
/// The job's, or that the lock could not be had.
pub fn alone<T>(
    conn: &mut Conn,
    number: i64,
    job: impl FnOnce(&mut Conn) -> Result<T, DbError>,
) -> Result<T, DbError> {
    use diesel::RunQueryDsl;
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    use diesel::sql_types::BigInt;
    match conn {
        Conn::Postgres(conn) => {
            diesel::sql_query("SELECT pg_advisory_lock($1)")
                .bind::<BigInt, _>(number)
                .execute(conn)?;
        }
        Conn::Sqlite(conn) => {
            use diesel::connection::SimpleConnection;
            // Another process may take longer than a request would wait: a long table is copied.
            conn.batch_execute("PRAGMA busy_timeout = 60000")?;
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
        }
    }
    let done = job(conn);
    match conn {
        Conn::Postgres(conn) => {
            diesel::sql_query("SELECT pg_advisory_unlock($1)")
                .bind::<BigInt, _>(number)
                .execute(conn)?;
        }
        Conn::Sqlite(conn) if done.is_ok() => AnsiTransactionManager::commit_transaction(conn)?,
        Conn::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn)?,
    }
    done
}

/// Runs one statement against the connection inside, for what the enum cannot say
/// (`ON CONFLICT`, several rows at once).
#[macro_export]
macro_rules! each {
    ($conn:ident, $statement:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($conn) => $statement,
            $crate::db::Conn::Sqlite($conn) => $statement,
        }
    };
}

/// `SUM` of a BIGINT column as BIGINT, zero for no rows. (`SUM` is NUMERIC on PostgreSQL and
/// INTEGER on SQLite; diesel's own `sum` decodes on one of them only.)
pub const fn total<E>(column: E) -> Total<E> {
    Total(column)
}

/// See [`total`].
#[derive(Clone, Copy, Debug, diesel::query_builder::QueryId)]
pub struct Total<E>(E);

mod total {
    use diesel::backend::Backend;
    use diesel::expression::{
        AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
    };
    use diesel::query_builder::{AstPass, QueryFragment};
    use diesel::result::QueryResult;
    use diesel::sql_types::BigInt;

    use super::Total;

    impl<E: Expression> Expression for Total<E> {
        type SqlType = BigInt;
    }

    impl<E: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Total<E> {
        fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
            out.push_sql("CAST(COALESCE(SUM(");
            self.0.walk_ast(out.reborrow())?;
            out.push_sql("), 0) AS BIGINT)");
            Ok(())
        }
    }

    impl<E, G> ValidGrouping<G> for Total<E> {
        type IsAggregate = is_aggregate::Yes;
    }

    impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for Total<E> {}
    impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Total<E> {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_by_the_words_of_either_database() {
        let failed = |words: &str| {
            Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(words.to_owned()))
        };
        assert!(is_disk_full(&failed("database or disk is full")));
        let extend = "could not extend file \"base/5/1259\": No space left on device";
        assert!(is_disk_full(&failed(extend)));
        assert!(!is_disk_full(&failed("no such table: full")));
        assert!(!is_disk_full(&Error::NotFound));
    }
}
