//! Making keys and recognising them.

use std::sync::Arc;

use super::ApiScope;
use super::store::{self, NewApiKey};
use crate::audit::{self, Act, Actor, Changes, Event, Target, TargetKind};
use crate::clock::minutes;
use crate::db::DbError;
use crate::ids::{ApiKeyId, SdkAppId, WorkspaceId};
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::workspaces::{Extent, Scope};

/// What every key begins with.
pub const PREFIX: &str = "swr_";
/// The characters of a key that may be shown in front.
const PREFIX_CHARS: usize = 8;

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

/// Makes a key; it is told once and never again.
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
    let key = format!("{PREFIX}{}", services.random.token());
    let told = Secret::new(key.clone());
    let now = services.clock.now();
    let vault = Arc::clone(&services.vault);
    services
        .db
        .write(move |conn| {
            let new = NewApiKey {
                workspace,
                app,
                name: &name,
                prefix: key.get(..PREFIX_CHARS).unwrap_or_default(),
                last_four: key.get(key.len() - 4..).unwrap_or_default(),
                digest: &digest(&key),
                scopes: &scopes,
            };
            let id = store::key_insert(conn, &new, now)?;
            let app = app.map(|app| app.to_string()).unwrap_or_default();
            let changes = Changes::default()
                .with("prefix", new.prefix)
                .with("scopes", ApiScope::list(&scopes))
                .with("app", app);
            let target = Target { kind: TargetKind::ApiKey, id: id.0, name: name.clone() };
            let created = Event::done(Act::CreateApiKey, target).changing(changes);
            audit::record(conn, &vault, workspace, &actor, &created, now)
        })
        .await?;
    Ok(told)
}

/// Who is behind a key; `None` for one that does not exist or is revoked.
///
/// # Errors
/// The database's failure.
pub async fn recognise(services: &Services, key: &str) -> Result<Option<ApiCaller>, DbError> {
    if !key.starts_with(PREFIX) || key.len() > 100 {
        return Ok(None);
    }
    let digest = digest(key);
    let row = services.db.read(move |conn| store::key_by_digest(conn, &digest)).await?;
    let Some(row) = row else { return Ok(None) };
    let now = services.clock.now();
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
