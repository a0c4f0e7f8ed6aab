//! Forgotten passwords, other addresses, and freezing an account: by links in mail.

use switchroom::clock::minutes;

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{OWNER, PASSWORD, VIEWER, Visit, in_each};

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_in_a_mail() {
    in_each(&Variant::chosen(), Console::demo_with_banner, replace_password).await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_without_scripts() {
    let still = Variant::PHONE.without_javascript();
    in_each(&[still], Console::demo_with_banner, replace_password).await;
}

async fn replace_password(visit: &Visit) {
    let (page, t) = (&visit.page, visit.t);
    visit.browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
    visit.goto("/sign-in").await;
    page.follow(t.forgot_link()).await;
    visit.expect_page(t.forgot()).await;
    visit.send().await;
    visit.expect_refused(&[t.problem_missing()]).await;
    page.fill(t.email(), VIEWER).await;
    visit.send().await;
    visit.expect_page(t.forgot_sent()).await;

    let link = read_as_operator(visit, "/reset-password").await;
    page.goto(&link).await;
    visit.expect_page(t.reset_password()).await;
    page.fill(t.password_new(), "kai.zhou2026").await;
    page.fill(t.password_again(), "kai.zhou2026").await;
    visit.send().await;
    visit.expect_refused(&[t.problem_personal()]).await;
    assert!(page.text("p:has(progress)").await.contains(t.strength_1()));
    visit.expect_no_dead_control().await;
    page.fill(t.password_new(), PASSWORD).await;
    page.fill(t.password_again(), PASSWORD).await;
    visit.send().await;
    visit.expect_page(t.sign_in()).await;
    visit.expect_said(t.flash_password_reset()).await;

    page.goto(&link).await;
    visit.expect_end(404, t.link_over()).await;
    visit.goto("/sign-in").await;
    visit.enter(page, VIEWER, PASSWORD).await;
    assert_eq!(visit.path().await, "/");
}

/// The link to a page that was mailed last, read in the demonstration's outbox; nobody is signed in afterwards.
async fn read_as_operator(visit: &Visit, path: &str) -> String {
    visit.sign_in().await;
    let link = visit.mailed_link(path).await;
    visit.sign_out().await;
    link
}

#[tokio::test]
async fn an_address_is_changed_and_the_old_one_can_freeze_the_account() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/profile").await;
        page.follow(t.email_change()).await;
        visit.expect_page(t.email_address()).await;
        page.fill(t.email_new(), OWNER).await;
        visit.send().await;
        visit.expect_refused(&[t.problem_own_email()]).await;
        page.fill(t.email_new(), "li@elsewhere.example").await;
        visit.send().await;
        page.fill("code", &visit.mailed_code().await).await;
        visit.send().await;
        visit.expect_said(t.flash_email_change_sent()).await;
        assert!(page.text("section p").await.contains("li@elsewhere.example"));

        page.submit(t.email_pending_again()).await;
        assert_eq!(page.status(), 422);
        visit.console.clock.forward(minutes(1));
        page.submit(t.email_pending_again()).await;
        visit.expect_said(t.flash_email_change_sent()).await;
        let link = visit.mailed_link("/change-email").await;
        page.goto(&link).await;
        visit.expect_page(t.email_switch_title()).await;
        visit.send().await;
        visit.expect_page(t.email_address()).await;
        visit.expect_said(t.flash_email_changed()).await;

        let link = visit.mailed_link("/freeze").await;
        page.goto(&link).await;
        visit.expect_page(t.freeze_title()).await;
        visit.send_danger().await;
        visit.expect_page(t.sign_in()).await;
        visit.expect_said(t.flash_account_frozen()).await;
        visit.enter(page, "li@elsewhere.example", &visit.console.password).await;
        visit.expect_refused(&[t.problem_frozen()]).await;
    })
    .await;
}
