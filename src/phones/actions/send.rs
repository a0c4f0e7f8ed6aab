//! Sending codes to a number, within all limits.

use super::{deny, pending};
use crate::audit::{Act, Reason};
use crate::clock::UtcTime;
use crate::db::{Conn, Split, Stop};
use crate::error::AppError;
use crate::notify::{self, Channel, Message, Sms, SmsQueued};
use crate::phones::PhoneNumber;
use crate::phones::store::{self, NewCode};
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::session_is_alive;
use crate::step_up::actions::methods;
use crate::step_up::store::{CodeSend, Sending, send_count, tries_hold};
use crate::step_up::{Asker, CODE_LIFETIME, Code, reference};

/// Why no code was sent to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The sign-in has ended meanwhile.
    SignedOut,
    /// No text messages are sent here.
    NotSetUp,
    /// The person has no way to prove who they are.
    NoMethod,
    /// It is the number that counts already.
    Same,
    /// None go to that country.
    CountryNotServed,
    /// As many were sent today as may be.
    OverBudget,
    /// Too many codes were sent, or one a moment ago.
    Sending(Sending),
    /// No number is being confirmed any more.
    Gone,
}

/// Begins to set a telephone: sends a code to it.
///
/// # Errors
/// A failure of ours.
pub async fn begin(
    services: &Services,
    asker: &Asker,
    person: &Person,
    number: PhoneNumber,
) -> Result<Result<(), Unsent>, AppError> {
    let (tools, by, holder, now) =
        (services.clone(), asker.clone(), person.clone(), services.clock.now());
    let begun = services.db.write::<_, Stop<Unsent>>(move |conn| {
        let account = by.account;
        tries_hold(conn, account)?;
        let why_not = if !session_is_alive(conn, holder.session, now)? {
            Some(Unsent::SignedOut)
        } else if !notify::sms_is_set_up(&tools) {
            Some(Unsent::NotSetUp)
        } else if methods(conn, &tools, account, (Act::ChangePhone, None))?.is_empty() {
            Some(Unsent::NoMethod)
        } else if store::active_phone(conn, account)?.is_some_and(|it| it.number == number.as_str())
        {
            Some(Unsent::Same)
        } else {
            None
        };
        if let Some(why_not) = why_not {
            return Err(Stop::Refused(why_not));
        }
        if let Some(before) = store::pending_phone(conn, account)? {
            notify::withdraw(conn, &before.sms_key(), now)?;
        }
        let id = tools.random.hex::<16>();
        let sent = send(conn, &tools, &by, (&id, number.as_str(), 1), now)?;
        let (of, row) = ((account, holder.session), (&*id, number.as_str()));
        Ok(store::phone_begin(conn, of, row, &sent.noted(), now)?)
    });
    after_sending(services, asker, begun.await.split()?).await
}

/// Sends another code to the number that is being confirmed; the one before stops working.
///
/// # Errors
/// A failure of ours.
pub async fn send_again(
    services: &Services,
    asker: &Asker,
    person: &Person,
) -> Result<Result<(), Unsent>, AppError> {
    let (tools, by, holder, now) =
        (services.clone(), asker.clone(), person.clone(), services.clock.now());
    let sent = services.db.write::<_, Stop<Unsent>>(move |conn| {
        tries_hold(conn, by.account)?;
        let waiting = pending(conn, &holder, now)?.filter(|it| !it.is_confirmed() && it.left() > 0);
        let Some(waiting) = waiting.filter(|_| notify::sms_is_set_up(&tools)) else {
            return Err(Stop::Refused(Unsent::Gone));
        };
        notify::withdraw(conn, &waiting.sms_key(), now)?;
        let to = (&*waiting.id, &*waiting.number, waiting.code_sends + 1);
        let sent = send(conn, &tools, &by, to, now)?;
        if store::phone_sent(conn, &waiting.id, &sent.noted())? {
            Ok(())
        } else {
            Err(Stop::Refused(Unsent::Gone))
        }
    });
    after_sending(services, asker, sent.await.split()?).await
}

/// A code that is on its way.
struct Sent {
    digest: String,
    reference: String,
    expires_at: UtcTime,
}

impl Sent {
    fn noted(&self) -> NewCode<'_> {
        NewCode { digest: &self.digest, reference: &self.reference, expires_at: self.expires_at }
    }
}

/// Sends a code to a number, the `nth` for its row, within all limits.
fn send(
    conn: &mut Conn,
    services: &Services,
    asker: &Asker,
    (id, number, nth): (&str, &str, i64),
    now: UtcTime,
) -> Result<Sent, Stop<Unsent>> {
    let (random, t) = (&services.random, asker.language.texts());
    if !services.settings.sms_countries.serve(number) {
        return Err(Stop::Refused(Unsent::CountryNotServed));
    }
    let sending = CodeSend {
        account: asker.account,
        network: &asker.network,
        channel: Channel::Sms,
        destination: &services.vault.destination_digest(Channel::Sms, number),
    };
    match send_count(conn, &sending, &random.hex::<16>(), now)? {
        Sending::Now => {}
        other => return Err(Stop::Refused(Unsent::Sending(other))),
    }
    let (code, reference) = (Code::random(random), reference(random));
    let expires_at = now.plus(CODE_LIFETIME);
    let message = Message::StepUpCode {
        code: code.digits().clone(),
        act: Act::ChangePhone.name(t).to_owned(),
        target: asker.actor.name.clone(),
        address: asker.actor.address.clone(),
        reference: reference.clone(),
        expires_at,
        link: Secret::default(),
    };
    let key = store::sms_key(id, nth);
    let sms = Sms { key: &key, number, language: asker.language, message: &message };
    match notify::enqueue_sms(conn, services, &sms, now)? {
        SmsQueued::Queued | SmsQueued::Known => {
            let digest = services.vault.code_digest(id, code.digits().expose());
            Ok(Sent { digest, reference, expires_at })
        }
        SmsQueued::OverBudget => Err(Stop::Refused(Unsent::OverBudget)),
        SmsQueued::CountryNotServed => Err(Stop::Refused(Unsent::CountryNotServed)),
    }
}

async fn after_sending(
    services: &Services,
    asker: &Asker,
    sent: Result<(), Unsent>,
) -> Result<Result<(), Unsent>, AppError> {
    match sent {
        Ok(()) => services.sms.ring(),
        Err(Unsent::SignedOut) => return Err(AppError::SignedOut),
        Err(Unsent::Sending(Sending::Full(_))) => {
            deny(services, asker, Reason::TooManySends).await?;
        }
        Err(_) => {}
    }
    Ok(sent)
}
