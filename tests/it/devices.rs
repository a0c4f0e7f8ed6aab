//! Browsers that are known again, and the mail about one that is not.

use rstest::rstest;
use switchroom::clock::{days, hours};
use switchroom::devices::{DEVICES_MAX, KEPT_FOR};
use switchroom::i18n::Language;
use switchroom::notify::store::outbox_latest;
use switchroom::notify::{Message, render};

use crate::support::db::{Filling, every_row, run};
use crate::support::factors::app_with_mail;
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on, demo_on, start, wait,
};

const DEVICE: &str = "device";

/// Signs out and in again in the same browser.
fn again(actor: &Actor<'_>, name: &str) {
    actor.visit("/profile").form("Sign out").submit().expect(200);
    actor.sign_in(name, PASSWORD).expect(303);
}

/// The mails about new devices: recipient and text.
fn mails(app: &TestApp) -> Vec<(String, String)> {
    let vault = &app.services().vault;
    let base = &app.services().settings.base_url;
    let all = app.db(|conn| outbox_latest(conn, vault, 50)).expect("mails");
    let all = all.into_iter().filter_map(|mail| {
        let letter = mail.letter?;
        matches!(letter.message, Message::NewDevice { .. }).then(|| {
            let language = mail.language;
            let text = render(&letter, language, base).expect("a mail").text;
            (mail.recipient, text.expose().to_owned())
        })
    });
    all.collect()
}

/// Somebody signed in on a device of their own.
fn elsewhere<'a>(app: &'a TestApp, name: &str) -> Actor<'a> {
    let actor = app.visitor();
    actor.sign_in(name, PASSWORD).expect(303);
    actor
}

#[rstest]
fn a_new_device_is_told_to_the_person_and_a_known_one_is_not(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let first = elsewhere(&app, "alice");
    assert_eq!(mails(&app), []);
    again(&first, "alice");
    assert_eq!(mails(&app), []);

    let second = elsewhere(&app, "alice");

    let told = mails(&app);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "alice@example.com");
    // The workspace is in Shanghai.
    assert!(told[0].1.contains("When: 2026-03-02 16:00 (Asia/Shanghai)"), "{}", told[0].1);
    let link = format!("{}/profile/sessions", app.services().settings.base_url);
    assert!(told[0].1.contains(&link), "{}", told[0].1);
    again(&second, "alice");
    again(&first, "alice");
    assert_eq!(mails(&app).len(), 1);
    // Another account in a browser that somebody else has used: its own first, then a new one.
    first.visit("/profile").form("Sign out").submit().expect(200);
    first.sign_in("adam", PASSWORD).expect(303);
    assert_eq!(mails(&app).len(), 1);
    elsewhere(&app, "adam");
    assert_eq!(mails(&app).len(), 2);
    assert_eq!(app.count("SELECT count(*) FROM devices"), 4);
}

#[rstest]
fn the_mail_is_in_the_language_and_zone_of_the_person_and_leads_to_the_setting(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let own = "UPDATE accounts SET language = 'zh-CN', time_zone = 'Europe/Berlin' WHERE id = 1";
    app.db(|conn| run(conn, own));
    elsewhere(&app, "alice");
    let stranger = app.visitor();
    let fields = [
        ("token", stranger.token()),
        ("email", "alice@example.com".to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    let request = crate::support::Request::form("/sign-in", &fields)
        .header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        )
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test");
    stranger.send(stranger.by_browser(request)).expect(303);

    let (_, text) = mails(&app).remove(0);

    assert!(text.contains("时间：2026-03-02 09:00 (Europe/Berlin)"), "{text}");
    assert!(text.contains("浏览器：Firefox · Linux"), "{text}");
    assert!(!text.contains("evil.test"), "{text}");
    assert_eq!(Language::Chinese.texts().mail_new_device(), "你的账号在新设备上登录");
}

#[rstest]
fn a_device_counts_once_the_second_factor_was_right(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let seed = app.has_authenticator("alice");
    app.person_with_code("alice", &seed);

    let stranger = app.visitor();
    let answer = stranger.sign_in("alice", PASSWORD).expect(303);
    assert_eq!((mails(&app).len(), stranger.cookie(DEVICE)), (0, None));
    assert_eq!(app.count("SELECT count(*) FROM devices"), 1);
    let code = app.fresh_code_of(&seed);
    let page = stranger.visit(&answer.header("location").expect("a page"));
    page.form("Enter your code").fill("code", &code).send().expect(303);

    assert_eq!(mails(&app).len(), 1);
    assert!(stranger.cookie(DEVICE).is_some());
    assert_eq!(app.count("SELECT count(*) FROM devices"), 2);
}

#[rstest]
fn nobody_becomes_a_device_who_does_not_get_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    elsewhere(&app, "alice");
    let stranger = app.visitor();
    stranger.sign_in("alice", "wrong password").expect(422);
    stranger.sign_in("nobody", PASSWORD).expect(422);

    assert_eq!(stranger.cookie(DEVICE), None);
    assert_eq!(app.count("SELECT count(*) FROM devices"), 1);
    assert_eq!(mails(&app), []);
}

#[rstest]
fn a_cookie_that_we_did_not_write_makes_no_device_known(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = elsewhere(&app, "alice");
    let real = alice.cookie(DEVICE).expect("a cookie");
    let text = app.db(every_row).join("\n");
    assert!(!text.contains(&real), "the cookie is stored as it is");

    for (at, planted) in
        ["x", "", &real[1..], &format!("{real}x"), &"a".repeat(4_000)].into_iter().enumerate()
    {
        let browser = app.visitor();
        browser.set_cookie(DEVICE, planted);
        browser.sign_in("alice", PASSWORD).expect(303);
        assert_eq!(mails(&app).len(), at + 1, "{planted}");
        assert_ne!(browser.cookie(DEVICE).as_deref(), Some(planted));
    }
    // It opens nothing by itself.
    let thief = app.visitor();
    thief.set_cookie(DEVICE, &real);
    thief.get("/profile").expect(303);
}

#[rstest]
fn the_cookie_lives_for_four_hundred_days_and_is_bound_as_others_are(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let https = [("base_url", "https://console.example.com")];
    let Some(app) = start(on, Filling::Cast, &https) else { return };
    let answer = app.visitor().sign_in("alice", PASSWORD).expect(303);
    let lines = answer.headers_named("set-cookie");
    let line = lines.into_iter().find(|line| line.contains("device=")).expect("a cookie");
    assert!(line.starts_with("__Host-device="), "{line}");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=34560000"] {
        assert!(line.split("; ").any(|known| known == part), "{line} lacks {part}");
    }
}

#[rstest]
fn of_many_devices_the_one_that_was_used_last_long_ago_is_forgotten(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let oldest = elsewhere(&app, "alice");
    app.clock().forward(hours(1));
    let insert = |number: i64| {
        format!(
            "INSERT INTO devices (account_id, digest, created_at, last_seen_at) \
             VALUES (1, 'digest {number:03}', 0, {})",
            app.clock().now().0 + number
        )
    };
    let all: Vec<_> = (0..DEVICES_MAX - 1).map(insert).collect();
    app.db(|conn| run(conn, &all.join("; ")));
    app.clock().forward(hours(1));
    assert_eq!(app.count("SELECT count(*) FROM devices"), DEVICES_MAX);

    elsewhere(&app, "alice");
    assert_eq!(app.count("SELECT count(*) FROM devices"), DEVICES_MAX);
    assert_eq!(app.count("SELECT count(*) FROM devices WHERE digest = 'digest 000'"), 1);
    assert_eq!(mails(&app).len(), 1);
    oldest.sign_in("alice", PASSWORD).expect(303);
    assert_eq!(mails(&app).len(), 2);
    assert_eq!(app.count("SELECT count(*) FROM devices WHERE digest = 'digest 000'"), 0);
}

#[rstest]
fn a_device_is_forgotten_after_four_hundred_days(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    elsewhere(&app, "alice");
    let sweep = || wait(switchroom::upkeep::sweep(app.services())).expect("swept");

    app.clock().forward(KEPT_FOR);
    sweep();
    assert_eq!(app.count("SELECT count(*) FROM devices"), 1);
    app.clock().forward(days(1));
    sweep();
    assert_eq!(app.count("SELECT count(*) FROM devices"), 0);
}

#[rstest]
fn the_first_run_makes_the_operators_browser_known(#[values(Sqlite, Postgres)] on: Backend) {
    let mail = [("smtp_url", "smtp://127.0.0.1:9?tls=off")];
    let Some(app) = start(on, Filling::Schema, &mail) else { return };
    let visitor = app.visitor();
    let page = visitor.visit(&app.setup_link().expect("a link")).expect(200);
    let form = page.forms().into_iter().find(|form| form.has_open("workspace")).expect("a form");
    let form = form.fill("name", "Zoe").fill("email", "zoe@example.com");
    form.fill("password", PASSWORD).fill("workspace", "Zeta").send().expect(303);

    again(&visitor, "zoe");
    assert_eq!(mails(&app), []);
    app.visitor().sign_in("zoe", PASSWORD).expect(303);
    assert_eq!(mails(&app).len(), 1);
}

#[rstest]
fn the_people_of_the_demonstration_get_no_mail_about_its_visitors(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = demo_on(on) else { return };
    elsewhere(&app, "alice");
    elsewhere(&app, "alice");
    assert_eq!(app.count("SELECT count(*) FROM devices"), 2);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}
