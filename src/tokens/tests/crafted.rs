//! `UserSig`s that a careless backend may be brought to sign.

use super::{
    super::*,
    usersig::{alice, user},
    *,
};

#[test]
fn a_signature_of_one_user_cannot_be_read_as_anothers() {
    // The signed text of this crafted name equals that of `admin` with a lifetime of 31 years.
    let crafted = "admin\nTLS.sdkappid:1400001234\nTLS.time:1700000000\nTLS.expire:999999999\n\
                   TLS.userbuf:x";
    assert_eq!(UserId::parse(crafted), Err(NameProblem::TooLong { bytes_max: 32 }));

    let text = format!(
        "TLS.identifier:{crafted}\nTLS.sdkappid:{SDK_APP_ID}\nTLS.time:{NOW}\nTLS.expire:60\n"
    );
    let code = keys::hmac_sha256(USERSIG_KEY.as_bytes(), &[text.as_bytes()]);
    let json = serde_json::json!({
        "TLS.ver": "2.0",
        "TLS.identifier": "admin",
        "TLS.sdkappid": SDK_APP_ID,
        "TLS.time": NOW,
        "TLS.expire": 999_999_999,
        "TLS.userbuf":
            format!("x\nTLS.sdkappid:{SDK_APP_ID}\nTLS.time:{NOW}\nTLS.expire:60"),
        "TLS.sig": encoding::to_base64(&code),
    });
    let verdict = check(&wrap_usersig(&json.to_string()), &anything());
    assert_eq!(verdict.refusal, Some(Refusal::Malformed(Flaw::UserBuffer)));
}

/// Signs any user buffer for Alice, as a careless backend may.
fn sign_buffer(buffer: &[u8]) -> String {
    let buffer = encoding::to_base64(buffer);
    let text = format!(
        "TLS.identifier:alice_01-x\nTLS.sdkappid:{SDK_APP_ID}\nTLS.time:{NOW}\n\
         TLS.expire:86400\nTLS.userbuf:{buffer}\n"
    );
    let code = keys::hmac_sha256(USERSIG_KEY.as_bytes(), &[text.as_bytes()]);
    wrap_usersig(&format!(
        "{{\"TLS.ver\":\"2.0\",\"TLS.identifier\":\"alice_01-x\",\"TLS.sdkappid\":{SDK_APP_ID},\
         \"TLS.time\":{NOW},\"TLS.expire\":86400,\"TLS.userbuf\":\"{buffer}\",\
         \"TLS.sig\":\"{}\"}}",
        encoding::to_base64(&code)
    ))
}

#[test]
fn the_inner_fields_of_a_room_key_count_too() {
    let room = Room::numeric(7).unwrap();
    let grant = RoomGrant { room: &room, privileges: RoomPrivileges::ALL };
    let end = u32::try_from(NOW).unwrap() + 60;
    let good = room_key::write(&alice(), SDK_APP_ID, grant, end);
    let token = sign_buffer(&good);
    assert!(check_at(&token, &anything(), end.into()).is_valid());
    let expired = Refusal::Expired { since: end.into() };
    assert_eq!(check_at(&token, &anything(), i64::from(end) + 1).refusal, Some(expired));

    let of_another = room_key::write(&user("bob"), SDK_APP_ID, grant, end);
    assert_eq!(check(&sign_buffer(&of_another), &anything()).refusal, Some(Refusal::WrongUser));
    let of_other_app = room_key::write(&alice(), 1, grant, end);
    assert_eq!(check(&sign_buffer(&of_other_app), &anything()).refusal, Some(Refusal::WrongApp));

    let unknown_version = [&[2], &good[1..]].concat();
    let too_long = [&good[..], &[0]].concat();
    for buffer in [&good[..good.len() - 1], &unknown_version, &too_long, b"opaque", b""] {
        let refusal = check(&sign_buffer(buffer), &anything()).refusal;
        assert_eq!(refusal, Some(Refusal::Malformed(Flaw::UserBuffer)), "{buffer:?}");
    }
}
