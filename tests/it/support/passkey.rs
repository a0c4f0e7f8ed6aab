//! A device with passkeys, as the standard has it: WebAuthn level 3, attestation `none`, ES256.

use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchroom::passkeys::AddPasskey;
use switchroom::passkeys::store::passkey_add_first;

use super::app::TestApp;
use super::db::run;
use super::factors::account;
use super::page::{Form, Page};
use super::{Actor, Response};

/// Where the console is for devices: a name, and no TLS, which the machine itself may have.
pub const BASE_URL: &str = "http://localhost:8080";

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// A device that holds one passkey.
pub struct Device {
    key: SigningKey,
    credential_id: Vec<u8>,
    inner: Mutex<Inner>,
    /// The site that its browser is at.
    pub origin: String,
    /// The host name that its passkey is for.
    pub host: String,
    /// Whether it makes sure of who holds it.
    pub verifies: bool,
}

#[derive(Default)]
struct Inner {
    counter: u32,
    user_handle: Option<String>,
}

impl Device {
    /// One of a number of devices.
    pub fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).expect("a key"),
            credential_id: vec![number; 20],
            inner: Mutex::default(),
            origin: BASE_URL.to_owned(),
            host: "localhost".to_owned(),
            verifies: true,
        }
    }

    fn counted(&self) -> u32 {
        let mut inner = self.inner.lock().expect("no panic");
        inner.counter += 1;
        inner.counter
    }

    /// Makes its counter what it was before: a copy of it.
    pub fn turns_back(&self) {
        self.inner.lock().expect("no panic").counter = 0;
    }

    /// What it is told to call the account.
    pub fn user_handle(&self) -> Option<String> {
        self.inner.lock().expect("no panic").user_handle.clone()
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let mut data = Sha256::digest(&self.host).to_vec();
        data.push(USER_PRESENT | verified | flags);
        data.extend(self.counted().to_be_bytes());
        data
    }

    /// Makes its passkey: the answer to options.
    pub fn make(&self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let handle = options["user"]["id"].as_str().expect("a handle").to_owned();
        self.inner.lock().expect("no panic").user_handle = Some(handle);
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().expect("x"), point.y().expect("y"));
        let mut data = self.authenticator_data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
        data.extend(&self.credential_id);
        // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend_from_slice(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend_from_slice(y);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}.
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt");
        attestation.push(0x64);
        attestation.extend(b"none");
        attestation.push(0x67);
        attestation.extend(b"attStmt");
        attestation.extend([0xa0, 0x68]);
        attestation.extend(b"authData");
        attestation.extend([0x58, u8::try_from(data.len()).expect("short")]);
        attestation.extend(&data);
        let id = self.id();
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": encoded(self.client_data("webauthn.create", &options)),
                "attestationObject": encoded(attestation),
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Uses its passkey: the answer to options.
    pub fn answer(&self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let client_data = self.client_data("webauthn.get", &options);
        let data = self.authenticator_data(0);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        let id = self.id();
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data),
                "authenticatorData": encoded(data),
                "signature": encoded(signature.to_der()),
                "userHandle": self.user_handle(),
            },
        })
        .to_string()
    }

    /// The name of its passkey.
    pub fn id(&self) -> String {
        encoded(&self.credential_id)
    }

    /// Does what the script of a page does with the form that asks for a passkey; the form's answer.
    #[track_caller]
    pub fn fill<'a>(&self, page: &Page<'a>) -> Form<'a> {
        let options = page.attributes("form[data-passkey]", "data-options");
        let options = options.first().unwrap_or_else(|| panic!("{}: no passkey", page.path()));
        let kind = page.attributes("form[data-passkey]", "data-passkey").remove(0);
        let credential = if kind == "create" { self.make(options) } else { self.answer(options) };
        let action = page.attributes("form[data-passkey]", "action").remove(0);
        page.form(&action).forged("credential", &credential)
    }

    /// Signs in with its passkey alone.
    #[track_caller]
    pub fn sign_in(&self, actor: &Actor<'_>) -> Response {
        self.fill(&actor.visit("/sign-in")).send()
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl TestApp {
    /// Adds a passkey for somebody, past the pages and from this moment on; its key in the table.
    pub fn has_bare_passkey(&self, name: &str, device: &Device) -> String {
        let (id, now) = (self.services().random.hex::<16>(), self.clock().now());
        let act = AddPasskey {
            account: account(name),
            name: name.to_owned(),
            passkey_name: "Laptop".to_owned(),
            host: "localhost".to_owned(),
            user_handle: "00000000-0000-0000-0000-000000000001".to_owned(),
            credential_id: device.id(),
            credential: "{}".to_owned(),
        };
        self.db(|conn| assert!(passkey_add_first(conn, &act, &id, now).is_ok()));
        id
    }

    /// Adds the passkey of a device for somebody by the page, with a code by mail; it counts for two days already.
    #[track_caller]
    pub fn has_passkey(&self, name: &str, device: &Device) {
        let actor = self.person(name);
        let asked = device.fill(&actor.visit("/profile/passkeys")).fill("name", "Laptop").send();
        let path = asked.expect(303).header("location").expect("a challenge");
        assert!(path.starts_with("/step-up/"), "{path}");
        let code = self.mailed_code().0;
        actor.visit(&path).form(&path).fill("code", &code).send().expect(303);
        let age = format!(
            "UPDATE passkeys SET created_at = created_at - 172800000000 WHERE account_id = {}; \
             DELETE FROM code_sends",
            account(name)
        );
        self.db(|conn| run(conn, &age));
        self.clock().forward(std::time::Duration::from_secs(1));
    }
}
