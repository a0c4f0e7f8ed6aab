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
use crate::workspaces::{Grant, Permission, Reach, Role};

/// Changing a member's role or reach.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeMember {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The version of their place when this was asked for.
    pub version: i64,
    /// What they become.
    pub role: Role,
    /// With which apps.
    pub reach: Reach,
}

impl ChangeMember {
    /// What they are given.
    #[must_use]
    pub fn grant(&self) -> Grant {
        Grant { role: self.role, reach: self.reach.clone() }
    }
}

impl Sensitive for ChangeMember {
    const ACT: Act = Act::ChangeMember;
    const NEEDS: Option<Permission> = Some(Permission::ManageMembers);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for ChangeMember {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_change_member()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_change_member(self.role.name(t), &self.reach.in_sentence(t)).into()
    }

    fn start(&self) -> String {
        urls::member(self.account)
    }

    fn result(&self) -> String {
        urls::MEMBERS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::MemberChanged { name: self.name.clone() }
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

/// Removing a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveMember {
    /// Whom.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The version of their place when this was asked for.
    pub version: i64,
}

impl Sensitive for RemoveMember {
    const ACT: Act = Act::RemoveMember;
    const NEEDS: Option<Permission> = Some(Permission::ManageMembers);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for RemoveMember {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_remove_member()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_remove_member().into()
    }

    fn start(&self) -> String {
        urls::remove_member(self.account)
    }

    fn way_back(&self) -> String {
        urls::member(self.account)
    }

    fn result(&self) -> String {
        urls::MEMBERS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::MemberRemoved { name: self.name.clone() }
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

/// Making another member the owner; whoever was it becomes an admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOver {
    /// The new owner.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The version of their place when this was asked for.
    pub version: i64,
    /// The workspace's name.
    pub workspace_name: String,
}

impl Sensitive for HandOver {
    const ACT: Act = Act::HandOver;
    const NEEDS: Option<Permission> = Some(Permission::HandOver);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::account(self.account, &*self.name)
    }
}

impl Waiting for HandOver {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_hand_over()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_hand_over(&self.name).into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.invitation_workspace(), self.workspace_name.clone().into()))
    }

    fn start(&self) -> String {
        urls::hand_over(self.account)
    }

    fn way_back(&self) -> String {
        urls::member(self.account)
    }

    fn result(&self) -> String {
        urls::MEMBERS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::HandedOver { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::hand_over(services, asker, *self, granted.proof()))
    }
}
