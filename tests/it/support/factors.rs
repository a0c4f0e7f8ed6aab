//! Second factors of the cast, and what the audit log says.

use switchroom::apps::switching::DisableApp;
use switchroom::audit::Actor as By;
use switchroom::authenticators::store::{
    State, authenticator, authenticator_add_first, authenticator_begin,
};
use switchroom::authenticators::totp;
use switchroom::clock::{UtcTime, days};
use switchroom::i18n::Language;
use switchroom::ids::{AccountId, SdkAppId, SessionId};
use switchroom::notify::store::outbox_latest;
use switchroom::notify::{Channel, Message};
use switchroom::phones::store::{NewCode, phone_begin};
use switchroom::secret::Secret;
use switchroom::step_up::actions::{Asked, ask};
use switchroom::step_up::store::{challenge_anywhere, challenge_grant};
use switchroom::step_up::{Asker, Holder, PROOF_LIFETIME};
use switchroom::workspaces::Scope;

use super::app::{ALPHA, CAST, TestApp, start};
use super::db::{Filling, run, texts};
use super::passkey::BASE_URL;
use super::{Actor, Backend, PASSWORD, wait};

/// The program with a server of mail that nobody asks: mail stays in the outbox.
pub fn app_with_mail(on: Backend) -> Option<TestApp> {
    start(on, Filling::Cast, &[("smtp_url", "smtp://127.0.0.1:9?tls=off")])
}

/// The same with a gateway for text messages that nobody asks either.
pub fn app_with_mail_and_sms(on: Backend) -> Option<TestApp> {
    let gateway = "twilio://AC1:token@127.0.0.1:9?from=Switchroom&tls=off";
    let settings = [("smtp_url", "smtp://127.0.0.1:9?tls=off"), ("sms_url", gateway)];
    start(on, Filling::Cast, &settings)
}

/// The same where browsers have passkeys, and with a provider to sign in through that nobody asks either.
pub fn app_with_everything(on: Backend) -> Option<TestApp> {
    let gateway = "twilio://AC1:token@127.0.0.1:9?from=Switchroom&tls=off";
    let settings = [
        ("base_url", BASE_URL),
        ("smtp_url", "smtp://127.0.0.1:9?tls=off"),
        ("sms_url", gateway),
        ("oidc_issuer", "http://127.0.0.1:9"),
        ("oidc_client_id", "console"),
    ];
    start(on, Filling::Cast, &settings)
}

/// The account of one of the cast; they were made in order, bob last.
pub fn account(name: &str) -> AccountId {
    let at = CAST.iter().position(|(known, _)| *known == name).unwrap_or(CAST.len());
    AccountId(i64::try_from(at).expect("a small number") + 1)
}

/// One event of the audit log, as tests compare it: act, outcome, reason, method.
pub fn events(app: &TestApp) -> Vec<String> {
    let query = "SELECT act || ' ' || outcome || ' ' || reason || ' ' || method AS text \
         FROM audit_events ORDER BY workspace_id, position";
    app.db(|conn| texts(conn, query)).iter().map(|row| row.trim_end().replace("  ", " ")).collect()
}

impl TestApp {
    /// Sets an authenticator up for somebody, past the pages; its seed.
    pub fn has_authenticator(&self, name: &str) -> Secret {
        self.has_authenticator_since(name, self.clock().now().minus(days(2)))
    }

    /// The same, set up at a moment.
    pub fn has_authenticator_since(&self, name: &str, now: UtcTime) -> Secret {
        let services = self.services();
        let seed = totp::seed(&services.random);
        let (owner, keys) = (account(name), (&*services.vault, &services.random));
        self.db(|conn| {
            authenticator_begin(conn, keys, (owner, SessionId(0)), &seed, now).expect("begun");
            let pending = authenticator(conn, &services.vault, owner, State::Pending);
            let pending = pending.expect("an answer").expect("one that is pending");
            assert!(authenticator_add_first(conn, owner, (&pending.id, 0), now).is_ok());
        });
        seed
    }

    /// Makes all authenticators older than the day for which they do not confirm what is dangerous.
    pub fn ages_authenticators(&self) {
        let age = "UPDATE authenticators SET confirmed_at = confirmed_at - 172800000000 \
             WHERE confirmed_at IS NOT NULL";
        self.db(|conn| run(conn, age));
    }

    /// The seed that somebody is setting up.
    pub fn pending_seed(&self, name: &str) -> Secret {
        let vault = &self.services().vault;
        let found = self.db(|conn| authenticator(conn, vault, account(name), State::Pending));
        found.expect("an answer").expect("one that is pending").seed
    }

    /// The code of a seed by the app's clock.
    pub fn code_of(&self, seed: &Secret) -> String {
        totp::code_at(seed, self.clock().now()).expect("a code")
    }

    /// A code of a seed that nobody has used: the clock is wound to the next step.
    pub fn fresh_code_of(&self, seed: &Secret) -> String {
        self.clock().forward(std::time::Duration::from_secs(30));
        self.code_of(seed)
    }

    /// A code that is none of the present ones of a seed.
    pub fn wrong_code_of(&self, seed: &Secret) -> String {
        let near = [-30, 0, 30].map(|seconds| {
            let now = self.clock().now().seconds() + seconds;
            totp::code_at(seed, switchroom::clock::UtcTime::from_seconds(now)).expect("a code")
        });
        let all = (0..10).map(|digit| digit.to_string().repeat(6));
        all.into_iter().find(|code| !near.contains(code)).expect("a code that is wrong")
    }

    /// Sets a telephone for somebody, past the pages.
    pub fn has_phone(&self, name: &str, number: &str) {
        let (owner, now) = (account(name), self.clock().now());
        let id = self.services().random.hex::<16>();
        let code = NewCode { digest: "", reference: "", expires_at: now };
        self.db(|conn| {
            run(conn, &format!("DELETE FROM phones WHERE account_id = {owner}"));
            phone_begin(conn, (owner, SessionId(0)), (&id, number), &code, now).expect("begun");
            let counts = format!(
                "UPDATE phones SET state = 'active', confirmed_at = {}, code_digest = NULL \
                 WHERE id = '{id}'",
                now.0
            );
            run(conn, &counts);
        });
    }

    /// Connects an identity for somebody, past the pages, in the place of the one there is.
    pub fn has_identity(&self, owner: AccountId, issuer: &str, subject: &str) {
        let id = self.services().random.hex::<16>();
        let row = format!(
            "INSERT INTO identities (id, account_id, issuer, subject, name, created_at) \
             VALUES ('{id}', {owner}, '{issuer}', '{subject}', '{subject}@id.test', 0)"
        );
        self.db(|conn| {
            run(conn, &format!("DELETE FROM identities WHERE account_id = {owner}"));
            run(conn, &row);
        });
    }

    /// The code that was mailed last, and its reference.
    pub fn mailed_code(&self) -> (String, String) {
        self.sent_code(Channel::Mail)
    }

    /// The code that was sent by text message last, and its reference.
    pub fn texted_code(&self) -> (String, String) {
        self.sent_code(Channel::Sms)
    }

    fn sent_code(&self, channel: Channel) -> (String, String) {
        let vault = &self.services().vault;
        let mails = self.db(|conn| outbox_latest(conn, vault, 20)).expect("mails");
        let mails = mails.into_iter().filter(|mail| mail.channel == channel);
        let mut codes = mails.filter_map(|mail| match mail.letter?.message {
            Message::StepUpCode { code, reference, .. } => {
                Some((code.expose().to_owned(), reference))
            }
            _ => None,
        });
        codes.next().expect("a code that was sent")
    }

    /// What the link of the last mail of an act ends in.
    pub fn mailed_link(&self) -> String {
        let vault = &self.services().vault;
        let mails = self.db(|conn| outbox_latest(conn, vault, 20)).expect("mails");
        let links = mails.into_iter().filter_map(|mail| match mail.letter?.message {
            Message::StepUpCode { link, .. } => Some(link.expose().to_owned()),
            _ => None,
        });
        links.into_iter().next().expect("a link that was mailed")
    }

    /// One of the cast, signed in by password and code.
    #[track_caller]
    pub fn person_with_code(&self, name: &str, seed: &Secret) -> Actor<'_> {
        let actor = self.on_known_device();
        let answer = actor.sign_in(name, PASSWORD).expect(303);
        let code = self.fresh_code_of(seed);
        let page = actor.visit(&answer.header("location").expect("a location"));
        page.form("/sign-in/code").fill("code", &code).send().expect(303);
        self.knows_device_of(&actor);
        actor
    }
}

/// One of the cast of the first workspace, as handlers know them.
pub fn asker(name: &str, session: SessionId) -> Asker {
    let (owner, email) = (account(name), super::app::email(name));
    let (address, browser) = ("10.0.0.1".to_owned(), "a test".to_owned());
    Asker {
        account: owner,
        holder: Holder::Session { account: owner, session, workspace: Some(ALPHA) },
        scope: Some(Scope::whole(ALPHA)),
        actor: By::at(address.clone(), browser, "0".to_owned())
            .as_person(owner, name, &email)
            .in_session(session),
        email,
        language: Language::English,
        network: address,
    }
}

/// Asks to disable an app as alice, in her first sign-in, and has it proved for; the challenge.
pub fn grant_disable(app: &TestApp, id: SdkAppId) -> String {
    let asker = asker("alice", SessionId(1));
    let version = app.count(&format!("SELECT version FROM apps WHERE sdk_app_id = {id}"));
    let act = DisableApp { app: id, name: "an app".to_owned(), version };
    let made = wait(ask(app.services(), &asker, &act)).expect("an answer");
    let Asked::Challenge(challenge) = made else { panic!("there is a method") };
    let until = app.clock().now().plus(PROOF_LIFETIME);
    app.db(|conn| {
        let stored = challenge_anywhere(conn, &challenge).expect("an answer").expect("a challenge");
        assert!(challenge_grant(conn, &stored, until, app.clock().now()).expect("an answer"));
    });
    challenge
}
