//! Reading a batch as it comes in: one JSON document, or an event a line. What is read is counted at once, so memory
//! follows the events that are kept and not the bytes that came.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::event::{FIELDS, Raw, Value};
use super::{Event, Tally};
use crate::clock::{UtcTime, Zone};

/// The most events of a batch.
pub const EVENTS_MAX: usize = 10_000;
/// Faults that are named; there may be more.
pub const FAULTS_MAX: usize = 20;
/// The most bytes of a line.
const LINE_BYTES_MAX: u64 = 64 * 1_024;

/// How the events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `{"events": […]}`.
    Json,
    /// An event a line.
    Lines,
}

/// Why a batch was not read to its end.
#[derive(Debug)]
pub enum Unread {
    /// It is not what it says it is.
    Broken(String),
    /// It has too many events.
    TooMany,
    /// It could not be had: its connection broke, or it is too large.
    Io(std::io::Error),
}

/// Counts events as they are read.
pub struct BatchReader<'z> {
    /// What was counted.
    pub tally: Tally,
    /// What is wrong with which event; the first [`FAULTS_MAX`].
    pub faults: Vec<(usize, super::Fault)>,
    /// Events so far.
    pub events: usize,
    zone: &'z Zone,
    now: UtcTime,
}

const TOO_MANY: &str = "too many events";

impl<'z> BatchReader<'z> {
    /// A reader of events of an app whose days are those of a zone.
    #[must_use]
    pub fn new(zone: &'z Zone, now: UtcTime) -> Self {
        Self { tally: Tally::default(), faults: Vec::new(), events: 0, zone, now }
    }

    /// Reads a whole batch.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn read(&mut self, form: Form, body: impl Read) -> Result<(), Unread> {
        match form {
            Form::Json => self.document(body),
            Form::Lines => self.lines(body),
        }
    }

    fn document(&mut self, body: impl Read) -> Result<(), Unread> {
        let mut document = serde_json::Deserializer::from_reader(BufReader::new(body));
        let read = Document(self).deserialize(&mut document).and_then(|()| document.end());
        read.map_err(|error| {
            if self.events > EVENTS_MAX {
                Unread::TooMany
            } else if error.is_io() {
                Unread::Io(error.into())
            } else {
                Unread::Broken(error.to_string())
            }
        })
    }

    fn lines(&mut self, body: impl Read) -> Result<(), Unread> {
        let mut body = BufReader::new(body);
        let (mut line, mut number) = (Vec::new(), 0_usize);
        loop {
            line.clear();
            number += 1;
            let read = body.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
            if read.map_err(Unread::Io)? == 0 {
                return Ok(());
            }
            if line.len() as u64 > LINE_BYTES_MAX {
                return Err(Unread::Broken(format!("line {number} is longer than 65536 bytes")));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let mut event = serde_json::Deserializer::from_slice(&line);
            let read = One(self).deserialize(&mut event).and_then(|()| event.end());
            if self.events > EVENTS_MAX {
                return Err(Unread::TooMany);
            }
            read.map_err(|error| Unread::Broken(format!("line {number}: {error}")))?;
        }
    }

    /// Takes an event; `None` for something that is no object.
    fn take(&mut self, raw: Option<Raw>) {
        let index = self.events;
        self.events += 1;
        let read = match raw {
            Some(raw) => Event::read(raw, self.now),
            None => Err(vec![super::Fault { field: "", reason: "is not an object".to_owned() }]),
        };
        match read {
            Ok(event) if self.faults.is_empty() => self.tally.add(event, self.zone),
            Ok(_) => {}
            Err(faults) => {
                // Nothing of the batch will be counted.
                self.tally = Tally::default();
                let room = FAULTS_MAX - self.faults.len();
                self.faults.extend(faults.into_iter().take(room).map(|fault| (index, fault)));
            }
        }
    }
}

/// `{"events": […]}`, in which other fields are passed over.
struct Document<'r, 'z>(&'r mut BatchReader<'z>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with the field events")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_events = false;
        while let Some(is_events) = map.next_key_seed(Is("events"))? {
            if !is_events {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if std::mem::replace(&mut has_events, true) {
                return Err(A::Error::duplicate_field("events"));
            }
            map.next_value_seed(List(self.0))?;
        }
        if has_events { Ok(()) } else { Err(A::Error::missing_field("events")) }
    }
}

/// Whether a key is a certain one.
struct Is(&'static str);

impl<'de> DeserializeSeed<'de> for Is {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Is {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

struct List<'r, 'z>(&'r mut BatchReader<'z>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(One(&mut *self.0))?.is_some() {
            if self.0.events > EVENTS_MAX {
                return Err(A::Error::custom(TOO_MANY));
            }
        }
        Ok(())
    }
}

struct One<'r, 'z>(&'r mut BatchReader<'z>);

impl<'de> DeserializeSeed<'de> for One<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        let raw = from.deserialize_any(RawVisitor)?;
        self.0.take(raw);
        Ok(())
    }
}

macro_rules! visits {
    ($value:ty, $other:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<$value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok($other)
        }
    };
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Option<Raw>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Raw>, A::Error> {
        let mut raw = Raw::default();
        while let Some(field) = map.next_key_seed(Known)? {
            match field {
                Some(field) => raw.put(field, map.next_value_seed(OneValue)?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(raw))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<Raw>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<Raw>, E> {
        Ok(None)
    }

    visits!(Option<Raw>, None);
}

/// The place of a key in [`FIELDS`].
struct Known;

impl<'de> DeserializeSeed<'de> for Known {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Known {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(FIELDS.iter().position(|known| *known == key))
    }
}

struct OneValue;

impl<'de> DeserializeSeed<'de> for OneValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneValue {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    visits!(Value, Value::Other);
}
