//! Statistics: the same figures on the page, in the file and for programs; of one app, and of all added.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rstest::rstest;
use serde_json::Value;
use switchroom::api_keys::ApiScope;
use switchroom::ids::{SdkAppId, WorkspaceId};
use switchroom::stats::metric::decimal;
use switchroom::stats::store::figures_put;
use switchroom::stats::{Aggregate, Metric, Tab};
use switchroom::workspaces::Role;

use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::csv::parsed;
use crate::support::db::run;
use crate::support::page::Page;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on};

const DAY: i64 = 86_400_000_000;
/// The day before [`NOW`].
const YESTERDAY: Date = date(2026, 3, 1);
const TODAY: Date = date(2026, 3, 2);

/// An app that was created some days ago, with figures.
fn with_figures(
    app: &TestApp,
    (workspace, name, age): (WorkspaceId, &str, i64),
    figures: &[(Metric, Date, i64)],
) -> SdkAppId {
    let id = app.has_app(workspace, name, BOTH);
    app.db(|conn| {
        let born = NOW.0 - age * DAY;
        run(conn, &format!("UPDATE apps SET created_at = {born} WHERE sdk_app_id = {id}"));
        figures_put(conn, id, figures).expect("figures");
    });
    id
}

/// Figures of every metric on most of the last days, different on each.
fn of_all_metrics(days: i64, seed: i64) -> Vec<(Metric, Date, i64)> {
    let mut figures = Vec::new();
    for (at, metric) in (0_i64..).zip(Metric::ALL) {
        for back in 1..=days {
            if (back + at + seed) % 5 == 0 {
                continue;
            }
            let day = YESTERDAY.checked_sub((back - 1).days()).expect("a day");
            let grows = if metric.is_running_total() { 1_000_000 - back * 1_000 } else { 0 };
            figures.push((*metric, day, grows + (back * 37 + at * 101 + seed) % 997));
        }
    }
    figures
}

fn file(actor: &Actor<'_>, path: &str) -> Vec<Vec<String>> {
    let answer = actor.get(path).expect(200);
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8; header=present")
    );
    parsed(answer.text().strip_prefix('\u{feff}').expect("a byte order mark"))
}

/// The rows of the table, the oldest first: the day, and the figures without their changes.
fn table(page: &Page<'_>) -> Vec<Vec<String>> {
    let columns = page.count("#details thead th") - 1;
    let days = page.attributes("#details tbody time", "datetime");
    let plain = |text: &String| text.split(' ').next().expect("a word").replace(',', "");
    let cells: Vec<String> = page.texts("#details tbody td").iter().map(plain).collect();
    let rows = days.into_iter().zip(cells.chunks(columns));
    let mut rows: Vec<_> = rows.map(|(day, cells)| [&[day][..], cells].concat()).collect();
    rows.reverse();
    rows
}

/// The table over all of its pages.
fn whole_table(actor: &Actor<'_>, path: &str) -> Vec<Vec<String>> {
    let (mut rows, mut next) = (Vec::new(), Some(path.to_owned()));
    let bare = path.split('?').next().expect("a path");
    while let Some(path) = next {
        let page = actor.visit(&path).expect(200);
        rows = [table(&page), rows].concat();
        let href = page.attributes(".pager a[rel=next]", "href").pop();
        next = href.map(|href| format!("{bare}{}", href.replace("#details", "")));
    }
    rows
}

/// What an API answers about a day, as a file has it.
fn cell(metric: Metric, day: &Value) -> String {
    match &day[metric.key()] {
        Value::String(text) => text.clone(),
        number => number.to_string(),
    }
}

#[rstest]
fn the_page_the_file_and_the_programs_tell_the_same(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let id = with_figures(&app, (ALPHA, "Blue", 400), &of_all_metrics(90, 3));
    let (owner, program) = (app.owner(), app.key(&[ApiScope::StatisticsRead]));

    for tab in Tab::ALL {
        let (from, to) = ("2025-12-20", "2026-03-02");
        let base = format!("/apps/{id}/statistics/{}", tab.key());
        let days = format!("from={from}&to={to}");
        let in_file = file(&owner, &format!("{base}.csv?{days}"));
        let on_page = whole_table(&owner, &format!("{base}?{days}"));
        assert_eq!(in_file[1..], on_page, "{tab:?}");
        assert_eq!(on_page.len(), 73);

        let heads = owner.visit(&format!("{base}?{days}")).texts("#details thead th");
        assert_eq!(in_file[0], heads);

        let json = program.get(&format!("/v1{base}?{days}")).expect(200).json();
        let in_json = json["days"].as_array().expect("days").iter().map(|day| {
            let figures = tab.columns().iter().map(|metric| cell(*metric, day));
            let day = day["date"].as_str().expect("a day").to_owned();
            [day].into_iter().chain(figures).collect::<Vec<_>>()
        });
        assert_eq!(in_json.collect::<Vec<_>>(), on_page, "{tab:?}");

        let asks = Request::get(&format!("/v1{base}?{days}")).header("accept", "text/csv");
        let as_file = program.send(asks).expect(200);
        let as_file = parsed(as_file.text());
        assert_eq!(as_file[0][..2], ["date", tab.columns()[0].key()]);
        let width = tab.columns().len() + 1;
        let columns: Vec<_> = as_file[1..].iter().map(|row| row[..width].to_vec()).collect();
        assert_eq!(columns, on_page, "{tab:?}");
    }
}

#[rstest]
fn all_apps_are_added_day_by_day(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let ids = [
        with_figures(&app, (ALPHA, "Blue", 400), &of_all_metrics(60, 1)),
        with_figures(&app, (ALPHA, "Green", 400), &of_all_metrics(45, 2)),
        with_figures(&app, (ALPHA, "Red", 400), &[]),
    ];
    with_figures(&app, (BETA, "Foreign", 400), &of_all_metrics(60, 4));
    let owner = app.owner();

    for tab in Tab::ALL {
        let query = "from=2026-02-10&to=2026-03-02";
        let of = |base: &str| whole_table(&owner, &format!("{base}/{}?{query}", tab.key()));
        let of_each: Vec<_> = ids.iter().map(|id| of(&format!("/apps/{id}/statistics"))).collect();
        let of_all = of("/statistics");
        assert_eq!(of_all.len(), 21);
        for (day, row) in of_all.iter().enumerate() {
            for (column, metric) in tab.columns().iter().enumerate() {
                let number = |text: &str| -> i64 {
                    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
                    let hundredths = format!("{whole}{places:0<2}").parse::<i64>();
                    hundredths.expect("a number")
                };
                let sum = of_each.iter().map(|rows| number(&rows[day][column + 1])).sum();
                assert_eq!(row[column + 1], decimal(sum), "{metric:?} on {}", row[0]);
            }
        }
        let in_file = file(&owner, &format!("/statistics/{}.csv?{query}", tab.key()));
        assert_eq!(in_file[0][1..3], ["SDKAppID", "App"]);
        let expected = ids.iter().zip(["Blue", "Green", "Red"]).zip(&of_each);
        let expected = expected.flat_map(|((id, name), rows)| {
            let named = |row: &Vec<String>| {
                let about = [row[0].clone(), id.to_string(), name.to_owned()];
                [&about[..], &row[1..]].concat()
            };
            rows.iter().map(named).collect::<Vec<_>>()
        });
        assert_eq!(in_file[1..], expected.collect::<Vec<_>>(), "{tab:?}");
    }
    let page = owner.visit("/statistics/overview").expect(200);
    assert!(page.texts("#details header")[0].contains("All apps added"));
    assert!(page.texts("#trend .body")[0].contains("a user of several apps counts in each"));
}

#[rstest]
fn a_member_sees_and_takes_away_what_they_reach(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = with_figures(&app, (ALPHA, "Blue", 9), &[(Metric::ActiveUserNum, YESTERDAY, 5)]);
    let green = with_figures(&app, (ALPHA, "Green", 9), &[(Metric::ActiveUserNum, YESTERDAY, 7)]);
    app.db(|conn| {
        run(
            conn,
            &format!(
                "UPDATE memberships SET reach = 'apps' WHERE role = 'operations';
                 INSERT INTO membership_apps (membership_id, sdk_app_id)
                 SELECT id, {blue} FROM memberships WHERE role = 'operations'"
            ),
        );
    });
    let member = app.member(Role::Operations);
    let of_all = |actor: &Actor<'_>| {
        let rows = file(actor, "/statistics/overview.csv?range=yesterday");
        rows[1..].iter().map(|row| (row[2].clone(), row[3].clone())).collect::<Vec<_>>()
    };
    let both = [("Blue".to_owned(), "5".to_owned()), ("Green".to_owned(), "7".to_owned())];
    assert_eq!(of_all(&app.owner()), both);
    assert_eq!(of_all(&member), both[..1]);
    let page = member.visit("/statistics/overview?range=yesterday").expect(200);
    assert_eq!(table(&page)[0][1], "5");
    assert!(!page.links().iter().any(|href| href.contains(&green.to_string())));
    for path in ["overview", "overview.csv"] {
        assert_eq!(member.get(&format!("/apps/{green}/statistics/{path}")).status, 404);
        assert_eq!(app.bob().get(&format!("/apps/{blue}/statistics/{path}")).status, 404);
    }
}

#[rstest]
fn days_before_an_app_are_gaps_and_later_ones_zeros(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let day = date(2026, 2, 27);
    let id = with_figures(&app, (ALPHA, "Young", 4), &[(Metric::ActiveUserNum, day, 12)]);

    let owner = app.owner();
    let page = owner.visit(&format!("/apps/{id}/statistics/overview?range=7d")).expect(200);

    let active: Vec<_> = table(&page).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(active, ["No", "No", "No", "0", "12", "0", "0"]);
    let in_file = file(&owner, &format!("/apps/{id}/statistics/overview.csv?range=7d"));
    let active: Vec<_> = in_file[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(active, ["", "", "", "0", "12", "0", "0"]);
}

#[rstest]
fn tiles_put_a_period_together_and_compare_it_with_the_one_before(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let mut figures = Vec::new();
    for back in 0..14_i64 {
        let day = YESTERDAY.checked_sub(back.days()).expect("a day");
        let value = if back < 7 { 30 } else { 20 };
        figures.extend([
            (Metric::C2CUpMsgNum, day, value),
            (Metric::C2CSendMsgUserNum, day, value - back % 7),
        ]);
    }
    let id = with_figures(&app, (ALPHA, "Blue", 90), &figures);

    let owner = app.owner();
    let page = owner.visit(&format!("/apps/{id}/statistics/c2c?range=7d")).expect(200);

    let tiles = page.texts(".kpis a");
    assert_eq!(tiles[0], "C2C upstream messages total210 ↑ 50.0% vs period before");
    assert_eq!(tiles[2], "C2C senders daily average27 ↑ 58.8% vs period before");
    assert_eq!(Metric::C2CSendMsgUserNum.aggregate(), Aggregate::Average);
    // The first day of the table is compared with the last one before it.
    let first = &page.texts("#details tbody tr:last-child td")[0];
    assert_eq!(first, "30 ↑ 50.0%");
    let of_a_day = owner.visit(&format!("/apps/{id}/statistics/c2c?range=yesterday")).expect(200);
    assert_eq!(of_a_day.texts(".kpis a")[0], "C2C upstream messages 30 0.0% vs period before");
}

#[rstest]
fn links_keep_the_days_and_the_metric(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let id = with_figures(&app, (ALPHA, "Blue", 90), &[]);
    let owner = app.owner();
    let base = format!("/apps/{id}/statistics");

    let page = owner
        .visit(&format!("{base}/c2c?from=2026-02-01&to=2026-02-03&metric=C2CDownMsgNum"))
        .expect(200);

    let days = "range=custom&from=2026-02-01&to=2026-02-03";
    let tabs = page.attributes(".tabs a", "href");
    assert_eq!(tabs[2], format!("{base}/group?{days}"));
    assert_eq!(
        page.attributes(".kpis a[aria-current]", "href"),
        [format!("?{days}&metric=C2CDownMsgNum#trend")]
    );
    let turn = |rel: &str| page.attributes(&format!(".range a[rel={rel}]"), "href").pop();
    let at = |from: &str, to: &str| {
        Some(format!("{base}/c2c?range=custom&from={from}&to={to}&metric=C2CDownMsgNum"))
    };
    assert_eq!(turn("prev"), at("2026-01-29", "2026-01-31"));
    assert_eq!(turn("next"), at("2026-02-04", "2026-02-06"));
    let picker = page.attributes(".crumbs .menu a", "href");
    assert_eq!(picker[0], format!("/statistics/c2c?{days}"));
    // Days that have not come yet are not led to.
    let newest = owner.visit(&format!("{base}/c2c?from={YESTERDAY}&to={TODAY}")).expect(200);
    assert_eq!(newest.count(".range a[rel=next]"), 0);
    assert!(newest.texts("#trend .body")[0].contains("Today is not over"));
    assert_eq!(
        owner.get("/statistics").header("location").as_deref(),
        Some("/statistics/overview")
    );
}

#[rstest]
fn days_that_cannot_be_shown_are_refused_with_the_form(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let id = with_figures(&app, (ALPHA, "Blue", 90), &[]);
    let owner = app.owner();

    for base in [format!("/apps/{id}/statistics/rtc"), "/statistics/rtc".into()] {
        for end in ["", ".csv"] {
            let refused = |from: &str, to: &str| {
                let path = format!("{base}{end}?range=custom&from={from}&to={to}");
                let page = owner.visit(&path).expect(422);
                assert_eq!(page.form(&base).value("from"), from);
                assert_eq!(page.form(&base).value("to"), to);
                page
            };
            refused("2026-02-03", "2026-02-01")
                .problem("to", "The last day comes before the first");
            refused("2026-02-03", "2026-03-03").problem("to", "Choose today or an earlier day");
            refused("2026-02-30", "2026-03-01").problem("from", "Enter a day such as 2026-11-19");
            refused("", "2026-03-01").problem("from", "Enter a day such as 2026-11-19");
            let most = if end.is_empty() { "366" } else { "3,660" };
            refused("0001-01-01", "2026-03-01")
                .problem("from", &format!("At most {most} days at a time"));
            let title = refused("x", "y").title();
            assert!(title.starts_with("Error: "), "{title}");
            for query in ["range=8d", "range=YESTERDAY"] {
                assert_eq!(owner.get(&format!("{base}{end}?{query}")).status, 404);
            }
        }
        assert_eq!(owner.get(&format!("{base}?metric=UpMsgNum")).status, 404);
        assert_eq!(owner.get(&format!("{base}?metric=%00")).status, 404);
        assert_eq!(
            owner.visit(&format!("{base}?page=99999999999999999999")).expect(200).count("#trend"),
            1
        );
        assert_eq!(owner.visit(&format!("{base}?page=77")).expect(200).count("#details"), 1);
    }
    for path in
        ["/statistics/mau", "/statistics/OVERVIEW", "/statistics/mau.csv", "/statistics/.csv"]
    {
        assert_eq!(owner.get(path).status, 404, "{path}");
    }
}

#[rstest]
fn a_file_of_ten_years_comes_in_pieces_and_begins_no_formula(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let day = date(2016, 3, 5);
    let ids: Vec<_> = ["One", "Two", "Three"]
        .map(|name| with_figures(&app, (ALPHA, name, 4_000), &[(Metric::ActiveUserNum, day, 8)]))
        .into();
    let named = format!("UPDATE apps SET name = '=1+1' WHERE sdk_app_id = {}", ids[1]);
    app.db(|conn| run(conn, &named));
    let owner = app.owner();

    let path = "/statistics/overview.csv?from=2016-02-24&to=2026-03-02";
    let rows = file(&owner, path);

    assert_eq!(rows.len(), 1 + 3 * 3_660);
    assert!(rows.iter().all(|row| row.len() == 11));
    assert_eq!((rows[1][0].as_str(), rows[3_660][0].as_str()), ("2016-02-24", "2026-03-02"));
    assert_eq!(rows[3_661][2], "'=1+1");
    let eights = rows.iter().filter(|row| row[3] == "8").count();
    assert_eq!(eights, 3);
    let answer = owner.send(Request::new("HEAD", path)).expect(200);
    assert_eq!(answer.text(), "");
    let name = "attachment; filename=\"apps-overview-2016-02-24-2026-03-02.csv\"";
    assert_eq!(answer.header("content-disposition").as_deref(), Some(name));
    let of_one = format!("/apps/{}/statistics/rtc.csv?range=yesterday&bom=0", ids[0]);
    let of_one = owner.get(&of_one).expect(200);
    let name = format!("attachment; filename=\"{}-rtc-2026-03-01-2026-03-01.csv\"", ids[0]);
    assert_eq!(of_one.header("content-disposition").as_deref(), Some(name.as_str()));
    assert!(of_one.text().starts_with("Date,"));
}

#[rstest]
fn the_file_is_in_the_language_of_the_page(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let id = with_figures(&app, (ALPHA, "Blue", 90), &[]);
    let owner = app.owner();
    owner.set_cookie("lang", "zh-CN");

    let heads = file(&owner, &format!("/apps/{id}/statistics/group.csv?range=7d")).remove(0);

    let expected = "统计日期 群聊上行消息数 群聊下行消息数 群聊发消息人数 群聊APNS推送数 发消息群组数 \
                    入群总次数 退群总次数 新增群组数 累计群组数 解散群个数";
    assert_eq!(heads.join(" "), expected);
}

#[rstest]
fn without_apps_or_events_the_page_says_how_to_begin(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    let none = owner.visit("/statistics/overview").expect(200);
    assert!(none.links().contains(&"/apps/new".to_owned()));
    assert_eq!(none.count("#trend"), 0);
    assert_eq!(file(&owner, "/statistics/overview.csv").len(), 1);

    let id = app.has_app(ALPHA, "Blue", BOTH);
    let page = owner.visit(&format!("/apps/{id}/statistics/overview")).expect(200);
    assert!(page.texts(".note")[0].contains(&format!("POST /v1/apps/{id}/events")));
}
