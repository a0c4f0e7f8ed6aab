//! What a token says, field by field, ready for JSON and for the verify page.
//!
//! Claims are *as written in the token*. Anyone can write anything; only a [`super::Verdict`]
//! without a refusal makes them true, and hands them out as trusted.

use serde::Serialize;

use super::{rooms::RoomPrivileges, services::Service};

/// The formats that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// `UserSig` v2, with or without a `PrivateMapKey`.
    #[serde(rename = "usersig")]
    UserSig,
    /// `AccessToken2`, `007…`.
    #[serde(rename = "access_token")]
    AccessToken2,
    /// `AccessToken`, `006…`.
    #[serde(rename = "access_token_006")]
    AccessToken,
}

impl Kind {
    /// What a token looks like: `007…`, `006…`, anything else is taken for a `UserSig`.
    #[must_use]
    pub fn of(token: &str) -> Self {
        if token.starts_with("007") {
            Self::AccessToken2
        } else if token.starts_with("006") {
            Self::AccessToken
        } else {
            Self::UserSig
        }
    }

    /// The name in JSON and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserSig => "usersig",
            Self::AccessToken2 => "access_token",
            Self::AccessToken => "access_token_006",
        }
    }
}

/// Every decoded field of a token, as written in it: trusted only after verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind")]
pub enum Claims {
    /// Of a `UserSig`.
    #[serde(rename = "usersig")]
    UserSig(UserSigClaims),
    /// Of an `AccessToken2`.
    #[serde(rename = "access_token")]
    AccessToken2(AccessToken2Claims),
    /// Of an `AccessToken` 006.
    #[serde(rename = "access_token_006")]
    AccessToken(AccessTokenClaims),
}

impl Claims {
    /// The format.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::UserSig(_) => Kind::UserSig,
            Self::AccessToken2(_) => Kind::AccessToken2,
            Self::AccessToken(_) => Kind::AccessToken,
        }
    }

    /// When the token as a whole ends, in unix seconds.
    #[must_use]
    pub const fn expires_at(&self) -> i64 {
        match self {
            Self::UserSig(claims) => claims.expires_at,
            Self::AccessToken2(claims) => claims.expires_at,
            Self::AccessToken(claims) => claims.expires_at,
        }
    }
}

/// The fields of a `UserSig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserSigClaims {
    /// `TLS.identifier`.
    pub user: String,
    /// `TLS.sdkappid`.
    pub sdk_app_id: u32,
    /// `TLS.time`, unix seconds.
    pub issued_at: i64,
    /// `TLS.expire`, seconds from `issued_at`.
    pub expires_in: i64,
    /// The last second in which it is valid.
    pub expires_at: i64,
    /// The decoded `TLS.userbuf`, which makes the token a `PrivateMapKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_key: Option<RoomKeyClaims>,
}

/// The user buffer of a `PrivateMapKey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomKeyClaims {
    /// The user id once more.
    pub user: String,
    /// The `SDKAppID` once more.
    pub sdk_app_id: u32,
    /// The numeric room; 0 when `room_name` is there.
    pub room_id: u32,
    /// The text room, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// The last second in which the room's rights are valid, unix seconds.
    pub expires_at: i64,
    /// The rights, as bits.
    pub privileges: RoomPrivileges,
    /// The rights, by name.
    pub privilege_names: Vec<&'static str>,
    /// The account type; the libraries write 0.
    pub account_type: u32,
}

impl RoomKeyClaims {
    /// The room as text, whichever sort it is.
    #[must_use]
    pub fn room_text(&self) -> String {
        self.room_name.clone().unwrap_or_else(|| self.room_id.to_string())
    }
}

/// The fields of an `AccessToken2`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessToken2Claims {
    /// The App ID.
    pub app_id: String,
    /// The channel of the first RTC service, for those who need no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The user of the first RTC service; empty for any user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When it was issued, unix seconds.
    pub issued_at: i64,
    /// Lifetime, seconds from `issued_at`.
    pub expires_in: u32,
    /// The first second in which it is no longer valid.
    pub expires_at: i64,
    /// The random part.
    pub salt: u32,
    /// The services in the order of the token, as far as they could be read.
    pub services: Vec<Service>,
}

/// The fields of an `AccessToken` 006. Channel and user are not in it, only their checksums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessTokenClaims {
    /// The App ID.
    pub app_id: String,
    /// The first second in which it is no longer valid, unix seconds.
    pub expires_at: i64,
    /// The random part.
    pub salt: u32,
    /// CRC-32 of the channel name.
    pub channel_crc32: u32,
    /// CRC-32 of the user id; 0 for any user.
    pub user_crc32: u32,
    /// What is granted.
    pub privileges: Vec<Grant>,
}

/// One privilege of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The number in the token; its meaning depends on the service.
    pub code: u16,
    /// Its name, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// The value in the token: seconds from the issue in 007, unix seconds in 006, 0 for as long
    /// as the token.
    pub written: u32,
    /// The first second in which it is no longer granted, never later than the token's end.
    pub expires_at: i64,
}

impl Grant {
    /// A privilege of a 007 token: `written` counts from the issue.
    pub(super) fn relative(
        code: u16,
        name: Option<&'static str>,
        written: u32,
        issued_at: i64,
        token_end: i64,
    ) -> Self {
        Self::until(code, name, written, issued_at.saturating_add(written.into()), token_end)
    }

    /// A privilege of a 006 token: `written` is a time.
    pub(super) fn absolute(
        code: u16,
        name: Option<&'static str>,
        written: u32,
        token_end: i64,
    ) -> Self {
        Self::until(code, name, written, written.into(), token_end)
    }

    fn until(
        code: u16,
        name: Option<&'static str>,
        written: u32,
        end: i64,
        token_end: i64,
    ) -> Self {
        let expires_at = if written == 0 { token_end } else { end.min(token_end) };
        Self { code, name, written, expires_at }
    }
}
