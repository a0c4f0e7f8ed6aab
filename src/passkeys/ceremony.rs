//! Making and using passkeys, as the WebAuthn standard has it.

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;
use webauthn_rs::prelude::{
    Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
    WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::forms::Answer;
use super::store::Known;
use crate::clock::UtcTime;
use crate::config::Settings;
use crate::problem::PasskeyProblem;
use crate::random::Random;
use crate::secret::Secret;
use crate::step_up::CHALLENGE_LIFETIME;
use crate::vault::{Cell, Vault};

/// What people see when their device asks them.
const NAME: &str = "Switchroom";

/// What we remember of ceremonies with, between two pages.
pub struct Seal<'a> {
    /// The keys.
    pub vault: &'a Vault,
    /// Random bytes.
    pub random: &'a Random,
    /// The time.
    pub now: UtcTime,
    /// What the ceremony is for; one for another purpose does not do.
    pub purpose: &'a str,
}

impl Seal<'_> {
    const fn cell(&self) -> Cell<'_> {
        Cell { table: "passkeys", column: "ceremony", row: self.purpose }
    }

    fn close(
        &self,
        options: Map<String, Value>,
        state: impl Serialize,
    ) -> anyhow::Result<Ceremony> {
        let remembered = Remembered { begun_at: self.now, state };
        let plain = Secret::new(serde_json::to_string(&remembered)?);
        let sealed = self.vault.seal(self.random, self.cell(), &plain);
        let options = Value::Object(options).to_string();
        Ok(Ceremony { options, sealed: URL_SAFE_NO_PAD.encode(sealed) })
    }

    /// What was remembered, if it is for this purpose and not too old.
    fn open<T: DeserializeOwned>(&self, answer: &Answer) -> Result<Remembered<T>, PasskeyProblem> {
        let sealed = URL_SAFE_NO_PAD.decode(&answer.ceremony).ok();
        let plain = sealed.and_then(|sealed| self.vault.open(self.cell(), &sealed).ok());
        let remembered: Option<Remembered<T>> =
            plain.and_then(|plain| serde_json::from_str(plain.expose()).ok());
        let remembered = remembered.ok_or(PasskeyProblem::NotAccepted)?;
        if remembered.begun_at.plus(CHALLENGE_LIFETIME) <= self.now {
            return Err(PasskeyProblem::TooLate);
        }
        Ok(remembered)
    }
}

/// A page's part of a ceremony.
pub struct Ceremony {
    /// What the browser is asked for: JSON of the standard.
    pub options: String,
    /// What we must remember of it, sealed.
    pub sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Remembered<T> {
    begun_at: UtcTime,
    state: T,
}

/// Who makes a passkey.
pub struct Owner<'a> {
    /// What devices know the account by; the same for all its passkeys.
    pub handle: &'a str,
    /// Its address.
    pub email: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl Owner<'_> {
    /// A handle for an account without passkeys: random, for devices show it to whoever holds them.
    #[must_use]
    pub fn new_handle(random: &Random) -> String {
        Uuid::from_bytes(random.bytes()).to_string()
    }
}

/// A passkey that was just made.
pub struct Made {
    /// What the device knows the account by.
    pub user_handle: String,
    /// Its name in the protocol, in base64url.
    pub credential_id: String,
    /// Its public key and what the device said of itself, as JSON.
    pub credential: String,
}

/// A passkey that was just used.
pub struct Used {
    /// The passkey.
    pub passkey: Known,
    /// It, as it is now: devices count.
    pub credential: String,
    /// When the page was made that asked for it.
    pub begun_at: UtcTime,
}

/// The host name that passkeys are for, with the protocol.
pub struct Host {
    name: String,
    webauthn: Webauthn,
}

impl Host {
    /// The host of the base URL; `None` where browsers have no passkeys: at an address that is no name, and without
    /// TLS except on the machine itself.
    #[must_use]
    pub fn of(settings: &Settings) -> Option<Self> {
        let url = Url::parse(&settings.base_url).ok()?;
        let name = url.domain()?.to_owned();
        let is_local = name == "localhost" || name.ends_with(".localhost");
        if !settings.is_https() && !is_local {
            return None;
        }
        let webauthn = WebauthnBuilder::new(&name, &url).ok()?.rp_name(NAME).build().ok()?;
        Some(Self { name, webauthn })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins to make a passkey.
    ///
    /// # Errors
    /// A handle that is none of ours.
    pub fn make(
        &self,
        seal: &Seal<'_>,
        owner: &Owner<'_>,
        known: &[Known],
    ) -> anyhow::Result<Ceremony> {
        let handle = Uuid::parse_str(owner.handle)?;
        let (options, state) =
            self.webauthn.start_passkey_registration(handle, owner.email, owner.name, None)?;
        let mut options = public_key(&options)?;
        options.insert("excludeCredentials".to_owned(), credentials(known));
        // A passkey that its device can list signs in without an address. One that cannot does for the rest.
        if let Some(Value::Object(selection)) = options.get_mut("authenticatorSelection") {
            selection.insert("residentKey".to_owned(), json!("preferred"));
        }
        seal.close(options, (owner.handle, state))
    }

    /// Ends it.
    ///
    /// # Errors
    /// Inside, what is wrong with the answer; outside, a failure of ours.
    pub fn made(
        &self,
        seal: &Seal<'_>,
        answer: &Answer,
    ) -> anyhow::Result<Result<Made, PasskeyProblem>> {
        let checked = read::<RegisterPublicKeyCredential>(answer).and_then(|made| {
            let remembered = seal.open::<(String, PasskeyRegistration)>(answer)?;
            let (user_handle, state) = remembered.state;
            let passkey = refuse(self.webauthn.finish_passkey_registration(&made, &state))?;
            Ok((user_handle, passkey))
        });
        let (user_handle, passkey) = match checked {
            Ok(checked) => checked,
            Err(problem) => return Ok(Err(problem)),
        };
        let credential_id = URL_SAFE_NO_PAD.encode(passkey.cred_id());
        let credential = serde_json::to_string(&passkey)?;
        Ok(Ok(Made { user_handle, credential_id, credential }))
    }

    /// Asks for a passkey: for one of `known`, or without any for whichever the person picks.
    ///
    /// # Errors
    /// A failure of ours.
    pub fn ask(&self, seal: &Seal<'_>, known: &[Known]) -> anyhow::Result<Ceremony> {
        let (options, state) = self.webauthn.start_discoverable_authentication()?;
        let mut options = public_key(&options)?;
        options.insert("allowCredentials".to_owned(), credentials(known));
        seal.close(options, state)
    }

    /// Which passkey an answer claims to be of, in base64url.
    ///
    /// # Errors
    /// What is wrong with the answer.
    pub fn claimed(answer: &Answer) -> Result<String, PasskeyProblem> {
        let claimed = read::<PublicKeyCredential>(answer)?;
        Ok(URL_SAFE_NO_PAD.encode(claimed.get_credential_id()))
    }

    /// Verifies an answer of a passkey.
    ///
    /// # Errors
    /// Inside, what is wrong with the answer; outside, a failure of ours.
    pub fn used(
        &self,
        seal: &Seal<'_>,
        passkey: Known,
        answer: &Answer,
    ) -> anyhow::Result<Result<Used, PasskeyProblem>> {
        let mut stored: Passkey = serde_json::from_str(&passkey.credential)?;
        let handle = Uuid::parse_str(&passkey.user_handle)?;
        let checked = read::<PublicKeyCredential>(answer).and_then(|used| {
            let Remembered { begun_at, state } = seal.open(answer)?;
            // Some devices do not tell whose it is. Where one does, it must be right.
            if used.get_user_unique_id().is_some_and(|told| told != handle.as_bytes()) {
                return Err(PasskeyProblem::NotAccepted);
            }
            let result = self.webauthn.finish_discoverable_authentication_v2(&used, state, &stored);
            refuse(result).map(|result| (result, begun_at))
        });
        let (result, begun_at) = match checked {
            Ok(checked) => checked,
            Err(problem) => return Ok(Err(problem)),
        };
        stored.update_credential(&result);
        let credential = serde_json::to_string(&stored)?;
        Ok(Ok(Used { passkey, credential, begun_at }))
    }
}

/// The part of the options that browsers read.
fn public_key(options: &impl Serialize) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(options)?.get_mut("publicKey").map(Value::take) {
        Some(Value::Object(options)) => Ok(options),
        _ => Err(anyhow!("options without a public key")),
    }
}

fn credentials(known: &[Known]) -> Value {
    known.iter().map(|one| json!({ "type": "public-key", "id": one.credential_id })).collect()
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, PasskeyProblem> {
    if answer.credential.is_empty() {
        return Err(PasskeyProblem::NoAnswer);
    }
    serde_json::from_str(&answer.credential).map_err(|_| PasskeyProblem::NotAccepted)
}

fn refuse<T>(result: Result<T, WebauthnError>) -> Result<T, PasskeyProblem> {
    result.map_err(|error| {
        tracing::info!(%error, "a passkey was refused");
        PasskeyProblem::NotAccepted
    })
}
