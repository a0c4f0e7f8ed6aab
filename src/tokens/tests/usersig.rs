//! `UserSig` and `PrivateMapKey`.

use super::{super::*, *};

pub(super) fn user(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

pub(super) fn alice() -> UserId {
    user("alice_01-x")
}

/// Mints the vectors' `UserSig` for a user and perhaps a room.
fn mint(user: &UserId, room: Option<RoomGrant<'_>>) -> Result<String, MintProblem> {
    mint_usersig(&UserSigRequest {
        sdk_app_id: SDK_APP_ID,
        key: USERSIG_KEY,
        user,
        issued_at: NOW,
        lifetime_s: 86_400,
        room,
    })
}

/// The claims, which must be of a `UserSig`.
fn claims(verdict: Verdict) -> UserSigClaims {
    match verdict.as_written {
        Some(Claims::UserSig(claims)) => claims,
        other => panic!("not a UserSig: {other:?}"),
    }
}

fn json_value(token: &str, key: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(&unwrap_usersig(token)).unwrap();
    json[key].as_str().unwrap().to_owned()
}

#[test]
fn the_published_usersig_is_made_and_read() {
    let token = mint(&alice(), None).unwrap();

    assert_eq!(
        unwrap_usersig(&token),
        concat!(
            r#"{"TLS.ver":"2.0","TLS.identifier":"alice_01-x","TLS.sdkappid":1400001234,"#,
            r#""TLS.time":1700000000,"TLS.expire":86400,"#,
            r#""TLS.sig":"u+BilXwm89hODcLa3W/G/4vCCRCeyiy3nfHXcleeGZM="}"#
        )
    );
    let verdict = check(&token, &Expected { user: Some("alice_01-x"), ..anything() });
    assert!(verdict.is_valid());
    assert_eq!(verdict.signed_with, Some(Slot::Primary));
    assert_eq!(
        claims(verdict),
        UserSigClaims {
            user: "alice_01-x".to_owned(),
            sdk_app_id: SDK_APP_ID,
            issued_at: NOW,
            expires_in: 86_400,
            expires_at: NOW + 86_400,
            room_key: None,
        }
    );
}

#[test]
fn the_published_room_keys_are_made_and_read() {
    let text = Room::text("room-Abc_9").unwrap();
    let grant = RoomGrant { room: &text, privileges: RoomPrivileges::ALL };
    let token = mint(&alice(), Some(grant)).unwrap();
    assert_eq!(
        hex(&standard(&json_value(&token, "TLS.userbuf"))),
        "01000a616c6963655f30312d78537252d20000000065554280000000ff00000000000a726f6f6d2d4162635f39"
    );
    assert_eq!(json_value(&token, "TLS.sig"), "XyL2OslyXXI+H5GgAOGPsldMvrpPCavBhk+b6quHpe8=");

    let numeric = Room::numeric(10_000).unwrap();
    let grant = RoomGrant { room: &numeric, privileges: RoomPrivileges::AUDIENCE };
    let token = mint(&alice(), Some(grant)).unwrap();
    assert_eq!(
        hex(&standard(&json_value(&token, "TLS.userbuf"))),
        "00000a616c6963655f30312d78537252d200002710655542800000002a00000000"
    );
    let room_key = claims(check(&token, &anything())).room_key.unwrap();
    assert_eq!((room_key.room_id, room_key.room_name), (10_000, None));
    assert_eq!(room_key.privilege_names, ["enter_room", "receive_audio", "receive_video"]);
}

#[test]
fn any_level_and_any_json_spelling_is_read() {
    use std::io::Write as _;
    let json = unwrap_usersig(&mint(&alice(), None).unwrap());
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap() + "\n";
    for level in 0..=9 {
        for text in [&json, &pretty] {
            let level = flate2::Compression::new(level);
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(text.as_bytes()).unwrap();
            let token = encoding::to_b64t(&encoder.finish().unwrap());
            assert!(check(&token, &anything()).is_valid());
        }
    }
}

#[test]
fn what_cannot_be_minted_is_not() {
    let base = UserSigRequest {
        sdk_app_id: SDK_APP_ID,
        key: USERSIG_KEY,
        user: &alice(),
        issued_at: NOW,
        lifetime_s: 60,
        room: None,
    };
    let room = Room::numeric(1).unwrap();
    let no_right = Some(RoomGrant { room: &room, privileges: RoomPrivileges::NONE });
    let all = Some(RoomGrant { room: &room, privileges: RoomPrivileges::ALL });
    let after_2106 = 1 << 32;
    for (request, problem) in [
        (
            UserSigRequest { user: &user("10086"), ..base },
            MintProblem::User(NameProblem::AllDigits),
        ),
        (UserSigRequest { sdk_app_id: 0, ..base }, MintProblem::SdkAppId),
        (UserSigRequest { key: "", ..base }, MintProblem::Key),
        (UserSigRequest { lifetime_s: 0, ..base }, MintProblem::Lifetime),
        (UserSigRequest { issued_at: -1, ..base }, MintProblem::Time),
        (UserSigRequest { issued_at: i64::MAX, ..base }, MintProblem::Time),
        (UserSigRequest { issued_at: after_2106, room: all, ..base }, MintProblem::Time),
        (UserSigRequest { room: no_right, ..base }, MintProblem::NoPrivilege),
    ] {
        assert_eq!(mint_usersig(&request), Err(problem));
    }
    let after_2038 = UserSigRequest { issued_at: 1 << 31, room: all, ..base };
    let token = mint_usersig(&after_2038).unwrap();
    assert!(check_at(&token, &anything(), 1 << 31).is_valid());
}

#[test]
fn each_reason_is_the_exact_one() {
    let text = Room::text("r1").unwrap();
    let other = Room::text("r2").unwrap();
    let plain = mint(&alice(), None).unwrap();
    let grant = RoomGrant { room: &text, privileges: RoomPrivileges::AUDIENCE };
    let bound = mint(&alice(), Some(grant)).unwrap();
    let sends = RoomPrivileges::SEND_AUDIO | RoomPrivileges::ENTER_ROOM;
    let lacks_sending = Refusal::MissingPrivilege(Lack::Room(RoomPrivileges::SEND_AUDIO));
    let lacks_room = Refusal::MissingPrivilege(Lack::RoomKey);

    for (token, expected, refusal) in [
        (&plain, anything(), None),
        (&bound, anything(), None),
        (&plain, Expected { sdk_app_id: 1, ..anything() }, Some(Refusal::WrongApp)),
        (&plain, Expected { user: Some("alice"), ..anything() }, Some(Refusal::WrongUser)),
        (&plain, Expected { user: Some("ALICE_01-x"), ..anything() }, Some(Refusal::WrongUser)),
        (&plain, Expected { channel: Some("r1"), ..anything() }, None),
        (&bound, Expected { channel: Some("r1"), ..anything() }, None),
        (&bound, Expected { channel: Some("r2"), ..anything() }, Some(Refusal::WrongChannel)),
        (&plain, Expected { room: RoomBinding::Unbound, ..anything() }, None),
        (
            &bound,
            Expected { room: RoomBinding::Unbound, ..anything() },
            Some(Refusal::WrongChannel),
        ),
        (&plain, Expected { room: RoomBinding::Room(&text), ..anything() }, Some(lacks_room)),
        (&bound, Expected { room: RoomBinding::Room(&text), ..anything() }, None),
        (
            &bound,
            Expected { room: RoomBinding::Room(&other), ..anything() },
            Some(Refusal::WrongChannel),
        ),
        (&plain, Expected { needs_room: sends, ..anything() }, Some(lacks_room)),
        (&bound, Expected { needs_room: sends, ..anything() }, Some(lacks_sending)),
        (&bound, Expected { needs_room: RoomPrivileges::ENTER_ROOM, ..anything() }, None),
    ] {
        assert_eq!(check(token, &expected).refusal, refusal, "{expected:?}");
    }
}

#[test]
fn it_is_valid_to_its_last_second() {
    let token = mint(&alice(), None).unwrap();
    let end = NOW + 86_400;
    assert_eq!(check_at(&token, &anything(), end).refusal, None);
    let expired = Refusal::Expired { since: end };
    assert_eq!(check_at(&token, &anything(), end + 1).refusal, Some(expired));
    // The official verifiers know no not-before either.
    assert_eq!(check_at(&token, &anything(), 0).refusal, None);
}

#[test]
fn a_retired_key_and_a_strangers_key_are_told_apart() {
    let token = mint(&alice(), None).unwrap();
    let signed_by = |slot, secret| {
        let candidate = Candidate { purpose: Purpose::UserSig, slot, secret };
        let verdict = verify(&token, &anything(), &[candidate], NOW, 0).unwrap();
        (verdict.refusal, verdict.signed_with)
    };
    assert_eq!(signed_by(Slot::Secondary, USERSIG_KEY), (None, Some(Slot::Secondary)));
    let retired = (Some(Refusal::RetiredKey), Some(Slot::Retired));
    assert_eq!(signed_by(Slot::Retired, USERSIG_KEY), retired);
    let stranger = (Some(Refusal::BadSignature), None);
    assert_eq!(signed_by(Slot::Primary, "other"), stranger);
    assert_eq!(signed_by(Slot::Primary, &USERSIG_KEY.to_uppercase()), stranger);
}

#[test]
fn each_malformed_place_is_named() {
    let good = unwrap_usersig(&mint(&alice(), None).unwrap());
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        wrap_usersig(&good.replacen(from, to, 1))
    };
    let sig = r#""TLS.sig":"u+BilXwm89hODcLa3W/G/4vCCRCeyiy3nfHXcleeGZM=""#;
    let no_key = r#""TLS.userbuf":"AAEC","TLS.sig""#;
    for (token, flaw) in [
        (String::new(), Flaw::Empty),
        ("007eJw".to_owned(), Flaw::Prefix),
        ("e".repeat(TOKEN_BYTES_MAX + 1), Flaw::TooLong),
        ("eJwrSS0uAQAEXQHB!".to_owned(), Flaw::Base64),
        (encoding::to_b64t(b"not zlib"), Flaw::Compression),
        (wrap_usersig(&" ".repeat(INFLATED_BYTES_MAX + 1)), Flaw::Inflated),
        (wrap_usersig("[]"), Flaw::Json),
        (wrap_usersig("{} {}"), Flaw::Json),
        (with("{", r#"{"x":{"y":1},"x":2,"#), Flaw::DuplicateKey),
        (with("{", r#"{"TLS.identifier":"admin","#), Flaw::DuplicateKey),
        (with("{", r#"{"TLS\u002eexpire":1,"#), Flaw::DuplicateKey),
        (with(r#""2.0""#, r#""3.0""#), Flaw::Version),
        (with(r#""TLS.ver":"2.0""#, r#""TLS.version":"201610110000""#), Flaw::Version),
        (with(r#""TLS.ver":"2.0","#, ""), Flaw::FieldMissing(Field::Version)),
        (with(r#""2.0""#, "2.0"), Flaw::FieldType(Field::Version)),
        (with("TLS.identifier", "TLS.id"), Flaw::FieldMissing(Field::Identifier)),
        (with(r#""alice_01-x""#, "7"), Flaw::FieldType(Field::Identifier)),
        (with(r#""alice_01-x""#, r#""""#), Flaw::FieldRange(Field::Identifier)),
        (with("alice_01-x", r"admin\nTLS.sdkappid:1"), Flaw::FieldRange(Field::Identifier)),
        (with("1400001234", "0"), Flaw::FieldRange(Field::SdkAppId)),
        (with("1400001234", "4294967296"), Flaw::FieldRange(Field::SdkAppId)),
        (with("1400001234", r#""1400001234""#), Flaw::FieldType(Field::SdkAppId)),
        (with("1700000000", "1700000000.0"), Flaw::FieldType(Field::Time)),
        (with("1700000000", "17e8"), Flaw::FieldType(Field::Time)),
        (with("1700000000", "-1"), Flaw::FieldRange(Field::Time)),
        (with("1700000000", "18446744073709551615"), Flaw::FieldRange(Field::Time)),
        (with("86400", "9223372036854775807"), Flaw::FieldRange(Field::Expire)),
        (with("86400", "null"), Flaw::FieldType(Field::Expire)),
        (with(sig, r#""x":0"#), Flaw::FieldMissing(Field::Signature)),
        (with(sig, r#""TLS.sig":"AA==""#), Flaw::SignatureLength),
        (with("u+BilXwm", "u-BilXwm"), Flaw::FieldRange(Field::Signature)),
        (with("eGZM=", "eGZN="), Flaw::FieldRange(Field::Signature)),
        (with(r#""TLS.sig""#, no_key), Flaw::UserBuffer),
        (with(r#""TLS.sig""#, r#""TLS.userbuf":"x\n","TLS.sig""#), Flaw::UserBuffer),
        (with(r#""TLS.sig""#, r#""TLS.userbuf":1,"TLS.sig""#), Flaw::FieldType(Field::UserBuffer)),
    ] {
        let expected = Expected { kind: Some(Kind::UserSig), ..anything() };
        let verdict = check(&token, &expected);
        assert_eq!(verdict.refusal, Some(Refusal::Malformed(flaw)), "{token}");
        assert_eq!(verdict.signed_with, None);
    }
}
