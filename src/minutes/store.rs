//! Queries on minutes: packages here, the ledger and the days that wait to be settled beside.

mod days;
mod ledger;

use diesel::prelude::*;

pub use days::{Unsettled, day_done, days_note, settled_of, taken_of, unsettled_days};
pub use ledger::{
    Entry, Ledger, Page, alert_line_set, ledger_append, ledger_hold, ledger_insert, level_follow,
    postings_page,
};

use super::{
    AlertLine, Balance, Hundredths, Package, PackageKind, Posting, PostingKind, Standing, Taking,
};
use crate::clock::UtcTime;
use crate::db::dialect::total;
use crate::db::schema::{minute_ledgers, minute_packages};
use crate::db::{Conn, DbError, bulk};
use crate::ids::{PackageId, WorkspaceId};
use crate::workspaces::Scope;

/// Adds a package to a workspace, and posts it.
///
/// # Errors
/// The database's failure.
pub fn package_grant(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (kind, granted): (PackageKind, Hundredths),
    (starts_at, expires_at): (UtcTime, UtcTime),
    now: UtcTime,
) -> Result<PackageId, DbError> {
    let mut ledger = ledger_hold(conn, workspace)?;
    let id: PackageId = diesel::insert_into(minute_packages::table)
        .values((
            minute_packages::workspace_id.eq(workspace),
            minute_packages::kind.eq(kind),
            minute_packages::granted.eq(granted.0),
            minute_packages::remaining.eq(granted.0),
            minute_packages::starts_at.eq(starts_at),
            minute_packages::expires_at.eq(expires_at),
        ))
        .returning(minute_packages::id)
        .get_result(conn)?;
    let posting =
        Posting { kind: PostingKind::Grant, amount: granted, package: Some(id), of: None };
    ledger_append(conn, &mut ledger, &[(now, posting)])?;
    // More minutes arm the alert again and never set it off.
    level_follow(conn, &mut ledger, now)?;
    Ok(id)
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

/// How a workspace's minutes stand at a moment.
///
/// # Errors
/// The database's failure.
pub fn standing(conn: &mut Conn, scope: &Scope, now: UtcTime) -> Result<Standing, DbError> {
    let line = minute_ledgers::table
        .find(scope.workspace)
        .select(minute_ledgers::alert_line)
        .first(conn)?;
    Ok(Standing { balance: balance(conn, scope, now)?, line: AlertLine::of(line) })
}

type Columns = (
    minute_packages::id,
    minute_packages::kind,
    minute_packages::granted,
    minute_packages::remaining,
    minute_packages::starts_at,
    minute_packages::expires_at,
);

const COLUMNS: Columns = (
    minute_packages::id,
    minute_packages::kind,
    minute_packages::granted,
    minute_packages::remaining,
    minute_packages::starts_at,
    minute_packages::expires_at,
);

/// The packages of a workspace, those that end last first, up to so many.
///
/// # Errors
/// The database's failure.
pub fn packages(conn: &mut Conn, scope: &Scope, most: i64) -> Result<Vec<Package>, DbError> {
    Ok(minute_packages::table
        .filter(minute_packages::workspace_id.eq(scope.workspace))
        .order((minute_packages::expires_at.desc(), minute_packages::id.desc()))
        .limit(most)
        .select(COLUMNS)
        .load(conn)?)
}

/// Some packages of a workspace, in no order.
///
/// # Errors
/// The database's failure.
pub fn packages_named(
    conn: &mut Conn,
    workspace: WorkspaceId,
    ids: impl IntoIterator<Item = PackageId>,
) -> Result<Vec<Package>, DbError> {
    Ok(minute_packages::table
        .filter(minute_packages::workspace_id.eq(workspace))
        .filter(minute_packages::id.eq_any(ids))
        .select(COLUMNS)
        .load(conn)?)
}

/// The packages of a workspace that something is left of and that ended after a moment, in no order.
///
/// # Errors
/// The database's failure.
pub fn packages_left(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: UtcTime,
) -> Result<Vec<Package>, DbError> {
    Ok(minute_packages::table
        .filter(minute_packages::workspace_id.eq(workspace))
        .filter(minute_packages::expires_at.gt(after))
        .filter(minute_packages::remaining.gt(0))
        .select(COLUMNS)
        .load(conn)?)
}

/// Takes minutes from packages, or gives them back when `sign` is 1. Their workspace's ledger is held.
///
/// # Errors
/// The database's failure, as which a package counts that holds less.
pub fn packages_move(conn: &mut Conn, takings: &[Taking], sign: i64) -> Result<(), DbError> {
    let moved = || takings.iter().filter_map(|taking| Some((taking.package?, taking.amount.0)));
    let given = bulk::Given::new()
        .numbers("package", moved().map(|(id, _)| id.0))
        .numbers("number", moved().map(|(_, amount)| amount * sign));
    bulk::execute_each(
        conn,
        "UPDATE minute_packages SET remaining = remaining + \
         (SELECT number FROM given WHERE package = id) \
         WHERE id IN (SELECT package FROM given)",
        &given,
    )
    .map(drop)
}

/// Packages that something is left of and that ended up to a moment, up to so many, with their workspaces: those that
/// ended first, first.
///
/// # Errors
/// The database's failure.
pub fn packages_lapsed(
    conn: &mut Conn,
    until: UtcTime,
    most: i64,
) -> Result<Vec<(PackageId, WorkspaceId)>, DbError> {
    Ok(minute_packages::table
        .filter(minute_packages::remaining.gt(0))
        .filter(minute_packages::expires_at.le(until))
        .order((minute_packages::expires_at, minute_packages::id))
        .limit(most)
        .select((minute_packages::id, minute_packages::workspace_id))
        .load(conn)?)
}

/// The workspaces of packages that something is left of and that ended within a span, from the one after `after` on, up to
/// so many.
///
/// # Errors
/// The database's failure.
pub fn workspaces_lapsing(
    conn: &mut Conn,
    (from, until): (UtcTime, UtcTime),
    after: WorkspaceId,
    most: i64,
) -> Result<Vec<WorkspaceId>, DbError> {
    Ok(minute_packages::table
        .filter(minute_packages::remaining.gt(0))
        .filter(minute_packages::expires_at.gt(from))
        .filter(minute_packages::expires_at.le(until))
        .filter(minute_packages::workspace_id.gt(after))
        .select(minute_packages::workspace_id)
        .distinct()
        .order(minute_packages::workspace_id)
        .limit(most)
        .load(conn)?)
}

/// Makes a package one that was used, for sample data.
///
/// # Errors
/// The database's failure.
pub fn package_disguise(
    conn: &mut Conn,
    id: PackageId,
    remaining: Hundredths,
) -> Result<(), DbError> {
    diesel::update(minute_packages::table.find(id))
        .set(minute_packages::remaining.eq(remaining.0))
        .execute(conn)?;
    Ok(())
}
