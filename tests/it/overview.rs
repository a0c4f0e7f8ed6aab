//! The overview: what a workspace has, used and must look after, as far as a member reaches.

use jiff::civil::{Date, date};
use rstest::rstest;
use switchroom::clock::days;
use switchroom::ids::{SdkAppId, WorkspaceId};
use switchroom::stats::Metric;
use switchroom::stats::store::figures_put;
use switchroom::workspaces::Role;

use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::db::run;
use crate::support::page::Page;
use crate::support::samples::{BOTH, IM, RTC};
use crate::support::{Backend, Postgres, Sqlite, TestApp, app_on};

const DAY: i64 = 86_400_000_000;
/// The day before [`NOW`], and the one before that.
const YESTERDAY: Date = date(2026, 3, 1);
const DAY_BEFORE: Date = date(2026, 2, 28);

fn end(app: &TestApp, id: SdkAppId, at: i64) {
    let sql = format!("UPDATE apps SET plan_ends_at = {at} WHERE sdk_app_id = {id}");
    app.db(|conn| run(conn, &sql));
}

fn disable(app: &TestApp, id: SdkAppId) {
    let sql = format!(
        "UPDATE apps SET switch = 'disabled', disabled_by = 'member' WHERE sdk_app_id = {id}"
    );
    app.db(|conn| run(conn, &sql));
}

/// An app that is two months old, with figures of active users and of minutes.
fn with_figures(
    app: &TestApp,
    workspace: WorkspaceId,
    name: &str,
    users: &[(Date, i64)],
    minutes: &[(Date, i64)],
) -> SdkAppId {
    let id = app.has_app(workspace, name, BOTH);
    let of = |metric, days: &[(Date, i64)]| {
        days.iter().map(|(day, value)| (metric, *day, *value)).collect::<Vec<_>>()
    };
    let figures =
        [of(Metric::ActiveUserNum, users), of(Metric::RtcPackageMinutes, minutes)].concat();
    app.db(|conn| {
        let born = NOW.0 - 60 * DAY;
        run(conn, &format!("UPDATE apps SET created_at = {born} WHERE sdk_app_id = {id}"));
        figures_put(conn, id, &figures).expect("figures");
    });
    id
}

/// The key figures as they are read.
fn tiles(page: &Page<'_>) -> Vec<String> {
    page.texts(".kpis a")
}

/// How many apps are in each state.
fn states(page: &Page<'_>) -> Vec<String> {
    page.texts("section[aria-labelledby=by-state] dd")
}

/// What needs a look.
fn attention(page: &Page<'_>) -> Vec<String> {
    page.texts("section[aria-labelledby=attention] li p")
}

/// The first steps and where they lead.
fn steps(page: &Page<'_>) -> (Vec<String>, Vec<String>) {
    let steps = "section[aria-labelledby=first] li";
    (page.texts(&format!("{steps} b")), page.attributes(&format!("{steps} a"), "href"))
}

#[rstest]
fn minutes_are_shown_to_roles_that_may_see_them(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let minutes =
        |role| app.member(role).visit("/").expect(200).texts("section[aria-labelledby=minutes] p");

    let untouched = ["10,000 minutes left", "0 of 10,000 minutes used"];
    for role in Role::ALL.iter().copied() {
        let may_see = !matches!(role, Role::Engineer | Role::Operations);
        let expected = if may_see { &untouched[..] } else { &[] };
        assert_eq!(minutes(role), expected, "{role}");
    }

    app.db(|conn| run(conn, "UPDATE minute_packages SET remaining = 123400"));
    let used = ["1,234 minutes left", "8,766 of 10,000 minutes used"];
    assert_eq!(minutes(Role::Viewer), used);
    app.db(|conn| run(conn, "UPDATE minute_packages SET remaining = 0"));
    app.has_app(ALPHA, "Blue", IM);
    let none = "No minutes are left. RTC apps cannot be created";
    assert_eq!(attention(&app.member(Role::Viewer).visit("/")), [none]);
    assert_eq!(attention(&app.member(Role::Engineer).visit("/")), [""; 0]);
}

#[rstest]
fn each_state_is_counted_and_leads_to_its_apps(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let in_state = |state: &str, count: usize| {
        (0..count).map(|number| app.has_app(ALPHA, &format!("{state} {number}"), IM)).collect()
    };
    let [_, due, expired, disabled]: [Vec<SdkAppId>; 4] =
        [("on", 4), ("due", 3), ("over", 2), ("off", 1)].map(|(state, n)| in_state(state, n));
    for id in &due {
        end(&app, *id, NOW.0 + 7 * DAY);
    }
    for id in &expired {
        end(&app, *id, NOW.0);
    }
    for id in &disabled {
        disable(&app, *id);
    }
    app.has_app(ALPHA, "calls, for ever", RTC);
    app.has_app(BETA, "Blue of Bob", IM);
    let vera = app.member(Role::Viewer);

    let page = vera.visit("/").expect(200);

    assert_eq!(states(&page), ["5", "3", "2", "1"]);
    let links = page.attributes("section[aria-labelledby=by-state] dt a", "href");
    let found = links.iter().map(|link| vera.visit(link).expect(200).count("tbody tr"));
    assert_eq!(found.collect::<Vec<_>>(), [5, 3, 2, 1], "{links:?}");
    let plans = page.texts("section[aria-labelledby=plans] :is(dt, dd)");
    assert_eq!(plans, ["Trial", "10", "TRTC", "1"]);
}

#[rstest]
fn days_left_are_those_of_the_readers_calendar(#[values(Sqlite, Postgres)] on: Backend) {
    const HOUR: i64 = DAY / 24;
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", IM);
    let vera = app.member(Role::Viewer);
    // It is 16:00 in Shanghai, and 17:00 in Tokyo.
    for (left, overview, list) in [
        (8 * HOUR - 1, "The plan of Blue ends today", "Ends today"),
        (8 * HOUR, "The plan of Blue ends soon: 1 day left", "1 day left"),
        (3 * DAY + 2 * HOUR, "The plan of Blue ends soon: 3 days left", "3 days left"),
    ] {
        end(&app, blue, NOW.0 + left);
        assert_eq!(attention(&vera.visit("/").expect(200)), [overview]);
        let row = vera.visit("/apps").expect(200).texts("tbody tr").join("");
        assert!(row.contains(list), "{row}");
    }
    end(&app, blue, NOW.0 + 8 * HOUR - 1);
    app.db(|conn| run(conn, "UPDATE accounts SET time_zone = 'Asia/Tokyo'"));
    assert_eq!(attention(&vera.visit("/")), ["The plan of Blue ends soon: 1 day left"]);
}

#[rstest]
fn all_that_needs_a_look_is_counted_and_what_is_not_listed_is_a_link_away(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    for number in 0..6 {
        let [over, due] =
            ["Over", "Due"].map(|state| app.has_app(ALPHA, &format!("{state} {number}"), IM));
        end(&app, over, NOW.0 - (10 - number) * DAY);
        end(&app, due, NOW.0 + (number + 1) * DAY);
    }
    let vera = app.member(Role::Viewer);

    let page = vera.visit("/").expect(200);

    let section = "section[aria-labelledby=attention]";
    assert_eq!(page.texts(&format!("{section} header span")), ["12 items"]);
    let words = attention(&page);
    assert_eq!(words.len(), 9, "{words:?}");
    assert_eq!(words[0], "The plan of Over 0 has ended. It works until it is disabled");
    assert_eq!(words[6], "The plan of Due 0 ends soon: 1 day left");
    assert_eq!(words[7], "The plan of Due 1 ends soon: 2 days left");
    assert_eq!(words[8], "The plans of 4 more apps end soon");
    let last = page.attributes(&format!("{section} li:last-child a"), "href").remove(0);
    let rows = vera.visit(&last).expect(200).texts("tbody th > a");
    assert_eq!(rows, ["Due 0", "Due 1", "Due 2", "Due 3", "Due 4", "Due 5"]);
    app.clock().forward(days(3));
    let words = attention(&app.member(Role::Viewer).visit("/"));
    assert_eq!(
        words[8..],
        ["The plan of 1 more app has ended", "The plans of 3 more apps end soon",]
    );
}

#[rstest]
fn yesterday_stands_against_the_day_before_and_apps_are_added(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let today = date(2026, 3, 2);
    let blue = with_figures(
        &app,
        ALPHA,
        "Blue",
        &[(DAY_BEFORE, 100), (YESTERDAY, 1_100), (today, 7_777)],
        &[(DAY_BEFORE, 40_000), (YESTERDAY, 30_099)],
    );
    with_figures(&app, ALPHA, "Green", &[(DAY_BEFORE, 900), (YESTERDAY, 150)], &[]);
    with_figures(&app, BETA, "Blue of Bob", &[(YESTERDAY, 5_000)], &[(YESTERDAY, 900_000)]);
    let vera = app.member(Role::Viewer);

    let page = vera.visit("/").expect(200);

    let about = page.texts("section[aria-labelledby=yesterday] header p");
    assert_eq!(about, ["2026-03-01 · Figures add those of the apps, each by its own days"]);
    let of_one = vera.visit(&format!("/apps/{blue}")).expect(200);
    assert_eq!(of_one.texts("section[aria-labelledby=yesterday] header p"), ["2026-03-01"]);
    let lead = page.texts("main .head p");
    assert_eq!(lead, ["Alpha · Days follow Asia/Shanghai time"]);
    let shown = tiles(&page);
    assert_eq!(shown[0], "Active users (DAU) 1,250 ↑ 25.0% vs prior day");
    // A day without a figure is a day on which nothing happened.
    assert_eq!(shown[1], "Newly registered users 0");
    assert_eq!(shown[4], "Package minutes 300.99 ↓ 24.8% vs prior day");
    assert_eq!(page.texts("figure + .body tbody tr:first-child :is(th, td)").join(" "), {
        "2026-03-01 1,250 0 0 0 300.99"
    });
    let minutes = vera.visit("/?metric=RtcPackageMinutes").expect(200);
    let chart = minutes.texts("figure svg title").remove(0);
    assert_eq!(chart, "Package minutes, last 30 days");
}

#[rstest]
fn a_limited_member_sees_figures_counts_and_concerns_of_their_apps_alone(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let [blue, green, _] = [("Blue", 100), ("Green", 20), ("Red", 3)]
        .map(|(name, users)| with_figures(&app, ALPHA, name, &[(YESTERDAY, users)], &[]));
    end(&app, blue, NOW.0 + DAY);
    end(&app, green, NOW.0 - DAY);
    let reach = |name: &str, reach: &str| {
        format!(
            "UPDATE memberships SET {reach} WHERE account_id = \
             (SELECT id FROM accounts WHERE name = '{name}');"
        )
    };
    let sql = [
        reach("vera", "reach = 'apps'"),
        format!(
            "INSERT INTO membership_apps SELECT id, {blue} FROM memberships WHERE reach = 'apps';"
        ),
        reach("fiona", "reach = 'tag', tag_key = 'team', tag_value = 'a'"),
        format!("INSERT INTO app_tags VALUES ({green}, 'team', 'a');"),
        reach("oscar", "reach = 'apps'"),
    ];
    app.db(|conn| run(conn, &sql.concat()));

    let seen = |name: &str| {
        let page = app.person(name).visit("/").expect(200);
        let first = tiles(&page).into_iter().next();
        (first, states(&page), attention(&page))
    };

    let due = "The plan of Blue ends soon: 1 day left".to_owned();
    let over = "The plan of Green has ended. It works until it is disabled".to_owned();
    let counts = |counts: [&str; 4]| counts.map(str::to_owned).to_vec();
    let users = |users: &str| Some(format!("Active users (DAU) {users}"));
    assert_eq!(
        seen("alice"),
        (users("123"), counts(["1", "1", "1", "0"]), vec![over.clone(), due.clone()])
    );
    assert_eq!(seen("vera"), (users("100"), counts(["0", "1", "0", "0"]), vec![due]));
    assert_eq!(seen("fiona"), (users("20"), counts(["0", "0", "1", "0"]), vec![over]));
    assert_eq!(seen("oscar"), (None, counts(["0", "0", "0", "0"]), vec![]));
    assert_eq!(seen("bob"), (None, counts(["0", "0", "0", "0"]), vec![]));
}

#[rstest]
fn the_first_steps_lead_to_the_newest_app_that_takes_them(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    let made = |name: &str, services| {
        app.clock().forward(std::time::Duration::from_secs(60));
        app.has_app(ALPHA, name, services)
    };
    let seen = || steps(&erin.visit("/").expect(200));
    let create = || (vec!["Create an app".to_owned()], vec!["/apps/new".to_owned()]);
    let on_with = |title: &str, paths: [String; 2]| {
        let titles = ["Create an app", title, "Verify a token"].map(str::to_owned);
        (titles.to_vec(), paths.to_vec())
    };
    let messages = |id| {
        let paths = [format!("/apps/{id}/tokens/usersig"), format!("/apps/{id}/tokens/verify")];
        on_with("Generate a UserSig", paths)
    };
    let calls = |id| {
        let paths = [format!("/apps/{id}/tokens"), format!("/apps/{id}/tokens/verify")];
        on_with("Generate a temporary token", paths)
    };

    assert_eq!(seen(), create());
    made("First", IM);
    let second = made("Second", IM);
    assert_eq!(seen(), messages(second), "nothing for calls");
    let third = made("Third", RTC);
    let fourth = made("Fourth", BOTH);
    made("Fifth", IM);
    assert_eq!(seen(), calls(fourth), "the newest for calls");
    disable(&app, fourth);
    assert_eq!(seen(), calls(third), "a disabled app refuses");
    app.db(|conn| run(conn, "UPDATE apps SET switch = 'disabled', disabled_by = 'member'"));
    assert_eq!(seen(), create(), "only a new app would do");
    assert_eq!(steps(&app.member(Role::Viewer).visit("/")).0, [""; 0], "who makes nothing");

    let used = "UPDATE certificates SET used_day = '2026-01-01' WHERE sdk_app_id = ";
    app.db(|conn| run(conn, &format!("{used}{third}")));
    assert_eq!(seen().0, [""; 0], "once a token works, the steps are behind");
    app.db(|conn| run(conn, "UPDATE certificates SET used_day = NULL"));

    with_figures(&app, ALPHA, "Busy", &[(YESTERDAY, 1)], &[]);
    assert_eq!(seen().0, [""; 0], "once there are figures, the steps are behind");
}
