//! Doing an act that was proved for.

use std::sync::Arc;

use crate::audit::{self, Changes, Event, Reason};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::problem::Problem;
use crate::services::Services;
use crate::step_up::{Asker, Proof, Sensitive, Spent, State, store};

/// Why an act was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unperformed {
    /// The proof does not do for it.
    Denied(Reason),
    /// It is not possible as things are.
    Refused(Problem),
}

/// Does an act: uses up its proof, writes what it writes and its event, all in one transaction or not at all.
///
/// # Errors
/// A failure of ours.
pub async fn perform<A: Sensitive, T: Send + 'static>(
    services: &Services,
    asker: &Asker,
    act: A,
    proof: Proof<A>,
    job: impl FnOnce(&mut Conn, &A, &Spent<A>) -> Result<(T, Changes), Stop<Problem>> + Send + 'static,
) -> Result<Result<T, Unperformed>, AppError> {
    let (vault, now) = (Arc::clone(&services.vault), services.clock.now());
    let (chain, actor) = (asker.audit_chain(), asker.actor.clone());
    let (challenge, target) = (proof.challenge().to_owned(), act.target());
    let may = asker.may(A::NEEDS);
    let done = services.db.write::<_, Stop<Unperformed>>(move |conn| {
        if !may {
            return Err(Stop::Refused(Unperformed::Denied(Reason::Forbidden)));
        }
        let spent = match proof.spend(conn, &act, now)? {
            Ok(spent) => spent,
            Err(reason) => return Err(Stop::Refused(Unperformed::Denied(reason))),
        };
        let (result, changes) = job(conn, &act, &spent).map_err(|stop| match stop {
            Stop::Refused(problem) => Stop::Refused(Unperformed::Refused(problem)),
            Stop::Broken(error) => Stop::Broken(error),
        })?;
        let event = Event::done(A::ACT, act.target()).by(spent.method()).changing(changes);
        audit::record(conn, &vault, chain, &actor, &event, now)?;
        Ok(result)
    });
    let unperformed = match done.await.split()? {
        Ok(done) => return Ok(Ok(done)),
        Err(unperformed) => unperformed,
    };
    refused(services, asker, (A::ACT, target), challenge, &unperformed).await?;
    Ok(Err(unperformed))
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
    let (vault, now) = (Arc::clone(&services.vault), services.clock.now());
    let (chain, actor) = (asker.audit_chain(), asker.actor.clone());
    let event = Event::denied(act, reason, target);
    let written = services.db.write::<_, DbError>(move |conn| {
        if is_over {
            store::challenge_close(conn, &challenge, State::Cancelled, now)?;
        }
        audit::record(conn, &vault, chain, &actor, &event, now)
    });
    Ok(written.await?)
}
