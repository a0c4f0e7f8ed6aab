//! CPU time and medians.

use std::collections::BTreeMap;
use std::fs;

use super::Failure;

/// Watches what a process spends.
///
/// The sum over its threads of what the scheduler counted, which is finer than the 10 ms of
/// `/proc/PID/stat`. A thread that ends between two readings takes its share along; the servers'
/// threads live on, or idle for ten seconds before they go.
pub struct CpuMeter {
    pid: u32,
    before: BTreeMap<String, f64>,
}

impl CpuMeter {
    /// Begins to count.
    pub fn start(pid: u32) -> Result<Self, Failure> {
        Ok(Self { pid, before: threads(pid)? })
    }

    /// Microseconds that a process has spent since it began.
    pub fn since_birth(pid: u32) -> Result<f64, Failure> {
        Self { pid, before: BTreeMap::new() }.us()
    }

    /// Microseconds since the start.
    pub fn us(&self) -> Result<f64, Failure> {
        let spent = threads(self.pid)?.into_iter().map(|(thread, ns)| {
            let before = self.before.get(&thread).copied().unwrap_or(0.0);
            ns - before
        });
        Ok(spent.sum::<f64>() / 1000.0)
    }
}

/// Nanoseconds by thread.
fn threads(pid: u32) -> Result<BTreeMap<String, f64>, Failure> {
    let mut found = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let thread = thread?.path();
        // One that has just ended has no numbers any more.
        let Ok(text) = fs::read_to_string(thread.join("schedstat")) else { continue };
        found.insert(thread.display().to_string(), first_number(&text)?);
    }
    Ok(found)
}

/// Nanoseconds that this process's first thread has been on a CPU.
pub fn main_thread_ns() -> Result<f64, Failure> {
    first_number(&fs::read_to_string("/proc/self/schedstat")?)
}

fn first_number(text: &str) -> Result<f64, Failure> {
    Ok(text.split_whitespace().next().ok_or("an empty schedstat")?.parse()?)
}

/// The median with the least and the most.
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

/// The spread of some values.
pub fn spread(values: &[f64]) -> Spread {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let (middle, last) = (values.len() / 2, values.len().saturating_sub(1));
    let is_even = values.len().is_multiple_of(2);
    let below = if is_even { at(middle.saturating_sub(1)) } else { at(middle) };
    Spread { median: f64::midpoint(below, at(middle)), min: at(0), max: at(last) }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = out.precision().unwrap_or(2);
        let Self { median, min, max } = self;
        write!(out, "{median:.digits$} [{min:.digits$} – {max:.digits$}]")
    }
}
