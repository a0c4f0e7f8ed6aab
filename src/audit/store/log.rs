//! The log as people read it: the newest first, page by page, however long it is.
//!
//! Every query walks one index in the order of positions and stops after a page. Where several conditions meet,
//! the one that finds least decides the index, and the others are written so that none fits them: the planner
//! has one way to go. A walk that others filter might go far for a page, so it ends after [`LOOKED_AT_MAX`] events;
//! the page says so, and the next goes on from there.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::Row;
use crate::apps;
use crate::audit::{At, Filter, Who};
use crate::clock::UtcTime;
use crate::db::conn::Backend;
use crate::db::schema::{accounts, audit_events, memberships};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, SdkAppId, WorkspaceId};
use crate::workspaces::{Extent, Scope};

/// How many events a page looks at before it leaves the rest to the next.
pub const LOOKED_AT_MAX: i64 = 10_000;

diesel::define_sql_function! {
    /// A number as no index holds it.
    #[sql_name = "COALESCE"]
    fn number_aside(value: Nullable<BigInt>, otherwise: BigInt) -> BigInt;
}

diesel::define_sql_function! {
    /// A text as no index holds it.
    #[sql_name = "COALESCE"]
    fn text_aside(value: Text, otherwise: Text) -> Text;
}

type Query<'q> = diesel::dsl::IntoBoxed<'q, audit_events::table, Backend>;

/// Positions from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: i64,
    /// The one after the last.
    pub end: i64,
}

/// The positions that a workspace's log has now between two moments. Time never goes back along a chain, so two
/// look-ups turn moments into positions.
///
/// # Errors
/// The database's failure.
pub fn span(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (from, until): (Option<UtcTime>, Option<UtcTime>),
) -> Result<Span, DbError> {
    let of_workspace =
        || audit_events::table.filter(audit_events::workspace_id.eq(workspace)).into_boxed();
    let newest: Option<i64> = of_workspace()
        .select(audit_events::position)
        .order(audit_events::position.desc())
        .first(conn)
        .optional()?;
    let after_newest = newest.unwrap_or(0) + 1;
    let mut first_at = |moment: UtcTime| {
        let found: QueryResult<i64> = of_workspace()
            .filter(audit_events::at.ge(moment))
            .select(audit_events::position)
            .order((audit_events::at, audit_events::position))
            .first(conn);
        found.optional()
    };
    let first = match from {
        Some(moment) => first_at(moment)?.unwrap_or(after_newest),
        None => 1,
    };
    let end = match until {
        Some(moment) => first_at(moment)?.unwrap_or(after_newest),
        None => after_newest,
    };
    Ok(Span { first, end: end.min(after_newest) })
}

/// What is read of a log: which events, between which positions.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which events.
    pub filter: Filter,
    /// Within which positions; takes the place of the filter's days.
    pub span: Span,
    /// Which page.
    pub at: At,
    /// Its rows.
    pub size: i64,
}

/// A page of a log.
#[derive(Default)]
pub struct Page {
    /// Its events, the newest first.
    pub rows: Vec<Row>,
    /// What leads to newer ones.
    pub newer: Option<At>,
    /// What leads to older ones.
    pub older: Option<At>,
    /// How many events were looked at, when there may be more that match among those that were not.
    pub looked_at: Option<i64>,
}

/// The index that a walk follows.
enum Walk {
    App(SdkAppId),
    Account(Option<AccountId>),
    Act(&'static str),
    All,
}

impl Walk {
    fn of(filter: &Filter, apps: Option<&[SdkAppId]>) -> Self {
        match (filter, apps) {
            (_, Some([only])) => Self::App(*only),
            (Filter { app: Some(app), .. }, _) => Self::App(*app),
            (Filter { who: Some(Who::Person(id)), .. }, _) => Self::Account(Some(*id)),
            (Filter { act: Some(act), .. }, _) => Self::Act(act.as_str()),
            (Filter { who: Some(Who::Host | Who::System), .. }, _) => Self::Account(None),
            _ => Self::All,
        }
    }

    fn begin<'q>(&self, workspace: WorkspaceId) -> Query<'q> {
        let all = audit_events::table.into_boxed().filter(audit_events::workspace_id.eq(workspace));
        match self {
            Self::App(app) => all.filter(audit_events::sdk_app_id.eq(*app)),
            Self::Account(Some(id)) => all.filter(audit_events::actor_id.eq(id.0)),
            Self::Account(None) => all.filter(audit_events::actor_id.is_null()),
            Self::Act(act) => all.filter(audit_events::act.eq(*act)),
            Self::All => all,
        }
    }

    /// In the order of the index: from the newest, or towards it.
    fn ordered<'q>(&self, query: Query<'q>, is_backward: bool) -> Query<'q> {
        match (self, is_backward) {
            // PostgreSQL does not see that a column which is NULL throughout is in order.
            (Self::Account(None), true) => {
                query.order((audit_events::actor_id, audit_events::position))
            }
            (Self::Account(None), false) => {
                query.order((audit_events::actor_id.desc(), audit_events::position.desc()))
            }
            (_, true) => query.order(audit_events::position),
            (_, false) => query.order(audit_events::position.desc()),
        }
    }

    /// The conditions that this walk does not meet by itself; whether there is one.
    fn narrowed<'q>(
        &self,
        mut query: Query<'q>,
        filter: &Filter,
        apps: Option<&[SdkAppId]>,
    ) -> (Query<'q>, bool) {
        let mut is_narrowed = false;
        if let (Some(apps), Self::Account(_) | Self::Act(_) | Self::All) = (apps, self) {
            let apps: Vec<i64> = apps.iter().map(|app| app.0).collect();
            query = query.filter(number_aside(audit_events::sdk_app_id, 0).eq_any(apps));
            is_narrowed = true;
        }
        if let Some(who) = filter.who {
            // Numbers of accounts and of keys are not told apart by the index.
            query = query.filter(audit_events::actor_kind.eq(who.kind().as_str()));
            is_narrowed = true;
            if let (Who::Person(id), Self::App(_) | Self::Act(_) | Self::All) = (who, self) {
                query = query.filter(number_aside(audit_events::actor_id, 0).eq(id.0));
            }
        }
        if let (Some(act), false) = (filter.act, matches!(self, Self::Act(_))) {
            query = query.filter(text_aside(audit_events::act, "").eq(act.as_str()));
            is_narrowed = true;
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(audit_events::outcome.eq(outcome.as_str()));
            is_narrowed = true;
        }
        (query, is_narrowed)
    }

    /// The positions that are looked at in so many steps from one end of a span. The one that they lead to is
    /// found in the index alone; where all events are walked, positions count themselves.
    fn within(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        span: Span,
        (steps_max, is_backward): (i64, bool),
    ) -> Result<Span, DbError> {
        let far = if is_backward {
            span.first.saturating_add(steps_max)
        } else {
            span.end.saturating_sub(steps_max)
        };
        let far = match self {
            _ if span.end - span.first <= steps_max => None,
            Self::All => Some(far),
            _ => {
                // The number of steps is the same on every page.
                let steps = between(self.begin(workspace), span);
                let steps = self.ordered(steps, is_backward).select(audit_events::position);
                steps.offset(steps_max).first(conn).optional()?
            }
        };
        Ok(match far {
            Some(end) if is_backward => Span { end, ..span },
            Some(before) => Span { first: before + i64::from(!matches!(self, Self::All)), ..span },
            None => span,
        })
    }
}

fn between(query: Query<'_>, span: Span) -> Query<'_> {
    query.filter(audit_events::position.ge(span.first)).filter(audit_events::position.lt(span.end))
}

/// A page of the events in a scope. A member who reaches some apps only sees the events of those.
///
/// # Errors
/// The database's failure.
pub fn events_page(conn: &mut Conn, scope: &Scope, asked: &Asked) -> Result<Page, DbError> {
    let Asked { filter, span, at, size } = asked;
    let apps = apps_in_reach(conn, scope, filter.app)?;
    if apps.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Page::default());
    }
    let apps = apps.as_deref();
    let is_backward = matches!(at, At::Newer(_));
    let from_here = match *at {
        At::Newest => *span,
        At::Older(position) => Span { end: span.end.min(position), ..*span },
        At::Newer(position) => Span { first: span.first.max(position.saturating_add(1)), ..*span },
    };
    let walk = Walk::of(filter, apps);
    let wanted = usize::try_from(*size).unwrap_or(usize::MAX);
    let (mut rows, mut looked_at) = (Vec::<Row>::new(), from_here);
    // Most filters find a page within a few steps; looking far is for those that do not.
    for steps_max in [size.saturating_mul(10), LOOKED_AT_MAX] {
        let (query, is_narrowed) = walk.narrowed(walk.begin(scope.workspace), filter, apps);
        if is_narrowed {
            let steps = (steps_max.min(LOOKED_AT_MAX), is_backward);
            looked_at = walk.within(conn, scope.workspace, from_here, steps)?;
        }
        let query = walk.ordered(between(query, looked_at), is_backward).limit(size + 1);
        rows = query.select(Row::as_select()).load(conn)?;
        if rows.len() > wanted || looked_at == from_here || steps_max >= LOOKED_AT_MAX {
            break;
        }
    }
    let is_full = rows.len() > wanted;
    rows.truncate(wanted);
    if is_backward {
        rows.reverse();
    }
    let is_cut = !is_full && looked_at != from_here;
    let newest = rows.first().map(|row| row.position);
    let oldest = rows.last().map(|row| row.position);
    let (newer, older) = if is_backward {
        let on = if is_cut { Some(looked_at.end - 1) } else { newest.filter(|_| is_full) };
        (on, Some(oldest.unwrap_or(from_here.first)))
    } else {
        let on = if is_cut { Some(looked_at.first) } else { oldest.filter(|_| is_full) };
        let back = (*at != At::Newest).then(|| newest.unwrap_or(from_here.end - 1));
        (back, on)
    };
    Ok(Page {
        rows,
        newer: newer.map(At::Newer),
        older: older.map(At::Older),
        looked_at: is_cut.then_some(LOOKED_AT_MAX),
    })
}

/// The apps that limit what is seen; `None` for a scope of the whole workspace, where events of deleted apps and
/// of none belong to what is seen.
fn apps_in_reach(
    conn: &mut Conn,
    scope: &Scope,
    app: Option<SdkAppId>,
) -> Result<Option<Vec<SdkAppId>>, DbError> {
    match scope.extent {
        Extent::All => Ok(None),
        _ => apps::store::ids_in_scope(conn, scope, app).map(Some),
    }
}

/// One event of a scope.
///
/// # Errors
/// The database's failure.
pub fn event(conn: &mut Conn, scope: &Scope, position: i64) -> Result<Option<Row>, DbError> {
    let found = audit_events::table.find((scope.workspace, position)).select(Row::as_select());
    let Some(row) = found.first(conn).optional()? else { return Ok(None) };
    let is_seen = match (&scope.extent, row.sdk_app_id) {
        (Extent::All, _) => true,
        (_, None) => false,
        (_, Some(app)) => !apps::store::ids_in_scope(conn, scope, Some(app))?.is_empty(),
    };
    Ok(is_seen.then_some(row))
}

/// The members of the workspace by name, for the choice of whose events are shown.
///
/// # Errors
/// The database's failure.
pub fn people(conn: &mut Conn, scope: &Scope) -> Result<Vec<(AccountId, String)>, DbError> {
    Ok(memberships::table
        .inner_join(accounts::table)
        .filter(memberships::workspace_id.eq(scope.workspace))
        .select((accounts::id, accounts::name))
        .order((accounts::name, accounts::id))
        .limit(500)
        .load(conn)?)
}
