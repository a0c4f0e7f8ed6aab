//! Removes what has served its time, so that strangers cannot fill the database.

use std::time::Duration;

use crate::accounts::links::store::links_sweep;
use crate::authenticators::actions::PENDING_FOR;
use crate::authenticators::store::authenticators_sweep;
use crate::clock::{UtcTime, days, hours, minutes};
use crate::credentials::store::reveals_sweep;
use crate::db::{Conn, DbError};
use crate::devices::{self, store::devices_sweep};
use crate::disclosures::store::disclosures_sweep;
use crate::invitations::store::invitations_sweep;
use crate::jobs::Job;
use crate::notify::store::{outbox_sweep, sms_days_sweep};
use crate::phones::actions::PENDING_KEPT_FOR;
use crate::phones::store::phones_sweep;
use crate::services::Services;
use crate::sessions::store::{sessions_sweep, throttles_sweep};
use crate::sessions::throttle;
use crate::step_up::actions::expire;
use crate::step_up::store::{attempts_sweep, challenges_sweep, sends_sweep};
use crate::submissions::store::submissions_sweep;

/// How long a session's row, with its address and browser, is kept after its end.
pub const SESSIONS_KEPT_FOR: Duration = days(30);
/// How long a form that was sent is known again.
pub const SUBMISSIONS_KEPT_FOR: Duration = days(1);
/// How long it is known to whom and when messages were sent; what they said is gone with the sending.
pub const MAIL_KEPT_FOR: Duration = days(30);
/// How long it is known that somebody was asked to prove who they are; the audit log tells what came of it.
pub const CHALLENGES_KEPT_FOR: Duration = days(7);
/// How long tries at codes and codes that were sent are counted: the longest of their windows.
pub const TRIES_KEPT_FOR: Duration = days(1);
/// How long links that were mailed are known after their end: where a freezing came from is asked for by the host.
pub const LINKS_KEPT_FOR: Duration = days(30);
/// How long an invitation can be looked at, and sent again, after it has ended.
pub const INVITATIONS_KEPT_FOR: Duration = days(30);
/// Rows of one transaction, so that others wait for moments only.
const ROWS: i64 = 500;

type Sweep = fn(&mut Conn, UtcTime, i64) -> Result<usize, DbError>;

/// One round.
///
/// # Errors
/// The database's failure.
pub async fn sweep(services: &Services) -> Result<(), DbError> {
    let now = services.clock.now();
    let sweeps: [(Sweep, Duration); 15] = [
        (throttles_sweep, throttle::WINDOW),
        (sessions_sweep, SESSIONS_KEPT_FOR),
        (submissions_sweep, SUBMISSIONS_KEPT_FOR),
        (outbox_sweep, MAIL_KEPT_FOR),
        (sms_days_sweep, MAIL_KEPT_FOR),
        (challenges_sweep, CHALLENGES_KEPT_FOR),
        (attempts_sweep, TRIES_KEPT_FOR),
        (sends_sweep, TRIES_KEPT_FOR),
        (authenticators_sweep, PENDING_FOR),
        (phones_sweep, PENDING_KEPT_FOR),
        (reveals_sweep, Duration::ZERO),
        (disclosures_sweep, Duration::ZERO),
        (devices_sweep, devices::KEPT_FOR),
        (invitations_sweep, INVITATIONS_KEPT_FOR),
        (links_sweep, LINKS_KEPT_FOR),
    ];
    expire(services, ROWS).await?;
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
