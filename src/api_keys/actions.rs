//! Making keys, rolling and revoking them, recognising them.

mod change;
mod tell;

use std::sync::Arc;

use super::key::PREFIX;
use super::store;
use super::{ApiScope, Fresh, NewKey};
use crate::audit::{self, Act, Actor, Changes, Event, Target, TargetKind};
use crate::clock::minutes;
use crate::db::DbError;
use crate::ids::{ApiKeyId, SdkAppId, WorkspaceId};
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::workspaces::{Extent, Scope};

pub use change::{
    Made, create_proved, create_read_only, fresh, put_away, revoke_own, revoke_proved, roll_proved,
    roll_read_only,
};

/// The program behind a request, proven by its key.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    /// The key.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// With which apps.
    pub scope: Scope,
}

/// Makes a key for whoever has the host; it is told once and never again.
///
/// # Errors
/// The database's failure.
pub async fn create(
    services: &Services,
    workspace: WorkspaceId,
    app: Option<SdkAppId>,
    (name, scopes): (String, Vec<ApiScope>),
    actor: Actor,
) -> Result<Secret, DbError> {
    let fresh = Fresh::new(&services.random.token());
    let told = fresh.key().clone();
    let now = services.clock.now();
    let vault = Arc::clone(&services.vault);
    services
        .db
        .write(move |conn| {
            let new = NewKey { name, scopes, app, expires_at: None };
            let id = store::key_insert(conn, workspace, &new, &fresh, None, now)?;
            let target = Target { kind: TargetKind::ApiKey, id: id.0, name: new.name.clone() };
            let created = Event::done(Act::CreateApiKey, target).changing(described(&new, &fresh));
            audit::record(conn, &vault, workspace, &actor, &created, now)
        })
        .await?;
    Ok(told)
}

/// What a new key is, for the audit log.
fn described(new: &NewKey, fresh: &Fresh) -> Changes {
    Changes::default()
        .with("prefix", &*fresh.prefix)
        .with("scopes", ApiScope::list(&new.scopes))
        .with("app", new.app.map(|app| app.to_string()).unwrap_or_default())
        .with("until", new.expires_at.map(|at| at.to_string()).unwrap_or_default())
}

/// Who is behind a key; `None` for one that does not exist, has ended or is revoked.
///
/// # Errors
/// The database's failure.
pub async fn recognise(services: &Services, key: &str) -> Result<Option<ApiCaller>, DbError> {
    if !key.starts_with(PREFIX) || key.len() > 100 {
        return Ok(None);
    }
    let (digest, now) = (digest(key), services.clock.now());
    let row = services.db.read(move |conn| store::key_by_digest(conn, &digest, now)).await?;
    let Some(row) = row else { return Ok(None) };
    if row.last_used_at.is_none_or(|used| now.since(used) >= minutes(1)) {
        let id = row.id;
        let used = services.db.write::<_, DbError>(move |conn| store::key_used(conn, id, now));
        if let Err(error) = used.await {
            // A database that cannot be written to can be read still.
            tracing::warn!("a use of an API key was not remembered: {error}");
        }
    }
    let scopes = ApiScope::parse_list(&row.scopes)
        .map_err(|word| DbError::Broken(format!("an API key has the scope {word}")))?;
    let extent = row.app.map_or(Extent::All, Extent::One);
    let scope = Scope { workspace: row.workspace, extent };
    Ok(Some(ApiCaller { id: row.id, name: row.name, scopes, scope }))
}
