//! The message that a page shows once after a form was accepted. It travels in a signed cookie
//! as an act with its names, never as text.

use serde::{Deserialize, Serialize};

use crate::i18n::Texts;
use crate::ids::SdkAppId;

/// What was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Flash {
    /// An app was created.
    AppCreated {
        /// Its number, for the next step.
        app: SdkAppId,
        /// Its name.
        name: String,
    },
    /// An app was edited.
    AppEdited {
        /// Its name.
        name: String,
    },
    /// An app was enabled.
    AppEnabled {
        /// Its name.
        name: String,
    },
    /// An app was disabled.
    AppDisabled {
        /// Its number.
        app: SdkAppId,
        /// Its name.
        name: String,
    },
    /// An app was deleted.
    AppDeleted {
        /// Its name.
        name: String,
    },
    /// A certificate of an app was reset.
    CertificateReset {
        /// The app's name.
        name: String,
    },
    /// A key of an app is shown.
    KeyRevealed {
        /// The app's name.
        name: String,
    },
    /// A key of an app is hidden.
    KeyHidden {
        /// The app's name.
        name: String,
    },
    /// An authenticator was set up.
    AuthenticatorAdded,
    /// Another authenticator took its place.
    AuthenticatorReplaced,
    /// The authenticator was removed.
    AuthenticatorRemoved,
    /// An API key was created.
    ApiKeyCreated {
        /// Its name.
        name: String,
    },
    /// Another API key took the place of one.
    ApiKeyRolled {
        /// The name of both.
        name: String,
    },
    /// An API key was revoked.
    ApiKeyRevoked {
        /// Its name.
        name: String,
    },
    /// A new API key is not shown any more.
    ApiKeyPutAway {
        /// Its name.
        name: String,
    },
    /// Another sign-in was ended.
    SessionEnded,
    /// All other sign-ins were ended.
    OtherSessionsEnded,
    /// Somebody was invited, or again.
    MemberInvited {
        /// Their address.
        name: String,
    },
    /// An invitation was taken back.
    InvitationCancelled {
        /// The address.
        name: String,
    },
    /// An invitation was accepted.
    InvitationAccepted {
        /// The workspace's name.
        name: String,
    },
    /// An invitation led to where one is a member.
    AlreadyMember {
        /// The workspace's name.
        name: String,
    },
    /// A member was changed.
    MemberChanged {
        /// Their name.
        name: String,
    },
    /// A member was removed.
    MemberRemoved {
        /// Their name.
        name: String,
    },
    /// The workspace was handed over.
    HandedOver {
        /// The new owner's name.
        name: String,
    },
    /// The person has left a workspace.
    WorkspaceLeft {
        /// Its name.
        name: String,
    },
    /// The line was set at which few minutes are told by mail.
    MinutesAlertSet,
    /// The workspace's settings were saved.
    WorkspaceSaved,
    /// How dangerous acts are confirmed was changed.
    PolicyChanged,
    /// Recovery codes were made.
    RecoveryCodesMade,
    /// A telephone was set.
    PhoneChanged,
    /// The telephone was removed.
    PhoneRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An identity was connected.
    IdentityConnected,
    /// The identity was disconnected.
    IdentityDisconnected,
    /// An act was called off.
    StepUpCancelled,
    /// The profile was saved.
    ProfileSaved,
    /// The password was changed and other sign-ins ended.
    PasswordChanged,
    /// A mail that confirms the address is on its way.
    EmailConfirmationSent,
    /// The address was confirmed.
    EmailConfirmed,
    /// A mail to the address that is to be is on its way.
    EmailChangeSent,
    /// That was called off.
    EmailChangeOff,
    /// The address was changed and other sign-ins ended.
    EmailChanged,
    /// A new password was chosen by a link.
    PasswordReset,
    /// The account was frozen.
    AccountFrozen,
    /// The installation is ready.
    SetUp,
    /// Signed out.
    SignedOut,
}

impl Flash {
    /// The sentence before the emphasised name.
    #[must_use]
    pub const fn lead(&self, t: Texts) -> &'static str {
        match self {
            Self::AppCreated { .. } => t.flash_app_created(),
            Self::AppEdited { .. } => t.flash_app_edited(),
            Self::AppEnabled { .. } => t.flash_app_enabled(),
            Self::AppDisabled { .. } => t.flash_app_disabled(),
            Self::AppDeleted { .. } => t.flash_app_deleted(),
            Self::CertificateReset { .. } => t.flash_certificate_reset(),
            Self::KeyRevealed { .. } => t.flash_key_revealed(),
            Self::KeyHidden { .. } => t.flash_key_hidden(),
            Self::AuthenticatorAdded => t.flash_authenticator_added(),
            Self::AuthenticatorReplaced => t.flash_authenticator_replaced(),
            Self::AuthenticatorRemoved => t.flash_authenticator_removed(),
            Self::ApiKeyCreated { .. } => t.flash_api_key_created(),
            Self::ApiKeyRolled { .. } => t.flash_api_key_rolled(),
            Self::ApiKeyRevoked { .. } => t.flash_api_key_revoked(),
            Self::ApiKeyPutAway { .. } => t.flash_api_key_put_away(),
            Self::SessionEnded => t.flash_session_ended(),
            Self::OtherSessionsEnded => t.flash_other_sessions_ended(),
            Self::MemberInvited { .. } => t.flash_member_invited(),
            Self::InvitationCancelled { .. } => t.flash_invitation_cancelled(),
            Self::InvitationAccepted { .. } => t.flash_invitation_accepted(),
            Self::AlreadyMember { .. } => t.flash_already_member(),
            Self::MemberChanged { .. } => t.flash_member_changed(),
            Self::MemberRemoved { .. } => t.flash_member_removed(),
            Self::HandedOver { .. } => t.flash_handed_over(),
            Self::WorkspaceLeft { .. } => t.flash_workspace_left(),
            Self::MinutesAlertSet => t.flash_minutes_alert_set(),
            Self::WorkspaceSaved => t.flash_workspace_saved(),
            Self::PolicyChanged => t.flash_policy_changed(),
            Self::RecoveryCodesMade => t.flash_recovery_codes_made(),
            Self::PhoneChanged => t.flash_phone_changed(),
            Self::PhoneRemoved => t.flash_phone_removed(),
            Self::PasskeyAdded => t.flash_passkey_added(),
            Self::PasskeyRemoved => t.flash_passkey_removed(),
            Self::IdentityConnected => t.flash_identity_connected(),
            Self::IdentityDisconnected => t.flash_identity_disconnected(),
            Self::StepUpCancelled => t.flash_step_up_cancelled(),
            Self::ProfileSaved => t.flash_profile_saved(),
            Self::PasswordChanged => t.flash_password_changed(),
            Self::EmailConfirmationSent => t.flash_email_confirmation_sent(),
            Self::EmailConfirmed => t.flash_email_confirmed(),
            Self::EmailChangeSent => t.flash_email_change_sent(),
            Self::EmailChangeOff => t.flash_email_change_off(),
            Self::EmailChanged => t.flash_email_changed(),
            Self::PasswordReset => t.flash_password_reset(),
            Self::AccountFrozen => t.flash_account_frozen(),
            Self::SetUp => t.flash_set_up(),
            Self::SignedOut => t.flash_signed_out(),
        }
    }

    /// The emphasised name after it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::AppCreated { name, .. }
            | Self::AppEdited { name }
            | Self::AppEnabled { name }
            | Self::AppDisabled { name, .. }
            | Self::AppDeleted { name }
            | Self::CertificateReset { name }
            | Self::KeyRevealed { name }
            | Self::KeyHidden { name }
            | Self::ApiKeyCreated { name }
            | Self::ApiKeyRolled { name }
            | Self::ApiKeyRevoked { name }
            | Self::ApiKeyPutAway { name }
            | Self::MemberInvited { name }
            | Self::InvitationCancelled { name }
            | Self::InvitationAccepted { name }
            | Self::AlreadyMember { name }
            | Self::MemberChanged { name }
            | Self::MemberRemoved { name }
            | Self::HandedOver { name }
            | Self::WorkspaceLeft { name } => Some(name),
            _ => None,
        }
    }

    /// The next step: its address and its words.
    #[must_use]
    pub fn next(&self, t: Texts) -> Option<(String, &'static str)> {
        match self {
            Self::AppCreated { app, .. } => Some((super::urls::tokens(*app), t.flash_next_token())),
            _ => None,
        }
    }
}
