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

/// Asking a new address to confirm that it is to be an account's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeEmail {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The new address, as it was typed.
    pub email: String,
    /// Its canonical form.
    pub email_key: String,
    /// The canonical form of the address when it was asked for.
    pub before: String,
}

impl Sensitive for ChangeEmail {
    const ACT: Act = Act::ChangeEmail;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for ChangeEmail {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_change_email()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_change_email(&self.email).into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.email_new(), self.email.clone().into()))
    }

    fn start(&self) -> String {
        urls::EMAIL.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::EmailChangeSent
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::begin(services, asker, *self, granted.proof()))
    }
}
