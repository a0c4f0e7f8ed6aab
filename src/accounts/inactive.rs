//! Accounts that nobody can sign in to.

use crate::clock::UtcTime;
use crate::i18n::Texts;

/// What keeps somebody from signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inactive {
    /// The operator has disabled the account.
    Disabled,
    /// Its owner has frozen it, by the link of a mail.
    Frozen,
}

impl Inactive {
    /// What the two moments of an account say; that it was disabled is the operator's word and comes first.
    #[must_use]
    pub const fn of(disabled_at: Option<UtcTime>, frozen_at: Option<UtcTime>) -> Option<Self> {
        match (disabled_at, frozen_at) {
            (Some(_), _) => Some(Self::Disabled),
            (None, Some(_)) => Some(Self::Frozen),
            (None, None) => None,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Disabled => t.member_disabled(),
            Self::Frozen => t.member_frozen(),
        }
    }
}
