//! Many rows in one statement, on either backend: the rows stand in the statement as a table of the name `given`.
//!
//! PostgreSQL gets an array for each column, which costs a third of a statement for each row; SQLite gets all of it as one
//! JSON text, so that a batch costs a statement for each table there too.

use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Untyped};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};
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

    const fn within(&'a self, text: &'a str, json: String) -> Statement<'a> {
        Statement { text, given: self, json }
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

/// A statement with its rows. Unlike [`diesel::sql_query`] it is prepared once and kept by its connection, since there are
/// as many of them as places that call this module.
struct Statement<'a> {
    text: &'a str,
    given: &'a Given<'a>,
    /// The rows, where a backend takes them as one value.
    json: String,
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH given (");
        out.push_sql(&self.given.names());
        out.push_sql(") AS (SELECT * FROM unnest(");
        for (at, (_, values)) in self.given.columns.iter().enumerate() {
            if at > 0 {
                out.push_sql(", ");
            }
            match values {
                Values::Numbers(values) => {
                    out.push_bind_param::<Array<Nullable<BigInt>>, _>(values)?;
                    out.push_sql("::bigint[]");
                }
                Values::Texts(values) => {
                    out.push_bind_param::<Array<Nullable<Text>>, _>(values)?;
                    out.push_sql("::text[]");
                }
            }
        }
        out.push_sql(")) ");
        out.push_sql(self.text);
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let value = |at: usize| format!("value ->> {at}");
        let values = (0..self.given.columns.len()).map(value).collect::<Vec<_>>().join(", ");
        out.push_sql("WITH given (");
        out.push_sql(&self.given.names());
        out.push_sql(") AS (SELECT ");
        out.push_sql(&values);
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql(")) ");
        out.push_sql(self.text);
        Ok(())
    }
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
        Conn::Postgres(conn) => given.within(statement, String::new()).load(conn)?,
        Conn::Sqlite(conn) => given.within(statement, given.json()?).load(conn)?,
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
        Conn::Postgres(conn) => given.within(statement, String::new()).execute(conn)?,
        Conn::Sqlite(conn) => given.within(statement, given.json()?).execute(conn)?,
    })
}
