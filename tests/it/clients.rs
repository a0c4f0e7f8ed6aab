//! The programs of `docs/clients`, run as developers run them against the real server, and what tells of them: the
//! documents and the page.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::JoinHandle;

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::clock::Clock;
use switchroom::help::{Client, KINDS, Program};
use switchroom::ids::SdkAppId;
use switchroom::workspaces::Role;
use tempfile::TempDir;

use crate::support::app::ALPHA;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on, is_required};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Events of the sample that each program makes.
const SAMPLE: i64 = 6;

fn folder(client: Client) -> PathBuf {
    Path::new(ROOT).join("docs/clients").join(client.as_str())
}

/// Whether there is what runs the programs of a language; fails where it must be. Go is nowhere needed.
fn is_here(client: Client) -> bool {
    let (program, version) = match client {
        Client::Curl => ("curl", "--version"),
        Client::Python => ("python3", "--version"),
        Client::Node => ("node", "--version"),
        Client::Go => ("go", "version"),
    };
    let here = Command::new(program).arg(version).output().is_ok_and(|ran| ran.status.success());
    assert!(here || client == Client::Go || !is_required("clients"), "{program} is not here");
    if !here {
        eprintln!("SKIPPED: the programs for {program}, which is not here");
    }
    here
}

/// Somebody's machine: a folder, and the variables that the programs read.
struct Machine {
    client: Client,
    folder: TempDir,
    url: String,
    key: String,
    app: String,
}

impl Machine {
    fn new(client: Client, url: &str, key: &str, app: SdkAppId) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { client, folder, url: url.to_owned(), key: key.to_owned(), app: app.to_string() }
    }

    fn of(app: &TestApp, client: Client, scope: ApiScope, of: SdkAppId) -> Self {
        Self::new(client, &app.origin(), app.key(&[scope]).key(), of)
    }

    /// Runs a program with arguments and no more of our environment than it needs.
    fn run(&self, program: Program, arguments: &[&str]) -> Output {
        let file = folder(self.client).join(program.file);
        let mut command = match self.client {
            Client::Curl => Command::new("sh"),
            Client::Python => Command::new("python3"),
            Client::Node => Command::new("node"),
            // `go run` makes every code 1.
            Client::Go => Command::new(self.built(&file)),
        };
        if self.client != Client::Go {
            command.arg(file);
        }
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        for name in ["PATH", "HOME"] {
            command.env(name, std::env::var_os(name).unwrap_or_default());
        }
        command
            .env("SWITCHROOM_URL", &self.url)
            .env("SWITCHROOM_API_KEY", &self.key)
            .env("SWITCHROOM_APP", &self.app);
        command.output().expect("it runs")
    }

    fn built(&self, file: &Path) -> PathBuf {
        let program = self.folder.path().join(file.file_stem().expect("a name"));
        let mut build = Command::new("go");
        build.arg("build").arg("-o").arg(&program).arg(file).current_dir(self.folder.path());
        assert!(build.status().expect("it runs").success(), "{} does not compile", file.display());
        program
    }

    fn report(&self, batch: &str) -> Output {
        self.run(self.client.report(), &[batch])
    }

    fn write(&self, batch: &str, events: &Value) {
        let text = json!({"events": events}).to_string();
        std::fs::write(self.folder.path().join(batch), text).expect("written");
    }
}

/// What a program said, after the exit code that it must have.
#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let all = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{all}");
    all
}

/// The server with the clock of the machine that the programs look at, and an app.
fn now_on(backend: Backend) -> Option<(TestApp, SdkAppId)> {
    let app = app_on(backend)?.adjusted(|services| services.clock = Clock::system());
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    Some((app, blue))
}

/// Sums of figures over the last days, between two of which the programs may have run.
fn figures(reader: &Actor<'_>, app: SdkAppId) -> Vec<(&'static str, i64)> {
    let wanted = [
        ("overview", "ActiveUserNum"),
        ("overview", "RegistUserNumOneDay"),
        ("overview", "MaxOnlineNum"),
        ("overview", "LoginTimes"),
        ("c2c", "C2CUpMsgNum"),
        ("c2c", "C2CDownMsgNum"),
        ("rtc", "RtcUserNum"),
        ("rtc", "RtcHdMinutes"),
    ];
    let sum = |(tab, metric): (&str, &'static str)| {
        let tab = reader.get(&format!("/v1/apps/{app}/statistics/{tab}")).expect(200).json();
        let days = tab["days"].as_array().expect("days").clone();
        (metric, days.iter().map(|day| day[metric].as_i64().expect(metric)).sum())
    };
    wanted.map(sum).to_vec()
}

#[rstest]
fn what_a_program_reports_is_counted_once_however_often_it_runs(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(Client::Curl, Client::Python, Client::Node, Client::Go)] client: Client,
) {
    if !is_here(client) {
        return;
    }
    let Some((app, blue)) = now_on(on) else { return };
    let machine = Machine::of(&app, client, ApiScope::EventsWrite, blue);
    let reader = app.key(&[ApiScope::StatisticsRead]);

    let first = said(&machine.report("node1-000017.json"), 0);

    assert!(
        first.contains(&SAMPLE.to_string()) && first.to_lowercase().contains("false"),
        "{first}"
    );
    let counted = figures(&reader, blue);
    let expected = [1, 1, 42, 1, 1, 1, 1, 1];
    assert_eq!(
        counted.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
        expected,
        "{counted:?}"
    );
    assert_eq!(app.count("SELECT count(*) AS n FROM event_batches"), 1);

    let again = said(&machine.report("node1-000017.json"), 0);
    assert!(again.to_lowercase().contains("true"), "{again}");
    assert_eq!(figures(&reader, blue), counted);
    // The file's name is the key: other events under it are another batch, which is refused.
    machine.write("node1-000017.json", &json!([]));
    let other = said(&machine.report("node1-000017.json"), 1);
    assert!(other.contains("409") && other.contains("under this idempotency key"), "{other}");
    // Another name is another batch.
    said(&machine.report("node1-000018.json"), 0);
    assert_eq!(app.count("SELECT count(*) AS n FROM event_batches"), 2);
}

#[rstest]
fn an_event_that_is_wrong_is_named_and_nothing_is_counted(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(Client::Curl, Client::Python, Client::Node, Client::Go)] client: Client,
) {
    if !is_here(client) {
        return;
    }
    let Some((app, blue)) = now_on(on) else { return };
    let machine = Machine::of(&app, client, ApiScope::EventsWrite, blue);
    let at = app.clock().now().to_string();
    machine.write(
        "wrong.json",
        &json!([
            {"type": "user.login", "at": at, "user": "alice"},
            {"type": "user.login", "at": at},
        ]),
    );
    let before = app.rows();

    let refused = said(&machine.report("wrong.json"), 1);

    for word in ["1", "user", "is missing", "none was counted"] {
        assert!(refused.contains(word), "{refused}");
    }
    app.expect_unchanged(&before, "a wrong batch");

    let other = Machine { app: "1400009999".to_owned(), ..machine };
    let refused = said(&other.report("another.json"), 1);
    assert!(refused.contains("404"), "{refused}");
}

#[rstest]
fn a_program_tells_good_tokens_from_bad_ones_and_says_why(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values(Client::Curl, Client::Python, Client::Node, Client::Go)] client: Client,
) {
    if !is_here(client) {
        return;
    }
    let Some((app, blue)) = now_on(on) else { return };
    let machine = Machine::of(&app, client, ApiScope::TokensVerify, blue);
    let minter = app.key(&[ApiScope::TokensWrite]);
    let mint = |body: &Value| {
        let minted = minter.json("POST", &format!("/v1/apps/{blue}/tokens"), body).expect(200);
        minted.json()["token"].as_str().expect("a token").to_owned()
    };
    let (user, channel) = ("alice", "class 7#");
    let access = mint(&json!({"kind": "access_token", "channel": channel, "user": user}));
    let usersig = mint(&json!({"kind": "usersig", "user": user}));
    let verify =
        |arguments: &[&str], code: i32| said(&machine.run(client.verify(), arguments), code);

    let good = verify(&[&access, user, channel], 0);
    assert!(good.contains("alice"), "{good}");
    verify(&[&usersig, user], 0);

    let half = &access[..access.len() / 2];
    let injected = format!(r#"{access}", "channel": "class-8"#);
    for (arguments, reason) in [
        (vec![&*access, user, "class-8"], "wrong_channel"),
        (vec![&*access, "bob", channel], "wrong_user"),
        (vec![&*usersig, "bob"], "wrong_user"),
        (vec![half, user, channel], "malformed"),
        (vec!["rubbish"], "malformed"),
        (vec![&*injected, user, channel], "malformed"),
    ] {
        let refused = verify(&arguments, 1);
        assert!(refused.starts_with(&format!("refused: {reason}")), "{refused}");
    }

    // Not known is not refused: a key that may not ask, and nobody who answers.
    let other = Machine::of(&app, client, ApiScope::EventsWrite, blue);
    let unknown = said(&other.run(client.verify(), &[&access]), 2);
    assert!(unknown.starts_with("not known") && unknown.contains("403"), "{unknown}");
    let alone = Machine { url: "http://127.0.0.1:1".to_owned(), ..other };
    let unknown = said(&alone.run(client.verify(), &[&access]), 2);
    assert!(unknown.contains("not known"), "{unknown}");
}

/// What a server that has trouble does with a connection.
#[derive(Clone, Copy)]
enum Trouble {
    /// It breaks off.
    BreaksOff,
    /// It answers with a status, and where it is another than 200 asks to wait for a second.
    Answers(u16),
}

/// A server with some trouble, one connection after the other, that tells the key and the body of each.
fn troubled(course: Vec<Trouble>) -> (String, JoinHandle<Vec<(String, String)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serve = move || {
        let answer = |trouble: Trouble| {
            let (mut line, _) = listener.accept().expect("a connection");
            let request = read(&line);
            if let Trouble::Answers(status) = trouble {
                let body = r#"{"accepted":6,"duplicate":false}"#;
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Word\r\nRetry-After: 1\r\nConnection: close\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                );
                line.write_all(answer.as_bytes()).expect("written");
            }
            request
        };
        course.into_iter().map(answer).collect()
    };
    (url, std::thread::spawn(serve))
}

/// The idempotency key and the body of a request.
fn read(line: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(line);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut head = String::new();
        reader.read_line(&mut head).expect("a line");
        let Some((name, value)) = head.trim_end().split_once(':') else {
            if head.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "idempotency-key" => value.trim().clone_into(&mut key),
            "content-length" => length = value.trim().parse().expect("a length"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    (key, String::from_utf8(body).expect("UTF-8"))
}

#[rstest]
fn a_program_sends_the_same_batch_again_until_it_is_answered(
    #[values(Client::Curl, Client::Python, Client::Node, Client::Go)] client: Client,
) {
    if !is_here(client) {
        return;
    }
    let course = [Trouble::BreaksOff, Trouble::Answers(503), Trouble::Answers(429)];
    let (url, sent) = troubled([&course[..], &[Trouble::Answers(200)]].concat());
    let machine = Machine::new(client, &url, "swr_x", SdkAppId(1_400_000_001));

    let answer = said(&machine.report("node1-7.json"), 0);

    assert!(answer.contains('6'), "{answer}");
    let sent = sent.join().expect("four requests");
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|it| it.0 == "node1-7" && it.1 == sent[0].1), "{sent:?}");
    let events: Value = serde_json::from_str(&sent[0].1).expect("JSON");
    assert_eq!(events["events"].as_array().map(Vec::len), usize::try_from(SAMPLE).ok());
}

#[rstest]
fn a_program_gives_up_after_a_while_and_says_to_send_it_again(
    #[values(Client::Curl, Client::Python, Client::Node, Client::Go)] client: Client,
) {
    if !is_here(client) {
        return;
    }
    // What comes after would wait for a connection.
    let (url, sent) = troubled(vec![Trouble::Answers(503); 6]);
    let machine = Machine::new(client, &url, "swr_x", SdkAppId(1_400_000_001));

    let given_up = said(&machine.report("node1-7.json"), 1);

    assert!(given_up.contains("not sent") && given_up.contains("later"), "{given_up}");
    assert_eq!(sent.join().expect("six requests").len(), 6);
    assert!(machine.folder.path().join("node1-7.json").exists(), "the batch is kept");
}

/// A document with its programs as the files have them: each follows a link to its file.
fn with_programs(document: &str) -> (String, Vec<String>) {
    let (mut out, mut files) = (String::new(), Vec::new());
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        out.extend([line, "\n"]);
        let file = line.strip_prefix("[`").and_then(|it| it.split("](").nth(1)?.strip_suffix(')'));
        let Some(file) = file.filter(|file| file.starts_with("clients/")) else { continue };
        assert_eq!(lines.next(), Some(""), "before the program of {file}");
        let fence = lines.next().expect("a fence");
        assert!(fence.starts_with("```"), "{file} is followed by its program");
        let text =
            std::fs::read_to_string(Path::new(ROOT).join("docs").join(file)).expect("a file");
        out.extend(["\n", fence, "\n", &text, "```\n"]);
        lines.find(|line| *line == "```").expect("the end of a program");
        files.push(file.to_owned());
    }
    (out, files)
}

#[rstest]
fn the_documents_hold_the_programs_as_they_are(
    #[values("clients.md", "clients.zh.md")] name: &str,
) {
    let path = Path::new(ROOT).join("docs").join(name);
    let document = std::fs::read_to_string(&path).expect("a document");
    let (right, files) = with_programs(&document);
    if std::env::var_os("SWITCHROOM_TEST_UPDATE").is_some() {
        std::fs::write(&path, &right).expect("written");
    }
    let same = std::fs::read_to_string(&path).expect("a document") == right;
    assert!(same, "{name} has other programs than docs/clients: run with SWITCHROOM_TEST_UPDATE=1");

    let all = [Client::report, Client::verify].into_iter().flat_map(|program| {
        Client::ALL.iter().map(move |it| format!("clients/{it}/{}", program(*it).file))
    });
    assert_eq!(files, all.collect::<Vec<_>>(), "each program once, in their order");
    for kind in KINDS {
        let fields = kind.fields.iter().map(|field| match field.strip_suffix('?') {
            Some(name) => format!("`{name}`?"),
            None => format!("`{field}`"),
        });
        let row = format!("| `{}` | {} |", kind.word, fields.collect::<Vec<_>>().join(" "));
        assert!(document.contains(&row), "{name} does not say {row}");
    }
}

#[test]
fn there_are_no_other_programs_and_each_is_short() {
    for client in Client::ALL {
        let entries = std::fs::read_dir(folder(*client)).expect("a folder");
        let files = entries.map(|entry| entry.expect("an entry")).filter(|it| it.path().is_file());
        let mut names: Vec<_> =
            files.map(|file| file.file_name().into_string().expect("a name")).collect();
        names.sort();
        assert_eq!(names, [client.report().file, client.verify().file], "{client}");
        for program in [client.report(), client.verify()] {
            // Go says the same in more lines.
            let most = if *client == Client::Go { 100 } else { 65 };
            assert!(program.text.lines().count() <= most, "{}", program.file);
            let widest = program.text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(100), "{}", program.file);
        }
    }
}

/// A value that a field of an event takes.
fn value(field: &str) -> Value {
    match field {
        "count" | "deliveries" | "apns" | "seconds" | "pixels" => json!(1),
        "scope" => json!("c2c"),
        "service" => json!("relay"),
        name => json!(format!("a-{name}")),
    }
}

#[rstest]
fn events_are_taken_as_the_table_says(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let plane = app.key(&[ApiScope::EventsWrite]);
    let send = |key: &str, event: &Value| {
        let batch = json!({"events": [event]});
        let request = Request::json("POST", &format!("/v1/apps/{blue}/events"), &batch);
        plane.send(request.header("idempotency-key", key))
    };
    for kind in KINDS {
        let mut event = json!({"type": kind.word, "at": "2026-03-02T08:00:00Z"});
        for field in kind.fields {
            let field = field.trim_end_matches('?');
            event[field] = value(field);
        }
        send(&format!("{}-whole", kind.word), &event).expect(200);
        for field in kind.fields {
            let (name, is_optional) = (field.trim_end_matches('?'), field.ends_with('?'));
            let mut without = event.clone();
            without.as_object_mut().expect("an object").remove(name);
            let status = if is_optional { 200 } else { 422 };
            send(&format!("{}-without-{name}", kind.word), &without).expect(status);
            // A field that is known is looked at.
            event[name] = json!({});
            let answer = send(&format!("{}-bad-{name}", kind.word), &event);
            let is_passed_over = name == "group" && is_optional;
            answer.expect(if is_passed_over { 200 } else { 422 });
            event[name] = value(name);
        }
    }
}

/// A text with runs of white space made one blank, as pages are read here.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[rstest]
fn the_page_has_the_programs_and_leads_to_what_they_need(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let owner = app.owner();

    let statistics = owner.visit(&format!("/apps/{blue}/statistics/overview")).expect(200);
    let help = format!("/docs/clients?app={blue}");
    assert_eq!(statistics.attributes(".note a", "href"), std::slice::from_ref(&help));
    let keys = owner.visit("/api-keys").expect(200);
    assert_eq!(keys.attributes(".head p a", "href"), ["/docs/clients"]);

    let page = owner.visit(&help).expect(200);
    let variables = &page.texts("pre code")[0];
    let export = format!("export SWITCHROOM_URL={} export SWITCHROOM_APP={blue}", app.origin());
    assert!(variables.starts_with(&export), "{variables}");
    assert_eq!(page.attributes("main .steps a", "href"), ["/api-keys/new"]);
    assert_eq!(page.texts(".tabs a[aria-current]"), ["curl"]);
    let tabs = page.attributes(".tabs a", "href");
    assert_eq!(tabs.len(), Client::ALL.len());
    for (client, tab) in Client::ALL.iter().zip(tabs) {
        assert_eq!(tab, format!("/docs/clients?in={client}&app={blue}"));
        let page = owner.visit(&tab).expect(200);
        assert_eq!(page.texts(".tabs a[aria-current]"), [client.name()]);
        let (report, verify) = (client.report(), client.verify());
        assert_eq!(page.texts("pre code")[1..], [flat(report.text), flat(verify.text)]);
        let commands = page.attributes("[data-copy]", "data-copy");
        for program in [report, verify] {
            assert!(commands.contains(&program.command.to_owned()), "{commands:?}");
            assert!(program.command.contains(program.file));
        }
        assert_eq!(page.texts("dt code"), KINDS.map(|kind| kind.word));
    }
}

#[rstest]
fn whoever_makes_no_keys_is_told_who_does(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let engineer = app.member(Role::Engineer);
    let page = engineer.visit("/docs/clients?in=go").expect(200);
    assert_eq!(page.count("main .steps a"), 0);
    assert!(page.texts(".steps p")[0].ends_with("ask one of them."));
    assert_eq!(page.attributes(".tabs a", "href")[1], "/docs/clients?in=python");
    for query in ["in=cobol", "in=", "app=x", "app=1&app=2", "lang=python"] {
        let answer = engineer.get(&format!("/docs/clients?{query}"));
        assert_eq!(answer.status, 400, "{query}");
    }
}
