//! `/workspace`: the settings of the workspace that one is in.

use actix_web::HttpResponse;
use askama::Template;

use super::forms::{EditInput, PolicyInput, SettingsForm};
use super::store::{Settings, settings};
use super::{ChangePolicy, actions};
use crate::audit::Act;
use crate::clock::zone_names;
use crate::db::DbError;
use crate::error::AppError;
use crate::problem::{Problem, TeamProblem};
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::refusals::Watched;
use crate::web::{Cx, Field, Flash, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::{DangerPolicy, Permission};

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::ManageWorkspace);
    routes.page(urls::WORKSPACE, MAY, show);
    routes.form(urls::WORKSPACE, MAY, edit);
    routes.page(urls::POLICY, MAY, to_settings);
    routes.sensitive(urls::POLICY, MAY, Watched::Act(Act::ChangePolicy), change_policy);
}

#[derive(Template)]
#[template(path = "workspaces/settings.html")]
struct SettingsPage {
    shell: Shell,
    form: SettingsForm,
    zones: Vec<Choice>,
    policies: Vec<Choice>,
    is_stale: bool,
}

impl SettingsPage {
    fn new(cx: &Cx, member: &Member, form: SettingsForm) -> Self {
        let t = cx.t();
        let policies = DangerPolicy::ALL.iter();
        Self {
            shell: cx.shell(member, Section::Workspace, t.workspace_settings()),
            form,
            zones: zone_names().iter().map(|zone| Choice::new(zone, zone)).collect(),
            policies: policies
                .map(|it| Choice::hinted(it.as_str(), it.name(t), it.words(t)))
                .collect(),
            is_stale: false,
        }
    }

    const fn fields(&self) -> [&Field; 3] {
        self.form.fields()
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }
}

async fn stored(cx: &Cx, member: &Member) -> Result<Settings, DbError> {
    let workspace = member.seat().workspace();
    cx.services.db.read(move |conn| settings(conn, workspace)).await
}

/// `GET /workspace`.
async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let form = SettingsForm::of(&stored(&cx, &member).await?);
    cx.page(&SettingsPage::new(&cx, &member, form))
}

/// `POST /workspace`: saves name and time zone.
async fn edit(
    cx: Cx,
    member: Member,
    Form(input): Form<EditInput>,
) -> Result<HttpResponse, AppError> {
    let (t, before) = (cx.t(), stored(&cx, &member).await?);
    let edit = match input.parse(&before, t) {
        Ok(edit) => edit,
        Err(form) => return cx.refuse(&SettingsPage::new(&cx, &member, *form)),
    };
    match actions::edit(&cx.services, &cx.asker(&member.person), edit).await? {
        Ok(()) => cx.see_other_with(urls::WORKSPACE, &Flash::WorkspaceSaved),
        Err(_) => {
            let form = input.stale(&stored(&cx, &member).await?, t);
            let page = SettingsPage::new(&cx, &member, form);
            cx.refuse(&SettingsPage { is_stale: true, ..page })
        }
    }
}

/// `GET /workspace/policy`: where its form is, after a reload or another language.
async fn to_settings(cx: Cx, _: Member) -> HttpResponse {
    cx.see_other(urls::WORKSPACE)
}

/// `POST /workspace/policy`: asks for it.
async fn change_policy(
    cx: Cx,
    member: Member,
    Form(input): Form<PolicyInput>,
) -> Result<HttpResponse, AppError> {
    let before = stored(&cx, &member).await?;
    let policy = match input.parse(&before, cx.t()) {
        Ok(policy) => policy,
        Err(form) => return cx.refuse(&SettingsPage::new(&cx, &member, *form)),
    };
    if policy == DangerPolicy::AuthenticatorRequired
        && !actions::meets_strictest(&cx.services, member.person.account).await?
    {
        let form = SettingsForm::of(&before);
        let policy = Field::new("policy", policy.as_str());
        let policy = policy.blamed(&Problem::Team(TeamProblem::OwnFactorTooYoung), cx.t());
        return cx.refuse(&SettingsPage::new(&cx, &member, SettingsForm { policy, ..form }));
    }
    let workspace = member.seat().workspace();
    let Settings { name, version, .. } = before;
    begin(&cx, &member.person, &ChangePolicy { workspace, name, version, policy }).await
}
