//! What the list of apps costs in CPU time, beside a bare handler of the same page.
//!
//! `cargo bench --bench list`. The program and [`reference`] run as processes of their own, each
//! with a database of the same content; both are asked for the same page of 50 apps by the same
//! clients over kept-alive connections, in turn (A B, then B A). The ratio is taken in each round
//! and the median counts. A second reference in the same rounds shows what the method itself
//! makes of no difference. Ends with 1 when a goal is missed.

mod reference;

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::process::ExitCode;

use support::{Browser, Caller, CpuMeter, Failure, Server, Site, judge, spread};

const APPS: usize = 50;
const DAYS: usize = 400;
const PAGE: &str = "/apps?size=50";
const ROUNDS: usize = 24;
/// Rounds for the pages that have no goal here.
const ROUNDS_ASIDE: usize = 8;
const CLIENTS: usize = 8;
/// CPU time that a round of the reference takes.
const ROUND_US: f64 = 400_000.0;
/// The most that the page may cost, as a multiple of the reference.
const RATIO_MAX: f64 = 2.0;
/// The most queries of the page, whatever the number of apps.
const QUERIES_MAX: f64 = 3.0;
/// How far the reference's page may be from the program's in size.
const SIZE_TOLERANCE: f64 = 0.05;

/// A server and what it is asked for.
struct Contestant<'a> {
    server: &'a Server,
    request: Vec<u8>,
}

impl Contestant<'_> {
    /// CPU microseconds a request, over `count` requests.
    fn cpu_us(&self, count: usize) -> Result<f64, Failure> {
        let each = count.div_ceil(CLIENTS);
        let meter = CpuMeter::start(self.server.pid())?;
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|_| {
                    scope.spawn(|| {
                        let mut caller = Caller::new(self.server.port)?;
                        (0..each).try_for_each(|_| caller.skip(&self.request))
                    })
                })
                .collect();
            clients.into_iter().try_for_each(|client| {
                client.join().map_err(|_| Failure::from("a client panicked"))?
            })
        })?;
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let requests = (each * CLIENTS) as f64;
        Ok(meter.us()? / requests)
    }

    fn body(&self) -> Result<Vec<u8>, Failure> {
        let answer = Caller::new(self.server.port)?.ask(&self.request)?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(format!("a page is answered with {}", answer.status).into())
        }
    }
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["reference", database, port] = words.as_slice() {
        reference::serve(database, port.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }

    let site = Site::with_sample(APPS, DAYS)?;
    let server = site.serve()?;
    let browser = Browser::signed_in(&server, &site)?;
    let copy = site.path("reference.db");
    reference::copy_database(&site.database(), &copy)?;
    let (first, second) = (Server::reference(&copy)?, Server::reference(&copy)?);

    let page = |path: &str| Contestant { server: &server, request: browser.get(path) };
    let bare = |server| Contestant {
        server,
        request: Browser::with_cookie(server, reference::COOKIE).get(PAGE),
    };
    let (list, bare, again) = (page(PAGE), bare(&first), bare(&second));

    let sizes = (list.body()?.len(), bare.body()?.len());
    if std::env::args().any(|word| word == "--print") {
        print!("{}\n{}", text(&list)?, text(&bare)?);
    }
    let queries = queries_of(&list)?;
    let count = warm_up(&bare)?;
    list.cpu_us(count)?;
    again.cpu_us(count)?;

    let mut costs = (Vec::new(), Vec::new());
    let mut ratios = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut order = [&list, &bare, &again];
        if round % 2 == 1 {
            order.reverse();
        }
        let [here, there, twice] = match round % 2 {
            0 => times(order, count)?,
            _ => reversed(times(order, count)?),
        };
        costs.0.push(here);
        costs.1.push(there);
        ratios.0.push(here / there);
        ratios.1.push(twice / there);
    }

    println!("CPU µs per request, median of {ROUNDS} rounds of {count} requests [least – most]\n");
    println!("  program        {:>28.1}   {} bytes", spread(&costs.0), sizes.0);
    println!("  bare handler   {:>28.1}   {} bytes", spread(&costs.1), sizes.1);
    println!("  ratio          {:>28.2}", spread(&ratios.0));
    println!("  bare : bare    {:>28.2}   what no difference looks like\n", spread(&ratios.1));

    let is_cheap = judge("ratio", spread(&ratios.0).median, RATIO_MAX, "×");
    let asks_little = judge("queries", queries, QUERIES_MAX, "");
    #[expect(clippy::cast_precision_loss, reason = "thousands of bytes")]
    let apart = (sizes.0 as f64 / sizes.1 as f64 - 1.0).abs();
    let is_fair = judge("pages apart in size by", apart * 100.0, SIZE_TOLERANCE * 100.0, " %");

    println!("\nOther pages, CPU µs per request, median of {ROUNDS_ASIDE} rounds\n");
    let app = first_app(&list)?;
    for (name, path) in [("overview", "/"), ("app", app.as_str()), ("list of 10", "/apps?size=10")]
    {
        aside(name, &page(path), count)?;
    }
    let stranger = Browser::new(&server);
    aside("sign-in", &Contestant { server: &server, request: stranger.get("/sign-in") }, count)?;
    aside("health", &Contestant { server: &server, request: stranger.get("/healthz") }, count)?;

    if is_cheap && asks_little && is_fair {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}

fn times(order: [&Contestant<'_>; 3], count: usize) -> Result<[f64; 3], Failure> {
    let [first, second, third] = order;
    Ok([first.cpu_us(count)?, second.cpu_us(count)?, third.cpu_us(count)?])
}

const fn reversed([first, second, third]: [f64; 3]) -> [f64; 3] {
    [third, second, first]
}

/// How many requests make a round, found by a round.
fn warm_up(bare: &Contestant<'_>) -> Result<usize, Failure> {
    let cost = bare.cpu_us(2_000)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
    let count = (ROUND_US / cost) as usize;
    Ok(count.clamp(500, 50_000).next_multiple_of(CLIENTS))
}

/// Statements that one request makes, by the program's own count.
fn queries_of(page: &Contestant<'_>) -> Result<f64, Failure> {
    const REQUESTS: u32 = 20;
    let statements = || -> Result<f64, Failure> {
        let request = b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n";
        let numbers = Caller::new(page.server.port)?.ask(request)?.text();
        let line = numbers.lines().find_map(|it| it.strip_prefix("database_statements_total "));
        Ok(line.ok_or("no number of statements")?.parse()?)
    };
    let mut caller = Caller::new(page.server.port)?;
    caller.skip(&page.request)?;
    let before = statements()?;
    (0..REQUESTS).try_for_each(|_| caller.skip(&page.request))?;
    Ok((statements()? - before) / f64::from(REQUESTS))
}

fn aside(name: &str, page: &Contestant<'_>, count: usize) -> Result<(), Failure> {
    let bytes = page.body()?.len();
    page.cpu_us(count / 4)?;
    let costs: Vec<f64> =
        (0..ROUNDS_ASIDE).map(|_| page.cpu_us(count / 4)).collect::<Result<_, _>>()?;
    let queries = queries_of(page)?;
    println!("  {name:<12}{:>28.1}   {bytes} bytes, {queries} queries", spread(&costs));
    Ok(())
}

/// The address of the first app in the list.
fn first_app(list: &Contestant<'_>) -> Result<String, Failure> {
    let text = text(list)?;
    let link =
        text.split("<th scope=\"row\"><a href=\"").nth(1).and_then(|it| it.split('"').next());
    Ok(link.ok_or("a list without an app")?.to_owned())
}

fn text(page: &Contestant<'_>) -> Result<String, Failure> {
    Ok(String::from_utf8(page.body()?)?)
}
