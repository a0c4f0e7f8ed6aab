//! The DevTools protocol over a pair of pipes: JSON messages with a zero byte after each.
//!
//! One thread reads. It records events and hands answers on in the order of their arrival, so who
//! holds an answer knows that everything Chromium said before it is on record: nothing here needs
//! a moment to settle. Messages stay JSON values, so a Chromium newer than this code, with words
//! of its own in a message, is no trouble.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::record::Record;

/// No command takes this long on a machine that works; axe on a large page takes seconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

type Answer = Result<Value, String>;

/// Both ends of the conversation with Chromium.
pub struct Pipe {
    to: Mutex<Box<dyn Write + Send>>,
    /// Who waits for which answer; `None` when Chromium has gone and nobody will get one.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>,
    records: Mutex<HashMap<String, Arc<Mutex<Record>>>>,
    next: AtomicU64,
}

impl Pipe {
    pub fn new(to: impl Write + Send + 'static, from: impl Read + Send + 'static) -> Arc<Self> {
        let pipe = Arc::new(Self {
            to: Mutex::new(Box::new(to)),
            waiting: Mutex::new(Some(HashMap::new())),
            records: Mutex::default(),
            next: AtomicU64::new(1),
        });
        let reader = Arc::clone(&pipe);
        std::thread::spawn(move || reader.read(from));
        pipe
    }

    /// Asks Chromium, in the session of a page or of the whole browser, and awaits the answer.
    pub async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Answer {
        let (sender, answer) = oneshot::channel();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        match locked(&self.waiting).as_mut() {
            Some(waiting) => waiting.insert(id, sender),
            None => return Err(format!("{method}: Chromium has ended")),
        };
        self.send(id, session, method, &params);
        match tokio::time::timeout(ANSWER_LIMIT, answer).await {
            Ok(Ok(answer)) => answer.map_err(|problem| format!("{method}: {problem}")),
            Ok(Err(_)) => Err(format!("{method}: Chromium has ended")),
            Err(_) => Err(format!("{method}: no answer within {ANSWER_LIMIT:?}")),
        }
    }

    /// Tells Chromium without awaiting an answer, for places that cannot wait.
    pub fn tell(&self, session: Option<&str>, method: &str, params: &Value) {
        self.send(self.next.fetch_add(1, Ordering::Relaxed), session, method, params);
    }

    /// From here on the events of a session are kept in `record`.
    pub fn listen(&self, session: &str, record: Arc<Mutex<Record>>) {
        locked(&self.records).insert(session.to_owned(), record);
    }

    pub fn forget(&self, session: &str) {
        locked(&self.records).remove(session);
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, params: &Value) {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut message = message.to_string().into_bytes();
        message.push(0);
        // A broken pipe shows in the reader too, which then answers everyone who waits.
        let mut to = locked(&self.to);
        let _ = to.write_all(&message).and_then(|()| to.flush());
    }

    fn read(&self, from: impl Read) {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while from.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
            if bytes.pop_if(|last| *last == 0).is_none() {
                break;
            }
            match serde_json::from_slice(&bytes) {
                Ok(message) => self.receive(message),
                Err(problem) => eprintln!("Chromium said what is not JSON: {problem}"),
            }
            bytes.clear();
        }
        locked(&self.waiting).take();
    }

    fn receive(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let sender = locked(&self.waiting).as_mut().and_then(|waiting| waiting.remove(&id));
            let answer = match message["error"]["message"].as_str() {
                Some(problem) => Err(problem.to_owned()),
                None => Ok(message["result"].take()),
            };
            // Nobody waits for what was only told, nor after a deadline.
            let _ = sender.map(|sender| sender.send(answer));
            return;
        }
        let Some(session) = message["sessionId"].as_str().map(str::to_owned) else { return };
        if message["method"] == "Page.javascriptDialogOpening" {
            // A dialog stops the page, so whoever waits for the page would wait in vain.
            self.tell(Some(&session), "Page.handleJavaScriptDialog", &json!({ "accept": true }));
        }
        let record = locked(&self.records).get(&session).cloned();
        if let Some(record) = record {
            locked(&record).note(&message);
        }
    }
}

/// A test that panicked while it held a lock must not take the others with it.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
