//! Work in the background: each job has a row in the database, which says when it is due and which
//! node does it now. A node takes a job by one conditional statement and a lease, renews the lease
//! while it works, and gives the job up when it no longer holds it. A node that dies loses its
//! lease by the clock.

mod runner;
pub mod store;

use std::pin::Pin;
use std::time::Duration;

use crate::services::Services;

pub use runner::{Runner, Stop, Stopper};

crate::words! {
    /// How a run ended.
    pub enum Outcome {
        /// All of it was done.
        Done = "done",
        /// It failed, which the log tells; it is tried again soon.
        Failed = "failed",
        /// It took longer than it may, and was ended.
        TimedOut = "timed_out",
        /// The process was told to stop; another node may take it at once.
        Stopped = "stopped",
    }
}

/// A run of a job.
pub type Work = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Something that is done now and then, by one node at a time.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its key in the table and its label in the metrics.
    pub name: &'static str,
    /// From the beginning of one run to that of the next.
    pub every: Duration,
    /// What a run may take at most.
    pub longest: Duration,
    /// Begins a run. It must bear being ended between any two of its transactions.
    pub run: fn(Services) -> Work,
}

/// Counts a run of work in the background: `job_runs_total` and `job_run_seconds`.
pub fn count(job: &'static str, outcome: &'static str, took: Duration) {
    metrics::counter!("job_runs_total", "job" => job, "outcome" => outcome).increment(1);
    metrics::histogram!("job_run_seconds", "job" => job).record(took.as_secs_f64());
}
