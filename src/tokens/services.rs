//! The services inside an `AccessToken2`: ten types, told apart by a number.
//!
//! A service is `u16 type, map of privileges, tail`, and the tail has no length of its own. So a
//! type that is not known ends the reading: nothing behind it can be told apart.

use serde::Serialize;

use super::{bytes::Reader, claims::Grant, refusal::Flaw};

/// The type of the RTC service.
pub(super) const RTC: u16 = 1;

/// One service of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The number in the token.
    pub code: u16,
    /// What the service is about.
    #[serde(flatten)]
    pub scope: Scope,
    /// What is granted, in the order of the token.
    pub privileges: Vec<Grant>,
}

/// The tail of a service: whom and what it is about. An empty user of `rtc`, `streaming` or
/// `fcdn` is any user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "service", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields have the format's own names")]
pub enum Scope {
    /// Real-time audio and video.
    Rtc { channel: String, user: String },
    /// Signalling, first generation.
    Rtm { user: String },
    /// Media push.
    Streaming { channel: String, user: String },
    /// Full-path acceleration.
    Fpa,
    /// Chat; an empty user is an app's own token.
    Chat { user: String },
    /// Fusion CDN.
    Fcdn { channel: String, user: String },
    /// Flexible classroom; role −1 is none.
    Apaas { room: String, user: String, role: i16 },
    /// Signalling, second generation.
    Rtm2 { user: String, permissions: Vec<Permission> },
    /// Conversational AI.
    ConvoAi,
    /// Speech to text.
    Stt,
}

/// What an RTM2 user may do with some resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// The sort of resource, by number.
    pub resource: u16,
    /// Its name, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<&'static str>,
    /// 0 read, 1 write.
    pub permission: u16,
    /// Its name, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_name: Option<&'static str>,
    /// The names of the resources.
    pub names: Vec<String>,
}

impl Service {
    /// The user that the service names, if its type has one.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.scope {
            Scope::Rtc { user, .. }
            | Scope::Rtm { user }
            | Scope::Streaming { user, .. }
            | Scope::Chat { user }
            | Scope::Fcdn { user, .. }
            | Scope::Apaas { user, .. }
            | Scope::Rtm2 { user, .. } => Some(user),
            Scope::Fpa | Scope::ConvoAi | Scope::Stt => None,
        }
    }

    /// Whether it is for this user, by name or because it is for any.
    #[must_use]
    pub fn is_for_user(&self, user: &str) -> bool {
        let allows_any =
            matches!(self.scope, Scope::Rtc { .. } | Scope::Streaming { .. } | Scope::Fcdn { .. });
        self.user().is_some_and(|name| name == user || (allows_any && name.is_empty()))
    }

    /// Whether it is for exactly this channel. Patterns (an empty name, or one with `*`), which
    /// the vendor's platform matches, fit no channel here: they are never issued by this console.
    #[must_use]
    pub fn is_for_channel(&self, channel: &str) -> bool {
        match &self.scope {
            Scope::Rtc { channel: name, .. }
            | Scope::Streaming { channel: name, .. }
            | Scope::Fcdn { channel: name, .. } => {
                name == channel && !name.is_empty() && !name.contains('*')
            }
            _ => false,
        }
    }
}

/// The span of the token that the privileges count in.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// Reads `count` services into `services`, and nothing may follow them.
///
/// # Errors
/// The first flaw; what was read before it stays in `services`.
pub(super) fn read_all(
    reader: &mut Reader<'_>,
    count: u16,
    span: Span,
    services: &mut Vec<Service>,
) -> Result<(), Flaw> {
    let mut out_of_order = None;
    for _ in 0..count {
        let (service, flaw) = read(reader, span)?;
        let is_descending = services.last().is_some_and(|last| last.code > service.code);
        let order = if is_descending { Some(Flaw::ServiceOrder) } else { flaw };
        out_of_order = out_of_order.or(order);
        services.push(service);
    }
    if let Some(flaw) = out_of_order {
        return Err(flaw);
    }
    if reader.is_at_end() { Ok(()) } else { Err(Flaw::TrailingBytes) }
}

/// Reads one service, and whether its privileges are out of order.
fn read(reader: &mut Reader<'_>, span: Span) -> Result<(Service, Option<Flaw>), Flaw> {
    let code = reader.u16_le().ok_or(Flaw::Truncated)?;
    if !(1..=10).contains(&code) {
        return Err(Flaw::UnknownService(code));
    }
    let pairs = read_privileges(reader).ok_or(Flaw::Truncated)?;
    let is_ascending = pairs.is_sorted_by(|(earlier, _), (later, _)| earlier < later);
    let privileges = pairs
        .into_iter()
        .map(|(privilege, seconds)| {
            let name = privilege_name(code, privilege);
            Grant::relative(privilege, name, seconds, span.issued_at, span.expires_at)
        })
        .collect();
    let scope = read_scope(code, reader)?;
    let flaw = (!is_ascending).then_some(Flaw::PrivilegeOrder);
    Ok((Service { code, scope, privileges }, flaw))
}

/// Reads a map of privileges: `u16` count, then pairs of `u16` code and `u32` time.
pub(super) fn read_privileges(reader: &mut Reader<'_>) -> Option<Vec<(u16, u32)>> {
    let count = reader.u16_le()?;
    (0..count).map(|_| Some((reader.u16_le()?, reader.u32_le()?))).collect()
}

fn read_scope(code: u16, reader: &mut Reader<'_>) -> Result<Scope, Flaw> {
    // Struct fields are evaluated as they are written, which is the order of the token.
    Ok(match code {
        RTC => Scope::Rtc { channel: text(reader)?, user: text(reader)? },
        2 => Scope::Rtm { user: text(reader)? },
        3 => Scope::Streaming { channel: text(reader)?, user: text(reader)? },
        4 => Scope::Fpa,
        5 => Scope::Chat { user: text(reader)? },
        6 => Scope::Fcdn { channel: text(reader)?, user: text(reader)? },
        7 => Scope::Apaas {
            room: text(reader)?,
            user: text(reader)?,
            role: reader.i16_le().ok_or(Flaw::Truncated)?,
        },
        8 => Scope::Rtm2 { user: text(reader)?, permissions: read_permissions(reader)? },
        9 => Scope::ConvoAi,
        10 => Scope::Stt,
        other => return Err(Flaw::UnknownService(other)),
    })
}

fn read_permissions(reader: &mut Reader<'_>) -> Result<Vec<Permission>, Flaw> {
    let mut permissions = Vec::new();
    for _ in 0..reader.u16_le().ok_or(Flaw::Truncated)? {
        let resource = reader.u16_le().ok_or(Flaw::Truncated)?;
        for _ in 0..reader.u16_le().ok_or(Flaw::Truncated)? {
            let permission = reader.u16_le().ok_or(Flaw::Truncated)?;
            let count = reader.u16_le().ok_or(Flaw::Truncated)?;
            permissions.push(Permission {
                resource,
                resource_name: resource_name(resource),
                permission,
                permission_name: permission_name(permission),
                names: (0..count).map(|_| text(reader)).collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(permissions)
}

fn text(reader: &mut Reader<'_>) -> Result<String, Flaw> {
    let bytes = reader.counted_le().ok_or(Flaw::Truncated)?;
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Flaw::Text)
}

const fn resource_name(code: u16) -> Option<&'static str> {
    match code {
        0 => Some("message_channels"),
        1 => Some("stream_channels"),
        2 => Some("group_channels"),
        3 => Some("server_groups"),
        4 => Some("users"),
        _ => None,
    }
}

const fn permission_name(code: u16) -> Option<&'static str> {
    match code {
        0 => Some("read"),
        1 => Some("write"),
        _ => None,
    }
}

/// The name of a privilege within its service.
const fn privilege_name(service: u16, code: u16) -> Option<&'static str> {
    Some(match (service, code) {
        (RTC, 1) => "join_channel",
        (RTC, 2) => "publish_audio",
        (RTC, 3) => "publish_video",
        (RTC, 4) => "publish_data",
        (2 | 4 | 8, 1) => "login",
        (3, 1) => "publish_mixed_stream",
        (3, 2) => "publish_raw_stream",
        (5, 1) | (7, 2) => "user",
        (5, 2) | (7, 3) => "app",
        (6, 1) => "publish",
        (6, 2) => "play",
        (7, 1) => "room_user",
        _ => return None,
    })
}
