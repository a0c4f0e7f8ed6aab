//! Every sensitive act against every wrong proof.

use rstest::rstest;
use serde_json::{Map, Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::apps::switching::{self, DeleteApp, DisableApp};
use switchroom::audit::{Act, Reason};
use switchroom::clock::minutes;
use switchroom::identities::ConnectIdentity;
use switchroom::ids::{SdkAppId, SessionId};
use switchroom::secret::Secret;
use switchroom::services::Services;
use switchroom::step_up::actions::{Asked, Unperformed, answer, ask, find};
use switchroom::step_up::registry::{self, SENSITIVE, run as run_act};
use switchroom::step_up::{Asker, Challenge, Granted};

use crate::support::app::{ALPHA, BETA};
use crate::support::db::{run, texts};
use crate::support::factors::{account, app_with_everything, asker};
use crate::support::passkey::Device;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, wait};

/// The provider of the settings, which nobody asks.
const ISSUER: &str = "http://127.0.0.1:9";

/// A workspace with an app, somebody who asks, and another app.
struct Scene<'a> {
    app: &'a TestApp,
    alice: Actor<'a>,
    seed: Secret,
    blue: SdkAppId,
}

impl<'a> Scene<'a> {
    fn new(app: &'a TestApp) -> Self {
        let blue = app.has_app(ALPHA, "Blue", BOTH);
        let seed = app.has_authenticator("alice");
        let alice = app.person_with_code("alice", &seed);
        app.db(|conn| {
            run(
                conn,
                "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
                 VALUES (2, 1, 'owner', 0)",
            );
        });
        Self { app, alice, seed, blue }
    }

    /// Asks for an act; the path of its challenge.
    fn ask(&self, act: Act) -> String {
        let (app, blue) = (self.app, self.blue);
        let enabled = "UPDATE apps SET switch = 'enabled', disabled_by = NULL WHERE sdk_app_id > 0";
        let disabled = "UPDATE apps SET switch = 'disabled', disabled_by = 'member' \
             WHERE sdk_app_id > 0";
        app.db(|conn| run(conn, if act == Act::DeleteApp { disabled } else { enabled }));
        // Or they would be what acts are confirmed with.
        app.db(|conn| run(conn, "DELETE FROM passkeys"));
        if let Some(path) = self.ask_by_steps(act) {
            return path;
        }
        let (path, fields) = match act {
            Act::DisableApp => (format!("/apps/{blue}/disable"), vec![]),
            Act::DeleteApp => (format!("/apps/{blue}/delete"), vec![("name", "Blue")]),
            Act::ResetCertificate => (format!("/apps/{blue}/certificates/usersig/reset"), vec![]),
            Act::RevealKey => (format!("/apps/{blue}/certificates/usersig/reveal"), vec![]),
            Act::RenewRecoveryCodes => ("/profile/recovery-codes".to_owned(), vec![]),
            Act::RemoveAuthenticator => ("/profile/authenticator/remove".to_owned(), vec![]),
            Act::RemovePhone => {
                app.has_phone("alice", "+8613800138000");
                app.db(|conn| run(conn, "DELETE FROM code_sends"));
                ("/profile/phone/remove".to_owned(), vec![])
            }
            Act::DisconnectIdentity => {
                app.has_identity(account("alice"), ISSUER, "ally");
                ("/profile/identity/disconnect".to_owned(), vec![])
            }
            Act::CreateApiKey => {
                let fields = vec![
                    ("submission", "00112233445566778899aabbccddeeff"),
                    ("name", "writer"),
                    ("scopes", "apps:write"),
                    ("lifetime", "90"),
                ];
                ("/api-keys/new".to_owned(), fields)
            }
            Act::RollApiKey => {
                (format!("/api-keys/{}/roll", self.writer()), vec![("overlap", "24")])
            }
            Act::RevokeApiKey => (format!("/api-keys/{}/revoke", self.writer()), vec![]),
            Act::ChangeEmail => {
                // As often as it takes.
                app.db(|conn| run(conn, "DELETE FROM account_links; DELETE FROM code_sends"));
                ("/profile/email".to_owned(), vec![("email", "elsewhere@example.com")])
            }
            Act::InviteMember => {
                app.db(|conn| run(conn, "DELETE FROM invitation_apps; DELETE FROM invitations"));
                let fields = [
                    ("email", "accomplice@example.com".to_owned()),
                    ("role", "engineer".to_owned()),
                    ("reach", "apps".to_owned()),
                    ("apps", blue.to_string()),
                    ("tag", String::new()),
                ];
                return self.leads(act, "/members/invite", &fields);
            }
            Act::ChangeMember => {
                return self.leads(
                    act,
                    "/members/3",
                    &[
                        ("version", self.version("memberships WHERE account_id = 3")),
                        ("role", "viewer".to_owned()),
                        ("reach", "apps".to_owned()),
                        ("apps", blue.to_string()),
                        ("tag", String::new()),
                    ],
                );
            }
            Act::RemoveMember => ("/members/3/remove".to_owned(), vec![]),
            Act::HandOver => ("/members/2/hand-over".to_owned(), vec![]),
            Act::ChangePolicy => {
                return self.leads(
                    act,
                    "/workspace/policy",
                    &[
                        ("version", self.version("workspaces WHERE id = 1")),
                        ("policy", "sms_allowed".to_owned()),
                    ],
                );
            }
            act => panic!("no sample for {act}: add one here"),
        };
        let fields: Vec<_> =
            fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        self.leads(act, &path, &fields)
    }

    /// The same for what begins with more than a form, or with another's answer.
    fn ask_by_steps(&self, act: Act) -> Option<String> {
        let app = self.app;
        match act {
            Act::AddPasskey => {
                let page = self.alice.visit("/profile/passkeys");
                let answer = Device::new(9).fill(&page).fill("name", "Laptop").send().expect(303);
                answer.header("location")
            }
            Act::RemovePasskey => {
                // So young that it does not confirm its own removal.
                let passkey = app.has_bare_passkey("alice", &Device::new(8));
                Some(self.leads(act, "/profile/passkeys/remove", &[("passkey", passkey)]))
            }
            Act::ChangePhone => {
                // By text message, as often as it takes.
                app.db(|conn| run(conn, "DELETE FROM phones; DELETE FROM code_sends"));
                let number = [("number", "+86 138 0013 8001")];
                self.alice.post_with_token("/profile/phone", &number).expect(303);
                let (path, code) = ("/profile/phone/confirm".to_owned(), app.texted_code().0);
                let answer = self.alice.post_with_token(&path, &[("code", &code)]).expect(303);
                answer.header("location")
            }
            Act::AddAuthenticator | Act::ReplaceAuthenticator => {
                if act == Act::AddAuthenticator {
                    // By mail, as often as it takes.
                    app.db(|conn| run(conn, "DELETE FROM authenticators; DELETE FROM code_sends"));
                }
                self.alice
                    .post_with_token("/profile/authenticator", &[("password", "")])
                    .expect(303);
                let code = app.code_of(&app.pending_seed("alice"));
                let path = "/profile/authenticator/confirm";
                let answer = self.alice.post_with_token(path, &[("code", &code)]).expect(303);
                answer.header("location")
            }
            Act::ConnectIdentity => {
                // What the way over a provider leads to; it is walked elsewhere.
                let act = ConnectIdentity {
                    account: account("alice"),
                    name: "alice".to_owned(),
                    issuer: ISSUER.to_owned(),
                    subject: "ally".to_owned(),
                    identity_name: "ally@id.test".to_owned(),
                };
                let asked = wait(ask(app.services(), &self.asker(), &act)).expect("an answer");
                let Asked::Challenge(id) = asked else { panic!("there is a method") };
                Some(format!("/step-up/{id}"))
            }
            _ => None,
        }
    }

    /// Where a form leads that asks for an act.
    fn leads(&self, act: Act, path: &str, fields: &[(&'static str, String)]) -> String {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.alice.post_with_token(path, &fields).expect(303);
        let location = answer.header("location").expect("a challenge");
        assert!(location.starts_with("/step-up/"), "{act} leads to {location}");
        location
    }

    /// A key of the host's that can change something, and works.
    fn writer(&self) -> i64 {
        let query = "SELECT COALESCE(MAX(id), 0) FROM api_keys WHERE name = 'ci' \
             AND last_used_at IS NULL AND revoked_at IS NULL AND successor_id IS NULL";
        if self.app.count(query) == 0 {
            self.app.key(&[ApiScope::AppsWrite]);
        }
        self.app.count(query)
    }

    /// The version of a row.
    fn version(&self, of: &str) -> String {
        self.app.count(&format!("SELECT version FROM {of}")).to_string()
    }

    fn id(path: &str) -> String {
        path.trim_start_matches("/step-up/").to_owned()
    }

    /// Alice, as handlers know her.
    fn asker(&self) -> Asker {
        let query = "SELECT CAST(MIN(id) AS TEXT) AS text FROM sessions WHERE account_id = 1";
        let session = self.app.db(|conn| texts(conn, query)).remove(0);
        let session = SessionId(session.parse().expect("a number"));
        asker("alice", session)
    }

    /// A challenge that was passed, and whose act has not run.
    fn granted(&self, path: &str) -> Granted {
        let (services, asker) = (self.app.services(), self.asker());
        let code = self.right_code();
        wait(async {
            let found = find(services, &asker.holder, &asker.actor, &Self::id(path)).await;
            let challenge = found.expect("an answer").expect("a challenge");
            let passed = answer(services, &asker.holder, &asker.actor, &challenge, &code).await;
            passed.expect("an answer").unwrap_or_else(|refusal| panic!("{refusal:?}"))
        })
    }

    /// A code that would be right.
    fn right_code(&self) -> String {
        match self.app.count("SELECT count(*) FROM authenticators WHERE state = 'active'") {
            0 => self.app.mailed_code().0,
            _ => self.app.fresh_code_of(&self.seed),
        }
    }

    fn post(&self, actor: &Actor<'_>, path: &str) -> u16 {
        actor.post_with_token(path, &[("code", &self.right_code())]).status
    }

    /// What the acts would change.
    fn protected(&self) -> Vec<String> {
        let tables = [
            "apps:",
            "certificates:",
            "app_tags:",
            "reveals:",
            "memberships:",
            "membership_apps:",
            "invitations:",
            "account_links:",
            "identities:",
            "phones:",
            "passkeys:",
            "recovery_codes:",
            "workspaces:",
        ];
        let rows = self.app.rows().into_iter();
        let mut rows: Vec<_> =
            rows.filter(|row| tables.iter().any(|table| row.starts_with(table))).collect();
        // Its last step counts on; which seeds count does not.
        let query = "SELECT id || ' ' || state AS text FROM authenticators WHERE state = 'active'";
        rows.extend(self.app.db(|conn| texts(conn, query)));
        // Those that were used are the programs that try; when they were used is no act.
        let query = "SELECT id || ' ' || name || ' ' || digest || ' ' || scopes || ' ' \
             || COALESCE(revoked_at, 0) || ' ' || COALESCE(expires_at, 0) || ' ' \
             || COALESCE(successor_id, 0) AS text FROM api_keys WHERE last_used_at IS NULL \
             ORDER BY id";
        rows.extend(self.app.db(|conn| texts(conn, query)));
        rows
    }

    fn denied(&self) -> Vec<String> {
        let query = "SELECT act || ' ' || reason AS text FROM audit_events \
             WHERE outcome = 'denied' ORDER BY workspace_id, position";
        self.app.db(|conn| texts(conn, query))
    }
}

/// Another act than the one that the proof is for.
fn other_act(scene: &Scene<'_>, granted: Granted, act: Act) -> Unperformed {
    let (services, asker) = (scene.app.services(), scene.asker());
    let (app, name, version) = (scene.blue, "Blue".to_owned(), 1);
    let done = if act == Act::DisableApp {
        let act = DeleteApp { app, name, version };
        wait(switching::actions::delete(services, &asker, act, granted.proof()))
    } else {
        let act = DisableApp { app, name, version };
        wait(switching::actions::disable(services, &asker, act, granted.proof()))
    };
    done.expect("an answer").expect_err("refused")
}

/// The same act with one of its particulars changed, each in turn; all that is tried must be refused alike.
fn changed(scene: &Scene<'_>, path: &str, which: &dyn Fn(&str) -> bool) -> usize {
    let (services, asker) = (scene.app.services(), scene.asker());
    let granted = scene.granted(path);
    let challenge = granted.challenge().clone();
    let body: Map<String, Value> = serde_json::from_str(&challenge.body).expect("an object");
    let mut tried = 0;
    for name in body.keys().filter(|name| which(name)) {
        let others = others(&body[name]);
        let mut altered = others.into_iter().filter_map(|other| {
            let mut body = body.clone();
            body.insert(name.clone(), other);
            registry::read(challenge.act, &Value::Object(body).to_string())
        });
        let act = altered.next().unwrap_or_else(|| panic!("{name}: no other value is one"));
        let refused = wait(async {
            let granted = granted_again(services, &asker, &challenge).await;
            act.perform(services, &asker, granted).await.expect("an answer").expect_err("refused")
        });
        assert_eq!(refused, Unperformed::Denied(Reason::OtherParameters), "{name}");
        tried += 1;
    }
    assert!(tried > 0, "{}: nothing to change", challenge.act);
    tried
}

async fn granted_again(services: &Services, asker: &Asker, challenge: &Challenge) -> Granted {
    let granted = switchroom::step_up::actions::granted(
        services,
        &asker.holder,
        &asker.actor,
        challenge.clone(),
    );
    granted.await.expect("an answer").unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// Values that are not a given one, of which at least one can stand in its place.
fn others(value: &Value) -> Vec<Value> {
    const WORDS: [&str; 6] = ["access_token", "viewer", "finance", "all", "apps:read", "standard"];
    match value {
        Value::Number(number) => vec![json!(number.as_i64().unwrap_or(0) + 1)],
        Value::Bool(is_so) => vec![json!(!is_so)],
        Value::String(text) => {
            let words = WORDS.iter().filter(|word| *word != text).map(|word| json!(word));
            [json!(format!("{text}0"))].into_iter().chain(words).collect()
        }
        Value::Null => vec![json!(1), json!("x")],
        Value::Array(items) => {
            let more = items.iter().cloned().chain([json!(1)]).collect();
            vec![json!([]), Value::Array(more), json!(["apps:read"])]
        }
        Value::Object(_) => vec![json!({"all": null}), json!("all")],
    }
}

/// The act as it was asked for.
fn as_it_is(scene: &Scene<'_>, granted: Granted) -> Unperformed {
    let done = wait(run_act(scene.app.services(), &scene.asker(), granted));
    done.expect("an answer").map(drop).expect_err("refused")
}

/// All acts that need a proof.
fn acts() -> Vec<Act> {
    SENSITIVE.iter().map(|registered| registered.act).collect()
}

/// The fields of acts that say what they are done to.
const TARGETS: [&str; 4] = ["app", "account", "api_key", "workspace"];

const WRONG: [&str; 13] = [
    "none",
    "expired",
    "expired proof",
    "used",
    "other session",
    "other account",
    "other act",
    "other target",
    "changed parameter",
    "other workspace",
    "other verb",
    "JSON",
    "API key",
];

/// Tries an act with a wrong proof; the reason that the audit log must give.
fn attempt(scene: &Scene<'_>, act: Act, wrong: &str, path: &str) -> Reason {
    let (app, alice) = (scene.app, &scene.alice);
    match wrong {
        "none" => {
            assert_eq!(alice.post_with_token(&format!("{path}/continue"), &[]).status, 303);
            Reason::NotVerified
        }
        "expired" => {
            app.clock().forward(minutes(10));
            assert_eq!(scene.post(alice, path), 410);
            Reason::Expired
        }
        "expired proof" => {
            let granted = scene.granted(path);
            app.clock().forward(minutes(5));
            let refused = as_it_is(scene, granted);
            assert_eq!(refused, Unperformed::Denied(Reason::Expired));
            Reason::Expired
        }
        "other session" => {
            let has_seed =
                app.count("SELECT count(*) FROM authenticators WHERE state = 'active'") == 1;
            let twin = if has_seed {
                app.person_with_code("alice", &scene.seed)
            } else {
                app.person("alice")
            };
            assert_eq!(scene.post(&twin, path), 404);
            Reason::OtherSession
        }
        "other account" => {
            assert_eq!(scene.post(&app.person("adam"), path), 404);
            Reason::OtherAccount
        }
        "other act" => {
            let refused = other_act(scene, scene.granted(path), act);
            assert_eq!(refused, Unperformed::Denied(Reason::OtherAct));
            Reason::OtherAct
        }
        "other target" => {
            assert_eq!(changed(scene, path, &|field| TARGETS.contains(&field)), 1, "{act}");
            Reason::OtherParameters
        }
        "changed parameter" => {
            assert_eq!(changed(scene, path, &|field| field == "name"), 1, "{act}");
            Reason::OtherParameters
        }
        "other workspace" => {
            let enter = |workspace: &str| {
                alice.post_with_token("/workspaces", &[("workspace", workspace)]).expect(303);
            };
            enter(&BETA.to_string());
            assert_eq!(scene.post(alice, path), 404);
            enter(&ALPHA.to_string());
            Reason::OtherWorkspace
        }
        "other verb" => {
            let answer = alice.send(alice.by_browser(Request::new("PUT", path)));
            assert_eq!(answer.status, 405);
            Reason::WrongMethod
        }
        "JSON" => {
            let code = scene.right_code();
            let body = json!({"code": code, "token": alice.token()});
            let answer = alice.send(alice.by_browser(Request::json("POST", path, &body)));
            assert_eq!(answer.status, 415);
            Reason::NotAForm
        }
        "API key" => {
            let code = scene.right_code();
            let program = app.key(ApiScope::ALL);
            let fields = [("code".to_owned(), code)];
            assert_eq!(program.send(Request::form(path, &fields)).status, 403);
            Reason::ApiKey
        }
        other => panic!("{other}"),
    }
}

#[rstest]
fn no_sensitive_act_is_done_with_a_wrong_proof_and_each_try_is_one_event(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_everything(on) else { return };
    let scene = Scene::new(&app);
    let mut cells = 0;

    for act in acts() {
        for wrong in WRONG.into_iter().filter(|wrong| *wrong != "used") {
            let path = scene.ask(act);
            let (before, known) = (scene.protected(), scene.denied());
            let reason = attempt(&scene, act, wrong, &path);
            let tried = match (wrong, act) {
                ("other act", Act::DisableApp) => Act::DeleteApp,
                ("other act", _) => Act::DisableApp,
                _ => act,
            };
            assert_eq!(scene.denied().len(), known.len() + 1, "{act}, {wrong}");
            assert_eq!(scene.denied().last(), Some(&format!("{tried} {reason}")), "{act}, {wrong}");
            assert_eq!(scene.protected(), before, "{act}, {wrong}");
            cells += 1;
        }
    }
    assert_eq!(cells, SENSITIVE.len() * 12);
}

#[rstest]
fn each_sensitive_act_is_done_once_with_the_right_proof_and_never_with_a_used_one(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    for act in acts() {
        let Some(app) = app_with_everything(on) else { return };
        let scene = Scene::new(&app);
        let path = scene.ask(act);
        let before = scene.protected();
        let known = scene.denied().len();

        let code = scene.right_code();
        let done = scene.alice.post_with_token(&path, &[("code", &code)]);
        assert_eq!(done.status, 303, "{act}");
        let result = done.header("location").expect("a result");
        assert!(!result.starts_with("/step-up"), "{act} leads to {result}");
        let after = scene.protected();
        assert_ne!(after, before, "{act} changes something");
        let query =
            format!("SELECT count(*) FROM audit_events WHERE outcome = 'done' AND act = '{act}'");
        assert_eq!(app.count(&query), 1, "{act}");

        // The same code, and the next one.
        for code in [&*code, "123456"] {
            let again = scene.alice.post_with_token(&path, &[("code", code)]);
            assert_eq!(
                (again.status, again.header("location")),
                (303, Some(result.clone())),
                "{act}"
            );
        }
        scene.alice.post_with_token(&format!("{path}/continue"), &[]).expect(303);
        assert_eq!(scene.protected(), after, "{act}");
        assert_eq!(app.count(&query), 1, "{act}");
        let denied = scene.denied();
        assert_eq!(denied[known..], vec![format!("{act} used"); 3], "{act}");
        // The back button.
        assert_eq!(scene.alice.get(&path).header("location"), Some(result), "{act}");
    }
}

#[rstest]
fn a_proof_is_for_each_single_particular_of_its_act(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_with_everything(on) else { return };
    let scene = Scene::new(&app);
    for act in acts() {
        let path = scene.ask(act);
        let before = scene.protected();
        changed(&scene, &path, &|_| true);
        assert_eq!(scene.protected(), before, "{act}");
    }
}

#[test]
fn every_sensitive_act_is_registered_and_asked_for_by_a_watched_route() {
    let watched: Vec<Act> = switchroom::web::routes()
        .entries()
        .iter()
        .filter_map(|entry| match entry.watched {
            Some(switchroom::web::refusals::Watched::Act(act)) => Some(act),
            _ => None,
        })
        .collect();
    for act in acts() {
        // One form confirms the first authenticator and another in its place. Connecting an identity is asked for by
        // the provider's answer, which is no form; what is refused there, its action writes down.
        let others = [Act::ReplaceAuthenticator, Act::ConnectIdentity];
        let is_watched = watched.contains(&act) || others.contains(&act);
        assert!(is_watched, "{act} has no watched route");
    }
    for act in watched {
        assert!(acts().contains(&act), "{act} is not registered");
    }
}
