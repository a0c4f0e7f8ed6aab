//! `switchroom serve`.

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::output::say;
use super::with_settings;
use crate::clock::Clock;
use crate::config::{Layers, Settings};
use crate::notify::sms::Countries;
use crate::random::Random;
use crate::services::Services;
use crate::setup::actions::LINK_HOURS;
use crate::{demo, operations, private, setup, startup};

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
                actix_web::rt::System::new().block_on(serve(loaded.settings))
            });
        }
        let folder = match Folder::new() {
            Ok(folder) => folder,
            Err(error) => return super::report(Err(error)),
        };
        // The demonstration needs no settings and touches nothing that is there.
        layers.flags.insert("database_url", format!("sqlite:{}", folder.path("switchroom.db")));
        layers.flags.insert("master_key_path", folder.path("master.key"));
        layers.defaults.insert("log", "warn".into());
        with_settings(layers, |loaded| {
            actix_web::rt::System::new().block_on(async {
                // The signal first: it is listened for before anything is loaded.
                tokio::select! {
                    biased;
                    told = told_to_stop() => Ok(told?),
                    done = demonstrate(loaded.settings) => done,
                }
            })
        })
    }
}

/// A temporary folder that goes with the process.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let name = format!("switchroom-demo-{}", Random::system().hex::<6>());
        let path = std::env::temp_dir().join(name);
        private::make_new_folder(&path).with_context(|| path.display().to_string())?;
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

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let (services, listener) = open(settings).await?;
    if let Some(link) = setup::actions::link(&services).await? {
        say!("set-up link, good for {LINK_HOURS} hours: {link}")?;
    }
    listen(services, listener).await
}

async fn demonstrate(settings: Settings) -> anyhow::Result<()> {
    let (mut services, listener) = open(settings).await?;
    services.is_demo = true;
    let loaded = demo::load(&services, demo::Size { apps: 12, days: 400, seed: 7 }).await?;
    say!("url: {}", services.settings.base_url)?;
    super::host::print_access(&loaded)?;
    listen(services, listener).await
}

async fn open(mut settings: Settings) -> anyhow::Result<(Services, TcpListener)> {
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("listening on {}", settings.listen))?;
    // Port 0 asks for any free one.
    if settings.listen.port() == 0 {
        let port = listener.local_addr()?.port();
        settings.base_url = settings.base_url.replace(":0", &format!(":{port}"));
    }
    operations::install_metrics();
    let services = startup::services(settings, Clock::system(), Random::system()).await?;
    Ok((services, listener))
}

async fn listen(services: Services, listener: TcpListener) -> anyhow::Result<()> {
    if services.settings.sms_url.is_some() && services.settings.sms_countries == Countries::All {
        tracing::warn!(
            "text messages go to numbers of all countries: name yours in sms_countries, such as +86"
        );
    }
    let address = listener.local_addr()?;
    tracing::info!(database = %services.settings.database_url, "listening on {address}");
    let background = startup::Background::start(&services)?;
    // The server waits for requests to finish, and these would not.
    let followed = services.following.stopper.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = told_to_stop().await {
            tracing::warn!(%error, "pages that follow what goes on delay the end");
        }
        followed.stop();
    });
    startup::serve(services, listener)?.await?;
    background.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Waits until the process is told to stop.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            told = tokio::signal::ctrl_c() => told,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
