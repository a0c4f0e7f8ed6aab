//! Creating and editing apps.

use crate::console::Console;
use crate::support::Variant;
use crate::visit::in_each;

#[tokio::test]
async fn an_app_that_is_refused_keeps_its_form_and_one_that_is_accepted_shows_the_next_step() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps").await;
        page.follow(t.create_app()).await;
        visit.expect_page(t.create_app()).await;

        page.choose(t.scenario(), t.scenario_telemedicine()).await;
        page.fill(t.tags_label(), "no tag").await;
        visit.tick("services", "rtc", false).await;
        page.submit(t.create_app()).await;
        let problems = [t.problem_missing(), t.problem_no_service(), t.problem_tag()];
        visit.expect_refused(&problems).await;
        assert_eq!(page.value(t.scenario()).await, "telemedicine");
        assert_eq!(page.value(t.tags_label()).await, "no tag");

        page.fill(t.app_name(), "  课堂互动 ").await;
        visit.tick("services", "im", true).await;
        page.fill(t.tags_label(), "env=test\nteam=social").await;
        page.submit(t.create_app()).await;
        visit.expect_refused(&[t.problem_name_taken()]).await;
        assert_eq!(page.count("[name=services][value=im]:checked").await, 1);

        page.fill(t.app_name(), "远程问诊").await;
        page.submit(t.create_app()).await;
        visit.expect_page(t.apps()).await;
        visit.expect_said(t.flash_app_created()).await;
        visit.expect_said("远程问诊").await;
        assert_eq!(page.texts("tbody th a").await[0], "远程问诊");
        let next = page.attribute(".note.ok a", "href").await.expect("a next step");
        assert!(next.starts_with("/apps/") && next.ends_with("/tokens"), "{next}");
        page.reload().await;
        assert_eq!(page.count(".note").await, 0);
    })
    .await;
}

#[tokio::test]
async fn of_two_tabs_that_edit_an_app_the_second_sees_both_values_and_can_save() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.first_app().await;
        let edit = visit.url(&format!("{app}/edit"));
        page.goto(&edit).await;
        visit.expect_page(t.edit_app()).await;
        let other = visit.browser.page().await;
        other.goto(&edit).await;

        other.fill(t.app_name(), "新课堂").await;
        other.fill(t.description_label(), "Written in the other tab").await;
        other.choose(t.scenario(), t.scenario_online_meeting()).await;
        other.fill(t.tags_label(), "").await;
        other.submit(t.save_app()).await;
        assert!(other.text("main > .note.ok").await.contains(t.flash_app_edited()));

        page.fill(t.description_label(), "Written in this tab").await;
        page.fill(t.app_name(), "新课堂").await;
        page.submit(t.save_app()).await;
        assert_eq!(page.text("main > .note.warn").await, t.problem_changed());
        // What this tab still has is not what is stored: neither is lost.
        let scenario = t.stored_now(t.scenario_online_meeting());
        let description = t.stored_now("Written in the other tab");
        visit.expect_refused(&[&scenario, &description, t.stored_empty()]).await;
        assert_eq!(page.value(t.description_label()).await, "Written in this tab");

        page.submit(t.save_app()).await;
        visit.expect_page("新课堂").await;
        visit.expect_said(t.flash_app_edited()).await;
        let facts = page.texts("main .facts").await.concat();
        assert!(facts.contains("Written in this tab"), "{facts}");
        other.expect_quiet();
    })
    .await;
}

#[tokio::test]
async fn an_impatient_finger_makes_one_app() {
    let mut variants = Variant::chosen();
    variants.push(Variant::DESKTOP.without_javascript());
    in_each(&variants, Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        visit.goto("/apps/new").await;
        page.fill(t.app_name(), "Once").await;
        visit.tick("services", "im", true).await;
        let thrice = "for (const n of [1, 2, 3]) document.querySelector('main .primary').click()";
        page.arrive_after(page.evaluate(thrice)).await;
        visit.expect_said(t.flash_app_created()).await;
        assert_eq!(page.text(".pager p").await, t.apps_total(13));
    })
    .await;
}
