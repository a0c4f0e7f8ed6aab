//! `/v1/apps`: apps for programs.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::actions::{self, Creator};
use super::list::{At, Cursor};
use super::owned::caller;
use super::store;
use super::wire::{CreateJson, EditJson};
use super::{
    App, AppType, DisabledBy, Filter, Order, OwnedByKey, PageSize, Scenario, Service, Switch,
};
use crate::api_keys::ApiScope;
use crate::audit::{Act, Target};
use crate::db::DbError;
use crate::error::{AppError, FieldRefusal, Refusal};
use crate::plans::PlanCode;
use crate::problem::Problem;
use crate::web::body::{Json, Query};
use crate::web::faults::in_words;
use crate::web::refusals::note_program;
use crate::web::{Cx, Need, Routes};
use crate::workspaces::{Extent, store::time_zone};

/// Mounts the API.
pub fn routes(routes: &mut Routes) {
    let (read, write) = (Need::Key(ApiScope::AppsRead), Need::Key(ApiScope::AppsWrite));
    routes.api(Method::GET, "/v1/apps", read, list);
    routes.api(Method::POST, "/v1/apps", write, create);
    routes.api(Method::GET, "/v1/apps/{sdk_app_id}", read, show);
    routes.api(Method::PATCH, "/v1/apps/{sdk_app_id}", write, edit);
}

/// An app as JSON. Never a secret.
#[derive(Serialize)]
pub struct AppJson {
    sdk_app_id: i64,
    app_id: String,
    account_type: i64,
    name: String,
    scenario: Scenario,
    services: Vec<Service>,
    #[serde(rename = "type")]
    app_type: Option<AppType>,
    description: String,
    platforms: Vec<&'static str>,
    tags: BTreeMap<String, String>,
    status: Switch,
    disabled_by: Option<DisabledBy>,
    plan: PlanCode,
    plan_ends_at: Option<String>,
    recording: bool,
    time_zone: String,
    created_at: String,
    changed_at: String,
    version: i64,
}

impl AppJson {
    /// The JSON of an app with its tags.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self {
            sdk_app_id: app.sdk_app_id.0,
            app_id: app.app_id.to_string(),
            account_type: app.account_type,
            name: app.name.clone(),
            scenario: app.scenario,
            services: app.services().each().collect(),
            app_type: app.app_type,
            description: app.description.clone(),
            platforms: app.platforms().words().collect(),
            tags: app.tags.all().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
            status: app.switch,
            disabled_by: app.disabled_by,
            plan: app.plan,
            plan_ends_at: app.plan_ends_at.map(|end| end.to_string()),
            recording: app.recording,
            time_zone: app.statistics_zone.clone(),
            created_at: app.created_at.to_string(),
            changed_at: app.changed_at.to_string(),
            version: app.version,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    #[serde(default)]
    q: String,
    /// The cursor that the last answer gave as `next`.
    #[serde(default)]
    after: String,
}

#[derive(Serialize)]
struct ListJson {
    apps: Vec<AppJson>,
    total: i64,
    next: Option<String>,
}

/// `GET /v1/apps`: 50 at a time, the newest first.
async fn list(
    req: HttpRequest,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, AppError> {
    let scope = caller(&req)?.scope.clone();
    let at = match query.after.as_str() {
        "" => At::Start,
        text => At::After(
            Cursor::decode(text, Order::NEWEST.by)
                .ok_or_else(|| AppError::BadRequest("after is not a cursor of ours".into()))?,
        ),
    };
    let search = query.q.trim().chars().filter(|c| !c.is_control()).take(100).collect();
    let filter = Filter { search, size: PageSize(50), at, ..Filter::default() };
    let now = cx.now();
    let found = cx.services.db.read(move |conn| store::apps_page(conn, &scope, &filter, now));
    let page = found.await?;
    let apps = page.rows.iter().map(AppJson::new).collect();
    let next = page.next.map(|cursor| cursor.encode());
    Ok(HttpResponse::Ok().json(ListJson { apps, total: page.total, next }))
}

/// `GET /v1/apps/{sdk_app_id}`.
async fn show(owned: OwnedByKey) -> HttpResponse {
    HttpResponse::Ok().json(AppJson::new(&owned.app))
}

/// What the quota or another app forbids, with a stable word.
fn refused(problem: &Problem) -> AppError {
    let (status, word, field) = match problem {
        Problem::NameTaken => (409, "name-taken", "name"),
        Problem::RtcQuota { .. } | Problem::ImQuota { .. } => (409, "quota-reached", "services"),
        Problem::NoMinutes => (409, "no-minutes", "services"),
        Problem::ChangedMeanwhile => (409, "changed-meanwhile", "version"),
        Problem::TooManyTags { .. } => (422, "invalid", "tags"),
        _ => (422, "invalid", "name"),
    };
    let detail = in_words(problem);
    let fields = vec![FieldRefusal { index: None, field, detail: detail.clone() }];
    AppError::Refused(Box::new(Refusal { status, word, detail, fields }))
}

/// `POST /v1/apps`.
async fn create(
    req: HttpRequest,
    cx: Cx,
    Json(input): Json<CreateJson>,
) -> Result<HttpResponse, AppError> {
    let caller = caller(&req)?;
    let (scope, by) = (caller.scope.clone(), cx.actor().as_program(&caller));
    if matches!(scope.extent, Extent::One(_)) {
        // A key for one app makes no others.
        return Err(AppError::Forbidden);
    }
    let new = input.parse()?;
    let workspace = scope.workspace;
    let db = &cx.services.db;
    let zone = db.read::<_, DbError>(move |conn| time_zone(conn, workspace)).await?;
    let zone = zone.ok_or(AppError::NotFound)?;
    let done = actions::create(&cx.services, scope, (Creator::Program, by), new, &zone).await?;
    let id = done.map_err(|problem| refused(&problem))?;
    let stored = super::owned::app_anywhere(db, id).await?;
    let (app, _) = stored.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Created()
        .insert_header(("location", format!("/v1/apps/{id}")))
        .json(AppJson::new(&app)))
}

/// `PATCH /v1/apps/{sdk_app_id}`.
async fn edit(
    cx: Cx,
    owned: OwnedByKey,
    Json(input): Json<EditJson>,
) -> Result<HttpResponse, AppError> {
    if input.switches(&owned.app) {
        let act =
            if owned.app.switch == Switch::Enabled { Act::DisableApp } else { Act::EnableApp };
        note_program(&cx, &owned.caller, act, Some(Target::from(&owned.app))).await?;
        return Err(AppError::StepUpRequired);
    }
    let (change, version) = input.parse(&owned.app)?;
    let (id, scope) = (owned.app.sdk_app_id, owned.caller.scope.clone());
    let by = cx.actor().as_program(&owned.caller);
    let done = actions::edit(&cx.services, scope, id, version, change, by).await?;
    done.map_err(|problem| refused(&problem))?;
    let stored = super::owned::app_anywhere(&cx.services.db, id).await?;
    let (app, _) = stored.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok().json(AppJson::new(&app)))
}
