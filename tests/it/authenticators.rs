//! Authenticators: setting them up, signing in with them, replacing and removing them.

use std::process::Command;

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::secret::Secret;

use crate::support::app::MASTER_KEY;
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::page::Page;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on};

const PAGE: &str = "/profile/authenticator";

/// Begins by the form, with the password where it is asked for; the page with the QR code.
#[track_caller]
fn begin<'a>(actor: &Actor<'a>) -> Page<'a> {
    let form = actor.visit(PAGE).form(PAGE);
    let form = if form.has_open("password") { form.fill("password", PASSWORD) } else { form };
    form.submit().expect(200)
}

/// The same page, or what follows once the code was entered that was mailed.
#[track_caller]
fn proved<'a>(app: &TestApp, page: Page<'a>) -> Page<'a> {
    if !page.path().starts_with("/step-up/") {
        return page;
    }
    let path = page.path().to_owned();
    assert_eq!(page.heading(), "Verify your identity to set up the authenticator");
    page.form(&path).fill("code", &app.mailed_code().0).submit().expect(200)
}

/// The seed as the page shows it for typing.
fn shown_seed(page: &Page<'_>) -> Secret {
    let key = page.texts(".secret code").remove(0);
    Secret::new(key.replace(' ', ""))
}

/// Sets one up; its seed.
#[track_caller]
fn set_up(app: &TestApp, actor: &Actor<'_>) -> Secret {
    let page = begin(actor);
    let seed = shown_seed(&page);
    let form = page.form("/profile/authenticator/confirm").fill("code", &app.code_of(&seed));
    let page = proved(app, form.submit().expect(200));
    let flash = page.flash().expect("a message");
    assert!(flash.starts_with("Authenticator set up."), "{flash}");
    seed
}

fn notices(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM outbox WHERE kind = 'factor_changed'")
}

#[rstest]
fn an_authenticator_counts_once_its_first_code_was_entered(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (alice, elsewhere) = (app.owner(), app.owner());
    let page = begin(&alice);
    let seed = shown_seed(&page);
    assert_eq!(seed.expose(), app.pending_seed("alice").expose());
    assert_eq!(page.count("svg.qr path"), 1);
    // Only the sign-in that began sees it; a reload keeps it.
    assert_eq!(elsewhere.visit(PAGE).count("svg.qr"), 0);
    assert_eq!(shown_seed(&alice.visit(PAGE)).expose(), seed.expose());
    // It counts for nothing yet.
    app.visitor().sign_in("alice", PASSWORD).expect(303);

    let confirm =
        |code: &str| alice.visit(PAGE).form("/profile/authenticator/confirm").fill("code", code);
    confirm(&app.wrong_code_of(&seed)).submit().expect(422).problem(
        "code",
        "That code is not right. Check that your phone shows the right time, and enter the latest code",
    );
    let code = app.code_of(&seed);
    let page = confirm(&format!("{} {}", &code[..3], &code[3..])).submit().expect(200);
    assert_eq!(app.count("SELECT count(*) FROM authenticators WHERE state = 'active'"), 0);
    proved(&app, page);

    let page = alice.visit(PAGE).expect(200);
    assert!(page.texts("main").join("").contains("On since 2026-03-02"));
    assert!(!page.response().text().contains(seed.expose()));
    // Other sign-ins end, this one goes on; the owner is told.
    assert_eq!(elsewhere.get("/apps").status, 303);
    assert_eq!(alice.get("/apps").status, 200);
    assert_eq!(notices(&app), 1);
    let known = events(&app);
    assert!(known.contains(&"add_authenticator done email_code".to_owned()), "{known:?}");
    let all = app.db(crate::support::db::every_row).join("\n");
    assert!(!all.contains(seed.expose()), "seeds are sealed");
}

#[rstest]
fn beginning_needs_the_password_where_nothing_can_be_proved_and_ends_after_a_quarter_of_an_hour(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = alice.visit(PAGE).form(PAGE);
    for (typed, words) in
        [("", "Fill in this field"), ("wrong", "The current password is not right")]
    {
        form.clone().fill("password", typed).submit().expect(422).problem("password", words);
    }
    assert_eq!(app.count("SELECT count(*) FROM authenticators"), 0);
    for _ in 0..9 {
        form.clone().fill("password", "wrong").send().expect(422);
    }
    form.clone().fill("password", PASSWORD).send().expect(429);
    app.clock().forward(minutes(15));

    let page = begin(&alice);
    let seed = shown_seed(&page);
    app.clock().forward(minutes(15));
    let late = page.form("/profile/authenticator/confirm").fill("code", &app.code_of(&seed));
    let page = Page::detached(PAGE, late.send().expect(409));
    assert!(page.texts("main").join("").contains("no longer valid"));
    begin(&alice);
    alice.visit(PAGE).form("/profile/authenticator/cancel").send().expect(303);
    assert_eq!(app.count("SELECT count(*) FROM authenticators"), 0);
}

#[rstest]
fn who_has_one_signs_in_with_password_and_code(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let seed = set_up(&app, &app.owner());
    let visitor = app.visitor();
    let page = visitor.visit("/apps?q=x");
    assert_eq!(page.path(), "/sign-in?return_to=%2Fapps%3Fq%3Dx");
    let form = page.form("Sign in").fill("email", "alice@example.com");
    form.clone().fill("password", "wrong").submit().expect(422);

    let page = form.fill("password", PASSWORD).submit().expect(200);
    assert_eq!(page.path(), "/sign-in/code?return_to=%2Fapps%3Fq%3Dx");
    assert_eq!(visitor.get("/apps").status, 303, "the password alone opens nothing");
    // The code that set it up is used.
    let form = page.form("Enter your code");
    form.clone().fill("code", " ").submit().expect(422).problem("code", "Fill in this field");
    form.clone().fill("code", &app.code_of(&seed)).submit().expect(422);
    form.clone()
        .fill("code", &app.wrong_code_of(&seed))
        .submit()
        .expect(422)
        .problem("code", "That code is not right. 3 tries left");
    let page = form.fill("code", &app.fresh_code_of(&seed)).submit().expect(200);
    assert_eq!(page.path(), "/apps?q=x");
    assert_eq!(visitor.cookie("factor"), None);
    let known = events(&app);
    assert!(known.contains(&"sign_in done totp".to_owned()), "{known:?}");
    assert!(known.contains(&"sign_in denied wrong_code totp".to_owned()), "{known:?}");
    let none: Vec<_> = known.iter().filter(|event| event.contains("not_verified")).collect();
    assert_eq!(none.len(), 1, "{none:?}");
}

#[rstest]
fn five_wrong_codes_end_a_sign_in_and_ten_an_hour_hold_it_up(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let seed = set_up(&app, &app.owner());
    let knock = |app: &'_ TestApp| {
        let visitor = app.visitor();
        visitor.sign_in("alice", PASSWORD).expect(303);
        visitor.cookie("factor").expect("a cookie")
    };
    let enter = |app: &TestApp, cookie: &str, code: &str| {
        let visitor = app.visitor();
        visitor.set_cookie("factor", cookie);
        visitor.post_with_token("/sign-in/code", &[("code", code)]).status
    };
    for _ in 0..2 {
        let cookie = knock(&app);
        for _ in 0..4 {
            assert_eq!(enter(&app, &cookie, &app.wrong_code_of(&seed)), 422);
        }
        assert_eq!(enter(&app, &cookie, &app.wrong_code_of(&seed)), 410);
        assert_eq!(enter(&app, &cookie, &app.fresh_code_of(&seed)), 410);
    }
    // Whoever got so far knows the password: its owner is told.
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'codes_wrong'"), 2);
    let cookie = knock(&app);
    assert_eq!(enter(&app, &cookie, &app.fresh_code_of(&seed)), 422, "on hold");
    app.clock().forward(hours(1));
    let cookie = knock(&app);
    assert_eq!(enter(&app, &cookie, "999 99"), 422);
    assert_eq!(enter(&app, &cookie, &app.fresh_code_of(&seed)), 303);
    // Once: neither the cookie nor the code opens another session. Whoever clicked twice is led on.
    let again = app.visitor();
    again.set_cookie("factor", &cookie);
    let answer = again.post_with_token("/sign-in/code", &[("code", &app.fresh_code_of(&seed))]);
    assert_eq!((answer.status, answer.header("location").as_deref()), (303, Some("/")));
    assert_eq!(again.get("/apps").status, 303);
    assert_eq!(again.cookie("factor"), None);
}

#[rstest]
fn a_sign_in_that_was_cut_off_after_its_code_goes_on_and_one_that_ended_keeps_where_it_led(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let seed = set_up(&app, &app.owner());
    let visitor = app.visitor();
    let form = visitor.visit("/apps?q=x").form("Sign in").fill("email", "alice@example.com");
    let page = form.fill("password", PASSWORD).submit().expect(200);
    let until = app.clock().now().plus(minutes(5));
    let passed = format!("UPDATE challenges SET state = 'granted', proof_expires_at = {}", until.0);
    app.db(|conn| run(conn, &passed));
    let code = app.fresh_code_of(&seed);
    let page = page.form("Enter your code").fill("code", &code).submit().expect(200);
    assert_eq!(page.path(), "/apps?q=x");

    let visitor = app.visitor();
    let form = visitor.visit("/apps?q=x").form("Sign in").fill("email", "alice@example.com");
    let page = form.fill("password", PASSWORD).submit().expect(200);
    app.clock().forward(minutes(10));
    let late = page.form("Enter your code").fill("code", &app.fresh_code_of(&seed));
    let page = Page::detached("/sign-in/code", late.send().expect(410));
    assert_eq!(page.links().last().map(String::as_str), Some("/sign-in?return_to=%2Fapps%3Fq%3Dx"));
}

#[rstest]
fn a_sign_in_that_waits_for_its_code_ends_with_the_password_and_after_ten_minutes(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let seed = set_up(&app, &alice);
    let waiting = app.visitor();
    waiting.sign_in("alice", PASSWORD).expect(303);
    let fields =
        [("current", PASSWORD), ("password", "battery staple"), ("again", "battery staple")];
    alice.post_with_token("/profile/password", &fields).expect(303);
    let code = app.fresh_code_of(&seed);
    waiting.post_with_token("/sign-in/code", &[("code", &code)]).expect(410);
    assert_eq!(waiting.get("/apps").status, 303);

    let waiting = app.visitor();
    waiting.sign_in("alice", "battery staple").expect(303);
    app.clock().forward(minutes(10));
    waiting.post_with_token("/sign-in/code", &[("code", &app.fresh_code_of(&seed))]).expect(410);
    // Somebody else's cookie is no cookie.
    let bob = app.visitor();
    bob.set_cookie("factor", "made up");
    bob.post_with_token("/sign-in/code", &[("code", "123456")]).expect(410);
    assert_eq!(bob.get("/sign-in/code").header("location").as_deref(), Some("/sign-in"));
}

#[rstest]
fn replacing_asks_for_the_old_one_and_the_new_one_counts_afterwards(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let old = set_up(&app, &alice);
    app.ages_authenticators();
    let page = alice.visit(PAGE).form(PAGE).submit().expect(200);
    let new = shown_seed(&page);
    assert_ne!(new.expose(), old.expose());
    let first = app.fresh_code_of(&new);
    let page =
        page.form("/profile/authenticator/confirm").fill("code", &first).submit().expect(200);
    assert_eq!(page.heading(), "Verify your identity to replace the authenticator");
    let path = page.path().to_owned();
    // The new one proves nothing yet.
    alice.post_with_token(&path, &[("code", &first)]).expect(422);

    let page = page.form(&path).fill("code", &app.fresh_code_of(&old)).submit().expect(200);

    assert!(page.flash().expect("a message").starts_with("Authenticator replaced."));
    let visitor = app.visitor();
    visitor.sign_in("alice", PASSWORD).expect(303);
    let enter = |code: &str| visitor.post_with_token("/sign-in/code", &[("code", code)]).status;
    assert_eq!(enter(&app.fresh_code_of(&old)), 422);
    assert_eq!(enter(&first), 422, "used up by setting it up");
    assert_eq!(enter(&app.fresh_code_of(&new)), 303);
    assert_eq!(notices(&app), 2);
}

#[rstest]
fn removing_asks_for_a_proof_and_signing_in_for_no_code_afterwards(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let seed = set_up(&app, &alice);
    app.ages_authenticators();
    let elsewhere = app.person_with_code("alice", &seed);
    let page = alice.visit(PAGE).form("/profile/authenticator/remove").submit().expect(200);
    let path = page.path().to_owned();

    let page = page.form(&path).fill("code", &app.fresh_code_of(&seed)).submit().expect(200);

    assert!(page.flash().expect("a message").starts_with("Authenticator removed."));
    assert_eq!(elsewhere.get("/apps").status, 303);
    let visitor = app.visitor();
    visitor.sign_in("alice", PASSWORD).expect(303);
    visitor.get("/apps").expect(200);
    assert_eq!(app.count("SELECT count(*) FROM authenticators"), 0);
    // Nothing to remove any more.
    alice.post_with_token("/profile/authenticator/remove", &[]).expect(303);
}

#[rstest]
fn the_host_removes_the_authenticator_of_a_lost_phone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    set_up(&app, &alice);
    let unlock = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_switchroom"))
            .args(["account", "unlock"])
            .args(more)
            .env_clear()
            .env("SWITCHROOM_DATABASE_URL", app.database_url())
            .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
            .output()
            .expect("the program runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    assert_eq!(unlock(&["--email", "nobody@example.com"]).0, Some(1));
    assert_eq!(
        unlock(&["--email", "alice@example.com"]),
        (Some(0), "unlocked: alice@example.com\n".into())
    );
    assert_eq!(app.count("SELECT count(*) FROM authenticators"), 1);

    let removed = unlock(&["--email", "Alice@Example.com", "--remove-authenticator"]);

    assert_eq!(removed.0, Some(0));
    assert!(removed.1.ends_with("authenticator: removed\n"), "{}", removed.1);
    let visitor = app.visitor();
    visitor.sign_in("alice", PASSWORD).expect(303);
    visitor.get("/apps").expect(200);
    assert_eq!(notices(&app), 2);
    let acts = app.db(|conn| {
        texts(conn, "SELECT act AS text FROM audit_events WHERE actor_kind = 'host' ORDER BY workspace_id, position")
    });
    assert_eq!(acts, ["unlock_account", "unlock_account", "remove_authenticator"]);
}
