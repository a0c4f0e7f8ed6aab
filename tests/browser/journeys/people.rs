//! Inviting somebody, approving from another browser, and getting in with a recovery code.

use switchroom::clock::minutes;

use crate::authenticator::Authenticator;
use crate::console::Console;
use crate::support::{Browser, Variant};
use crate::visit::{OWNER, PASSWORD, Visit, in_each};

#[tokio::test]
async fn somebody_who_is_invited_joins_in_a_browser_of_their_own() {
    in_each(&Variant::chosen(), Console::demo_with_banner, invite).await;
}

#[tokio::test]
async fn somebody_who_is_invited_joins_without_scripts() {
    let still = Variant::PHONE.without_javascript();
    in_each(&[still], Console::demo_with_banner, invite).await;
}

async fn invite(visit: &Visit) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/members").await;
    visit.expect_no_dead_control().await;
    page.follow(t.invite()).await;
    page.fill(t.email(), "newcomer@example.com").await;
    page.click("[name=role][value=viewer]").await;
    page.submit(t.invite_submit()).await;
    visit.expect_said(t.flash_member_invited()).await;
    let link = visit.mailed_address("/invitations/").await;

    let Some(browser) = Browser::launch(visit.variant).await else { return };
    browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
    let other = browser.page().await;
    other.goto(&link).await;
    assert_eq!(other.text("h1").await, t.invitation());
    other.fill(t.name(), "Robin Lin").await;
    other.fill(t.invitation_password(), PASSWORD).await;
    other.fill(t.invitation_password_again(), PASSWORD).await;
    other.arrive_after(other.click("main form .btn.primary")).await;
    assert_eq!(other.url().await, visit.url("/"));
    other.goto(&link).await;
    assert_eq!(other.text("h1").await, t.invitation_gone());
    other.expect_quiet();

    visit.goto("/members").await;
    assert!(page.texts("tbody th").await.iter().any(|name| name.contains("Robin Lin")));
}

#[tokio::test]
async fn an_act_is_approved_by_its_mail_in_another_browser() {
    in_each(&Variant::chosen(), Console::demo_with_banner, approve).await;
}

#[tokio::test]
async fn an_act_is_approved_by_its_mail_without_scripts() {
    let still = Variant::DESKTOP.without_javascript();
    in_each(&[still], Console::demo_with_banner, approve).await;
}

async fn approve(visit: &Visit) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/profile/recovery-codes").await;
    page.submit(t.recovery_make()).await;
    visit.expect_no_dead_control().await;
    let number = page.text(".number").await;
    let link = visit.mailed_address("/step-up/link/").await;

    let Some(browser) = Browser::launch(visit.variant).await else { return };
    let telephone = browser.page().await;
    telephone.goto(&link).await;
    telephone.fill("number", &number).await;
    telephone.arrive_after(telephone.click("[form=approve]")).await;
    assert_eq!(browser.cookies().await, [], "the telephone is nobody");
    telephone.expect_quiet();

    if visit.variant.javascript {
        // It looks by itself.
        page.wait_for("[form=continue]").await;
    } else {
        visit.press(".approve a").await;
    }
    visit.press("[form=continue]").await;
    visit.expect_said(t.flash_recovery_codes_made()).await;
    assert_eq!(page.count(".codes code").await, 10);
}

#[tokio::test]
async fn a_recovery_code_signs_in_whoever_has_lost_the_telephone() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = Authenticator::set_up(visit).await;
        visit.goto("/profile/recovery-codes").await;
        page.submit(t.recovery_make()).await;
        page.fill(t.code_of_totp(), &app.next_code(visit)).await;
        visit.send().await;
        let codes = page.texts(".codes code").await;
        page.submit(t.recovery_done()).await;
        visit.sign_out().await;

        visit.console.clock.forward(minutes(1));
        visit.goto("/sign-in").await;
        visit.enter(page, OWNER, &visit.console.password).await;
        visit.press_summary("details.more summary").await;
        page.fill(t.code_of_recovery(), &codes[0]).await;
        page.arrive_after(page.click("details.more .btn")).await;
        assert_eq!(visit.path().await, "/");
        visit.goto("/profile").await;
        assert!(page.text("main").await.contains(&t.recovery_left(9, 10)));
    })
    .await;
}
