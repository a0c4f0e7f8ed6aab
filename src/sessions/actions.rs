//! Signing in and out.

mod ends;
mod passkey;

use std::net::IpAddr;

use super::store::{self, NewSession};
use super::throttle::{self, ATTEMPTS_MAX, NETWORK_ATTEMPTS_MAX};
use super::{LIFETIME, Person};
use crate::accounts::Inactive;
use crate::accounts::email::canonical;
use crate::accounts::password::{PASSWORD_CHARS_MAX, Unchecked};
use crate::accounts::store::{self as accounts, Credentials};
use crate::audit::{self, Act, Actor, Changes, Event, INSTALLATION, Target};
use crate::authenticators::store::authenticator_since;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::devices;
use crate::identities::store::{Identity, identities_of_account, identity_use};
use crate::ids::{AccountId, SessionId};
use crate::passkeys::Host;
use crate::passkeys::store::passkeys_of;
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::step_up::store::NewChallenge;
use crate::step_up::{
    self, CHALLENGE_LIFETIME, Challenge, Granted, Holder, Method, State, Written,
};
use crate::workspaces::store::first_workspace;

pub use ends::{end_others, end_session};
pub use passkey::{Bearer, sign_in_with_passkey};

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
    /// What the browser is known by, or will be.
    pub device: String,
}

/// How a knock ends.
pub enum Entry {
    /// Signed in.
    Open(SessionId),
    /// The password was right, and a code is asked for besides: what the browser's cookie must hold.
    SecondFactor(String),
    /// Address and password do not belong together.
    Wrong,
    /// They do, and nobody can sign in to the account: who knows the password may know that.
    Inactive(Inactive),
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

/// Checks a password, and opens a session unless a second factor is asked for.
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
    let account_bucket = throttle::account_bucket(&key);
    let address_bucket = network_bucket(knock.address);
    let buckets =
        [(address_bucket.clone(), NETWORK_ATTEMPTS_MAX), (account_bucket.clone(), ATTEMPTS_MAX)];
    if let Some(retry_after_s) = count(services, buckets, now).await? {
        metrics::counter!("sign_in_throttled_total").increment(1);
        return Ok(Entry::Throttled { retry_after_s });
    }
    let found = services.db.read(move |conn| accounts::credentials_by_email(conn, &key)).await?;
    let hash = found.as_ref().and_then(|found| found.password_hash.clone());
    let is_sane = knock.password.expose().chars().count() <= PASSWORD_CHARS_MAX;
    let password = if is_sane { knock.password } else { Secret::default() };
    let fits = services.passwords.verify(password, hash.clone()).await?;
    let (Some(account), Some(hash), true) = (found, hash, fits) else { return Ok(Entry::Wrong) };
    let Knock { before, from, device, .. } = knock;
    let newcomer = Newcomer { account, shown: Shown::Password(hash), before, from, device };
    let (tools, buckets) = (services.clone(), (account_bucket, address_bucket));
    let entered = services.db.write::<_, DbError>(move |conn| {
        let id = newcomer.account.id;
        if !newcomer.shown.hold(conn, id, now)? {
            // Or the password was changed meanwhile.
            return Ok(accounts::inactive(conn, id)?.map_or(Entry::Wrong, Entry::Inactive));
        }
        store::throttle_clear(conn, &buckets.0)?;
        store::throttle_take_back(conn, &buckets.1)?;
        if let Some(method) = second_factor_of(conn, &tools, id)? {
            return newcomer.wait_for_code(conn, &tools, method, now).map(Entry::SecondFactor);
        }
        newcomer.enter(conn, &tools, None, now).map(Entry::Open)
    });
    let entered = entered.await?;
    services.mail.ring();
    Ok(entered)
}

/// What an account's password, or identity, does not do without: codes of an authenticator, or else a passkey.
///
/// # Errors
/// The database's failure.
pub fn second_factor_of(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
) -> Result<Option<Method>, DbError> {
    if authenticator_since(conn, account)?.is_some() {
        return Ok(Some(Method::Totp));
    }
    let Some(host) = Host::of(&services.settings) else { return Ok(None) };
    let has_passkey = !passkeys_of(conn, account, host.name())?.is_empty();
    Ok(has_passkey.then_some(Method::Passkey))
}

/// Counts an attempt before it is made; how many seconds to wait when there were too many.
async fn count(
    services: &Services,
    buckets: [(String, i64); 2],
    now: UtcTime,
) -> Result<Option<u64>, DbError> {
    let held = services.db.write(move |conn| {
        for (bucket, max) in buckets {
            if let Some(wait) = throttle::attempt(conn, &bucket, max, now)? {
                return Ok(Some(wait));
            }
        }
        Ok::<_, DbError>(None)
    });
    held.await
}

fn network_bucket(address: IpAddr) -> String {
    format!("sign-in address {}", network(address))
}

/// What comes of counting an attempt from a network.
pub enum Counting {
    /// It may be made; what it was counted by.
    Counted(String),
    /// Too many.
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

/// Counts an attempt to sign in otherwise than by password, before it is made.
///
/// # Errors
/// The database's failure.
pub async fn count_network(services: &Services, address: IpAddr) -> Result<Counting, DbError> {
    let (bucket, now) = (network_bucket(address), services.clock.now());
    let counted = bucket.clone();
    let held = services.db.write::<_, DbError>(move |conn| {
        throttle::attempt(conn, &bucket, NETWORK_ATTEMPTS_MAX, now)
    });
    Ok(match held.await? {
        None => Counting::Counted(counted),
        Some(retry_after_s) => {
            metrics::counter!("sign_in_throttled_total").increment(1);
            Counting::Throttled { retry_after_s }
        }
    })
}

/// Takes back an attempt that succeeded.
///
/// # Errors
/// The database's failure.
pub async fn uncount_network(services: &Services, bucket: String) -> Result<(), DbError> {
    services.db.write(move |conn| store::throttle_take_back(conn, &bucket)).await
}

/// What somebody has shown, which must hold still when they enter: a code that is asked for besides takes a while.
pub enum Shown {
    /// The password with this hash.
    Password(String),
    /// A connected identity.
    Identity(Identity),
    /// A passkey, which asks for nothing besides.
    Passkey,
}

impl Shown {
    /// What a challenge keeps of it.
    fn digest(&self) -> String {
        match self {
            Self::Password(hash) => digest(hash),
            Self::Identity(identity) => digest(&format!("identity {}", identity.id)),
            Self::Passkey => digest("passkey"),
        }
    }

    /// What an account has that a challenge keeps the digest of; `None` when it has it no longer.
    fn of(conn: &mut Conn, account: &Credentials, kept: &str) -> Result<Option<Self>, DbError> {
        let password = account.password_hash.clone().map(Self::Password);
        let identities = identities_of_account(conn, account.id)?.into_iter().map(Self::Identity);
        Ok(password.into_iter().chain(identities).find(|one| one.digest() == kept))
    }

    /// Holds the account until the transaction ends, provided that it may be entered by this still.
    ///
    /// # Errors
    /// The database's failure.
    pub fn hold(&self, conn: &mut Conn, account: AccountId, now: UtcTime) -> Result<bool, DbError> {
        match self {
            Self::Password(hash) => accounts::hold(conn, account, hash),
            Self::Passkey => accounts::hold_in_use(conn, account),
            Self::Identity(Identity { id, .. }) => {
                Ok(accounts::hold_in_use(conn, account)? && identity_use(conn, id, account, now)?)
            }
        }
    }
}

/// Browsers of one account that wait for a code at once.
const WAITING_MAX: usize = 3;

/// Somebody who has shown who they are, whose account is held.
pub struct Newcomer {
    /// Their account.
    pub account: Credentials,
    /// By what.
    pub shown: Shown,
    /// The session that the browser has already.
    pub before: Option<SessionId>,
    /// Who that is, as far as the request tells.
    pub from: Actor,
    /// What the browser is known by, or will be.
    pub device: String,
}

impl Newcomer {
    /// Opens a session.
    ///
    /// # Errors
    /// The database's failure.
    pub fn enter(
        self,
        conn: &mut Conn,
        services: &Services,
        method: Option<Method>,
        now: UtcTime,
    ) -> Result<SessionId, DbError> {
        if let Some(before) = self.before {
            store::session_end(conn, before, now)?;
        }
        let account = self.account;
        let actor = self.from.as_person(account.id, &account.name, &account.email);
        let new = NewSession {
            account: account.id,
            address: &actor.address,
            user_agent: &actor.user_agent,
            expires_at: now.plus(LIFETIME),
        };
        let (session, workspace) = store::session_insert(conn, &new, now)?;
        let device = (&*self.device, &actor);
        devices::actions::note(conn, services, (&account, workspace), device, now)?;
        let event = Event::done(Act::SignIn, Target::account(account.id, account.name));
        let changes = match self.shown {
            Shown::Password(_) | Shown::Passkey => Changes::default(),
            Shown::Identity(identity) => Changes::default().with("identity", identity.name),
        };
        let event = Event { method, changes, ..event };
        let chain = workspace.unwrap_or(INSTALLATION);
        audit::record(conn, &services.vault, chain, &actor.in_session(session), &event, now)?;
        Ok(session)
    }

    /// Makes a challenge for the second factor; what the browser's cookie must hold to answer it.
    ///
    /// # Errors
    /// The database's failure.
    pub fn wait_for_code(
        self,
        conn: &mut Conn,
        services: &Services,
        method: Method,
        now: UtcTime,
    ) -> Result<String, DbError> {
        let (account, token) = (self.account, services.random.token());
        let waiting = step_up::store::challenges_waiting(conn, account.id)?;
        let of_browsers = waiting.iter().filter(|challenge| challenge.session.is_none());
        // Who has the password, or the identity, could make any number of them.
        for older in of_browsers.rev().skip(WAITING_MAX - 1) {
            step_up::store::challenge_close(conn, &older.id, State::Cancelled, now)?;
        }
        let target = Target::account(account.id, account.name);
        let act = Written {
            act: Act::SignIn,
            target: format!("{} {}", target.kind, target.id),
            body: account.email,
            // What was right must be so still when the code is.
            digest: self.shown.digest(),
        };
        let new = NewChallenge {
            id: &services.random.hex::<16>(),
            account: account.id,
            holder: &Holder::Browser(digest(&token)),
            workspace: first_workspace(conn, account.id)?,
            act: &act,
            target_name: &target.name,
            method,
            expires_at: now.plus(CHALLENGE_LIFETIME),
        };
        step_up::store::challenge_insert(conn, &new, now)?;
        Ok(token)
    }
}

/// The challenge that a browser must answer to finish signing in; `None` when it has none that waits.
///
/// # Errors
/// The database's failure.
pub async fn second_factor(services: &Services, token: &str) -> Result<Option<Challenge>, DbError> {
    let (browser, now) = (digest(token), services.clock.now());
    let found =
        services.db.read(move |conn| step_up::store::challenge_of_browser(conn, &browser)).await?;
    Ok(found.filter(|it| matches!(it.state(now), State::Open | State::Granted | State::Spent)))
}

/// Opens the session of a browser that has answered its challenge; `None` when the password was changed or the
/// identity disconnected, or the account disabled, meanwhile.
///
/// # Errors
/// The database's failure.
pub async fn finish(
    services: &Services,
    granted: &Granted,
    (from, device): (Actor, String),
    before: Option<SessionId>,
) -> Result<Option<SessionId>, DbError> {
    let (challenge, now) = (granted.challenge().clone(), services.clock.now());
    let tools = services.clone();
    let finished = services.db.write::<_, DbError>(move |conn| {
        let browser = challenge.browser_digest.as_deref().unwrap_or_default();
        let Some(account) = accounts::credentials(conn, challenge.account)? else {
            return Ok(None);
        };
        let Some(shown) = Shown::of(conn, &account, &challenge.digest)? else { return Ok(None) };
        let is_passed = shown.hold(conn, account.id, now)?
            && step_up::store::challenge_finish(conn, &challenge.id, browser, now)?;
        if !is_passed {
            return Ok(None);
        }
        let newcomer = Newcomer { account, shown, before, from, device };
        newcomer.enter(conn, &tools, Some(challenge.method), now).map(Some)
    });
    let finished = finished.await?;
    services.mail.ring();
    Ok(finished)
}

/// Ends a sign-in for the very next request.
///
/// # Errors
/// The database's failure.
pub async fn sign_out(services: &Services, person: &Person, actor: Actor) -> Result<(), DbError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let (tools, chain) = (services.clone(), person.audit_chain());
    let event = Event::done(Act::SignOut, person);
    let ended = services.db.write(move |conn| {
        step_up::store::tries_hold(conn, account)?;
        store::session_end(conn, session, now)?;
        step_up::actions::end_of_session(conn, &tools, (account, session), now)?;
        audit::record(conn, &tools.vault, chain, &actor, &event, now)
    });
    ended.await
}

/// The part of an address that one party usually holds: a whole IPv4 address, a /64 of IPv6.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
