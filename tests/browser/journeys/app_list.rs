//! Finding an app among many.

use switchroom::apps::folded_name;

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{Visit, in_each};

const NAMES: &str = "tbody th[scope=row] > a";

#[tokio::test]
async fn a_long_list_is_paged_and_its_address_holds_where_one_is() {
    in_each(&Variant::chosen(), Console::crowded, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        assert_eq!(page.text(".pager p").await, t.apps_total(25));
        assert_eq!(page.count("tbody tr").await, 20);

        page.choose(t.page_size(), &t.per_page(10)).await;
        page.submit(t.filter()).await;
        let mut all = page.texts(NAMES).await;
        page.follow(t.next_page()).await;
        let second = page.texts(NAMES).await;
        let address = page.url().await;
        all.extend(second.clone());
        page.follow(t.next_page()).await;
        all.extend(page.texts(NAMES).await);
        assert_eq!(page.texts(".pager a").await, [t.previous_page()]);

        page.goto(&address).await;
        assert_eq!(page.texts(NAMES).await, second);
        assert_eq!(page.value(t.page_size()).await, "10");
        page.follow(t.previous_page()).await;
        assert_eq!(page.texts(NAMES).await, all[..10]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 25);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_sorted_by_the_head_of_a_column_or_on_small_screens_by_a_choice() {
    in_each(&Variant::chosen(), Console::crowded, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        for (order, words) in [("ascending", t.sort_name()), ("descending", t.sort_name_desc())] {
            if visit.variant.mobile {
                page.choose(t.sort_by(), words).await;
                page.submit(t.filter()).await;
            } else {
                page.follow(t.column_app()).await;
            }
            let sorted = page.attribute("th[aria-sort]", "aria-sort").await;
            assert_eq!(sorted.as_deref(), Some(order));
            let names = page.texts(NAMES).await;
            let keys: Vec<String> = names.iter().map(|name| folded_name(name)).collect();
            let up = keys.is_sorted();
            let down = keys.iter().rev().is_sorted();
            assert_eq!((up, down), (order == "ascending", order == "descending"), "{names:?}");
            page.reload().await;
            assert_eq!(page.texts(NAMES).await, names);
        }
    })
    .await;
}

#[tokio::test]
async fn an_app_is_found_by_name_number_tag_state_and_service() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        let ids = page.texts("tbody tr:nth-child(3) .pair code").await;
        let third = page.texts(NAMES).await[2].clone();

        search(visit, "直播").await;
        assert_eq!(page.texts(NAMES).await, ["直播连麦（测试）", "电商直播间"]);
        search(visit, &ids[1]).await;
        assert_eq!(page.texts(NAMES).await, [third]);
        search(visit, "team=game").await;
        assert_eq!(page.texts(NAMES).await, ["游戏开黑"]);
        assert!(visit.path().await.contains("q=team%3Dgame"), "{}", visit.path().await);

        page.follow(t.clear_filter()).await;
        page.choose(t.column_status(), t.status_disabled()).await;
        page.choose(t.services(), t.service_im()).await;
        page.submit(t.filter()).await;
        let states = page.texts("tbody .state").await;
        assert_eq!(states, [t.status_disabled(); 2], "{}", page.url().await);
        assert_eq!(page.value(t.column_status()).await, "disabled");
        assert_eq!(page.text(".pager p").await, t.apps_total(2));

        search(visit, "zzzz").await;
        assert_eq!(page.text("main h2").await, t.apps_no_match());
        page.arrive_after(page.click(".empty a")).await;
        assert_eq!(page.text(".pager p").await, t.apps_total(12));
    })
    .await;
}

async fn search(visit: &Visit, words: &str) {
    visit.page.fill(visit.t.app_search_label(), words).await;
    visit.page.submit(visit.t.filter()).await;
    assert_eq!(visit.page.value(visit.t.app_search_label()).await, words);
}

#[tokio::test]
async fn menus_of_a_list_open_and_close_by_keys_one_at_a_time() {
    const FIRST: &str = "tbody tr:nth-child(1) .acts .menu";
    const SECOND: &str = "tbody tr:nth-child(2) .acts .menu";
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        let is_open = async |menu: &str| page.attribute(menu, "open").await.is_some();
        visit.sign_in().await;
        visit.goto("/apps").await;
        visit.press_summary(&format!("{FIRST} summary")).await;
        assert!(is_open(FIRST).await);
        page.press("Tab").await;
        assert_eq!(page.focused().await, format!("link {}", t.edit_app()));
        assert!(page.focus_is_visible().await);

        if visit.variant.javascript {
            page.press("Escape").await;
            assert!(!is_open(FIRST).await);
            assert!(visit.has_focus(&format!("{FIRST} summary")).await);
            page.press("Enter").await;
        }
        visit.press_summary(&format!("{SECOND} summary")).await;
        assert_eq!((is_open(FIRST).await, is_open(SECOND).await), (false, true));
        if visit.variant.javascript {
            page.click("h1").await;
            assert!(!is_open(SECOND).await);
        }
    })
    .await;
}

#[tokio::test]
async fn the_limits_of_a_plan_open_beside_its_name() {
    const PLAN: &str = "tbody tr:nth-child(1) [popovertarget]";
    const TIP: &str = ".tip:popover-open";
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        page.click(PLAN).await;
        page.wait_for(TIP).await;
        let words = page.text(PLAN).await;
        let plan = words.trim_end_matches(t.plan_limits()).trim();
        assert_eq!(page.text(&format!("{TIP} h2")).await, t.limits_of(plan));
        assert!(page.text(TIP).await.contains(t.limit_users()));
        assert!(page.gap(TIP, PLAN).await < 10.0);
        assert_eq!(page.sideways_scroll().await, 0);

        page.press("Escape").await;
        assert_eq!(page.count(TIP).await, 0);
        assert!(visit.has_focus(PLAN).await);
        page.press("Enter").await;
        page.wait_for(TIP).await;
    })
    .await;
}

#[tokio::test]
async fn a_workspace_without_apps_leads_to_the_first_one() {
    in_each(&Variant::chosen(), Console::empty, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.set_up().await;
        visit.goto("/apps").await;
        visit.expect_page(t.apps()).await;
        assert_eq!(page.text("main h2").await, t.apps_none());
        visit.expect_one_language().await;

        page.follow(t.create_first_app()).await;
        visit.expect_page(t.create_app()).await;
        visit.expect_one_language().await;
    })
    .await;
}
