//! The shape of the source: which file may reach into which layer, and what templates may hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest file; tables of messages may be longer.
const LINES_MAX: usize = 600;
/// The longest function.
const FUNCTION_LINES_MAX: usize = 70;

fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| endings.iter().any(|end| it == *end)) {
                let text = std::fs::read_to_string(&path).expect("a text");
                let name = path.strip_prefix(root).expect("below").display().to_string();
                found.push((name, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

fn sources() -> Vec<(String, String)> {
    files("src", &["rs"])
}

/// The program's part of a file: its own tests may reach further.
fn program(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

fn is_one_of(path: &str, homes: &[&str]) -> bool {
    homes.iter().any(|home| match home.strip_suffix('/') {
        Some(folder) => path.starts_with(&format!("src/{folder}/")),
        None if home.contains('/') => path == format!("src/{home}"),
        None => path.rsplit('/').next() == Some(*home),
    })
}

#[test]
fn every_file_stays_in_its_layer() {
    // A name ending in a slash is a folder of src, one with a slash inside a file of src.
    let homes: [(&str, &[&str]); 8] = [
        ("diesel", &["store.rs", "store/", "db/"]),
        ("diesel_migrations", &["db/migrate.rs"]),
        ("askama", &["pages.rs", "pages/", "web/", "notify/email.rs", "notify/email/"]),
        ("lettre", &["notify/relay.rs"]),
        ("reqwest", &["outgoing.rs", "notify/sms/http.rs"]),
        ("openidconnect", &["identities/provider.rs", "identities/provider/"]),
        (
            "actix_web",
            &[
                "startup.rs",
                "web/",
                "pages.rs",
                "pages/",
                "api.rs",
                "owned.rs",
                "error.rs",
                "sessions/backing.rs",
            ],
        ),
        (
            "actix_session",
            &["startup.rs", "web/guard.rs", "pages.rs", "pages/", "sessions/backing.rs"],
        ),
    ];
    for (path, text) in sources() {
        for (name, homes) in homes {
            // The folder beside a file of a layer is of that layer.
            let in_folder =
                |folder| homes.contains(&folder) && path.contains(&format!("/{folder}"));
            let in_folder = in_folder("pages/") || in_folder("store/");
            let uses = format!("use {name}::");
            let reaches = program(&text).lines().any(|line| line.trim_start().starts_with(&uses));
            let statements = ["insert_into", "update(", "delete(", "select(", "sql_query", "dsl::"];
            let reaches = reaches
                || statements.iter().any(|it| program(&text).contains(&format!("{name}::{it}")));
            let is_home = in_folder || is_one_of(&path, homes);
            assert!(is_home || !reaches, "{path} reaches past its layer into {name}");
        }
    }
}

#[test]
fn only_the_database_folder_knows_which_backend_it_is() {
    for (path, text) in sources() {
        if is_one_of(&path, &["db/"]) {
            continue;
        }
        for word in ["SqliteConnection", "PgConnection", "Conn::Sqlite", "Conn::Postgres"] {
            assert!(!program(&text).contains(word), "{path} looks at the backend: {word}");
        }
    }
}

/// What is no noun: layers by their names, and files and folders that are where they are for the
/// input and output they do.
const LAYERS: &[&str] = &[
    "mod.rs",
    "store.rs",
    "actions.rs",
    "pages.rs",
    "pages/",
    "api.rs",
    "acts.rs",
    "act.rs",
    "owned.rs",
    "private.rs",
    "cli/",
    "db/",
    "web/",
    "clock.rs",
    "config/layers.rs",
    "demo/load.rs",
    "jobs/runner.rs",
    "notify/relay.rs",
    "notify/worker.rs",
    "services.rs",
    "sessions/backing.rs",
    "startup.rs",
    "step_up/registry.rs",
    "upkeep.rs",
];

#[test]
fn nouns_do_no_input_and_output() {
    let in_folder = |path: &str| path.contains("/pages/") || path.contains("/actions/");
    let is_layer = |path: &str| is_one_of(path, LAYERS) || in_folder(path);
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_layer(path)) {
        let text = program(&text);
        for word in ["crate::services", "std::fs", "std::net::Tcp", "Clock::", "Random::system"] {
            assert!(!text.contains(word), "{path} does I/O: {word}");
        }
        let mut names = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(!names.any(|name| name == "Db"), "{path} has the database in reach");
    }
}

#[test]
fn handlers_open_no_transaction_and_statements_are_not_put_together_from_text() {
    for (path, text) in sources() {
        let text = program(&text);
        let flat: String = text.split_whitespace().collect();
        assert!(
            !flat.contains("sql_query(format!") && !flat.contains("sql_query(&format!"),
            "{path}"
        );
        let begins = [".transaction(", "begin_transaction(", ".immediate_transaction("];
        let has = begins.iter().any(|word| text.contains(word));
        assert!(!has || path == "src/db/conn.rs", "{path} opens a transaction");
    }
}

#[test]
fn the_environment_and_the_clock_are_read_in_one_place() {
    for (path, text) in sources() {
        let text = program(&text);
        let reads = ["env::var", "env::vars"].iter().any(|word| text.contains(word));
        assert!(!reads || path == "src/cli/mod.rs", "{path} reads the environment");
        let asks = ["Timestamp::now", "SystemTime::now", "Zoned::now"];
        let asks = asks.iter().any(|word| text.contains(word));
        assert!(!asks || path == "src/clock.rs", "{path} asks for the time");
    }
}

#[test]
fn commands_print_in_one_place_which_does_not_panic() {
    for (path, text) in sources() {
        let prints =
            ["println!", "print!", "dbg!"].iter().any(|word| program(&text).contains(word));
        assert!(!prints || path == "src/cli/output.rs", "{path} prints past cli/output.rs");
    }
}

#[test]
fn templates_hold_no_inline_style_or_script_and_escape_everything() {
    for (path, text) in files("templates", &["html"]) {
        for word in [
            "|safe",
            "| safe",
            "style=",
            "<style",
            "onclick=",
            "onsubmit=",
            "onchange=",
            "javascript:",
            "http://",
            "https://",
        ] {
            assert!(!text.contains(word), "{path} holds {word}");
        }
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, text.matches("<script src=").count(), "{path} has an inline script");
    }
}

#[test]
fn files_are_short_enough_to_be_read_at_once() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, path)| *lines > 400 && !path.starts_with("src/i18n/"))
        .collect();
    for (lines, path) in &long {
        println!("{path}: {lines} lines");
    }
    let too_long: Vec<_> = long.into_iter().filter(|(lines, _)| *lines > LINES_MAX).collect();
    assert!(too_long.is_empty(), "more than {LINES_MAX} lines: {too_long:?}");
}

/// The functions of a file with how many lines each takes. What rustfmt has formatted ends a
/// function with a brace that stands as far in as its first line.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some((before, name)) = line.split_once("fn ") else { continue };
        let is_head = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || word == "const" || word == "async");
        if !is_head || line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        let name = name.split(['(', '<']).next().unwrap_or_default();
        let margin = &line[..line.len() - line.trim_start().len()];
        let end = format!("{margin}}}");
        if let Some(length) = lines[start..].iter().position(|line| *line == end) {
            found.push((name, length + 1));
        }
    }
    found
}

#[test]
fn functions_are_short_enough_to_be_understood_at_once() {
    let sources = sources();
    let all: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| {
            functions(text).into_iter().map(move |(name, lines)| (lines, name, path))
        })
        .collect();
    assert!(all.len() > 1_000, "functions are found: {}", all.len());
    let too_long: Vec<_> =
        all.into_iter().filter(|(lines, ..)| *lines > FUNCTION_LINES_MAX).collect();
    assert!(too_long.is_empty(), "more than {FUNCTION_LINES_MAX} lines: {too_long:#?}");
}

/// The name at the start of an entry of a table of messages: `name = "…` or `name(args) = "…`.
fn message(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let name =
        line.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).next()?;
    let rest = line.strip_prefix(name)?;
    let starts = rest.starts_with(" = ") || (rest.starts_with('(') && rest.contains(") ="));
    (!name.is_empty() && starts && !line.starts_with("let ")).then_some(name)
}

#[test]
fn every_message_is_said_somewhere() {
    let tables = files("src/i18n", &["rs"]);
    let in_tables = |path: &str| path != "src/i18n/mod.rs" && path != "src/i18n/table.rs";
    let names: BTreeSet<&str> = tables
        .iter()
        .filter(|(path, _)| in_tables(path))
        .flat_map(|(_, text)| text.lines().filter_map(message))
        .collect();
    assert!(names.len() > 100, "the tables are read: {names:?}");
    let everything: String = sources()
        .into_iter()
        .chain(files("templates", &["html", "txt"]))
        .map(|(_, text)| text)
        .collect();

    let is_said = |name: &str| {
        everything.contains(&format!(".{name}(")) || everything.contains(&format!("Texts::{name}"))
    };
    let unsaid: Vec<_> = names.into_iter().filter(|name| !is_said(name)).collect();
    assert!(unsaid.is_empty(), "said nowhere: {unsaid:?}");
}

#[test]
fn every_macro_is_called_somewhere() {
    let templates = files("templates", &["html"]);
    let everything: String = templates.iter().map(|(_, text)| text.as_str()).collect();
    let definitions = everything.lines().filter_map(|line| line.strip_prefix("{%- macro "));
    let names: BTreeSet<&str> = definitions.filter_map(|it| Some(it.split_once('(')?.0)).collect();
    assert!(names.len() > 20, "the macros are read: {names:?}");

    // From another file, or from beside it.
    let is_called = |name: &str| {
        let calls = [format!("::{name}("), format!("{{ {name}(")];
        calls.iter().any(|call| everything.contains(call))
    };
    let idle: Vec<_> = names.into_iter().filter(|name| !is_called(name)).collect();
    assert!(idle.is_empty(), "called nowhere: {idle:?}");
}

#[test]
fn every_problem_can_come_up() {
    let sources = sources();
    let (_, problems) = sources.iter().find(|(path, _)| path == "src/problem.rs").expect("a file");
    let of_enum = |head: &str| {
        let body = problems.split(head).nth(1).and_then(|it| it.split("\n}").next());
        let variants = body.expect("an enum").lines().filter_map(|line| {
            let name = line.strip_prefix("    ")?.split([',', '{', ' ', '(']).next()?;
            name.starts_with(|c: char| c.is_ascii_uppercase()).then_some(name)
        });
        variants.collect::<Vec<_>>()
    };
    let variants = [of_enum("pub enum Problem {"), of_enum("pub enum TeamProblem {")].concat();
    assert!(variants.len() > 20, "the problems are read: {variants:?}");

    let told = |path: &str| path != "src/i18n/problems.rs" && path != "src/problem.rs";
    let others: String =
        sources.iter().filter(|(path, _)| told(path)).map(|(_, text)| program(text)).collect();
    let own = program(problems).split("pub enum Problem {").nth(1).expect("functions");
    let comes_up =
        |name: &&str| [&others, own].iter().any(|text| text.contains(&format!("Problem::{name}")));
    let idle: Vec<_> = variants.into_iter().filter(|name| !comes_up(name)).collect();
    assert!(idle.is_empty(), "never comes up: {idle:?}");
}
