//! Queries on links. What writes to those of an account holds its tries ([`crate::step_up::store::tries_hold`]).

use diesel::prelude::*;

use super::{Purpose, SEND_PAUSE, SENDS_MAX};
use crate::clock::{UtcTime, hours};
use crate::db::schema::account_links;
use crate::db::{Conn, DbError};
use crate::ids::AccountId;
use crate::random::Random;
use crate::secret::{Secret, digest};

/// A link as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = account_links)]
pub struct Link {
    /// Its number.
    pub id: String,
    /// Whose account it is about.
    pub account_id: AccountId,
    /// The address that it was mailed to, as it was typed.
    pub email: String,
    /// Its canonical form.
    pub email_key: String,
    /// When it ends.
    pub expires_at: UtcTime,
}

/// A link that was just made.
pub struct Issued {
    /// What its address carries.
    pub token: Secret,
    /// When it ends.
    pub expires_at: UtcTime,
}

/// Makes a link, to be mailed to an address: its text and its canonical form.
///
/// # Errors
/// The database's failure.
pub fn link_insert(
    conn: &mut Conn,
    random: &Random,
    (account, purpose): (AccountId, Purpose),
    (email, email_key): (&str, &str),
    now: UtcTime,
) -> Result<Issued, DbError> {
    let (token, expires_at) = (random.token(), now.plus(purpose.lifetime()));
    diesel::insert_into(account_links::table)
        .values((
            account_links::id.eq(random.hex::<16>()),
            account_links::digest.eq(digest(&token)),
            account_links::account_id.eq(account),
            account_links::purpose.eq(purpose),
            account_links::email.eq(email),
            account_links::email_key.eq(email_key),
            account_links::created_at.eq(now),
            account_links::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(Issued { token: Secret::new(token), expires_at })
}

/// The link of a token, while it works.
///
/// # Errors
/// The database's failure.
pub fn link_open(
    conn: &mut Conn,
    purpose: Purpose,
    token: &str,
    now: UtcTime,
) -> Result<Option<Link>, DbError> {
    Ok(account_links::table
        .filter(account_links::digest.eq(digest(token)))
        .filter(account_links::purpose.eq(purpose))
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now))
        .select(Link::as_select())
        .first(conn)
        .optional()?)
}

/// Uses a link up, by one statement; `false` when it has ended, or somebody else was quicker.
///
/// # Errors
/// The database's failure.
pub fn link_use(conn: &mut Conn, id: &str, now: UtcTime) -> Result<bool, DbError> {
    let used = diesel::update(account_links::table.find(id.to_owned()))
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now))
        .set(account_links::used_at.eq(now))
        .execute(conn)?;
    Ok(used == 1)
}

/// Ends the links of an account that still work, of a purpose or of all.
///
/// # Errors
/// The database's failure.
pub fn links_end(
    conn: &mut Conn,
    account: AccountId,
    purpose: Option<Purpose>,
    now: UtcTime,
) -> Result<usize, DbError> {
    let purposes = purpose.map_or(Purpose::ALL.to_vec(), |purpose| vec![purpose]);
    let open = account_links::table
        .filter(account_links::account_id.eq(account))
        .filter(account_links::purpose.eq_any(purposes))
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now));
    Ok(diesel::update(open).set(account_links::expires_at.eq(now)).execute(conn)?)
}

/// Ends the links by which somebody could take the account over still: whoever changes what it is protected by may do
/// so because of them.
///
/// # Errors
/// The database's failure.
pub fn links_end_of_takeover(
    conn: &mut Conn,
    account: AccountId,
    now: UtcTime,
) -> Result<(), DbError> {
    for purpose in [Purpose::ChangeEmail, Purpose::ResetPassword] {
        links_end(conn, account, Some(purpose), now)?;
    }
    Ok(())
}

/// The latest link of a purpose that still works.
///
/// # Errors
/// The database's failure.
pub fn link_waiting(
    conn: &mut Conn,
    account: AccountId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<Option<Link>, DbError> {
    Ok(account_links::table
        .filter(account_links::account_id.eq(account))
        .filter(account_links::purpose.eq(purpose))
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now))
        .order((account_links::created_at.desc(), account_links::id))
        .select(Link::as_select())
        .first(conn)
        .optional()?)
}

/// The link that froze an account last: where it had been sent is an address of its owner's.
///
/// # Errors
/// The database's failure.
pub fn link_that_froze(conn: &mut Conn, account: AccountId) -> Result<Option<Link>, DbError> {
    Ok(account_links::table
        .filter(account_links::account_id.eq(account))
        .filter(account_links::purpose.eq(Purpose::Freeze))
        .filter(account_links::used_at.is_not_null())
        .order((account_links::used_at.desc(), account_links::id))
        .select(Link::as_select())
        .first(conn)
        .optional()?)
}

/// The account that a link froze which had been sent to an address, the latest.
///
/// # Errors
/// The database's failure.
pub fn frozen_from(conn: &mut Conn, email_key: &str) -> Result<Option<AccountId>, DbError> {
    Ok(account_links::table
        .filter(account_links::purpose.eq(Purpose::Freeze))
        .filter(account_links::email_key.eq(email_key))
        .filter(account_links::used_at.is_not_null())
        .order((account_links::used_at.desc(), account_links::id))
        .select(account_links::account_id)
        .first(conn)
        .optional()?)
}

/// Until when no other link of a purpose is mailed; `None` when one can be. The links themselves are counted, so
/// whoever asks must hold the account's tries.
///
/// # Errors
/// The database's failure.
pub fn sends_full_until(
    conn: &mut Conn,
    account: AccountId,
    purpose: Purpose,
    now: UtcTime,
) -> Result<Option<UtcTime>, DbError> {
    let latest: Vec<UtcTime> = account_links::table
        .filter(account_links::account_id.eq(account))
        .filter(account_links::purpose.eq(purpose))
        .filter(account_links::created_at.gt(now.minus(hours(1))))
        .order(account_links::created_at.desc())
        .limit(i64::try_from(SENDS_MAX).unwrap_or(i64::MAX))
        .select(account_links::created_at)
        .load(conn)?;
    let pause = latest.first().map(|at| at.plus(SEND_PAUSE));
    let full = latest.get(SENDS_MAX - 1).map(|at| at.plus(hours(1)));
    Ok(pause.into_iter().chain(full).max().filter(|until| *until > now))
}

/// Forgets up to `rows` links that ended before a moment; how many there were.
///
/// # Errors
/// The database's failure.
pub fn links_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = account_links::table
        .filter(account_links::expires_at.lt(before))
        .select(account_links::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(account_links::table.filter(account_links::id.eq_any(old))).execute(conn)?)
}
