//! A visit: a console, somebody's browser there, and what all journeys do and look at.

use serde_json::json;
use switchroom::i18n::{Language as Interface, Texts};
use tokio::sync::Mutex;

use crate::console::Console;
use crate::support::{Browser, Page, Variant};

/// The owner of the sample workspace, who may do everything.
pub const OWNER: &str = "li.chen@example.com";
/// A member of it who may only look.
pub const VIEWER: &str = "kai.zhou@example.com";
/// What the journeys choose where a new password is asked for.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody at a console.
pub struct Visit {
    pub console: Console,
    pub browser: Browser,
    pub page: Page,
    pub variant: Variant,
    /// The words that this visitor should see.
    pub t: Texts,
}

/// A journey in each of some variants, each at a console of its own; nothing may be left on the
/// browser's console at the end.
pub async fn in_each(variants: &[Variant], start: fn() -> Console, journey: impl AsyncFn(&Visit)) {
    for variant in variants {
        let Some(browser) = Browser::launch(*variant).await else { return };
        // Shown with the failure, if there is one.
        eprintln!("as {variant}");
        let visit = Visit::new(browser, start()).await;
        Box::pin(journey(&visit)).await;
        visit.page.expect_quiet();
    }
}

impl Visit {
    async fn new(browser: Browser, console: Console) -> Self {
        let variant = browser.variant();
        let page = browser.page().await;
        Self { console, browser, page, variant, t: texts(variant) }
    }

    /// An address of the console.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.console.url)
    }

    pub async fn goto(&self, path: &str) {
        self.page.goto(&self.url(path)).await;
    }

    /// Path and query of the page that is shown.
    pub async fn path(&self) -> String {
        let url = self.page.url().await;
        let path = url.strip_prefix(&self.console.url);
        path.unwrap_or_else(|| panic!("{url} is not at {}", self.console.url)).to_owned()
    }

    /// Signs in the owner of the sample workspace, in the language of the variant.
    pub async fn sign_in(&self) {
        self.sign_in_as(OWNER).await;
    }

    /// Signs in somebody of the sample workspace, in the language of the variant, not the one of
    /// their account.
    pub async fn sign_in_as(&self, email: &str) {
        self.browser.set_cookie(&self.console.url, "lang", self.variant.language.tag()).await;
        self.goto("/sign-in").await;
        // Whoever is signed in already is led on.
        if self.path().await == "/" {
            return;
        }
        self.enter(&self.page, email, &self.console.password).await;
        assert_eq!(self.path().await, "/");
    }

    /// Fills the sign-in form of a page and sends it.
    pub async fn enter(&self, page: &Page, email: &str, password: &str) {
        page.fill(self.t.email(), email).await;
        page.fill(self.t.password(), password).await;
        page.submit(self.t.sign_in()).await;
    }

    /// Sets up an empty console in the language of the variant, and is signed in then.
    pub async fn set_up(&self) {
        let (page, t) = (&self.page, self.t);
        page.goto(self.console.setup_link.as_deref().expect("an empty console")).await;
        let chinese = t.language() == Interface::Chinese;
        page.choose(t.time_zone(), "Asia/Shanghai").await;
        page.fill(t.name(), if chinese { "林舟" } else { "Robin Lin" }).await;
        page.fill(t.email(), "robin@example.com").await;
        page.fill(t.password(), PASSWORD).await;
        page.fill(t.setup_workspace(), if chinese { "远山工作室" } else { "Far Hills" }).await;
        page.submit(t.setup_submit()).await;
        assert_eq!(self.path().await, "/");
    }

    /// Signs out by the menu.
    pub async fn sign_out(&self) {
        self.page.click(".bar .menu summary").await;
        self.page.submit(self.t.sign_out()).await;
    }

    /// The code that was mailed last, which the demonstration shows.
    pub async fn mailed_code(&self) -> String {
        let mailbox = self.browser.page().await;
        mailbox.goto(&self.url("/outbox")).await;
        let mails = mailbox.texts("main section .lines").await;
        let mut numbers = mails.iter().flat_map(|mail| mail.split(|c: char| !c.is_ascii_digit()));
        numbers.find(|number| number.len() == 6).expect("a code in a mail").to_owned()
    }

    /// The link to a page that was mailed last, which the demonstration shows to its operator.
    pub async fn mailed_link(&self, path: &str) -> String {
        let mailbox = self.browser.page().await;
        mailbox.goto(&self.url("/outbox")).await;
        let mails = mailbox.texts("main section .lines").await;
        let start = format!("{}{path}?key=", self.console.url);
        let mut words = mails.iter().flat_map(|mail| mail.split_whitespace());
        words.find(|word| word.starts_with(&start)).expect("a link in a mail").to_owned()
    }

    /// The latest address in mail that begins with a path.
    pub async fn mailed_address(&self, path: &str) -> String {
        let mailbox = self.browser.page().await;
        mailbox.goto(&self.url("/outbox")).await;
        let mails = mailbox.texts("main section .lines").await;
        let start = format!("{}{path}", self.console.url);
        let mut words = mails.iter().flat_map(|mail| mail.split_whitespace());
        words.find(|word| word.starts_with(&start)).expect("an address in a mail").to_owned()
    }

    /// Ticks or clears the box of one choice among several.
    pub async fn tick(&self, field: &str, choice: &str, on: bool) {
        let own = format!("[name={}][value={}]", json!(field), json!(choice));
        let is_on = self.page.count(&format!("{own}:checked")).await == 1;
        if is_on != on {
            self.page.click(&own).await;
        }
    }

    /// Creates an app with both services; the list is shown then.
    pub async fn create_app(&self, name: &str) {
        let (page, t) = (&self.page, self.t);
        self.goto("/apps/new").await;
        page.fill(t.app_name(), name).await;
        self.tick("services", "im", true).await;
        page.submit(t.create_app()).await;
        self.expect_said(t.flash_app_created()).await;
    }

    /// The address of the oldest app: in the sample data it has both services and is enabled.
    pub async fn first_app(&self) -> String {
        self.goto("/apps?sort=created").await;
        let href = self.page.attribute("tbody th a", "href").await;
        href.expect("an app")
    }

    /// The address of an app by its name.
    pub async fn app_called(&self, name: &str) -> String {
        self.goto("/apps").await;
        self.page.follow(name).await;
        self.path().await
    }

    /// Presses a copy button, and pastes into a field what it has copied. Where scripts are off,
    /// and the button is not there, a person would select the text.
    pub async fn copy_into(&self, button: &str, text: &str, field: impl AsyncFnOnce()) {
        // All browsers of this process share one clipboard.
        static CLIPBOARD: Mutex<()> = Mutex::const_new(());
        let page = &self.page;
        if !self.variant.javascript {
            field().await;
            let typed = json!({ "text": text });
            page.ask("Input.insertText", typed).await;
            return;
        }
        let held = CLIPBOARD.lock().await;
        page.click_text(button).await;
        page.wait_for("#live:not(:empty)").await;
        assert_eq!(page.texts("#live").await, [self.t.copied()]);
        assert!(page.focused().await.ends_with(button), "{}", page.focused().await);
        field().await;
        page.paste().await;
        drop(held);
    }

    /// Opens or closes whatever a summary belongs to.
    pub async fn press_summary(&self, selector: &str) {
        self.focus(selector).await;
        self.page.press("Enter").await;
    }

    /// Sends the form of the page by its main button.
    pub async fn send(&self) {
        self.page.arrive_after(self.page.click("main form .btn.primary")).await;
    }

    /// Sends the form of the page by its button for what destroys or interrupts.
    pub async fn send_danger(&self) {
        self.press("main form .btn.danger").await;
    }

    /// Presses what must lead to another page.
    pub async fn press(&self, selector: &str) {
        self.page.arrive_after(self.page.click(selector)).await;
    }

    /// Goes to a neighbouring page of the same thing, told by the end of its address.
    pub async fn follow_tab(&self, end: &str) {
        let tab = format!(".tabs a[href$={}]", json!(end));
        self.page.arrive_after(self.page.click(&tab)).await;
    }

    /// Puts the focus on the first element that matches.
    pub async fn focus(&self, selector: &str) {
        let script = format!("document.querySelector({}).focus()", json!(selector));
        self.page.evaluate(&script).await;
    }

    /// Whether the first element that matches has the focus.
    pub async fn has_focus(&self, selector: &str) -> bool {
        let script =
            format!("document.activeElement === document.querySelector({})", json!(selector));
        self.page.evaluate(&script).await == true
    }

    /// Presses the browser's own button.
    pub async fn go_back(&self) {
        self.page.arrive_after(self.page.evaluate("history.back()")).await;
    }

    /// The page of this title is shown, and was found.
    pub async fn expect_page(&self, title: &str) {
        assert_eq!(self.page.text("h1").await, title);
        assert_eq!(self.page.title().await, format!("{title} · Switchroom"));
        assert_eq!(self.page.status(), 200);
    }

    /// The page says this about the form that led here.
    pub async fn expect_said(&self, words: &str) {
        let said = self.page.text("main > .note.ok[role=status]").await;
        assert!(said.contains(words), "{said} does not say {words}");
    }

    /// The page says this in place of a form, with a status of its own.
    pub async fn expect_end(&self, status: u16, title: &str) {
        assert_eq!(self.page.text("h1").await, title);
        assert_eq!(self.page.status(), status);
    }

    /// The page is a refused form: these problems, in this order, stand in a summary that has the
    /// focus and leads to the fields, perhaps by their labels, and each once more at its field.
    pub async fn expect_refused(&self, problems: &[&str]) {
        let page = &self.page;
        assert_eq!(page.status(), 422);
        let count = i64::try_from(problems.len()).expect("a few");
        assert_eq!(page.text("[data-focus] h2").await, self.t.problems(count));
        let said = page.texts("[data-focus] li a").await;
        let as_expected = said.iter().zip(problems).all(|(said, problem)| said.ends_with(problem));
        assert!(as_expected && said.len() == problems.len(), "{said:?} is not {problems:?}");
        assert!(page.title().await.starts_with(self.t.error_mark()), "{}", page.title().await);
        if self.variant.javascript {
            assert!(self.has_focus("[data-focus]").await, "the summary has not the focus");
        }
        let wired = page.evaluate(EACH_PROBLEM_IS_AT_ITS_FIELD).await;
        assert_eq!(wired, json!([]), "problems without a marked field");
        page.click("[data-focus] li a").await;
        let led = "document.querySelector('[data-focus] li a').hash === \
                   '#' + document.activeElement.id";
        assert_eq!(page.evaluate(led).await, true, "the summary leads to no field");
    }

    /// Without scripts nothing may be offered that needs one.
    pub async fn expect_no_dead_control(&self) {
        if !self.variant.javascript {
            assert_eq!(self.page.evaluate(DEAD_CONTROLS).await, json!([]));
        }
    }

    /// Everything on the page is in the visitor's language. Names, codes and what people typed
    /// are marked as such, or in that language too.
    pub async fn expect_one_language(&self) {
        let chinese = self.t.language() == Interface::Chinese;
        let script = format!("({FOREIGN_WORDS})({chinese})");
        let found = self.page.evaluate(&script).await;
        assert_eq!(found, json!([]), "not translated on {}", self.page.url().await);
    }
}

/// The words of the console in a variant's language.
pub fn texts(variant: Variant) -> Texts {
    Interface::parse(variant.language.tag()).expect("a language of the interface").texts()
}

const EACH_PROBLEM_IS_AT_ITS_FIELD: &str = "
  [...document.querySelectorAll('[data-focus] li a')].filter(link => {
    const control = document.querySelector(link.hash);
    const owner = control?.closest('fieldset') ?? control;
    const error = document.querySelector(link.hash + '-error');
    return control?.getAttribute('aria-invalid') !== 'true'
      || !link.textContent.endsWith(error?.textContent)
      || !owner.getAttribute('aria-describedby').split(' ').includes(error.id);
  }).map(link => link.textContent)";

const DEAD_CONTROLS: &str = "
  [...document.querySelectorAll('button, [data-copy], [data-wait]')]
    .filter(e => e.checkVisibility({ visibilityProperty: true }))
    .filter(e => !(e.form && e.type === 'submit') && !e.popoverTargetElement)
    .map(e => e.outerHTML)";

const FOREIGN_WORDS: &str = "chinese => {
  const own = '[translate=no], [lang]:not(html), script, style, code, .mono, textarea, \
    #f-time_zone, #f-language';
  const foreign = text => /\\p{Script=Han}/u.test(text) !== chinese
    && (!chinese || /[a-z]{3,} [a-z]{2,}/i.test(text));
  const found = [document.title].filter(foreign);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest(own)) continue;
    const texts = node === element
      ? ['aria-label', 'placeholder', 'title', 'alt'].map(name => node.getAttribute(name) ?? '')
      : [node.data];
    found.push(...texts.filter(foreign));
  }
  return found;
}";
