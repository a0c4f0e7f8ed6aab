//! Signing in with a passkey, without address and password.

use std::net::IpAddr;

use super::{Counting, Newcomer, Shown, count_network};
use crate::accounts::store as accounts;
use crate::audit::Actor;
use crate::db::{Split, Stop};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::passkeys::actions::verify_at_the_door;
use crate::passkeys::forms::Answer;
use crate::passkeys::store::passkey_use;
use crate::problem::PasskeyProblem;
use crate::services::Services;
use crate::sessions::store;
use crate::step_up::Method;

/// Somebody at the door with a passkey.
pub struct Bearer {
    /// What the browser answered.
    pub answer: Answer,
    /// Where it comes from.
    pub address: IpAddr,
    /// Who that is, as far as the request tells.
    pub from: Actor,
    /// The session that the browser has already, ended on success.
    pub before: Option<SessionId>,
    /// What the browser is known by, or will be.
    pub device: String,
}

/// Opens a session for the owner of a passkey. Its device has made sure of who holds it, so nothing else is asked for.
/// Attempts count against the network, as passwords do.
///
/// # Errors
/// Inside, what is wrong with the passkey, which for an account that may not sign in is the same as for one that
/// nobody has. Outside, [`AppError::Throttled`] or a failure of ours.
pub async fn sign_in_with_passkey(
    services: &Services,
    bearer: Bearer,
) -> Result<Result<SessionId, PasskeyProblem>, AppError> {
    let now = services.clock.now();
    let bucket = match count_network(services, bearer.address).await? {
        Counting::Counted(bucket) => bucket,
        Counting::Throttled { retry_after_s } => return Err(AppError::Throttled { retry_after_s }),
    };
    let used = match verify_at_the_door(services, &bearer.answer).await? {
        Ok(used) => used,
        Err(problem) => return Ok(Err(problem)),
    };
    let (tools, Bearer { before, from, device, .. }) = (services.clone(), bearer);
    let entered = services.db.write::<_, Stop<PasskeyProblem>>(move |conn| {
        let id = used.passkey.account;
        let is_open = Shown::Passkey.hold(conn, id, now)?;
        let Some(account) = accounts::credentials(conn, id)?.filter(|_| is_open) else {
            return Err(Stop::Refused(PasskeyProblem::NotAccepted));
        };
        if !passkey_use(conn, &used, now)? {
            return Err(Stop::Refused(PasskeyProblem::TooLate));
        }
        store::throttle_take_back(conn, &bucket)?;
        let newcomer = Newcomer { account, shown: Shown::Passkey, before, from, device };
        Ok(newcomer.enter(conn, &tools, Some(Method::Passkey), now)?)
    });
    let entered = entered.await.split()?;
    services.mail.ring();
    Ok(entered)
}
