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

/// Making recovery codes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenewRecoveryCodes {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
}

impl Sensitive for RenewRecoveryCodes {
    const ACT: Act = Act::RenewRecoveryCodes;
    const NEEDS: Option<Permission> = None;
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for RenewRecoveryCodes {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_renew_recovery_codes()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_renew_recovery_codes().into()
    }

    fn start(&self) -> String {
        urls::RECOVERY_CODES.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::RecoveryCodesMade
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::renew(services, asker, *self, granted.proof()))
    }
}
