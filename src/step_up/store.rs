//! Queries on challenges, tries and codes that were sent.

mod tries;

use diesel::prelude::*;

pub use tries::{
    CodeSend, Counted, Hold, Sending, account_unlock, attempt_count, attempt_succeeded,
    attempt_withdraw, attempts_sweep, send_count, send_give_back, sends_paused_until, sends_sweep,
    tries_hold,
};

use super::Method;
use super::act::Written;
use super::challenge::{ATTEMPTS_MAX, Challenge, Holder, OPEN_MAX, State};
use crate::audit::Reason;
use crate::clock::UtcTime;
use crate::db::conn::Backend;
use crate::db::schema::challenges;
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, WorkspaceId};
use crate::notify::Channel;

/// A challenge to be made.
pub struct NewChallenge<'a> {
    /// Its name.
    pub id: &'a str,
    /// Whose.
    pub account: AccountId,
    /// Who may answer it.
    pub holder: &'a Holder,
    /// The workspace in which the act is.
    pub workspace: Option<WorkspaceId>,
    /// The act.
    pub act: &'a Written,
    /// The name of what it is done to.
    pub target_name: &'a str,
    /// The method to begin with.
    pub method: Method,
    /// Until when it waits.
    pub expires_at: UtcTime,
}

/// Stores a challenge.
///
/// # Errors
/// The database's failure.
pub fn challenge_insert(
    conn: &mut Conn,
    new: &NewChallenge<'_>,
    now: UtcTime,
) -> Result<(), DbError> {
    let (session, browser) = match new.holder {
        Holder::Session { session, .. } => (Some(*session), None),
        Holder::Browser(digest) => (None, Some(digest.clone())),
    };
    diesel::insert_into(challenges::table)
        .values((
            (
                challenges::id.eq(new.id),
                challenges::account_id.eq(new.account),
                challenges::session_id.eq(session),
                challenges::browser_digest.eq(browser),
                challenges::workspace_id.eq(new.workspace),
                challenges::method.eq(new.method),
            ),
            (
                challenges::act.eq(new.act.act),
                challenges::target.eq(&new.act.target),
                challenges::target_name.eq(new.target_name),
                challenges::body.eq(&new.act.body),
                challenges::digest.eq(&new.act.digest),
                challenges::created_at.eq(now),
                challenges::expires_at.eq(new.expires_at),
            ),
        ))
        .execute(conn)?;
    Ok(())
}

type Query<'q> = diesel::dsl::IntoBoxed<'q, challenges::table, Backend>;

/// The challenges that a holder may answer, in whatever workspace.
fn of_holder<'q>(holder: &Holder) -> Query<'q> {
    let all = challenges::table.into_boxed();
    match holder {
        Holder::Session { account, session, .. } => all
            .filter(challenges::account_id.eq(*account))
            .filter(challenges::session_id.eq(*session)),
        Holder::Browser(digest) => all.filter(challenges::browser_digest.eq(digest.clone())),
    }
}

/// A challenge of a holder, in whatever workspace.
///
/// # Errors
/// The database's failure.
pub fn challenge_of(
    conn: &mut Conn,
    holder: &Holder,
    id: &str,
) -> Result<Option<Challenge>, DbError> {
    Ok(of_holder(holder)
        .filter(challenges::id.eq(id.to_owned()))
        .select(Challenge::as_select())
        .first(conn)
        .optional()?)
}

/// The challenge of a browser that is signing in.
///
/// # Errors
/// The database's failure.
pub fn challenge_of_browser(conn: &mut Conn, digest: &str) -> Result<Option<Challenge>, DbError> {
    Ok(of_holder(&Holder::Browser(digest.to_owned()))
        .select(Challenge::as_select())
        .first(conn)
        .optional()?)
}

/// A challenge whosever it is: see [`Challenge::refused_to`] for what must come next.
///
/// # Errors
/// The database's failure.
pub fn challenge_anywhere(conn: &mut Conn, id: &str) -> Result<Option<Challenge>, DbError> {
    let found = challenges::table.find(id.to_owned());
    Ok(found.select(Challenge::as_select()).first(conn).optional()?)
}

/// The challenge that a link is of, by its digest, however far it is.
///
/// # Errors
/// The database's failure.
pub fn challenge_of_link(conn: &mut Conn, digest: &str) -> Result<Option<Challenge>, DbError> {
    let found = challenges::table.filter(challenges::link_digest.eq(digest.to_owned()));
    Ok(found.select(Challenge::as_select()).first(conn).optional()?)
}

/// Challenges of an account that wait, the oldest first.
///
/// # Errors
/// The database's failure.
pub fn challenges_open(conn: &mut Conn, account: AccountId) -> Result<Vec<Challenge>, DbError> {
    Ok(challenges::table
        .filter(challenges::account_id.eq(account))
        .filter(challenges::state.eq(State::Open))
        .filter(challenges::session_id.is_not_null())
        .order((challenges::created_at, challenges::id))
        .limit(OPEN_MAX + 20)
        .select(Challenge::as_select())
        .load(conn)?)
}

/// Ends a challenge that has not ended; `false` when it has.
///
/// # Errors
/// The database's failure.
pub fn challenge_close(
    conn: &mut Conn,
    id: &str,
    state: State,
    now: UtcTime,
) -> Result<bool, DbError> {
    let waiting = challenges::table
        .find(id.to_owned())
        .filter(challenges::state.eq_any([State::Open, State::Granted]));
    let closed = diesel::update(waiting)
        .set((
            challenges::state.eq(state),
            challenges::closed_at.eq(now),
            challenges::code_digest.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(closed == 1)
}

/// All challenges of an account that wait, also those that were passed and whose act has not run.
///
/// # Errors
/// The database's failure.
pub fn challenges_waiting(conn: &mut Conn, account: AccountId) -> Result<Vec<Challenge>, DbError> {
    Ok(challenges::table
        .filter(challenges::account_id.eq(account))
        .filter(challenges::state.eq_any([State::Open, State::Granted]))
        .order((challenges::created_at, challenges::id))
        .select(Challenge::as_select())
        .load(conn)?)
}

/// Ends a challenge after its last try; one that a parallel try has passed stays passed.
///
/// # Errors
/// The database's failure.
pub fn challenge_lock(conn: &mut Conn, id: &str, now: UtcTime) -> Result<bool, DbError> {
    let open = challenges::table.find(id.to_owned()).filter(challenges::state.eq(State::Open));
    let locked = diesel::update(open)
        .set((
            challenges::state.eq(State::Locked),
            challenges::closed_at.eq(now),
            challenges::code_digest.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(locked == 1)
}

/// Takes one of the tries that a challenge has; `false` when it has none left or does not wait any more.
///
/// # Errors
/// The database's failure.
pub fn challenge_attempt(conn: &mut Conn, id: &str, now: UtcTime) -> Result<bool, DbError> {
    let waiting = challenges::table
        .find(id.to_owned())
        .filter(challenges::state.eq(State::Open))
        .filter(challenges::expires_at.gt(now))
        .filter(challenges::attempts.lt(ATTEMPTS_MAX));
    let taken = diesel::update(waiting)
        .set(challenges::attempts.eq(challenges::attempts + 1))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Chooses another method; the tries stay as they are.
///
/// # Errors
/// The database's failure.
pub fn challenge_choose(
    conn: &mut Conn,
    id: &str,
    method: Method,
    now: UtcTime,
) -> Result<bool, DbError> {
    let waiting = challenges::table
        .find(id.to_owned())
        .filter(challenges::state.eq(State::Open))
        .filter(challenges::expires_at.gt(now));
    Ok(diesel::update(waiting).set(challenges::method.eq(method)).execute(conn)? == 1)
}

/// A code that was sent.
pub struct NewCode<'a> {
    /// Its keyed digest.
    pub digest: &'a str,
    /// By what it goes.
    pub channel: Channel,
    /// The digest of the link that goes with it, and the two digits that are asked for there.
    pub link: Option<(&'a str, &'a str)>,
    /// What page and mail both show.
    pub reference: &'a str,
    /// Until when it works.
    pub expires_at: UtcTime,
}

/// Notes the code that was sent; the one before stops working.
///
/// # Errors
/// The database's failure.
pub fn challenge_sent(
    conn: &mut Conn,
    id: &str,
    code: &NewCode<'_>,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(challenges::table.find(id.to_owned()))
        .filter(challenges::state.eq(State::Open))
        .set((
            challenges::code_digest.eq(code.digest),
            challenges::code_channel.eq(code.channel),
            challenges::link_digest.eq(code.link.map(|(digest, _)| digest)),
            challenges::link_number.eq(code.link.map(|(_, number)| number)),
            challenges::code_reference.eq(code.reference),
            challenges::code_expires_at.eq(code.expires_at),
            challenges::code_sent_at.eq(now),
            challenges::code_sends.eq(challenges::code_sends + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Passes a challenge by its method, once. A code or link that was sent must be the latest still.
///
/// # Errors
/// The database's failure.
pub fn challenge_grant(
    conn: &mut Conn,
    challenge: &Challenge,
    proof_expires_at: UtcTime,
    now: UtcTime,
) -> Result<bool, DbError> {
    let mut waiting = diesel::update(challenges::table.find(challenge.id.clone()))
        .set((
            challenges::state.eq(State::Granted),
            challenges::method.eq(challenge.method),
            challenges::proof_expires_at.eq(proof_expires_at),
            challenges::code_digest.eq(None::<String>),
        ))
        .into_boxed()
        .filter(challenges::state.eq(State::Open))
        .filter(challenges::expires_at.gt(now));
    match challenge.method {
        Method::EmailCode | Method::SmsCode => {
            waiting = waiting.filter(challenges::code_digest.eq(challenge.code_digest.clone()));
        }
        Method::EmailLink => {
            waiting = waiting.filter(challenges::link_digest.eq(challenge.link_digest.clone()));
        }
        Method::Passkey | Method::Totp | Method::RecoveryCode => {}
    }
    Ok(waiting.execute(conn)? == 1)
}

/// Why a proof does not do.
pub struct Failed(pub Reason);

/// Uses up the proof of a challenge for an act, once and in its transaction. One statement compares all that
/// the proof is bound to.
///
/// # Errors
/// The database's failure.
pub fn challenge_spend(
    conn: &mut Conn,
    id: &str,
    by: &Holder,
    act: &Written,
    now: UtcTime,
) -> Result<Result<(), Failed>, DbError> {
    let Holder::Session { account, session, workspace } = by else {
        return Ok(Err(Failed(Reason::OtherSession)));
    };
    let mut granted = diesel::update(challenges::table.find(id.to_owned()))
        .set((challenges::state.eq(State::Spent), challenges::closed_at.eq(now)))
        .into_boxed()
        .filter(challenges::state.eq(State::Granted))
        .filter(challenges::proof_expires_at.gt(now))
        .filter(challenges::account_id.eq(*account))
        .filter(challenges::session_id.eq(*session))
        .filter(challenges::act.eq(act.act))
        .filter(challenges::target.eq(act.target.clone()))
        .filter(challenges::digest.eq(act.digest.clone()));
    granted = match workspace {
        Some(workspace) => granted.filter(challenges::workspace_id.eq(*workspace)),
        None => granted.filter(challenges::workspace_id.is_null()),
    };
    if granted.execute(conn)? == 1 {
        return Ok(Ok(()));
    }
    let stored = challenge_anywhere(conn, id)?;
    Ok(Err(Failed(stored.map_or(Reason::Ended, |stored| why_not(&stored, by, act, now)))))
}

/// Uses up the challenge of a browser that is signing in, in the transaction that makes the session. `false`
/// when it was not passed, or has been used.
///
/// # Errors
/// The database's failure.
pub fn challenge_finish(
    conn: &mut Conn,
    id: &str,
    browser_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let granted = challenges::table
        .find(id.to_owned())
        .filter(challenges::browser_digest.eq(browser_digest.to_owned()))
        .filter(challenges::state.eq(State::Granted))
        .filter(challenges::proof_expires_at.gt(now));
    let spent = diesel::update(granted)
        .set((challenges::state.eq(State::Spent), challenges::closed_at.eq(now)))
        .execute(conn)?;
    Ok(spent == 1)
}

fn why_not(stored: &Challenge, by: &Holder, act: &Written, now: UtcTime) -> Reason {
    if let Some(reason) = stored.refused_to(by) {
        return reason;
    }
    match stored.state(now) {
        State::Open => Reason::NotVerified,
        State::Spent => Reason::Used,
        State::Expired => Reason::Expired,
        State::Locked | State::Cancelled | State::Disowned => Reason::Ended,
        State::Granted if stored.act != act.act => Reason::OtherAct,
        State::Granted => Reason::OtherParameters,
    }
}

/// Up to `rows` challenges that time has ended and nobody has closed.
///
/// # Errors
/// The database's failure.
pub fn challenges_expired(
    conn: &mut Conn,
    now: UtcTime,
    rows: i64,
) -> Result<Vec<Challenge>, DbError> {
    let is_over =
        challenges::state.eq(State::Open).and(challenges::expires_at.le(now)).or(challenges::state
            .eq(State::Granted)
            .and(challenges::proof_expires_at.le(now).assume_not_null()));
    Ok(challenges::table
        .filter(is_over)
        .order((challenges::created_at, challenges::id))
        .limit(rows)
        .select(Challenge::as_select())
        .load(conn)?)
}

/// Removes up to `rows` challenges from before a moment that have ended; how many there were.
///
/// # Errors
/// The database's failure.
pub fn challenges_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = challenges::table
        .filter(challenges::created_at.lt(before))
        .filter(challenges::closed_at.is_not_null())
        .select(challenges::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(challenges::table.filter(challenges::id.eq_any(old))).execute(conn)?)
}
