//! What the pages of sensitive acts cost in CPU time, beside the list of apps.
//!
//! `cargo bench --bench acts`. One server is asked for the list and for each page in turn (A B, then B A); the
//! ratio is taken in each round and the median counts. Ends with 1 when a goal is missed.

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::process::ExitCode;

use support::{Browser, Caller, CpuMeter, Failure, Server, Site, judge, spread};

const ROUNDS: usize = 16;
const REQUESTS: usize = 400;
/// An app of the sample that is enabled.
const APP: &str = "/apps/1400000001";
/// The most that a page may cost, as a multiple of the list.
const RATIO_MAX: f64 = 1.5;
/// A server of mail that nobody reaches: codes wait in the outbox.
const SMTP: (&str, &str) = ("SWITCHROOM_SMTP_URL", "smtp://127.0.0.1:9?tls=off");

/// CPU microseconds a request.
fn cpu_us(server: &Server, request: &[u8]) -> Result<f64, Failure> {
    let mut caller = Caller::new(server.port)?;
    let meter = CpuMeter::start(server.pid())?;
    (0..REQUESTS).try_for_each(|_| caller.skip(request))?;
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let requests = REQUESTS as f64;
    Ok(meter.us()? / requests)
}

/// Asks for an act; the path of its challenge.
fn ask(server: &Server, browser: &Browser, path: &str) -> Result<String, Failure> {
    let token = browser.token_on(path)?;
    let answer = Caller::new(server.port)?.ask(&browser.post(path, &[("token", &token)]))?;
    let location = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
    let location = location.filter(|path| path.starts_with("/step-up/"));
    Ok(location.ok_or_else(|| format!("{path} leads to no challenge: {}", answer.head))?.to_owned())
}

fn main() -> Result<ExitCode, Failure> {
    let site = Site::with_sample(20, 30)?;
    let server = site.serve_with(&[SMTP])?;
    let browser = Browser::signed_in(&server, &site)?;
    let challenge = ask(&server, &browser, &format!("{APP}/disable"))?;
    let list = browser.get("/apps");
    cpu_us(&server, &list)?;

    let mut is_met = true;
    println!("pages of sensitive acts against the list of apps, CPU time");
    for (name, path) in [
        ("proving who one is", challenge),
        ("what disabling does", format!("{APP}/disable")),
        ("what deleting does", format!("{APP}/delete")),
        ("certificates", format!("{APP}/certificates")),
        ("an authenticator", "/profile/authenticator".to_owned()),
    ] {
        let page = browser.get(&path);
        let (mut costs, mut ratios) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let (here, there) = if round % 2 == 0 {
                let here = cpu_us(&server, &page)?;
                (here, cpu_us(&server, &list)?)
            } else {
                let there = cpu_us(&server, &list)?;
                (cpu_us(&server, &page)?, there)
            };
            costs.push(here);
            ratios.push(here / there);
        }
        println!("  {name}: {:.0} µs", spread(&costs));
        is_met &= judge(name, spread(&ratios).median, RATIO_MAX, "×");
    }
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
