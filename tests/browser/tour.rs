//! Every page there is, one after the other, for looking at each in the same way.

use crate::support::Page;
use crate::visit::{OWNER, VIEWER, Visit};

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
