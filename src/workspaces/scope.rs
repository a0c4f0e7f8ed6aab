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
