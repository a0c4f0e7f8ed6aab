//! Going from one workspace to another.

use std::sync::Arc;

use super::store::workspace_name;
use crate::audit::{self, Act, Actor, Event, Target};
use crate::db::DbError;
use crate::ids::WorkspaceId;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::session_enter;

/// Moves a sign-in to another workspace of its person; `false` when they have no place there.
///
/// # Errors
/// The database's failure.
pub async fn enter(
    services: &Services,
    person: &Person,
    workspace: WorkspaceId,
    actor: Actor,
) -> Result<bool, DbError> {
    let (session, account, now) = (person.session, person.account, services.clock.now());
    let vault = Arc::clone(&services.vault);
    let entered = services.db.write(move |conn| {
        if !session_enter(conn, session, account, workspace)? {
            return Ok(false);
        }
        let target = Target::workspace(workspace, workspace_name(conn, workspace)?);
        let event = Event::done(Act::EnterWorkspace, target);
        audit::record(conn, &vault, workspace, &actor, &event, now)?;
        Ok(true)
    });
    entered.await
}
