//! How acts that destroy or interrupt something are confirmed in a workspace.

crate::words! {
    /// What the methods of confirming such an act must be, the strictest last.
    pub enum DangerPolicy {
        /// Any.
        SmsAllowed = "sms_allowed",
        /// Any, but text messages only for people without an authenticator.
        Standard = "standard",
        /// An authenticator, or what is stronger.
        AuthenticatorRequired = "authenticator_required",
    }
}
