//! The console itself, on a free port of this process, with a database and a clock of its own.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use switchroom::clock::{Clock, UtcTime};
use switchroom::config::{Layers, Settings};
use switchroom::demo;
use switchroom::random::Random;
use switchroom::services::Services;
use switchroom::setup::actions as setup;
use switchroom::startup;
use tempfile::TempDir;

/// Friday, 20 November 2026, six in the evening in Shanghai: pictures show the same days for ever.
const NOW: UtcTime = UtcTime::from_seconds(1_795_168_800);

const MASTER_KEY: &str = "c3dpdGNocm9vbSBicm93c2VyIGpvdXJuZXlzIGtleSE=";

/// A running console; it stops when dropped.
pub struct Console {
    /// Where it is, without a slash at the end.
    pub url: String,
    /// The one-time link of a database that nobody has set up.
    pub setup_link: Option<String>,
    /// What everybody in the sample data signs in with; empty without sample data.
    pub password: String,
    /// Stands still unless a journey winds it.
    pub clock: Clock,
    server: ServerHandle,
    folder: TempDir,
}

/// Where mail gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mail {
    /// None is set up.
    Nowhere,
    /// To the outbox of the demonstration, whose banner leads there.
    ToBeRead,
    /// The same, in a console that knows an identity provider.
    ToBeReadBesideAProvider,
}

/// A database with sample data, as a file.
#[derive(Clone)]
struct Sample {
    database: Vec<u8>,
    password: String,
}

impl Console {
    /// With an empty database.
    pub fn empty() -> Self {
        Self::start("127.0.0.1", None, Mail::Nowhere)
    }

    /// With an empty database, reached by a name over plain HTTP: to a browser that is no secure
    /// context, unlike `127.0.0.1`.
    pub fn on_plain_http() -> Self {
        Self::start("switchroom.test", None, Mail::Nowhere)
    }

    /// With the sample data of `serve --demo`.
    pub fn demo() -> Self {
        Self::start("127.0.0.1", Some(12), Mail::Nowhere)
    }

    /// The same with the banner that says so.
    pub fn demo_with_banner() -> Self {
        Self::start("127.0.0.1", Some(12), Mail::ToBeRead)
    }

    /// The same by a name, for which browsers have passkeys.
    pub fn demo_by_name() -> Self {
        Self::start("localhost", Some(12), Mail::ToBeRead)
    }

    /// The same with a provider to sign in through, which is away.
    pub fn demo_with_provider() -> Self {
        Self::start("127.0.0.1", Some(12), Mail::ToBeReadBesideAProvider)
    }

    /// With more sample apps than fit on a page.
    pub fn crowded() -> Self {
        Self::start("127.0.0.1", Some(25), Mail::Nowhere)
    }

    /// Changes the database behind the console's back, for what only an accident brings about.
    pub fn change(&self, sql: &str) {
        let file = self.folder.path().join("switchroom.db");
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the database");
        conn.batch_execute(&format!("PRAGMA busy_timeout = 5000; {sql}")).expect("a change");
    }

    fn start(host: &str, apps: Option<usize>, mail: Mail) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sample = apps.map(sample);
        if let Some(sample) = &sample {
            std::fs::write(folder.path().join("switchroom.db"), &sample.database).expect("a copy");
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let url = format!("http://{host}:{port}");
        let settings = match mail {
            Mail::ToBeReadBesideAProvider => settings_with(folder.path(), &url, &PROVIDER),
            Mail::Nowhere | Mail::ToBeRead => settings(folder.path(), &url),
        };
        let clock = Clock::standing_at(NOW);
        let hand = clock.clone();
        let (to, from) = mpsc::channel();
        std::thread::spawn(move || {
            System::new().block_on(async move {
                // Another stream than that of the sample data, whose values are taken.
                let services = services(settings, hand, Random::seeded(11)).await;
                let services = Services { is_demo: mail != Mail::Nowhere, ..services };
                let link = setup::link(&services).await.expect("a set-up link");
                let server = startup::serve(services, listener).expect("a server");
                to.send((server.handle(), link)).expect("somebody who waits for it");
                server.await.expect("a server that ends in peace");
            });
        });
        let (server, setup_link) = from.recv().expect("a console that starts");
        let password = sample.map(|sample| sample.password).unwrap_or_default();
        Self { url, setup_link, password, clock, server, folder }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // The order is given at once; nobody waits for its end.
        drop(self.server.stop(false));
    }
}

/// A provider at which nobody listens.
const PROVIDER: [(&str, &str); 3] =
    [("oidc_issuer", ISSUER), ("oidc_client_id", "console"), ("oidc_name", "Team ID")];
/// What it calls itself.
pub const ISSUER: &str = "http://127.0.0.1:9";

fn settings(folder: &Path, url: &str) -> Settings {
    settings_with(folder, url, &[])
}

fn settings_with(folder: &Path, url: &str, more: &[(&'static str, &str)]) -> Settings {
    let database = format!("sqlite:{}", folder.join("switchroom.db").display());
    let flags = [
        ("base_url", url.to_owned()),
        ("database_url", database),
        ("database_connections", "2".to_owned()),
        ("master_key", MASTER_KEY.to_owned()),
        ("workers", "1".to_owned()),
    ];
    let more = more.iter().map(|(key, text)| (*key, (*text).to_owned()));
    let flags: BTreeMap<_, _> = flags.into_iter().chain(more).collect();
    let layers = Layers { flags, ..Layers::default() };
    layers.load().expect("settings").settings
}

async fn services(settings: Settings, clock: Clock, random: Random) -> Services {
    startup::services(settings, clock, random).await.expect("services")
}

/// Sample data of so many apps: made once for all journeys, which each get a copy.
fn sample(apps: usize) -> Sample {
    static SAMPLES: Mutex<BTreeMap<usize, Sample>> = Mutex::new(BTreeMap::new());
    let mut samples = SAMPLES.lock().unwrap_or_else(PoisonError::into_inner);
    // A thread of its own: a journey's runtime is busy with the journey.
    let make = || std::thread::spawn(move || make_sample(apps)).join().expect("sample data");
    samples.entry(apps).or_insert_with(make).clone()
}

fn make_sample(apps: usize) -> Sample {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = settings(folder.path(), "http://127.0.0.1");
    let loaded = System::new().block_on(async {
        let services = services(settings, Clock::standing_at(NOW), Random::seeded(7)).await;
        // Long lists are for what is around the figures.
        let days = if apps > 12 { 1 } else { 400 };
        let size = demo::Size { apps, days, seed: 7 };
        demo::load(&services, size).await.expect("sample data")
    });
    let (from, to) = (folder.path().join("switchroom.db"), folder.path().join("copy.db"));
    let mut conn = SqliteConnection::establish(&from.to_string_lossy()).expect("the database");
    conn.batch_execute(&format!("VACUUM INTO '{}'", to.display())).expect("a copy");
    let database = std::fs::read(to).expect("the copy");
    Sample { database, password: loaded.password.expose().to_owned() }
}
