//! A page: going somewhere, waiting, reading, keys and pictures. Pressing and filling are in
//! `controls.rs`, figures in `measures.rs`.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::pipe::{Pipe, locked};
use super::record::{Message, Record};
use super::variant::Variant;

/// How long a page may take to come to the state that is waited for. A machine that compiles at
/// the same time is slow; what never comes costs this once, in a test that fails.
const WAIT_LIMIT: Duration = Duration::from_secs(15);

const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A tab of a [`super::Browser`].
pub struct Page {
    pub(super) pipe: Arc<Pipe>,
    pub(super) session: String,
    pub(super) record: Arc<Mutex<Record>>,
    pub(super) frame: String,
    pub(super) variant: Variant,
    /// How long to wait for what the page should come to.
    pub patience: Duration,
    downloads: Arc<TempDir>,
}

/// A file that the page gave to keep.
#[derive(Clone, Debug)]
pub struct Download {
    /// As the server proposes it.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A passkey authenticator that is plugged in.
pub struct Device(String);

impl Page {
    pub(super) async fn open(
        pipe: Arc<Pipe>,
        session: &str,
        agent: &str,
        variant: Variant,
        downloads: Arc<TempDir>,
    ) -> Self {
        let frames = pipe.call(Some(session), "Page.getFrameTree", json!({})).await;
        let frame = frames.unwrap_or_else(|problem| panic!("{problem}"));
        let frame = frame["frameTree"]["frame"]["id"].as_str().unwrap_or_default().to_owned();
        let record = Arc::new(Mutex::new(Record::of_frame(&frame)));
        pipe.listen(session, Arc::clone(&record));
        let session = session.to_owned();
        let patience = WAIT_LIMIT;
        let page = Self { pipe, session, record, frame, variant, patience, downloads };
        for domain in ["Page", "Network", "Runtime", "Log", "Audits", "DOM"] {
            page.ask(&format!("{domain}.enable"), json!({})).await;
        }
        page.ask("Page.setLifecycleEventsEnabled", json!({ "enabled": true })).await;
        page.emulate(agent).await;
        page
    }

    /// Goes to an address and waits until the page and its files are there.
    pub async fn goto(&self, url: &str) {
        let before = locked(&self.record).documents;
        let answer = self.ask("Page.navigate", json!({ "url": url })).await;
        if let Some(problem) = answer["errorText"].as_str() {
            panic!("{url}: {problem}");
        }
        // A jump within the page has no document of its own.
        if answer["loaderId"].is_string() {
            self.await_arrival(before).await;
        }
    }

    pub async fn reload(&self) {
        self.arrive_after(self.ask("Page.reload", json!({}))).await;
    }

    /// Does something that must lead to another page, or to this one anew, and waits for it.
    pub async fn arrive_after<T>(&self, action: impl Future<Output = T>) -> T {
        let before = locked(&self.record).documents;
        let done = action.await;
        self.await_arrival(before).await;
        done
    }

    async fn await_arrival(&self, documents_before: u32) {
        let arrived = async || {
            let record = locked(&self.record);
            (record.documents > documents_before && settled(&record)).then_some(())
        };
        self.until("another page", arrived).await;
    }

    /// Does something that must bring a file, such as pressing an export button, and waits for it.
    pub async fn download_after(&self, action: impl Future<Output = ()>) -> Download {
        locked(&self.record).download = None;
        action.await;
        let arrived = async || locked(&self.record).download.take_if(|download| download.ended);
        let arrived = self.until("a download", arrived).await;
        // Chromium names the file by its own identity for it, so two of a name do not collide.
        let path = self.downloads.path().join(&arrived.id);
        let bytes = std::fs::read(&path);
        let bytes = bytes.unwrap_or_else(|problem| panic!("{}: {problem}", arrived.name));
        Download { name: arrived.name, bytes }
    }

    /// Waits for a page that is on its way, if one is.
    pub(super) async fn settle(&self) {
        // Twice through the page's own queue: the first gets behind what was just done, the second
        // behind what that has put off, such as the sending of a form.
        for _ in 0..2 {
            let _ = self.look("1").await;
        }
        self.until("the page to load", async || settled(&locked(&self.record)).then_some(())).await;
    }

    /// Waits until something visible matches the selector.
    pub async fn wait_for(&self, selector: &str) {
        let script = format!(
            "[...document.querySelectorAll({})].some(e => e.checkVisibility())",
            json!(selector)
        );
        let seen = async || (self.look(&script).await == Ok(true.into())).then_some(());
        self.until(selector, seen).await;
    }

    /// Waits until the page shows these words.
    pub async fn wait_for_text(&self, words: &str) {
        let script = format!("document.body.innerText.includes({})", json!(words));
        let seen = async || (self.look(&script).await == Ok(true.into())).then_some(());
        self.until(words, seen).await;
    }

    /// The visible text of the one element that matches; waits for it.
    pub async fn text(&self, selector: &str) -> String {
        let one = async || match self.texts(selector).await {
            mut texts if texts.len() == 1 => texts.pop(),
            _ => None,
        };
        self.until(&format!("exactly one `{selector}`"), one).await
    }

    /// The visible texts of all that match now.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "[...document.querySelectorAll({})].map(e => (e.innerText ?? e.textContent).trim())",
            json!(selector)
        );
        let texts = self.evaluate(&script).await;
        let texts = texts.as_array().into_iter().flatten();
        texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// An attribute of the first element that matches.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let (selector, name) = (json!(selector), json!(name));
        let script = format!("document.querySelector({selector})?.getAttribute({name})");
        self.evaluate(&script).await.as_str().map(str::to_owned)
    }

    pub async fn count(&self, selector: &str) -> u64 {
        let script = format!("document.querySelectorAll({}).length", json!(selector));
        self.evaluate(&script).await.as_u64().unwrap_or(0)
    }

    pub async fn url(&self) -> String {
        self.evaluate("location.href").await.as_str().unwrap_or_default().to_owned()
    }

    pub async fn title(&self) -> String {
        self.evaluate("document.title").await.as_str().unwrap_or_default().to_owned()
    }

    /// How many documents this page has shown since it was opened.
    pub fn documents(&self) -> u32 {
        locked(&self.record).documents
    }

    /// The HTTP status of the document that is shown.
    pub fn status(&self) -> u16 {
        locked(&self.record).document().map_or(0, |document| document.status)
    }

    /// A header of the answer that is shown; the name in small letters.
    pub fn header(&self, name: &str) -> Option<String> {
        locked(&self.record).document()?.headers.get(name).cloned()
    }

    /// What the console holds since the page was opened, or since it was last asked.
    pub fn console_messages(&self) -> Vec<Message> {
        std::mem::take(&mut locked(&self.record).messages)
    }

    /// What the content security policy has forbidden, since the page was opened or last asked.
    pub fn csp_violations(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.record).csp_violations)
    }

    /// Fails if the console has a line or the content security policy has forbidden anything.
    pub fn expect_quiet(&self) {
        let forbidden = self.csp_violations();
        assert!(forbidden.is_empty(), "{}: forbidden by the policy: {forbidden:#?}", self.place());
        let messages = self.console_messages();
        assert!(messages.is_empty(), "{}: on the console: {messages:#?}", self.place());
    }

    /// Saves a picture of the whole page, also of what lies below the fold.
    pub async fn screenshot(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let params = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.ask("Page.captureScreenshot", params).await;
        let picture = BASE64.decode(answer["data"].as_str().unwrap_or_default());
        let picture = picture.unwrap_or_else(|problem| panic!("a picture: {problem}"));
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, picture))
            .unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    }

    /// Another size of the window, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let mobile = self.variant.mobile;
        let params = json!({
            "width": width,
            "height": height,
            "deviceScaleFactor": if mobile { 2 } else { 1 },
            "mobile": mobile,
        });
        self.ask("Emulation.setDeviceMetricsOverride", params).await;
    }

    /// Gives the page a passkey authenticator that is always there and always agrees.
    pub async fn plug_in_authenticator(&self) -> Device {
        self.ask("WebAuthn.enable", json!({})).await;
        let options = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
        });
        let added =
            self.ask("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await;
        Device(added["authenticatorId"].as_str().unwrap_or_default().to_owned())
    }

    /// Lets whoever holds the device agree by themselves, or not notice what it asks.
    pub async fn attend(&self, Device(id): &Device, is_there: bool) {
        let params = json!({ "authenticatorId": id, "enabled": is_there });
        self.ask("WebAuthn.setAutomaticPresenceSimulation", params).await;
    }

    /// Whether the device makes sure of who holds it, when asked.
    pub async fn recognise(&self, Device(id): &Device, is_right: bool) {
        let params = json!({ "authenticatorId": id, "isUserVerified": is_right });
        self.ask("WebAuthn.setUserVerified", params).await;
    }

    /// The value of an expression, also where the page may not run scripts or its content
    /// security policy forbids them: neither holds for the protocol.
    pub async fn evaluate(&self, script: &str) -> Value {
        let place = self.place();
        self.look(script).await.unwrap_or_else(|problem| panic!("{place}: {problem}: {script}"))
    }

    /// As [`Self::evaluate`], for moments when the page may be about to be replaced.
    pub(super) async fn look(&self, script: &str) -> Result<Value, String> {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let answer = self.pipe.call(Some(&self.session), "Runtime.evaluate", params).await?;
        value_of(answer)
    }

    /// A command of the protocol, for what this file has no word for.
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.pipe.call(Some(&self.session), method, params).await;
        answer.unwrap_or_else(|problem| panic!("{}: {problem}", self.place()))
    }

    /// Looks until there is an answer; panics at the deadline with what was waited for.
    pub(super) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                let shown = self.look("document.body?.innerText").await.unwrap_or_default();
                let shown = shown.as_str().unwrap_or_default();
                panic!("{}: waited in vain for {what}. The page says:\n{shown}", self.place());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Where we are, for messages.
    pub(super) fn place(&self) -> String {
        let record = locked(&self.record);
        let (url, status) = record.document().map_or(("a new page", 0), |d| (&d.url, d.status));
        format!("{url} [{status}, {}]", self.variant)
    }

    async fn emulate(&self, agent: &str) {
        let variant = self.variant;
        self.resize(variant.width, variant.height).await;
        let touch = json!({ "enabled": variant.mobile, "maxTouchPoints": 1 });
        self.ask("Emulation.setTouchEmulationEnabled", touch).await;
        // Pages of several tests are open at once, and each believes to be in front.
        self.ask("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
        let scripts = json!({ "value": !variant.javascript });
        self.ask("Emulation.setScriptExecutionDisabled", scripts).await;
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let features = [
            feature("prefers-color-scheme", if variant.dark { "dark" } else { "light" }),
            feature(
                "prefers-reduced-motion",
                if variant.reduced_motion { "reduce" } else { "no-preference" },
            ),
            feature("forced-colors", if variant.forced_colors { "active" } else { "none" }),
        ];
        self.ask("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let languages = variant.language.tag();
        let identity = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.ask("Emulation.setUserAgentOverride", identity).await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.pipe.forget(&self.session);
        self.pipe.tell(Some(&self.session), "Page.close", &json!({}));
    }
}

/// What is shown is complete: loaded, its files too, and nothing is about to take its place.
/// Requests that a script makes are the script's business.
fn settled(record: &Record) -> bool {
    let own = ["Document", "Stylesheet", "Script", "Image", "Font"];
    record.loaded
        && !record.leaving
        && record.current().all(|request| request.ended || !own.contains(&request.kind.as_str()))
}

/// The value in the answer to `Runtime.evaluate` or `Runtime.callFunctionOn`.
pub(super) fn value_of(mut answer: Value) -> Result<Value, String> {
    let thrown = &answer["exceptionDetails"];
    if thrown.is_object() {
        let said = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
        return Err(said.unwrap_or("an exception").to_owned());
    }
    Ok(answer["result"]["value"].take())
}
