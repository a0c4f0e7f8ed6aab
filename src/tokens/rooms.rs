//! TRTC rooms and what a user may do in one: the terms of a `PrivateMapKey`.

use std::{fmt, num::NonZeroU32, ops::BitOr};

use serde::Serialize;

use super::names::{NameProblem, check};

/// Longest text room id, in bytes.
pub const ROOM_NAME_BYTES_MAX: usize = 64;

/// A TRTC room. Numeric room 7 and text room "7" are two different rooms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    /// A numeric room id, 1..=4294967295.
    Numeric(NonZeroU32),
    /// A text room id.
    Text(RoomName),
}

impl Room {
    /// A numeric room.
    ///
    /// # Errors
    /// `OutOfRange` for 0.
    pub fn numeric(id: u32) -> Result<Self, NameProblem> {
        NonZeroU32::new(id)
            .map(Self::Numeric)
            .ok_or(NameProblem::OutOfRange { min: 1, max: u32::MAX })
    }

    /// A text room, even when the text is a number.
    ///
    /// # Errors
    /// See [`RoomName::parse`].
    pub fn text(name: &str) -> Result<Self, NameProblem> {
        RoomName::parse(name).map(Self::Text)
    }

    /// Reads a room where only one field is offered for both sorts: digits are a numeric room,
    /// anything else a text room.
    ///
    /// # Errors
    /// `OutOfRange` for digits that are no `u32` from 1, else those of [`RoomName::parse`].
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::numeric(text.parse().unwrap_or(0));
        }
        Self::text(text)
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric(id) => id.fmt(f),
            Self::Text(name) => f.write_str(name.as_str()),
        }
    }
}

/// A text room id: 1–64 bytes of printable ASCII.
///
/// Only ASCII means the same in every official library: the npm package cuts other characters to
/// their low byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    /// Reads a text room id.
    ///
    /// # Errors
    /// `Empty`, `TooLong` or `BadCharacter`.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        check(text, ROOM_NAME_BYTES_MAX, |character| matches!(character, ' '..='~'))?;
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a user may do in a TRTC room, one bit each.
///
/// Several official comments give 200 for the last bit; the libraries write 128.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RoomPrivileges(u32);

impl RoomPrivileges {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Create the room.
    pub const CREATE_ROOM: Self = Self(1);
    /// Enter the room.
    pub const ENTER_ROOM: Self = Self(2);
    /// Send audio.
    pub const SEND_AUDIO: Self = Self(4);
    /// Receive audio.
    pub const RECEIVE_AUDIO: Self = Self(8);
    /// Send video.
    pub const SEND_VIDEO: Self = Self(16);
    /// Receive video.
    pub const RECEIVE_VIDEO: Self = Self(32);
    /// Send the sub-stream (screen sharing).
    pub const SEND_SCREEN: Self = Self(64);
    /// Receive the sub-stream (screen sharing).
    pub const RECEIVE_SCREEN: Self = Self(128);
    /// Everything: 255.
    pub const ALL: Self = Self(255);
    /// Enter, and receive audio and video: 42.
    pub const AUDIENCE: Self = Self(42);

    /// Every named bit, lowest first, with its name in JSON and in forms.
    pub const NAMED: [(&'static str, Self); 8] = [
        ("create_room", Self::CREATE_ROOM),
        ("enter_room", Self::ENTER_ROOM),
        ("send_audio", Self::SEND_AUDIO),
        ("receive_audio", Self::RECEIVE_AUDIO),
        ("send_video", Self::SEND_VIDEO),
        ("receive_video", Self::RECEIVE_VIDEO),
        ("send_screen", Self::SEND_SCREEN),
        ("receive_screen", Self::RECEIVE_SCREEN),
    ];

    /// The privileges that a request asks for.
    ///
    /// # Errors
    /// `OutOfRange` above 255: the higher bits mean nothing.
    pub const fn parse(bits: u32) -> Result<Self, NameProblem> {
        if bits > Self::ALL.0 {
            return Err(NameProblem::OutOfRange { min: 0, max: Self::ALL.0 });
        }
        Ok(Self(bits))
    }

    /// The privileges as written in a token, with whatever bits it has.
    #[must_use]
    pub(super) const fn as_written(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `needed` is granted.
    #[must_use]
    pub const fn contains(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// What of `needed` is not granted.
    #[must_use]
    pub const fn lacking(self, needed: Self) -> Self {
        Self(needed.0 & !self.0)
    }

    /// The names of the granted bits, lowest first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMED.into_iter().filter(move |&(_, bit)| self.contains(bit)).map(|(name, _)| name)
    }
}

impl BitOr for RoomPrivileges {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_numbers_or_printable_text() {
        assert_eq!(Room::parse("10000"), Room::numeric(10000));
        assert_eq!(Room::parse("4294967295"), Room::numeric(u32::MAX));
        assert_eq!(Room::parse("room-Abc_9"), Room::text("room-Abc_9"));
        assert_ne!(Room::text("10000"), Room::numeric(10000));

        let out_of_range = NameProblem::OutOfRange { min: 1, max: u32::MAX };
        assert_eq!(Room::parse("0"), Err(out_of_range));
        assert_eq!(Room::parse("4294967296"), Err(out_of_range));
        assert_eq!(Room::parse(""), Err(NameProblem::Empty));
        assert_eq!(Room::parse("a\n"), Err(NameProblem::BadCharacter('\n')));
        assert_eq!(Room::parse("房间"), Err(NameProblem::BadCharacter('房')));
        assert_eq!(Room::parse(&"r".repeat(65)), Err(NameProblem::TooLong { bytes_max: 64 }));
        assert!(Room::parse(&"r".repeat(64)).is_ok());
    }

    #[test]
    fn privileges_have_the_published_bits() {
        let everything =
            RoomPrivileges::NAMED.into_iter().fold(RoomPrivileges::NONE, |all, (_, bit)| all | bit);
        assert_eq!(everything, RoomPrivileges::ALL);

        let audience: Vec<_> = RoomPrivileges::AUDIENCE.names().collect();
        assert_eq!(audience, ["enter_room", "receive_audio", "receive_video"]);
        assert!(!RoomPrivileges::AUDIENCE.contains(RoomPrivileges::SEND_AUDIO));
        assert_eq!(
            RoomPrivileges::AUDIENCE
                .lacking(RoomPrivileges::SEND_AUDIO | RoomPrivileges::ENTER_ROOM),
            RoomPrivileges::SEND_AUDIO
        );
        assert!(RoomPrivileges::parse(256).is_err());
    }
}
