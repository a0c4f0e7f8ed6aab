//! Queries on sessions and on the counters that throttle sign-in.

mod living;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{IDLE_MAX, Person, SEEN_EVERY, Seat};
use crate::clock::UtcTime;
use crate::db::schema::{accounts, memberships, sessions, workspaces};
use crate::db::{Conn, DbError};
use crate::i18n::Language;
use crate::ids::{AccountId, MembershipId, SessionId, WorkspaceId};
use crate::workspaces::store::first_workspace;
use crate::workspaces::{Extent, Permission, Quota, ReachKind, Role, Scope};

pub use living::{Living, session_end_own, sessions_living};

/// A new sign-in. It gets its key when the cookie is made.
pub struct NewSession<'a> {
    /// Whose.
    pub account: AccountId,
    /// The address it came from.
    pub address: &'a str,
    /// The browser's name for itself.
    pub user_agent: &'a str,
    /// When it ends at the latest.
    pub expires_at: UtcTime,
}

/// Makes a session; it opens in the first workspace of the person by name, which is answered too.
///
/// # Errors
/// The database's failure.
pub fn session_insert(
    conn: &mut Conn,
    new: &NewSession<'_>,
    now: UtcTime,
) -> Result<(SessionId, Option<WorkspaceId>), DbError> {
    let workspace = first_workspace(conn, new.account)?;
    let id = diesel::insert_into(sessions::table)
        .values((
            sessions::account_id.eq(new.account),
            sessions::workspace_id.eq(workspace),
            sessions::address.eq(new.address),
            sessions::user_agent.eq(new.user_agent),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(new.expires_at),
        ))
        .returning(sessions::id)
        .get_result(conn)?;
    Ok((id, workspace))
}

/// Gives a session the key of its cookie. Only an UPDATE: `false` means that the session has
/// ended, and nothing was written.
///
/// # Errors
/// The database's failure.
pub fn session_set_key(
    conn: &mut Conn,
    id: SessionId,
    key_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let changed = diesel::update(sessions::table.find(id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .set(sessions::key_digest.eq(key_digest))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Takes the key away: its cookie opens nothing from here on.
///
/// # Errors
/// The database's failure.
pub fn session_drop_key(conn: &mut Conn, key_digest: &str) -> Result<(), DbError> {
    diesel::update(sessions::table)
        .filter(sessions::key_digest.eq(key_digest))
        .set(sessions::key_digest.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// The database's failure.
pub fn session_end(conn: &mut Conn, id: SessionId, now: UtcTime) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The network address and the browser that a session was opened from.
///
/// # Errors
/// The database's failure.
pub fn session_whence(conn: &mut Conn, id: SessionId) -> Result<Option<(String, String)>, DbError> {
    let session = sessions::table.find(id).select((sessions::address, sessions::user_agent));
    Ok(session.first(conn).optional()?)
}

/// Whether a session has not ended.
///
/// # Errors
/// The database's failure.
pub fn session_is_alive(conn: &mut Conn, id: SessionId, now: UtcTime) -> Result<bool, DbError> {
    let alive = sessions::table
        .find(id)
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now));
    Ok(diesel::select(diesel::dsl::exists(alive)).get_result(conn)?)
}

/// Ends all sessions of an account but one.
///
/// # Errors
/// The database's failure.
pub fn sessions_end_others(
    conn: &mut Conn,
    account: AccountId,
    but: SessionId,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(sessions::table)
        .filter(sessions::account_id.eq(account))
        .filter(sessions::id.ne(but))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends all sessions of an account.
///
/// # Errors
/// The database's failure.
pub fn sessions_end_all(conn: &mut Conn, account: AccountId, now: UtcTime) -> Result<(), DbError> {
    diesel::update(sessions::table)
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends the sessions of an account that are in a workspace.
///
/// # Errors
/// The database's failure.
pub fn sessions_end_in(
    conn: &mut Conn,
    account: AccountId,
    workspace: WorkspaceId,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(sessions::table)
        .filter(sessions::account_id.eq(account))
        .filter(sessions::workspace_id.eq(workspace))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Remembers that a session was used, at most once in [`SEEN_EVERY`].
///
/// # Errors
/// The database's failure.
pub fn session_seen(conn: &mut Conn, id: SessionId, now: UtcTime) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id))
        .filter(sessions::last_seen_at.le(now.minus(SEEN_EVERY)))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Moves a session to another workspace of its person; `false` when the person has no place there.
///
/// # Errors
/// The database's failure.
pub fn session_enter(
    conn: &mut Conn,
    id: SessionId,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<bool, DbError> {
    let place = memberships::table
        .filter(memberships::account_id.eq(account))
        .filter(memberships::workspace_id.eq(workspace));
    let changed = diesel::update(sessions::table.find(id))
        .filter(diesel::dsl::exists(place))
        .set(sessions::workspace_id.eq(workspace))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Who is behind a key, and when they were last seen.
pub struct Found {
    /// The person.
    pub person: Person,
    /// The last use that was remembered.
    pub last_seen_at: UtcTime,
}

type PersonRow = (SessionId, UtcTime, AccountId, String, String, Language, Option<String>, bool);
type SeatRow = (
    (WorkspaceId, String, String, Quota),
    (MembershipId, Role, ReachKind, Option<String>, Option<String>),
);

/// The person behind the digest of a key, if the session is alive at `now`. One query, unless
/// the person lost their place in the workspace they were in.
///
/// # Errors
/// The database's failure.
pub fn person_by_key(
    conn: &mut Conn,
    key_digest: &str,
    now: UtcTime,
) -> Result<Option<Found>, DbError> {
    let place = memberships::account_id
        .eq(sessions::account_id)
        .and(memberships::workspace_id.nullable().eq(sessions::workspace_id));
    let row: Option<(PersonRow, Option<SeatRow>)> = sessions::table
        .inner_join(accounts::table)
        .left_join(memberships::table.inner_join(workspaces::table).on(place))
        .filter(sessions::key_digest.eq(key_digest))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now.minus(IDLE_MAX)))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null())
        .select((
            (
                sessions::id,
                sessions::last_seen_at,
                accounts::id,
                accounts::name,
                accounts::email,
                accounts::language,
                accounts::time_zone,
                accounts::is_operator,
            ),
            seat_columns().nullable(),
        ))
        .first(conn)
        .optional()?;
    let Some((
        (session, last_seen_at, account, name, email, language, time_zone, is_operator),
        seat,
    )) = row
    else {
        return Ok(None);
    };
    let seat = match seat {
        Some(row) => Some(row),
        None => memberships::table
            .inner_join(workspaces::table)
            .filter(memberships::account_id.eq(account))
            .select(seat_columns())
            .order((workspaces::name, workspaces::id))
            .first::<SeatRow>(conn)
            .optional()?,
    };
    let person = Person {
        session,
        account,
        name,
        email,
        language,
        time_zone,
        is_operator,
        seat: seat.map(seat_of),
    };
    Ok(Some(Found { person, last_seen_at }))
}

type SeatColumns = (
    (workspaces::id, workspaces::name, workspaces::time_zone, QuotaColumns),
    (
        memberships::id,
        memberships::role,
        memberships::reach,
        memberships::tag_key,
        memberships::tag_value,
    ),
);
type QuotaColumns =
    (workspaces::rtc_apps, workspaces::rtc_apps_max, workspaces::im_apps, workspaces::im_apps_max);

const fn seat_columns() -> SeatColumns {
    let quota = (
        workspaces::rtc_apps,
        workspaces::rtc_apps_max,
        workspaces::im_apps,
        workspaces::im_apps_max,
    );
    (
        (workspaces::id, workspaces::name, workspaces::time_zone, quota),
        (
            memberships::id,
            memberships::role,
            memberships::reach,
            memberships::tag_key,
            memberships::tag_value,
        ),
    )
}

/// A person's part in a workspace and what they reach there; `None` for somebody who has no place there.
///
/// # Errors
/// The database's failure.
pub fn place(
    conn: &mut Conn,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Option<(Role, Scope)>, DbError> {
    let row = memberships::table
        .inner_join(workspaces::table)
        .filter(memberships::account_id.eq(account))
        .filter(memberships::workspace_id.eq(workspace))
        .select(seat_columns())
        .first::<SeatRow>(conn)
        .optional()?;
    Ok(row.map(seat_of).map(|seat| (seat.role, seat.scope)))
}

/// Whether a sign-in lives on and its person may still do something in the same scope: for answers that take so long
/// that it may have been taken from them meanwhile.
///
/// # Errors
/// The database's failure.
pub fn may_still(
    conn: &mut Conn,
    (account, session): (AccountId, SessionId),
    (permission, scope): (Permission, &Scope),
    now: UtcTime,
) -> Result<bool, DbError> {
    let place = place(conn, account, scope.workspace)?;
    let may = place.is_some_and(|(role, reached)| role.may(permission) && reached == *scope);
    Ok(may && session_is_alive(conn, session, now)?)
}

fn seat_of(row: SeatRow) -> Seat {
    let ((workspace, workspace_name, time_zone, quota), (id, role, reach, key, value)) = row;
    let extent = match (reach, key, value) {
        (ReachKind::All, ..) => Extent::All,
        (ReachKind::Tag, Some(key), Some(value)) => Extent::Tagged { key, value },
        // A tag without its words reaches nothing rather than everything.
        (ReachKind::Apps | ReachKind::Tag, ..) => Extent::Listed(id),
    };
    Seat { workspace_name, time_zone, role, scope: Scope { workspace, extent }, quota }
}

/// Counts an attempt in a window before it is made. `false`, and nothing counted, when the
/// window has seen `max` already.
///
/// # Errors
/// The database's failure.
pub fn throttle_count(
    conn: &mut Conn,
    bucket: &str,
    max: i64,
    window_starts: UtcTime,
    now: UtcTime,
) -> Result<bool, DbError> {
    // One statement, so that parallel attempts cannot all see the old number.
    let counted = diesel::sql_query(
        "INSERT INTO throttles (bucket, window_started_at, attempts) VALUES ($1, $2, 1) \
         ON CONFLICT (bucket) DO UPDATE SET \
           attempts = CASE WHEN throttles.window_started_at <= $3 THEN 1 \
                           ELSE throttles.attempts + 1 END, \
           window_started_at = CASE WHEN throttles.window_started_at <= $3 THEN $2 \
                                    ELSE throttles.window_started_at END \
         WHERE throttles.window_started_at <= $3 OR throttles.attempts < $4",
    )
    .bind::<Text, _>(bucket)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(window_starts)
    .bind::<BigInt, _>(max)
    .execute(conn)?;
    Ok(counted == 1)
}

/// When the window of a bucket began.
///
/// # Errors
/// The database's failure.
pub fn throttle_window(conn: &mut Conn, bucket: &str) -> Result<Option<UtcTime>, DbError> {
    use crate::db::schema::throttles;
    Ok(throttles::table
        .find(bucket.to_owned())
        .select(throttles::window_started_at)
        .first(conn)
        .optional()?)
}

/// Takes back one attempt of a bucket, after a success.
///
/// # Errors
/// The database's failure.
pub fn throttle_take_back(conn: &mut Conn, bucket: &str) -> Result<(), DbError> {
    use crate::db::schema::throttles;
    diesel::update(throttles::table.find(bucket.to_owned()))
        .filter(throttles::attempts.gt(0))
        .set(throttles::attempts.eq(throttles::attempts - 1))
        .execute(conn)?;
    Ok(())
}

/// Removes up to `rows` counters whose window began before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn throttles_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    use crate::db::schema::throttles;
    let old: Vec<String> = throttles::table
        .filter(throttles::window_started_at.lt(before))
        .select(throttles::bucket)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(throttles::table.filter(throttles::bucket.eq_any(old))).execute(conn)?)
}

/// Removes up to `rows` sessions that were over before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn sessions_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let over: Vec<SessionId> = sessions::table
        .filter(sessions::expires_at.lt(before).or(sessions::ended_at.lt(before)))
        .select(sessions::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(over))).execute(conn)?)
}

/// Forgets the attempts of a bucket, after a success.
///
/// # Errors
/// The database's failure.
pub fn throttle_clear(conn: &mut Conn, bucket: &str) -> Result<(), DbError> {
    use crate::db::schema::throttles;
    diesel::delete(throttles::table.find(bucket.to_owned())).execute(conn)?;
    Ok(())
}
