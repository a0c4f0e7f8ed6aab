//! What follows each change of what an account is protected by.

use crate::accounts::freezing::actions::tell;
use crate::accounts::links::store::links_end_of_takeover;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::notify::FactorChange;
use crate::services::Services;
use crate::sessions::store::sessions_end_others;
use crate::step_up::{Asker, Holder};

/// After a factor was changed, in its transaction, which holds the account: the owner is told by mail, other sign-ins
/// end, and so does whatever waits for a proof or could still take the account over. Ring the bell afterwards.
///
/// # Errors
/// The database's failure.
pub fn factor_changed(
    conn: &mut Conn,
    services: &Services,
    asker: &Asker,
    change: FactorChange,
    now: UtcTime,
) -> Result<(), DbError> {
    links_end_of_takeover(conn, asker.account, now)?;
    tell(conn, services, asker.account, &asker.actor, change, now)?;
    if let Holder::Session { account, session, .. } = asker.holder {
        sessions_end_others(conn, account, session, now)?;
        super::end_all(conn, services, account, now)?;
    }
    Ok(())
}
