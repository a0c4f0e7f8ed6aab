//! Queries on addresses that are to be.

use super::ChangeEmail;
use crate::accounts::links::Purpose;
use crate::accounts::links::store::{
    Issued, Link, link_insert, link_waiting, links_end, sends_full_until,
};
use crate::accounts::store::owner;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Stop};
use crate::ids::AccountId;
use crate::problem::Problem;
use crate::random::Random;
use crate::step_up::Spent;

/// A problem when no link of a purpose can be mailed now.
///
/// # Errors
/// [`Problem::MailsFull`], or the database's failure.
pub fn check_sends(
    conn: &mut Conn,
    (account, purpose): (AccountId, Purpose),
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let Some(until) = sends_full_until(conn, account, purpose, now)? else { return Ok(()) };
    let minutes = until.since(now).as_secs().div_ceil(60);
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX);
    Err(Stop::Refused(Problem::MailsFull { minutes }))
}

/// Makes the link that confirms a new address; those from before end.
///
/// # Errors
/// [`Problem::ChangedMeanwhile`], [`Problem::MailsFull`], or the database's failure.
pub fn change_begin(
    conn: &mut Conn,
    random: &Random,
    spent: &Spent<ChangeEmail>,
    now: UtcTime,
) -> Result<Issued, Stop<Problem>> {
    let act = spent.act();
    let current = owner(conn, act.account)?.filter(|owner| owner.email_key == act.before);
    if current.is_none() {
        return Err(Stop::Refused(Problem::ChangedMeanwhile));
    }
    change_issue(conn, random, act.account, (&act.email, &act.email_key), now)
}

/// Makes it again for the address that waits; `None` when none does.
///
/// # Errors
/// [`Problem::MailsFull`], or the database's failure.
pub fn change_again(
    conn: &mut Conn,
    random: &Random,
    account: AccountId,
    now: UtcTime,
) -> Result<Option<(Link, Issued)>, Stop<Problem>> {
    let Some(link) = link_waiting(conn, account, Purpose::ChangeEmail, now)? else {
        return Ok(None);
    };
    let issued = change_issue(conn, random, account, (&link.email, &link.email_key), now)?;
    Ok(Some((link, issued)))
}

fn change_issue(
    conn: &mut Conn,
    random: &Random,
    account: AccountId,
    to: (&str, &str),
    now: UtcTime,
) -> Result<Issued, Stop<Problem>> {
    let what = (account, Purpose::ChangeEmail);
    check_sends(conn, what, now)?;
    links_end(conn, account, Some(Purpose::ChangeEmail), now)?;
    Ok(link_insert(conn, random, what, to, now)?)
}

/// Calls it off; `false` when no address waits.
///
/// # Errors
/// The database's failure.
pub fn change_call_off(conn: &mut Conn, account: AccountId, now: UtcTime) -> Result<bool, DbError> {
    Ok(links_end(conn, account, Some(Purpose::ChangeEmail), now)? > 0)
}
