//! What it costs in CPU time to count an event, beside a bare program that does the same statements.
//!
//! `cargo bench --bench ingest`. The program runs as a process of its own; eight clients send it batches of 500 mixed
//! events, in the order of time. The reference counts the same batches in this process. Both go on until they have
//! four million events; their cost is read at half a million and at the end. Ends with 1 when a goal is missed.
//! `--events N` takes another number.

mod reference;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each benchmark uses its part")]
mod support;
mod traffic;

use std::process::ExitCode;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use reference::Reference;
use support::{Caller, CpuMeter, Failure, Server, Site, cpu, judge, process, spread};
use traffic::{BATCH, Event, Traffic};

const CLIENTS: usize = 8;
/// Events that are counted in all.
const EVENTS: usize = 4_000_000;
/// Where the cost is read for the first time.
const EARLY: usize = 500_000;
/// Batches of a round.
const ROUND: usize = 40;
/// Rounds of each reading.
const ROUNDS: usize = 10;
/// CPU microseconds that an event may cost.
const EVENT_US_MAX: f64 = 8.0;
/// The most that it may cost, as a multiple of the reference.
const RATIO_MAX: f64 = 2.0;
/// The most that it may cost late, as a multiple of its cost early.
const GROWTH_MAX: f64 = 1.3;
/// The most that a batch may cost that was counted before, as a multiple of a new one.
const REPLAY_MAX: f64 = 0.35;
/// How far memory may rise above what it is when nothing is to be done.
const RISE_MIB_MAX: f64 = 48.0;

/// A console with its key.
struct Console<'s> {
    server: &'s Server,
    key: String,
    app: i64,
}

impl Console<'_> {
    fn request(&self, number: usize, batch: &[Event]) -> Result<Vec<u8>, Failure> {
        let (app, key, body) = (self.app, &self.key, traffic::json(batch)?);
        let request = format!(
            "POST /v1/apps/{app}/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\n\
             idempotency-key: batch-{number}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(request.into_bytes())
    }

    /// Sends requests from several clients at once; answers CPU microseconds of the program.
    fn send(&self, requests: &[Vec<u8>]) -> Result<f64, Failure> {
        let meter = CpuMeter::start(self.server.pid())?;
        let next = Mutex::new(requests.iter());
        let client = || -> Result<(), Failure> {
            let mut caller = Caller::new(self.server.port)?;
            loop {
                let request = next.lock().map_err(|_| "a client panicked")?.next();
                let Some(request) = request else { return Ok(()) };
                caller.skip(request)?;
            }
        };
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            clients.into_iter().try_for_each(|client| {
                client.join().map_err(|_| Failure::from("a client panicked"))?
            })
        })?;
        meter.us()
    }
}

/// CPU microseconds an event: the program's, and the reference's for the same ones.
#[derive(Default)]
struct Costs {
    program: Vec<f64>,
    reference: Vec<f64>,
}

/// Both contestants and what they have counted so far.
struct Race<'s> {
    console: Console<'s>,
    reference: Reference,
    traffic: Traffic,
    counted: usize,
    /// The last batches, to be sent again.
    last: Vec<Vec<u8>>,
}

impl Race<'_> {
    fn round(&mut self, costs: &mut Costs) -> Result<(), Failure> {
        let batches: Vec<_> = (0..ROUND).map(|_| self.traffic.batch()).collect();
        let number = |at| self.counted / BATCH + at;
        let requests =
            batches.iter().enumerate().map(|(at, it)| self.console.request(number(at), it));
        self.last = requests.collect::<Result<_, _>>()?;
        self.counted += ROUND * BATCH;
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let events = (ROUND * BATCH) as f64;
        costs.program.push(self.console.send(&self.last)? / events);
        let before = cpu::main_thread_ns()?;
        self.reference.count(&batches)?;
        costs.reference.push((cpu::main_thread_ns()? - before) / 1_000.0 / events);
        Ok(())
    }

    /// Goes on until so many events are counted, and reads the cost of the last rounds.
    fn until(&mut self, events: usize) -> Result<Costs, Failure> {
        let mut unread = Costs::default();
        while self.counted + ROUNDS * ROUND * BATCH < events {
            self.round(&mut unread)?;
        }
        let mut costs = Costs::default();
        (0..ROUNDS).try_for_each(|_| self.round(&mut costs))?;
        println!(
            "  at {:>9} events   program {:>24.2}   reference {:>24.2}",
            self.counted,
            spread(&costs.program),
            spread(&costs.reference)
        );
        Ok(costs)
    }
}

fn median_ratio(Costs { program, reference }: &Costs) -> f64 {
    let ratios: Vec<_> = program.iter().zip(reference).map(|(here, there)| here / there).collect();
    spread(&ratios).median
}

fn on_sqlite(events: usize) -> Result<bool, Failure> {
    let site = Site::with_sample(1, 2)?;
    let key = site
        .run(&[
            "api-key",
            "create",
            "--workspace",
            "1",
            "--name",
            "bench",
            "--scope",
            "events:write",
        ])?
        .0;
    let server = site.serve()?;
    let idle = process::mib(server.pid(), "VmRSS")?;
    let app = 1_400_000_001;
    let copy = site.path("reference.db");
    rusqlite::Connection::open(site.database())?.execute("VACUUM INTO ?", [&copy])?;
    #[expect(clippy::disallowed_methods, reason = "the program's clock is that of the system")]
    let began = Timestamp::now() - SignedDuration::from_hours(11 * 24);
    let mut race = Race {
        console: Console { server: &server, key: key.trim().to_owned(), app },
        reference: Reference::open(&copy, app)?,
        traffic: Traffic::since(began),
        counted: 0,
        last: Vec::new(),
    };
    println!(
        "SQLite: CPU µs per event, median of {ROUNDS} rounds of {} events [least – most]\n",
        ROUND * BATCH
    );
    let early = race.until(EARLY)?;
    let late = race.until(events)?;
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let again = race.console.send(&race.last)? / (ROUND * BATCH) as f64;
    println!("  sent again {again:>36.2}\n");
    let (first, last) = (spread(&early.program).median, spread(&late.program).median);
    let mut is_met = judge("an event", last.max(first), EVENT_US_MAX, " µs");
    is_met &= judge("ratio", median_ratio(&early).max(median_ratio(&late)), RATIO_MAX, "×");
    is_met &= judge("growth", last / first, GROWTH_MAX, "×");
    is_met &= judge("sent again", again / last, REPLAY_MAX, "×");
    let rise = process::mib(server.pid(), "VmHWM")? - idle;
    is_met &= judge("memory above idle", rise, RISE_MIB_MAX, " MiB");
    Ok(is_met)
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().position(|it| it == "--events");
    let events = match given.and_then(|at| arguments.get(at + 1)) {
        Some(count) => count.parse()?,
        None => EVENTS,
    };
    if on_sqlite(events)? {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}
