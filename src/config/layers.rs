//! Where the text of a setting comes from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::settings::{Settings, parse};
use super::table::{TABLE, nearest};

/// What every environment variable begins with.
const PREFIX: &str = "SWITCHROOM_";
/// The file that is read when it is there.
pub const FILE: &str = "switchroom.toml";

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
    pub environment: Vec<(OsString, OsString)>,
    /// The file that `--config` names; otherwise [`FILE`] when it exists.
    pub file: Option<PathBuf>,
    /// Other defaults than the table's, by key.
    pub defaults: BTreeMap<&'static str, String>,
}

/// A resolved value and where it came from.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) source: String,
}

/// Values by the keys of their settings.
pub(super) type Values = BTreeMap<&'static str, Value>;

/// The settings with the layer each came from.
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    values: Values,
}

impl Layers {
    /// Resolves and parses all settings.
    ///
    /// # Errors
    /// Every problem there is, a line each.
    pub fn load(self) -> Result<Loaded, Problems> {
        let (mut values, mut problems) = (Values::new(), Vec::new());
        let layers =
            [self.read_defaults(), self.read_file(), self.read_environment(), self.read_flags()];
        for layer in layers {
            values.extend(layer.values);
            problems.extend(layer.problems);
        }
        let settings = parse(&values, &mut problems);
        match settings {
            Some(settings) if problems.is_empty() => Ok(Loaded { settings, values }),
            _ => Err(Problems(problems)),
        }
    }

    fn read_defaults(&self) -> Layer {
        let mut layer = Layer::default();
        for row in TABLE {
            let text = self.defaults.get(row.key).map_or(row.default, String::as_str);
            layer.set(row.key, text.to_owned(), "default");
        }
        layer
    }

    fn read_file(&self) -> Layer {
        let mut layer = Layer::default();
        let path = match &self.file {
            Some(path) => path.as_path(),
            None if Path::new(FILE).exists() => Path::new(FILE),
            None => return layer,
        };
        let shown = path.display();
        let table = std::fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string()));
        let table = match table {
            Ok(table) => table,
            Err(error) => {
                layer.problems.push(format!("{shown}: {error}"));
                return layer;
            }
        };
        for (key, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                other => {
                    let what = format!("{shown}: {key} cannot be {}", other.type_str());
                    layer.problems.push(what);
                    continue;
                }
            };
            layer.set(&key, text, &format!("{shown}: {key}"));
        }
        layer
    }

    /// Reads our part of the environment; what others keep in theirs need not even be text.
    fn read_environment(&self) -> Layer {
        let mut layer = Layer::default();
        for (name, text) in &self.environment {
            let name = name.to_string_lossy();
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            match text.to_str() {
                Some(text) => layer.set(&key.to_lowercase(), text.to_owned(), &name),
                None => layer.problems.push(format!("{name}: is not UTF-8")),
            }
        }
        layer
    }

    fn read_flags(&self) -> Layer {
        let mut layer = Layer::default();
        for (key, text) in &self.flags {
            layer.set(key, text.clone(), &format!("--{}", key.replace('_', "-")));
        }
        layer
    }
}

/// What one layer sets, each setting once, and what is wrong with it.
#[derive(Default)]
struct Layer {
    values: Values,
    problems: Vec<String>,
}

impl Layer {
    /// Sets a value by its key or by the key of its `_FILE` twin.
    fn set(&mut self, key: &str, text: String, source: &str) {
        let find = |key: &str| TABLE.iter().find(|row| row.key == key);
        if let Some(row) = find(key) {
            self.put(row.key, text, source);
        } else if let Some(row) = key.strip_suffix("_file").and_then(find) {
            match std::fs::read_to_string(&text) {
                Ok(content) => {
                    self.put(row.key, content.trim_end_matches(['\r', '\n']).to_owned(), source);
                }
                Err(error) => self.problems.push(format!("{source}: {text}: {error}")),
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
            self.problems.push(format!("{source} is not a setting{hint}"));
        }
    }

    /// Notes a value; a second one for the same setting is a problem, since neither is stronger.
    fn put(&mut self, key: &'static str, text: String, source: &str) {
        let value = Value { text, source: source.to_owned() };
        let Some(before) = self.values.insert(key, value) else { return };
        let mut both = [before.source.as_str(), source];
        both.sort_unstable();
        self.problems.push(format!("{} are both set; keep one", both.join(" and ")));
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
    use crate::secret::Secret;

    fn layers(environment: &[(&str, &str)]) -> Layers {
        let environment =
            environment.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        Layers { environment, ..Layers::default() }
    }

    fn complaint(layers: Layers) -> String {
        layers.load().err().expect("problems").to_string()
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
        let problems = complaint(layers(&[
            ("SWITCHROOM_LISTEN", "nowhere"),
            ("SWITCHROOM_DATABSE_URL", "sqlite:x"),
            ("SWITCHROOM_DATABASE_URL", "mysql://x"),
            ("SWITCHROOM_MASTER_KEY", "short"),
            ("SWITCHROOM_BASE_URL", "https://x.test/console"),
            ("SWITCHROOM_TRUSTED_PROXIES", "10.0.0.0/40"),
            ("SWITCHROOM_MAIL_FROM", "Switchroom"),
            ("SWITCHROOM_LOG", "debgu"),
            ("PATH", "/bin"),
        ]));

        insta::assert_snapshot!(problems, @r"
        SWITCHROOM_DATABSE_URL is not a setting; did you mean SWITCHROOM_DATABASE_URL?
        SWITCHROOM_LISTEN: is not an address and port such as 127.0.0.1:8080
        SWITCHROOM_BASE_URL: must end after host and port: the console lives at the root
        SWITCHROOM_DATABASE_URL: must begin with sqlite: or postgres://
        SWITCHROOM_MASTER_KEY: is not 32 bytes of base64
        SWITCHROOM_MAIL_FROM: is not an e-mail address such as switchroom@example.com
        SWITCHROOM_TRUSTED_PROXIES: 10.0.0.0/40 is not a network such as 10.0.0.0/8
        SWITCHROOM_LOG: debgu is not a level such as info; a target takes one, as in debgu=info
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
    fn a_provider_is_named_with_all_it_needs_or_not_at_all() {
        let problems = complaint(layers(&[("SWITCHROOM_OIDC_ISSUER", "https://id.example.com")]));
        insta::assert_snapshot!(problems, @"oidc_client_id: must be set where SWITCHROOM_OIDC_ISSUER is");
        let problems = complaint(layers(&[
            ("SWITCHROOM_OIDC_CLIENT_ID", "console"),
            ("SWITCHROOM_OIDC_CLIENT_SECRET", "hunter2"),
            ("SWITCHROOM_OIDC_NAME", "Team"),
        ]));
        insta::assert_snapshot!(problems, @r"
        SWITCHROOM_OIDC_CLIENT_ID: needs SWITCHROOM_OIDC_ISSUER
        SWITCHROOM_OIDC_CLIENT_SECRET: needs SWITCHROOM_OIDC_ISSUER
        SWITCHROOM_OIDC_NAME: needs SWITCHROOM_OIDC_ISSUER
        ");
        let problems = complaint(layers(&[("SWITCHROOM_OIDC_ISSUER", "http://id.example.com")]));
        insta::assert_snapshot!(problems, @"SWITCHROOM_OIDC_ISSUER: must begin with https://: http:// is for this machine");

        assert!(layers(&[]).load().unwrap().settings.oidc.is_none());
        let loaded = layers(&[
            ("SWITCHROOM_OIDC_ISSUER", "https://id.example.com/"),
            ("SWITCHROOM_OIDC_CLIENT_ID", "console"),
            ("SWITCHROOM_OIDC_CLIENT_SECRET", "hunter2"),
        ])
        .load()
        .unwrap();
        let oidc = loaded.settings.oidc.as_ref().unwrap();
        assert_eq!((&*oidc.issuer, &*oidc.name), ("https://id.example.com/", "id.example.com"));
        assert_eq!(oidc.secret().map(Secret::expose), Some("hunter2"));
        let shown = loaded.show();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("oidc_client_secret = \"********\""), "{shown}");
    }

    #[test]
    fn what_is_wrong_with_a_gateway_is_said_without_its_secrets() {
        for (url, said) in [
            (
                "https://AC1:hunter2@sms.test",
                "must be a URL that begins with twilio://, tencent:// or webhook+https://",
            ),
            ("twilio://AC1:hunter2@sms.test", "needs the option from"),
            (
                "twilio://AC1:hunter2@sms.test?from=a&tls=off",
                "would send its secrets in the clear: tls=off is for this machine",
            ),
            ("tencent://id:hunter2@sms.test?sdk_app_id=1&sign=x", "needs the option template"),
            (
                "webhook+https://sms.test/?secret=hunter2",
                "has a secret that is not whsec_ and 24 to 64 bytes of base64",
            ),
        ] {
            let problem = complaint(layers(&[("SWITCHROOM_SMS_URL", url)]));
            assert_eq!(problem, format!("SWITCHROOM_SMS_URL: {said}"));
        }
        let problems = complaint(layers(&[
            ("SWITCHROOM_SMS_BUDGET", "lots"),
            ("SWITCHROOM_SMS_COUNTRIES", "+86,CN"),
        ]));
        insta::assert_snapshot!(problems, @r"
        SWITCHROOM_SMS_BUDGET: is not a number from 0 to 1000000
        SWITCHROOM_SMS_COUNTRIES: CN is not a prefix such as +86
        ");
        let url = "twilio://AC1:hunter2@sms.test?from=%2B15550100";
        let loaded = layers(&[("SWITCHROOM_SMS_URL", url)]).load().unwrap();
        assert!(!loaded.show().contains("hunter2"));
        assert_eq!(loaded.settings.sms_budget, 500);
    }

    #[test]
    fn a_setting_and_its_twin_in_one_layer_are_a_problem_in_either_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("level");
        std::fs::write(&path, "warn").unwrap();
        let mut both =
            [("SWITCHROOM_LOG", "info"), ("SWITCHROOM_LOG_FILE", path.to_str().unwrap())];
        for _ in 0..2 {
            let said = complaint(layers(&both));
            assert_eq!(said, "SWITCHROOM_LOG and SWITCHROOM_LOG_FILE are both set; keep one");
            both.reverse();
        }

        let file = folder.path().join("s.toml");
        std::fs::write(&file, format!("log_file = {path:?}")).unwrap();
        let settings = Layers { file: Some(file), ..layers(&both[..1]) }.load().unwrap().settings;
        assert_eq!(settings.log, "info", "the environment is stronger than the file");
    }

    #[cfg(unix)]
    #[test]
    fn only_our_part_of_the_environment_must_be_text() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = OsString::from_vec(vec![0xff]);
        let others = vec![("FOO".into(), bytes.clone()), (bytes.clone(), bytes.clone())];
        assert!(Layers { environment: others, ..Layers::default() }.load().is_ok());

        let ours = vec![("SWITCHROOM_LOG".into(), bytes)];
        let said = complaint(Layers { environment: ours, ..Layers::default() });
        assert_eq!(said, "SWITCHROOM_LOG: is not UTF-8");
    }

    #[test]
    fn another_default_is_still_the_weakest() {
        let defaults = BTreeMap::from([("log", "warn".to_owned())]);
        let log = |layers: Layers| {
            let layers = Layers { defaults: defaults.clone(), ..layers };
            layers.load().unwrap().settings.log
        };
        assert_eq!(log(layers(&[])), "warn");
        assert_eq!(log(layers(&[("SWITCHROOM_LOG", "debug")])), "debug");
    }
}
