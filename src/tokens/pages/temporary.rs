//! `/apps/{sdk_app_id}/tokens`: a token for one channel and a day.

use actix_web::HttpResponse;
use askama::Template;

use super::super::actions::{Denial, mint_access_token};
use super::super::forms::{TemporaryForm, TemporaryInput};
use super::super::{Format, Minted};
use super::{Frame, Tool, When, problems, shell};
use crate::apps::Owned;
use crate::error::AppError;
use crate::web::body::Form;
use crate::web::field::Choice;
use crate::web::{Cx, Shell, urls};

#[derive(Template)]
#[template(path = "tokens/temporary.html")]
struct TemporaryPage {
    shell: Shell,
    frame: Frame,
    form: TemporaryForm,
    roles: [Choice; 2],
    formats: [Choice; 2],
    /// Why nothing is minted now, in words.
    denial: Option<&'static str>,
    /// Whether something was refused for it just now.
    is_denied: bool,
    app_href: String,
    minted: Option<(Minted, When)>,
}

impl TemporaryPage {
    fn new(cx: &Cx, owned: &Owned, form: TemporaryForm) -> Self {
        let t = cx.t();
        Self {
            shell: shell(cx, owned, Tool::Temporary),
            frame: Frame::new(cx, owned, Tool::Temporary),
            form,
            roles: [
                Choice::hinted("publisher", t.token_publisher(), t.token_publisher_hint()),
                Choice::hinted("subscriber", t.token_subscriber(), t.token_subscriber_hint()),
            ],
            formats: [
                Choice::hinted(Format::Token007.as_str(), "007", t.token_format_007_hint()),
                Choice::hinted(Format::Token006.as_str(), "006", t.token_format_006_hint()),
            ],
            denial: denial(owned).map(|denial| denial.text(t)),
            is_denied: false,
            app_href: urls::app(owned.id()),
            minted: None,
        }
    }

    fn problems(&self) -> i64 {
        problems(&self.form.fields())
    }
}

const fn denial(owned: &Owned) -> Option<Denial> {
    Denial::of(&owned.app, true)
}

/// `GET`: the form.
pub(super) async fn show(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    cx.page(&TemporaryPage::new(&cx, &owned, TemporaryForm::default()))
}

/// `POST`: the form with the token under it.
pub(super) async fn mint(
    cx: Cx,
    owned: Owned,
    Form(input): Form<TemporaryInput>,
) -> Result<HttpResponse, AppError> {
    let form = input.form();
    let temporary = match input.parse(cx.t()) {
        Ok(temporary) => temporary,
        Err(form) => return cx.refuse(&TemporaryPage::new(&cx, &owned, *form)),
    };
    if denial(&owned).is_some() {
        let page = TemporaryPage::new(&cx, &owned, form);
        return cx.refuse(&TemporaryPage { is_denied: true, ..page });
    }
    let minted = match temporary.pasted {
        Some((app_id, certificate)) => temporary
            .order
            .mint(&app_id, &certificate, cx.now(), &cx.services.random)
            .map_err(|problem| AppError::Internal(problem.into()))?,
        None => mint_access_token(&cx.services, &owned.app, &temporary.order).await?,
    };
    let when = When::new(&cx, minted.expires_at);
    let page = TemporaryPage::new(&cx, &owned, form);
    cx.page(&TemporaryPage { minted: Some((minted, when)), ..page })
}
