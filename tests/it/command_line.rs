//! The program itself: its commands, its settings, the demonstration.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use diesel::RunQueryDsl as _;
use rstest::rstest;
use serde_json::Value;
use switchroom::clock::{Clock, Zone};
use tempfile::TempDir;

use crate::support::app::MASTER_KEY;
use crate::support::db::{self, Database, Filling};
use crate::support::{Backend, Postgres, Request, Sqlite};

/// The program in a folder of its own, with nothing of our environment.
struct Host {
    folder: TempDir,
    database: String,
}

impl Host {
    fn new(database: String) -> Self {
        Self { folder: TempDir::new().expect("a temporary folder"), database }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchroom"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("SWITCHROOM_LOG", "warn")
            .env("SWITCHROOM_DATABASE_URL", &self.database);
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// What a command prints, which must succeed.
    fn says(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let failure = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {failure}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// How many files and folders stand where it was started.
    fn left_behind(&self) -> usize {
        std::fs::read_dir(self.folder.path()).expect("readable").count()
    }

    /// The exit code and complaint of a command that must not succeed.
    fn fails(&self, arguments: &str) -> (i32, String) {
        let output = self.run(arguments);
        assert!(output.stdout.is_empty(), "{arguments}");
        let complaint = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code().expect("an exit code"), complaint)
    }
}

/// The value of a line `name: value`.
fn line<'t>(text: &'t str, name: &str) -> &'t str {
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    found.unwrap_or_else(|| panic!("no line {name} in {text}"))
}

#[rstest]
fn a_host_makes_operators_workspaces_keys_and_minutes(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(database) = Database::new(on, Filling::Nothing) else { return };
    let host = Host::new(database.url());

    let operator = host.says("operator create --email root@example.com --name Root");
    assert_eq!(line(&operator, "operator"), "1");
    assert_eq!(line(&operator, "password").len(), 24);
    let workspace = host.says("workspace create --name Blue --owner-email root@example.com");
    assert_eq!(workspace, "workspace: 1\n", "the owner has an account, so no password is made");
    let key = host.says("api-key create --workspace 1 --name ci --scope apps:read,tokens:write");
    assert!(key.starts_with("swr_") && key.trim().len() == 47 && key.lines().count() == 1);
    let granted = host.says("minutes grant --workspace 1 --minutes 500 --days 30");
    assert!(granted.starts_with("granted 500 minutes to workspace 1 until "), "{granted}");

    let mut conn = database.connect();
    assert_eq!(db::number(&mut conn, "SELECT SUM(granted) AS n FROM minute_packages"), 1_050_000);
    let ledger = "SELECT kind || ' ' || amount AS text FROM minute_postings ORDER BY position";
    assert_eq!(db::texts(&mut conn, ledger), ["grant 1000000", "grant 50000"]);
    let stored = db::all_rows(&mut conn).join("\n");
    assert!(!stored.contains(key.trim()) && !stored.contains(line(&operator, "password")));
}

#[test]
fn a_password_can_be_piped_in_and_is_checked() {
    let database = Database::new(Sqlite, Filling::Nothing).expect("SQLite is always there");
    let host = Host::new(database.url());
    let pipe = |password: &str| {
        let mut child = host
            .command("operator create --email root@example.com --password-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(password.as_bytes()).expect("written");
        drop(input);
        child.wait_with_output().expect("it ends")
    };

    let refused = pipe("short\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("at least 8 characters"));
    let made = pipe("correct horse battery\n");
    assert_eq!(String::from_utf8_lossy(&made.stdout), "operator: 1\n");
}

#[test]
fn a_workspace_and_its_owner_come_into_being_together_or_not_at_all() {
    let database = Database::new(Sqlite, Filling::Schema).expect("SQLite is always there");
    let host = Host::new(database.url());
    let mut conn = database.connect();
    diesel::sql_query(
        "CREATE TRIGGER no_memberships BEFORE INSERT ON memberships \
         BEGIN SELECT RAISE(ABORT, 'no memberships today'); END",
    )
    .execute(&mut conn)
    .expect("a trigger");

    let (code, said) = host.fails("workspace create --name B --owner-email new@example.com");

    assert!(code == 1 && said.contains("no memberships today"), "{said}");
    assert_eq!(db::number(&mut conn, "SELECT count(*) AS n FROM accounts"), 0);
    diesel::sql_query("DROP TRIGGER no_memberships").execute(&mut conn).expect("dropped");
    let said = host.says("workspace create --name B --owner-email new@example.com");
    assert!(line(&said, "workspace") == "1" && line(&said, "password").len() == 24, "{said}");
}

#[rstest]
fn to_migrate_and_to_list_needs_no_master_key_and_makes_none(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(database) = Database::new(on, Filling::Nothing) else { return };
    let host = Host::new(database.url());

    assert_eq!(host.says("migrate"), "");
    assert_eq!(host.says("app list --json"), "[]\n");
    assert_eq!(host.left_behind(), 0, "no key is made");

    let with_key = host
        .command("operator create --email root@example.com")
        .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&with_key.stderr).into_owned();
    assert_eq!(with_key.status.code(), Some(0), "the first key may still be chosen: {said}");
    assert_eq!(host.says("migrate"), "", "the key is elsewhere");
    assert_eq!(host.says("app list --json"), "[]\n");
}

#[test]
fn folders_that_it_makes_are_nobody_elses() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::new("sqlite:data/below/switchroom.db".into());
    let mode = |name: &str| {
        let folder = std::fs::metadata(host.folder.path().join(name)).expect("a folder");
        folder.permissions().mode() & 0o777
    };
    host.says("operator create --email root@example.com");
    assert_eq!((mode("data"), mode("data/below")), (0o700, 0o700));

    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(host.folder.path().join("data"), open).expect("permissions");
    host.says("migrate");
    assert_eq!(mode("data"), 0o755, "what is there is left as it is");
}

#[test]
fn what_does_not_exist_fails_and_says_so() {
    let database = Database::new(Sqlite, Filling::Schema).expect("SQLite is always there");
    let host = Host::new(database.url());
    for (command, complaint) in [
        ("minutes grant --workspace 9 --minutes 1", "there is no workspace 9"),
        ("api-key create --workspace 9 --name x --scope apps:read", "there is no workspace 9"),
        ("operator create --email nobody", "nobody: Enter an e-mail address"),
        ("app show 1400000001", "there is no app 1400000001"),
        ("workspace create --name B --owner-email a@b.c --time-zone Moon", "Moon is not a time"),
    ] {
        let (code, said) = host.fails(command);
        assert_eq!(code, 1, "{command}: {said}");
        assert!(said.contains(complaint), "{command}: {said}");
    }
    for command in ["serve --port 1", "minutes grant --workspace 1 --minutes 0", "fly", ""] {
        assert_eq!(host.fails(command).0, 2, "{command}");
    }
}

#[test]
fn an_output_that_nobody_reads_changes_no_exit_code() {
    let database = Database::new(Sqlite, Filling::Nothing).expect("SQLite is always there");
    let host = Host::new(database.url());
    let closed = || std::io::pipe().expect("a pipe").1;
    for (command, code) in [
        ("migrate", 0),
        ("config show", 0),
        ("app list", 0),
        ("operator create --email root@example.com", 0),
        ("--help", 0),
        ("app show 1400000001", 1),
        ("token verify usersig --sdk-app-id 1 --key k --token rubbish", 1),
        ("token mint usersig --sdk-app-id 0 --key k --user u", 2),
        ("fly", 2),
    ] {
        let mut command = host.command(command);
        command.env("SWITCHROOM_LOG", "debug").stdout(closed()).stderr(closed());
        let status = command.status().expect("the program runs");
        assert_eq!(status.code(), Some(code), "{command:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let host = Host::new("sqlite:nowhere.db".into());
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let output = host.command("config show").stdout(full).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"));
}

#[test]
fn only_our_part_of_the_environment_must_be_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let host = Host::new("sqlite:nowhere.db".into());
    let bytes = std::ffi::OsStr::from_bytes(b"\xff");
    let code = |name: &str| {
        let output = host.command("config show").env(name, bytes).output();
        output.expect("the program runs").status.code()
    };
    assert_eq!(code("FOO"), Some(0));
    assert_eq!(code("SWITCHROOM_LISTEN"), Some(2));
}

#[test]
fn a_wrong_setting_stops_every_command_and_names_itself() {
    let database = Database::new(Sqlite, Filling::Schema).expect("SQLite is always there");
    let host = Host::new(database.url());
    std::fs::write(host.folder.path().join("switchroom.toml"), "lisen = '127.0.0.1:1'\n")
        .expect("written");
    for command in ["serve", "migrate", "config show", "app list"] {
        let (code, said) = host.fails(command);
        assert_eq!(code, 2, "{command}");
        assert_eq!(said, "switchroom.toml: lisen is not a setting; did you mean listen?\n");
    }

    std::fs::write(host.folder.path().join("switchroom.toml"), "smtp_url = 'smtp://u:pw@h'\n")
        .expect("written");
    let shown = host.says("config show");
    assert!(shown.contains("smtp_url = \"********\"  # switchroom.toml: smtp_url\n"), "{shown}");
    assert!(shown.contains("  # SWITCHROOM_DATABASE_URL\n") && !shown.contains("pw"), "{shown}");
}

#[test]
fn sample_data_is_the_same_for_the_same_seed_and_its_secrets_are_not() {
    let load = |seed: &str| {
        let database = Database::new(Sqlite, Filling::Nothing).expect("SQLite is always there");
        let host = Host::new(database.url());
        let said = host.says(&format!("demo load --apps 5 --days 40 --seed {seed}"));
        let mut conn = database.connect();
        let figures = "SELECT sdk_app_id || ' ' || metric || ' ' || day || ' ' || value AS text \
                       FROM daily_figures ORDER BY 1";
        let listed: Value = serde_json::from_str(&host.says("app list --json")).expect("JSON");
        let again = host.fails("demo load").1;
        assert!(again.contains("loaded already"), "{again}");
        let log = "SELECT position || ' ' || act || ' ' || outcome || ' ' || actor_name || ' ' || \
                     address || ' ' || request_id || ' ' || target_name || ' ' || changes AS text \
                   FROM audit_events WHERE actor_kind = 'person' ORDER BY position";
        let log = db::texts(&mut conn, log);
        assert!(log.len() > 30, "the log looks alive: {log:#?}");
        for wrong in [
            "SELECT count(*) FROM daily_figures f WHERE metric = 'RtcPackageMinutes' AND value <> \
             COALESCE((SELECT -SUM(amount) FROM minute_postings p \
             WHERE p.sdk_app_id = f.sdk_app_id AND p.day = f.day), 0) AND NOT EXISTS \
             (SELECT 1 FROM unsettled_days u WHERE u.sdk_app_id = f.sdk_app_id AND u.day = f.day)",
            "SELECT count(*) FROM minute_packages WHERE remaining <> (SELECT SUM(amount) \
             FROM minute_postings WHERE package_id = minute_packages.id)",
            "SELECT 2 - count(DISTINCT day) FROM unsettled_days WHERE day > date('now', '-4 days')",
        ] {
            let count = db::number(&mut conn, wrong);
            assert!(
                count <= 0 || (wrong.starts_with("SELECT 2") && count == 1),
                "{count}: {wrong}"
            );
        }
        assert!(host.says("audit verify").contains("whole"), "{said}");
        (said, db::texts(&mut conn, figures), listed, log)
    };

    let (first, second, other) = (load("7"), load("7"), load("8"));
    assert_eq!(first.1, second.1);
    assert_ne!(first.1, other.1);
    assert_eq!(first.3, second.3);
    assert_ne!(first.3, other.3);
    assert_eq!(first.2.as_array().map(Vec::len), Some(5), "{}", first.2);
    assert_ne!(line(&first.0, "password"), line(&second.0, "password"));
    assert_ne!(line(&first.0, "api key"), line(&second.0, "api key"));
}

#[test]
fn tokens_are_made_and_checked_without_a_database() {
    let host = Host::new("sqlite:nowhere/at/all.db".into());
    let key = "7d1f5c0e9b3a4826b1c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081920";
    let usersig = format!("usersig --sdk-app-id 1400001234 --key {key} --user alice");
    let token = host.says(&format!("token mint {usersig} --expires-in 60"));
    let claims = host.says(&format!("token verify {usersig} --token {token}"));
    let claims: Value = serde_json::from_str(&claims).expect("JSON");
    assert_eq!(claims["valid"], true);
    assert_eq!(claims["claims"]["user"], "alice");

    let app = "--app-id 0123456789abcdef0123456789abcdef --channel room-1";
    let signed = format!("{app} --certificate fedcba9876543210fedcba9876543210");
    let token = host.says(&format!("token mint access-token {signed} --user bob"));
    let forged = format!("{app} --certificate 00000000000000000000000000000000");
    let refused = host.run(&format!("token verify access-token {forged} --token {token}"));
    assert_eq!(refused.status.code(), Some(1));
    let refused: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(refused["reason"], "bad_signature");
    assert!(!host.folder.path().join("nowhere").exists());
}

/// A program that is stopped with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_first_start_prints_a_set_up_link_whatever_is_logged() {
    let database = Database::new(Sqlite, Filling::Nothing).expect("SQLite is always there");
    let host = Host::new(database.url());
    let mut command = host.command("serve --listen 127.0.0.1:0");
    command.env("SWITCHROOM_LOG", "off").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Running(command.spawn().expect("the program runs"));
    let mut said = String::new();
    let mut output = BufReader::new(child.0.stdout.take().expect("a pipe"));
    output.read_line(&mut said).expect("a line");

    let link = line(&said, "set-up link, good for 24 hours").trim_start_matches("http://");
    let (server, path) = link.split_once('/').expect("a path");
    assert!(path.starts_with("setup?key="), "{link}");
    Request::get(&format!("/{path}")).send(server.parse().expect("an address")).expect(200);
}

#[test]
fn the_demonstration_takes_its_folder_with_it_even_when_it_is_stopped_while_it_loads() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::new(String::new());
    let mut command = host.command("serve --demo --listen 127.0.0.1:0");
    command.env_remove("SWITCHROOM_DATABASE_URL").env("TMPDIR", host.folder.path());
    let mut child = Running(command.stdout(Stdio::null()).spawn().expect("the program runs"));
    let folder = loop {
        let made = std::fs::read_dir(host.folder.path()).expect("readable").next();
        let made = made.map(|entry| entry.expect("an entry").path());
        match made.filter(|made| made.join("switchroom.db").exists()) {
            Some(made) => break made,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mode = std::fs::metadata(&folder).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    let stop = format!("kill -TERM {}", child.0.id());
    let stopped = Command::new("sh").args(["-c", &stop]).status().expect("a shell");
    assert!(stopped.success());
    assert_eq!(child.0.wait().expect("it ends").code(), Some(0));
    assert_eq!(host.left_behind(), 0, "{} is gone", folder.display());
}

#[test]
fn the_demonstration_needs_no_settings_and_says_how_to_get_in() {
    let host = Host::new(String::new());
    let mut command = host.command("serve --demo --listen 127.0.0.1:0");
    command.env_remove("SWITCHROOM_DATABASE_URL").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Running(command.spawn().expect("the program runs"));
    let lines = BufReader::new(child.0.stdout.take().expect("a pipe")).lines();
    let said: Vec<String> = lines.take(4).map(|line| line.expect("a line")).collect();
    let said = said.join("\n");

    let server = line(&said, "url").trim_start_matches("http://").parse().expect("an address");
    assert_eq!(line(&said, "e-mail"), "li.chen@example.com");
    assert!(!line(&said, "password").is_empty());
    let key = line(&said, "api key");
    let apps = Request::get("/v1/apps")
        .header("authorization", format!("Bearer {key}"))
        .send(server)
        .expect(200)
        .json();
    assert_eq!(apps["total"], 12);
    assert_eq!(host.left_behind(), 0, "it touches nothing where it is started");
}

#[rstest]
fn daily_figures_are_checked_and_put_right(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(database) = Database::new(on, Filling::Schema) else { return };
    let host = Host::new(database.url());
    host.says("workspace create --name Alpha --owner-email ada@example.com");
    assert_eq!(host.says("statistics rebuild"), "0 figures of 0 days compared: all right\n");

    let today = Clock::system().now().day(&Zone::utc());
    let conn = &mut database.connect();
    db::run(
        conn,
        &format!(
            "INSERT INTO apps (sdk_app_id, app_id, workspace_id, account_type, name, name_key, \
             scenario, rtc, im, plan, statistics_zone, created_at, changed_at) \
             SELECT 1400000001, 'a', 1, 1, 'Blue', 'blue', 'other', TRUE, TRUE, code, 'UTC', 0, 0 \
             FROM plans LIMIT 1;
             INSERT INTO event_streams (sdk_app_id, newest_at) VALUES (1400000001, 0);
             INSERT INTO event_names (day, sdk_app_id, name, kinds) \
             VALUES ('{today}', 1400000001, 'ana', 1);"
        ),
    );
    let wrong = format!("app 1400000001 {today} ActiveUserNum: 0, counted 1\n");
    let output = host.run("statistics rebuild --check");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(&wrong) && said.ends_with("compared: 2 wrong\n"), "{said}");
    let said = host.says("statistics rebuild --app 1400000001");
    assert!(said.starts_with(&wrong) && said.ends_with("compared: 2 put right\n"), "{said}");
    let json: Value =
        serde_json::from_str(&host.says("statistics rebuild --check --json")).expect("JSON");
    assert_eq!(json["differences"], serde_json::json!([]));
}

#[rstest]
fn the_audit_log_is_verified_and_what_was_done_to_it_is_named(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(database) = Database::new(on, Filling::Schema) else { return };
    let host = Host::new(database.url());
    host.says("workspace create --name Alpha --owner-email ada@example.com");
    host.says("minutes grant --workspace 1 --minutes 7");
    host.says("operator create --email li@example.com");

    let said = host.says("audit verify");
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("workspace 0 installation: whole, 1 events, end 1 "), "{said}");
    assert!(lines[1].starts_with("workspace 1 Alpha: whole, 2 events, end 2 "), "{said}");
    let json: Value = serde_json::from_str(&host.says("audit verify --json")).expect("JSON");
    assert_eq!(json["is_whole"], true);
    assert_eq!(json["workspaces"][1]["name"], "Alpha");
    assert!(lines[1].ends_with(json["workspaces"][1]["hash"].as_str().expect("a hash")));

    let conn = &mut database.connect();
    match on {
        Sqlite => db::run(conn, "DROP TRIGGER audit_events_kept"),
        Postgres => db::run(conn, "DROP TRIGGER audit_events_kept ON audit_events"),
    }
    db::run(
        conn,
        "UPDATE audit_events SET target_name = 'Beta' WHERE workspace_id = 1 AND position = 1",
    );
    let output = host.run("audit verify");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("workspace 0 installation: whole"), "{said}");
    assert!(said.contains("workspace 1 Alpha: NOT WHOLE"), "{said}");
    assert!(said.contains("  altered: event 1\n"), "{said}");
    let output = host.run("audit verify --json");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json["workspaces"][1]["faults"][0]["kind"], "altered");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not whole"));
}
