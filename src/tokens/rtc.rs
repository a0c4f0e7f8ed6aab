//! The privileges of the RTC service: what both generations of access tokens grant.

use serde::Serialize;

use super::{claims::Grant, refusal::Lack};

/// What the RTC service of an access token can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RtcPrivilege {
    /// Join the channel.
    JoinChannel = 1,
    /// Publish audio.
    PublishAudio = 2,
    /// Publish video.
    PublishVideo = 3,
    /// Publish data.
    PublishData = 4,
}

impl RtcPrivilege {
    /// All four, in the order of their codes.
    pub const ALL: [Self; 4] =
        [Self::JoinChannel, Self::PublishAudio, Self::PublishVideo, Self::PublishData];

    /// The number in the token.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The name in JSON and in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JoinChannel => "join_channel",
            Self::PublishAudio => "publish_audio",
            Self::PublishVideo => "publish_video",
            Self::PublishData => "publish_data",
        }
    }
}

/// Which privileges of the RTC service are granted, and for how many seconds from the issue
/// (0: as long as the token).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtcPrivileges {
    /// Join the channel.
    pub join_channel: Option<u32>,
    /// Publish audio.
    pub publish_audio: Option<u32>,
    /// Publish video.
    pub publish_video: Option<u32>,
    /// Publish data.
    pub publish_data: Option<u32>,
}

/// The two roles of the official builders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Joins and publishes.
    Publisher,
    /// Joins only. The service tells the difference when co-host authentication is on.
    Subscriber,
}

impl RtcPrivileges {
    /// The privileges of a role, each for `seconds` from the issue (0: as long as the token).
    #[must_use]
    pub const fn of(role: Role, seconds: u32) -> Self {
        let publish = match role {
            Role::Publisher => Some(seconds),
            Role::Subscriber => None,
        };
        Self {
            join_channel: Some(seconds),
            publish_audio: publish,
            publish_video: publish,
            publish_data: publish,
        }
    }

    /// What is granted, in the order of the codes.
    pub fn granted(self) -> impl Iterator<Item = (RtcPrivilege, u32)> {
        RtcPrivilege::ALL
            .into_iter()
            .zip([self.join_channel, self.publish_audio, self.publish_video, self.publish_data])
            .filter_map(|(privilege, seconds)| Some((privilege, seconds?)))
    }
}

/// Appends a map of privileges: `u16` count, then `u16` code and `u32` value each.
pub(super) fn put_privileges(out: &mut Vec<u8>, granted: &[(RtcPrivilege, u32)]) {
    let count = u16::try_from(granted.len()).unwrap_or(0);
    out.extend_from_slice(&count.to_le_bytes());
    for (privilege, value) in granted {
        out.extend_from_slice(&privilege.code().to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// The first of `needed` that is not granted at `now`.
pub(super) fn lack(granted: &[Grant], needed: &[RtcPrivilege], now: i64) -> Option<Lack> {
    needed.iter().find_map(|&privilege| {
        match granted.iter().find(|grant| grant.code == privilege.code()) {
            None => Some(Lack::Rtc(privilege)),
            Some(grant) if now >= grant.expires_at => {
                Some(Lack::RtcLapsed { privilege, since: grant.expires_at })
            }
            Some(_) => None,
        }
    })
}
