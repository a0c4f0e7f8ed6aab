//! `/freeze`: the link in mails about changes.

use actix_session::Session;
use actix_web::HttpResponse;

use super::actions;
use crate::accounts::links::Purpose;
use crate::accounts::links::actions::look;
use crate::accounts::links::pages::{Key, LinkPage, over};
use crate::error::AppError;
use crate::step_up::forms::Nothing;
use crate::web::body::{Form, Query};
use crate::web::{Cx, Flash, Need, Routes, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::FREEZE, Need::Nothing, show);
    routes.form(urls::FREEZE, Need::Nothing, freeze);
}

/// `GET /freeze?key=…`: says what happens, and changes nothing.
async fn show(cx: Cx, Query(Key { key }): Query<Key>) -> Result<HttpResponse, AppError> {
    let Some((link, _)) = look(&cx.services, Purpose::Freeze, &key).await? else {
        return over(&cx, Purpose::Freeze);
    };
    let t = cx.t();
    cx.page(&LinkPage {
        shell: cx.plain_shell(t.freeze_title()),
        lead: t.freeze_lead(),
        // Not the account's: that may be another by now, and none of the reader's business.
        email: link.email,
        note: t.freeze_note(),
        button: t.freeze_button(),
        is_dangerous: true,
    })
}

/// `POST /freeze?key=…`.
async fn freeze(
    cx: Cx,
    session: Session,
    Query(Key { key }): Query<Key>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    match actions::freeze(&cx.services, &key, cx.actor()).await? {
        None => over(&cx, Purpose::Freeze),
        Some(account) => {
            if cx.person.as_ref().is_some_and(|person| person.account == account) {
                session.purge();
            }
            cx.see_other_with(urls::SIGN_IN, &Flash::AccountFrozen)
        }
    }
}
