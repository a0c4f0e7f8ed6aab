//! Asking for an act, choosing how to prove who one is, calling it off. Answering is in [`answer`], doing the
//! act in [`perform`].

mod answer;
mod factors;
mod link;
mod methods;
mod perform;

use std::sync::Arc;

pub use answer::{Refusal, Try, answer, answer_with_passkey, count, granted};
pub use factors::factor_changed;
pub use link::{Approved, approve, disown, of_link};
pub use methods::{Barred, Choice, choice, has_strong, methods};
pub use perform::{Unperformed, perform};

use super::act::{Sensitive, Written};
use super::challenge::{
    CHALLENGE_LIFETIME, CODE_LIFETIME, Challenge, Holder, OPEN_MAX, State, mail_key,
};
use super::code::{Code, reference};
use super::registry;
use super::store::{self, NewChallenge, NewCode, Sending};
use super::{Asker, Method};
use crate::audit::{self, Actor, Event, Outcome, Reason};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::notify::{self, Channel, Channels, Mail, Message, Sms, SmsQueued};
use crate::phones::store::active_phone;
use crate::secret::{self, Secret};
use crate::services::Services;
use crate::workspaces::store::reader_zone;

/// Why somebody has no way of proving who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// They have one, and the workspace asks for an authenticator.
    Policy,
    /// They have one that is too young.
    Young,
    /// Their address is not confirmed.
    Confirmation,
    /// No mail is sent here, and they have nothing else.
    Everything,
}

/// What comes of asking.
pub enum Asked {
    /// Somebody must pass this challenge.
    Challenge(String),
    /// The person has no way of proving who they are.
    NoMethod(Lack),
}

/// Asks for an act. The same act asked for twice in a sign-in is one challenge; another one to the same thing
/// takes its place.
///
/// # Errors
/// A failure of ours.
pub async fn ask<A: Sensitive>(
    services: &Services,
    asker: &Asker,
    act: &A,
) -> Result<Asked, AppError> {
    let written = Written::new(act).map_err(anyhow::Error::from)?;
    let (target, now) = (act.target(), services.clock.now());
    let (tools, asker) = (services.clone(), asker.clone());
    let made = services.db.write::<_, DbError>(move |conn| {
        // Of parallel requests of one person, one is looked at after the other.
        store::tries_hold(conn, asker.account)?;
        let mut ended = Vec::new();
        if let Some(id) = make_room(conn, &asker, &written, &mut ended, now)? {
            record_ended(conn, &tools, ended, now)?;
            return Ok(Asked::Challenge(id));
        }
        let about = (A::ACT, workspace_of(&asker.holder));
        let choice = choice(conn, &tools, asker.account, about)?;
        let Some(method) = choice.methods.first().copied() else {
            record_ended(conn, &tools, ended, now)?;
            let is_young = choice.barred.iter().any(|(_, why)| *why == Barred::Young);
            return Ok(Asked::NoMethod(if is_young {
                Lack::Young
            } else if !choice.barred.is_empty() {
                Lack::Policy
            } else if Channels::of(&tools).mail {
                Lack::Confirmation
            } else {
                Lack::Everything
            }));
        };
        let id = tools.random.hex::<16>();
        let new = NewChallenge {
            id: &id,
            account: asker.account,
            holder: &asker.holder,
            workspace: workspace_of(&asker.holder),
            act: &written,
            target_name: &target.name,
            method,
            expires_at: now.plus(CHALLENGE_LIFETIME),
        };
        store::challenge_insert(conn, &new, now)?;
        if method.channel().is_some() {
            send(conn, &tools, &asker, &id, now)?;
        }
        record_ended(conn, &tools, ended, now)?;
        let event = Event::done(A::ACT, target).ending(Outcome::Requested);
        audit::record(conn, &tools.vault, asker.audit_chain(), &asker.actor, &event, now)?;
        Ok(Asked::Challenge(id))
    });
    let made = made.await?;
    ring(services);
    Ok(made)
}

const fn workspace_of(holder: &Holder) -> Option<WorkspaceId> {
    match holder {
        Holder::Session { workspace, .. } => *workspace,
        Holder::Browser(_) => None,
    }
}

/// The challenge that waits for just this act already. Ends what it replaces and what is too many, or over.
fn make_room(
    conn: &mut Conn,
    asker: &Asker,
    written: &Written,
    ended: &mut Vec<(Challenge, State)>,
    now: UtcTime,
) -> Result<Option<String>, DbError> {
    let session = asker.holder.session();
    let open = store::challenges_open(conn, asker.account)?;
    let (over, waiting): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|one| one.state(now) == State::Expired);
    for one in over {
        close(conn, one, State::Expired, ended, now)?;
    }
    let is_replaced = |one: &Challenge| {
        one.session == session && one.act == written.act && one.target == written.target
    };
    if let Some(same) = waiting.iter().find(|one| is_replaced(one) && one.digest == written.digest)
        && same.left() > 0
        && same.workspace == workspace_of(&asker.holder)
    {
        return Ok(Some(same.id.clone()));
    }
    let most = usize::try_from(OPEN_MAX).unwrap_or_default();
    let too_many = (waiting.len() + 1).saturating_sub(most);
    for (at, one) in waiting.into_iter().enumerate() {
        if is_replaced(&one) || at < too_many {
            close(conn, one, State::Cancelled, ended, now)?;
        }
    }
    Ok(None)
}

/// Ends a challenge that nobody passed; it is among the ended ones then.
fn close(
    conn: &mut Conn,
    challenge: Challenge,
    state: State,
    ended: &mut Vec<(Challenge, State)>,
    now: UtcTime,
) -> Result<(), DbError> {
    if store::challenge_close(conn, &challenge.id, state, now)? {
        notify::withdraw(conn, &challenge.mail_key(), now)?;
        ended.push((challenge, state));
    }
    Ok(())
}

/// Says in the audit log what has ended, as the console itself: last in a transaction, and in the order of the
/// chains, so that no two transactions wait for each other.
fn record_ended(
    conn: &mut Conn,
    services: &Services,
    mut ended: Vec<(Challenge, State)>,
    now: UtcTime,
) -> Result<(), DbError> {
    // For signing in, nothing was asked for but that.
    ended.retain(|(challenge, _)| challenge.session.is_some());
    ended.sort_by_key(|(challenge, _)| challenge.audit_chain());
    for (challenge, state) in ended {
        let outcome = if state == State::Expired { Outcome::Expired } else { Outcome::Cancelled };
        let event = Event::done(challenge.act, challenge.audit_target()).ending(outcome);
        let chain = challenge.audit_chain();
        audit::record(conn, &services.vault, chain, &Actor::system(), &event, now)?;
    }
    Ok(())
}

/// Ends whatever waits for a proof of an account, and says so in the audit log: near the end of a transaction.
///
/// # Errors
/// The database's failure.
pub fn end_all(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    now: UtcTime,
) -> Result<(), DbError> {
    let waiting = store::challenges_waiting(conn, account)?;
    end_these(conn, services, waiting, now)
}

/// The same for one sign-in of it.
///
/// # Errors
/// The database's failure.
pub fn end_of_session(
    conn: &mut Conn,
    services: &Services,
    (account, session): (AccountId, SessionId),
    now: UtcTime,
) -> Result<(), DbError> {
    let mut waiting = store::challenges_waiting(conn, account)?;
    waiting.retain(|challenge| challenge.session == Some(session));
    end_these(conn, services, waiting, now)
}

/// The same for all sign-ins of an account but one, and for those that are not complete.
///
/// # Errors
/// The database's failure.
pub fn end_of_others(
    conn: &mut Conn,
    services: &Services,
    (account, but): (AccountId, SessionId),
    now: UtcTime,
) -> Result<(), DbError> {
    let mut waiting = store::challenges_waiting(conn, account)?;
    waiting.retain(|challenge| challenge.session != Some(but));
    end_these(conn, services, waiting, now)
}

/// The same for all sign-ins of it in one workspace.
///
/// # Errors
/// The database's failure.
pub fn end_in_workspace(
    conn: &mut Conn,
    services: &Services,
    (account, workspace): (AccountId, WorkspaceId),
    now: UtcTime,
) -> Result<(), DbError> {
    let mut waiting = store::challenges_waiting(conn, account)?;
    waiting
        .retain(|challenge| challenge.session.is_some() && challenge.workspace == Some(workspace));
    end_these(conn, services, waiting, now)
}

fn end_these(
    conn: &mut Conn,
    services: &Services,
    waiting: Vec<Challenge>,
    now: UtcTime,
) -> Result<(), DbError> {
    let mut ended = Vec::new();
    for challenge in waiting {
        close(conn, challenge, State::Cancelled, &mut ended, now)?;
    }
    record_ended(conn, services, ended, now)
}

/// Wakes whoever sends.
fn ring(services: &Services) {
    services.mail.ring();
    services.sms.ring();
}

/// Sends a code for a challenge by the channel of its method, unless too many were sent.
fn send(
    conn: &mut Conn,
    services: &Services,
    asker: &Asker,
    id: &str,
    now: UtcTime,
) -> Result<Sending, DbError> {
    let random = &services.random;
    let stored = store::challenge_of(conn, &asker.holder, id)?;
    let Some(challenge) = stored.filter(|stored| stored.state(now) == State::Open) else {
        return Ok(Sending::Ended);
    };
    let (channel, to) = match challenge.method {
        Method::SmsCode => match active_phone(conn, asker.account)? {
            Some(phone) => (Channel::Sms, phone.number),
            None => return Ok(Sending::Ended),
        },
        _ => (Channel::Mail, asker.email.clone()),
    };
    let destination = services.vault.destination_digest(channel, &to);
    let (account, network) = (asker.account, &*asker.network);
    let sending = store::CodeSend { account, network, channel, destination: &destination };
    let counted = store::send_count(conn, &sending, &random.hex::<16>(), now)?;
    if counted != Sending::Now {
        return Ok(counted);
    }
    notify::withdraw(conn, &challenge.mail_key(), now)?;
    let (code, reference) = (Code::random(random), reference(random));
    let expires_at = now.plus(CODE_LIFETIME).min(challenge.expires_at);
    // Only mail has room for a link.
    let (link, number) = match channel {
        Channel::Mail => (random.token(), format!("{:02}", random.number() % 100)),
        Channel::Sms => (String::new(), String::new()),
    };
    let link_digest = secret::digest(&link);
    let new = NewCode {
        digest: &services.vault.code_digest(id, code.digits().expose()),
        channel,
        link: (channel == Channel::Mail).then_some((&*link_digest, &*number)),
        reference: &reference,
        expires_at,
    };
    store::challenge_sent(conn, id, &new, now)?;
    let message = Message::StepUpCode {
        code: code.digits().clone(),
        act: challenge.act.name(asker.language.texts()).to_owned(),
        target: in_full(&challenge, asker.language.texts()),
        address: asker.actor.address.clone(),
        reference,
        expires_at,
        link: Secret::new(link),
    };
    let key = mail_key(id, challenge.code_sends + 1);
    if channel == Channel::Sms {
        let sms = Sms { key: &key, number: &to, language: asker.language, message: &message };
        return Ok(match notify::enqueue_sms(conn, services, &sms, now)? {
            SmsQueued::Queued | SmsQueued::Known => Sending::Now,
            SmsQueued::OverBudget | SmsQueued::CountryNotServed => Sending::NotServed,
        });
    }
    let mail = Mail {
        key: &key,
        recipient: &to,
        language: asker.language,
        zone: &reader_zone(conn, asker.account, challenge.workspace)?,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, random, &mail, now)?;
    Ok(Sending::Now)
}

/// What an act is done to, with which of its things where it has several.
#[must_use]
pub fn in_full(challenge: &Challenge, t: Texts) -> String {
    let name = &challenge.target_name;
    match registry::waiting(challenge).and_then(|waiting| waiting.which(t)) {
        Some((_, which)) => format!("{name} · {which}"),
        None => name.clone(),
    }
}

/// A challenge of the asker's; `None`, and an event of it, when it is somebody else's, another sign-in's or
/// another workspace's.
///
/// # Errors
/// A failure of ours.
pub async fn find(
    services: &Services,
    holder: &Holder,
    actor: &Actor,
    id: &str,
) -> Result<Option<Challenge>, AppError> {
    let (asked, by) = (id.to_owned(), holder.clone());
    let stored =
        services.db.read::<_, DbError>(move |conn| store::challenge_anywhere(conn, &asked));
    let Some(challenge) = stored.await? else { return Ok(None) };
    match challenge.refused_to(&by) {
        None => Ok(Some(challenge)),
        Some(reason) => {
            deny(services, actor, &challenge, reason).await?;
            Ok(None)
        }
    }
}

/// Writes that the act of a challenge was refused.
///
/// # Errors
/// A failure of ours.
pub async fn deny(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    reason: Reason,
) -> Result<(), AppError> {
    let event = Event::denied(challenge.act, reason, challenge.audit_target()).by(challenge.method);
    Ok(audit::actions::deny(services, challenge.audit_chain(), actor, event).await?)
}

/// Chooses another method for a challenge; for one that sends codes, a code is on its way afterwards unless
/// one is still good. `None` when the challenge does not wait any more, or the account lacks the method.
///
/// # Errors
/// A failure of ours.
pub async fn choose(
    services: &Services,
    asker: &Asker,
    challenge: &Challenge,
    method: Method,
) -> Result<Option<Sending>, AppError> {
    let (tools, asker, now) = (services.clone(), asker.clone(), services.clock.now());
    let (id, good_until) = (challenge.id.clone(), challenge.code_expires_at);
    let (about, by) = ((challenge.act, challenge.workspace), challenge.code_channel);
    let chosen = services.db.write::<_, DbError>(move |conn| {
        store::tries_hold(conn, asker.account)?;
        let known = methods(conn, &tools, asker.account, about)?;
        if !known.contains(&method) || !store::challenge_choose(conn, &id, method, now)? {
            return Ok(None);
        }
        let has_code = good_until.is_some_and(|until| until > now) && by == method.channel();
        if method.channel().is_some() && !has_code {
            return send(conn, &tools, &asker, &id, now).map(Some);
        }
        Ok(Some(Sending::Now))
    });
    let chosen = chosen.await?;
    ring(services);
    Ok(chosen)
}

/// Sends another code; the one before stops working.
///
/// # Errors
/// A failure of ours.
pub async fn send_again(
    services: &Services,
    asker: &Asker,
    challenge: &Challenge,
) -> Result<Sending, AppError> {
    let (tools, asker, id) = (services.clone(), asker.clone(), challenge.id.clone());
    let (actor, now) = (asker.actor.clone(), services.clock.now());
    let sent = services.db.write::<_, DbError>(move |conn| send(conn, &tools, &asker, &id, now));
    let sent = sent.await?;
    ring(services);
    if matches!(sent, Sending::Full(_)) {
        deny(services, &actor, challenge, Reason::TooManySends).await?;
    }
    Ok(sent)
}

/// Calls a challenge off; `false` when it has ended already.
///
/// # Errors
/// A failure of ours.
pub async fn cancel(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
) -> Result<bool, AppError> {
    let (vault, now) = (Arc::clone(&services.vault), services.clock.now());
    let (challenge, actor) = (challenge.clone(), actor.clone());
    let cancelled = services.db.write::<_, DbError>(move |conn| {
        if !store::challenge_close(conn, &challenge.id, State::Cancelled, now)? {
            return Ok(false);
        }
        notify::withdraw(conn, &challenge.mail_key(), now)?;
        let event = Event::done(challenge.act, challenge.audit_target());
        let event = event.ending(Outcome::Cancelled);
        audit::record(conn, &vault, challenge.audit_chain(), &actor, &event, now)?;
        Ok(true)
    });
    Ok(cancelled.await?)
}

/// Ends the challenges that time has ended, and says so in the audit log.
///
/// # Errors
/// The database's failure.
pub async fn expire(services: &Services, rows: i64) -> Result<(), DbError> {
    loop {
        let now = services.clock.now();
        let over = services.db.read(move |conn| store::challenges_expired(conn, now, rows)).await?;
        if over.is_empty() {
            return Ok(());
        }
        for one in over {
            let tools = services.clone();
            let closed = services.db.write::<_, DbError>(move |conn| {
                let mut ended = Vec::new();
                close(conn, one, State::Expired, &mut ended, now)?;
                record_ended(conn, &tools, ended, now)
            });
            closed.await?;
        }
    }
}
