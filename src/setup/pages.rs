//! `/setup`: the first run.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::actions;
use super::forms::{SetupForm, SetupInput};
use crate::clock::zone_names;
use crate::error::AppError;
use crate::sessions::pages::{open, with_cookie};
use crate::web::body::{Form, Query};
use crate::web::field::{self, Choice};
use crate::web::{Cx, Flash, Need, Routes, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page("/setup", Need::Nothing, show);
    routes.form("/setup", Need::Nothing, carry_out);
}

#[derive(Template)]
#[template(path = "setup/setup.html")]
struct SetupPage {
    shell: Shell,
    form: SetupForm,
    languages: Vec<Choice>,
    zones: Vec<Choice>,
}

impl SetupPage {
    fn new(cx: &Cx, form: SetupForm) -> Self {
        let languages = crate::i18n::Language::ALL
            .iter()
            .map(|language| Choice::new(language.as_str(), language.own_name()));
        let zones = zone_names().iter().map(|zone| Choice::new(zone, zone));
        Self {
            shell: cx.plain_shell(cx.t().setup()),
            form,
            languages: languages.collect(),
            zones: zones.collect(),
        }
    }

    fn problems(&self) -> i64 {
        field::problems(&self.form.fields())
    }
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    key: String,
}

/// `GET /setup?key=…`: the form, for whoever has the link from the log.
async fn show(cx: Cx, Query(Key { key }): Query<Key>) -> Result<HttpResponse, AppError> {
    if !actions::is_open(&cx.services, &key).await? {
        return Err(AppError::SetupLink);
    }
    cx.page(&SetupPage::new(&cx, SetupForm::new(cx.language)))
}

/// `POST /setup?key=…`: carries it out and signs the operator in.
async fn carry_out(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(Key { key }): Query<Key>,
    Form(input): Form<SetupInput>,
) -> Result<HttpResponse, AppError> {
    if !actions::is_open(&cx.services, &key).await? {
        return Err(AppError::SetupLink);
    }
    let (password, personal) = input.password();
    let strength = cx.services.passwords.judge(password, &personal).await?;
    let setup = match input.parse(strength, cx.t()) {
        Ok(setup) => setup,
        Err(form) => return cx.refuse(&SetupPage::new(&cx, *form)),
    };
    let mut form = SetupForm::again(&setup);
    let device = cx.device(&req);
    let by = (cx.actor(), device.clone());
    match actions::carry_out(&cx.services, &key, setup, by).await? {
        Ok(id) => {
            open(&session, id)?;
            let response = cx.see_other_with(urls::OVERVIEW, &Flash::SetUp)?;
            with_cookie(response, &cx.device_cookie(device))
        }
        Err(problem) => {
            form.email = form.email.blamed(&problem, cx.t());
            cx.refuse(&SetupPage::new(&cx, form))
        }
    }
}
