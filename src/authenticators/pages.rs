//! `/profile/authenticator`: setting an authenticator up, replacing and removing it.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::actions::{self, Confirmed, Standing};
use super::forms::{self, BeginInput};
use super::totp::{self, Qr};
use crate::audit::Act;
use crate::error::AppError;
use crate::secret::Secret;
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::step_up::FACTOR_YOUNG_FOR;
use crate::step_up::forms::{CodeInput, Nothing, empty};
use crate::step_up::{Code, pages as step_up};
use crate::web::body::Form;
use crate::web::field::{self, Field};
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Flash, Need, Routes, Section, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const CONFIRM: &str = "/profile/authenticator/confirm";
    const CANCEL: &str = "/profile/authenticator/cancel";
    const REMOVE: &str = "/profile/authenticator/remove";
    routes.page(urls::AUTHENTICATOR, WHO, show);
    routes.form(urls::AUTHENTICATOR, WHO, begin);
    routes.page(CONFIRM, WHO, to_page);
    routes.sensitive(CONFIRM, WHO, Watched::Act(Act::AddAuthenticator), confirm);
    routes.page(CANCEL, WHO, to_page);
    routes.form(CANCEL, WHO, give_up);
    routes.page(REMOVE, WHO, to_page);
    routes.sensitive(REMOVE, WHO, Watched::Act(Act::RemoveAuthenticator), remove);
}

/// A seed while it is set up.
struct Pending {
    qr: Qr,
    key: Secret,
}

#[derive(Template)]
#[template(path = "authenticators/authenticator.html")]
struct AuthenticatorPage {
    shell: Shell,
    trail: Vec<Crumb>,
    email: String,
    since: Option<String>,
    pending: Option<Pending>,
    password: Field,
    code: Field,
    has_expired: bool,
    /// What it cannot be used for yet; empty once it can.
    young: &'static str,
    lacks_recovery: bool,
    needs_password: bool,
}

impl AuthenticatorPage {
    async fn new(cx: &Cx, person: &Person, password: Field, code: Field) -> Result<Self, AppError> {
        let t = cx.t();
        let Standing { since, pending, lacks_recovery, needs_password } =
            actions::standing(&cx.services, person).await?;
        let pending = pending.and_then(|pending| {
            let address = totp::address(&pending.seed, &person.email)?;
            Some(Pending { qr: Qr::of(&address)?, key: totp::grouped(&pending.seed) })
        });
        Ok(Self {
            shell: cx.member_shell(Section::Profile, t.authenticator()),
            trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
            email: person.email.clone(),
            since: since.map(|since| t.authenticator_since(&since.day(&cx.zone()).to_string())),
            pending,
            password,
            code,
            has_expired: false,
            young: match since {
                Some(since) if since.plus(FACTOR_YOUNG_FOR) > cx.now() => t.authenticator_young(),
                _ => "",
            },
            lacks_recovery,
            needs_password,
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.password, &self.code])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let labels = [t.authenticator_password(), t.code_of_totp()];
        field::summary([&self.password, &self.code], &labels, t.colon())
    }
}

/// `GET /profile/authenticator`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    cx.page(&AuthenticatorPage::new(&cx, &person, forms::password(), empty()).await?)
}

/// `POST /profile/authenticator`: makes a seed.
async fn begin(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<BeginInput>,
) -> Result<HttpResponse, AppError> {
    match actions::begin(&cx.services, &person, input.password).await? {
        Ok(()) => Ok(cx.see_other(urls::AUTHENTICATOR)),
        Err(problem) => {
            let password = forms::password_blamed(&problem, cx.t());
            cx.refuse(&AuthenticatorPage::new(&cx, &person, password, empty()).await?)
        }
    }
}

/// `GET` of what only takes forms: where they are, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::AUTHENTICATOR)
}

/// `POST …/confirm`: the first code.
async fn confirm(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    Form(input): Form<CodeInput>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let confirmed = match Code::parse(&input.code) {
        Ok(code) => actions::confirm(&cx.services, &cx.asker(&person), &person, &code).await?,
        Err(problem) => Err(problem),
    };
    match confirmed {
        Ok(Confirmed::Added) => {
            open(&session, person.session)?;
            cx.see_other_with(urls::AUTHENTICATOR, &Flash::AuthenticatorAdded)
        }
        Ok(Confirmed::Asked(asked)) => step_up::lead(&cx, asked),
        Err(problem) => {
            let code = empty().blamed(&problem, t);
            let page = AuthenticatorPage::new(&cx, &person, forms::password(), code).await?;
            if page.pending.is_some() {
                return cx.refuse(&page);
            }
            // It took too long, or another sign-in has begun anew.
            let page = AuthenticatorPage { has_expired: true, code: empty(), ..page };
            cx.answer(StatusCode::CONFLICT, &page)
        }
    }
}

/// `POST …/cancel`.
async fn give_up(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    actions::give_up(&cx.services, &person).await?;
    Ok(cx.see_other(urls::AUTHENTICATOR))
}

/// `POST …/remove`: asks for it.
async fn remove(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    match actions::ask_to_remove(&cx.services, &cx.asker(&person), &person).await? {
        Some(asked) => step_up::lead(&cx, asked),
        None => Ok(cx.see_other(urls::AUTHENTICATOR)),
    }
}
