//! Resetting certificates, showing and hiding keys.

use std::sync::Arc;

use super::store::{self, certificate_reset};
use super::{Purpose, ResetCertificate, RevealKey, Slot};
use crate::apps::App;
use crate::apps::store::app_by_id;
use crate::apps::switching::actions::scope_of;
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::db::{Conn, DbError, Stop};
use crate::error::AppError;
use crate::ids::{SdkAppId, SessionId};
use crate::problem::Problem;
use crate::secret::Secret;
use crate::services::Services;
use crate::step_up::actions::{Unperformed, perform};
use crate::step_up::{Asker, Holder, PROOF_LIFETIME, Proof};
use crate::workspaces::Scope;

fn about(purpose: Purpose) -> Changes {
    Changes::default().with("purpose", purpose.as_str())
}

fn session_of(asker: &Asker) -> Result<SessionId, AppError> {
    match asker.holder {
        Holder::Session { session, .. } => Ok(session),
        Holder::Browser(_) => Err(AppError::SignedOut),
    }
}

/// An app that was deleted, or moved out of the member's reach, meanwhile has no certificates for them.
fn reached(conn: &mut Conn, scope: &Scope, app: SdkAppId) -> Result<App, Stop<Problem>> {
    app_by_id(conn, scope, app)?.ok_or(Stop::Refused(Problem::ChangedMeanwhile))
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
    let (scope, session, now) = (scope_of(asker)?, session_of(asker)?, services.clock.now());
    let (vault, random) = (Arc::clone(&services.vault), services.random.clone());
    perform(services, asker, act, proof, move |conn, act, spent| {
        reached(conn, &scope, act.app)?;
        let shown = (session, now.plus(PROOF_LIFETIME));
        let made = certificate_reset(conn, (&vault, &random), spent, act, shown, now)?;
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
    let (scope, session, now) = (scope_of(asker)?, session_of(asker)?, services.clock.now());
    perform(services, asker, act, proof, move |conn, act, spent| {
        reached(conn, &scope, act.app)?;
        store::reveal(conn, spent, act, session, now.plus(PROOF_LIFETIME))?;
        Ok(((), about(act.purpose)))
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
            let all = store::certificates_of_app(conn, &vault, id, purpose, now)?;
            let signs = all.into_iter().find(|certificate| certificate.slot == Slot::Primary);
            let event = Event::done(Act::RevealKey, app.clone()).changing(about(purpose));
            audit::record(conn, &vault, chain, &Actor::host(), &event, now)?;
            keys.extend(signs.map(|signs| (purpose, signs.secret)));
        }
        Ok(keys)
    });
    shown.await
}
