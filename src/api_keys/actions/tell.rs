//! Mail about keys that can change something: whoever holds one needs no sign-in, so people learn of each.

use crate::accounts::store::account_by_id;
use crate::api_keys::ApiScope;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::ids::WorkspaceId;
use crate::notify::{self, KeyMade, Mail, Message};
use crate::services::Services;
use crate::step_up::Asker;
use crate::workspaces::store::{owners, reader_zone, workspace_name};

/// Owners of a workspace who are told of a key.
const TOLD_MAX: i64 = 20;

/// Puts the mail into the outbox that tells of a key: for whoever made it, and for the owners of the workspace. Nothing
/// for a key that can change nothing. Ring the bell afterwards.
pub(super) fn tell(
    conn: &mut Conn,
    services: &Services,
    (asker, workspace): (&Asker, WorkspaceId),
    (made, name, scopes): (KeyMade, &str, &[ApiScope]),
    now: UtcTime,
) -> Result<(), DbError> {
    if !ApiScope::any_writes(scopes) {
        return Ok(());
    }
    let maker = account_by_id(conn, asker.account)?;
    let mut told = owners(conn, workspace, TOLD_MAX)?;
    told.retain(|(id, ..)| *id != maker.id);
    told.insert(0, (maker.id, maker.email.clone(), maker.language));
    let workspace_name = workspace_name(conn, workspace)?;
    for (id, email, language) in told {
        let message = Message::ApiKeyMade {
            made,
            is_own: id == maker.id,
            workspace: workspace_name.clone(),
            name: name.to_owned(),
            scopes: ApiScope::list(scopes),
            by: maker.name.clone(),
            by_email: maker.email.clone(),
            at: now,
            address: asker.actor.address.clone(),
            browser: asker.actor.user_agent.clone(),
        };
        let mail = Mail {
            key: &format!("api key {}", services.random.hex::<16>()),
            recipient: &email,
            language,
            zone: &reader_zone(conn, id, Some(workspace))?,
            message: &message,
        };
        notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    }
    Ok(())
}
