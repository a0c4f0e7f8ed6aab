//! The ways of proving who one is.

crate::words! {
    /// A way of proving who one is, the stronger first.
    pub enum Method {
        /// A code of an authenticator (RFC 6238).
        Totp = "totp",
        /// A code that was sent by e-mail.
        EmailCode = "email_code",
    }
}
