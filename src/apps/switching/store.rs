//! Writes of the switch, and deleting.

use diesel::prelude::*;

use super::{DeleteApp, DisableApp};
use crate::apps::store::app_by_id;
use crate::apps::{App, DisabledBy, Switch};
use crate::clock::UtcTime;
use crate::db::schema::{
    api_keys, app_tags, apps, certificates, invitation_apps, membership_apps, reveals, workspaces,
};
use crate::db::{Conn, DbError, Stop};
use crate::ids::SdkAppId;
use crate::problem::Problem;
use crate::step_up::Spent;
use crate::workspaces::Scope;

/// Switches an app off that is on and still as it was when this was asked for.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn app_disable(
    conn: &mut Conn,
    spent: &Spent<DisableApp>,
    scope: &Scope,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let act = spent.act();
    let app = reached(conn, scope, act.app, act.version)?;
    let disabled = diesel::update(apps::table.find(app.sdk_app_id))
        .filter(apps::version.eq(act.version))
        .filter(apps::deleted_at.is_null())
        .filter(apps::switch.eq(Switch::Enabled))
        .set((
            apps::switch.eq(Switch::Disabled),
            apps::disabled_by.eq(DisabledBy::Member),
            apps::changed_at.eq(now),
            apps::version.eq(apps::version + 1),
        ))
        .execute(conn)?;
    if disabled == 1 { Ok(()) } else { Err(Stop::Refused(Problem::ChangedMeanwhile)) }
}

/// Holds an app of a scope until the transaction ends, so that nobody deletes it meanwhile.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`] when it is out of the scope or deleted, or the database's failure.
pub fn app_hold(conn: &mut Conn, scope: &Scope, id: SdkAppId) -> Result<App, Stop<Problem>> {
    // A write that changes nothing: the lock that both databases know.
    diesel::update(apps::table.find(id))
        .filter(apps::workspace_id.eq(scope.workspace))
        .filter(apps::deleted_at.is_null())
        .set(apps::version.eq(apps::version))
        .execute(conn)?;
    app_by_id(conn, scope, id)?.ok_or(Stop::Refused(Problem::ChangedMeanwhile))
}

/// The app as it is in a scope, held, provided that it is still at a version.
fn reached(
    conn: &mut Conn,
    scope: &Scope,
    id: SdkAppId,
    version: i64,
) -> Result<App, Stop<Problem>> {
    let app = app_hold(conn, scope, id)?;
    if app.version == version { Ok(app) } else { Err(Stop::Refused(Problem::ChangedMeanwhile)) }
}

/// Switches an app on that a member switched off. What the plan or an operator disabled stays so.
///
/// # Errors
/// [`Problem::NotYoursToEnable`], or the database's failure.
pub fn app_enable(
    conn: &mut Conn,
    scope: &Scope,
    id: SdkAppId,
    now: UtcTime,
) -> Result<App, Stop<Problem>> {
    let app = app_by_id(conn, scope, id)?.ok_or(Stop::Refused(Problem::ChangedMeanwhile))?;
    let enabled = diesel::update(apps::table.find(id))
        .filter(apps::deleted_at.is_null())
        .filter(apps::disabled_by.eq(DisabledBy::Member))
        .set((
            apps::switch.eq(Switch::Enabled),
            apps::disabled_by.eq(None::<DisabledBy>),
            apps::changed_at.eq(now),
            apps::version.eq(apps::version + 1),
        ))
        .execute(conn)?;
    match (enabled, app.switch) {
        (1, _) | (_, Switch::Enabled) => Ok(app),
        (_, Switch::Disabled) => Err(Stop::Refused(Problem::NotYoursToEnable)),
    }
}

/// Deletes an app that is disabled, not paid for, and still as it was when this was asked for. Its row stays
/// for what refers to it, and so do its daily figures; no query reaches them. Its secrets and tags are gone, the
/// API keys that were limited to it are revoked: answers how those begin.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], or the database's failure.
pub fn app_delete(
    conn: &mut Conn,
    spent: &Spent<DeleteApp>,
    scope: &Scope,
    now: UtcTime,
) -> Result<Vec<String>, Stop<Problem>> {
    let act = spent.act();
    let app = reached(conn, scope, act.app, act.version)?;
    if app.name != act.name {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    if let Some(problem) = app.why_not_deletable() {
        return Err(Stop::Refused(problem));
    }
    let id = app.sdk_app_id;
    let deleted = diesel::update(apps::table.find(id))
        .filter(apps::version.eq(act.version))
        .filter(apps::deleted_at.is_null())
        .filter(apps::switch.eq(Switch::Disabled))
        .set((
            apps::deleted_at.eq(now),
            apps::description.eq(""),
            apps::changed_at.eq(now),
            apps::version.eq(apps::version + 1),
        ))
        .execute(conn)?;
    if deleted != 1 {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    let services = app.services();
    diesel::update(workspaces::table.find(scope.workspace))
        .set((
            workspaces::rtc_apps.eq(workspaces::rtc_apps - i64::from(services.rtc)),
            workspaces::im_apps.eq(workspaces::im_apps - i64::from(services.im)),
        ))
        .execute(conn)?;
    Ok(leave_nothing(conn, id, now)?)
}

fn leave_nothing(conn: &mut Conn, id: SdkAppId, now: UtcTime) -> Result<Vec<String>, DbError> {
    diesel::delete(reveals::table.filter(reveals::sdk_app_id.eq(id))).execute(conn)?;
    diesel::delete(certificates::table.filter(certificates::sdk_app_id.eq(id))).execute(conn)?;
    diesel::delete(app_tags::table.filter(app_tags::sdk_app_id.eq(id))).execute(conn)?;
    diesel::delete(membership_apps::table.filter(membership_apps::sdk_app_id.eq(id)))
        .execute(conn)?;
    diesel::delete(invitation_apps::table.filter(invitation_apps::sdk_app_id.eq(id)))
        .execute(conn)?;
    let keys: Vec<String> = api_keys::table
        .filter(api_keys::sdk_app_id.eq(id))
        .filter(api_keys::revoked_at.is_null())
        .order(api_keys::id)
        .select(api_keys::prefix)
        .load(conn)?;
    diesel::update(api_keys::table.filter(api_keys::sdk_app_id.eq(id)))
        .filter(api_keys::revoked_at.is_null())
        .set(api_keys::revoked_at.eq(now))
        .execute(conn)?;
    Ok(keys)
}
