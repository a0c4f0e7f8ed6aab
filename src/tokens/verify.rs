//! Whether a token may be believed, and if not, exactly why.
//!
//! The order of the questions is the order of the reasons: can it be read at all (malformed), is
//! it for this app, has one of this app's keys signed it, and only then user, channel, time and
//! privileges. What is read before the signature matched is a rumour: it is shown, *as written*,
//! and [`Verdict::trusted`] alone hands it out as true.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    access_token::AccessTokenReading,
    access_token2::AccessToken2Reading,
    claims::{Claims, Kind},
    keys::{Candidate, Purpose, Slot, signed_with},
    refusal::{Flaw, Refusal},
    rooms::{Room, RoomPrivileges},
    rtc::RtcPrivilege,
    usersig::UserSigReading,
};

/// What a token must be for. Everything that is given is checked; nothing is left to the caller
/// to compare afterwards.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The format; `None` to tell it from the token.
    pub kind: Option<Kind>,
    /// The app, for `UserSig`.
    pub sdk_app_id: u32,
    /// The app, for access tokens. Compared as text, so its case counts.
    pub app_id: &'a str,
    /// The user, who may also be covered by a token for any user.
    pub user: Option<&'a str>,
    /// The channel, for access tokens. A `PrivateMapKey` must be for the room of this name; a
    /// plain `UserSig` is for every room. A wildcard is never for the channel.
    pub channel: Option<&'a str>,
    /// The room, for `UserSig`. Access tokens take its text for the channel if none is given.
    pub room: RoomBinding<'a>,
    /// What an access token must allow now.
    pub needs_rtc: &'a [RtcPrivilege],
    /// What a `PrivateMapKey` must allow now; more than none asks for a `PrivateMapKey`.
    pub needs_room: RoomPrivileges,
}

/// Which room a `UserSig` must be bound to.
#[derive(Clone, Copy, Debug, Default)]
pub enum RoomBinding<'a> {
    /// Not asked: a plain `UserSig`, or a `PrivateMapKey` for whatever room.
    #[default]
    Any,
    /// To none: a `PrivateMapKey` is refused, as official verifiers do that expect no user buffer.
    Unbound,
    /// To this one: a plain `UserSig` is refused.
    Room(&'a Room),
}

impl Expected<'_> {
    /// The channel of an access token, if one is expected.
    pub(super) fn channel_text(&self) -> Option<Cow<'_, str>> {
        match (self.channel, self.room) {
            (Some(channel), _) => Some(Cow::Borrowed(channel)),
            (None, RoomBinding::Room(room)) => Some(Cow::Owned(room.to_string())),
            (None, RoomBinding::Any | RoomBinding::Unbound) => None,
        }
    }
}

/// When it is, and how far the clocks of whoever issues tokens may run ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: i64,
    pub(super) leeway_s: u32,
}

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why it is refused; `None` when it is valid.
    pub refusal: Option<Refusal>,
    /// What it says, true or not; `None` when that could not be read.
    pub as_written: Option<Claims>,
    /// Whose key signed it; `None` when none matched, or the question did not come up.
    pub signed_with: Option<Slot>,
}

impl Verdict {
    /// Whether it is valid.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.refusal.is_none()
    }

    /// What it says, if that is true: only for a valid token.
    #[must_use]
    pub const fn trusted(&self) -> Option<&Claims> {
        match self.refusal {
            None => self.as_written.as_ref(),
            Some(_) => None,
        }
    }

    const fn refused(refusal: Refusal, claims: Option<Claims>, signed_with: Option<Slot>) -> Self {
        Self { refusal: Some(refusal), as_written: claims, signed_with }
    }
}

/// As the API and the command line answer: `valid`; if refused `reason` and, depending on it,
/// `where` and `field`, `since`, or `missing`; `claims` if there are any; `signed_with` if a key
/// matched.
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("valid", &self.is_valid())?;
        if let Some(refusal) = self.refusal {
            map.serialize_entry("reason", refusal.wire_name())?;
            match refusal {
                Refusal::Malformed(flaw) => {
                    map.serialize_entry("where", flaw.name())?;
                    if let Some(field) = flaw.field() {
                        map.serialize_entry("field", field.key())?;
                    }
                }
                Refusal::Expired { since } => map.serialize_entry("since", &since)?,
                Refusal::MissingPrivilege(lack) => {
                    map.serialize_entry("missing", &lack.names())?;
                }
                _ => {}
            }
        }
        if let Some(claims) = &self.as_written {
            map.serialize_entry("claims", claims)?;
        }
        if let Some(slot) = self.signed_with {
            map.serialize_entry("signed_with", &slot)?;
        }
        map.end()
    }
}

/// A 006 token holds only checksums of channel and user, and cannot be verified without them.
/// (The channel is enough for one that is for any user.)
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a 006 token can only be verified with its channel and user")]
pub struct NeedsChannelAndUser {
    /// What it says, true or not.
    pub as_written: Box<Claims>,
}

/// Verifies a token at `now` (unix seconds). `leeway_s` is how far its issue time may lie ahead;
/// expiry has no leeway.
///
/// All candidates of the token's purpose are tried, in constant time.
///
/// # Errors
/// [`NeedsChannelAndUser`] for a 006 token when those are not expected. A refused token is not an
/// error: it is a [`Verdict`].
pub fn verify(
    token: &str,
    expected: &Expected<'_>,
    candidates: &[Candidate<'_>],
    now: i64,
    leeway_s: u32,
) -> Result<Verdict, NeedsChannelAndUser> {
    let moment = Moment { now, leeway_s };
    let verdict = match expected.kind.unwrap_or_else(|| Kind::of(token)) {
        Kind::UserSig => judge(UserSigReading::read(token), expected, candidates, moment),
        Kind::AccessToken2 => judge(AccessToken2Reading::read(token), expected, candidates, moment),
        Kind::AccessToken => {
            let reading = AccessTokenReading::read(token);
            if let Ok(reading) = &reading
                && reading.flaw().is_none()
                && reading.is_for_app(expected)
                && reading.needs_names(expected)
            {
                return Err(NeedsChannelAndUser { as_written: Box::new(reading.claims()) });
            }
            judge(reading, expected, candidates, moment)
        }
    };
    Ok(verdict)
}

/// A token of one format that could be read, before anything about it is believed.
pub(super) trait Reading: Sized {
    /// Which secrets sign it.
    const PURPOSE: Purpose;

    /// A breach of the format that still lets the claims be shown.
    fn flaw(&self) -> Option<Flaw>;

    fn is_for_app(&self, expected: &Expected<'_>) -> bool;

    /// What must be right for the signature to be computed at all.
    fn before_signature(&self, _expected: &Expected<'_>) -> Option<Refusal> {
        None
    }

    fn signature(&self) -> &[u8; 32];

    /// The signature that `secret` would have made.
    fn sign(&self, secret: &str, expected: &Expected<'_>) -> [u8; 32];

    /// User, channel, time and privileges.
    fn rest(&self, expected: &Expected<'_>, moment: Moment) -> Option<Refusal>;

    fn into_claims(self) -> Claims;
}

fn judge<R: Reading>(
    reading: Result<R, Flaw>,
    expected: &Expected<'_>,
    candidates: &[Candidate<'_>],
    moment: Moment,
) -> Verdict {
    let reading = match reading {
        Ok(reading) => reading,
        Err(flaw) => return Verdict::refused(Refusal::Malformed(flaw), None, None),
    };
    let unsigned = if let Some(flaw) = reading.flaw() {
        Some(Refusal::Malformed(flaw))
    } else if reading.is_for_app(expected) {
        reading.before_signature(expected)
    } else {
        Some(Refusal::WrongApp)
    };
    if let Some(refusal) = unsigned {
        return Verdict::refused(refusal, Some(reading.into_claims()), None);
    }
    let sign = |secret: &str| reading.sign(secret, expected);
    let signed_with = signed_with(candidates, R::PURPOSE, reading.signature(), sign);
    let refusal = match signed_with {
        None => Some(Refusal::BadSignature),
        Some(Slot::Retired) => Some(Refusal::RetiredKey),
        Some(Slot::Primary | Slot::Secondary) => reading.rest(expected, moment),
    };
    Verdict { refusal, as_written: Some(reading.into_claims()), signed_with }
}
