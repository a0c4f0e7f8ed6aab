//! `/sign-in/code`: the second factor of signing in.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{Return, open, with_cookie};
use crate::audit::Actor;
use crate::error::AppError;
use crate::passkeys::forms::field as passkey_field;
use crate::passkeys::{Ceremony, actions as passkeys};
use crate::sessions::actions;
use crate::step_up::actions::{self as step_up, Refusal};
use crate::step_up::forms::{CodeInput, empty, refused};
use crate::step_up::{Challenge, Granted, Holder, Method, State};
use crate::web::body::{Form, Query};
use crate::web::cx::second_factor_token;
use crate::web::field::{self, Field};
use crate::web::{Cx, Need, Routes, Shell, urls};

/// The field of a recovery code.
const RECOVERY: &str = "recovery";

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    routes.page(urls::SECOND_FACTOR, Need::Nothing, show);
    routes.form(urls::SECOND_FACTOR, Need::Nothing, answer);
    routes.page(urls::SIGN_IN_RECOVERY, Need::Nothing, to_page);
    routes.form(urls::SIGN_IN_RECOVERY, Need::Nothing, recover);
}

#[derive(Template)]
#[template(path = "sessions/second_factor.html")]
pub(super) struct SecondFactorPage {
    shell: Shell,
    field: Field,
    recovery: Field,
    recovery_action: String,
    code_action: String,
    /// Whether there are codes of an authenticator.
    has_codes: bool,
    /// What asks for a passkey, where there is one.
    ceremony: Option<Ceremony>,
    passkey_action: String,
    passkey: Field,
    /// Why one has to begin again.
    over: Option<&'static str>,
    /// The page that asks for the password.
    back: String,
}

impl SecondFactorPage {
    /// The page for somebody's challenge, or for nobody's that is over.
    async fn new(
        cx: &Cx,
        challenge: Option<&Challenge>,
        field: Field,
        return_to: &str,
    ) -> Result<Self, AppError> {
        let ceremony = match challenge {
            Some(challenge) => passkeys::at_the_door(&cx.services, Some(challenge.account)).await?,
            None => None,
        };
        let back = urls::sign_in_to(Some(return_to));
        let (field, recovery) = if field.name == RECOVERY {
            (empty(), field)
        } else {
            (field, Field::new(RECOVERY, ""))
        };
        let recovery_action = urls::recovery_to(return_to);
        let shell = cx.plain_shell(cx.t().second_factor());
        Ok(Self {
            shell,
            field,
            recovery,
            recovery_action,
            code_action: urls::second_factor_to(return_to),
            has_codes: challenge.is_some_and(|challenge| challenge.method == Method::Totp),
            ceremony,
            passkey_action: urls::passkey_to(return_to),
            passkey: passkey_field(),
            over: None,
            back,
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.passkey, &self.field, &self.recovery])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let labels = [t.method_passkey(), t.code_of_totp(), t.code_of_recovery()];
        field::summary([&self.passkey, &self.field, &self.recovery], &labels, t.colon())
    }
}

/// The challenge that this browser must answer.
async fn find(cx: &Cx, req: &HttpRequest) -> Result<Option<Challenge>, AppError> {
    let Some(token) = second_factor_token(req, &cx.services) else { return Ok(None) };
    Ok(actions::second_factor(&cx.services, &token).await?)
}

/// The person that the challenge is of, as far as the log is concerned.
fn actor(cx: &Cx, challenge: &Challenge) -> Actor {
    cx.actor().as_person(challenge.account, &challenge.target_name, &challenge.body)
}

/// The page again after a passkey that was refused; `None` for a browser that waits for nothing here.
pub(super) async fn refused_passkey(
    cx: &Cx,
    req: &HttpRequest,
    passkey: &Field,
    return_to: &str,
) -> Result<Option<SecondFactorPage>, AppError> {
    let Some(challenge) = find(cx, req).await? else { return Ok(None) };
    let page = SecondFactorPage::new(cx, Some(&challenge), empty(), return_to).await?;
    Ok(Some(SecondFactorPage { passkey: passkey.clone(), ..page }))
}

/// `GET /sign-in/code`.
async fn show(
    cx: Cx,
    req: HttpRequest,
    Query(Return { return_to }): Query<Return>,
) -> Result<HttpResponse, AppError> {
    match find(&cx, &req).await? {
        // It was answered by another tab.
        Some(challenge) if challenge.state == State::Spent => {
            forget(&cx, cx.see_other(urls::local(&return_to)))
        }
        Some(challenge) => {
            let page = SecondFactorPage::new(&cx, Some(&challenge), empty(), &return_to);
            cx.page(&page.await?)
        }
        None => Ok(cx.see_other(&urls::sign_in_to(Some(&return_to)))),
    }
}

/// `GET` of what only takes forms: where it is, after a reload.
async fn to_page(cx: Cx, Query(Return { return_to }): Query<Return>) -> HttpResponse {
    cx.see_other(&urls::second_factor_to(&return_to))
}

/// `POST /sign-in/code`.
async fn answer(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(Return { return_to }): Query<Return>,
    Form(input): Form<CodeInput>,
) -> Result<HttpResponse, AppError> {
    sign_in_by(&cx, &req, &session, (Method::Totp, &input.code), &return_to).await
}

/// A recovery code that was sent in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveryInput {
    #[serde(default)]
    recovery: String,
}

/// `POST /sign-in/recovery`: a recovery code in its place.
async fn recover(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(Return { return_to }): Query<Return>,
    Form(input): Form<RecoveryInput>,
) -> Result<HttpResponse, AppError> {
    sign_in_by(&cx, &req, &session, (Method::RecoveryCode, &input.recovery), &return_to).await
}

async fn sign_in_by(
    cx: &Cx,
    req: &HttpRequest,
    session: &Session,
    (method, typed): (Method, &str),
    return_to: &str,
) -> Result<HttpResponse, AppError> {
    let Some(challenge) = find(cx, req).await? else {
        return begin_again(cx, cx.t().second_factor_expired(), return_to).await;
    };
    let asked = challenge.clone();
    let challenge = Challenge { method, ..challenge };
    let holder = Holder::Browser(challenge.browser_digest.clone().unwrap_or_default());
    let (services, by) = (&cx.services, actor(cx, &challenge));
    let answered = match step_up::answer(services, &holder, &by, &challenge, typed).await? {
        // The process ended after the right code and before the session was opened.
        Err(Refusal::Ended(State::Granted)) => {
            step_up::granted(services, &holder, &by, challenge).await?
        }
        answered => answered,
    };
    match answered {
        Ok(granted) => enter((cx, req), session, &granted, by, return_to).await,
        // The same form was sent twice, and the other one opened the session.
        Err(Refusal::Ended(State::Spent)) => forget(cx, cx.see_other(urls::local(return_to))),
        Err(Refusal::Wrong { left: 0 } | Refusal::Ended(State::Locked)) => {
            begin_again(cx, cx.t().second_factor_locked(), return_to).await
        }
        Err(Refusal::Ended(_)) => begin_again(cx, cx.t().second_factor_expired(), return_to).await,
        Err(refusal) => {
            let mut field = refused((&refusal, method), cx.now(), cx.t());
            if method == Method::RecoveryCode {
                field.name = RECOVERY;
            }
            cx.refuse(&SecondFactorPage::new(cx, Some(&asked), field, return_to).await?)
        }
    }
}

async fn enter(
    (cx, req): (&Cx, &HttpRequest),
    session: &Session,
    granted: &Granted,
    by: Actor,
    return_to: &str,
) -> Result<HttpResponse, AppError> {
    let before = cx.person.as_ref().map(|person| person.session);
    let device = cx.device(req);
    let from = (by, device.clone());
    let Some(id) = actions::finish(&cx.services, granted, from, before).await? else {
        return begin_again(cx, cx.t().second_factor_expired(), return_to).await;
    };
    open(session, id)?;
    let response = with_cookie(cx.see_other(urls::local(return_to)), &cx.device_cookie(device))?;
    forget(cx, response)
}

/// The page that leads back to the password.
async fn begin_again(
    cx: &Cx,
    why: &'static str,
    return_to: &str,
) -> Result<HttpResponse, AppError> {
    let page = SecondFactorPage::new(cx, None, empty(), return_to).await?;
    let page = SecondFactorPage { over: Some(why), ..page };
    forget(cx, cx.answer(StatusCode::GONE, &page)?)
}

pub(super) fn forget(cx: &Cx, response: HttpResponse) -> Result<HttpResponse, AppError> {
    with_cookie(response, &cx.second_factor_cookie(None))
}
