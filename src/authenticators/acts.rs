//! What waits for a proof.

use serde::{Deserialize, Serialize};

use crate::audit::{Act, Target};
use crate::ids::AccountId;
use crate::step_up::Sensitive;
use crate::workspaces::Permission;

/// Setting an authenticator up where there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddAuthenticator {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The new one, whose first code was right.
    pub pending: String,
    /// The step of that code, which is used up.
    pub step: i64,
}

impl Sensitive for AddAuthenticator {
    const ACT: Act = Act::AddAuthenticator;
    const NEEDS: Option<Permission> = None;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

/// Putting another authenticator in the place of the one there is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplaceAuthenticator {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The new one, whose first code was right.
    pub pending: String,
    /// The step of that code, which is used up.
    pub step: i64,
}

impl Sensitive for ReplaceAuthenticator {
    const ACT: Act = Act::ReplaceAuthenticator;
    const NEEDS: Option<Permission> = None;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

/// Removing the authenticator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveAuthenticator {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The authenticator of when this was asked for.
    pub authenticator: String,
}

impl Sensitive for RemoveAuthenticator {
    const ACT: Act = Act::RemoveAuthenticator;
    const NEEDS: Option<Permission> = None;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}
