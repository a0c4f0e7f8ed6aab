//! The link in the mail of a challenge: approving its act from anywhere, or saying that one did not ask for it.

use super::answer::{Refusal, count, pass, wrong};
use super::{deny, end_of_session};
use crate::accounts::store as accounts;
use crate::audit::{self, Actor, Event, Outcome, Reason};
use crate::clock::{UtcTime, Zone};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::i18n::Language;
use crate::ids::AccountId;
use crate::notify::{self, Mail, Message};
use crate::secret::{digest, same};
use crate::services::Services;
use crate::sessions::store::{session_end, session_whence};
use crate::step_up::store::{self, tries_hold};
use crate::step_up::{Challenge, Method, NUMBERS_MAX, State};
use crate::workspaces::store::owners;
use crate::workspaces::store::reader_zone;

/// Owners of a workspace who are told of an act that somebody disowned.
const TOLD_MAX: i64 = 20;

/// What a link is of, and where that was asked for: network address and browser.
pub struct Approved {
    /// The challenge.
    pub challenge: Challenge,
    /// The network address and the browser of the sign-in that asked.
    pub asked_from: (String, String),
    /// The zone that whoever asked reads times in: the link may be opened where nobody is signed in.
    pub zone: Zone,
}

/// The challenge of a link; `None` for a link that is none.
///
/// # Errors
/// The database's failure.
pub async fn of_link(services: &Services, token: &str) -> Result<Option<Approved>, DbError> {
    let digest = digest(token);
    let found = services.db.read::<_, DbError>(move |conn| {
        let Some(challenge) = store::challenge_of_link(conn, &digest)? else { return Ok(None) };
        let whence = challenge.session.map(|session| session_whence(conn, session)).transpose()?;
        let asked_from = whence.flatten().unwrap_or_default();
        let zone = reader_zone(conn, challenge.account, challenge.workspace)?;
        Ok(Some(Approved { challenge, asked_from, zone }))
    });
    found.await
}

/// Approves the act of a link by the two digits from the first screen. The act itself is done there.
///
/// # Errors
/// A failure of ours.
pub async fn approve(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    number: &str,
) -> Result<Result<(), Refusal>, AppError> {
    let refusal = match attempt(services, actor, challenge, number).await? {
        Ok(()) => return Ok(Ok(())),
        Err(refusal) => refusal,
    };
    let reason = match &refusal {
        Refusal::Wrong { left } if *left > 0 => Some(Reason::WrongNumber),
        refusal => refusal.reason(),
    };
    if let Some(reason) = reason {
        deny(services, actor, challenge, reason).await?;
    }
    Ok(Err(refusal))
}

async fn attempt(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    number: &str,
) -> Result<Result<(), Refusal>, AppError> {
    let now = services.clock.now();
    let counted = match count(services, challenge).await? {
        Ok(counted) => counted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (id, stored) = counted.parts();
    // Another code, and with it another link, was sent meanwhile.
    if stored.link_digest != challenge.link_digest {
        return Ok(Err(Refusal::ExpiredCode));
    }
    let challenge = Challenge { method: Method::EmailLink, ..stored };
    let expected = challenge.link_number.clone().unwrap_or_default();
    if !same(&expected, number) {
        return wrong(services, actor, challenge, NUMBERS_MAX, now).await.map(|it| it.map(drop));
    }
    let passed = services.db.write::<_, Stop<Refusal>>(move |conn| pass(conn, &id, challenge, now));
    Ok(passed.await.split()?.map(drop))
}

/// Ends a challenge that whoever got its mail did not ask for, and the sign-in that did. `false` when it has ended
/// already.
///
/// # Errors
/// A failure of ours.
pub async fn disown(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
) -> Result<bool, AppError> {
    let (tools, actor, challenge) = (services.clone(), actor.clone(), challenge.clone());
    let now = services.clock.now();
    let disowned = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, challenge.account)?;
        if !store::challenge_close(conn, &challenge.id, State::Disowned, now)? {
            return Ok(false);
        }
        notify::withdraw(conn, &challenge.mail_key(), now)?;
        let whence = challenge.session.map(|session| session_whence(conn, session)).transpose()?;
        let whence = whence.flatten().unwrap_or_default();
        if let Some(session) = challenge.session {
            session_end(conn, session, now)?;
        }
        alert(conn, &tools, &challenge, whence, now)?;
        if let Some(session) = challenge.session {
            end_of_session(conn, &tools, (challenge.account, session), now)?;
        }
        let event = Event::denied(challenge.act, Reason::Disowned, challenge.audit_target());
        let event = event.by(Method::EmailLink).ending(Outcome::Denied);
        audit::record(conn, &tools.vault, challenge.audit_chain(), &actor, &event, now)?;
        Ok(true)
    });
    let disowned = disowned.await?;
    services.mail.ring();
    Ok(disowned)
}

/// Tells the owner of the account, and the owners of the workspace.
fn alert(
    conn: &mut Conn,
    services: &Services,
    challenge: &Challenge,
    (address, browser): (String, String),
    now: UtcTime,
) -> Result<(), DbError> {
    let Some(account) = accounts::credentials(conn, challenge.account)? else { return Ok(()) };
    let mut told: Vec<(AccountId, String, Language)> =
        vec![(account.id, account.email.clone(), account.language)];
    if let Some(workspace) = challenge.workspace {
        let owners = owners(conn, workspace, TOLD_MAX)?;
        told.extend(owners.into_iter().filter(|(id, ..)| *id != account.id));
    }
    for (id, email, language) in told {
        let message = Message::ActDisowned {
            act: challenge.act.name(language.texts()).to_owned(),
            target: challenge.target_name.clone(),
            who: account.name.clone(),
            at: now,
            address: address.clone(),
            browser: browser.clone(),
        };
        let mail = Mail {
            key: &format!("disowned {} {id}", challenge.id),
            recipient: &email,
            language,
            zone: &reader_zone(conn, id, challenge.workspace)?,
            message: &message,
        };
        notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    }
    Ok(())
}
