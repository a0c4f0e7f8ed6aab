//! What members do with keys. A new key waits, sealed, to be shown once to the sign-in that made it.

use std::sync::Arc;

use super::described;
use super::tell::tell;
use crate::api_keys::store;
use crate::api_keys::{CreateApiKey, Fresh, Key, NewKey, RevokeApiKey, Roll, RollApiKey};
use crate::apps::switching::actions::reach;
use crate::audit::{self, Act, Changes, Event, Target, TargetKind};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::disclosures::Subject;
use crate::disclosures::store::{Disclosure, disclosure, disclosure_keep, disclosure_put_away};
use crate::error::AppError;
use crate::ids::{ApiKeyId, SessionId};
use crate::notify::KeyMade;
use crate::problem::Problem;
use crate::services::Services;
use crate::sessions::Person;
use crate::step_up::actions::{Unperformed, perform};
use crate::step_up::{Asker, Proof};
use crate::submissions::Submission;
use crate::submissions::store::submission_insert;
use crate::workspaces::Scope;

fn session_of(asker: &Asker) -> Result<SessionId, AppError> {
    asker.holder.session().ok_or(AppError::SignedOut)
}

fn scope_of(asker: &Asker) -> Result<Scope, AppError> {
    asker.scope.clone().ok_or(AppError::NoWorkspace)
}

fn target(id: ApiKeyId, name: &str) -> Target {
    Target { kind: TargetKind::ApiKey, id: id.0, name: name.to_owned() }
}

/// Keeps a new key for the page that shows it once.
fn keep(
    conn: &mut Conn,
    services: &Services,
    session: SessionId,
    (id, fresh): (ApiKeyId, &Fresh),
    now: UtcTime,
) -> Result<(), DbError> {
    let (keys, of) = ((&*services.vault, &services.random), (Subject::ApiKey, id.0));
    disclosure_keep(conn, keys, session, of, fresh.key(), now)
}

/// Makes a key that can change something.
///
/// # Errors
/// A failure of ours.
pub async fn create_proved(
    services: &Services,
    asker: &Asker,
    act: CreateApiKey,
    proof: Proof<CreateApiKey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (session, by, now) = (session_of(asker)?, asker.clone(), services.clock.now());
    let (tools, fresh) = (services.clone(), Fresh::new(&services.random.token()));
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let scope = reach(scope)?;
        let id = store::key_create(conn, spent, scope, (&fresh, by.account), now)?;
        keep(conn, &tools, session, (id, &fresh), now)?;
        let key = (KeyMade::Created, &*spent.act().name, &*spent.act().scopes);
        tell(conn, &tools, (&by, scope.workspace), key, now)?;
        // The target of the act could not know it yet.
        let changes = Changes::default().with("number", id.to_string());
        Ok(((), Changes([changes.0, described(&spent.act().key(), &fresh).0].concat())))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// What comes of a form that makes a key.
pub enum Made {
    /// A key.
    Now,
    /// Nothing: the same form was sent before, and made one.
    Before,
}

/// Makes a key that can change nothing. The form's key makes a second sending harmless.
///
/// # Errors
/// A failure of ours.
pub async fn create_read_only(
    services: &Services,
    asker: &Asker,
    new: NewKey,
    submission: String,
) -> Result<Result<Made, Problem>, AppError> {
    let (session, scope, by) = (session_of(asker)?, scope_of(asker)?, asker.account);
    let (tools, fresh) = (services.clone(), Fresh::new(&services.random.token()));
    let (actor, now) = (asker.actor.clone(), services.clock.now());
    let made = services.db.write::<_, Stop<Problem>>(move |conn| {
        if submission_insert(conn, by, &submission, now)? != Submission::New {
            return Ok(Made::Before);
        }
        let id = store::key_create_read_only(conn, &scope, &new, (&fresh, by), now)?;
        keep(conn, &tools, session, (id, &fresh), now)?;
        let event = Event::done(Act::CreateApiKey, target(id, &new.name));
        let event = event.changing(described(&new, &fresh));
        audit::record(conn, &tools.vault, scope.workspace, &actor, &event, now)?;
        Ok(Made::Now)
    });
    Ok(made.await.split()?)
}

/// What rolling a key makes different, for the audit log.
fn rolled(old: &Key, fresh: &Fresh, successor: ApiKeyId, hours: i64) -> Changes {
    Changes::default()
        .from_to("prefix", &*old.prefix, &*fresh.prefix)
        .with("successor", successor.to_string())
        .with("overlap", hours.to_string())
}

/// Puts another key in the place of one that can change something.
///
/// # Errors
/// A failure of ours.
pub async fn roll_proved(
    services: &Services,
    asker: &Asker,
    act: RollApiKey,
    proof: Proof<RollApiKey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (session, by, now) = (session_of(asker)?, asker.clone(), services.clock.now());
    let (tools, fresh) = (services.clone(), Fresh::new(&services.random.token()));
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let scope = reach(scope)?;
        let (old, id) = store::key_roll(conn, spent, scope, (&fresh, by.account), now)?;
        keep(conn, &tools, session, (id, &fresh), now)?;
        let key = (KeyMade::Rolled, &*old.name, &*old.scopes);
        tell(conn, &tools, (&by, scope.workspace), key, now)?;
        Ok(((), rolled(&old, &fresh, id, spent.act().overlap_h)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Puts another key in the place of one that can change nothing.
///
/// # Errors
/// A failure of ours.
pub async fn roll_read_only(
    services: &Services,
    asker: &Asker,
    id: ApiKeyId,
    roll: Roll,
) -> Result<Result<(), Problem>, AppError> {
    let (session, scope, by) = (session_of(asker)?, scope_of(asker)?, asker.account);
    let (tools, fresh) = (services.clone(), Fresh::new(&services.random.token()));
    let (actor, now) = (asker.actor.clone(), services.clock.now());
    let done = services.db.write::<_, Stop<Problem>>(move |conn| {
        let (old, successor) =
            store::key_roll_read_only(conn, &scope, (id, roll), (&fresh, by), now)?;
        keep(conn, &tools, session, (successor, &fresh), now)?;
        let event = Event::done(Act::RollApiKey, target(id, &old.name));
        let event = event.changing(rolled(&old, &fresh, successor, roll.overlap.hours()));
        Ok(audit::record(conn, &tools.vault, scope.workspace, &actor, &event, now)?)
    });
    Ok(done.await.split()?)
}

/// Revokes a key that somebody else made.
///
/// # Errors
/// A failure of ours.
pub async fn revoke_proved(
    services: &Services,
    asker: &Asker,
    act: RevokeApiKey,
    proof: Proof<RevokeApiKey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let now = services.clock.now();
    perform(services, asker, act, proof, move |conn, spent, scope| {
        let old = store::key_revoke(conn, spent, reach(scope)?, now)?;
        Ok(((), Changes::default().from_to("prefix", old.prefix, "")))
    })
    .await
}

/// Revokes a key that the person made.
///
/// # Errors
/// A failure of ours.
pub async fn revoke_own(
    services: &Services,
    asker: &Asker,
    id: ApiKeyId,
) -> Result<Result<(), Problem>, AppError> {
    let (scope, by, now) = (scope_of(asker)?, asker.account, services.clock.now());
    let (vault, actor) = (Arc::clone(&services.vault), asker.actor.clone());
    let done = services.db.write::<_, Stop<Problem>>(move |conn| {
        let old = store::key_revoke_own(conn, &scope, (id, by), now)?;
        let event = Event::done(Act::RevokeApiKey, target(id, &old.name));
        let event = event.changing(Changes::default().from_to("prefix", old.prefix, ""));
        Ok(audit::record(conn, &vault, scope.workspace, &actor, &event, now)?)
    });
    Ok(done.await.split()?)
}

/// The key that the sign-in has just made, as long as it may be looked at: of this workspace, and within reach.
///
/// # Errors
/// The database's failure, or a secret that does not open.
pub async fn fresh(
    services: &Services,
    person: &Person,
) -> Result<Option<(Key, Disclosure)>, DbError> {
    let (vault, session, now) = (Arc::clone(&services.vault), person.session, services.clock.now());
    let Some(scope) = person.seat.as_ref().map(|seat| seat.scope.clone()) else { return Ok(None) };
    let found = services.db.read::<_, DbError>(move |conn| {
        let Some(shown) = disclosure(conn, &vault, session, Subject::ApiKey, now)? else {
            return Ok(None);
        };
        let key = store::key(conn, &scope, ApiKeyId(shown.of))?;
        // One that was revoked meanwhile is not for keeping.
        Ok(key.filter(|key| key.revoked_at.is_none()).map(|key| (key, shown)))
    });
    found.await
}

/// Puts the key away that the sign-in has just made.
///
/// # Errors
/// A failure of ours.
pub async fn put_away(services: &Services, asker: &Asker, key: &Key) -> Result<(), AppError> {
    let (session, now) = (session_of(asker)?, services.clock.now());
    let (vault, chain, actor) =
        (Arc::clone(&services.vault), asker.audit_chain(), asker.actor.clone());
    let event = Event::done(Act::HideKey, target(key.id, &key.name));
    let hidden = services.db.write::<_, DbError>(move |conn| {
        if disclosure_put_away(conn, session, Subject::ApiKey)? {
            audit::record(conn, &vault, chain, &actor, &event, now)?;
        }
        Ok(())
    });
    Ok(hidden.await?)
}
