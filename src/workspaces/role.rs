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
        /// Set the line at which few minutes are told by mail.
        ManageMinutes = "manage_minutes",
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

crate::words! {
    /// What permissions are about, in the order in which people read them.
    pub enum PermissionGroup {
        /// Apps, their keys and tokens.
        Apps = "apps",
        /// Figures and the log.
        Data = "data",
        /// The workspace itself, its members and programs.
        Workspace = "workspace",
    }
}

impl Permission {
    /// What it is about.
    #[must_use]
    pub const fn group(self) -> PermissionGroup {
        match self {
            Self::ReadApps
            | Self::WriteApps
            | Self::ManageCertificates
            | Self::MintTokens
            | Self::VerifyTokens => PermissionGroup::Apps,
            Self::ReadStatistics | Self::ReadMinutes | Self::ManageMinutes | Self::ReadAudit => {
                PermissionGroup::Data
            }
            Self::ReadMembers
            | Self::ManageMembers
            | Self::ManageApiKeys
            | Self::ManageWorkspace
            | Self::HandOver => PermissionGroup::Workspace,
        }
    }
}

impl Role {
    /// Whether members of this role may invite, change and remove those of another, and give that role: owners are
    /// the business of owners.
    #[must_use]
    pub const fn may_manage(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(other, Self::Owner),
            Self::Engineer | Self::Operations | Self::Finance | Self::Viewer => false,
        }
    }

    /// Whether this role cannot be limited to some apps: who manages members could give others more than they have.
    #[must_use]
    pub const fn is_unlimited(self) -> bool {
        self.may(Permission::ManageMembers)
    }

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
            Self::Finance => matches!(permission, P::ManageMinutes) || Self::Viewer.may(permission),
            Self::Viewer => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_manages_a_role_that_may_do_more_than_theirs() {
        for by in Role::ALL {
            for other in Role::ALL {
                let is_below = Permission::ALL.iter().all(|it| by.may(*it) || !other.may(*it));
                let may = by.may(Permission::ManageMembers) && is_below;
                assert_eq!(by.may_manage(*other), may, "{by} {other}");
            }
        }
    }
}
