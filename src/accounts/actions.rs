//! Changing one's own account.

use super::forms::PasswordChange;
use super::store;
use crate::db::DbError;
use crate::error::AppError;
use crate::problem::Problem;
use crate::services::Services;
use crate::sessions::actions::{ACCOUNT_ATTEMPTS_MAX, WINDOW};
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
    let may_try = services.db.write::<_, DbError>(move |conn| {
        sessions::throttle_count(conn, &counted, ACCOUNT_ATTEMPTS_MAX, now.minus(WINDOW), now)
    });
    if !may_try.await? {
        return Err(AppError::Throttled { retry_after_s: WINDOW.as_secs() });
    }
    let hash =
        services.db.read::<_, DbError>(move |conn| store::password_hash(conn, account)).await?;
    if !services.passwords.verify(change.current, hash).await? {
        return Ok(Err(Problem::WrongPassword));
    }
    let hash = services.passwords.hash(change.password, &services.random).await?;
    let saved = services.db.write::<_, DbError>(move |conn| {
        store::password_update(conn, account, &hash, now)?;
        sessions::sessions_end_others(conn, account, session, now)?;
        sessions::throttle_clear(conn, &bucket)
    });
    saved.await?;
    Ok(Ok(()))
}
