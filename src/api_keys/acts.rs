//! What waits for a proof, and what does it. None of them holds a key: it is drawn when the act is done.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{ApiScope, NewKey, actions};
use crate::audit::{Act, Target, TargetKind};
use crate::clock::UtcTime;
use crate::i18n::Texts;
use crate::ids::{ApiKeyId, SdkAppId, WorkspaceId};
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::Permission;

fn target(id: ApiKeyId, name: &str) -> Target {
    Target { kind: TargetKind::ApiKey, id: id.0, name: name.to_owned() }
}

/// Making a key that can change something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateApiKey {
    /// The workspace that it reaches.
    pub workspace: WorkspaceId,
    /// What people will call it.
    pub name: String,
    /// What it will do.
    pub scopes: Vec<ApiScope>,
    /// The one app it is limited to.
    pub limited_to: Option<SdkAppId>,
    /// When it ends.
    pub expires_at: Option<UtcTime>,
}

impl CreateApiKey {
    /// The key that is wanted.
    #[must_use]
    pub fn key(&self) -> NewKey {
        let (name, scopes) = (self.name.clone(), self.scopes.clone());
        NewKey { name, scopes, app: self.limited_to, expires_at: self.expires_at }
    }
}

impl Sensitive for CreateApiKey {
    const ACT: Act = Act::CreateApiKey;
    const NEEDS: Option<Permission> = Some(Permission::ManageApiKeys);
    const IS_DANGEROUS: bool = false;

    /// A key that has no number yet.
    fn target(&self) -> Target {
        target(ApiKeyId(0), &self.name)
    }
}

impl Waiting for CreateApiKey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_create_api_key()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_create_api_key(&ApiScope::names(&self.scopes, t)).into()
    }

    fn start(&self) -> String {
        urls::NEW_API_KEY.to_owned()
    }

    fn way_back(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn result(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::ApiKeyCreated { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::create_proved(services, asker, *self, granted.proof()))
    }
}

/// Putting another key in the place of one that can change something. Name, permissions and apps of a key never
/// change, so its number and its last characters say all that the new one takes from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RollApiKey {
    /// The old one.
    pub api_key: ApiKeyId,
    /// What people call both.
    pub name: String,
    /// The last characters of the old one.
    pub last_four: String,
    /// For how many hours it works on.
    pub overlap_h: i64,
    /// When the new one ends.
    pub expires_at: Option<UtcTime>,
}

impl Sensitive for RollApiKey {
    const ACT: Act = Act::RollApiKey;
    const NEEDS: Option<Permission> = Some(Permission::ManageApiKeys);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        target(self.api_key, &self.name)
    }
}

impl Waiting for RollApiKey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_roll_api_key()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        match self.overlap_h {
            0 => t.effect_roll_api_key_now().into(),
            hours => t.effect_roll_api_key(hours).into(),
        }
    }

    fn start(&self) -> String {
        urls::roll_api_key(self.api_key)
    }

    fn way_back(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn result(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::ApiKeyRolled { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::roll_proved(services, asker, *self, granted.proof()))
    }
}

/// Revoking a key that somebody else made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeApiKey {
    /// The key.
    pub api_key: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Its last characters.
    pub last_four: String,
}

impl Sensitive for RevokeApiKey {
    const ACT: Act = Act::RevokeApiKey;
    const NEEDS: Option<Permission> = Some(Permission::ManageApiKeys);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        target(self.api_key, &self.name)
    }
}

impl Waiting for RevokeApiKey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_revoke_api_key()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_revoke_api_key().into()
    }

    fn start(&self) -> String {
        urls::revoke_api_key(self.api_key)
    }

    fn way_back(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn result(&self) -> String {
        urls::API_KEYS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::ApiKeyRevoked { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::revoke_proved(services, asker, *self, granted.proof()))
    }
}
