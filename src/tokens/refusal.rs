//! Why a token is refused: the reason for machines, and the detail for people.
//!
//! [`Refusal::wire_name`] is the contract with API users and never changes. The details (where a
//! token is malformed, since when it is expired, which privilege is missing) are for the verify
//! page and for `where` in JSON; they carry no text of their own.

use serde::{Serialize, Serializer};

use super::{rooms::RoomPrivileges, rtc::RtcPrivilege};

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read, or breaks a rule of its format.
    Malformed(Flaw),
    /// It is for another app.
    WrongApp,
    /// It is for another user.
    WrongUser,
    /// It is for another channel or room.
    WrongChannel,
    /// Its time is over.
    Expired {
        /// When it ended, in unix seconds.
        since: i64,
    },
    /// It says that it was issued in the future, beyond the leeway.
    NotYetValid {
        /// When it was issued, in unix seconds.
        from: i64,
    },
    /// None of the app's keys has signed it.
    BadSignature,
    /// A key of the app has signed it that was replaced since.
    RetiredKey,
    /// It does not allow what is needed.
    MissingPrivilege(Lack),
    /// The app is disabled. Only the caller knows.
    AppDisabled,
    /// The app's service is disabled. Only the caller knows.
    ServiceDisabled,
}

impl Refusal {
    /// The reason as the API spells it.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongApp => "wrong_app",
            Self::WrongUser => "wrong_user",
            Self::WrongChannel => "wrong_channel",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::BadSignature => "bad_signature",
            Self::RetiredKey => "retired_key",
            Self::MissingPrivilege(_) => "missing_privilege",
            Self::AppDisabled => "app_disabled",
            Self::ServiceDisabled => "service_disabled",
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.wire_name())
    }
}

/// What a token lacks that was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// An access token without any RTC service.
    RtcService,
    /// An access token whose RTC service does not grant this.
    Rtc(RtcPrivilege),
    /// An access token whose grant of this is over, though the token is not.
    RtcLapsed {
        /// What was granted.
        privilege: RtcPrivilege,
        /// When the grant ended, in unix seconds.
        since: i64,
    },
    /// A `UserSig` that is not a `PrivateMapKey`, where a room's rights were needed.
    RoomKey,
    /// A `PrivateMapKey` without these rights.
    Room(RoomPrivileges),
}

impl Lack {
    /// The names of what is missing, as JSON has them.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Self::RtcService => vec!["rtc"],
            Self::Rtc(privilege) | Self::RtcLapsed { privilege, .. } => vec![privilege.name()],
            Self::RoomKey => vec!["room_key"],
            Self::Room(privileges) => privileges.names().collect(),
        }
    }
}

/// Where a token is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing was given.
    Empty,
    /// Longer than [`super::TOKEN_BYTES_MAX`].
    TooLong,
    /// It does not begin like the kind that was asked for.
    Prefix,
    /// Not base64 in the alphabet and padding of its kind.
    Base64,
    /// The zlib stream is broken or unfinished.
    Compression,
    /// It inflates to more than [`super::INFLATED_BYTES_MAX`].
    Inflated,
    /// Bytes follow the zlib stream.
    AfterCompression,
    /// Not a JSON object.
    Json,
    /// The same key twice in the JSON object.
    DuplicateKey,
    /// A key of the JSON object is missing.
    FieldMissing(Field),
    /// A value of the JSON object has another type.
    FieldType(Field),
    /// A value of the JSON object has the right type, and is out of range.
    FieldRange(Field),
    /// A `UserSig` of another version, such as the ECDSA one.
    Version,
    /// The user buffer is not base64, or not a `PrivateMapKey`.
    UserBuffer,
    /// The App ID is not 32 characters of ASCII.
    AppId,
    /// The signature does not have 32 bytes.
    SignatureLength,
    /// The content ends in the middle of a field.
    Truncated,
    /// A text field is not UTF-8.
    Text,
    /// A type of service that is not known, so that what follows cannot be read.
    UnknownService(u16),
    /// Services not in ascending order of type.
    ServiceOrder,
    /// Privileges not in ascending order, or one of them twice.
    PrivilegeOrder,
    /// Bytes follow the last field.
    TrailingBytes,
}

impl Flaw {
    /// The place as JSON names it, without the detail of [`Flaw::field`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Prefix => "prefix",
            Self::Base64 => "base64",
            Self::Compression => "compression",
            Self::Inflated => "inflated_too_long",
            Self::AfterCompression => "after_compression",
            Self::Json => "json",
            Self::DuplicateKey => "duplicate_key",
            Self::FieldMissing(_) => "field_missing",
            Self::FieldType(_) => "field_type",
            Self::FieldRange(_) => "field_range",
            Self::Version => "version",
            Self::UserBuffer => "user_buffer",
            Self::AppId => "app_id",
            Self::SignatureLength => "signature_length",
            Self::Truncated => "truncated",
            Self::Text => "text",
            Self::UnknownService(_) => "unknown_service",
            Self::ServiceOrder => "service_order",
            Self::PrivilegeOrder => "privilege_order",
            Self::TrailingBytes => "trailing_bytes",
        }
    }

    /// The JSON field that it is about, if it is about one.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::FieldMissing(field) | Self::FieldType(field) | Self::FieldRange(field) => {
                Some(field)
            }
            _ => None,
        }
    }
}

/// A field of the JSON object in a `UserSig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `TLS.ver`
    Version,
    /// `TLS.identifier`
    Identifier,
    /// `TLS.sdkappid`
    SdkAppId,
    /// `TLS.time`
    Time,
    /// `TLS.expire`
    Expire,
    /// `TLS.userbuf`
    UserBuffer,
    /// `TLS.sig`
    Signature,
}

impl Field {
    /// The key in the JSON object.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Version => "TLS.ver",
            Self::Identifier => "TLS.identifier",
            Self::SdkAppId => "TLS.sdkappid",
            Self::Time => "TLS.time",
            Self::Expire => "TLS.expire",
            Self::UserBuffer => "TLS.userbuf",
            Self::Signature => "TLS.sig",
        }
    }
}
