//! Agora `AccessToken`: the older tokens that begin with `006`.
//!
//! `"006" + App ID + base64(content)`, little-endian and not compressed. Channel and user are not
//! in the token, only their CRC-32, so whoever verifies must know them. They are signed without
//! separators: `room1`+`23` has the code of `room12`+`3`, and only the checksums tell the two
//! apart. All times are absolute, the opposite of 007. The format is canonical.
//!
//! Valid while `now < ts`. There is no issue time.

use super::{
    bytes::{Reader, put_counted_le},
    claims::{AccessTokenClaims, Claims, Grant},
    encoding::{append_base64, check_length, from_base64},
    keys::{Purpose, hmac_sha256},
    mint::{MintProblem, Salt, check_app, expires_at, time_u32},
    names::{ChannelName, UserId},
    refusal::{Flaw, Refusal},
    rtc::{RtcPrivilege, RtcPrivileges, lack, put_privileges},
    services::read_privileges,
    verify::{Expected, Moment, Reading},
};

const PREFIX: &str = "006";
const APP_ID_BYTES: usize = 32;

/// What a new `AccessToken` 006 shall say.
#[derive(Clone, Copy)]
pub struct AccessTokenRequest<'a> {
    /// The App ID, 32 hexadecimal digits; their case counts.
    pub app_id: &'a str,
    /// The App certificate, 32 hexadecimal digits; their case counts.
    pub certificate: &'a str,
    /// Which channel.
    pub channel: &'a ChannelName,
    /// For whom; `None` for any user.
    pub user: Option<&'a UserId>,
    /// What is allowed, in seconds from the issue as in 007. They are written as times.
    pub privileges: RtcPrivileges,
    /// Now, in unix seconds.
    pub issued_at: i64,
    /// For how long, in seconds, not 0.
    pub lifetime_s: u32,
    /// The random part.
    pub salt: Salt,
}

/// Mints an `AccessToken` 006.
///
/// # Errors
/// `AppId`, `Certificate`, `Lifetime`, `NoPrivilege`, or `Time` outside 1970–2106.
pub fn mint_access_token(request: &AccessTokenRequest<'_>) -> Result<String, MintProblem> {
    check_app(request.app_id, request.certificate)?;
    let end = time_u32(expires_at(request.issued_at, request.lifetime_s)?)?;
    let granted: Vec<_> = request
        .privileges
        .granted()
        .map(|(privilege, seconds)| Ok((privilege, end_of(request.issued_at, seconds)?)))
        .collect::<Result<_, MintProblem>>()?;
    if granted.is_empty() {
        return Err(MintProblem::NoPrivilege);
    }
    let channel = request.channel.as_str();
    let user = request.user.map_or("", UserId::as_str);

    let mut message = Vec::with_capacity(64);
    message.extend_from_slice(&request.salt.get().to_le_bytes());
    message.extend_from_slice(&end.to_le_bytes());
    put_privileges(&mut message, &granted);

    let mut content = Vec::with_capacity(128);
    let signature = sign(request.certificate, request.app_id, channel, user, &message);
    put_counted_le(&mut content, &signature);
    content.extend_from_slice(&crc32fast::hash(channel.as_bytes()).to_le_bytes());
    content.extend_from_slice(&crc32fast::hash(user.as_bytes()).to_le_bytes());
    put_counted_le(&mut content, &message);

    let mut token = format!("{PREFIX}{}", request.app_id);
    append_base64(&mut token, &content);
    Ok(token)
}

/// The end of a privilege as it is written: a time, or 0 for as long as the token.
fn end_of(issued_at: i64, seconds: u32) -> Result<u32, MintProblem> {
    if seconds == 0 { Ok(0) } else { time_u32(expires_at(issued_at, seconds)?) }
}

fn sign(certificate: &str, app_id: &str, channel: &str, user: &str, message: &[u8]) -> [u8; 32] {
    hmac_sha256(
        certificate.as_bytes(),
        &[app_id.as_bytes(), channel.as_bytes(), user.as_bytes(), message],
    )
}

/// A 006 token that could be read.
pub(super) struct AccessTokenReading {
    signature: [u8; 32],
    message: Vec<u8>,
    claims: AccessTokenClaims,
    flaw: Option<Flaw>,
}

impl AccessTokenReading {
    /// Reads a token, without looking at who signed it.
    ///
    /// # Errors
    /// The flaw for which nothing can be said about its content.
    pub(super) fn read(token: &str) -> Result<Self, Flaw> {
        check_length(token)?;
        let after_prefix = token.strip_prefix(PREFIX).ok_or(Flaw::Prefix)?;
        let (app_id, encoded) = after_prefix.split_at_checked(APP_ID_BYTES).ok_or(Flaw::AppId)?;
        let content = from_base64(encoded)?;
        let mut reader = Reader::new(&content);
        let signature = reader.counted_le().ok_or(Flaw::Truncated)?;
        let signature = signature.try_into().map_err(|_| Flaw::SignatureLength)?;
        let channel_crc32 = reader.u32_le().ok_or(Flaw::Truncated)?;
        let user_crc32 = reader.u32_le().ok_or(Flaw::Truncated)?;
        let message = reader.counted_le().ok_or(Flaw::Truncated)?;

        let mut inner = Reader::new(message);
        let salt = inner.u32_le().ok_or(Flaw::Truncated)?;
        let expires_at = inner.u32_le().ok_or(Flaw::Truncated)?.into();
        let pairs = read_privileges(&mut inner).ok_or(Flaw::Truncated)?;
        let flaw = if !pairs.is_sorted_by(|(earlier, _), (later, _)| earlier < later) {
            Some(Flaw::PrivilegeOrder)
        } else if !inner.is_at_end() || !reader.is_at_end() {
            Some(Flaw::TrailingBytes)
        } else {
            None
        };
        let privileges = pairs
            .into_iter()
            .map(|(code, time)| Grant::absolute(code, privilege_name(code), time, expires_at))
            .collect();
        let claims = AccessTokenClaims {
            app_id: app_id.to_owned(),
            expires_at,
            salt,
            channel_crc32,
            user_crc32,
            privileges,
        };
        Ok(Self { signature, message: message.to_vec(), claims, flaw })
    }

    /// Whether something must be known to verify it that is not in it, and is not expected.
    pub(super) fn needs_names(&self, expected: &Expected<'_>) -> bool {
        expected.channel_text().is_none() || (expected.user.is_none() && !self.is_for_any_user())
    }

    /// What it says.
    pub(super) fn claims(&self) -> Claims {
        Claims::AccessToken(self.claims.clone())
    }

    /// The checksum of the empty name, which stands for any user.
    const fn is_for_any_user(&self) -> bool {
        self.claims.user_crc32 == 0
    }
}

/// The name of a privilege. Retired libraries also know 5–12 and 101, which mean nothing now.
fn privilege_name(code: u16) -> Option<&'static str> {
    const RTM_LOGIN: u16 = 1000;
    if code == RTM_LOGIN {
        return Some("rtm_login");
    }
    RtcPrivilege::ALL.into_iter().find(|it| it.code() == code).map(RtcPrivilege::name)
}

impl Reading for AccessTokenReading {
    const PURPOSE: Purpose = Purpose::AccessToken;

    fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    fn is_for_app(&self, expected: &Expected<'_>) -> bool {
        self.claims.app_id == expected.app_id
    }

    /// The checksums come before the signature here: with another channel or user than the
    /// token's the signature cannot match, and would not tell why.
    fn before_signature(&self, expected: &Expected<'_>) -> Option<Refusal> {
        let channel = expected.channel_text().unwrap_or_default();
        if crc32fast::hash(channel.as_bytes()) != self.claims.channel_crc32 {
            return Some(Refusal::WrongChannel);
        }
        let user = expected.user.unwrap_or_default();
        let is_user = crc32fast::hash(user.as_bytes()) == self.claims.user_crc32;
        (!is_user && !self.is_for_any_user()).then_some(Refusal::WrongUser)
    }

    fn signature(&self) -> &[u8; 32] {
        &self.signature
    }

    fn sign(&self, secret: &str, expected: &Expected<'_>) -> [u8; 32] {
        let channel = expected.channel_text().unwrap_or_default();
        let named = if self.is_for_any_user() { None } else { expected.user };
        sign(secret, &self.claims.app_id, &channel, named.unwrap_or_default(), &self.message)
    }

    fn rest(&self, expected: &Expected<'_>, moment: Moment) -> Option<Refusal> {
        let claims = &self.claims;
        if moment.now >= claims.expires_at {
            return Some(Refusal::Expired { since: claims.expires_at });
        }
        lack(&claims.privileges, expected.needs_rtc, moment.now).map(Refusal::MissingPrivilege)
    }

    fn into_claims(self) -> Claims {
        Claims::AccessToken(self.claims)
    }
}
