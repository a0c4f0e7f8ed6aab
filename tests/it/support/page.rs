//! Pages as their readers see them: headings, links, forms with what they offer.

use std::cell::OnceCell;

use scraper::{ElementRef, Html, Selector};

use super::normal::{normal, outline};
use super::{Actor, Response};

/// A page in somebody's browser.
pub struct Page<'a> {
    /// `None` for a page that is only read.
    actor: Option<Actor<'a>>,
    path: String,
    response: Response,
    html: OnceCell<Html>,
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The text of an element, runs of white space made one blank.
pub fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'a> Page<'a> {
    /// An answer that was shown at a path.
    pub fn new(actor: Actor<'a>, path: &str, response: Response) -> Self {
        Self { actor: Some(actor), ..Self::detached(path, response) }
    }

    /// An answer that is only read.
    pub fn detached(path: &str, response: Response) -> Self {
        Self { actor: None, path: path.to_owned(), response, html: OnceCell::new() }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The answer behind it.
    pub const fn response(&self) -> &Response {
        &self.response
    }

    /// Insists on a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let shown = || self.texts("main").join("\n");
        assert_eq!(self.response.status, status, "{}: {}", self.path, shown());
        self
    }

    fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(self.response.text()))
    }

    /// The texts of all elements that a selector finds.
    pub fn texts(&self, of: &str) -> Vec<String> {
        self.html().select(&selector(of)).map(text_of).collect()
    }

    /// How many elements a selector finds.
    pub fn count(&self, of: &str) -> usize {
        self.html().select(&selector(of)).count()
    }

    /// An attribute of all elements that a selector finds and that have it.
    pub fn attributes(&self, of: &str, name: &str) -> Vec<String> {
        let html = self.html();
        html.select(&selector(of)).filter_map(|it| it.attr(name)).map(str::to_owned).collect()
    }

    /// What stands in the browser's bar.
    pub fn title(&self) -> String {
        self.texts("title").join("")
    }

    /// The first heading.
    pub fn heading(&self) -> String {
        self.texts("h1").into_iter().next().unwrap_or_default()
    }

    /// The message about what was done last.
    pub fn flash(&self) -> Option<String> {
        self.texts("main > .note.ok").into_iter().next()
    }

    /// The language that it says it is in.
    pub fn language(&self) -> String {
        self.attributes("html", "lang").join("")
    }

    /// Where the links of its content lead.
    pub fn links(&self) -> Vec<String> {
        self.attributes("main a[href]", "href")
    }

    /// Insists that a field is blamed with some words, beside the field and in the summary.
    #[track_caller]
    pub fn problem(&self, field: &str, words: &str) -> &Self {
        assert_eq!(self.problem_of(field).as_deref(), Some(words), "{field} of {}", self.path);
        let summary = self.texts(&format!("[role=alert] a[href='#f-{field}']"));
        // There the field's label may stand before it.
        assert!(matches!(&summary[..], [said] if said.ends_with(words)), "{field}: {summary:?}");
        self
    }

    /// The same by a part of the words.
    #[track_caller]
    pub fn blames(&self, field: &str, part: &str) -> &Self {
        let words = self.problem_of(field).unwrap_or_default();
        assert!(words.contains(part), "{field} of {}: {words:?}", self.path);
        self.problem(field, &words)
    }

    /// What a field is blamed for.
    pub fn problem_of(&self, field: &str) -> Option<String> {
        self.texts(&format!("#f-{field}-error")).into_iter().next()
    }

    /// The fields that are blamed.
    pub fn blamed(&self) -> Vec<String> {
        let ids = self.attributes("[id$='-error']", "id");
        ids.iter().map(|id| id.trim_start_matches("f-").trim_end_matches("-error").into()).collect()
    }

    /// The content in a form that is easy to review and the same on every run.
    pub fn main_snapshot(&self) -> String {
        let html = self.html();
        let main = html.select(&selector("main")).next().expect("a main element");
        normal(&outline(main))
    }

    /// The form that a heading or button names, or that leads to a path.
    #[track_caller]
    pub fn form(&self, which: &str) -> Form<'a> {
        let html = self.html();
        let fits = |form: &ElementRef<'_>| {
            let named = form.select(&selector("h1, h2, button")).any(|it| text_of(it) == which);
            named || form.attr("action") == Some(which)
        };
        let forms: Vec<_> = html.select(&selector("form")).filter(fits).collect();
        match forms.as_slice() {
            [form] => Form::read(self, *form),
            found => panic!("{}: {} forms for {which:?}", self.path, found.len()),
        }
    }

    /// Every form.
    pub fn forms(&self) -> Vec<Form<'a>> {
        self.html().select(&selector("form")).map(|form| Form::read(self, form)).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Control {
    /// Sent as it is; nobody can type into it.
    Hidden,
    Typed,
    /// A box of a group.
    Box,
    /// A button of a group of which one is pressed.
    Radio,
    Select(Vec<String>),
    Button,
}

#[derive(Clone, Debug)]
struct Offer {
    name: String,
    value: String,
    control: Control,
    is_sent: bool,
}

/// A form while it is filled in. It takes only what its page offers.
#[derive(Clone)]
pub struct Form<'a> {
    actor: Option<Actor<'a>>,
    /// Where it leads.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    offers: Vec<Offer>,
}

impl<'a> Form<'a> {
    fn read(page: &Page<'a>, form: ElementRef<'_>) -> Self {
        let controls = selector("input[name], select[name], textarea[name], button[name]");
        Self {
            actor: page.actor.clone(),
            action: form.attr("action").unwrap_or(&page.path).to_owned(),
            method: form.attr("method").unwrap_or("get").to_owned(),
            offers: form.select(&controls).map(offer).collect(),
        }
    }

    fn names(&self) -> Vec<&str> {
        self.offers.iter().map(|offer| offer.name.as_str()).collect()
    }

    /// The names of what can be filled in or chosen.
    pub fn open_names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .offers
            .iter()
            .filter(|offer| !matches!(offer.control, Control::Hidden | Control::Button))
            .map(|offer| offer.name.clone())
            .collect();
        names.dedup();
        names
    }

    /// Whether a field can be filled in or chosen.
    pub fn has_open(&self, name: &str) -> bool {
        self.open_names().iter().any(|known| known == name)
    }

    fn actor(&self) -> &Actor<'a> {
        self.actor.as_ref().expect("somebody who sends it")
    }

    /// What a field would be sent with.
    #[track_caller]
    pub fn value(&self, name: &str) -> String {
        let found = self.offers.iter().find(|offer| offer.name == name && offer.is_sent);
        let found = found.or_else(|| self.offers.iter().find(|offer| offer.name == name));
        found.unwrap_or_else(|| panic!("no {name} in {:?}", self.names())).value.clone()
    }

    /// The values of a group that are chosen.
    pub fn chosen(&self, name: &str) -> Vec<String> {
        let of_name = self.offers.iter().filter(|offer| offer.name == name && offer.is_sent);
        of_name.map(|offer| offer.value.clone()).collect()
    }

    /// Types into a field.
    #[track_caller]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let names = format!("{:?}", self.names());
        let found = self.offers.iter_mut().find(|offer| offer.name == name);
        let field = found.unwrap_or_else(|| panic!("no {name} to fill in {names}"));
        assert_eq!(field.control, Control::Typed, "nobody can type into {name}");
        value.clone_into(&mut field.value);
        self
    }

    /// Ticks a box, chooses of a list, or presses a button that has a value.
    #[track_caller]
    pub fn choose(self, name: &str, value: &str) -> Self {
        self.set(name, value, true)
    }

    /// Takes the tick from a box.
    #[track_caller]
    pub fn unchoose(self, name: &str, value: &str) -> Self {
        self.set(name, value, false)
    }

    #[track_caller]
    fn set(mut self, name: &str, value: &str, on: bool) -> Self {
        let offered = format!("{:?}", self.offers);
        let list = self.offers.iter_mut().find(
            |offer| matches!(&offer.control, Control::Select(all) if offer.name == name && all.iter().any(|it| it == value)),
        );
        if let Some(list) = list {
            value.clone_into(&mut list.value);
            return self;
        }
        let same = |offer: &&mut Offer| offer.name == name;
        for other in self.offers.iter_mut().filter(same) {
            other.is_sent &= other.control != Control::Radio;
        }
        let pressed = self.offers.iter_mut().filter(same).find(|offer| {
            let takes = matches!(offer.control, Control::Box | Control::Radio | Control::Button);
            takes && offer.value == value
        });
        pressed.unwrap_or_else(|| panic!("no {name}={value} in {offered}")).is_sent = on;
        self
    }

    /// Changes what the page does not let anybody change.
    #[track_caller]
    pub fn forged(mut self, name: &str, value: &str) -> Self {
        let found = self.offers.iter_mut().find(|offer| offer.name == name);
        let field = found.unwrap_or_else(|| panic!("no {name} to forge"));
        value.clone_into(&mut field.value);
        field.is_sent = true;
        self
    }

    /// The fields as they are sent.
    pub fn fields(&self) -> Vec<(String, String)> {
        let sent = self.offers.iter().filter(|offer| offer.is_sent);
        sent.map(|offer| (offer.name.clone(), offer.value.clone())).collect()
    }

    /// Sends it; the bare answer.
    pub fn send(&self) -> Response {
        self.sent_by(self.actor())
    }

    /// The same by somebody who got hold of it.
    pub fn sent_by(&self, actor: &Actor<'_>) -> Response {
        assert_eq!(self.method, "post", "{}", self.action);
        actor.post(&self.action, &self.fields())
    }

    /// Sends it, and goes where a success leads.
    #[track_caller]
    pub fn submit(&self) -> Page<'a> {
        if self.method == "get" {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.extend_pairs(self.fields()).finish();
            let path = self.action.split('?').next().unwrap_or_default();
            return self.actor().visit(&format!("{path}?{query}"));
        }
        let response = self.send();
        match response.header("location") {
            Some(location) if response.status == 303 => self.actor().visit(&location),
            _ => Page::new(self.actor().clone(), &self.action, response),
        }
    }
}

fn offer(control: ElementRef<'_>) -> Offer {
    let name = control.attr("name").unwrap_or_default().to_owned();
    let value = control.attr("value").unwrap_or_default().to_owned();
    let is_checked = control.attr("checked").is_some();
    let made = |control, value, is_sent| Offer { name: name.clone(), value, control, is_sent };
    match (control.value().name(), control.attr("type").unwrap_or("text")) {
        ("select", _) => {
            let of = |option: ElementRef<'_>| {
                option.attr("value").map_or_else(|| text_of(option), str::to_owned)
            };
            let all: Vec<_> = control.select(&selector("option")).map(of).collect();
            let chosen = control.select(&selector("option[selected]")).map(of).next();
            let value = chosen.or_else(|| all.first().cloned()).unwrap_or_default();
            made(Control::Select(all), value, true)
        }
        ("textarea", _) => made(Control::Typed, control.text().collect(), true),
        ("button", _) => made(Control::Button, value, false),
        (_, "hidden") => made(Control::Hidden, value, true),
        (_, "checkbox") => made(Control::Box, value, is_checked),
        (_, "radio") => made(Control::Radio, value, is_checked),
        _ => made(Control::Typed, value, true),
    }
}
