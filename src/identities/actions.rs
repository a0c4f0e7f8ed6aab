//! Signing in by an identity, connecting it and disconnecting it.

use super::provider::{Begun, Returned, Trouble};
use super::store::{self, Identity};
use super::{ConnectIdentity, DisconnectIdentity, Flow, Provider, Purpose, Who};
use crate::accounts::store::{credentials, password_hash};
use crate::audit::{self, Act, Actor, Changes, Event, Reason, Target};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::SessionId;
use crate::notify::FactorChange;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::actions::{
    Counting, Newcomer, Shown, count_network, second_factor_of, uncount_network,
};
use crate::step_up::actions::{Asked, Unperformed, ask, factor_changed, perform};
use crate::step_up::{Asker, Proof};

/// Begins a flow: where the browser goes, and what it keeps.
///
/// # Errors
/// The provider's trouble.
pub async fn begin(
    services: &Services,
    provider: &Provider,
    purpose: Purpose,
) -> Result<(String, String), Trouble> {
    let now = services.clock.now();
    let begun = provider.begin(&services.random, now).await?;
    let url = begun.url.clone();
    let kept = sealed(services, purpose, begun).ok_or(Trouble::Away)?;
    Ok((url, kept))
}

fn sealed(services: &Services, purpose: Purpose, begun: Begun) -> Option<String> {
    let flow = Flow::new(purpose, begun, services.clock.now());
    flow.seal(&services.vault, &services.random)
}

/// What comes of what a browser brought back.
pub enum Met {
    /// Somebody.
    Somebody(Who),
    /// The provider's trouble.
    Trouble(Trouble),
    /// Too many attempts from the network.
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

/// Exchanges what a browser brought back for who it is. It is an attempt to sign in: counted before, in a transaction
/// of its own, and taken back when it succeeds.
///
/// # Errors
/// A failure of ours.
pub async fn meet(
    services: &Services,
    provider: &Provider,
    flow: &Flow,
    (code, issuer): (Secret, &str),
    from: std::net::IpAddr,
) -> Result<Met, DbError> {
    let counted = match count_network(services, from).await? {
        Counting::Counted(bucket) => bucket,
        Counting::Throttled { retry_after_s } => return Ok(Met::Throttled { retry_after_s }),
    };
    let verifier = Secret::new(flow.verifier.clone());
    let returned = Returned { code, issuer, nonce: &flow.nonce, verifier };
    match provider.exchange(returned, services.clock.now()).await {
        Ok(who) => {
            uncount_network(services, counted).await?;
            Ok(Met::Somebody(who))
        }
        Err(trouble) => {
            metrics::counter!("sso_failed_total").increment(1);
            Ok(Met::Trouble(trouble))
        }
    }
}

/// What comes of signing in by an identity.
pub enum Entered {
    /// Signed in.
    Open(SessionId),
    /// A code is asked for besides: what the browser's cookie must hold.
    SecondFactor(String),
    /// Nobody here has connected it.
    Unknown,
    /// Its account is disabled or frozen.
    Barred,
}

/// Signs in the account that an identity is connected to. A second factor is asked for as after a password, unless the
/// provider has asked for one.
///
/// # Errors
/// The database's failure.
pub async fn sign_in(
    services: &Services,
    who: Who,
    (from, device): (Actor, String),
    before: Option<SessionId>,
) -> Result<Entered, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let entered = services.db.write::<_, DbError>(move |conn| {
        let Some(identity) = store::identity_of_subject(conn, &who)? else {
            return Ok(Entered::Unknown);
        };
        let Some(account) = credentials(conn, identity.account)? else {
            return Ok(Entered::Unknown);
        };
        let (id, shown) = (account.id, Shown::Identity(identity));
        if !shown.hold(conn, id, now)? {
            return Ok(Entered::Barred);
        }
        let newcomer = Newcomer { account, shown, before, from, device };
        let method = second_factor_of(conn, &tools, id)?;
        if let Some(method) = method.filter(|_| !who.has_second_factor) {
            return newcomer.wait_for_code(conn, &tools, method, now).map(Entered::SecondFactor);
        }
        newcomer.enter(conn, &tools, None, now).map(Entered::Open)
    });
    let entered = entered.await?;
    services.mail.ring();
    Ok(entered)
}

/// What an account has at the provider, for the page.
pub struct Standing {
    /// The identity that is connected.
    pub identity: Option<Identity>,
    /// Whether the account has a password, so that one gets in without the identity.
    pub has_password: bool,
}

/// What an account has at the provider.
///
/// # Errors
/// The database's failure.
pub async fn standing(
    services: &Services,
    provider: &Provider,
    person: &Person,
) -> Result<Standing, DbError> {
    let (account, issuer) = (person.account, provider.issuer().to_owned());
    let found = services.db.read::<_, DbError>(move |conn| {
        Ok(Standing {
            identity: store::identity_of_account(conn, account, &issuer)?,
            has_password: password_hash(conn, account)?.is_some(),
        })
    });
    found.await
}

/// Whether an identity is connected to some account.
///
/// # Errors
/// The database's failure.
pub async fn is_connected(services: &Services, who: &Who) -> Result<bool, DbError> {
    let who = who.clone();
    let found = services.db.read(move |conn| store::identity_of_subject(conn, &who));
    Ok(found.await?.is_some())
}

/// Why an identity cannot be connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is connected to this account.
    Connected,
    /// It is connected to somebody else's.
    Taken,
    /// The account has another one there.
    Other,
}

/// Asks to connect an identity.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_connect(
    services: &Services,
    asker: &Asker,
    person: &Person,
    who: Who,
) -> Result<Result<Asked, Obstacle>, AppError> {
    let (account, shown) = (person.account, who.clone());
    let found = services.db.read::<_, DbError>(move |conn| {
        Ok(match store::identity_of_subject(conn, &shown)? {
            Some(identity) if identity.account == account => Some(Obstacle::Connected),
            Some(_) => Some(Obstacle::Taken),
            None => {
                store::identity_of_account(conn, account, &shown.issuer)?.map(|_| Obstacle::Other)
            }
        })
    });
    if let Some(obstacle) = found.await? {
        if obstacle != Obstacle::Connected {
            deny_connecting(services, asker, Reason::NotPossible).await?;
        }
        return Ok(Err(obstacle));
    }
    let (name, Who { issuer, subject, label, .. }) = (person.name.clone(), who);
    let act = ConnectIdentity { account, name, issuer, subject, identity_name: label };
    Ok(Ok(ask(services, asker, &act).await?))
}

/// Writes that somebody may not connect what they have shown.
///
/// # Errors
/// The database's failure.
pub async fn deny_connecting(
    services: &Services,
    asker: &Asker,
    reason: Reason,
) -> Result<(), DbError> {
    let target = Target::account(asker.account, &*asker.actor.name);
    let event = Event::denied(Act::ConnectIdentity, reason, target);
    audit::actions::deny(services, asker.audit_chain(), &asker.actor, event).await
}

/// Connects an identity.
///
/// # Errors
/// A failure of ours.
pub async fn connect(
    services: &Services,
    asker: &Asker,
    act: ConnectIdentity,
    proof: Proof<ConnectIdentity>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let id = services.random.hex::<16>();
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::identity_connect(conn, spent, &id, now)?;
        factor_changed(conn, &tools, &by, FactorChange::IdentityConnected, now)?;
        Ok(((), Changes::default().with("identity", &spent.act().identity_name)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Asks to disconnect the identity; `None` when there is none, or no other way into the account.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_disconnect(
    services: &Services,
    provider: &Provider,
    asker: &Asker,
    person: &Person,
) -> Result<Option<Asked>, AppError> {
    let standing = standing(services, provider, person).await?;
    let Some(found) = standing.identity.filter(|_| standing.has_password) else {
        return Ok(None);
    };
    let act = DisconnectIdentity {
        account: person.account,
        name: person.name.clone(),
        identity: found.id,
        identity_name: found.name,
    };
    ask(services, asker, &act).await.map(Some)
}

/// Disconnects the identity.
///
/// # Errors
/// A failure of ours.
pub async fn disconnect(
    services: &Services,
    asker: &Asker,
    act: DisconnectIdentity,
    proof: Proof<DisconnectIdentity>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::identity_disconnect(conn, spent)?;
        factor_changed(conn, &tools, &by, FactorChange::IdentityDisconnected, now)?;
        Ok(((), Changes::default().from_to("identity", &spent.act().identity_name, "")))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}
