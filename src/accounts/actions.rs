//! Changing one's own account.

use std::sync::Arc;

use super::forms::PasswordChange;
use super::store;
use crate::db::DbError;
use crate::error::AppError;
use crate::notify::{self, FactorChange, Mail, Whence};
use crate::problem::Problem;
use crate::services::Services;
use crate::sessions::throttle::{self, ATTEMPTS_MAX};
use crate::sessions::{Person, store as sessions};

/// Changes the password and ends all other sessions. The current password is counted before it is
/// looked at, as at sign-in.
///
/// # Errors
/// [`AppError::Throttled`] after too many tries, or a failure of ours.
pub async fn change_password(
    services: &Services,
    person: &Person,
    change: PasswordChange,
    from: &Whence,
) -> Result<Result<(), Problem>, AppError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let bucket = format!("password account {account}");
    let counted = bucket.clone();
    let held = services
        .db
        .write::<_, DbError>(move |conn| throttle::attempt(conn, &counted, ATTEMPTS_MAX, now));
    if let Some(retry_after_s) = held.await? {
        return Err(AppError::Throttled { retry_after_s });
    }
    let old =
        services.db.read::<_, DbError>(move |conn| store::password_hash(conn, account)).await?;
    let fits = services.passwords.verify(change.current, old.clone()).await?;
    let Some(old) = old.filter(|_| fits) else { return Ok(Err(Problem::WrongPassword)) };
    let hash = services.passwords.hash(change.password, &services.random).await?;
    let (vault, random) = (Arc::clone(&services.vault), services.random.clone());
    let (recipient, language, zone) = (person.email.clone(), person.language, from.zone.clone());
    let message = from.changed(FactorChange::PasswordChanged, now);
    let saved = services.db.write::<_, DbError>(move |conn| {
        if !store::hold(conn, account, &old)? {
            return Ok(Err(Problem::WrongPassword));
        }
        // Signed out elsewhere meanwhile, or by a change of the password.
        if !sessions::session_is_alive(conn, session, now)? {
            return Ok(Err(Problem::WrongPassword));
        }
        store::password_update(conn, account, &hash, now)?;
        sessions::sessions_end_others(conn, account, session, now)?;
        sessions::throttle_clear(conn, &bucket)?;
        let key = format!("password {}", random.hex::<16>());
        let mail =
            Mail { key: &key, recipient: &recipient, language, zone: &zone, message: &message };
        notify::enqueue(conn, &vault, &random, &mail, now)?;
        Ok(Ok(()))
    });
    let saved = saved.await?;
    services.mail.ring();
    Ok(saved)
}
