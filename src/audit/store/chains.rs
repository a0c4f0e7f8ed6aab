//! The chains as they are checked: all of them, whole, for the command line, which knows no scope.

use diesel::prelude::*;

use super::Row;
use crate::audit::INSTALLATION;
use crate::db::schema::{audit_chains, audit_events, workspaces};
use crate::db::{Conn, DbError};
use crate::ids::WorkspaceId;

/// Where a chain says that it ends.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct End {
    /// Whose chain.
    pub workspace: WorkspaceId,
    /// The position of the last event.
    pub position: i64,
    /// Its hash.
    pub hash: String,
    /// See [`crate::audit::chain::seal`].
    pub seal: String,
}

/// The ends of all chains.
///
/// # Errors
/// The database's failure.
pub fn ends(conn: &mut Conn) -> Result<Vec<End>, DbError> {
    Ok(audit_chains::table
        .select((
            audit_chains::workspace_id,
            audit_chains::position,
            audit_chains::hash,
            audit_chains::seal,
        ))
        .order(audit_chains::workspace_id)
        .load(conn)?)
}

/// The end of one chain.
///
/// # Errors
/// The database's failure.
pub fn end(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<End>, DbError> {
    Ok(audit_chains::table
        .find(workspace)
        .select((
            audit_chains::workspace_id,
            audit_chains::position,
            audit_chains::hash,
            audit_chains::seal,
        ))
        .first(conn)
        .optional()?)
}

/// The workspaces that have events, each found by one look-up.
///
/// # Errors
/// The database's failure.
pub fn workspaces_with_events(conn: &mut Conn) -> Result<Vec<WorkspaceId>, DbError> {
    let mut found = Vec::new();
    let mut last = WorkspaceId(i64::MIN);
    loop {
        let next: Option<WorkspaceId> = audit_events::table
            .filter(audit_events::workspace_id.gt(last))
            .select(audit_events::workspace_id)
            .order(audit_events::workspace_id)
            .first(conn)
            .optional()?;
        let Some(next) = next else { return Ok(found) };
        found.push(next);
        last = next;
    }
}

/// All workspaces.
///
/// # Errors
/// The database's failure.
pub fn workspaces(conn: &mut Conn) -> Result<Vec<WorkspaceId>, DbError> {
    Ok(workspaces::table.select(workspaces::id).order(workspaces::id).load(conn)?)
}

/// The events of a chain from a position on, in their order.
///
/// # Errors
/// The database's failure.
pub fn events_from(
    conn: &mut Conn,
    workspace: WorkspaceId,
    position: i64,
    max: i64,
) -> Result<Vec<Row>, DbError> {
    Ok(audit_events::table
        .filter(audit_events::workspace_id.eq(workspace))
        .filter(audit_events::position.ge(position))
        .select(Row::as_select())
        .order(audit_events::position)
        .limit(max)
        .load(conn)?)
}

/// What a chain is called: the workspace's name, nothing for one that does not exist.
///
/// # Errors
/// The database's failure.
pub fn name(conn: &mut Conn, workspace: WorkspaceId) -> Result<String, DbError> {
    if workspace == INSTALLATION {
        return Ok("installation".to_owned());
    }
    let found: Option<String> =
        workspaces::table.find(workspace).select(workspaces::name).first(conn).optional()?;
    Ok(found.unwrap_or_default())
}
