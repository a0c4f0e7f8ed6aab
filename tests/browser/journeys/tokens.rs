//! Making tokens and telling why one is refused.

use switchroom::clock::hours;

use crate::console::Console;
use crate::support::Variant;
use crate::visit::{Visit, in_each};

/// Fills the fields of the verify page and sends it; the fields not named are left as they are.
async fn verify(visit: &Visit, fields: &[(&str, &str)]) {
    for (field, text) in fields {
        visit.page.fill(field, text).await;
    }
    visit.send().await;
    assert_eq!(visit.page.status(), 200);
}

/// The verdict in words, and the word that the API has for it.
async fn expect_refused(visit: &Visit, words: &str, wire: &str) {
    let said = visit.page.text("main > .note.bad").await;
    assert_eq!(said, format!("{words} {wire}"));
    assert_eq!(visit.page.text("main > .note code").await, wire);
}

async fn expect_valid(visit: &Visit, for_s: i64) {
    let said = visit.t.check_valid(&visit.t.span(for_s));
    assert_eq!(visit.page.text("main > .note.ok").await, said);
}

#[tokio::test]
async fn a_channel_token_is_accepted_for_what_it_was_made_for_and_nothing_else() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.first_app().await;
        visit.goto(&format!("{app}/tokens")).await;
        page.submit(t.token_generate()).await;
        visit.expect_refused(&[t.problem_missing()]).await;
        page.fill(t.token_channel(), "class-7").await;
        page.fill(t.token_user(), "teacher").await;
        page.submit(t.token_generate()).await;
        let token = page.text(".secret code").await;

        let page_of = |app: &str| visit.url(&format!("{app}/tokens/verify"));
        page.goto(&page_of(&app)).await;
        let (channel, user) = (t.check_channel(), t.token_user());
        verify(visit, &[("Token", &token), (channel, "class-7"), (user, "teacher")]).await;
        expect_valid(visit, 86_400).await;
        let facts = page.text("#claims").await + &page.texts("main .facts dd").await.join("\n");
        assert!(facts.contains("class-7") && facts.contains("teacher"), "{facts}");
        verify(visit, &[(channel, "class-8")]).await;
        expect_refused(visit, t.refusal_wrong_channel(), "wrong_channel").await;
        verify(visit, &[(channel, "class-7"), (user, "pupil")]).await;
        expect_refused(visit, t.refusal_wrong_user(), "wrong_user").await;
        verify(visit, &[("Token", "007 is a nice number")]).await;
        expect_refused(visit, &t.refusal_malformed(t.flaw_base64()), "malformed").await;

        let other = visit.app_called("语音房").await;
        page.goto(&page_of(&other)).await;
        verify(visit, &[("Token", &token)]).await;
        expect_refused(visit, t.refusal_wrong_app(), "wrong_app").await;

        visit.console.clock.forward(hours(25));
        visit.sign_in().await;
        page.goto(&page_of(&app)).await;
        verify(visit, &[("Token", &token)]).await;
        expect_refused(visit, &t.refusal_expired(&t.span(3_600)), "expired").await;
        // What it holds is shown all the same.
        assert!(page.texts("main .facts dd").await.join("\n").contains("class-7"));
    })
    .await;
}

#[tokio::test]
async fn a_user_sig_comes_with_a_key_for_its_room_and_both_are_told_apart() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.first_app().await;
        visit.goto(&format!("{app}/tokens/usersig")).await;
        visit.expect_page(t.usersig()).await;
        page.fill("UserID", "a b").await;
        page.fill(t.usersig_days(), "0").await;
        visit.send().await;
        visit.expect_refused(&[t.problem_user_id(), &t.problem_range(1, 3_650)]).await;
        page.fill("UserID", "teacher").await;
        page.fill(t.usersig_days(), "180").await;
        visit.press_summary("details.more summary").await;
        page.fill(t.usersig_room_label(), "1024").await;
        visit.send().await;
        let secrets = page.texts(".secret code").await;
        assert_eq!(page.texts(".secret + *, .field h3").await, [t.usersig_room_key("1024")]);

        visit.follow_tab("verify").await;
        verify(visit, &[("Token", &secrets[0]), (t.token_user(), "teacher")]).await;
        expect_valid(visit, 180 * 86_400).await;
        verify(visit, &[(t.check_room(), "1024")]).await;
        expect_refused(visit, t.lack_room_key(), "missing_privilege").await;
        verify(visit, &[("Token", &secrets[1])]).await;
        expect_valid(visit, 180 * 86_400).await;
        verify(visit, &[(t.check_room(), "1025")]).await;
        expect_refused(visit, t.refusal_wrong_channel(), "wrong_channel").await;

        visit.press_summary("details.more summary").await;
        page.fill(t.check_room(), "").await;
        page.fill(t.check_key(), &"0123456789abcdef".repeat(4)).await;
        let number = app.rsplit('/').next().expect("a number");
        verify(visit, &[(t.check_app(), number)]).await;
        expect_refused(visit, t.refusal_bad_signature(), "bad_signature").await;
        assert!(page.text("main").await.contains(t.check_as_written()));
    })
    .await;
}

#[tokio::test]
async fn a_disabled_app_gives_no_token_and_says_why() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.app_called("直播连麦（测试）").await;
        visit.goto(&format!("{app}/tokens")).await;
        assert!(page.text("main > .note.warn").await.starts_with(t.denial_disabled()));
        page.fill(t.token_channel(), "class-7").await;
        page.submit(t.token_generate()).await;
        assert!(page.text("main > .note.bad").await.starts_with(t.denial_disabled()));
        assert_eq!(page.count(".secret").await, 0);
        page.follow(t.denial_disabled_link()).await;
        assert_eq!(visit.path().await, app);
    })
    .await;
}

#[tokio::test]
async fn identifiers_are_copied_whole_where_they_are_shown_short() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps?q=%E8%AF%BE%E5%A0%82").await;
        let short = page.text("tbody dd:first-of-type code").await;
        let whole = page.attribute("tbody [data-copy]", "data-copy").await.expect("an App ID");
        assert!(short.len() < whole.len() && whole.len() == 32, "{short} of {whole}");
        page.fill(t.app_search_label(), "").await;
        let there = async || visit.focus("[name=q]").await;
        visit.copy_into(&t.copy_app_id("课堂互动"), &whole, there).await;
        assert_eq!(page.value("q").await, whole);
        page.submit(t.filter()).await;
        assert_eq!(page.text("tbody th a").await, "课堂互动");
    })
    .await;
}
