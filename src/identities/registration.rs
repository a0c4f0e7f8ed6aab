//! How the console is known to an OpenID Connect provider, as the settings say it.

use url::Url;

use crate::outgoing::is_near;
use crate::secret::Secret;

/// Characters of the name on buttons.
const NAME_CHARS_MAX: usize = 40;
/// Characters of what the provider knows the console by.
const CLIENT_ID_CHARS_MAX: usize = 255;

/// The provider that people may sign in through, and what it knows the console by.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The provider, as it names itself: compared as text.
    pub issuer: String,
    /// What the console is called there.
    pub client_id: String,
    /// What the console proves itself with; empty for a public client.
    pub client_secret: Secret,
    /// What people call the provider.
    pub name: String,
}

impl Registration {
    /// Whether the provider must be asked over TLS: all but one on this machine.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        !self.issuer.starts_with("http://")
    }

    /// The provider's secret, where it gave one.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        Some(&self.client_secret).filter(|secret| !secret.expose().is_empty())
    }
}

/// Reads the provider's address; `None` where none is set.
///
/// # Errors
/// What is wrong with it.
pub fn parse_issuer(text: &str) -> Result<Option<Url>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let expected = || "is not a URL such as https://id.example.com".to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(expected());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a login: there is a setting for the client's secret".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end before ? and #".into());
    }
    if url.scheme() == "http" && !is_near(&url) {
        return Err("must begin with https://: http:// is for this machine".into());
    }
    Ok(Some(url))
}

/// Reads what the console is called at the provider.
///
/// # Errors
/// What is wrong with it.
pub fn parse_client_id(text: &str) -> Result<String, String> {
    plain(text, CLIENT_ID_CHARS_MAX)
}

/// Reads what people call the provider.
///
/// # Errors
/// What is wrong with it.
pub fn parse_name(text: &str) -> Result<String, String> {
    plain(text, NAME_CHARS_MAX)
}

fn plain(text: &str, most: usize) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("has control characters".into());
    }
    if text.chars().count() > most {
        return Err(format!("is longer than {most} characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_bare_address_over_tls_or_on_this_machine() {
        for good in [
            "https://id.example.com",
            "https://id.example.com/realms/team",
            "https://id.example.com:8443/",
            "http://127.0.0.1:3000",
            "http://[::1]:3000/x",
            "http://localhost",
        ] {
            assert!(matches!(parse_issuer(good), Ok(Some(_))), "{good}");
        }
        assert!(matches!(parse_issuer(""), Ok(None)));
        for bad in [
            "id.example.com",
            "http://id.example.com",
            "http://127.0.0.1.evil.test",
            "ftp://127.0.0.1",
            "https://",
            "https://me:secret@id.example.com",
            "https://id.example.com?x=1",
            "https://id.example.com#x",
            "javascript:alert(1)",
        ] {
            assert!(parse_issuer(bad).is_err(), "{bad}");
        }
    }
}
