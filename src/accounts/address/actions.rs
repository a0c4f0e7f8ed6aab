//! Confirming addresses and changing them.

use super::ChangeEmail;
use super::store;
use crate::accounts::Email;
use crate::accounts::freezing::actions::tell_owner;
use crate::accounts::links::actions::follow;
use crate::accounts::links::store::{Issued, link_insert, link_waiting, links_end};
use crate::accounts::links::{Purpose, actor_of};
use crate::accounts::store::{
    Owner, account_by_email, account_by_id, email_confirm, email_update, owner,
};
use crate::audit::{self, Act, Actor, Changes, Event, INSTALLATION, Target};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::{AccountId, SessionId};
use crate::notify::{self, FactorChange, Mail, Message};
use crate::problem::Problem;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::{sessions_end_all, sessions_end_others};
use crate::step_up::actions::{Asked, Unperformed, ask, end_all, perform};
use crate::step_up::store::tries_hold;
use crate::step_up::{Asker, Proof};
use crate::workspaces::store::{first_workspace, reader_zone};

/// How a person's address stands.
pub struct Standing {
    /// Whether it was confirmed.
    pub is_verified: bool,
    /// The address that is to take its place, and until when its link works.
    pub waiting: Option<(String, UtcTime)>,
}

/// How a person's address stands.
///
/// # Errors
/// The database's failure.
pub async fn standing(services: &Services, account: AccountId) -> Result<Standing, DbError> {
    let now = services.clock.now();
    let found = services.db.read::<_, DbError>(move |conn| {
        let waiting = link_waiting(conn, account, Purpose::ChangeEmail, now)?;
        Ok(Standing {
            is_verified: account_by_id(conn, account)?.email_verified_at.is_some(),
            waiting: waiting.map(|link| (link.email, link.expires_at)),
        })
    });
    found.await
}

/// Mails a new account the link that confirms its address, in the transaction that makes it; nothing where no mail
/// is sent. Ring the bell afterwards.
///
/// # Errors
/// The database's failure.
pub fn mail_confirmation(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    now: UtcTime,
) -> Result<(), DbError> {
    if !notify::is_set_up(services) {
        return Ok(());
    }
    let owner = account_by_id(conn, account)?;
    links_end(conn, account, Some(Purpose::ConfirmEmail), now)?;
    let to = (owner.email.as_str(), owner.email_key.as_str());
    let what = (account, Purpose::ConfirmEmail);
    let Issued { token, expires_at } = link_insert(conn, &services.random, what, to, now)?;
    let message = Message::ConfirmEmail { token, expires_at };
    post(conn, services, &owner, &owner.email, &message, now)
}

fn post(
    conn: &mut Conn,
    services: &Services,
    reader: &Owner,
    recipient: &str,
    message: &Message,
    now: UtcTime,
) -> Result<(), DbError> {
    let mail = Mail {
        key: &format!("link {}", services.random.hex::<16>()),
        recipient,
        language: reader.language,
        zone: &reader_zone(conn, reader.id, None)?,
        message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}

/// Mails a person the link once more, unless their address is confirmed already.
///
/// # Errors
/// The database's failure.
pub async fn send_confirmation(
    services: &Services,
    account: AccountId,
) -> Result<Result<(), Problem>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let sent = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, account)?;
        if account_by_id(conn, account)?.email_verified_at.is_some() {
            return Ok(());
        }
        store::check_sends(conn, (account, Purpose::ConfirmEmail), now)?;
        Ok(mail_confirmation(conn, &tools, account, now)?)
    });
    let sent = sent.await.split()?;
    services.mail.ring();
    Ok(sent)
}

/// Confirms the address that a link was sent to; `None` for a link that does not work.
///
/// # Errors
/// The database's failure.
pub async fn confirm(
    services: &Services,
    token: &str,
    from: Actor,
) -> Result<Option<AccountId>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let confirmed = follow(services, Purpose::ConfirmEmail, token, move |conn, link, owner| {
        if !email_confirm(conn, owner.id, &link.email_key, now)? {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        links_end(conn, owner.id, Some(Purpose::ConfirmEmail), now)?;
        let changes = Changes::default().with("email", &owner.email);
        record(conn, &tools, (from, &owner), changes, now)?;
        Ok(owner.id)
    });
    confirmed.await
}

fn record(
    conn: &mut Conn,
    services: &Services,
    (from, owner): (Actor, &Owner),
    changes: Changes,
    now: UtcTime,
) -> Result<(), DbError> {
    let chain = first_workspace(conn, owner.id)?.unwrap_or(INSTALLATION);
    let event = Event::done(Act::ConfirmEmail, Target::account(owner.id, &*owner.name));
    let (actor, event) = (actor_of(from, owner), event.changing(changes));
    audit::record(conn, &services.vault, chain, &actor, &event, now)
}

/// Asks to change the address.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_change(
    services: &Services,
    asker: &Asker,
    person: &Person,
    email: Email,
) -> Result<Result<Asked, Problem>, AppError> {
    let (account, now) = (person.account, services.clock.now());
    let allowed = services.db.read::<_, Stop<Problem>>(move |conn| {
        store::check_sends(conn, (account, Purpose::ChangeEmail), now)?;
        Ok(owner(conn, account)?)
    });
    let owner = match allowed.await.split()? {
        Ok(owner) => owner.ok_or(AppError::SignedOut)?,
        Err(problem) => return Ok(Err(problem)),
    };
    let act = ChangeEmail {
        account,
        name: person.name.clone(),
        email: email.text,
        email_key: email.key,
        before: owner.email_key,
    };
    Ok(Ok(ask(services, asker, &act).await?))
}

/// Mails the new address its link.
///
/// # Errors
/// A failure of ours.
pub async fn begin(
    services: &Services,
    asker: &Asker,
    act: ChangeEmail,
    proof: Proof<ChangeEmail>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let address = asker.actor.address.clone();
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        let issued = store::change_begin(conn, &tools.random, spent, now)?;
        let act = spent.act();
        let to = (act.email.as_str(), act.email_key.as_str());
        mail_change(conn, &tools, act.account, to, issued, (address, now))?;
        Ok(((), Changes::default().with("email", &act.email)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Mails a link to the address that is to be an account's, or tells whoever has the address that somebody wanted
/// it: the same work for whoever asks.
fn mail_change(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    (email, email_key): (&str, &str),
    issued: Issued,
    (address, now): (String, UtcTime),
) -> Result<(), DbError> {
    let reader = account_by_id(conn, account)?;
    match account_by_email(conn, email_key)? {
        Some(other) => {
            let message = Message::EmailTaken { at: now, address };
            post(conn, services, &other, &other.email, &message, now)
        }
        None => {
            let Issued { token, expires_at } = issued;
            let message = Message::ChangeEmail { token, expires_at, address };
            post(conn, services, &reader, email, &message, now)
        }
    }
}

/// Mails that once more; the link from before ends. Nothing when no address waits.
///
/// # Errors
/// The database's failure.
pub async fn send_again(
    services: &Services,
    account: AccountId,
    from: Actor,
) -> Result<Result<(), Problem>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let sent = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, account)?;
        let waiting = store::change_again(conn, &tools.random, account, now)?;
        let Some((link, issued)) = waiting else { return Ok(()) };
        let to = (link.email.as_str(), link.email_key.as_str());
        Ok(mail_change(conn, &tools, account, to, issued, (from.address, now))?)
    });
    let sent = sent.await.split()?;
    services.mail.ring();
    Ok(sent)
}

/// Leaves the address as it is: the link that waits ends.
///
/// # Errors
/// The database's failure.
pub async fn call_off(services: &Services, person: &Person, actor: Actor) -> Result<(), DbError> {
    let (tools, account, now) = (services.clone(), person.account, services.clock.now());
    let (chain, event) = (person.audit_chain(), Event::done(Act::ChangeEmail, person));
    let event = event.ending(audit::Outcome::Cancelled);
    let called_off = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, account)?;
        if store::change_call_off(conn, account, now)? {
            audit::record(conn, &tools.vault, chain, &actor, &event, now)?;
        }
        Ok(())
    });
    called_off.await
}

/// Gives an account the address that a link was sent to; `None` for a link that does not work. All sign-ins end but
/// the one that the link was opened in, everything that waits for the account too, and the address from before is
/// told.
///
/// # Errors
/// The database's failure.
pub async fn change(
    services: &Services,
    token: &str,
    from: Actor,
    opened_in: Option<(AccountId, SessionId)>,
) -> Result<Option<AccountId>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let changed = follow(services, Purpose::ChangeEmail, token, move |conn, link, before| {
        email_update(conn, before.id, (&link.email, &link.email_key), now)?;
        match opened_in {
            Some((account, session)) if account == before.id => {
                sessions_end_others(conn, account, session, now)?;
            }
            _ => sessions_end_all(conn, before.id, now)?,
        }
        for purpose in [Purpose::ChangeEmail, Purpose::ResetPassword, Purpose::ConfirmEmail] {
            links_end(conn, before.id, Some(purpose), now)?;
        }
        tell_owner(conn, &tools, &before, &from, FactorChange::EmailChanged, now)?;
        end_all(conn, &tools, before.id, now)?;
        let changes = Changes::default().from_to("email", &before.email, &link.email);
        record(conn, &tools, (from, &before), changes, now)?;
        Ok(before.id)
    });
    let changed = changed.await?;
    services.mail.ring();
    Ok(changed)
}
