//! Telling people of changes with a link that freezes, freezing, and lifting it.

use crate::accounts::factors::actions::{Removed, record_removed, remove_factors};
use crate::accounts::links::actions::follow;
use crate::accounts::links::store::{link_insert, link_that_froze, links_end};
use crate::accounts::links::{Purpose, actor_of};
use crate::accounts::store::{
    Owner, account_by_id, account_freeze, account_unfreeze, email_update,
};
use crate::audit::{self, Act, Actor, Changes, Event, INSTALLATION, Target};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::identities::store::identities_remove_by_host;
use crate::ids::AccountId;
use crate::notify::{self, FactorChange, Mail, Message};
use crate::problem::Problem;
use crate::recovery::store::recovery_codes_left;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::store::sessions_end_all;
use crate::step_up::actions::end_all;
use crate::step_up::store::tries_hold;
use crate::workspaces::store::{first_workspace, reader_zone};

/// Tells the owner of an account, at its address, that something was changed that it is protected by, in the
/// transaction of the change, which holds the account's tries. Ring the bell afterwards.
///
/// # Errors
/// The database's failure.
pub fn tell(
    conn: &mut Conn,
    services: &Services,
    account: AccountId,
    from: &Actor,
    change: FactorChange,
    now: UtcTime,
) -> Result<(), DbError> {
    let owner = account_by_id(conn, account)?;
    tell_owner(conn, services, &owner, from, change, now)
}

/// The same at the address that the owner had: the one from before when it was changed. A link that freezes goes
/// to an address that was confirmed only: behind another may be a stranger.
///
/// # Errors
/// The database's failure.
pub fn tell_owner(
    conn: &mut Conn,
    services: &Services,
    owner: &Owner,
    from: &Actor,
    change: FactorChange,
    now: UtcTime,
) -> Result<(), DbError> {
    let freeze = if owner.email_verified_at.is_some() && change != FactorChange::AccountFrozen {
        let to = (owner.email.as_str(), owner.email_key.as_str());
        let what = (owner.id, Purpose::Freeze);
        Some(link_insert(conn, &services.random, what, to, now)?.token)
    } else {
        None
    };
    let (address, browser) = (from.address.clone(), from.user_agent.clone());
    let codes_left = match change {
        FactorChange::RecoveryCodeUsed => Some(recovery_codes_left(conn, owner.id)?),
        _ => None,
    };
    // Whoever reads the address from before can tell by the new one whether it is theirs.
    let new_email = match change {
        FactorChange::EmailChanged => Some(account_by_id(conn, owner.id)?.email),
        _ => None,
    };
    let at = now;
    let message =
        Message::FactorChanged { change, at, address, browser, freeze, codes_left, new_email };
    let mail = Mail {
        key: &format!("change {}", services.random.hex::<16>()),
        recipient: &owner.email,
        language: owner.language,
        zone: &reader_zone(conn, owner.id, None)?,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}

/// Freezes the account of a link: nobody signs in, and all sign-ins, links and requests for acts end. `None` for a
/// link that does not work.
///
/// # Errors
/// The database's failure.
pub async fn freeze(
    services: &Services,
    token: &str,
    from: Actor,
) -> Result<Option<AccountId>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let frozen = follow(services, Purpose::Freeze, token, move |conn, link, owner| {
        if !account_freeze(conn, owner.id, now)? {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        sessions_end_all(conn, owner.id, now)?;
        links_end(conn, owner.id, None, now)?;
        let change = FactorChange::AccountFrozen;
        tell_owner(conn, &tools, &owner, &from, change, now)?;
        if link.email_key != owner.email_key {
            let (email, email_key) = (link.email.clone(), link.email_key.clone());
            let before = Owner { email, email_key, ..owner.clone() };
            tell_owner(conn, &tools, &before, &from, change, now)?;
        }
        end_all(conn, &tools, owner.id, now)?;
        let chain = first_workspace(conn, owner.id)?.unwrap_or(INSTALLATION);
        let event = Event::done(Act::FreezeAccount, Target::account(owner.id, &*owner.name));
        audit::record(conn, &tools.vault, chain, &actor_of(from, &owner), &event, now)?;
        Ok(owner.id)
    });
    let frozen = frozen.await?;
    services.mail.ring();
    Ok(frozen)
}

/// What came of lifting it.
pub struct Lifted {
    /// The address to sign in with.
    pub email: String,
    /// The new password: somebody else may know the one from before.
    pub password: Secret,
    /// What the account had beside its password, and somebody else may have put there.
    pub removed: Vec<Removed>,
}

/// Lifts the freezing of an account, for whoever has the host, with a new password and without what it had beside it:
/// nobody knows which of that its owner put there. On demand its address becomes again the one that the freezing came
/// from. `None` when it is not frozen.
///
/// # Errors
/// A failure of ours; inside, that another account has the address by now.
pub async fn unfreeze(
    services: &Services,
    account: AccountId,
    email_back: bool,
) -> anyhow::Result<Result<Option<Lifted>, Problem>> {
    let password = Secret::new(services.random.hex::<12>());
    let hash = services.passwords.hash(password.clone(), &services.random).await?;
    let (tools, now) = (services.clone(), services.clock.now());
    let lifted = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, account)?;
        let before = account_by_id(conn, account)?;
        if !account_unfreeze(conn, account, &hash, now)? {
            return Ok(None);
        }
        let removed = remove_factors(conn, account)?;
        identities_remove_by_host(conn, account)?;
        let link = link_that_froze(conn, account)?.filter(|_| email_back);
        if let Some(link) = &link {
            email_update(conn, account, (&link.email, &link.email_key), now)?;
        }
        let email = link.map_or(before.email.clone(), |link| link.email);
        let changes = Changes::default().from_to("email", &before.email, &email);
        let target = Target::account(account, before.name);
        let event = Event::done(Act::UnfreezeAccount, target.clone()).changing(changes);
        audit::record(conn, &tools.vault, INSTALLATION, &Actor::host(), &event, now)?;
        record_removed(conn, &tools, &target, &removed, now)?;
        Ok(Some((email, removed)))
    });
    Ok(lifted
        .await
        .split()?
        .map(|it| it.map(|(email, removed)| Lifted { email, password, removed })))
}
