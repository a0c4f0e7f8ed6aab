//! Many rows in one statement, on either backend: the rows stand in the statement as a table of the name `given`.
//!
//! PostgreSQL gets an array for each column, which costs a third of a statement for each row. On SQLite a statement for
//! each row costs less than taking a table apart; where a statement has to see all rows it gets them as one JSON text.

use diesel::backend::Backend;
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

/// How a statement gets its rows.
#[derive(Clone, Copy)]
enum Rows<'a> {
    /// An array for each column.
    Arrays,
    /// All as one text.
    Json(&'a str),
    /// Only this one.
    One(usize),
}

/// What a statement does with its rows.
#[derive(Clone, Copy)]
enum Act<'a> {
    /// Runs this text, to which they are a table of the name `given`.
    With(&'a str),
    /// Inserts them into a table, whose columns have the names of theirs, and with rows that are there already does this.
    Insert(&'a str, &'a str),
}

/// A statement with its rows. Unlike [`diesel::sql_query`] it is prepared once and kept by its connection, since there are
/// as many of them as places that call this module.
struct Statement<'a> {
    act: Act<'a>,
    given: &'a Given<'a>,
    rows: Rows<'a>,
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}

impl Statement<'_> {
    /// What stands before the rows; `insert` is what begins them where they are inserted.
    fn begin<B: Backend>(&self, out: &mut AstPass<'_, '_, B>, insert: &str) {
        let (table, rows) = match self.act {
            Act::With(_) => (&["WITH given"][..], " AS (SELECT "),
            Act::Insert(table, _) => (&["INSERT INTO ", table][..], insert),
        };
        for part in table {
            out.push_sql(part);
        }
        for (at, (name, _)) in self.given.columns.iter().enumerate() {
            out.push_sql(if at > 0 { ", " } else { " (" });
            out.push_sql(name);
        }
        out.push_sql(")");
        out.push_sql(rows);
    }

    fn end<B: Backend>(&self, out: &mut AstPass<'_, '_, B>) {
        let (Act::With(text) | Act::Insert(_, text)) = self.act;
        out.push_sql(") ");
        out.push_sql(text);
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.begin(&mut out, " (SELECT ");
        out.push_sql("* FROM unnest(");
        for (at, (_, values)) in self.given.columns.iter().enumerate() {
            out.push_sql(if at > 0 { ", " } else { "" });
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
        out.push_sql(")");
        self.end(&mut out);
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // Inserting what a SELECT answers costs a savepoint for each statement, which VALUES does not.
        self.begin(&mut out, " VALUES (");
        for (at, (_, values)) in self.given.columns.iter().enumerate() {
            out.push_sql(if at > 0 { ", " } else { "" });
            match (self.rows, values) {
                (Rows::One(row), Values::Numbers(values)) => {
                    out.push_bind_param::<Nullable<BigInt>, _>(values.get(row).unwrap_or(&None))?;
                }
                (Rows::One(row), Values::Texts(values)) => {
                    out.push_bind_param::<Nullable<Text>, _>(values.get(row).unwrap_or(&None))?;
                }
                _ => out.push_sql(&format!("value ->> {at}")),
            }
        }
        if let Rows::Json(rows) = &self.rows {
            out.push_sql(" FROM json_each(");
            out.push_bind_param::<Text, _>(*rows)?;
            out.push_sql(")");
        }
        self.end(&mut out);
        Ok(())
    }
}

/// A row of an answer, as either backend gives it.
pub trait Row: QueryableByName<Pg> + QueryableByName<Sqlite> + 'static {}

impl<R: QueryableByName<Pg> + QueryableByName<Sqlite> + 'static> Row for R {}

/// What a statement answers about rows that are given, seeing all of them. Nothing is asked about no rows.
///
/// # Errors
/// The database's failure.
pub fn load<R: Row>(conn: &mut Conn, text: &str, given: &Given<'_>) -> Result<Vec<R>, DbError> {
    if given.rows() == 0 {
        return Ok(Vec::new());
    }
    let act = Act::With(text);
    Ok(match conn {
        Conn::Postgres(conn) => Statement { act, given, rows: Rows::Arrays }.load(conn)?,
        Conn::Sqlite(conn) => {
            Statement { act, given, rows: Rows::Json(&given.json()?) }.load(conn)?
        }
    })
}

/// What a statement answers about rows that are given, about each by itself.
///
/// # Errors
/// The database's failure.
pub fn load_each<R: Row>(
    conn: &mut Conn,
    text: &str,
    given: &Given<'_>,
) -> Result<Vec<R>, DbError> {
    let act = Act::With(text);
    match conn {
        Conn::Postgres(_) => load(conn, text, given),
        Conn::Sqlite(conn) => {
            let mut all = Vec::new();
            for row in 0..given.rows() {
                let one = Statement { act, given, rows: Rows::One(row) };
                all.extend(one.load::<R>(conn)?);
            }
            Ok(all)
        }
    }
}

/// Runs a statement over rows that are given, with each by itself; how many rows it has touched.
///
/// # Errors
/// The database's failure.
pub fn execute_each(conn: &mut Conn, text: &str, given: &Given<'_>) -> Result<usize, DbError> {
    touched(conn, Act::With(text), given)
}

/// Inserts rows that are given into a table, whose columns have the names of theirs. What is done about rows that are there
/// already, as `ON CONFLICT` has it, follows the rows.
///
/// # Errors
/// The database's failure.
pub fn insert(
    conn: &mut Conn,
    table: &'static str,
    given: &Given<'_>,
    conflict: &'static str,
) -> Result<(), DbError> {
    touched(conn, Act::Insert(table, conflict), given).map(drop)
}

fn touched(conn: &mut Conn, act: Act<'_>, given: &Given<'_>) -> Result<usize, DbError> {
    match conn {
        Conn::Postgres(_) if given.rows() == 0 => Ok(0),
        Conn::Postgres(conn) => Ok(Statement { act, given, rows: Rows::Arrays }.execute(conn)?),
        Conn::Sqlite(conn) => {
            let run = |row| Statement { act, given, rows: Rows::One(row) }.execute(conn);
            Ok((0..given.rows()).map(run).sum::<QueryResult<usize>>()?)
        }
    }
}
