//! The composition root: settings become services, services become a server.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy};
use actix_web::cookie::{SameSite, time};
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig, scope, to};
use actix_web::{App, HttpServer};
use anyhow::{Context, bail};
use tokio::task::JoinSet;

use tokio::sync::Semaphore;

use crate::accounts::Passwords;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::{DatabaseUrl, Db, DbError, migrate};
use crate::error::AppError;
use crate::events::actions::{PEAKS_JOB, PRUNE_JOB};
use crate::identities::Provider;
use crate::jobs::{Job, Runner, Stop, Stopper};
use crate::minutes::actions::SETTLE_JOB;
use crate::notify::{Bell, Worker, sms, worker};
use crate::outgoing::Limits;
use crate::private;
use crate::random::Random;
use crate::services::{Following, Services};
use crate::sessions::{LIFETIME, backing::Backing};
use crate::setup::store as installation;
use crate::upkeep;
use crate::vault::{MasterKey, Vault};
use crate::web::body::Patience;
use crate::web::{self, cx, errors, guard, headers, observe, origin, urls};

/// Requests under way may take this long after the signal to stop.
const GRACE_S: u64 = 20;
/// And work in the background this long after them.
const BACKGROUND_GRACE: Duration = Duration::from_secs(4);

/// What one of the nodes does now and then.
const JOBS: &[Job] = &[upkeep::JOB, PRUNE_JOB, PEAKS_JOB, SETTLE_JOB];

/// Brings a database up to date, which needs no key.
///
/// # Errors
/// Which migration failed and why.
pub fn migrate(url: &DatabaseUrl) -> anyhow::Result<()> {
    for name in migrate::migrate(url).context("migrating the database")? {
        tracing::info!(name, "migrated");
    }
    Ok(())
}

/// Opens the database of settings; migrates it first.
///
/// # Errors
/// What is wrong, for the person who starts the program.
pub fn database(settings: &Settings) -> anyhow::Result<Db> {
    migrate(&settings.database_url)?;
    Ok(Db::open(&settings.database_url, settings.database_connections)?)
}

/// Batches of events that are read at a time: each keeps a thread, and what it has of its events in memory.
const BATCHES_AT_ONCE: usize = 16;
/// Pages that follow what goes on at a time: each asks the database every few seconds.
const STREAMS_AT_ONCE: usize = 200;

/// Opens database and keys for settings; migrates first.
///
/// # Errors
/// What is wrong, for the person who starts the program.
pub async fn services(
    settings: Settings,
    clock: Clock,
    random: Random,
) -> anyhow::Result<Services> {
    install_crypto();
    let db = database(&settings)?;
    let vault = vault(&settings, &db, &clock, &random).await?;
    let provider = provider(&settings, Limits::default())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Services {
        db,
        clock,
        random,
        vault: Arc::new(vault),
        passwords: Passwords::new(cores),
        settings: Arc::new(settings),
        mail: Bell::default(),
        sms: Bell::default(),
        provider,
        patience: Patience::default(),
        is_set_up: Arc::new(AtomicBool::new(true)),
        batches: Arc::new(Semaphore::new(BATCHES_AT_ONCE)),
        following: Following {
            streams: Arc::new(Semaphore::new(STREAMS_AT_ONCE)),
            every: Duration::from_secs(5),
            looks: 120,
            stopper: Arc::new(Stopper::new().0),
        },
        is_demo: false,
    })
}

/// The provider of settings that people may sign in through. It is not asked anything yet.
///
/// # Errors
/// A system without authorities for certificates.
pub fn provider(settings: &Settings, limits: Limits) -> anyhow::Result<Option<Arc<Provider>>> {
    let Some(registration) = settings.oidc.clone() else { return Ok(None) };
    // From the settings and never from a request: a name that somebody made up would get the code.
    let redirect = format!("{}{}", settings.base_url, urls::SSO_CALLBACK);
    let provider = Provider::new(registration, redirect, limits).context("oidc_issuer")?;
    Ok(Some(Arc::new(provider)))
}

/// Chooses what TLS computes with, once for the process.
fn install_crypto() {
    // Refused when it was chosen before, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// The keys, of the one master key that the database belongs to. A new database takes ours,
/// unless another node that starts now is quicker.
async fn vault(
    settings: &Settings,
    db: &Db,
    clock: &Clock,
    random: &Random,
) -> anyhow::Result<Vault> {
    let known = db
        .read::<_, DbError>(|conn| Ok(installation::installation(conn)?.map(|row| row.key_id)))
        .await?;
    let vault = Vault::new(&master_key(settings, random, known.is_none())?);
    let known = match known {
        Some(known) => known,
        None => {
            let (id, now) = (vault.key_id().to_owned(), clock.now());
            db.write::<_, DbError>(move |conn| installation::installation_insert(conn, &id, now))
                .await?
        }
    };
    if known != vault.key_id() {
        bail!(
            "this master key ({}) is not the one that the database was made with ({known})",
            vault.key_id()
        );
    }
    Ok(vault)
}

/// The master key of the settings, or of its file. A new file is made for a new database only:
/// beside an existing one a new key would lock everything away.
fn master_key(settings: &Settings, random: &Random, is_new: bool) -> anyhow::Result<MasterKey> {
    let broken = "is not 32 bytes of base64";
    if let Some(text) = &settings.master_key {
        return MasterKey::parse(text.expose()).with_context(|| format!("master_key {broken}"));
    }
    let path = &settings.master_key_path;
    match std::fs::read_to_string(path) {
        Ok(text) => {
            return MasterKey::parse(&text).with_context(|| format!("{} {broken}", path.display()));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    }
    if !is_new {
        bail!(
            "the master key is missing: set SWITCHROOM_MASTER_KEY or bring back {}",
            path.display()
        );
    }
    if let Some(folder) = path.parent() {
        private::make_folder(folder).with_context(|| folder.display().to_string())?;
    }
    let key = MasterKey::generate(random);
    private::write_new(path, &format!("{}\n", key.encode().expose()))
        .with_context(|| path.display().to_string())?;
    Ok(key)
}

/// Mounts everything on an application.
pub fn mount(services: &Services, config: &mut ServiceConfig) {
    let not_found = || async { Err::<String, _>(AppError::NotFound) };
    let backing = Backing {
        db: services.db.clone(),
        clock: services.clock.clone(),
        random: services.random.clone(),
    };
    let lifetime = time::Duration::try_from(LIFETIME).unwrap_or(time::Duration::HOUR);
    let session = SessionMiddleware::builder(backing, services.vault.cookie_key())
        .cookie_name(cx::cookie_name(services, cx::SESSION_COOKIE))
        .cookie_secure(services.settings.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".into())
        .cookie_content_security(CookieContentSecurity::Private)
        .session_lifecycle(
            PersistentSession::default()
                .session_ttl(lifetime)
                .session_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges),
        )
        .build();
    config
        .app_data(Data::new(services.clone()))
        .configure(|config| web::routes().mount(false, config))
        .service(scope("/v1").default_service(to(not_found)))
        .service(
            scope("")
                .wrap(from_fn(guard::identify))
                .wrap(session)
                .configure(|config| web::routes().mount(true, config))
                .default_service(to(not_found)),
        );
}

/// Serves on a listener until the process is told to stop.
///
/// # Errors
/// A listener that cannot be used.
pub fn serve(services: Services, listener: TcpListener) -> std::io::Result<Server> {
    let workers = match services.settings.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    // Connections, hashes and a margin: threads for more would only wait for these.
    let blocking = services.settings.database_connections as usize + 2 * workers + 2;
    let server = HttpServer::new(move || {
        let services = services.clone();
        // The last one wrapped is the first to see a request.
        App::new()
            .wrap(from_fn(origin::same_origin))
            .wrap(from_fn(errors::dress))
            .wrap(from_fn(headers::secure))
            .wrap(from_fn(observe::observe))
            .configure(|config| mount(&services, config))
    });
    Ok(server
        .workers(workers)
        .worker_max_blocking_threads(blocking.div_ceil(workers))
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(GRACE_S)
        .listen(listener)?
        .run())
}

/// Work in the background, until it is told to stop.
pub struct Background {
    stopper: Stopper,
    tasks: JoinSet<()>,
}

impl Background {
    /// Begins all of it. The demonstration sends neither mail nor text messages.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn start(services: &Services) -> anyhow::Result<Self> {
        let (stopper, stop): (Stopper, Stop) = Stopper::new();
        let mut tasks = JoinSet::new();
        for job in JOBS {
            tasks.spawn(Runner::new(services.clone(), stop.clone()).look_after(*job));
        }
        if !services.is_demo {
            let mail = Arc::new(Worker::new(services.clone())?);
            let sms = Arc::new(Worker::sms(services.clone(), sms::Limits::default())?);
            for (worker, lanes) in [(mail, worker::LANES), (sms, worker::SMS_LANES)] {
                for _ in 0..lanes {
                    let (worker, stop) = (Arc::clone(&worker), stop.clone());
                    tasks.spawn(async move { worker.run(stop).await });
                }
            }
        }
        Ok(Self { stopper, tasks })
    }

    /// Tells it to stop and waits a little. What does not end by then is cut off between two
    /// transactions, and begun again when its lease is over.
    pub async fn stop(mut self) {
        self.stopper.stop();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(BACKGROUND_GRACE, ended).await.is_err() {
            tracing::warn!("work in the background did not end in time and is cut off");
        }
    }
}
