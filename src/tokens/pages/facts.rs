//! The decoded fields of a token, one fact each, under the names that they have in JSON.

use super::super::{
    AccessToken2Claims, AccessTokenClaims, Claims, Grant, RoomKeyClaims, Scope, Service, Slot,
    UserSigClaims,
};
use crate::clock::UtcTime;
use crate::web::Cx;

/// One field.
pub(super) struct Fact {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// For a time, the value for machines.
    pub iso: String,
    /// A remark behind it.
    pub note: String,
}

impl Fact {
    fn new(name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        Self { name, value: value.to_string(), iso: String::new(), note: String::new() }
    }

    fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// A time in the zone of the page, with how far it is from now. What lies beyond the calendar
    /// stays a number.
    fn time(cx: &Cx, name: &'static str, seconds: i64) -> Self {
        let (t, moment) = (cx.t(), UtcTime::from_seconds(seconds));
        if moment.timestamp().as_second() != seconds {
            return Self::new(name, &seconds);
        }
        let zoned = moment.in_zone(&cx.zone());
        let distance = seconds.saturating_sub(cx.now().seconds());
        let span = t.span(distance.saturating_abs());
        let note = match name {
            _ if distance <= 0 => t.check_ago(&span),
            _ if name.ends_with("expires_at") => t.check_left(&span),
            _ => t.check_in(&span),
        };
        Self {
            name,
            value: zoned.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            iso: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            note,
        }
    }

    fn lifetime(cx: &Cx, seconds: i64) -> Self {
        Self::new("expires_in", &seconds).noted(cx.t().span(seconds))
    }

    /// A user, or that it is for any.
    fn user(cx: &Cx, user: &str) -> Self {
        let fact = Self::new("user", user);
        if user.is_empty() { fact.noted(cx.t().check_any()) } else { fact }
    }
}

/// Whose key signed it.
pub(super) fn signed_with(cx: &Cx, slot: Slot, is_pasted: bool) -> Fact {
    let t = cx.t();
    let note = if is_pasted { t.check_signed_pasted() } else { slot.text(t) };
    let value = if is_pasted { "" } else { slot.name() };
    Fact::new("signed_with", value).noted(note)
}

/// All fields.
pub(super) fn facts(cx: &Cx, claims: &Claims) -> Vec<Fact> {
    match claims {
        Claims::UserSig(claims) => of_usersig(cx, claims),
        Claims::AccessToken2(claims) => of_access_token2(cx, claims),
        Claims::AccessToken(claims) => of_access_token(cx, claims),
    }
}

fn of_usersig(cx: &Cx, claims: &UserSigClaims) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("user", &claims.user),
        Fact::new("sdk_app_id", &claims.sdk_app_id),
        Fact::time(cx, "issued_at", claims.issued_at),
        Fact::lifetime(cx, claims.expires_in),
        Fact::time(cx, "expires_at", claims.expires_at),
    ];
    if let Some(room_key) = &claims.room_key {
        facts.extend(of_room_key(cx, room_key));
    }
    facts
}

fn of_room_key(cx: &Cx, claims: &RoomKeyClaims) -> [Fact; 7] {
    let room = match &claims.room_name {
        Some(name) => Fact::new("room_key.room_name", name),
        None => Fact::new("room_key.room_id", &claims.room_id),
    };
    let bits = claims.privileges.bits();
    [
        room,
        Fact::new("room_key.privileges", &bits),
        Fact::new("room_key.privilege_names", &claims.privilege_names.join(", ")),
        Fact::time(cx, "room_key.expires_at", claims.expires_at),
        Fact::new("room_key.user", &claims.user),
        Fact::new("room_key.sdk_app_id", &claims.sdk_app_id),
        Fact::new("room_key.account_type", &claims.account_type),
    ]
}

fn of_access_token2(cx: &Cx, claims: &AccessToken2Claims) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("app_id", &claims.app_id),
        Fact::time(cx, "issued_at", claims.issued_at),
        Fact::lifetime(cx, claims.expires_in.into()),
        Fact::time(cx, "expires_at", claims.expires_at),
        Fact::new("salt", &claims.salt),
    ];
    for service in &claims.services {
        facts.extend(of_service(cx, service, claims.expires_at));
    }
    facts
}

fn of_service(cx: &Cx, service: &Service, token_end: i64) -> Vec<Fact> {
    let (name, mut facts) = match &service.scope {
        Scope::Rtc { channel, user } => ("rtc", of_channel(cx, channel, user)),
        Scope::Rtm { user } => ("rtm", vec![Fact::new("user", user)]),
        Scope::Streaming { channel, user } => ("streaming", of_channel(cx, channel, user)),
        Scope::Fpa => ("fpa", vec![]),
        Scope::Chat { user } => ("chat", vec![Fact::new("user", user)]),
        Scope::Fcdn { channel, user } => ("fcdn", of_channel(cx, channel, user)),
        Scope::Apaas { room, user, role } => (
            "apaas",
            vec![Fact::new("room", room), Fact::new("user", user), Fact::new("role", role)],
        ),
        Scope::Rtm2 { user, permissions } => {
            let permissions = permissions.iter().map(|it| {
                let resource = it.resource_name.map_or(it.resource.to_string(), str::to_owned);
                let act = it.permission_name.map_or(it.permission.to_string(), str::to_owned);
                Fact::new("permission", &format!("{act} {resource}: {}", it.names.join(", ")))
            });
            ("rtm2", std::iter::once(Fact::new("user", user)).chain(permissions).collect())
        }
        Scope::ConvoAi => ("convo_ai", vec![]),
        Scope::Stt => ("stt", vec![]),
    };
    facts.insert(0, Fact::new("service", &format!("{name} ({})", service.code)));
    facts.extend(of_grants(cx, &service.privileges, token_end));
    facts
}

fn of_channel(cx: &Cx, channel: &str, user: &str) -> Vec<Fact> {
    let channel = match channel {
        "" => Fact::new("channel", "").noted(cx.t().check_any()),
        channel => Fact::new("channel", channel),
    };
    vec![channel, Fact::user(cx, user)]
}

fn of_access_token(cx: &Cx, claims: &AccessTokenClaims) -> Vec<Fact> {
    let user = Fact::new("user_crc32", &format!("{:08x}", claims.user_crc32));
    let mut facts = vec![
        Fact::new("app_id", &claims.app_id),
        Fact::time(cx, "expires_at", claims.expires_at),
        Fact::new("salt", &claims.salt),
        Fact::new("channel_crc32", &format!("{:08x}", claims.channel_crc32)),
        if claims.user_crc32 == 0 { user.noted(cx.t().check_any()) } else { user },
    ];
    facts.extend(of_grants(cx, &claims.privileges, claims.expires_at));
    facts
}

/// The privileges that last as long as the token in one line, the others each with its end.
fn of_grants(cx: &Cx, grants: &[Grant], token_end: i64) -> Vec<Fact> {
    let name = |grant: &Grant| grant.name.map_or(grant.code.to_string(), str::to_owned);
    let (whole, shorter): (Vec<_>, Vec<_>) =
        grants.iter().partition(|grant| grant.expires_at == token_end);
    let whole: Vec<_> = whole.into_iter().map(name).collect();
    let line = (!whole.is_empty()).then(|| Fact::new("privileges", &whole.join(", ")));
    let shorter = shorter.into_iter().map(|grant| {
        let end = Fact::time(cx, "expires_at", grant.expires_at);
        Fact::new("privilege", &name(grant)).noted(format!("{} · {}", end.value, end.note))
    });
    line.into_iter().chain(shorter).collect()
}
