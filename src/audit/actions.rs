//! Refusals, which are written within bounds, and checking the chains of all workspaces.

use std::collections::BTreeSet;

use super::store::{self, Row};
use super::verify::{Check, Report};
use super::{Actor, Event};
use crate::db::{Db, DbError};
use crate::ids::WorkspaceId;
use crate::services::Services;
use crate::sessions::throttle;

/// Events that are read at once.
const PAGE: i64 = 4_000;
/// How often the end of a chain that grows meanwhile is run after.
const ROUNDS_MAX: usize = 100;

/// Refusals of one account, key or address that are written within a window of
/// [`throttle::WINDOW`]: whoever is refused must not be able to fill a log that nobody can shorten.
const DENIALS_MAX: i64 = 100;

/// Writes a refusal, in a transaction of its own; beyond [`DENIALS_MAX`] it is counted only.
///
/// # Errors
/// The database's failure.
pub async fn deny(
    services: &Services,
    workspace: WorkspaceId,
    actor: &Actor,
    event: Event,
) -> Result<(), DbError> {
    metrics::counter!("acts_denied_total", "act" => event.act.as_str()).increment(1);
    let who = actor.id.map_or_else(|| actor.address.clone(), |id| id.to_string());
    let bucket = format!("denied {} {who}", actor.kind);
    let (tools, actor, now) = (services.clone(), actor.clone(), services.clock.now());
    let written = services.db.write(move |conn| {
        if throttle::attempt(conn, &bucket, DENIALS_MAX, now)?.is_some() {
            return Ok(());
        }
        store::record(conn, &tools.vault, workspace, &actor, &event, now)
    });
    written.await
}

/// All workspaces, and whatever else has a chain or events, in the order of their numbers.
///
/// # Errors
/// The database's failure.
pub async fn chains(services: &Services) -> Result<Vec<WorkspaceId>, DbError> {
    let found = services.db.read::<_, DbError>(|conn| {
        let mut all: BTreeSet<_> = store::workspaces_with_events(conn)?.into_iter().collect();
        all.extend(store::ends(conn)?.into_iter().map(|end| end.workspace));
        all.extend(store::workspaces(conn)?);
        Ok(all)
    });
    Ok(found.await?.into_iter().collect())
}

/// Checks the chain of a workspace. It may grow meanwhile.
///
/// # Errors
/// The database's failure.
pub async fn verify(services: &Services, workspace: WorkspaceId) -> Result<Report, DbError> {
    let mut check = Check::new(&services.vault, workspace);
    let (mut end, name) = end_of(&services.db, workspace).await?;
    for _ in 0..ROUNDS_MAX {
        take_all(&services.db, workspace, &mut check).await?;
        let (now, _) = end_of(&services.db, workspace).await?;
        let has_grown = now != end;
        end = now;
        if !has_grown {
            break;
        }
    }
    Ok(check.finish(end.as_ref(), name))
}

async fn end_of(db: &Db, workspace: WorkspaceId) -> Result<(Option<store::End>, String), DbError> {
    db.read(move |conn| Ok((store::end(conn, workspace)?, store::name(conn, workspace)?))).await
}

/// Takes what is there from the last position on. A page is read while the one before is checked.
async fn take_all(db: &Db, workspace: WorkspaceId, check: &mut Check<'_>) -> Result<(), DbError> {
    let read = |position: i64| {
        let db = db.clone();
        tokio::spawn(async move {
            db.read::<Vec<Row>, DbError>(move |conn| {
                store::events_from(conn, workspace, position, PAGE)
            })
            .await
        })
    };
    let mut page = read(check.position() + 1);
    loop {
        let rows = page.await.map_err(|_| DbError::Stopped)??;
        let Some(last) = rows.last() else { return Ok(()) };
        page = read(last.position + 1);
        // Lets the reading begin.
        tokio::task::yield_now().await;
        for row in &rows {
            check.take(row);
        }
    }
}
