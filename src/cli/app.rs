//! `switchroom app`: the apps of all workspaces, for whoever has the host. Secrets only when asked for.

use anyhow::Context;
use clap::Subcommand;
use serde::Serialize;

use super::output::say;
use std::collections::BTreeMap;

use crate::apps::api::AppJson;
use crate::apps::{App as Row, Service, owned::app_anywhere, store};
use crate::clock::Clock;
use crate::config::Settings;
use crate::credentials;
use crate::db::Db;
use crate::ids::{SdkAppId, WorkspaceId};
use crate::random::Random;
use crate::services::Services;
use crate::startup;
use crate::workspaces::Scope;

#[derive(Clone, Copy, Subcommand)]
pub(super) enum App {
    /// List the apps of all workspaces
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one app
    Show {
        /// Its number
        #[arg(value_name = "SDKAPPID")]
        id: i64,
        /// Print its certificates too, which the audit log tells of
        #[arg(long)]
        secrets: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// An app with the workspace that it belongs to.
#[derive(Serialize)]
struct Shown {
    workspace: i64,
    #[serde(flatten)]
    app: AppJson,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    certificates: BTreeMap<&'static str, String>,
}

impl Shown {
    fn new(workspace: WorkspaceId, app: &Row) -> Self {
        Self { workspace: workspace.0, app: AppJson::new(app), certificates: BTreeMap::new() }
    }
}

pub(super) fn run(settings: Settings, task: App) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        match task {
            App::List { json } => list(&startup::database(&settings)?, json).await,
            App::Show { id, secrets: false, json } => {
                show(&startup::database(&settings)?, SdkAppId(id), json).await
            }
            // Secrets need the master key, which nothing else here does.
            App::Show { id, secrets: true, json } => {
                let services = startup::services(settings, Clock::system(), Random::system());
                show_secrets(&services.await?, SdkAppId(id), json).await
            }
        }
    })
}

/// Shows an app with the certificates that sign for it, and writes that into the audit log first.
async fn show_secrets(services: &Services, id: SdkAppId, json: bool) -> anyhow::Result<()> {
    let found = app_anywhere(&services.db, id).await?;
    let (app, scope) = found.with_context(|| format!("there is no app {id}"))?;
    let certificates = credentials::actions::reveal_to_host(services, &app, &scope).await?;
    let certificates = certificates.into_iter().map(|(purpose, key)| (purpose.as_str(), key));
    let certificates: Vec<_> = certificates.collect();
    if json {
        let keys = certificates.iter().map(|(purpose, key)| (*purpose, key.expose().to_owned()));
        let shown = Shown { certificates: keys.collect(), ..Shown::new(scope.workspace, &app) };
        say!("{}", serde_json::to_string(&shown)?)?;
        return Ok(());
    }
    print(id, &app, &scope)?;
    for (purpose, key) in certificates {
        say!("{purpose} certificate: {}", key.expose())?;
    }
    Ok(())
}

async fn list(db: &Db, json: bool) -> anyhow::Result<()> {
    let rows = db.read(store::apps_anywhere).await?;
    if json {
        let all: Vec<_> = rows.iter().map(|(workspace, app)| Shown::new(*workspace, app)).collect();
        say!("{}", serde_json::to_string(&all)?)?;
        return Ok(());
    }
    say!(
        "{:<10}  {:<32}  {:<8}  {:<6}  {:<9}  name",
        "sdkappid",
        "app id",
        "status",
        "for",
        "workspace"
    )?;
    for (workspace, app) in rows {
        say!(
            "{:<10}  {:<32}  {:<8}  {:<6}  {:<9}  {}",
            app.sdk_app_id.0,
            app.app_id.0,
            app.switch.as_str(),
            services_of(&app),
            workspace.0,
            app.name
        )?;
    }
    Ok(())
}

async fn show(db: &Db, id: SdkAppId, json: bool) -> anyhow::Result<()> {
    let found = app_anywhere(db, id).await?;
    let (app, scope) = found.with_context(|| format!("there is no app {id}"))?;
    if json {
        say!("{}", serde_json::to_string(&Shown::new(scope.workspace, &app))?)?;
        return Ok(());
    }
    print(id, &app, &scope)
}

fn print(id: SdkAppId, app: &Row, scope: &Scope) -> anyhow::Result<()> {
    let ends = app.plan_ends_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
    let tags: Vec<_> =
        app.tags.all().iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    let platforms: Vec<_> = app.platforms().words().collect();
    for (name, value) in [
        ("sdkappid", id.to_string()),
        ("app id", app.app_id.to_string()),
        ("name", app.name.clone()),
        ("workspace", scope.workspace.to_string()),
        ("status", app.switch.to_string()),
        ("disabled by", app.disabled_by.map(|by| by.to_string()).unwrap_or_default()),
        ("services", services_of(app)),
        ("scenario", app.scenario.to_string()),
        ("type", app.app_type.map(|of| of.to_string()).unwrap_or_default()),
        ("description", app.description.replace('\n', " ")),
        ("platforms", platforms.join(",")),
        ("tags", tags.join(" ")),
        ("account type", app.account_type.to_string()),
        ("plan", app.plan.to_string()),
        ("plan ends", ends),
        ("recording", if app.recording { "on" } else { "off" }.to_owned()),
        ("time zone", app.statistics_zone.clone()),
        ("created", app.created_at.to_string()),
        ("changed", app.changed_at.to_string()),
    ] {
        if !value.is_empty() {
            say!("{name}: {value}")?;
        }
    }
    Ok(())
}

fn services_of(app: &Row) -> String {
    app.services().each().map(Service::as_str).collect::<Vec<_>>().join(",")
}
