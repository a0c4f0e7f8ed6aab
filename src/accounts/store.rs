//! Queries on accounts.

use diesel::prelude::*;

use super::Email;
use crate::accounts::Inactive;
use crate::clock::UtcTime;
use crate::db::schema::accounts;
use crate::db::{Conn, Constraint, DbError, Stop, dialect};
use crate::i18n::Language;
use crate::ids::AccountId;
use crate::problem::Problem;

/// What sign-in needs of an account.
#[derive(Queryable)]
pub struct Credentials {
    /// Whose they are.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The person's language.
    pub language: Language,
    /// The argon2id hash; an account without one cannot sign in by password.
    pub password_hash: Option<String>,
    /// Set when the account may not sign in.
    pub disabled_at: Option<UtcTime>,
}

/// The credentials behind a canonical address.
///
/// # Errors
/// The database's failure.
pub fn credentials_by_email(conn: &mut Conn, key: &str) -> Result<Option<Credentials>, DbError> {
    Ok(accounts::table
        .filter(accounts::email_key.eq(key))
        .select((
            accounts::id,
            accounts::name,
            accounts::email,
            accounts::language,
            accounts::password_hash,
            accounts::disabled_at,
        ))
        .first(conn)
        .optional()?)
}

/// The credentials of an account.
///
/// # Errors
/// The database's failure.
pub fn credentials(conn: &mut Conn, id: AccountId) -> Result<Option<Credentials>, DbError> {
    Ok(accounts::table
        .find(id)
        .select((
            accounts::id,
            accounts::name,
            accounts::email,
            accounts::language,
            accounts::password_hash,
            accounts::disabled_at,
        ))
        .first(conn)
        .optional()?)
}

/// The password hash of an account.
///
/// # Errors
/// The database's failure.
pub fn password_hash(conn: &mut Conn, id: AccountId) -> Result<Option<String>, DbError> {
    Ok(accounts::table.find(id).select(accounts::password_hash).first(conn)?)
}

/// A new account.
pub struct NewAccount<'a> {
    /// Its address.
    pub email: &'a Email,
    /// The person's name.
    pub name: &'a str,
    /// The argon2id hash.
    pub password_hash: Option<&'a str>,
    /// The interface's language.
    pub language: Language,
    /// Whether the person runs the installation.
    pub is_operator: bool,
}

/// Makes an account.
///
/// # Errors
/// [`Problem::EmailTaken`], or the database's failure.
pub fn account_insert(
    conn: &mut Conn,
    new: &NewAccount<'_>,
    now: UtcTime,
) -> Result<AccountId, Stop<Problem>> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::email.eq(&new.email.text),
            accounts::email_key.eq(&new.email.key),
            accounts::name.eq(new.name),
            accounts::password_hash.eq(new.password_hash),
            accounts::language.eq(new.language),
            accounts::is_operator.eq(new.is_operator),
            accounts::created_at.eq(now),
            accounts::changed_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(conn)
        .map_err(|error| match dialect::violated(&error) {
            Some(Constraint::AccountEmail) => Stop::Refused(Problem::EmailTaken),
            _ => Stop::Broken(error.into()),
        })
}

/// Whether the installation has an operator.
///
/// # Errors
/// The database's failure.
pub fn has_operator(conn: &mut Conn) -> Result<bool, DbError> {
    let any = accounts::table.filter(accounts::is_operator.eq(true));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(conn)?)
}

/// What a person says of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Profile {
    /// The name that others see.
    pub name: String,
    /// The interface's language.
    pub language: Language,
    /// The zone that times are shown in; `None` follows the workspace.
    pub time_zone: Option<String>,
}

/// The profile of an account.
///
/// # Errors
/// The database's failure.
pub fn profile(conn: &mut Conn, id: AccountId) -> Result<Profile, DbError> {
    Ok(accounts::table
        .find(id)
        .select((accounts::name, accounts::language, accounts::time_zone))
        .first(conn)?)
}

/// Saves a profile; see [`profile`] for what it was.
///
/// # Errors
/// The database's failure.
pub fn profile_update(
    conn: &mut Conn,
    id: AccountId,
    profile: &Profile,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::name.eq(&profile.name),
            accounts::language.eq(profile.language),
            accounts::time_zone.eq(&profile.time_zone),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Saves the language that a person has switched to.
///
/// # Errors
/// The database's failure.
pub fn language_update(
    conn: &mut Conn,
    id: AccountId,
    language: Language,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(accounts::table.find(id))
        .filter(accounts::language.ne(language))
        .set((accounts::language.eq(language), accounts::changed_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Holds an account until the transaction ends, provided that the password that was verified is
/// its password still and nobody has disabled or frozen it meanwhile: verifying takes a while.
///
/// # Errors
/// The database's failure.
pub fn hold(conn: &mut Conn, id: AccountId, verified: &str) -> Result<bool, DbError> {
    // A write that changes nothing: the lock that both databases know.
    let held = diesel::update(accounts::table.find(id))
        .filter(accounts::password_hash.eq(verified))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null())
        .set(accounts::version.eq(accounts::version))
        .execute(conn)?;
    Ok(held == 1)
}

/// Holds an account until the transaction ends, whether it has a password or not, provided that nobody has disabled
/// or frozen it.
///
/// # Errors
/// The database's failure.
pub fn hold_in_use(conn: &mut Conn, id: AccountId) -> Result<bool, DbError> {
    let held = diesel::update(accounts::table.find(id))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null())
        .set(accounts::version.eq(accounts::version))
        .execute(conn)?;
    Ok(held == 1)
}

/// What keeps an account from being signed in to.
///
/// # Errors
/// The database's failure.
pub fn inactive(conn: &mut Conn, id: AccountId) -> Result<Option<Inactive>, DbError> {
    let (disabled_at, frozen_at) = accounts::table
        .find(id)
        .select((accounts::disabled_at, accounts::frozen_at))
        .first(conn)?;
    Ok(Inactive::of(disabled_at, frozen_at))
}

/// Saves a new password's hash; see [`hold`] for what must come before.
///
/// # Errors
/// The database's failure.
pub fn password_update(
    conn: &mut Conn,
    id: AccountId,
    hash: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::password_hash.eq(hash),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whoever an account is, for mail about it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Owner {
    /// The account.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// The address as it was typed.
    pub email: String,
    /// Its canonical form.
    pub email_key: String,
    /// The language that they read.
    pub language: Language,
    /// When the address was confirmed.
    pub email_verified_at: Option<UtcTime>,
    /// Of the account's row.
    pub version: i64,
}

/// Whoever an account is; `None` for one that is disabled or frozen.
///
/// # Errors
/// The database's failure.
pub fn owner(conn: &mut Conn, id: AccountId) -> Result<Option<Owner>, DbError> {
    Ok(accounts::table
        .find(id)
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null())
        .select(Owner::as_select())
        .first(conn)
        .optional()?)
}

/// Whoever an account is, whatever state it is in.
///
/// # Errors
/// The database's failure.
pub fn account_by_id(conn: &mut Conn, id: AccountId) -> Result<Owner, DbError> {
    Ok(accounts::table.find(id).select(Owner::as_select()).first(conn)?)
}

/// Whoever has a canonical address, whatever state their account is in.
///
/// # Errors
/// The database's failure.
pub fn account_by_email(conn: &mut Conn, key: &str) -> Result<Option<Owner>, DbError> {
    Ok(accounts::table
        .filter(accounts::email_key.eq(key))
        .select(Owner::as_select())
        .first(conn)
        .optional()?)
}

/// Whether somebody has followed a link that was sent to the account's address.
///
/// # Errors
/// The database's failure.
pub fn email_is_verified(conn: &mut Conn, id: AccountId) -> Result<bool, DbError> {
    let at: Option<UtcTime> =
        accounts::table.find(id).select(accounts::email_verified_at).first(conn)?;
    Ok(at.is_some())
}

/// Notes that an account's address was confirmed, provided that it is still the one of a canonical form. The
/// account must be in use. `false` when nothing was written.
///
/// # Errors
/// The database's failure.
pub fn email_confirm(
    conn: &mut Conn,
    id: AccountId,
    key: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let confirmed = diesel::update(accounts::table.find(id))
        .filter(accounts::email_key.eq(key))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::frozen_at.is_null())
        .set((
            accounts::email_verified_at.eq(now),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn)?;
    Ok(confirmed == 1)
}

/// Gives an account another address, which counts as confirmed.
///
/// # Errors
/// [`Problem::EmailTaken`], or the database's failure.
pub fn email_update(
    conn: &mut Conn,
    id: AccountId,
    (text, key): (&str, &str),
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let updated = diesel::update(accounts::table.find(id))
        .set((
            accounts::email.eq(text),
            accounts::email_key.eq(key),
            accounts::email_verified_at.eq(now),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn);
    match updated {
        Ok(_) => Ok(()),
        Err(error) => Err(match dialect::violated(&error) {
            Some(Constraint::AccountEmail) => Stop::Refused(Problem::EmailTaken),
            _ => Stop::Broken(error.into()),
        }),
    }
}

/// Freezes an account; `false` when it is frozen already.
///
/// # Errors
/// The database's failure.
pub fn account_freeze(conn: &mut Conn, id: AccountId, now: UtcTime) -> Result<bool, DbError> {
    let frozen = diesel::update(accounts::table.find(id))
        .filter(accounts::frozen_at.is_null())
        .set((
            accounts::frozen_at.eq(now),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn)?;
    Ok(frozen == 1)
}

/// Lifts that, with a new password's hash; `false` when it is not frozen.
///
/// # Errors
/// The database's failure.
pub fn account_unfreeze(
    conn: &mut Conn,
    id: AccountId,
    hash: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let lifted = diesel::update(accounts::table.find(id))
        .filter(accounts::frozen_at.is_not_null())
        .set((
            accounts::frozen_at.eq(None::<UtcTime>),
            accounts::password_hash.eq(hash),
            accounts::changed_at.eq(now),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn)?;
    Ok(lifted == 1)
}
