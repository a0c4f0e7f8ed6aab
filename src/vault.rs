//! The master key and what is derived from it: sealing secrets at rest, signing cookies and form
//! tokens.
//!
//! A sealed value is `1 | 24-byte nonce | XChaCha20-Poly1305 ciphertext and tag`. Its associated
//! data names table, column and row, so a ciphertext moved to another row does not open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::ids::{SessionId, WorkspaceId};
use crate::notify::Channel;
use crate::random::Random;
use crate::secret::{Secret, hex, same};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Thirty-two bytes from which all other keys are derived.
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// A new random key.
    #[must_use]
    pub fn generate(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// Reads the base64 form; `None` unless it is exactly 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = STANDARD.decode(text.trim()).ok()?;
        let key = bytes.as_slice().try_into().ok().map(Self);
        bytes.zeroize();
        key
    }

    /// The base64 form that settings and key files hold.
    #[must_use]
    pub fn encode(&self) -> Secret {
        Secret::new(STANDARD.encode(self.0))
    }

    /// A key of its own for one purpose, by HKDF-SHA256 (RFC 5869).
    fn derive<const N: usize>(&self, purpose: &str) -> [u8; N] {
        let mut out = [0; N];
        // Fails for more than 8,160 bytes only.
        let derived = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.as_bytes(), &mut out);
        debug_assert!(derived.is_ok());
        out
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Which cell a sealed value belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's primary key.
    pub row: &'a str,
}

impl Cell<'_> {
    fn associated_data(&self) -> String {
        format!("{}:{}:{}", self.table, self.column, self.row)
    }
}

/// A sealed value that did not open: altered, moved, or sealed with another key.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open with this key in this place")]
pub struct Unopened;

/// The keys in use.
pub struct Vault {
    seal: XChaCha20Poly1305,
    key_id: String,
    cookies: [u8; 64],
    forms: [u8; 32],
    codes: [u8; 32],
    audit: [u8; 32],
}

impl Vault {
    /// Derives all keys.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        let seal: [u8; 32] = master.derive("switchroom seal 1");
        let id: [u8; 8] = master.derive("switchroom key id 1");
        Self {
            seal: XChaCha20Poly1305::new(&seal.into()),
            key_id: hex(&id),
            cookies: master.derive("switchroom cookies 1"),
            forms: master.derive("switchroom forms 1"),
            codes: master.derive("switchroom codes 1"),
            audit: master.derive("switchroom audit 1"),
        }
    }

    /// Names the master key without telling it: 16 hex digits.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Key material for signed and encrypted cookies.
    #[must_use]
    pub fn cookie_key(&self) -> actix_web::cookie::Key {
        actix_web::cookie::Key::from(&self.cookies)
    }

    /// Seals a secret for one cell.
    ///
    /// # Panics
    /// Never: the cipher refuses inputs of 256 GiB only.
    #[must_use]
    #[expect(clippy::expect_used, reason = "fails only for inputs of 256 GiB")]
    pub fn seal(&self, random: &Random, cell: Cell<'_>, plain: &Secret) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random.bytes();
        let aad = cell.associated_data();
        let payload = Payload { msg: plain.expose().as_bytes(), aad: aad.as_bytes() };
        let sealed = self.seal.encrypt(&XNonce::from(nonce), payload).expect("seals");
        [&[VERSION][..], &nonce, &sealed].concat()
    }

    /// Opens what was sealed for the same cell.
    ///
    /// # Errors
    /// [`Unopened`] when the value was altered, moved to another cell, or sealed with another key.
    pub fn open(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Secret, Unopened> {
        let (&version, rest) = sealed.split_first().ok_or(Unopened)?;
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES).ok_or(Unopened)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| Unopened)?;
        if version != VERSION {
            return Err(Unopened);
        }
        let aad = cell.associated_data();
        let payload = Payload { msg: body, aad: aad.as_bytes() };
        let plain = self.seal.decrypt(&XNonce::from(nonce), payload).map_err(|_| Unopened)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| Unopened)
    }

    /// A token that binds a form to whoever it was shown to: half of it to the session or
    /// visitor, half to the workspace besides. Each is 128 bits of HMAC-SHA256.
    #[must_use]
    pub fn form_token(&self, holder: &Holder<'_>) -> String {
        let (whoever, place) = match holder {
            Holder::Session { session, workspace } => {
                let place = workspace.map_or_else(String::new, |id| id.to_string());
                (format!("session {session}"), format!("session {session} workspace {place}"))
            }
            Holder::Visitor(visitor) => (format!("visitor {visitor}"), "nowhere".to_owned()),
            Holder::Link(link) => (format!("link {link}"), "nowhere".to_owned()),
        };
        self.form_half(&whoever) + &self.form_half(&place)
    }

    /// Whose form a token came from, as seen from a holder.
    #[must_use]
    pub fn form_origin(&self, token: &str, holder: &Holder<'_>) -> FormOrigin {
        let expected = self.form_token(holder);
        let halves = (token.split_at_checked(FORM_HALF), expected.split_at_checked(FORM_HALF));
        let (Some(sent), Some(expected)) = halves else { return FormOrigin::Foreign };
        match (same(sent.0, expected.0), same(sent.1, expected.1)) {
            (true, true) => FormOrigin::Here,
            (true, false) => FormOrigin::OtherWorkspace,
            (false, _) => FormOrigin::Foreign,
        }
    }

    fn form_half(&self, text: &str) -> String {
        hex(hmac(&self.forms, text.as_bytes()).get(..FORM_HALF / 2).unwrap_or_default())
    }

    /// What is stored of a code that was sent: a keyed digest, since six digits are soon tried out. It
    /// belongs to one challenge.
    #[must_use]
    pub fn code_digest(&self, challenge: &str, code: &str) -> String {
        hex(&hmac(&self.codes, format!("{challenge}:{code}").as_bytes()))
    }

    /// What is stored of where a code was sent, for counting: a keyed digest, since numbers are soon tried out too.
    #[must_use]
    pub fn destination_digest(&self, channel: Channel, to: &str) -> String {
        // No challenge is called so: theirs are hex.
        self.code_digest(&format!("to {channel}"), to)
    }

    /// The keyed hash that chains the audit log.
    #[must_use]
    pub fn audit_mac(&self, bytes: &[u8]) -> String {
        hex(&hmac(&self.audit, bytes))
    }
}

/// HMAC-SHA256 (RFC 2104).
///
/// # Panics
/// Never: it takes keys of any length.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
#[must_use]
pub fn hmac(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// Hex digits of each half of a form's token.
const FORM_HALF: usize = 32;

/// Whose form a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormOrigin {
    /// The holder's, where the holder is.
    Here,
    /// The holder's, in another workspace.
    OtherWorkspace,
    /// Somebody else's, another sign-in's, or nobody's.
    Foreign,
}

/// To whom a form is shown.
pub enum Holder<'a> {
    /// Whoever is signed in, in a workspace or none.
    Session {
        /// The sign-in.
        session: SessionId,
        /// The workspace.
        workspace: Option<WorkspaceId>,
    },
    /// A browser that nobody has signed in with.
    Visitor(&'a str),
    /// Whoever has a link of a mail: what the link ends in.
    Link(&'a str),
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Cell<'static> = Cell { table: "certificates", column: "sealed", row: "a" };

    fn vault(seed: u64) -> Vault {
        Vault::new(&MasterKey::generate(&Random::seeded(seed)))
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_cell_only() {
        let vault = vault(1);
        let sealed = vault.seal(&Random::seeded(2), CELL, &Secret::new("s3cret".into()));

        assert_eq!(vault.open(CELL, &sealed).unwrap().expose(), "s3cret");
        assert!(vault.open(Cell { row: "b", ..CELL }, &sealed).is_err());
        assert!(vault.open(Cell { column: "other", ..CELL }, &sealed).is_err());
    }

    #[test]
    fn another_master_key_opens_nothing_and_has_another_id() {
        let sealed = vault(1).seal(&Random::seeded(2), CELL, &Secret::new("s3cret".into()));

        assert!(vault(3).open(CELL, &sealed).is_err());
        assert_ne!(vault(1).key_id(), vault(3).key_id());
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let vault = vault(1);
        let sealed = vault.seal(&Random::seeded(2), CELL, &Secret::new("s3cret".into()));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(vault.open(CELL, &altered).is_err(), "byte {at}");
            assert!(vault.open(CELL, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_master_key_is_exactly_32_bytes_of_base64() {
        let key = MasterKey::generate(&Random::seeded(9));
        let text = key.encode();

        assert_eq!(MasterKey::parse(text.expose()).unwrap().0, key.0);
        for bad in ["", "c2hvcnQ=", "not base64!", &"A".repeat(88)] {
            assert!(MasterKey::parse(bad).is_none(), "{bad}");
        }
    }
}
