//! Queries on the outbox. What a message says goes in sealed and comes out opened.

mod sms;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

pub use sms::{sms_days_sweep, sms_enqueue};

use super::message::{Channel, Kind, Letter, Mail};
use crate::clock::UtcTime;
use crate::db::schema::outbox;
use crate::db::{Conn, DbError};
use crate::i18n::Language;
use crate::random::Random;
use crate::secret::Secret;
use crate::vault::{Cell, Vault};

crate::words! {
    /// What became of a mail.
    pub enum State {
        /// It is to be sent.
        Pending = "pending",
        /// A server has taken it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
    }
}

const fn cell(row: &str) -> Cell<'_> {
    Cell { table: "outbox", column: "body", row }
}

/// Puts mail into the outbox, in the transaction of the act that it tells of; ring the
/// [`super::Bell`] after it. `false` when there was one of the same key before, which stays.
///
/// # Errors
/// The database's failure.
pub fn enqueue(
    conn: &mut Conn,
    vault: &Vault,
    random: &Random,
    mail: &Mail<'_>,
    now: UtcTime,
) -> Result<bool, DbError> {
    let letter = Letter { zone: mail.zone.name().to_owned(), message: mail.message.clone() };
    let to = (mail.recipient, mail.language);
    Ok(outbox_insert(conn, (vault, random), (Channel::Mail, mail.key), to, &letter, now)?.is_some())
}

/// The row's key; `None` when there was one of the same name before, which stays.
fn outbox_insert(
    conn: &mut Conn,
    (vault, random): (&Vault, &Random),
    (channel, key): (Channel, &str),
    (recipient, language): (&str, Language),
    letter: &Letter,
    now: UtcTime,
) -> Result<Option<String>, DbError> {
    let id = random.hex::<16>();
    let json = serde_json::to_string(letter).map_err(|error| DbError::Broken(error.to_string()))?;
    let body = vault.seal(random, cell(&id), &Secret::new(json));
    let inserted = diesel::sql_query(
        "INSERT INTO outbox \
         (id, key, channel, kind, recipient, language, body, next_try_at, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) ON CONFLICT (key) DO NOTHING",
    )
    .bind::<Text, _>(&id)
    .bind::<Text, _>(key)
    .bind::<Text, _>(channel)
    .bind::<Text, _>(letter.message.kind())
    .bind::<Text, _>(recipient)
    .bind::<Text, _>(language)
    .bind::<Binary, _>(&body)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(letter.message.ends_at(now))
    .execute(conn)?;
    Ok((inserted == 1).then_some(id))
}

/// Takes mail back that has not been sent, such as a code that a newer one replaces. `false` when
/// there is none, or it may be on its way already.
///
/// # Errors
/// The database's failure.
pub fn withdraw(conn: &mut Conn, key: &str, now: UtcTime) -> Result<bool, DbError> {
    let waiting = outbox::table
        .filter(outbox::key.eq(key.to_owned()))
        .filter(outbox::state.eq(State::Pending))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.le(now)));
    Ok(diesel::update(waiting).set(given_up("withdrawn")).execute(conn)? == 1)
}

/// Removes mail again that the same transaction has put in.
///
/// # Errors
/// The database's failure.
pub fn discard(conn: &mut Conn, key: &str) -> Result<(), DbError> {
    diesel::delete(outbox::table.filter(outbox::key.eq(key.to_owned()))).execute(conn)?;
    Ok(())
}

/// What became of the mail of a key, for pages that wait for it; `None` when there is none.
///
/// # Errors
/// The database's failure.
pub fn state(conn: &mut Conn, key: &str) -> Result<Option<State>, DbError> {
    let mail = outbox::table.filter(outbox::key.eq(key.to_owned()));
    Ok(mail.select(outbox::state).first(conn).optional()?)
}

type GivenUp = (
    diesel::dsl::Eq<outbox::state, State>,
    diesel::dsl::Eq<outbox::body, Option<Vec<u8>>>,
    diesel::dsl::Eq<outbox::lease_owner, Option<String>>,
    diesel::dsl::Eq<outbox::lease_until, Option<UtcTime>>,
    diesel::dsl::Eq<outbox::last_error, Option<String>>,
);

/// A row that nobody sends any more, and whose secrets are gone.
fn given_up(reason: &str) -> GivenUp {
    (
        outbox::state.eq(State::Failed),
        outbox::body.eq(None),
        outbox::lease_owner.eq(None),
        outbox::lease_until.eq(None),
        outbox::last_error.eq(Some(reason.to_owned())),
    )
}

/// Gives up to `rows` mails up that ended before they were sent; how many there were of each kind.
///
/// # Errors
/// The database's failure.
pub fn outbox_expire(
    conn: &mut Conn,
    channel: Channel,
    now: UtcTime,
    rows: i64,
) -> Result<Vec<Kind>, DbError> {
    let mut gone = Vec::new();
    for (id, kind) in outbox_expired(conn, channel, now, rows)? {
        let row = outbox::table.find(id).filter(outbox::state.eq(State::Pending));
        if diesel::update(row).set(given_up("expired")).execute(conn)? == 1 {
            gone.push(kind);
        }
    }
    Ok(gone)
}

/// Mails that ended before they were sent, and that nobody is just sending.
///
/// # Errors
/// The database's failure.
pub fn outbox_expired(
    conn: &mut Conn,
    channel: Channel,
    now: UtcTime,
    rows: i64,
) -> Result<Vec<(String, Kind)>, DbError> {
    Ok(outbox::table
        .filter(outbox::state.eq(State::Pending))
        .filter(outbox::channel.eq(channel))
        .filter(outbox::expires_at.le(now))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.le(now)))
        .select((outbox::id, outbox::kind))
        .limit(rows)
        .load(conn)?)
}

/// Mails that are to be tried now and that nobody is just sending, the longest due first.
///
/// # Errors
/// The database's failure.
pub fn outbox_due(
    conn: &mut Conn,
    channel: Channel,
    now: UtcTime,
    rows: i64,
) -> Result<Vec<String>, DbError> {
    Ok(outbox::table
        .filter(outbox::state.eq(State::Pending))
        .filter(outbox::channel.eq(channel))
        .filter(outbox::next_try_at.le(now))
        .filter(outbox::expires_at.gt(now))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.le(now)))
        .order((outbox::next_try_at, outbox::id))
        .select(outbox::id)
        .limit(rows)
        .load(conn)?)
}

/// A row that was taken to be sent.
#[derive(Queryable)]
pub struct Taken {
    /// Its key in the table, of which the Message-ID is made.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// The address.
    pub recipient: String,
    /// The recipient's language.
    pub language: Language,
    body: Option<Vec<u8>>,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was put into the outbox.
    pub created_at: UtcTime,
}

/// Takes a mail that is due, for an owner until a moment. `None` when another has it by now.
///
/// # Errors
/// The database's failure.
pub fn outbox_take(
    conn: &mut Conn,
    id: &str,
    owner: &str,
    now: UtcTime,
    until: UtcTime,
) -> Result<Option<Taken>, DbError> {
    let free = outbox::table
        .find(id.to_owned())
        .filter(outbox::state.eq(State::Pending))
        .filter(outbox::next_try_at.le(now))
        .filter(outbox::expires_at.gt(now))
        .filter(outbox::lease_until.is_null().or(outbox::lease_until.le(now)));
    let taken = diesel::update(free)
        .set((
            outbox::lease_owner.eq(owner.to_owned()),
            outbox::lease_until.eq(until),
            outbox::attempts.eq(outbox::attempts + 1),
        ))
        .execute(conn)?;
    if taken != 1 {
        return Ok(None);
    }
    let row = outbox::table.find(id.to_owned()).select((
        outbox::id,
        outbox::kind,
        outbox::recipient,
        outbox::language,
        outbox::body,
        outbox::attempts,
        outbox::created_at,
    ));
    Ok(row.first(conn).optional()?)
}

impl Taken {
    /// What it says; `None` when the row does not open with this key.
    #[must_use]
    pub fn open(&self, vault: &Vault) -> Option<Letter> {
        opened(vault, &self.id, self.body.as_deref())
    }
}

fn opened(vault: &Vault, id: &str, body: Option<&[u8]>) -> Option<Letter> {
    let json = vault.open(cell(id), body?).ok()?;
    serde_json::from_str(json.expose()).ok()
}

/// What came of trying to send a row.
pub enum Tried {
    /// A server has taken it.
    Sent,
    /// It is tried again.
    Again {
        /// When.
        at: UtcTime,
        /// Why, without secrets.
        reason: String,
    },
    /// It is given up.
    Failed {
        /// Why, without secrets.
        reason: String,
    },
}

/// Notes what came of a row. `false`, and nothing noted, when its owner is another by now.
///
/// # Errors
/// The database's failure.
pub fn outbox_note(
    conn: &mut Conn,
    id: &str,
    owner: &str,
    tried: &Tried,
    now: UtcTime,
) -> Result<bool, DbError> {
    let row = outbox::table
        .find(id.to_owned())
        .filter(outbox::state.eq(State::Pending))
        .filter(outbox::lease_owner.eq(owner.to_owned()));
    let free = (outbox::lease_owner.eq(None::<String>), outbox::lease_until.eq(None::<UtcTime>));
    let noted = match tried {
        Tried::Sent => diesel::update(row)
            .set((
                free,
                outbox::state.eq(State::Sent),
                outbox::body.eq(None::<Vec<u8>>),
                outbox::sent_at.eq(now),
                outbox::last_error.eq(None::<String>),
            ))
            .execute(conn)?,
        Tried::Again { at, reason } => diesel::update(row)
            .set((free, outbox::next_try_at.eq(*at), outbox::last_error.eq(reason.clone())))
            .execute(conn)?,
        Tried::Failed { reason } => diesel::update(row).set(given_up(reason)).execute(conn)?,
    };
    Ok(noted == 1)
}

/// Whether any message waits.
///
/// # Errors
/// The database's failure.
pub fn outbox_waits(conn: &mut Conn, channel: Channel) -> Result<bool, DbError> {
    let waiting = outbox::table.filter(outbox::state.eq(State::Pending));
    let waiting = waiting.filter(outbox::channel.eq(channel));
    let first: Option<String> = waiting.select(outbox::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// Forgets up to `rows` mails from before a moment that are sent or given up; how many there were.
///
/// # Errors
/// The database's failure.
pub fn outbox_sweep(conn: &mut Conn, before: UtcTime, rows: i64) -> Result<usize, DbError> {
    let old: Vec<String> = outbox::table
        .filter(outbox::created_at.lt(before))
        .filter(outbox::state.ne(State::Pending))
        .select(outbox::id)
        .limit(rows)
        .load(conn)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(old))).execute(conn)?)
}

/// A message as the demonstration shows it.
pub struct Shown {
    /// By what it would have gone.
    pub channel: Channel,
    /// The address or number.
    pub recipient: String,
    /// The recipient's language.
    pub language: Language,
    /// When it was put into the outbox.
    pub created_at: UtcTime,
    /// What it says; `None` once it is wiped.
    pub letter: Option<Letter>,
}

#[derive(Queryable)]
struct Kept {
    id: String,
    channel: Channel,
    recipient: String,
    language: Language,
    created_at: UtcTime,
    body: Option<Vec<u8>>,
}

/// The latest mails with what they say, for the demonstration alone.
///
/// # Errors
/// The database's failure.
pub fn outbox_latest(conn: &mut Conn, vault: &Vault, rows: i64) -> Result<Vec<Shown>, DbError> {
    let found: Vec<Kept> = outbox::table
        .order((outbox::created_at.desc(), outbox::id))
        .select((
            outbox::id,
            outbox::channel,
            outbox::recipient,
            outbox::language,
            outbox::created_at,
            outbox::body,
        ))
        .limit(rows)
        .load(conn)?;
    let shown = found.into_iter().map(|kept| Shown {
        letter: opened(vault, &kept.id, kept.body.as_deref()),
        channel: kept.channel,
        recipient: kept.recipient,
        language: kept.language,
        created_at: kept.created_at,
    });
    Ok(shown.collect())
}
