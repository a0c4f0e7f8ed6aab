//! What waits for a proof, and what does it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actions;
use crate::audit::{Act, Target};
use crate::i18n::Texts;
use crate::ids::WorkspaceId;
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::{DangerPolicy, Permission};

/// Changing how dangerous acts are confirmed in a workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePolicy {
    /// Which.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Its version when this was asked for.
    pub version: i64,
    /// How they are to be confirmed.
    pub policy: DangerPolicy,
}

impl Sensitive for ChangePolicy {
    const ACT: Act = Act::ChangePolicy;
    const NEEDS: Option<Permission> = Some(Permission::ManageWorkspace);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::workspace(self.workspace, &*self.name)
    }
}

impl Waiting for ChangePolicy {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_change_policy()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_change_policy(self.policy.name(t)).into()
    }

    fn start(&self) -> String {
        urls::WORKSPACE.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::PolicyChanged
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::change_policy(services, asker, *self, granted.proof()))
    }
}
