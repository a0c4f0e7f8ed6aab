//! Agora / Shengwang `AccessToken2`: tokens that begin with `007`.
//!
//! `"007" + base64(zlib(counted signature + signed content))`, little-endian. The content has the
//! App ID, issue time, lifetime, salt and the services. The key is derived twice over: first from
//! the certificate's text with the issue time as key, then with the salt as key. Lifetimes are
//! counted from the issue, those of privileges too, with 0 for as long as the token.
//!
//! Valid while `issued_at <= now + leeway` and `now < issued_at + lifetime`. Official libraries
//! check neither; the boundary is ours.

use super::{
    bytes::{Reader, put_counted_le},
    claims::{AccessToken2Claims, Claims},
    deflate::deflate,
    encoding::{append_base64, check_length, from_base64, inflate},
    keys::{Purpose, hmac_sha256},
    mint::{MintProblem, Salt, check_app, expires_at, time_u32},
    names::{ChannelName, UserId},
    refusal::{Flaw, Lack, Refusal},
    rtc::{RtcPrivileges, lack, put_privileges},
    services::{self, RTC, Scope, Service, Span},
    verify::{Expected, Moment, Reading},
};

const PREFIX: &str = "007";

/// What a new `AccessToken2` for RTC shall say.
#[derive(Clone, Copy)]
pub struct AccessToken2Request<'a> {
    /// The App ID, 32 hexadecimal digits; their case counts.
    pub app_id: &'a str,
    /// The App certificate, 32 hexadecimal digits; their case counts.
    pub certificate: &'a str,
    /// Which channel.
    pub channel: &'a ChannelName,
    /// For whom; `None` for any user.
    pub user: Option<&'a UserId>,
    /// What is allowed.
    pub privileges: RtcPrivileges,
    /// Now, in unix seconds.
    pub issued_at: i64,
    /// For how long, in seconds, not 0. The service cuts it to
    /// [`super::ACCESS_TOKEN_LIFETIME_S_MAX`].
    pub lifetime_s: u32,
    /// The random part.
    pub salt: Salt,
}

/// Mints an `AccessToken2` with one RTC service.
///
/// # Errors
/// `AppId`, `Certificate`, `Lifetime`, `NoPrivilege`, or `Time` outside 1970–2106.
pub fn mint_access_token2(request: &AccessToken2Request<'_>) -> Result<String, MintProblem> {
    check_app(request.app_id, request.certificate)?;
    expires_at(request.issued_at, request.lifetime_s)?;
    let issued_at = time_u32(request.issued_at)?;
    let granted: Vec<_> = request.privileges.granted().collect();
    if granted.is_empty() {
        return Err(MintProblem::NoPrivilege);
    }
    let salt = request.salt.get();

    let mut signed = Vec::with_capacity(256);
    put_counted_le(&mut signed, request.app_id.as_bytes());
    for number in [issued_at, request.lifetime_s, salt] {
        signed.extend_from_slice(&number.to_le_bytes());
    }
    signed.extend_from_slice(&1_u16.to_le_bytes());
    signed.extend_from_slice(&RTC.to_le_bytes());
    put_privileges(&mut signed, &granted);
    put_counted_le(&mut signed, request.channel.as_str().as_bytes());
    put_counted_le(&mut signed, request.user.map_or("", UserId::as_str).as_bytes());

    let signature = sign(request.certificate, issued_at, salt, &signed);
    let mut content = Vec::with_capacity(signed.len() + 34);
    put_counted_le(&mut content, &signature);
    content.extend_from_slice(&signed);
    let zlib = deflate(&content);
    let mut token = String::with_capacity(PREFIX.len() + zlib.len() * 4 / 3 + 4);
    token.push_str(PREFIX);
    append_base64(&mut token, &zlib);
    Ok(token)
}

/// The signature. Mind the order: issue time and salt are the *keys* of the first two steps.
fn sign(certificate: &str, issued_at: u32, salt: u32, signed: &[u8]) -> [u8; 32] {
    let from_time = hmac_sha256(&issued_at.to_le_bytes(), &[certificate.as_bytes()]);
    let from_salt = hmac_sha256(&salt.to_le_bytes(), &[&from_time]);
    hmac_sha256(&from_salt, &[signed])
}

/// An `AccessToken2` that could be read, at least its head.
pub(super) struct AccessToken2Reading {
    signature: [u8; 32],
    /// The raw content, which is what is signed: also the bytes that could not be understood.
    signed: Vec<u8>,
    issued_at: u32,
    claims: AccessToken2Claims,
    flaw: Option<Flaw>,
}

impl AccessToken2Reading {
    /// Reads a token, without looking at who signed it.
    ///
    /// # Errors
    /// The flaw for which nothing can be said about its content.
    pub(super) fn read(token: &str) -> Result<Self, Flaw> {
        check_length(token)?;
        let content = inflate(&from_base64(token.strip_prefix(PREFIX).ok_or(Flaw::Prefix)?)?)?;
        let mut reader = Reader::new(&content);
        let signature = reader.counted_le().ok_or(Flaw::Truncated)?;
        let signature = signature.try_into().map_err(|_| Flaw::SignatureLength)?;
        let signed = reader.rest().to_vec();

        let app_id = reader.counted_le().ok_or(Flaw::Truncated)?;
        let app_id = std::str::from_utf8(app_id).map_err(|_| Flaw::Text)?.to_owned();
        let mut number = || reader.u32_le().ok_or(Flaw::Truncated);
        let (issued_at, expires_in, salt) = (number()?, number()?, number()?);
        let count = reader.u16_le().ok_or(Flaw::Truncated)?;
        let expires_at = i64::from(issued_at) + i64::from(expires_in);
        let span = Span { issued_at: issued_at.into(), expires_at };
        let mut services = Vec::new();
        let flaw = services::read_all(&mut reader, count, span, &mut services).err();

        let (channel, user) = services
            .iter()
            .find_map(|service| match &service.scope {
                Scope::Rtc { channel, user } => Some((channel.clone(), user.clone())),
                _ => None,
            })
            .unzip();
        let claims = AccessToken2Claims {
            app_id,
            channel,
            user,
            issued_at: issued_at.into(),
            expires_in,
            expires_at,
            salt,
            services,
        };
        Ok(Self { signature, signed, issued_at, claims, flaw })
    }

    /// The RTC services for the expected user and channel: none only if the token has none.
    fn rtc_for(&self, expected: &Expected<'_>) -> Result<Vec<&Service>, Refusal> {
        let mut rtc: Vec<_> = self.claims.services.iter().filter(|it| it.code == RTC).collect();
        if rtc.is_empty() {
            let is_for_user = expected.user.is_none_or(|user| self.is_for_user(user));
            return if is_for_user { Ok(rtc) } else { Err(Refusal::WrongUser) };
        }
        if let Some(user) = expected.user {
            rtc.retain(|service| service.is_for_user(user));
            if rtc.is_empty() {
                return Err(Refusal::WrongUser);
            }
        }
        if let Some(channel) = expected.channel_text() {
            rtc.retain(|service| service.is_for_channel(&channel));
            if rtc.is_empty() {
                return Err(Refusal::WrongChannel);
            }
        }
        Ok(rtc)
    }

    /// Whether every service that names a user names this one, and at least one does.
    fn is_for_user(&self, user: &str) -> bool {
        let mut named = self.claims.services.iter().filter(|it| it.user().is_some()).peekable();
        named.peek().is_some() && named.all(|service| service.is_for_user(user))
    }
}

impl Reading for AccessToken2Reading {
    const PURPOSE: Purpose = Purpose::AccessToken;

    fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    fn is_for_app(&self, expected: &Expected<'_>) -> bool {
        self.claims.app_id == expected.app_id
    }

    fn signature(&self) -> &[u8; 32] {
        &self.signature
    }

    fn sign(&self, secret: &str, _expected: &Expected<'_>) -> [u8; 32] {
        sign(secret, self.issued_at, self.claims.salt, &self.signed)
    }

    fn rest(&self, expected: &Expected<'_>, moment: Moment) -> Option<Refusal> {
        let rtc = match self.rtc_for(expected) {
            Ok(rtc) => rtc,
            Err(refusal) => return Some(refusal),
        };
        let claims = &self.claims;
        if claims.issued_at > moment.now.saturating_add(moment.leeway_s.into()) {
            return Some(Refusal::NotYetValid { from: claims.issued_at });
        }
        if moment.now >= claims.expires_at {
            return Some(Refusal::Expired { since: claims.expires_at });
        }
        let needs_rtc = expected.channel_text().is_some() || !expected.needs_rtc.is_empty();
        if rtc.is_empty() && needs_rtc {
            return Some(Refusal::MissingPrivilege(Lack::RtcService));
        }
        // One service that grants everything is enough; otherwise the first says what it lacks.
        let lacks = rtc.iter().map(|it| lack(&it.privileges, expected.needs_rtc, moment.now));
        lacks.min_by_key(Option::is_some)?.map(Refusal::MissingPrivilege)
    }

    fn into_claims(self) -> Claims {
        Claims::AccessToken2(self.claims)
    }
}
