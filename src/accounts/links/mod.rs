//! Links that are mailed about an account. Each works once, for a while, and for one purpose; the database keeps a
//! digest of it. Looking at a link changes nothing, since programs that check mail look at all of them: its page
//! has a button, and the form behind it uses the link up, in the transaction of what it does
//! ([`actions::follow`]).

pub mod actions;
pub mod pages;
pub mod store;

use std::time::Duration;

use super::store::Owner;
use crate::audit::Actor;
use crate::clock::{hours, minutes};

crate::words! {
    /// What a link is for.
    pub enum Purpose {
        /// Confirming the address that the account has.
        ConfirmEmail = "confirm_email",
        /// Confirming the address that it is to have.
        ChangeEmail = "change_email",
        /// Choosing a new password.
        ResetPassword = "reset_password",
        /// Freezing the account.
        Freeze = "freeze",
    }
}

impl Purpose {
    /// How long a link works.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::ConfirmEmail | Self::ChangeEmail | Self::Freeze => hours(72),
            Self::ResetPassword => minutes(30),
        }
    }
}

/// How many links of a purpose that a person asks for are mailed within an hour.
pub const SENDS_MAX: usize = 5;
/// How long after one the next can be asked for.
pub const SEND_PAUSE: Duration = minutes(1);

/// Who acts by a link: the owner of its account, in their sign-in where the browser has one.
#[must_use]
pub fn actor_of(from: Actor, owner: &Owner) -> Actor {
    if from.id == Some(owner.id.0) {
        return from;
    }
    from.as_person(owner.id, &owner.name, &owner.email)
}
