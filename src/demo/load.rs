//! Loading sample data into a database.

use anyhow::{Context, bail};
use jiff::civil::Date;

use super::cast::{AppProfile, PEOPLE, Person, State, WORKSPACE};
use super::figures::figures;
use super::keys;
use super::ledger;
use super::log::Sample;
use crate::accounts::Email;
use crate::accounts::store::{NewAccount, account_insert, email_confirm, has_operator};
use crate::api_keys::{self, ApiScope};
use crate::apps::actions::insert;
use crate::apps::store::{NewApp, Terms, app_disguise, quota_raise};
use crate::apps::{
    AppName, AppType, DisabledBy, Platforms, Scenario, Services as AppServices, Tags,
};
use crate::audit::{self, Act, Actor, Event, Target};
use crate::clock::{UtcTime, Zone, days};
use crate::db::{Conn, DbError, Stop};
use crate::i18n::Language;
use crate::ids::{AccountId, AppId, SdkAppId, WorkspaceId};
use crate::invitations::VALID_FOR;
use crate::invitations::store::{NewInvitation, invitation_insert};
use crate::members::store::member_disguise;
use crate::minutes::store::package_grant;
use crate::minutes::{Hundredths, PackageKind};
use crate::plans::PlanCode;
use crate::plans::validity::Validity;
use crate::problem::Problem;
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::setup::store::setup_close_by_host;
use crate::stats::Metric;
use crate::stats::store::figures_put;
use crate::workspaces::store::{membership_insert, workspace_insert};
use crate::workspaces::{Grant, Reach, Role, Scope};

/// The zone of the sample workspace.
const ZONE: &str = "Asia/Shanghai";
/// Minutes bought, beside the newcomer package that has long expired.
const MINUTES: i64 = 36_000_000;
/// How long ago the workspace came into being: before its first app.
const FOUNDED_DAYS_AGO: u64 = 900;
/// Somebody who is invited.
const INVITED: &str = "ming.zhao@example.com";

/// How much to load.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Apps.
    pub apps: usize,
    /// Days of figures before today.
    pub days: u32,
    /// What determines the figures.
    pub seed: u64,
}

/// What was loaded, and how to get in.
pub struct Loaded {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The owner's address.
    pub email: String,
    /// The password of all sample people.
    pub password: Secret,
    /// An API key of all scopes.
    pub api_key: Secret,
}

/// Loads sample data into a database that has no operator yet, or beside what is there.
///
/// # Errors
/// When the sample people are there already, or the database fails.
pub async fn load(services: &Services, size: Size) -> anyhow::Result<Loaded> {
    let password = Secret::new(services.random.hex::<8>());
    let hash = services.passwords.hash(password.clone(), &services.random).await?;
    let zone = Zone::named(ZONE).context("the sample's time zone is unknown")?;
    let now = services.clock.now();
    let today = now.day(&zone);
    let people =
        services.db.write(move |conn| people(conn, &hash, now.minus(days(FOUNDED_DAYS_AGO)))).await;
    let (workspace, people) = match people {
        Ok(made) => made,
        Err(Stop::Refused(Problem::EmailTaken)) => {
            bail!("the sample data is loaded already: its people are there")
        }
        Err(Stop::Refused(problem)) => bail!("the sample data was refused: {problem:?}"),
        Err(Stop::Broken(error)) => return Err(error.into()),
    };
    let (mut used, mut apps) = (Vec::new(), Vec::new());
    for profile in super::cast::apps(size.apps) {
        let name = profile.name.zh.to_string();
        let (id, minutes) = app(services, workspace, &zone, today, profile, size).await?;
        used.push((id, minutes));
        apps.push((id, name));
    }
    let (vault, random) = (std::sync::Arc::clone(&services.vault), services.random.clone());
    // Nobody has it: whoever wants to try an invitation sends it again.
    let link = digest(&services.random.token());
    services
        .db
        .write::<_, DbError>(move |conn| {
            ledger::write(conn, workspace, &used, (&zone, now))?;
            limit(conn, workspace, &people, &apps)?;
            invite(conn, workspace, &people, &link, now)?;
            let (people, apps, zone) = (&people, &apps, &zone);
            let sample = Sample { workspace, people, apps, zone, seed: size.seed };
            sample.write(conn, &vault, now)?;
            keys::Sample { workspace, people, apps, random: &random }.write(conn, now)?;
            let target = Target::workspace(workspace, WORKSPACE.zh.clone());
            let loaded = Event::done(Act::LoadDemo, target);
            audit::record(conn, &vault, workspace, &Actor::host(), &loaded, now)
        })
        .await?;
    let key = ("demo".to_owned(), ApiScope::ALL.to_vec());
    let api_key = api_keys::actions::create(services, workspace, None, key, Actor::host()).await?;
    let email = PEOPLE.first().map(|person| person.email.to_owned()).unwrap_or_default();
    Ok(Loaded { workspace, email, password, api_key })
}

/// The workspace with a member of every role, and these in the order of the cast.
fn people(
    conn: &mut Conn,
    hash: &str,
    founded: UtcTime,
) -> Result<(WorkspaceId, Vec<AccountId>), Stop<Problem>> {
    let is_first = !has_operator(conn)?;
    let mut members = Vec::new();
    for Person { name, email, role } in &PEOPLE {
        let email = Email::parse(email).map_err(Stop::Refused)?;
        let role = Role::parse(role).ok_or(Stop::Refused(Problem::UnknownChoice))?;
        let new = NewAccount {
            email: &email,
            name: &name.zh,
            password_hash: Some(hash),
            language: Language::Chinese,
            is_operator: is_first && role == Role::Owner,
        };
        let account = account_insert(conn, &new, founded)?;
        email_confirm(conn, account, &email.key, founded)?;
        members.push((account, role));
    }
    let owner = members.iter().find(|(_, role)| *role == Role::Owner).map(|(id, _)| *id);
    let owner = owner.ok_or(Stop::Refused(Problem::Missing))?;
    let workspace = workspace_insert(conn, &WORKSPACE.zh, ZONE, owner, founded)?;
    for (account, role) in members.iter().filter(|(id, _)| *id != owner) {
        membership_insert(conn, workspace, *account, *role, founded)?;
    }
    let granted = Hundredths::from_minutes(MINUTES).unwrap_or_default();
    let span = (founded, founded.plus(days(FOUNDED_DAYS_AGO + 65)));
    package_grant(conn, workspace, (PackageKind::Purchased, granted), span, founded)?;
    if is_first {
        setup_close_by_host(conn, founded)?;
    }
    Ok((workspace, members.into_iter().map(|(id, _)| id).collect()))
}

/// Lets some of the people reach some of the apps only.
fn limit(
    conn: &mut Conn,
    workspace: WorkspaceId,
    people: &[AccountId],
    apps: &[(SdkAppId, String)],
) -> Result<(), DbError> {
    let listed: Vec<_> = [0, 3].into_iter().filter_map(|at| Some(apps.get(at)?.0)).collect();
    let tag = Reach::Tag { key: "env".to_owned(), value: "prod".to_owned() };
    for (account, Person { role, .. }) in people.iter().zip(&PEOPLE) {
        let reach = match Role::parse(role) {
            Some(Role::Operations) => tag.clone(),
            Some(Role::Viewer) if !listed.is_empty() => Reach::Apps(listed.clone()),
            _ => continue,
        };
        let role = Role::parse(role).unwrap_or(Role::Viewer);
        member_disguise(conn, workspace, *account, &Grant { role, reach })?;
    }
    Ok(())
}

/// Leaves an invitation open.
fn invite(
    conn: &mut Conn,
    workspace: WorkspaceId,
    people: &[AccountId],
    link_digest: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    let (Some(by), Ok(email)) = (people.get(1), Email::parse(INVITED)) else { return Ok(()) };
    let reach = Reach::Tag { key: "team".to_owned(), value: "education".to_owned() };
    let sent = now.minus(days(2));
    let new = NewInvitation {
        workspace,
        email: &email,
        grant: &Grant { role: Role::Engineer, reach },
        by: *by,
        link_digest,
        is_mailed: true,
        expires_at: sent.plus(VALID_FOR),
    };
    invitation_insert(conn, &new, sent).map(drop)
}

/// Loads an app; answers its number and the package minutes that it used, in hundredths by day.
async fn app(
    services: &Services,
    workspace: WorkspaceId,
    zone: &Zone,
    today: Date,
    profile: AppProfile,
    size: Size,
) -> Result<ledger::Used, DbError> {
    let now = services.clock.now();
    let keys = (std::sync::Arc::clone(&services.vault), services.random.clone());
    let app_id = AppId(services.random.hex::<16>());
    let zone = zone.clone();
    services
        .db
        .write(move |conn| {
            let created = now.minus(days(u64::from(profile.created_days_ago)));
            let (new, terms) = new_app(&profile, app_id, &zone, today, created);
            let scope = Scope::whole(workspace);
            quota_raise(conn, workspace, new.services)?;
            let id =
                insert(conn, (&keys.0, &keys.1), &scope, new, &terms, created).map_err(broken)?;
            disguise(conn, id, &profile, now)?;
            let figures: Vec<(Metric, Date, i64)> = figures(size.seed, &profile, today, size.days)
                .map(|(day, metric, value)| (metric, day, value))
                .collect();
            figures_put(conn, id, &figures)?;
            let used = figures.iter().filter(|(metric, ..)| *metric == Metric::RtcPackageMinutes);
            Ok((id, used.map(|(_, day, value)| (*day, *value)).collect()))
        })
        .await
}

fn broken(stop: Stop<Problem>) -> DbError {
    match stop {
        Stop::Broken(error) => error,
        Stop::Refused(problem) => DbError::Broken(format!("sample data: {problem:?}")),
    }
}

fn new_app(
    profile: &AppProfile,
    app_id: AppId,
    zone: &Zone,
    today: Date,
    created: UtcTime,
) -> (NewApp, Terms) {
    let name = AppName {
        text: profile.name.zh.to_string(),
        key: crate::apps::folded_name(&profile.name.zh),
    };
    let tags = profile.tags.iter().map(|(key, value)| ((*key).into(), (*value).into()));
    let new = NewApp {
        name,
        scenario: Scenario::parse(profile.scenario).unwrap_or(Scenario::Other),
        app_type: AppType::parse(profile.app_type),
        description: profile.about.zh.to_string(),
        services: AppServices { rtc: profile.has_service("rtc"), im: profile.has_service("im") },
        tags: Tags::of_pairs(tags).unwrap_or_default(),
    };
    let plan = profile.plan.as_ref();
    let code = plan.and_then(|plan| PlanCode::parse(plan.word)).unwrap_or(PlanCode::Trtc);
    let ends_at = plan.and_then(|plan| {
        let bought = today.checked_sub(jiff::Span::new().days(plan.anchor_days_ago)).ok()?;
        let anchor = bought.at(created.in_zone(zone).hour(), 10, 52, 0);
        zone.moment(Validity::new(anchor, plan.months)?.ends_at())
    });
    let terms =
        Terms { app_id, plan: code, plan_ends_at: ends_at, statistics_zone: ZONE.to_owned() };
    (new, terms)
}

/// Puts an app into the state of its profile.
fn disguise(
    conn: &mut Conn,
    id: SdkAppId,
    profile: &AppProfile,
    now: UtcTime,
) -> Result<(), DbError> {
    let disabled_by = match profile.state {
        State::Disabled { by, .. } => DisabledBy::parse(by),
        State::Enabled | State::Expired { .. } => None,
    };
    let changed = match profile.state {
        State::Disabled { days_ago, .. } => now.minus(days(u64::from(days_ago))),
        _ => now.minus(days(u64::from(profile.created_days_ago.min(6)))),
    };
    let platforms = Platforms::parse(profile.platforms.iter().copied()).unwrap_or_default();
    app_disguise(conn, id, disabled_by, profile.is_recording, platforms, changed)
}
