//! Every page there is, one after the other, for looking at each in the same way.

use switchroom::clock::minutes;

use crate::authenticator::Authenticator;
use crate::console::ISSUER;
use crate::support::Page;
use crate::visit::{OWNER, VIEWER, Visit};

/// Codes after which a challenge is locked.
const ATTEMPTS_MAX: u32 = 5;

/// Before and right after set-up, when there is nothing yet.
pub async fn through_an_empty_console(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    page.goto(visit.console.setup_link.as_deref().expect("an empty console")).await;
    look("setup").await;
    page.submit(t.setup_submit()).await;
    look("setup-refused").await;
    visit.set_up().await;
    visit.goto("/").await;
    look("overview-empty").await;
    visit.goto("/apps").await;
    look("apps-empty").await;
}

/// With sample data: the way in, the overview, and apps.
pub async fn through_apps(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
    visit.goto("/sign-in").await;
    look("sign-in").await;
    visit.enter(page, OWNER, "not the password").await;
    look("sign-in-refused").await;
    visit.sign_in().await;
    look("overview").await;
    visit.goto("/apps").await;
    look("apps").await;
    visit.goto("/apps?q=zzzz").await;
    look("apps-no-match").await;
    visit.goto("/minutes").await;
    look("minutes").await;
    visit.goto("/apps/new").await;
    look("app-new").await;
    page.fill(t.description_label(), "……").await;
    page.submit(t.create_app()).await;
    look("app-new-refused").await;
    let app = visit.first_app().await;
    visit.goto(&app).await;
    look("app").await;
    visit.goto(&format!("{app}/edit")).await;
    look("app-edit").await;
    through_statistics(visit, &app, look).await;
}

async fn through_statistics(visit: &Visit, app: &str, look: impl AsyncFn(&'static str)) {
    visit.goto(&format!("{app}/statistics/overview")).await;
    look("statistics").await;
    visit.goto(&format!("{app}/statistics/c2c?range=7d")).await;
    look("statistics-c2c").await;
    visit.goto(&format!("{app}/statistics/group?range=yesterday")).await;
    look("statistics-group").await;
    let days = "range=custom&from=2026-01-01&to=2026-11-01&metric=RtcPackageMinutes";
    visit.goto(&format!("{app}/statistics/rtc?{days}")).await;
    look("statistics-rtc").await;
    visit.goto("/statistics/overview").await;
    look("statistics-of-all").await;
    visit.goto("/statistics/overview?from=2026-11-02&to=2026-11-01").await;
    look("statistics-refused").await;
    visit.goto(&format!("{app}/live")).await;
    look("live").await;
}

/// With sample data: the help for developers, as whoever comes from an app sees it.
pub async fn through_help(visit: &Visit, look: impl AsyncFn(&'static str)) {
    visit.sign_in().await;
    let app = visit.first_app().await;
    let app = app.rsplit('/').next().expect("a number").to_owned();
    visit.goto(&format!("/docs/clients?app={app}")).await;
    look("help-curl").await;
    visit.goto(&format!("/docs/clients?in=python&app={app}")).await;
    look("help").await;
    visit.goto("/docs/clients?in=go").await;
    look("help-go").await;
}

/// In the demonstration by a name: adding a passkey, confirming with it and signing in with it.
pub async fn through_passkeys(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    let device = page.plug_in_authenticator().await;
    visit.sign_in().await;
    visit.goto("/profile/passkeys").await;
    look("passkeys-none").await;
    page.submit(t.passkey_add()).await;
    look("passkeys-refused").await;
    page.fill(t.passkey_name(), "ThinkPad").await;
    page.submit(t.passkey_add()).await;
    Authenticator::prove_by_mail(visit).await;
    look("passkeys").await;
    visit.console.change("UPDATE passkeys SET created_at = created_at - 172800000000");
    visit.console.clock.forward(minutes(1));
    let app = visit.first_app().await;
    visit.goto(&format!("{app}/certificates/usersig/reset")).await;
    page.submit(t.go_verify()).await;
    look("step-up-by-passkey").await;
    page.recognise(&device, false).await;
    page.click("#f-credential").await;
    page.wait_for("[data-fault]").await;
    look("step-up-by-passkey-refused").await;

    page.attend(&device, false).await;
    visit.sign_out().await;
    look("sign-in-with-passkey").await;
    visit.enter(page, OWNER, &visit.console.password).await;
    look("sign-in-passkey").await;
}

/// With sample data: the audit log and one of its events.
pub async fn through_the_log(visit: &Visit, look: impl AsyncFn(&'static str)) {
    visit.sign_in().await;
    visit.goto("/audit").await;
    look("audit").await;
    visit.goto("/audit?act=load_demo&outcome=denied").await;
    look("audit-no-match").await;
    visit.goto("/audit?from=2026-03-02&to=2026-03-01").await;
    look("audit-refused").await;
    visit.goto("/audit/6").await;
    look("audit-event").await;
}

/// With sample data: the token pages of an app, empty and with their results.
pub async fn through_tokens(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    let app = visit.first_app().await;
    visit.goto(&format!("{app}/tokens")).await;
    look("token").await;
    page.fill(t.token_channel(), "class-7").await;
    page.fill(t.token_user(), "1001").await;
    visit.send().await;
    look("token-generated").await;
    let token = page.text(".secret code").await;
    visit.goto(&format!("{app}/tokens/usersig")).await;
    look("usersig").await;
    page.fill("UserID", "teacher-1").await;
    visit.press_summary("details.more summary").await;
    page.fill(t.usersig_room_label(), "1024").await;
    visit.send().await;
    look("usersig-generated").await;
    visit.goto(&format!("{app}/tokens/verify")).await;
    look("verify").await;
    page.fill("Token", &token).await;
    page.fill(t.check_channel(), "class-7").await;
    visit.send().await;
    look("verify-valid").await;
    page.fill(t.check_channel(), "class-8").await;
    visit.send().await;
    look("verify-refused").await;
}

/// In the demonstration, where mail can be read: setting up an authenticator, and signing in with it.
pub async fn through_authenticators(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/profile/authenticator").await;
    look("authenticator-none").await;
    page.submit(t.authenticator_start()).await;
    look("authenticator-set-up").await;
    let app = Authenticator::read_off(visit).await;
    page.fill(t.code_of_totp(), &app.wrong_code(visit)).await;
    page.submit(t.authenticator_confirm()).await;
    look("authenticator-set-up-refused").await;
    page.fill(t.code_of_totp(), &app.next_code(visit)).await;
    page.submit(t.authenticator_confirm()).await;
    look("authenticator-step-up").await;
    Authenticator::prove_by_mail(visit).await;
    look("authenticator").await;
    visit.goto("/profile").await;
    look("profile-with-authenticator").await;

    visit.sign_out().await;
    visit.enter(page, OWNER, &visit.console.password).await;
    look("sign-in-code").await;
    for _ in 1..ATTEMPTS_MAX {
        page.fill("code", &app.wrong_code(visit)).await;
        visit.send().await;
    }
    look("sign-in-code-refused").await;
    page.fill("code", &app.wrong_code(visit)).await;
    visit.send().await;
    look("sign-in-code-locked").await;
}

/// In the demonstration, where text messages can be read: setting a telephone, another one, and removing it.
pub async fn through_phones(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/profile/phone").await;
    look("phone-none").await;
    page.fill(t.phone(), "12345").await;
    visit.send().await;
    look("phone-refused").await;
    page.fill(t.phone(), "+86 138 0013 8000").await;
    visit.send().await;
    look("phone-code").await;
    let code = visit.mailed_code().await;
    page.fill(t.code_of_sms(), if code == "000000" { "111111" } else { "000000" }).await;
    page.submit(t.phone_confirm()).await;
    look("phone-code-refused").await;
    visit.console.clock.forward(minutes(1));
    page.fill(t.code_of_sms(), &code).await;
    page.submit(t.phone_confirm()).await;
    look("phone-step-up").await;
    visit.goto("/profile/phone").await;
    look("phone-confirmed").await;
    page.submit(t.go_verify()).await;
    Authenticator::prove_by_mail(visit).await;
    visit.expect_said(t.flash_phone_changed()).await;
    look("phone").await;
    visit.goto("/profile").await;
    look("profile-with-phone").await;
    visit.goto("/outbox").await;
    look("outbox-with-sms").await;
    visit.console.clock.forward(minutes(1));
    visit.goto("/profile/phone").await;
    page.submit(t.phone_remove()).await;
    look("phone-remove").await;
}

/// In the demonstration, beside a provider to sign in through: the way in, and connecting an identity.
pub async fn through_single_sign_on(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
    visit.goto("/sign-in").await;
    look("sign-in-sso").await;
    page.follow(&t.sso_sign_in("Team ID")).await;
    look("sso-away").await;
    page.follow(t.sso_to_sign_in()).await;
    visit.goto("/sign-in/sso/callback?code=a&state=b").await;
    look("sso-gone").await;
    visit.sign_in().await;
    visit.goto("/profile").await;
    look("profile-sso").await;
    visit.goto("/profile/identity").await;
    look("identity-none").await;
    visit.console.change(&format!(
        "INSERT INTO identities (id, account_id, issuer, subject, name, created_at, last_used_at) \
         SELECT '1', id, '{ISSUER}', '1', 'li.wen@team.example', 1795000000000000, 1795100000000000 \
         FROM accounts WHERE email_key = '{OWNER}'"
    ));
    visit.goto("/profile/identity").await;
    look("identity").await;
    page.submit(t.identity_disconnect()).await;
    look("identity-step-up").await;
    visit.console.change("UPDATE accounts SET password_hash = NULL");
    visit.goto("/profile/identity").await;
    look("identity-without-password").await;
}

/// In the demonstration: addresses, forgotten passwords and the links of mail.
pub async fn through_accounts(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.console.change("UPDATE accounts SET email_verified_at = NULL");
    visit.sign_in().await;
    visit.goto("/profile").await;
    look("profile-unconfirmed").await;
    page.submit(t.email_confirm_send()).await;
    look("email-unconfirmed").await;
    page.goto(&visit.mailed_link("/confirm-email").await).await;
    look("confirm-email").await;
    visit.send().await;
    page.fill(t.email_new(), "li@elsewhere.example").await;
    visit.send().await;
    page.fill("code", &visit.mailed_code().await).await;
    visit.send().await;
    page.submit(t.email_pending_again()).await;
    look("email-not-sent").await;
    page.goto(&visit.mailed_link("/change-email").await).await;
    look("change-email").await;
    visit.send().await;
    let freeze = visit.mailed_link("/freeze").await;
    visit.goto("/forgot-password").await;
    look("forgot-password").await;
    page.fill(t.email(), "li@elsewhere.example").await;
    visit.send().await;
    look("forgot-password-sent").await;
    page.goto(&visit.mailed_link("/reset-password").await).await;
    page.fill(t.password_new(), "switchroom1").await;
    visit.send().await;
    look("reset-password-refused").await;
    page.goto(&freeze).await;
    look("freeze").await;
    visit.goto("/freeze").await;
    look("link-over").await;
}

/// In the demonstration: what sensitive acts show before, while and after one proves who one is.
pub async fn through_proofs(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    let app = visit.first_app().await;
    let certificates = format!("{app}/certificates");
    visit.goto(&certificates).await;
    look("certificates").await;
    visit.press("form[action$='access_token/reveal'] button").await;
    look("step-up-by-mail").await;
    // With scripts the button waits; who has none presses it and is told.
    page.arrive_after(page.evaluate("document.getElementById('resend').submit()")).await;
    look("step-up-not-sent").await;

    visit.console.clock.forward(minutes(1));
    let phone = Authenticator::set_up(visit).await;
    visit.goto(&format!("{certificates}/access_token/reset")).await;
    look("certificate-reset").await;
    visit.send_danger().await;
    look("step-up").await;
    visit.press_summary("details.more summary").await;
    look("step-up-others").await;
    page.fill("code", &phone.wrong_code(visit)).await;
    visit.send_danger().await;
    look("step-up-refused").await;
    page.fill("code", &phone.next_code(visit)).await;
    visit.send_danger().await;
    look("certificates-shown").await;

    visit.goto(&format!("{app}/disable")).await;
    look("app-disable").await;
    visit.send_danger().await;
    look("step-up-disable").await;
    let waiting = visit.path().await;
    visit.console.change("UPDATE challenges SET state = 'granted', code_digest = NULL, proof_expires_at = expires_at WHERE state = 'open'");
    visit.goto(&waiting).await;
    look("step-up-granted").await;

    visit.goto(&format!("{app}/delete")).await;
    look("app-delete-paid").await;
    let enabled = visit.app_called("语音房").await;
    visit.goto(&format!("{enabled}/edit")).await;
    look("app-edit-enabled").await;
    visit.goto(&format!("{enabled}/delete")).await;
    look("app-delete-not-yet").await;
    let disabled = visit.app_called("直播连麦（测试）").await;
    visit.goto(&disabled).await;
    look("app-disabled").await;
    visit.goto(&format!("{disabled}/edit")).await;
    look("app-edit-disabled").await;
    visit.goto(&format!("{disabled}/delete")).await;
    look("app-delete").await;
    page.fill(t.app_delete_name(), "直播连麦").await;
    visit.send_danger().await;
    look("app-delete-refused").await;
    page.fill(t.app_delete_name(), "直播连麦（测试）").await;
    visit.send_danger().await;
    look("step-up-delete").await;
    for _ in 0..ATTEMPTS_MAX {
        page.fill("code", &phone.wrong_code(visit)).await;
        visit.send_danger().await;
    }
    look("step-up-locked").await;
}

/// With sample data: API keys, a person's sign-ins and what they did.
pub async fn through_keys(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/api-keys").await;
    look("api-keys").await;
    visit.goto("/api-keys/new").await;
    look("api-key-new").await;
    page.submit(t.api_key_create()).await;
    look("api-key-new-refused").await;
    page.fill(t.api_key_name(), "swr-ci").await;
    visit.tick("scopes", "apps:read", true).await;
    page.submit(t.api_key_create()).await;
    look("api-key-created").await;
    page.submit(t.api_key_put_away()).await;
    let key = page.attribute("tbody .acts a[href$='/roll']", "href").await.expect("a key");
    visit.goto(&key).await;
    look("api-key-roll").await;
    visit.goto(&key.replace("/roll", "/revoke")).await;
    look("api-key-revoke").await;
    // One of the sample's, made by a colleague.
    visit.goto("/api-keys").await;
    let roll = page.attribute("tbody tr:nth-child(5) .acts a[href$='/roll']", "href").await;
    visit.goto(&roll.expect("a key")).await;
    look("api-key-roll-other").await;
    visit.goto("/profile/sessions").await;
    look("sessions").await;
    visit.goto("/profile/activity").await;
    look("activity").await;
}

/// With sample data: a person's own pages, and those for what goes wrong.
pub async fn through_errors(visit: &Visit, look: impl AsyncFn(&'static str)) {
    visit.sign_in().await;
    sign_out(visit, &visit.page).await;
    visit.sign_in_as(VIEWER).await;
    visit.goto("/apps/new").await;
    look("403").await;
    sign_out(visit, &visit.page).await;
    visit.sign_in().await;
    visit.goto("/profile").await;
    look("profile").await;
    visit.goto("/workspaces").await;
    look("workspaces").await;
    visit.goto("/outbox").await;
    look("outbox").await;
    visit.goto("/nowhere").await;
    look("404").await;
    visit.goto("/profile").await;
    visit.page.evaluate("document.querySelector('main [name=token]').value = 'old'").await;
    visit.page.submit(visit.t.profile_save()).await;
    look("expired").await;
    visit.goto("/profile").await;
    let other = visit.browser.page().await;
    other.goto(&visit.url("/apps")).await;
    sign_out(visit, &other).await;
    visit.page.submit(visit.t.profile_save()).await;
    look("signed-out").await;
    visit.goto("/sign-in").await;
    while visit.page.status() != 429 {
        visit.enter(&visit.page, "nobody@example.com", "a guess").await;
    }
    look("429").await;
}

async fn sign_out(visit: &Visit, page: &Page) {
    page.click(".bar .menu summary").await;
    page.submit(visit.t.sign_out()).await;
}

/// In the demonstration: members, invitations, the workspace's settings.
pub async fn through_members(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/members").await;
    look("members").await;
    let member =
        page.attribute("tbody .acts a[href^='/members/']:not([href$=leave])", "href").await;
    let member = member.expect("a member");
    visit.goto("/members/roles").await;
    look("roles").await;
    visit.goto("/members/invite").await;
    look("invite").await;
    visit.send().await;
    look("invite-refused").await;
    page.fill(t.email(), "newcomer@example.com").await;
    page.click("[name=role][value=viewer]").await;
    visit.send().await;
    look("invited").await;
    let invitation = visit.mailed_address("/invitations/").await;
    page.goto(&invitation).await;
    look("invitation-of-somebody-else").await;
    visit.goto(&member).await;
    look("member").await;
    visit.goto(&format!("{member}/remove")).await;
    look("member-remove").await;
    visit.goto(&format!("{member}/hand-over")).await;
    look("member-hand-over").await;
    visit.goto("/members/leave").await;
    look("leave").await;
    visit.goto("/workspace").await;
    look("workspace").await;
    visit.sign_out().await;
    page.goto(&invitation).await;
    look("invitation").await;
    visit.send().await;
    look("invitation-refused").await;
}

/// In the demonstration: recovery codes, and an act that is approved and disowned by the link in its mail.
pub async fn through_links(visit: &Visit, look: impl AsyncFn(&'static str)) {
    let (page, t) = (&visit.page, visit.t);
    visit.sign_in().await;
    visit.goto("/profile/recovery-codes").await;
    look("recovery-codes-none").await;
    page.submit(t.recovery_make()).await;
    look("step-up-with-link").await;
    let link = visit.mailed_address("/step-up/link/").await;
    let waiting = visit.path().await;
    let number = page.text(".number").await;
    page.goto(&link).await;
    look("mail-link").await;
    page.fill(t.link_number_label(), if number == "00" { "01" } else { "00" }).await;
    visit.press("[form=approve]").await;
    look("mail-link-refused").await;
    page.fill(t.link_number_label(), &number).await;
    visit.press("[form=approve]").await;
    look("mail-link-approved").await;
    visit.goto(&waiting).await;
    look("step-up-approved").await;
    visit.press("[form=continue]").await;
    look("recovery-codes").await;
    page.submit(t.recovery_done()).await;
    look("recovery-codes-left").await;
    visit.console.clock.forward(minutes(1));
    page.submit(t.recovery_renew()).await;
    let link = visit.mailed_address("/step-up/link/").await;
    page.goto(&link).await;
    visit.press("[form=disown]").await;
    look("mail-link-disowned").await;
}
