//! The user buffer of a `PrivateMapKey`: which room, which rights, until when.
//!
//! Big-endian: version u8 (0 numeric room, 1 text room), counted account, `SDKAppID` u32, room
//! id u32 (0 for text), absolute expiry u32, privileges u32, account type u32, and for version 1
//! the counted room name. Layout of Tencent's `genUserBuf`.

use super::{
    bytes::{Reader, put_counted_be},
    claims::RoomKeyClaims,
    names::UserId,
    refusal::Flaw,
    rooms::{Room, RoomPrivileges},
};

/// A room and what the user may do there.
#[derive(Clone, Copy, Debug)]
pub struct RoomGrant<'a> {
    /// The room.
    pub room: &'a Room,
    /// The rights.
    pub privileges: RoomPrivileges,
}

/// Lays out the buffer.
pub(super) fn write(
    user: &UserId,
    sdk_app_id: u32,
    grant: RoomGrant<'_>,
    expires_at: u32,
) -> Vec<u8> {
    let (version, room_id, room_name) = match grant.room {
        Room::Numeric(id) => (0_u8, id.get(), None),
        Room::Text(name) => (1_u8, 0, Some(name)),
    };
    let mut out = Vec::with_capacity(128);
    out.push(version);
    put_counted_be(&mut out, user.as_str().as_bytes());
    let account_type = 0;
    for number in [sdk_app_id, room_id, expires_at, grant.privileges.bits(), account_type] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    if let Some(name) = room_name {
        put_counted_be(&mut out, name.as_str().as_bytes());
    }
    out
}

/// Reads the buffer, all of it.
///
/// # Errors
/// `UserBuffer` for any other layout, text that is not UTF-8, or bytes left over.
pub(super) fn read(bytes: &[u8]) -> Result<RoomKeyClaims, Flaw> {
    fields(bytes).ok_or(Flaw::UserBuffer)
}

fn fields(bytes: &[u8]) -> Option<RoomKeyClaims> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    let user = text(reader.counted_be()?)?;
    let sdk_app_id = reader.u32_be()?;
    let room_id = reader.u32_be()?;
    let expires_at = reader.u32_be()?.into();
    let privileges = RoomPrivileges::as_written(reader.u32_be()?);
    let account_type = reader.u32_be()?;
    let room_name = match version {
        0 => None,
        1 => Some(text(reader.counted_be()?)?),
        _ => return None,
    };
    let privilege_names = privileges.names().collect();
    reader.is_at_end().then_some(RoomKeyClaims {
        user,
        sdk_app_id,
        room_id,
        room_name,
        expires_at,
        privileges,
        privilege_names,
        account_type,
    })
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}
