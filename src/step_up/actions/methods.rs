//! Which ways of proving who one is do for an act.

use crate::accounts::store::email_is_verified;
use crate::audit::Act;
use crate::authenticators::store::authenticator_since;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, WorkspaceId};
use crate::notify::Channels;
use crate::phones::store::active_phone;
use crate::recovery::store::recovery_codes_left;
use crate::step_up::challenge::FACTOR_YOUNG_FOR;
use crate::step_up::{Method, registry};
use crate::workspaces::DangerPolicy;
use crate::workspaces::store::{danger_policies, danger_policy};

/// The methods by which an account can confirm an act in a workspace now, the strongest first.
///
/// Dangerous acts follow the policy of the workspace; what people do to their own factors follows the strictest of all
/// their workspaces, or a weak method could put another authenticator in the place of the one that is asked for. There
/// too, a factor younger than a day does not do where there is an older one.
///
/// # Errors
/// The database's failure.
pub fn methods(
    conn: &mut Conn,
    account: AccountId,
    (act, workspace): (Act, Option<WorkspaceId>),
    channels: Channels,
    now: UtcTime,
) -> Result<Vec<Method>, DbError> {
    let registered = registry::find(act);
    let is_own = registered.is_some_and(|act| act.is_own);
    let is_dangerous = registered.is_some_and(|act| act.is_dangerous);
    let authenticator = authenticator_since(conn, account)?;
    let mut methods = Vec::new();
    if authenticator.is_some() {
        methods.push(Method::Totp);
    }
    let phone = active_phone(conn, account)?;
    if channels.sms && phone.is_some() {
        methods.push(Method::SmsCode);
    }
    if channels.mail && email_is_verified(conn, account)? {
        methods.push(Method::EmailCode);
    }
    if is_dangerous || is_own {
        let policy = match workspace {
            _ if is_own => danger_policies(conn, account)?.into_iter().max(),
            Some(workspace) => Some(danger_policy(conn, workspace)?),
            None => None,
        };
        obey(&mut methods, policy.unwrap_or(DangerPolicy::Standard), is_own);
        let is_young = |since: UtcTime| since.plus(FACTOR_YOUNG_FOR) > now;
        let is_old = |method: &Method| match method {
            Method::Totp => !authenticator.is_some_and(is_young),
            Method::SmsCode => !phone.as_ref().is_some_and(|phone| is_young(phone.since)),
            _ => true,
        };
        if methods.iter().any(is_old) {
            methods.retain(is_old);
        }
    }
    if recovery_codes_left(conn, account)? > 0 {
        methods.push(Method::RecoveryCode);
    }
    Ok(methods)
}

/// Leaves the methods that a policy allows. Where it asks for an authenticator, somebody without one can only set one up.
fn obey(methods: &mut Vec<Method>, policy: DangerPolicy, is_own: bool) {
    let has_authenticator = methods.contains(&Method::Totp);
    methods.retain(|method| match (policy, method) {
        (_, Method::Totp) | (DangerPolicy::SmsAllowed, _) => true,
        (DangerPolicy::AuthenticatorRequired, _) => is_own && !has_authenticator,
        (DangerPolicy::Standard, Method::SmsCode) => !has_authenticator,
        (DangerPolicy::Standard, _) => true,
    });
}
