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

/// Making a number count whose code was entered, in the place of another or of none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePhone {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The number that was confirmed, by its row.
    pub pending: String,
    /// As much of it as is shown.
    pub masked: String,
}

impl Sensitive for ChangePhone {
    const ACT: Act = Act::ChangePhone;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for ChangePhone {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_change_phone()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_change_phone(&self.masked).into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.phone(), self.masked.clone().into()))
    }

    fn start(&self) -> String {
        urls::PHONE.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::PhoneChanged
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::change(services, asker, *self, granted.proof()))
    }
}

/// Removing the telephone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemovePhone {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The telephone of when this was asked for, by its row.
    pub phone: String,
}

impl Sensitive for RemovePhone {
    const ACT: Act = Act::RemovePhone;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for RemovePhone {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_remove_phone()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_remove_phone().into()
    }

    fn start(&self) -> String {
        urls::PHONE.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::PhoneRemoved
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
