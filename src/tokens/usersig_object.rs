//! The JSON object inside a `UserSig`, read without giving two readers room to disagree.
//!
//! JSON libraries differ about repeated keys, so those are refused. Keys that are not the
//! format's own are passed over, as every official verifier does: they are not signed and mean
//! nothing.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    encoding::from_base64,
    refusal::{Field, Flaw},
};

/// The last second of the year 9999: later times are typing errors, and overflow date libraries.
const TIME_MAX: i64 = 253_402_300_799;

/// The fields as they stand in the object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) identifier: String,
    pub(super) sdk_app_id: u32,
    /// Unix seconds.
    pub(super) time: i64,
    /// Seconds from `time`.
    pub(super) expire: i64,
    /// The text of the user buffer, which is what is signed, and the bytes that it stands for.
    pub(super) user_buffer: Option<(String, Vec<u8>)>,
    pub(super) signature: [u8; 32],
}

impl Object {
    /// Reads the object.
    ///
    /// # Errors
    /// The flaw that was found first.
    pub(super) fn read(json: &[u8]) -> Result<Self, Flaw> {
        let Pairs(pairs) = serde_json::from_slice(json).map_err(|_| Flaw::Json)?;
        let mut seen = HashSet::new();
        if !pairs.iter().all(|(key, _)| seen.insert(key.as_str())) {
            return Err(Flaw::DuplicateKey);
        }
        // The ECDSA format calls its version differently, and has no `TLS.ver`.
        let is_other_version = seen.contains("TLS.version") && !seen.contains("TLS.ver");
        if is_other_version || text(&pairs, Field::Version)? != "2.0" {
            return Err(Flaw::Version);
        }
        let time = number(&pairs, Field::Time, TIME_MAX)?;
        Ok(Self {
            identifier: identifier(&pairs)?,
            sdk_app_id: sdk_app_id(&pairs)?,
            time,
            expire: number(&pairs, Field::Expire, TIME_MAX - time)?,
            user_buffer: user_buffer(&pairs)?,
            signature: signature(&pairs)?,
        })
    }
}

fn identifier(pairs: &[(String, Value)]) -> Result<String, Flaw> {
    let text = text(pairs, Field::Identifier)?;
    // The signed text is made of lines: a line break would read as further fields.
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Flaw::FieldRange(Field::Identifier));
    }
    Ok(text.to_owned())
}

fn sdk_app_id(pairs: &[(String, Value)]) -> Result<u32, Flaw> {
    let number = number(pairs, Field::SdkAppId, u32::MAX.into())?;
    u32::try_from(number).ok().filter(|&id| id != 0).ok_or(Flaw::FieldRange(Field::SdkAppId))
}

fn user_buffer(pairs: &[(String, Value)]) -> Result<Option<(String, Vec<u8>)>, Flaw> {
    let text = match text(pairs, Field::UserBuffer) {
        Ok(text) => text,
        Err(Flaw::FieldMissing(_)) => return Ok(None),
        Err(flaw) => return Err(flaw),
    };
    let bytes = from_base64(text).map_err(|_| Flaw::UserBuffer)?;
    Ok(Some((text.to_owned(), bytes)))
}

fn signature(pairs: &[(String, Value)]) -> Result<[u8; 32], Flaw> {
    let text = text(pairs, Field::Signature)?;
    let bytes = from_base64(text).map_err(|_| Flaw::FieldRange(Field::Signature))?;
    bytes.try_into().map_err(|_| Flaw::SignatureLength)
}

fn value(pairs: &[(String, Value)], field: Field) -> Result<&Value, Flaw> {
    pairs
        .iter()
        .find(|(key, _)| key == field.key())
        .map(|(_, value)| value)
        .ok_or(Flaw::FieldMissing(field))
}

fn text(pairs: &[(String, Value)], field: Field) -> Result<&str, Flaw> {
    value(pairs, field)?.as_str().ok_or(Flaw::FieldType(field))
}

/// A whole number from 0 to `max`. A fraction or an exponent is another type.
fn number(pairs: &[(String, Value)], field: Field, max: i64) -> Result<i64, Flaw> {
    let value = value(pairs, field)?;
    if value.is_u64() || value.is_i64() {
        return value
            .as_i64()
            .filter(|number| (0..=max).contains(number))
            .ok_or(Flaw::FieldRange(field));
    }
    Err(Flaw::FieldType(field))
}

/// All pairs of an object in their order, repeated keys included.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
