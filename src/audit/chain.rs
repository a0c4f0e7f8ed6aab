//! How events are chained.
//!
//! An event's hash is HMAC-SHA256, under a key derived from the master key, over its predecessor's hash (empty
//! for the first) and its columns in the order of the table, each as a netstring (`length:bytes,`); numbers in
//! decimal, what is NULL as nothing. The end of a chain is sealed by the same function over `end`, workspace,
//! position and hash: without the key nobody can shorten a chain and make up a seal for the new end. (A seal of
//! an earlier end that somebody kept would fit: note the end elsewhere now and then, `switchroom audit verify`
//! prints it.)

use super::store::Row;
use crate::ids::WorkspaceId;
use crate::vault::Vault;

/// Names the format, so that another one can follow.
const FORMAT: &str = "switchroom audit 1";

#[derive(Default)]
struct Netstrings(Vec<u8>);

impl Netstrings {
    fn add(&mut self, text: &str) {
        self.0.extend_from_slice(text.len().to_string().as_bytes());
        self.0.push(b':');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b',');
    }
}

/// The hash of an event after its predecessor's.
#[must_use]
pub fn link(vault: &Vault, previous: &str, row: &Row) -> String {
    let number = |number: Option<i64>| number.map(|it| it.to_string()).unwrap_or_default();
    let mut all = Netstrings::default();
    for text in [
        FORMAT,
        previous,
        &row.workspace.to_string(),
        &row.position.to_string(),
        &row.at.0.to_string(),
        &row.actor_kind,
        &number(row.actor_id),
        &row.actor_name,
        &row.actor_email,
        &number(row.session.map(|it| it.0)),
        &row.address,
        &row.user_agent,
        &row.request_id,
        &row.act,
        &row.outcome,
        &row.reason,
        &row.method,
        &row.target_kind,
        &row.target_id.to_string(),
        &row.target_name,
        &number(row.sdk_app_id.map(|it| it.0)),
        &row.changes,
    ] {
        all.add(text);
    }
    vault.audit_mac(&all.0)
}

/// The seal of a chain's end.
#[must_use]
pub fn seal(vault: &Vault, workspace: WorkspaceId, position: i64, hash: &str) -> String {
    let mut all = Netstrings::default();
    for text in [FORMAT, "end", &workspace.to_string(), &position.to_string(), hash] {
        all.add(text);
    }
    vault.audit_mac(&all.0)
}
