//! Certificates: the secrets of an app that sign its tokens, one per purpose, sealed at rest.

pub mod actions;
mod acts;
pub mod pages;
pub mod store;

pub use acts::{ResetCertificate, RevealKey, reset_effect};

crate::words! {
    /// What a certificate signs.
    pub enum Purpose {
        /// `AccessToken`s of channels.
        AccessToken = "access_token",
        /// `UserSig`s.
        UserSig = "usersig",
    }
}

crate::words! {
    /// Which of an app's certificates for one purpose this is.
    pub enum Slot {
        /// It signs.
        Primary = "primary",
        /// It is accepted as well, during a rotation.
        Secondary = "secondary",
        /// It was reset: known for 30 days, only to say so.
        Retired = "retired",
    }
}
