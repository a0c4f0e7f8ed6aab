//! `/profile/passkeys`: the passkeys of a person.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::actions::{self, Added, Standing, Unadded, Wish};
use super::forms::{self, AddInput, RemoveInput};
use super::store::Known;
use super::{Ceremony, PASSKEYS_MAX};
use crate::audit::Act;
use crate::error::AppError;
use crate::problem::{NAME_CHARS_MAX, Problem};
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::field::{self, Field};
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Flash, Need, Routes, Section, Shell, urls};

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const REMOVE: &str = "/profile/passkeys/remove";
    routes.page(urls::PASSKEYS, WHO, show);
    routes.sensitive(urls::PASSKEYS, WHO, Watched::Act(Act::AddPasskey), add);
    routes.page(REMOVE, WHO, to_page);
    routes.sensitive(REMOVE, WHO, Watched::Act(Act::RemovePasskey), remove);
}

/// One passkey, in words.
struct Row {
    id: String,
    name: String,
    added: String,
    used: String,
}

impl Row {
    fn new(cx: &Cx, known: Known) -> Self {
        let (t, zone) = (cx.t(), cx.zone());
        let used = known.last_used_at.map_or_else(
            || t.passkey_unused().to_owned(),
            |at| t.passkey_used(&at.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string()),
        );
        let added = t.passkey_added(&known.created_at.day(&zone).to_string());
        Self { id: known.id, name: known.name, added, used }
    }
}

#[derive(Template)]
#[template(path = "passkeys/passkeys.html")]
struct PasskeysPage {
    shell: Shell,
    trail: Vec<Crumb>,
    email: String,
    /// Whether browsers have passkeys here.
    is_possible: bool,
    rows: Vec<Row>,
    ceremony: Option<Ceremony>,
    /// What the browser has answered already, for a form whose other fields were wrong.
    kept: String,
    lacks_recovery: bool,
    needs_password: bool,
    name: Field,
    password: Field,
    passkey: Field,
}

impl PasskeysPage {
    async fn new(cx: &Cx, person: &Person) -> Result<Self, AppError> {
        let t = cx.t();
        let standing = actions::standing(&cx.services, person).await?;
        let is_possible = standing.is_some();
        let Standing { passkeys, ceremony, lacks_recovery, needs_password } =
            standing.unwrap_or_default();
        Ok(Self {
            shell: cx.member_shell(Section::Profile, t.passkeys()),
            trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
            email: person.email.clone(),
            is_possible,
            rows: passkeys.into_iter().map(|known| Row::new(cx, known)).collect(),
            ceremony,
            kept: String::new(),
            lacks_recovery,
            needs_password,
            name: Field::new("name", ""),
            password: Field::new("password", ""),
            passkey: forms::field(),
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.name, &self.password, &self.passkey])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let labels = [t.passkey_name(), t.authenticator_password(), t.method_passkey()];
        field::summary([&self.name, &self.password, &self.passkey], &labels, t.colon())
    }

    const fn name_chars_max() -> usize {
        NAME_CHARS_MAX
    }
}

/// `GET /profile/passkeys`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    cx.page(&PasskeysPage::new(&cx, &person).await?)
}

/// `POST /profile/passkeys`: adds one that the browser has just made.
async fn add(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    Form(input): Form<AddInput>,
) -> Result<HttpResponse, AppError> {
    let (t, answer) = (cx.t(), input.answer());
    let typed: String = input.name.chars().take(NAME_CHARS_MAX * 2).collect();
    let again = async |problem: &dyn Fn(PasskeysPage) -> PasskeysPage| {
        let page = PasskeysPage::new(&cx, &person).await?;
        let page = PasskeysPage { name: Field::new("name", &*typed), ..page };
        cx.refuse(&problem(page))
    };
    // Its device keeps the passkey already: nobody should make it twice for a slip in the rest.
    let keeping = |page: PasskeysPage| {
        if answer.credential.is_empty() {
            return page;
        }
        let ceremony = page.ceremony.map(|it| Ceremony { sealed: answer.ceremony.clone(), ..it });
        PasskeysPage { ceremony, kept: answer.credential.clone(), ..page }
    };
    let name = match input.name() {
        Ok(name) => name,
        Err(problem) => {
            return again(&|page| {
                let name = page.name.clone().blamed(&problem, t);
                keeping(PasskeysPage { name, ..page })
            })
            .await;
        }
    };
    let wish = Wish { name, password: input.password, answer: answer.clone() };
    match actions::begin(&cx.services, &cx.asker(&person), &person, wish).await? {
        Ok(Added::Done) => {
            open(&session, person.session)?;
            cx.see_other_with(urls::PASSKEYS, &Flash::PasskeyAdded)
        }
        Ok(Added::Asked(asked)) => step_up::lead(&cx, asked),
        Err(Unadded::Password(problem)) => {
            again(&|page| {
                let password = page.password.clone().blamed(&problem, t);
                keeping(PasskeysPage { password, ..page })
            })
            .await
        }
        Err(Unadded::Passkey(Problem::ChangedMeanwhile)) => {
            // There is a way to prove something by now.
            cx.answer(StatusCode::CONFLICT, &PasskeysPage::new(&cx, &person).await?)
        }
        Err(Unadded::Passkey(problem)) => {
            again(&|page| {
                let passkey = page.passkey.clone().blamed(&problem, t);
                PasskeysPage { passkey, ..page }
            })
            .await
        }
    }
}

/// `GET` of what only takes forms: where they are, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::PASSKEYS)
}

/// `POST …/remove`: asks for it.
async fn remove(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<RemoveInput>,
) -> Result<HttpResponse, AppError> {
    let by = cx.asker(&person);
    match actions::ask_to_remove(&cx.services, &by, &person, &input.passkey).await? {
        Some(asked) => step_up::lead(&cx, asked),
        None => Err(AppError::NotFound),
    }
}
