//! What a page has said and fetched, noted from the protocol's events as they come.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

/// A line of the page's console, an exception nobody caught, or a complaint of the browser itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// `log`, `warning`, `error`, `exception`, `dialog`, …
    pub level: String,
    pub text: String,
    pub url: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.level, self.text, self.url)
    }
}

/// One request of the page, as far as it has come.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The document on whose behalf it was made.
    pub loader: String,
    pub url: String,
    pub kind: String,
    pub status: u16,
    pub headers: HashMap<String, String>,
    /// What came over the wire: header and body, as encoded, with the redirects on the way.
    pub bytes: u64,
    pub from_cache: bool,
    pub ended: bool,
}

/// A file on its way to the disk.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    pub id: String,
    pub name: String,
    pub ended: bool,
}

/// Everything noted about one page since it was opened.
#[derive(Default)]
pub struct Record {
    /// The document that is shown, by the identity that the protocol calls a loader.
    pub loader: String,
    /// How many documents have been shown.
    pub documents: u32,
    pub loaded: bool,
    /// The page is about to be replaced: asked for, and not yet arrived or given up.
    pub leaving: bool,
    pub messages: Vec<Message>,
    pub csp_violations: Vec<String>,
    pub requests: HashMap<String, Request>,
    pub download: Option<Arrival>,
    main_frame: String,
}

impl Record {
    pub fn of_frame(main_frame: &str) -> Self {
        Self { main_frame: main_frame.to_owned(), loaded: true, ..Self::default() }
    }

    /// The requests of the document that is shown, but for those that never left the browser.
    pub fn current(&self) -> impl Iterator<Item = &Request> {
        self.requests.values().filter(|request| {
            request.loader == self.loader && !request.from_cache && request.url.starts_with("http")
        })
    }

    pub fn document(&self) -> Option<&Request> {
        self.requests
            .values()
            .find(|request| request.kind == "Document" && request.loader == self.loader)
    }

    pub fn note(&mut self, event: &Value) {
        let of = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Page.frameNavigated" if of["frame"]["parentId"].is_null() => {
                self.loader = text(&of["frame"]["loaderId"]);
                self.documents += 1;
                self.loaded = false;
                self.leaving = false;
            }
            "Page.frameRequestedNavigation" | "Page.frameStartedNavigating"
                if self.is_main(of) && of["navigationType"] != "sameDocument" =>
            {
                // A download is asked for in the same way and replaces nothing.
                self.leaving = of["disposition"].as_str().is_none_or(|to| to == "currentTab");
            }
            "Page.navigatedWithinDocument" | "Page.frameStoppedLoading" if self.is_main(of) => {
                self.leaving = false;
            }
            "Page.lifecycleEvent" if self.is_main(of) && of["name"] == "load" => {
                self.loaded |= of["loaderId"] == self.loader.as_str();
            }
            "Page.downloadWillBegin" => {
                let (id, name) = (text(&of["guid"]), text(&of["suggestedFilename"]));
                self.download = Some(Arrival { id, name, ended: false });
                self.leaving = false;
            }
            "Page.downloadProgress" if of["state"] == "completed" => {
                let of_it =
                    self.download.as_mut().filter(|download| of["guid"] == download.id.as_str());
                if let Some(download) = of_it {
                    download.ended = true;
                }
            }
            "Page.javascriptDialogOpening" => self.say("dialog", &of["message"], &of["url"]),
            "Runtime.consoleAPICalled" => self.note_console(of),
            "Runtime.exceptionThrown" => {
                let details = &of["exceptionDetails"];
                let what = &details["exception"]["description"];
                let what = if what.is_null() { &details["text"] } else { what };
                self.say("exception", what, &details["url"]);
            }
            "Log.entryAdded" => self.note_entry(&of["entry"]),
            "Audits.issueAdded" => self.note_issue(&of["issue"]),
            method => self.note_network(method, of),
        }
    }

    fn is_main(&self, of: &Value) -> bool {
        of["frameId"] == self.main_frame.as_str()
    }

    fn say(&mut self, level: &str, what: &Value, url: &Value) {
        let level = level.to_owned();
        self.messages.push(Message { level, text: text(what), url: text(url) });
    }

    fn note_console(&mut self, of: &Value) {
        let arguments = of["args"].as_array().into_iter().flatten();
        let words: Vec<String> = arguments
            .map(|argument| match &argument["value"] {
                Value::Null => text(&argument["description"]),
                Value::String(word) => word.clone(),
                other => other.to_string(),
            })
            .collect();
        let url = of["stackTrace"]["callFrames"][0]["url"].clone();
        self.say(&text(&of["type"]), &words.join(" ").into(), &url);
    }

    fn note_entry(&mut self, entry: &Value) {
        // That a page itself was answered with 404 or 422 is the server's word, not a mistake of
        // the page; a missing image is one.
        let request = entry["networkRequestId"].as_str().and_then(|id| self.requests.get(id));
        if request.is_none_or(|request| request.kind != "Document" || request.status == 0) {
            self.say(&text(&entry["level"]), &entry["text"], &entry["url"]);
        }
    }

    fn note_issue(&mut self, issue: &Value) {
        if issue["code"] != "ContentSecurityPolicyIssue" {
            return;
        }
        let details = &issue["details"]["contentSecurityPolicyIssueDetails"];
        let place = &details["sourceCodeLocation"];
        self.csp_violations.push(format!(
            "{}: {} {} at {}:{}",
            text(&details["violatedDirective"]),
            text(&details["contentSecurityPolicyViolationType"]),
            text(&details["blockedURL"]),
            text(&place["url"]),
            place["lineNumber"],
        ));
    }

    fn note_network(&mut self, method: &str, of: &Value) {
        let Some(id) = of["requestId"].as_str() else { return };
        if method == "Network.requestWillBeSent" {
            let request = self.requests.entry(id.to_owned()).or_default();
            // A redirect keeps the identity of the request, whose bytes so far count too.
            request.bytes += bytes(&of["redirectResponse"]["encodedDataLength"]);
            request.loader = text(&of["loaderId"]);
            request.url = text(&of["request"]["url"]);
            request.kind = text(&of["type"]);
            return;
        }
        let Some(request) = self.requests.get_mut(id) else { return };
        match method {
            "Network.requestServedFromCache" => request.from_cache = true,
            "Network.responseReceived" => {
                let response = &of["response"];
                request.kind = text(&of["type"]);
                request.from_cache |= response["fromDiskCache"] == true;
                request.status = response["status"].as_u64().unwrap_or(0).try_into().unwrap_or(0);
                request.headers = headers(&response["headers"]);
            }
            "Network.loadingFinished" => {
                request.bytes += bytes(&of["encodedDataLength"]);
                request.ended = true;
            }
            "Network.loadingFailed" => request.ended = true,
            _ => {}
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Lengths come as numbers with a decimal point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length is whole and not below zero"
)]
fn bytes(value: &Value) -> u64 {
    value.as_f64().unwrap_or(0.0) as u64
}

fn headers(value: &Value) -> HashMap<String, String> {
    let headers = value.as_object().into_iter().flatten();
    headers.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect()
}
