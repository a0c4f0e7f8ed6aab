//! Charts: the same figures for the eye, for keys, for ears, and as a table.

use serde_json::json;

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{Visit, in_each};

#[tokio::test]
async fn a_trend_is_read_by_keys_and_its_table_holds_the_same_figures() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        visit.sign_in().await;
        let app = visit.first_app().await;
        for path in ["/", &app] {
            visit.goto(path).await;
            let tiles = visit.page.texts(".kpis a > span:first-child").await;
            assert!(tiles.len() >= 3, "{tiles:?}");
            for (at, tile) in tiles.iter().enumerate() {
                let link = format!(".kpis li:nth-child({}) a", at + 1);
                visit.page.arrive_after(visit.page.click(&link)).await;
                assert_eq!(visit.page.count(&format!("{link}[aria-current]")).await, 1);
                assert_eq!(visit.page.text(".plot svg > title").await, visit.t.trend_of(tile));
                expect_one_trend(visit, at).await;
            }
        }
    })
    .await;
}

/// The chart against the column of the table below it.
async fn expect_one_trend(visit: &Visit, column: usize) {
    let page = &visit.page;
    let days = page.evaluate(DAYS).await;
    let script = COLUMN.replace("COLUMN", &(column + 1).to_string());
    let table = page.evaluate(&script).await;
    let days: Vec<&str> =
        days.as_array().expect("days").iter().filter_map(|d| d.as_str()).collect();
    let table: Vec<&str> =
        table.as_array().expect("rows").iter().filter_map(|r| r.as_str()).collect();
    assert_eq!((days.len(), table.len()), (30, 30));
    for (day, figure) in days.iter().zip(table.iter().rev()) {
        assert!(day.ends_with(&format!(" {figure}")), "{day} is {figure} in the table");
    }
    assert_eq!(page.text(".chart .read").await, days[29]);
    if column == 0 && visit.variant.javascript {
        expect_keys(visit, &days).await;
    }
}

async fn expect_keys(visit: &Visit, days: &[&str]) {
    let page = &visit.page;
    visit.focus(".plot svg").await;
    assert!(page.focus_is_visible().await);
    for (key, day) in [("ArrowLeft", 28), ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1)] {
        page.press(key).await;
        assert_eq!(page.text(".chart .read").await, days[day], "after {key}");
        // Spoken a moment later, so that the same words are spoken twice.
        page.wait_for("#live:not(:empty)").await;
        assert_eq!(page.evaluate(LIVE).await, json!(days[day]), "after {key}");
    }
    page.press("End").await;
    assert_eq!(page.text(".chart .read").await, days[29]);
}

const LIVE: &str = "new Promise(done => setTimeout(() => \
                    done(document.getElementById('live').textContent), 80))";
const DAYS: &str = "[...document.querySelectorAll('.chart .hit')].map(day => day.dataset.v)";
const COLUMN: &str = "[...document.querySelectorAll('.scroll tbody tr')]
  .map(row => row.cells[COLUMN].textContent)";

#[tokio::test]
async fn the_days_of_a_trend_open_as_a_table() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.press_summary("details.more summary").await;
        page.wait_for("details.more[open] table").await;
        let heads = page.texts("details.more th[scope=col]").await;
        assert_eq!(heads[..2], [t.chart_day(), t.metric_active_user_num()]);
        let yesterday = page.texts(".kpis strong").await;
        let newest = page.texts("details.more tbody tr:first-child td").await;
        assert_eq!(newest, yesterday);
        assert_eq!(page.sideways_scroll().await, 0);
        page.expect_accessible().await;
    })
    .await;
}
