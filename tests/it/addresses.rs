//! E-mail addresses: confirming the one of an account, changing it, and what strangers learn.

use rstest::rstest;
use switchroom::accounts::Email;
use switchroom::accounts::store::{NewAccount, account_insert, email_is_verified};
use switchroom::clock::minutes;
use switchroom::db::Stop;
use switchroom::i18n::Language;
use switchroom::problem::Problem;

use crate::support::app::email;
use crate::support::db::{Filling, run, texts};
use crate::support::factors::{account, app_with_mail, events};
use crate::support::normal::normal;
use crate::support::page::Page;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on, at_once, start};

const PAGE: &str = "/profile/email";
const NEW: &str = "erin.new@example.com";

fn is_verified(app: &TestApp, name: &str) -> bool {
    app.db(|conn| email_is_verified(conn, account(name))).expect("an answer")
}

/// Asks for another address and proves who one is by the code that was mailed; what comes of it.
#[track_caller]
fn change<'a>(app: &TestApp, actor: &Actor<'a>, to: &str) -> Page<'a> {
    let page = actor.visit(PAGE).form(PAGE).fill("email", to).submit().expect(200);
    let path = page.path().to_owned();
    assert!(path.starts_with("/step-up/"), "{path}");
    let code = app.mailed_code().0;
    app.take_letters();
    page.form(&path).fill("code", &code).submit()
}

#[rstest]
fn an_address_counts_as_confirmed_once_its_link_was_followed_by_a_button(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_unconfirmed("erin");
    let erin = app.person("erin");
    assert!(!is_verified(&app, "erin"));
    let page = erin.visit("/profile");
    assert_eq!(page.texts("li .state"), ["Not confirmed"]);

    let page = page.form("/profile/email/confirm").submit().expect(200);
    assert_eq!(page.flash().as_deref(), Some("Confirmation mail sent."));
    let link = app.take_link("erin@example.com", "/confirm-email");
    let reader = app.visitor();
    let page = reader.visit(&link).expect(200);
    assert_eq!(page.heading(), "Confirm your e-mail address");
    assert_eq!(page.texts("main form b"), ["erin@example.com"]);
    assert!(!is_verified(&app, "erin"), "a look changes nothing");
    let page = page.form(&link).submit().expect(200);

    // The reader is nobody's browser: it is not signed in by that.
    assert_eq!(page.path(), "/sign-in");
    assert_eq!(page.flash().as_deref(), Some("E-mail address confirmed."));
    assert!(is_verified(&app, "erin"));
    assert_eq!(erin.visit("/profile").texts("li .state"), ["Confirmed"]);
    assert_eq!(erin.visit("/profile").count("form[action='/profile/email/confirm']"), 0);
    assert_eq!(events(&app).last().map(String::as_str), Some("confirm_email done"));
    // Again, for one that is confirmed: nothing is sent.
    erin.post_with_token("/profile/email/confirm", &[]).expect(303);
    assert!(app.take_letters().is_empty());
}

#[rstest]
fn confirmation_mails_are_one_a_minute_and_five_an_hour(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_unconfirmed("erin");
    let erin = app.person("erin");
    let send = || erin.post_with_token("/profile/email/confirm", &[]);

    send().expect(303);
    let page = Page::detached(PAGE, send().expect(422));
    let trouble = "Too many mails were asked for. Try again in 1 minute";
    assert_eq!(page.texts(".note.warn"), [trouble]);
    for _ in 0..4 {
        app.clock().forward(minutes(1));
        send().expect(303);
    }
    app.clock().forward(minutes(2));
    let page = Page::detached(PAGE, send().expect(422));
    assert_eq!(
        page.texts(".note.warn"),
        ["Too many mails were asked for. Try again in 54 minutes"]
    );
    // The latest alone works.
    let now = app.clock().now().0;
    let working = format!("SELECT count(*) FROM account_links WHERE expires_at > {now}");
    assert_eq!(app.count(&working), 1);
    app.clock().forward(minutes(54));
    let (erin, sent) = (app.person("erin"), app.take_letters().len());
    assert_eq!(sent, 5);
    let statuses =
        at_once(10, |_| erin.copied().post_with_token("/profile/email/confirm", &[]).status);
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
}

#[rstest]
fn whoever_sets_up_or_is_made_by_the_host_is_asked_to_confirm(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let mail = [("smtp_url", "smtp://127.0.0.1:9?tls=off")];
    let Some(app) = start(on, Filling::Schema, &mail) else { return };
    let link = app.setup_link().expect("a link");
    let form = app.visitor().visit(&link).form(&link);
    form.fill("name", "Zoe")
        .fill("email", "zoe@example.com")
        .fill("password", PASSWORD)
        .fill("workspace", "Zeta")
        .submit()
        .expect(200);

    assert_eq!(app.count("SELECT count(*) FROM accounts WHERE email_verified_at IS NOT NULL"), 0);
    let link = app.take_link("zoe@example.com", "/confirm-email");
    app.visitor().visit(&link).form(&link).submit().expect(200);
    assert_eq!(app.count("SELECT count(*) FROM accounts WHERE email_verified_at IS NOT NULL"), 1);
}

#[rstest]
fn another_address_is_used_once_its_link_was_followed_and_the_old_one_is_told(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (erin, elsewhere, other) = (app.person("erin"), app.person("erin"), app.person("vera"));

    let page = change(&app, &erin, NEW).expect(200);
    assert_eq!(page.path(), PAGE);
    assert_eq!(
        page.flash().as_deref(),
        Some("Mail sent. Open its link to confirm the new address.")
    );
    let waiting = page.texts("section p").remove(0);
    assert!(waiting.starts_with("A mail was sent to erin.new@example.com."), "{waiting}");
    assert!(waiting.contains("2026-03-05 16:00"), "{waiting}");
    let link = app.take_link(NEW, "/change-email");
    elsewhere.get("/profile").expect(200);
    app.visitor().sign_in_as(NEW, PASSWORD).expect(422);

    let reset =
        app.has_link("erin", switchroom::accounts::links::Purpose::ResetPassword, &email("erin"));
    let page = erin.visit(&link).expect(200);
    assert_eq!(page.heading(), "Change your e-mail address");
    assert_eq!(page.texts("main form b"), [NEW]);
    let page = page.form(&link).submit().expect(200);

    assert_eq!(page.path(), PAGE);
    let done = "E-mail address changed. All other sign-ins have ended.";
    assert_eq!(page.flash().as_deref(), Some(done));
    assert_eq!(page.count("section"), 0, "nothing waits any more");
    elsewhere.get("/profile").expect(303);
    other.get("/profile").expect(200);
    app.visitor().get(&reset).expect(404);
    app.on_known_device().sign_in("erin", PASSWORD).expect(422);
    app.on_known_device().sign_in_as(NEW, PASSWORD).expect(303);
    assert!(is_verified(&app, "erin"));
    let letter = app.take_letter();
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("erin@example.com", "E-mail address changed")
    );
    assert!(letter.links()[0].contains("/freeze?key="), "{}", letter.text);
    let named = format!("E-mail address changed\nNew address: {NEW}\n");
    assert!(letter.text.contains(&named) && letter.html.contains(NEW), "{}", letter.text);
    let said = app.db(|conn| {
        texts(conn, "SELECT changes AS text FROM audit_events WHERE act = 'confirm_email'")
    });
    assert!(said[0].contains("erin@example.com") && said[0].contains(NEW), "{said:?}");
}

#[rstest]
fn a_link_to_a_new_address_that_is_opened_elsewhere_ends_every_sign_in(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    change(&app, &erin, NEW).expect(200);
    let link = app.take_link(NEW, "/change-email");

    let page = app.person("vera").visit(&link).form(&link).submit().expect(200);

    assert_eq!(page.path(), "/");
    erin.get("/profile").expect(303);
}

#[rstest]
fn a_change_that_waits_is_sent_again_and_called_off(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    change(&app, &erin, NEW).expect(200);
    let first = app.take_link(NEW, "/change-email");

    let again = || erin.visit(PAGE).form("/profile/email/again").submit();
    again().expect(422);
    app.clock().forward(minutes(1));
    again().expect(200);
    let second = app.take_link(NEW, "/change-email");
    app.visitor().get(&first).expect(404);
    app.visitor().get(&second).expect(200);
    let page = erin.visit(PAGE).form("/profile/email/cancel").submit().expect(200);

    assert_eq!(page.flash().as_deref(), Some("The address stays as it is."));
    assert_eq!(page.count("section"), 0);
    app.visitor().get(&second).expect(404);
    let last = events(&app);
    assert_eq!(last.last().map(String::as_str), Some("change_email cancelled"));
    // Nothing waits: nothing is sent, nothing is said.
    erin.post_with_token("/profile/email/again", &[]).expect(303);
    erin.post_with_token("/profile/email/cancel", &[]).expect(303);
    assert!(app.take_letters().is_empty());
    assert_eq!(events(&app), last);
}

#[rstest]
fn whoever_asks_for_an_address_of_somebody_else_does_not_learn_that_it_is(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    let mut shown = Vec::new();
    for (to, reader) in
        [("free@example.com", "free@example.com"), ("Bob@Example.com", "bob@example.com")]
    {
        let page = change(&app, &erin, to).expect(200);
        let letter = app.take_letter();
        assert_eq!(letter.to, reader);
        app.clock().forward(minutes(1));
        let again = erin.visit(PAGE).form("/profile/email/again").submit().expect(200);
        let more = app.take_letter();
        assert_eq!((more.to.as_str(), &more.subject), (reader, &letter.subject));
        let plain = |page: &Page<'_>| normal(page.response().text()).replace(to, "[address]");
        let times = |text: String| {
            text.replace("16:01", "[time]")
                .replace("16:02", "[time]")
                .replace("16:00", "[time]")
                .replace("16:03", "[time]")
        };
        shown.push((times(plain(&page)), times(plain(&again)), letter));
        app.clock().forward(minutes(1));
    }
    let (free, taken) = (&shown[0], &shown[1]);
    assert_eq!((&free.0, &free.1), (&taken.0, &taken.1));
    assert_eq!(taken.2.subject, "Somebody tried to use your e-mail address");
    assert_eq!(taken.2.links().len(), 1);
    assert!(taken.2.links()[0].ends_with("/sign-in"), "{:?}", taken.2.links());
    let said: Vec<_> =
        events(&app).into_iter().filter(|it| it.starts_with("change_email")).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(said[..2], said[2..]);
}

#[rstest]
fn an_address_that_somebody_takes_meanwhile_stays_theirs(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    change(&app, &erin, NEW).expect(200);
    let link = app.take_link(NEW, "/change-email");
    app.db(|conn| {
        let query =
            format!("UPDATE accounts SET email_key = '{NEW}', email = '{NEW}' WHERE name = 'bob'");
        run(conn, &query);
    });
    let before = app.rows();

    app.visitor().post_with_token(&link, &[]).expect(404);

    app.expect_unchanged(&before, "a link to a taken address");
    erin.get("/profile").expect(200);
}

#[rstest]
fn a_new_address_must_be_one_and_not_look_like_another(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    let before = app.rows();
    let no_email = "Enter an e-mail address such as li@example.com";
    let lookalike = "This address mixes scripts or has letters that look like others. \
         Type it instead of pasting it";
    let long = format!("{}@example.com", "a".repeat(250));
    for (to, problem) in [
        ("", "Fill in this field"),
        ("erin", no_email),
        ("erin@example.com\r\nBcc: x@evil.test", no_email),
        ("<erin@example.com>", no_email),
        ("erin@example.com, bob@example.com", no_email),
        (&long, "Use at most 254 characters"),
        (" ERIN@EXAMPLE.com. ", "This is your address already. Enter a different one"),
        ("\u{435}rin@example.com", lookalike),
        ("erin@ex\u{430}mple.com", lookalike),
    ] {
        let page = erin.visit(PAGE).form(PAGE).fill("email", to).submit().expect(422);
        page.problem("email", problem);
    }
    app.expect_unchanged(&before, "a refused address");
}

#[rstest]
fn twelve_spellings_are_one_account_and_one_counter(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let spellings = [
        "erin@example.com",
        "Erin@Example.com",
        "ERIN@EXAMPLE.COM",
        " erin@example.com",
        "erin@example.com ",
        "\u{3000}erin@example.com\u{3000}",
        "erin@example.com.",
        "erin@example.com. ",
        "ｅｒｉｎ@example.com",
        "erin＠example.com",
        "erin@ｅｘａｍｐｌｅ.com",
        "erin@example．com",
    ];
    for spelling in spellings {
        app.visitor().sign_in_as(spelling, PASSWORD).expect(303);
        let taken = app.db(|conn| {
            let email = Email::parse_new(spelling).expect("an address");
            let new = NewAccount {
                email: &email,
                name: "another",
                password_hash: None,
                language: Language::English,
                is_operator: false,
            };
            account_insert(conn, &new, app.clock().now())
        });
        assert!(matches!(taken, Err(Stop::Refused(Problem::EmailTaken))), "{spelling:?}");
    }
    for (at, spelling) in spellings.into_iter().enumerate() {
        let expected = if at < 10 { 422 } else { 429 };
        app.visitor().sign_in_as(spelling, "wrong password").expect(expected);
        let asked = app.visitor().post_with_token("/forgot-password", &[("email", spelling)]);
        assert_eq!(asked.status, if at < 3 { 303 } else { 422 }, "{spelling:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'reset_password'"), 3);
}

#[rstest]
fn where_no_mail_is_sent_the_pages_say_so(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    app.has_unconfirmed("erin");
    let erin = app.person("erin");

    let page = erin.visit(PAGE).expect(200);
    let note = page.texts(".note.warn").remove(0);
    assert!(note.starts_with("No mail is sent from here"), "{note}");
    assert_eq!(page.count("main form"), 0);
    assert_eq!(erin.visit("/profile").count("form[action='/profile/email/confirm']"), 0);
    erin.post_with_token("/profile/email/confirm", &[]).expect(303);
    erin.post_with_token(PAGE, &[("email", NEW)]).expect(404);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}

#[rstest]
fn a_change_of_address_outlives_one_of_the_name_and_not_one_of_the_address(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let erin = app.person("erin");
    let page = erin.visit(PAGE).form(PAGE).fill("email", NEW).submit().expect(200);
    let code = app.mailed_code().0;
    erin.visit("/profile").form("/profile").fill("name", "Erin E.").submit().expect(200);

    page.form(page.path()).fill("code", &code).submit().expect(200);
    assert_eq!(app.count("SELECT count(*) FROM account_links"), 1);
    let waiting = erin.visit("/profile").texts("#main li").join("\n");
    assert!(waiting.contains(&format!("Waiting to be confirmed: {NEW}")), "{waiting}");

    app.clock().forward(minutes(2));
    let page = erin.visit(PAGE).form(PAGE).fill("email", "other@example.com").submit().expect(200);
    let code = app.mailed_code().0;
    let moved = "UPDATE accounts SET email_key = 'erin@elsewhere.test' WHERE name = 'Erin E.'";
    app.db(|conn| run(conn, moved));
    page.form(page.path()).fill("code", &code).submit().expect(409);
    assert_eq!(
        app.count("SELECT count(*) FROM account_links WHERE email = 'other@example.com'"),
        0
    );
}
