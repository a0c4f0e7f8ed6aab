//! Queries on the audit log.

mod activity;
mod chains;
mod log;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

pub use activity::{Activity, Part, Place, activity};
pub use chains::{End, end, ends, events_from, name, workspaces, workspaces_with_events};
pub use log::{Asked, LOOKED_AT_MAX, Page, Span, event, events_page, people, span};

use super::{Actor, Event, chain};
use crate::clock::{UtcTime, minutes};
use crate::db::schema::{audit_chains, audit_events};
use crate::db::{Conn, DbError};
use crate::ids::{SdkAppId, SessionId, WorkspaceId};
use crate::step_up::Method;
use crate::vault::Vault;

/// An event as it is stored. Its words are texts: an older program must not fail to read what a newer one wrote,
/// nor the check of the chain what somebody has altered.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events)]
pub struct Row {
    /// The workspace, or [`super::INSTALLATION`].
    #[diesel(column_name = workspace_id)]
    pub workspace: WorkspaceId,
    /// The place in the chain, from 1.
    pub position: i64,
    /// When; never before its predecessor, also when the clock was set back.
    pub at: UtcTime,
    /// What kind of actor: a word of [`super::ActorKind`].
    pub actor_kind: String,
    /// The account or API key.
    pub actor_id: Option<i64>,
    /// Its name.
    pub actor_name: String,
    /// Its e-mail address.
    pub actor_email: String,
    /// The sign-in.
    #[diesel(column_name = session_id)]
    pub session: Option<SessionId>,
    /// The network address.
    pub address: String,
    /// The client's name for itself.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
    /// The act: a word of [`super::Act`].
    pub act: String,
    /// What came of it: a word of [`super::Outcome`].
    pub outcome: String,
    /// Why it was refused: a word of [`super::Reason`], or nothing.
    pub reason: String,
    /// How the person proved who they are: a word of [`crate::step_up::Method`], or nothing.
    pub method: String,
    /// What kind of thing it was done to: a word of [`super::TargetKind`].
    pub target_kind: String,
    /// Its number.
    pub target_id: i64,
    /// Its name.
    pub target_name: String,
    /// The app, if it is one.
    pub sdk_app_id: Option<SdkAppId>,
    /// [`super::Changes`] as JSON.
    pub changes: String,
    /// See [`chain`].
    pub hash: String,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    hash: String,
}

/// Writes an event, in the transaction of the act that it tells of and at its end: whoever writes the next
/// event of the workspace waits for it.
///
/// # Errors
/// The database's failure.
pub fn record(
    conn: &mut Conn,
    vault: &Vault,
    workspace: WorkspaceId,
    actor: &Actor,
    event: &Event,
    now: UtcTime,
) -> Result<(), DbError> {
    let Taken { position, hash: previous } = chain_take(conn, workspace)?;
    let at = moment_after(conn, workspace, position - 1, now)?;
    let changes = serde_json::to_string(&event.changes)
        .map_err(|error| DbError::Broken(error.to_string()))?;
    let mut row = Row {
        workspace,
        position,
        at,
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.id,
        actor_name: actor.name.clone(),
        actor_email: actor.email.clone(),
        session: actor.session,
        address: actor.address.clone(),
        user_agent: actor.user_agent.clone(),
        request_id: actor.request_id.clone(),
        act: event.act.as_str().to_owned(),
        outcome: event.outcome.as_str().to_owned(),
        reason: event.reason.map_or("", super::Reason::as_str).to_owned(),
        method: event.method.map_or("", Method::as_str).to_owned(),
        target_kind: event.target.kind.as_str().to_owned(),
        target_id: event.target.id,
        target_name: event.target.name.clone(),
        sdk_app_id: event.target.sdk_app_id(),
        changes,
        hash: String::new(),
    };
    row.hash = chain::link(vault, &previous, &row);
    let seal = chain::seal(vault, workspace, position, &row.hash);
    diesel::update(audit_chains::table.find(workspace))
        .set((audit_chains::hash.eq(row.hash.clone()), audit_chains::seal.eq(seal)))
        .execute(conn)?;
    diesel::insert_into(audit_events::table).values(row).execute(conn)?;
    Ok(())
}

/// Takes the next place of a chain; the hash is still that of the last event.
fn chain_take(conn: &mut Conn, workspace: WorkspaceId) -> Result<Taken, DbError> {
    let taken = diesel::sql_query(
        "INSERT INTO audit_chains (workspace_id, position, hash, seal) VALUES ($1, 1, '', '') \
         ON CONFLICT (workspace_id) DO UPDATE SET position = audit_chains.position + 1 \
         RETURNING position, hash",
    )
    .bind::<BigInt, _>(workspace);
    Ok(taken.get_result(conn)?)
}

/// The moment of the event that follows `position`: not before that one's, also when the clock was set back.
fn moment_after(
    conn: &mut Conn,
    workspace: WorkspaceId,
    position: i64,
    now: UtcTime,
) -> Result<UtcTime, DbError> {
    let last: Option<UtcTime> = audit_events::table
        .find((workspace, position))
        .select(audit_events::at)
        .first(conn)
        .optional()?;
    let Some(last) = last else { return Ok(now) };
    if last.since(now) > minutes(1) {
        tracing::warn!(%workspace, "the audit log is ahead of the clock, which was set back");
    }
    Ok(now.max(last))
}
