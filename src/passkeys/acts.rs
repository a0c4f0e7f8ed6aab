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

/// Adding a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddPasskey {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// What they call the passkey.
    pub passkey_name: String,
    /// The host name that it is for.
    pub host: String,
    /// What devices know the account by.
    pub user_handle: String,
    /// Its name in the protocol.
    pub credential_id: String,
    /// Its public key and what the device said of itself, as JSON.
    pub credential: String,
}

impl Sensitive for AddPasskey {
    const ACT: Act = Act::AddPasskey;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for AddPasskey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_add_passkey()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_add_passkey().into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.method_passkey(), self.passkey_name.clone().into()))
    }

    fn start(&self) -> String {
        urls::PASSKEYS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::PasskeyAdded
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::add(services, asker, *self, granted.proof()))
    }
}

/// Removing a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemovePasskey {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Its key in the table.
    pub passkey: String,
    /// What they call it.
    pub passkey_name: String,
}

impl Sensitive for RemovePasskey {
    const ACT: Act = Act::RemovePasskey;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for RemovePasskey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_remove_passkey()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_remove_passkey().into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.method_passkey(), self.passkey_name.clone().into()))
    }

    fn start(&self) -> String {
        urls::PASSKEYS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::PasskeyRemoved
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::remove(services, asker, *self, granted.proof()))
    }
}
