//! `AccessToken2`, 007.

use super::{super::*, *};

/// Mints the published vector, changed by `change`.
pub(super) fn mint(change: impl FnOnce(&mut AccessToken2Request<'_>)) -> String {
    let channel = ChannelName::parse("room-1").unwrap();
    let user = UserId::parse("user-7").unwrap();
    let mut request = AccessToken2Request {
        app_id: APP_ID,
        certificate: CERTIFICATE,
        channel: &channel,
        user: Some(&user),
        privileges: RtcPrivileges::of(Role::Publisher, 3600),
        issued_at: NOW,
        lifetime_s: 3600,
        salt: Salt::new(12_345_678).unwrap(),
    };
    change(&mut request);
    mint_access_token2(&request).unwrap()
}

/// A counted string.
fn string(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    bytes::put_counted_le(&mut out, text.as_bytes());
    out
}

/// A service: type, privileges, tail.
fn service(code: u16, privileges: &[(u16, u32)], tail: &[u8]) -> Vec<u8> {
    let mut out = code.to_le_bytes().to_vec();
    out.extend(u16::try_from(privileges.len()).unwrap().to_le_bytes());
    for (privilege, seconds) in privileges {
        out.extend(privilege.to_le_bytes());
        out.extend(seconds.to_le_bytes());
    }
    out.extend(tail);
    out
}

/// A correctly signed token around any services, issued now for an hour.
fn signed(count: u16, services: &[Vec<u8>]) -> String {
    let mut content = string(APP_ID);
    let issued_at = u32::try_from(NOW).unwrap();
    for number in [issued_at, 3600, 7] {
        content.extend(number.to_le_bytes());
    }
    content.extend(count.to_le_bytes());
    content.extend(services.concat());
    let from_time = keys::hmac_sha256(&issued_at.to_le_bytes(), &[CERTIFICATE.as_bytes()]);
    let from_salt = keys::hmac_sha256(&7_u32.to_le_bytes(), &[&from_time]);
    let mut whole = Vec::new();
    bytes::put_counted_le(&mut whole, &keys::hmac_sha256(&from_salt, &[&content]));
    whole.extend(content);
    wrap_007(&whole)
}

fn rtc(channel: &str, user: &str, privileges: &[(u16, u32)]) -> Vec<u8> {
    service(1, privileges, &[string(channel), string(user)].concat())
}

fn refusal(token: &str, expected: &Expected<'_>) -> Option<Refusal> {
    check(token, expected).refusal
}

#[test]
fn the_published_token_is_made_and_read() {
    let token = mint(|_| {});
    let content = unwrap_007(&token);
    assert_eq!(content.len(), 126);
    assert_eq!(
        hex(&content),
        concat!(
            "2000c469f435cb46b6c214af05dd311b9214e38c1d74335d1f18a724365b6a55e4f2",
            "20003031323334353637383961626364656630313233343536373839414243444546",
            "00f15365100e00004e61bc000100010004000100100e00000200100e00000300100e0000",
            "0400100e00000600726f6f6d2d310600757365722d37"
        )
    );
    let everything = Expected {
        user: Some("user-7"),
        channel: Some("room-1"),
        needs_rtc: &RtcPrivilege::ALL,
        ..anything()
    };
    assert_eq!(refusal(&token, &everything), None);
}

#[test]
fn what_cannot_be_minted_is_not() {
    let channel = ChannelName::parse("c").unwrap();
    let base = AccessToken2Request {
        app_id: APP_ID,
        certificate: CERTIFICATE,
        channel: &channel,
        user: None,
        privileges: RtcPrivileges::of(Role::Subscriber, 0),
        issued_at: NOW,
        lifetime_s: ACCESS_TOKEN_LIFETIME_S_MAX,
        salt: Salt::from_random(0),
    };
    assert!(mint_access_token2(&base).is_ok());
    for (request, problem) in [
        (AccessToken2Request { app_id: "x", ..base }, MintProblem::AppId),
        (AccessToken2Request { certificate: "", ..base }, MintProblem::Certificate),
        (AccessToken2Request { lifetime_s: 0, ..base }, MintProblem::Lifetime),
        (AccessToken2Request { issued_at: 1 << 32, ..base }, MintProblem::Time),
        (AccessToken2Request { issued_at: -1, ..base }, MintProblem::Time),
        (
            AccessToken2Request { privileges: RtcPrivileges::default(), ..base },
            MintProblem::NoPrivilege,
        ),
    ] {
        assert_eq!(mint_access_token2(&request), Err(problem));
    }
}

#[test]
fn each_reason_is_the_exact_one() {
    let token = mint(|_| {});
    let for_any = mint(|request| request.user = None);
    let subscriber = mint(|request| request.privileges = RtcPrivileges::of(Role::Subscriber, 3600));
    let publish = [RtcPrivilege::JoinChannel, RtcPrivilege::PublishAudio];
    let lacks_audio = Refusal::MissingPrivilege(Lack::Rtc(RtcPrivilege::PublishAudio));
    let other_case = APP_ID.to_lowercase();
    for (token, expected, refusal) in [
        (&token, anything(), None),
        (&token, Expected { app_id: &other_case, ..anything() }, Some(Refusal::WrongApp)),
        (&token, Expected { user: Some("user-8"), ..anything() }, Some(Refusal::WrongUser)),
        (&for_any, Expected { user: Some("user-8"), ..anything() }, None),
        (&token, Expected { channel: Some("room-2"), ..anything() }, Some(Refusal::WrongChannel)),
        (&subscriber, Expected { needs_rtc: &publish, ..anything() }, Some(lacks_audio)),
        (&subscriber, Expected { needs_rtc: &publish[..1], ..anything() }, None),
    ] {
        assert_eq!(check(token, &expected).refusal, refusal, "{expected:?}");
    }
    let room = Room::numeric(1).unwrap();
    let expected = Expected { room: RoomBinding::Room(&room), ..anything() };
    assert_eq!(refusal(&token, &expected), Some(Refusal::WrongChannel));
}

#[test]
fn it_ends_with_its_last_second_and_begins_with_leeway() {
    let token = mint(|_| {});
    let at = |now| check_at(&token, &anything(), now).refusal;
    assert_eq!(at(NOW + 3599), None);
    assert_eq!(at(NOW + 3600), Some(Refusal::Expired { since: NOW + 3600 }));
    assert_eq!(at(NOW - 60), None);
    assert_eq!(at(NOW - 61), Some(Refusal::NotYetValid { from: NOW }));

    let last = i64::from(u32::MAX);
    let late = mint(|request| request.issued_at = last);
    assert_eq!(check_at(&late, &anything(), last + 3599).refusal, None);
}

#[test]
fn a_privilege_ends_on_its_own_and_never_after_the_token() {
    let token = mint(|request| {
        request.privileges = RtcPrivileges {
            join_channel: Some(0),
            publish_audio: Some(600),
            publish_video: Some(7200),
            publish_data: None,
        };
    });
    let needs = |privilege: &'static [RtcPrivilege], now| {
        let expected = Expected { needs_rtc: privilege, ..anything() };
        check_at(&token, &expected, now).refusal
    };
    assert_eq!(needs(&[RtcPrivilege::PublishAudio], NOW + 599), None);
    let lapsed = Lack::RtcLapsed { privilege: RtcPrivilege::PublishAudio, since: NOW + 600 };
    assert_eq!(
        needs(&[RtcPrivilege::PublishAudio], NOW + 600),
        Some(Refusal::MissingPrivilege(lapsed))
    );
    assert_eq!(needs(&[RtcPrivilege::JoinChannel, RtcPrivilege::PublishVideo], NOW + 3599), None);
    assert!(needs(&[RtcPrivilege::PublishVideo], NOW + 3600).is_some());
}

#[test]
fn all_ten_services_are_read() {
    let permissions = [&[1, 0, 1, 0, 1, 0, 0, 0, 2, 0][..], &string("a"), &string("b")].concat();
    let tails = [
        [string("c"), string("u")].concat(),
        string("u"),
        [string("c"), string("u")].concat(),
        Vec::new(),
        string("u"),
        [string("c"), string("u")].concat(),
        [string("room"), string("u"), vec![255, 255]].concat(),
        [string("u"), permissions].concat(),
        Vec::new(),
        Vec::new(),
    ];
    let services: Vec<_> =
        (1..).zip(&tails).map(|(code, tail)| service(code, &[(1, 60)], tail)).collect();
    let verdict = check(&signed(10, &services), &Expected { user: Some("u"), ..anything() });
    assert_eq!(verdict.refusal, None);
    let Some(Claims::AccessToken2(claims)) = verdict.trusted() else {
        panic!("not an AccessToken2");
    };
    let codes: Vec<_> = claims.services.iter().map(|service| service.code).collect();
    assert_eq!(codes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let role = Scope::Apaas { room: "room".to_owned(), user: "u".to_owned(), role: -1 };
    assert_eq!(claims.services[6].scope, role);
    let Scope::Rtm2 { permissions, .. } = &claims.services[7].scope else {
        panic!("not RTM2");
    };
    assert_eq!(permissions[0].resource_name, Some("stream_channels"));
    assert_eq!(permissions[0].names, ["a", "b"]);
    assert_eq!(claims.services[9].privileges[0].expires_at, NOW + 60);
}

#[test]
fn one_of_several_rtc_services_is_enough() {
    let token = signed(2, &[rtc("c1", "u1", &[(1, 0)]), rtc("c2", "", &[(1, 0), (2, 0)])]);
    let audio = &[RtcPrivilege::PublishAudio][..];
    for (user, channel, needs_rtc, refused) in [
        ("u1", "c1", &[][..], None),
        ("u1", "c2", audio, None),
        ("u9", "c2", audio, None),
        ("u9", "c1", &[], Some("wrong_channel")),
        ("u1", "c1", audio, Some("missing_privilege")),
    ] {
        let expected =
            Expected { user: Some(user), channel: Some(channel), needs_rtc, ..anything() };
        assert_eq!(refusal(&token, &expected).map(Refusal::wire_name), refused);
    }
}

#[test]
fn a_token_without_rtc_serves_no_channel() {
    let token = signed(1, &[service(2, &[(1, 0)], &string("u"))]);
    let no_service = Refusal::MissingPrivilege(Lack::RtcService);
    let join = &[RtcPrivilege::JoinChannel];
    for (expected, expected_refusal) in [
        (anything(), None),
        (Expected { user: Some("u"), ..anything() }, None),
        (Expected { user: Some("v"), ..anything() }, Some(Refusal::WrongUser)),
        (Expected { channel: Some("c"), ..anything() }, Some(no_service)),
        (Expected { needs_rtc: join, ..anything() }, Some(no_service)),
    ] {
        assert_eq!(refusal(&token, &expected), expected_refusal);
    }
    // An empty RTM user is not any user, and some services name nobody.
    let nobody = [service(2, &[], &string("")), service(4, &[], &[])];
    for token in [signed(1, &nobody[..1]), signed(1, &nobody[1..])] {
        let expected = Expected { user: Some("u"), ..anything() };
        assert_eq!(refusal(&token, &expected), Some(Refusal::WrongUser));
    }
}

#[test]
fn a_wildcard_is_never_the_channel() {
    for pattern in ["*", "", "1*a*2"] {
        let token = signed(1, &[rtc(pattern, "u", &[(1, 0)])]);
        for channel in ["1xa2", pattern] {
            let expected = Expected { channel: Some(channel), ..anything() };
            assert_eq!(refusal(&token, &expected), Some(Refusal::WrongChannel), "{pattern}");
        }
    }
}

#[test]
fn each_malformed_place_is_named() {
    let good = unwrap_007(&mint(|_| {}));
    let one = rtc("c", "u", &[(1, 0)]);
    let bad_text = service(2, &[], &[1, 0, 0xff]);
    for (token, flaw) in [
        ("007".to_owned(), Flaw::Compression),
        ("007a".to_owned(), Flaw::Base64),
        (mint(|_| {}).replacen("007", "008", 1), Flaw::Prefix),
        (wrap_007(b""), Flaw::Truncated),
        (wrap_007(&[31, 0]), Flaw::Truncated),
        (wrap_007(&[&[31, 0][..], &[7; 200]].concat()), Flaw::SignatureLength),
        (wrap_007(&good[..40]), Flaw::Truncated),
        (wrap_007(&good[..125]), Flaw::Truncated),
        (wrap_007(&[&good[..], &[0]].concat()), Flaw::TrailingBytes),
        (wrap_007(&vec![0; INFLATED_BYTES_MAX + 1]), Flaw::Inflated),
        (signed(2, std::slice::from_ref(&one)), Flaw::Truncated),
        (signed(0, std::slice::from_ref(&one)), Flaw::TrailingBytes),
        (signed(1, &[service(11, &[], &[])]), Flaw::UnknownService(11)),
        (signed(2, &[one.clone(), service(0, &[], &[])]), Flaw::UnknownService(0)),
        (signed(2, &[service(4, &[], &[]), one.clone()]), Flaw::ServiceOrder),
        (signed(1, &[rtc("c", "u", &[(2, 0), (1, 0)])]), Flaw::PrivilegeOrder),
        (signed(1, &[rtc("c", "u", &[(1, 0), (1, 9)])]), Flaw::PrivilegeOrder),
        (signed(1, &[bad_text]), Flaw::Text),
    ] {
        let expected = Expected { kind: Some(Kind::AccessToken2), ..anything() };
        assert_eq!(refusal(&token, &expected), Some(Refusal::Malformed(flaw)), "{token}");
    }
    let newer = check(&signed(2, &[one, service(11, &[], &[])]), &anything());
    assert!(matches!(
        newer.as_written,
        Some(Claims::AccessToken2(claims)) if claims.services.len() == 1
    ));
}
