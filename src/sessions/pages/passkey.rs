//! `/sign-in/passkey`: signing in with a passkey, in the place of the password or after it.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};

use super::second_factor::{self, forget};
use super::{Return, SignInPage, open, with_cookie};
use crate::error::AppError;
use crate::passkeys::forms::{self, Answer};
use crate::sessions::actions::{self, Bearer};
use crate::sessions::forms::SignInForm;
use crate::web::body::{Form, Query};
use crate::web::{Cx, Need, Routes, urls};

/// Mounts the form.
pub(super) fn routes(routes: &mut Routes) {
    routes.page(urls::SIGN_IN_PASSKEY, Need::Nothing, to_page);
    routes.form(urls::SIGN_IN_PASSKEY, Need::Nothing, sign_in);
}

/// `GET` of what only takes forms: where it is, after a reload.
async fn to_page(cx: Cx, Query(Return { return_to }): Query<Return>) -> HttpResponse {
    cx.see_other(&urls::sign_in_to(Some(&return_to)))
}

/// `POST /sign-in/passkey`.
async fn sign_in(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(Return { return_to }): Query<Return>,
    Form(answer): Form<Answer>,
) -> Result<HttpResponse, AppError> {
    let device = cx.device(&req);
    let bearer = Bearer {
        answer,
        address: cx.address,
        from: cx.actor(),
        before: cx.person.as_ref().map(|person| person.session),
        device: device.clone(),
    };
    match actions::sign_in_with_passkey(&cx.services, bearer).await? {
        Ok(id) => {
            open(&session, id)?;
            let response = cx.see_other(urls::local(&return_to));
            // Whoever had given the password before is not asked for a code any more.
            forget(&cx, with_cookie(response, &cx.device_cookie(device))?)
        }
        Err(problem) => {
            let passkey = forms::field().blamed(&problem.into(), cx.t());
            // Whoever has given the password already stays where they are.
            if let Some(page) =
                second_factor::refused_passkey(&cx, &req, &passkey, &return_to).await?
            {
                return cx.refuse(&page);
            }
            let page = SignInPage::new(&cx, SignInForm::new(""), &return_to).await?;
            cx.refuse(&SignInPage { passkey, ..page })
        }
    }
}
