//! `/apps/new`: creating an app.

use actix_web::HttpResponse;
use askama::Template;

use crate::apps::actions::{self, Creator};
use crate::apps::forms::{CreateForm, CreateInput};
use crate::apps::{AppType, Scenario, Service};
use crate::db::DbError;
use crate::error::AppError;
use crate::minutes::{Balance, store::balance};
use crate::problem::Problem;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::{Crumb, Cx, Flash, Member, Section, Shell, urls};
use crate::workspaces::Quota;

#[derive(Template)]
#[template(path = "apps/create.html")]
struct CreatePage {
    shell: Shell,
    form: CreateForm,
    quota: Quota,
    balance: Balance,
    trail: Vec<Crumb>,
    scenarios: Vec<Choice>,
    services: Vec<Choice>,
    types: Vec<Choice>,
}

impl CreatePage {
    async fn new(cx: &Cx, member: &Member, form: CreateForm) -> Result<Self, AppError> {
        let (t, now, scope) = (cx.t(), cx.now(), member.seat().scope.clone());
        let balance =
            cx.services.db.read::<_, DbError>(move |conn| balance(conn, &scope, now)).await?;
        Ok(Self {
            shell: cx.shell(member, Section::Apps, t.create_app()),
            form,
            quota: member.seat().quota,
            balance,
            trail: vec![Crumb { href: urls::APPS.into(), words: t.apps().into() }],
            scenarios: scenarios(t),
            services: vec![
                Choice::hinted("rtc", Service::Rtc.name(t), t.service_rtc_hint()),
                Choice::hinted("im", Service::Im.name(t), t.service_im_hint()),
            ],
            types: types(t),
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&self.form.fields())
    }

    fn lead(&self) -> String {
        let (t, quota) = (self.shell.t, self.quota);
        t.create_lead(&t.more_rtc_apps(quota.rtc_left()), &t.more_im_apps(quota.im_left()))
    }

    fn full_words(&self) -> String {
        self.shell.t.quota_full_im(self.quota.im_apps_max)
    }

    fn rtc_full_words(&self) -> String {
        self.shell.t.quota_full_rtc(self.quota.rtc_apps_max)
    }

    /// Whether nothing at all can be created now.
    fn is_full(&self) -> bool {
        self.is_rtc_full() && self.quota.im_left() == 0
    }

    fn is_rtc_full(&self) -> bool {
        self.quota.rtc_left() == 0 || self.balance.remaining.0 == 0
    }
}

/// The scenarios as choices.
pub(super) fn scenarios(t: crate::i18n::Texts) -> Vec<Choice> {
    Scenario::ALL.iter().map(|one| Choice::new(one.as_str(), one.name(t))).collect()
}

/// The types as choices, none of them first.
pub(super) fn types(t: crate::i18n::Texts) -> Vec<Choice> {
    let none = Choice::new("", t.not_chosen());
    let all = AppType::ALL.iter().map(|one| Choice::new(one.as_str(), one.name(t)));
    std::iter::once(none).chain(all).collect()
}

/// `GET /apps/new`.
pub(super) async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let form = CreateForm::new(cx.services.random.hex::<16>());
    let mut page = CreatePage::new(&cx, &member, form).await?;
    if page.is_rtc_full() {
        page.form = page.form.for_messaging();
    }
    cx.page(&page)
}

/// `POST /apps/new`.
pub(super) async fn create(
    cx: Cx,
    member: Member,
    Form(input): Form<CreateInput>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let (new, submission) = match input.parse(t) {
        Ok(whole) => whole,
        Err(form) => {
            let form = renewed(&cx, *form);
            return cx.refuse(&CreatePage::new(&cx, &member, form).await?);
        }
    };
    let (name, seat) = (new.name.text.clone(), member.seat());
    let creator = Creator::Person { account: member.person.account, submission };
    let by = (creator, cx.actor());
    let done = actions::create(&cx.services, seat.scope.clone(), by, new, &seat.time_zone);
    match done.await? {
        Ok(app) => cx.see_other_with(urls::APPS, &Flash::AppCreated { app, name }),
        Err(problem) => {
            let mut form = input.blame(&problem, t);
            if problem == Problem::SentBefore {
                form.submission = cx.services.random.hex::<16>();
            }
            cx.refuse(&CreatePage::new(&cx, &member, form).await?)
        }
    }
}

/// A form without a key of the right shape gets one, or it could never be sent.
fn renewed(cx: &Cx, mut form: CreateForm) -> CreateForm {
    if !crate::submissions::is_key(&form.submission) {
        form.submission = cx.services.random.hex::<16>();
    }
    form
}
