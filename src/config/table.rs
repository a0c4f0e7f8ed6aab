//! The names of the settings.

/// A setting.
pub(super) struct Row {
    /// Key in the file; in the environment with prefix and in capitals.
    pub(super) key: &'static str,
    /// Its text when nobody sets it.
    pub(super) default: &'static str,
    /// Whether `config show` hides it.
    pub(super) is_secret: bool,
}

const fn row(key: &'static str, default: &'static str) -> Row {
    Row { key, default, is_secret: false }
}

const fn secret(key: &'static str) -> Row {
    Row { key, default: "", is_secret: true }
}

/// All of them.
pub(super) const TABLE: &[Row] = &[
    row("listen", "127.0.0.1:8080"),
    row("base_url", ""),
    row("database_url", "sqlite:data/switchroom.db"),
    row("database_connections", "8"),
    secret("master_key"),
    row("master_key_path", "data/master.key"),
    secret("smtp_url"),
    row("mail_from", "switchroom@localhost"),
    secret("sms_url"),
    row("sms_budget", "500"),
    row("sms_countries", "*"),
    row("oidc_issuer", ""),
    row("oidc_client_id", ""),
    secret("oidc_client_secret"),
    row("oidc_name", ""),
    row("trusted_proxies", ""),
    row("metrics_allowed", ""),
    row("workers", "0"),
    row("log", "info"),
    row("log_format", "text"),
];

/// The known key that a mistyped one is closest to.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .map(|row| (distance(key, row.key), row.key))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, key)| key)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut before = i;
        let mut last = i + 1;
        let mut next = vec![last];
        for (r, above) in right.iter().zip(row.iter().skip(1)) {
            last = (last + 1).min(above + 1).min(before + usize::from(l != *r));
            before = *above;
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
