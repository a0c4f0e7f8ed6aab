//! `/step-up/link/{token}`: what the link in the mail of a challenge leads to, on whatever device.
//!
//! Looking changes nothing, so that programs which follow links do no harm. Approving takes the two digits of the first
//! screen, and gains this browser nothing: no cookie, no sign-in, nothing but what is shown here.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::view::target_label;
use crate::error::AppError;
use crate::problem::Problem;
use crate::sessions::Device;
use crate::step_up::Method;
use crate::step_up::actions::{self, Approved, Refusal};
use crate::step_up::forms::{self, Nothing, NumberInput};
use crate::step_up::{Challenge, State, registry};
use crate::web::body::Form;
use crate::web::field::{self, Field};
use crate::web::{Cx, Need, Routes, Shell, urls};

/// Mounts the pages.
pub(super) fn routes(routes: &mut Routes) {
    const LINK: &str = "/step-up/link/{token}";
    const DISOWN: &str = "/step-up/link/{token}/disown";
    routes.page(LINK, Need::Nothing, show);
    routes.form(LINK, Need::Nothing, approve);
    routes.page(DISOWN, Need::Nothing, to_link);
    routes.form(DISOWN, Need::Nothing, disown);
}

/// What was asked for, and from where.
struct Asked {
    act: &'static str,
    target_label: &'static str,
    target: String,
    effect: Cow<'static, str>,
    address: String,
    browser: String,
    at: String,
}

#[derive(Template)]
#[template(path = "step_up/link.html")]
struct LinkPage {
    shell: Shell,
    title: &'static str,
    words: &'static str,
    action: String,
    is_open: bool,
    /// `None` for what is over: nothing of it is shown any more.
    asked: Option<Asked>,
    number: Field,
}

impl LinkPage {
    fn new(cx: &Cx, token: &str, found: &Approved, number: Field) -> Self {
        let t = cx.t();
        let Approved { challenge, asked_from: (address, browser), zone } = found;
        let state = challenge.state(cx.now());
        let (title, words) = match state {
            State::Open => (t.link_title(), t.link_lead()),
            State::Granted => (t.link_approved(), t.link_approved_words()),
            State::Disowned => (t.link_disowned(), t.link_disowned_words()),
            _ => (t.link_over(), t.link_over_words()),
        };
        let waits = matches!(state, State::Open | State::Granted);
        let waiting = registry::waiting(challenge).filter(|_| waits);
        let asked = waiting.map(|waiting| Asked {
            act: challenge.act.name(t),
            target_label: target_label(challenge, t),
            target: actions::in_full(challenge, t),
            effect: waiting.effect(t),
            address: address.clone(),
            browser: Device::of(browser).name(t),
            at: format!(
                "{} ({})",
                challenge.created_at.in_zone(zone).strftime("%Y-%m-%d %H:%M"),
                zone.name()
            ),
        });
        let action = urls::step_up_link(token);
        let is_open = state == State::Open;
        Self { shell: cx.plain_shell(title), title, words, action, is_open, asked, number }
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.number])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary([&self.number], &[t.link_number_label()], t.colon())
    }
}

fn empty() -> Field {
    Field::new("number", "")
}

async fn find(cx: &Cx, token: &str) -> Result<Approved, AppError> {
    actions::of_link(&cx.services, token).await?.ok_or(AppError::NotFound)
}

fn status(challenge: &Challenge, cx: &Cx) -> StatusCode {
    match challenge.state(cx.now()) {
        State::Open | State::Granted | State::Disowned => StatusCode::OK,
        _ => StatusCode::GONE,
    }
}

/// `GET /step-up/link/{token}`.
async fn show(cx: Cx, token: Path<String>) -> Result<HttpResponse, AppError> {
    let found = find(&cx, &token).await?;
    let status = status(&found.challenge, &cx);
    cx.answer(status, &LinkPage::new(&cx, &token, &found, empty()))
}

/// `GET …/disown`: where it is, after a reload.
async fn to_link(cx: Cx, token: Path<String>) -> HttpResponse {
    cx.see_other(&urls::step_up_link(&token))
}

/// `POST /step-up/link/{token}`: approves.
async fn approve(
    cx: Cx,
    token: Path<String>,
    Form(input): Form<NumberInput>,
) -> Result<HttpResponse, AppError> {
    let found = find(&cx, &token).await?;
    let approved = match input.parse() {
        Ok(number) => {
            actions::approve(&cx.services, &cx.actor(), &found.challenge, &number).await?
        }
        Err(problem) => Err(Refusal::NoCode(problem)),
    };
    let problem = match approved {
        // What has ended says so on its page.
        Ok(()) | Err(Refusal::Ended(_) | Refusal::ExpiredCode | Refusal::Wrong { left: 0 }) => {
            return Ok(cx.see_other(&urls::step_up_link(&token)));
        }
        Err(Refusal::Wrong { left }) => Problem::WrongNumber { left },
        Err(refusal) => forms::problem(&refusal, Method::EmailLink, cx.now()),
    };
    let number = empty().blamed(&problem, cx.t());
    cx.refuse(&LinkPage::new(&cx, &token, &found, number))
}

/// `POST …/disown`: stops it.
async fn disown(
    cx: Cx,
    token: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let found = find(&cx, &token).await?;
    actions::disown(&cx.services, &cx.actor(), &found.challenge).await?;
    Ok(cx.see_other(&urls::step_up_link(&token)))
}
