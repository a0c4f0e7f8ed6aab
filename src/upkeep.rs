//! Removes what has served its time, so that strangers cannot fill the database.

use std::time::Duration;

use crate::clock::{UtcTime, days, hours, minutes};
use crate::db::{Conn, DbError};
use crate::jobs::Job;
use crate::notify::store::outbox_sweep;
use crate::services::Services;
use crate::sessions::store::{sessions_sweep, throttles_sweep};
use crate::sessions::throttle;
use crate::submissions::store::submissions_sweep;

/// How long a session's row, with its address and browser, is kept after its end.
pub const SESSIONS_KEPT_FOR: Duration = days(30);
/// How long a form that was sent is known again.
pub const SUBMISSIONS_KEPT_FOR: Duration = days(1);
/// How long it is known to whom and when mail was sent; what it said is gone with the sending.
pub const MAIL_KEPT_FOR: Duration = days(30);
/// Rows of one transaction, so that others wait for moments only.
const ROWS: i64 = 500;

type Sweep = fn(&mut Conn, UtcTime, i64) -> Result<usize, DbError>;

/// One round.
///
/// # Errors
/// The database's failure.
pub async fn sweep(services: &Services) -> Result<(), DbError> {
    let now = services.clock.now();
    let sweeps: [(Sweep, Duration); 4] = [
        (throttles_sweep, throttle::WINDOW),
        (sessions_sweep, SESSIONS_KEPT_FOR),
        (submissions_sweep, SUBMISSIONS_KEPT_FOR),
        (outbox_sweep, MAIL_KEPT_FOR),
    ];
    for (sweep, kept_for) in sweeps {
        let before = now.minus(kept_for);
        while services.db.write(move |conn| sweep(conn, before, ROWS)).await? > 0 {}
    }
    Ok(())
}

/// The rounds, each hour on one of the nodes.
pub const JOB: Job = Job {
    name: "upkeep",
    every: hours(1),
    longest: minutes(30),
    run: |services| Box::pin(async move { Ok(sweep(&services).await?) }),
};
