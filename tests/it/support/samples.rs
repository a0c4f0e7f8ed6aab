//! A good request for every route that takes one: what checks over all routes begin with. A new
//! route has no sample and fails them until it gets one.

use serde_json::{Value, json};
use switchroom::apps::actions::{Creator, create};
use switchroom::apps::store::NewApp;
use switchroom::apps::{AppName, Scenario, Services, Tags};
use switchroom::audit::Actor;
use switchroom::ids::{SdkAppId, WorkspaceId};
use switchroom::web::routes::{Entry, Kind};
use switchroom::workspaces::Scope;

use super::app::PASSWORD;
use super::{Request, TestApp, wait};

/// A body that its route takes.
pub enum Body {
    None,
    Form(Vec<(&'static str, &'static str)>),
    Json(Value),
}

/// Whether a form is all button.
fn is_bare(path: &str) -> bool {
    const BARE: [&str; 27] = [
        "/sign-out",
        "/apps/{sdk_app_id}/disable",
        "/apps/{sdk_app_id}/enable",
        "/confirm-email",
        "/change-email",
        "/freeze",
        "/profile/email/confirm",
        "/profile/email/again",
        "/profile/email/cancel",
        "/profile/authenticator/cancel",
        "/profile/authenticator/remove",
        "/profile/phone/cancel",
        "/profile/phone/code",
        "/profile/phone/remove",
        "/profile/identity/disconnect",
        "/members/{account}/remove",
        "/members/{account}/hand-over",
        "/step-up/{id}/code",
        "/step-up/{id}/continue",
        "/step-up/{id}/cancel",
        "/api-keys/put-away",
        "/api-keys/{api_key}/revoke",
        "/profile/sessions/end-others",
        "/profile/sessions/{session}/end",
        "/step-up/link/{token}/disown",
        "/profile/recovery-codes",
        "/profile/recovery-codes/put-away",
    ];
    path.starts_with("/members/invitations/")
        || BARE.contains(&path)
        || path.starts_with("/apps/{sdk_app_id}/certificates/")
}

/// What a route is sent when all is well.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn body(entry: &Entry) -> Body {
    let key = "00112233445566778899aabbccddeeff";
    match (entry.method.as_str(), entry.path) {
        ("GET", _) => Body::None,
        ("POST", "/language" | "/step-up/link/{token}/language") => {
            Body::Form(vec![("lang", "en"), ("return_to", "/")])
        }
        ("POST", "/theme" | "/step-up/link/{token}/theme") => {
            Body::Form(vec![("theme", "dark"), ("return_to", "/")])
        }
        ("POST", "/sign-in") => {
            Body::Form(vec![("email", "alice@example.com"), ("password", PASSWORD)])
        }
        ("POST", "/setup") => Body::Form(vec![
            ("language", "en"),
            ("time_zone", "UTC"),
            ("name", "Zoe"),
            ("email", "zoe@example.com"),
            ("password", PASSWORD),
            ("workspace", "Zeta"),
        ]),
        ("POST", "/profile") => {
            Body::Form(vec![("name", "Somebody"), ("language", "en"), ("time_zone", "UTC")])
        }
        ("POST", "/profile/password") => Body::Form(vec![
            ("current", PASSWORD),
            ("password", "battery staple"),
            ("again", "battery staple"),
        ]),
        ("POST", "/profile/email" | "/forgot-password") => {
            Body::Form(vec![("email", "somebody@example.com")])
        }
        ("POST", "/reset-password") => {
            Body::Form(vec![("password", "battery staple"), ("again", "battery staple")])
        }
        ("POST", "/workspaces") => Body::Form(vec![("workspace", "1")]),
        ("POST", "/apps/new") => Body::Form(vec![
            ("submission", key),
            ("name", "Sample"),
            ("scenario", "online_education"),
            ("services", "im"),
            ("app_type", ""),
            ("description", "A sample"),
            ("tags", "team=a"),
        ]),
        ("POST", "/apps/{sdk_app_id}/edit") => Body::Form(vec![
            ("version", "1"),
            ("name", "Sample"),
            ("scenario", "online_education"),
            ("app_type", "game"),
            ("description", "A sample"),
            ("platforms", "web"),
            ("tags", "team=a"),
        ]),
        ("POST", "/apps/{sdk_app_id}/tokens") => Body::Form(vec![
            ("channel", "c1"),
            ("user", "u1"),
            ("role", "publisher"),
            ("format", "007"),
            ("app_id", "00112233445566778899aabbccddeeff"),
            ("certificate", "00112233445566778899aabbccddeeff"),
        ]),
        ("POST", "/apps/{sdk_app_id}/tokens/usersig") => Body::Form(vec![
            ("user", "u1"),
            ("days", "180"),
            ("room", "7"),
            ("privileges", "enter_room"),
            ("sdk_app_id", "1400000009"),
            ("key", "00112233445566778899aabbccddeeff"),
        ]),
        ("POST", "/apps/{sdk_app_id}/tokens/verify") => Body::Form(vec![
            ("credential", "007x"),
            ("channel", "c1"),
            ("user", "u1"),
            ("room", "7"),
            ("app", "00112233445566778899aabbccddeeff"),
            ("key", "00112233445566778899aabbccddeeff"),
        ]),
        ("POST", "/v1/apps/{sdk_app_id}/tokens") => Body::Json(json!({
            "kind": "access_token", "channel": "c1", "user": "u1", "role": "publisher",
            "expires_in": 3600,
        })),
        ("POST", "/v1/apps/{sdk_app_id}/tokens/verify") => Body::Json(json!({
            "kind": "access_token", "token": "007x", "channel": "c1", "user": "u1", "room": 7,
        })),
        ("POST", "/v1/apps/{sdk_app_id}/events") => Body::Json(json!({"events": []})),
        ("POST", "/v1/apps") => Body::Json(json!({
            "name": "Sample", "scenario": "online_education", "services": ["im"],
            "type": "game", "description": "A sample", "tags": {"team": "a"},
        })),
        ("PATCH", "/v1/apps/{sdk_app_id}") => Body::Json(json!({
            "name": "Sample", "scenario": "online_education", "type": "game",
            "description": "A sample", "platforms": ["web"], "tags": {"team": "a"},
        })),
        ("POST", "/api-keys/new") => Body::Form(vec![
            ("submission", "ffeeddccbbaa99887766554433221100"),
            ("name", "Sample"),
            ("scopes", "statistics:read"),
            ("app", ""),
            ("lifetime", "date"),
            ("until", "2026-06-01"),
        ]),
        ("POST", "/api-keys/{api_key}/roll") => Body::Form(vec![("overlap", "24")]),
        ("POST", "/apps/{sdk_app_id}/delete") => Body::Form(vec![("name", "Blue")]),
        ("POST", "/members/invite") => Body::Form(vec![
            ("email", "newcomer@example.com"),
            ("role", "viewer"),
            ("reach", "apps"),
            ("apps", "1400000001"),
            ("tag", ""),
        ]),
        ("POST", "/members/{account}") => Body::Form(vec![
            ("version", "1"),
            ("role", "viewer"),
            ("reach", "apps"),
            ("apps", "1400000001"),
            ("tag", ""),
        ]),
        // A box that is not ticked: whoever has left would reach nothing afterwards.
        ("POST", "/members/leave") => Body::Form(vec![("sure", "no")]),
        ("POST", "/invitations/{token}") => {
            Body::Form(vec![("name", "Zoe"), ("password", PASSWORD), ("again", PASSWORD)])
        }
        ("POST", "/minutes") => Body::Form(vec![("alert_line", "500")]),
        ("POST", "/workspace") => {
            Body::Form(vec![("version", "1"), ("name", "Sample"), ("time_zone", "UTC")])
        }
        ("POST", "/workspace/policy") => {
            Body::Form(vec![("version", "1"), ("policy", "sms_allowed")])
        }
        ("POST", path) if is_bare(path) => Body::Form(vec![]),
        ("POST", "/profile/authenticator") => Body::Form(vec![("password", PASSWORD)]),
        ("POST", "/profile/passkeys") => Body::Form(vec![
            ("ceremony", "AAAA"),
            ("credential", "{}"),
            ("password", PASSWORD),
            ("name", "Laptop"),
        ]),
        ("POST", "/profile/passkeys/remove") => Body::Form(vec![("passkey", "0011")]),
        ("POST", "/sign-in/passkey") => {
            Body::Form(vec![("ceremony", "AAAA"), ("credential", "{}")])
        }
        ("POST", "/profile/phone") => Body::Form(vec![("number", "+86 138 0013 8000")]),
        ("POST", "/profile/phone/confirm") => Body::Form(vec![("code", "123456")]),
        ("POST", "/profile/authenticator/confirm" | "/sign-in/code" | "/step-up/{id}") => {
            Body::Form(vec![("code", "123456")])
        }
        ("POST", "/sign-in/recovery") => Body::Form(vec![("recovery", "7K2M-9QXB-01AC-DE5F")]),
        ("POST", "/step-up/link/{token}") => Body::Form(vec![("number", "42")]),
        ("POST", "/step-up/{id}/method") => Body::Form(vec![("method", "totp")]),
        (method, path) => panic!("no sample for {method} {path}: add one here"),
    }
}

/// The path of a route with its parameters in place.
pub fn path(entry: &Entry, app: SdkAppId) -> String {
    let path = entry
        .path
        .replace("{sdk_app_id}", &app.to_string())
        .replace("{name}", "app.css")
        .replace("{tab}", "overview")
        .replace("{purpose}", "usersig")
        .replace("{position}", "1")
        .replace("{api_key}", "1")
        // One that nobody has.
        .replace("{session}", "999999")
        .replace("{token}", "no-such-link")
        .replace("{account}", "4")
        .replace("{invitation}", "1")
        .replace("{id}", "00112233445566778899aabbccddeeff");
    assert!(!path.contains('{'), "no sample for a parameter of {path}: add one here");
    path
}

/// The whole request, with a form's token.
pub fn request(entry: &Entry, app: SdkAppId, token: &str) -> Request {
    let path = path(entry, app);
    match body(entry) {
        Body::None => Request::new(entry.method.as_str(), &path),
        Body::Form(fields) => {
            let token = ("token".to_owned(), token.to_owned());
            let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into()));
            let fields: Vec<_> = std::iter::once(token).chain(fields).collect();
            assert_eq!(entry.kind, Kind::Form);
            Request::form(&path, &fields)
        }
        // The key is for events; other routes do not look at it.
        Body::Json(value) => Request::json(entry.method.as_str(), &path, &value)
            .header("idempotency-key", "a-sample"),
    }
}

/// Both services.
pub const BOTH: Services = Services { rtc: true, im: true };
/// Messaging alone.
pub const IM: Services = Services { rtc: false, im: true };
/// Calls alone.
pub const RTC: Services = Services { rtc: true, im: false };

/// An app to be made.
pub fn new_app(name: &str, services: Services) -> NewApp {
    NewApp {
        name: AppName::parse(name).expect("a name"),
        scenario: Scenario::OnlineEducation,
        app_type: None,
        description: String::new(),
        services,
        tags: Tags::default(),
    }
}

impl TestApp {
    /// Makes an app in a workspace.
    pub fn has_app(&self, workspace: WorkspaceId, name: &str, services: Services) -> SdkAppId {
        self.has(workspace, new_app(name, services))
    }

    /// Makes an app in a workspace.
    pub fn has(&self, workspace: WorkspaceId, new: NewApp) -> SdkAppId {
        let scope = Scope::whole(workspace);
        let by = (Creator::Program, Actor::host());
        let made = create(self.services(), scope, by, new, "Asia/Shanghai");
        wait(made).expect("an answer").expect("an app")
    }
}
