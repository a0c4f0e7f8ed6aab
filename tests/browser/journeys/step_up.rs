//! Proving who one is, again: by an authenticator or by mail, before what destroys or reveals.

use switchroom::clock::minutes;

use crate::authenticator::Authenticator;
use crate::console::Console;
use crate::support::Variant;
use crate::visit::{OWNER, Visit, in_each};

/// An app of the sample data that is enabled and costs nothing, which its owner may delete.
const APP: &str = "语音房";

#[tokio::test]
async fn an_authenticator_is_set_up_and_signs_in_from_then_on() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/profile").await;
        page.follow(t.authenticator_set_up()).await;
        visit.expect_page(t.authenticator()).await;
        page.submit(t.authenticator_start()).await;

        assert_eq!(page.evaluate(QR_IS_DARK_ON_LIGHT).await, true);
        let phone = Authenticator::read_off(visit).await;
        page.fill(t.code_of_totp(), &phone.wrong_code(visit)).await;
        page.submit(t.authenticator_confirm()).await;
        visit.expect_refused(&[t.problem_not_its_code()]).await;
        let first = phone.next_code(visit);
        // As such apps show it.
        page.fill(t.code_of_totp(), &format!("{} {}", &first[..3], &first[3..])).await;
        page.submit(t.authenticator_confirm()).await;
        Authenticator::prove_by_mail(visit).await;
        visit.expect_said(t.flash_authenticator_added()).await;
        assert_eq!(page.count(".qr, .secret").await, 0, "the key is shown no more");

        visit.sign_out().await;
        visit.goto("/apps").await;
        visit.enter(page, OWNER, &visit.console.password).await;
        visit.expect_page(t.second_factor()).await;
        visit.goto("/apps").await;
        visit.expect_page(t.sign_in()).await;
        visit.enter(page, OWNER, &visit.console.password).await;
        page.fill(t.code_of_totp(), &first).await;
        visit.send().await;
        visit.expect_refused(&[t.problem_used_code()]).await;
        page.fill(t.code_of_totp(), &phone.next_code(visit)).await;
        visit.send().await;
        visit.expect_page(t.apps()).await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_is_reset_after_a_code_and_its_new_key_is_hidden_again() {
    in_each(&Variant::chosen(), Console::demo_with_banner, reset_and_hide).await;
}

#[tokio::test]
async fn a_certificate_is_reset_without_scripts() {
    let still = Variant::PHONE.without_javascript();
    in_each(&[still], Console::demo_with_banner, reset_and_hide).await;
}

async fn reset_and_hide(visit: &Visit) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    let phone = Authenticator::set_up(visit).await;
    visit.sign_in().await;
    let certificates = format!("{}/certificates", visit.first_app().await);
    visit.goto(&certificates).await;
    visit.expect_no_dead_control().await;
    page.follow(&t.reset_title(t.certificate_access_token())).await;
    visit.expect_page(&t.reset_title(t.certificate_access_token())).await;
    page.submit(t.go_verify()).await;
    let waiting = visit.path().await;
    assert!(waiting.starts_with("/step-up/"), "{waiting}");

    // By mail, and back: the other method waits behind a line that opens.
    visit.press_summary("details.more summary").await;
    visit.press(".list [value=email_code]").await;
    assert_eq!(visit.path().await, waiting);
    visit.expect_no_dead_control().await;
    let mailed = visit.mailed_code().await;
    if visit.variant.javascript {
        visit.press_summary("details.more summary").await;
        let resend = page.text("[data-wait]").await;
        assert!(resend.contains(|c: char| c.is_ascii_digit()), "{resend} tells no time");
        assert_eq!(page.count("[data-wait]:disabled").await, 1);
    } else {
        page.submit(t.code_resend()).await;
        visit.expect_refused(&[&t.problem_send_pause(60)]).await;
        // The switches in the bar lead back to the challenge, not to the form that was sent.
        page.submit(t.dark_mode()).await;
        assert_eq!(visit.path().await, waiting);
        visit.press_summary("details.more summary").await;
    }
    visit.press(".list [value=totp]").await;
    assert_eq!(visit.path().await, waiting);
    page.fill(t.code_of_totp(), &mailed).await;
    visit.send_danger().await;
    visit.expect_refused(&[&t.problem_wrong_code(4)]).await;
    assert_eq!(page.value("code").await, "");
    page.fill(t.code_of_totp(), &phone.next_code(visit)).await;
    visit.send_danger().await;

    visit.expect_said(t.flash_certificate_reset()).await;
    assert_eq!(visit.path().await, certificates);
    assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
    let key = page.text(".secret code").await;
    assert_eq!(key.len(), 32, "{key} is no key");
    visit.expect_no_dead_control().await;
    visit.press("form[action$='/access_token/hide'] button").await;
    visit.expect_said(t.flash_key_hidden()).await;
    assert_eq!(page.count(".secret code").await, 0);

    visit.go_back().await;
    let shown = page.text("body").await;
    assert!(!shown.contains(&key), "{} shows the key", visit.path().await);
    // The challenge is over: it leads to what came of it.
    visit.goto(&waiting).await;
    assert_eq!(visit.path().await, certificates);
}

#[tokio::test]
async fn too_many_wrong_codes_end_a_request_and_one_begins_again() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let phone = Authenticator::set_up(visit).await;
        let app = visit.app_called(APP).await;
        let disable = format!("{app}/disable");
        visit.goto(&disable).await;
        visit.send_danger().await;
        let waiting = visit.path().await;
        page.fill("code", "12345").await;
        visit.send_danger().await;
        visit.expect_refused(&[t.problem_not_a_code()]).await;
        for left in (1..5).rev() {
            page.fill("code", &phone.wrong_code(visit)).await;
            visit.send_danger().await;
            visit.expect_refused(&[&t.problem_wrong_code(left)]).await;
        }
        page.fill("code", &phone.wrong_code(visit)).await;
        visit.send_danger().await;
        visit.expect_end(410, t.step_up_locked()).await;
        visit.goto(&waiting).await;
        visit.expect_end(410, t.step_up_locked()).await;

        page.follow(t.step_up_again()).await;
        assert_eq!(visit.path().await, disable);
        visit.send_danger().await;
        assert_ne!(visit.path().await, waiting);
        page.submit(t.cancel()).await;
        visit.expect_said(t.flash_step_up_cancelled()).await;
        assert_eq!(visit.path().await, format!("{app}/edit"));
        assert_eq!(page.text("main .state").await, t.status_enabled());
    })
    .await;
}

#[tokio::test]
async fn an_app_is_disabled_and_then_deleted_by_its_name() {
    in_each(&Variant::chosen(), Console::demo_with_banner, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.app_called(APP).await;
        visit.goto(&format!("{app}/delete")).await;
        page.follow(t.disable_first()).await;
        visit.expect_page(t.app_disable()).await;
        page.submit(t.go_verify()).await;
        page.fill(t.code_of_email(), &visit.mailed_code().await).await;
        visit.send_danger().await;
        visit.expect_said(t.flash_app_disabled()).await;
        assert_eq!(visit.path().await, app);

        page.follow(t.edit_app()).await;
        page.follow(t.app_delete()).await;
        visit.expect_page(t.app_delete()).await;
        page.fill(t.app_delete_name(), "语音").await;
        page.submit(t.go_verify()).await;
        visit.expect_refused(&[t.problem_other_name()]).await;
        page.fill(t.app_delete_name(), APP).await;
        page.submit(t.go_verify()).await;
        // Whoever has let a code go to waste waits for the next one.
        visit.press("[form=cancel]").await;
        visit.goto(&format!("{app}/delete")).await;
        page.fill(t.app_delete_name(), APP).await;
        page.submit(t.go_verify()).await;
        let waiting = visit.path().await;
        assert!(page.text("main").await.contains(t.code_none_yet()));
        assert_eq!(page.count("#f-code").await, 0);
        visit.console.clock.forward(minutes(1));
        visit.goto(&waiting).await;
        page.submit(t.code_send()).await;
        page.fill(t.code_of_email(), &visit.mailed_code().await).await;
        visit.send_danger().await;
        visit.expect_said(t.flash_app_deleted()).await;
        assert_eq!(visit.path().await, "/apps");
        assert!(!page.texts("tbody th").await.concat().contains(APP));
        visit.goto(&app).await;
        assert_eq!(page.status(), 404);
    })
    .await;
}

#[tokio::test]
async fn without_mail_and_authenticator_one_is_led_to_setting_one_up() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.app_called(APP).await;
        visit.goto(&format!("{app}/disable")).await;
        visit.send_danger().await;
        visit.expect_end(422, t.step_up_no_method()).await;
        page.expect_accessible().await;
        page.follow(t.authenticator_set_up()).await;
        visit.expect_page(t.authenticator()).await;
        page.submit(t.authenticator_start()).await;
        visit.expect_refused(&[t.problem_missing()]).await;
        page.fill(t.authenticator_password(), "not the password").await;
        page.submit(t.authenticator_start()).await;
        visit.expect_refused(&[t.problem_wrong_password()]).await;
        let phone = Authenticator::set_up(visit).await;
        visit.goto(&format!("{app}/disable")).await;
        visit.send_danger().await;
        page.click("details.more summary").await;
        assert!(page.text("details.more .list").await.contains(t.method_email_missing()));
        page.expect_accessible().await;
        page.fill(t.code_of_totp(), &phone.next_code(visit)).await;
        visit.send_danger().await;
        visit.expect_said(t.flash_app_disabled()).await;
    })
    .await;
}

const QR_IS_DARK_ON_LIGHT: &str = "(() => {
  const qr = document.querySelector('.qr'), box = qr.getBoundingClientRect();
  const { backgroundColor } = getComputedStyle(qr), { fill } = getComputedStyle(qr.firstElementChild);
  return box.width >= 150 && box.width === box.height
    && backgroundColor === 'rgb(255, 255, 255)' && fill === 'rgb(0, 0, 0)';
})()";
