//! `GET /`: the overview.

use actix_web::HttpResponse;
use askama::Template;

use super::{Of, Summary, Trend, TrendFigures, TrendQuery, trend};
use crate::apps::store::{Brief, apps_in_brief};
use crate::apps::{Services, Status, StatusFilter, Switch, app_status};
use crate::clock::{UtcTime, Zone};
use crate::credentials::store::is_any_used;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::{Texts, grouped};
use crate::minutes::pages::Meter;
use crate::minutes::{Standing, store::standing};
use crate::stats::Tab;
use crate::web::body::Query;
use crate::web::{Cx, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::OVERVIEW, Need::May(Permission::ReadApps), show);
}

/// The whole scope, whatever its apps can do.
const ALL: Of = Of { app: None, services: Services { rtc: true, im: true } };

/// What needs a look: how much there is, and what comes first.
struct Attention {
    count: i64,
    items: Vec<Concern>,
}

/// Something that needs a look.
struct Concern {
    kind: &'static str,
    icon: &'static str,
    words: String,
    href: String,
    action: &'static str,
}

/// A first step.
struct Step {
    is_done: bool,
    title: &'static str,
    words: &'static str,
    href: String,
    action: &'static str,
}

#[derive(Template)]
#[template(path = "overview/overview.html")]
struct OverviewPage {
    shell: Shell,
    lead: String,
    may_write: bool,
    summary: Summary,
    /// Absent when the role may not see minutes.
    minutes: Option<Meter>,
    attention: Attention,
    steps: Vec<Step>,
    trend: Option<Trend>,
    /// The reports; absent when the role may not read them.
    statistics: Option<String>,
}

/// How many apps are in a state.
struct InState {
    kind: &'static str,
    word: &'static str,
    count: i64,
    href: String,
}

impl OverviewPage {
    fn steps_done(&self) -> usize {
        self.steps.iter().filter(|step| step.is_done).count()
    }

    const fn attention_count(&self) -> i64 {
        self.attention.count
    }

    fn states(&self) -> [InState; 4] {
        let (t, summary) = (self.shell.t, &self.summary);
        let counts = [
            ("on", t.status_enabled(), summary.enabled, StatusFilter::Enabled),
            ("due", t.status_due(), summary.due, StatusFilter::Due),
            ("over", t.status_expired(), summary.expired, StatusFilter::Expired),
            ("off", t.status_disabled(), summary.disabled, StatusFilter::Disabled),
        ];
        counts.map(|(kind, word, count, state)| InState {
            kind,
            word,
            count,
            href: urls::apps_in_state(state),
        })
    }

    fn plans(&self) -> Vec<(&'static str, i64)> {
        let plans = self.summary.plans.iter();
        plans.map(|(plan, count)| (plan.name(self.shell.t), *count)).collect()
    }
}

fn attention(
    apps: &[Brief],
    minutes: Option<Standing>,
    (now, zone): (UtcTime, &Zone),
    t: Texts,
) -> Attention {
    /// More is a list of its own, to which a line leads.
    const MAX: usize = 8;
    let of_minutes = minutes.filter(Standing::is_low).map(|standing| {
        let left = standing.balance.remaining;
        let (kind, words) = match left.0 {
            ..=0 => ("bad", t.attention_minutes_none().into()),
            _ => ("warn", t.attention_minutes_low(&grouped(left.minutes()))),
        };
        let (href, action) = (urls::MINUTES.into(), t.attention_see_minutes());
        Concern { kind, icon: "clock", words, href, action }
    });
    let of_apps = apps.iter().filter_map(|app| {
        let (kind, words) = match app_status(app.switch, app.plan_ends_at, now) {
            Status::Due { ends_at } => match now.days_until(ends_at, zone) {
                0 => ("warn", t.attention_today(&app.name)),
                days => ("warn", t.attention_due(&app.name, &t.days_left(days))),
            },
            Status::Expired => ("bad", t.attention_expired(&app.name)),
            Status::Enabled | Status::Disabled => return None,
        };
        let (href, action) = (urls::app(app.id), t.attention_see_app());
        Some(Concern { kind, icon: "alert", words, href, action })
    });
    let mut items: Vec<_> = of_minutes.into_iter().chain(of_apps).collect();
    let counted = |items: &[Concern]| i64::try_from(items.len()).unwrap_or(i64::MAX);
    let count = counted(&items);
    let rest = items.split_off(items.len().min(MAX));
    let (expired, due): (Vec<_>, Vec<_>) = rest.into_iter().partition(|item| item.kind == "bad");
    let mut more = |rest: &[Concern], kind, words: fn(Texts, i64) -> String, state| {
        if !rest.is_empty() {
            let (href, action) = (urls::apps_in_state(state), t.attention_see_apps());
            let words = words(t, counted(rest));
            items.push(Concern { kind, icon: "alert", words, href, action });
        }
    };
    more(&expired, "bad", Texts::attention_more_expired, StatusFilter::Expired);
    more(&due, "warn", Texts::attention_more_due, StatusFilter::Due);
    Attention { count, items }
}

/// The steps to an app that works, and on with the newest one: a disabled app refuses every token.
fn steps(apps: &[Brief], t: Texts) -> Vec<Step> {
    let working = || apps.iter().filter(|app| app.switch == Switch::Enabled);
    let age = |app: &&Brief| (app.created_at, app.id);
    let for_calls = working().filter(|app| app.rtc).max_by_key(age);
    let Some(app) = for_calls.or_else(|| working().max_by_key(age)) else {
        let step = |title, words| Step {
            is_done: false,
            title,
            words,
            href: urls::NEW_APP.into(),
            action: t.create_app(),
        };
        return vec![step(t.step_app(), t.step_app_words())];
    };
    let done = Step {
        is_done: true,
        title: t.step_app(),
        words: t.step_app_words(),
        href: urls::APPS.into(),
        action: t.create_app(),
    };
    let next = |title, words, href| Step { is_done: false, title, words, href, action: title };
    let token = if app.rtc {
        next(t.step_token(), t.step_token_words(), urls::tokens(app.id))
    } else {
        next(t.usersig(), t.step_usersig_words(), urls::usersig(app.id))
    };
    vec![done, token, next(t.step_verify(), t.step_verify_words(), urls::verify(app.id))]
}

/// `GET /`.
async fn show(
    cx: Cx,
    member: Member,
    Query(query): Query<TrendQuery>,
) -> Result<HttpResponse, AppError> {
    let (t, now, seat) = (cx.t(), cx.now(), member.seat());
    let zone = Zone::named(&seat.time_zone).unwrap_or_else(Zone::utc);
    let today = now.day(&zone);
    let (scope, may_see_minutes) = (seat.scope.clone(), seat.may(Permission::ReadMinutes));
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let apps = apps_in_brief(conn, &scope)?;
        let minutes = if may_see_minutes { Some(standing(conn, &scope, now)?) } else { None };
        let born = apps.iter().map(|app| app.created_at.day(&zone)).min();
        let trend = match born {
            Some(born) => Some(trend(conn, &scope, ALL, (born, today), &query.metric)?),
            None => None,
        };
        // Once there are figures, or a token that works, the first steps are behind.
        let has_begun =
            trend.as_ref().is_some_and(TrendFigures::has_any) || is_any_used(conn, &scope)?;
        Ok((apps, minutes, trend, has_begun))
    });
    let (apps, minutes, trend, has_begun) = found.await?;
    let may_write = seat.may(Permission::WriteApps);
    let page = OverviewPage {
        lead: t.overview_lead(&seat.workspace_name, &seat.time_zone),
        may_write,
        summary: Summary::of(&apps, now),
        attention: attention(&apps, minutes, (now, &cx.zone()), t),
        minutes: minutes.map(|standing| Meter::of(standing, t)),
        steps: if may_write && !has_begun { steps(&apps, t) } else { Vec::new() },
        trend: trend.map(|trend| trend.in_words(t)),
        statistics: (seat.may(Permission::ReadStatistics))
            .then(|| urls::statistics(None, Tab::Overview)),
        shell: cx.shell(&member, Section::Overview, t.overview()),
    };
    cx.page(&page)
}
