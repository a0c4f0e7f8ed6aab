//! A certified provider of the registry (panva's oidc-provider), in a process of its own, walked through by its own
//! redirects and forms.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

use rstest::rstest;

use super::{CONNECT, PAGE, SSO, page, sent_to};
use crate::conformance::are_judges_here;
use crate::support::app::{PASSWORD, settings};
use crate::support::db::Filling;
use crate::support::factors::events;
use crate::support::page::Page;
use crate::support::{Actor, Backend, Postgres, Request, Response, Sqlite, TestApp, start};

/// A running provider; it ends with its standard input.
struct RealProvider {
    process: Child,
    _input: ChildStdin,
    issuer: String,
}

impl RealProvider {
    fn start(redirect: &str, seconds: i64) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
        let mut process = Command::new("node")
            .args(["provider.mjs", redirect, &seconds.to_string()])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let input = process.stdin.take().expect("an input");
        let lines = BufReader::new(process.stdout.take().expect("an output")).lines();
        let mut lines = lines.map(|line| line.expect("a line"));
        let issuer = lines.find(|line| line.starts_with("http://")).expect("an issuer");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, _input: input, issuer }
    }
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What somebody does at the provider.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    LogIn(&'static str),
    CallOff,
}

/// A browser at the provider.
struct Guest {
    server: SocketAddr,
    jar: BTreeMap<String, String>,
}

impl Guest {
    fn send(&mut self, request: Request) -> Response {
        let cookies: Vec<_> =
            self.jar.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let answer = request.header("cookie", cookies.join("; ")).send(self.server);
        for line in answer.headers_named("set-cookie") {
            let pair = line.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

/// Walks through the provider's pages; where it sends the browser back to at last: path and query of ours.
fn walks_through(app: &TestApp, provider: &RealProvider, sent_to: &str, wish: Wish) -> String {
    let (issuer, base) = (&provider.issuer, &app.services().settings.base_url);
    let server = issuer.trim_start_matches("http://").parse().expect("an address");
    let mut guest = Guest { server, jar: BTreeMap::new() };
    let mut next = sent_to.to_owned();
    for _ in 0..12 {
        if let Some(ours) = next.strip_prefix(base.as_str()) {
            return ours.to_owned();
        }
        let path = next.trim_start_matches(issuer.as_str()).to_owned();
        let mut answer = guest.send(Request::get(&path));
        if answer.status == 200 {
            let shown = Page::detached(&path, answer);
            answer = match wish {
                Wish::CallOff => {
                    let links = shown.attributes("a[href]", "href");
                    let way = links.into_iter().find(|href| href.ends_with("/abort"));
                    let way = way.expect("a way to call it off");
                    guest.send(Request::get(way.trim_start_matches(issuer.as_str())))
                }
                Wish::LogIn(name) => {
                    let mut form = shown.forms().remove(0);
                    if form.has_open("login") {
                        form = form.fill("login", name).fill("password", "any");
                    }
                    let action = form.action.trim_start_matches(issuer.as_str());
                    guest.send(Request::form(action, &form.fields()))
                }
            };
        }
        assert!([302, 303].contains(&answer.status), "{path}: {answer:?}");
        next = answer.header("location").expect("a location");
    }
    panic!("{sent_to} leads in circles");
}

/// The program with the provider.
fn scene(on: Backend) -> Option<(TestApp, RealProvider)> {
    let mail = ("smtp_url", "smtp://127.0.0.1:9?tls=off");
    let app = start(on, Filling::Cast, &[mail])?;
    let base = app.services().settings.base_url.clone();
    let now = app.clock().now().seconds();
    let provider = RealProvider::start(&format!("{base}/sign-in/sso/callback"), now);
    let given = BTreeMap::from([
        ("listen", app.address().to_string()),
        ("oidc_issuer", provider.issuer.clone()),
        ("oidc_client_id", "console".to_owned()),
        ("oidc_client_secret", "a secret/of 32 characters or more".to_owned()),
        ("oidc_name", "Example ID".to_owned()),
    ]);
    let known =
        switchroom::startup::provider(&settings(&given), switchroom::outgoing::Limits::default());
    let known = known.expect("a provider");
    Some((app.adjusted(|services| services.provider = known), provider))
}

/// Begins at a path of ours and comes back; the bare answer.
fn goes(
    actor: &Actor<'_>,
    (app, provider): (&TestApp, &RealProvider),
    path: &str,
    wish: Wish,
) -> Response {
    actor.get(&walks_through(app, provider, &sent_to(actor, path), wish))
}

#[rstest]
fn a_certified_provider_connects_and_signs_in(#[values(Sqlite, Postgres)] on: Backend) {
    if !are_judges_here() {
        return;
    }
    let Some((app, provider)) = scene(on) else { return };
    let both = (&app, &provider);

    // Unknown at first.
    let visitor = app.visitor();
    let shown = page(&visitor, goes(&visitor, both, SSO, Wish::LogIn("ern"))).expect(403);
    assert_eq!(shown.heading(), "No account is connected to this identity");
    assert!(shown.texts("main").join("").contains("ern@id.test"), "the name is asked for");

    // Called off there.
    let shown = page(&visitor, goes(&visitor, both, SSO, Wish::CallOff)).expect(403);
    assert_eq!(shown.heading(), "The sign-in was cancelled");

    // Connected with a proof.
    let erin = app.person("erin");
    let back = walks_through(&app, &provider, &sent_to(&erin, CONNECT), Wish::LogIn("ern"));
    let shown = erin.visit(&back).expect(200);
    assert_eq!(shown.heading(), "Verify your identity to connect single sign-on");
    let path = shown.path().to_owned();
    let shown = shown.form(&path).fill("code", &app.mailed_code().0).submit().expect(200);
    assert_eq!(shown.path(), PAGE);
    assert!(shown.texts("main").join("").contains("ern@id.test"));
    erin.post_with_token("/sign-out", &[]).expect(303);
    assert_eq!(erin.get("/apps").status, 303);

    // Signs in; the same answer again does not, whatever the browser has kept.
    let back = walks_through(&app, &provider, &sent_to(&erin, SSO), Wish::LogIn("ern"));
    let kept = erin.copied();
    erin.get(&back).expect(303);
    assert_eq!(erin.get("/apps").status, 200);
    page(&kept, kept.get(&back)).expect(410);
    assert_eq!(kept.get("/apps").status, 303);
    assert!(events(&app).ends_with(&["sign_in done".to_owned()]));

    // The second factor is asked for still.
    let seed = app.has_authenticator("erin");
    let visitor = app.visitor();
    let answer = goes(&visitor, both, SSO, Wish::LogIn("ern")).expect(303);
    let path = answer.header("location").expect("a location");
    assert!(path.starts_with("/sign-in/code"), "{path}");
    assert_eq!(visitor.get("/apps").status, 303);
    let form = visitor.visit(&path).form("Enter your code");
    form.fill("code", &app.fresh_code_of(&seed)).send().expect(303);
    assert_eq!(visitor.get("/apps").status, 200);

    // A provider that has ended is no reason not to sign in.
    drop(provider);
    app.clock().forward(switchroom::clock::hours(1));
    let visitor = app.visitor();
    visitor.visit(SSO).expect(502);
    visitor.sign_in("vera", PASSWORD).expect(303);
}
