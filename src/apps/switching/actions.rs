//! Enabling, disabling and deleting apps.

use std::sync::Arc;

use super::{DeleteApp, DisableApp, store};
use crate::apps::{DisabledBy, Switch};
use crate::audit::{self, Act, Changes, Event};
use crate::db::{Split, Stop};
use crate::error::AppError;
use crate::ids::SdkAppId;
use crate::problem::Problem;
use crate::services::Services;
use crate::step_up::actions::{Unperformed, perform};
use crate::step_up::{Asker, Proof};
use crate::workspaces::Scope;

fn switched(from: Switch, to: Switch) -> Changes {
    Changes::default().from_to("status", from.as_str(), to.as_str())
}

/// Disables an app for everybody, at once.
///
/// # Errors
/// A failure of ours.
pub async fn disable(
    services: &Services,
    asker: &Asker,
    act: DisableApp,
    proof: Proof<DisableApp>,
) -> Result<Result<(), Unperformed>, AppError> {
    let now = services.clock.now();
    perform(services, asker, act, proof, move |conn, spent, scope| {
        store::app_disable(conn, spent, reach(scope)?, now)?;
        let changes = switched(Switch::Enabled, Switch::Disabled);
        Ok(((), changes.with("disabled_by", DisabledBy::Member.as_str())))
    })
    .await
}

/// Deletes an app for good.
///
/// # Errors
/// A failure of ours.
pub async fn delete(
    services: &Services,
    asker: &Asker,
    act: DeleteApp,
    proof: Proof<DeleteApp>,
) -> Result<Result<(), Unperformed>, AppError> {
    let now = services.clock.now();
    perform(services, asker, act, proof, move |conn, spent, scope| {
        let keys = store::app_delete(conn, spent, reach(scope)?, now)?;
        let changes = Changes::default().from_to("name", &*spent.act().name, "");
        Ok(((), changes.from_to("api_keys", keys.join(" "), "")))
    })
    .await
}

/// What an act in a workspace reaches: it is known for all of them.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] for an act that needs no permission, which has no apps.
pub fn reach(scope: Option<&Scope>) -> Result<&Scope, Stop<Problem>> {
    scope.ok_or(Stop::Refused(Problem::ChangedMeanwhile))
}

/// Enables an app that a member disabled. Enabling one that is enabled is done already.
///
/// # Errors
/// A failure of ours.
pub async fn enable(
    services: &Services,
    asker: &Asker,
    id: SdkAppId,
) -> Result<Result<(), Problem>, AppError> {
    let scope = asker.scope.clone().ok_or(AppError::NoWorkspace)?;
    let now = services.clock.now();
    let (vault, actor) = (Arc::clone(&services.vault), asker.actor.clone());
    let done = services.db.write::<_, Stop<Problem>>(move |conn| {
        let before = store::app_enable(conn, &scope, id, now)?;
        if before.switch == Switch::Disabled {
            let changes = switched(Switch::Disabled, Switch::Enabled);
            let event = Event::done(Act::EnableApp, &before).changing(changes);
            audit::record(conn, &vault, scope.workspace, &actor, &event, now)?;
        }
        Ok(())
    });
    Ok(done.await.split()?)
}
