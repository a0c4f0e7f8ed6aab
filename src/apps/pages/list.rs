//! `GET /apps`: the list.

use actix_web::HttpResponse;
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use crate::apps::list::{At, Cursor};
use crate::apps::{App, Filter, Order, PageSize, Service, Sort, Status, StatusFilter, store};
use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::{Texts, grouped};
use crate::plans::{self, Limits, PlanCode};
use crate::stats::Tab;
use crate::web::body::Query;
use crate::web::{Cx, Member, Pager, Section, Shell, urls};
use crate::workspaces::{Extent, Permission, Quota};

/// The state of the list, as its address holds it. Words that mean nothing are passed over: an
/// address is typed and shared, and a list is better than a refusal.
#[derive(Clone, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    size: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        let order = Order::parse(&self.sort).unwrap_or(Order::NEWEST);
        let at =
            match (Cursor::decode(&self.after, order.by), Cursor::decode(&self.before, order.by)) {
                (Some(cursor), _) => At::After(cursor),
                (None, Some(cursor)) => At::Before(cursor),
                (None, None) => At::Start,
            };
        Filter {
            search: self.q.trim().chars().filter(|c| !c.is_control()).take(100).collect(),
            service: Service::parse(&self.service),
            status: StatusFilter::parse(&self.status),
            order,
            size: PageSize::parse(&self.size).unwrap_or(PageSize::DEFAULT),
            at,
        }
    }
}

/// The address of a list; what is as usual is left out.
fn address(filter: &Filter, order: Order, at: Option<(&str, &Cursor)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    };
    add("q", &filter.search);
    add("service", filter.service.map_or("", Service::as_str));
    add("status", filter.status.map_or("", StatusFilter::as_str));
    if order != Order::NEWEST {
        add("sort", &order.text());
    }
    if filter.size != PageSize::DEFAULT {
        add("size", &filter.size.0.to_string());
    }
    if let Some((name, cursor)) = at {
        add(name, &cursor.encode());
    }
    match query.finish() {
        query if query.is_empty() => urls::APPS.to_owned(),
        query => format!("{}?{query}", urls::APPS),
    }
}

#[derive(Template)]
#[template(path = "apps/list.html")]
struct ListPage {
    shell: Shell,
    quota: Quota,
    may_write: bool,
    /// What is said where there is none.
    none: (&'static str, &'static str),
    may_mint: bool,
    may_verify: bool,
    filter: Filter,
    rows: Vec<Row>,
    plans: Vec<PlanTip>,
    pager: Pager,
}

/// The limits of a plan in words, shown where a row names the plan.
struct PlanTip {
    code: PlanCode,
    title: String,
    limits: Vec<(&'static str, String)>,
}

/// A row: an app, and in words what its columns do not say by themselves.
struct Row {
    app: App,
    href: String,
    /// Its reports; absent when the role may not read them.
    statistics: Option<String>,
    of_app: String,
    copy_app_id: String,
    copy_sdk_app_id: String,
    more: String,
    scenario: &'static str,
    state: &'static str,
    state_word: &'static str,
    left: String,
    plan: &'static str,
    has_limits: bool,
    created: Date,
    expires: Option<Date>,
}

/// A link in a column's head that sorts.
struct SortHead {
    words: &'static str,
    href: String,
    /// How the table is sorted by it now, for assistive technology; empty when it is not.
    order: &'static str,
}

/// The limits of a plan in words; none for a plan without any.
pub(super) fn limits_in_words(limits: &Limits, t: Texts) -> Vec<(&'static str, String)> {
    let all = [
        (t.limit_users(), limits.users_max),
        (t.limit_friends(), limits.friends_max),
        (t.limit_groups_per_user(), limits.groups_per_user_max),
        (t.limit_group_members(), limits.group_members_max),
        (t.limit_groups(), limits.groups_max),
        (t.limit_live_groups(), limits.live_groups_max),
        (t.limit_history(), limits.history_days),
    ];
    if !limits.has_any() {
        return Vec::new();
    }
    let words = |max: Option<i64>| max.map_or_else(|| t.unlimited().to_owned(), grouped);
    all.into_iter().map(|(name, max)| (name, words(max))).collect()
}

impl PlanTip {
    fn new(code: PlanCode, limits: &Limits, t: Texts) -> Self {
        Self { code, title: t.limits_of(code.name(t)), limits: limits_in_words(limits, t) }
    }
}

impl Row {
    fn new(
        (has_limits, may_read): (bool, bool),
        app: App,
        now: UtcTime,
        zone: &Zone,
        t: Texts,
    ) -> Self {
        let status = app.status(now);
        Self {
            href: urls::app(app.sdk_app_id),
            statistics: may_read.then(|| urls::statistics(Some(app.sdk_app_id), Tab::Overview)),
            of_app: t.of_app(&app.name),
            copy_app_id: t.copy_app_id(&app.name),
            copy_sdk_app_id: t.copy_sdk_app_id(&app.name),
            more: t.more_actions(&app.name),
            scenario: app.scenario.name(t),
            state: status.kind(),
            state_word: status.name(t),
            left: match status {
                Status::Due { ends_at } => match now.days_until(ends_at, zone) {
                    0 => t.ends_today().to_owned(),
                    days => t.days_left(days),
                },
                _ => String::new(),
            },
            plan: app.plan.name(t),
            has_limits,
            created: app.created_at.day(zone),
            expires: app.plan_ends_at.map(|end| end.day(zone)),
            app,
        }
    }
}

/// The label of a service's tag.
pub(super) const fn short_service(service: Service) -> &'static str {
    match service {
        Service::Rtc => "RTC",
        Service::Im => "IM",
    }
}

impl ListPage {
    fn t(&self) -> Texts {
        self.shell.t
    }

    fn rtc_quota_words(&self) -> String {
        self.t().rtc_quota(self.quota.rtc_apps, self.quota.rtc_apps_max)
    }

    fn im_quota_words(&self) -> String {
        self.t().im_quota(self.quota.im_apps, self.quota.im_apps_max)
    }

    /// Whether the workspace has no app that this member could see.
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.filter.is_narrow()
    }

    /// What sorts by something; a second time the other way round.
    fn head(&self, by: Sort, words: &'static str) -> SortHead {
        let now = self.filter.order;
        let is_descending = if now.by == by { !now.is_descending } else { by == Sort::Created };
        SortHead {
            words,
            href: address(&self.filter, Order { by, is_descending }, None),
            order: match now {
                order if order.by != by => "",
                order if order.is_descending => "descending",
                _ => "ascending",
            },
        }
    }

    fn app_heads(&self) -> [SortHead; 1] {
        [self.head(Sort::Name, self.t().column_app())]
    }

    fn date_heads(&self) -> [SortHead; 2] {
        let t = self.t();
        [self.head(Sort::Created, t.created()), self.head(Sort::Expires, t.expires())]
    }

    fn sorts(&self) -> [(&'static str, &'static str); 6] {
        let t = self.t();
        [
            ("-created", t.sort_created_desc()),
            ("created", t.sort_created()),
            ("name", t.sort_name()),
            ("-name", t.sort_name_desc()),
            ("expires", t.sort_expires()),
            ("-expires", t.sort_expires_desc()),
        ]
    }

    fn sizes(&self) -> [(u16, String, bool); 3] {
        PageSize::ALL.map(|size| (size, self.t().per_page(size), size == self.filter.size.0))
    }

    fn is_sort(&self, text: &str) -> bool {
        self.filter.order.text() == text
    }

    fn is_service(&self, word: &str) -> bool {
        self.filter.service.is_some_and(|service| service.as_str() == word)
    }

    fn is_status(&self, word: &str) -> bool {
        self.filter.status.is_some_and(|status| status.as_str() == word)
    }
}

/// `GET /apps`.
pub(super) async fn show(
    cx: Cx,
    member: Member,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, AppError> {
    let (t, now, zone, seat) = (cx.t(), cx.now(), cx.zone(), member.seat());
    let filter = query.filter();
    let (scope, asked) = (seat.scope.clone(), filter.clone());
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let page = store::apps_page(conn, &scope, &asked, now)?;
        Ok((page, plans::store::limits(conn)?))
    });
    let (page, mut limits) = found.await?;
    if page.rows.is_empty() && filter.at != At::Start {
        // What the cursor led to is gone.
        return Ok(cx.see_other(&address(&filter, filter.order, None)));
    }
    limits.retain(|plan, limits| limits.has_any() && page.rows.iter().any(|app| app.plan == *plan));
    let may_read = seat.may(Permission::ReadStatistics);
    let rows = page.rows.into_iter();
    let rows =
        rows.map(|app| Row::new((limits.contains_key(&app.plan), may_read), app, now, &zone, t));
    let turn = |name, cursor: &Option<Cursor>| {
        cursor.as_ref().map(|cursor| address(&filter, filter.order, Some((name, cursor))))
    };
    let list = ListPage {
        shell: cx.shell(&member, Section::Apps, t.apps()),
        quota: seat.quota,
        may_write: seat.may(Permission::WriteApps),
        none: if seat.scope.extent != Extent::All {
            (t.apps_none_reached(), t.apps_none_reached_words())
        } else if seat.may(Permission::WriteApps) {
            (t.apps_none(), t.apps_none_words())
        } else {
            (t.apps_none(), t.apps_none_readonly())
        },
        may_mint: seat.may(Permission::MintTokens),
        may_verify: seat.may(Permission::VerifyTokens),
        rows: rows.collect(),
        plans: limits.iter().map(|(plan, limits)| PlanTip::new(*plan, limits, t)).collect(),
        pager: Pager::new(
            t.apps_total(page.total),
            (turn("before", &page.previous), turn("after", &page.next)),
            t,
        ),
        filter,
    };
    cx.page(&list)
}
