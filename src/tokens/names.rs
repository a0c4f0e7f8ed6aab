//! Who and where a token is for: user ids and channel names.
//!
//! Every name is parsed before anything is signed. Two of the formats sign text that has no
//! escaping (lines in one, fields without separators in another), so a line
//! break or an odd character in a name would let one token be read as another. What is refused
//! here can never reach a signature.

use std::fmt;

use serde::Serialize;

/// Longest user id, in bytes.
pub const USER_ID_BYTES_MAX: usize = 32;
/// Longest channel name, in bytes ("less than 64 bytes").
pub const CHANNEL_NAME_BYTES_MAX: usize = 63;

/// Why a name cannot be used in a token. The words are the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing was given.
    #[error("empty")]
    Empty,
    /// Longer than the format allows, counted in bytes.
    #[error("longer than {bytes_max} bytes")]
    TooLong {
        /// The longest that is allowed.
        bytes_max: usize,
    },
    /// A character outside the allowed set.
    #[error("character {0:?} is not allowed")]
    BadCharacter(char),
    /// `*` in a channel name: a pattern for many channels, not the name of one.
    #[error("a wildcard")]
    Wildcard,
    /// A `UserSig` identifier made of digits alone.
    #[error("digits only")]
    AllDigits,
    /// A number outside the allowed range.
    #[error("not in {min}..={max}")]
    OutOfRange {
        /// Smallest allowed number.
        min: u32,
        /// Largest allowed number.
        max: u32,
    },
}

/// A user id as both families of tokens accept it: 1–32 bytes of `A-Za-z0-9_-`, case-sensitive.
///
/// Numeric uids of the RTC SDKs are written in decimal. Source: Tencent's documented limit for
/// `UserSig`; it is a subset of what `AccessToken2` allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Reads a user id.
    ///
    /// # Errors
    /// `Empty`, `TooLong` or `BadCharacter`. Digits alone are fine here: see
    /// [`UserId::allowed_in_usersig`].
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        check(text, USER_ID_BYTES_MAX, is_user_id_character)?;
        Ok(Self(text.to_owned()))
    }

    /// Whether the id may be the identifier of a `UserSig`.
    ///
    /// # Errors
    /// `AllDigits` when it is made of digits alone.
    pub fn allowed_in_usersig(&self) -> Result<(), NameProblem> {
        if self.0.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NameProblem::AllDigits);
        }
        Ok(())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of one RTC channel: 1–63 bytes of the characters the SDKs accept.
///
/// Wildcards (`*`, or an empty name) stand for many channels and are refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChannelName(String);

impl ChannelName {
    /// Reads a channel name.
    ///
    /// # Errors
    /// `Empty`, `TooLong`, `Wildcard` or `BadCharacter`.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        check(text, CHANNEL_NAME_BYTES_MAX, is_channel_name_character).map_err(|problem| {
            match problem {
                NameProblem::BadCharacter('*') => NameProblem::Wildcard,
                other => other,
            }
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Refuses text that is empty, too long, or has a character that is not allowed.
pub(super) fn check(
    text: &str,
    bytes_max: usize,
    is_allowed: fn(char) -> bool,
) -> Result<(), NameProblem> {
    if text.is_empty() {
        return Err(NameProblem::Empty);
    }
    if text.len() > bytes_max {
        return Err(NameProblem::TooLong { bytes_max });
    }
    match text.chars().find(|&character| !is_allowed(character)) {
        Some(character) => Err(NameProblem::BadCharacter(character)),
        None => Ok(()),
    }
}

fn is_user_id_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn is_channel_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || " !#$%&()+-:;<=.>?@[]^_{}|~,".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_short_and_plain() {
        for good in ["a", "alice_01-x", "2882341273", "A-_9", &"x".repeat(32)] {
            assert_eq!(UserId::parse(good).map(|user| user.0), Ok(good.to_owned()));
        }
        let long = "x".repeat(33);
        for (bad, problem) in [
            ("", NameProblem::Empty),
            (long.as_str(), NameProblem::TooLong { bytes_max: 32 }),
            ("a b", NameProblem::BadCharacter(' ')),
            ("admin\nTLS.expire:9", NameProblem::BadCharacter('\n')),
            ("admin\n", NameProblem::BadCharacter('\n')),
            ("al.ice", NameProblem::BadCharacter('.')),
            ("爱", NameProblem::BadCharacter('爱')),
            ("a\0", NameProblem::BadCharacter('\0')),
        ] {
            assert_eq!(UserId::parse(bad), Err(problem), "{bad:?}");
        }
    }

    #[test]
    fn digits_alone_name_no_usersig_user() {
        let digits = UserId::parse("10086").unwrap();
        assert_eq!(digits.allowed_in_usersig(), Err(NameProblem::AllDigits));
        let mixed = UserId::parse("10086a").unwrap();
        assert_eq!(mixed.allowed_in_usersig(), Ok(()));
    }

    #[test]
    fn channel_names_are_the_sdks_set() {
        let whole_set = " !#$%&()+-:;<=.>?@[]^_{}|~,";
        for good in ["room-1", whole_set, &"c".repeat(63)] {
            assert_eq!(ChannelName::parse(good).map(|name| name.0), Ok(good.to_owned()));
        }
        let long = "c".repeat(64);
        for (bad, problem) in [
            ("", NameProblem::Empty),
            (long.as_str(), NameProblem::TooLong { bytes_max: 63 }),
            ("*", NameProblem::Wildcard),
            ("1*a*2", NameProblem::Wildcard),
            ("a\"b", NameProblem::BadCharacter('"')),
            ("a/b", NameProblem::BadCharacter('/')),
            ("a\\b", NameProblem::BadCharacter('\\')),
            ("a'b", NameProblem::BadCharacter('\'')),
            ("a\nb", NameProblem::BadCharacter('\n')),
            ("会议", NameProblem::BadCharacter('会')),
        ] {
            assert_eq!(ChannelName::parse(bad), Err(problem), "{bad:?}");
        }
    }
}
