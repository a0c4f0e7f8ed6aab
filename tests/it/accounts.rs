//! One's own page: profile and password; the switches of language and theme.

use rstest::rstest;
use switchroom::clock::minutes;

use crate::support::page::{Form, Page};
use crate::support::{Actor, Backend, PASSWORD, Postgres, Request, Sqlite, app_on};

const NEW: &str = "battery staple";

#[rstest]
fn a_profile_is_saved_and_its_language_holds_from_the_next_page_on(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");

    let form = erin.visit("/profile").form("/profile");
    let form = form.fill("name", "  艾琳  ").choose("language", "zh-CN");
    let page = form.choose("time_zone", "Europe/Berlin").submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("个人资料已保存。"));
    assert_eq!(page.language(), "zh-CN");
    let form = page.form("/profile");
    assert_eq!(form.value("name"), "艾琳");
    assert_eq!(form.value("time_zone"), "Europe/Berlin");
    assert_eq!(erin.visit("/profile").flash(), None);
    let elsewhere = app.person("erin");
    assert_eq!(elsewhere.visit("/profile").language(), "zh-CN");
}

#[rstest]
fn without_a_zone_of_ones_own_the_workspaces_holds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    erin.visit("/profile")
        .form("/profile")
        .choose("time_zone", "Europe/Berlin")
        .submit()
        .expect(200);

    let page = erin.visit("/profile").form("/profile").choose("time_zone", "").submit().expect(200);

    assert_eq!(page.form("/profile").value("time_zone"), "");
    assert_eq!(app.count("SELECT count(*) FROM accounts WHERE time_zone IS NOT NULL"), 0);
}

#[rstest]
fn what_is_wrong_with_a_profile_is_said_beside_the_field(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    let before = app.rows();
    let form = || erin.visit("/profile").form("/profile");

    for (name, problem) in [
        ("", "Fill in this field"),
        ("\u{3000}", "Fill in this field"),
        (&*"x".repeat(65), "Use at most 64 characters"),
        ("a\u{7}b", "Remove the control characters"),
    ] {
        let page = form().fill("name", name).submit().expect(422);
        page.problem("name", problem);
        assert_eq!(page.form("/profile").value("name"), name);
    }
    let page = form().forged("time_zone", "Mars/Olympus").submit().expect(422);
    page.problem("time_zone", "Choose one of the options");
    let page = form().forged("language", "tlh").submit().expect(422);
    page.problem("language", "Choose one of the options");
    app.expect_unchanged(&before, "a refused profile");
}

fn change<'a>(actor: &Actor<'a>, current: &str, new: &str, again: &str) -> Form<'a> {
    let form = actor.visit("/profile").form("/profile/password");
    form.fill("current", current).fill("password", new).fill("again", again)
}

#[rstest]
fn a_new_password_ends_every_other_sign_in_of_the_account(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (here, there, other) = (app.person("erin"), app.person("erin"), app.person("vera"));

    change(&here, PASSWORD, NEW, NEW).submit().expect(200);

    here.get("/profile").expect(200);
    there.get("/profile").expect(303);
    other.get("/profile").expect(200);
    app.visitor().sign_in("erin", PASSWORD).expect(422);
    app.visitor().sign_in("erin", NEW).expect(303);
}

#[rstest]
fn what_is_wrong_with_a_password_is_said_and_nothing_typed_comes_back(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    let before = app.rows();
    let refused = |current: &str, new: &str, again: &str, field: &str, problem: &str| {
        let page: Page<'_> = change(&erin, current, new, again).submit().expect(422);
        page.problem(field, problem);
        for field in ["current", "password", "again"] {
            assert_eq!(page.form("/profile/password").value(field), "", "{field} comes back");
        }
    };

    refused("", NEW, NEW, "current", "Fill in this field");
    refused("wrong password", NEW, NEW, "current", "The current password is not right");
    refused(PASSWORD, "", "", "password", "Fill in this field");
    refused(PASSWORD, "short", "short", "password", "Use at least 8 characters");
    let long = "x".repeat(257);
    refused(PASSWORD, &long, &long, "password", "Use at most 256 characters");
    let guessable =
        "This password is easy to guess. Use a longer one, such as a few unrelated words";
    let present = "This is your current password. Choose a different one";
    refused(PASSWORD, PASSWORD, PASSWORD, "password", present);
    for easy in ["aaaaaaaaaa", "12345678", "abcdefgh", "Password1!", "woaini1314"] {
        refused(PASSWORD, easy, easy, "password", guessable);
    }
    let personal = "Do not make the password of your name, your address or Switchroom. \
         Use a few unrelated words";
    for own in ["erin@example.com", "Erin1990!", "switchroom"] {
        refused(PASSWORD, own, own, "password", personal);
    }
    refused(PASSWORD, NEW, "battery stable", "again", "The two passwords differ");
    app.expect_unchanged(&before, "a refused password");
}

#[rstest]
fn a_refused_password_comes_back_as_its_strength_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    let strength = |page: &Page<'_>| {
        let words = page.texts("form[action='/profile/password'] .small:has(progress)");
        (words.join(""), page.attributes("#f-strength + progress", "value").join(""))
    };

    let page = erin.visit("/profile");
    assert_eq!(strength(&page), (String::new(), String::new()));
    for (password, words, score) in [
        ("iloveyou1", "StrengthWeakWeak", "1"),
        ("staple battery horse", "StrengthVery strongVery strong", "4"),
    ] {
        let page = change(&erin, PASSWORD, password, "something else").submit().expect(422);
        assert_eq!(strength(&page), (words.to_owned(), score.to_owned()));
        assert!(!page.response().text().contains(password));
    }
}

#[rstest]
fn the_current_password_cannot_be_guessed_on_the_profile_either(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");

    for _ in 0..10 {
        change(&erin, "wrong password", NEW, NEW).submit().expect(422);
    }
    let checks = app.password_checks(|| {
        change(&erin, PASSWORD, NEW, NEW).submit().expect(429);
    });
    assert_eq!(checks, 0);
    app.clock().forward(minutes(15));
    change(&erin, PASSWORD, NEW, NEW).submit().expect(200);
}

#[rstest]
fn an_expired_form_keeps_what_was_typed_unless_it_is_secret(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");
    let profile = erin.visit("/profile").form("/profile").fill("name", "Erin E.");
    let password = change(&erin, PASSWORD, NEW, NEW);
    erin.visit("/profile").form("Sign out").submit().expect(200);
    erin.sign_in("erin", PASSWORD).expect(303);

    let expired = profile.submit().expect(422);
    let page = expired.form("/profile").submit().expect(200);
    assert_eq!(page.form("/profile").value("name"), "Erin E.");

    let expired = password.submit().expect(422);
    let text = expired.response().text();
    assert!(!text.contains(PASSWORD) && !text.contains(NEW), "a password comes back");
}

#[rstest]
fn an_expired_switch_leads_back_to_the_page_it_was_on(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.person("erin");

    let page = erin.visit("/profile").form("/theme").forged("token", "x").submit().expect(422);
    assert!(page.links().contains(&"/profile".to_owned()), "{:?}", page.links());
    assert!(!page.links().contains(&"/theme".to_owned()), "{:?}", page.links());
    page.form("Send again").submit().expect(200);
}

#[rstest]
fn language_and_theme_can_be_chosen_before_signing_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let visitor = app.visitor();

    let page = visitor.visit("/sign-in?return_to=%2Fprofile").expect(200);
    assert_eq!(page.language(), "en");
    let page = page.form("/language").choose("lang", "zh-CN").submit().expect(200);
    assert_eq!(page.path(), "/sign-in?return_to=%2Fprofile");
    assert_eq!(page.language(), "zh-CN");
    assert_eq!(page.heading(), "登录");
    let page = page.form("/theme").submit().expect(200);
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
    let page = page.form("/theme").submit().expect(200);
    assert_eq!(page.attributes("html", "data-theme"), ["light"]);
}

#[rstest]
fn a_browser_is_greeted_in_the_language_it_asks_for(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for (accepted, language) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-Hant", "zh-CN"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr,zh;q=0.1", "zh-CN"),
        ("fr", "en"),
        ("", "en"),
    ] {
        let answer =
            app.visitor().send(Request::get("/sign-in").header("accept-language", accepted));
        assert_eq!(Page::detached("/sign-in", answer).language(), language, "{accepted:?}");
    }
}

#[rstest]
fn a_person_without_a_workspace_is_told_so(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    app.db(|conn| {
        let gone = "DELETE FROM memberships WHERE account_id = (SELECT id FROM accounts WHERE name = 'vera')";
        crate::support::db::run(conn, gone);
    });
    let vera = app.person("vera");

    let page = vera.visit("/apps").expect(200);

    assert_eq!(page.path(), "/workspaces");
    vera.get("/profile").expect(200);
}

#[rstest]
fn a_person_of_two_workspaces_moves_between_them_and_into_no_other(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    use crate::support::app::{ALPHA, BETA};
    use crate::support::samples::BOTH;
    let Some(app) = app_on(on) else { return };
    let (blue, green) = (app.has_app(ALPHA, "Blue", BOTH), app.has_app(BETA, "Green", BOTH));
    app.db(|conn| {
        let joins = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
                     SELECT 2, id, 'viewer', 1 FROM accounts WHERE name = 'erin'";
        crate::support::db::run(conn, joins);
    });
    let (erin, vera) = (app.person("erin"), app.person("vera"));
    erin.get(&format!("/apps/{blue}")).expect(200);
    erin.get(&format!("/apps/{green}")).expect(404);

    erin.post_with_token("/workspaces", &[("workspace", "2")]).expect(303);

    erin.get(&format!("/apps/{blue}")).expect(404);
    erin.get(&format!("/apps/{green}")).expect(200);
    erin.get("/apps/new").expect(403);
    vera.post_with_token("/workspaces", &[("workspace", "2")]).expect(404);
    vera.get(&format!("/apps/{green}")).expect(404);
}
