//! Language, theme, time zone and password: what belongs to the person or the browser.

use crate::console::Console;
use crate::support::{Browser, Language, Variant};
use crate::visit::{OWNER, PASSWORD, Visit, in_each, texts};

#[tokio::test]
async fn changing_the_language_keeps_the_page_and_its_query() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let page = &visit.page;
        visit.goto("/sign-in?return_to=%2Fapps%3Fsort%3Dname").await;
        let other = change_language(visit).await;
        assert_eq!(page.text("h1").await, other.sign_in());
        assert_eq!(visit.path().await, "/sign-in?return_to=%2Fapps%3Fsort%3Dname");
        change_language(visit).await;

        visit.enter(page, OWNER, &visit.console.password).await;
        visit.goto("/apps?q=%E7%9B%B4%E6%92%AD&sort=-name").await;
        let other = change_language(visit).await;
        visit.expect_page(other.apps()).await;
        assert_eq!(visit.path().await, "/apps?q=%E7%9B%B4%E6%92%AD&sort=-name");
        assert_eq!(page.value("q").await, "直播");
    })
    .await;
}

/// Presses the switch; answers the words of the other language.
async fn change_language(visit: &Visit) -> switchroom::i18n::Texts {
    let page = &visit.page;
    let lang = async || page.attribute("html", "lang").await.expect("a language");
    let before = lang().await;
    let to = page.text(".bar [name=lang]").await;
    page.submit(&to).await;
    let after = lang().await;
    assert_ne!(before, after);
    let language = if after == "en" { Language::English } else { Language::Chinese };
    texts(visit.variant.in_language(language))
}

#[tokio::test]
async fn the_theme_changes_at_once_and_stays() {
    let mut variants = Variant::chosen();
    variants.push(Variant::DESKTOP.without_javascript());
    in_each(&variants, Console::empty, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.goto("/sign-in").await;
        let background = async || {
            page.evaluate("getComputedStyle(document.body).backgroundColor").await.to_string()
        };
        let system = background().await;
        // Without scripts the server cannot know the system's theme and offers the dark one first.
        let chosen = if visit.variant.javascript && visit.variant.dark { "light" } else { "dark" };
        if visit.variant.javascript {
            page.click_text(t.dark_mode()).await;
        } else {
            page.submit(t.dark_mode()).await;
        }
        assert_eq!(page.attribute("html", "data-theme").await.as_deref(), Some(chosen));
        let own = background().await;
        assert_eq!(own == system, visit.variant.dark == (chosen == "dark"));
        let pressed = page.attribute("[data-theme-form] button", "aria-pressed").await;
        assert_eq!(pressed.as_deref(), Some(if chosen == "dark" { "true" } else { "false" }));

        page.reload().await;
        assert_eq!(background().await, own);
        assert_eq!(page.attribute("html", "data-theme").await.as_deref(), Some(chosen));
    })
    .await;
}

#[tokio::test]
async fn language_and_time_zone_of_the_profile_change_what_is_shown() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let (page, t) = (&visit.page, visit.t);
        visit.sign_in().await;
        let app = visit.first_app().await;
        visit.goto(&app).await;
        let created = async || page.evaluate(CREATED).await.as_str().map(str::to_owned);
        let in_shanghai = created().await;

        page.click(".bar .menu summary").await;
        page.follow(t.nav_profile()).await;
        visit.expect_page(t.profile()).await;
        page.choose(t.time_zone(), "America/New_York").await;
        page.choose(t.language_label(), other(visit.variant).tag()).await;
        page.submit(t.profile_save()).await;

        let t = texts(visit.variant.in_language(other(visit.variant)));
        visit.expect_page(t.profile()).await;
        visit.expect_said(t.flash_profile_saved()).await;
        assert_eq!(page.value(t.time_zone()).await, "America/New_York");
        visit.goto(&app).await;
        assert_ne!(created().await, in_shanghai);

        page.goto(&visit.url("/profile")).await;
        page.fill(t.name(), "").await;
        page.submit(t.profile_save()).await;
        let named = format!("{}{}{}", t.name(), t.colon(), t.problem_missing());
        assert_eq!(page.texts("[data-focus] li").await, [named]);
    })
    .await;
}

const CREATED: &str = "[...document.querySelectorAll('main .facts dd')].map(e => e.textContent).find(text => \
     /^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}$/.test(text))";

fn other(variant: Variant) -> Language {
    match variant.language {
        Language::Chinese => Language::English,
        Language::English => Language::Chinese,
    }
}

#[tokio::test]
async fn a_new_password_ends_the_sign_in_of_another_browser_but_not_this_one() {
    in_each(&Variant::chosen(), Console::demo, async |visit| {
        let t = visit.t;
        visit.sign_in().await;
        let elsewhere = Browser::launch(visit.variant).await.expect("another browser");
        let there = elsewhere.page().await;
        there.goto(&visit.url("/sign-in")).await;
        visit.enter(&there, OWNER, &visit.console.password).await;
        assert_eq!(there.url().await, visit.url("/"));

        visit.goto("/profile").await;
        change_password(visit, "a guess", "too short").await;
        visit.expect_refused(&[t.problem_wrong_password()]).await;
        change_password(visit, &visit.console.password, PASSWORD).await;
        visit.expect_said(t.flash_password_changed()).await;

        there.reload().await;
        assert!(there.url().await.ends_with("/sign-in"), "{}", there.url().await);
        visit.goto("/apps").await;
        visit.expect_page(t.apps()).await;
        visit.enter(&there, OWNER, &visit.console.password).await;
        assert_eq!(there.status(), 422);
        visit.enter(&there, OWNER, PASSWORD).await;
        assert_eq!(there.status(), 200);
        there.expect_quiet();
    })
    .await;
}

async fn change_password(visit: &Visit, current: &str, new: &str) {
    let (page, t) = (&visit.page, visit.t);
    page.fill(t.password_current(), current).await;
    page.fill(t.password_new(), new).await;
    page.fill(t.password_again(), new).await;
    page.submit(t.password_change()).await;
}
