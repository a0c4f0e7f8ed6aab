//! Knowing devices again.

use super::digest_of;
use super::store::{self, Seen};
use crate::accounts::store::Credentials;
use crate::audit::Actor;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::ids::WorkspaceId;
use crate::notify::{self, Mail, Message};
use crate::services::Services;
use crate::workspaces::store::reader_zone;

/// Remembers that an account has signed in on a device, and tells the person by mail of one that is new: in the
/// transaction of the sign-in, which holds the account. Who calls it rings for the mail afterwards.
///
/// # Errors
/// The database's failure.
pub fn note(
    conn: &mut Conn,
    services: &Services,
    (account, workspace): (&Credentials, Option<WorkspaceId>),
    (token, from): (&str, &Actor),
    now: UtcTime,
) -> Result<(), DbError> {
    let digest = digest_of(account.id, token);
    let seen = store::device_note(conn, account.id, &digest, now)?;
    // The people of the demonstration are everybody's: each visitor would be a new device to all others.
    if seen != Seen::New || services.is_demo {
        return Ok(());
    }
    let (address, browser) = (from.address.clone(), from.user_agent.clone());
    let mail = Mail {
        key: &format!("device {}", services.random.hex::<16>()),
        recipient: &account.email,
        language: account.language,
        zone: &reader_zone(conn, account.id, workspace)?,
        message: &Message::NewDevice { at: now, address, browser },
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}
