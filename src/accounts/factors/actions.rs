//! The last resorts of whoever has the host.

use crate::accounts::freezing::actions::tell;
use crate::accounts::links::store::links_end_of_takeover;
use crate::accounts::store::{Credentials, hold_in_use};
use crate::audit::{self, Act, Actor, Event, INSTALLATION, Target};
use crate::authenticators::store::authenticator_remove_by_host;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::ids::AccountId;
use crate::notify::FactorChange;
use crate::passkeys::store::passkeys_remove_by_host;
use crate::phones::store::phone_remove_by_host;
use crate::recovery::store::recovery_codes_remove_by_host;
use crate::services::Services;
use crate::sessions::store::sessions_end_all;
use crate::step_up::actions::end_all;
use crate::step_up::store::{account_unlock, tries_hold};

/// A factor that was removed: its name for whoever has the host, its act and what its owner is told, where there are
/// such.
pub struct Removed {
    /// Its name.
    pub name: &'static str,
    act: Option<(Act, FactorChange)>,
}

/// Forgets an account's wrong codes, and with `removes_factors` all that it has beside its password: after a lost phone.
/// Then all its sign-ins end. What there was to remove.
///
/// # Errors
/// The database's failure.
pub async fn unlock(
    services: &Services,
    account: Credentials,
    removes_factors: bool,
) -> Result<Vec<Removed>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let unlocked = services.db.write::<_, DbError>(move |conn| {
        tries_hold(conn, account.id)?;
        hold_in_use(conn, account.id)?;
        let removed = if removes_factors { remove_factors(conn, account.id)? } else { Vec::new() };
        if !removed.is_empty() {
            sessions_end_all(conn, account.id, now)?;
            links_end_of_takeover(conn, account.id, now)?;
            for (_, change) in removed.iter().filter_map(|one| one.act) {
                tell(conn, &tools, account.id, &Actor::host(), change, now)?;
            }
            end_all(conn, &tools, account.id, now)?;
        }
        account_unlock(conn, account.id)?;
        let target = Target::account(account.id, account.name);
        let event = Event::done(Act::UnlockAccount, target.clone());
        audit::record(conn, &tools.vault, INSTALLATION, &Actor::host(), &event, now)?;
        record_removed(conn, &tools, &target, &removed, now)?;
        Ok(removed)
    });
    unlocked.await
}

/// Removes what an account has beside its password, in a transaction that holds it; what that was.
///
/// # Errors
/// The database's failure.
pub fn remove_factors(conn: &mut Conn, account: AccountId) -> Result<Vec<Removed>, DbError> {
    let authenticator = (Act::RemoveAuthenticator, FactorChange::AuthenticatorRemoved);
    let passkeys = (Act::RemovePasskey, FactorChange::PasskeyRemoved);
    let telephone = (Act::RemovePhone, FactorChange::PhoneRemoved);
    let all = [
        (authenticator_remove_by_host(conn, account)?, "authenticator", Some(authenticator)),
        (passkeys_remove_by_host(conn, account)? > 0, "passkeys", Some(passkeys)),
        (phone_remove_by_host(conn, account)?, "telephone", Some(telephone)),
        (recovery_codes_remove_by_host(conn, account)? > 0, "recovery codes", None),
    ];
    let removed = all.into_iter().filter(|(had, ..)| *had);
    Ok(removed.map(|(_, name, act)| Removed { name, act }).collect())
}

/// Says in the audit log what was removed, at the end of the transaction.
///
/// # Errors
/// The database's failure.
pub fn record_removed(
    conn: &mut Conn,
    services: &Services,
    target: &Target,
    removed: &[Removed],
    now: UtcTime,
) -> Result<(), DbError> {
    for (act, _) in removed.iter().filter_map(|one| one.act) {
        let event = Event::done(act, target.clone());
        audit::record(conn, &services.vault, INSTALLATION, &Actor::host(), &event, now)?;
    }
    Ok(())
}
