//! `switchroom serve`.

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::output::say;
use super::with_settings;
use crate::clock::Clock;
use crate::config::{Layers, Settings};
use crate::random::Random;
use crate::{demo, operations, setup, startup, upkeep};

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
        if !self.demo {
            return with_settings(layers, |loaded| {
                actix_web::rt::System::new().block_on(serve(loaded.settings, None))
            });
        }
        let folder = match Folder::new() {
            Ok(folder) => folder,
            Err(error) => return super::report(Err(error)),
        };
        // The demonstration needs no settings and touches nothing that is there.
        layers.flags.insert("database_url", format!("sqlite:{}", folder.path("switchroom.db")));
        layers.flags.insert("master_key_path", folder.path("master.key"));
        layers.flags.entry("log").or_insert_with(|| "warn".into());
        with_settings(layers, |loaded| {
            actix_web::rt::System::new().block_on(serve(loaded.settings, Some(&folder)))
        })
    }
}

/// A temporary folder that goes with the process.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let name = format!("switchroom-demo-{}", Random::system().hex::<6>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!("{}: {error}", self.0.display());
        }
    }
}

async fn serve(mut settings: Settings, demo: Option<&Folder>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("listening on {}", settings.listen))?;
    // Port 0 asks for any free one.
    let listen = listener.local_addr()?;
    if settings.listen.port() == 0 {
        settings.base_url = settings.base_url.replace(":0", &format!(":{}", listen.port()));
    }
    operations::install_metrics();
    let mut services = startup::services(settings, Clock::system(), Random::system()).await?;
    if demo.is_some() {
        services.is_demo = true;
        let size = demo::Size { apps: 12, days: 400, seed: 7 };
        let loaded = demo::load(&services, size).await?;
        say!("url: {}", services.settings.base_url)?;
        super::host::print_access(&loaded)?;
    } else if let Some(link) = setup::actions::link(&services).await? {
        tracing::info!("not set up yet; open this link within 24 hours: {link}");
    }
    for (key, is_set) in [
        ("smtp_url", services.settings.smtp_url.is_some()),
        ("sms_url", services.settings.sms_url.is_some()),
    ] {
        if is_set {
            tracing::warn!("{key} is set, but this version sends no messages yet");
        }
    }
    tracing::info!(database = %services.settings.database_url, "listening on {listen}");
    actix_web::rt::spawn(upkeep::run(services.clone()));
    startup::serve(services, listener)?.await?;
    tracing::info!("stopped");
    Ok(())
}
