//! Queries on packages of minutes.

use diesel::prelude::*;

use super::{Balance, Hundredths};
use crate::clock::UtcTime;
use crate::db::dialect::total;
use crate::db::schema::minute_packages;
use crate::db::{Conn, DbError};
use crate::ids::WorkspaceId;
use crate::workspaces::Scope;

/// Adds a package to a workspace.
///
/// # Errors
/// The database's failure.
pub fn package_insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    granted: Hundredths,
    remaining: Hundredths,
    (starts_at, expires_at): (UtcTime, UtcTime),
) -> Result<(), DbError> {
    diesel::insert_into(minute_packages::table)
        .values((
            minute_packages::workspace_id.eq(workspace),
            minute_packages::kind.eq("granted"),
            minute_packages::granted.eq(granted.0),
            minute_packages::remaining.eq(remaining.0),
            minute_packages::starts_at.eq(starts_at),
            minute_packages::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a workspace has at a moment.
///
/// # Errors
/// The database's failure.
pub fn balance(conn: &mut Conn, scope: &Scope, now: UtcTime) -> Result<Balance, DbError> {
    let (granted, remaining) = minute_packages::table
        .filter(minute_packages::workspace_id.eq(scope.workspace))
        .filter(minute_packages::starts_at.le(now))
        .filter(minute_packages::expires_at.gt(now))
        .select((total(minute_packages::granted), total(minute_packages::remaining)))
        .first::<(i64, i64)>(conn)?;
    Ok(Balance { granted: Hundredths(granted), remaining: Hundredths(remaining) })
}

/// Takes minutes from the packages of a workspace, from the one that expires first on; what is
/// more than they hold is not taken.
///
/// # Errors
/// The database's failure.
pub fn packages_use(
    conn: &mut Conn,
    workspace: WorkspaceId,
    used: Hundredths,
) -> Result<(), DbError> {
    let packages: Vec<(i64, i64)> = minute_packages::table
        .filter(minute_packages::workspace_id.eq(workspace))
        .filter(minute_packages::remaining.gt(0))
        .select((minute_packages::id, minute_packages::remaining))
        .order((minute_packages::expires_at, minute_packages::id))
        .load(conn)?;
    let mut left = used.0;
    for (id, remaining) in packages {
        let taken = left.min(remaining);
        left -= taken;
        diesel::update(minute_packages::table.find(id))
            .set(minute_packages::remaining.eq(remaining - taken))
            .execute(conn)?;
    }
    Ok(())
}
