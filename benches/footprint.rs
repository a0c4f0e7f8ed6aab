//! How fast the program starts, what it keeps in memory, how large it is and what its pages weigh.
//!
//! `cargo bench --bench footprint`. Everything is measured from outside, on the program as a
//! release builds it, with a migrated database of sample data. A start counts from the process to
//! its first answered request; the database is in the system's cache. Ends with 1 when a goal is
//! missed.

#[expect(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use support::{Browser, Caller, CpuMeter, Failure, Server, Site, judge, process, spread};

const STARTS: usize = 15;
const START_MS_MAX: f64 = 150.0;
const IDLE_MIB_MAX: f64 = 30.0;
const BINARY_MIB_MAX: f64 = 25.0;
const PAGE_KIB_MAX: f64 = 100.0;
const REQUESTS_MAX: f64 = 8.0;
const CSS_KIB_MAX: f64 = 15.0;
const JS_KIB_MAX: f64 = 6.0;
/// The most that everything at once may take.
const PEAK_MIB_MAX: f64 = 128.0;
/// Sign-ins that come one after another, and as many at once; fewer than the throttle lets in.
const SIGN_INS: usize = 8;
/// What is waited before memory is read, so that start and answer are over.
const QUIET: Duration = Duration::from_secs(1);
/// The program keeps the memory of password hashes for ten seconds.
const LONG_QUIET: Duration = Duration::from_secs(12);

fn main() -> Result<ExitCode, Failure> {
    let site = Site::with_sample(50, 400)?;
    let mut is_met = start(&site)?;
    is_met &= memory(&site)?;
    is_met &= binary()?;
    let server = site.serve()?;
    is_met &= pages(&server, &site)?;
    if is_met {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}

fn start(site: &Site) -> Result<bool, Failure> {
    drop(site.serve()?);
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = site.serve()?;
        walls.push(server.started_in.as_secs_f64() * 1000.0);
        cpus.push(CpuMeter::since_birth(server.pid())? / 1000.0);
    }
    println!("Cold start to the first answer, median of {STARTS} [least – most]\n");
    println!("  wall ms {:>26.1}", spread(&walls));
    println!("  CPU ms  {:>26.1}\n", spread(&cpus));
    Ok(judge("cold start", spread(&walls).median, START_MS_MAX, " ms"))
}

fn memory(site: &Site) -> Result<bool, Failure> {
    println!("\nResident memory, MiB\n");
    let server = site.serve()?;
    Caller::new(server.port)?.ask(&Browser::new(&server).get("/sign-in"))?;
    std::thread::sleep(QUIET);
    let idle = resident_mib(&server)?;
    println!("  after the first page   {idle:>7.1}");
    let browser = Browser::signed_in(&server, site)?;
    let request = browser.get("/apps?size=50");
    at_once(8, || {
        let mut caller = Caller::new(server.port)?;
        (0..500).try_for_each(|_| caller.skip(&request))
    })?;
    std::thread::sleep(QUIET);
    println!("  after 4,000 lists of 50{:>7.1}", resident_mib(&server)?);
    (1..SIGN_INS).try_for_each(|_| Browser::signed_in(&server, site).map(drop))?;
    at_once(SIGN_INS, || Browser::signed_in(&server, site).map(drop))?;
    println!("  after {} sign-ins      {:>7.1}", 2 * SIGN_INS, resident_mib(&server)?);
    let peak = process::mib(server.pid(), "VmHWM")?;
    println!("  at its peak            {peak:>7.1}");
    std::thread::sleep(LONG_QUIET);
    println!("  when it is quiet again {:>7.1}\n", resident_mib(&server)?);
    let is_small = judge("idle memory", idle, IDLE_MIB_MAX, " MiB");
    Ok(judge("peak memory", peak, PEAK_MIB_MAX, " MiB") && is_small)
}

fn at_once(count: usize, work: impl Fn() -> Result<(), Failure> + Sync) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..count).map(|_| scope.spawn(&work)).collect();
        all.into_iter()
            .try_for_each(|one| one.join().map_err(|_| Failure::from("a client panicked"))?)
    })
}

fn resident_mib(server: &Server) -> Result<f64, Failure> {
    process::mib(server.pid(), "VmRSS")
}

fn binary() -> Result<bool, Failure> {
    let bytes = std::fs::metadata(env!("CARGO_BIN_EXE_switchroom"))?.len();
    println!();
    Ok(judge("stripped binary", kib(usize::try_from(bytes)?) / 1024.0, BINARY_MIB_MAX, " MiB"))
}

/// A file that a page loads.
struct File {
    plain: usize,
    /// As it is sent to a browser.
    sent: usize,
}

fn pages(server: &Server, site: &Site) -> Result<bool, Failure> {
    let (stranger, member) = (Browser::new(server), Browser::signed_in(server, site)?);
    let mut caller = Caller::new(server.port)?;
    let list = caller.ask(&member.get("/apps"))?.text();
    let app = attributes(&list, "<th scope=\"row\"><a href=\"").next().ok_or("no app")?.to_owned();
    println!("\nPages, KiB: HTML as sent (its gzip form for comparison), what it loads as sent\n");
    println!("                   HTML   (gzip)    CSS     JS   other  requests     sum");
    let mut files = BTreeMap::new();
    let mut worst = [0.0_f64; 4];
    for (name, path, browser) in [
        ("sign-in", "/sign-in", &stranger),
        ("overview", "/", &member),
        ("list of 20", "/apps", &member),
        ("list of 50", "/apps?size=50", &member),
        ("app", app.as_str(), &member),
        ("new app", "/apps/new", &member),
        ("edit app", &format!("{app}/edit"), &member),
        ("tokens", &format!("{app}/tokens"), &member),
        ("profile", "/profile", &member),
    ] {
        let answer = caller.ask(&browser.get(path))?;
        if answer.status != 200 {
            println!("  {name:<12} is answered with {}", answer.status);
            continue;
        }
        let page = weigh(&mut caller, &answer.text(), &mut files)?;
        let sum = kib(page.html) + page.css.1 + page.js.1 + page.other.1;
        println!(
            "  {name:<12}{:>9.1}{:>9.1}{:>7.1}{:>7.1}{:>8.1}{:>10}{sum:>8.1}",
            kib(page.html),
            kib(gzip(&answer.body)?),
            page.css.1,
            page.js.1,
            page.other.1,
            page.requests,
        );
        let requests = f64::from(u32::try_from(page.requests)?);
        for (worst, this) in worst.iter_mut().zip([sum, requests, page.css.0, page.js.0]) {
            *worst = worst.max(this);
        }
    }
    println!();
    let [sum, requests, css, js] = worst;
    let mut is_met = judge("heaviest page as sent", sum, PAGE_KIB_MAX, " KiB");
    is_met &= judge("most requests", requests, REQUESTS_MAX, "");
    is_met &= judge("most CSS of a page, plain", css, CSS_KIB_MAX, " KiB");
    is_met &= judge("JS, plain", js, JS_KIB_MAX, " KiB");
    Ok(is_met)
}

/// What a page weighs: KiB plain and as sent.
struct Weight {
    html: usize,
    css: (f64, f64),
    js: (f64, f64),
    other: (f64, f64),
    requests: usize,
}

fn weigh(
    caller: &mut Caller,
    html: &str,
    files: &mut BTreeMap<String, File>,
) -> Result<Weight, Failure> {
    let mut urls: Vec<&str> = attributes(html, "\"/assets/").collect();
    for url in &mut urls {
        *url = url.split('#').next().unwrap_or_default();
    }
    urls.sort_unstable();
    urls.dedup();
    let mut page = Weight {
        html: html.len(),
        css: (0.0, 0.0),
        js: (0.0, 0.0),
        other: (0.0, 0.0),
        requests: urls.len() + 1,
    };
    for url in urls {
        if !files.contains_key(url) {
            files.insert(url.to_owned(), fetch(caller, url)?);
        }
        let Some(file) = files.get(url) else { continue };
        let name = url.split('?').next().unwrap_or_default();
        let part = match name.rsplit_once('.') {
            Some((_, "css")) => &mut page.css,
            Some((_, "js")) => &mut page.js,
            _ => &mut page.other,
        };
        part.0 += kib(file.plain);
        part.1 += kib(file.sent);
    }
    Ok(page)
}

fn fetch(caller: &mut Caller, url: &str) -> Result<File, Failure> {
    let mut length = |headers: &str| -> Result<usize, Failure> {
        let request = format!("GET /assets/{url} HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        let answer = caller.ask(request.as_bytes())?;
        if answer.status == 200 { Ok(answer.body.len()) } else { Err(url.to_owned().into()) }
    };
    Ok(File { plain: length("")?, sent: length("accept-encoding: gzip\r\n")? })
}

/// What follows each `lead` up to the next quotation mark.
fn attributes<'a>(html: &'a str, lead: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(lead).skip(1).filter_map(|rest| rest.split('"').next())
}

fn gzip(bytes: &[u8]) -> Result<usize, Failure> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn kib(bytes: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "megabytes at most")]
    let bytes = bytes as f64;
    bytes / 1024.0
}
