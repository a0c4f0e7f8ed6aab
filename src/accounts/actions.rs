//! Changing one's own account.

use std::sync::Arc;

use super::forms::PasswordChange;
use super::freezing::actions::tell;
use super::links::store::links_end_of_takeover;
use super::store::{self, Profile};
use crate::audit::{self, Act, Actor, Changes, Event};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::AccountId;
use crate::notify::FactorChange;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::throttle::{self, ATTEMPTS_MAX};
use crate::sessions::{Person, store as sessions};
use crate::step_up::actions::end_all;
use crate::step_up::store::tries_hold;

/// Looks at the current password, which is counted before, as at sign-in; the hash that it fits.
///
/// # Errors
/// [`AppError::Throttled`] after too many tries, or a failure of ours.
pub async fn check_password(
    services: &Services,
    account: AccountId,
    password: Secret,
) -> Result<Result<String, Problem>, AppError> {
    let now = services.clock.now();
    let held = services.db.write::<_, DbError>(move |conn| {
        throttle::attempt(conn, &bucket(account), ATTEMPTS_MAX, now)
    });
    if let Some(retry_after_s) = held.await? {
        return Err(AppError::Throttled { retry_after_s });
    }
    let stored =
        services.db.read::<_, DbError>(move |conn| store::password_hash(conn, account)).await?;
    let fits = services.passwords.verify(password, stored.clone()).await?;
    let Some(stored) = stored.filter(|_| fits) else { return Ok(Err(Problem::WrongPassword)) };
    services
        .db
        .write::<_, DbError>(move |conn| sessions::throttle_clear(conn, &bucket(account)))
        .await?;
    Ok(Ok(stored))
}

fn bucket(account: AccountId) -> String {
    format!("password account {account}")
}

/// Changes the password and ends all other sessions.
///
/// # Errors
/// [`AppError::Throttled`] after too many tries, or a failure of ours.
pub async fn change_password(
    services: &Services,
    person: &Person,
    change: PasswordChange,
    actor: Actor,
) -> Result<Result<(), Problem>, AppError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let old = match check_password(services, account, change.current).await? {
        Ok(old) => old,
        Err(problem) => return Ok(Err(problem)),
    };
    let hash = services.passwords.hash(change.password, &services.random).await?;
    let (chain, event) = (person.audit_chain(), Event::done(Act::ChangePassword, person));
    let tools = services.clone();
    let saved = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, account)?;
        if !store::hold(conn, account, &old)? {
            return Ok(Err(Problem::WrongPassword));
        }
        // Signed out elsewhere meanwhile, or by a change of the password.
        if !sessions::session_is_alive(conn, session, now)? {
            return Ok(Err(Problem::WrongPassword));
        }
        store::password_update(conn, account, &hash, now)?;
        sessions::sessions_end_others(conn, account, session, now)?;
        links_end_of_takeover(conn, account, now)?;
        tell(conn, &tools, account, &actor, FactorChange::PasswordChanged, now)?;
        end_all(conn, &tools, account, now)?;
        audit::record(conn, &tools.vault, chain, &actor, &event, now)?;
        Ok(Ok(()))
    });
    let saved = saved.await?;
    services.mail.ring();
    Ok(saved)
}

/// Saves name, language and time zone.
///
/// # Errors
/// The database's failure.
pub async fn edit_profile(
    services: &Services,
    person: &Person,
    profile: Profile,
    actor: Actor,
) -> Result<(), DbError> {
    let (account, now) = (person.account, services.clock.now());
    let (vault, chain) = (Arc::clone(&services.vault), person.audit_chain());
    let event = Event::done(Act::EditProfile, person);
    let saved = services.db.write(move |conn| {
        let before = store::profile(conn, account)?;
        store::profile_update(conn, account, &profile, now)?;
        let changes = changes(&before, &profile);
        audit::record(conn, &vault, chain, &actor, &event.changing(changes), now)
    });
    saved.await
}

fn changes(before: &Profile, after: &Profile) -> Changes {
    let zone = |profile: &Profile| profile.time_zone.clone().unwrap_or_default();
    Changes::default()
        .from_to("name", &before.name, &after.name)
        .from_to("language", before.language.as_str(), after.language.as_str())
        .from_to("time_zone", zone(before), zone(after))
}
