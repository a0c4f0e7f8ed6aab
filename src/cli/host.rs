//! Commands for whoever has the host: operators, workspaces, keys, minutes.

use std::io::Read;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Subcommand;

use super::output::say;
use crate::accounts::address::actions::mail_confirmation;
use crate::accounts::factors::actions::{Removed, unlock as unlock_account};
use crate::accounts::links::store::frozen_from;
use crate::accounts::password::check_new;
use crate::accounts::store::{NewAccount, account_insert, credentials_by_email};
use crate::accounts::{Email, Strength, email, freezing};
use crate::api_keys::{self, ApiScope};
use crate::apps::store::ids_in_scope;
use crate::audit::{self, Act, Actor, Changes, Event, INSTALLATION, Target};
use crate::clock::{Clock, UtcTime, days};
use crate::config::Settings;
use crate::db::{Conn, DbError, Split, Stop};
use crate::demo;
use crate::i18n::Language;
use crate::ids::{AccountId, SdkAppId, WorkspaceId};
use crate::minutes::{Hundredths, PackageKind, store as minutes};
use crate::problem::{NAME_CHARS_MAX, Problem, line};
use crate::random::Random;
use crate::secret::Secret;
use crate::services::Services;
use crate::setup::store::setup_close_by_host;
use crate::startup;
use crate::workspaces::{Scope, store as workspaces};

#[derive(Subcommand)]
pub(super) enum Operator {
    /// Create an operator; prints a password unless one is given
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The name that others see
        #[arg(long)]
        name: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum Account {
    /// Lift the hold on somebody's codes
    Unlock {
        /// Their address
        #[arg(long)]
        email: String,
        /// Remove their authenticator, passkeys, telephone and recovery codes too: they sign in by password alone until
        /// they set up others
        #[arg(long)]
        remove_authenticator: bool,
    },
    /// Lift the freezing of somebody's account; removes all that it has beside its password, prints a new one
    Unfreeze {
        /// Their address, or the one that the account was frozen from
        #[arg(long)]
        email: String,
        /// Give the account back the address that it was frozen from
        #[arg(long)]
        email_back: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum Workspace {
    /// Create a workspace; makes its owner's account when there is none
    Create {
        /// The workspace's name
        #[arg(long)]
        name: String,
        /// The owner's address
        #[arg(long)]
        owner_email: String,
        /// The workspace's time zone
        #[arg(long, default_value = "Asia/Shanghai")]
        time_zone: String,
    },
}

#[derive(Subcommand)]
pub(super) enum ApiKey {
    /// Create a key; prints it once, alone on its line
    Create {
        /// The workspace it reaches
        #[arg(long, value_name = "ID")]
        workspace: i64,
        /// What people call it
        #[arg(long)]
        name: String,
        /// What it may do, separated by commas
        #[arg(long, value_name = "SCOPE[,SCOPE]")]
        scope: String,
        /// The one app it is limited to
        #[arg(long, value_name = "SDKAPPID")]
        app: Option<i64>,
    },
}

#[derive(Subcommand)]
pub(super) enum Minutes {
    /// Add a package of minutes to a workspace
    Grant {
        /// The workspace
        #[arg(long, value_name = "ID")]
        workspace: i64,
        /// How many
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
        minutes: i64,
        /// For how many days
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=3_660))]
        days: u64,
    },
}

#[derive(Subcommand)]
pub(super) enum Demo {
    /// Load sample data into the database; prints how to sign in
    Load {
        /// How many apps
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=300))]
        apps: u16,
        /// How many days of figures
        #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=3_660))]
        days: u32,
        /// What determines the figures
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
}

/// What to do.
pub(super) enum Task {
    Demo(Demo),
    Operator(Operator),
    Account(Account),
    Workspace(Workspace),
    ApiKey(ApiKey),
    Minutes(Minutes),
}

impl From<Demo> for Task {
    fn from(task: Demo) -> Self {
        Self::Demo(task)
    }
}

impl From<Operator> for Task {
    fn from(task: Operator) -> Self {
        Self::Operator(task)
    }
}

impl From<Account> for Task {
    fn from(task: Account) -> Self {
        Self::Account(task)
    }
}

impl From<Workspace> for Task {
    fn from(task: Workspace) -> Self {
        Self::Workspace(task)
    }
}

impl From<ApiKey> for Task {
    fn from(task: ApiKey) -> Self {
        Self::ApiKey(task)
    }
}

impl From<Minutes> for Task {
    fn from(task: Minutes) -> Self {
        Self::Minutes(task)
    }
}

pub(super) fn run(settings: Settings, task: Task) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let services = startup::services(settings, Clock::system(), Random::system()).await?;
        match task {
            Task::Demo(Demo::Load { apps, days, seed }) => {
                let size = demo::Size { apps: usize::from(apps), days, seed };
                let loaded = demo::load(&services, size).await?;
                say!("workspace: {}", loaded.workspace)?;
                Ok(print_access(&loaded)?)
            }
            Task::Operator(Operator::Create { email, name, password_stdin }) => {
                create_operator(&services, &email, name, password_stdin).await
            }
            Task::Account(Account::Unlock { email, remove_authenticator }) => {
                unlock(&services, &email, remove_authenticator).await
            }
            Task::Account(Account::Unfreeze { email, email_back }) => {
                unfreeze(&services, &email, email_back).await
            }
            Task::Workspace(Workspace::Create { name, owner_email, time_zone }) => {
                create_workspace(&services, &name, &owner_email, &time_zone).await
            }
            Task::ApiKey(ApiKey::Create { workspace, name, scope, app }) => {
                create_api_key(&services, WorkspaceId(workspace), name, &scope, app).await
            }
            Task::Minutes(Minutes::Grant { workspace, minutes, days }) => {
                grant_minutes(&services, WorkspaceId(workspace), minutes, days).await
            }
        }
    })
}

/// How to get into sample data, one thing a line.
pub(super) fn print_access(loaded: &demo::Loaded) -> std::io::Result<()> {
    say!("e-mail: {}", loaded.email)?;
    say!("password: {}", loaded.password.expose())?;
    say!("api key: {}", loaded.api_key.expose())?;
    for (role, email) in demo::colleagues() {
        say!("{role}, same password: {email}")?;
    }
    Ok(())
}

/// A problem in words, for the terminal.
fn words(problem: &Problem) -> String {
    problem.text(Language::English.texts())
}

fn parse_email(text: &str) -> anyhow::Result<Email> {
    Email::parse_new(text).map_err(|problem| anyhow::anyhow!("{text}: {}", words(&problem)))
}

fn parse_line(what: &str, text: &str) -> anyhow::Result<String> {
    line(text, 1, NAME_CHARS_MAX).map_err(|problem| anyhow::anyhow!("{what}: {}", words(&problem)))
}

async fn create_operator(
    services: &Services,
    address: &str,
    name: Option<String>,
    password_stdin: bool,
) -> anyhow::Result<()> {
    let email = parse_email(address)?;
    let name = match name {
        Some(name) => parse_line("--name", &name)?,
        None => email.text.split('@').next().unwrap_or_default().to_owned(),
    };
    let given = if password_stdin {
        let mut text = String::new();
        std::io::stdin().take(4_096).read_to_string(&mut text)?;
        let password = text.trim_end_matches(['\r', '\n']).to_owned();
        let strength = Strength::of(&password, &[&email.key, &name]);
        check_new(&password, Some(strength))
            .map_err(|problem| anyhow::anyhow!("password: {}", words(&problem)))?;
        Some(password)
    } else {
        None
    };
    let newcomer = Newcomer::new(services, email, name, given).await?;
    let (made, now) = (newcomer.made.clone(), services.clock.now());
    let tools = services.clone();
    let written = services.db.write(move |conn| {
        let account = newcomer.insert(conn, &tools, true, now)?;
        setup_close_by_host(conn, now)?;
        let changes = Changes::default().with("email", &newcomer.email.text);
        let target = Target::account(account, &newcomer.name);
        let created = Event::done(Act::CreateOperator, target).changing(changes);
        audit::record(conn, &tools.vault, INSTALLATION, &Actor::host(), &created, now)?;
        Ok(account)
    });
    match written.await.split()? {
        Ok(account) => say!("operator: {account}")?,
        Err(problem) => bail!("{address}: {}", words(&problem)),
    }
    print_password(made.as_ref())
}

async fn unlock(services: &Services, address: &str, removes_factors: bool) -> anyhow::Result<()> {
    let key = email::canonical(address);
    let known = services
        .db
        .read::<_, DbError>(move |conn| credentials_by_email(conn, &key))
        .await?
        .with_context(|| format!("nobody has the address {address}"))?;
    let removed = unlock_account(services, known, removes_factors).await?;
    say!("unlocked: {address}")?;
    say_removed(&removed)
}

fn say_removed(removed: &[Removed]) -> anyhow::Result<()> {
    for factor in removed {
        say!("{}: removed", factor.name)?;
    }
    Ok(())
}

async fn unfreeze(services: &Services, address: &str, email_back: bool) -> anyhow::Result<()> {
    let key = email::canonical(address);
    let known = services.db.read::<_, DbError>(move |conn| {
        let frozen = frozen_from(conn, &key)?;
        Ok(credentials_by_email(conn, &key)?.map(|known| known.id).or(frozen))
    });
    let known = known.await?.with_context(|| format!("nobody has the address {address}"))?;
    match freezing::actions::unfreeze(services, known, email_back).await? {
        Ok(Some(lifted)) => {
            say!("unfrozen: {}", lifted.email)?;
            say_removed(&lifted.removed)?;
            print_password(Some(&lifted.password))
        }
        Ok(None) => bail!("{address}: the account is not frozen"),
        Err(problem) => bail!("{address}: {}", words(&problem)),
    }
}

fn print_password(made: Option<&Secret>) -> anyhow::Result<()> {
    if let Some(password) = made {
        say!("password: {}", password.expose())?;
    }
    Ok(())
}

/// An account to be made, hashed already: hashing takes its time, which no transaction has.
struct Newcomer {
    email: Email,
    name: String,
    hash: String,
    /// The password, when one had to be made too.
    made: Option<Secret>,
}

impl Newcomer {
    async fn new(
        services: &Services,
        email: Email,
        name: String,
        password: Option<String>,
    ) -> anyhow::Result<Self> {
        let (password, made) = match password {
            Some(password) => (Secret::new(password), None),
            None => {
                let made = Secret::new(services.random.hex::<12>());
                (made.clone(), Some(made))
            }
        };
        let hash = services.passwords.hash(password, &services.random).await?;
        Ok(Self { email, name, hash, made })
    }

    fn insert(
        &self,
        conn: &mut Conn,
        services: &Services,
        is_operator: bool,
        now: UtcTime,
    ) -> Result<AccountId, Stop<Problem>> {
        let new = NewAccount {
            email: &self.email,
            name: &self.name,
            password_hash: Some(&self.hash),
            language: Language::English,
            is_operator,
        };
        let account = account_insert(conn, &new, now)?;
        mail_confirmation(conn, services, account, now)?;
        Ok(account)
    }
}

/// Whose a new workspace is.
enum Owner {
    Known(AccountId),
    New(Newcomer),
}

async fn create_workspace(
    services: &Services,
    name: &str,
    address: &str,
    time_zone: &str,
) -> anyhow::Result<()> {
    let email = parse_email(address)?;
    let name = parse_line("--name", name)?;
    let zone = crate::clock::Zone::named(time_zone)
        .with_context(|| format!("{time_zone} is not a time zone such as Asia/Shanghai"))?;
    let (key, owner_email) = (email::canonical(address), email.text.clone());
    let known =
        services.db.read::<_, DbError>(move |conn| credentials_by_email(conn, &key)).await?;
    let (owner, made) = match known {
        Some(known) => (Owner::Known(known.id), None),
        None => {
            let name = email.text.split('@').next().unwrap_or_default().to_owned();
            let newcomer = Newcomer::new(services, email, name, None).await?;
            let made = newcomer.made.clone();
            (Owner::New(newcomer), made)
        }
    };
    let (now, tools) = (services.clock.now(), services.clone());
    // Both or neither: an account without the workspace would keep its password to itself.
    let written = services.db.write(move |conn| {
        let owner = match owner {
            Owner::Known(id) => id,
            Owner::New(newcomer) => newcomer.insert(conn, &tools, false, now)?,
        };
        let id = workspaces::workspace_insert(conn, &name, zone.name(), owner, now)?;
        let changes = Changes::default().with("owner", owner_email).with("time_zone", zone.name());
        let created =
            Event::done(Act::CreateWorkspace, Target::workspace(id, name)).changing(changes);
        audit::record(conn, &tools.vault, id, &Actor::host(), &created, now)?;
        Ok(id)
    });
    match written.await.split()? {
        Ok(id) => say!("workspace: {id}")?,
        Err(problem) => bail!("{address}: {}", words(&problem)),
    }
    print_password(made.as_ref())
}

/// An error that names the workspace when there is none.
async fn existing(services: &Services, workspace: WorkspaceId) -> anyhow::Result<()> {
    services
        .db
        .read::<_, DbError>(move |conn| workspaces::time_zone(conn, workspace))
        .await?
        .map(drop)
        .with_context(|| format!("there is no workspace {workspace}"))
}

async fn create_api_key(
    services: &Services,
    workspace: WorkspaceId,
    name: String,
    scopes: &str,
    app: Option<i64>,
) -> anyhow::Result<()> {
    existing(services, workspace).await?;
    let name = parse_line("--name", &name)?;
    let scopes = ApiScope::parse_list(scopes).map_err(|word| {
        anyhow::anyhow!("{word} is not a scope; scopes are {}", ApiScope::list(ApiScope::ALL))
    })?;
    if scopes.is_empty() {
        bail!("a key needs a scope; scopes are {}", ApiScope::list(ApiScope::ALL));
    }
    let app = app.map(SdkAppId);
    if let Some(app) = app {
        let scope = Scope::whole(workspace);
        let known = services
            .db
            .read::<_, DbError>(move |conn| ids_in_scope(conn, &scope, Some(app)))
            .await?;
        if known.is_empty() {
            bail!("workspace {workspace} has no app {app}");
        }
    }
    let key =
        api_keys::actions::create(services, workspace, app, (name, scopes), Actor::host()).await?;
    say!("{}", key.expose())?;
    Ok(())
}

async fn grant_minutes(
    services: &Services,
    workspace: WorkspaceId,
    count: i64,
    for_days: u64,
) -> anyhow::Result<()> {
    existing(services, workspace).await?;
    let granted = Hundredths::from_minutes(count).context("too many minutes")?;
    let now = services.clock.now();
    let span = (now, now.plus(days(for_days)));
    let vault = Arc::clone(&services.vault);
    services
        .db
        .write::<_, DbError>(move |conn| {
            let package = (PackageKind::Granted, granted);
            minutes::package_grant(conn, workspace, package, span, now)?;
            let target = Target::workspace(workspace, workspaces::workspace_name(conn, workspace)?);
            let changes = Changes::default()
                .with("minutes", count.to_string())
                .with("until", span.1.to_string());
            let event = Event::done(Act::GrantMinutes, target).changing(changes);
            audit::record(conn, &vault, workspace, &Actor::host(), &event, now)
        })
        .await?;
    say!("granted {count} minutes to workspace {workspace} until {}", span.1)?;
    Ok(())
}
