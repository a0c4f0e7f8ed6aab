//! Queries on a workspace's settings.

use diesel::prelude::*;

use super::ChangePolicy;
use crate::db::schema::workspaces;
use crate::db::{Conn, DbError, Stop};
use crate::ids::WorkspaceId;
use crate::problem::{Problem, TeamProblem};
use crate::step_up::Spent;
use crate::workspaces::DangerPolicy;

/// A workspace's settings.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub time_zone: String,
    /// How dangerous acts are confirmed.
    pub policy: DangerPolicy,
    /// Counts changes.
    pub version: i64,
}

/// The settings of a workspace.
///
/// # Errors
/// The database's failure, as which a workspace that does not exist counts.
pub fn settings(conn: &mut Conn, workspace: WorkspaceId) -> Result<Settings, DbError> {
    Ok(workspaces::table
        .find(workspace)
        .select((
            workspaces::name,
            workspaces::time_zone,
            workspaces::danger_policy,
            workspaces::version,
        ))
        .first(conn)?)
}

/// Saves name and time zone, provided that nobody has saved since a version; the settings as they were.
///
/// # Errors
/// [`Problem::Team(TeamProblem::SavedMeanwhile)`], or the database's failure.
pub fn settings_update(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (name, time_zone): (&str, &str),
    version: i64,
) -> Result<Settings, Stop<Problem>> {
    let before = settings(conn, workspace)?;
    let saved = diesel::update(workspaces::table.find(workspace))
        .filter(workspaces::version.eq(version))
        .set((
            workspaces::name.eq(name),
            workspaces::time_zone.eq(time_zone),
            workspaces::version.eq(workspaces::version + 1),
        ))
        .execute(conn)?;
    if saved == 1 {
        Ok(before)
    } else {
        Err(Stop::Refused(Problem::Team(TeamProblem::SavedMeanwhile)))
    }
}

/// Changes how dangerous acts are confirmed, provided that the workspace is still as it was when this was asked for;
/// how they were.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn policy_update(
    conn: &mut Conn,
    spent: &Spent<ChangePolicy>,
    workspace: WorkspaceId,
) -> Result<DangerPolicy, Stop<Problem>> {
    let act = spent.act();
    let before = settings(conn, workspace)?;
    let saved = diesel::update(workspaces::table.find(workspace))
        .filter(workspaces::id.eq(act.workspace))
        .filter(workspaces::version.eq(act.version))
        .set((
            workspaces::danger_policy.eq(act.policy),
            workspaces::version.eq(workspaces::version + 1),
        ))
        .execute(conn)?;
    if saved == 1 { Ok(before.policy) } else { Err(Stop::Refused(Problem::ChangedMeanwhile)) }
}
