//! A judge: an official package in a process of its own, asked in lines of JSON.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// Where the judges and their packages are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// Whether `./tests/conformance/prepare` has installed the packages.
pub fn are_judges_prepared() -> bool {
    folder().join("node_modules/.installed").exists() && folder().join(".venv/installed").exists()
}

/// `request` with one more field.
pub fn with(request: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut fields = request.as_object().cloned().unwrap_or_default();
    fields.insert(field.to_owned(), value.into());
    Value::Object(fields)
}

/// A running judge.
pub struct Judge {
    name: &'static str,
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    /// The npm packages.
    pub fn node() -> Result<Self, String> {
        Self::start("node", Command::new("node").arg(folder().join("judge.js")))
    }

    /// The Python packages.
    pub fn python() -> Result<Self, String> {
        let python = folder().join(".venv/bin/python");
        Self::start("python", Command::new(python).arg(folder().join("judge.py")))
    }

    /// A judge started by `command`, which is called `name` in messages.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} does not start: {error}"))?;
        let questions = process.stdin.take();
        let answers = process.stdout.take().ok_or("the judge has no output")?;
        Ok(Self { name, process, questions, answers: BufReader::new(answers) })
    }

    /// Asks for a token.
    pub fn mint(&mut self, request: &Value) -> Result<String, String> {
        let answer = self.ask("mint", request)?;
        let token = answer.get("token").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() {
            return Err(format!("{} minted nothing for {request}", self.name));
        }
        Ok(token.to_owned())
    }

    /// Asks whether `token` is what the package itself makes for `request`.
    pub fn check(&mut self, request: &Value, token: &str) -> Result<(), String> {
        let answer = self.ask("check", &with(request, "token", token))?;
        if answer.get("ok") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        Err(format!("{} refuses {token} for {request}: {answer}", self.name))
    }

    /// Asks anything, and waits for the answer.
    pub fn ask(&mut self, what: &str, request: &Value) -> Result<Value, String> {
        let request = with(request, "do", what);
        let questions = self.questions.as_mut().ok_or("the judge takes no questions")?;
        let mut line = String::new();
        writeln!(questions, "{request}")
            .and_then(|()| questions.flush())
            .and_then(|()| self.answers.read_line(&mut line))
            .map_err(|error| format!("{}: {error}", self.name))?;
        let answer: Value = serde_json::from_str(&line)
            .map_err(|error| format!("{} answered {line:?}: {error}", self.name))?;
        match answer.get("error") {
            Some(error) => Err(format!("{} failed at {request}: {error}", self.name)),
            None => Ok(answer),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // The end of its input is the end of a judge; waiting leaves no zombie behind.
        self.questions = None;
        let _ = self.process.wait();
    }
}
