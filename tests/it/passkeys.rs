//! Passkeys: adding them, signing in and confirming acts with them.

use rstest::rstest;
use switchroom::clock::{hours, minutes};
use switchroom::ids::SdkAppId;
use switchroom::passkeys::PASSKEYS_MAX;

use crate::support::app::ALPHA;
use crate::support::db::{Filling, run, texts};
use crate::support::factors::{app_with_everything, app_with_mail, events};
use crate::support::page::{Form, Page};
use crate::support::passkey::{BASE_URL, Device};
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, PASSWORD, Postgres, Sqlite, TestApp, at_once, start};

fn sessions(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL")
}

/// Asks to disable an app; the path of the challenge.
fn ask(alice: &Actor<'_>, app: SdkAppId) -> String {
    let answer = alice.post_with_token(&format!("/apps/{app}/disable"), &[]).expect(303);
    answer.header("location").expect("a challenge")
}

fn disabled(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM apps WHERE switch = 'disabled'")
}

fn options(page: &Page<'_>) -> String {
    page.attributes("form[data-passkey]", "data-options").remove(0)
}

/// A form with another answer of a device than its page asked for.
fn answered<'a>(form: &Form<'a>, credential: &str) -> Form<'a> {
    form.clone().forged("credential", credential)
}

#[rstest]
fn a_passkey_is_added_with_a_proof_and_signs_in_alone(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    let alice = app.person("alice");
    let other = app.person("alice");
    let page = alice.visit("/profile/passkeys").expect(200);

    let asked = laptop.fill(&page).fill("name", "Work laptop").send().expect(303);

    assert_eq!(app.count("SELECT count(*) FROM passkeys"), 0, "it waits for a proof");
    let path = asked.header("location").expect("a challenge");
    let challenge = alice.visit(&path);
    assert!(challenge.texts(".facts").join(" ").contains("Work laptop"));
    let code = app.mailed_code().0;
    let done = challenge.form(&path).fill("code", &code).submit().expect(200);
    assert!(done.flash().expect("words").starts_with("Passkey added"));
    assert!(done.texts(".list").join(" ").contains("Work laptop"));
    assert!(done.texts(".list").join(" ").contains("Never used"));
    assert_eq!(other.get("/apps").status, 303, "other sign-ins end");
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'factor_changed'"), 1);

    app.clock().forward(minutes(1));
    let visitor = app.visitor();
    let entered = laptop.sign_in(&visitor).expect(303);
    assert_eq!(entered.header("location").as_deref(), Some("/"));
    let page = visitor.visit("/profile/passkeys").expect(200);
    assert!(!page.texts(".list").join(" ").contains("Never used"));
    assert_eq!(events(&app).last().map(String::as_str), Some("sign_in done passkey"));
    assert!(visitor.visit("/profile").texts("main").join(" ").contains("1 passkey"));
}

#[rstest]
fn where_it_leads_is_kept_and_the_device_is_known_again(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let mails = || app.count("SELECT count(*) FROM outbox WHERE kind = 'new_device'");
    let visitor = app.visitor();

    let form = laptop.fill(&visitor.visit("/sign-in?return_to=%2Faudit"));
    assert_eq!(form.send().expect(303).header("location").as_deref(), Some("/audit"));
    assert_eq!(mails(), 1);
    let elsewhere = laptop.fill(&app.visitor().visit("/sign-in?return_to=%2F%2Fevil.example"));
    assert_eq!(elsewhere.send().expect(422).status, 422, "its page is older than the last use");
    app.clock().forward(minutes(1));
    let elsewhere = laptop.fill(&app.visitor().visit("/sign-in?return_to=%2F%2Fevil.example"));
    assert_eq!(elsewhere.send().expect(303).header("location").as_deref(), Some("/"));

    app.clock().forward(minutes(1));
    visitor.visit("/profile").form("/sign-out").send().expect(303);
    laptop.sign_in(&visitor).expect(303);
    assert_eq!(mails(), 2);
}

#[rstest]
fn a_passkey_is_what_acts_are_confirmed_with_first(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let seed = app.has_authenticator("alice");
    let alice = app.visitor();
    laptop.sign_in(&alice).expect(303);

    let path = ask(&alice, blue);
    let page = alice.visit(&path).expect(200);
    assert_eq!(page.attributes("form[data-passkey]", "data-passkey"), ["get"]);
    assert!(!page.texts(".more").join(" ").contains("Use passkey"));
    // Without script nothing is answered, and the same page says so.
    page.form(&path).submit().expect(422).blames("credential", "JavaScript");
    app.clock().forward(minutes(1));
    let page = alice.visit(&path);
    laptop.fill(&page).send().expect(303);
    assert_eq!(disabled(&app), 1);
    assert!(events(&app).contains(&"disable_app done passkey".to_owned()));

    // The others are there for when the passkey is not.
    app.db(|conn| run(conn, "UPDATE apps SET switch = 'enabled', disabled_by = NULL"));
    let path = ask(&alice, blue);
    let page = alice.visit(&path).form("Use authenticator app").choose("method", "totp").submit();
    let code = app.fresh_code_of(&seed);
    page.expect(200).form(&path).fill("code", &code).send().expect(303);
    assert_eq!(disabled(&app), 1);
}

#[rstest]
fn what_is_not_just_what_the_page_asked_for_is_refused(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (laptop, phone) = (Device::new(1), Device::new(2));
    app.has_passkey("alice", &laptop);
    app.has_passkey("adam", &phone);
    let alice = app.visitor();
    laptop.sign_in(&alice).expect(303);
    app.clock().forward(minutes(1));
    let path = ask(&alice, blue);
    let page = alice.visit(&path);
    let (form, asked) = (laptop.fill(&page), options(&page));
    let imposter = |change: &dyn Fn(&mut Device)| {
        let mut device = Device::new(1);
        change(&mut device);
        answered(&form, &device.answer(&asked))
    };
    let door = app.visitor().visit("/sign-in");
    let ceremony_of = |page: &Page<'_>| {
        page.attributes("form[data-passkey] input[name=ceremony]", "value").remove(0)
    };
    let mut altered = ceremony_of(&page);
    altered.replace_range(80..81, if &altered[80..81] == "A" { "B" } else { "A" });
    let wrong = [
        imposter(&|it| it.origin = "http://localhost.evil.example:8080".into()),
        imposter(&|it| it.origin = "http://localhost:8081".into()),
        imposter(&|it| it.host = "evil.example".into()),
        imposter(&|it| it.verifies = false),
        // Signed by another key under the same name.
        answered(&form, &Device::new(2).answer(&asked).replace(&phone.id(), &laptop.id())),
        // Of another person.
        answered(&form, &phone.answer(&asked)),
        // To what another page asked.
        answered(&form, &laptop.answer(&options(&door))),
        answered(&form, &laptop.answer(&options(&door))).forged("ceremony", &ceremony_of(&door)),
        form.clone().forged("ceremony", &altered),
        form.clone().forged("ceremony", ""),
        answered(&form, "{}"),
        answered(&form, &"[".repeat(10_000)),
    ];
    let before = app.count("SELECT count(*) FROM audit_events WHERE reason = 'wrong_passkey'");

    for (at, form) in wrong.iter().enumerate() {
        let refused = form.submit().expect(422);
        refused.blames("credential", "not accepted");
        assert_eq!(disabled(&app), 0, "{at}");
    }

    let query = "SELECT count(*) FROM audit_events WHERE reason = 'wrong_passkey'";
    assert_eq!(app.count(query), before + 12);
    // None of that took a try: nobody guesses a passkey.
    assert_eq!(app.count("SELECT count(*) FROM factor_attempts"), 0);
    // Nor does what the page asked sign anybody in.
    let visitor = app.visitor();
    let crossed = laptop.fill(&visitor.visit("/sign-in")).forged("ceremony", &ceremony_of(&page));
    answered(&crossed, &laptop.answer(&asked)).submit().expect(422);
    app.clock().forward(minutes(9));
    form.send().expect(303);
    assert_eq!(disabled(&app), 1, "the right one does");
}

#[rstest]
fn an_answer_comes_in_time_and_works_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let visitor = app.visitor();
    let late = laptop.fill(&visitor.visit("/sign-in"));
    app.clock().forward(minutes(10));
    late.submit().expect(422).blames("credential", "too long");

    let form = laptop.fill(&visitor.visit("/sign-in"));
    form.sent_by(&app.visitor()).expect(422);
    form.send().expect(303);
    let thief = app.visitor();
    let page = thief.visit("/sign-in");
    let stolen = form.fields();
    let stolen =
        |name: &str| stolen.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let again = page
        .form("/sign-in/passkey")
        .forged("ceremony", &stolen("ceremony").expect("one"))
        .forged("credential", &stolen("credential").expect("one"));
    again.submit().expect(422);
    thief.get("/apps").expect(303);

    // A copy of the device counts from where it was copied.
    app.clock().forward(minutes(1));
    laptop.turns_back();
    laptop.fill(&thief.visit("/sign-in")).submit().expect(422).blames("credential", "not accepted");
}

#[rstest]
fn of_forty_parallel_uses_of_one_answer_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    for round in 0..20 {
        app.db(|conn| run(conn, "DELETE FROM throttles"));
        app.clock().forward(minutes(1));
        let before = sessions(&app);
        let visitor = app.visitor();
        let form = laptop.fill(&visitor.visit("/sign-in"));
        let copies: Vec<_> = (0..40).map(|_| visitor.copied()).collect();
        let fields = form.fields();
        let answers = at_once(40, |at| copies[at].post("/sign-in/passkey", &fields).status);
        let entered = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(entered, 1, "round {round}: {answers:?}");
        assert_eq!(sessions(&app), before + 1, "round {round}");
    }
}

#[rstest]
fn of_forty_parallel_uses_for_an_act_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let done = "SELECT count(*) FROM audit_events WHERE act = 'disable_app' AND outcome = 'done'";
    for round in 1..=20 {
        app.db(|conn| {
            run(conn, "DELETE FROM throttles");
            run(conn, "UPDATE apps SET switch = 'enabled', disabled_by = NULL");
        });
        let alice = app.visitor();
        laptop.sign_in(&alice).expect(303);
        app.clock().forward(minutes(1));
        let path = ask(&alice, blue);
        let fields = laptop.fill(&alice.visit(&path)).fields();
        let copies: Vec<_> = (0..40).map(|_| alice.copied()).collect();
        let answers = at_once(40, |at| copies[at].post(&path, &fields).status);
        assert!(answers.iter().all(|status| [303, 410, 422].contains(status)), "{answers:?}");
        assert_eq!(app.count(done), round);
        app.clock().forward(minutes(1));
    }
}

#[rstest]
fn a_password_does_not_do_without_the_passkey(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    app.clock().forward(minutes(1));
    let visitor = app.visitor();

    let answer = visitor.sign_in("alice", PASSWORD).expect(303);

    visitor.get("/apps").expect(303);
    let page = visitor.visit(&answer.header("location").expect("a page")).expect(200);
    assert_eq!(page.heading(), "Use a passkey");
    assert_eq!(page.count("form[action='/sign-in/code']"), 0, "there is no authenticator");
    let allowed = options(&page);
    assert!(allowed.contains(&laptop.id()), "{allowed}");
    // A code is none that could be right.
    visitor.post_with_token("/sign-in/code", &[("code", "123456")]).expect(422);
    visitor.get("/apps").expect(303);
    laptop.fill(&page).send().expect(303);
    visitor.get("/apps").expect(200);
    assert_eq!(visitor.visit("/sign-in/code").path(), "/", "nothing waits for a code");

    // With an authenticator, either does.
    let seed = app.has_authenticator("alice");
    let visitor = app.visitor();
    let answer = visitor.sign_in("alice", PASSWORD).expect(303);
    let page = visitor.visit(&answer.header("location").expect("a page"));
    assert_eq!(page.count("form[data-passkey]"), 1);
    let code = app.fresh_code_of(&seed);
    page.form("/sign-in/code").fill("code", &code).send().expect(303);
    visitor.get("/apps").expect(200);
}

#[rstest]
fn whoever_may_not_sign_in_does_not_by_passkey(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let (laptop, stranger) = (Device::new(1), Device::new(2));
    app.has_passkey("alice", &laptop);
    let mut words = Vec::new();
    for change in ["disabled_at = 1", "disabled_at = NULL, frozen_at = 1", "frozen_at = NULL"] {
        app.clock().forward(minutes(1));
        app.db(|conn| run(conn, &format!("UPDATE accounts SET {change} WHERE id = 1")));
        if change != "frozen_at = NULL" {
            words.push(laptop.fill(&app.visitor().visit("/sign-in")).submit().expect(422));
        }
    }
    words.push(stranger.fill(&app.visitor().visit("/sign-in")).submit().expect(422));
    let words: Vec<_> = words.iter().map(|page| page.problem_of("credential")).collect();
    assert!(words.iter().all(|it| it.is_some() && *it == words[0]), "all alike: {words:?}");
    laptop.sign_in(&app.visitor()).expect(303);
}

#[rstest]
fn passkeys_that_are_wrong_count_against_the_network(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let (laptop, stranger) = (Device::new(1), Device::new(2));
    app.has_passkey("alice", &laptop);
    let visitor = app.visitor();
    for _ in 0..30 {
        stranger.sign_in(&visitor).expect(422);
    }
    let held = stranger.sign_in(&visitor).expect(429);
    assert!(held.header("retry-after").is_some());
    laptop.sign_in(&visitor).expect(429);
    app.clock().forward(minutes(15));
    laptop.sign_in(&visitor).expect(303);
}

#[rstest]
fn where_nothing_can_be_proved_the_password_stands_in(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = start(on, Filling::Cast, &[("base_url", BASE_URL)]) else { return };
    let laptop = Device::new(1);
    let alice = app.person("alice");
    let page = alice.visit("/profile/passkeys").expect(200);
    let form = laptop.fill(&page).fill("name", "Laptop");

    form.submit().expect(422).blames("password", "Fill in");
    let page = form.clone().fill("password", "not hers at all").submit().expect(422);

    page.blames("password", "not");
    assert_eq!(app.count("SELECT count(*) FROM passkeys"), 0);
    // What the device has made already is kept for the next try.
    let kept = page.form("/profile/passkeys");
    assert_eq!(kept.value("name"), "Laptop");
    assert_eq!(kept.value("credential"), form.value("credential"));
    kept.fill("password", PASSWORD).send().expect(303);
    assert_eq!(app.count("SELECT count(*) FROM passkeys"), 1);
    app.clock().forward(minutes(1));
    laptop.sign_in(&app.visitor()).expect(303);
}

#[rstest]
fn a_slip_in_the_name_loses_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    let alice = app.person("alice");
    let form = laptop.fill(&alice.visit("/profile/passkeys"));
    for (name, words) in [("", "Fill in"), (&*"x".repeat(65), "64"), ("a\u{7}b", "control")] {
        let page = form.clone().fill("name", name).submit().expect(422);
        page.blames("name", words);
        let kept = page.form("/profile/passkeys");
        assert_eq!(kept.value("credential"), form.value("credential"));
    }
    form.fill("name", "Laptop").send().expect(303);
}

#[rstest]
fn a_young_passkey_does_not_confirm_what_is_dangerous(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (old, young) = (Device::new(1), Device::new(2));
    app.has_passkey("alice", &old);
    let alice = app.visitor();
    old.sign_in(&alice).expect(303);
    app.clock().forward(minutes(1));
    let asked = young.fill(&alice.visit("/profile/passkeys")).fill("name", "Phone").send();
    let path = asked.expect(303).header("location").expect("a challenge");
    old.fill(&alice.visit(&path)).send().expect(303);
    app.clock().forward(minutes(1));

    let path = ask(&alice, blue);
    let page = alice.visit(&path);
    let asked = options(&page);
    assert!(asked.contains(&old.id()) && !asked.contains(&young.id()), "{asked}");
    young.fill(&page).submit().expect(422).blames("credential", "not accepted");
    assert_eq!(disabled(&app), 0);
    // Showing a key destroys nothing.
    let shown = alice.post_with_token(&format!("/apps/{blue}/certificates/usersig/reveal"), &[]);
    let path = shown.expect(303).header("location").expect("a challenge");
    young.fill(&alice.visit(&path)).send().expect(303);

    app.clock().forward(hours(24));
    let alice = app.visitor();
    young.sign_in(&alice).expect(303);
    app.clock().forward(minutes(1));
    let path = ask(&alice, blue);
    young.fill(&alice.visit(&path)).send().expect(303);
    assert_eq!(disabled(&app), 1);
}

#[rstest]
fn a_passkey_is_what_policies_mean_by_an_authenticator(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    app.has_phone("alice", "+8613800138000");
    let alice = app.visitor();
    laptop.sign_in(&alice).expect(303);
    let path = ask(&alice, blue);
    let page = alice.visit(&path);
    assert_eq!(page.count("button[value=sms_code]"), 0, "text messages are not enough beside it");
    assert_eq!(page.count("button[value=email_code]"), 1);

    let policy = "UPDATE workspaces SET danger_policy = 'authenticator_required'";
    app.db(|conn| run(conn, policy));
    let page = alice.visit(&path);
    assert_eq!(page.count("button[value=email_code]"), 0);
    app.clock().forward(minutes(1));
    laptop.fill(&alice.visit(&path)).send().expect(303);
    assert_eq!(disabled(&app), 1);
}

#[rstest]
fn one_that_is_removed_does_nothing_any_more(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let alice = app.visitor();
    laptop.sign_in(&alice).expect(303);
    app.clock().forward(minutes(1));
    let open = laptop.fill(&app.visitor().visit("/sign-in"));

    let adam = app.person("adam");
    let id = app.db(|conn| texts(conn, "SELECT id AS text FROM passkeys")).remove(0);
    adam.post_with_token("/profile/passkeys/remove", &[("passkey", &id)]).expect(404);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE account_id = 2"), 0);
    let page = alice.visit("/profile/passkeys");
    let asked = page.form("/profile/passkeys/remove").choose("passkey", &id).send().expect(303);
    let path = asked.header("location").expect("a challenge");
    laptop.fill(&alice.visit(&path)).send().expect(303);

    assert_eq!(app.count("SELECT count(*) FROM passkeys"), 0);
    let flash = alice.visit("/profile/passkeys").flash();
    assert!(flash.is_some_and(|words| words.starts_with("Passkey removed")));
    open.send().expect(422);
    app.person("alice").get("/apps").expect(200);
    assert!(events(&app).contains(&"remove_passkey done passkey".to_owned()));
}

#[rstest]
fn a_passkey_belongs_to_one_account_and_ten_to_one_person(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let laptop = Device::new(1);
    app.has_passkey("alice", &laptop);
    let adam = app.person("adam");
    let asked = laptop.fill(&adam.visit("/profile/passkeys")).fill("name", "Mine").send();
    let path = asked.expect(303).header("location").expect("a challenge");
    let code = app.mailed_code().0;
    let refused = adam.visit(&path).form(&path).fill("code", &code).submit();
    refused.expect(409);
    assert_eq!(app.count("SELECT count(*) FROM passkeys WHERE account_id = 2"), 0);

    for number in 10..(10 + u8::try_from(PASSKEYS_MAX).expect("few")) {
        app.has_bare_passkey("adam", &Device::new(number));
    }
    let page = adam.visit("/profile/passkeys").expect(200);
    assert_eq!(page.count("form[data-passkey]"), 0);
    assert!(page.texts("main").join(" ").contains("at most 10 passkeys"));
    let one =
        "DELETE FROM passkeys WHERE id IN (SELECT min(id) FROM passkeys WHERE account_id = 2)";
    app.db(|conn| run(conn, one));
    let asked = options(&adam.visit("/profile/passkeys"));
    let asked: serde_json::Value = serde_json::from_str(&asked).expect("JSON");
    assert_eq!(asked["excludeCredentials"].as_array().map(Vec::len), Some(9));
}

#[rstest]
fn passkeys_are_offered_where_browsers_have_them(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.person("alice");
    let page = alice.visit("/profile/passkeys").expect(200);
    assert!(page.texts("main").join(" ").contains("over HTTPS by a host name"));
    assert_eq!(page.count("form[data-passkey]"), 0);
    alice.post_with_token("/profile/passkeys", &[("name", "x")]).expect(404);
    assert_eq!(app.visitor().visit("/sign-in").count("form[data-passkey]"), 0);
    // One for another host name, from before the console moved.
    app.has_bare_passkey("alice", &Device::new(1));
    app.person("alice").get("/apps").expect(200);

    let Some(app) = app_with_everything(on) else { return };
    let page = app.visitor().visit("/sign-in");
    assert_eq!(page.count("form[data-passkey][hidden]"), 1, "shown by the script alone");
    let before = app.rows();
    app.visitor().visit("/sign-in");
    app.expect_unchanged(&before, "looking at the page");
}

#[rstest]
fn a_refused_one_leaves_whoever_gave_the_password_where_they_are(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_everything(on) else { return };
    let (laptop, stranger) = (Device::new(1), Device::new(2));
    app.has_passkey("alice", &laptop);
    let visitor = app.visitor();
    let answer = visitor.sign_in("alice", PASSWORD).expect(303);
    let page = visitor.visit(&answer.header("location").expect("a page"));

    let page = stranger.fill(&page).submit().expect(422);

    assert_eq!(page.heading(), "Use a passkey");
    page.blames("credential", "not accepted");
    app.clock().forward(minutes(1));
    laptop.fill(&page).send().expect(303);
    visitor.get("/apps").expect(200);
}

#[rstest]
fn members_see_who_has_one_for_a_second_factor(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    app.has_bare_passkey("fiona", &Device::new(1));
    let rows = app.owner().visit("/members").texts("table:first-of-type tbody tr");
    for row in rows {
        assert_eq!(row.contains("On"), row.contains("fiona@"), "{row}");
    }
}

#[rstest]
fn whoever_has_the_host_removes_them_with_the_rest(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = start(on, Filling::Cast, &[("base_url", BASE_URL)]) else { return };
    let codes =
        "INSERT INTO recovery_codes (id, account_id, digest, created_at) VALUES ('a', 1, 'a', 0)";
    app.db(|conn| run(conn, codes));
    app.has_bare_passkey("alice", &Device::new(1));
    app.has_phone("alice", "+8613800138000");
    let args = ["account", "unlock", "--email", "alice@example.com", "--remove-authenticator"];
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchroom"));
    let output = command
        .args(args)
        .env_clear()
        .env("SWITCHROOM_DATABASE_URL", app.database_url())
        .env("SWITCHROOM_MASTER_KEY", crate::support::app::MASTER_KEY)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.ends_with("passkeys: removed\ntelephone: removed\nrecovery codes: removed\n"),
        "{said}{problem}"
    );
    app.person("alice").get("/apps").expect(200); // Nothing is left that could be asked for: the password stands in, and one begins anew.
    let alice = app.person("alice");
    let form = alice.visit("/profile/authenticator").form("/profile/authenticator");
    form.fill("password", PASSWORD).send().expect(303);
}

#[rstest]
fn whoever_has_no_way_to_prove_who_they_are_is_offered_a_passkey_too(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = start(on, Filling::Cast, &[("base_url", BASE_URL)]) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let path = format!("/apps/{blue}/disable");
    let offered = |app: &TestApp| {
        let answer = app.owner().post_with_token(&path, &[]).expect(422);
        let page = Page::detached("disable", answer);
        (page.texts(".list b"), page.links())
    };

    let (names, links) = offered(&app);
    assert_eq!(names, ["Passkey", "Authenticator app"]);
    assert_eq!(links, ["/profile/passkeys", "/profile/authenticator"]);
    // Where mail is sent, confirming the address is another way.
    let Some(app) = app_with_everything(on) else { return };
    app.has_unconfirmed("alice");
    assert_eq!(app.has_app(ALPHA, "Blue", BOTH), blue);
    let (names, links) = offered(&app);
    assert_eq!(names, ["E-mail", "Passkey", "Authenticator app"]);
    assert_eq!(links, ["/profile/email", "/profile/passkeys", "/profile/authenticator"]);
}
