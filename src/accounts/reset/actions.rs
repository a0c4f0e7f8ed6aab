//! Asking for the link, and choosing a password with it.

use std::net::IpAddr;

use crate::accounts::Email;
use crate::accounts::freezing::actions::tell;
use crate::accounts::links::actions::follow;
use crate::accounts::links::store::{Issued, link_insert, link_open, links_end_of_takeover};
use crate::accounts::links::{Purpose, actor_of};
use crate::accounts::store::{
    Owner, account_by_email, email_confirm, owner, password_hash, password_update,
};
use crate::audit::{self, Act, Actor, Event, INSTALLATION, Outcome, Target};
use crate::clock::{UtcTime, Zone};
use crate::db::{Conn, DbError, Stop};
use crate::error::AppError;
use crate::i18n::Language;
use crate::notify::{self, FactorChange, Mail, Message};
use crate::problem::Problem;
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::sessions::actions::network;
use crate::sessions::store::{sessions_end_all, throttle_clear};
use crate::sessions::throttle::{self, account_bucket};
use crate::step_up::actions::end_all;
use crate::step_up::store::tries_hold;
use crate::workspaces::store::{first_workspace, reader_zone};

/// Links that are mailed to one address within [`throttle::WINDOW`].
const ADDRESS_MAX: i64 = 3;
/// Links that are asked for from one network address within it.
const NETWORK_MAX: i64 = 20;

/// Asks for a link. It is counted, for the address and the network, before anything is looked up; then whoever has
/// the address gets a mail, and for an address that nobody has the same is written and removed again.
///
/// # Errors
/// The database's failure.
pub async fn ask(
    services: &Services,
    email: &Email,
    (from, ip): (Actor, IpAddr),
) -> Result<Result<(), Problem>, DbError> {
    let now = services.clock.now();
    let buckets = [
        (format!("reset network {}", network(ip)), NETWORK_MAX),
        (format!("reset address {}", digest(&email.key)), ADDRESS_MAX),
    ];
    let held = services.db.write::<_, DbError>(move |conn| {
        for (bucket, max) in buckets {
            if let Some(wait) = throttle::attempt(conn, &bucket, max, now)? {
                return Ok(Some(wait));
            }
        }
        Ok(None)
    });
    if let Some(wait_s) = held.await? {
        let minutes = i64::try_from(wait_s.div_ceil(60)).unwrap_or(i64::MAX);
        return Ok(Err(Problem::MailsFull { minutes }));
    }
    let (tools, email) = (services.clone(), email.clone());
    let asked = services.db.write::<_, DbError>(move |conn| {
        let known = account_by_email(conn, &email.key)?;
        let known = known.map_or(Ok(None), |known| owner(conn, known.id))?;
        match known {
            Some(owner) => mail_link(conn, &tools, &owner, &from, now),
            None => mail_nobody(conn, &tools, &email, &from, now),
        }
    });
    asked.await?;
    services.mail.ring();
    Ok(Ok(()))
}

fn mail_link(
    conn: &mut Conn,
    services: &Services,
    owner: &Owner,
    from: &Actor,
    now: UtcTime,
) -> Result<(), DbError> {
    tries_hold(conn, owner.id)?;
    let (random, what) = (&services.random, (owner.id, Purpose::ResetPassword));
    let to = (owner.email.as_str(), owner.email_key.as_str());
    let Issued { token, expires_at } = link_insert(conn, random, what, to, now)?;
    let message = Message::ResetPassword { token, expires_at, address: from.address.clone() };
    let mail = Mail {
        key: &format!("reset {}", random.hex::<16>()),
        recipient: &owner.email,
        language: owner.language,
        zone: &reader_zone(conn, owner.id, None)?,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, random, &mail, now)?;
    let chain = first_workspace(conn, owner.id)?.unwrap_or(INSTALLATION);
    let event = Event::done(Act::AskPasswordReset, Target::account(owner.id, &*owner.name));
    audit::record(conn, &services.vault, chain, from, &event.ending(Outcome::Requested), now)
}

/// What [`mail_link`] costs, for nobody: the disk is waited for all the same.
fn mail_nobody(
    conn: &mut Conn,
    services: &Services,
    email: &Email,
    from: &Actor,
    now: UtcTime,
) -> Result<(), DbError> {
    let random = &services.random;
    let (token, key) = (Secret::new(random.token()), format!("reset {}", random.hex::<16>()));
    let expires_at = now.plus(Purpose::ResetPassword.lifetime());
    let message = Message::ResetPassword { token, expires_at, address: from.address.clone() };
    let mail = Mail {
        key: &key,
        recipient: &email.text,
        language: Language::English,
        zone: &Zone::utc(),
        message: &message,
    };
    notify::enqueue(conn, &services.vault, random, &mail, now)?;
    notify::store::discard(conn, &key)
}

/// Sets the password that was chosen with a link; `None` for a link that does not work. All sign-ins of the account
/// end, and so does whatever waits for it; its owner is told. That the mail was read confirms the address.
///
/// # Errors
/// A failure of ours.
pub async fn choose(
    services: &Services,
    token: &str,
    password: Secret,
    from: Actor,
) -> Result<Option<Result<Owner, Problem>>, AppError> {
    if is_present(services, token, &password).await? {
        return Ok(Some(Err(Problem::SamePassword)));
    }
    let hash = services.passwords.hash(password, &services.random).await?;
    let (tools, now) = (services.clone(), services.clock.now());
    let chosen = follow(services, Purpose::ResetPassword, token, move |conn, link, owner| {
        // The address may have changed since the link was mailed.
        if link.email_key != owner.email_key {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        password_update(conn, owner.id, &hash, now)?;
        if owner.email_verified_at.is_none() {
            email_confirm(conn, owner.id, &owner.email_key, now)?;
        }
        sessions_end_all(conn, owner.id, now)?;
        links_end_of_takeover(conn, owner.id, now)?;
        // Whoever forgot it has tried a few.
        throttle_clear(conn, &account_bucket(&owner.email_key))?;
        tell(conn, &tools, owner.id, &from, FactorChange::PasswordChanged, now)?;
        end_all(conn, &tools, owner.id, now)?;
        let chain = first_workspace(conn, owner.id)?.unwrap_or(INSTALLATION);
        let event = Event::done(Act::ResetPassword, Target::account(owner.id, &*owner.name));
        audit::record(conn, &tools.vault, chain, &actor_of(from, &owner), &event, now)?;
        Ok(owner)
    });
    let chosen = chosen.await?;
    services.mail.ring();
    Ok(chosen.map(Ok))
}

/// Whether a password is the one that the account of a link has.
async fn is_present(services: &Services, token: &str, password: &Secret) -> Result<bool, AppError> {
    let (token, now) = (token.to_owned(), services.clock.now());
    // Both at once: a link that works means the password from before it was used.
    let hash = services.db.read::<_, DbError>(move |conn| {
        match link_open(conn, Purpose::ResetPassword, &token, now)? {
            Some(link) => password_hash(conn, link.account_id),
            None => Ok(None),
        }
    });
    let hash = hash.await?;
    if hash.is_none() {
        return Ok(false);
    }
    Ok(services.passwords.verify(password.clone(), hash).await?)
}
