//! `GET /statistics/{tab}` and `GET /apps/{sdk_app_id}/statistics/{tab}`: a report on days.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::{Subject, tab, tabs};
use crate::apps::store::app_names;
use crate::apps::{Owned, PICKER_MAX};
use crate::clock::UtcTime;
use crate::db::DbError;
use crate::error::AppError;
use crate::events::store::newest_event;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::stats::range::{
    Asked, PAGE_DAYS_MAX, Preset, RangeForm, RangeInput, Reading, chosen_query,
};
use crate::stats::series::change_percent_tenths;
use crate::stats::store::rows;
use crate::stats::view::{self, ChartView, ChartWords, Tile};
use crate::stats::{DayRange, Metric, Series, Tab};
use crate::web::body::Query;
use crate::web::field::problems;
use crate::web::shell::Link;
use crate::web::{Crumb, Cx, Field, Member, Pager, Section, Shell, urls};
use crate::workspaces::Permission;

/// Days of a page of the table.
const ROWS: usize = 31;

#[derive(Template)]
#[template(path = "stats/statistics.html")]
struct StatisticsPage {
    shell: Shell,
    place: Place,
    lead: String,
    tabs: Vec<Link>,
    presets: Vec<Link>,
    form: RangeForm,
    action: String,
    metric: &'static str,
    today: String,
    /// Absent when the days are wrong, or there are no apps.
    report: Option<Report>,
    may_create: bool,
}

/// Where the page stands among the apps.
pub(super) struct Place {
    pub(super) trail: Vec<Crumb>,
    pub(super) name: String,
    pub(super) picker: Vec<Link>,
    pub(super) is_of_all: bool,
}

/// The figures of some days in words.
struct Report {
    from: String,
    to: String,
    before: Option<String>,
    after: Option<String>,
    export: String,
    /// Where servers report events and where it says how, as long as none was counted.
    reported_to: Option<(String, String)>,
    notes: Vec<&'static str>,
    tiles: Vec<Tile>,
    chart: ChartView,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    days: String,
    pager: Pager,
}

/// A day of the table.
struct Row {
    day: String,
    weekday: String,
    cells: Vec<Cell>,
}

/// A figure with its change from the day before.
struct Cell {
    figure: String,
    change: Option<String>,
    trend: &'static str,
}

impl StatisticsPage {
    fn problems(&self) -> i64 {
        problems(&self.fields())
    }

    const fn fields(&self) -> [&Field; 2] {
        [&self.form.from, &self.form.to]
    }
}

/// The figures of a tab: of the days asked for, and of as many before them.
struct Figures {
    asked: Asked,
    metrics: &'static [Metric],
    drawn: Metric,
    now: Vec<Series>,
    before: Vec<Option<Series>>,
    newest: Option<UtcTime>,
}

/// `GET /apps/{sdk_app_id}/statistics/{tab}`.
pub(super) async fn of_app(
    cx: Cx,
    owned: Owned,
    path: Path<(String, String)>,
    Query(input): Query<RangeInput>,
) -> Result<HttpResponse, AppError> {
    let tab = tab(&path.1)?;
    let place = place_of_app(&owned, |app| urls::statistics(app, tab), cx.t());
    let subject = Subject::of_app(&cx, &owned);
    page(&cx, &owned.member, subject, (place, tab), (&input, PAGE_DAYS_MAX)).await
}

/// `GET /statistics/{tab}`.
pub(super) async fn of_all(
    cx: Cx,
    member: Member,
    path: Path<String>,
    Query(input): Query<RangeInput>,
) -> Result<HttpResponse, AppError> {
    let tab = tab(&path)?;
    let subject = Subject::of_all(&cx, &member).await?;
    let place = place_of_all(&cx, &member, |app| urls::statistics(app, tab)).await?;
    page(&cx, &member, subject, (place, tab), (&input, PAGE_DAYS_MAX)).await
}

/// A report on an app stands below the app.
pub(super) fn place_of_app(
    owned: &Owned,
    of: impl Fn(Option<SdkAppId>) -> String,
    t: Texts,
) -> Place {
    let all = Link { href: of(None), words: t.all_apps_word().into(), is_current: false };
    let each = owned.picker(|id| of(Some(id)));
    Place {
        trail: owned.trail(t).into_iter().take(1).collect(),
        name: owned.app.name.clone(),
        picker: std::iter::once(all).chain(each).collect(),
        is_of_all: false,
    }
}

/// A report on all apps leads to those on each.
pub(super) async fn place_of_all(
    cx: &Cx,
    member: &Member,
    of: impl Fn(Option<SdkAppId>) -> String,
) -> Result<Place, AppError> {
    let (t, scope) = (cx.t(), member.seat().scope.clone());
    let names = cx.services.db.read(move |conn| app_names(conn, &scope, PICKER_MAX)).await?;
    let all = Link { href: of(None), words: t.all_apps_word().into(), is_current: true };
    let each =
        names.into_iter().map(|(id, words)| Link { href: of(Some(id)), words, is_current: false });
    Ok(Place {
        trail: Vec::new(),
        name: t.all_apps_word().into(),
        picker: std::iter::once(all).chain(each).collect(),
        is_of_all: true,
    })
}

/// The page; with its form again when the days are wrong.
pub(super) async fn page(
    cx: &Cx,
    member: &Member,
    subject: Subject,
    (mut place, tab): (Place, Tab),
    (input, most): (&RangeInput, u32),
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let drawn = input.metric(tab).ok_or(AppError::NotFound)?;
    let (asked, form) = match input.read(subject.today, most, t) {
        Reading::Asked(asked, form) => (Some(asked), form),
        Reading::Refused(form) => (None, form),
        Reading::Unknown => return Err(AppError::NotFound),
    };
    let figures = match (asked, subject.born) {
        (Some(asked), Some(_)) => Some(read(cx, &subject, (tab, drawn), asked).await?),
        _ => None,
    };
    // Whoever goes on to another app or report stays with the same days.
    let query = asked.map(|asked| format!("?{}", asked.query())).unwrap_or_default();
    for link in &mut place.picker {
        link.href.push_str(&query);
    }
    let newest = figures.as_ref().and_then(|figures| figures.newest);
    let page = StatisticsPage {
        lead: lead(cx, &subject, newest),
        tabs: tabs(&subject, Some(tab), &query, t),
        presets: presets(&subject, tab, asked, drawn, t),
        form,
        action: subject.href(tab),
        metric: drawn.key(),
        today: subject.today.to_string(),
        report: figures.map(|figures| report(&figures, &subject, (tab, input.page()), t)),
        may_create: subject.born.is_none() && member.seat().may(Permission::WriteApps),
        shell: cx.shell(member, Section::Statistics, title(&place, tab, t)),
        place,
    };
    if asked.is_none() { cx.refuse(&page) } else { cx.page(&page) }
}

fn title(place: &Place, tab: Tab, t: Texts) -> String {
    if place.is_of_all {
        tab.name(t).to_owned()
    } else {
        format!("{} · {}", tab.name(t), place.name)
    }
}

async fn read(
    cx: &Cx,
    subject: &Subject,
    (tab, drawn): (Tab, Metric),
    asked: Asked,
) -> Result<Figures, AppError> {
    let (apps, born) = (subject.apps.clone(), subject.born.unwrap_or(subject.today));
    let metrics = tab.columns();
    let figures = cx.services.db.read::<_, DbError>(move |conn| {
        let previous = asked.range.previous();
        let both = previous.and_then(|it| DayRange::new(it.first(), asked.range.last()));
        let (mut now, mut before) = (Vec::new(), Vec::new());
        for metric in metrics {
            let rows = rows(conn, &apps, *metric, both.unwrap_or(asked.range))?;
            let days = || rows.iter().map(|(day, value)| (day.0, *value));
            now.push(Series::of(*metric, days(), asked.range, born));
            before.push(previous.map(|range| Series::of(*metric, days(), range, born)));
        }
        let newest = newest_event(conn, &apps)?;
        Ok(Figures { asked, metrics, drawn, now, before, newest })
    });
    Ok(figures.await?)
}

fn lead(cx: &Cx, subject: &Subject, newest: Option<UtcTime>) -> String {
    let (t, zone) = (cx.t(), cx.zone());
    let days = t.days_of_zone(subject.zone.name());
    match newest {
        Some(at) => {
            let at = at.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string();
            format!("{} · {days}", t.data_as_of(&at))
        }
        None => days,
    }
}

fn presets(
    subject: &Subject,
    tab: Tab,
    asked: Option<Asked>,
    drawn: Metric,
    t: Texts,
) -> Vec<Link> {
    let link = |preset: Preset| Link {
        href: format!("{}?range={}&metric={}", subject.href(tab), preset.as_str(), drawn.key()),
        words: preset.name(t).to_owned(),
        is_current: asked.is_some_and(|asked| asked.preset == Some(preset)),
    };
    Preset::ALL.into_iter().map(link).collect()
}

fn report(figures: &Figures, subject: &Subject, (tab, page): (Tab, usize), t: Texts) -> Report {
    let (range, href) = (figures.asked.range, subject.href(tab));
    let drawn = figures.drawn;
    let chosen = |range| format!("{href}?{}&metric={}", chosen_query(range), drawn.key());
    let after = following(range).filter(|range| range.last() <= subject.today);
    let query = figures.asked.query();
    let tiles = figures.metrics.iter().zip(figures.now.iter().zip(&figures.before));
    let (from, to) = (range.first().to_string(), range.last().to_string());
    Report {
        before: range.previous().map(chosen),
        after: after.map(chosen),
        export: format!("{href}.csv?from={from}&to={to}"),
        reported_to: reported_to(figures, subject),
        notes: notes(figures, subject, tab, t),
        tiles: tiles
            .map(|(metric, (now, before))| {
                let href = format!("?{query}&metric={}#trend", metric.key());
                view::period_tile(*metric, (now, before.as_ref()), (href, *metric == drawn), t)
            })
            .collect(),
        chart: chart(figures, (&from, &to), t),
        heads: figures.metrics.iter().map(|metric| metric.name(t)).collect(),
        days: t.days_newest_first(i64::from(range.count())),
        pager: pager(figures, page, t),
        rows: table(figures, page, t),
        from,
        to,
    }
}

fn reported_to(figures: &Figures, subject: &Subject) -> Option<(String, String)> {
    let all = figures.now.iter().chain(figures.before.iter().flatten());
    let is_empty = all.flat_map(Series::values).flatten().all(|value| *value == 0);
    let id = subject.app.filter(|_| figures.newest.is_none() && is_empty)?;
    Some((format!("POST /v1/apps/{id}/events"), urls::help_clients(None, Some(id))))
}

/// As many days after a range.
fn following(range: DayRange) -> Option<DayRange> {
    let first = range.last().tomorrow().ok()?;
    let days = jiff::Span::new().try_days(i64::from(range.count()) - 1).ok()?;
    DayRange::new(first, first.checked_add(days).ok()?)
}

/// What one must know to read the figures.
fn notes(figures: &Figures, subject: &Subject, tab: Tab, t: Texts) -> Vec<&'static str> {
    let all = [
        (subject.app.is_none(), t.added_of_apps_words()),
        (figures.asked.range.last() == subject.today, t.today_is_not_over()),
        (tab == Tab::Rtc, t.minutes_are_whole()),
    ];
    all.into_iter().filter_map(|(is_so, words)| is_so.then_some(words)).collect()
}

fn chart(figures: &Figures, (from, to): (&str, &str), t: Texts) -> ChartView {
    let drawn = figures.drawn;
    let at = figures.metrics.iter().position(|metric| *metric == drawn).unwrap_or_default();
    let words = ChartWords {
        title: t.trend_over(drawn.name(t), from, to),
        line: t.period_now(),
        before: t.period_before(),
    };
    let none = Series::of_days([], figures.asked.range, jiff::civil::Date::MAX);
    let now = figures.now.get(at).unwrap_or(&none);
    let before = figures.before.get(at).and_then(Option::as_ref);
    view::chart(drawn, words, (now, before), t)
}

/// The page that is shown, and how many there are.
fn pages(figures: &Figures, page: usize) -> (usize, usize) {
    let days = usize::try_from(figures.asked.range.count()).unwrap_or(usize::MAX);
    let pages = days.div_ceil(ROWS).max(1);
    (page.min(pages), pages)
}

fn pager(figures: &Figures, page: usize, t: Texts) -> Pager {
    let days = usize::try_from(figures.asked.range.count()).unwrap_or(usize::MAX);
    let (page, pages) = pages(figures, page);
    let turn = |page: usize| {
        let (query, metric) = (figures.asked.query(), figures.drawn.key());
        (1..=pages).contains(&page).then(|| format!("?{query}&metric={metric}&page={page}#details"))
    };
    let first = (page - 1) * ROWS + 1;
    let count = t.days_from_to(first, (first + ROWS - 1).min(days), days);
    Pager::new(count, (turn(page.wrapping_sub(1)), turn(page + 1)), t)
}

/// The days of a page of the table, the newest first.
fn table(figures: &Figures, page: usize, t: Texts) -> Vec<Row> {
    let (page, _) = pages(figures, page);
    let days: Vec<_> = figures.asked.range.days().collect();
    let newest_first = days.into_iter().enumerate().rev();
    let of_page = newest_first.skip((page - 1) * ROWS).take(ROWS);
    let row = |(at, day): (usize, jiff::civil::Date)| Row {
        day: day.to_string(),
        weekday: view::weekday(day, t),
        cells: (0..figures.metrics.len()).filter_map(|of| cell(figures, of, at, t)).collect(),
    };
    of_page.map(row).collect()
}

fn cell(figures: &Figures, of: usize, at: usize, t: Texts) -> Option<Cell> {
    let (metric, now) = (figures.metrics.get(of)?, figures.now.get(of)?.values());
    let value = now.get(at).copied().flatten();
    let day_before = match at.checked_sub(1) {
        Some(at) => now.get(at).copied().flatten(),
        None => {
            figures.before.get(of)?.as_ref().and_then(|it| it.values().last().copied().flatten())
        }
    };
    let (change, trend) = view::change(change_percent_tenths(value, day_before));
    Some(Cell { figure: view::figure_or_none(*metric, value, t), change, trend })
}
