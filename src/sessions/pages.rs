//! `/sign-in` and `/sign-out`.

mod list;
mod passkey;
mod second_factor;

use actix_session::Session;
use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, Entry, Knock, SignInError};
use super::backing;
use super::forms::{SignInForm, SignInInput};
use crate::error::AppError;
use crate::identities::pages::{Offer, offer_to_sign_in};
use crate::ids::SessionId;
use crate::passkeys::forms::field as passkey_field;
use crate::passkeys::{Ceremony, actions as passkeys};
use crate::problem::Problem;
use crate::setup;
use crate::web::body::{Form, Query};
use crate::web::cx::had_session;
use crate::web::field;
use crate::web::guard::SignedIn;
use crate::web::{Cx, Field, Flash, Need, Routes, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::SIGN_IN, Need::Nothing, show);
    routes.form(urls::SIGN_IN, Need::Nothing, sign_in);
    passkey::routes(routes);
    second_factor::routes(routes);
    list::routes(routes);
    routes.form(urls::SIGN_OUT, Need::SignedIn, sign_out);
}

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
struct SignInPage {
    shell: Shell,
    form: SignInForm,
    /// Where the form is sent.
    action: String,
    /// What asks for a passkey, where browsers have them.
    ceremony: Option<Ceremony>,
    passkey_action: String,
    passkey: Field,
    is_set_up: bool,
    /// Whether somebody was signed in here, who is not any more.
    has_ended: bool,
    /// Signing in through a provider.
    sso: Option<Offer>,
}

impl SignInPage {
    async fn new(cx: &Cx, form: SignInForm, return_to: &str) -> Result<Self, AppError> {
        Ok(Self {
            shell: cx.plain_shell(cx.t().sign_in()),
            form,
            action: urls::sign_in_to(Some(return_to)),
            ceremony: passkeys::at_the_door(&cx.services, None).await?,
            passkey_action: urls::passkey_to(return_to),
            passkey: passkey_field(),
            is_set_up: setup::actions::is_over(&cx.services).await?,
            has_ended: false,
            sso: offer_to_sign_in(cx),
        })
    }

    const fn fields(&self) -> [&Field; 3] {
        let [email, password] = self.form.fields();
        [email, password, &self.passkey]
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary(self.fields(), &[t.email(), t.password(), t.method_passkey()], t.colon())
    }
}

/// Where to go afterwards.
#[derive(Deserialize)]
struct Return {
    #[serde(default)]
    return_to: String,
}

/// `GET /sign-in`: the form, or where it would lead when somebody is signed in already.
async fn show(
    cx: Cx,
    req: HttpRequest,
    Query(Return { return_to }): Query<Return>,
) -> Result<HttpResponse, AppError> {
    if cx.person.is_some() {
        return Ok(cx.see_other(urls::local(&return_to)));
    }
    let has_ended = had_session(&req, &cx.services);
    cx.page(&SignInPage {
        has_ended,
        ..SignInPage::new(&cx, SignInForm::new(""), &return_to).await?
    })
}

/// `POST /sign-in`.
async fn sign_in(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(Return { return_to }): Query<Return>,
    Form(input): Form<SignInInput>,
) -> Result<HttpResponse, AppError> {
    if let Some(form) = input.incomplete(cx.t()) {
        return cx.refuse(&SignInPage::new(&cx, form, &return_to).await?);
    }
    let typed: String = input.email.chars().take(300).collect();
    let device = cx.device(&req);
    let knock = Knock {
        email: typed.clone(),
        password: input.password,
        address: cx.address,
        from: cx.actor(),
        before: cx.person.as_ref().map(|person| person.session),
        device: device.clone(),
    };
    match actions::sign_in(&cx.services, knock).await {
        Ok(Entry::Open(id)) => {
            open(&session, id)?;
            with_cookie(cx.see_other(urls::local(&return_to)), &cx.device_cookie(device))
        }
        Ok(Entry::SecondFactor(token)) => {
            let response = cx.see_other(&urls::second_factor_to(&return_to));
            with_cookie(response, &cx.second_factor_cookie(Some(token)))
        }
        Ok(Entry::Wrong) => refuse(&cx, typed, &return_to, &Problem::WrongCredentials).await,
        Ok(Entry::Inactive(inactive)) => {
            refuse(&cx, typed, &return_to, &Problem::Inactive(inactive)).await
        }
        Ok(Entry::Throttled { retry_after_s }) => Err(AppError::Throttled { retry_after_s }),
        Err(SignInError::Db(error)) => Err(error.into()),
        Err(SignInError::Unchecked(error)) => Err(error.into()),
    }
}

/// The form again, with what is wrong.
async fn refuse(
    cx: &Cx,
    typed: String,
    return_to: &str,
    problem: &Problem,
) -> Result<HttpResponse, AppError> {
    let mut form = SignInForm::new(typed);
    form.email = form.email.blamed(problem, cx.t());
    cx.refuse(&SignInPage::new(cx, form, return_to).await?)
}

/// An answer with one more cookie.
///
/// # Errors
/// A cookie that cannot be written.
pub fn with_cookie(
    mut response: HttpResponse,
    cookie: &Cookie<'_>,
) -> Result<HttpResponse, AppError> {
    response.add_cookie(cookie).map_err(|error| AppError::Internal(error.into()))?;
    Ok(response)
}

/// Gives the browser a new key for a session; a key it came with stops working.
///
/// # Errors
/// An id that cannot be written as JSON.
pub fn open(session: &Session, id: SessionId) -> Result<(), AppError> {
    session.renew();
    session.remove(backing::PERSON);
    session.insert(backing::SESSION, id).map_err(|error| AppError::Internal(error.into()))
}

/// `POST /sign-out`: ends the session for the very next request.
async fn sign_out(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
) -> Result<HttpResponse, AppError> {
    actions::sign_out(&cx.services, &person, cx.actor()).await?;
    session.purge();
    cx.see_other_with(urls::SIGN_IN, &Flash::SignedOut)
}
