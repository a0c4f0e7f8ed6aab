//! From a fresh installation to a token that works.

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{PASSWORD, Visit, in_each};

/// One word, which is at home in both languages.
const WORKSPACE: &str = "Farhills";

#[tokio::test]
async fn a_fresh_installation_is_set_up_once_by_the_link_that_it_prints() {
    in_each(&Variant::chosen(), Console::on_plain_http, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.goto("/").await;
        visit.expect_page(t.sign_in()).await;
        assert!(page.text(".note").await.contains(t.sign_in_not_set_up()));
        visit.expect_one_language().await;
        let link = visit.console.setup_link.clone().expect("a link");
        page.goto(&link).await;
        visit.expect_page(t.setup()).await;
        visit.expect_one_language().await;

        refuse_then_accept(visit).await;
        visit.expect_page(t.overview()).await;
        visit.expect_said(t.flash_set_up()).await;
        visit.expect_one_language().await;

        page.goto(&link).await;
        assert_eq!(page.status(), 404);
    })
    .await;
}

/// Mistakes come back marked, with what was typed but for the password.
async fn refuse_then_accept(visit: &Visit) {
    let (page, t) = (&visit.page, visit.t);
    page.fill(t.name(), "  ").await;
    page.fill(t.email(), "robin.example.com").await;
    page.fill(t.password(), "short").await;
    page.fill(t.setup_workspace(), WORKSPACE).await;
    page.submit(t.setup_submit()).await;
    let short = t.problem_too_short(8);
    visit.expect_refused(&[t.problem_missing(), t.problem_email(), &short]).await;
    visit.expect_one_language().await;
    assert_eq!(page.value(t.email()).await, "robin.example.com");
    assert_eq!(page.value(t.setup_workspace()).await, WORKSPACE);
    assert_eq!(page.value(t.password()).await, "");

    page.fill(t.name(), "Robin").await;
    page.fill(t.email(), "robin@example.com").await;
    page.fill(t.password(), PASSWORD).await;
    page.submit(t.setup_submit()).await;
}

#[tokio::test]
async fn from_the_first_page_it_is_five_at_most_to_an_app_and_a_token_that_works() {
    in_each(&Variant::chosen(), Console::on_plain_http, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.set_up().await;
        assert_eq!(page.text("main .list li b").await, t.step_app());
        let before = page.documents();
        page.arrive_after(page.click("main .list a.btn")).await;
        visit.expect_page(t.create_app()).await;
        page.fill(t.app_name(), "Lobby").await;
        page.submit(t.create_app()).await;
        visit.expect_said(t.flash_app_created()).await;
        page.follow(t.flash_next_token()).await;
        visit.expect_page(t.token_temporary()).await;
        visit.expect_one_language().await;
        page.fill(t.token_channel(), "lobby").await;
        page.submit(t.token_generate()).await;
        let token = page.text(".secret code").await;
        assert!(token.starts_with("007"), "{token}");
        assert!(page.documents() - before <= 5, "{} pages", page.documents() - before);
        visit.expect_one_language().await;
        if visit.variant.javascript {
            assert!(visit.has_focus("section[data-focus]").await);
        }

        let there = async || {
            visit.follow_tab("verify").await;
            visit.focus("[name=credential]").await;
        };
        visit.copy_into(t.token_copy(), &token, there).await;
        assert_eq!(page.value("Token").await, token);
        visit.send().await;
        assert_eq!(page.text(".note.ok").await, t.check_valid(&t.span(86_400)));
        visit.expect_one_language().await;

        visit.goto("/").await;
        assert_eq!(page.count("#first").await, 0, "the first steps are behind");
        visit.expect_one_language().await;
    })
    .await;
}
