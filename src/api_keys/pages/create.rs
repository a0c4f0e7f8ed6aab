//! `/api-keys/new`: making a key.

use actix_web::HttpResponse;
use askama::Template;
use jiff::civil::Date;

use crate::api_keys::actions;
use crate::api_keys::forms::{CreateForm, CreateInput};
use crate::api_keys::{ApiScope, CreateApiKey, Lifetime};
use crate::apps::store::{app_names, ids_in_scope};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::problem::Problem;
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::{Crumb, Cx, Field, Flash, Member, Section, Shell, urls};
use crate::workspaces::{Extent, Scope};

/// Apps in the choice.
const APPS_MAX: i64 = 1_000;

/// An app of the choice; the first may stand for all of them.
struct AppChoice {
    value: String,
    label: String,
}

#[derive(Template)]
#[template(path = "api_keys/create.html")]
struct CreatePage {
    shell: Shell,
    trail: Vec<Crumb>,
    form: CreateForm,
    reading: Vec<Choice>,
    writing: Vec<Choice>,
    apps: Vec<AppChoice>,
    lifetimes: Vec<Choice>,
    tomorrow: String,
}

fn scopes(writes: bool, t: Texts) -> Vec<Choice> {
    let all = ApiScope::ALL.iter().filter(|scope| scope.writes() == writes);
    all.map(|scope| Choice::hinted(scope.as_str(), scope.name(t), scope.words(t))).collect()
}

const fn lifetime_words(lifetime: Lifetime, t: Texts) -> &'static str {
    match lifetime {
        Lifetime::Month => t.api_key_lifetime_30(),
        Lifetime::Quarter => t.api_key_lifetime_90(),
        Lifetime::Year => t.api_key_lifetime_365(),
        Lifetime::Date => t.api_key_lifetime_date(),
        Lifetime::Never => t.api_key_lifetime_never(),
    }
}

impl CreatePage {
    async fn new(cx: &Cx, member: &Member, form: CreateForm) -> Result<Self, AppError> {
        let (t, scope) = (cx.t(), member.seat().scope.clone());
        // Who reaches some apps only makes keys for one of them.
        let all =
            if scope.extent == Extent::All { t.api_key_app_all() } else { t.api_key_app_choose() };
        let all = AppChoice { value: String::new(), label: all.to_owned() };
        let names = cx.services.db.read(move |conn| app_names(conn, &scope, APPS_MAX)).await?;
        let names = names.into_iter().map(|(id, label)| AppChoice { value: id.to_string(), label });
        let lifetimes =
            Lifetime::ALL.iter().map(|one| Choice::new(one.as_str(), lifetime_words(*one, t)));
        let tomorrow = today(cx).tomorrow().unwrap_or(Date::MAX);
        Ok(Self {
            shell: cx.shell(member, Section::ApiKeys, t.api_key_create()),
            trail: vec![Crumb { href: urls::API_KEYS.into(), words: t.api_keys().into() }],
            form: form.renewed(cx.services.random.hex::<16>()),
            reading: scopes(false, t),
            writing: scopes(true, t),
            apps: std::iter::once(all).chain(names).collect(),
            lifetimes: lifetimes.collect(),
            tomorrow: tomorrow.to_string(),
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&self.form.fields())
    }

    fn labels(&self) -> [&'static str; 5] {
        let t = self.shell.t;
        [
            t.api_key_name(),
            t.api_key_scopes(),
            t.api_key_app(),
            t.api_key_lifetime(),
            t.api_key_until(),
        ]
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        field::summary(self.form.fields(), &self.labels(), self.shell.t.colon())
    }

    /// Whether a problem of the permissions is to be told to assistive technology at each box.
    const fn scopes(&self) -> &Field {
        &self.form.scopes
    }
}

fn today(cx: &Cx) -> Date {
    cx.now().day(&cx.zone())
}

/// `GET /api-keys/new`.
pub(super) async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let form = CreateForm::new(cx.services.random.hex::<16>());
    cx.page(&CreatePage::new(&cx, &member, form).await?)
}

/// The app that was chosen, if the member reaches it.
async fn within_reach(
    cx: &Cx,
    scope: &Scope,
    chosen: &str,
) -> Result<Result<Option<SdkAppId>, Problem>, AppError> {
    if chosen.is_empty() {
        let may_all = scope.extent == Extent::All;
        return Ok(if may_all { Ok(None) } else { Err(Problem::Missing) });
    }
    let Ok(id) = chosen.parse::<SdkAppId>() else { return Ok(Err(Problem::UnknownChoice)) };
    let scope = scope.clone();
    let found = cx.services.db.read(move |conn| ids_in_scope(conn, &scope, Some(id))).await?;
    Ok(if found.is_empty() { Err(Problem::UnknownChoice) } else { Ok(Some(id)) })
}

/// `POST /api-keys/new`: asks for a key that can change something, and makes one that cannot.
pub(super) async fn create(
    cx: Cx,
    member: Member,
    Form(input): Form<CreateInput>,
) -> Result<HttpResponse, AppError> {
    let (t, zone) = (cx.t(), cx.zone());
    let app = within_reach(&cx, &member.seat().scope, &input.app).await?;
    let (new, submission) = match input.parse(app, (today(&cx), &zone), t) {
        Ok(whole) => whole,
        Err(form) => return cx.refuse(&CreatePage::new(&cx, &member, *form).await?),
    };
    if ApiScope::any_writes(&new.scopes) {
        let act = CreateApiKey {
            workspace: member.seat().workspace(),
            name: new.name,
            scopes: new.scopes,
            limited_to: new.app,
            expires_at: new.expires_at,
        };
        return begin(&cx, &member.person, &act).await;
    }
    let (name, asker) = (new.name.clone(), cx.asker(&member.person));
    match actions::create_read_only(&cx.services, &asker, new, submission).await? {
        Ok(actions::Made::Now) => cx.see_other_with(urls::API_KEYS, &Flash::ApiKeyCreated { name }),
        Ok(actions::Made::Before) => Ok(cx.see_other(urls::API_KEYS)),
        Err(problem) => {
            let form = input.blame(&problem, t);
            cx.refuse(&CreatePage::new(&cx, &member, form).await?)
        }
    }
}
