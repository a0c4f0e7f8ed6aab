//! Setting authenticators up, replacing and removing them.

use std::sync::Arc;
use std::time::Duration;

use super::store::{self, Authenticator, State};
use super::{RemoveAuthenticator, ReplaceAuthenticator, totp};
use crate::accounts::actions::check_password;
use crate::accounts::store::Credentials;
use crate::audit::{self, Act, Actor, Changes, Event, INSTALLATION, Target};
use crate::clock::{UtcTime, Zone, minutes};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::notify::{self, FactorChange, Mail, Message};
use crate::problem::Problem;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::{session_is_alive, sessions_end_all, sessions_end_others};
use crate::step_up::actions::{Asked, Unperformed, ask, perform};
use crate::step_up::store::{account_unlock, challenges_close_others};
use crate::step_up::{Asker, Code, Holder, Proof};

/// How long a seed waits for its first code.
pub const PENDING_FOR: Duration = minutes(15);

/// What a person has, for the page.
pub struct Standing {
    /// Since when they have an authenticator.
    pub since: Option<UtcTime>,
    /// The one that they are setting up in this sign-in.
    pub pending: Option<Authenticator>,
}

/// What a person has.
///
/// # Errors
/// The database's failure.
pub async fn standing(services: &Services, person: &Person) -> Result<Standing, DbError> {
    let (vault, now) = (Arc::clone(&services.vault), services.clock.now());
    let (account, session) = (person.account, person.session);
    let found = services.db.read::<_, DbError>(move |conn| {
        let since = store::authenticator_since(conn, account)?;
        let pending = pending(conn, &vault, (account, session), now)?;
        Ok(Standing { since, pending })
    });
    found.await
}

/// A seed is shown to the sign-in that made it, and for a while only.
fn pending(
    conn: &mut Conn,
    vault: &crate::vault::Vault,
    (account, session): (crate::ids::AccountId, SessionId),
    now: UtcTime,
) -> Result<Option<Authenticator>, DbError> {
    let found = store::authenticator(conn, vault, account, State::Pending)?;
    Ok(found.filter(|it| it.session == session && it.created_at.plus(PENDING_FOR) > now))
}

/// Begins to set an authenticator up. The first one needs the password: whoever finds a browser open must not
/// make it theirs. Another one will need a proof before it takes the place of the first.
///
/// # Errors
/// [`AppError::Throttled`] after too many passwords, or a failure of ours.
pub async fn begin(
    services: &Services,
    person: &Person,
    password: Secret,
) -> Result<Result<(), Problem>, AppError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let has_one = services
        .db
        .read::<_, DbError>(move |conn| store::authenticator_since(conn, account))
        .await?
        .is_some();
    if !has_one && let Err(problem) = check_password(services, account, password).await? {
        return Ok(Err(problem));
    }
    let (vault, random) = (Arc::clone(&services.vault), services.random.clone());
    let seed = totp::seed(&random);
    let begun = services.db.write::<_, DbError>(move |conn| {
        // Signed out elsewhere meanwhile, or by a change of the password.
        if !session_is_alive(conn, session, now)? {
            return Ok(false);
        }
        store::authenticator_begin(conn, (&vault, &random), (account, session), &seed, now)?;
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
    let dropped = services
        .db
        .write(move |conn| store::authenticator_drop(conn, account, State::Pending).map(drop));
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
    let Standing { since, pending } = standing(services, person).await?;
    let Some(pending) = pending else { return Ok(Err(Problem::ChangedMeanwhile)) };
    let Some(step) = totp::step_of(&pending.seed, code, now) else {
        return Ok(Err(Problem::NotItsCode));
    };
    if since.is_some() {
        let (account, name) = (person.account, person.name.clone());
        let act = ReplaceAuthenticator { account, name, pending: pending.id, step };
        return Ok(Ok(Confirmed::Asked(ask(services, asker, &act).await?)));
    }
    let (account, tools, asker) = (person.account, services.clone(), asker.clone());
    let event = Event::done(Act::AddAuthenticator, Target::from(person));
    let added = services.db.write::<_, Stop<Problem>>(move |conn| {
        if !store::authenticator_add(conn, account, (&pending.id, step), now)? {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        tell(conn, &tools, &asker, FactorChange::AuthenticatorAdded, now)?;
        let chain = asker.audit_chain();
        Ok(audit::record(conn, &tools.vault, chain, &asker.actor, &event, now)?)
    });
    let added = added.await.split()?;
    services.mail.ring();
    Ok(added.map(|()| Confirmed::Added))
}

/// What follows each change of the second factor: other sign-ins and whatever waits for a proof end, and the
/// owner is told by mail.
fn tell(
    conn: &mut Conn,
    services: &Services,
    asker: &Asker,
    change: FactorChange,
    now: UtcTime,
) -> Result<(), DbError> {
    if let Holder::Session { account, session, .. } = asker.holder {
        sessions_end_others(conn, account, session, now)?;
        challenges_close_others(conn, account, None, now)?;
    }
    let key = format!("authenticator {}", services.random.hex::<16>());
    let message = asker.whence.changed(change, now);
    let mail = Mail {
        key: &key,
        recipient: &asker.email,
        language: asker.language,
        zone: &asker.whence.zone,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
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
    let done = perform(services, asker, act, proof, move |conn, act, spent| {
        store::authenticator_replace(conn, spent, act, now)?;
        tell(conn, &tools, &by, FactorChange::AuthenticatorReplaced, now)?;
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
    let done = perform(services, asker, act, proof, move |conn, act, spent| {
        store::authenticator_remove(conn, spent, act)?;
        tell(conn, &tools, &by, FactorChange::AuthenticatorRemoved, now)?;
        Ok(((), Changes::default()))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Forgets an account's wrong codes, and with `removes` its authenticator, for whoever has the host: the last
/// resort after a lost phone. Then all sign-ins of the account end. Whether there was one to remove.
///
/// # Errors
/// The database's failure.
pub async fn unlock(
    services: &Services,
    account: Credentials,
    removes: bool,
) -> Result<bool, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let unlocked = services.db.write::<_, DbError>(move |conn| {
        account_unlock(conn, account.id)?;
        let target = Target::account(account.id, account.name);
        let record = |conn: &mut Conn, act| {
            let event = Event::done(act, target.clone());
            audit::record(conn, &tools.vault, INSTALLATION, &Actor::host(), &event, now)
        };
        record(conn, Act::UnlockAccount)?;
        if !removes || !store::authenticator_drop(conn, account.id, State::Active)? {
            return Ok(false);
        }
        sessions_end_all(conn, account.id, now)?;
        challenges_close_others(conn, account.id, None, now)?;
        let message = Message::FactorChanged {
            change: FactorChange::AuthenticatorRemoved,
            at: now,
            address: String::new(),
            browser: String::new(),
        };
        let mail = Mail {
            key: &format!("authenticator {}", tools.random.hex::<16>()),
            recipient: &account.email,
            language: account.language,
            zone: &Zone::utc(),
            message: &message,
        };
        notify::enqueue(conn, &tools.vault, &tools.random, &mail, now)?;
        record(conn, Act::RemoveAuthenticator)?;
        Ok(true)
    });
    unlocked.await
}
