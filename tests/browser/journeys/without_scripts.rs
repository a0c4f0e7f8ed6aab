//! The whole way with scripts switched off.

use crate::console::Console;
use crate::support::Variant;
use crate::visit::in_each;

#[tokio::test]
async fn everything_is_done_without_scripts() {
    let still = Variant::PHONE.without_javascript();
    in_each(&[still], Console::on_plain_http, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.set_up().await;
        visit.expect_no_dead_control().await;
        visit.create_app("Quiet").await;
        visit.expect_no_dead_control().await;
        let app = visit.first_app().await;
        visit.goto(&format!("{app}/edit")).await;
        page.fill(t.description_label(), "Made without scripts").await;
        page.submit(t.save_app()).await;
        visit.expect_said(t.flash_app_edited()).await;
        visit.expect_no_dead_control().await;

        visit.goto(&format!("{app}/tokens")).await;
        page.fill(t.token_channel(), "lobby").await;
        page.submit(t.token_generate()).await;
        visit.expect_no_dead_control().await;
        let token = page.text(".secret code").await;
        visit.follow_tab("verify").await;
        page.fill("Token", &token).await;
        visit.send().await;
        assert_eq!(page.text(".note.ok").await, t.check_valid(&t.span(86_400)));
        visit.expect_no_dead_control().await;

        visit.goto("/apps?sort=name").await;
        page.submit("中文").await;
        assert_eq!(page.attribute("html", "lang").await.as_deref(), Some("zh-CN"));
        visit.expect_no_dead_control().await;
        page.submit("English").await;
        page.submit(t.dark_mode()).await;
        assert_eq!(page.attribute("html", "data-theme").await.as_deref(), Some("dark"));
        assert_eq!(visit.path().await, "/apps?sort=name");

        page.click(".bar .menu summary").await;
        page.submit(t.sign_out()).await;
        visit.expect_said(t.flash_signed_out()).await;
    })
    .await;
}
