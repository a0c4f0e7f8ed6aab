//! The list of apps: search, filters, order and page as one query.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::super::list::{At, Cursor, Place};
use super::super::{App, Filter, Service, Sort, StatusFilter, Switch, name};
use super::{Query, in_scope, or_else};
use crate::clock::{UtcTime, days};
use crate::db::schema::{app_tags, apps};
use crate::db::{Conn, DbError};
use crate::ids::SdkAppId;
use crate::plans::validity::DUE_DAYS;
use crate::workspaces::Scope;

/// A page of a list.
pub struct Page {
    /// Its apps.
    pub rows: Vec<App>,
    /// How many apps there are on all pages.
    pub total: i64,
    /// Where the page before ends.
    pub previous: Option<Cursor>,
    /// Where the page after begins.
    pub next: Option<Cursor>,
}

/// A page of the apps in a scope. One query, but for a page beyond the end.
///
/// # Errors
/// The database's failure.
pub fn apps_page(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    now: UtcTime,
) -> Result<Page, DbError> {
    let size = usize::from(filter.size.0);
    let is_backward = matches!(filter.at, At::Before(_));
    // Leading up to a row is following it in the opposite order.
    let is_descending = filter.order.is_descending != is_backward;
    let query = begun(narrowed(scope, filter, now), filter, is_descending);
    let query = match (filter.order.by, is_descending) {
        (Sort::Created, false) => query.order((apps::created_at, apps::sdk_app_id)),
        (Sort::Created, true) => query.order((apps::created_at.desc(), apps::sdk_app_id.desc())),
        (Sort::Name, false) => query.order((apps::name_key, apps::sdk_app_id)),
        (Sort::Name, true) => query.order((apps::name_key.desc(), apps::sdk_app_id.desc())),
        (Sort::Expires, false) => {
            query.order((or_else(apps::plan_ends_at, i64::MAX), apps::sdk_app_id))
        }
        (Sort::Expires, true) => {
            query.order((or_else(apps::plan_ends_at, i64::MAX).desc(), apps::sdk_app_id.desc()))
        }
    };
    let total = narrowed(scope, filter, now).count().single_value();
    let mut rows: Vec<(App, Option<i64>)> =
        query.select((App::as_select(), total)).limit(i64::from(filter.size.0) + 1).load(conn)?;
    let has_more = rows.len() > size;
    rows.truncate(size);
    if is_backward {
        rows.reverse();
    }
    let (has_previous, has_next) =
        if is_backward { (has_more, true) } else { (filter.at != At::Start, has_more) };
    let cursor =
        |row: Option<&(App, Option<i64>)>| row.map(|(app, ..)| Cursor::of(app, filter.order.by));
    let total = match rows.first() {
        Some((.., total)) => total.unwrap_or(0),
        // Beyond the end there is no row to tell it.
        None if filter.at != At::Start => narrowed(scope, filter, now).count().get_result(conn)?,
        None => 0,
    };
    Ok(Page {
        previous: cursor(rows.first()).filter(|_| has_previous),
        next: cursor(rows.last()).filter(|_| has_next),
        total,
        rows: rows.into_iter().map(|(app, _)| app).collect(),
    })
}

fn narrowed<'q>(scope: &Scope, filter: &Filter, now: UtcTime) -> Query<'q> {
    let mut query = in_scope(scope);
    match filter.service {
        Some(Service::Rtc) => query = query.filter(apps::rtc.eq(true)),
        Some(Service::Im) => query = query.filter(apps::im.eq(true)),
        None => {}
    }
    let due = now.plus(days(DUE_DAYS.unsigned_abs()));
    let enabled = apps::switch.eq(Switch::Enabled);
    match filter.status {
        Some(StatusFilter::Enabled) => {
            query = query
                .filter(enabled)
                .filter(apps::plan_ends_at.is_null().or(apps::plan_ends_at.gt(due)));
        }
        Some(StatusFilter::Disabled) => query = query.filter(apps::switch.eq(Switch::Disabled)),
        Some(StatusFilter::Expired) => {
            query = query.filter(enabled).filter(apps::plan_ends_at.le(now));
        }
        Some(StatusFilter::Due) => {
            query = query
                .filter(enabled)
                .filter(apps::plan_ends_at.gt(now))
                .filter(apps::plan_ends_at.le(due));
        }
        None => {}
    }
    if filter.search.is_empty() { query } else { searched(query, &filter.search) }
}

/// A part of a name, the first part of an App ID, a number, a tag's key, value or pair.
fn searched<'q>(query: Query<'q>, text: &str) -> Query<'q> {
    let like = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let named = apps::name_key
        .like(format!("%{}%", like(&name::folded(text))))
        .escape('\\')
        .or(apps::app_id.like(format!("{}%", like(&text.to_lowercase()))).escape('\\'))
        .or(apps::sdk_app_id.eq(text.parse().unwrap_or(SdkAppId(0))));
    let tags = app_tags::table.filter(app_tags::sdk_app_id.eq(apps::sdk_app_id));
    match text.split_once('=') {
        Some((key, value)) => {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            let pair = app_tags::key.eq(key).and(app_tags::value.eq(value));
            query.filter(named.or(exists(tags.filter(pair))))
        }
        None => {
            let half = app_tags::key.eq(text.to_owned()).or(app_tags::value.eq(text.to_owned()));
            query.filter(named.or(exists(tags.filter(half))))
        }
    }
}

fn begun<'q>(query: Query<'q>, filter: &Filter, is_descending: bool) -> Query<'q> {
    let (At::After(cursor) | At::Before(cursor)) = &filter.at else { return query };
    let id = cursor.id;
    macro_rules! beyond {
        ($column:expr, $place:expr) => {{
            let same = $column.eq($place);
            if is_descending {
                query.filter($column.lt($place).or(same.and(apps::sdk_app_id.lt(id))))
            } else {
                query.filter($column.gt($place).or(same.and(apps::sdk_app_id.gt(id))))
            }
        }};
    }
    match (filter.order.by, &cursor.place) {
        (Sort::Created, Place::Number(place)) => beyond!(apps::created_at, UtcTime(*place)),
        (Sort::Expires, Place::Number(place)) => {
            beyond!(or_else(apps::plan_ends_at, i64::MAX), *place)
        }
        (Sort::Name, Place::Text(place)) => beyond!(apps::name_key, place.clone()),
        // Another order's cursor is not read in the first place.
        _ => query,
    }
}
