//! A PostgreSQL server for the tests of this process, and a database for each test that asks.
//!
//! The first test that needs one starts a cluster of its own in a temporary folder: reached by a
//! Unix socket alone, so no port is taken and nobody else gets in, and with durability off, since
//! nothing in it outlives the run. A shell stands between the tests and the server. It waits for
//! the end of a pipe that only this process holds open; that end comes however the process goes,
//! by return, panic or `kill -9`, and then the shell stops the server and removes the folder.
//!
//! Migrations run once per template, not once per test: `CREATE DATABASE … TEMPLATE …` copies the
//! migrated files in some tens of milliseconds. A [`TestDatabase`] is dropped with its value.
//!
//! - `SWITCHROOM_TEST_POSTGRES_URL` names a server to use instead. Its user must be allowed to
//!   create databases. What an earlier run left there is removed, what a live one uses is not.
//! - `SWITCHROOM_TEST_REQUIRE`, a list with commas: where it contains `postgres`, a missing
//!   PostgreSQL fails the tests. Otherwise one line on stderr says that they are skipped.

#![allow(dead_code, reason = "each test binary uses the part of this file that it needs")]

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_types::Text};
use url::Url;

const START_LIMIT: Duration = Duration::from_secs(60);
const INSTALL: &str = "install Debian's package `postgresql`, or name a server in \
                       SWITCHROOM_TEST_POSTGRES_URL";

/// A running server that tests may create databases on.
pub struct Cluster {
    server: Url,
    /// What the names of this process's databases begin with, and how its connection is called.
    owner: String,
    databases: AtomicU32,
    /// One connection makes and drops all databases, in turn: PostgreSQL lets a template be copied
    /// only while nobody is connected to it.
    maintenance: Mutex<PgConnection>,
    templates: Mutex<HashSet<String>>,
    /// Ends the server when its standard input is closed; `None` for a server that was given.
    keeper: Option<Child>,
}

impl Cluster {
    /// The server of this process, started by the first call. `None` where there is no PostgreSQL.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(Self::find).as_ref()
    }

    /// A database of its own for a test: a copy of a template, or empty.
    pub fn database(&'static self, template: Option<&str>) -> TestDatabase {
        let name = self.name(&self.databases.fetch_add(1, Ordering::Relaxed).to_string());
        let template = template.map_or_else(|| "template0".to_owned(), |known| self.name(known));
        self.execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""));
        TestDatabase { url: self.url(&name), cluster: self, name }
    }

    /// Makes a template for [`Self::database`] unless it is there: `fill` receives the address of
    /// an empty database and must have closed its connections when it returns.
    pub fn template(&'static self, template: &str, fill: impl FnOnce(&str)) {
        let mut templates = locked(&self.templates);
        if templates.contains(template) {
            return;
        }
        let name = self.name(template);
        // An earlier `fill` may have panicked half-way.
        self.execute(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"));
        self.execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE template0"));
        fill(&self.url(&name));
        templates.insert(template.to_owned());
    }

    fn find() -> Option<Self> {
        if let Some(url) = std::env::var_os("SWITCHROOM_TEST_POSTGRES_URL") {
            return Some(Self::connected(parsed(&url.to_string_lossy()), None));
        }
        let Some(binaries) = binaries() else {
            assert!(!is_required(), "PostgreSQL is required and not here: {INSTALL}");
            eprintln!("SKIPPED: every test on PostgreSQL, which is not here; {INSTALL}");
            return None;
        };
        Some(Self::start(&binaries))
    }

    fn start(binaries: &Path) -> Self {
        let account = Account::of_server();
        let folder = account.folder();
        let data = folder.join("data");

        let mut initdb = account.command(&binaries.join("initdb"), &folder);
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        initdb.args(["--no-sync", "--no-instructions", "--pgdata"]).arg(&data);
        let made = initdb.output().unwrap_or_else(|problem| panic!("initdb: {problem}"));
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

        let mut keeper = account.command(Path::new("/bin/sh"), &folder);
        keeper.args(["-c", KEEP]).arg(&folder).arg(binaries.join("postgres"));
        keeper.arg("-D").arg(&data).arg("-k").arg(&folder);
        for setting in SETTINGS {
            keeper.args(["-c", setting]);
        }
        // A group of its own, or Ctrl-C would end the shell before it has cleaned up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keeper = keeper.spawn().unwrap_or_else(|problem| panic!("sh: {problem}"));

        let mut server = parsed("postgres:///postgres?user=postgres");
        server.query_pairs_mut().append_pair("host", &folder.display().to_string());
        await_start(&server, &mut keeper, &folder.join("log"));
        Self::connected(server, Some(keeper))
    }

    fn connected(server: Url, keeper: Option<Child>) -> Self {
        let started = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        let owner = format!("{PREFIX}{}_{}", std::process::id(), started % 100_000_000);
        let mut maintenance = PgConnection::establish(server.as_str())
            .unwrap_or_else(|problem| panic!("PostgreSQL: {problem}"));
        run(&mut maintenance, &format!("SET application_name = '{owner}'"));
        if keeper.is_none() {
            drop_leftovers(&mut maintenance);
        }
        Self {
            server,
            owner,
            databases: AtomicU32::new(1),
            maintenance: Mutex::new(maintenance),
            templates: Mutex::default(),
            keeper,
        }
    }

    fn name(&self, of: &str) -> String {
        format!("{}_{of}", self.owner)
    }

    fn url(&self, database: &str) -> String {
        let mut url = self.server.clone();
        url.set_path(database);
        url.into()
    }

    fn execute(&self, sql: &str) {
        run(&mut locked(&self.maintenance), sql);
    }
}

/// A database that one test has for itself; dropped with this value.
pub struct TestDatabase {
    url: String,
    name: String,
    cluster: &'static Cluster,
}

impl TestDatabase {
    /// Where to connect, for diesel, libpq and the program's own settings alike.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl TestDatabase {
    /// Ends all connections and takes no new ones, as a server that stops, until it is told to.
    pub fn go_away(&self, is_away: bool) {
        let name = &self.name;
        self.cluster.execute(&format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS {}", !is_away));
        if is_away {
            let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
            self.cluster.execute(&format!("{ends} = '{name}'"));
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // No panic here: the test may be unwinding already, and its own words matter more.
        if let Err(problem) = locked(&self.cluster.maintenance).batch_execute(&sql) {
            eprintln!("{sql}: {problem}");
        }
    }
}

const PREFIX: &str = "switchroom_test_";

/// Starts the server given by the arguments, waits for the end of standard input, stops it without
/// ceremony and removes the folder. The server's death ends nothing: the tests will notice.
const KEEP: &str = r#"
folder=$0
"$@" </dev/null >"$folder/log" 2>&1 &
while read -r _; do :; done
kill -QUIT "$!"
wait
cd /
rm -rf "$folder"
"#;

const SETTINGS: [&str; 12] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=300",
    "max_wal_size=256MB",
    "min_wal_size=32MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "timezone=UTC",
];

/// Whom the server runs as. PostgreSQL refuses to be root, so root lends it the account that the
/// package made. The switch is made while spawning, not by `runuser`, which would stay in between
/// as a parent that does not pass on the signal to stop.
struct Account(Option<(u32, u32)>);

impl Account {
    fn of_server() -> Self {
        let own = std::fs::metadata("/proc/self").map(|process| process.uid());
        if own.is_ok_and(|uid| uid != 0) {
            return Self(None);
        }
        let id = |flag| {
            let answer = Command::new("id").args([flag, "postgres"]).output().ok()?;
            String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
        };
        let Some(ids) = id("-u").zip(id("-g")) else {
            panic!("PostgreSQL does not run as root and there is no user `postgres`: {INSTALL}");
        };
        Self(Some(ids))
    }

    /// A new folder of the account's own, for the data, the log and the socket.
    fn folder(&self) -> PathBuf {
        // The path of a Unix socket has at most 107 bytes; some temporary folders are deeper.
        let mut parent = std::env::temp_dir();
        if parent.as_os_str().len() > 60 {
            parent = PathBuf::from("/tmp");
        }
        let folder = tempfile::Builder::new()
            .prefix("switchroom-postgres-")
            .tempdir_in(parent)
            .unwrap_or_else(|problem| panic!("a temporary folder: {problem}"))
            .keep();
        if let Some((uid, gid)) = self.0 {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid))
                .unwrap_or_else(|problem| panic!("{}: {problem}", folder.display()));
        }
        folder
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        if let Some((uid, gid)) = self.0 {
            command.uid(uid).gid(gid);
        }
        command
    }
}

/// The folder with `initdb` and `postgres`: the newest of Debian's, which are not on the PATH, or
/// one that is.
fn binaries() -> Option<PathBuf> {
    let holds = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|b| folder.join(b).is_file());
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|entry| entry.path()).collect();
    debian.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = debian.into_iter().map(|folder| folder.join("bin"));
    debian.chain(std::env::split_paths(&path)).find(holds)
}

fn await_start(server: &Url, keeper: &mut Child, log: &Path) {
    let deadline = Instant::now() + START_LIMIT;
    while let Err(problem) = PgConnection::establish(server.as_str()) {
        if Instant::now() > deadline {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            // A test process that goes on must not leave the server behind.
            drop(keeper.stdin.take());
            panic!("PostgreSQL did not start: {problem}\n{log}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Removes databases of test processes that are gone. A living one is known by the name of its
/// connection, which it has before it makes a database, so this is right across machines too.
fn drop_leftovers(maintenance: &mut PgConnection) {
    #[derive(QueryableByName)]
    struct Leftover {
        #[diesel(sql_type = Text)]
        datname: String,
    }

    let leftovers: Vec<Leftover> = diesel::sql_query(format!(
        "SELECT d.datname::text FROM pg_database d WHERE starts_with(d.datname, '{PREFIX}') \
         AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE starts_with(a.application_name, '{PREFIX}') \
         AND starts_with(d.datname, a.application_name || '_'))"
    ))
    .load(maintenance)
    .unwrap_or_else(|problem| panic!("databases left over: {problem}"));
    for Leftover { datname } in leftovers {
        run(maintenance, &format!("DROP DATABASE IF EXISTS \"{datname}\" WITH (FORCE)"));
    }
}

fn run(connection: &mut PgConnection, sql: &str) {
    connection.batch_execute(sql).unwrap_or_else(|problem| panic!("{sql}: {problem}"));
}

/// A test that panicked while it held the lock has left nothing half-done that matters here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parsed(url: &str) -> Url {
    Url::parse(url).unwrap_or_else(|problem| panic!("{url}: {problem}"))
}

fn is_required() -> bool {
    let list = std::env::var_os("SWITCHROOM_TEST_REQUIRE").unwrap_or_default();
    list.to_string_lossy().split(',').any(|part| part.trim() == "postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(url: &str, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut connection = PgConnection::establish(url).expect("a connection");
        let row: Count = diesel::sql_query(sql).get_result(&mut connection).expect(sql);
        row.count
    }

    #[test]
    fn a_test_database_is_a_copy_of_its_template_and_goes_with_its_value() {
        let Some(cluster) = Cluster::shared() else { return };
        let fill = |url: &str| {
            let mut connection = PgConnection::establish(url).expect("a connection");
            run(
                &mut connection,
                "CREATE TABLE fruit (name TEXT); INSERT INTO fruit VALUES ('fig')",
            );
        };
        cluster.template("fruit", fill);
        cluster.template("fruit", |_| panic!("a template is filled once"));

        let one = cluster.database(Some("fruit"));
        let other = cluster.database(Some("fruit"));
        let mut kept_open = PgConnection::establish(one.url()).expect("a connection");
        run(&mut kept_open, "INSERT INTO fruit VALUES ('plum')");

        assert_eq!(count(one.url(), "SELECT count(*) FROM fruit"), 2);
        assert_eq!(count(other.url(), "SELECT count(*) FROM fruit"), 1);
        let gone = one.url().to_owned();
        drop(one);
        assert!(PgConnection::establish(&gone).is_err(), "{gone} is still there");
    }

    #[test]
    fn databases_of_a_dead_process_are_removed_and_those_of_a_living_one_are_not() {
        let Some(cluster) = Cluster::shared() else { return };
        let living = cluster.database(None);
        let dead = format!("{PREFIX}1_1_1");
        cluster.execute(&format!("CREATE DATABASE \"{dead}\""));

        drop_leftovers(&mut locked(&cluster.maintenance));

        let names = format!("SELECT count(*) FROM pg_database WHERE datname IN ('{dead}')");
        assert_eq!(count(living.url(), &names), 0);
    }

    #[test]
    fn the_server_and_its_folder_go_when_the_pipe_ends() {
        let (Some(binaries), None) = (binaries(), std::env::var_os("SWITCHROOM_TEST_POSTGRES_URL"))
        else {
            return;
        };
        let mut cluster = Cluster::start(&binaries);
        let (_, folder) = cluster.server.query_pairs().last().expect("where the socket is");
        let folder = PathBuf::from(folder.into_owned());
        assert!(folder.is_dir());

        let mut keeper = cluster.keeper.take().expect("a cluster of our own");
        drop(keeper.stdin.take());
        keeper.wait().expect("the end of the shell");

        assert!(!folder.exists(), "{} is still there", folder.display());
        assert!(PgConnection::establish(cluster.server.as_str()).is_err());
    }
}
