//! Does jobs when they are due, on the node that gets them.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Job, Outcome, count, store};
use crate::clock::minutes;
use crate::db::DbError;
use crate::services::Services;

/// How long a job is held without a sign of life.
const LEASE: Duration = minutes(5);
/// Between two looks at whether a job is due.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// After a run that failed.
const AGAIN_AFTER: Duration = minutes(1);

/// Tells work in the background to stop.
pub struct Stopper(watch::Sender<bool>);

/// What work in the background is told by.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Both ends.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (tell, told) = watch::channel(false);
        (Self(tell), Stop(told))
    }

    /// Another end to be told at.
    #[must_use]
    pub fn to_tell(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    /// Tells everyone.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until it is time to stop, which it also is when nobody could tell any more.
    pub async fn told(&mut self) {
        drop(self.0.wait_for(|stop| *stop).await);
    }

    /// Whether it is time to stop.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }
}

/// Does jobs for one node.
#[derive(Clone)]
pub struct Runner {
    services: Services,
    owner: String,
    stop: Stop,
}

impl Runner {
    /// A runner under a name that no other has.
    #[must_use]
    pub fn new(services: Services, stop: Stop) -> Self {
        let owner = services.random.hex::<16>();
        Self { services, owner, stop }
    }

    /// Looks after a job until told to stop.
    pub async fn look_after(mut self, job: Job) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stop.told() => return,
                _ = look.tick() => {}
            }
            if let Err(error) = self.run_if_due(&job).await {
                tracing::warn!(job = job.name, "looking at a job: {error}");
            }
        }
    }

    /// Does a job now when it is due and nobody else does it. `None` when it was not, or when the
    /// lease was lost meanwhile.
    ///
    /// # Errors
    /// The database's failure; what the job meets is an outcome.
    pub async fn run_if_due(&self, job: &Job) -> Result<Option<Outcome>, DbError> {
        let (name, db, began) = (job.name, &self.services.db, self.services.clock.now());
        if !db.read(move |conn| store::job_is_free(conn, name, began)).await? {
            return Ok(None);
        }
        let (owner, until) = (self.owner.clone(), began.plus(LEASE));
        let taken = db.write(move |conn| store::job_take(conn, name, &owner, began, until));
        if !taken.await? {
            return Ok(None);
        }
        let clock = Instant::now();
        let Some(outcome) = self.run(job).await else {
            tracing::warn!(job = name, "another node has taken this job over");
            count(name, "lost", clock.elapsed());
            return Ok(None);
        };
        count(name, outcome.as_str(), clock.elapsed());
        let now = self.services.clock.now();
        let next_run = match outcome {
            Outcome::Done => began.plus(job.every),
            Outcome::Failed | Outcome::TimedOut => now.plus(job.every.min(AGAIN_AFTER)),
            Outcome::Stopped => now,
        };
        let owner = self.owner.clone();
        db.write(move |conn| store::job_give_back(conn, name, &owner, outcome, next_run)).await?;
        Ok(Some(outcome))
    }

    /// `None` when the lease could not be kept.
    async fn run(&self, job: &Job) -> Option<Outcome> {
        // A task of its own: a panic ends it alone, and dropping the set ends it at once.
        let mut work = JoinSet::new();
        work.spawn((job.run)(self.services.clone()));
        let too_long = tokio::time::sleep(job.longest);
        tokio::pin!(too_long);
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + LEASE / 3, LEASE / 3);
        let (mut kept, mut stop) = (Instant::now(), self.stop.clone());
        loop {
            tokio::select! {
                ended = work.join_next() => return Some(match ended {
                    Some(Ok(Ok(()))) | None => Outcome::Done,
                    Some(Ok(Err(error))) => {
                        tracing::warn!(job = job.name, "a job failed: {error:#}");
                        Outcome::Failed
                    }
                    Some(Err(error)) => {
                        tracing::error!(job = job.name, "a job panicked: {error}");
                        Outcome::Failed
                    }
                }),
                () = stop.told() => return Some(Outcome::Stopped),
                () = &mut too_long => {
                    tracing::warn!(job = job.name, longest = ?job.longest, "a job took too long");
                    return Some(Outcome::TimedOut);
                }
                _ = beat.tick() => {
                    match self.keep(job.name).await {
                        Ok(true) => kept = Instant::now(),
                        // The database may be back before the lease is over.
                        Err(_) if kept.elapsed() < LEASE => {}
                        Ok(false) | Err(_) => return None,
                    }
                }
            }
        }
    }

    async fn keep(&self, name: &'static str) -> Result<bool, DbError> {
        let (owner, until) = (self.owner.clone(), self.services.clock.now().plus(LEASE));
        self.services.db.write(move |conn| store::job_keep(conn, name, &owner, until)).await
    }
}
