//! `/minutes`: what is left, the packages, the ledger and the line of alerts.

use actix_web::HttpResponse;
use askama::Template;

use super::Meter;
use super::words::{self, Moment, Names};
use crate::audit::At;
use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::minutes::forms::{AlertInput, PageQuery, field_of};
use crate::minutes::store::{self, Entry, Page};
use crate::minutes::{Package, PackageState, Standing, actions};
use crate::web::body::{Form, Query};
use crate::web::field::{problems, summary};
use crate::web::{Cx, Field, Flash, Member, Section, Shell, urls};
use crate::workspaces::{Extent, Permission};

/// Postings of a page.
const SIZE: i64 = 50;
/// Packages that are listed: those that end last.
const PACKAGES_MAX: i64 = 50;

#[derive(Template)]
#[template(path = "minutes/minutes.html")]
struct MinutesPage {
    shell: Shell,
    lead: String,
    meter: Meter,
    /// The line as it is now, in words.
    line: String,
    /// Absent for who may not set it.
    alert: Option<Field>,
    packages: Vec<PackageRow>,
    rows: Vec<EntryRow>,
    pager: Pager,
}

/// A package in a row.
struct PackageRow {
    kind: &'static str,
    state: &'static str,
    state_word: &'static str,
    remaining: String,
    granted: String,
    starts: Moment,
    expires: Moment,
}

/// A posting in a row.
struct EntryRow {
    at: Moment,
    kind: &'static str,
    app: String,
    app_href: Option<String>,
    day: String,
    amount: String,
    package: String,
}

/// The line under the ledger.
struct Pager {
    count: String,
    label: &'static str,
    previous: Option<String>,
    next: Option<String>,
    previous_word: &'static str,
    next_word: &'static str,
}

impl MinutesPage {
    fn problems(&self) -> i64 {
        self.alert.as_ref().map_or(0, |field| problems(&[field]))
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let of = |field: &Field| summary([field], &[t.alert_line()], t.colon());
        self.alert.as_ref().map(of).unwrap_or_default()
    }

    /// Whether there may be more packages than are listed.
    fn has_more_packages(&self) -> bool {
        i64::try_from(self.packages.len()).is_ok_and(|count| count >= PACKAGES_MAX)
    }
}

impl PackageRow {
    fn new(package: &Package, now: UtcTime, zone: &Zone, t: Texts) -> Self {
        let (state, state_word) = words::state(package.state(now), t);
        Self {
            kind: package.kind.name(t),
            state,
            state_word,
            remaining: words::exactly(package.remaining.unsigned_abs()),
            granted: words::exactly(package.granted.unsigned_abs()),
            starts: Moment::new(package.starts_at, zone),
            expires: Moment::new(package.expires_at, zone),
        }
    }
}

impl EntryRow {
    fn new(entry: &Entry, names: &Names, zone: &Zone, t: Texts) -> Self {
        let package = names.package(entry);
        Self {
            at: Moment::new(entry.at, zone),
            kind: words::kind(entry, t),
            app: names.app(entry, t),
            app_href: entry.app.filter(|id| names.has_app(*id)).map(urls::app),
            day: entry.day.map(|day| day.0.to_string()).unwrap_or_default(),
            amount: words::signed(entry.amount),
            package: package.map_or_else(
                || t.package_none().to_owned(),
                |it| t.package_until(it.kind.name(t), &it.expires_at.day(zone).to_string()),
            ),
        }
    }
}

fn address(at: At) -> String {
    match at {
        At::Newest => urls::MINUTES.to_owned(),
        At::Older(position) => format!("{}?after={position}", urls::MINUTES),
        At::Newer(position) => format!("{}?before={position}", urls::MINUTES),
    }
}

fn pager(page: &Page, t: Texts) -> Pager {
    let found = i64::try_from(page.entries.len()).unwrap_or(i64::MAX);
    Pager {
        count: t.minutes_on_page(found),
        label: t.pages(),
        previous: page.newer.map(address),
        next: page.older.map(address),
        previous_word: t.audit_newer(),
        next_word: t.audit_older(),
    }
}

fn line_in_words(standing: &Standing, t: Texts) -> String {
    match standing.line() {
        Some(line) => t.alert_line_now(&words::exactly(line.0.unsigned_abs())),
        None => t.alert_line_off().to_owned(),
    }
}

/// The packages in the order in which they are of interest: what is used next comes first.
fn in_order(mut packages: Vec<Package>, now: UtcTime) -> Vec<Package> {
    packages.sort_by_key(|package| {
        let state = package.state(now);
        let is_open = matches!(state, PackageState::Valid | PackageState::Upcoming);
        let ended = if is_open { 0 } else { -package.expires_at.0 };
        (state, ended, package.turn())
    });
    packages
}

async fn page(
    cx: &Cx,
    member: &Member,
    at: At,
    refused: Option<Field>,
) -> Result<MinutesPage, AppError> {
    let (t, now, seat) = (cx.t(), cx.now(), member.seat());
    let (zone, scope) = (cx.zone(), seat.scope.clone());
    let lead = match scope.extent {
        Extent::All => t.minutes_lead(zone.name()),
        _ => t.minutes_lead_scoped(zone.name()),
    };
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let standing = store::standing(conn, &scope, now)?;
        let packages = store::packages(conn, &scope, PACKAGES_MAX)?;
        Ok((standing, packages, store::postings_page(conn, &scope, at, SIZE)?))
    });
    let (standing, packages, page) = found.await?;
    let (names, packages) = (Names::of(&page), in_order(packages, now));
    let may_set = seat.may(Permission::ManageMinutes);
    Ok(MinutesPage {
        shell: cx.shell(member, Section::Minutes, t.user_minutes()),
        lead,
        meter: Meter::of(standing, t),
        line: line_in_words(&standing, t),
        alert: may_set.then(|| refused.unwrap_or_else(|| field_of(&standing))),
        packages: packages.iter().map(|it| PackageRow::new(it, now, &zone, t)).collect(),
        rows: page.entries.iter().map(|it| EntryRow::new(it, &names, &zone, t)).collect(),
        pager: pager(&page, t),
    })
}

/// `GET /minutes`.
pub(super) async fn show(
    cx: Cx,
    member: Member,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    cx.page(&page(&cx, &member, query.at(), None).await?)
}

/// `POST /minutes`: sets the line of alerts.
pub(super) async fn set_alert_line(
    cx: Cx,
    member: Member,
    Form(input): Form<AlertInput>,
) -> Result<HttpResponse, AppError> {
    let line = match input.parse(cx.t()) {
        Ok(line) => line,
        Err(field) => return cx.refuse(&page(&cx, &member, At::Newest, Some(field)).await?),
    };
    let scope = member.seat().scope.clone();
    actions::set_alert_line(&cx.services, scope, cx.actor(), line).await?;
    cx.see_other_with(urls::MINUTES, &Flash::MinutesAlertSet)
}
