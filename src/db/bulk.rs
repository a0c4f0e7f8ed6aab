//! Many rows in one statement, on either backend: the rows stand in the statement as a table of the name `given`.
//!
//! PostgreSQL gets an array for each column, which costs a third of a statement for each row; SQLite gets all of it as one
//! JSON text, so that a batch costs a statement for each table there too.

use diesel::RunQueryDsl;
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;
use serde_json::Value;

use super::{Conn, DbError};

/// The values of one column, row by row.
enum Values<'a> {
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
}

/// A table that lives as long as its statement.
#[derive(Default)]
pub struct Given<'a> {
    columns: Vec<(&'static str, Values<'a>)>,
}

impl<'a> Given<'a> {
    /// One without columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more column, of numbers. All columns have the same number of rows.
    #[must_use]
    pub fn numbers(self, name: &'static str, values: impl Iterator<Item = i64>) -> Self {
        self.numbers_or_none(name, values.map(Some))
    }

    /// One more column, of numbers that may be missing.
    #[must_use]
    pub fn numbers_or_none(
        mut self,
        name: &'static str,
        values: impl Iterator<Item = Option<i64>>,
    ) -> Self {
        self.columns.push((name, Values::Numbers(values.collect())));
        self
    }

    /// One more column, of texts.
    #[must_use]
    pub fn texts(self, name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        self.texts_or_none(name, values.map(Some))
    }

    /// One more column, of texts that may be missing.
    #[must_use]
    pub fn texts_or_none(
        mut self,
        name: &'static str,
        values: impl Iterator<Item = Option<&'a str>>,
    ) -> Self {
        self.columns.push((name, Values::Texts(values.collect())));
        self
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| match values {
            Values::Numbers(values) => values.len(),
            Values::Texts(values) => values.len(),
        })
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    fn on_postgres(&self, statement: &str) -> String {
        let array = |(at, (_, values)): (usize, &(&str, Values<'_>))| match values {
            Values::Numbers(_) => format!("${}::bigint[]", at + 1),
            Values::Texts(_) => format!("${}::text[]", at + 1),
        };
        let arrays = self.columns.iter().enumerate().map(array).collect::<Vec<_>>().join(", ");
        format!("WITH given ({}) AS (SELECT * FROM unnest({arrays})) {statement}", self.names())
    }

    fn on_sqlite(&self, statement: &str) -> String {
        let value = |at: usize| format!("value ->> {at}");
        let values = (0..self.columns.len()).map(value).collect::<Vec<_>>().join(", ");
        let names = self.names();
        format!("WITH given ({names}) AS (SELECT {values} FROM json_each(?)) {statement}")
    }

    /// The rows as an array of arrays.
    fn json(&self) -> Result<String, DbError> {
        let cell = |row: usize, values: &Values<'_>| match values {
            Values::Numbers(values) => values.get(row).copied().flatten().map(Value::from),
            Values::Texts(values) => values.get(row).copied().flatten().map(Value::from),
        };
        let row = |row| -> Vec<Option<Value>> {
            self.columns.iter().map(|(_, values)| cell(row, values)).collect()
        };
        let rows: Vec<_> = (0..self.rows()).map(row).collect();
        serde_json::to_string(&rows).map_err(|error| DbError::Broken(error.to_string()))
    }
}

type Arrays<'a> = BoxedSqlQuery<'a, Pg, diesel::query_builder::SqlQuery>;

fn bound<'a>(statement: String, given: &Given<'a>) -> Arrays<'a> {
    let query = diesel::sql_query(statement).into_boxed::<Pg>();
    given.columns.iter().fold(query, |query, (_, values)| match values {
        Values::Numbers(values) => query.bind::<Array<Nullable<BigInt>>, _>(values.clone()),
        Values::Texts(values) => query.bind::<Array<Nullable<Text>>, _>(values.clone()),
    })
}

/// A row of an answer, as either backend gives it.
pub trait Row: QueryableByName<Pg> + QueryableByName<Sqlite> + 'static {}

impl<R: QueryableByName<Pg> + QueryableByName<Sqlite> + 'static> Row for R {}

/// What a statement answers about rows that are given. Nothing is asked about no rows.
///
/// # Errors
/// The database's failure.
pub fn load<R: Row>(
    conn: &mut Conn,
    statement: &str,
    given: &Given<'_>,
) -> Result<Vec<R>, DbError> {
    if given.rows() == 0 {
        return Ok(Vec::new());
    }
    Ok(match conn {
        Conn::Postgres(conn) => bound(given.on_postgres(statement), given).load(conn)?,
        Conn::Sqlite(conn) => diesel::sql_query(given.on_sqlite(statement))
            .bind::<Text, _>(given.json()?)
            .load(conn)?,
    })
}

/// Runs a statement over rows that are given; how many rows it has touched.
///
/// # Errors
/// The database's failure.
pub fn execute(conn: &mut Conn, statement: &str, given: &Given<'_>) -> Result<usize, DbError> {
    if given.rows() == 0 {
        return Ok(0);
    }
    Ok(match conn {
        Conn::Postgres(conn) => bound(given.on_postgres(statement), given).execute(conn)?,
        Conn::Sqlite(conn) => diesel::sql_query(given.on_sqlite(statement))
            .bind::<Text, _>(given.json()?)
            .execute(conn)?,
    })
}
