//! Pages for what goes wrong: each says what happened and what to do, and bears a request id.

use serde_json::json;

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{OWNER, VIEWER, Visit, in_each};

/// An error in the shell, with the id that the log has too.
async fn expect_error(visit: &Visit, status: u16, title: &str) {
    let page = &visit.page;
    assert_eq!(page.status(), status);
    assert_eq!(page.text("main h1").await, title);
    assert_eq!(page.title().await, format!("{title} · Switchroom"));
    let id = page.header("x-request-id").expect("a request id");
    let shown = page.text("main .empty .small").await;
    assert!(shown.contains(&status.to_string()) && shown.contains(&id), "{shown}: {id}");
    assert!(page.count(".bar").await == 1 && page.count("main .btn.primary").await == 1);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_leads_back() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.goto("/nowhere").await;
        expect_error(visit, 404, t.not_found_title()).await;
        visit.expect_one_language().await;
        page.follow(t.to_start()).await;
        visit.expect_page(t.sign_in()).await;

        visit.sign_in().await;
        for path in ["/apps/1499999999", "/apps/x", "/apps/1499999999/edit"] {
            visit.goto(path).await;
            expect_error(visit, 404, t.not_found_title()).await;
        }
        page.follow(t.to_apps()).await;
        visit.expect_page(t.apps()).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_role_may_not_do_is_refused_in_words_and_not_offered() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let t = visit.t;
        visit.sign_in_as(VIEWER).await;
        visit.goto("/apps").await;
        assert_eq!(visit.page.count("main [href='/apps/new'], main [href$='/edit']").await, 0);
        visit.goto("/apps/new").await;
        expect_error(visit, 403, t.forbidden_title()).await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_form_is_sent_again_with_all_that_was_typed() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps/new").await;
        page.fill(t.app_name(), "Kept <b>&\"quoted\"").await;
        page.fill(t.description_label(), "two\nlines").await;
        visit.tick("services", "im", true).await;

        // The session ends in another tab, and another begins.
        let other = visit.browser.page().await;
        other.goto(&visit.url("/apps")).await;
        other.click(".bar .menu summary").await;
        other.submit(t.sign_out()).await;
        visit.enter(&other, OWNER, &visit.console.password).await;

        page.submit(t.create_app()).await;
        expect_error(visit, 422, t.expired_title()).await;
        page.submit(t.send_again()).await;
        visit.expect_said("Kept <b>&\"quoted\"").await;
        page.follow("Kept <b>&\"quoted\"").await;
        let facts = page.texts("main .facts dd").await;
        assert!(facts.iter().any(|fact| fact == "two\nlines"), "{facts:?}");
    })
    .await;
}

#[tokio::test]
async fn after_ten_wrong_passwords_even_the_right_one_has_to_wait() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.browser.set_cookie(&visit.console.url, "lang", visit.variant.language.tag()).await;
        visit.goto("/sign-in").await;
        let script = TEN_TRIES.replace("OWNER", OWNER);
        assert_eq!(page.evaluate(&script).await, json!(vec![422; 10]));
        // The browser notes each on its console.
        assert_eq!(page.console_messages().len(), 10);

        visit.enter(page, OWNER, &visit.console.password).await;
        expect_error(visit, 429, t.throttled_title()).await;
        assert_eq!(page.header("retry-after").as_deref(), Some("900"));
        assert!(page.text("main .empty").await.contains(&t.throttled_words(15)));
    })
    .await;
}

const TEN_TRIES: &str = "(async () => {
  const form = document.querySelector('main form'), statuses = [];
  for (let n = 0; n < 10; n++) {
    const body = new URLSearchParams(new FormData(form));
    body.set('email', 'OWNER');
    body.set('password', `guess ${n}`);
    statuses.push((await fetch('/sign-in', { method: 'POST', body })).status);
  }
  return statuses;
})()";

#[tokio::test]
async fn an_address_that_only_takes_forms_says_so() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        visit.sign_in().await;
        visit.goto("/sign-out").await;
        expect_error(visit, 405, visit.t.method_title()).await;
        assert_eq!(visit.page.header("allow").as_deref(), Some("POST"));
    })
    .await;
}
