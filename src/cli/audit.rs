//! `switchroom audit`: whether the audit log is whole.

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;

use super::output::say;
use crate::audit::actions;
use crate::audit::verify::{Fault, FaultKind, Report};
use crate::clock::Clock;
use crate::config::Settings;
use crate::random::Random;
use crate::services::Services;
use crate::startup;

#[derive(Clone, Copy, Subcommand)]
pub(super) enum Audit {
    /// Check that no event was altered, removed, moved or put in; prints where each chain ends
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Verified {
    is_whole: bool,
    workspaces: Vec<Report>,
}

pub(super) fn run(settings: Settings, task: Audit) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let services = startup::services(settings, Clock::system(), Random::system()).await?;
        match task {
            Audit::Verify { json } => verify(&services, json).await,
        }
    })
}

async fn verify(services: &Services, json: bool) -> anyhow::Result<()> {
    let mut reports = Vec::new();
    for workspace in actions::chains(services).await? {
        let report = actions::verify(services, workspace).await?;
        if !json {
            print(&report)?;
        }
        reports.push(report);
    }
    let is_whole = reports.iter().all(|report| report.faults.is_empty());
    if json {
        let verified = Verified { is_whole, workspaces: reports };
        say!("{}", serde_json::to_string(&verified)?)?;
    }
    if !is_whole {
        bail!("the audit log is not whole");
    }
    Ok(())
}

fn print(report: &Report) -> std::io::Result<()> {
    let Report { workspace, name, events, position, hash, faults } = report;
    let verdict = if faults.is_empty() { "whole" } else { "NOT WHOLE" };
    say!("workspace {workspace} {name}: {verdict}, {events} events, end {position} {hash}")?;
    for fault in faults {
        say!("  {}", words(*fault))?;
    }
    Ok(())
}

fn words(Fault { position, until, kind }: Fault) -> String {
    match kind {
        FaultKind::Altered => format!("altered: event {position}"),
        FaultKind::Missing if until > position => format!("missing: events {position} to {until}"),
        FaultKind::Missing => format!("missing: event {position}"),
        FaultKind::Foreign => {
            format!("reordered or inserted: event {position}; what follows cannot be judged")
        }
        FaultKind::TimeReversed => {
            format!("time reversed: event {position} is older than the one before it")
        }
        FaultKind::EndWrong => {
            format!("end wrong: the end at {position} is not sealed with this key, or does not fit")
        }
        FaultKind::EndMissing => {
            format!("end missing: nothing says that the chain ends at {position}")
        }
    }
}
