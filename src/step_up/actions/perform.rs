//! Doing an act that was proved for.

use std::sync::Arc;

use crate::accounts::store as accounts;
use crate::audit::{self, Changes, Event, Reason};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::problem::Problem;
use crate::services::Services;
use crate::sessions::store::{place, session_is_alive};
use crate::step_up::{Asker, Holder, Proof, Sensitive, Spent, State, store};
use crate::workspaces::Scope;

/// Why an act was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unperformed {
    /// The proof does not do for it.
    Denied(Reason),
    /// It is not possible as things are.
    Refused(Problem),
}

/// Does an act: uses up its proof, writes what it writes and its event, all in one transaction or not at all. The
/// job is given the act, and which apps the person reaches now: role and reach may have changed since they asked.
///
/// # Errors
/// A failure of ours.
pub async fn perform<A: Sensitive, T: Send + 'static>(
    services: &Services,
    asker: &Asker,
    act: A,
    proof: Proof<A>,
    job: impl FnOnce(&mut Conn, &Spent<A>, Option<&Scope>) -> Result<(T, Changes), Stop<Problem>>
    + Send
    + 'static,
) -> Result<Result<T, Unperformed>, AppError> {
    let (vault, now) = (Arc::clone(&services.vault), services.clock.now());
    let (challenge, target, by) = (proof.challenge().to_owned(), act.target(), asker.clone());
    let done = services.db.write::<_, Stop<Unperformed>>(move |conn| {
        store::tries_hold(conn, by.account)?;
        if A::NEEDS.is_none() {
            // Whoever is just signing in waits, and finds what they are asked for then.
            accounts::hold_in_use(conn, by.account)?;
        }
        let scope = standing::<A>(conn, &by, now)?;
        let spent = match proof.spend(conn, act, now)? {
            Ok(spent) => spent,
            Err(reason) => return Err(Stop::Refused(Unperformed::Denied(reason))),
        };
        let (result, changes) = job(conn, &spent, scope.as_ref()).map_err(|stop| match stop {
            Stop::Refused(problem) => Stop::Refused(Unperformed::Refused(problem)),
            Stop::Broken(error) => Stop::Broken(error),
        })?;
        let event = Event::done(A::ACT, spent.act().target()).by(spent.method()).changing(changes);
        audit::record(conn, &vault, by.audit_chain(), &by.actor, &event, now)?;
        Ok(result)
    });
    let unperformed = match done.await.split()? {
        Ok(done) => return Ok(Ok(done)),
        Err(unperformed) => unperformed,
    };
    refused(services, asker, (A::ACT, target), challenge, &unperformed).await?;
    Ok(Err(unperformed))
}

/// What a person reaches now where an act needs a permission that they still have; `None` for their own acts.
fn standing<A: Sensitive>(
    conn: &mut Conn,
    by: &Asker,
    now: UtcTime,
) -> Result<Option<Scope>, Stop<Unperformed>> {
    let denied = |reason| Stop::Refused(Unperformed::Denied(reason));
    let Holder::Session { account, session, workspace } = by.holder else {
        return Err(denied(Reason::OtherSession));
    };
    if !session_is_alive(conn, session, now)? {
        return Err(denied(Reason::Ended));
    }
    let Some(needed) = A::NEEDS else { return Ok(None) };
    let workspace = workspace.ok_or_else(|| denied(Reason::Forbidden))?;
    match place(conn, account, workspace)? {
        Some((role, scope)) if role.may(needed) => Ok(Some(scope)),
        _ => Err(denied(Reason::Forbidden)),
    }
}

/// Writes that an act was not done. One that will not be possible ends its challenge.
async fn refused(
    services: &Services,
    asker: &Asker,
    (act, target): (audit::Act, audit::Target),
    challenge: String,
    why: &Unperformed,
) -> Result<(), AppError> {
    let (reason, is_over) = match why {
        Unperformed::Denied(reason) => (*reason, false),
        Unperformed::Refused(Problem::ChangedMeanwhile) => (Reason::TargetChanged, true),
        Unperformed::Refused(_) => (Reason::NotPossible, true),
    };
    if is_over {
        let now = services.clock.now();
        let closed = services.db.write::<_, DbError>(move |conn| {
            store::challenge_close(conn, &challenge, State::Cancelled, now)
        });
        closed.await?;
    }
    let event = Event::denied(act, reason, target);
    Ok(audit::actions::deny(services, asker.audit_chain(), &asker.actor, event).await?)
}
