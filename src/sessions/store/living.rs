//! The sign-ins of a person that have not ended.

use diesel::prelude::*;

use crate::clock::UtcTime;
use crate::db::conn::Backend;
use crate::db::schema::sessions;
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, SessionId};
use crate::sessions::IDLE_MAX;

/// A sign-in, as its person sees it.
#[derive(Clone, Debug, Queryable)]
pub struct Living {
    /// The sign-in.
    pub id: SessionId,
    /// The address it came from.
    pub address: String,
    /// The browser's name for itself.
    pub user_agent: String,
    /// When it began.
    pub created_at: UtcTime,
    /// When it was last used, to the minute.
    pub last_seen_at: UtcTime,
}

type Query = diesel::dsl::IntoBoxed<'static, sessions::table, Backend>;

fn living(account: AccountId, now: UtcTime) -> Query {
    sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now.minus(IDLE_MAX)))
        .into_boxed()
}

/// Up to `max` sign-ins of an account that live, those that were used last first, and how many there are.
///
/// # Errors
/// The database's failure.
pub fn sessions_living(
    conn: &mut Conn,
    account: AccountId,
    now: UtcTime,
    max: i64,
) -> Result<(Vec<Living>, i64), DbError> {
    let shown = living(account, now)
        .select((
            sessions::id,
            sessions::address,
            sessions::user_agent,
            sessions::created_at,
            sessions::last_seen_at,
        ))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(max)
        .load(conn)?;
    Ok((shown, living(account, now).count().get_result(conn)?))
}

/// Ends a sign-in of an account; what it was. `None`, and nothing written, for one of somebody else's, and for one
/// that has ended.
///
/// # Errors
/// The database's failure.
pub fn session_end_own(
    conn: &mut Conn,
    account: AccountId,
    id: SessionId,
    now: UtcTime,
) -> Result<Option<Living>, DbError> {
    Ok(diesel::update(sessions::table.find(id))
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now.minus(IDLE_MAX)))
        .set(sessions::ended_at.eq(now))
        .returning((
            sessions::id,
            sessions::address,
            sessions::user_agent,
            sessions::created_at,
            sessions::last_seen_at,
        ))
        .get_result(conn)
        .optional()?)
}
