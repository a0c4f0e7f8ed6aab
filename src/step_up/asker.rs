//! Who asks for a sensitive act.

use super::challenge::Holder;
use crate::audit::{Actor, INSTALLATION};
use crate::i18n::Language;
use crate::ids::{AccountId, WorkspaceId};
use crate::workspaces::Scope;

/// Who asks, and from where.
#[derive(Clone)]
pub struct Asker {
    /// The person.
    pub account: AccountId,
    /// The sign-in and the workspace that it is in.
    pub holder: Holder,
    /// Which apps the person reaches there; `None` for somebody who is in no workspace.
    pub scope: Option<Scope>,
    /// For the audit log, and for mail that says from where.
    pub actor: Actor,
    /// The person's address.
    pub email: String,
    /// The person's language.
    pub language: Language,
    /// The part of the network address that one party usually holds.
    pub network: String,
}

impl Asker {
    /// The chain of the audit log that their acts belong to.
    #[must_use]
    pub const fn audit_chain(&self) -> WorkspaceId {
        match self.holder {
            Holder::Session { workspace: Some(workspace), .. } => workspace,
            Holder::Session { workspace: None, .. } | Holder::Browser(_) => INSTALLATION,
        }
    }
}
