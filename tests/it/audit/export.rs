//! The file: the same events as the pages, read back cell by cell, and nothing in it that a spreadsheet runs.

use rstest::rstest;
use switchroom::audit::{Act, Actor as Doer, Changes, Event, Target};
use switchroom::ids::SdkAppId;

use crate::support::app::{ALPHA, NOW};
use crate::support::csv::parsed;
use crate::support::{Backend, Postgres, Request, Sqlite, app_on};

const FORMULAS: [&str; 12] = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "  =HYPERLINK(\"x\")",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "\u{3000}=1",
    "=cmd|' /C calc'!A0",
];

#[rstest]
fn the_file_holds_what_the_pages_show(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let event = Event::done(Act::EditApp, Target::app(SdkAppId(7), "Seven, \"7\"\nand a line"));
    // More than one piece.
    (0..2_100).for_each(|_| app.records(ALPHA, &Doer::system(), &event, NOW));
    let owner = app.owner();

    for query in ["", "act=edit_app", "actor=system", "outcome=denied", "from=2026-03-02"] {
        let answer = owner.get(&format!("/audit/export.csv?{query}")).expect(200);
        let text = answer.text().strip_prefix('\u{feff}').expect("a byte order mark");
        let rows = parsed(text);
        let plain = owner.get(&format!("/audit/export.csv?bom=0&{query}"));
        assert_eq!(plain.text(), text);
        assert_eq!(rows[0][..4], ["Time", "Position", "Kind", "Name"]);
        assert!(rows.iter().all(|row| row.len() == 19), "{query}");
        let in_file: Vec<_> = rows[1..].iter().map(|row| row[1].clone()).collect();

        let mut on_pages = Vec::new();
        let mut next = Some(format!("/audit?{query}"));
        while let Some(path) = next {
            let page = owner.visit(&path).expect(200);
            let hrefs = page.attributes("main tbody th a", "href");
            on_pages.extend(hrefs.iter().map(|it| it.replace("/audit/", "")));
            next = page.attributes(".pager a[rel=next]", "href").pop();
        }
        assert_eq!(in_file, on_pages, "{query}");
    }
    let answer = owner.get("/audit/export.csv?from=2026-03-01&to=2026-03-02&bom=0");
    let name = answer.header("content-disposition").expect("a name");
    assert_eq!(name, "attachment; filename=\"audit-log-2026-03-01--2026-03-02.csv\"");
    assert!(answer.header("content-type").expect("a type").starts_with("text/csv; charset=utf-8"));
    let rows = parsed(answer.text());
    let event = &rows[2];
    assert_eq!(event[0], "2026-03-02T16:00:00.000000+08:00");
    assert_eq!(event[15], "Seven, \"7\"\nand a line");
    assert_eq!((event[8].as_str(), event[9].as_str()), ("Edit app", "edit_app"));
    let head = owner.send(Request::new("HEAD", "/audit/export.csv")).expect(200);
    assert_eq!(head.text(), "");
}

#[rstest]
fn the_head_is_in_the_language_of_the_reader(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    owner.set_cookie("lang", "zh-CN");

    let rows = parsed(owner.get("/audit/export.csv?bom=0").expect(200).text());
    assert_eq!(rows[0][..3], ["时间", "序号", "类型"]);
    assert_eq!((rows[1][8].as_str(), rows[1][10].as_str()), ("登录", "成功"));
}

#[rstest]
fn no_cell_is_a_formula_whoever_wrote_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let owner = app.owner();
    for text in FORMULAS {
        // Everything that somebody outside has a say in.
        let actor = Doer::at(text.into(), text.into(), text.into());
        let actor = actor.as_person(app.account("erin"), text, text);
        let event = Event::done(Act::EditApp, Target::app(SdkAppId(7), text));
        let event = event.changing(Changes::default().with("name", text));
        app.records(ALPHA, &actor, &event, NOW);
    }
    let visit = Request::get("/profile").header("user-agent", "=1+1");
    owner.send(visit).expect(200);

    let rows = parsed(owner.get("/audit/export.csv?bom=0&act=edit_app").expect(200).text());
    assert_eq!(rows.len(), FORMULAS.len() + 1);
    for (row, text) in rows[1..].iter().rev().zip(FORMULAS) {
        for (number, cell) in row.iter().enumerate() {
            let begins =
                cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            let is_number = cell.parse::<i64>().is_ok();
            assert!(!begins || is_number, "column {number} of {row:?}");
        }
        for column in [3, 4, 6, 7, 15, 16] {
            assert_eq!(row[column], format!("'{text}"), "column {column}");
        }
    }
}
