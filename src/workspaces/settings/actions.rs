//! Saving a workspace's settings.

use std::sync::Arc;

use super::forms::Edit;
use super::{ChangePolicy, store};
use crate::apps::switching::actions::reach;
use crate::audit::{self, Act, Changes, Event, Target};
use crate::db::{DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::AccountId;
use crate::problem::Problem;
use crate::services::Services;
use crate::step_up::actions::{Unperformed, has_strong, perform};
use crate::step_up::{Asker, Proof};

/// Saves the name and the time zone of the workspace that whoever asks is in.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn edit(
    services: &Services,
    asker: &Asker,
    edit: Edit,
) -> Result<Result<(), Problem>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (vault, by, now) = (Arc::clone(&services.vault), asker.actor.clone(), services.clock.now());
    let saved = services.db.write::<_, Stop<Problem>>(move |conn| {
        let zone = edit.time_zone.name();
        let before = store::settings_update(conn, workspace, (&edit.name, zone), edit.version)?;
        let changes = Changes::default().from_to("name", &*before.name, &*edit.name).from_to(
            "time_zone",
            before.time_zone,
            zone,
        );
        let event = Event::done(Act::EditWorkspace, Target::workspace(workspace, edit.name));
        Ok(audit::record(conn, &vault, workspace, &by, &event.changing(changes), now)?)
    });
    Ok(saved.await.split()?)
}

/// Changes how dangerous acts are confirmed.
///
/// # Errors
/// A failure of ours.
pub async fn change_policy(
    services: &Services,
    asker: &Asker,
    act: ChangePolicy,
    proof: Proof<ChangePolicy>,
) -> Result<Result<(), Unperformed>, AppError> {
    perform(services, asker, act, proof, move |conn, spent, scope| {
        let before = store::policy_update(conn, spent, reach(scope)?.workspace)?;
        let after = spent.act().policy;
        Ok(((), Changes::default().from_to("policy", before.as_str(), after.as_str())))
    })
    .await
}

/// Whether somebody could confirm dangerous acts under the strictest policy themselves. Who could not would shut
/// themselves out by choosing it.
///
/// # Errors
/// The database's failure.
pub async fn meets_strictest(services: &Services, account: AccountId) -> Result<bool, DbError> {
    let tools = services.clone();
    services.db.read(move |conn| has_strong(conn, &tools, account)).await
}
