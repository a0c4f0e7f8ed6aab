//! Random requests, in our terms and in the judges'.

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use switchroom::tokens::{
    AccessToken2Request, AccessTokenRequest, ChannelName, Room, RoomGrant, RoomPrivileges,
    RtcPrivileges, Salt, UserId, UserSigRequest, mint_access_token, mint_access_token2,
    mint_usersig,
};

use super::judge::with;

const USER_ID: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const CHANNEL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \
                       !#$%&()+-:;<=.>?@[]^_{}|~,";
const HEX: &str = "0123456789abcdef";
/// Between the years 2001 and 2096, so that no lifetime passes the end of 32-bit time.
const TIMES: std::ops::Range<i64> = 1_000_000_000..4_000_000_000;

/// A `UserSig` or `PrivateMapKey`.
#[derive(Debug)]
pub struct UserSigCase {
    pub sdk_app_id: u32,
    pub key: String,
    pub user: UserId,
    pub now: i64,
    pub expires_in: u32,
    pub room: Option<(Room, RoomPrivileges)>,
}

impl UserSigCase {
    /// Any case.
    pub fn random(random: &mut StdRng) -> Result<Self, String> {
        let room = match random.random_range(0..3) {
            0 => None,
            1 => Some(Room::numeric(random.random_range(1..=u32::MAX))),
            _ => {
                let printable: String = (' '..='~').collect();
                Some(Room::text(&text(random, &printable, 64)))
            }
        };
        let privileges = RoomPrivileges::parse(random.random_range(1..256)).map_err(words)?;
        Ok(Self {
            sdk_app_id: random.random_range(1..=u32::MAX),
            key: exactly(random, HEX, 64),
            // Never digits alone.
            user: UserId::parse(&format!("u{}", text(random, USER_ID, 31))).map_err(words)?,
            now: random.random_range(TIMES),
            expires_in: random.random_range(1..200_000_000),
            room: room.transpose().map_err(words)?.map(|room| (room, privileges)),
        })
    }

    /// What the judges are asked.
    pub fn request(&self) -> Value {
        let room = self.room.as_ref().map(|(room, _)| match room {
            Room::Numeric(id) => json!(id.get()),
            Room::Text(name) => json!(name.as_str()),
        });
        json!({
            "kind": "usersig", "sdk_app_id": self.sdk_app_id, "key": self.key,
            "user": self.user.as_str(), "now": self.now, "expires_in": self.expires_in,
            "room": room, "privileges": self.room.as_ref().map(|(_, privileges)| privileges.bits()),
            "user_buffer": self.user_buffer().map(|bytes| base64(&bytes)),
        })
    }

    /// Our token.
    pub fn mint(&self) -> Result<String, String> {
        mint_usersig(&UserSigRequest {
            sdk_app_id: self.sdk_app_id,
            key: &self.key,
            user: &self.user,
            issued_at: self.now,
            lifetime_s: self.expires_in,
            room: self
                .room
                .as_ref()
                .map(|(room, privileges)| RoomGrant { room, privileges: *privileges }),
        })
        .map_err(words)
    }

    /// The user buffer, written out a second time for the judge that cannot.
    fn user_buffer(&self) -> Option<Vec<u8>> {
        let (room, privileges) = self.room.as_ref()?;
        let user = self.user.as_str().as_bytes();
        let end = u32::try_from(self.now).ok()? + self.expires_in;
        let (version, id, name) = match room {
            Room::Numeric(id) => (0, id.get(), None),
            Room::Text(name) => (1, 0, Some(name.as_str().as_bytes())),
        };
        let mut out = vec![version, 0, u8::try_from(user.len()).ok()?];
        out.extend(user);
        for number in [self.sdk_app_id, id, end, privileges.bits(), 0] {
            out.extend(number.to_be_bytes());
        }
        if let Some(name) = name {
            out.extend([0, u8::try_from(name.len()).ok()?]);
            out.extend(name);
        }
        Some(out)
    }
}

/// An access token of either generation for one RTC channel.
#[derive(Debug)]
pub struct AccessTokenCase {
    pub app_id: String,
    pub certificate: String,
    pub channel: ChannelName,
    pub user: Option<UserId>,
    pub privileges: RtcPrivileges,
    pub now: i64,
    pub expires_in: u32,
    pub salt: u32,
}

impl AccessTokenCase {
    /// Any case.
    pub fn random(random: &mut StdRng) -> Result<Self, String> {
        let user = match random.random_range(0..3) {
            0 => None,
            1 => Some(random.random_range(1..=u32::MAX).to_string()),
            _ => Some(text(random, USER_ID, 32)),
        };
        let lifetime =
            |random: &mut StdRng| random.random_bool(0.7).then(|| random.random_range(0..100_000));
        Ok(Self {
            app_id: exactly(random, HEX, 32),
            certificate: exactly(random, HEX, 32),
            channel: ChannelName::parse(&text(random, CHANNEL, 63)).map_err(words)?,
            user: user.map(|user| UserId::parse(&user)).transpose().map_err(words)?,
            privileges: RtcPrivileges {
                join_channel: Some(random.random_range(0..100_000)),
                publish_audio: lifetime(random),
                publish_video: lifetime(random),
                publish_data: lifetime(random),
            },
            now: random.random_range(TIMES),
            expires_in: random.random_range(1..=86_400),
            salt: random.random_range(1..=99_999_999),
        })
    }

    /// What the judges are asked, for a token of `kind`.
    pub fn request(&self, kind: &str) -> Value {
        let grants: Vec<_> = self
            .privileges
            .granted()
            .map(|(privilege, seconds)| (privilege.code(), seconds))
            .collect();
        json!({
            "kind": kind, "app_id": self.app_id, "certificate": self.certificate,
            "channel": self.channel.as_str(), "user": self.user.as_ref().map(UserId::as_str),
            "grants": grants, "now": self.now, "expires_in": self.expires_in, "salt": self.salt,
        })
    }

    /// Our 007 token.
    pub fn mint_007(&self) -> Result<String, String> {
        mint_access_token2(&AccessToken2Request {
            app_id: &self.app_id,
            certificate: &self.certificate,
            channel: &self.channel,
            user: self.user.as_ref(),
            privileges: self.privileges,
            issued_at: self.now,
            lifetime_s: self.expires_in,
            salt: Salt::new(self.salt).ok_or("no salt")?,
        })
        .map_err(words)
    }

    /// Our 006 token.
    pub fn mint_006(&self) -> Result<String, String> {
        mint_access_token(&AccessTokenRequest {
            app_id: &self.app_id,
            certificate: &self.certificate,
            channel: &self.channel,
            user: self.user.as_ref(),
            privileges: self.privileges,
            issued_at: self.now,
            lifetime_s: self.expires_in,
            salt: Salt::new(self.salt).ok_or("no salt")?,
        })
        .map_err(words)
    }
}

/// Some services of any type, each as the judge makes it and as the claims shall show it.
pub fn services(random: &mut StdRng) -> (Vec<Value>, Vec<Value>) {
    let mut pairs: Vec<_> = (0..random.random_range(1..6)).map(|_| service(random)).collect();
    let made = pairs.iter().map(|(_, made, _)| made.clone()).collect();
    // The package sorts by type and keeps the order within one.
    pairs.sort_by_key(|(code, ..)| *code);
    (made, pairs.into_iter().map(|(_, _, shown)| shown).collect())
}

fn service(random: &mut StdRng) -> (u16, Value, Value) {
    let code = random.random_range(1..=10_u16);
    let role = if random.random_bool(0.3) { -1 } else { random.random_range(1..=i16::MAX) };
    let mut name = || text(random, "abc XYZ 0123_-*语音é", 24);
    let (channel, user) = (name(), name());
    let names = [name(), name()];
    let (args, shown) = match code {
        1 => (json!([channel, user]), json!({"service": "rtc", "channel": channel, "user": user})),
        2 => (json!([user]), json!({"service": "rtm", "user": user})),
        3 => (
            json!([channel, user]),
            json!({"service": "streaming", "channel": channel, "user": user}),
        ),
        4 => (json!([]), json!({"service": "fpa"})),
        5 => (json!([user]), json!({"service": "chat", "user": user})),
        6 => (json!([channel, user]), json!({"service": "fcdn", "channel": channel, "user": user})),
        7 => (
            json!([channel, user, role]),
            json!({"service": "apaas", "room": channel, "user": user, "role": role}),
        ),
        8 => (
            json!([user, [[0, 1, names], [4, 0, []]]]),
            json!({"service": "rtm2", "user": user, "permissions": [
                {"resource": 0, "resource_name": "message_channels",
                 "permission": 1, "permission_name": "write", "names": names},
                {"resource": 4, "resource_name": "users",
                 "permission": 0, "permission_name": "read", "names": []},
            ]}),
        ),
        9 => (json!([]), json!({"service": "convo_ai"})),
        _ => (json!([]), json!({"service": "stt"})),
    };
    let grants: Vec<(u16, u32)> = (1..=random.random_range(0..4))
        .map(|privilege| (privilege, random.random_range(0..100_000)))
        .collect();
    let mut made = vec![json!(code), json!(grants)];
    made.extend(args.as_array().into_iter().flatten().cloned());
    let shown = with(&with(&shown, "code", code), "privileges", json!(grants));
    (code, Value::Array(made), shown)
}

/// From one to `bytes_max` bytes of characters out of `set`.
fn text(random: &mut StdRng, set: &str, bytes_max: usize) -> String {
    let count = random.random_range(1..=bytes_max);
    let mut text = exactly(random, set, count);
    while text.len() > bytes_max {
        text.pop();
    }
    text
}

fn exactly(random: &mut StdRng, set: &str, count: usize) -> String {
    let set: Vec<char> = set.chars().collect();
    (0..count).filter_map(|_| set.get(random.random_range(0..set.len()))).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A problem as a message.
pub fn words(problem: impl std::fmt::Display) -> String {
    problem.to_string()
}
