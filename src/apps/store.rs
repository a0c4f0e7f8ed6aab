//! Queries on apps. Every one that reads a workspace's rows takes its scope.

mod list;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

pub use list::{Page, apps_page};

use super::{App, AppName, AppType, Platforms, Scenario, Services, Switch, Tags};
use crate::clock::UtcTime;
use crate::db::conn::Backend;
use crate::db::schema::{app_tags, apps, membership_apps, minute_packages, workspaces};
use crate::db::{Conn, Constraint, DbError, Stop, dialect};
use crate::ids::{AppId, SdkAppId, WorkspaceId};
use crate::plans::PlanCode;
use crate::problem::Problem;
use crate::workspaces::{Extent, Scope};

diesel::define_sql_function! {
    /// The first that is not NULL.
    #[sql_name = "COALESCE"]
    fn or_else(value: Nullable<BigInt>, otherwise: BigInt) -> BigInt;
}

diesel::define_sql_function! {
    /// Texts in one, with something between them.
    #[aggregate]
    fn string_agg(text: Text, between: Text) -> Nullable<Text>;
}

type Query<'q> = diesel::dsl::IntoBoxed<'q, apps::table, Backend>;

/// The apps that a scope covers. All queries begin here.
fn in_scope<'q>(scope: &Scope) -> Query<'q> {
    let all = apps::table
        .into_boxed()
        .filter(apps::workspace_id.eq(scope.workspace))
        .filter(apps::deleted_at.is_null());
    match &scope.extent {
        Extent::All => all,
        Extent::One(app) => all.filter(apps::sdk_app_id.eq(*app)),
        Extent::Listed(membership) => all.filter(
            apps::sdk_app_id.eq_any(
                membership_apps::table
                    .filter(membership_apps::membership_id.eq(*membership))
                    .select(membership_apps::sdk_app_id),
            ),
        ),
        Extent::Tagged { key, value } => all.filter(exists(
            app_tags::table
                .filter(app_tags::sdk_app_id.eq(apps::sdk_app_id))
                .filter(app_tags::key.eq(key.clone()))
                .filter(app_tags::value.eq(value.clone())),
        )),
    }
}

/// The numbers of the apps that a scope covers, or of one of them, for queries on what belongs to
/// apps.
///
/// # Errors
/// The database's failure.
pub fn ids_in_scope(
    conn: &mut Conn,
    scope: &Scope,
    app: Option<SdkAppId>,
) -> Result<Vec<SdkAppId>, DbError> {
    let mut query = in_scope(scope);
    if let Some(app) = app {
        query = query.filter(apps::sdk_app_id.eq(app));
    }
    Ok(query.select(apps::sdk_app_id).load(conn)?)
}

/// The tags of the app that a query is on, `key=value` a line, in no order.
#[diesel::dsl::auto_type]
pub(super) fn tag_lines() -> _ {
    let (equals, line_end): (&'static str, &'static str) = ("=", "\n");
    let pair = app_tags::key.concat(equals).concat(app_tags::value);
    app_tags::table
        .filter(app_tags::sdk_app_id.eq(apps::sdk_app_id))
        .select(string_agg(pair, line_end))
        .single_value()
}

/// One app of a scope.
///
/// # Errors
/// The database's failure.
pub fn app_by_id(conn: &mut Conn, scope: &Scope, id: SdkAppId) -> Result<Option<App>, DbError> {
    Ok(in_scope(scope)
        .filter(apps::sdk_app_id.eq(id))
        .select(App::as_select())
        .first(conn)
        .optional()?)
}

/// The number behind an App ID in a scope.
///
/// # Errors
/// The database's failure.
pub fn id_by_app_id(
    conn: &mut Conn,
    scope: &Scope,
    app_id: &str,
) -> Result<Option<SdkAppId>, DbError> {
    Ok(in_scope(scope)
        .filter(apps::app_id.eq(app_id.to_lowercase()))
        .select(apps::sdk_app_id)
        .first(conn)
        .optional()?)
}

/// Names of the apps in a scope, for the picker.
///
/// # Errors
/// The database's failure.
pub fn app_names(
    conn: &mut Conn,
    scope: &Scope,
    max: i64,
) -> Result<Vec<(SdkAppId, String)>, DbError> {
    Ok(in_scope(scope)
        .select((apps::sdk_app_id, apps::name))
        .order((apps::name_key, apps::sdk_app_id))
        .limit(max)
        .load(conn)?)
}

/// An app as statistics list it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = apps, treat_none_as_default_value = false)]
pub struct Listed {
    /// Its number.
    pub sdk_app_id: SdkAppId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: UtcTime,
    /// The zone that its days are of.
    pub statistics_zone: String,
}

/// Apps of a scope in the order of their numbers, from the one after `after` on.
///
/// # Errors
/// The database's failure.
pub fn apps_after(
    conn: &mut Conn,
    scope: &Scope,
    after: SdkAppId,
    max: i64,
) -> Result<Vec<Listed>, DbError> {
    Ok(in_scope(scope)
        .filter(apps::sdk_app_id.gt(after))
        .select(Listed::as_select())
        .order(apps::sdk_app_id)
        .limit(max)
        .load(conn)?)
}

/// When the oldest app of a scope was created; `None` without apps.
///
/// # Errors
/// The database's failure.
pub fn oldest_app(conn: &mut Conn, scope: &Scope) -> Result<Option<UtcTime>, DbError> {
    Ok(in_scope(scope).select(diesel::dsl::min(apps::created_at)).first(conn)?)
}

/// The tags of the apps of a workspace, in their order: key, value and app.
///
/// # Errors
/// The database's failure.
pub fn app_tags_of(
    conn: &mut Conn,
    workspace: WorkspaceId,
    max: i64,
) -> Result<Vec<(String, String, SdkAppId)>, DbError> {
    Ok(app_tags::table
        .inner_join(apps::table)
        .filter(apps::workspace_id.eq(workspace))
        .select((app_tags::key, app_tags::value, app_tags::sdk_app_id))
        .order((app_tags::key, app_tags::value, app_tags::sdk_app_id))
        .limit(max)
        .load(conn)?)
}

/// What the overview needs of an app.
#[derive(Clone, Debug, Queryable)]
pub struct Brief {
    /// The app.
    pub id: SdkAppId,
    /// Its name.
    pub name: String,
    /// Whether it has audio and video.
    pub rtc: bool,
    /// Its switch.
    pub switch: Switch,
    /// Its plan.
    pub plan: PlanCode,
    /// When the plan ends.
    pub plan_ends_at: Option<UtcTime>,
    /// When it was created.
    pub created_at: UtcTime,
}

/// All apps of a scope in brief, those whose plans end first in front; workspaces hold a few hundred at most.
///
/// # Errors
/// The database's failure.
pub fn apps_in_brief(conn: &mut Conn, scope: &Scope) -> Result<Vec<Brief>, DbError> {
    Ok(in_scope(scope)
        .select((
            apps::sdk_app_id,
            apps::name,
            apps::rtc,
            apps::switch,
            apps::plan,
            apps::plan_ends_at,
            apps::created_at,
        ))
        .order((or_else(apps::plan_ends_at, i64::MAX), apps::sdk_app_id))
        .limit(10_000)
        .load(conn)?)
}

/// Takes a place of the quota for each service, or none at all: one conditional statement, so
/// that parallel creates cannot all see the same free place. RTC also needs minutes.
///
/// # Errors
/// The database's failure.
pub fn quota_take(
    conn: &mut Conn,
    workspace: WorkspaceId,
    services: Services,
    now: UtcTime,
) -> Result<bool, DbError> {
    let (rtc, im) = (i64::from(services.rtc), i64::from(services.im));
    let minutes = minute_packages::table
        .filter(minute_packages::workspace_id.eq(workspace))
        .filter(minute_packages::remaining.gt(0))
        .filter(minute_packages::starts_at.le(now))
        .filter(minute_packages::expires_at.gt(now));
    let mut update = diesel::update(workspaces::table.find(workspace))
        .set((
            workspaces::rtc_apps.eq(workspaces::rtc_apps + rtc),
            workspaces::im_apps.eq(workspaces::im_apps + im),
        ))
        .into_boxed();
    if services.rtc {
        update = update
            .filter(workspaces::rtc_apps.lt(workspaces::rtc_apps_max))
            .filter(exists(minutes));
    }
    if services.im {
        update = update.filter(workspaces::im_apps.lt(workspaces::im_apps_max));
    }
    let taken = update.execute(conn)?;
    Ok(taken == 1)
}

/// A new app.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// Its name.
    pub name: AppName,
    /// What it is used for.
    pub scenario: Scenario,
    /// The kind of product.
    pub app_type: Option<AppType>,
    /// A few words for later.
    pub description: String,
    /// What it can do.
    pub services: Services,
    /// Its tags.
    pub tags: Tags,
}

/// What the workspace decides of a new app.
pub struct Terms {
    /// Its name for clients.
    pub app_id: AppId,
    /// Its plan.
    pub plan: PlanCode,
    /// When the plan ends.
    pub plan_ends_at: Option<UtcTime>,
    /// The zone in which its days are counted.
    pub statistics_zone: String,
}

/// The number of the first app's account type.
const ACCOUNT_TYPE_FIRST: i64 = 36_862;
/// The first SDKAppID.
const SDK_APP_ID_FIRST: i64 = 1_400_000_001;

/// Stores a new app with its tags.
///
/// # Errors
/// [`Problem::NameTaken`], or the database's failure.
pub fn app_insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewApp,
    terms: &Terms,
    now: UtcTime,
) -> Result<SdkAppId, Stop<Problem>> {
    let id: SdkAppId = diesel::insert_into(apps::table)
        .values((
            (
                apps::app_id.eq(&terms.app_id),
                apps::workspace_id.eq(workspace),
                apps::account_type.eq(ACCOUNT_TYPE_FIRST),
                apps::plan.eq(terms.plan),
                apps::plan_ends_at.eq(terms.plan_ends_at),
                apps::statistics_zone.eq(&terms.statistics_zone),
                apps::created_at.eq(now),
                apps::changed_at.eq(now),
            ),
            (
                apps::name.eq(&new.name.text),
                apps::name_key.eq(&new.name.key),
                apps::scenario.eq(new.scenario),
                apps::app_type.eq(new.app_type),
                apps::description.eq(&new.description),
                apps::rtc.eq(new.services.rtc),
                apps::im.eq(new.services.im),
            ),
        ))
        .returning(apps::sdk_app_id)
        .get_result(conn)
        .map_err(name_taken)?;
    diesel::update(apps::table.find(id))
        .set(apps::account_type.eq(ACCOUNT_TYPE_FIRST + id.0 - SDK_APP_ID_FIRST))
        .execute(conn)?;
    tags_replace(conn, id, &new.tags)?;
    Ok(id)
}

fn name_taken(error: diesel::result::Error) -> Stop<Problem> {
    match dialect::violated(&error) {
        Some(Constraint::AppName) => Stop::Refused(Problem::NameTaken),
        _ => Stop::Broken(error.into()),
    }
}

fn tags_replace(conn: &mut Conn, id: SdkAppId, tags: &Tags) -> Result<(), DbError> {
    diesel::delete(app_tags::table.filter(app_tags::sdk_app_id.eq(id))).execute(conn)?;
    for tag in tags.all() {
        diesel::insert_into(app_tags::table)
            .values((
                app_tags::sdk_app_id.eq(id),
                app_tags::key.eq(&tag.key),
                app_tags::value.eq(&tag.value),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Lists an app for a member who reaches listed apps only.
///
/// # Errors
/// The database's failure.
pub fn app_list_for(
    conn: &mut Conn,
    membership: crate::ids::MembershipId,
    id: SdkAppId,
) -> Result<(), DbError> {
    diesel::insert_into(membership_apps::table)
        .values((membership_apps::membership_id.eq(membership), membership_apps::sdk_app_id.eq(id)))
        .execute(conn)?;
    Ok(())
}

/// A change of an app: everything that its form holds.
#[derive(Clone, Debug)]
pub struct AppChange {
    /// Its name.
    pub name: AppName,
    /// What it is used for.
    pub scenario: Scenario,
    /// The kind of product.
    pub app_type: Option<AppType>,
    /// A few words for later.
    pub description: String,
    /// Where its clients run.
    pub platforms: Platforms,
    /// Its tags.
    pub tags: Tags,
    /// The zone that its days are of; `None` to keep it.
    pub statistics_zone: Option<String>,
}

/// Saves a change, if the app is still at `version`.
///
/// # Errors
/// [`Problem::NameTaken`], [`Problem::ChangedMeanwhile`] when it is not (or is out of scope), or
/// the database's failure.
pub fn app_update(
    conn: &mut Conn,
    scope: &Scope,
    id: SdkAppId,
    version: i64,
    change: &AppChange,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let Platforms { ios, android, windows, web } = change.platforms;
    let changed = diesel::update(apps::table.find(id))
        .filter(apps::workspace_id.eq(scope.workspace))
        .filter(apps::deleted_at.is_null())
        .filter(apps::version.eq(version))
        .set((
            apps::name.eq(&change.name.text),
            apps::name_key.eq(&change.name.key),
            apps::scenario.eq(change.scenario),
            apps::app_type.eq(change.app_type),
            apps::description.eq(&change.description),
            apps::ios.eq(ios),
            apps::android.eq(android),
            apps::windows.eq(windows),
            apps::web.eq(web),
            // None leaves it as it is.
            change.statistics_zone.as_ref().map(|zone| apps::statistics_zone.eq(zone)),
            apps::changed_at.eq(now),
            apps::version.eq(apps::version + 1),
        ))
        .execute(conn)
        .map_err(name_taken)?;
    if changed == 0 {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    tags_replace(conn, id, &change.tags)?;
    Ok(())
}

/// The workspace of an app, for the command line, which knows no scope of its own.
///
/// # Errors
/// The database's failure.
pub fn workspace_of(conn: &mut Conn, id: SdkAppId) -> Result<Option<WorkspaceId>, DbError> {
    Ok(apps::table
        .find(id)
        .filter(apps::deleted_at.is_null())
        .select(apps::workspace_id)
        .first(conn)
        .optional()?)
}

/// All apps of all workspaces in the order of their numbers, for the command line, which knows no
/// scope of its own.
///
/// # Errors
/// The database's failure.
pub fn apps_anywhere(conn: &mut Conn) -> Result<Vec<(WorkspaceId, App)>, DbError> {
    Ok(apps::table
        .filter(apps::deleted_at.is_null())
        .select((apps::workspace_id, App::as_select()))
        .order(apps::sdk_app_id)
        .load(conn)?)
}

/// Puts sample data into a state that only time and acts would bring about.
///
/// # Errors
/// The database's failure.
pub fn app_disguise(
    conn: &mut Conn,
    id: SdkAppId,
    disabled_by: Option<super::DisabledBy>,
    recording: bool,
    platforms: Platforms,
    changed_at: UtcTime,
) -> Result<(), DbError> {
    let Platforms { ios, android, windows, web } = platforms;
    let switch = if disabled_by.is_some() { Switch::Disabled } else { Switch::Enabled };
    diesel::update(apps::table.find(id))
        .set((
            apps::switch.eq(switch),
            apps::disabled_by.eq(disabled_by),
            apps::recording.eq(recording),
            apps::ios.eq(ios),
            apps::android.eq(android),
            apps::windows.eq(windows),
            apps::web.eq(web),
            apps::changed_at.eq(changed_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes room for one more app of sample data where there is none.
///
/// # Errors
/// The database's failure.
pub fn quota_raise(
    conn: &mut Conn,
    workspace: WorkspaceId,
    services: Services,
) -> Result<(), DbError> {
    let full = workspaces::table.find(workspace);
    if services.rtc {
        diesel::update(full)
            .filter(workspaces::rtc_apps.ge(workspaces::rtc_apps_max))
            .set(workspaces::rtc_apps_max.eq(workspaces::rtc_apps + 1))
            .execute(conn)?;
    }
    if services.im {
        diesel::update(full)
            .filter(workspaces::im_apps.ge(workspaces::im_apps_max))
            .set(workspaces::im_apps_max.eq(workspaces::im_apps + 1))
            .execute(conn)?;
    }
    Ok(())
}
