//! What one person did, over all workspaces: the newest first, along an index of persons alone. No scope: whoever acted
//! may know of it, also where they have no place any more.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Row;
use crate::clock::UtcTime;
use crate::db::conn::Backend;
use crate::db::schema::{audit_events, workspaces};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, WorkspaceId};

/// The place of an event among all of a person's, by time; of one moment, by workspace and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When it happened.
    pub at: UtcTime,
    /// The workspace, or [`crate::audit::INSTALLATION`].
    pub workspace: WorkspaceId,
    /// The place in its chain.
    pub position: i64,
}

impl Place {
    fn of(row: &Row) -> Self {
        Self { at: row.at, workspace: row.workspace, position: row.position }
    }
}

/// Which page of a person's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The newest.
    Newest,
    /// What lies before an event.
    Before(Place),
    /// What leads up to an event from the newer side.
    After(Place),
}

/// A page of a person's events.
pub struct Activity {
    /// The events, the newest first.
    pub rows: Vec<Row>,
    /// The names of the workspaces that they are of.
    pub workspaces: Vec<(WorkspaceId, String)>,
    /// What leads to newer ones.
    pub newer: Option<Part>,
    /// What leads to older ones.
    pub older: Option<Part>,
}

type Query = diesel::dsl::IntoBoxed<'static, audit_events::table, Backend>;

/// All events of a person. Their kind is a literal: databases use an index of some rows only where they see that it has
/// those that are asked for.
fn of_person(account: AccountId) -> Query {
    audit_events::table
        .filter(diesel::dsl::sql::<Bool>("actor_kind = 'person'"))
        .filter(audit_events::actor_id.eq(account.0))
        .into_boxed()
}

/// Up to `size` events of a person.
///
/// # Errors
/// The database's failure.
pub fn activity(
    conn: &mut Conn,
    account: AccountId,
    part: Part,
    size: i64,
) -> Result<Activity, DbError> {
    use audit_events::{at, position, workspace_id};

    let query = of_person(account);
    let is_backward = matches!(part, Part::After(_));
    // The first condition is where the walk begins; the rest tells events of one moment apart.
    let query = match part {
        Part::Newest => query.order((at.desc(), workspace_id.desc(), position.desc())),
        Part::Before(Place { at: moment, workspace, position: place }) => query
            .filter(at.le(moment))
            .filter(
                at.lt(moment)
                    .or(workspace_id.lt(workspace))
                    .or(workspace_id.eq(workspace).and(position.lt(place))),
            )
            .order((at.desc(), workspace_id.desc(), position.desc())),
        Part::After(Place { at: moment, workspace, position: place }) => query
            .filter(at.ge(moment))
            .filter(
                at.gt(moment)
                    .or(workspace_id.gt(workspace))
                    .or(workspace_id.eq(workspace).and(position.gt(place))),
            )
            .order((at, workspace_id, position)),
    };
    let mut rows: Vec<Row> = query.select(Row::as_select()).limit(size + 1).load(conn)?;
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    if is_backward {
        rows.reverse();
    }
    let newest = rows.first().map(|row| Part::After(Place::of(row)));
    let oldest = rows.last().map(|row| Part::Before(Place::of(row)));
    let (newer, older) = match part {
        Part::Newest => (None, oldest.filter(|_| has_more)),
        Part::Before(_) => (newest, oldest.filter(|_| has_more)),
        Part::After(_) => (newest.filter(|_| has_more), oldest),
    };
    Ok(Activity { workspaces: names(conn, &rows)?, rows, newer, older })
}

/// The names of the workspaces of some events.
fn names(conn: &mut Conn, rows: &[Row]) -> Result<Vec<(WorkspaceId, String)>, DbError> {
    let mut ids: Vec<_> = rows.iter().map(|row| row.workspace).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(workspaces::table
        .filter(workspaces::id.eq_any(ids))
        .select((workspaces::id, workspaces::name))
        .load(conn)?)
}
