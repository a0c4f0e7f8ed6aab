//! What waits for a proof, and what does it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actions;
use crate::audit::{Act, Target};
use crate::i18n::Texts;
use crate::ids::{InvitationId, WorkspaceId};
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::{Grant, Permission, Reach, Role};

/// Inviting somebody as what has keys or members in hand, or sending them another link: a browser that somebody left
/// open must not make an accomplice of a stranger. Other roles need no proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InviteMember {
    /// Where to.
    pub workspace: WorkspaceId,
    /// The workspace's name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they become.
    pub role: Role,
    /// With which apps.
    pub reach: Reach,
    /// The invitation that is sent again; `None` for a new one.
    pub invitation: Option<InvitationId>,
}

impl InviteMember {
    /// Whether an invitation as this role needs the proof.
    #[must_use]
    pub const fn is_needed_for(role: Role) -> bool {
        role.may(Permission::ManageCertificates) || role.may(Permission::ManageMembers)
    }

    /// What they are given.
    #[must_use]
    pub fn grant(&self) -> Grant {
        Grant { role: self.role, reach: self.reach.clone() }
    }
}

impl Sensitive for InviteMember {
    const ACT: Act = Act::InviteMember;
    const NEEDS: Option<Permission> = Some(Permission::ManageMembers);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::workspace(self.workspace, &*self.name)
    }
}

impl Waiting for InviteMember {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_invite_member()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_invite_member(&self.email, self.role.name(t), &self.reach.in_sentence(t)).into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.email(), self.email.clone().into()))
    }

    fn start(&self) -> String {
        if self.invitation.is_some() { urls::MEMBERS } else { urls::INVITE }.to_owned()
    }

    fn result(&self) -> String {
        urls::INVITED.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::MemberInvited { name: self.email.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::invite_with_proof(services, asker, *self, granted.proof()))
    }
}
