//! `GET /audit`: the log, the newest first.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;

use super::words;
use crate::apps;
use crate::audit::forms::{LogForm, LogInput};
use crate::audit::store::{self, Asked, Page, Row};
use crate::audit::{Act, At, Filter, Outcome, Who};
use crate::clock::Zone;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::{Texts, grouped};
use crate::ids::{AccountId, SdkAppId};
use crate::web::body::Query;
use crate::web::field::problems;
use crate::web::{Cx, Field, Member, Pager, Section, Shell, urls};
use crate::workspaces::{Extent, Scope};

/// Events of a page.
const SIZE: i64 = 50;
/// Apps in the choice; the log of one beyond them has its address still.
const CHOICES_MAX: usize = 500;

/// The filter as an address holds it, without what is as usual.
pub(super) fn query(filter: &Filter, form: &LogForm) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    };
    add("actor", &filter.who.map(|who| who.to_string()).unwrap_or_default());
    add("act", filter.act.map_or("", Act::as_str));
    add("app", &filter.app.map(|app| app.to_string()).unwrap_or_default());
    add("outcome", filter.outcome.map_or("", Outcome::as_str));
    add("from", &form.from.value);
    add("to", &form.to.value);
    query.finish()
}

fn address(query: &str, at: At) -> String {
    let page = match at {
        At::Newest => String::new(),
        At::Older(position) => format!("after={position}"),
        At::Newer(position) => format!("before={position}"),
    };
    let parts: Vec<_> = [query, &page].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        urls::AUDIT.to_owned()
    } else {
        format!("{}?{}", urls::AUDIT, parts.join("&"))
    }
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    shell: Shell,
    lead: String,
    export: String,
    filter: Filter,
    form: LogForm,
    people: Vec<Choice>,
    others: Vec<Choice>,
    acts: Vec<Choice>,
    apps: Vec<Choice>,
    outcomes: Vec<Choice>,
    is_first_page: bool,
    is_cut: bool,
    rows: Vec<EventRow>,
    pager: Pager,
}

/// A choice of the filter.
struct Choice {
    value: String,
    words: String,
    is_current: bool,
}

/// An event in a row.
pub(super) struct EventRow {
    pub(super) href: String,
    pub(super) time: String,
    pub(super) iso: String,
    pub(super) who: String,
    pub(super) below: String,
    pub(super) act: String,
    pub(super) target: String,
    pub(super) target_kind: String,
    pub(super) target_href: Option<String>,
    pub(super) state: &'static str,
    pub(super) outcome: String,
    pub(super) note: String,
    pub(super) address: String,
}

impl ListPage {
    fn problems(&self) -> i64 {
        problems(&self.fields())
    }

    const fn fields(&self) -> [&Field; 2] {
        [&self.form.from, &self.form.to]
    }

    /// Whether there is nothing that this member could see.
    fn is_empty(&self) -> bool {
        let is_asked = self.filter.is_narrow() || self.problems() > 0 || self.is_cut;
        self.rows.is_empty() && self.is_first_page && !is_asked
    }
}

impl EventRow {
    pub(super) fn new(row: &Row, apps: &BTreeMap<SdkAppId, String>, zone: &Zone, t: Texts) -> Self {
        let (who, below) = words::who(row, t);
        let at = row.at.in_zone(zone);
        let app = row.sdk_app_id.filter(|app| apps.contains_key(app));
        Self {
            href: urls::audit_event(row.position),
            time: at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            who,
            below,
            act: words::act(&row.act, t).to_owned(),
            target: row.target_name.clone(),
            target_kind: words::target_kind(&row.target_kind, t).to_owned(),
            target_href: app.map(urls::app),
            state: words::outcome_state(&row.outcome),
            outcome: words::outcome(&row.outcome, t).to_owned(),
            note: words::note(row, t),
            address: row.address.clone(),
        }
    }
}

/// What the filter can be set to.
struct Choices {
    people: Vec<(AccountId, String)>,
    apps: BTreeMap<SdkAppId, String>,
}

impl Choices {
    /// The members, and somebody who is none any more when their events are shown.
    fn people(&self, filter: &Filter, rows: &[Row], t: Texts) -> Vec<Choice> {
        let choice = |id: AccountId, name: &str| Choice {
            value: id.to_string(),
            words: name.to_owned(),
            is_current: filter.who == Some(Who::Person(id)),
        };
        let mut all: Vec<_> = self.people.iter().map(|(id, name)| choice(*id, name)).collect();
        if let Some(Who::Person(id)) = filter.who
            && !all.iter().any(|choice| choice.is_current)
        {
            let name = rows.first().map(|row| row.actor_name.clone());
            all.push(choice(id, &name.unwrap_or_else(|| t.audit_former(id.0))));
        }
        all
    }

    fn apps(&self, filter: &Filter, rows: &[Row], t: Texts) -> Vec<Choice> {
        let choice = |id: SdkAppId, name: &str| Choice {
            value: id.to_string(),
            words: name.to_owned(),
            is_current: filter.app == Some(id),
        };
        let listed = self.apps.iter().take(CHOICES_MAX);
        let mut all: Vec<_> = listed.map(|(id, name)| choice(*id, name)).collect();
        if let Some(id) = filter.app
            && !all.iter().any(|choice| choice.is_current)
        {
            let name = rows.first().map(|row| row.target_name.clone());
            all.push(choice(id, &name.unwrap_or_else(|| t.audit_gone_app(id.0))));
        }
        all
    }
}

fn words_of<T: Copy + PartialEq>(
    all: &[T],
    chosen: Option<T>,
    words: impl Fn(T) -> (&'static str, &'static str),
) -> Vec<Choice> {
    let choice = |one: T| {
        let (value, label) = words(one);
        Choice { value: value.into(), words: label.into(), is_current: chosen == Some(one) }
    };
    all.iter().copied().map(choice).collect()
}

/// Reads a page of the log, or none of it while the days are wrong.
async fn read(
    cx: &Cx,
    scope: Scope,
    filter: Filter,
    at: Option<At>,
) -> Result<(Page, Choices), DbError> {
    let moments = filter.days.moments(&cx.zone());
    cx.services
        .db
        .read(move |conn| {
            let names = apps::store::app_names(conn, &scope, 10_000)?;
            let people = store::people(conn, &scope)?;
            let choices = Choices { people, apps: names.into_iter().collect() };
            let Some(at) = at else { return Ok((Page::default(), choices)) };
            let span = store::span(conn, scope.workspace, moments)?;
            let page = store::events_page(conn, &scope, &Asked { filter, span, at, size: SIZE })?;
            Ok((page, choices))
        })
        .await
}

fn pager(page: &Page, query: &str, t: Texts) -> Pager {
    let found = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    Pager {
        count: match page.looked_at {
            Some(count) => t.audit_looked_at(page.rows.len(), &grouped(count)),
            None => t.audit_on_page(found),
        },
        label: t.pages(),
        previous: page.newer.map(|at| address(query, at)),
        next: page.older.map(|at| address(query, at)),
        previous_word: t.audit_newer(),
        next_word: if page.looked_at.is_some() { t.audit_search_on() } else { t.audit_older() },
    }
}

/// The page with the filter as it was asked for; `at` is `None` when the days are wrong.
async fn list(
    cx: &Cx,
    member: &Member,
    (filter, form): (Filter, LogForm),
    at: Option<At>,
) -> Result<ListPage, AppError> {
    let (t, zone, scope) = (cx.t(), cx.zone(), member.seat().scope.clone());
    let lead = match scope.extent {
        Extent::All => t.audit_lead(zone.name()),
        _ => t.audit_lead_scoped(zone.name()),
    };
    let (page, choices) = read(cx, scope, filter, at).await?;
    let query = query(&filter, &form);
    let export = match query.as_str() {
        "" => urls::AUDIT_EXPORT.to_owned(),
        query => format!("{}?{query}", urls::AUDIT_EXPORT),
    };
    Ok(ListPage {
        shell: cx.shell(member, Section::Audit, t.nav_audit()),
        lead,
        export,
        people: choices.people(&filter, &page.rows, t),
        others: words_of(&Who::OTHERS, filter.who, |who| {
            (
                who.kind().as_str(),
                if who == Who::Programs { t.audit_programs() } else { who.kind().name(t) },
            )
        }),
        acts: words_of(Act::ALL, filter.act, |act| (act.as_str(), act.name(t))),
        apps: choices.apps(&filter, &page.rows, t),
        outcomes: words_of(Outcome::ALL, filter.outcome, |it| (it.as_str(), it.name(t))),
        is_first_page: matches!(at, None | Some(At::Newest)),
        is_cut: page.looked_at.is_some(),
        rows: page.rows.iter().map(|row| EventRow::new(row, &choices.apps, &zone, t)).collect(),
        pager: pager(&page, &query, t),
        filter,
        form,
    })
}

/// `GET /audit`.
pub(super) async fn show(
    cx: Cx,
    member: Member,
    Query(input): Query<LogInput>,
) -> Result<HttpResponse, AppError> {
    match input.parse(cx.t()) {
        Ok(asked) => cx.page(&list(&cx, &member, asked, Some(input.at())).await?),
        Err(refused) => refuse(&cx, &member, *refused).await,
    }
}

/// The page with what is wrong beside its field, and no events.
pub(super) async fn refuse(
    cx: &Cx,
    member: &Member,
    refused: (Filter, LogForm),
) -> Result<HttpResponse, AppError> {
    cx.refuse(&list(cx, member, refused, None).await?)
}
