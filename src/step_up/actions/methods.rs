//! Which ways of proving who one is do for an act.

use crate::accounts::store::account_by_id;
use crate::audit::Act;
use crate::authenticators::store::authenticator_since;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, WorkspaceId};
use crate::notify::Channels;
use crate::passkeys::Host;
use crate::passkeys::store::passkeys_of;
use crate::phones::store::active_phone;
use crate::recovery::store::recovery_codes_since;
use crate::services::Services;
use crate::step_up::challenge::FACTOR_YOUNG_FOR;
use crate::step_up::{Method, registry};
use crate::workspaces::DangerPolicy;
use crate::workspaces::store::{danger_policies, danger_policy};

/// Why a method that somebody has does not do for an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// A workspace asks for a stronger one.
    Policy,
    /// It is younger than [`FACTOR_YOUNG_FOR`], and there is an older one.
    Young,
}

/// The methods that somebody has, the strongest first.
#[derive(Default)]
pub struct Choice {
    /// Those that do.
    pub methods: Vec<Method>,
    /// The others.
    pub barred: Vec<(Method, Barred)>,
}

impl Choice {
    fn bar(&mut self, why: Barred, is_barred: impl Fn(Method) -> bool) {
        let (out, left) = self.methods.iter().partition(|method| is_barred(**method));
        self.methods = left;
        self.barred.extend(Vec::into_iter(out).map(|method| (method, why)));
    }
}

/// The methods that do for an act in a workspace, for whom it is enough to know them.
///
/// # Errors
/// The database's failure.
pub fn methods(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    about: (Act, Option<WorkspaceId>),
) -> Result<Vec<Method>, DbError> {
    Ok(choice(conn, services, account, about)?.methods)
}

/// The methods by which an account can confirm an act in a workspace now, and those by which it cannot.
///
/// Dangerous acts follow the policy of the workspace; what people do to their own factors follows the strictest of all
/// their workspaces, or a weak method could put another authenticator in the place of the one that is asked for. There
/// too, a factor younger than a day does not do where there is an older one.
///
/// # Errors
/// The database's failure.
pub fn choice(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    (act, workspace): (Act, Option<WorkspaceId>),
) -> Result<Choice, DbError> {
    let (factors, now) = (factors(conn, services, account)?, services.clock.now());
    let methods = factors.iter().map(|(method, _)| *method).collect();
    let mut choice = Choice { methods, ..Choice::default() };
    let registered = registry::find(act);
    let is_own = registered.is_some_and(|act| act.is_own);
    if !is_own && !registered.is_some_and(|act| act.is_dangerous) {
        return Ok(choice);
    }
    let policy = match workspace {
        _ if is_own => danger_policies(conn, account)?.into_iter().max(),
        Some(workspace) => Some(danger_policy(conn, workspace)?),
        None => None,
    };
    let policy = policy.unwrap_or(DangerPolicy::Standard);
    let is_young = |method: Method| {
        let mut of_method = factors.iter().filter(|(known, _)| *known == method);
        of_method.any(|(_, since)| since.plus(FACTOR_YOUNG_FOR) > now)
    };
    // Recovery codes are for when nothing else is left: that they are old makes nothing else too young.
    let is_old = |method: &Method| *method != Method::RecoveryCode && !is_young(*method);
    // Where the older factor would not have done, adding another must not get around the policy at once.
    let is_strict = !is_own && policy == DangerPolicy::AuthenticatorRequired;
    let has_old = is_strict && choice.methods.iter().any(is_old);
    let has_strong = choice.methods.iter().any(|method| is_strong(*method));
    choice.bar(Barred::Policy, |method| !allows(policy, method, is_own, has_strong));
    if has_old || choice.methods.iter().any(is_old) {
        choice.bar(Barred::Young, is_young);
    }
    Ok(choice)
}

/// Whether an account has a passkey or an authenticator that does for dangerous acts under the strictest policy.
///
/// # Errors
/// The database's failure.
pub fn has_strong(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
) -> Result<bool, DbError> {
    let ripe_since = services.clock.now().minus(FACTOR_YOUNG_FOR);
    let mut factors = factors(conn, services, account)?.into_iter();
    Ok(factors.any(|(method, since)| is_strong(method) && since <= ripe_since))
}

/// What an account has, the strongest first, and since when.
fn factors(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
) -> Result<Vec<(Method, UtcTime)>, DbError> {
    let channels = Channels::of(services);
    let passkey = match Host::of(&services.settings) {
        Some(host) => passkeys_of(conn, account, host.name())?.first().map(|one| one.created_at),
        None => None,
    };
    let phone = active_phone(conn, account)?.filter(|_| channels.sms);
    let email = account_by_id(conn, account)?.email_verified_at.filter(|_| channels.mail);
    let all = [
        (Method::Passkey, passkey),
        (Method::Totp, authenticator_since(conn, account)?),
        (Method::SmsCode, phone.map(|phone| phone.since)),
        (Method::EmailCode, email),
        (Method::RecoveryCode, recovery_codes_since(conn, account)?),
    ];
    Ok(all.into_iter().filter_map(|(method, since)| Some((method, since?))).collect())
}

/// Whether a method is what policies mean by an authenticator.
const fn is_strong(method: Method) -> bool {
    matches!(method, Method::Passkey | Method::Totp)
}

/// Whether a policy allows a method. Where it asks for an authenticator, somebody without one can set one up, and
/// somebody who has lost it can put another in its place by a recovery code.
const fn allows(policy: DangerPolicy, method: Method, is_own: bool, has_strong: bool) -> bool {
    match (policy, method) {
        (_, Method::Passkey | Method::Totp) | (DangerPolicy::SmsAllowed, _) => true,
        (DangerPolicy::AuthenticatorRequired, Method::RecoveryCode) => is_own,
        (DangerPolicy::AuthenticatorRequired, _) => is_own && !has_strong,
        (DangerPolicy::Standard, Method::SmsCode) => !has_strong,
        (DangerPolicy::Standard, _) => true,
    }
}
