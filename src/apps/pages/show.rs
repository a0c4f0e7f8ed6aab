//! `GET /apps/{sdk_app_id}`: an app's own overview.

use actix_web::HttpResponse;
use askama::Template;

use super::list::{limits_in_words, short_service};
use crate::apps::{Owned, Status, Tags};
use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::overview::{self, Of, Trend, TrendQuery};
use crate::plans;
use crate::stats::Tab;
use crate::web::body::Query;
use crate::web::shell::Link;
use crate::web::{Crumb, Cx, Section, Shell, urls};
use crate::workspaces::Permission;

#[derive(Template)]
#[template(path = "apps/show.html")]
struct ShowPage {
    shell: Shell,
    name: String,
    trail: Vec<Crumb>,
    picker: Vec<Link>,
    may_write: bool,
    may_mint: bool,
    certificates: Option<String>,
    state: &'static str,
    state_word: &'static str,
    services: Vec<&'static str>,
    scenario: &'static str,
    warning: Option<String>,
    app_id: String,
    sdk_app_id: String,
    account_type: i64,
    app_type: &'static str,
    description: String,
    platforms: String,
    tags: Tags,
    statistics_zone: String,
    created: String,
    changed: String,
    plan: &'static str,
    expires: String,
    limits: Vec<(&'static str, String)>,
    is_recorded: bool,
    edit: String,
    tokens: String,
    trend: Trend,
    /// The reports; absent when the role may not read them.
    statistics: Option<String>,
}

/// A moment to the minute.
pub(super) fn minute(at: UtcTime, zone: &Zone) -> String {
    at.in_zone(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

fn warning(owned: &Owned, now: UtcTime, zone: &Zone, t: Texts) -> Option<String> {
    let end = owned.app.plan_ends_at.map(|end| end.day(zone).to_string()).unwrap_or_default();
    match owned.app.status(now) {
        Status::Enabled => None,
        Status::Due { .. } => Some(t.note_due(&end)),
        Status::Expired => Some(t.note_expired(&end)),
        Status::Disabled => owned.app.disabled_by.map(|by| by.note(t).to_owned()),
    }
}

/// `GET /apps/{sdk_app_id}`.
pub(super) async fn show(
    cx: Cx,
    owned: Owned,
    Query(query): Query<TrendQuery>,
) -> Result<HttpResponse, AppError> {
    let (t, now, zone, app) = (cx.t(), cx.now(), cx.zone(), &owned.app);
    let (id, scope) = (owned.id(), owned.member.seat().scope.clone());
    let days = Zone::named(&app.statistics_zone).unwrap_or_else(Zone::utc);
    let born = app.created_at.day(&days);
    let today = now.day(&days);
    let asked = query.metric;
    let of = Of { app: Some(id), services: app.services() };
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let trend = overview::trend(conn, &scope, of, (born, today), &asked)?;
        Ok((trend, plans::store::limits(conn)?))
    });
    let (trend, limits) = found.await?;
    let limits = limits.get(&app.plan).copied().unwrap_or_default();
    let seat = owned.member.seat();
    let status = app.status(now);
    let platforms: Vec<_> = app.platforms().names().collect();
    let page = ShowPage {
        shell: cx.shell(&owned.member, Section::Apps, app.name.clone()),
        name: app.name.clone(),
        trail: vec![Crumb { href: urls::APPS.into(), words: t.apps().into() }],
        picker: owned.picker(urls::app),
        may_write: seat.may(Permission::WriteApps),
        may_mint: seat.may(Permission::MintTokens),
        certificates: seat.may(Permission::ManageCertificates).then(|| urls::certificates(id)),
        state: status.kind(),
        state_word: status.name(t),
        services: app.services().each().map(short_service).collect(),
        scenario: app.scenario.name(t),
        warning: warning(&owned, now, &zone, t),
        app_id: app.app_id.to_string(),
        sdk_app_id: id.to_string(),
        account_type: app.account_type,
        app_type: app.app_type.map_or("", |one| one.name(t)),
        description: app.description.clone(),
        platforms: platforms.join(" · "),
        statistics_zone: app.statistics_zone.clone(),
        created: minute(app.created_at, &zone),
        changed: minute(app.changed_at, &zone),
        plan: app.plan.name(t),
        expires: app.plan_ends_at.map_or_else(|| t.never().to_owned(), |end| minute(end, &zone)),
        limits: limits_in_words(&limits, t),
        is_recorded: app.recording,
        edit: urls::edit_app(id),
        tokens: urls::tokens(id),
        tags: owned.app.tags,
        trend: trend.in_words(t),
        statistics: (seat.may(Permission::ReadStatistics))
            .then(|| urls::statistics(Some(id), Tab::Overview)),
    };
    cx.page(&page)
}
