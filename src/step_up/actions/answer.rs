//! Answering a challenge: counting a try, comparing the code, passing once.

use std::sync::Arc;

use super::deny;
use crate::accounts::freezing::actions::tell;
use crate::accounts::store as accounts;
use crate::audit::{Actor, Reason};
use crate::authenticators::store::{self as authenticators, State as Seed, authenticator_step};
use crate::authenticators::totp;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::notify::{self, FactorChange, Mail, Message};
use crate::passkeys;
use crate::passkeys::forms::Answer;
use crate::problem::{PasskeyProblem, Problem};
use crate::recovery::{RecoveryCode, store as recovery};
use crate::secret::same;
use crate::services::Services;
use crate::step_up::store::{self, Counted, Hold};
use crate::step_up::{
    ATTEMPTS_MAX, Challenge, Code, Granted, Holder, Method, PROOF_LIFETIME, State,
};
use crate::workspaces::store::reader_zone;

/// Why a code did not pass a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was typed is no code; nothing was counted.
    NoCode(Problem),
    /// It is not the right one; so many tries are left.
    Wrong {
        /// Tries that are left.
        left: i64,
    },
    /// The passkey did not do; nothing was counted, for nobody guesses one.
    Passkey(PasskeyProblem),
    /// It was used before.
    UsedCode,
    /// The recovery code was used before.
    UsedRecoveryCode,
    /// It was sent too long ago.
    ExpiredCode,
    /// None was sent, or the last one has been used.
    NoneSent,
    /// Right and wrong codes are refused alike for now.
    Held(Hold),
    /// The challenge does not wait any more.
    Ended(State),
}

impl Refusal {
    /// As the audit log says it; nothing for what is only not there yet.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        Some(match self {
            // Also a slip of the pen: a program that posts no code looks just like it.
            Self::NoCode(_) | Self::NoneSent | Self::Passkey(PasskeyProblem::NoAnswer) => {
                Reason::NotVerified
            }
            Self::Wrong { left: 0 } | Self::Ended(State::Locked) => Reason::Locked,
            Self::Wrong { .. } => Reason::WrongCode,
            Self::UsedCode | Self::UsedRecoveryCode => Reason::UsedCode,
            Self::ExpiredCode | Self::Passkey(PasskeyProblem::TooLate) => Reason::ExpiredCode,
            Self::Passkey(_) => Reason::WrongPasskey,
            Self::Held(Hold::Until(_)) => Reason::OnHold,
            Self::Held(Hold::HardStop) => Reason::HardStop,
            Self::Ended(State::Spent) => Reason::Used,
            Self::Ended(State::Expired) => Reason::Expired,
            Self::Ended(State::Cancelled) => Reason::Ended,
            Self::Ended(State::Disowned) => Reason::Disowned,
            Self::Ended(State::Open | State::Granted) => return None,
        })
    }
}

/// A try that was counted, and what it is compared with.
pub struct Try {
    id: String,
    challenge: Challenge,
}

impl Try {
    pub(super) fn parts(self) -> (String, Challenge) {
        (self.id, self.challenge)
    }
}

/// Counts a try, in a transaction of its own and before anything is compared: no crash, restart, rollback or
/// parallel try takes it back.
///
/// # Errors
/// The database's failure.
pub async fn count(
    services: &Services,
    challenge: &Challenge,
) -> Result<Result<Try, Refusal>, DbError> {
    let (id, now) = (services.random.hex::<16>(), services.clock.now());
    let challenge = challenge.clone();
    let counted = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let of = (challenge.account, challenge.purpose());
        let counted = store::attempt_count(conn, of, id, now)?;
        // Read anew: the account's tries are held now.
        let stored = store::challenge_anywhere(conn, &challenge.id)?;
        let state = stored.as_ref().map_or(State::Cancelled, |stored| stored.state(now));
        let Some(challenge) = stored.filter(|_| state == State::Open) else {
            return Err(Stop::Refused(Refusal::Ended(state)));
        };
        match counted {
            Counted::Held(hold) => Err(Stop::Refused(Refusal::Held(hold))),
            Counted::Try(id) if store::challenge_attempt(conn, &challenge.id, now)? => {
                let attempts = challenge.attempts + 1;
                Ok(Try { id, challenge: Challenge { attempts, ..challenge } })
            }
            // All its tries are under way, or a right one was quicker.
            Counted::Try(_) => Err(Stop::Refused(Refusal::Ended(State::Locked))),
        }
    });
    counted.await.split()
}

/// Answers a challenge with what was typed: counts, compares, and passes it once.
///
/// # Errors
/// A failure of ours.
pub async fn answer(
    services: &Services,
    holder: &Holder,
    actor: &Actor,
    challenge: &Challenge,
    typed: &str,
) -> Result<Result<Granted, Refusal>, AppError> {
    let attempted = attempt(services, actor, challenge, typed).await?;
    conclude(services, holder, actor, challenge, attempted).await
}

/// Answers a challenge with a passkey.
///
/// # Errors
/// A failure of ours.
pub async fn answer_with_passkey(
    services: &Services,
    holder: &Holder,
    actor: &Actor,
    challenge: &Challenge,
    answer: &Answer,
) -> Result<Result<Granted, Refusal>, AppError> {
    let attempted = use_passkey(services, challenge, answer).await?;
    conclude(services, holder, actor, challenge, attempted).await
}

async fn conclude(
    services: &Services,
    holder: &Holder,
    actor: &Actor,
    challenge: &Challenge,
    attempted: Result<Challenge, Refusal>,
) -> Result<Result<Granted, Refusal>, AppError> {
    let refusal = match attempted {
        Ok(challenge) => return Ok(Ok(Granted::new(challenge, holder.clone()))),
        Err(refusal) => refusal,
    };
    if let Some(reason) = refusal.reason() {
        deny(services, actor, challenge, reason).await?;
    }
    Ok(Err(refusal))
}

async fn attempt(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    typed: &str,
) -> Result<Result<Challenge, Refusal>, AppError> {
    let now = services.clock.now();
    let state = challenge.state(now);
    if state != State::Open {
        return Ok(Err(Refusal::Ended(state)));
    }
    let typed = match challenge.method {
        Method::RecoveryCode => RecoveryCode::parse(typed).map(Typed::Recovery),
        _ => Code::parse(typed).map(Typed::Code),
    };
    let typed = match typed {
        Ok(typed) => typed,
        Err(problem) => return Ok(Err(Refusal::NoCode(problem))),
    };
    let counted = match count(services, challenge).await? {
        Ok(counted) => counted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    metrics::counter!("codes_compared_total").increment(1);
    match (typed, counted.challenge.method) {
        (Typed::Recovery(code), _) => compare_recovery(services, actor, counted, &code, now).await,
        (Typed::Code(code), Method::Totp) => {
            compare_totp(services, actor, counted, &code, now).await
        }
        (Typed::Code(code), Method::SmsCode | Method::EmailCode) => {
            compare_sent(services, actor, counted, &code, now).await
        }
        // Another method was chosen meanwhile.
        (Typed::Code(_), Method::Passkey | Method::EmailLink | Method::RecoveryCode) => {
            wrong(services, actor, counted.challenge, ATTEMPTS_MAX, now).await
        }
    }
}

/// What was typed.
enum Typed {
    Code(Code),
    Recovery(RecoveryCode),
}

/// A recovery code does for whoever has lost the rest, once; its owner is told.
async fn compare_recovery(
    services: &Services,
    actor: &Actor,
    Try { id, challenge }: Try,
    code: &RecoveryCode,
    now: UtcTime,
) -> Result<Result<Challenge, Refusal>, AppError> {
    let challenge = Challenge { method: Method::RecoveryCode, ..challenge };
    let (account, digest) = (challenge.account, code.digest(&services.vault, challenge.account));
    let looked_up = digest.clone();
    let known =
        services.db.read(move |conn| recovery::recovery_code_state(conn, account, &looked_up));
    match known.await? {
        None => return wrong(services, actor, challenge, ATTEMPTS_MAX, now).await,
        Some(recovery::State::Used) => return Ok(Err(Refusal::UsedRecoveryCode)),
        Some(recovery::State::Unused) => {}
    }
    let (tools, from) = (services.clone(), actor.clone());
    let passed = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let passed = pass(conn, &id, challenge, now)?;
        if !recovery::recovery_code_use(conn, account, &digest, now)? {
            return Err(Stop::Refused(Refusal::UsedRecoveryCode));
        }
        tell(conn, &tools, account, &from, FactorChange::RecoveryCodeUsed, now)?;
        Ok(passed)
    });
    let passed = passed.await.split()?;
    services.mail.ring();
    Ok(passed)
}

async fn compare_totp(
    services: &Services,
    actor: &Actor,
    Try { id, challenge }: Try,
    code: &Code,
    now: UtcTime,
) -> Result<Result<Challenge, Refusal>, AppError> {
    let (vault, account) = (Arc::clone(&services.vault), challenge.account);
    let found = services
        .db
        .read(move |conn| authenticators::authenticator(conn, &vault, account, Seed::Active));
    // Removed meanwhile: no code is right.
    let Some(authenticator) = found.await? else {
        return wrong(services, actor, challenge, ATTEMPTS_MAX, now).await;
    };
    let Some(step) = totp::step_of(&authenticator.seed, code, now) else {
        return wrong(services, actor, challenge, ATTEMPTS_MAX, now).await;
    };
    let passed = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let passed = pass(conn, &id, challenge, now)?;
        if !authenticator_step(conn, &authenticator.id, step)? {
            return Err(Stop::Refused(Refusal::UsedCode));
        }
        Ok(passed)
    });
    Ok(passed.await.split()?)
}

async fn compare_sent(
    services: &Services,
    actor: &Actor,
    Try { id, challenge }: Try,
    code: &Code,
    now: UtcTime,
) -> Result<Result<Challenge, Refusal>, AppError> {
    // One that came by another channel proves nothing about this one.
    let sent = challenge.code_digest.clone();
    let sent = sent.filter(|_| challenge.code_channel == challenge.method.channel());
    let Some(sent) = sent else { return Ok(Err(Refusal::NoneSent)) };
    if !same(&sent, &services.vault.code_digest(&challenge.id, code.digits().expose())) {
        return wrong(services, actor, challenge, ATTEMPTS_MAX, now).await;
    }
    if challenge.code_expires_at.is_none_or(|until| until <= now) {
        return Ok(Err(Refusal::ExpiredCode));
    }
    let passed = services.db.write::<_, Stop<Refusal>>(move |conn| pass(conn, &id, challenge, now));
    Ok(passed.await.split()?)
}

/// A passkey is no code that anybody guesses: it takes no try, and no hold keeps its owner out.
async fn use_passkey(
    services: &Services,
    challenge: &Challenge,
    answer: &Answer,
) -> Result<Result<Challenge, Refusal>, AppError> {
    let (challenge, now) = (challenge.clone(), services.clock.now());
    let state = challenge.state(now);
    if state != State::Open {
        return Ok(Err(Refusal::Ended(state)));
    }
    let verified = passkeys::actions::verify_for_challenge(services, &challenge, answer).await?;
    let used = match verified {
        Ok(used) => used,
        Err(problem) => return Ok(Err(Refusal::Passkey(problem))),
    };
    let passed = services.db.write::<_, Stop<Refusal>>(move |conn| {
        // Where an account's requests wait for each other.
        store::tries_hold(conn, challenge.account)?;
        let granted = grant(conn, challenge, now)?;
        if !passkeys::store::passkey_use(conn, &used, now)? {
            return Err(Stop::Refused(Refusal::Passkey(PasskeyProblem::TooLate)));
        }
        Ok(granted)
    });
    Ok(passed.await.split()?)
}

/// Passes a challenge, and takes its try back.
pub(super) fn pass(
    conn: &mut Conn,
    id: &str,
    challenge: Challenge,
    now: UtcTime,
) -> Result<Challenge, Stop<Refusal>> {
    // First, as where it was counted: two tries must not wait for each other.
    store::attempt_succeeded(conn, (challenge.account, challenge.purpose()), id)?;
    grant(conn, challenge, now)
}

fn grant(conn: &mut Conn, challenge: Challenge, now: UtcTime) -> Result<Challenge, Stop<Refusal>> {
    let until = now.plus(PROOF_LIFETIME);
    if !store::challenge_grant(conn, &challenge, until, now)? {
        // Another try was quicker, or another code was sent.
        return Err(Stop::Refused(Refusal::UsedCode));
    }
    if let Some(channel) = challenge.method.channel() {
        // It did what it was sent for: only codes that nobody uses count.
        store::send_give_back(conn, challenge.account, channel)?;
    }
    notify::withdraw(conn, &challenge.mail_key(), now)?;
    Ok(Challenge { state: State::Granted, proof_expires_at: Some(until), ..challenge })
}

/// After a wrong code or number; the last of the tries ends the challenge, and its owner is told.
pub(super) async fn wrong(
    services: &Services,
    actor: &Actor,
    challenge: Challenge,
    tries_max: i64,
    now: UtcTime,
) -> Result<Result<Challenge, Refusal>, AppError> {
    let left = (tries_max - challenge.attempts).max(0);
    if left == 0 {
        let (tools, actor) = (services.clone(), actor.clone());
        let locked = services.db.write::<_, DbError>(move |conn| {
            if store::challenge_lock(conn, &challenge.id, now)? {
                notify::withdraw(conn, &challenge.mail_key(), now)?;
                tell_of_guesses(conn, &tools, &actor, &challenge, now)?;
            }
            Ok(())
        });
        locked.await?;
        services.mail.ring();
    }
    Ok(Err(Refusal::Wrong { left }))
}

/// Tells the owner of an account that somebody guesses codes: who does, holds a sign-in or the password.
fn tell_of_guesses(
    conn: &mut Conn,
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    now: UtcTime,
) -> Result<(), DbError> {
    let Some(owner) = accounts::credentials(conn, challenge.account)? else { return Ok(()) };
    let message = Message::CodesWrong {
        act: challenge.act.name(owner.language.texts()).to_owned(),
        at: now,
        address: actor.address.clone(),
        browser: actor.user_agent.clone(),
    };
    let mail = Mail {
        key: &format!("wrong {}", challenge.id),
        recipient: &owner.email,
        language: owner.language,
        zone: &reader_zone(conn, owner.id, challenge.workspace)?,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}

/// A challenge that was passed and whose act has not run, for whoever comes back to it.
///
/// # Errors
/// A failure of ours.
pub async fn granted(
    services: &Services,
    holder: &Holder,
    actor: &Actor,
    challenge: Challenge,
) -> Result<Result<Granted, Refusal>, AppError> {
    let state = challenge.state(services.clock.now());
    if state == State::Granted {
        return Ok(Ok(Granted::new(challenge, holder.clone())));
    }
    let refusal = Refusal::Ended(state);
    let reason = refusal.reason().unwrap_or(Reason::NotVerified);
    deny(services, actor, &challenge, reason).await?;
    Ok(Err(refusal))
}
