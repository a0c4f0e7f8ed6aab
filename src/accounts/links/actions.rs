//! Looking at links, and following them.

use super::Purpose;
use super::store::{self, Link};
use crate::accounts::store::{Owner, owner};
use crate::db::{Conn, DbError, Split, Stop};
use crate::problem::Problem;
use crate::services::Services;
use crate::step_up::store::tries_hold;

/// A link, and whose account it is about; `None` for one that does not work, or not any more.
///
/// # Errors
/// The database's failure.
pub async fn look(
    services: &Services,
    purpose: Purpose,
    token: &str,
) -> Result<Option<(Link, Owner)>, DbError> {
    let (token, now) = (token.to_owned(), services.clock.now());
    let found = services.db.read::<_, DbError>(move |conn| {
        let Some(link) = store::link_open(conn, purpose, &token, now)? else { return Ok(None) };
        Ok(owner(conn, link.account_id)?.map(|owner| (link, owner)))
    });
    found.await
}

/// Uses a link up and does what it is for, in one transaction or not at all. `None` for a link that does not work;
/// neither does one that the job refuses.
///
/// # Errors
/// The database's failure.
pub async fn follow<T: Send + 'static>(
    services: &Services,
    purpose: Purpose,
    token: &str,
    job: impl FnOnce(&mut Conn, &Link, Owner) -> Result<T, Stop<Problem>> + Send + 'static,
) -> Result<Option<T>, DbError> {
    let Some((link, _)) = look(services, purpose, token).await? else { return Ok(None) };
    let now = services.clock.now();
    let done = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, link.account_id)?;
        let gone = || Stop::Refused(Problem::ChangedMeanwhile);
        let owner = owner(conn, link.account_id)?.ok_or_else(gone)?;
        if !store::link_use(conn, &link.id, now)? {
            return Err(gone());
        }
        job(conn, &link, owner)
    });
    Ok(done.await.split()?.ok())
}
