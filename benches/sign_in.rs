//! What one sign-in through HTTP costs in CPU time, beside the bare argon2id call, and whether an
//! unknown account can be told from a known one by it.
//!
//! `cargo bench --bench sign_in`. The program runs as a process of its own; the bare call, of the
//! same parameters, runs in this one. Each round makes one of everything. The counters that
//! throttle sign-in are emptied between rounds, in the database's file. Ends with 1 when a goal is
//! missed.

#[expect(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::hint::black_box;
use std::process::ExitCode;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use diesel::prelude::*;
use support::cpu::main_thread_ns;
use support::{Browser, Caller, CpuMeter, Failure, Server, Site, judge, spread};

const ROUNDS: usize = 60;
/// Rounds that warm up, not counted.
const ROUNDS_BEFORE: usize = 5;
/// The most that a sign-in may cost, as a multiple of the bare call.
const RATIO_MAX: f64 = 1.15;
/// How far an unknown account may be from a known one, in percent.
const APART_MAX: f64 = 10.0;

/// The same that [`switchroom::accounts::Passwords`] uses.
fn hasher() -> Result<Argon2<'static>, Failure> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn main() -> Result<ExitCode, Failure> {
    let site = Site::with_sample(12, 400)?;
    let server = site.serve()?;
    let mut browser = Browser::new(&server);
    let token = browser.form_token()?;
    let right = browser.sign_in(&token, &site.email, &site.password);
    let wrong = browser.sign_in(&token, &site.email, "not the password");
    let unknown = browser.sign_in(&token, "nobody@example.com", "not the password");

    let hash = hasher()?
        .hash_password_with_salt(site.password.as_bytes(), b"sixteen bytes...")
        .map_err(|error| error.to_string())?
        .to_string();

    let (mut bare, mut signed_in, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut known, mut stranger) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS_BEFORE + ROUNDS {
        forget_attempts(&site)?;
        let call = cpu_of_call(&hash, &site.password)?;
        let entry = cpu_of(&server, &right, 303)?;
        // One of the two goes first as often as the other.
        let (refused, nobody) = if round % 2 == 0 {
            (cpu_of(&server, &wrong, 422)?, cpu_of(&server, &unknown, 422)?)
        } else {
            let nobody = cpu_of(&server, &unknown, 422)?;
            (cpu_of(&server, &wrong, 422)?, nobody)
        };
        if round >= ROUNDS_BEFORE {
            bare.push(call);
            signed_in.push(entry);
            ratios.push(entry / call);
            known.push(refused);
            stranger.push(nobody);
        }
    }

    println!("CPU ms, median of {ROUNDS} rounds [least – most]\n");
    for (name, costs) in [
        ("bare argon2id", &bare),
        ("sign-in", &signed_in),
        ("wrong password", &known),
        ("unknown account", &stranger),
    ] {
        println!("  {name:<16}{:>26.2}", spread(costs));
    }
    let ratio = spread(&ratios);
    println!("  {:<16}{ratio:>26.2}\n", "ratio");
    let apart = (spread(&stranger).median / spread(&known).median - 1.0).abs() * 100.0;
    let is_cheap = judge("sign-in", ratio.median, RATIO_MAX, "×");
    let is_even = judge("unknown and known apart by", apart, APART_MAX, " %");
    if is_cheap && is_even {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}

/// CPU milliseconds of the bare call.
fn cpu_of_call(hash: &str, password: &str) -> Result<f64, Failure> {
    let before = main_thread_ns()?;
    let parsed = PasswordHash::new(hash).map_err(|error| error.to_string())?;
    let fits = hasher()?.verify_password(black_box(password).as_bytes(), &parsed).is_ok();
    let spent = main_thread_ns()? - before;
    if fits { Ok(spent / 1e6) } else { Err("the hash that was timed does not fit".into()) }
}

/// CPU milliseconds of a request that must be answered with `status`.
fn cpu_of(server: &Server, request: &[u8], status: u16) -> Result<f64, Failure> {
    let meter = CpuMeter::start(server.pid())?;
    let answer = Caller::new(server.port)?.ask(request)?;
    if answer.status != status {
        return Err(format!("an attempt is answered with {}", answer.status).into());
    }
    // What is left to do after the answer is part of it.
    std::thread::sleep(std::time::Duration::from_millis(5));
    Ok(meter.us()? / 1000.0)
}

fn forget_attempts(site: &Site) -> Result<(), Failure> {
    use diesel::connection::SimpleConnection;
    let mut conn = SqliteConnection::establish(&site.database())?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; DELETE FROM throttles;")?;
    Ok(())
}
