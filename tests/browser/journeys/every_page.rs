//! What holds for each page: for everybody, on any screen, at little weight, and quietly.

use std::time::Duration;

use serde_json::json;
use switchroom::web::assets;

use crate::console::Console;
use crate::support::Variant;
use crate::tour;
use crate::visit::{Visit, in_each};

const WIDTHS: [u32; 4] = [320, 390, 720, 1440];
const REQUESTS_MAX: u32 = 8;
const BYTES_MAX: u64 = 100 * 1_024;
const STYLE_BYTES_MAX: usize = 15 * 1_024;
const SCRIPT_BYTES_MAX: usize = 6 * 1_024;
const SHIFT_MAX: f64 = 0.02;
const NODES_MAX: u64 = 1_500;

#[tokio::test]
async fn the_overview_and_pages_of_apps_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_apps(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_audit_log_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_the_log(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_tokens_people_and_errors_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_tokens(visit, async |name| Box::pin(inspect(visit, name)).await).await;
        tour::through_errors(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_proofs_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_proofs(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_keys_and_sign_ins_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_keys(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_help_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_help(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_authenticators_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_authenticators(visit, async |name| Box::pin(inspect(visit, name)).await)
            .await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_telephones_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_phones(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_single_sign_on_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_provider, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_single_sign_on(visit, async |name| Box::pin(inspect(visit, name)).await)
            .await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_accounts_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_accounts(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_members_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_members(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_mailed_links_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_links(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_passkeys_are_light_quiet_and_accessible_on_any_screen() {
    // What is there without scripts is looked at by the journey of passkeys: only scripts are handed one.
    let variants = Variant::chosen().into_iter().filter(|variant| variant.javascript);
    in_each(&variants.collect::<Vec<_>>(), Console::demo_by_name, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_passkeys(visit, async |name| Box::pin(inspect(visit, name)).await).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_an_empty_console_are_light_quiet_and_accessible_on_any_screen() {
    in_each(&Variant::chosen(), Console::empty, async |visit| {
        always_fetch_everything(visit).await;
        tour::through_an_empty_console(visit, async |name| {
            Box::pin(inspect(visit, name)).await;
            visit.expect_one_language().await;
        })
        .await;
    })
    .await;
}

/// Every visit is a first visit.
async fn always_fetch_everything(visit: &Visit) {
    let params = json!({ "cacheDisabled": true });
    visit.page.ask("Network.setCacheDisabled", params).await;
}

async fn inspect(visit: &Visit, name: &str) {
    eprintln!("  {name}");
    let page = &visit.page;
    let shift = page.layout_shift().await;
    assert!(shift <= SHIFT_MAX, "{name} moves by {shift}");
    expect_light(visit, name).await;
    page.expect_accessible().await;
    page.expect_quiet();
    visit.expect_no_dead_control().await;
    expect_focus_at_every_stop(visit, name).await;
    expect_to_fit_any_screen(visit, name).await;
}

async fn expect_light(visit: &Visit, name: &str) {
    let page = &visit.page;
    let transfer = page.transfer().await;
    assert!(transfer.total.requests <= REQUESTS_MAX, "{name}: {transfer:?}");
    assert!(transfer.total.bytes <= BYTES_MAX, "{name}: {transfer:?}");
    assert!(page.count("*").await <= NODES_MAX, "{name}: {} elements", page.count("*").await);
    let (mut style, mut script) = (0, 0);
    for (file, size) in assets::sizes() {
        if transfer.files.iter().any(|(url, _)| url.contains(&format!("/assets/{file}"))) {
            match file.rsplit_once('.') {
                Some((_, "css")) => style += size,
                Some((_, "js")) => script += size,
                _ => {}
            }
        }
    }
    assert!(style > 0 && style <= STYLE_BYTES_MAX, "{name}: {style} bytes of CSS");
    assert!(script <= SCRIPT_BYTES_MAX, "{name}: {script} bytes of JS");
    assert_eq!(script > 0, visit.variant.javascript, "{name}");
}

/// Goes through the page by Tab: the link that skips comes first, and one always sees where one is.
async fn expect_focus_at_every_stop(visit: &Visit, name: &str) {
    const STOPS_MAX: u32 = 200;
    let page = &visit.page;
    let fresh = page.focused().await.is_empty();
    for stop in 0..STOPS_MAX {
        page.press("Tab").await;
        let place = page.evaluate(FOCUSED).await;
        if stop == 0 && fresh {
            assert_eq!(place, "the start", "{name}: the first stop skips nothing");
        } else if place == "the start" || place == "nothing" {
            return;
        }
        assert!(page.focus_is_visible().await, "{name}: one does not see the focus on {place}");
    }
    panic!("{name}: no end of stops");
}

const FOCUSED: &str = "document.activeElement === document.body ? 'nothing'
  : document.activeElement.matches('.skip') ? 'the start' : document.activeElement.outerHTML";

async fn expect_to_fit_any_screen(visit: &Visit, name: &str) {
    let page = &visit.page;
    for width in WIDTHS {
        page.resize(width, 800).await;
        // The page hears of its new size a moment later.
        for _ in 0..200 {
            if page.evaluate("document.documentElement.clientWidth").await == width {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let over = page.sideways_scroll().await;
        let real = page.evaluate("document.documentElement.clientWidth").await;
        assert_eq!((over, real), (0, json!(width)), "{name} is too wide at {width}");
    }
    page.resize(visit.variant.width, visit.variant.height).await;
}
