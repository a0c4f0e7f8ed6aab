//! Identifiers as types, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A person.
    AccountId;
    /// A tenant: owner of apps, members, minutes and keys.
    WorkspaceId;
    /// A person's place in a workspace.
    MembershipId;
    /// One sign-in; stays the same while the cookie's key rotates.
    SessionId;
    /// An app's number, from 1400000001 up.
    SdkAppId;
    /// An API key.
    ApiKeyId;
    /// An invitation to a workspace.
    InvitationId;
    /// A package of minutes.
    PackageId;
}

impl SdkAppId {
    /// The number as token formats carry it; `None` when it does not fit 32 bits.
    #[must_use]
    pub fn wire(self) -> Option<u32> {
        u32::try_from(self.0).ok()
    }
}

/// The 32 lower-case hex digits under which clients know an app.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(transparent)]
pub struct AppId(pub String);

impl AppId {
    /// Whether a text has the shape of an App ID.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// First eight and last four digits, for lists.
    #[must_use]
    pub fn short(&self) -> String {
        match (self.0.get(..8), self.0.len().checked_sub(4).and_then(|at| self.0.get(at..))) {
            (Some(head), Some(tail)) => format!("{head}…{tail}"),
            _ => self.0.clone(),
        }
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
