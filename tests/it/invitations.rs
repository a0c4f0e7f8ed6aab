//! Invitations: by mail and by hand, accepted in every situation, once, and as long as whoever invited could.

use rstest::rstest;
use switchroom::clock::{days, minutes};
use switchroom::ids::SdkAppId;

use crate::support::app::{ALPHA, BETA};
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::letters::Letter;
use crate::support::normal::normal;
use crate::support::page::Page;
use crate::support::samples::{BOTH, new_app};
use crate::support::{
    Actor, Backend, PASSWORD, Postgres, Request, Response, Sqlite, TestApp, app_on, at_once,
};

const INVITE: &str = "/members/invite";
const NEWCOMER: &str = "nora@example.com";
const NEW_PASSWORD: &str = "staple battery horse";

/// Sends the form of an invitation.
fn invite(actor: &Actor<'_>, email: &str, role: &str) -> Response {
    let fields = [("email", email), ("role", role), ("reach", "all"), ("tag", "")];
    actor.post_with_token(INVITE, &fields)
}

/// The only mail that invites, and its link's path. All mail is forgotten then.
#[track_caller]
fn invited(app: &TestApp, to: &str) -> (Letter, String) {
    let mut letters = app.take_letters();
    letters.retain(|letter| letter.text.contains("/invitations/"));
    assert_eq!(letters.len(), 1, "{letters:#?}");
    let letter = letters.remove(0);
    assert_eq!(letter.to, to);
    let links = letter.links();
    assert_eq!(links.len(), 1, "{letter:#?}");
    let path = links[0].strip_prefix(&app.services().settings.base_url).expect("our link");
    let path = path.to_owned();
    (letter, path)
}

/// Enters the mailed code where an invitation waits for a proof.
#[track_caller]
fn proved(app: &TestApp, actor: &Actor<'_>, answer: Response) -> Response {
    let location = answer.header("location").expect("a location");
    if !location.starts_with("/step-up/") {
        return answer;
    }
    app.clock().forward(minutes(1));
    let code = app.mailed_code().0;
    actor.visit(&location).form(&location).fill("code", &code).send().expect(303)
}

/// Invites and answers the path of the link.
#[track_caller]
fn link(app: &TestApp, actor: &Actor<'_>, email: &str, role: &str) -> String {
    proved(app, actor, invite(actor, email, role).expect(303));
    invited(app, email).1
}

/// Makes an account by the page of an invitation.
fn join<'a>(page: &Page<'a>, name: &str) -> Page<'a> {
    let form = page.form("Make account and join").fill("name", name);
    form.fill("password", NEW_PASSWORD).fill("again", NEW_PASSWORD).submit()
}

fn members(app: &TestApp) -> Vec<String> {
    let query = "SELECT a.email_key || ' ' || m.role || ' ' || m.reach AS text FROM memberships m \
         JOIN accounts a ON a.id = m.account_id WHERE m.workspace_id = 1 ORDER BY m.id";
    app.db(|conn| texts(conn, query))
}

#[rstest]
fn somebody_without_an_account_makes_one_by_the_link_and_is_in(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let adam = app.person("adam");
    let form = adam.visit(INVITE).expect(200).form(INVITE);
    let form = form.fill("email", " Nora@Example.com ").choose("role", "engineer");
    let asked = form.send().expect(303);
    let path = asked.header("location").expect("a challenge");
    let code = app.mailed_code().0;
    let page = adam.visit(&path).form(&path).fill("code", &code).submit().expect(200);
    assert_eq!(page.path(), "/members");
    assert_eq!(page.flash().as_deref(), Some("Invitation sent: Nora@Example.com."));
    let (letter, path) = invited(&app, "Nora@Example.com");
    assert_eq!(letter.subject, "adam invites you to Alpha");
    for part in ["Role: Engineer\n", "Reach: All apps\n", "Invited by: adam <adam@example.com>\n"] {
        assert!(letter.text.contains(part), "{part} is not in {}", letter.text);
    }

    let nora = app.visitor();
    let page = nora.visit(&path).expect(200);
    assert_eq!(page.heading(), "Join a workspace");
    let page = join(&page, "Nora").expect(200);

    assert_eq!(page.path(), "/");
    assert_eq!(page.flash().as_deref(), Some("You have joined the workspace: Alpha."));
    assert_eq!(members(&app).last().map(String::as_str), Some("nora@example.com engineer all"));
    let verified = "SELECT count(*) FROM accounts WHERE email_verified_at IS NOT NULL \
         AND email_key = 'nora@example.com' AND email = 'Nora@Example.com'";
    assert_eq!(app.count(verified), 1, "the link has proved the address");
    let mut told: Vec<_> = app.take_letters().into_iter().map(|it| (it.to, it.subject)).collect();
    let mail = |to: &str, subject: &str| (to.to_owned(), subject.to_owned());
    told.sort();
    let newcomer = mail("Nora@Example.com", "You have joined Alpha");
    assert_eq!(told, [newcomer, mail("adam@example.com", "Nora has joined Alpha")]);
    assert!(events(&app).ends_with(&["accept_invitation done".to_owned()]), "{:?}", events(&app));
    // It was used, for whoever comes now.
    assert_eq!(app.visitor().visit(&path).expect(404).heading(), "This invitation does not work");
    app.visitor().sign_in_as(NEWCOMER, NEW_PASSWORD).expect(303);
}

#[rstest]
fn owners_learn_of_somebody_who_joins_as_what_manages_members(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    app.db(|conn| {
        run(conn, "UPDATE accounts SET language = 'zh-CN' WHERE name = 'alice'");
        run(conn, "UPDATE accounts SET time_zone = 'Asia/Shanghai' WHERE name = 'adam'");
    });
    let path = link(&app, &app.person("adam"), NEWCOMER, "admin");
    let nora = app.visitor();
    join(&nora.visit(&path).expect(200), "Nora").expect(200);

    let mut letters = app.take_letters();
    letters.sort_by(|a, b| a.to.cmp(&b.to));
    let to: Vec<_> = letters.iter().map(|letter| &*letter.to).collect();
    assert_eq!(to, ["adam@example.com", "alice@example.com", NEWCOMER]);
    let [inviter, owner, own] = &letters[..] else { panic!("three letters: {letters:#?}") };
    assert!(own.text.contains("Invited by: adam\n"), "{}", own.text);
    assert_eq!(owner.subject, "Nora 已加入「Alpha」");
    let text = &inviter.text;
    for part in
        ["Member: Nora <nora@example.com>\n", "Role: Admin\n", "(Asia/Shanghai)\n", "/members\n"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[rstest]
fn somebody_who_is_signed_in_joins_by_one_button_and_goes_there(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let (alice, bob) = (app.owner(), app.bob());
    let path = link(&app, &alice, "bob@example.com", "owner");

    let page = bob.visit(&path).expect(200);
    let page = page.form("Accept invitation").submit().expect(200);
    assert_eq!(
        (page.path(), page.flash().as_deref()),
        ("/", Some("You have joined the workspace: Alpha."))
    );
    let places = bob.visit("/workspaces").texts("main li").join(" ");
    assert!(places.contains("AlphaOwner · ID 1You are here"), "{places}");
    assert!(places.contains("BetaOwner · ID 2Enter"), "{places}");
}

#[rstest]
fn somebody_with_an_account_signs_in_and_comes_back(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, &app.owner(), "bob@example.com", "viewer");
    let visitor = app.visitor();

    let page = visitor.visit(&path).expect(200);
    assert!(!page.forms().iter().any(|form| form.has_open("password")));
    let sign_in = page.links().into_iter().find(|it| it.starts_with("/sign-in")).expect("a link");
    // The form that others are shown makes no second account.
    let fields = [("name", "Bob"), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    visitor.post_with_token(&path, &fields).expect(409);
    let form = visitor.visit(&sign_in).form("Sign in");
    let page = form.fill("email", "bob@example.com").fill("password", PASSWORD).submit();
    assert_eq!(page.expect(200).path(), path);
    visitor.visit(&path).form("Accept invitation").submit().expect(200);
    assert_eq!(members(&app).last().map(String::as_str), Some("bob@example.com viewer all"));
}

#[rstest]
fn somebody_else_is_told_so_and_can_sign_out(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, &app.owner(), NEWCOMER, "viewer");
    let vera = app.person("vera");
    let before = app.rows();

    let page = vera.visit(&path).expect(200);
    let words = page.texts(".note.warn").join("");
    assert!(words.starts_with("You are signed in as vera@example.com"), "{words}");
    vera.post_with_token(&path, &[]).expect(409);
    let fields = [("name", "Vera"), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    vera.post_with_token(&path, &fields).expect(409);
    app.expect_unchanged(&before, "an invitation of somebody else");
    page.form("Sign out").submit().expect(200);
    join(&vera.visit(&path).expect(200), "Nora").expect(200);
}

#[rstest]
fn a_member_who_is_invited_stays_what_they_are(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, &app.owner(), "bob@example.com", "viewer");
    let joined = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
         VALUES (1, 7, 'admin', 0)";
    app.db(|conn| run(conn, joined));
    let bob = app.bob();

    let page = bob.visit(&path).expect(200).form("Enter workspace").submit().expect(200);
    let flash = page.flash();
    assert_eq!(flash.as_deref(), Some("You are a member of this workspace already: Alpha."));
    assert_eq!(members(&app).last().map(String::as_str), Some("bob@example.com admin all"));
    // Nor can a member be invited.
    let page = invite(&app.owner(), "Bob@example.com", "viewer").expect(422);
    let page = Page::detached(INVITE, page);
    page.problem("email", "Somebody with this address is a member already");
}

#[rstest]
fn of_forty_uses_of_one_link_one_succeeds(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    for round in 0..20 {
        let email = format!("racer{round}@example.com");
        let path = link(&app, &alice, &email, "viewer");
        let tokens: Vec<_> = (0..40).map(|_| app.visitor()).collect();
        let ready: Vec<_> = tokens.iter().map(|it| (it, it.token())).collect();
        let answers = at_once(40, |at| {
            let (actor, token) = &ready[at];
            let fields = [
                ("token", token.as_str()),
                ("name", "Racer"),
                ("password", NEW_PASSWORD),
                ("again", NEW_PASSWORD),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            actor.post(&path, &fields).status
        });
        let done = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(done, 1, "{answers:?}");
        let others = answers.iter().all(|status| [303, 404, 409, 503].contains(status));
        assert!(others, "{answers:?}");
        let made = format!("SELECT count(*) FROM accounts WHERE email_key = '{email}'");
        assert_eq!(app.count(&made), 1);
    }
    assert_eq!(app.count("SELECT count(*) FROM memberships WHERE workspace_id = 1"), 26);
    assert_eq!(app.count("SELECT count(*) FROM invitations WHERE state = 'accepted'"), 20);
}

#[rstest]
fn of_forty_uses_by_one_account_one_joins(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let (alice, bob) = (app.owner(), app.bob());
    for _ in 0..20 {
        let path = link(&app, &alice, "bob@example.com", "viewer");
        let token = bob.token();
        let answers = at_once(40, |_| {
            bob.copied().post(&path, &[("token".to_owned(), token.clone())]).status
        });
        assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
        let left = "DELETE FROM invitations; \
             DELETE FROM memberships WHERE account_id = 7 AND workspace_id = 1; \
             UPDATE sessions SET workspace_id = 2 WHERE account_id = 7";
        assert_eq!(members(&app).iter().filter(|row| row.starts_with("bob@")).count(), 1);
        app.db(|conn| run(conn, left));
        app.clock().forward(minutes(1));
    }
}

#[rstest]
fn looking_at_a_link_changes_nothing(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, &app.owner(), NEWCOMER, "viewer");
    let readers = [app.visitor(), app.bob(), app.person("vera")];
    let before = app.rows();
    for reader in &readers {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            reader.send(Request::new(method, &path));
        }
        reader.visit(&path).expect(200);
    }
    // Without the token of a form nothing happens either.
    let bare = [("name", "X"), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    let bare = bare.map(|(name, value)| (name.to_owned(), value.to_owned()));
    readers[0].post(&path, &bare).expect(422);
    app.expect_unchanged(&before, "looking at a link");
}

#[rstest]
fn a_link_that_is_too_old_replaced_or_cancelled_does_not_work(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let first = link(&app, &alice, NEWCOMER, "viewer");
    let resend = "/members/invitations/1/resend";

    let page = alice.post_with_token(resend, &[]).expect(422);
    let said = Page::detached(resend, page).texts(".note.bad").join("");
    assert_eq!(said, "It can be sent again in 60 seconds.");
    app.clock().forward(minutes(1));
    alice.visit("/members").form(resend).submit().expect(200);
    let second = invited(&app, NEWCOMER).1;
    assert_ne!(first, second);
    app.visitor().visit(&first).expect(404);
    app.visitor().visit(&second).expect(200);

    app.clock().forward(days(7));
    let page = app.visitor().visit(&second).expect(410);
    let words = page.texts("main").join("");
    assert!(words.contains("It has expired. Ask whoever invited you"), "{words}");
    let visitor = app.visitor();
    let fields = [("name", "N"), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    visitor.post_with_token(&second, &fields).expect(410);

    // Inviting again makes another one, and cancelling ends it with its mail.
    let alice = app.owner();
    invite(&alice, NEWCOMER, "viewer").expect(303);
    let third = invited(&app, NEWCOMER).1;
    invite(&alice, "other@example.com", "viewer").expect(303);
    let cancel = "/members/invitations/3/cancel";
    let page = alice.visit("/members").form(cancel).submit().expect(200);
    assert_eq!(page.flash().as_deref(), Some("Invitation cancelled: other@example.com."));
    assert!(app.letters().is_empty(), "its mail is taken back");
    alice.visit("/members").form("/members/invitations/2/cancel").submit().expect(200);
    app.visitor().visit(&third).expect(404);
    alice.post_with_token(cancel, &[]).expect(404);
    assert_eq!(app.count("SELECT count(*) FROM invitations WHERE state = 'open'"), 0);
}

#[rstest]
fn an_invitation_dies_with_the_power_of_whoever_sent_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let adam = app.person("adam");
    let fields = [("name", "N"), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    for (number, (change, back)) in [
        (
            "UPDATE memberships SET role = 'viewer' WHERE account_id = 2",
            "UPDATE memberships SET role = 'admin' WHERE account_id = 2",
        ),
        (
            "DELETE FROM memberships WHERE account_id = 2",
            "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
             VALUES (1, 2, 'admin', 0)",
        ),
        (
            "UPDATE accounts SET disabled_at = 1 WHERE id = 2",
            "UPDATE accounts SET disabled_at = NULL WHERE id = 2",
        ),
        (
            "UPDATE accounts SET frozen_at = 1 WHERE id = 2",
            "UPDATE accounts SET frozen_at = NULL WHERE id = 2",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("n{number}@example.com");
        let path = link(&app, &adam, &email, "viewer");
        app.db(|conn| run(conn, change));
        let visitor = app.visitor();
        let page = visitor.visit(&path).expect(410);
        let words = page.texts("main").join("");
        assert!(words.contains("may not invite members any more"), "{change}: {words}");
        visitor.post_with_token(&path, &fields).expect(410);
        let listed = app.owner().visit("/members").texts("main").join("");
        assert!(listed.contains("Whoever invited may not any more"), "{change}: {listed}");
        assert_eq!(listed.contains("Not a member any more"), change.starts_with("DELETE"));
        app.db(|conn| run(conn, back));
        app.visitor().visit(&path).expect(200);
    }

    // An owner who became an admin does not invite owners any more, and whoever sends it again vouches for it.
    let alice = app.owner();
    let path = link(&app, &alice, NEWCOMER, "owner");
    let query = "UPDATE memberships SET role = 'admin' WHERE account_id = 1; \
         UPDATE memberships SET role = 'owner' WHERE account_id = 2";
    app.db(|conn| run(conn, query));
    app.visitor().visit(&path).expect(410);
    let id = app.count("SELECT max(id) FROM invitations");
    app.clock().forward(minutes(1));
    let resend = format!("/members/invitations/{id}/resend");
    alice.post_with_token(&resend, &[]).expect(403);
    proved(&app, &adam, adam.post_with_token(&resend, &[]).expect(303));
    join(&app.visitor().visit(&invited(&app, NEWCOMER).1).expect(200), "Nora").expect(200);
}

#[rstest]
fn only_owners_invite_owners_and_only_managers_invite(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let adam = app.person("adam");
    let offered = adam.visit(INVITE).expect(200).attributes("[name=role]", "value");
    assert_eq!(offered, ["admin", "engineer", "operations", "finance", "viewer"]);
    let page = Page::detached(INVITE, invite(&adam, NEWCOMER, "owner").expect(422));
    page.problem("role", "Your role cannot give or manage this role");
    app.person("erin").get(INVITE).expect(403);
    app.person("erin").get("/members").expect(200);
    proved(&app, &adam, invite(&adam, NEWCOMER, "admin").expect(303));
    let alice = app.owner();
    proved(&app, &alice, invite(&alice, "second@example.com", "owner").expect(303));
    // Somebody who reaches some apps could give others more.
    let limited = "UPDATE memberships SET reach = 'tag', tag_key = 'a', tag_value = 'b' \
         WHERE account_id = 2";
    app.db(|conn| run(conn, limited));
    adam.get(INVITE).expect(403);
    invite(&adam, "third@example.com", "viewer").expect(403);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 2);
}

#[rstest]
fn an_open_browser_makes_no_accomplice_of_a_stranger(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    for (at, role) in ["owner", "admin", "engineer"].into_iter().enumerate() {
        let email = format!("accomplice{at}@example.com");
        let asked = invite(&alice, &email, role).expect(303);
        let path = asked.header("location").expect("a location");
        assert!(path.starts_with("/step-up/"), "{role}: {path}");
        assert_eq!(app.count("SELECT count(*) FROM invitations"), 0, "{role}");
        assert!(app.letters().iter().all(|letter| !letter.text.contains("/invitations/")));
        app.db(|conn| run(conn, "DELETE FROM code_sends"));
    }
    // What is wrong is said before anybody has to prove anything.
    let page = Page::detached(INVITE, invite(&alice, "adam@example.com", "admin").expect(422));
    page.problem("email", "Somebody with this address is a member already");

    proved(&app, &alice, invite(&alice, NEWCOMER, "admin").expect(303));
    let first = invited(&app, NEWCOMER).1;
    app.clock().forward(minutes(2));
    let again = alice.post_with_token("/members/invitations/1/resend", &[]).expect(303);
    let path = again.header("location").expect("a location");
    assert!(path.starts_with("/step-up/"), "{path}");
    app.visitor().visit(&first).expect(200);
    proved(&app, &alice, again);
    app.visitor().visit(&first).expect(404);
    join(&app.visitor().visit(&invited(&app, NEWCOMER).1).expect(200), "Nora").expect(200);
    let said = events(&app);
    let count = |what: &str| said.iter().filter(|it| it.as_str() == what).count();
    assert_eq!(count("invite_member done email_code"), 2, "{said:?}");
}

#[rstest]
fn after_a_proof_too_the_link_is_shown_where_no_mail_goes_out(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let seed = app.has_authenticator("alice");
    let alice = app.person_with_code("alice", &seed);
    let asked = invite(&alice, NEWCOMER, "admin").expect(303);
    let path = asked.header("location").expect("a location");
    let code = app.fresh_code_of(&seed);
    let page = alice.visit(&path).form(&path).fill("code", &code).submit().expect(200);
    assert_eq!(page.heading(), "Invitation link");
    let shown = page.texts(".secret code").join("");
    let base = &app.services().settings.base_url;
    let link = shown.strip_prefix(base.as_str()).expect("our link").to_owned();
    // In no other workspace, to nobody else, and for five minutes.
    app.db(|conn| run(conn, "UPDATE disclosures SET subject_id = 2"));
    assert!(alice.visit("/members/invite/link").texts(".secret code").is_empty());
    app.db(|conn| run(conn, "UPDATE disclosures SET subject_id = 1"));
    let adam = app.person("adam");
    assert!(adam.visit("/members/invite/link").texts(".secret code").is_empty());
    assert_eq!(alice.visit("/members/invite/link").texts(".secret code").len(), 1);
    app.clock().forward(minutes(5));
    assert!(alice.visit("/members/invite/link").texts(".secret code").is_empty());
    join(&app.visitor().visit(&link).expect(200), "Nora").expect(200);
}

#[rstest]
fn whether_an_address_has_an_account_is_not_told(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let mut seen = Vec::new();
    for email in ["bob@example.com", NEWCOMER] {
        let mut statements = 0;
        let token = alice.token();
        let mut fields = vec![("token".to_owned(), token)];
        for (name, value) in [("email", email), ("role", "viewer"), ("reach", "all"), ("tag", "")] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let mut answer = None;
        statements += app.statements(|| answer = Some(alice.post(INVITE, &fields)));
        let answer = answer.expect("an answer").expect(303);
        let page = alice.visit("/members");
        let shown = normal(page.response().text()).replace(email, "[email]");
        let again = invite(&alice, email, "viewer").expect(422);
        let again = normal(again.text()).replace(email, "[email]");
        let cancel = app.count("SELECT max(id) FROM invitations");
        let cancel = format!("/members/invitations/{cancel}/cancel");
        alice.post_with_token(&cancel, &[]).expect(303);
        seen.push((
            answer.header("location"),
            shown.replace(&cancel.replace("/cancel", ""), "[invitation]"),
            again,
        ));
        // One more, to see whether the address is a member's.
        assert!(statements < 40, "{statements}");
    }
    assert_eq!(seen[0], seen[1]);
    // In the language of whoever reads it.
    app.take_letters();
    app.db(|conn| run(conn, "UPDATE accounts SET language = 'zh-CN' WHERE id = 7"));
    for (email, subject) in
        [("bob@example.com", "alice 邀请你加入「Alpha」"), (NEWCOMER, "alice invites you to Alpha")]
    {
        invite(&alice, email, "viewer").expect(303);
        assert_eq!(invited(&app, email).0.subject, subject);
    }
}

#[rstest]
fn twelve_spellings_of_one_address_are_one_invitation(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    invite(&alice, NEWCOMER, "viewer").expect(303);
    for email in [
        "Nora@example.com",
        "NORA@EXAMPLE.COM",
        " nora@example.com",
        "nora@example.com ",
        "nora@example.com.",
        "ｎｏｒａ@example.com",
        "nora＠example.com",
        "nora@ＥＸＡＭＰＬＥ.com",
        "nora@example.com\u{3000}",
        "\u{a0}nora@example.com",
        "Nora@Example.Com. ",
    ] {
        let page = Page::detached(INVITE, invite(&alice, email, "viewer").expect(422));
        let words =
            "This address has an open invitation. You can send it again on the members page";
        page.problem("email", words);
    }
    for email in ["nora@example.com\r\nBcc: x@evil.test", "n\u{3bf}ra@example.com", "nora"] {
        invite(&alice, email, "viewer").expect(422);
    }
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 1);
    assert_eq!(app.take_letters().len(), 1);
}

#[rstest]
fn links_follow_the_setting_and_names_stay_on_their_line(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let hostile = "UPDATE accounts SET name = 'Eve' || chr(13) || chr(10) || 'Bcc: x@evil.test' \
         WHERE id = 1; UPDATE workspaces SET name = '<b>A' || chr(10) || 'B' WHERE id = 1";
    let hostile = if on == Sqlite { hostile.replace("chr(", "char(") } else { hostile.to_owned() };
    app.db(|conn| run(conn, &hostile));
    let alice = app.owner();
    let mut fields = vec![("token".to_owned(), alice.token())];
    for (name, value) in [("email", NEWCOMER), ("role", "viewer"), ("reach", "all"), ("tag", "")] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let poisoned = Request::form(INVITE, &fields)
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test");
    alice.send(alice.by_browser(poisoned));
    let sent = app.letters().len();
    if sent == 0 {
        // Refused as another site's is fine too.
        invite(&alice, NEWCOMER, "viewer").expect(303);
    }
    let (letter, path) = invited(&app, NEWCOMER);
    assert!(!letter.text.contains("http://evil") && !letter.html.contains("//evil"), "{letter:?}");
    assert_eq!(letter.subject, "Eve Bcc: x@evil.test invites you to <b>A B");
    assert!(letter.text.contains("\nWorkspace: <b>A B\n"), "{}", letter.text);
    assert!(!letter.html.contains("<b>A B"), "{}", letter.html);
    let page = app.visitor().visit(&path).expect(200);
    assert!(page.response().text().contains("&#60;b&#62;A"), "{}", page.response().text());
}

#[rstest]
fn where_no_mail_goes_out_the_link_is_shown_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let alice = app.owner();
    let form = alice.visit(INVITE).form("Make an invitation link");
    let page = form.fill("email", NEWCOMER).choose("role", "viewer").submit().expect(200);
    assert_eq!(page.heading(), "Invitation link");
    assert_eq!(page.response().header("cache-control").as_deref(), Some("no-store"));
    let shown = page.texts(".secret code").join("");
    let base = &app.services().settings.base_url;
    let first = shown.strip_prefix(base.as_str()).expect("our link").to_owned();
    assert!(app.letters().is_empty());
    let listed = alice.visit("/members");
    assert!(!listed.response().text().contains(&first));

    app.clock().forward(minutes(1));
    let page = listed.form("/members/invitations/1/resend").submit().expect(200);
    let shown = page.texts(".secret code").join("");
    let second = shown.strip_prefix(base.as_str()).expect("our link").to_owned();
    app.visitor().visit(&first).expect(404);
    join(&app.visitor().visit(&second).expect(200), "Nora").expect(200);
    // Whoever was shown the link is not whoever reads the mail.
    let verified = "SELECT count(*) FROM accounts WHERE email_key = 'nora@example.com' \
         AND email_verified_at IS NULL";
    assert_eq!(app.count(verified), 1);
}

#[rstest]
fn a_form_that_makes_an_account_blames_what_is_wrong_and_keeps_the_rest(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let path = link(&app, &app.owner(), NEWCOMER, "viewer");
    let visitor = app.visitor();
    let before = app.rows();
    let long = "x".repeat(5_000);
    for (name, password, again, blamed) in [
        ("", NEW_PASSWORD, NEW_PASSWORD, "name"),
        ("a\u{7}b", NEW_PASSWORD, NEW_PASSWORD, "name"),
        (&*long, NEW_PASSWORD, NEW_PASSWORD, "name"),
        ("Nora", "", "", "password"),
        ("Nora", "short", "short", "password"),
        ("Nora", "nora@example.com", "nora@example.com", "password"),
        ("Nora", "password", "password", "password"),
        ("Nora", &long, &long, "password"),
        ("Nora", NEW_PASSWORD, "other", "again"),
    ] {
        let fields = [("name", name), ("password", password), ("again", again)];
        let page = Page::detached(&path, visitor.post_with_token(&path, &fields).expect(422));
        assert!(page.blamed().contains(&blamed.to_owned()), "{blamed}: {:?}", page.blamed());
        let kept = page.form("Make account and join");
        assert_eq!(kept.value("name").trim(), name.trim());
        assert_eq!(kept.value("password"), "");
    }
    let fields = [("name", "Nora"), ("role", "owner")];
    visitor.post_with_token(&path, &fields).expect(400);
    app.expect_unchanged(&before, "a wrong form");
}

#[rstest]
fn mail_of_invitations_is_bounded(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    invite(&alice, NEWCOMER, "viewer").expect(303);
    for _ in 0..4 {
        app.clock().forward(minutes(1));
        alice.post_with_token("/members/invitations/1/resend", &[]).expect(303);
    }
    app.clock().forward(minutes(1));
    let page = alice.post_with_token("/members/invitations/1/resend", &[]).expect(422);
    let said = Page::detached("/", page).texts(".note.bad").join("");
    assert!(said.starts_with("Invitations were sent too often."), "{said}");

    // Cancelling and inviting again goes round only so often.
    for number in 1..=5 {
        let cancel = format!("/members/invitations/{number}/cancel");
        alice.post_with_token(&cancel, &[]).expect(303);
        let answer = invite(&alice, NEWCOMER, "viewer");
        assert_eq!(answer.status, 303, "{number}");
    }
    alice.post_with_token("/members/invitations/6/cancel", &[]).expect(303);
    let page = Page::detached(INVITE, invite(&alice, NEWCOMER, "viewer").expect(422));
    assert_eq!(page.blamed(), ["email"]);
    // Others are still invited, up to a number.
    let many = "INSERT INTO invitations (workspace_id, email, email_key, role, link_digest, \
         invited_by, sent_at, created_at, expires_at) \
         SELECT 1, 'x' || id, 'x' || id, 'viewer', 'd' || id, 1, 0, 0, 9000000000000000 FROM n";
    let rows = format!(
        "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 99) {many}"
    );
    let rows = if on == Postgres {
        many.replace("FROM n", "FROM generate_series(1, 99) AS n (id)")
    } else {
        rows
    };
    app.db(|conn| run(conn, &rows));
    invite(&alice, "last@example.com", "viewer").expect(303);
    let page = Page::detached(INVITE, invite(&alice, "more@example.com", "viewer").expect(422));
    let words = "There are 100 open invitations, the most there may be. Cancel some first";
    page.problem("email", words);
    alice.visit("/members").expect(200);
}

/// What a member sees of apps.
fn reached(actor: &Actor<'_>, apps: &[(SdkAppId, &str)]) -> Vec<String> {
    let list = actor.visit("/apps").texts("main").join(" ");
    let overview = actor.visit("/").texts("main").join(" ");
    let log = actor.visit("/audit").texts("main table").join(" ");
    let mut all = Vec::new();
    for (id, name) in apps {
        let page = actor.get(&format!("/apps/{id}")).status;
        let tokens = actor.get(&format!("/apps/{id}/tokens")).status;
        let is_listed = list.contains(name);
        assert_eq!(page == 200, is_listed, "{name}: {page}");
        assert_eq!(log.contains(name), is_listed, "{name} in {log}");
        assert!(is_listed || !overview.contains(name), "{name} in {overview}");
        assert!(is_listed || [403, 404].contains(&tokens), "{name}: {tokens}");
        if is_listed {
            all.push((*name).to_owned());
        }
    }
    all
}

#[rstest]
fn a_limit_to_apps_or_a_tag_limits(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_mail(on) else { return };
    let alice = app.owner();
    let mut tagged = new_app("Tagged", BOTH);
    tagged.tags = switchroom::apps::Tags::parse_lines("team=a").expect("tags");
    let apps = [
        (app.has_app(ALPHA, "Listed", BOTH), "Listed"),
        (app.has(ALPHA, tagged), "Tagged"),
        (app.has_app(ALPHA, "Hidden", BOTH), "Hidden"),
    ];
    let foreign = app.has_app(BETA, "Green", BOTH);
    let listed = apps[0].0.to_string();

    let form = alice.visit(INVITE).form(INVITE).fill("email", "one@example.com");
    let form = form.choose("role", "engineer").choose("reach", "apps").choose("apps", &listed);
    proved(&app, &alice, form.send().expect(303));
    let one = app.visitor();
    join(&one.visit(&invited(&app, "one@example.com").1), "One").expect(200);
    assert_eq!(reached(&one, &apps), ["Listed"]);

    let form = alice.visit(INVITE).form(INVITE).fill("email", "two@example.com");
    let form = form.choose("role", "viewer").choose("reach", "tag").fill("tag", "team = a");
    form.submit().expect(200);
    let two = app.visitor();
    join(&two.visit(&invited(&app, "two@example.com").1), "Two").expect(200);
    assert_eq!(reached(&two, &apps), ["Tagged"]);

    // What is not the workspace's cannot be given, and roles that manage are never limited.
    let foreign = foreign.to_string();
    for (role, reach, app_id, tag, blamed) in [
        ("viewer", "apps", &*foreign, "", "apps"),
        ("viewer", "apps", "", "", "apps"),
        ("viewer", "tag", &*listed, "", "tag"),
    ] {
        let fields = [
            ("email", "three@example.com"),
            ("role", role),
            ("reach", reach),
            ("apps", app_id),
            ("tag", tag),
        ];
        let page = alice.post_with_token(INVITE, &fields).expect(422);
        let blames = Page::detached(INVITE, page).blamed();
        assert!(blames.contains(&blamed.to_owned()), "{role} {reach}: {blames:?}");
    }
    // What has all apps anyway has no fields for it: what they hold is not looked at.
    let fields = [
        ("email", "three@example.com"),
        ("role", "admin"),
        ("reach", "apps"),
        ("apps", &*listed),
        ("tag", ""),
    ];
    let asked = alice.post_with_token(INVITE, &fields).expect(303);
    let page = alice.visit(&asked.header("location").expect("a challenge"));
    let effect = "three@example.com is invited. Once they accept, their role is Admin, with all apps in reach.";
    assert!(page.texts("dd").contains(&effect.to_owned()), "{:?}", page.texts("dd"));
}
