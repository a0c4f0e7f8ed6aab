//! Resetting certificates, showing and hiding keys.

use std::sync::Arc;

use super::store::{self, certificate_reset};
use super::{Purpose, ResetCertificate, RevealKey};
use crate::apps::App;
use crate::apps::switching::actions::reach;
use crate::apps::switching::store::app_hold;
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::SessionId;
use crate::secret::Secret;
use crate::services::Services;
use crate::step_up::actions::{Unperformed, perform};
use crate::step_up::{Asker, PROOF_LIFETIME, Proof};
use crate::workspaces::Scope;

fn about(purpose: Purpose) -> Changes {
    Changes::default().with("purpose", purpose.as_str())
}

fn session_of(asker: &Asker) -> Result<SessionId, AppError> {
    asker.holder.session().ok_or(AppError::SignedOut)
}

/// Resets a certificate: what was signed with the old one is refused at once. The new one is shown to the
/// sign-in for as long as a revealed key.
///
/// # Errors
/// A failure of ours.
pub async fn reset(
    services: &Services,
    asker: &Asker,
    act: ResetCertificate,
    proof: Proof<ResetCertificate>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (session, now) = (session_of(asker)?, services.clock.now());
    let (vault, random) = (Arc::clone(&services.vault), services.random.clone());
    perform(services, asker, act, proof, move |conn, spent, scope| {
        let act = spent.act();
        app_hold(conn, reach(scope)?, act.app)?;
        let shown = (session, now.plus(PROOF_LIFETIME));
        let made = certificate_reset(conn, (&vault, &random), spent, shown, now)?;
        // Names of rows, which tell nothing of the keys in them.
        let changes = about(act.purpose).from_to("certificate", &*act.certificate, made);
        Ok(((), changes))
    })
    .await
}

/// Shows a key to the sign-in for some minutes.
///
/// # Errors
/// A failure of ours.
pub async fn reveal(
    services: &Services,
    asker: &Asker,
    act: RevealKey,
    proof: Proof<RevealKey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (session, now) = (session_of(asker)?, services.clock.now());
    perform(services, asker, act, proof, move |conn, spent, scope| {
        app_hold(conn, reach(scope)?, spent.act().app)?;
        store::reveal(conn, spent, session, now.plus(PROOF_LIFETIME))?;
        Ok(((), about(spent.act().purpose)))
    })
    .await
}

/// Shows a key without a new proof, while the one for a key of the same app holds; `false` when none does.
///
/// # Errors
/// A failure of ours.
pub async fn reveal_again(
    services: &Services,
    asker: &Asker,
    app: &App,
    purpose: Purpose,
) -> Result<bool, AppError> {
    let (session, now) = (session_of(asker)?, services.clock.now());
    let (id, chain, actor) = (app.sdk_app_id, asker.audit_chain(), asker.actor.clone());
    let event = Event::done(Act::RevealKey, app).changing(about(purpose));
    let vault = Arc::clone(&services.vault);
    let shown = services.db.write::<_, DbError>(move |conn| {
        if !store::reveal_again(conn, session, id, purpose, now)? {
            return Ok(false);
        }
        audit::record(conn, &vault, chain, &actor, &event, now)?;
        Ok(true)
    });
    Ok(shown.await?)
}

/// Hides a key again.
///
/// # Errors
/// A failure of ours.
pub async fn hide(
    services: &Services,
    asker: &Asker,
    app: &App,
    purpose: Purpose,
) -> Result<(), AppError> {
    let (session, now) = (session_of(asker)?, services.clock.now());
    let (id, chain, actor) = (app.sdk_app_id, asker.audit_chain(), asker.actor.clone());
    let event = Event::done(Act::HideKey, app).changing(about(purpose));
    let vault = Arc::clone(&services.vault);
    let hidden = services.db.write::<_, DbError>(move |conn| {
        if store::reveal_hide(conn, session, id, purpose, now)? {
            audit::record(conn, &vault, chain, &actor, &event, now)?;
        }
        Ok(())
    });
    Ok(hidden.await?)
}

/// The keys that sign for an app, for whoever has the host. That they were shown is written down before they
/// are.
///
/// # Errors
/// A failure of ours.
pub async fn reveal_to_host(
    services: &Services,
    app: &App,
    scope: &Scope,
) -> Result<Vec<(Purpose, Secret)>, DbError> {
    let (id, chain, now) = (app.sdk_app_id, scope.workspace, services.clock.now());
    let (vault, app) = (Arc::clone(&services.vault), Target::from(app));
    let shown = services.db.write::<_, DbError>(move |conn| {
        let mut keys = Vec::new();
        for purpose in Purpose::ALL.iter().copied() {
            let key = store::primary_key(conn, &vault, id, purpose)?;
            keys.extend(key.map(|key| (purpose, key)));
        }
        for purpose in Purpose::ALL.iter().copied() {
            let event = Event::done(Act::RevealKey, app.clone()).changing(about(purpose));
            audit::record(conn, &vault, chain, &Actor::host(), &event, now)?;
        }
        Ok(keys)
    });
    shown.await
}
