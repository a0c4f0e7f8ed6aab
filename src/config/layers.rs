//! Where the text of a setting comes from.

use std::collections::BTreeMap;
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
    pub environment: Vec<(String, String)>,
    /// The file that `--config` names; otherwise [`FILE`] when it exists.
    pub file: Option<PathBuf>,
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
        let mut problems = Vec::new();
        let mut values: Values = TABLE
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

    fn read_file(&self, values: &mut Values, problems: &mut Vec<String>) {
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

    fn read_environment(&self, values: &mut Values, problems: &mut Vec<String>) {
        for (name, text) in &self.environment {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            set(&key.to_lowercase(), text.clone(), name, values, problems);
        }
    }
}

/// Sets a value by its key or by the key of its `_FILE` twin.
fn set(key: &str, text: String, source: &str, values: &mut Values, problems: &mut Vec<String>) {
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
            ("SWITCHROOM_MAIL_FROM", "Switchroom"),
            ("SWITCHROOM_LOG", "debgu"),
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
}
