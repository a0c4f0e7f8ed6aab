//! What mail says, and the text that it may be made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{UtcTime, Zone, days};
use crate::i18n::Language;
use crate::minutes::{Hundredths, Level};
use crate::secret::Secret;
use crate::workspaces::Role;

/// How long delivery is tried; RFC 5321 §4.5.4.1 asks for four or five days.
pub const TRIED_FOR: Duration = days(5);
/// Characters of a name or an address that are shown.
const SHOWN_MAX: usize = 200;

crate::words! {
    /// By what a message goes.
    pub enum Channel {
        /// E-mail.
        Mail = "mail",
        /// A text message to a telephone.
        Sms = "sms",
    }
}

crate::words! {
    /// The kinds of mail, by which they are stored and counted.
    pub enum Kind {
        /// A code that confirms a sensitive act.
        StepUpCode = "step_up_code",
        /// Something that the account is protected by was changed.
        FactorChanged = "factor_changed",
        /// Too many wrong codes were entered.
        CodesWrong = "codes_wrong",
        /// Somebody signed in on a device that was not used before.
        NewDevice = "new_device",
        /// An invitation to a workspace.
        Invitation = "invitation",
        /// Somebody has accepted an invitation.
        MemberJoined = "member_joined",
        /// Somebody's place in a workspace was changed.
        MembershipChanged = "membership_changed",
        /// Whoever got the mail of an act said that it was not them.
        ActDisowned = "act_disowned",
        /// A link that confirms an account's address.
        ConfirmEmail = "confirm_email",
        /// A link that confirms the address that an account is to have.
        ChangeEmail = "change_email",
        /// Somebody wanted an address that has an account.
        EmailTaken = "email_taken",
        /// A link to choose a new password.
        ResetPassword = "reset_password",
        /// Few minutes are left, or none.
        MinutesLow = "minutes_low",
        /// Somebody has made an API key that can change something.
        ApiKeyMade = "api_key_made",
    }
}

crate::words! {
    /// What was changed about how an account is protected.
    pub enum FactorChange {
        /// The password.
        PasswordChanged = "password_changed",
        /// The e-mail address.
        EmailChanged = "email_changed",
        /// The account was frozen.
        AccountFrozen = "account_frozen",
        /// An authenticator was set up.
        AuthenticatorAdded = "authenticator_added",
        /// Another authenticator took its place.
        AuthenticatorReplaced = "authenticator_replaced",
        /// The authenticator was removed.
        AuthenticatorRemoved = "authenticator_removed",
        /// A passkey was added.
        PasskeyAdded = "passkey_added",
        /// A passkey was removed.
        PasskeyRemoved = "passkey_removed",
        /// Somebody at an OpenID Connect provider can sign in to the account.
        IdentityConnected = "identity_connected",
        /// They cannot any more.
        IdentityDisconnected = "identity_disconnected",
        /// Recovery codes were made; those from before stopped working.
        RecoveryCodesRenewed = "recovery_codes_renewed",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code_used",
        /// A telephone was set, or another one.
        PhoneChanged = "phone_changed",
        /// The telephone was removed.
        PhoneRemoved = "phone_removed",
    }
}

crate::words! {
    /// What became of somebody's place in a workspace.
    pub enum MembershipChange {
        /// They became a member.
        Added = "added",
        /// Their role or reach was changed.
        Changed = "changed",
        /// They were removed.
        Removed = "removed",
        /// They left.
        Left = "left",
        /// They became the owner in somebody's place.
        TookOver = "took_over",
        /// They made somebody else the owner.
        HandedOver = "handed_over",
    }
}

crate::words! {
    /// How an API key came to be.
    pub enum KeyMade {
        /// By itself.
        Created = "created",
        /// In the place of another one.
        Rolled = "rolled",
    }
}

/// What a mail says, without its words. Stored sealed, as JSON: fields that come later need a
/// default, since mail of the version before may be waiting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// A code that confirms a sensitive act.
    StepUpCode {
        /// The code.
        #[serde(serialize_with = "exposed")]
        code: Secret,
        /// The act in the recipient's language, such as "Reset the certificate".
        act: String,
        /// The name of what it happens to.
        target: String,
        /// The network address that asked for it.
        address: String,
        /// What the page shows too, so that the two can be told to belong together.
        reference: String,
        /// When the code ends; it is not sent any more then.
        expires_at: UtcTime,
        /// What the link ends in that approves the act from elsewhere; none in mail of the version before.
        #[serde(default, serialize_with = "exposed")]
        link: Secret,
    },
    /// Something that the account is protected by was changed.
    FactorChanged {
        /// What.
        change: FactorChange,
        /// When.
        at: UtcTime,
        /// The network address that it came from.
        address: String,
        /// The browser's own name.
        browser: String,
        /// What the address of a link carries that freezes the account; none where the recipient's address was
        /// never confirmed.
        #[serde(default, serialize_with = "exposed_if_any")]
        freeze: Option<Secret>,
        /// How many recovery codes are left, where one was used.
        #[serde(default)]
        codes_left: Option<i64>,
        /// The new e-mail address, where that was changed; none in mail of the version before.
        #[serde(default)]
        new_email: Option<String>,
    },
    /// Wrong codes were entered until the request was locked: whoever did it holds a sign-in or the password.
    CodesWrong {
        /// The act in the recipient's language, such as "Sign in".
        act: String,
        /// When.
        at: UtcTime,
        /// The network address that it came from.
        address: String,
        /// The browser's own name.
        browser: String,
    },
    /// Somebody signed in on a device that was not used before.
    NewDevice {
        /// When.
        at: UtcTime,
        /// The network address that it came from.
        address: String,
        /// The browser's own name.
        browser: String,
    },
    /// An invitation to a workspace.
    Invitation {
        /// What its link ends with.
        #[serde(serialize_with = "exposed")]
        token: Secret,
        /// The workspace's name.
        workspace: String,
        /// Who invites.
        inviter: String,
        /// Their address; none in mail of the version before.
        #[serde(default)]
        inviter_email: String,
        /// As what.
        role: Role,
        /// With which apps, in the recipient's language; none in mail of the version before.
        #[serde(default)]
        reach: String,
        /// When the link ends.
        expires_at: UtcTime,
    },
    /// Somebody has become a member by an invitation: for whoever invited, and for owners.
    MemberJoined {
        /// The workspace's name.
        workspace: String,
        /// Who.
        name: String,
        /// Their address.
        email: String,
        /// As what.
        role: Role,
        /// Who invited them.
        by: String,
        /// When.
        at: UtcTime,
    },
    /// Somebody's place in a workspace was changed.
    MembershipChanged {
        /// How.
        change: MembershipChange,
        /// The workspace's name.
        workspace: String,
        /// The role, as it is now or was last.
        role: Role,
        /// With which apps, in the recipient's language; none in mail of the version before.
        #[serde(default)]
        reach: String,
        /// Who did it; for [`MembershipChange::Added`] who invited.
        by: String,
        /// When.
        at: UtcTime,
    },
    /// Whoever got the mail of an act said that it was not them. The sign-in that asked was ended.
    ActDisowned {
        /// The act in the recipient's language.
        act: String,
        /// The name of what it was to happen to.
        target: String,
        /// Whose account asked.
        who: String,
        /// When they said so.
        at: UtcTime,
        /// The network address that asked.
        address: String,
        /// The browser that asked.
        browser: String,
    },
    /// A link that confirms the address of an account.
    ConfirmEmail {
        /// What the link's address carries.
        #[serde(serialize_with = "exposed")]
        token: Secret,
        /// When it ends.
        expires_at: UtcTime,
    },
    /// A link that confirms the address that an account is to have. It may be a stranger's, so nothing that
    /// somebody chose is in it.
    ChangeEmail {
        /// What the link's address carries.
        #[serde(serialize_with = "exposed")]
        token: Secret,
        /// When it ends.
        expires_at: UtcTime,
        /// The network address that asked for it.
        address: String,
    },
    /// Somebody wanted this address for another account; nothing happened.
    EmailTaken {
        /// When.
        at: UtcTime,
        /// The network address that it came from.
        address: String,
    },
    /// A workspace has few minutes left, or none.
    MinutesLow {
        /// The workspace's name.
        workspace: String,
        /// How many.
        left: Hundredths,
        /// How few that is.
        level: Level,
        /// When it was found.
        at: UtcTime,
    },
    /// A link to choose a new password.
    ResetPassword {
        /// What the link's address carries.
        #[serde(serialize_with = "exposed")]
        token: Secret,
        /// When it ends.
        expires_at: UtcTime,
        /// The network address that asked for it.
        address: String,
    },
    /// Somebody has made an API key that can change something: for them, and for the owners of the workspace.
    ApiKeyMade {
        /// How.
        made: KeyMade,
        /// Whether the recipient made it.
        is_own: bool,
        /// The workspace's name.
        workspace: String,
        /// What people call the key.
        name: String,
        /// What it may do, as it is stored: `apps:read,apps:write`.
        scopes: String,
        /// Who made it.
        by: String,
        /// Their address.
        by_email: String,
        /// When.
        at: UtcTime,
        /// The network address that it came from.
        address: String,
        /// The browser's own name.
        browser: String,
    },
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn exposed_if_any<S: serde::Serializer>(
    secret: &Option<Secret>,
    out: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => out.serialize_some(secret.expose()),
        None => out.serialize_none(),
    }
}

fn exposed<S: serde::Serializer>(secret: &Secret, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(secret.expose())
}

impl Message {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::StepUpCode { .. } => Kind::StepUpCode,
            Self::FactorChanged { .. } => Kind::FactorChanged,
            Self::CodesWrong { .. } => Kind::CodesWrong,
            Self::NewDevice { .. } => Kind::NewDevice,
            Self::Invitation { .. } => Kind::Invitation,
            Self::MemberJoined { .. } => Kind::MemberJoined,
            Self::MembershipChanged { .. } => Kind::MembershipChanged,
            Self::ActDisowned { .. } => Kind::ActDisowned,
            Self::ConfirmEmail { .. } => Kind::ConfirmEmail,
            Self::ChangeEmail { .. } => Kind::ChangeEmail,
            Self::EmailTaken { .. } => Kind::EmailTaken,
            Self::ResetPassword { .. } => Kind::ResetPassword,
            Self::MinutesLow { .. } => Kind::MinutesLow,
            Self::ApiKeyMade { .. } => Kind::ApiKeyMade,
        }
    }

    /// When it is given up: a code or a link when it ends, everything after [`TRIED_FOR`].
    #[must_use]
    pub fn ends_at(&self, now: UtcTime) -> UtcTime {
        let longest = now.plus(TRIED_FOR);
        match self {
            Self::StepUpCode { expires_at, .. }
            | Self::ConfirmEmail { expires_at, .. }
            | Self::ChangeEmail { expires_at, .. }
            | Self::ResetPassword { expires_at, .. }
            | Self::Invitation { expires_at, .. } => longest.min(*expires_at),
            Self::FactorChanged { .. }
            | Self::CodesWrong { .. }
            | Self::NewDevice { .. }
            | Self::ActDisowned { .. }
            | Self::EmailTaken { .. }
            | Self::ApiKeyMade { .. }
            | Self::MemberJoined { .. }
            | Self::MembershipChanged { .. }
            | Self::MinutesLow { .. } => longest,
        }
    }
}

/// A message on its way to somebody.
#[derive(Clone, Copy)]
pub struct Mail<'a> {
    /// Names the mail: a second one of the same key is not sent.
    pub key: &'a str,
    /// The address.
    pub recipient: &'a str,
    /// The recipient's language.
    pub language: Language,
    /// The zone that times are told in.
    pub zone: &'a Zone,
    /// What it says.
    pub message: &'a Message,
}

/// A text message on its way to somebody.
#[derive(Clone, Copy)]
pub struct Sms<'a> {
    /// Names the message, among mail too: a second one of the same key is not sent.
    pub key: &'a str,
    /// The number, in E.164.
    pub number: &'a str,
    /// The recipient's language.
    pub language: Language,
    /// What it says: a code.
    pub message: &'a Message,
}

/// What comes of asking for a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsQueued {
    /// It is on its way.
    Queued,
    /// There was a message of the same key before, which stays.
    Known,
    /// As many were sent today as may be.
    OverBudget,
    /// None go to that country.
    CountryNotServed,
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub struct Letter {
    /// The IANA name of the zone that times are told in.
    pub zone: String,
    /// What it says.
    pub message: Message,
}

/// Text as one line: whatever ends a line, hides or turns text around becomes a blank, and it ends
/// after 200 characters. Names are anyone's; in headers and in lines of their own they must not be
/// more than a name.
#[must_use]
pub fn one_line(text: &str) -> String {
    let is_odd = |c: char| {
        c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut line = String::new();
    for word in text.split(is_odd).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_line() {
        for (text, line) in [
            ("课堂互动", "课堂互动"),
            ("a\r\nBcc: x@evil.test", "a Bcc: x@evil.test"),
            ("  a\t \u{0}b\u{85}c\u{2028}d ", "a b c d"),
            ("abc\u{202e}fed", "abc fed"),
            ("", ""),
        ] {
            assert_eq!(one_line(text), line);
        }
        assert_eq!(one_line(&"字".repeat(300)).chars().count(), SHOWN_MAX + 1);
    }

    #[test]
    fn a_code_ends_when_it_says_and_never_later_than_other_mail() {
        let now = UtcTime::from_seconds(1_000);
        let code = |expires_at| Message::StepUpCode {
            code: Secret::default(),
            act: String::new(),
            target: String::new(),
            address: String::new(),
            reference: String::new(),
            expires_at,
            link: Secret::default(),
        };
        let soon = UtcTime::from_seconds(1_300);
        assert_eq!(code(soon).ends_at(now), soon);
        assert_eq!(code(UtcTime(i64::MAX)).ends_at(now), now.plus(TRIED_FOR));
    }

    #[test]
    fn a_letter_comes_back_as_it_was_and_its_secret_does_not_print() {
        let message = Message::StepUpCode {
            code: Secret::new("123456".into()),
            act: "a".into(),
            target: "b".into(),
            address: "c".into(),
            reference: "d".into(),
            expires_at: UtcTime(7),
            link: Secret::default(),
        };
        let json = serde_json::to_string(&Letter { zone: "UTC".into(), message }).unwrap();
        let back: Letter = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert!(!format!("{:?}", back.message).contains("123456"));
    }
}
