//! Setting authenticators up, replacing and removing them.

use std::sync::Arc;
use std::time::Duration;

use super::store::{self, Authenticator, State};
use super::{AddAuthenticator, RemoveAuthenticator, ReplaceAuthenticator, totp};
use crate::accounts::actions::check_password;
use crate::accounts::store::hold_in_use;
use crate::audit::{self, Act, Changes, Event, Target};
use crate::clock::{UtcTime, minutes};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::{AccountId, SessionId};
use crate::notify::FactorChange;
use crate::problem::Problem;
use crate::recovery::store::recovery_codes_left;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::session_is_alive;
use crate::step_up::actions::{Asked, Unperformed, ask, factor_changed, methods, perform};
use crate::step_up::store::tries_hold;
use crate::step_up::{Asker, Code, Proof};

/// How long a seed waits for its first code.
pub const PENDING_FOR: Duration = minutes(15);

/// What a person has, for the page.
pub struct Standing {
    /// Since when they have an authenticator.
    pub since: Option<UtcTime>,
    /// The one that they are setting up in this sign-in.
    pub pending: Option<Authenticator>,
    /// Whether nothing would be left to them without it.
    pub lacks_recovery: bool,
    /// Whether they have no way to prove who they are, and setting one up asks for the password instead.
    pub needs_password: bool,
}

/// What a person has.
///
/// # Errors
/// The database's failure.
pub async fn standing(services: &Services, person: &Person) -> Result<Standing, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let (account, session) = (person.account, person.session);
    let found = services.db.read::<_, DbError>(move |conn| {
        Ok(Standing {
            since: store::authenticator_since(conn, account)?,
            pending: pending(conn, &tools.vault, (account, session), now)?,
            lacks_recovery: recovery_codes_left(conn, account)? == 0,
            needs_password: methods(conn, &tools, account, (Act::AddAuthenticator, None))?
                .is_empty(),
        })
    });
    found.await
}

/// A seed is shown to the sign-in that made it, and for a while only.
fn pending(
    conn: &mut Conn,
    vault: &crate::vault::Vault,
    (account, session): (AccountId, SessionId),
    now: UtcTime,
) -> Result<Option<Authenticator>, DbError> {
    let found = store::authenticator(conn, vault, account, State::Pending)?;
    Ok(found.filter(|it| it.session == session && it.created_at.plus(PENDING_FOR) > now))
}

/// Begins to set an authenticator up. It will need a proof before it counts; for somebody who has no way to give
/// one, the password stands in now: whoever finds a browser open must not make it theirs.
///
/// # Errors
/// [`AppError::Throttled`] after too many passwords, or a failure of ours.
pub async fn begin(
    services: &Services,
    person: &Person,
    password: Secret,
) -> Result<Result<(), Problem>, AppError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let has_password = match standing(services, person).await? {
        Standing { needs_password: false, .. } => false,
        _ if password.expose().is_empty() => return Ok(Err(Problem::Missing)),
        _ => match check_password(services, account, password).await? {
            Ok(_) => true,
            Err(problem) => return Ok(Err(problem)),
        },
    };
    let (tools, seed) = (services.clone(), totp::seed(&services.random));
    let begun = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, account)?;
        // Signed out elsewhere meanwhile; or the way to prove something has gone meanwhile.
        let needs_password =
            methods(conn, &tools, account, (Act::AddAuthenticator, None))?.is_empty();
        if !session_is_alive(conn, session, now)? || (needs_password && !has_password) {
            return Ok(false);
        }
        let keys = (&*tools.vault, &tools.random);
        store::authenticator_begin(conn, keys, (account, session), &seed, now)?;
        Ok(true)
    });
    if begun.await? { Ok(Ok(())) } else { Err(AppError::SignedOut) }
}

/// Gives up setting an authenticator up.
///
/// # Errors
/// The database's failure.
pub async fn give_up(services: &Services, person: &Person) -> Result<(), DbError> {
    let account = person.account;
    let dropped =
        services.db.write(move |conn| store::authenticator_give_up(conn, account).map(drop));
    dropped.await
}

/// What comes of a first code that is right.
pub enum Confirmed {
    /// The authenticator counts.
    Added,
    /// It waits for a proof, since it is to take the place of another.
    Asked(Asked),
}

/// Takes the first code of the authenticator that is being set up.
///
/// # Errors
/// A failure of ours.
pub async fn confirm(
    services: &Services,
    asker: &Asker,
    person: &Person,
    code: &Code,
) -> Result<Result<Confirmed, Problem>, AppError> {
    let now = services.clock.now();
    let Standing { since, pending, needs_password, .. } = standing(services, person).await?;
    let Some(pending) = pending else { return Ok(Err(Problem::ChangedMeanwhile)) };
    let Some(step) = totp::step_of(&pending.seed, code, now) else {
        return Ok(Err(Problem::NotItsCode));
    };
    let (account, name) = (person.account, person.name.clone());
    if since.is_some() {
        let act = ReplaceAuthenticator { account, name, pending: pending.id, step };
        return Ok(Ok(Confirmed::Asked(ask(services, asker, &act).await?)));
    }
    if !needs_password {
        let act = AddAuthenticator { account, name, pending: pending.id, step };
        return Ok(Ok(Confirmed::Asked(ask(services, asker, &act).await?)));
    }
    add_first(services, asker, person, (pending.id, step)).await
}

/// Makes the first authenticator count of somebody who gave their password and has no way to prove more.
async fn add_first(
    services: &Services,
    asker: &Asker,
    person: &Person,
    (pending, step): (String, i64),
) -> Result<Result<Confirmed, Problem>, AppError> {
    let (account, tools, asker) = (person.account, services.clone(), asker.clone());
    let (event, now) =
        (Event::done(Act::AddAuthenticator, Target::from(person)), services.clock.now());
    let added = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, account)?;
        hold_in_use(conn, account)?;
        if !methods(conn, &tools, account, (Act::AddAuthenticator, None))?.is_empty() {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        store::authenticator_add_first(conn, account, (&pending, step), now)?;
        factor_changed(conn, &tools, &asker, FactorChange::AuthenticatorAdded, now)?;
        let chain = asker.audit_chain();
        Ok(audit::record(conn, &tools.vault, chain, &asker.actor, &event, now)?)
    });
    let added = added.await.split()?;
    services.mail.ring();
    Ok(added.map(|()| Confirmed::Added))
}

/// Sets an authenticator up where there is none.
///
/// # Errors
/// A failure of ours.
pub async fn add(
    services: &Services,
    asker: &Asker,
    act: AddAuthenticator,
    proof: Proof<AddAuthenticator>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::authenticator_add(conn, spent, now)?;
        factor_changed(conn, &tools, &by, FactorChange::AuthenticatorAdded, now)?;
        Ok(((), Changes::default()))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Puts another authenticator in the place of the one there is.
///
/// # Errors
/// A failure of ours.
pub async fn replace(
    services: &Services,
    asker: &Asker,
    act: ReplaceAuthenticator,
    proof: Proof<ReplaceAuthenticator>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::authenticator_replace(conn, spent, now)?;
        factor_changed(conn, &tools, &by, FactorChange::AuthenticatorReplaced, now)?;
        Ok(((), Changes::default()))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Asks to remove the authenticator; `None` when there is none.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_remove(
    services: &Services,
    asker: &Asker,
    person: &Person,
) -> Result<Option<Asked>, AppError> {
    let (vault, account) = (Arc::clone(&services.vault), person.account);
    let found = services
        .db
        .read(move |conn| store::authenticator(conn, &vault, account, State::Active))
        .await?;
    let Some(found) = found else { return Ok(None) };
    let act = RemoveAuthenticator { account, name: person.name.clone(), authenticator: found.id };
    ask(services, asker, &act).await.map(Some)
}

/// Removes the authenticator.
///
/// # Errors
/// A failure of ours.
pub async fn remove(
    services: &Services,
    asker: &Asker,
    act: RemoveAuthenticator,
    proof: Proof<RemoveAuthenticator>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::authenticator_remove(conn, spent)?;
        factor_changed(conn, &tools, &by, FactorChange::AuthenticatorRemoved, now)?;
        Ok(((), Changes::default()))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}
