//! What waits for a proof, and what does it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actions;
use crate::audit::{Act, Target};
use crate::i18n::Texts;
use crate::ids::AccountId;
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::Permission;

/// Connecting an identity that its owner has just shown to the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConnectIdentity {
    /// Whose account.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// What the provider calls them.
    pub identity_name: String,
}

impl Sensitive for ConnectIdentity {
    const ACT: Act = Act::ConnectIdentity;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for ConnectIdentity {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_connect_identity()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_connect_identity(&self.identity_name).into()
    }

    fn start(&self) -> String {
        urls::IDENTITY.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::IdentityConnected
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::connect(services, asker, *self, granted.proof()))
    }
}

/// Disconnecting the identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DisconnectIdentity {
    /// Whose account.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The identity of when this was asked for, by its row.
    pub identity: String,
    /// What the provider calls them.
    pub identity_name: String,
}

impl Sensitive for DisconnectIdentity {
    const ACT: Act = Act::DisconnectIdentity;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for DisconnectIdentity {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_disconnect_identity()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_disconnect_identity(&self.identity_name).into()
    }

    fn start(&self) -> String {
        urls::IDENTITY.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::IdentityDisconnected
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::disconnect(services, asker, *self, granted.proof()))
    }
}
