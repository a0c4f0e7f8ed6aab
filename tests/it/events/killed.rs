//! Nothing that was acknowledged is lost with the process, and a batch is counted whole or not at all.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};

use rstest::rstest;
use serde_json::json;
use switchroom::clock::Clock;
use tempfile::TempDir;

use crate::support::app::MASTER_KEY;
use crate::support::db::{Database, Filling, number, run, texts};
use crate::support::{Backend, Postgres, Sqlite};

const ROUNDS: usize = 50;
const CLIENTS: usize = 4;
/// Events of a batch.
const EVENTS: usize = 40;
const APP: i64 = 1_400_000_001;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchroom");
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A program with a folder of its own and no settings but the database and its key.
fn program(name: &str, database: &Database, folder: &TempDir) -> Command {
    let mut command = Command::new(name);
    command
        .current_dir(folder.path())
        .env_clear()
        .env("SWITCHROOM_DATABASE_URL", database.url())
        .env("SWITCHROOM_MASTER_KEY", MASTER_KEY);
    command
}

/// A console that is killed with this value, as by `kill -9`.
struct Console {
    child: Child,
    server: SocketAddr,
}

impl Console {
    fn start(mut program: Command) -> Self {
        let serve = program.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = serve.spawn().expect("the program runs");
        let mut log = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        let server = loop {
            line.clear();
            assert!(log.read_line(&mut line).expect("text") > 0, "it listens");
            if let Some((_, address)) = line.trim().split_once("listening on ") {
                break address.split(' ').next().unwrap_or_default().parse().expect("an address");
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, server }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A data plane.
struct Plane {
    server: SocketAddr,
    key: String,
    at: String,
}

impl Plane {
    /// Reports messages of one user, who has the batch's name; the status, unless the server is gone.
    fn report(&self, batch: &str) -> std::io::Result<String> {
        let message = json!({"type": "message.sent", "at": self.at, "user": batch, "scope": "c2c"});
        let body = json!({"events": vec![message; EVENTS]}).to_string();
        let mut stream = TcpStream::connect(self.server)?;
        write!(
            stream,
            "POST /v1/apps/{APP}/events HTTP/1.1\r\nhost: console\r\nconnection: close\r\n\
             authorization: Bearer {}\r\nidempotency-key: {batch}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(String::from_utf8_lossy(&status).into_owned())
    }

    /// Reports one batch after the other until the server is gone, and tells which were acknowledged.
    fn report_on(&self, name: &str, acknowledged: &Sender<String>) {
        for number in 0.. {
            let batch = format!("{name}-{number}");
            let Ok(status) = self.report(&batch) else { return };
            assert_eq!(status, "HTTP/1.1 200", "{batch}");
            acknowledged.send(batch).expect("somebody listens");
        }
    }
}

/// Makes a workspace and an app; answers a key that may report.
fn set_up(database: &Database, folder: &TempDir) -> String {
    let says = |arguments: &str| {
        let ran = program(PROGRAM, database, folder).args(arguments.split(' ')).output();
        String::from_utf8(ran.expect("the program runs").stdout).expect("UTF-8")
    };
    says("workspace create --name Alpha --owner-email ada@example.com");
    let key = says("api-key create --workspace 1 --name plane --scope events:write");
    run(
        &mut database.connect(),
        &format!(
            "INSERT INTO apps (sdk_app_id, app_id, workspace_id, account_type, name, name_key, \
             scenario, rtc, im, plan, statistics_zone, created_at, changed_at) \
             SELECT {APP}, 'a', 1, 1, 'Blue', 'blue', 'other', TRUE, TRUE, code, 'UTC', 0, 0 \
             FROM plans LIMIT 1"
        ),
    );
    key.trim().to_owned()
}

#[rstest]
fn what_was_acknowledged_outlives_fifty_kills_and_no_batch_is_counted_in_part(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(database) = Database::new(on, Filling::Schema) else { return };
    let folder = TempDir::new().expect("a temporary folder");
    let key = set_up(&database, &folder);

    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut serve = program(PROGRAM, &database, &folder);
        serve.args(SERVE);
        let console = Console::start(serve);
        let plane = Plane {
            server: console.server,
            key: key.clone(),
            at: Clock::system().now().to_string(),
        };
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (plane, tell) = (&plane, tell.clone());
                scope.spawn(move || plane.report_on(&format!("{round}-{client}"), &tell));
            }
            drop(tell);
            acknowledged.extend(told.iter().take(1 + round % 9));
            drop(console);
            acknowledged.extend(told);
        });
    }

    assert!(acknowledged.len() >= ROUNDS);
    let conn = &mut database.connect();
    let counted: BTreeSet<_> =
        texts(conn, "SELECT key AS text FROM event_batches").into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&counted).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let messages = "SELECT SUM(value) FROM daily_figures WHERE metric = 'C2CUpMsgNum'";
    assert_eq!(number(conn, messages), i64::try_from(counted.len() * EVENTS).expect("a number"));
    let users: BTreeSet<_> =
        texts(conn, "SELECT name AS text FROM event_names").into_iter().collect();
    assert_eq!(users, counted);
}

#[test]
fn the_log_reaches_the_disk_before_a_batch_is_acknowledged() {
    let can_trace = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !can_trace.is_ok_and(|ran| ran.status.success()) {
        eprintln!("SKIPPED: the trace of what reaches the disk, since there is no strace");
        return;
    }
    let database = Database::new(Sqlite, Filling::Schema).expect("SQLite is always there");
    let folder = TempDir::new().expect("a temporary folder");
    let key = set_up(&database, &folder);
    let file = folder.path().join("trace");
    let mut traced = program("strace", &database, &folder);
    traced.arg("-f").arg("-o").arg(&file);
    traced.args(["-e", "trace=execve,fsync,fdatasync,write,writev,sendto,sendmsg", PROGRAM]);
    traced.args(SERVE);
    let mut console = Console::start(traced);
    let plane = Plane { server: console.server, key, at: Clock::system().now().to_string() };

    for batch in 0..20 {
        assert_eq!(plane.report(&format!("batch-{batch}")).expect("an answer"), "HTTP/1.1 200");
    }
    let trace = std::fs::read_to_string(&file).expect("a trace");
    let pid = trace.split(' ').next().expect("the number of the process");
    assert!(Command::new("kill").args(["-TERM", pid]).status().expect("kill runs").success());
    console.child.wait().expect("it ends");

    let trace = std::fs::read_to_string(&file).expect("a trace");
    let (mut acknowledged, mut is_on_disk) = (0, false);
    for line in trace.lines() {
        if line.contains("sync") && line.ends_with("= 0") {
            is_on_disk = true;
        } else if line.contains("HTTP/1.1 200") {
            assert!(is_on_disk, "{line}");
            (acknowledged, is_on_disk) = (acknowledged + 1, false);
        }
    }
    assert_eq!(acknowledged, 20);
}
