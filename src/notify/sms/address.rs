//! The address of a gateway, as settings name it.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::outgoing::is_near;
use crate::secret::Secret;

/// An address of the shape `scheme://user:password@host[:port]?options`.
#[derive(Debug)]
pub(super) struct Address {
    /// The gateway's own: `https://host[:port]/`, or `http` on this machine.
    pub(super) base: Url,
    pub(super) user: String,
    pub(super) password: Secret,
    options: BTreeMap<String, String>,
}

impl Address {
    /// Reads one whose options are among those that are known; `tls` always is.
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("must end after host, port and options".into());
        }
        let mut options = options(&url, known)?;
        let scheme = match options.remove("tls").as_deref() {
            None | Some("required") => "https",
            Some("off") => "http",
            Some(_) => return Err("tls must be required or off".into()),
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let base = Url::parse(&format!("{scheme}://{host}{port}/")).map_err(|_| "names no host")?;
        if scheme == "http" && !is_near(&base) {
            return Err("would send its secrets in the clear: tls=off is for this machine".into());
        }
        let user = decoded(url.username())?;
        let password = decoded(url.password().unwrap_or_default())?;
        if user.is_empty() || password.is_empty() {
            return Err("needs what stands before the host: a name and a secret".into());
        }
        Ok(Self { base, user, password: Secret::new(password), options })
    }

    /// An option's text, trimmed; `None` when it was not given.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(|text| text.trim())
    }

    /// An option that must be given.
    pub(super) fn required(&self, name: &str) -> Result<String, String> {
        let given = self.option(name).filter(|text| !text.is_empty());
        given.map(str::to_owned).ok_or_else(|| format!("needs the option {name}"))
    }
}

fn options(url: &Url, known: &[&str]) -> Result<BTreeMap<String, String>, String> {
    let mut options = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        if name != "tls" && !known.contains(&&*name) {
            return Err(format!("knows the options {} and tls alone", known.join(", ")));
        }
        if value.chars().any(char::is_control) {
            return Err("has an option with control characters".into());
        }
        if options.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(format!("has the option {name} twice"));
        }
    }
    Ok(options)
}

pub(super) fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "is not UTF-8 once its % escapes are read".to_owned())
}
