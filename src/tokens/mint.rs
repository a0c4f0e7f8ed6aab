//! What all minting has in common: limits, salt, and the ways it can be refused.
//!
//! Time and randomness are arguments, so that the same request gives the same token.

use super::names::NameProblem;
use crate::ids::AppId;

/// Longest lifetime of an access token, in seconds: the service cuts longer ones to 24 hours. The
/// formats allow more; whoever offers a lifetime holds to this.
pub const ACCESS_TOKEN_LIFETIME_S_MAX: u32 = 86_400;
/// Usual lifetime of a `UserSig`, in seconds: 180 days, as in the official libraries.
pub const USERSIG_LIFETIME_S_DEFAULT: u32 = 180 * 86_400;

/// Why a token cannot be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintProblem {
    /// The user id is not allowed in this kind of token.
    #[error("user id: {0}")]
    User(NameProblem),
    /// The `SDKAppID` is 0.
    #[error("the SDKAppID is 0")]
    SdkAppId,
    /// The App ID is not 32 hexadecimal digits.
    #[error("the App ID is not 32 hexadecimal digits")]
    AppId,
    /// The App certificate is not 32 hexadecimal digits.
    #[error("the App certificate is not 32 hexadecimal digits")]
    Certificate,
    /// The `UserSig` key is empty.
    #[error("the key is empty")]
    Key,
    /// The lifetime is 0, so the token would be born expired.
    #[error("the lifetime is 0")]
    Lifetime,
    /// No privilege is granted, so the token would be good for nothing.
    #[error("no privilege is granted")]
    NoPrivilege,
    /// The issue or expiry time does not fit the format (before 1970, or after 2106).
    #[error("the time does not fit the format")]
    Time,
}

/// The random part of an access token, from 1 to 99 999 999 as in the official libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt(u32);

impl Salt {
    const MAX: u32 = 99_999_999;

    /// A given salt, or `None` out of range.
    #[must_use]
    pub const fn new(salt: u32) -> Option<Self> {
        if salt == 0 || salt > Self::MAX { None } else { Some(Self(salt)) }
    }

    /// Makes a salt from 32 random bits.
    #[must_use]
    pub const fn from_random(bits: u32) -> Self {
        Self(bits % Self::MAX + 1)
    }

    pub(super) const fn get(self) -> u32 {
        self.0
    }
}

/// A time that the format writes in 32 bits.
pub(super) fn time_u32(unix_s: i64) -> Result<u32, MintProblem> {
    u32::try_from(unix_s).map_err(|_| MintProblem::Time)
}

/// The end of a lifetime that begins at `issued_at`, in unix seconds.
pub(super) fn expires_at(issued_at: i64, lifetime_s: u32) -> Result<i64, MintProblem> {
    if lifetime_s == 0 {
        return Err(MintProblem::Lifetime);
    }
    issued_at.checked_add(lifetime_s.into()).ok_or(MintProblem::Time)
}

/// Refuses what is not an App ID and its certificate. Their case matters: both are used as text.
pub(super) fn check_app(app_id: &str, certificate: &str) -> Result<(), MintProblem> {
    if !AppId::looks_like(app_id) {
        return Err(MintProblem::AppId);
    }
    // The same shape.
    if !AppId::looks_like(certificate) {
        return Err(MintProblem::Certificate);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salts_stay_in_range() {
        assert_eq!(Salt::new(0), None);
        assert_eq!(Salt::new(100_000_000), None);
        for bits in [0, 1, 99_999_998, 99_999_999, u32::MAX] {
            let salt = Salt::from_random(bits);
            assert_eq!(Salt::new(salt.get()), Some(salt));
        }
    }

    #[test]
    fn an_app_is_two_times_32_digits() {
        let good = "0123456789abcdef0123456789ABCDEF";
        assert_eq!(check_app(good, good), Ok(()));
        for bad in
            ["", "0123", &good.replace('0', "g"), &format!("{good}0"), &good.replace('A', "é")]
        {
            assert_eq!(check_app(bad, good), Err(MintProblem::AppId));
            assert_eq!(check_app(good, bad), Err(MintProblem::Certificate));
        }
    }
}
