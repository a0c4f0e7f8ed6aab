//! A server of mail on loopback: aiosmtpd, in a process of its own, asked in lines of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::is_required;

/// How the server protects its connections.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// STARTTLS and AUTH are required.
    StartTls,
    /// TLS from the first byte, and AUTH.
    Smtps,
    /// Neither.
    Open,
}

/// A mail that has arrived.
#[derive(Debug)]
pub struct Arrived {
    pub from: String,
    pub to: Vec<String>,
    pub mail: String,
    pub is_encrypted: bool,
    pub user: String,
}

/// A running server.
pub struct SmtpServer {
    mode: Mode,
    port: u16,
    authority: String,
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail")
}

impl SmtpServer {
    /// One whose certificate has the name that it is called by. `None` where it is not installed,
    /// which has been said then.
    pub fn start(mode: Mode) -> Option<Self> {
        Self::named(mode, "localhost")
    }

    /// One whose certificate has another name.
    pub fn named(mode: Mode, name: &str) -> Option<Self> {
        if !folder().join(".venv/installed").exists() {
            assert!(!is_required("mail"), "run tests/mail/prepare");
            eprintln!("SKIPPED: mail to a real server; run tests/mail/prepare");
            return None;
        }
        let word = match mode {
            Mode::StartTls => "starttls",
            Mode::Smtps => "smtps",
            Mode::Open => "open",
        };
        let mut process = Command::new(folder().join(".venv/bin/python"))
            .args(["-W", "ignore"])
            .arg(folder().join("server.py"))
            .args([word, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server of mail");
        let questions = process.stdin.take();
        let mut answers = BufReader::new(process.stdout.take().expect("its output"));
        let first = line(&mut answers);
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let authority = first["ca"].as_str().expect("a file").to_owned();
        Some(Self { mode, port: port.expect("a port"), authority, process, questions, answers })
    }

    /// Its address with what it asks for, as the settings take it.
    pub fn url(&self) -> String {
        let Self { port, authority, .. } = self;
        match self.mode {
            Mode::StartTls => {
                format!("smtp://switchroom:p%40ss%2Fword@localhost:{port}?ca={authority}")
            }
            Mode::Smtps => {
                format!("smtps://switchroom:p%40ss%2Fword@localhost:{port}?ca={authority}")
            }
            Mode::Open => format!("smtp://localhost:{port}?tls=off"),
        }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// From now on it does as it is told: `rcpt` and `data` are answers, `drop` cuts the connection
    /// once a mail is whole, `hold` makes it wait with its answer.
    pub fn behave(&mut self, behaviour: Value) {
        let mut question = behaviour;
        question["do"] = json!("behave");
        self.ask(&question);
    }

    /// What has arrived, once it is so many; fails when it never is.
    #[track_caller]
    pub fn expect(&mut self, count: usize) -> Vec<Arrived> {
        let arrived = self.wait(count, 20);
        assert_eq!(arrived.len(), count, "{arrived:#?}");
        arrived
    }

    fn wait(&mut self, count: usize, within: u32) -> Vec<Arrived> {
        let answer = self.ask(&json!({"do": "wait", "count": count, "within": within}));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let read = |it: &Value| Arrived {
            from: text(&it["from"]),
            to: it["to"].as_array().expect("addresses").iter().map(text).collect(),
            mail: text(&it["mail"]),
            is_encrypted: it["is_encrypted"].as_bool().expect("yes or no"),
            user: text(&it["user"]),
        };
        answer["arrived"].as_array().expect("mails").iter().map(read).collect()
    }

    fn ask(&mut self, question: &Value) -> Value {
        let questions = self.questions.as_mut().expect("it takes questions");
        writeln!(questions, "{question}").expect("asked");
        line(&mut self.answers)
    }
}

fn line(answers: &mut BufReader<ChildStdout>) -> Value {
    let mut text = String::new();
    answers.read_line(&mut text).expect("an answer");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // The end of its input is its end; then its folder is removed.
        self.questions = None;
        drop(self.process.wait());
    }
}

impl Arrived {
    /// A header, unfolded; what is encoded stays so.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.mail.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let mut fields = head.split("\r\n").filter_map(|line| line.split_once(": "));
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    }
}
