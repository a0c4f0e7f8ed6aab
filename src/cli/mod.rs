//! The command line. Every command answers 0 done, 1 failed, 2 used wrongly.

mod app;
mod audit;
mod host;
mod output;
mod serve;
mod statistics;
mod token;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use output::{complain, say};

use crate::config::{Layers, Loaded, Settings};
use crate::startup;

/// A self-hosted console for real-time voice, video and chat applications.
#[derive(Parser)]
#[command(name = "switchroom", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command that reads settings.
#[derive(Args, Clone)]
struct Common {
    /// Read settings from this file instead of switchroom.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// sqlite:FILE or postgres://… (SWITCHROOM_DATABASE_URL)
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Log filter, such as info or switchroom=debug (SWITCHROOM_LOG)
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the console; migrates its database first
    Serve(serve::Serve),
    /// Bring the database up to date and exit
    Migrate,
    /// Operators, who run the installation
    #[command(subcommand)]
    Operator(host::Operator),
    /// Accounts of people
    #[command(subcommand)]
    Account(host::Account),
    /// Workspaces, the tenants
    #[command(subcommand)]
    Workspace(host::Workspace),
    /// Keys for servers of the data plane
    #[command(subcommand)]
    ApiKey(host::ApiKey),
    /// Minutes of workspaces
    #[command(subcommand)]
    Minutes(host::Minutes),
    /// Sample data
    #[command(subcommand)]
    Demo(host::Demo),
    /// Apps of all workspaces
    #[command(subcommand)]
    App(app::App),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Daily figures
    #[command(subcommand)]
    Statistics(statistics::Statistics),
    /// Tokens, without a database
    #[command(subcommand)]
    Token(token::Token),
    /// Settings
    #[command(subcommand)]
    Config(Config),
}

#[derive(Subcommand)]
enum Config {
    /// Print the settings in force, secrets masked, with where each comes from
    Show,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let layers = layers(&cli.common);
    match cli.command {
        Command::Config(Config::Show) => {
            with_settings(layers, |loaded| Ok(say!("{}", loaded.show().trim_end())?))
        }
        Command::Serve(serve) => serve.run(layers),
        Command::App(task) => with_settings(layers, |loaded| app::run(loaded.settings, task)),
        Command::Audit(task) => with_settings(layers, |loaded| audit::run(loaded.settings, task)),
        Command::Statistics(task) => {
            with_settings(layers, |loaded| statistics::run(loaded.settings, task))
        }
        Command::Token(token) => token.run(),
        Command::Migrate => {
            with_settings(layers, |loaded| startup::migrate(&loaded.settings.database_url))
        }
        Command::Operator(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
        Command::Account(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
        Command::Workspace(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
        Command::ApiKey(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
        Command::Demo(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
        Command::Minutes(task) => {
            with_settings(layers, |loaded| host::run(loaded.settings, task.into()))
        }
    }
}

fn layers(common: &Common) -> Layers {
    let mut layers = Layers {
        // The one place that reads the environment.
        environment: std::env::vars_os().collect(),
        file: common.config.clone(),
        ..Layers::default()
    };
    let flags = [("database_url", &common.database_url), ("log", &common.log)];
    for (key, value) in flags {
        if let Some(value) = value {
            layers.flags.insert(key, value.clone());
        }
    }
    layers
}

fn with_settings(layers: Layers, work: impl FnOnce(Loaded) -> anyhow::Result<()>) -> ExitCode {
    match layers.load() {
        Ok(loaded) => {
            start_log(&loaded.settings);
            report(work(loaded))
        }
        Err(problems) => {
            complain!("{problems}");
            ExitCode::from(2)
        }
    }
}

fn report(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain!("switchroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs to standard error, so that what commands print stays clean.
fn start_log(settings: &Settings) {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written would be told to the same output, by a panic.
        .log_internal_errors(false);
    let started = if settings.log_json {
        log.json().flatten_event(true).try_init()
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init()
    };
    drop(started);
}
