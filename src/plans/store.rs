//! Queries on the catalogue.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Limits, PlanCode};
use crate::db::schema::plans;
use crate::db::{Conn, DbError};

/// The limits of all plans; there are a few.
///
/// # Errors
/// The database's failure.
pub fn limits(conn: &mut Conn) -> Result<BTreeMap<PlanCode, Limits>, DbError> {
    let all: Vec<(PlanCode, Limits)> =
        plans::table.select((plans::code, Limits::as_select())).load(conn)?;
    Ok(all.into_iter().collect())
}
