//! Roles and what each may do: one table, which the guards read.

crate::words! {
    /// A member's part in a workspace.
    pub enum Role {
        /// Everything, also handing the workspace on.
        Owner = "owner",
        /// Everything but ownership.
        Admin = "admin",
        /// Apps, certificates, tokens, configuration.
        Engineer = "engineer",
        /// Statistics and their export.
        Operations = "operations",
        /// Plans, ledger and minutes.
        Finance = "finance",
        /// Reads, without secrets.
        Viewer = "viewer",
    }
}

crate::words! {
    /// What a route asks of a member.
    pub enum Permission {
        /// See apps and their settings.
        ReadApps = "read_apps",
        /// Create and edit apps.
        WriteApps = "write_apps",
        /// See, reset and reveal the certificates of apps.
        ManageCertificates = "manage_certificates",
        /// Mint tokens with an app's keys.
        MintTokens = "mint_tokens",
        /// Check tokens against an app's keys.
        VerifyTokens = "verify_tokens",
        /// See usage figures.
        ReadStatistics = "read_statistics",
        /// See minutes.
        ReadMinutes = "read_minutes",
        /// See and export the audit log.
        ReadAudit = "read_audit",
        /// See who is in the workspace.
        ReadMembers = "read_members",
        /// Invite, change and remove members.
        ManageMembers = "manage_members",
        /// See, create, roll and revoke API keys.
        ManageApiKeys = "manage_api_keys",
        /// Edit the workspace and how its acts are confirmed.
        ManageWorkspace = "manage_workspace",
        /// Make somebody else the owner.
        HandOver = "hand_over",
    }
}

impl Role {
    /// Whether this role has a permission.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(permission, P::HandOver),
            Self::Engineer => {
                matches!(
                    permission,
                    P::ReadApps
                        | P::WriteApps
                        | P::ManageCertificates
                        | P::MintTokens
                        | P::VerifyTokens
                        | P::ReadStatistics
                        | P::ReadAudit
                        | P::ReadMembers
                )
            }
            Self::Operations => {
                matches!(
                    permission,
                    P::ReadApps | P::ReadStatistics | P::ReadAudit | P::ReadMembers
                )
            }
            Self::Finance | Self::Viewer => {
                matches!(
                    permission,
                    P::ReadApps
                        | P::ReadStatistics
                        | P::ReadMinutes
                        | P::ReadAudit
                        | P::ReadMembers
                )
            }
        }
    }
}

crate::words! {
    /// How much of a workspace a member reaches.
    pub enum Reach {
        /// Every app.
        All = "all",
        /// The apps that are listed for the member.
        Apps = "apps",
        /// The apps that carry a tag.
        Tag = "tag",
    }
}
