//! Who is signed in, and where.

use serde::{Deserialize, Serialize};

use crate::audit::INSTALLATION;
use crate::i18n::Language;
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::workspaces::{Permission, Quota, Role, Scope};

/// The person behind a request, read once per request with the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// This sign-in.
    pub session: SessionId,
    /// The account.
    pub account: AccountId,
    /// The name that others see.
    pub name: String,
    /// The address.
    pub email: String,
    /// The language of the account.
    pub language: Language,
    /// The zone the person chose; `None` follows the workspace.
    pub time_zone: Option<String>,
    /// Whether the person runs the installation.
    pub is_operator: bool,
    /// The workspace the person is in; `None` for one without any.
    pub seat: Option<Seat>,
}

impl Person {
    /// The chain of the audit log that the person's own acts belong to: that of the workspace they are in.
    #[must_use]
    pub fn audit_chain(&self) -> WorkspaceId {
        self.seat.as_ref().map_or(INSTALLATION, Seat::workspace)
    }
}

/// A person's place in the current workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seat {
    /// The workspace's name.
    pub workspace_name: String,
    /// The workspace's time zone.
    pub time_zone: String,
    /// What the person may do.
    pub role: Role,
    /// With which apps.
    pub scope: Scope,
    /// How many apps there are and may be.
    pub quota: Quota,
}

impl Seat {
    /// The workspace.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.scope.workspace
    }

    /// Whether the person has a permission here.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }
}
