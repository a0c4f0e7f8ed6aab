//! One event: what happened, when, and what can be wrong with what says so.

use std::time::Duration;

use jiff::Timestamp;

use super::Service;
use crate::clock::{UtcTime, days, minutes};

/// How far ahead of the clock an event may be.
pub const AHEAD_MAX: Duration = minutes(5);
/// How old an event may be.
pub const OLD_MAX: Duration = days(30);
/// The most bytes of a name.
const NAME_BYTES_MAX: usize = 64;
/// The largest number.
const NUMBER_MAX: u64 = 1_000_000_000;

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field; empty for the event as a whole.
    pub field: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// The value of a field as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number that is not negative.
    Number(u64),
    /// Anything else that JSON has.
    Other,
}

/// The fields that events have; all others are passed over.
pub const FIELDS: [&str; 16] = [
    "type",
    "at",
    "user",
    "platform",
    "source",
    "count",
    "scope",
    "group",
    "deliveries",
    "apns",
    "peer",
    "room",
    "stay",
    "seconds",
    "pixels",
    "service",
];

/// An event's fields as they were sent.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    values: [Option<Value>; FIELDS.len()],
    /// A field that stood there twice.
    twice: Option<&'static str>,
}

impl Raw {
    /// Takes the value of a field, by its place in [`FIELDS`].
    pub fn put(&mut self, field: usize, value: Value) {
        let Some(place) = self.values.get_mut(field) else { return };
        if place.replace(value).is_some() {
            self.twice = FIELDS.get(field).copied();
        }
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        let at = FIELDS.iter().position(|known| *known == field)?;
        self.values.get_mut(at)?.take()
    }
}

/// Something that happened in an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: UtcTime,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A user came into being.
    Registered {
        /// Who.
        user: String,
    },
    /// A user logged in.
    Login {
        /// Who.
        user: String,
    },
    /// A node of the data plane says how many users it has online.
    Online {
        /// Which node.
        source: String,
        /// How many.
        count: i64,
    },
    /// Messages were sent.
    Messages {
        /// By whom.
        user: String,
        /// To which group; `None` for another user.
        group: Option<String>,
        /// How many.
        count: i64,
        /// Copies that were delivered.
        deliveries: i64,
        /// Pushes through APNs.
        apns: i64,
    },
    /// A group was created.
    GroupCreated,
    /// A group was destroyed.
    GroupDestroyed,
    /// A user joined a group.
    GroupJoined,
    /// A user left a group.
    GroupQuit,
    /// Two users became friends.
    FriendAdded,
    /// They are none any more.
    FriendRemoved,
    /// A stay in a room began.
    RoomJoined {
        /// The room.
        room: String,
        /// Who.
        user: String,
        /// The stay, unique in the app.
        stay: String,
    },
    /// A stay ended.
    RoomLeft {
        /// The stay.
        stay: String,
    },
    /// Time was metered.
    Usage {
        /// Of whom.
        user: String,
        /// Seconds.
        seconds: i64,
        /// Pixels of subscribed video, all streams together.
        pixels: i64,
        /// For what.
        service: Service,
    },
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(mut raw: Raw, now: UtcTime) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { raw: &mut raw, faults: Vec::new() };
        if let Some(field) = reader.raw.twice {
            reader.fault(field, "stands there twice");
        }
        let at = reader.moment(now);
        let what = reader.what();
        match (at, what, reader.faults.is_empty()) {
            (Some(at), Some(what), true) => Ok(Self { at, what }),
            _ => Err(reader.faults),
        }
    }
}

struct Reader<'r> {
    raw: &'r mut Raw,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, field: &'static str, reason: &str) {
        self.faults.push(Fault { field, reason: reason.to_owned() });
    }

    fn moment(&mut self, now: UtcTime) -> Option<UtcTime> {
        let at = match self.raw.take("at") {
            Some(Value::Text(text)) => rfc3339(&text),
            Some(_) => None,
            None => {
                self.fault("at", "is missing");
                return None;
            }
        };
        let Some(at) = at else {
            self.fault("at", "is not a moment of RFC 3339, such as 2026-11-19T16:04:11Z");
            return None;
        };
        if at > now.plus(AHEAD_MAX) {
            self.fault("at", "is more than 5 minutes ahead");
        } else if at < now.minus(OLD_MAX) {
            self.fault("at", "is more than 30 days old");
        }
        Some(at)
    }

    fn what(&mut self) -> Option<What> {
        let word = match self.raw.take("type") {
            Some(Value::Text(word)) => word,
            Some(_) => {
                self.fault("type", "is not a text");
                return None;
            }
            None => {
                self.fault("type", "is missing");
                return None;
            }
        };
        Some(match word.as_str() {
            "user.registered" => What::Registered { user: self.name("user")? },
            "user.login" => {
                self.name_if_any("platform");
                What::Login { user: self.name("user")? }
            }
            "online.sampled" => {
                let (source, count) = (self.name("source"), self.number("count"));
                What::Online { source: source?, count: count? }
            }
            "message.sent" => return self.messages(),
            "group.created" => self.named(&["group"], What::GroupCreated)?,
            "group.destroyed" => self.named(&["group"], What::GroupDestroyed)?,
            "group.joined" => self.named(&["group", "user"], What::GroupJoined)?,
            "group.quit" => self.named(&["group", "user"], What::GroupQuit)?,
            "friend.added" => self.named(&["user", "peer"], What::FriendAdded)?,
            "friend.removed" => self.named(&["user", "peer"], What::FriendRemoved)?,
            "room.joined" => {
                let (room, user) = (self.name("room"), self.name("user"));
                let stay = self.name("stay");
                What::RoomJoined { room: room?, user: user?, stay: stay? }
            }
            "room.left" => {
                let (room, user) = (self.name("room"), self.name("user"));
                let stay = self.name("stay");
                room.and(user)?;
                What::RoomLeft { stay: stay? }
            }
            "room.usage" => return self.usage(),
            _ => {
                self.fault("type", "is not one of the types of events");
                return None;
            }
        })
    }

    /// What is only counted, once its names are there.
    fn named(&mut self, fields: &[&'static str], what: What) -> Option<What> {
        let names: Vec<_> = fields.iter().map(|field| self.name(field)).collect();
        names.iter().all(Option::is_some).then_some(what)
    }

    fn messages(&mut self) -> Option<What> {
        let user = self.name("user");
        let group = match self.raw.take("scope") {
            Some(Value::Text(scope)) if scope == "c2c" => Some(None),
            Some(Value::Text(scope)) if scope == "group" => self.name("group").map(Some),
            None => {
                self.fault("scope", "is missing");
                None
            }
            Some(_) => {
                self.fault("scope", "is c2c or group");
                None
            }
        };
        let count = self.number_or("count", 1);
        let (deliveries, apns) = (self.number_or("deliveries", 0), self.number_or("apns", 0));
        Some(What::Messages {
            user: user?,
            group: group?,
            count: count?,
            deliveries: deliveries?,
            apns: apns?,
        })
    }

    fn usage(&mut self) -> Option<What> {
        let (room, user) = (self.name("room"), self.name("user"));
        let (seconds, pixels) = (self.number("seconds"), self.number("pixels"));
        let service = match self.raw.take("service") {
            None => Some(Service::Rtc),
            Some(Value::Text(word)) => Service::parse(&word),
            Some(_) => None,
        };
        if service.is_none() {
            self.fault("service", "is rtc, recording, relay or mini_program");
        }
        room?;
        Some(What::Usage { user: user?, seconds: seconds?, pixels: pixels?, service: service? })
    }

    fn name(&mut self, field: &'static str) -> Option<String> {
        if let Some(value) = self.raw.take(field) {
            self.checked(field, value)
        } else {
            self.fault(field, "is missing");
            None
        }
    }

    fn name_if_any(&mut self, field: &'static str) {
        if let Some(value) = self.raw.take(field) {
            self.checked(field, value);
        }
    }

    fn checked(&mut self, field: &'static str, value: Value) -> Option<String> {
        let Value::Text(name) = value else {
            self.fault(field, "is not a text");
            return None;
        };
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            self.fault(field, "is not 1 to 64 bytes long");
            return None;
        }
        if name.chars().any(char::is_control) {
            self.fault(field, "has control characters");
            return None;
        }
        Some(name)
    }

    fn number(&mut self, field: &'static str) -> Option<i64> {
        if let Some(value) = self.raw.take(field) {
            self.in_range(field, &value)
        } else {
            self.fault(field, "is missing");
            None
        }
    }

    fn number_or(&mut self, field: &'static str, default: i64) -> Option<i64> {
        match self.raw.take(field) {
            Some(value) => self.in_range(field, &value),
            None => Some(default),
        }
    }

    fn in_range(&mut self, field: &'static str, value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) if *number <= NUMBER_MAX => i64::try_from(*number).ok(),
            _ => {
                self.fault(field, "is not a whole number from 0 to 1000000000");
                None
            }
        }
    }
}

/// A moment as RFC 3339 §5.6 writes it; jiff reads more than that.
fn rfc3339(text: &str) -> Option<UtcTime> {
    let bytes = text.as_bytes();
    let digits = |from: usize, until: usize| {
        bytes.get(from..until).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let is = |at: usize, any: &[u8]| bytes.get(at).is_some_and(|byte| any.contains(byte));
    let date = digits(0, 4) && is(4, b"-") && digits(5, 7) && is(7, b"-") && digits(8, 10);
    let time = is(10, b"Tt ") && digits(11, 13) && is(13, b":") && digits(14, 16) && is(16, b":");
    if !date || !time || !digits(17, 19) {
        return None;
    }
    let mut rest = bytes.get(19..)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 || count > 9 {
            return None;
        }
        rest = fraction.get(count..)?;
    }
    let is_offset = match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    if !is_offset {
        return None;
    }
    text.parse::<Timestamp>().ok().map(UtcTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcTime = UtcTime::from_seconds(1_772_438_400);

    fn raw(fields: &[(&str, Value)]) -> Raw {
        let mut raw = Raw::default();
        for (name, value) in fields {
            raw.put(FIELDS.iter().position(|known| known == name).unwrap(), value.clone());
        }
        raw
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn faults(fields: &[(&str, Value)]) -> Vec<(&'static str, String)> {
        let faults = Event::read(raw(fields), NOW).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.reason)).collect()
    }

    #[test]
    fn moments_are_those_of_rfc_3339() {
        for (text, seconds) in [
            ("2026-03-02T08:00:00Z", 1_772_438_400),
            ("2026-03-02t16:00:00+08:00", 1_772_438_400),
            ("2026-03-02 07:59:59.999999z", 1_772_438_399),
            ("2026-03-01T23:59:60-08:00", 1_772_438_399),
        ] {
            assert_eq!(rfc3339(text).map(UtcTime::seconds), Some(seconds), "{text}");
        }
        for text in [
            "",
            "2026-03-02",
            "2026-03-02T08:00Z",
            "2026-03-02T08:00:00",
            "2026-03-02T08:00:00.Z",
            "2026-03-02T08:00:00+0800",
            "2026-03-02T08:00:00+08:00[Asia/Shanghai]",
            "2026-02-30T08:00:00Z",
            "20260302T080000Z",
            "+002026-03-02T08:00:00Z",
            "1772438400",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn an_event_is_neither_old_nor_ahead() {
        let login = |at: &str| {
            let fields = [("type", text("user.login")), ("at", text(at)), ("user", text("u"))];
            Event::read(raw(&fields), NOW).map_err(|faults| faults[0].reason.clone())
        };
        assert!(login("2026-03-02T08:05:00Z").is_ok());
        assert!(login("2026-01-31T08:00:00Z").is_ok());
        assert_eq!(
            login("2026-03-02T08:05:00.000001Z"),
            Err("is more than 5 minutes ahead".into())
        );
        assert_eq!(login("2026-01-31T07:59:59Z"), Err("is more than 30 days old".into()));
        assert_eq!(login("1970-01-01T00:00:00Z"), Err("is more than 30 days old".into()));
        assert_eq!(login("2999-01-01T00:00:00Z"), Err("is more than 5 minutes ahead".into()));
    }

    #[test]
    fn all_faults_of_an_event_are_named() {
        let at = ("at", text("2026-03-02T08:00:00Z"));
        let fields = [("type", text("message.sent")), at.clone(), ("count", Value::Other)];
        let named: Vec<_> = faults(&fields).into_iter().map(|(field, _)| field).collect();
        assert_eq!(named, ["user", "scope", "count"]);
        assert_eq!(faults(&[("type", text("user.gone"))]).len(), 2);
        let long = "a".repeat(65);
        for (name, reason) in [
            ("", "is not 1 to 64 bytes long"),
            (&long, "is not 1 to 64 bytes long"),
            ("a\u{0}", "has control characters"),
            ("a\u{85}", "has control characters"),
        ] {
            let fields = [("type", text("user.login")), at.clone(), ("user", text(name))];
            assert_eq!(faults(&fields), [("user", reason.to_owned())], "{name}");
        }
        let range = "is not a whole number from 0 to 1000000000";
        for (number, expected) in [(1_000_000_000, None), (1_000_000_001, Some(range))] {
            let count = ("count", Value::Number(number));
            let fields =
                [("type", text("online.sampled")), at.clone(), ("source", text("a")), count];
            let read = Event::read(raw(&fields), NOW);
            assert_eq!(read.err().map(|faults| faults[0].reason.clone()).as_deref(), expected);
        }
    }

    #[test]
    fn a_field_that_stands_there_twice_is_a_fault() {
        let mut twice = raw(&[("type", text("user.login")), ("user", text("a"))]);
        twice.put(1, text("2026-03-02T08:00:00Z"));
        twice.put(2, text("b"));
        let faults = Event::read(twice, NOW).unwrap_err();
        assert_eq!((faults[0].field, faults[0].reason.as_str()), ("user", "stands there twice"));
    }
}
