//! What waits for a proof, and what does it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Purpose, actions};
use crate::audit::{Act, Target};
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::Permission;

/// 重置证书.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResetCertificate {
    /// The app.
    pub app: SdkAppId,
    /// Its name when this was asked for.
    pub name: String,
    /// Which certificate.
    pub purpose: Purpose,
    /// The one that signs, when this was asked for.
    pub certificate: String,
}

impl Sensitive for ResetCertificate {
    const ACT: Act = Act::ResetCertificate;
    const NEEDS: Option<Permission> = Some(Permission::ManageCertificates);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}

impl Waiting for ResetCertificate {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_reset_certificate()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        reset_effect(self.purpose, t).into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.step_up_which(), self.purpose.name(t).into()))
    }

    fn start(&self) -> String {
        urls::reset_certificate(self.app, self.purpose)
    }

    fn way_back(&self) -> String {
        urls::certificates(self.app)
    }

    fn result(&self) -> String {
        urls::certificates(self.app)
    }

    fn flash(&self) -> Flash {
        Flash::CertificateReset { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::reset(services, asker, *self, granted.proof()))
    }
}

/// 显示密钥.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevealKey {
    /// The app.
    pub app: SdkAppId,
    /// Its name when this was asked for.
    pub name: String,
    /// Which certificate.
    pub purpose: Purpose,
    /// The one that signs, when this was asked for.
    pub certificate: String,
}

impl Sensitive for RevealKey {
    const ACT: Act = Act::RevealKey;
    const NEEDS: Option<Permission> = Some(Permission::ManageCertificates);
    const IS_DANGEROUS: bool = false;

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}

impl Waiting for RevealKey {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_reveal_key()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_reveal_key().into()
    }

    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        Some((t.step_up_which(), self.purpose.name(t).into()))
    }

    fn start(&self) -> String {
        urls::certificates(self.app)
    }

    fn flash(&self) -> Flash {
        Flash::KeyRevealed { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::reveal(services, asker, *self, granted.proof()))
    }
}

/// What resetting a certificate of a purpose does.
#[must_use]
pub const fn reset_effect(purpose: Purpose, t: Texts) -> &'static str {
    match purpose {
        Purpose::AccessToken => t.effect_reset_access_token(),
        Purpose::UserSig => t.effect_reset_usersig(),
    }
}
