//! The program under test, on a port of its own, with a clock that stands until it is wound.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{LazyLock, OnceLock};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use switchroom::accounts::store::{NewAccount, account_insert, email_confirm};
use switchroom::accounts::{Email, Passwords};
use switchroom::api_keys::{self, ApiScope};
use switchroom::clock::{Clock, UtcTime, days};
use switchroom::config::{Layers, Settings};
use switchroom::db::Conn;
use switchroom::i18n::Language;
use switchroom::ids::{SdkAppId, WorkspaceId};
use switchroom::random::Random;
use switchroom::secret::Secret;
use switchroom::services::Services;
use switchroom::vault::{MasterKey, Vault};
use switchroom::workspaces::Role;
use switchroom::workspaces::store::{membership_insert, workspace_insert};
use switchroom::{operations, setup, startup};

use super::Actor;
use super::db::{self, Backend, Database, Filling};
use super::wait;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";
/// The moment at which the clock stands: 2026-03-02 08:00 UTC.
pub const NOW: UtcTime = UtcTime::from_seconds(1_772_438_400);
/// The master key of all tests.
pub const MASTER_KEY: &str = "c3dpdGNocm9vbSB0ZXN0czogYSBtYXN0ZXIga2V5ISE=";
/// The workspace of the cast.
pub const ALPHA: WorkspaceId = WorkspaceId(1);
/// Bob's workspace.
pub const BETA: WorkspaceId = WorkspaceId(2);

/// The members of [`ALPHA`]; alice is also the operator. Bob owns [`BETA`].
pub const CAST: [(&str, Role); 6] = [
    ("alice", Role::Owner),
    ("adam", Role::Admin),
    ("erin", Role::Engineer),
    ("oscar", Role::Operations),
    ("fiona", Role::Finance),
    ("vera", Role::Viewer),
];

/// The program with the cast on a database of its own. `None` where the backend is missing.
pub fn app_on(backend: Backend) -> Option<TestApp> {
    start(backend, Filling::Cast, &[])
}

/// The program with chosen settings, on a database with a chosen filling.
pub fn start(
    backend: Backend,
    filling: Filling,
    settings: &[(&'static str, &str)],
) -> Option<TestApp> {
    operations::install_metrics();
    let database = Database::new(backend, filling)?;
    Some(TestApp::on(database, Clock::standing_at(NOW), settings, |_| {}))
}

/// The demonstration, with the cast in place of its sample data.
pub fn demo_on(backend: Backend) -> Option<TestApp> {
    operations::install_metrics();
    let database = Database::new(backend, Filling::Cast)?;
    let adjust = |services: &mut Services| services.is_demo = true;
    Some(TestApp::on(database, Clock::standing_at(NOW), &[], adjust))
}

/// A running program.
pub struct TestApp {
    server: Option<Running>,
    services: Services,
    address: SocketAddr,
    given: BTreeMap<&'static str, String>,
    database: Database,
    /// The cookie of the one device that all of the cast use.
    device: OnceLock<String>,
}

struct Running {
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

impl Running {
    fn start(services: Services, listener: TcpListener) -> Self {
        let (tell, told) = channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = startup::serve(services, listener).expect("a server");
                tell.send(server.handle()).expect("somebody waits");
                server.await.expect("a server that ends well");
            });
        });
        Self { handle: told.recv().expect("a server"), thread }
    }

    fn stop(self, gracefully: bool) {
        wait(self.handle.stop(gracefully));
        drop(self.thread.join());
    }
}

impl TestApp {
    fn on(
        database: Database,
        clock: Clock,
        settings: &[(&'static str, &str)],
        adjust: impl FnOnce(&mut Services),
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut given = BTreeMap::from([
            ("listen", address.to_string()),
            ("database_url", database.url()),
            ("database_connections", "4".to_owned()),
            ("master_key", MASTER_KEY.to_owned()),
            ("workers", "2".to_owned()),
            ("trusted_proxies", "127.0.0.1".to_owned()),
        ]);
        given.extend(settings.iter().map(|(key, text)| (*key, (*text).to_owned())));
        let mut services = composed(&given, clock);
        adjust(&mut services);
        let server = Running::start(services.clone(), listener);
        Self { server: Some(server), services, address, given, database, device: OnceLock::new() }
    }

    /// The same with something in its services changed.
    pub fn adjusted(self, adjust: impl FnOnce(&mut Services)) -> Self {
        let mut services = self.services.clone();
        adjust(&mut services);
        self.again(|_| services)
    }

    /// Ends the process, as far as a test can, and starts another on the same database.
    pub fn restarted(self) -> Self {
        self.again(|app| composed(&app.given, app.services.clock.clone()))
    }

    fn again(mut self, services: impl FnOnce(&Self) -> Services) -> Self {
        if let Some(server) = self.server.take() {
            server.stop(false);
        }
        self.services = services(&self);
        let listener = TcpListener::bind(self.address).expect("the same port");
        self.server = Some(Running::start(self.services.clone(), listener));
        self
    }

    /// Another node on the same database: what it works with.
    pub fn node(&self) -> Services {
        composed(&self.given, self.services.clock.clone())
    }

    /// Where its database is.
    pub fn database_url(&self) -> String {
        self.database.url()
    }

    /// Stops as on a signal: what is under way is finished. Answers when it has ended.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(true);
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its database, keys and the rest.
    pub const fn services(&self) -> &Services {
        &self.services
    }

    /// Makes its PostgreSQL unreachable, and reachable again.
    pub fn database_is_away(&self, is_away: bool) {
        self.database.go_away(is_away);
    }

    /// Its clock.
    pub const fn clock(&self) -> &Clock {
        &self.services.clock
    }

    /// Scheme, host and port, as browsers send them.
    pub fn origin(&self) -> String {
        self.services.settings.origin()
    }

    /// Looks into the database, or prepares it, past the program.
    pub fn db<T>(&self, job: impl FnOnce(&mut Conn) -> T) -> T {
        job(&mut self.database.connect())
    }

    /// One number of the database.
    pub fn count(&self, query: &str) -> i64 {
        self.db(|conn| db::number(conn, query))
    }

    /// Everything that is stored.
    pub fn rows(&self) -> Vec<String> {
        self.db(db::all_rows)
    }

    /// Insists that what is stored is what was stored before.
    #[track_caller]
    pub fn expect_unchanged(&self, before: &[String], after: &str) {
        let rows = self.rows();
        let lost: Vec<_> = before.iter().filter(|row| !rows.contains(row)).collect();
        let new: Vec<_> = rows.iter().filter(|row| !before.contains(row)).collect();
        assert!(lost.is_empty() && new.is_empty(), "{after} changed {lost:#?}\ninto {new:#?}");
    }

    /// Statements that are sent meanwhile.
    pub fn statements(&self, job: impl FnOnce()) -> u64 {
        let before = self.services.db.statements();
        job();
        self.services.db.statements() - before
    }

    /// Password hashes that are computed meanwhile.
    pub fn password_checks(&self, job: impl FnOnce()) -> u64 {
        let before = self.services.passwords.checks();
        job();
        self.services.passwords.checks() - before
    }

    /// Somebody who has never been here, from an address of their own.
    pub fn visitor(&self) -> Actor<'_> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 1).to_bits() + number);
        Actor::new(self, IpAddr::V4(address))
    }

    /// One of the cast, signed in.
    #[track_caller]
    pub fn person(&self, name: &str) -> Actor<'_> {
        let actor = self.on_known_device();
        actor.sign_in(name, PASSWORD).expect(303);
        self.knows_device_of(&actor);
        actor
    }

    /// Somebody on the device that the cast use: signing in on it is no news to them.
    pub fn on_known_device(&self) -> Actor<'_> {
        let actor = self.visitor();
        if let Some(device) = self.device.get() {
            actor.set_cookie("device", device);
        }
        actor
    }

    /// After a sign-in there.
    pub fn knows_device_of(&self, actor: &Actor<'_>) {
        if let Some(device) = actor.cookie("device") {
            self.device.get_or_init(|| device);
        }
    }

    /// The owner of the workspace, who is the operator too.
    #[track_caller]
    pub fn owner(&self) -> Actor<'_> {
        self.person("alice")
    }

    /// The owner of the other workspace.
    #[track_caller]
    pub fn bob(&self) -> Actor<'_> {
        self.person("bob")
    }

    /// The member with a role.
    #[track_caller]
    pub fn member(&self, role: Role) -> Actor<'_> {
        let (name, _) = CAST.into_iter().find(|(_, known)| *known == role).expect("a member");
        self.person(name)
    }

    /// A program of the workspace with a key of some scopes.
    pub fn key(&self, scopes: &[ApiScope]) -> Actor<'_> {
        self.key_of(ALPHA, None, scopes)
    }

    /// A program of a workspace, perhaps limited to one app.
    pub fn key_of(
        &self,
        workspace: WorkspaceId,
        app: Option<SdkAppId>,
        scopes: &[ApiScope],
    ) -> Actor<'_> {
        let made = api_keys::actions::create(
            &self.services,
            workspace,
            app,
            ("ci".to_owned(), scopes.to_vec()),
            switchroom::audit::Actor::host(),
        );
        self.visitor().with_key(wait(made).expect("a key").expose())
    }

    /// A new link for the first run, as the log shows it: path and query.
    pub fn setup_link(&self) -> Option<String> {
        let link = wait(setup::actions::link(&self.services)).expect("an answer");
        link.map(|link| link.trim_start_matches(&self.services.settings.base_url).to_owned())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(false);
        }
    }
}

/// Reads settings as the command line would.
pub fn settings(given: &BTreeMap<&'static str, String>) -> Settings {
    let layers = Layers { flags: given.clone(), ..Layers::default() };
    layers.load().map_err(|problems| panic!("{problems}")).expect("settings").settings
}

fn composed(given: &BTreeMap<&'static str, String>, clock: Clock) -> Services {
    let mut services =
        wait(startup::services(settings(given), clock, Random::system())).expect("services");
    // Nobody waits for minutes for the end of a stream.
    services.following.looks = 1;
    services
}

/// Makes the workspaces and everybody in them.
pub fn bring_the_cast(conn: &mut Conn) {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let hash = Passwords::new(1);
        wait(hash.hash(Secret::new(PASSWORD.to_owned()), &Random::system())).expect("a hash")
    });
    let vault = Vault::new(&MasterKey::parse(MASTER_KEY).expect("a master key"));
    setup::store::installation_insert(conn, vault.key_id(), NOW).expect("an installation");
    setup::store::setup_close_by_host(conn, NOW).expect("closed");
    let account = |conn: &mut Conn, name: &str| {
        let new = NewAccount {
            email: &Email::parse(&email(name)).expect("an address"),
            name,
            password_hash: Some(&HASH),
            language: Language::English,
            is_operator: name == "alice",
        };
        let account = account_insert(conn, &new, NOW).expect("an account");
        assert!(
            email_confirm(conn, account, &email(name), NOW.minus(days(365))).expect("confirmed")
        );
        account
    };
    let people = CAST.map(|(name, role)| (account(conn, name), role));
    let (alice, _) = people[0];
    let alpha = workspace_insert(conn, "Alpha", "Asia/Shanghai", alice, NOW).expect("a workspace");
    for (member, role) in &people[1..] {
        membership_insert(conn, alpha, *member, *role, NOW).expect("a membership");
    }
    let bob = account(conn, "bob");
    let beta = workspace_insert(conn, "Beta", "UTC", bob, NOW).expect("a workspace");
    assert_eq!((alpha, beta), (ALPHA, BETA));
}

/// The address of one of the cast.
pub fn email(name: &str) -> String {
    format!("{name}@example.com")
}
