//! `/apps/{sdk_app_id}/tokens/verify`: what a token says, and why it is refused.

use actix_web::HttpResponse;
use askama::Template;

use super::super::actions;
use super::super::forms::{CheckForm, CheckInput};
use super::super::{Candidate, NeedsChannelAndUser, Refusal, Slot, Verdict};
use super::facts::{Fact, facts, signed_with};
use super::{Frame, Tool, problems, shell};
use crate::apps::Owned;
use crate::error::AppError;
use crate::web::body::Form;
use crate::web::{Cx, Shell};

#[derive(Template)]
#[template(path = "tokens/check.html")]
struct CheckPage {
    shell: Shell,
    frame: Frame,
    form: CheckForm,
    result: Option<Shown>,
}

/// A verdict in words.
struct Shown {
    is_valid: bool,
    words: String,
    /// The reason as the API spells it; empty for a valid token.
    reason: &'static str,
    /// The name of the format.
    kind: &'static str,
    /// Whether no key vouches for what is shown.
    is_rumour: bool,
    facts: Vec<Fact>,
}

impl CheckPage {
    fn new(cx: &Cx, owned: &Owned, form: CheckForm) -> Self {
        Self {
            shell: shell(cx, owned, Tool::Check),
            frame: Frame::new(cx, owned, Tool::Check),
            form,
            result: None,
        }
    }

    fn problems(&self) -> i64 {
        problems(&self.form.fields())
    }
}

/// `GET`: the form.
pub(super) async fn show(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    cx.page(&CheckPage::new(&cx, &owned, CheckForm::default()))
}

/// `POST`: the form with the verdict.
pub(super) async fn carry_out(
    cx: Cx,
    owned: Owned,
    Form(input): Form<CheckInput>,
) -> Result<HttpResponse, AppError> {
    let form = input.form();
    let check = match input.parse(cx.t()) {
        Ok(check) => check,
        Err(form) => return cx.refuse(&CheckPage::new(&cx, &owned, *form)),
    };
    let (verdict, is_pasted) = match &check.pasted {
        Some(pasted) => {
            let (purpose, secret) = (check.question.purpose(), pasted.key.expose());
            let candidate = Candidate { purpose, slot: Slot::Primary, secret };
            let names = (pasted.app_id.as_str(), pasted.sdk_app_id);
            (check.question.answer(names, &[candidate], cx.now()), true)
        }
        None => (actions::check(&cx.services, &owned.app, &check.question).await?, false),
    };
    match verdict {
        Ok(verdict) => {
            let page = CheckPage::new(&cx, &owned, form);
            cx.page(&CheckPage { result: Some(shown(&cx, &verdict, is_pasted)), ..page })
        }
        Err(NeedsChannelAndUser { .. }) => {
            cx.refuse(&CheckPage::new(&cx, &owned, form.needs_names(cx.t())))
        }
    }
}

fn shown(cx: &Cx, verdict: &Verdict, is_pasted: bool) -> Shown {
    let (t, now) = (cx.t(), cx.now().seconds());
    let claims = verdict.as_written.as_ref();
    let left = claims.map_or(0, |claims| claims.expires_at().saturating_sub(now));
    let signed = verdict.signed_with.map(|slot| signed_with(cx, slot, is_pasted));
    Shown {
        is_valid: verdict.is_valid(),
        words: match verdict.refusal {
            Some(refusal) => refusal.text(t, now),
            None => t.check_valid(&t.span(left)),
        },
        reason: verdict.refusal.map(Refusal::wire_name).unwrap_or_default(),
        kind: claims.map(|claims| claims.kind().title()).unwrap_or_default(),
        is_rumour: verdict.signed_with.is_none(),
        facts: signed
            .into_iter()
            .chain(claims.map(|it| facts(cx, it)).unwrap_or_default())
            .collect(),
    }
}
