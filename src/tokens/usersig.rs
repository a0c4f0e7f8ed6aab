//! Tencent `UserSig` v2 (`TLSSigAPIv2`), and the `PrivateMapKey` made of it.
//!
//! The token is `B64T(zlib(JSON))`. The HMAC covers lines of text (identifier, `SDKAppID`, time,
//! lifetime and, if there is one, the user buffer), keyed with the console's secret *as text*:
//! the secret looks like hexadecimal, and is not decoded. A `PrivateMapKey` is a second, complete
//! `UserSig` whose user buffer names a room and the rights in it; it goes beside the plain one.
//!
//! Valid while `now <= time + expire`. As in the official verifiers there is no not-before check.

use super::{
    claims::{Claims, Kind, RoomKeyClaims, UserSigClaims},
    deflate::deflate,
    encoding::{append_base64, check_length, from_b64t, inflate, to_b64t, to_base64},
    keys::{Purpose, hmac_sha256},
    mint::{MintProblem, expires_at, time_u32},
    names::UserId,
    refusal::{Flaw, Lack, Refusal},
    room_key::{self, RoomGrant},
    usersig_object::Object,
    verify::{Expected, Moment, Reading, RoomBinding},
};

/// What a new `UserSig` shall say.
#[derive(Clone, Copy)]
pub struct UserSigRequest<'a> {
    /// The app, not 0.
    pub sdk_app_id: u32,
    /// The secret, as the console shows it.
    pub key: &'a str,
    /// For whom; not digits alone.
    pub user: &'a UserId,
    /// Now, in unix seconds.
    pub issued_at: i64,
    /// For how long, in seconds, not 0.
    pub lifetime_s: u32,
    /// A room to be bound to, which makes it a `PrivateMapKey`.
    pub room: Option<RoomGrant<'a>>,
}

/// Mints a `UserSig`, or with a room a `PrivateMapKey`.
///
/// # Errors
/// `User`, `SdkAppId`, `Key`, `Lifetime`, `Time` (a room's expiry must end before 2106) or
/// `NoPrivilege` (a room without any right).
pub fn mint_usersig(request: &UserSigRequest<'_>) -> Result<String, MintProblem> {
    request.user.allowed_in_usersig().map_err(MintProblem::User)?;
    if request.sdk_app_id == 0 {
        return Err(MintProblem::SdkAppId);
    }
    if request.key.is_empty() {
        return Err(MintProblem::Key);
    }
    if request.issued_at < 0 {
        return Err(MintProblem::Time);
    }
    let end = expires_at(request.issued_at, request.lifetime_s)?;
    let user_buffer = match request.room {
        Some(grant) if grant.privileges.is_none() => return Err(MintProblem::NoPrivilege),
        Some(grant) => {
            let end = time_u32(end)?;
            let bytes = room_key::write(request.user, request.sdk_app_id, grant, end);
            Some(to_base64(&bytes))
        }
        None => None,
    };
    let signed = SignedText {
        identifier: request.user.as_str(),
        sdk_app_id: request.sdk_app_id,
        time: request.issued_at,
        expire: request.lifetime_s.into(),
        user_buffer: user_buffer.as_deref(),
    };
    Ok(to_b64t(&deflate(signed.json(request.key).as_bytes())))
}

/// The fields that the signature covers.
#[derive(Clone, Copy)]
struct SignedText<'a> {
    identifier: &'a str,
    sdk_app_id: u32,
    time: i64,
    expire: i64,
    user_buffer: Option<&'a str>,
}

impl SignedText<'_> {
    fn sign(&self, key: &str) -> [u8; 32] {
        let mut text = format!(
            "TLS.identifier:{}\nTLS.sdkappid:{}\nTLS.time:{}\nTLS.expire:{}\n",
            self.identifier, self.sdk_app_id, self.time, self.expire
        );
        if let Some(user_buffer) = self.user_buffer {
            text.push_str("TLS.userbuf:");
            text.push_str(user_buffer);
            text.push('\n');
        }
        hmac_sha256(key.as_bytes(), &[text.as_bytes()])
    }

    /// The object with its signature. User ids and base64 have nothing to escape.
    fn json(&self, key: &str) -> String {
        let mut json = format!(
            "{{\"TLS.ver\":\"2.0\",\"TLS.identifier\":\"{}\",\"TLS.sdkappid\":{},\
             \"TLS.time\":{},\"TLS.expire\":{},",
            self.identifier, self.sdk_app_id, self.time, self.expire
        );
        if let Some(user_buffer) = self.user_buffer {
            json.push_str("\"TLS.userbuf\":\"");
            json.push_str(user_buffer);
            json.push_str("\",");
        }
        json.push_str("\"TLS.sig\":\"");
        append_base64(&mut json, &self.sign(key));
        json.push_str("\"}");
        json
    }
}

/// A `UserSig` that could be read.
pub(super) struct UserSigReading {
    object: Object,
    claims: UserSigClaims,
    flaw: Option<Flaw>,
}

impl UserSigReading {
    /// Reads a token, without looking at who signed it.
    ///
    /// # Errors
    /// The flaw for which nothing can be said about its content.
    pub(super) fn read(token: &str) -> Result<Self, Flaw> {
        check_length(token)?;
        if Kind::of(token) != Kind::UserSig {
            return Err(Flaw::Prefix);
        }
        let object = Object::read(&inflate(&from_b64t(token)?)?)?;
        let (room_key, flaw) = match object.user_buffer.as_ref() {
            None => (None, None),
            Some((_, bytes)) => match room_key::read(bytes) {
                Ok(room_key) => (Some(room_key), None),
                Err(flaw) => (None, Some(flaw)),
            },
        };
        let claims = UserSigClaims {
            user: object.identifier.clone(),
            sdk_app_id: object.sdk_app_id,
            issued_at: object.time,
            expires_in: object.expire,
            expires_at: object.time.saturating_add(object.expire),
            room_key,
        };
        Ok(Self { object, claims, flaw })
    }

    /// Whether the room that it is bound to, if any, is one that is expected.
    fn is_for_room(&self, expected: &Expected<'_>) -> bool {
        let Some(room_key) = &self.claims.room_key else {
            return true;
        };
        match expected.room {
            RoomBinding::Any => {
                expected.channel.is_none_or(|channel| room_key.room_text() == channel)
            }
            RoomBinding::Unbound => false,
            RoomBinding::Room(room) => is_room(room_key, room),
        }
    }

    fn lack(&self, expected: &Expected<'_>) -> Option<Lack> {
        let needs_room =
            matches!(expected.room, RoomBinding::Room(_)) || !expected.needs_room.is_none();
        match &self.claims.room_key {
            None => needs_room.then_some(Lack::RoomKey),
            Some(room_key) => {
                let lacking = room_key.privileges.lacking(expected.needs_room);
                (!lacking.is_none()).then_some(Lack::Room(lacking))
            }
        }
    }
}

fn is_room(room_key: &RoomKeyClaims, room: &super::Room) -> bool {
    match (room, &room_key.room_name) {
        (super::Room::Numeric(id), None) => room_key.room_id == id.get(),
        (super::Room::Text(name), Some(written)) => written == name.as_str(),
        _ => false,
    }
}

impl Reading for UserSigReading {
    const PURPOSE: Purpose = Purpose::UserSig;

    fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    fn is_for_app(&self, expected: &Expected<'_>) -> bool {
        self.claims.sdk_app_id == expected.sdk_app_id
    }

    fn signature(&self) -> &[u8; 32] {
        &self.object.signature
    }

    fn sign(&self, secret: &str, _expected: &Expected<'_>) -> [u8; 32] {
        let signed = SignedText {
            identifier: &self.object.identifier,
            sdk_app_id: self.object.sdk_app_id,
            time: self.object.time,
            expire: self.object.expire,
            user_buffer: self.object.user_buffer.as_ref().map(|(text, _)| text.as_str()),
        };
        signed.sign(secret)
    }

    fn rest(&self, expected: &Expected<'_>, moment: Moment) -> Option<Refusal> {
        let claims = &self.claims;
        let inner = claims.room_key.as_ref();
        if inner.is_some_and(|room_key| room_key.sdk_app_id != claims.sdk_app_id) {
            return Some(Refusal::WrongApp);
        }
        if expected.user.is_some_and(|user| user != claims.user)
            || inner.is_some_and(|room_key| room_key.user != claims.user)
        {
            return Some(Refusal::WrongUser);
        }
        if !self.is_for_room(expected) {
            return Some(Refusal::WrongChannel);
        }
        let end = inner.map_or(claims.expires_at, |key| key.expires_at.min(claims.expires_at));
        if moment.now > end {
            return Some(Refusal::Expired { since: end });
        }
        self.lack(expected).map(Refusal::MissingPrivilege)
    }

    fn into_claims(self) -> Claims {
        Claims::UserSig(self.claims)
    }
}
