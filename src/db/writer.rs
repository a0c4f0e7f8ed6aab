//! SQLite's one writer: a thread that owns the only connection that writes.
//!
//! Jobs queue up. The thread takes all that wait, gives each a savepoint of its own, commits once
//! and only then answers: whoever was told "done" is durable, and the cost of reaching the disk
//! (`synchronous = FULL`) is shared. A job that fails or panics rolls back alone. One that waits alone
//! needs no savepoint, whose copies of all pages that it changes are a tenth of its work.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use super::{Conn, DbError};

/// Jobs that may wait; more are refused, since memory must stay bounded.
const QUEUE_MAX: usize = 1_024;
/// Jobs that share a commit, so that the first does not wait for ever.
const BATCH_MAX: usize = 256;

type Answer = Box<dyn FnOnce(Result<(), DbError>) + Send>;
/// Runs within its savepoint; says whether to keep what it wrote, and how to answer after commit.
type Job = Box<dyn FnOnce(&mut Conn) -> (bool, Answer) + Send>;

pub(super) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Conn) -> Result<Self, DbError> {
        let (queue, jobs) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || work(conn, &jobs))
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) async fn run<T, E>(
        &self,
        job: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |conn| match catch_unwind(AssertUnwindSafe(|| job(conn))) {
            Ok(result) => {
                let keep = result.is_ok();
                let answer: Answer = Box::new(move |committed| {
                    // The asker may have gone; what was committed stays.
                    drop(tell.send(committed.map_err(E::from).and(result)));
                });
                (keep, answer)
            }
            Err(panic) => {
                log_panic(panic.as_ref());
                (false, Box::new(move |_| drop(tell)))
            }
        });
        let queue = self.queue.as_ref().ok_or(DbError::Stopped)?;
        queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => DbError::Busy,
            TrySendError::Disconnected(_) => DbError::Stopped,
        })?;
        told.await.map_err(|_| DbError::Stopped)?
    }
}

/// Waits until what was queued is written.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn work(mut conn: Conn, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let (answers, committed) = match jobs.try_recv() {
            Ok(second) => {
                let waiting = [first, second].into_iter().chain(jobs.try_iter());
                together(&mut conn, waiting.take(BATCH_MAX))
            }
            Err(_) => alone(&mut conn, first),
        };
        for answer in answers {
            // diesel's errors cannot be cloned, so each learns the text.
            answer(match &committed {
                Ok(()) => Ok(()),
                Err(DbError::Full(why)) => Err(DbError::Full(why.clone())),
                Err(error) => Err(DbError::Unavailable(error.to_string())),
            });
        }
    }
}

fn alone(conn: &mut Conn, job: Job) -> (Vec<Answer>, Result<(), DbError>) {
    let mut state = conn.batch_execute("BEGIN IMMEDIATE");
    let answer = if state.is_ok() {
        let (keep, answer) = job(conn);
        // A full disk has ended the transaction already; what the job answers says so.
        if keep {
            state = conn.batch_execute("COMMIT");
        } else {
            drop(conn.batch_execute("ROLLBACK"));
        }
        answer
    } else {
        unstarted(job)
    };
    if state.is_err() {
        drop(conn.batch_execute("ROLLBACK"));
    }
    (vec![answer], state.map_err(DbError::from))
}

fn together(
    conn: &mut Conn,
    jobs: impl Iterator<Item = Job>,
) -> (Vec<Answer>, Result<(), DbError>) {
    let mut answers = Vec::new();
    let mut state = conn.batch_execute("BEGIN IMMEDIATE");
    for job in jobs {
        if state.is_ok() {
            state = conn.batch_execute("SAVEPOINT job");
        }
        if state.is_err() {
            answers.push(unstarted(job));
            continue;
        }
        let (keep, answer) = job(conn);
        answers.push(answer);
        // A full disk ends the whole transaction; releasing then fails, and so does the batch.
        state =
            conn.batch_execute(if keep { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" });
    }
    if state.is_ok() {
        state = conn.batch_execute("COMMIT");
    }
    if state.is_err() {
        drop(conn.batch_execute("ROLLBACK"));
    }
    (answers, state.map_err(DbError::from))
}

/// Dropping a job drops its sender, and the asker learns that the database stopped answering.
fn unstarted(job: Job) -> Answer {
    Box::new(move |_| drop(job))
}

fn log_panic(panic: &(dyn Any + Send)) {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = text, "a write job panicked and was rolled back");
}
