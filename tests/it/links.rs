//! Links that are mailed about an account: what holds for all of them.

use rstest::rstest;
use switchroom::accounts::factors::actions::unlock;
use switchroom::accounts::links::Purpose;
use switchroom::accounts::links::store::links_sweep;
use switchroom::accounts::store::{Credentials, credentials_by_email};
use switchroom::clock::{days, minutes};
use switchroom::upkeep;

use crate::support::app::email;
use crate::support::db::run;
use crate::support::factors::app_with_mail;
use crate::support::letters::Letter;
use crate::support::page::Page;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Request, Sqlite, TestApp, at_once, wait};

const NEW: &str = "elsewhere@example.com";
const CHOSEN: &str = "staple battery horse";

/// Follows a link as a browser does: the page, then its only form.
fn follow(actor: &Actor<'_>, path: &str) -> Page<'static> {
    let form = actor.visit(path).expect(200).form(path);
    let form = if form.has_open("password") {
        form.fill("password", CHOSEN).fill("again", CHOSEN)
    } else {
        form
    };
    Page::detached(path, form.send())
}

/// Where a link about erin was mailed to.
fn mailed_to(purpose: Purpose) -> String {
    if purpose == Purpose::ChangeEmail { NEW.to_owned() } else { email("erin") }
}

/// A link about erin that works now.
fn fresh(app: &TestApp, purpose: Purpose) -> String {
    app.has_link("erin", purpose, &mailed_to(purpose))
}

/// Everything that mails: each of the links, each of the notices.
fn everything_that_mails(app: &TestApp, dress: &dyn Fn(Request) -> Request) {
    let post = |actor: &Actor<'_>, path: &str, fields: &[(&str, &str)]| {
        let token = ("token".to_owned(), actor.token());
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let fields: Vec<_> = std::iter::once(token).chain(fields).collect();
        actor.send(dress(actor.by_browser(Request::form(path, &fields))))
    };
    app.has_unconfirmed("vera");
    let (vera, erin, adam) = (app.person("vera"), app.person("erin"), app.person("adam"));
    post(&vera, "/profile/email/confirm", &[]).expect(303);
    post(&app.visitor(), "/forgot-password", &[("email", "oscar@example.com")]).expect(303);
    for (actor, to) in [(&erin, NEW), (&adam, "bob@example.com")] {
        let asked = post(actor, "/profile/email", &[("email", to)]).expect(303);
        let challenge = asked.header("location").expect("a challenge");
        // The codes of one moment come in no order.
        let codes = app.letters().into_iter().filter(|letter| letter.text.contains("Code: "));
        for letter in codes {
            let code = letter.text.split("Code: ").nth(1).expect("a code")[..6].to_owned();
            post(actor, &challenge, &[("code", &code)]);
        }
    }
    let change = [("current", PASSWORD), ("password", CHOSEN), ("again", CHOSEN)];
    post(&erin, "/profile/password", &change).expect(303);
    let reset = fresh(app, Purpose::ResetPassword);
    post(&app.visitor(), &reset, &[("password", PASSWORD), ("again", PASSWORD)]).expect(303);
    for purpose in [Purpose::ChangeEmail, Purpose::Freeze] {
        let path = app.has_link("fiona", purpose, "fiona2@example.com");
        post(&app.visitor(), &path, &[]).expect(303);
    }
}

#[rstest]
fn a_program_that_opens_every_link_of_every_mail_changes_nothing(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    everything_that_mails(&app, &|request| request);
    let letters = app.letters();
    let pages = ["/confirm-email", "/change-email", "/reset-password", "/freeze"];
    for page in pages {
        let has = |it: &String| it.contains(&format!("{page}?key="));
        assert!(letters.iter().any(|letter| letter.links().iter().any(has)), "{page}");
    }
    let (visitor, owner) = (app.visitor(), app.owner());
    let before = app.rows();

    let mut opened = 0;
    for link in letters.iter().flat_map(Letter::links) {
        let path = link.trim_start_matches(&app.services().settings.base_url).to_owned();
        for actor in [&visitor, &owner] {
            for method in ["GET", "HEAD", "GET"] {
                let answer = actor.send(Request::new(method, &path));
                assert!(answer.status < 400 || answer.status == 404, "{path}: {}", answer.status);
                opened += 1;
            }
        }
    }
    assert!(opened > 40, "{opened}");
    app.expect_unchanged(&before, "looking at links");
}

#[rstest]
fn links_in_mail_begin_with_the_setting_whatever_a_request_calls_the_host(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let poisoned = |request: Request| {
        request
            .header("host", "evil.test")
            .header("x-forwarded-host", "evil.test")
            .header("x-forwarded-proto", "https")
            .header("x-original-url", "https://evil.test/")
            .header("forwarded", "for=192.0.2.1;host=evil.test;proto=https")
    };
    everything_that_mails(&app, &poisoned);

    let base = format!("{}/", app.services().settings.base_url);
    let letters = app.letters();
    assert!(letters.len() >= 8, "{}", letters.len());
    for letter in letters {
        assert!(!letter.links().is_empty(), "{letter:#?}");
        for link in letter.links() {
            assert!(link.starts_with(&base), "{link}");
        }
        let (hrefs, ours) = ("href=\"", format!("href=\"{base}"));
        assert_eq!(letter.html.matches(hrefs).count(), letter.html.matches(&ours).count());
        assert!(!letter.text.contains("evil") && !letter.html.contains("evil"), "{letter:#?}");
    }
}

#[rstest]
fn a_link_works_once_and_for_its_purpose_alone(#[values(Sqlite, Postgres)] on: Backend) {
    for purpose in Purpose::ALL.iter().copied() {
        let Some(app) = app_with_mail(on) else { return };
        app.has_unconfirmed("erin");
        let path = fresh(&app, purpose);
        let key = path.split_once('?').expect("a key").1;
        for other in ["/confirm-email", "/change-email", "/reset-password", "/freeze"] {
            if !path.starts_with(other) {
                app.visitor().get(&format!("{other}?{key}")).expect(404);
            }
        }
        let before = app.count("SELECT count(*) FROM audit_events");

        let done = follow(&app.visitor(), &path).expect(303);
        assert!(done.response().header("location").is_some());
        assert_eq!(app.count("SELECT count(*) FROM audit_events"), before + 1, "{purpose}");

        let after = app.rows();
        let visitor = app.visitor();
        let gone = visitor.visit(&path).expect(404);
        assert_eq!(gone.heading(), "This link does not work any more");
        let again = [("password", CHOSEN), ("again", CHOSEN)];
        let fields: &[_] = if purpose == Purpose::ResetPassword { &again } else { &[] };
        // The same page, whatever is wrong with the link.
        let sent = Page::detached(&path, visitor.post_with_token(&path, fields).expect(404));
        let never = path.split('?').next().expect("a path").to_owned() + "?key=never";
        let never = visitor.visit(&never).expect(404);
        assert_eq!(sent.main_snapshot(), never.main_snapshot());
        assert_eq!(gone.main_snapshot(), never.main_snapshot());
        app.expect_unchanged(&after, "a used link");
    }
}

#[rstest]
fn a_link_ends_after_its_time(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let times = [
        (Purpose::ConfirmEmail, 72 * 60),
        (Purpose::ChangeEmail, 72 * 60),
        (Purpose::ResetPassword, 30),
        (Purpose::Freeze, 72 * 60),
    ];
    for (purpose, time) in times {
        let path = fresh(&app, purpose);
        app.clock().forward(minutes(time - 1));
        app.visitor().get(&path).expect(200);
        let form = app.visitor().visit(&path).form(&path);
        app.clock().forward(minutes(1));
        let before = app.rows();
        app.visitor().get(&path).expect(404);
        form.send().expect(404);
        app.expect_unchanged(&before, "a link that has ended");
    }
    app.clock().forward(days(31));
    wait(upkeep::sweep(app.services())).expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM account_links"), 0);
    let now = app.clock().now();
    assert_eq!(app.db(|conn| links_sweep(conn, now, 10)).expect("swept"), 0);
}

#[rstest]
fn of_forty_uses_of_a_link_at_once_exactly_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let visitor = app.visitor();
    let token = visitor.token();
    for (purpose, rounds) in [
        (Purpose::ConfirmEmail, 20),
        (Purpose::ChangeEmail, 20),
        (Purpose::Freeze, 20),
        // Each of them takes a hash.
        (Purpose::ResetPassword, 20),
    ] {
        for round in 0..rounds {
            app.db(|conn| {
                run(
                    conn,
                    "UPDATE accounts SET frozen_at = NULL, email = 'erin@example.com', \
                     email_key = 'erin@example.com', email_verified_at = NULL WHERE name = 'erin'",
                );
            });
            let path = fresh(&app, purpose);
            let events = app.count("SELECT count(*) FROM audit_events WHERE outcome = 'done'");
            let mut fields = vec![("token".to_owned(), token.clone())];
            if purpose == Purpose::ResetPassword {
                fields.extend(
                    ["password", "again"]
                        .map(|name| (name.to_owned(), format!("{CHOSEN} {round}"))),
                );
            }
            let answers = at_once(40, |_| visitor.copied().post(&path, &fields).status);
            let done = answers.iter().filter(|status| **status == 303).count();
            assert_eq!(done, 1, "{purpose}, round {round}: {answers:?}");
            // 503: more hashes than may wait.
            let others = answers.iter().all(|status| [303, 404, 503].contains(status));
            assert!(others, "{purpose}, round {round}: {answers:?}");
            let after = app.count("SELECT count(*) FROM audit_events WHERE outcome = 'done'");
            assert_eq!(after, events + 1, "{purpose}, round {round}");
        }
    }
}

#[rstest]
fn whoever_secures_their_account_ends_the_links_that_take_it_over(
    #[values(Sqlite, Postgres)] on: Backend,
    #[values("password", "reset", "factor", "host")] by: &str,
) {
    let Some(app) = app_with_mail(on) else { return };
    let theft = app.has_link("erin", Purpose::ChangeEmail, "thief@example.com");
    let reset = app.has_link("erin", Purpose::ResetPassword, "erin@example.com");
    let passwords = [("password", CHOSEN), ("again", CHOSEN)];

    match by {
        "password" => {
            let form = app.person("erin").visit("/profile").form("/profile/password");
            let form = form.fill("current", PASSWORD).fill("password", CHOSEN);
            form.fill("again", CHOSEN).submit().expect(200);
        }
        "reset" => {
            let own = app.has_link("erin", Purpose::ResetPassword, "erin@example.com");
            app.visitor().post_with_token(&own, &passwords).expect(303);
        }
        "factor" => {
            let erin = app.person("erin");
            let asked = erin.post_with_token("/profile/recovery-codes", &[]).expect(303);
            let path = asked.header("location").expect("a challenge");
            let code = app.mailed_code().0;
            erin.visit(&path).form(&path).fill("code", &code).send().expect(303);
        }
        _ => {
            app.has_authenticator("erin");
            let owner = credentials(&app, "erin");
            wait(unlock(app.services(), owner, true)).expect("unlocked");
        }
    }

    app.visitor().post_with_token(&theft, &[]).expect(404);
    app.visitor().post_with_token(&reset, &passwords).expect(404);
    let kept = "SELECT count(*) FROM accounts WHERE email_key = 'erin@example.com'";
    assert_eq!(app.count(kept), 1);
}

fn credentials(app: &TestApp, name: &str) -> Credentials {
    let found = app.db(|conn| credentials_by_email(conn, &email(name)));
    found.expect("an answer").expect("somebody")
}

#[rstest]
fn what_a_link_is_made_of_is_nowhere_in_the_database(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    app.visitor().post_with_token("/forgot-password", &[("email", "erin@example.com")]).expect(303);
    let rows = app.db(crate::support::db::every_row).join("\n");

    let path = app.take_link("erin@example.com", "/reset-password");
    let key = path.split_once("key=").expect("a key").1;

    assert_eq!(key.len(), 43, "256 bits");
    assert!(!rows.contains(key));
}

#[rstest]
fn a_link_of_somebody_who_may_not_sign_in_does_not_work(#[values(Sqlite, Postgres)] on: Backend) {
    for column in ["disabled_at", "frozen_at"] {
        let Some(app) = app_with_mail(on) else { return };
        let paths = Purpose::ALL.iter().map(|purpose| fresh(&app, *purpose)).collect::<Vec<_>>();
        let query = format!("UPDATE accounts SET {column} = 1 WHERE name = 'erin'");
        app.db(|conn| run(conn, &query));
        for path in paths {
            app.visitor().get(&path).expect(404);
            app.visitor().post_with_token(&path, &[]).expect(404);
        }
    }
}

#[rstest]
fn no_link_page_leads_to_another_site(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    for return_to in ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"] {
        app.has_unconfirmed("erin");
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", return_to)
            .finish();
        let path = format!("{}&{query}", fresh(&app, Purpose::ConfirmEmail));
        let visitor = app.visitor();
        let page = visitor.visit(&path).expect(200);
        assert!(page.links().iter().all(|link| link.starts_with('/')), "{:?}", page.links());
        let done = visitor.post_with_token(&path, &[]).expect(303);
        assert_eq!(done.header("location").as_deref(), Some("/sign-in"));
        let page = app.visitor().visit(&format!("/forgot-password?{query}")).expect(200);
        assert!(page.links().iter().all(|link| link.starts_with('/')), "{:?}", page.links());
    }
}
