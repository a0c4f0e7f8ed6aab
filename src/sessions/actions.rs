//! Signing in and out.

use std::net::IpAddr;
use std::sync::Arc;

use super::store::{self, NewSession};
use super::throttle::{self, ATTEMPTS_MAX, NETWORK_ATTEMPTS_MAX};
use super::{LIFETIME, Person};
use crate::accounts::email::canonical;
use crate::accounts::password::{PASSWORD_CHARS_MAX, Unchecked};
use crate::accounts::store as accounts;
use crate::audit::{self, Act, Actor, Event, INSTALLATION, Target};
use crate::db::DbError;
use crate::ids::SessionId;
use crate::secret::{Secret, digest};
use crate::services::Services;

/// Somebody at the door.
pub struct Knock {
    /// What was typed as e-mail address.
    pub email: String,
    /// What was typed as password.
    pub password: Secret,
    /// Where it comes from.
    pub address: IpAddr,
    /// Who that is, as far as the request tells.
    pub from: Actor,
    /// The session that the browser has already, ended on success.
    pub before: Option<SessionId>,
}

/// How a knock ends.
pub enum Entry {
    /// Signed in.
    Open(SessionId),
    /// Address and password do not belong together.
    Wrong,
    /// Too many attempts; the right password too is refused until then.
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The password was not looked at.
    #[error(transparent)]
    Unchecked(#[from] Unchecked),
}

/// Checks a password and opens a session.
///
/// An attempt is counted, in a transaction of its own, before the password is looked at: no
/// crash, restart or parallel try takes it back. Success clears the account's counter, and takes
/// back its own attempt from the network's, or an office would lock itself out in the morning.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(services: &Services, knock: Knock) -> Result<Entry, SignInError> {
    let now = services.clock.now();
    let key = canonical(&knock.email);
    // A digest, so that what is typed here by mistake is not kept.
    let account_bucket = format!("sign-in account {}", digest(&key));
    let address_bucket = format!("sign-in address {}", network(knock.address));
    let buckets =
        [(address_bucket.clone(), NETWORK_ATTEMPTS_MAX), (account_bucket.clone(), ATTEMPTS_MAX)];
    let held = services.db.write(move |conn| {
        for (bucket, max) in buckets {
            if let Some(wait) = throttle::attempt(conn, &bucket, max, now)? {
                return Ok(Some(wait));
            }
        }
        Ok::<_, DbError>(None)
    });
    if let Some(retry_after_s) = held.await? {
        metrics::counter!("sign_in_throttled_total").increment(1);
        return Ok(Entry::Throttled { retry_after_s });
    }
    let found = services.db.read(move |conn| accounts::credentials_by_email(conn, &key)).await?;
    let hash = found.as_ref().and_then(|found| found.password_hash.clone());
    let is_sane = knock.password.expose().chars().count() <= PASSWORD_CHARS_MAX;
    let password = if is_sane { knock.password } else { Secret::default() };
    let fits = services.passwords.verify(password, hash.clone()).await?;
    let (Some(account), Some(hash), true) = (found, hash, fits) else { return Ok(Entry::Wrong) };
    let (before, vault) = (knock.before, Arc::clone(&services.vault));
    let actor = knock.from.as_person(account.id, &account.name, &account.email);
    let open = services.db.write::<_, DbError>(move |conn| {
        if !accounts::hold(conn, account.id, &hash)? {
            return Ok(None);
        }
        store::throttle_clear(conn, &account_bucket)?;
        store::throttle_take_back(conn, &address_bucket)?;
        if let Some(before) = before {
            store::session_end(conn, before, now)?;
        }
        let new = NewSession {
            account: account.id,
            address: &actor.address,
            user_agent: &actor.user_agent,
            expires_at: now.plus(LIFETIME),
        };
        let (session, workspace) = store::session_insert(conn, &new, now)?;
        let event = Event::done(Act::SignIn, Target::account(account.id, account.name));
        let chain = workspace.unwrap_or(INSTALLATION);
        audit::record(conn, &vault, chain, &actor.in_session(session), &event, now)?;
        Ok(Some(session))
    });
    Ok(open.await?.map_or(Entry::Wrong, Entry::Open))
}

/// Ends a sign-in for the very next request.
///
/// # Errors
/// The database's failure.
pub async fn sign_out(services: &Services, person: &Person, actor: Actor) -> Result<(), DbError> {
    let (session, now) = (person.session, services.clock.now());
    let (vault, chain) = (Arc::clone(&services.vault), person.audit_chain());
    let event = Event::done(Act::SignOut, person);
    let ended = services.db.write(move |conn| {
        store::session_end(conn, session, now)?;
        audit::record(conn, &vault, chain, &actor, &event, now)
    });
    ended.await
}

/// The part of an address that one party usually holds: a whole IPv4 address, a /64 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
