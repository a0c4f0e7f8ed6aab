//! Freezing an account from a mail, and lifting it.

use std::process::Command;

use rstest::rstest;
use switchroom::accounts::links::Purpose;
use switchroom::clock::minutes;

use crate::support::app::MASTER_KEY;
use crate::support::db::{run, texts};
use crate::support::factors::{account, app_with_everything, app_with_mail, events};
use crate::support::passkey::Device;
use crate::support::{Backend, PASSWORD, Postgres, Sqlite, TestApp};

const NEW: &str = "staple battery horse";

/// The program at the shell of the host, on the app's database.
fn host(app: &TestApp, arguments: &[&str]) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_switchroom"))
        .args(arguments)
        .env_clear()
        .env("SWITCHROOM_DATABASE_URL", app.database_url())
        .env("SWITCHROOM_MASTER_KEY", MASTER_KEY)
        .output()
        .expect("the program runs");
    let said = if done.status.success() { done.stdout } else { done.stderr };
    (done.status.success(), String::from_utf8(said).expect("UTF-8"))
}

fn password_of(said: &str) -> &str {
    said.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password")
}

#[rstest]
fn the_link_of_a_notice_stops_whoever_changed_the_password(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (thief, elsewhere, other) = (app.person("erin"), app.person("erin"), app.person("vera"));
    let form = thief.visit("/profile").form("/profile/password");
    form.fill("current", PASSWORD).fill("password", NEW).fill("again", NEW).submit().expect(200);
    elsewhere.get("/profile").expect(303);
    let link = app.take_link("erin@example.com", "/freeze");
    let waiting = thief.visit("/profile/email").form("/profile/email");
    waiting.fill("email", "thief@example.com").submit().expect(200);
    let reset = app.has_link("erin", Purpose::ResetPassword, "erin@example.com");
    app.take_letters();

    let reader = app.visitor();
    let page = reader.visit(&link).expect(200);
    assert_eq!(page.heading(), "Freeze your account");
    thief.get("/profile").expect(200);
    let page = page.form(&link).submit().expect(200);

    let said = "Account frozen, and all sign-ins have ended. Nobody signs in until the operator lifts it: ask them.";
    assert_eq!(page.flash().as_deref(), Some(said));
    thief.get("/profile").expect(303);
    other.get("/profile").expect(200);
    app.visitor().get(&reset).expect(404);
    app.visitor().get(&link).expect(404);
    let query = "SELECT count(*) FROM challenges WHERE state = 'open'";
    assert_eq!(app.count(query), 0);
    let letter = app.take_letter();
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("erin@example.com", "Account frozen")
    );
    assert!(letter.links()[0].ends_with("/sign-in"), "{}", letter.text);
    let said = events(&app);
    assert_eq!(said.last().map(String::as_str), Some("freeze_account done"));

    // Whoever knows the password is told why it does not open anything; nobody else is.
    let frozen = "This account is frozen. Ask the operator to lift it";
    let wrong = "The e-mail address or the password is not right";
    for (password, said) in [(NEW, frozen), ("wrong password", wrong)] {
        let visitor = app.visitor();
        let page = visitor.visit("/sign-in").form("Sign in");
        let page = page.fill("email", "erin@example.com").fill("password", password).submit();
        page.expect(422).problem("email", said);
    }
    app.visitor().post_with_token("/forgot-password", &[("email", "erin@example.com")]).expect(303);
    assert!(app.take_letters().is_empty());
}

#[rstest]
fn the_host_lifts_it_with_a_new_password(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let link = app.has_link("erin", Purpose::Freeze, "erin@example.com");
    let unfreeze = ["account", "unfreeze", "--email", "Erin@example.com"];
    let (done, said) = host(&app, &unfreeze);
    assert!(!done && said.contains("the account is not frozen"), "{said}");
    app.visitor().post_with_token(&link, &[]).expect(303);

    let (done, said) = host(&app, &unfreeze);

    assert!(done && said.starts_with("unfrozen: erin@example.com\n"), "{said}");
    app.visitor().sign_in("erin", PASSWORD).expect(422);
    app.visitor().sign_in("erin", password_of(&said)).expect(303);
    let last = events(&app);
    assert!(last.contains(&"unfreeze_account done".to_owned()), "{last:?}");
    let (done, said) = host(&app, &["account", "unfreeze", "--email", "nobody@example.com"]);
    assert!(!done && said.contains("nobody has the address"), "{said}");
}

#[rstest]
fn a_changed_address_is_frozen_from_the_old_one_and_given_back(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let link = app.has_link("erin", Purpose::ChangeEmail, "thief@example.com");
    app.visitor().post_with_token(&link, &[]).expect(303);
    let link = app.take_link("erin@example.com", "/freeze");

    app.visitor().post_with_token(&link, &[]).expect(303);

    let mut told: Vec<_> = app.take_letters().into_iter().map(|letter| letter.to).collect();
    told.sort();
    assert_eq!(told, ["erin@example.com", "thief@example.com"]);
    let back = ["account", "unfreeze", "--email", "erin@example.com", "--email-back"];
    let (done, said) = host(&app, &back);
    assert!(done && said.starts_with("unfrozen: erin@example.com\n"), "{said}");
    app.visitor().sign_in("erin", password_of(&said)).expect(303);
    app.visitor().sign_in_as("thief@example.com", password_of(&said)).expect(422);
}

#[rstest]
fn nothing_that_a_thief_has_added_is_left_when_it_is_lifted(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_everything(on) else { return };
    let theirs = Device::new(1);
    app.has_passkey("erin", &theirs);
    app.has_phone("erin", "+8613800138000");
    app.has_identity(account("erin"), "http://127.0.0.1:9", "thief");
    let link = app.has_link("erin", Purpose::Freeze, "erin@example.com");
    app.visitor().post_with_token(&link, &[]).expect(303);
    theirs.sign_in(&app.visitor()).expect(422);

    let (done, said) = host(&app, &["account", "unfreeze", "--email", "erin@example.com"]);

    assert!(done && said.contains("passkeys: removed\ntelephone: removed\n"), "{said}");
    app.clock().forward(minutes(1));
    theirs.sign_in(&app.visitor()).expect(422);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    app.visitor().sign_in("erin", password_of(&said)).expect(303);
}

#[rstest]
fn an_address_that_was_taken_meanwhile_is_not_given_back(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let link = app.has_link("erin", Purpose::Freeze, "before@example.com");
    app.visitor().post_with_token(&link, &[]).expect(303);
    app.db(|conn| {
        let query = "UPDATE accounts SET email_key = 'before@example.com' WHERE name = 'bob'";
        run(conn, query);
    });

    let back = ["account", "unfreeze", "--email", "erin@example.com", "--email-back"];
    let (done, said) = host(&app, &back);

    assert!(!done && said.contains("already in use"), "{said}");
    let query = "SELECT count(*) FROM accounts WHERE frozen_at IS NOT NULL";
    assert_eq!(app.count(query), 1);
}

#[rstest]
fn notices_of_changes_freeze_and_an_unconfirmed_address_gets_no_such_link(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    app.has_authenticator("erin");
    let remove = ["account", "unlock", "--email", "erin@example.com", "--remove-authenticator"];
    assert!(host(&app, &remove).0);
    app.take_link("erin@example.com", "/freeze");

    app.has_unconfirmed("erin");
    let erin = app.person("erin");
    let form = erin.visit("/profile").form("/profile/password");
    form.fill("current", PASSWORD).fill("password", NEW).fill("again", NEW).submit().expect(200);
    let letter = app.take_letter();
    assert!(letter.links()[0].ends_with("/profile"), "{}", letter.text);
    let purposes = app.db(|conn| texts(conn, "SELECT purpose AS text FROM account_links"));
    assert_eq!(purposes, ["freeze"]);
}
