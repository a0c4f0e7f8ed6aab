//! The page: what there is, what became of it, for whom.

use rstest::rstest;
use switchroom::clock::days;
use switchroom::workspaces::Role;

use super::{AT, UNTIL_DUE, audio, grant, plane, report, settle, usage};
use crate::support::app::{ALPHA, NOW};
use crate::support::db::run;
use crate::support::page::Page;
use crate::support::samples::RTC;
use crate::support::{Backend, Postgres, Request, Sqlite, TestApp, app_on};

fn rows(page: &Page<'_>, section: &str) -> Vec<String> {
    let all = format!("section[aria-labelledby={section}] tbody tr");
    (1..=page.count(&all))
        .map(|n| page.texts(&format!("{all}:nth-child({n}) > *")).join(" | "))
        .collect()
}

fn with_usage(app: &TestApp) {
    let (blue, green) = (app.has_app(ALPHA, "Blue", RTC), app.has_app(ALPHA, "Green", RTC));
    report(&plane(app), blue, "1", &[audio(AT, "ana", 50)]);
    report(&plane(app), green, "1", &[usage(AT, "ana", 60, 0, "recording")]);
    app.clock().forward(UNTIL_DUE);
    settle(app);
}

#[rstest]
fn the_page_shows_the_balance_the_packages_and_the_ledger(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    grant(&app, 200, (NOW.plus(days(10)), NOW.plus(days(20))));
    grant(&app, 300, (NOW, NOW.plus(days(1))));
    with_usage(&app);
    let fiona = app.member(Role::Finance);

    let page = fiona.visit("/minutes").expect(200);

    assert_eq!(page.heading(), "User minutes");
    let current = page.texts("nav a[aria-current=page]");
    assert_eq!(current, ["User minutes"]);
    let meter = page.texts(".meter p");
    assert_eq!(meter, ["9,948 minutes left", "52 of 10,000 minutes used"]);
    assert_eq!(
        rows(&page, "packages"),
        [
            "Newcomer package | Valid | 9,948.9 | 10,000 | 2026-03-02 16:00 | 2027-03-02 16:00",
            "Granted | Not yet valid | 200 | 200 | 2026-03-12 16:00 | 2026-03-22 16:00",
            "Granted | Expired | 300 | 300 | 2026-03-02 16:00 | 2026-03-03 16:00",
        ]
    );
    let newcomer = "Newcomer package (expires 2027-03-02)";
    assert_eq!(
        rows(&page, "ledger"),
        [
            format!("2026-03-04 00:00 | Usage | Green | 2026-03-02 | −1.1 | {newcomer}"),
            format!("2026-03-04 00:00 | Usage | Blue | 2026-03-02 | −50 | {newcomer}"),
            "2026-03-02 16:00 | Grant |  |  | +300 | Granted (expires 2026-03-03)".to_owned(),
            "2026-03-02 16:00 | Grant |  |  | +200 | Granted (expires 2026-03-22)".to_owned(),
            format!("2026-03-02 16:00 | Grant |  |  | +10,000 | {newcomer}"),
        ]
    );
}

#[rstest]
fn whoever_looks_after_minutes_sets_the_line_and_others_read_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    for role in Role::ALL.iter().copied() {
        let may_see = !matches!(role, Role::Engineer | Role::Operations);
        let may_set = matches!(role, Role::Owner | Role::Admin | Role::Finance);
        let member = app.member(role);
        let in_navigation = member.visit("/").links().iter().any(|it| it == "/minutes");
        assert_eq!(in_navigation, may_see, "{role}");
        let status = member.get("/minutes").status;
        assert_eq!(status, if may_see { 200 } else { 403 }, "{role}");
        assert_eq!(member.get("/minutes/ledger.csv").status, status, "{role}");
        let sent = member.post_with_token("/minutes", &[("alert_line", "700")]);
        assert_eq!(sent.status, if may_set { 303 } else { 403 }, "{role}");
        if may_see {
            let has_form = member.visit("/minutes").count("main input[name=alert_line]") == 1;
            assert_eq!(has_form, may_set, "{role}");
        }
    }
    let vera = app.member(Role::Viewer).visit("/minutes");
    let about = vera.texts("section[aria-labelledby=balance] header span");
    assert_eq!(about, ["Mail is sent when 700 minutes are left"]);

    let fiona = app.member(Role::Finance);
    let form = fiona.visit("/minutes").form("/minutes");
    assert_eq!(form.value("alert_line"), "700");
    let refused = form.fill("alert_line", "12.5").submit().expect(422);
    refused.problem("alert_line", "Enter a whole number from 0 to 1000000000");
    let saved = fiona.visit("/minutes").form("/minutes").fill("alert_line", "1200").submit();
    assert_eq!(saved.flash().as_deref(), Some("Alert saved."));
    let event = app.events(ALPHA).pop().expect("an event");
    assert_eq!(event.act, "set_minutes_alert");
    assert_eq!(event.changes, r#"[{"field":"alert_line","before":"700","after":"1200"}]"#);
    let told = app.owner().visit(&format!("/audit/{}", event.position)).expect(200);
    assert!(told.texts("main td, main th").iter().any(|it| it == "Alert line (minutes)"));
}

#[rstest]
fn a_limited_member_sees_the_usage_of_their_apps_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    with_usage(&app);
    app.db(|conn| {
        run(
            conn,
            "UPDATE memberships SET reach = 'apps' WHERE role = 'viewer';
             INSERT INTO membership_apps SELECT m.id, a.sdk_app_id FROM memberships m, apps a \
             WHERE m.role = 'viewer' AND a.name = 'Green'",
        );
    });
    let vera = app.member(Role::Viewer);

    let seen = rows(&vera.visit("/minutes").expect(200), "ledger");

    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[0].contains("Green") && seen[1].contains("Grant"), "{seen:?}");
    let file = vera.get("/minutes/ledger.csv").expect(200);
    assert!(file.text().contains("Green") && !file.text().contains("Blue"), "{}", file.text());
    let bob = rows(&app.bob().visit("/minutes").expect(200), "ledger");
    assert_eq!(bob.len(), 1, "{bob:?}");
}

#[rstest]
fn the_pages_of_the_ledger_and_the_file_hold_each_posting_once(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", RTC);
    app.db(|conn| {
        run(conn, "UPDATE apps SET name = '=1+1, \"x\"'");
        let many: Vec<_> = (2..=1_120)
            .map(|n| format!("(1, {n}, 0, 'usage', -{n}05, 1, {blue}, '2026-03-02', {n}, 1)"))
            .collect();
        let columns = "workspace_id, position, at, kind, amount, package_id, sdk_app_id, day, \
                       part, settled";
        run(conn, &format!("INSERT INTO minute_postings ({columns}) VALUES {}", many.join(", ")));
    });
    let owner = app.owner();
    let text = owner.get("/minutes/ledger.csv").expect(200).text().to_owned();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark").to_owned();
    assert_eq!(owner.get("/minutes/ledger.csv?bom=0").text(), text);
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 1_120);
    assert!(lines[0].starts_with("Time,Position,Kind,Kind (word),SDKAppID,App,Usage day,"));
    let newest = format!(
        "1970-01-01T08:00:00.000000+08:00,1120,Usage,usage,{blue},\"'=1+1, \"\"x\"\"\",2026-03-02,\
         ,1120.05,Newcomer package,2027-03-02T16:00:00.000000+08:00"
    );
    assert_eq!(lines[1], newest);
    assert!(
        lines[1_120].contains(",1,Grant,grant,,,,10000,,Newcomer package,"),
        "{}",
        lines[1_120]
    );

    let in_file: Vec<String> =
        lines[1..].iter().map(|line| line.split(',').nth(1).expect("a position").into()).collect();
    assert!(in_file.iter().rev().enumerate().all(|(at, it)| *it == (at + 1).to_string()));
    let (mut counts, mut next) = (Vec::new(), Some("/minutes".to_owned()));
    let mut last = String::new();
    while let Some(path) = next {
        let page = owner.visit(&path).expect(200);
        counts.push(rows(&page, "ledger").len());
        last.clone_from(&path);
        next = page.attributes(".pager a[rel=next]", "href").pop();
    }
    assert_eq!(counts.iter().sum::<usize>(), 1_120);
    assert_eq!(counts.len(), 23);
    let back = owner.visit(&last).attributes(".pager a[rel=prev]", "href").pop().expect("back");
    let page = owner.visit(&back).expect(200);
    assert_eq!(page.attributes(".pager a[rel=next]", "href"), [last]);
    for query in ["?after=0", "?before=x", "?after=99999999999999999999"] {
        owner.visit(&format!("/minutes{query}")).expect(200);
    }
    let head = owner.send(Request::new("HEAD", "/minutes/ledger.csv")).expect(200);
    let name = head.header("content-disposition").expect("a name");
    assert_eq!(name, "attachment; filename=\"minutes-ledger-2026-03-02.csv\"");
}
