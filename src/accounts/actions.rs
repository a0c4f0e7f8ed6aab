//! Changing one's own account.

use super::forms::PasswordChange;
use super::store;
use crate::db::DbError;
use crate::error::AppError;
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
    let saved = services.db.write::<_, DbError>(move |conn| {
        if !store::hold(conn, account, &old)? {
            return Ok(Err(Problem::WrongPassword));
        }
        // Whoever changed the password in between has ended this session with it.
        if !sessions::session_is_alive(conn, session, now)? {
            return Ok(Err(Problem::WrongPassword));
        }
        store::password_update(conn, account, &hash, now)?;
        sessions::sessions_end_others(conn, account, session, now)?;
        sessions::throttle_clear(conn, &bucket)?;
        Ok(Ok(()))
    });
    Ok(saved.await?)
}
