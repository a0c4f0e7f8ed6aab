//! The scope value that every query on a workspace's rows takes. There is no query without one.

use crate::ids::{MembershipId, SdkAppId, WorkspaceId};

/// Which apps the one who asks may see at all.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scope {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How much of it.
    pub extent: Extent,
}

/// How much of a workspace a scope covers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Extent {
    /// All apps.
    All,
    /// The apps listed for a membership.
    Listed(MembershipId),
    /// The apps with a tag.
    Tagged {
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
    },
    /// One app, as an API key may be limited.
    One(SdkAppId),
}

impl Scope {
    /// A whole workspace: for owners, unlimited members and keys, and the command line.
    #[must_use]
    pub const fn whole(workspace: WorkspaceId) -> Self {
        Self { workspace, extent: Extent::All }
    }
}

/// How many apps a workspace has and may have, by service.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, diesel::Queryable,
)]
pub struct Quota {
    /// Apps with `rtc`, disabled ones included.
    pub rtc_apps: i64,
    /// The most there may be.
    pub rtc_apps_max: i64,
    /// Apps with `im`, disabled ones included.
    pub im_apps: i64,
    /// The most there may be.
    pub im_apps_max: i64,
}

impl Quota {
    /// Places that are left for apps with `rtc`.
    #[must_use]
    pub const fn rtc_left(&self) -> i64 {
        self.rtc_apps_max.saturating_sub(self.rtc_apps)
    }

    /// Places that are left for apps with `im`.
    #[must_use]
    pub const fn im_left(&self) -> i64 {
        self.im_apps_max.saturating_sub(self.im_apps)
    }
}
