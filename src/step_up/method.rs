//! The ways of proving who one is.

use crate::notify::Channel;

crate::words! {
    /// A way of proving who one is, the stronger first.
    pub enum Method {
        /// A passkey, whose device has made sure of who holds it.
        Passkey = "passkey",
        /// A code of an authenticator (RFC 6238).
        Totp = "totp",
        /// A code that was sent to the telephone.
        SmsCode = "sms_code",
        /// A code that was sent by e-mail.
        EmailCode = "email_code",
        /// The link of that mail, followed anywhere, with the two digits from the first screen.
        EmailLink = "email_link",
        /// A recovery code, for whoever has lost the rest.
        RecoveryCode = "recovery_code",
    }
}

impl Method {
    /// By what its codes are sent; `None` for one whose codes are not.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::SmsCode => Some(Channel::Sms),
            Self::EmailCode => Some(Channel::Mail),
            Self::Passkey | Self::Totp | Self::EmailLink | Self::RecoveryCode => None,
        }
    }
}
