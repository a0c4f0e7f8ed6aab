//! The settings in force, and how their texts are read.

use std::net::SocketAddr;
use std::path::PathBuf;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::Networks;
use super::layers::Values;
use crate::accounts::Email;
use crate::db::DatabaseUrl;
use crate::identities::{Registration, registration};
use crate::notify::Relay;
use crate::notify::sms::{self, Countries};
use crate::secret::Secret;
use crate::vault::MasterKey;

/// The settings in force.
#[derive(Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How the console is reached; links in mail are built from it, and `https` makes cookies
    /// secure. No trailing slash.
    pub base_url: String,
    /// The database.
    pub database_url: DatabaseUrl,
    /// Connections of the pool.
    pub database_connections: u32,
    /// The master key as it was set; otherwise the file at `master_key_path`.
    pub master_key: Option<Secret>,
    /// Where the master key is kept when it is not set.
    pub master_key_path: PathBuf,
    /// The mail server.
    pub smtp_url: Option<Secret>,
    /// The sender of mail: an address alone.
    pub mail_from: Email,
    /// The gateway for text messages.
    pub sms_url: Option<Secret>,
    /// Text messages of a day (UTC) at most.
    pub sms_budget: u32,
    /// The countries that they go to.
    pub sms_countries: Countries,
    /// The OpenID Connect provider that people may sign in through.
    pub oidc: Option<Registration>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Networks,
    /// Who may read `/metrics`; empty for everyone.
    pub metrics_allowed: Networks,
    /// Threads that serve requests; 0 for one per core.
    pub workers: usize,
    /// The log filter.
    pub log: String,
    /// Whether the log is JSON.
    pub log_json: bool,
}

impl Settings {
    /// Whether browsers reach the console over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Scheme, host and port of the base URL, as browsers send it in `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        Url::parse(&self.base_url)
            .map_or_else(|_| self.base_url.clone(), |url| url.origin().ascii_serialization())
    }
}

/// The texts of all settings, and what is found wrong with them.
struct Reader<'a> {
    values: &'a Values,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn text(&self, key: &str) -> &str {
        self.values.get(key).map_or("", |value| value.text.trim())
    }

    /// A value; `None` when its text is wrong, which is noted.
    fn read<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let what = match parse(self.text(key)) {
            Ok(value) => return Some(value),
            Err(what) => what,
        };
        let source = self.values.get(key).map_or("default", |value| value.source.as_str());
        let source = if source == "default" { key } else { source };
        self.problems.push(format!("{source}: {what}"));
        None
    }

    fn number(&mut self, key: &'static str, least: u32, most: u32) -> Option<u32> {
        self.read(key, |text| {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("is not a number from {least} to {most}"))
        })
    }

    /// A secret that may be missing. A wrong one is noted and not repeated.
    fn secret(
        &mut self,
        key: &'static str,
        check: impl FnOnce(&str) -> Result<(), String>,
    ) -> Option<Secret> {
        self.read(key, |text| match text {
            "" => Ok(None),
            text => check(text).map(|()| Some(Secret::new(text.to_owned()))),
        })?
    }
}

/// Reads all settings; `None` when one is wrong. Every problem is noted.
pub(super) fn parse(values: &Values, problems: &mut Vec<String>) -> Option<Settings> {
    let mut reader = Reader { values, problems };
    let listen = reader.read("listen", address);
    let base_url = reader.read("base_url", |text| match (text, listen) {
        ("", Some(listen)) => Ok(format!("http://{listen}")),
        // The address is wrong, which has been said.
        ("", None) => Ok(String::new()),
        (url, _) => web_url(url),
    });
    let database_url = reader.read("database_url", DatabaseUrl::parse);
    let database_connections = reader.number("database_connections", 1, 200);
    let workers = reader.number("workers", 0, 256);
    let master_key = reader.secret("master_key", |text| {
        MasterKey::parse(text).map(drop).ok_or_else(|| "is not 32 bytes of base64".into())
    });
    let smtp_url = reader.secret("smtp_url", |url| Relay::parse(url).map(drop));
    let mail_from = reader.read("mail_from", |text| {
        Email::parse(text)
            .map_err(|_| "is not an e-mail address such as switchroom@example.com".into())
    });
    let sms_url = reader.secret("sms_url", |url| sms::parse(url).map(drop));
    let sms_budget = reader.number("sms_budget", 0, 1_000_000);
    let sms_countries = reader.read("sms_countries", Countries::parse);
    let oidc = provider(&mut reader);
    let trusted_proxies = reader.read("trusted_proxies", Networks::parse);
    let metrics_allowed = reader.read("metrics_allowed", Networks::parse);
    let log = reader.read("log", log_filter);
    let log_json = reader.read("log_format", |text| match text {
        "text" => Ok(false),
        "json" => Ok(true),
        _ => Err("must be text or json".into()),
    });
    Some(Settings {
        listen: listen?,
        base_url: base_url?,
        database_url: database_url?,
        database_connections: database_connections?,
        master_key,
        master_key_path: reader.text("master_key_path").into(),
        smtp_url,
        mail_from: mail_from?,
        sms_url,
        sms_budget: sms_budget?,
        sms_countries: sms_countries?,
        oidc,
        trusted_proxies: trusted_proxies?,
        metrics_allowed: metrics_allowed?,
        workers: workers? as usize,
        log: log?,
        log_json: log_json?,
    })
}

/// The provider for signing in: with its issuer and its client id, or none. What is wrong is noted.
fn provider(reader: &mut Reader<'_>) -> Option<Registration> {
    let issuer = reader.read("oidc_issuer", registration::parse_issuer)?;
    let is_set = issuer.is_some();
    let of_provider = |text: &str| match (is_set, text) {
        (false, "") | (true, _) => Ok(()),
        (false, _) => Err("needs SWITCHROOM_OIDC_ISSUER".to_owned()),
    };
    let client_id = reader.read("oidc_client_id", |text| match text {
        "" if is_set => Err("must be set where SWITCHROOM_OIDC_ISSUER is".into()),
        text => of_provider(text).and_then(|()| registration::parse_client_id(text)),
    });
    let client_secret = reader.read("oidc_client_secret", |text| {
        of_provider(text).map(|()| Secret::new(text.to_owned()))
    });
    let name = reader
        .read("oidc_name", |text| of_provider(text).and_then(|()| registration::parse_name(text)));
    let (client_id, client_secret, name) = (client_id?, client_secret?, name?);
    let url = issuer?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let name = if name.is_empty() { host } else { name };
    // As it was written: providers are compared as text, and a slash more would be another one.
    let issuer = reader.text("oidc_issuer").to_owned();
    Some(Registration { issuer, client_id, client_secret, name })
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address and port such as 127.0.0.1:8080".into())
}

fn web_url(text: &str) -> Result<String, String> {
    let expected = "is not a URL such as https://console.example.com";
    let url = Url::parse(text).map_err(|_| expected.to_owned())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    if !is_web {
        return Err(expected.to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must end after host and port: the console lives at the root".into());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A filter of tracing's, made of levels and of `target=level`. A word that is no level would be
/// taken for a target, and a mistyped level would silence everything.
fn log_filter(text: &str) -> Result<String, String> {
    if let Err(error) = text.parse::<EnvFilter>() {
        return Err(format!("is not a log filter ({error})"));
    }
    let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
    let mut words = text.split(',').filter(|it| !it.contains(['=', '[']));
    match words.find(|word| !word.is_empty() && !is_level(word)) {
        Some(word) => Err(format!(
            "{word} is not a level such as info; a target takes one, as in {word}=info"
        )),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_is_made_of_levels_and_of_targets_with_a_level() {
        for good in [
            "info",
            "WARN",
            "off",
            "warn,switchroom=debug",
            "info,actix_web::middleware=trace",
            "switchroom[request{id=1}]=trace,error",
        ] {
            assert_eq!(log_filter(good).as_deref(), Ok(good));
        }
        for bad in ["debgu", "switchroom", "info,debgu", "switchroom=debgu", "=", "a=b=c", "[a"] {
            assert!(log_filter(bad).is_err(), "{bad}");
        }
        assert!(log_filter("debgu").unwrap_err().starts_with("debgu is not a level"));
    }
}
