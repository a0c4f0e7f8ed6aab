//! Whose key signed a token.
//!
//! All three formats are HMAC-SHA256 with the secret's text as the key, so whoever can verify can
//! also mint. Every candidate is tried to the end, and neither the comparison nor the choice
//! among matches branches on what matched: time tells nothing about which key is in use.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};

/// The block size of SHA-256, to which HMAC pads its key.
const BLOCK_BYTES: usize = 64;

/// Which family of tokens a secret signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// `UserSig` and `PrivateMapKey`.
    #[serde(rename = "usersig")]
    UserSig,
    /// `AccessToken2` (007) and `AccessToken` (006).
    AccessToken,
}

/// The place of a secret in its app's rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The one that signs new tokens.
    Primary,
    /// The other one that is accepted.
    Secondary,
    /// Replaced: remembered only to name the reason.
    Retired,
}

impl Slot {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Retired => "retired",
        }
    }

    /// Higher is better when one secret stands in two slots.
    const fn rank(self) -> u8 {
        match self {
            Self::Primary => 3,
            Self::Secondary => 2,
            Self::Retired => 1,
        }
    }

    const fn of_rank(rank: u8) -> Option<Self> {
        match rank {
            3 => Some(Self::Primary),
            2 => Some(Self::Secondary),
            1 => Some(Self::Retired),
            _ => None,
        }
    }
}

/// A secret that may have signed a token. It has no `Debug`, so that it cannot reach a log.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// What the secret signs; the others are left out of account.
    pub purpose: Purpose,
    /// Its place in the rotation.
    pub slot: Slot,
    /// The secret as the console shows it. An empty one never matches.
    pub secret: &'a str,
}

/// HMAC-SHA256 over the concatenation of `parts`.
pub(super) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC itself pads the key with zeros, so a padded key gives the same code, and a key of
    // exactly one block cannot have the wrong length.
    let mut block = [0_u8; BLOCK_BYTES];
    if key.len() > BLOCK_BYTES {
        copy_into(&mut block, &Sha256::digest(key));
    } else {
        copy_into(&mut block, key);
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn copy_into(block: &mut [u8; BLOCK_BYTES], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}

/// The best slot whose secret made `signature`, where `sign` makes the code with a given secret.
pub(super) fn signed_with(
    candidates: &[Candidate<'_>],
    purpose: Purpose,
    signature: &[u8; 32],
    sign: impl Fn(&str) -> [u8; 32],
) -> Option<Slot> {
    let mut best = 0_u8;
    for candidate in candidates.iter().filter(|candidate| candidate.purpose == purpose) {
        let is_usable = Choice::from(u8::from(!candidate.secret.is_empty()));
        let is_match = sign(candidate.secret).ct_eq(signature) & is_usable;
        let rank = candidate.slot.rank();
        best.conditional_assign(&rank, is_match & rank.ct_gt(&best));
    }
    Slot::of_rank(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(slot: Slot, secret: &str) -> Candidate<'_> {
        Candidate { purpose: Purpose::UserSig, slot, secret }
    }

    fn find(candidates: &[Candidate<'_>], secret: &str) -> Option<Slot> {
        let sign = |secret: &str| hmac_sha256(secret.as_bytes(), &[b"text"]);
        signed_with(candidates, Purpose::UserSig, &sign(secret), sign)
    }

    #[test]
    fn the_code_is_hmac_sha256_for_keys_of_any_length() {
        // RFC 4231, test cases 2 and 6.
        let short = hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(short[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        let long =
            hmac_sha256(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        assert_eq!(long[..4], [0x60, 0xe4, 0x31, 0x59]);
    }

    #[test]
    fn every_slot_is_found_in_any_order() {
        let keys = [
            candidate(Slot::Retired, "old"),
            candidate(Slot::Primary, "new"),
            candidate(Slot::Secondary, "other"),
        ];
        assert_eq!(find(&keys, "new"), Some(Slot::Primary));
        assert_eq!(find(&keys, "other"), Some(Slot::Secondary));
        assert_eq!(find(&keys, "old"), Some(Slot::Retired));
        assert_eq!(find(&keys, "stranger's"), None);
        assert_eq!(find(&[], "new"), None);
    }

    #[test]
    fn a_secret_in_two_slots_counts_as_the_better() {
        let keys = [candidate(Slot::Retired, "same"), candidate(Slot::Secondary, "same")];
        assert_eq!(find(&keys, "same"), Some(Slot::Secondary));
    }

    #[test]
    fn an_empty_secret_or_one_of_another_purpose_matches_nothing() {
        assert_eq!(find(&[candidate(Slot::Primary, "")], ""), None);
        let other = Candidate { purpose: Purpose::AccessToken, ..candidate(Slot::Primary, "key") };
        assert_eq!(find(&[other], "key"), None);
    }
}
