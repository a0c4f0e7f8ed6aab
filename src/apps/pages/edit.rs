//! `/apps/{sdk_app_id}/edit`: editing an app.

use actix_web::HttpResponse;
use askama::Template;

use super::create::{scenarios, types};
use crate::apps::forms::{EditForm, EditInput};
use crate::apps::{DisabledBy, Owned, Platforms, Switch, actions, store};
use crate::clock::zone_names;
use crate::error::AppError;
use crate::events::store::has_events;
use crate::problem::Problem;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::{Crumb, Cx, Flash, Section, Shell, urls};
use crate::workspaces::Permission;

#[derive(Template)]
#[template(path = "apps/edit.html")]
struct EditPage {
    shell: Shell,
    form: EditForm,
    trail: Vec<Crumb>,
    scenarios: Vec<Choice>,
    types: Vec<Choice>,
    platforms: Vec<Choice>,
    /// The zones to choose from; none once events were counted.
    zones: Vec<Choice>,
    zone: String,
    app_id: String,
    sdk_app_id: String,
    created: String,
    changed: String,
    is_recorded: bool,
    cancel: String,
    is_changed_meanwhile: bool,
    standing: Standing,
}

/// The app's state, and what can be done about it; `None` where it cannot be, or not by this member.
struct Standing {
    kind: &'static str,
    word: &'static str,
    words: &'static str,
    disable: Option<String>,
    enable: Option<String>,
    certificates: Option<String>,
    delete: Option<String>,
    delete_words: String,
}

impl Standing {
    fn new(cx: &Cx, owned: &Owned) -> Self {
        let (t, app, id) = (cx.t(), &owned.app, owned.id());
        let (status, obstacle) = (app.status(cx.now()), app.why_not_deletable());
        let may_certify = owned.member.seat().may(Permission::ManageCertificates);
        Self {
            kind: status.kind(),
            word: status.name(t),
            words: app.disabled_by.map_or(t.app_enabled_words(), |by| by.note(t)),
            disable: (app.switch == Switch::Enabled).then(|| urls::disable_app(id)),
            enable: (app.disabled_by == Some(DisabledBy::Member)).then(|| urls::enable_app(id)),
            certificates: may_certify.then(|| urls::certificates(id)),
            delete: obstacle.is_none().then(|| urls::delete_app(id)),
            delete_words: obstacle.map_or_else(
                || t.app_delete_words().to_owned(),
                |problem| problem.text(t) + t.stop(),
            ),
        }
    }
}

impl EditPage {
    async fn new(cx: &Cx, owned: &Owned, form: EditForm) -> Result<Self, AppError> {
        let id = owned.id();
        let is_fixed = cx.services.db.read(move |conn| has_events(conn, id)).await?;
        let zones = if is_fixed { &[] } else { zone_names() };
        let (t, zone, app) = (cx.t(), cx.zone(), &owned.app);
        let platforms = Platforms::ALL.words().zip(Platforms::ALL.names());
        Ok(Self {
            shell: cx.shell(&owned.member, Section::Apps, t.edit_app()),
            form,
            trail: owned.trail(t),
            scenarios: scenarios(t),
            types: types(t),
            platforms: platforms.map(|(word, name)| Choice::new(word, name)).collect(),
            zones: zones.iter().map(|zone| Choice::new(zone, zone)).collect(),
            zone: app.statistics_zone.clone(),
            app_id: app.app_id.to_string(),
            sdk_app_id: owned.id().to_string(),
            created: super::show::minute(app.created_at, &zone),
            changed: super::show::minute(app.changed_at, &zone),
            is_recorded: app.recording,
            cancel: urls::app(owned.id()),
            is_changed_meanwhile: false,
            standing: Standing::new(cx, owned),
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&self.form.fields())
    }
}

/// `GET /apps/{sdk_app_id}/edit`.
pub(super) async fn show(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    let form = EditForm::of(&owned.app);
    cx.page(&EditPage::new(&cx, &owned, form).await?)
}

/// `POST /apps/{sdk_app_id}/edit`.
pub(super) async fn save(
    cx: Cx,
    owned: Owned,
    Form(input): Form<EditInput>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let (change, version) = match input.parse(t) {
        Ok(whole) => whole,
        Err(form) => return cx.refuse(&EditPage::new(&cx, &owned, *form).await?),
    };
    let (id, name) = (owned.id(), change.name.text.clone());
    let scope = owned.member.seat().scope.clone();
    match actions::edit(&cx.services, scope, id, version, change, cx.actor()).await? {
        Ok(()) => cx.see_other_with(&urls::app(id), &Flash::AppEdited { name }),
        Err(Problem::ChangedMeanwhile) => {
            let scope = owned.member.seat().scope.clone();
            let stored = cx.services.db.read(move |conn| store::app_by_id(conn, &scope, id));
            let app = stored.await?.ok_or(AppError::NotFound)?;
            let form = input.again(t).beside(&EditForm::of(&app), t);
            let page =
                EditPage { is_changed_meanwhile: true, ..EditPage::new(&cx, &owned, form).await? };
            cx.refuse(&page)
        }
        Err(problem) => {
            let form = input.blame(&problem, t);
            cx.refuse(&EditPage::new(&cx, &owned, form).await?)
        }
    }
}
