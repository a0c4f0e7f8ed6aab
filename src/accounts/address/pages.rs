//! `/profile/email`, and the links that confirm addresses.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

use super::actions::{self, Standing};
use super::forms::{self, EmailInput};
use crate::accounts::links::Purpose;
use crate::accounts::links::actions::look;
use crate::accounts::links::pages::{Key, LinkPage, over};
use crate::audit::Act;
use crate::error::AppError;
use crate::ids::AccountId;
use crate::notify;
use crate::problem::Problem;
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::step_up::forms::Nothing;
use crate::step_up::pages as step_up;
use crate::web::body::{Form, Query};
use crate::web::field;
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Field, Flash, Need, Routes, Section, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const CONFIRM: &str = "/profile/email/confirm";
    const AGAIN: &str = "/profile/email/again";
    const CANCEL: &str = "/profile/email/cancel";
    routes.page(urls::EMAIL, WHO, show);
    routes.sensitive(urls::EMAIL, WHO, Watched::Act(Act::ChangeEmail), ask);
    for path in [CONFIRM, AGAIN, CANCEL] {
        routes.page(path, WHO, to_page);
    }
    routes.form(CONFIRM, WHO, send_confirmation);
    routes.form(AGAIN, WHO, send_again);
    routes.form(CANCEL, WHO, call_off);
    routes.page(urls::CONFIRM_EMAIL, Need::Nothing, show_confirm);
    routes.form(urls::CONFIRM_EMAIL, Need::Nothing, confirm);
    routes.page(urls::CHANGE_EMAIL, Need::Nothing, show_change);
    routes.form(urls::CHANGE_EMAIL, Need::Nothing, change);
}

#[derive(Template)]
#[template(path = "accounts/email.html")]
struct EmailPage {
    shell: Shell,
    trail: Vec<Crumb>,
    email: String,
    is_verified: bool,
    /// What waits to be confirmed, in words.
    waiting: Option<String>,
    has_mail: bool,
    field: Field,
    /// Why no mail was sent.
    trouble: Option<String>,
}

impl EmailPage {
    async fn new(cx: &Cx, person: &Person, field: Field) -> Result<Self, AppError> {
        let t = cx.t();
        let Standing { is_verified, waiting } =
            actions::standing(&cx.services, person.account).await?;
        let waiting = waiting.map(|(email, until)| {
            let until = until.in_zone(&cx.zone()).strftime("%Y-%m-%d %H:%M").to_string();
            t.email_pending_words(&email, &until)
        });
        Ok(Self {
            shell: cx.member_shell(Section::Profile, t.email_address()),
            trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
            email: person.email.clone(),
            is_verified,
            waiting,
            has_mail: notify::is_set_up(&cx.services),
            field,
            trouble: None,
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.field])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary([&self.field], &[t.email_new()], t.colon())
    }
}

/// `GET /profile/email`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    cx.page(&EmailPage::new(&cx, &person, forms::empty()).await?)
}

/// `GET` of what only takes forms: where they are, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::EMAIL)
}

/// `POST /profile/email`: asks to change it.
async fn ask(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<EmailInput>,
) -> Result<HttpResponse, AppError> {
    if !notify::is_set_up(&cx.services) {
        return Err(AppError::NotFound);
    }
    let email = match input.parse(&person.email, cx.t()) {
        Ok(email) => email,
        Err(field) => return cx.refuse(&EmailPage::new(&cx, &person, *field).await?),
    };
    let (by, typed) = (cx.asker(&person), email.text.clone());
    match actions::ask_to_change(&cx.services, &by, &person, email).await? {
        Ok(asked) => step_up::lead(&cx, asked),
        Err(problem) => {
            let field = forms::again(&typed, &problem, cx.t());
            cx.refuse(&EmailPage::new(&cx, &person, field).await?)
        }
    }
}

/// The page again: a mail is on its way, or why it is not.
async fn after_sending(
    cx: &Cx,
    person: &Person,
    sent: Result<(), Problem>,
    flash: &Flash,
) -> Result<HttpResponse, AppError> {
    match sent {
        Ok(()) => cx.see_other_with(urls::EMAIL, flash),
        Err(problem) => {
            let page = EmailPage::new(cx, person, forms::empty()).await?;
            cx.refuse(&EmailPage { trouble: Some(problem.text(cx.t())), ..page })
        }
    }
}

/// `POST …/confirm`: sends the link that confirms the address.
async fn send_confirmation(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    if !notify::is_set_up(&cx.services) {
        return Ok(cx.see_other(urls::EMAIL));
    }
    let sent = actions::send_confirmation(&cx.services, person.account).await?;
    after_sending(&cx, &person, sent, &Flash::EmailConfirmationSent).await
}

/// `POST …/again`: sends the link to the new address once more.
async fn send_again(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let sent = actions::send_again(&cx.services, person.account, cx.actor()).await?;
    after_sending(&cx, &person, sent, &Flash::EmailChangeSent).await
}

/// `POST …/cancel`: leaves the address as it is.
async fn call_off(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    actions::call_off(&cx.services, &person, cx.actor()).await?;
    cx.see_other_with(urls::EMAIL, &Flash::EmailChangeOff)
}

/// Where one goes who has followed a link about an account.
fn onward(cx: &Cx, account: AccountId) -> &'static str {
    let is_own = cx.person.as_ref().is_some_and(|person| person.account == account);
    if is_own { urls::EMAIL } else { urls::SIGN_IN }
}

/// `GET /confirm-email?key=…`: a button, and nothing else happens.
async fn show_confirm(cx: Cx, Query(Key { key }): Query<Key>) -> Result<HttpResponse, AppError> {
    let Some((link, _)) = look(&cx.services, Purpose::ConfirmEmail, &key).await? else {
        return over(&cx, Purpose::ConfirmEmail);
    };
    let t = cx.t();
    cx.page(&LinkPage {
        shell: cx.plain_shell(t.email_confirm_title()),
        lead: t.email_confirm_lead(),
        email: link.email,
        note: t.email_confirm_note(),
        button: t.email_confirm_button(),
        is_dangerous: false,
    })
}

/// `POST /confirm-email?key=…`.
async fn confirm(
    cx: Cx,
    Query(Key { key }): Query<Key>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    match actions::confirm(&cx.services, &key, cx.actor()).await? {
        Some(account) => cx.see_other_with(onward(&cx, account), &Flash::EmailConfirmed),
        None => over(&cx, Purpose::ConfirmEmail),
    }
}

/// `GET /change-email?key=…`: likewise.
async fn show_change(cx: Cx, Query(Key { key }): Query<Key>) -> Result<HttpResponse, AppError> {
    let Some((link, _)) = look(&cx.services, Purpose::ChangeEmail, &key).await? else {
        return over(&cx, Purpose::ChangeEmail);
    };
    let t = cx.t();
    cx.page(&LinkPage {
        shell: cx.plain_shell(t.email_switch_title()),
        lead: t.email_switch_lead(),
        email: link.email,
        note: t.email_switch_note(),
        button: t.email_switch_button(),
        is_dangerous: false,
    })
}

/// `POST /change-email?key=…`.
async fn change(
    cx: Cx,
    session: Session,
    Query(Key { key }): Query<Key>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let opened_in = cx.person.as_ref().map(|person| (person.account, person.session));
    let Some(account) = actions::change(&cx.services, &key, cx.actor(), opened_in).await? else {
        return over(&cx, Purpose::ChangeEmail);
    };
    if let Some((own, id)) = opened_in
        && own == account
    {
        open(&session, id)?;
    }
    cx.see_other_with(onward(&cx, account), &Flash::EmailChanged)
}
