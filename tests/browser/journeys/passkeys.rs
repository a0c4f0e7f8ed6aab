//! Passkeys, with the browser's own virtual authenticator.

use switchroom::clock::minutes;

use crate::authenticator::Authenticator;
use crate::console::Console;
use crate::support::{Device, Variant};
use crate::visit::{OWNER, Visit, in_each};

/// Adds a passkey, which then counts for two days already.
async fn add(visit: &Visit) -> Device {
    let (page, t) = (&visit.page, visit.t);
    let device = page.plug_in_authenticator().await;
    visit.sign_in().await;
    visit.goto("/profile/passkeys").await;
    // A slip first, before the device makes anything.
    page.submit(t.passkey_add()).await;
    visit.expect_refused(&[t.problem_missing()]).await;
    page.fill(t.passkey_name(), "ThinkPad").await;
    page.submit(t.passkey_add()).await;
    Authenticator::prove_by_mail(visit).await;
    visit.expect_said(t.flash_passkey_added()).await;
    visit.console.change("UPDATE passkeys SET created_at = created_at - 172800000000");
    visit.console.clock.forward(minutes(1));
    device
}

#[tokio::test]
async fn a_passkey_confirms_what_is_dangerous_and_signs_in() {
    // Browsers hand out passkeys to scripts only.
    let variants = Variant::chosen().into_iter().filter(|variant| variant.javascript);
    in_each(&variants.collect::<Vec<_>>(), Console::demo_by_name, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        let device = add(visit).await;
        // The same device once more has nothing to add.
        visit.goto("/profile/passkeys").await;
        page.fill(t.passkey_name(), "Again").await;
        page.click("#f-credential").await;
        page.wait_for("[data-fault]:not([hidden])").await;
        assert_eq!(page.text("[data-fault]").await, t.problem_passkey_known());

        let certificates = format!("{}/certificates", visit.first_app().await);
        visit.goto(&certificates).await;
        page.follow(&t.reset_title(t.certificate_access_token())).await;
        page.submit(t.go_verify()).await;

        // Somebody else's finger: the page says so, and waits.
        page.recognise(&device, false).await;
        page.click("#f-credential").await;
        page.wait_for("[data-fault]").await;
        assert_eq!(page.text("[data-fault]").await, t.passkey_cancelled());
        page.recognise(&device, true).await;
        visit.press("#f-credential").await;
        visit.expect_said(t.flash_certificate_reset()).await;

        // At the door, without address and password, in a browser that offers none for the address: it would send the
        // page off by itself before anything is pressed.
        let offers_none = "PublicKeyCredential.isConditionalMediationAvailable = undefined";
        let early = serde_json::json!({ "source": offers_none });
        page.ask("Page.addScriptToEvaluateOnNewDocument", early).await;
        visit.console.clock.forward(minutes(1));
        visit.sign_out().await;
        visit.press("form[data-passkey] button").await;
        assert_eq!(visit.path().await, "/");

        // After the password, in the place of a code.
        visit.console.clock.forward(minutes(1));
        page.attend(&device, false).await;
        visit.sign_out().await;
        visit.enter(page, OWNER, &visit.console.password).await;
        assert_eq!(page.text("h1").await, t.passkey_use());
        page.attend(&device, true).await;
        visit.press("#f-credential").await;
        assert_eq!(visit.path().await, "/");

        visit.console.clock.forward(minutes(1));
        visit.goto("/profile/passkeys").await;
        visit.press(".list button[name=passkey]").await;
        visit.press("#f-credential").await;
        visit.expect_said(t.flash_passkey_removed()).await;
        assert_eq!(page.count(".list button[name=passkey]").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_browser_offers_a_passkey_for_the_address() {
    in_each(&[Variant::DESKTOP], Console::demo_by_name, async |visit| {
        let page = &visit.page;
        let device = add(visit).await;
        page.attend(&device, false).await;
        visit.sign_out().await;
        visit.goto("/forgot-password").await;
        assert_eq!(page.count("details.menu").await, 0, "nobody is signed in");
        // Whoever holds it picks it from the list of the address at once. A request that waits already would not
        // notice them.
        page.attend(&device, true).await;
        page.evaluate("void setTimeout(() => location.assign('/sign-in'))").await;
        page.wait_for("details.menu").await;
        assert_eq!(visit.path().await, "/");
    })
    .await;
}

#[tokio::test]
async fn a_press_while_an_offered_passkey_is_on_its_way_sends_nothing() {
    in_each(&[Variant::DESKTOP], Console::demo_by_name, async |visit| {
        let page = &visit.page;
        let device = add(visit).await;
        page.attend(&device, false).await;
        visit.sign_out().await;
        // The way takes for ever.
        let slow = "HTMLFormElement.prototype.submit = function () { this.dataset.sent = ''; }";
        let early = serde_json::json!({ "source": slow });
        page.ask("Page.addScriptToEvaluateOnNewDocument", early).await;
        // Before the page asks: a request that waits already would not notice them.
        page.attend(&device, true).await;
        visit.goto("/sign-in").await;
        page.wait_for("form[data-passkey][data-sent]").await;
        let press = "document.querySelector('form[data-passkey]')\
            .dispatchEvent(new SubmitEvent('submit', { cancelable: true }))";
        assert_eq!(page.evaluate(press).await, false, "the second goes nowhere");
    })
    .await;
}

#[tokio::test]
async fn without_scripts_another_method_does_and_nothing_is_offered_that_does_not() {
    let still = Variant::PHONE.without_javascript();
    in_each(&[still], Console::demo_by_name, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/profile/passkeys").await;
        assert!(page.text("main").await.contains(t.passkey_unsupported()));
        assert_eq!(page.count("main button:not([hidden])").await, 0);
        visit.console.change(
            "INSERT INTO passkeys (id, account_id, user_handle, host, credential_id, name, credential, created_at) \
             SELECT 'a', id, '00000000-0000-0000-0000-000000000001', 'localhost', 'AAAA', 'ThinkPad', '{}', 0 \
             FROM accounts WHERE email = 'li.chen@example.com'",
        );
        let certificates = format!("{}/certificates", visit.first_app().await);
        visit.goto(&certificates).await;
        page.follow(&t.reset_title(t.certificate_access_token())).await;
        page.submit(t.go_verify()).await;
        assert!(page.text("main").await.contains(t.passkey_unsupported()));
        visit.press_summary("details.more summary").await;
        visit.press(".list [value=email_code]").await;
        page.fill(t.code_of_email(), &visit.mailed_code().await).await;
        visit.send_danger().await;
        visit.expect_said(t.flash_certificate_reset()).await;

        visit.sign_out().await;
        assert_eq!(page.count("main form:not([hidden]) button").await, 1, "the password's alone");
    })
    .await;
}
