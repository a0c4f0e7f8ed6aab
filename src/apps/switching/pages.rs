//! `/apps/{sdk_app_id}/disable`, `/enable` and `/delete`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::forms::DeleteInput;
use super::{DeleteApp, DisableApp, actions};
use crate::apps::pages::ActPage;
use crate::apps::{Owned, Switch};
use crate::audit::Act;
use crate::error::AppError;
use crate::problem::Problem;
use crate::step_up::forms::Nothing;
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::field::{self, Field};
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Flash, Need, Routes, Section, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::WriteApps);
    const DISABLE: &str = "/apps/{sdk_app_id}/disable";
    const ENABLE: &str = "/apps/{sdk_app_id}/enable";
    const DELETE: &str = "/apps/{sdk_app_id}/delete";
    routes.page(DISABLE, MAY, show_disable);
    routes.sensitive(DISABLE, MAY, Watched::Act(Act::DisableApp), disable);
    routes.page(ENABLE, MAY, to_edit);
    routes.form(ENABLE, MAY, enable);
    routes.page(DELETE, MAY, show_delete);
    routes.sensitive(DELETE, MAY, Watched::Act(Act::DeleteApp), delete);
}

/// `GET …/disable`.
async fn show_disable(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    if owned.app.switch == Switch::Disabled {
        return Ok(cx.see_other(&urls::edit_app(owned.id())));
    }
    let (title, cancel) = (t.app_disable().to_owned(), urls::edit_app(owned.id()));
    let page = ActPage::new(&cx, &owned, title, t.effect_disable_app(), cancel);
    cx.page(&page)
}

/// `POST …/disable`: asks for it.
async fn disable(
    cx: Cx,
    owned: Owned,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    if owned.app.switch == Switch::Disabled {
        // A second click, or somebody was quicker.
        return Ok(cx.see_other(&urls::app(owned.id())));
    }
    let (app, name, version) = (owned.id(), owned.app.name.clone(), owned.app.version);
    begin(&cx, &owned.member.person, &DisableApp { app, name, version }).await
}

/// `GET …/enable`: where the button is, after a reload.
async fn to_edit(cx: Cx, owned: Owned) -> HttpResponse {
    cx.see_other(&urls::edit_app(owned.id()))
}

/// `POST …/enable`.
async fn enable(
    cx: Cx,
    owned: Owned,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (id, name) = (owned.id(), owned.app.name.clone());
    let asker = cx.asker(&owned.member.person);
    match actions::enable(&cx.services, &asker, id).await? {
        Ok(()) => cx.see_other_with(&urls::app(id), &Flash::AppEnabled { name }),
        // The page says who disabled it, and offers no button.
        Err(_) => Ok(cx.see_other(&urls::edit_app(id))),
    }
}

#[derive(Template)]
#[template(path = "apps/delete.html")]
struct DeletePage {
    shell: Shell,
    trail: Vec<Crumb>,
    name: String,
    app_id: String,
    effect: &'static str,
    field: Field,
    hint: String,
    /// Why it cannot be deleted now, and whether disabling it is the next step.
    obstacle: Option<(String, bool)>,
    disable: String,
    cancel: String,
}

impl DeletePage {
    fn new(cx: &Cx, owned: &Owned, field: Field) -> Self {
        let t = cx.t();
        let obstacle = owned.app.why_not_deletable();
        Self {
            shell: cx.shell(&owned.member, Section::Apps, t.app_delete()),
            trail: owned.trail(t),
            name: owned.app.name.clone(),
            app_id: owned.app.app_id.to_string(),
            effect: t.effect_delete_app(),
            hint: t.app_delete_name_hint(&owned.app.name),
            obstacle: obstacle.map(|problem| (problem.text(t), problem == Problem::NotDisabled)),
            disable: urls::disable_app(owned.id()),
            cancel: urls::edit_app(owned.id()),
            field,
        }
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.field])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary([&self.field], &[t.app_delete_name()], t.colon())
    }
}

/// `GET …/delete`.
async fn show_delete(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    cx.page(&DeletePage::new(&cx, &owned, Field::new("name", "")))
}

/// `POST …/delete`: asks for it, once the app's name was typed.
async fn delete(
    cx: Cx,
    owned: Owned,
    Form(input): Form<DeleteInput>,
) -> Result<HttpResponse, AppError> {
    if owned.app.why_not_deletable().is_some() {
        let page = DeletePage::new(&cx, &owned, Field::new("name", ""));
        return cx.answer(StatusCode::CONFLICT, &page);
    }
    if let Err(field) = input.check(&owned.app, cx.t()) {
        return cx.refuse(&DeletePage::new(&cx, &owned, field));
    }
    let (app, name, version) = (owned.id(), owned.app.name.clone(), owned.app.version);
    begin(&cx, &owned.member.person, &DeleteApp { app, name, version }).await
}
