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
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for AddAuthenticator {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_add_authenticator()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_add_authenticator().into()
    }

    fn start(&self) -> String {
        urls::AUTHENTICATOR.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::AuthenticatorAdded
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
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for ReplaceAuthenticator {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_replace_authenticator()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_replace_authenticator().into()
    }

    fn start(&self) -> String {
        urls::AUTHENTICATOR.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::AuthenticatorReplaced
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::replace(services, asker, *self, granted.proof()))
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
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for RemoveAuthenticator {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_remove_authenticator()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_remove_authenticator().into()
    }

    fn start(&self) -> String {
        urls::AUTHENTICATOR.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::AuthenticatorRemoved
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
