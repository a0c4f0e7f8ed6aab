//! How acts that destroy or interrupt something are confirmed in a workspace.

crate::words! {
    /// What the methods of confirming such an act must be.
    pub enum DangerPolicy {
        /// Any, but text messages only for people without an authenticator.
        Standard = "standard",
        /// Any.
        SmsAllowed = "sms_allowed",
        /// An authenticator, or what is stronger.
        AuthenticatorRequired = "authenticator_required",
    }
}
