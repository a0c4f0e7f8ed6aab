//! All sensitive acts: how each is called, what it does, where it begins and ends, and what does it. A new one
//! is an act of its feature, a line in [`SENSITIVE`], an arm in [`Waiting::read`], and one in each function that
//! the compiler then asks for.

use super::actions::Unperformed;
use super::{Asker, Challenge, Granted, Sensitive};
use crate::apps::switching::{self, DeleteApp, DisableApp};
use crate::audit::Act;
use crate::authenticators::{self, AddAuthenticator, RemoveAuthenticator, ReplaceAuthenticator};
use crate::credentials::{self, Purpose, ResetCertificate, RevealKey};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::services::Services;
use crate::web::{Flash, urls};

/// The acts that need a proof.
pub const SENSITIVE: [Act; 7] = [
    DisableApp::ACT,
    DeleteApp::ACT,
    ResetCertificate::ACT,
    RevealKey::ACT,
    ReplaceAuthenticator::ACT,
    RemoveAuthenticator::ACT,
    AddAuthenticator::ACT,
];

/// An act that was read from its challenge.
#[derive(Debug)]
pub enum Waiting {
    /// 停用应用.
    DisableApp(DisableApp),
    /// 删除应用.
    DeleteApp(DeleteApp),
    /// 重置证书.
    ResetCertificate(ResetCertificate),
    /// 显示密钥.
    RevealKey(RevealKey),
    /// Setting an authenticator up.
    AddAuthenticator(AddAuthenticator),
    /// Replacing the authenticator.
    ReplaceAuthenticator(ReplaceAuthenticator),
    /// Removing the authenticator.
    RemoveAuthenticator(RemoveAuthenticator),
}

impl Waiting {
    /// Reads the act of a challenge; `None` for one of another version of the program, and for signing in.
    #[must_use]
    pub fn read(challenge: &Challenge) -> Option<Self> {
        fn act<A: Sensitive>(challenge: &Challenge) -> Option<A> {
            serde_json::from_str(&challenge.body).ok()
        }
        Some(match challenge.act {
            Act::DisableApp => Self::DisableApp(act(challenge)?),
            Act::DeleteApp => Self::DeleteApp(act(challenge)?),
            Act::ResetCertificate => Self::ResetCertificate(act(challenge)?),
            Act::RevealKey => Self::RevealKey(act(challenge)?),
            Act::AddAuthenticator => Self::AddAuthenticator(act(challenge)?),
            Act::ReplaceAuthenticator => Self::ReplaceAuthenticator(act(challenge)?),
            Act::RemoveAuthenticator => Self::RemoveAuthenticator(act(challenge)?),
            _ => return None,
        })
    }

    /// What it is called inside a sentence.
    #[must_use]
    pub const fn in_sentence(&self, t: Texts) -> &'static str {
        match self {
            Self::DisableApp(_) => t.to_disable_app(),
            Self::DeleteApp(_) => t.to_delete_app(),
            Self::ResetCertificate(_) => t.to_reset_certificate(),
            Self::RevealKey(_) => t.to_reveal_key(),
            Self::AddAuthenticator(_) => t.to_add_authenticator(),
            Self::ReplaceAuthenticator(_) => t.to_replace_authenticator(),
            Self::RemoveAuthenticator(_) => t.to_remove_authenticator(),
        }
    }

    /// What happens when it is done, before it is.
    #[must_use]
    pub const fn effect(&self, t: Texts) -> &'static str {
        match self {
            Self::DisableApp(_) => t.effect_disable_app(),
            Self::DeleteApp(_) => t.effect_delete_app(),
            Self::ResetCertificate(act) => reset_effect(act.purpose, t),
            Self::RevealKey(_) => t.effect_reveal_key(),
            Self::AddAuthenticator(_) => t.effect_add_authenticator(),
            Self::ReplaceAuthenticator(_) => t.effect_replace_authenticator(),
            Self::RemoveAuthenticator(_) => t.effect_remove_authenticator(),
        }
    }

    /// Which of the things of its target it is about; empty where there is one only.
    #[must_use]
    pub const fn which(&self, t: Texts) -> &'static str {
        match self {
            Self::ResetCertificate(ResetCertificate { purpose, .. })
            | Self::RevealKey(RevealKey { purpose, .. }) => purpose.name(t),
            _ => "",
        }
    }

    /// Whether it destroys or interrupts something.
    #[must_use]
    pub const fn is_dangerous(&self) -> bool {
        !matches!(
            self,
            Self::RevealKey(_) | Self::AddAuthenticator(_) | Self::ReplaceAuthenticator(_)
        )
    }

    /// Where it begins.
    #[must_use]
    pub fn start(&self) -> String {
        match self {
            Self::DisableApp(act) => urls::disable_app(act.app),
            Self::DeleteApp(act) => urls::delete_app(act.app),
            Self::ResetCertificate(act) => urls::reset_certificate(act.app, act.purpose),
            Self::RevealKey(act) => urls::certificates(act.app),
            Self::AddAuthenticator(_)
            | Self::ReplaceAuthenticator(_)
            | Self::RemoveAuthenticator(_) => urls::AUTHENTICATOR.to_owned(),
        }
    }

    /// Where one goes who calls it off.
    #[must_use]
    pub fn way_back(&self) -> String {
        match self {
            Self::DisableApp(act) => urls::edit_app(act.app),
            Self::DeleteApp(act) => urls::edit_app(act.app),
            Self::ResetCertificate(act) => urls::certificates(act.app),
            Self::RevealKey(_)
            | Self::AddAuthenticator(_)
            | Self::ReplaceAuthenticator(_)
            | Self::RemoveAuthenticator(_) => self.start(),
        }
    }

    /// Where its result is seen.
    #[must_use]
    pub fn result(&self) -> String {
        match self {
            Self::DisableApp(act) => urls::app(act.app),
            Self::DeleteApp(_) => urls::APPS.to_owned(),
            Self::ResetCertificate(act) => urls::certificates(act.app),
            Self::RevealKey(_)
            | Self::AddAuthenticator(_)
            | Self::ReplaceAuthenticator(_)
            | Self::RemoveAuthenticator(_) => self.start(),
        }
    }

    fn flash(&self) -> Flash {
        match self {
            Self::DisableApp(act) => Flash::AppDisabled { app: act.app, name: act.name.clone() },
            Self::DeleteApp(act) => Flash::AppDeleted { name: act.name.clone() },
            Self::ResetCertificate(act) => Flash::CertificateReset { name: act.name.clone() },
            Self::RevealKey(act) => Flash::KeyRevealed { name: act.name.clone() },
            Self::AddAuthenticator(_) => Flash::AuthenticatorAdded,
            Self::ReplaceAuthenticator(_) => Flash::AuthenticatorReplaced,
            Self::RemoveAuthenticator(_) => Flash::AuthenticatorRemoved,
        }
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

/// What was done, and where it is seen.
pub struct Done {
    /// The page.
    pub path: String,
    /// What it says.
    pub flash: Flash,
}

/// Does the act of a challenge that was passed.
///
/// # Errors
/// A failure of ours; an act of another version of the program counts as one that does not exist.
pub async fn run(
    services: &Services,
    asker: &Asker,
    granted: Granted,
) -> Result<Result<Done, Unperformed>, AppError> {
    let waiting = Waiting::read(granted.challenge()).ok_or(AppError::NotFound)?;
    let done = Done { path: waiting.result(), flash: waiting.flash() };
    let performed = match waiting {
        Waiting::DisableApp(act) => {
            switching::actions::disable(services, asker, act, granted.proof()).await
        }
        Waiting::DeleteApp(act) => {
            switching::actions::delete(services, asker, act, granted.proof()).await
        }
        Waiting::ResetCertificate(act) => {
            credentials::actions::reset(services, asker, act, granted.proof()).await
        }
        Waiting::RevealKey(act) => {
            credentials::actions::reveal(services, asker, act, granted.proof()).await
        }
        Waiting::AddAuthenticator(act) => {
            authenticators::actions::add(services, asker, act, granted.proof()).await
        }
        Waiting::ReplaceAuthenticator(act) => {
            authenticators::actions::replace(services, asker, act, granted.proof()).await
        }
        Waiting::RemoveAuthenticator(act) => {
            authenticators::actions::remove(services, asker, act, granted.proof()).await
        }
    };
    Ok(performed?.map(|()| done))
}
