//! Accepting invitations with an identity.

use rstest::rstest;
use serde_json::json;

use super::{comes_back, page, scene, sent_to};
use crate::support::db::texts;
use crate::support::factors::{account, events};
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, at_once};

/// Invites somebody; the path of the link.
#[track_caller]
fn invited(app: &TestApp, email: &str) -> String {
    let fields = [("email", email), ("role", "operations"), ("reach", "all"), ("tag", "")];
    app.owner().post_with_token("/members/invite", &fields).expect(303);
    let letters = app.take_letters();
    let letter = letters.iter().find(|it| it.text.contains("/invitations/")).expect("a letter");
    let link = letter.links().remove(0);
    link.strip_prefix(&app.services().settings.base_url).expect("our link").to_owned()
}

fn members(app: &TestApp) -> Vec<String> {
    let query = "SELECT a.email_key || ' ' || a.name || ' ' || m.role AS text FROM memberships m \
         JOIN accounts a ON a.id = m.account_id WHERE m.workspace_id = 1 AND a.id > 7 ORDER BY m.id";
    app.db(|conn| texts(conn, query))
}

#[rstest]
fn somebody_new_accepts_with_an_identity_and_has_no_password(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    let path = invited(&app, "nora@example.com");
    let nora = app.visitor();
    let shown = nora.visit(&path).expect(200);
    let way = format!("{path}/sso");
    assert!(shown.links().contains(&way), "{:?}", shown.links());
    assert!(shown.texts("main a.btn").contains(&"Accept with Example ID".to_owned()));

    // With another address there, which does not matter: who holds the link was invited.
    let back = provider.log_in_with(&sent_to(&nora, &way), "nora-7", |token| {
        token.set("name", json!("Nora N."));
        token.set("email", json!("alice@example.com"));
    });
    assert_eq!(members(&app), Vec::<String>::new());
    let shown = nora.visit(&back).expect(200);

    assert_eq!(shown.path(), "/");
    assert_eq!(shown.flash().as_deref(), Some("You have joined the workspace: Alpha."));
    assert_eq!(members(&app), ["nora@example.com Nora N. operations"]);
    assert_eq!(app.count("SELECT count(*) FROM accounts WHERE password_hash IS NULL"), 1);
    assert!(
        events(&app).ends_with(&["accept_invitation done".into(), "connect_identity done".into()])
    );
    nora.visit("/profile/identity").expect(200);
    // The identity signs her in from now on, and the link is used up.
    let elsewhere = app.visitor();
    comes_back(&elsewhere, &provider, "nora-7").expect(303);
    assert!(elsewhere.visit("/profile").texts("main").join("").contains("nora@example.com"));
    assert_eq!(app.visitor().visit(&path).expect(404).heading(), "This invitation does not work");
    assert_eq!(app.visitor().visit(&way).expect(404).heading(), "This invitation does not work");
}

#[rstest]
fn an_identity_that_has_an_account_signs_in_instead(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    app.has_identity(account("bob"), &provider.issuer(), "bobby");
    let path = invited(&app, "nora@example.com");
    let visitor = app.visitor();
    let back = provider.log_in(&sent_to(&visitor, &format!("{path}/sso")), "bobby");
    let shown = page(&visitor, visitor.get(&back)).expect(409);
    assert_eq!(shown.heading(), "This identity has an account");
    let sign_in = shown.links().into_iter().find(|it| it.starts_with("/sign-in/sso"));
    let sign_in = sign_in.expect("a way to sign in");
    assert_eq!(members(&app), Vec::<String>::new());
    // And comes back to the invitation then.
    let answer = visitor.get(&provider.log_in(&sent_to(&visitor, &sign_in), "bobby")).expect(303);
    assert_eq!(answer.header("location"), Some(path));
}

#[rstest]
fn only_somebody_new_is_led_to_the_provider(#[values(Sqlite, Postgres)] on: Backend) {
    let Some((app, provider)) = scene(on) else { return };
    let path = invited(&app, "bob@example.com");
    // Its address has an account, or somebody is signed in.
    for actor in [app.visitor(), app.bob(), app.owner()] {
        assert_eq!(sent_to(&actor, &format!("{path}/sso")), path);
        assert!(!actor.visit(&path).links().contains(&format!("{path}/sso")));
    }
    assert_eq!(provider.discoveries(), 0);

    // The same when it becomes so meanwhile.
    let path = invited(&app, "nora@example.com");
    let nora = app.visitor();
    let back = provider.log_in(&sent_to(&nora, &format!("{path}/sso")), "nora-7");
    let form = app.visitor().visit(&path).form("Make account and join").fill("name", "Nora");
    let password = "staple battery horse";
    form.fill("password", password).fill("again", password).send().expect(303);
    page(&nora, nora.get(&back)).expect(404);
    assert_eq!(members(&app), ["nora@example.com Nora operations"]);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
}

#[rstest]
fn of_forty_answers_to_one_invitation_one_makes_an_account(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some((app, provider)) = scene(on) else { return };
    let path = invited(&app, "nora@example.com");
    // Each another browser and another identity, so that the provider allows all of them.
    let flows: Vec<(Actor<'_>, String)> = (0..40)
        .map(|number| {
            let actor = app.visitor();
            let to = sent_to(&actor, &format!("{path}/sso"));
            (actor, provider.log_in(&to, &format!("nora-{number}")))
        })
        .collect();
    let answers = at_once(40, |number| {
        let (actor, back) = &flows[number];
        actor.get(back).header("location")
    });
    let joined = answers.iter().filter(|to| to.as_deref() == Some("/")).count();
    assert_eq!(joined, 1, "{answers:?}");
    assert_eq!(members(&app).len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 1);
}
