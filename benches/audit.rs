//! What a page of the audit log costs in CPU time when the log has ten million events, beside one of a thousand.
//!
//! `cargo bench --bench audit`. The program runs twice, each with a database of its own that holds the same sample
//! and filler events put in by SQL; both are asked for the same page in turn (A B, then B A). The ratio is taken in
//! each round and the median counts. Needs some 12 GiB for the time it runs. `--events N` takes another number,
//! `--postgres` leaves SQLite out. Ends with 1 when a goal is missed.

#[path = "../tests/support/postgres.rs"]
mod postgres;
#[path = "support/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{Connection, SqliteConnection};
use switchroom::audit::chain;
use switchroom::audit::store::Row;
use switchroom::db::DatabaseUrl;
use switchroom::db::conn::{Manager, Use};
use switchroom::db::schema::{audit_chains, audit_events};
use switchroom::ids::WorkspaceId;
use switchroom::vault::{MasterKey, Vault};

use support::{Browser, Caller, CpuMeter, Failure, Server, Site, judge, process, spread};

const FEW: u64 = 1_000;
const MANY: u64 = 10_000_000;
const ROUNDS: usize = 16;
const REQUESTS: usize = 200;
/// Events of the log whose hashes are checked.
const SIGNED: usize = 1_000_000;
/// The most seconds that may take.
const VERIFY_S_MAX: f64 = 10.0;
/// The workspace of the sample.
const WORKSPACE: WorkspaceId = WorkspaceId(1);
/// The most that a page may cost with many events, as a multiple of its cost with few.
const RATIO_MAX: f64 = 2.0;

/// An app that the filler has events of.
const APP: &str = "app=1400000004";
/// The most seconds until an export begins to arrive.
const FIRST_BYTE_S_MAX: f64 = 1.0;
/// The most memory that an export may take, in MiB.
const EXPORT_MIB_MAX: f64 = 64.0;

/// Pages that are walks of an index to their end: name and query; `{middle}` is half of the events.
const WALKS: [(&str, &str); 6] = [
    ("newest", ""),
    ("in the middle", "after={middle}"),
    ("of an act", "act=edit_app"),
    ("of a person", "actor=3"),
    ("of an app", APP),
    ("of some days", "from=2020-01-01&to=2100-01-01"),
];
/// Pages that look for what is rare among all events, up to a fixed number of them.
const SEARCHES: [(&str, &str); 2] =
    [("what was denied", "outcome=denied"), ("an act, denied", "act=sign_in&outcome=denied")];

/// Puts events behind those of the sample, as nobody has signed them.
fn fill(site: &Site, count: u64) -> Result<(), Failure> {
    let url = DatabaseUrl::parse(&site.database_url())?;
    let (before, filler, after) = match url {
        DatabaseUrl::Sqlite(_) => (
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; \
             DROP TRIGGER audit_events_once; BEGIN;",
            format!("SELECT 1 AS n UNION ALL SELECT n + 1 FROM filler WHERE n < {count}"),
            "COMMIT; PRAGMA wal_checkpoint(TRUNCATE);",
        ),
        DatabaseUrl::Postgres(_) => (
            "SET maintenance_work_mem = '256MB'; BEGIN;",
            format!("SELECT n FROM generate_series(1, {count}) AS n"),
            "COMMIT; VACUUM ANALYZE audit_events;",
        ),
    };
    let mut conn = Manager::new(url, Use::Write, Arc::default()).establish()?;
    let many = format!(
        "DROP INDEX audit_events_at; DROP INDEX audit_events_actor;
        DROP INDEX audit_events_act; DROP INDEX audit_events_app;
        WITH RECURSIVE
          last (position, at) AS (SELECT position, at FROM audit_events WHERE workspace_id = 1 ORDER BY position DESC LIMIT 1),
          filler (n) AS ({filler})
        INSERT INTO audit_events
        SELECT 1, position + n, at + n, 'person', 1 + n % 6, 'Somebody', 'somebody@example.com', n % 1000,
          '192.0.2.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          '0123456789abcdef', CASE n % 3 WHEN 0 THEN 'edit_app' ELSE 'sign_in' END, 'done', '', '',
          CASE n % 3 WHEN 0 THEN 'app' ELSE 'account' END, 1400000001 + n % 12, 'Something',
          CASE n % 3 WHEN 0 THEN 1400000001 + n % 12 ELSE NULL END,
          '[{{\"field\":\"name\",\"before\":\"a\",\"after\":\"b\"}}]',
          '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
        FROM filler, last;
        UPDATE audit_chains SET position = position + {count} WHERE workspace_id = 1;
        CREATE INDEX audit_events_at ON audit_events (workspace_id, at, position);
        CREATE INDEX audit_events_actor ON audit_events (workspace_id, actor_id, position);
        CREATE INDEX audit_events_act ON audit_events (workspace_id, act, position);
        CREATE INDEX audit_events_app ON audit_events (workspace_id, sdk_app_id, position);"
    );
    conn.batch_execute(&format!("{before} {many}"))?;
    // What cannot stand in the same batch as a transaction.
    after.split_inclusive(';').try_for_each(|statement| conn.batch_execute(statement))?;
    Ok(())
}

/// Puts events behind those of the sample, each with its hash, and seals the end.
fn sign(site: &Site, count: usize) -> Result<(), Failure> {
    let key = std::fs::read_to_string(site.path("master.key"))?;
    let vault = Vault::new(&MasterKey::parse(&key).ok_or("an unreadable master key")?);
    let mut conn = SqliteConnection::establish(&site.database())?;
    conn.batch_execute("PRAGMA synchronous = OFF; BEGIN")?;
    let mut row: Row = audit_events::table
        .filter(audit_events::workspace_id.eq(WORKSPACE))
        .select(Row::as_select())
        .order(audit_events::position.desc())
        .first(&mut conn)?;
    for _ in 0..count {
        row.position += 1;
        let previous = std::mem::take(&mut row.hash);
        row.hash = chain::link(&vault, &previous, &row);
        diesel::insert_into(audit_events::table).values(row.clone()).execute(&mut conn)?;
    }
    let seal = chain::seal(&vault, WORKSPACE, row.position, &row.hash);
    diesel::update(audit_chains::table.find(WORKSPACE))
        .set((
            audit_chains::position.eq(row.position),
            audit_chains::hash.eq(&row.hash),
            audit_chains::seal.eq(seal),
        ))
        .execute(&mut conn)?;
    conn.batch_execute("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Seconds that the check of a signed log takes.
fn verify() -> Result<f64, Failure> {
    let site = Site::with_sample(12, 2)?;
    sign(&site, SIGNED)?;
    let (said, took) = site.run(&["audit", "verify"])?;
    print!("\n{said}");
    Ok(took)
}

/// A console with a log of some length.
struct Console {
    server: Server,
    browser: Browser,
    middle: u64,
    /// The name of its PostgreSQL database, whose processes count as well.
    database: Option<String>,
    _site: Site,
}

impl Console {
    fn with_events(url: Option<String>, count: u64) -> Result<Self, Failure> {
        let database = url.as_deref().and_then(process::name_of);
        let site = Site::with_sample_at(url, 12, 2)?;
        let began = Instant::now();
        fill(&site, count)?;
        println!("{count} events put in within {:.0} s", began.elapsed().as_secs_f64());
        let server = site.serve()?;
        let browser = Browser::signed_in(&server, &site)?;
        Ok(Self { server, browser, middle: count / 2, database, _site: site })
    }

    fn request(&self, query: &str) -> Vec<u8> {
        let query = query.replace("{middle}", &self.middle.to_string());
        self.browser.get(&format!("/audit?{query}"))
    }

    /// CPU microseconds a request.
    fn cpu_us(&self, query: &str, count: usize) -> Result<f64, Failure> {
        let request = self.request(query);
        let mut caller = Caller::new(self.server.port)?;
        let meters = self.processes()?.into_iter().map(CpuMeter::start);
        let meters = meters.collect::<Result<Vec<_>, _>>()?;
        (0..count).try_for_each(|_| caller.skip(&request))?;
        #[expect(clippy::cast_precision_loss, reason = "hundreds")]
        let count = count as f64;
        let spent = meters.iter().map(CpuMeter::us).sum::<Result<f64, _>>()?;
        Ok(spent / count)
    }

    /// The program, and PostgreSQL's processes that serve its database.
    fn processes(&self) -> Result<Vec<u32>, Failure> {
        let mut found = vec![self.server.pid()];
        if let Some(database) = &self.database {
            found.extend(process::serving(database)?);
        }
        Ok(found)
    }

    /// Takes an export to its end: its lines, seconds to its first byte and to its last, MiB of memory.
    fn export(&self, query: &str) -> Result<(usize, f64, f64, f64), Failure> {
        let request = self.browser.get(&format!("/audit/export.csv?{query}"));
        let request = String::from_utf8(request)?.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let pid = self.server.pid();
        process::forget_peak(pid)?;
        let before = process::mib(pid, "VmRSS")?;
        let began = Instant::now();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.server.port))?;
        stream.write_all(request.as_bytes())?;
        let (mut lines, mut first, mut chunk) = (0, None, vec![0; 64 * 1_024]);
        loop {
            let count = stream.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            first = first.or_else(|| Some(began.elapsed().as_secs_f64()));
            let read = chunk.get(..count).unwrap_or_default();
            lines += read.windows(11).filter(|it| it.starts_with(b"+08:00,")).count();
        }
        let rise = process::mib(pid, "VmHWM")? - before;
        Ok((lines, first.unwrap_or(f64::NAN), began.elapsed().as_secs_f64(), rise))
    }

    fn bytes(&self, query: &str) -> Result<usize, Failure> {
        Ok(Caller::new(self.server.port)?.ask(&self.request(query))?.body.len())
    }
}

/// Compares one page; answers the median of the ratios.
fn compare(name: &str, query: &str, few: &Console, many: &Console) -> Result<f64, Failure> {
    let (mut costs, mut ratios) = ((Vec::new(), Vec::new()), Vec::new());
    few.cpu_us(query, REQUESTS / 4)?;
    many.cpu_us(query, REQUESTS / 4)?;
    for round in 0..ROUNDS {
        let (here, there) = if round % 2 == 0 {
            let here = many.cpu_us(query, REQUESTS)?;
            (here, few.cpu_us(query, REQUESTS)?)
        } else {
            let there = few.cpu_us(query, REQUESTS)?;
            (many.cpu_us(query, REQUESTS)?, there)
        };
        costs.0.push(here);
        costs.1.push(there);
        ratios.push(here / there);
    }
    let (here, there, ratio) = (spread(&costs.0), spread(&costs.1), spread(&ratios));
    let median = ratio.median;
    let (here, there, ratio) = (format!("{here:.0}"), format!("{there:.0}"), format!("{ratio:.2}"));
    println!(
        "  {name:<18}{here:>24}{there:>24}{ratio:>22}   {} and {} bytes",
        many.bytes(query)?,
        few.bytes(query)?
    );
    Ok(median)
}

/// Measures on one database: the worst ratio of the walks, and the longer log.
fn measure(
    name: &str,
    [first, second]: [Option<String>; 2],
    count: u64,
) -> Result<(f64, Console), Failure> {
    let few = Console::with_events(first, FEW)?;
    let many = Console::with_events(second, count)?;
    println!(
        "\n{name}: CPU µs per page, {count} events and {FEW}, median of {ROUNDS} rounds [least – most]\n"
    );
    let mut worst = 0.0_f64;
    for (name, query) in WALKS {
        worst = worst.max(compare(name, query, &few, &many)?);
    }
    println!("\n  what looks at up to 10,000 events for a page, without a goal\n");
    for (name, query) in SEARCHES {
        compare(name, query, &few, &many)?;
    }
    println!();
    Ok((worst, many))
}

/// Measures on a PostgreSQL of its own, where there is one.
fn measure_postgres(count: u64) -> Result<Option<f64>, Failure> {
    let Some(cluster) = postgres::Cluster::shared() else { return Ok(None) };
    let (few, many) = (cluster.database(None), cluster.database(None));
    let urls = [&few, &many].map(|database| Some(database.url().to_owned()));
    let (worst, console) = measure("PostgreSQL", urls, count)?;
    drop(console);
    Ok(Some(worst))
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().position(|it| it == "--events");
    let count = match given.and_then(|at| arguments.get(at + 1)) {
        Some(count) => count.parse()?,
        None => MANY,
    };
    let mut is_met = true;
    if !arguments.iter().any(|it| it == "--postgres") {
        let (worst, many) = measure("SQLite", [None, None], count)?;
        is_met &= judge("worst ratio", worst, RATIO_MAX, "×");
        let (lines, first_byte, last_byte, memory) = many.export(APP)?;
        println!("\n  an export of about {lines} events took {last_byte:.1} s");
        is_met &= judge("it begins after", first_byte, FIRST_BYTE_S_MAX, " s");
        is_met &= judge("its memory", memory, EXPORT_MIB_MAX, " MiB");
        drop(many);
        is_met &= judge("a million events verified in", verify()?, VERIFY_S_MAX, " s");
    }
    if let Some(worst) = measure_postgres(count)? {
        is_met &= judge("worst ratio", worst, RATIO_MAX, "×");
    }
    if is_met {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}
