//! A flow that was begun with the provider, as the browser keeps it until it comes back: sealed, in a cookie.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::provider::Begun;
use crate::clock::{UtcTime, minutes};
use crate::ids::SessionId;
use crate::random::Random;
use crate::secret::{Secret, same};
use crate::vault::{Cell, Vault};

/// How long somebody may take at the provider.
pub const FLOW_LIFETIME: Duration = minutes(10);

/// What sealed flows are for, so that nothing else that was sealed is taken for one.
const PLACE: Cell<'static> = Cell { table: "cookies", column: "sso", row: "flow" };

/// What a flow is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Signing in.
    SignIn {
        /// Where it leads then.
        return_to: String,
    },
    /// Connecting the identity to the account of a sign-in.
    Connect {
        /// The sign-in.
        session: SessionId,
    },
    /// Making an account to accept an invitation.
    Accept {
        /// What the invitation's link ends in.
        token: String,
    },
}

/// A flow.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    /// What it is for.
    pub purpose: Purpose,
    /// What comes back in the ID token.
    pub nonce: String,
    /// What the code is exchanged with.
    pub verifier: String,
    state: String,
    until: i64,
}

impl Flow {
    /// A flow that was begun now.
    #[must_use]
    pub fn new(purpose: Purpose, begun: Begun, now: UtcTime) -> Self {
        let Begun { state, nonce, verifier, .. } = begun;
        let (verifier, until) = (verifier.expose().to_owned(), now.plus(FLOW_LIFETIME).0);
        Self { purpose, nonce, verifier, state, until }
    }

    /// What a browser keeps of it; `None` when it cannot be written.
    #[must_use]
    pub fn seal(&self, vault: &Vault, random: &Random) -> Option<String> {
        let plain = Secret::new(serde_json::to_string(self).ok()?);
        Some(URL_SAFE_NO_PAD.encode(vault.seal(random, PLACE, &plain)))
    }

    /// What a browser has kept; `None` when it is not ours, or too old.
    #[must_use]
    pub fn open(sealed: &str, vault: &Vault, now: UtcTime) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = vault.open(PLACE, &sealed).ok()?;
        let flow: Self = serde_json::from_str(plain.expose()).ok()?;
        (flow.until > now.0).then_some(flow)
    }

    /// Whether it is this flow that came back.
    #[must_use]
    pub fn is_of(&self, state: &str) -> bool {
        same(&self.state, state)
    }
}
