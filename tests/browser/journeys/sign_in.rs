//! Coming in and going out.

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{OWNER, in_each};

#[tokio::test]
async fn a_wrong_password_is_explained_and_the_right_one_leads_where_one_wanted_to_go() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
        visit.goto("/apps?sort=name&size=10").await;
        visit.expect_page(t.sign_in()).await;
        assert_eq!(visit.path().await, "/sign-in?return_to=%2Fapps%3Fsort%3Dname%26size%3D10");

        page.submit(t.sign_in()).await;
        visit.expect_refused(&[t.problem_missing(), t.problem_missing()]).await;

        visit.enter(page, OWNER, "not the password").await;
        visit.expect_refused(&[t.problem_credentials()]).await;
        assert_eq!(page.value(t.email()).await, OWNER);
        assert_eq!(page.value(t.password()).await, "");

        visit.enter(page, OWNER, &visit.console.password).await;
        visit.expect_page(t.apps()).await;
        assert_eq!(visit.path().await, "/apps?sort=name&size=10");
    })
    .await;
}

#[tokio::test]
async fn after_signing_out_the_back_button_shows_nothing() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));

        page.click(".bar .menu summary").await;
        page.submit(t.sign_out()).await;
        visit.expect_page(t.sign_in()).await;
        visit.expect_said(t.flash_signed_out()).await;

        visit.go_back().await;
        visit.expect_page(t.sign_in()).await;
        assert_eq!(visit.path().await, "/sign-in?return_to=%2Fapps");
    })
    .await;
}

#[tokio::test]
async fn the_navigation_of_a_small_screen_opens_with_and_without_scripts() {
    let variants = [Variant::PHONE, Variant::PHONE.without_javascript()];
    in_each(&variants, Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        assert_eq!(page.evaluate("document.querySelector('.side').checkVisibility()").await, false);

        page.click_text(t.menu()).await;
        page.wait_for(".side:popover-open").await;
        page.follow(t.nav_apps()).await;

        visit.expect_page(t.apps()).await;
        assert_eq!(page.text(".side [aria-current=page]").await, t.nav_apps());
    })
    .await;
}
