//! `/forgot-password` and the link that it mails.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

use super::actions;
use super::forms::{self, ForgotInput, ResetForm, ResetInput};
use crate::accounts::links::Purpose;
use crate::accounts::links::actions::look;
use crate::accounts::links::pages::{Key, over};
use crate::error::AppError;
use crate::notify;
use crate::web::body::{Form, Query};
use crate::web::field::{self, Field};
use crate::web::{Cx, Flash, Need, Routes, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::FORGOT, Need::Nothing, show);
    routes.form(urls::FORGOT, Need::Nothing, ask);
    routes.page(urls::FORGOT_SENT, Need::Nothing, sent);
    routes.page(urls::RESET, Need::Nothing, show_reset);
    routes.form(urls::RESET, Need::Nothing, reset);
}

#[derive(Template)]
#[template(path = "accounts/forgot.html")]
struct ForgotPage {
    shell: Shell,
    field: Field,
    has_mail: bool,
}

impl ForgotPage {
    fn new(cx: &Cx, field: Field) -> Self {
        let has_mail = notify::is_set_up(&cx.services);
        Self { shell: cx.plain_shell(cx.t().forgot()), field, has_mail }
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.field])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary([&self.field], &[t.email()], t.colon())
    }
}

#[derive(Template)]
#[template(path = "accounts/forgot_sent.html")]
struct SentPage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "accounts/reset.html")]
struct ResetPage {
    shell: Shell,
    email: String,
    form: ResetForm,
}

impl ResetPage {
    fn new(cx: &Cx, email: String, form: ResetForm) -> Self {
        Self { shell: cx.plain_shell(cx.t().reset_password()), email, form }
    }

    fn problems(&self) -> i64 {
        field::problems(&self.form.fields())
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let labels = [t.password_new(), t.password_again()];
        field::summary(self.form.fields(), &labels, t.colon())
    }
}

/// `GET /forgot-password`.
async fn show(cx: Cx) -> Result<HttpResponse, AppError> {
    cx.page(&ForgotPage::new(&cx, forms::address()))
}

/// `POST /forgot-password`: the same answer to everybody.
async fn ask(cx: Cx, Form(input): Form<ForgotInput>) -> Result<HttpResponse, AppError> {
    if !notify::is_set_up(&cx.services) {
        return Err(AppError::NotFound);
    }
    let email = match input.parse(cx.t()) {
        Ok(email) => email,
        Err(field) => return cx.refuse(&ForgotPage::new(&cx, *field)),
    };
    match actions::ask(&cx.services, &email, (cx.actor(), cx.address)).await? {
        Ok(()) => Ok(cx.see_other(urls::FORGOT_SENT)),
        Err(problem) => {
            let field = forms::address_again(&email.text, &problem, cx.t());
            cx.refuse(&ForgotPage::new(&cx, field))
        }
    }
}

/// `GET /forgot-password/sent`.
async fn sent(cx: Cx) -> Result<HttpResponse, AppError> {
    cx.page(&SentPage { shell: cx.plain_shell(cx.t().forgot_sent()) })
}

/// `GET /reset-password?key=…`: the form, and nothing else happens.
async fn show_reset(cx: Cx, Query(Key { key }): Query<Key>) -> Result<HttpResponse, AppError> {
    match look(&cx.services, Purpose::ResetPassword, &key).await? {
        Some((_, owner)) => cx.page(&ResetPage::new(&cx, owner.email, ResetForm::default())),
        None => over(&cx, Purpose::ResetPassword),
    }
}

/// `POST /reset-password?key=…`.
async fn reset(
    cx: Cx,
    session: Session,
    Query(Key { key }): Query<Key>,
    Form(input): Form<ResetInput>,
) -> Result<HttpResponse, AppError> {
    let Some((_, owner)) = look(&cx.services, Purpose::ResetPassword, &key).await? else {
        return over(&cx, Purpose::ResetPassword);
    };
    let personal = [owner.email.as_str(), owner.name.as_str()];
    let strength = cx.services.passwords.judge(input.password(), &personal).await?;
    let password = match input.parse(strength, cx.t()) {
        Ok(password) => password,
        Err(form) => return cx.refuse(&ResetPage::new(&cx, owner.email, *form)),
    };
    let owner = match actions::choose(&cx.services, &key, password, cx.actor()).await? {
        None => return over(&cx, Purpose::ResetPassword),
        Some(Err(problem)) => {
            let form = ResetForm::blamed(&problem, cx.t());
            return cx.refuse(&ResetPage::new(&cx, owner.email, form));
        }
        Some(Ok(owner)) => owner,
    };
    if cx.person.as_ref().is_some_and(|person| person.account == owner.id) {
        session.purge();
    }
    cx.see_other_with(urls::SIGN_IN, &Flash::PasswordReset)
}
