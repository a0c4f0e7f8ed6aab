//! What a key may do.

crate::words! {
    /// One thing that a key may do.
    pub enum ApiScope {
        /// See apps.
        AppsRead = "apps:read",
        /// Create and edit apps.
        AppsWrite = "apps:write",
        /// Read the configuration of apps.
        ConfigRead = "config:read",
        /// Change the configuration of apps.
        ConfigWrite = "config:write",
        /// Report usage events.
        EventsWrite = "events:write",
        /// Read usage figures.
        StatisticsRead = "statistics:read",
        /// Mint tokens.
        TokensWrite = "tokens:write",
        /// Check tokens.
        TokensVerify = "tokens:verify",
        /// Manage webhooks.
        WebhooksWrite = "webhooks:write",
        /// List and download recordings.
        RecordingsRead = "recordings:read",
        /// Report and delete recordings.
        RecordingsWrite = "recordings:write",
    }
}

impl ApiScope {
    /// Whether it lets a program change something.
    #[must_use]
    pub fn writes(self) -> bool {
        self.as_str().ends_with(":write")
    }

    /// Whether one of several does.
    #[must_use]
    pub fn any_writes(scopes: &[Self]) -> bool {
        scopes.iter().any(|scope| scope.writes())
    }

    /// Reads a list such as `apps:read,events:write`.
    ///
    /// # Errors
    /// The first word that is not a scope.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let mut scopes = text
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(|word| Self::parse(word).ok_or_else(|| word.to_owned()))
            .collect::<Result<Vec<_>, _>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        Ok(scopes)
    }

    /// The list as it is stored.
    #[must_use]
    pub fn list(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
    }
}
