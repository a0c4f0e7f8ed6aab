//! The list of apps: what it finds, in which order, page by page, at what cost.

use std::collections::BTreeMap;

use rstest::rstest;
use switchroom::clock::days;
use switchroom::ids::SdkAppId;
use switchroom::workspaces::Role;

use crate::support::app::{ALPHA, BETA, NOW};
use crate::support::db::run;
use crate::support::page::Page;
use crate::support::samples::{BOTH, IM, RTC};
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, app_on};

/// The names of a list, in its order.
fn names(page: &Page<'_>) -> Vec<String> {
    page.texts("main tbody th > a")
}

fn list(actor: &Actor<'_>, query: &str) -> Vec<String> {
    let page = actor.visit(&format!("/apps?{query}")).expect(200);
    assert!(page.path().starts_with("/apps"), "{}", page.path());
    names(&page)
}

/// Six apps in all states, one of another workspace.
fn with_apps(app: &TestApp) -> BTreeMap<&'static str, SdkAppId> {
    let specs = [("Blue", BOTH), ("green", IM), ("Rot 100%", RTC), ("Gelb_x", IM), ("课堂", IM)];
    let made = specs.map(|(name, services)| {
        app.clock().forward(std::time::Duration::from_secs(60));
        (name, app.has_app(ALPHA, name, services))
    });
    app.has_app(BETA, "Blue of Bob", BOTH);
    let ids = BTreeMap::from(made);
    let ends = |name: &str, at: i64| {
        format!("UPDATE apps SET plan_ends_at = {at} WHERE sdk_app_id = {};", ids[name])
    };
    let day = 86_400_000_000;
    let sql = [
        ends("Blue", NOW.0 + 30 * day),
        ends("green", NOW.0 + 3 * day),
        ends("Gelb_x", NOW.0 - day),
        ends("课堂", NOW.0 + 20 * day),
        format!(
            "UPDATE apps SET switch = 'disabled', disabled_by = 'member' WHERE sdk_app_id = {};",
            ids["课堂"]
        ),
        format!(
            "INSERT INTO app_tags VALUES ({}, 'team', 'zulu'), ({}, 'team', 'yankee');",
            ids["Blue"], ids["green"]
        ),
    ];
    app.db(|conn| run(conn, &sql.concat()));
    ids
}

#[rstest]
fn a_search_finds_names_numbers_app_ids_and_tags(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let ids = with_apps(&app);
    let vera = app.member(Role::Viewer);
    let app_id = app.db(|conn| {
        let sql = format!("SELECT app_id AS text FROM apps WHERE sdk_app_id = {}", ids["Blue"]);
        crate::support::db::texts(conn, &sql).remove(0)
    });
    let sought = |text: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        list(&vera, &query.append_pair("q", text).finish())
    };

    assert_eq!(sought("blue"), ["Blue"]);
    assert_eq!(sought("ＢＬＵ"), ["Blue"]);
    assert_eq!(sought("L"), ["Gelb_x", "Blue"]);
    assert_eq!(sought("课"), ["课堂"]);
    assert_eq!(sought(&ids["green"].to_string()), ["green"]);
    assert_eq!(sought(&app_id), ["Blue"]);
    assert_eq!(sought(&app_id[..8].to_uppercase()), ["Blue"]);
    assert_eq!(sought("team"), ["green", "Blue"]);
    assert_eq!(sought("team=yankee"), ["green"]);
    assert_eq!(sought(" zulu "), ["Blue"]);
    // What databases have patterns for is text here.
    assert_eq!(sought("%"), ["Rot 100%"]);
    assert_eq!(sought("_"), ["Gelb_x"]);
    for nothing in ["\\", "'", "\" OR 1=1 --", "nosuch", "Blue of Bob", "100_", "team=zul"] {
        assert_eq!(sought(nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[rstest]
fn filters_narrow_the_list_to_services_and_states(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_apps(&app);
    let vera = app.member(Role::Viewer);

    for (query, expected) in [
        ("service=rtc", vec!["Rot 100%", "Blue"]),
        ("service=im", vec!["课堂", "Gelb_x", "green", "Blue"]),
        ("status=enabled", vec!["Rot 100%", "Blue"]),
        ("status=due", vec!["green"]),
        ("status=expired", vec!["Gelb_x"]),
        ("status=disabled", vec!["课堂"]),
        ("service=rtc&status=due", vec![]),
        ("service=rtc&q=rot", vec!["Rot 100%"]),
        (
            "service=nonsense&status=nonsense&sort=x&size=7&after=!",
            vec!["课堂", "Gelb_x", "Rot 100%", "green", "Blue"],
        ),
    ] {
        assert_eq!(list(&vera, query), expected, "{query}");
    }
    let states = ["enabled", "due", "expired", "disabled"];
    let all = states.map(|state| list(&vera, &format!("status={state}")).len());
    assert_eq!(all.iter().sum::<usize>(), 5, "each app is in one state: {all:?}");
    app.clock().forward(days(5));
    let vera = app.member(Role::Viewer);
    assert_eq!(list(&vera, "status=due"), Vec::<String>::new());
    assert_eq!(list(&vera, "status=expired"), ["Gelb_x", "green"]);
    let page = vera.visit("/apps?q=nosuch").expect(200);
    assert!(page.links().contains(&"/apps".to_owned()), "a way back: {:?}", page.links());
}

#[rstest]
fn a_list_is_sorted_as_it_is_asked_and_remembers_it_in_its_address(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    with_apps(&app);
    let vera = app.member(Role::Viewer);
    let reversed = |mut names: Vec<String>| {
        names.reverse();
        names
    };

    assert_eq!(list(&vera, ""), ["课堂", "Gelb_x", "Rot 100%", "green", "Blue"]);
    assert_eq!(list(&vera, "sort=created"), reversed(list(&vera, "sort=-created")));
    assert_eq!(list(&vera, "sort=name"), ["Blue", "Gelb_x", "green", "Rot 100%", "课堂"]);
    assert_eq!(list(&vera, "sort=-name"), reversed(list(&vera, "sort=name")));
    assert_eq!(list(&vera, "sort=expires"), ["Gelb_x", "green", "课堂", "Blue", "Rot 100%"]);
    assert_eq!(list(&vera, "sort=-expires"), reversed(list(&vera, "sort=expires")));
    let page = vera.visit("/apps?sort=name&status=enabled").expect(200);
    assert_eq!(page.attributes("th[aria-sort]", "aria-sort"), ["ascending"]);
    let form = page.form("Filter").choose("service", "im");
    assert_eq!(form.value("sort"), "name");
    assert_eq!(names(&form.submit()), ["Blue"]);
}

#[rstest]
fn the_heads_of_a_list_sort_by_each_name_and_date(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_apps(&app);
    let vera = app.member(Role::Viewer);
    let follow = |page: &Page<'_>, words: &str| {
        let links = page.texts("thead a").into_iter().zip(page.attributes("thead a", "href"));
        let (_, href) = links.into_iter().find(|(text, _)| text == words).expect("a link");
        vera.visit(&href).expect(200)
    };

    assert_eq!(vera.visit("/apps").texts("thead a"), ["App", "Created", "Expires"]);
    let (up, down) = ("ascending", "descending");
    for (other, words, expected, [first, second]) in [
        ("name", "Expires", ["Gelb_x", "green", "课堂", "Blue", "Rot 100%"], [up, down]),
        ("name", "Created", ["课堂", "Gelb_x", "Rot 100%", "green", "Blue"], [down, up]),
        ("expires", "App", ["Blue", "Gelb_x", "green", "Rot 100%", "课堂"], [up, down]),
    ] {
        let sorted = follow(&vera.visit(&format!("/apps?sort={other}&size=50")), words);
        assert_eq!(names(&sorted), expected, "{words}");
        assert_eq!(sorted.attributes("th[aria-sort]", "aria-sort"), [first]);
        assert_eq!(sorted.texts("th[aria-sort] a[aria-current]"), [words]);
        let back = follow(&sorted, words);
        assert!(names(&back).iter().eq(expected.iter().rev()), "{words}: {:?}", names(&back));
        assert_eq!(back.attributes("th[aria-sort]", "aria-sort"), [second]);
        assert_eq!(back.texts("th[aria-sort] a[aria-current]"), [words]);
    }
}

/// Many apps, several of which share each moment and each end.
fn with_ties(app: &TestApp, count: i64) {
    let first = app.has_app(ALPHA, "App 000", IM).0;
    let rows: Vec<_> = (1..count)
        .map(|number| {
            format!(
                "('{number:032x}', 1, {number}, 'App {number:03}', 'app {number:03}', 'other', false, true, \
                 'trial', {}, 'UTC', {}, 1)",
                if number % 3 == 0 { "NULL".to_owned() } else { (NOW.0 + number / 7).to_string() },
                NOW.0 + number / 5,
            )
        })
        .collect();
    let sql = format!(
        "INSERT INTO apps (app_id, workspace_id, account_type, name, name_key, scenario, rtc, im, \
           plan, plan_ends_at, statistics_zone, created_at, changed_at) VALUES {}",
        rows.join(", ")
    );
    app.db(|conn| run(conn, &sql));
    assert_eq!(first, 1_400_000_001);
}

/// The address that leads on or back, if any.
fn turn(page: &Page<'_>, words: &str) -> Option<String> {
    let links = page.texts("main nav a").into_iter().zip(page.attributes("main nav a", "href"));
    links.filter(|(text, _)| text == words).map(|(_, href)| href).next()
}

#[rstest]
fn walking_forward_and_back_shows_every_app_once_in_order(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values("-created", "created", "name", "-name", "expires", "-expires")] sort: &str,
) {
    let Some(app) = app_on(on) else { return };
    with_ties(&app, 53);
    let vera = app.member(Role::Viewer);
    let whole = [list(&vera, &format!("sort={sort}&size=50")), {
        let page = vera.visit(&format!("/apps?sort={sort}&size=50"));
        names(&vera.visit(&turn(&page, "Next").expect("a second page")))
    }]
    .concat();
    assert_eq!(whole.len(), 53);

    let mut forward = Vec::new();
    let mut page = vera.visit(&format!("/apps?sort={sort}&size=10")).expect(200);
    assert_eq!(turn(&page, "Previous"), None);
    forward.push(names(&page));
    while let Some(next) = turn(&page, "Next") {
        page = vera.visit(&next).expect(200);
        forward.push(names(&page));
    }
    assert_eq!(forward.concat(), whole);
    assert_eq!(forward.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 10, 10, 10, 3]);

    let mut backward = vec![names(&page)];
    while let Some(previous) = turn(&page, "Previous") {
        page = vera.visit(&previous).expect(200);
        backward.insert(0, names(&page));
    }
    assert_eq!(backward.concat(), whole);
}

#[rstest]
fn an_app_that_comes_or_goes_meanwhile_shifts_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_ties(&app, 25);
    let vera = app.member(Role::Viewer);
    let page = vera.visit("/apps?size=10&sort=name").expect(200);
    let next = turn(&page, "Next").expect("a second page");
    let before = names(&vera.visit(&next));

    app.has_app(ALPHA, "App 0005 in between", IM);
    app.db(|conn| run(conn, "UPDATE apps SET deleted_at = 1 WHERE name = 'App 009'"));

    assert_eq!(names(&vera.visit(&next)), before);
    app.db(|conn| run(conn, "UPDATE apps SET deleted_at = 1 WHERE name > 'App 009'"));
    let page = vera.visit(&next).expect(200);
    assert!(!page.path().contains("after="), "what the address led to is gone: {}", page.path());
}

#[rstest]
fn a_list_costs_at_most_three_statements_however_many_apps_there_are(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let (vera, program) =
        (app.member(Role::Viewer), app.key(&[switchroom::api_keys::ApiScope::AppsRead]));
    app.has_app(ALPHA, "First", IM);
    // What is remembered of a key's use is written now, and not again within the minute.
    program.get("/v1/apps").expect(200);
    let cost = || {
        let page = app.statements(|| assert_eq!(vera.get("/apps?size=50&q=a").status, 200));
        let json = app.statements(|| assert_eq!(program.get("/v1/apps").status, 200));
        (page, json)
    };

    with_few_and_many(&app, cost);
}

fn with_few_and_many(app: &TestApp, cost: impl Fn() -> (u64, u64)) {
    app.db(|conn| run(conn, "DELETE FROM certificates; DELETE FROM apps"));
    with_plain(app, 5);
    let few = cost();
    with_plain(app, 45);
    let many = cost();
    assert_eq!(few, many);
    assert!(many.0 <= 3 && many.1 <= 3, "{many:?}");
}

fn with_plain(app: &TestApp, count: i64) {
    let have = app.count("SELECT count(*) FROM apps");
    for number in 0..count {
        app.has_app(ALPHA, &format!("App {}", have + number), IM);
    }
}

#[test]
fn the_list_reads_well() {
    let app = app_on(Sqlite).expect("SQLite is always there");
    let vera = app.member(Role::Viewer);
    insta::assert_snapshot!("app_list_empty_viewer", vera.visit("/apps").main_snapshot());
    let erin = app.member(Role::Engineer);
    insta::assert_snapshot!("app_list_empty_engineer", erin.visit("/apps").main_snapshot());
    with_apps(&app);
    insta::assert_snapshot!("app_list", erin.visit("/apps?size=10").main_snapshot());
}
