//! Confirming a number, making it count, removing it. Sending codes to one is in [`send`].

mod send;

use std::time::Duration;

pub use send::{Unsent, begin, send_again};

use super::store::{self, Pending, Phone};
use super::{ChangePhone, RemovePhone, masked};
use crate::audit::{self, Act, Changes, Event, Reason, Target};
use crate::clock::{UtcTime, minutes};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::notify::{self, Channel, FactorChange};
use crate::secret::same;
use crate::services::Services;
use crate::sessions::Person;
use crate::step_up::actions::{Asked, Refusal, Unperformed, ask, factor_changed, methods, perform};
use crate::step_up::store::{
    Counted, attempt_count, attempt_withdraw, sends_paused_until, tries_hold,
};
use crate::step_up::{Asker, Code, Proof, Purpose, State};

/// How long a number waits for its code and for the proof after it.
pub const PENDING_FOR: Duration = minutes(15);
/// How long it is kept: a proof that was asked for at the last moment may come until then.
pub const PENDING_KEPT_FOR: Duration = minutes(30);

/// What a person has, for the page.
pub struct Standing {
    /// The telephone that counts.
    pub phone: Option<Phone>,
    /// The number that they are confirming in this sign-in.
    pub pending: Option<Pending>,
    /// What became of the message with its code.
    pub sms: Option<notify::State>,
    /// Whether they have a way to prove who they are, which setting a telephone needs.
    pub can_prove: bool,
    /// Until when no code can be sent.
    pub paused_until: Option<UtcTime>,
}

/// What a person has.
///
/// # Errors
/// The database's failure.
pub async fn standing(services: &Services, person: &Person) -> Result<Standing, DbError> {
    let (tools, holder, now) = (services.clone(), person.clone(), services.clock.now());
    let found = services.db.read::<_, DbError>(move |conn| {
        let account = holder.account;
        let pending = pending(conn, &holder, now)?;
        let sms = match &pending {
            Some(pending) => notify::state(conn, &pending.sms_key())?,
            None => None,
        };
        Ok(Standing {
            phone: store::active_phone(conn, account)?,
            pending,
            sms,
            can_prove: !methods(conn, &tools, account, (Act::ChangePhone, None))?.is_empty(),
            paused_until: sends_paused_until(conn, account, Channel::Sms, now)?,
        })
    });
    found.await
}

/// A number is confirmed in the sign-in that began it, and for a while only.
fn pending(conn: &mut Conn, person: &Person, now: UtcTime) -> Result<Option<Pending>, DbError> {
    let found = store::pending_phone(conn, person.account)?;
    Ok(found.filter(|it| it.session == person.session && it.created_at.plus(PENDING_FOR) > now))
}

async fn deny(services: &Services, asker: &Asker, reason: Reason) -> Result<(), AppError> {
    let target = Target::account(asker.account, &*asker.actor.name);
    let event = Event::denied(Act::ChangePhone, reason, target);
    Ok(audit::actions::deny(services, asker.audit_chain(), &asker.actor, event).await?)
}

/// Gives up setting a telephone.
///
/// # Errors
/// The database's failure.
pub async fn give_up(services: &Services, person: &Person) -> Result<(), DbError> {
    let (account, now) = (person.account, services.clock.now());
    let dropped = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, account)?;
        if let Some(pending) = store::pending_phone(conn, account)? {
            notify::withdraw(conn, &pending.sms_key(), now)?;
        }
        store::phone_give_up(conn, account).map(drop)
    });
    dropped.await
}

/// Takes the code that was sent to a number, and asks for the act of making it count. Without a code it goes on with
/// a number whose code was entered before.
///
/// # Errors
/// A failure of ours.
pub async fn confirm(
    services: &Services,
    asker: &Asker,
    person: &Person,
    typed: &str,
) -> Result<Result<Asked, Refusal>, AppError> {
    let found = standing(services, person).await?.pending;
    let Some(found) = found else { return Ok(Err(Refusal::Ended(State::Expired))) };
    if !(found.is_confirmed() && typed.is_empty()) {
        let compared = match Code::parse(typed) {
            Ok(code) => compare(services, person, &code).await?,
            Err(problem) => Err(Refusal::NoCode(problem)),
        };
        if let Err(refusal) = compared {
            if let Some(reason) = refusal.reason() {
                deny(services, asker, reason).await?;
            }
            return Ok(Err(refusal));
        }
    }
    let (account, name) = (person.account, person.name.clone());
    let act = ChangePhone { account, name, pending: found.id, masked: masked(&found.number) };
    Ok(Ok(ask(services, asker, &act).await?))
}

/// Counts a try, in a transaction of its own, then compares the code and uses it up once.
async fn compare(
    services: &Services,
    person: &Person,
    code: &Code,
) -> Result<Result<(), Refusal>, AppError> {
    let (id, holder, now) = (services.random.hex::<16>(), person.clone(), services.clock.now());
    let of = (person.account, Purpose::StepUp);
    let counted = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let counted = attempt_count(conn, of, id, now)?;
        let refused = |refusal| Err(Stop::Refused(refusal));
        let Some(pending) = pending(conn, &holder, now)? else {
            return refused(Refusal::Ended(State::Expired));
        };
        if pending.is_confirmed() {
            return refused(Refusal::UsedCode);
        }
        match counted {
            Counted::Held(hold) => refused(Refusal::Held(hold)),
            Counted::Try(id) if store::phone_attempt(conn, &pending.id)? => {
                Ok((id, Pending { attempts: pending.attempts + 1, ..pending }))
            }
            Counted::Try(_) => refused(Refusal::Ended(State::Locked)),
        }
    });
    let (attempt, pending) = match counted.await.split()? {
        Ok(counted) => counted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    metrics::counter!("codes_compared_total").increment(1);
    let Some(sent) = pending.code_digest.clone() else { return Ok(Err(Refusal::NoneSent)) };
    if !same(&sent, &services.vault.code_digest(&pending.id, code.digits().expose())) {
        return Ok(Err(Refusal::Wrong { left: pending.left() }));
    }
    if pending.code_expires_at.is_none_or(|until| until <= now) {
        return Ok(Err(Refusal::ExpiredCode));
    }
    let used = services.db.write::<_, Stop<Refusal>>(move |conn| {
        attempt_withdraw(conn, of, &attempt)?;
        if !store::phone_code_use(conn, &pending.id, &sent, now)? {
            // Another try was quicker, or another code was sent.
            return Err(Stop::Refused(Refusal::UsedCode));
        }
        notify::withdraw(conn, &pending.sms_key(), now)?;
        Ok(())
    });
    Ok(used.await.split()?)
}

/// Makes a confirmed number count.
///
/// # Errors
/// A failure of ours.
pub async fn change(
    services: &Services,
    asker: &Asker,
    act: ChangePhone,
    proof: Proof<ChangePhone>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        let before = store::phone_change(conn, spent, now)?;
        factor_changed(conn, &tools, &by, FactorChange::PhoneChanged, now)?;
        let before = before.as_deref().map(masked).unwrap_or_default();
        Ok(((), Changes::default().from_to("phone", before, &spent.act().masked)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Asks to remove the telephone; `None` when there is none.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_remove(
    services: &Services,
    asker: &Asker,
    person: &Person,
) -> Result<Option<Asked>, AppError> {
    let account = person.account;
    let found = services.db.read(move |conn| store::active_phone(conn, account)).await?;
    let Some(found) = found else { return Ok(None) };
    let act = RemovePhone { account, name: person.name.clone(), phone: found.id };
    ask(services, asker, &act).await.map(Some)
}

/// Removes the telephone.
///
/// # Errors
/// A failure of ours.
pub async fn remove(
    services: &Services,
    asker: &Asker,
    act: RemovePhone,
    proof: Proof<RemovePhone>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        let before = store::phone_remove(conn, spent)?;
        factor_changed(conn, &tools, &by, FactorChange::PhoneRemoved, now)?;
        Ok(((), Changes::default().from_to("phone", masked(&before), "")))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}
