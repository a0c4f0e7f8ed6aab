//! What the benchmarks of the running program share: the program as a child process on sample
//! data, a small HTTP client, CPU time by process, medians.
//!
//! CPU time, not wall time: it barely depends on what else the machine does. It is read from
//! Linux, in nanoseconds and by thread, so a benchmark measures nothing but the server it asks.

mod browser;
pub mod cpu;
pub mod process;
mod site;

pub use browser::{Browser, Caller};
pub use cpu::{CpuMeter, spread};
pub use site::{Server, Site};

/// What stops a benchmark.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One goal, said and judged; answers whether it is met.
pub fn judge(what: &str, value: f64, max: f64, unit: &str) -> bool {
    let is_met = value <= max;
    let verdict = if is_met { "met" } else { "MISSED" };
    println!("  {verdict:<7}{what}: {value:.2}{unit}, goal ≤ {max}{unit}");
    is_met
}
