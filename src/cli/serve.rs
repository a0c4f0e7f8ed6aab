//! `switchroom serve`.

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::with_settings;
use crate::clock::Clock;
use crate::config::{Layers, Settings};
use crate::random::Random;
use crate::{operations, setup, startup};

#[derive(Args)]
pub(super) struct Serve {
    /// Address and port to listen on (SWITCHROOM_LISTEN)
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Run on sample data in a temporary folder, and print how to sign in
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) fn run(self, mut layers: Layers) -> ExitCode {
        if let Some(listen) = self.listen {
            layers.flags.insert("listen", listen);
        }
        with_settings(layers, |loaded| {
            let is_demo = self.demo;
            actix_web::rt::System::new().block_on(serve(loaded.settings, is_demo))
        })
    }
}

async fn serve(mut settings: Settings, is_demo: bool) -> anyhow::Result<()> {
    let _ = is_demo;
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("listening on {}", settings.listen))?;
    // Port 0 asks for any free one.
    let listen = listener.local_addr()?;
    if settings.listen.port() == 0 {
        settings.base_url = settings.base_url.replace(":0", &format!(":{}", listen.port()));
    }
    operations::install_metrics();
    let services = startup::services(settings, Clock::system(), Random::system()).await?;
    if let Some(link) = setup::actions::link(&services).await? {
        tracing::info!("not set up yet; open this link within 24 hours: {link}");
    }
    tracing::info!(database = %services.settings.database_url, "listening on {listen}");
    startup::serve(services, listener)?.await?;
    tracing::info!("stopped");
    Ok(())
}
