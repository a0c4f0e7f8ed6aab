//! What minting a token costs in CPU time, beside the vendors' npm packages in the same run.
//!
//! `cargo bench --bench mint`. CPU time, not wall time, because it barely depends on what else
//! the machine does; rounds alternate and the median counts. The packages are asked through the
//! conformance judge, pinned to one core where `taskset` exists. Ends with 1 when a goal is missed.

use std::{fs, hint::black_box, process::Command, process::ExitCode};

use serde_json::{Value, json};
use switchroom::tokens::{
    AccessToken2Request, Candidate, ChannelName, Expected, Purpose, Role, RtcPrivileges, Salt,
    Slot, UserId, UserSigRequest, mint_access_token2, mint_usersig, verify,
};

#[path = "../tests/conformance/judge.rs"]
#[expect(dead_code, reason = "only times are asked for here")]
mod judge;

use judge::{Judge, are_judges_prepared, with};

const ROUNDS: usize = 7;
/// Tokens per round here, and there.
const COUNT_HERE: u32 = 20_000;
const COUNT_THERE: u32 = 8_000;
/// The most that a token may cost, in microseconds of CPU.
const CPU_US_MAX: f64 = 15.0;

const NOW: i64 = 1_700_000_000;
const KEY: &str = "7d1f5c0e9b3a4826b1c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081920";
const APP_ID: &str = "0123456789abcdef0123456789abcdef";
const CERTIFICATE: &str = "fedcba9876543210fedcba9876543210";

type Failure = Box<dyn std::error::Error>;

/// One row of the table.
struct Contest {
    name: &'static str,
    /// How much cheaper than the package it has to be.
    ratio_min: f64,
    mint: fn(&UserId) -> Result<String, Failure>,
    request: Value,
}

fn contests() -> [Contest; 2] {
    [
        Contest {
            name: "UserSig",
            ratio_min: 3.0,
            mint: usersig,
            request: json!({
                "kind": "usersig", "sdk_app_id": 1_400_001_234, "key": KEY, "user": "user",
                "expires_in": 86_400, "room": null, "privileges": null,
            }),
        },
        Contest {
            name: "AccessToken2",
            ratio_min: 6.0,
            mint: access_token2,
            request: json!({
                "kind": "access_token_by_role", "app_id": APP_ID, "certificate": CERTIFICATE,
                "channel": "room-1", "user": "user", "role": "publisher", "expires_in": 3600,
                "privilege_in": 3600,
            }),
        },
    ]
}

fn usersig(user: &UserId) -> Result<String, Failure> {
    Ok(mint_usersig(&UserSigRequest {
        sdk_app_id: 1_400_001_234,
        key: KEY,
        user,
        issued_at: NOW,
        lifetime_s: 86_400,
        room: None,
    })?)
}

fn access_token2(user: &UserId) -> Result<String, Failure> {
    Ok(mint_access_token2(&AccessToken2Request {
        app_id: APP_ID,
        certificate: CERTIFICATE,
        channel: &ChannelName::parse("room-1")?,
        user: Some(user),
        privileges: RtcPrivileges::of(Role::Publisher, 3600),
        issued_at: NOW,
        lifetime_s: 3600,
        salt: Salt::from_random(12_345_678),
    })?)
}

fn main() -> Result<ExitCode, Failure> {
    let mut judge = judge()?;
    if judge.is_none() {
        println!("Without the npm packages: run tests/conformance/prepare to compare with them.\n");
    }
    println!("CPU µs per token, median of {ROUNDS} rounds [fastest – slowest]\n");
    println!("{:<14}{:>26}{:>26}{:>9}{:>7}", "", "here", "npm", "ratio", "goal");
    let mut is_met = true;
    for contest in contests() {
        is_met &= compare(&contest, judge.as_mut())?;
    }
    println!();
    for contest in contests() {
        let token = (contest.mint)(&UserId::parse("user1234")?)?;
        let (median, span) = spread(&mut rounds(|| cpu_of_verifying(&token))?);
        println!("{:<14}{median:>10.2} {span:>15}   verified, {} bytes", contest.name, token.len());
    }
    if !is_met {
        println!("\nA goal is missed.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(contest: &Contest, judge: Option<&mut Judge>) -> Result<bool, Failure> {
    cpu_of_minting(contest.mint)?;
    let (mut here, mut there) = (Vec::new(), Vec::new());
    let mut judge = judge;
    for _ in 0..ROUNDS {
        here.push(cpu_of_minting(contest.mint)?);
        if let Some(judge) = judge.as_deref_mut() {
            there.push(cpu_of_package(judge, &contest.request)?);
        }
    }
    let (median, span) = spread(&mut here);
    print!("{:<14}{median:>10.2} {span:>15}", contest.name);
    let is_cheap = median <= CPU_US_MAX;
    if there.is_empty() {
        println!("{:>42}", format!("≤ {CPU_US_MAX} µs"));
        return Ok(is_cheap);
    }
    let (package, span) = spread(&mut there);
    let ratio = package / median;
    println!("{package:>10.2} {span:>15}{:>9}{:>7}", times(ratio), times(contest.ratio_min));
    Ok(is_cheap && ratio >= contest.ratio_min)
}

/// The npm packages, if they are installed.
fn judge() -> Result<Option<Judge>, Failure> {
    if !are_judges_prepared() {
        return Ok(None);
    }
    let has_taskset = Command::new("taskset").arg("--version").output().is_ok();
    let mut command = if has_taskset {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", "node"]);
        command
    } else {
        Command::new("node")
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/judge.js");
    Ok(Some(Judge::start("node", command.arg(script))?))
}

fn cpu_of_minting(mint: fn(&UserId) -> Result<String, Failure>) -> Result<f64, Failure> {
    let users: Vec<_> = (0..1000)
        .map(|number| UserId::parse(&format!("user{number}")))
        .collect::<Result<_, _>>()?;
    cpu_us(COUNT_HERE, || {
        for user in users.iter().cycle().take(COUNT_HERE as usize) {
            black_box(mint(black_box(user))?);
        }
        Ok(())
    })
}

fn cpu_of_verifying(token: &str) -> Result<f64, Failure> {
    let expected = Expected { sdk_app_id: 1_400_001_234, app_id: APP_ID, ..Expected::default() };
    let primary = |purpose, secret| Candidate { purpose, slot: Slot::Primary, secret };
    let keys = [primary(Purpose::UserSig, KEY), primary(Purpose::AccessToken, CERTIFICATE)];
    cpu_us(COUNT_HERE, || {
        for _ in 0..COUNT_HERE {
            let verdict = verify(black_box(token), &expected, &keys, NOW, 0)?;
            if !verdict.is_valid() {
                return Err("the token that was timed is not valid".into());
            }
        }
        Ok(())
    })
}

fn cpu_of_package(judge: &mut Judge, request: &Value) -> Result<f64, Failure> {
    let answer = judge.ask("bench", &with(request, "count", COUNT_THERE))?;
    let total = answer.get("cpu_us").and_then(Value::as_f64).ok_or("no time in the answer")?;
    Ok(total / f64::from(COUNT_THERE))
}

fn rounds(mut round: impl FnMut() -> Result<f64, Failure>) -> Result<Vec<f64>, Failure> {
    (0..ROUNDS).map(|_| round()).collect()
}

/// The CPU time of `action`, which does `count` things, for one of them.
fn cpu_us(count: u32, action: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let before = thread_cpu_ns()?;
    action()?;
    let spent = thread_cpu_ns()? - before;
    Ok(spent / 1000.0 / f64::from(count))
}

/// Nanoseconds that this process's first thread has been on a CPU, by Linux's own count.
fn thread_cpu_ns() -> Result<f64, Failure> {
    let text = fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("an empty schedstat")?.parse()?)
}

/// The median, and the span as text.
fn spread(values: &mut [f64]) -> (f64, String) {
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let (first, last) = (values.first(), values.last());
    let span = first.zip(last).map(|(first, last)| format!("[{first:.2} – {last:.2}]"));
    (median, span.unwrap_or_default())
}

fn times(ratio: f64) -> String {
    format!("{ratio:.1}×")
}
