//! Opening set-up at the start, and carrying it out once.

use std::sync::atomic::Ordering;

use super::forms::Setup;
use super::store;
use crate::accounts::address::actions::mail_confirmation;
use crate::accounts::store::{NewAccount, account_insert};
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::clock::hours;
use crate::db::{DbError, Split, Stop};
use crate::devices::{self, store::device_note};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::problem::Problem;
use crate::secret::digest;
use crate::services::Services;
use crate::sessions::LIFETIME;
use crate::sessions::store::{NewSession, session_insert};
use crate::workspaces::store::workspace_insert;

/// How long a set-up link works.
pub const LINK_HOURS: u64 = 24;

/// A new one-time link while nobody has set the installation up; the last one stops working.
///
/// # Errors
/// The database's failure.
pub async fn link(services: &Services) -> Result<Option<String>, DbError> {
    let token = services.random.token();
    let (stored, now) = (digest(&token), services.clock.now());
    let open = services
        .db
        .write(move |conn| store::setup_open(conn, &stored, now.plus(hours(LINK_HOURS))))
        .await?;
    services.is_set_up.store(!open, Ordering::Relaxed);
    Ok(open.then(|| format!("{}/setup?key={token}", services.settings.base_url)))
}

/// Whether the first run is over. The database is asked until it is, since another node or the
/// command line may have ended it.
///
/// # Errors
/// The database's failure.
pub async fn is_over(services: &Services) -> Result<bool, DbError> {
    if services.is_set_up.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let installation = services.db.read::<_, DbError>(store::installation).await?;
    let is_over = installation.is_some_and(|row| row.set_up_at.is_some());
    services.is_set_up.store(is_over, Ordering::Relaxed);
    Ok(is_over)
}

/// Whether a key opens set-up now.
///
/// # Errors
/// The database's failure.
pub async fn is_open(services: &Services, key: &str) -> Result<bool, DbError> {
    let (stored, now) = (digest(key), services.clock.now());
    services.db.read(move |conn| store::setup_is_open(conn, &stored, now)).await
}

/// Makes operator and workspace, closes set-up and signs the operator in: all or nothing. Refused
/// when the address has an account already.
///
/// # Errors
/// [`AppError::SetupLink`] when the key was used meanwhile, or a failure of ours.
pub async fn carry_out(
    services: &Services,
    key: &str,
    setup: Setup,
    (actor, device): (Actor, String),
) -> Result<Result<SessionId, Problem>, AppError> {
    let hash = services.passwords.hash(setup.password, &services.random).await?;
    let (stored, now) = (digest(key), services.clock.now());
    let tools = services.clone();
    let done = services.db.write(move |conn| {
        if !store::setup_close(conn, &stored, now)? {
            return Err(Stop::Refused(Problem::Missing));
        }
        let operator = NewAccount {
            email: &setup.email,
            name: &setup.name,
            password_hash: Some(&hash),
            language: setup.language,
            is_operator: true,
        };
        let account = account_insert(conn, &operator, now)?;
        let zone = setup.time_zone.name();
        let workspace = workspace_insert(conn, &setup.workspace, zone, account, now)?;
        let session = NewSession {
            account,
            address: &actor.address,
            user_agent: &actor.user_agent,
            expires_at: now.plus(LIFETIME),
        };
        let (session, _) = session_insert(conn, &session, now)?;
        device_note(conn, account, &devices::digest_of(account, &device), now)?;
        mail_confirmation(conn, &tools, account, now)?;
        let actor = actor.as_person(account, &setup.name, &setup.email.text).in_session(session);
        let changes = Changes::default()
            .with("operator", &setup.email.text)
            .with("workspace", &setup.workspace);
        let event = Event::done(Act::SetUp, Target::installation()).changing(changes);
        audit::record(conn, &tools.vault, workspace, &actor, &event, now)?;
        Ok(session)
    });
    match done.await.split()? {
        Ok(session) => {
            services.mail.ring();
            services.is_set_up.store(true, Ordering::Relaxed);
            Ok(Ok(session))
        }
        // What it lacks is a key that opens.
        Err(Problem::Missing) => Err(AppError::SetupLink),
        Err(problem) => Ok(Err(problem)),
    }
}
