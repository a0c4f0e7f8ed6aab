//! Ending other sign-ins of one's own.

use crate::accounts::store::hold_in_use;
use crate::audit::{self, Act, Actor, Changes, Event};
use crate::db::DbError;
use crate::ids::SessionId;
use crate::services::Services;
use crate::sessions::{Person, store};
use crate::step_up::actions::{end_of_others, end_of_session};
use crate::step_up::store::tries_hold;

/// Ends another sign-in of a person for its very next request, with what waits for a proof in it. `false`, and
/// nothing done, when it is somebody else's or has ended.
///
/// # Errors
/// The database's failure.
pub async fn end_session(
    services: &Services,
    person: &Person,
    session: SessionId,
    actor: Actor,
) -> Result<bool, DbError> {
    let (account, now) = (person.account, services.clock.now());
    let (tools, chain) = (services.clone(), person.audit_chain());
    let event = Event::done(Act::EndSession, person);
    let ended = services.db.write(move |conn| {
        tries_hold(conn, account)?;
        let Some(ended) = store::session_end_own(conn, account, session, now)? else {
            return Ok(false);
        };
        end_of_session(conn, &tools, (account, session), now)?;
        let changes = Changes::default().from_to("session", session.to_string(), "").from_to(
            "address",
            ended.address,
            "",
        );
        audit::record(conn, &tools.vault, chain, &actor, &event.changing(changes), now)?;
        Ok(true)
    });
    ended.await
}

/// Ends all sign-ins of a person but this one, with what waits for a proof in them, and whoever has the password and
/// is being asked for a code.
///
/// # Errors
/// The database's failure.
pub async fn end_others(services: &Services, person: &Person, actor: Actor) -> Result<(), DbError> {
    let (account, session, now) = (person.account, person.session, services.clock.now());
    let (tools, chain) = (services.clone(), person.audit_chain());
    let event = Event::done(Act::EndOtherSessions, person);
    let ended = services.db.write(move |conn| {
        tries_hold(conn, account)?;
        // Whoever is just signing in is among the others.
        hold_in_use(conn, account)?;
        // Ended elsewhere meanwhile, perhaps by the one that this would end.
        if !store::session_is_alive(conn, session, now)? {
            return Ok(());
        }
        store::sessions_end_others(conn, account, session, now)?;
        end_of_others(conn, &tools, (account, session), now)?;
        audit::record(conn, &tools.vault, chain, &actor, &event, now)
    });
    ended.await
}
