//! Identities at a provider: signing in by them, connecting them, accepting invitations with them, and providers that
//! lie.

mod honest;
mod hostile;
mod invitations;
mod real;

use std::sync::Arc;
use std::time::Duration;

use switchroom::outgoing::Limits;
use switchroom::startup;

use crate::support::app::NOW;
use crate::support::db::Filling;
use crate::support::page::Page;
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET, TestProvider};
use crate::support::{Actor, Backend, Response, TestApp, start};

const SSO: &str = "/sign-in/sso";
const PAGE: &str = "/profile/identity";
const CONNECT: &str = "/profile/identity/connect";
const DISCONNECT: &str = "/profile/identity/disconnect";

/// The program with a provider, and with a server of mail that nobody asks.
fn app_with(on: Backend, provider: &TestProvider) -> Option<TestApp> {
    let issuer = provider.issuer();
    let settings = [
        ("smtp_url", "smtp://127.0.0.1:9?tls=off"),
        ("oidc_issuer", &*issuer),
        ("oidc_client_id", CLIENT_ID),
        ("oidc_client_secret", CLIENT_SECRET),
        ("oidc_name", "Example ID"),
    ];
    start(on, Filling::Cast, &settings)
}

/// Both.
fn scene(on: Backend) -> Option<(TestApp, TestProvider)> {
    let provider = TestProvider::start(NOW);
    Some((app_with(on, &provider)?, provider))
}

/// The same program, which waits for less long.
fn impatient(app: TestApp) -> TestApp {
    let limits = Limits { connect: Duration::from_millis(400), total: Duration::from_millis(400) };
    let provider = startup::provider(&app.services().settings, limits).expect("a provider");
    app.adjusted(|services| services.provider = provider.map(|it| Arc::clone(&it)))
}

/// Where a page of ours sends a browser on.
#[track_caller]
fn sent_to(actor: &Actor<'_>, path: &str) -> String {
    actor.get(path).expect(303).header("location").expect("a location")
}

/// Begins to sign in, logs in at the provider, and comes back; the bare answer.
#[track_caller]
fn comes_back(actor: &Actor<'_>, provider: &TestProvider, subject: &str) -> Response {
    actor.get(&provider.log_in(&sent_to(actor, SSO), subject))
}

/// An answer as a page.
fn page<'a>(actor: &Actor<'a>, response: Response) -> Page<'a> {
    Page::new(actor.clone(), "/sign-in/sso/callback", response)
}

/// Insists that nobody is signed in by a browser, and that its flow is over or was none.
#[track_caller]
fn is_outside(app: &TestApp, actor: &Actor<'_>) {
    assert_eq!(actor.get("/apps").status, 303);
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0);
}
