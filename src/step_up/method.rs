//! The ways of proving who one is.

crate::words! {
    /// A way of proving who one is, the stronger first.
    pub enum Method {
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
