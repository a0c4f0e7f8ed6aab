//! The forms of the token pages. A key that was pasted signs or checks once: it is never stored,
//! and its field always comes back empty.

mod check;
mod temporary;
mod usersig;

pub use check::{CheckForm, CheckInput};
pub use temporary::{TemporaryForm, TemporaryInput};
pub use usersig::{UserSigForm, UserSigInput};

use crate::ids::AppId;
use crate::problem::Problem;
use crate::secret::Secret;

/// The shortest and the longest `UserSig` key; the console's own have 64 digits.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 32..=128;

/// A text that may be left out.
fn optional<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some),
    }
}

/// The `SDKAppID` of a pasted key.
fn sdk_app_id(text: &str) -> Result<u32, Problem> {
    let out_of_range = Problem::NotInRange { min: 1, max: u32::MAX.into() };
    text.parse().ok().filter(|id| *id > 0).ok_or(out_of_range)
}

/// A pasted certificate: 32 hex digits.
fn certificate(text: &str) -> Result<Secret, Problem> {
    // The same shape as an App ID.
    if AppId::looks_like(text) { Ok(Secret::new(text.to_owned())) } else { Err(Problem::NotAKey) }
}

/// A pasted `UserSig` key.
fn usersig_key(text: &str) -> Result<Secret, Problem> {
    let is_key =
        KEY_BYTES.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key { Ok(Secret::new(text.to_owned())) } else { Err(Problem::NotAKey) }
}

/// Both halves of a pasted key or neither: the one that is missing is marked.
fn both<A, K>(
    app: Result<Option<A>, Problem>,
    key: Result<Option<K>, Problem>,
) -> (Result<Option<A>, Problem>, Result<Option<K>, Problem>) {
    match (app, key) {
        (Ok(None), key @ (Ok(Some(_)) | Err(_))) => (Err(Problem::Missing), key),
        (app @ (Ok(Some(_)) | Err(_)), Ok(None)) => (app, Err(Problem::Missing)),
        pair => pair,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_key_needs_both_halves() {
        let missing = Problem::Missing;
        assert_eq!(both::<u8, u8>(Ok(None), Ok(None)), (Ok(None), Ok(None)));
        assert_eq!(both(Ok(Some(1)), Ok(Some(2))), (Ok(Some(1)), Ok(Some(2))));
        assert_eq!(both::<u8, _>(Ok(None), Ok(Some(2))).0, Err(missing.clone()));
        assert_eq!(both::<_, u8>(Ok(Some(1)), Ok(None)).1, Err(missing));
    }

    #[test]
    fn keys_of_another_shape_are_refused() {
        assert!(certificate(&"0aF".repeat(11)[..32]).is_ok());
        assert!(usersig_key(&"5".repeat(64)).is_ok());
        for bad in ["", "short", &"g".repeat(31), &format!("{} ", "5".repeat(63))] {
            assert!(certificate(bad).is_err() && usersig_key(bad).is_err(), "{bad:?}");
        }
        for bad in ["0", "-1", "4294967296", "abc"] {
            assert!(sdk_app_id(bad).is_err(), "{bad}");
        }
        assert!(super::super::order::app_id("not an app id").is_err());
    }
}
