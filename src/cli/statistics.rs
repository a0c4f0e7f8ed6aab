//! `switchroom statistics`: whether the daily figures are what was reported.

use anyhow::bail;
use clap::Subcommand;

use super::output::say;
use crate::clock::Clock;
use crate::config::Settings;
use crate::events::actions::{Rebuilt, rebuild};
use crate::ids::SdkAppId;
use crate::random::Random;
use crate::startup;

#[derive(Clone, Copy, Subcommand)]
pub(super) enum Statistics {
    /// Count the last days anew from what is kept of their events, and put wrong figures right
    Rebuild {
        /// Only this app
        #[arg(long, value_name = "SDKAPPID")]
        app: Option<i64>,
        /// Only say what is wrong; answers 1 if anything is
        #[arg(long)]
        check: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(settings: Settings, task: Statistics) -> anyhow::Result<()> {
    let Statistics::Rebuild { app, check, json } = task;
    actix_web::rt::System::new().block_on(async {
        let services = startup::services(settings, Clock::system(), Random::system()).await?;
        let rebuilt = rebuild(&services, app.map(SdkAppId), !check).await?;
        if json {
            say!("{}", serde_json::to_string(&rebuilt)?)?;
        } else {
            print(&rebuilt, check)?;
        }
        if check && !rebuilt.differences.is_empty() {
            bail!("some figures are wrong");
        }
        Ok(())
    })
}

fn print(rebuilt: &Rebuilt, is_check: bool) -> std::io::Result<()> {
    for (app, wrong) in &rebuilt.differences {
        let (metric, kept, counted) = (wrong.metric.key(), wrong.kept, wrong.counted);
        say!("app {app} {} {metric}: {kept}, counted {counted}", wrong.day)?;
    }
    let Rebuilt { days, figures, differences } = rebuilt;
    let verdict = match (differences.len(), is_check) {
        (0, _) => "all right".to_owned(),
        (wrong, true) => format!("{wrong} wrong"),
        (wrong, false) => format!("{wrong} put right"),
    };
    say!("{figures} figures of {days} days compared: {verdict}")
}
