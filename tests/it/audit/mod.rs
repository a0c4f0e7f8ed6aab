//! The audit log: what is written, who sees it, and that nothing about it can be changed unnoticed.

mod acts;
mod chains;
mod export;
pub mod pages;
pub mod plans;

use switchroom::audit::store::{Row, events_from};
use switchroom::audit::{self, Actor, Event};
use switchroom::clock::UtcTime;
use switchroom::ids::{AccountId, WorkspaceId};

use crate::support::TestApp;
use crate::support::db::texts;

impl TestApp {
    /// The events of a workspace, the oldest first.
    pub fn events(&self, workspace: WorkspaceId) -> Vec<Row> {
        self.db(|conn| events_from(conn, workspace, 1, 100_000)).expect("events")
    }

    /// Writes an event as of a moment.
    pub fn records(&self, workspace: WorkspaceId, actor: &Actor, event: &Event, at: UtcTime) {
        let vault = &self.services().vault;
        self.db(|conn| {
            // In one transaction, as the program does it.
            use diesel::connection::SimpleConnection as _;
            conn.batch_execute("BEGIN").expect("a transaction");
            audit::record(conn, vault, workspace, actor, event, at).expect("recorded");
            conn.batch_execute("COMMIT").expect("committed");
        });
    }

    /// The number of one of the cast.
    pub fn account(&self, name: &str) -> AccountId {
        let sql = format!("SELECT CAST(id AS TEXT) AS text FROM accounts WHERE name = '{name}'");
        AccountId(self.db(|conn| texts(conn, &sql)).remove(0).parse().expect("a number"))
    }

    /// One of the cast as an actor, at an address.
    pub fn actor(&self, name: &str) -> Actor {
        Actor::at("10.1.2.3".into(), "Browser/1.0".into(), "0123456789abcdef".into()).as_person(
            self.account(name),
            name,
            &crate::support::app::email(name),
        )
    }
}
