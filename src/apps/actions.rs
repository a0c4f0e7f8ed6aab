//! Creating and editing apps.

use std::sync::Arc;

use super::store::{self, AppChange, NewApp, Terms};
use super::{App, AppType, Platforms, Services as AppServices, Tag, Tags};
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::clock::{UtcTime, Zone};
use crate::credentials::Purpose;
use crate::credentials::store::certificate_insert;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::events::store::has_no_events;
use crate::ids::{AccountId, AppId, SdkAppId};
use crate::minutes::store::balance;
use crate::plans::PlanCode;
use crate::plans::validity::Validity;
use crate::problem::{DaysProblem, Problem};
use crate::random::Random;
use crate::services::Services;
use crate::submissions::{self, Submission};
use crate::vault::Vault;
use crate::workspaces::store::quota;
use crate::workspaces::{Extent, Scope};

/// Who creates an app.
pub enum Creator {
    /// A person, whose form carries a key that makes a second sending harmless.
    Person {
        /// The person.
        account: AccountId,
        /// The form's key.
        submission: String,
    },
    /// A program, by its API key.
    Program,
}

/// Creates an app with its certificates, within the workspace's quota. A form that was sent
/// before answers the app of that time.
///
/// # Errors
/// A failure of ours.
pub async fn create(
    services: &Services,
    scope: Scope,
    (creator, actor): (Creator, Actor),
    new: NewApp,
    time_zone: &str,
) -> Result<Result<SdkAppId, Problem>, AppError> {
    let now = services.clock.now();
    let app_id = AppId(services.random.hex::<16>());
    let terms = terms(app_id, new.services, time_zone, now);
    let (vault, random) = (Arc::clone(&services.vault), services.random.clone());
    let done = services.db.write(move |conn| {
        if let Creator::Person { account, submission } = &creator
            && let Submission::Known(app) =
                submissions::store::submission_insert(conn, *account, submission, now)?
        {
            return sent_before(conn, &scope, app, &new);
        }
        let created = Event::done(Act::CreateApp, Target::app(SdkAppId(0), &*new.name.text));
        let created = created.changing(described(&new));
        let id = insert(conn, (&vault, &random), &scope, new, &terms, now)?;
        if let Creator::Person { account, submission } = &creator {
            submissions::store::submission_done(conn, *account, submission, id)?;
        }
        let target = Target { id: id.0, ..created.target.clone() };
        let created = Event { target, ..created };
        audit::record(conn, &vault, scope.workspace, &actor, &created, now)?;
        Ok(id)
    });
    Ok(done.await.split()?)
}

/// The app that a form made when it was sent before; another app than the form now asks for is
/// no answer to it.
fn sent_before(
    conn: &mut Conn,
    scope: &Scope,
    app: Option<SdkAppId>,
    new: &NewApp,
) -> Result<SdkAppId, Stop<Problem>> {
    let app = app.map(|app| store::app_by_id(conn, scope, app)).transpose()?.flatten();
    match app {
        Some(app) if app.name == new.name.text => Ok(app.sdk_app_id),
        _ => Err(Stop::Refused(Problem::SentBefore)),
    }
}

/// Stores an app within the quota: the part that sample data uses too.
///
/// # Errors
/// What the quota or the name forbids, or the database's failure.
pub fn insert(
    conn: &mut Conn,
    keys: (&Vault, &Random),
    scope: &Scope,
    mut new: NewApp,
    terms: &Terms,
    now: UtcTime,
) -> Result<SdkAppId, Stop<Problem>> {
    with_own_tag(scope, &mut new.tags).map_err(Stop::Refused)?;
    if !store::quota_take(conn, scope.workspace, new.services, now)? {
        return Err(Stop::Refused(why_full(conn, scope, new.services, now)?));
    }
    let id = store::app_insert(conn, scope.workspace, &new, terms, now)?;
    if let Extent::Listed(membership) = scope.extent {
        store::app_list_for(conn, membership, id)?;
    }
    for purpose in Purpose::ALL {
        certificate_insert(conn, keys, id, *purpose, now)?;
    }
    Ok(id)
}

/// What a member who reaches tagged apps only writes carries the tag, or they could not see it.
fn with_own_tag(scope: &Scope, tags: &mut Tags) -> Result<(), Problem> {
    match &scope.extent {
        Extent::Tagged { key, value } => tags.set(Tag { key: key.clone(), value: value.clone() }),
        Extent::All | Extent::One(_) | Extent::Listed(_) => Ok(()),
    }
}

/// Calls alone go by minutes; messaging begins with a month of trial.
fn terms(app_id: AppId, services: AppServices, time_zone: &str, now: UtcTime) -> Terms {
    let zone = Zone::named(time_zone).unwrap_or_else(Zone::utc);
    let (plan, plan_ends_at) =
        if services.im { (PlanCode::Trial, trial_end(&zone, now)) } else { (PlanCode::Trtc, None) };
    Terms { app_id, plan, plan_ends_at, statistics_zone: time_zone.to_owned() }
}

fn trial_end(zone: &Zone, now: UtcTime) -> Option<UtcTime> {
    let validity = Validity::new(now.in_zone(zone).datetime(), 1)?;
    zone.moment(validity.ends_at())
}

fn why_full(
    conn: &mut Conn,
    scope: &Scope,
    services: AppServices,
    now: UtcTime,
) -> Result<Problem, DbError> {
    let quota = quota(conn, scope)?;
    Ok(if services.rtc && quota.rtc_apps >= quota.rtc_apps_max {
        Problem::RtcQuota { max: quota.rtc_apps_max }
    } else if services.im && quota.im_apps >= quota.im_apps_max {
        Problem::ImQuota { max: quota.im_apps_max }
    } else if services.rtc && balance(conn, scope, now)?.remaining.0 == 0 {
        Problem::NoMinutes
    } else {
        // Freed between the two looks; the next try succeeds.
        Problem::ChangedMeanwhile
    })
}

/// Saves a change of an app that is still at `version`.
///
/// # Errors
/// A failure of ours.
pub async fn edit(
    services: &Services,
    scope: Scope,
    id: SdkAppId,
    version: i64,
    mut change: AppChange,
    actor: Actor,
) -> Result<Result<(), Problem>, AppError> {
    let now = services.clock.now();
    if let Err(problem) = with_own_tag(&scope, &mut change.tags) {
        return Ok(Err(problem));
    }
    let vault = Arc::clone(&services.vault);
    let done = services.db.write(move |conn| {
        let Some(before) = store::app_by_id(conn, &scope, id)? else {
            // Out of reach by now, for the member or for everybody.
            return Err(Stop::Refused(Problem::ChangedMeanwhile));
        };
        let is_moved =
            change.statistics_zone.as_ref().is_some_and(|it| *it != before.statistics_zone);
        if is_moved && !has_no_events(conn, id)? {
            return Err(Stop::Refused(Problem::Days(DaysProblem::ZoneFixed)));
        }
        store::app_update(conn, &scope, id, version, &change, now)?;
        let edited = Event::done(Act::EditApp, &before).changing(changes(&before, &change));
        Ok(audit::record(conn, &vault, scope.workspace, &actor, &edited, now)?)
    });
    Ok(done.await.split()?)
}

fn in_words(app_type: Option<AppType>) -> &'static str {
    app_type.map_or("", AppType::as_str)
}

fn joined(platforms: Platforms) -> String {
    platforms.words().collect::<Vec<_>>().join(" ")
}

/// What a new app is, for the audit log.
fn described(new: &NewApp) -> Changes {
    let services: Vec<_> = new.services.each().map(super::Service::as_str).collect();
    Changes::default()
        .with("name", &*new.name.text)
        .with("scenario", new.scenario.as_str())
        .with("services", services.join(" "))
        .with("type", in_words(new.app_type))
        .with("description", &*new.description)
        .with("tags", new.tags.lines())
}

/// What a change makes different, for the audit log.
fn changes(before: &App, after: &AppChange) -> Changes {
    Changes::default()
        .from_to("name", &*before.name, &*after.name.text)
        .from_to("scenario", before.scenario.as_str(), after.scenario.as_str())
        .from_to("type", in_words(before.app_type), in_words(after.app_type))
        .from_to("description", &*before.description, &*after.description)
        .from_to("platforms", joined(before.platforms()), joined(after.platforms))
        .from_to("tags", before.tags.lines(), after.tags.lines())
        .from_to(
            "statistics_zone",
            &*before.statistics_zone,
            after.statistics_zone.as_deref().unwrap_or(&before.statistics_zone),
        )
}
