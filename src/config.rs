//! Settings: flag over environment over file over default, all problems reported at once.
//!
//! Each setting has one row in [`TABLE`]; a name that is not there stops the start, and so does
//! a value that does not parse. A setting may also be read from the file that its `_FILE` twin
//! names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;

use crate::db::DatabaseUrl;
use crate::secret::Secret;

/// What every environment variable begins with.
const PREFIX: &str = "SWITCHROOM_";
/// The file that is read when it is there.
pub const FILE: &str = "switchroom.toml";

struct Row {
    /// Key in the file; in the environment with prefix and in capitals.
    key: &'static str,
    default: &'static str,
    /// Whether `config show` hides it.
    is_secret: bool,
}

const fn row(key: &'static str, default: &'static str) -> Row {
    Row { key, default, is_secret: false }
}

const fn secret(key: &'static str) -> Row {
    Row { key, default: "", is_secret: true }
}

const TABLE: &[Row] = &[
    row("listen", "127.0.0.1:8080"),
    row("base_url", ""),
    row("database_url", "sqlite:data/switchroom.db"),
    row("database_connections", "8"),
    secret("master_key"),
    row("master_key_path", "data/master.key"),
    secret("smtp_url"),
    row("mail_from", "switchroom@localhost"),
    secret("sms_url"),
    row("trusted_proxies", ""),
    row("metrics_allowed", ""),
    row("workers", "0"),
    row("log", "info"),
    row("log_format", "text"),
];

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
    /// The sender of mail.
    pub mail_from: String,
    /// The gateway for text messages.
    pub sms_url: Option<Secret>,
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

/// IP networks in CIDR notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    fn parse(text: &str) -> Result<Self, String> {
        text.split([',', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (address, bits) = match part.split_once('/') {
                    Some((address, bits)) => (address, bits.parse().ok()),
                    None => (part, Some(u8::MAX)),
                };
                let address: IpAddr =
                    address.parse().map_err(|_| format!("{part} is not an address"))?;
                let width = if address.is_ipv4() { 32 } else { 128 };
                match bits {
                    Some(u8::MAX) => Ok((address, width)),
                    Some(bits) if bits <= width => Ok((address, bits)),
                    _ => Err(format!("{part} is not a network such as 10.0.0.0/8")),
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether no network is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address lies in one of them.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| match (network.to_canonical(), address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        })
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Problems(Vec<String>);

/// Where settings come from, strongest first.
#[derive(Default)]
pub struct Layers {
    /// Flags of the command line, by key.
    pub flags: BTreeMap<&'static str, String>,
    /// Variables of the environment.
    pub environment: Vec<(String, String)>,
    /// The file that `--config` names; otherwise [`FILE`] when it exists.
    pub file: Option<PathBuf>,
}

/// A resolved value and where it came from.
struct Value {
    text: String,
    source: String,
}

/// The settings with the layer each came from.
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    values: BTreeMap<&'static str, Value>,
}

impl Layers {
    /// Resolves and parses all settings.
    ///
    /// # Errors
    /// Every problem there is, a line each.
    pub fn load(self) -> Result<Loaded, Problems> {
        let mut problems = Vec::new();
        let mut values: BTreeMap<&'static str, Value> = TABLE
            .iter()
            .map(|row| (row.key, Value { text: row.default.into(), source: "default".into() }))
            .collect();
        self.read_file(&mut values, &mut problems);
        self.read_environment(&mut values, &mut problems);
        for (key, text) in self.flags {
            let flag = key.replace('_', "-");
            values.insert(key, Value { text, source: format!("--{flag}") });
        }
        let settings = parse(&values, &mut problems);
        match settings {
            Some(settings) if problems.is_empty() => Ok(Loaded { settings, values }),
            _ => Err(Problems(problems)),
        }
    }

    fn read_file(&self, values: &mut BTreeMap<&'static str, Value>, problems: &mut Vec<String>) {
        let path = match &self.file {
            Some(path) => path.as_path(),
            None if Path::new(FILE).exists() => Path::new(FILE),
            None => return,
        };
        let shown = path.display();
        let table = std::fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string()));
        let table = match table {
            Ok(table) => table,
            Err(error) => return problems.push(format!("{shown}: {error}")),
        };
        for (key, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                other => {
                    problems.push(format!("{shown}: {key} cannot be {}", other.type_str()));
                    continue;
                }
            };
            set(&key, text, &format!("{shown}: {key}"), values, problems);
        }
    }

    fn read_environment(
        &self,
        values: &mut BTreeMap<&'static str, Value>,
        problems: &mut Vec<String>,
    ) {
        for (name, text) in &self.environment {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            set(&key.to_lowercase(), text.clone(), name, values, problems);
        }
    }
}

/// Sets a value by its key or by the key of its `_FILE` twin.
fn set(
    key: &str,
    text: String,
    source: &str,
    values: &mut BTreeMap<&'static str, Value>,
    problems: &mut Vec<String>,
) {
    let find = |key: &str| TABLE.iter().find(|row| row.key == key);
    if let Some(row) = find(key) {
        values.insert(row.key, Value { text, source: source.into() });
    } else if let Some(row) = key.strip_suffix("_file").and_then(find) {
        match std::fs::read_to_string(&text) {
            Ok(content) => {
                let text = content.trim_end_matches(['\r', '\n']).to_owned();
                values.insert(row.key, Value { text, source: source.into() });
            }
            Err(error) => problems.push(format!("{source}: {text}: {error}")),
        }
    } else {
        let hint = nearest(key).map_or(String::new(), |near| {
            let near = if source.starts_with(PREFIX) {
                format!("{PREFIX}{}", near.to_uppercase())
            } else {
                near.to_owned()
            };
            format!("; did you mean {near}?")
        });
        problems.push(format!("{source} is not a setting{hint}"));
    }
}

/// The known key that a mistyped one is closest to.
fn nearest(key: &str) -> Option<&'static str> {
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

fn parse(values: &BTreeMap<&'static str, Value>, problems: &mut Vec<String>) -> Option<Settings> {
    let text = |key: &str| values.get(key).map_or("", |value| value.text.trim());
    let blame = |key: &str, what: String| {
        let source = values.get(key).map_or(key, |value| value.source.as_str());
        let source = if source == "default" { key } else { source };
        format!("{source}: {what}")
    };
    let mut note = |key: &str, what: String| problems.push(blame(key, what));

    let listen = text("listen").parse::<SocketAddr>().map_err(|_| {
        note("listen", "is not an address and port such as 127.0.0.1:8080".into());
    });
    let base_url = match text("base_url") {
        "" => match &listen {
            Ok(listen) => Ok(format!("http://{listen}")),
            Err(()) => Err(()),
        },
        url => web_url(url).map_err(|what| note("base_url", what)),
    };
    let database_url =
        DatabaseUrl::parse(text("database_url")).map_err(|what| note("database_url", what));
    let mut number = |key: &str, least: u32, most: u32| {
        let value = text(key).parse().ok().filter(|n| (least..=most).contains(n));
        value.ok_or_else(|| note(key, format!("is not a number from {least} to {most}")))
    };
    let database_connections = number("database_connections", 1, 200);
    let workers = number("workers", 0, 256);
    let optional = |key: &str| {
        let text = text(key);
        (!text.is_empty()).then(|| Secret::new(text.to_owned()))
    };
    let master_key = optional("master_key");
    if let Some(key) = &master_key
        && crate::vault::MasterKey::parse(key.expose()).is_none()
    {
        note("master_key", "is not 32 bytes of base64".into());
    }
    let smtp_url = optional("smtp_url");
    check_scheme(smtp_url.as_ref(), &["smtp", "smtps"], |what| note("smtp_url", what));
    let sms_url = optional("sms_url");
    check_scheme(sms_url.as_ref(), &["twilio", "tencent", "webhook+https"], |what| {
        note("sms_url", what);
    });
    let trusted_proxies =
        Networks::parse(text("trusted_proxies")).map_err(|what| note("trusted_proxies", what));
    let metrics_allowed =
        Networks::parse(text("metrics_allowed")).map_err(|what| note("metrics_allowed", what));
    let log = text("log").to_owned();
    if let Err(error) = log.parse::<tracing_subscriber::EnvFilter>() {
        note("log", format!("is not a log filter ({error})"));
    }
    let log_json = match text("log_format") {
        "text" => Ok(false),
        "json" => Ok(true),
        _ => {
            note("log_format", "must be text or json".into());
            Err(())
        }
    };
    Some(Settings {
        listen: listen.ok()?,
        base_url: base_url.ok()?,
        database_url: database_url.ok()?,
        database_connections: database_connections.ok()?,
        master_key,
        master_key_path: text("master_key_path").into(),
        smtp_url,
        mail_from: text("mail_from").to_owned(),
        sms_url,
        trusted_proxies: trusted_proxies.ok()?,
        metrics_allowed: metrics_allowed.ok()?,
        workers: workers.ok()? as usize,
        log,
        log_json: log_json.ok()?,
    })
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

fn check_scheme(url: Option<&Secret>, schemes: &[&str], note: impl FnOnce(String)) {
    let Some(url) = url else { return };
    let known = Url::parse(url.expose()).is_ok_and(|url| schemes.contains(&url.scheme()));
    if !known {
        note(format!("must be a URL that begins with {}://", schemes.join(":// or ")));
    }
}

impl Loaded {
    /// The settings in force, one a line, secrets masked, with the layer each came from.
    #[must_use]
    pub fn show(&self) -> String {
        let mut out = String::new();
        for row in TABLE {
            let Some(value) = self.values.get(row.key) else { continue };
            let text = match row.key {
                "base_url" => self.settings.base_url.clone(),
                "database_url" => self.settings.database_url.to_string(),
                _ if row.is_secret && !value.text.is_empty() => "********".to_owned(),
                _ => value.text.clone(),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{} = {text:?}  # {}", row.key, value.source);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(environment: &[(&str, &str)]) -> Layers {
        let environment =
            environment.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        Layers { environment, ..Layers::default() }
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = layers(&[]).load().unwrap().settings;

        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.base_url, "http://127.0.0.1:8080");
        assert_eq!(settings.database_url.to_string(), "sqlite:data/switchroom.db");
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.toml");
        std::fs::write(&file, "listen = '1.1.1.1:1'\nlog = 'warn'\nlog_format = 'json'").unwrap();
        let mut layers = layers(&[("SWITCHROOM_LISTEN", "2.2.2.2:2"), ("SWITCHROOM_LOG", "debug")]);
        layers.file = Some(file);
        layers.flags.insert("listen", "3.3.3.3:3".into());
        let settings = layers.load().unwrap().settings;

        assert_eq!(settings.listen.to_string(), "3.3.3.3:3");
        assert_eq!(settings.log, "debug");
        assert!(settings.log_json);
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let problems = layers(&[
            ("SWITCHROOM_LISTEN", "nowhere"),
            ("SWITCHROOM_DATABSE_URL", "sqlite:x"),
            ("SWITCHROOM_DATABASE_URL", "mysql://x"),
            ("SWITCHROOM_MASTER_KEY", "short"),
            ("SWITCHROOM_BASE_URL", "https://x.test/console"),
            ("SWITCHROOM_TRUSTED_PROXIES", "10.0.0.0/40"),
            ("PATH", "/bin"),
        ])
        .load()
        .err()
        .unwrap()
        .to_string();

        insta::assert_snapshot!(problems, @r"
        SWITCHROOM_DATABSE_URL is not a setting; did you mean SWITCHROOM_DATABASE_URL?
        SWITCHROOM_LISTEN: is not an address and port such as 127.0.0.1:8080
        SWITCHROOM_BASE_URL: must end after host and port: the console lives at the root
        SWITCHROOM_DATABASE_URL: must begin with sqlite: or postgres://
        SWITCHROOM_MASTER_KEY: is not 32 bytes of base64
        SWITCHROOM_TRUSTED_PROXIES: 10.0.0.0/40 is not a network such as 10.0.0.0/8
        ");
    }

    #[test]
    fn secrets_come_from_files_too_and_are_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        std::fs::write(&file, format!("{key}\n")).unwrap();
        let loaded = layers(&[
            ("SWITCHROOM_MASTER_KEY_FILE", file.to_str().unwrap()),
            ("SWITCHROOM_DATABASE_URL", "postgres://me:hunter2@db/console"),
        ])
        .load()
        .unwrap();

        assert_eq!(loaded.settings.master_key.as_ref().unwrap().expose(), key);
        let shown = loaded.show();
        assert!(!shown.contains("AAAA") && !shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("master_key = \"********\"  # SWITCHROOM_MASTER_KEY_FILE"));
    }

    #[test]
    fn networks_contain_their_addresses_only() {
        let networks = Networks::parse("10.0.0.0/8, ::1 192.168.1.7,0.0.0.0/32").unwrap();
        for (address, inside) in [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.0.0.1", true),
            ("::1", true),
            ("::2", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
        ] {
            assert_eq!(networks.contain(address.parse().unwrap()), inside, "{address}");
        }
        assert!(Networks::parse("0.0.0.0/0").unwrap().contain("9.9.9.9".parse().unwrap()));
    }
}
