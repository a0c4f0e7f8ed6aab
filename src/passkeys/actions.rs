//! Adding, removing and using passkeys.

use super::ceremony::{Owner, Seal};
use super::forms::Answer;
use super::store::{self, Known};
use super::{AddPasskey, Ceremony, Host, PASSKEYS_MAX, RemovePasskey, Used};
use crate::accounts::actions::check_password;
use crate::accounts::store::hold_in_use;
use crate::audit::{self, Act, Changes, Event};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::AccountId;
use crate::notify::FactorChange;
use crate::problem::{PasskeyProblem, Problem};
use crate::recovery::store::recovery_codes_left;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::sessions::store::session_is_alive;
use crate::step_up::actions::{Asked, Unperformed, ask, factor_changed, methods, perform};
use crate::step_up::store::tries_hold;
use crate::step_up::{Asker, Challenge, FACTOR_YOUNG_FOR, Proof, registry};

/// The purpose of the ceremony of signing in.
const SIGN_IN: &str = "sign in";

/// The purpose of the ceremony of a challenge.
fn of_challenge(id: &str) -> String {
    format!("step up {id}")
}

fn seal<'a>(services: &'a Services, purpose: &'a str) -> Seal<'a> {
    let (vault, random) = (&*services.vault, &services.random);
    Seal { vault, random, now: services.clock.now(), purpose }
}

fn of_person(person: &Person) -> String {
    format!("add {} {}", person.account, person.session)
}

/// What a person has, for the page.
#[derive(Default)]
pub struct Standing {
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<Known>,
    /// What a new one is made with; `None` when they have as many as may be.
    pub ceremony: Option<Ceremony>,
    /// Whether nothing would be left to them without their devices.
    pub lacks_recovery: bool,
    /// Whether they have no way to prove who they are, and adding one asks for the password instead.
    pub needs_password: bool,
}

/// What a person has; `None` where browsers have no passkeys.
///
/// # Errors
/// A failure of ours.
pub async fn standing(services: &Services, person: &Person) -> Result<Option<Standing>, AppError> {
    let Some(host) = Host::of(&services.settings) else { return Ok(None) };
    let (account, tools, name) = (person.account, services.clone(), host.name().to_owned());
    let found = services.db.read::<_, DbError>(move |conn| {
        Ok((
            store::passkeys_of(conn, account, &name)?,
            store::passkey_handle(conn, account)?,
            methods(conn, &tools, account, (Act::AddPasskey, None))?.is_empty(),
            recovery_codes_left(conn, account)? == 0,
        ))
    });
    let (passkeys, handle, needs_password, lacks_recovery) = found.await?;
    let ceremony = if passkeys.len() < PASSKEYS_MAX {
        let handle = handle.unwrap_or_else(|| Owner::new_handle(&services.random));
        let owner = Owner { handle: &handle, email: &person.email, name: &person.name };
        Some(host.make(&seal(services, &of_person(person)), &owner, &passkeys)?)
    } else {
        None
    };
    Ok(Some(Standing { passkeys, ceremony, lacks_recovery, needs_password }))
}

/// What comes of a passkey that was made.
pub enum Added {
    /// It counts.
    Done,
    /// It waits for a proof.
    Asked(Asked),
}

/// What a passkey that a device has just made is asked to be added as.
pub struct Wish {
    /// What its owner calls it.
    pub name: String,
    /// The password of somebody who has no way to prove who they are.
    pub password: Secret,
    /// What the device answered.
    pub answer: Answer,
}

/// Why a passkey was not added.
pub enum Unadded {
    /// Something is wrong with the password.
    Password(Problem),
    /// Something is wrong with the passkey.
    Passkey(Problem),
}

/// Takes a passkey that a device has just made. It counts once its owner has proved who they are, unless they have no
/// way to: then the password stands in, for whoever finds a browser open must not make it theirs.
///
/// # Errors
/// [`AppError::Throttled`] after too many passwords, or a failure of ours.
pub async fn begin(
    services: &Services,
    asker: &Asker,
    person: &Person,
    wish: Wish,
) -> Result<Result<Added, Unadded>, AppError> {
    let host = Host::of(&services.settings).ok_or(AppError::NotFound)?;
    let made = match host.made(&seal(services, &of_person(person)), &wish.answer)? {
        Ok(made) => made,
        Err(problem) => return Ok(Err(Unadded::Passkey(problem.into()))),
    };
    let act = AddPasskey {
        account: person.account,
        name: person.name.clone(),
        passkey_name: wish.name,
        host: host.name().to_owned(),
        user_handle: made.user_handle,
        credential_id: made.credential_id,
        credential: made.credential,
    };
    if !needs_password(services, person.account).await? {
        return Ok(Ok(Added::Asked(ask(services, asker, &act).await?)));
    }
    if wish.password.expose().is_empty() {
        return Ok(Err(Unadded::Password(Problem::Missing)));
    }
    match check_password(services, person.account, wish.password).await? {
        Ok(_) => {
            let added = add_first(services, asker, person, act).await?;
            Ok(added.map(|()| Added::Done).map_err(Unadded::Passkey))
        }
        Err(problem) => Ok(Err(Unadded::Password(problem))),
    }
}

async fn needs_password(services: &Services, account: AccountId) -> Result<bool, DbError> {
    let tools = services.clone();
    let found =
        services.db.read(move |conn| methods(conn, &tools, account, (Act::AddPasskey, None)));
    Ok(found.await?.is_empty())
}

/// Adds the passkey of somebody who gave their password and has no way to prove more.
async fn add_first(
    services: &Services,
    asker: &Asker,
    person: &Person,
    act: AddPasskey,
) -> Result<Result<(), Problem>, AppError> {
    let (account, session, tools, asker) =
        (person.account, person.session, services.clone(), asker.clone());
    let (id, now) = (services.random.hex::<16>(), services.clock.now());
    let changes = Changes::default().from_to("passkey", "", &act.passkey_name);
    let event = Event::done(Act::AddPasskey, person).changing(changes);
    let added = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, account)?;
        hold_in_use(conn, account)?;
        // Signed out elsewhere meanwhile, or there is a way to prove something by now.
        if !session_is_alive(conn, session, now)?
            || !methods(conn, &tools, account, (Act::AddPasskey, None))?.is_empty()
        {
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        }
        store::passkey_add_first(conn, &act, &id, now)?;
        factor_changed(conn, &tools, &asker, FactorChange::PasskeyAdded, now)?;
        let chain = asker.audit_chain();
        Ok(audit::record(conn, &tools.vault, chain, &asker.actor, &event, now)?)
    });
    let added = added.await.split()?;
    services.mail.ring();
    Ok(added)
}

/// Adds a passkey.
///
/// # Errors
/// A failure of ours.
pub async fn add(
    services: &Services,
    asker: &Asker,
    act: AddPasskey,
    proof: Proof<AddPasskey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let id = services.random.hex::<16>();
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::passkey_add(conn, spent, &id, now)?;
        factor_changed(conn, &tools, &by, FactorChange::PasskeyAdded, now)?;
        Ok(((), Changes::default().from_to("passkey", "", &spent.act().passkey_name)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Asks to remove a passkey; `None` when the person has none of this key.
///
/// # Errors
/// A failure of ours.
pub async fn ask_to_remove(
    services: &Services,
    asker: &Asker,
    person: &Person,
    passkey: &str,
) -> Result<Option<Asked>, AppError> {
    let Some(host) = Host::of(&services.settings) else { return Ok(None) };
    let (account, name) = (person.account, host.name().to_owned());
    let known = services.db.read(move |conn| store::passkeys_of(conn, account, &name)).await?;
    let Some(found) = known.into_iter().find(|one| one.id == passkey) else { return Ok(None) };
    let act = RemovePasskey {
        account,
        name: person.name.clone(),
        passkey: found.id,
        passkey_name: found.name,
    };
    ask(services, asker, &act).await.map(Some)
}

/// Removes a passkey.
///
/// # Errors
/// A failure of ours.
pub async fn remove(
    services: &Services,
    asker: &Asker,
    act: RemovePasskey,
    proof: Proof<RemovePasskey>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        store::passkey_remove(conn, spent)?;
        factor_changed(conn, &tools, &by, FactorChange::PasskeyRemoved, now)?;
        Ok(((), Changes::default().from_to("passkey", &spent.act().passkey_name, "")))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// The passkeys of an account that do for an act: those that are old enough, where any is. See
/// [`crate::step_up::actions::choice`] for when none is.
///
/// # Errors
/// The database's failure.
pub fn passkeys_for(
    conn: &mut Conn,
    host: &str,
    account: AccountId,
    act: Act,
    now: UtcTime,
) -> Result<Vec<Known>, DbError> {
    let all = store::passkeys_of(conn, account, host)?;
    let is_strict = registry::find(act).is_some_and(|act| act.is_own || act.is_dangerous);
    let is_old = |one: &&Known| one.created_at.plus(FACTOR_YOUNG_FOR) <= now;
    let old: Vec<_> = all.iter().filter(is_old).cloned().collect();
    Ok(if is_strict && !old.is_empty() { old } else { all })
}

/// What asks for a passkey at the door: any, or one of an account that has given its password.
///
/// # Errors
/// A failure of ours.
pub async fn at_the_door(
    services: &Services,
    account: Option<AccountId>,
) -> Result<Option<Ceremony>, AppError> {
    let Some(host) = Host::of(&services.settings) else { return Ok(None) };
    let known = match account {
        None => Vec::new(),
        Some(account) => {
            let name = host.name().to_owned();
            let known = services.db.read(move |conn| store::passkeys_of(conn, account, &name));
            match known.await? {
                known if known.is_empty() => return Ok(None),
                known => known,
            }
        }
    };
    Ok(Some(host.ask(&seal(services, SIGN_IN), &known)?))
}

/// What asks for a passkey on the page of a challenge; `None` where there is none that does.
///
/// # Errors
/// A failure of ours.
pub async fn for_challenge(
    services: &Services,
    challenge: &Challenge,
) -> Result<Option<Ceremony>, AppError> {
    let Some(host) = Host::of(&services.settings) else { return Ok(None) };
    let (account, act, now) = (challenge.account, challenge.act, services.clock.now());
    let name = host.name().to_owned();
    let known = services.db.read(move |conn| passkeys_for(conn, &name, account, act, now)).await?;
    if known.is_empty() {
        return Ok(None);
    }
    Ok(Some(host.ask(&seal(services, &of_challenge(&challenge.id)), &known)?))
}

/// Verifies an answer to a challenge: it must be of one of the passkeys that were asked for.
///
/// # Errors
/// Inside, what is wrong with it; outside, a failure of ours.
pub async fn verify_for_challenge(
    services: &Services,
    challenge: &Challenge,
    answer: &Answer,
) -> Result<Result<Used, PasskeyProblem>, AppError> {
    let Some(host) = Host::of(&services.settings) else {
        return Ok(Err(PasskeyProblem::NotAccepted));
    };
    let claimed = match Host::claimed(answer) {
        Ok(claimed) => claimed,
        Err(problem) => return Ok(Err(problem)),
    };
    let (account, act, now) = (challenge.account, challenge.act, services.clock.now());
    let name = host.name().to_owned();
    let known = services.db.read(move |conn| passkeys_for(conn, &name, account, act, now)).await?;
    let Some(passkey) = known.into_iter().find(|one| one.credential_id == claimed) else {
        return Ok(Err(PasskeyProblem::NotAccepted));
    };
    Ok(host.used(&seal(services, &of_challenge(&challenge.id)), passkey, answer)?)
}

/// Verifies an answer at the door, whosever passkey it is.
///
/// # Errors
/// Inside, what is wrong with it; outside, a failure of ours.
pub async fn verify_at_the_door(
    services: &Services,
    answer: &Answer,
) -> Result<Result<Used, PasskeyProblem>, AppError> {
    let Some(host) = Host::of(&services.settings) else {
        return Ok(Err(PasskeyProblem::NotAccepted));
    };
    let claimed = match Host::claimed(answer) {
        Ok(claimed) => claimed,
        Err(problem) => return Ok(Err(problem)),
    };
    let name = host.name().to_owned();
    let found =
        services.db.read(move |conn| store::passkey_of_credential(conn, &name, &claimed)).await?;
    let Some(passkey) = found else { return Ok(Err(PasskeyProblem::NotAccepted)) };
    Ok(host.used(&seal(services, SIGN_IN), passkey, answer)?)
}
