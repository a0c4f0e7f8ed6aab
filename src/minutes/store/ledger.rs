//! Queries on the ledger.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::balance;
use crate::apps::store::ids_in_scope;
use crate::audit::At;
use crate::clock::{Day, UtcTime};
use crate::db::conn::Backend;
use crate::db::schema::{apps, minute_ledgers, minute_postings};
use crate::db::{Conn, DbError, bulk};
use crate::ids::{PackageId, SdkAppId, WorkspaceId};
use crate::minutes::{AlertLine, Level, Package, Posting, PostingKind, Standing};
use crate::workspaces::{Extent, Scope};

/// A workspace's ledger while it is held.
#[derive(Clone, Copy, Debug)]
pub struct Ledger {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The position of the last posting.
    pub position: i64,
    /// The line of its alerts.
    pub line: AlertLine,
    /// What was last known of the balance.
    pub level: Level,
}

/// Makes the ledger of a new workspace.
///
/// # Errors
/// The database's failure.
pub fn ledger_insert(conn: &mut Conn, workspace: WorkspaceId) -> Result<(), DbError> {
    diesel::insert_into(minute_ledgers::table)
        .values(minute_ledgers::workspace_id.eq(workspace))
        .execute(conn)?;
    Ok(())
}

/// Holds a workspace's ledger until the transaction ends: packages and postings change one after the other.
///
/// # Errors
/// The database's failure, as which a workspace without a ledger counts.
pub fn ledger_hold(conn: &mut Conn, workspace: WorkspaceId) -> Result<Ledger, DbError> {
    // A write that changes nothing: the lock that both databases know.
    let (position, line, level) = diesel::update(minute_ledgers::table.find(workspace))
        .set(minute_ledgers::position.eq(minute_ledgers::position))
        .returning((minute_ledgers::position, minute_ledgers::alert_line, minute_ledgers::level))
        .get_result(conn)?;
    Ok(Ledger { workspace, position, line: AlertLine::of(line), level })
}

/// Posts to a ledger that is held.
///
/// # Errors
/// The database's failure, as which a part of a day counts that was posted before.
pub fn ledger_append(
    conn: &mut Conn,
    ledger: &mut Ledger,
    postings: &[(UtcTime, Posting)],
) -> Result<(), DbError> {
    /// Rows of one statement.
    const ROWS: usize = 1_000;
    for rows in postings.chunks(ROWS) {
        let first = ledger.position + 1;
        let of = || rows.iter().map(|(_, posting)| posting.of);
        let days: Vec<_> = of().map(|of| of.map(|of| of.day.to_string())).collect();
        let given = bulk::Given::new()
            .numbers("workspace_id", rows.iter().map(|_| ledger.workspace.0))
            .numbers("position", (first..).zip(rows).map(|(place, _)| place))
            .numbers("at", rows.iter().map(|(at, _)| at.0))
            .texts("kind", rows.iter().map(|(_, posting)| posting.kind.as_str()))
            .numbers("amount", rows.iter().map(|(_, posting)| posting.amount.0))
            .numbers_or_none("package_id", rows.iter().map(|(_, it)| it.package.map(|id| id.0)))
            .numbers_or_none("sdk_app_id", of().map(|of| of.map(|of| of.app.0)))
            .texts_or_none("day", days.iter().map(Option::as_deref))
            .numbers_or_none("part", of().map(|of| of.map(|of| of.part)))
            .numbers_or_none("settled", of().map(|of| of.map(|of| of.settled.0)));
        ledger.position += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        bulk::insert(conn, "minute_postings", &given, "")?;
    }
    diesel::update(minute_ledgers::table.find(ledger.workspace))
        .set(minute_ledgers::position.eq(ledger.position))
        .execute(conn)?;
    Ok(())
}

/// Notes how much is left now in a ledger that is held. How the minutes stand, when there are fewer than was known.
///
/// # Errors
/// The database's failure.
pub fn level_follow(
    conn: &mut Conn,
    ledger: &mut Ledger,
    now: UtcTime,
) -> Result<Option<Standing>, DbError> {
    let balance = balance(conn, &Scope::whole(ledger.workspace), now)?;
    let standing = Standing { balance, line: ledger.line };
    let (before, level) = (ledger.level, standing.level());
    if level == before {
        return Ok(None);
    }
    diesel::update(minute_ledgers::table.find(ledger.workspace))
        .set(minute_ledgers::level.eq(level))
        .execute(conn)?;
    ledger.level = level;
    Ok((level > before).then_some(standing))
}

/// Sets the line of a ledger that is held.
///
/// # Errors
/// The database's failure.
pub fn alert_line_set(
    conn: &mut Conn,
    ledger: &mut Ledger,
    line: AlertLine,
) -> Result<(), DbError> {
    diesel::update(minute_ledgers::table.find(ledger.workspace))
        .set(minute_ledgers::alert_line.eq(line.stored()))
        .execute(conn)?;
    ledger.line = line;
    Ok(())
}

/// A posting as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Entry {
    /// Its place, from 1.
    pub position: i64,
    /// When it was posted.
    pub at: UtcTime,
    /// Why.
    pub kind: PostingKind,
    /// How many hundredths of minutes.
    pub amount: i64,
    /// The package.
    pub package: Option<PackageId>,
    /// The app.
    pub app: Option<SdkAppId>,
    /// Its day.
    pub day: Option<Day>,
}

/// A page of a ledger.
#[derive(Default)]
pub struct Page {
    /// Its postings, the newest first.
    pub entries: Vec<Entry>,
    /// Their packages.
    pub packages: Vec<Package>,
    /// The names of their apps, but for those that were deleted.
    pub apps: Vec<(SdkAppId, String)>,
    /// What leads to newer ones.
    pub newer: Option<At>,
    /// What leads to older ones.
    pub older: Option<At>,
}

/// A page of the postings in a scope. A member who reaches some apps only sees the usage of those, and what is of no app.
///
/// # Errors
/// The database's failure.
pub fn postings_page(conn: &mut Conn, scope: &Scope, at: At, size: i64) -> Result<Page, DbError> {
    let mut query: diesel::dsl::IntoBoxed<'_, minute_postings::table, Backend> =
        minute_postings::table
            .into_boxed()
            .filter(minute_postings::workspace_id.eq(scope.workspace));
    if scope.extent != Extent::All {
        let ids = ids_in_scope(conn, scope, None)?;
        let of_these = minute_postings::sdk_app_id.eq_any(ids.into_iter().map(Some));
        query = query.filter(minute_postings::sdk_app_id.is_null().or(of_these));
    }
    query = match at {
        At::Newest => query.order(minute_postings::position.desc()),
        At::Older(position) => query
            .filter(minute_postings::position.lt(position))
            .order(minute_postings::position.desc()),
        At::Newer(position) => {
            query.filter(minute_postings::position.gt(position)).order(minute_postings::position)
        }
    };
    let mut entries: Vec<Entry> = query
        .limit(size + 1)
        .select((
            minute_postings::position,
            minute_postings::at,
            minute_postings::kind,
            minute_postings::amount,
            minute_postings::package_id,
            minute_postings::sdk_app_id,
            minute_postings::day,
        ))
        .load(conn)?;
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let is_full = entries.len() > wanted;
    entries.truncate(wanted);
    let is_backward = matches!(at, At::Newer(_));
    if is_backward {
        entries.reverse();
    }
    let (newest, oldest) =
        (entries.first().map(|it| it.position), entries.last().map(|it| it.position));
    let (newer, older) = match at {
        At::Newest => (None, oldest.filter(|_| is_full)),
        At::Older(position) => {
            (Some(newest.unwrap_or(position.saturating_sub(1))), oldest.filter(|_| is_full))
        }
        At::Newer(position) => {
            (newest.filter(|_| is_full), Some(oldest.unwrap_or(position.saturating_add(1))))
        }
    };
    let packages: BTreeSet<_> = entries.iter().filter_map(|it| it.package).collect();
    let named: BTreeSet<_> = entries.iter().filter_map(|it| it.app).collect();
    Ok(Page {
        packages: super::packages_named(conn, scope.workspace, packages)?,
        apps: apps::table
            .filter(apps::sdk_app_id.eq_any(named))
            .filter(apps::deleted_at.is_null())
            .select((apps::sdk_app_id, apps::name))
            .load(conn)?,
        entries,
        newer: newer.map(At::Newer),
        older: older.map(At::Older),
    })
}
