//! actix-session's storage over the sessions table.
//!
//! The middleware knows "save, update, delete"; the table knows sign-ins. A save is an UPDATE
//! that gives an existing row the new key's digest, a delete takes the key away. Rows are made
//! and ended by sign-in and sign-out, in their own transactions.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::{Context, anyhow};

use super::{Person, SEEN_EVERY, store};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::random::Random;
use crate::secret::digest;

/// The one thing kept under the middleware's hands: the person, as JSON.
pub const PERSON: &str = "person";
/// Left instead when the person could not be read: a [`Failure`]. The guard turns it into an error
/// page, which it can only while the request is in its hands.
pub const FAILED: &str = "failed";

/// Why a person could not be read.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// Whether the database may be back soon.
    pub is_passing: bool,
    /// For the log.
    pub reason: String,
}
/// What sign-in leaves for the save that makes the cookie: the row's id.
pub const SESSION: &str = "session";

/// The storage.
pub struct Backing {
    /// The database.
    pub db: Db,
    /// For idle and absolute ends.
    pub clock: Clock,
    /// For keys.
    pub random: Random,
}

impl Backing {
    async fn find(&self, key: &str) -> Result<Option<Person>, DbError> {
        let (key, now) = (digest(key), self.clock.now());
        let found = self.db.read(move |conn| store::person_by_key(conn, &key, now)).await?;
        let Some(store::Found { person, last_seen_at }) = found else { return Ok(None) };
        if now.since(last_seen_at) >= SEEN_EVERY {
            let id = person.session;
            let seen = self.db.write::<_, DbError>(move |conn| store::session_seen(conn, id, now));
            if let Err(error) = seen.await {
                // A database that cannot be written to, such as on a full disk, can be read still.
                tracing::warn!("a use of a session was not remembered: {error}");
            }
        }
        Ok(Some(person))
    }

    /// Gives the session of this state a new key.
    async fn key_for(&self, state: &HashMap<String, String>) -> anyhow::Result<String> {
        let id = state.get(SESSION).context("a session without a row")?;
        let id: SessionId = serde_json::from_str(id)?;
        let key = self.random.token();
        let (stored, now) = (digest(&key), self.clock.now());
        let alive = self
            .db
            .write::<_, DbError>(move |conn| store::session_set_key(conn, id, &stored, now))
            .await?;
        if !alive {
            return Err(anyhow!("the session ended meanwhile"));
        }
        Ok(key)
    }
}

/// An error that leaves this storage would become a bare answer without its dress. So a failed
/// load leaves its reason for the guard, and a failed save makes a key that opens nothing: the
/// browser is signed out, and the log says why.
impl SessionStore for Backing {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let state = match self.find(key.as_ref()).await {
            Ok(Some(person)) => json(&person.session).and_then(|session| {
                Ok(HashMap::from([(SESSION.into(), session), (PERSON.into(), json(&person)?)]))
            }),
            Ok(None) => return Ok(None),
            Err(error) => {
                let reason = error.to_string();
                let is_passing = matches!(AppError::from(error), AppError::Busy);
                json(&Failure { is_passing, reason })
                    .map(|failure| HashMap::from([(FAILED.into(), failure)]))
            }
        };
        state.map(Some).map_err(LoadError::Other)
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, SaveError> {
        let key = match self.key_for(&state).await {
            Ok(key) => key,
            Err(error) => {
                tracing::error!("a session got no key: {error:#}");
                self.random.token()
            }
        };
        key.try_into().map_err(|_| SaveError::Other(anyhow!("a session key of a wrong length")))
    }

    /// The state is made anew on each load; an update rotates the key and nothing else.
    async fn update(
        &self,
        key: SessionKey,
        state: HashMap<String, String>,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.delete(&key).await.map_err(UpdateError::Other)?;
        self.save(state, ttl).await.map_err(|error| UpdateError::Other(error.into()))
    }

    /// Ends are told by the clock and the row, not by the cookie.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let key = digest(key.as_ref());
        let done = self.db.write::<_, DbError>(move |conn| store::session_drop_key(conn, &key));
        if let Err(error) = done.await {
            tracing::error!("a session kept its key: {error}");
        }
        Ok(())
    }
}

fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string(value)?)
}
