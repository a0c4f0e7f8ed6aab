//! A workspace's settings: name, time zone, and how dangerous acts are confirmed.

use rstest::rstest;

use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::page::Page;
use crate::support::{Actor, Backend, Postgres, Sqlite, app_on};

#[rstest]
fn name_and_time_zone_are_saved_and_shown_everywhere(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (alice, vera) = (app.owner(), app.person("vera"));
    let form = alice.visit("/workspace").expect(200).form("Save settings");
    assert_eq!((&*form.value("name"), &*form.value("time_zone")), ("Alpha", "Asia/Shanghai"));
    let page = form.clone().fill("name", " 山茶 <b> ").choose("time_zone", "UTC").submit();
    assert_eq!((page.path(), page.flash().as_deref()), ("/workspace", Some("Settings saved.")));

    assert!(vera.visit("/").texts("nav.side h2").join("").contains("山茶 <b>"));
    let lead = vera.visit("/audit").texts("main p.muted").join("");
    assert!(lead.contains("UTC"), "{lead}");
    let query = "SELECT changes AS text FROM audit_events WHERE act = 'edit_workspace'";
    let changes = app.db(|conn| texts(conn, query)).join("");
    assert!(changes.contains("Asia/Shanghai") && changes.contains("山茶"), "{changes}");

    // A form of before does not overwrite, and nothing typed is lost.
    let page = form.fill("name", "Mine").submit().expect(422);
    page.problem("name", "Somebody else has changed it. Check it and send it again");
    assert_eq!(page.form("Save settings").value("name"), "Mine");
    assert_eq!(app.count("SELECT count(*) FROM workspaces WHERE name = 'Mine'"), 0);
    page.form("Save settings").submit().expect(200);
    assert_eq!(app.count("SELECT count(*) FROM workspaces WHERE name = 'Mine'"), 1);
    vera.get("/workspace").expect(403);
    assert!(!vera.visit("/").links().contains(&"/workspace".to_owned()));
}

#[rstest]
fn the_policy_changes_with_a_proof_and_not_over_another_change(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let policy = || {
        let query = "SELECT danger_policy AS text FROM workspaces WHERE id = 1";
        app.db(|conn| texts(conn, query)).remove(0)
    };
    let page = alice.visit("/workspace").expect(200);
    let words = page.texts("main .note").join("");
    assert!(words.contains("weaker than a passkey or an authenticator"), "{words}");
    let form = page.form("Change policy");
    assert_eq!(form.chosen("policy"), ["standard"]);
    form.submit().expect(422).problem("policy", "Nothing would change");
    let asked = form.choose("policy", "authenticator_required").send().expect(303);
    assert_eq!(policy(), "standard");

    let path = asked.header("location").expect("a challenge");
    // Somebody saves the name meanwhile.
    app.db(|conn| run(conn, "UPDATE workspaces SET version = version + 1 WHERE id = 1"));
    let code = app.fresh_code_of(&seed);
    alice.visit(&path).form(&path).fill("code", &code).submit().expect(409);
    assert_eq!(policy(), "standard");

    let form = alice.visit("/workspace").form("Change policy");
    let asked = form.choose("policy", "authenticator_required").send().expect(303);
    let path = asked.header("location").expect("a challenge");
    let code = app.fresh_code_of(&seed);
    let page = alice.visit(&path).form(&path).fill("code", &code).submit().expect(200);
    assert_eq!((page.path(), page.flash().as_deref()), ("/workspace", Some("Policy changed.")));
    assert_eq!(policy(), "authenticator_required");
    assert!(events(&app).contains(&"change_policy done totp".to_owned()));
    app.person("adam").get("/workspace").expect(200);
    app.person("erin").post_with_token("/workspace/policy", &[]).expect(403);
}

fn choose_strictest<'a>(actor: &Actor<'a>) -> Page<'a> {
    let form = actor.visit("/workspace").form("Change policy");
    form.choose("policy", "authenticator_required").submit()
}

#[rstest]
fn whoever_could_not_meet_the_strictest_policy_does_not_choose_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let problem = "You have no passkey or authenticator that is 24 hours old, so you would shut yourself out. \
         Set one up, and choose this after 24 hours";
    choose_strictest(&alice).expect(422).problem("policy", problem);
    assert_eq!(app.count("SELECT count(*) FROM challenges"), 0);

    let young = app.has_authenticator_since("alice", app.clock().now());
    let alice = app.person_with_code("alice", &young);
    choose_strictest(&alice).expect(422).problem("policy", problem);
    app.ages_authenticators();
    assert!(choose_strictest(&alice).expect(200).path().starts_with("/step-up/"));
}
