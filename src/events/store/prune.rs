//! Removing what is needed for counting only, once no event can come that would be compared with it.

use jiff::ToSpan;

use crate::clock::{UtcTime, Zone};
use crate::db::bulk::{Given, execute_each};
use crate::db::{Conn, DbError};

/// What removes up to so many rows of a table from before a moment.
pub type Prune = fn(&mut Conn, UtcTime, i64) -> Result<usize, DbError>;

/// One for each table.
pub const PRUNES: [Prune; 4] = [names_prune, online_prune, usage_prune, stays_prune];

/// Removes rows of a table whose days are over everywhere on earth.
fn of_days(conn: &mut Conn, statement: &str, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let day = before.day(&Zone::utc()).saturating_sub(1.day()).to_string();
    let given = Given::new()
        .texts("until", std::iter::once(day.as_str()))
        .numbers("most", std::iter::once(rows));
    execute_each(conn, statement, &given)
}

fn names_prune(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    of_days(
        conn,
        "DELETE FROM event_names WHERE (day, sdk_app_id, name) IN \
         (SELECT day, sdk_app_id, name FROM event_names \
         WHERE day < (SELECT until FROM given) LIMIT (SELECT most FROM given))",
        before,
        rows,
    )
}

fn online_prune(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    of_days(
        conn,
        "DELETE FROM online_samples WHERE (day, sdk_app_id, minute, source) IN \
         (SELECT day, sdk_app_id, minute, source FROM online_samples \
         WHERE day < (SELECT until FROM given) LIMIT (SELECT most FROM given))",
        before,
        rows,
    )
}

fn usage_prune(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    of_days(
        conn,
        "DELETE FROM usage_seconds WHERE (day, sdk_app_id, service, tier, user_name) IN \
         (SELECT day, sdk_app_id, service, tier, user_name FROM usage_seconds \
         WHERE day < (SELECT until FROM given) LIMIT (SELECT most FROM given))",
        before,
        rows,
    )
}

/// App by app, as their index has them.
fn stays_prune(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let given = Given::new()
        .numbers("until", std::iter::once(before.0))
        .numbers("most", std::iter::once(rows));
    execute_each(
        conn,
        "DELETE FROM room_stays WHERE (sdk_app_id, stay) IN \
         (SELECT room_stays.sdk_app_id, stay FROM event_streams \
         JOIN room_stays ON room_stays.sdk_app_id = event_streams.sdk_app_id \
         WHERE joined_at < (SELECT until FROM given) \
         OR joined_at IS NULL AND left_at < (SELECT until FROM given) \
         LIMIT (SELECT most FROM given))",
        &given,
    )
}
