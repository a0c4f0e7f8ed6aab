//! Random requests and random damage.

use proptest::prelude::*;

use super::{super::*, access_token, access_token2, *};

fn user_id() -> impl Strategy<Value = UserId> {
    "[A-Za-z_-][A-Za-z0-9_-]{0,31}".prop_map(|text| UserId::parse(&text).unwrap())
}

fn channel() -> impl Strategy<Value = ChannelName> {
    r"[A-Za-z0-9 !#$%&()+:;<=.>?@\[\]^_{}|~,-]{1,63}"
        .prop_map(|text| ChannelName::parse(&text).unwrap())
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![
        (1..=u32::MAX).prop_map(|id| Room::numeric(id).unwrap()),
        "[ -~]{1,64}".prop_map(|text| Room::text(&text).unwrap()),
    ]
}

fn privileges() -> impl Strategy<Value = RtcPrivileges> {
    let each = || prop::option::of(0_u32..100_000);
    (any::<u32>(), each(), each(), each()).prop_map(
        |(join_channel, publish_audio, publish_video, publish_data)| RtcPrivileges {
            join_channel: Some(join_channel % 100_000),
            publish_audio,
            publish_video,
            publish_data,
        },
    )
}

/// One valid token of each format, with what it is for.
fn samples() -> [(String, Expected<'static>); 3] {
    let alice = UserId::parse("alice").unwrap();
    let room = Room::text("room").unwrap();
    let usersig = mint_usersig(&UserSigRequest {
        sdk_app_id: SDK_APP_ID,
        key: USERSIG_KEY,
        user: &alice,
        issued_at: NOW,
        lifetime_s: 60,
        room: Some(RoomGrant { room: &room, privileges: RoomPrivileges::ALL }),
    });
    let older = Expected { channel: Some("room-1"), user: Some("2882341273"), ..anything() };
    [
        (usersig.unwrap(), anything()),
        (access_token2::mint(|_| {}), anything()),
        (access_token::mint(|_| {}), older),
    ]
}

/// `token` with the byte at `at` replaced by `with`, if that is still text.
fn damage(token: &str, at: prop::sample::Index, with: u8) -> Option<String> {
    let mut bytes = token.as_bytes().to_vec();
    let at = at.index(bytes.len());
    bytes[at] = with;
    String::from_utf8(bytes).ok()
}

/// Accepting a damaged token is right only if it still says the same.
fn accepts_only_the_same(damaged: &str, original: &str, expected: &Expected<'_>) -> bool {
    let Ok(verdict) = verify(damaged, expected, &keys(), NOW, 60) else {
        return true;
    };
    let genuine = check(original, expected);
    assert!(genuine.is_valid());
    verdict.trusted().is_none_or(|claims| Some(claims) == genuine.trusted())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_minted_usersig_is_valid(
        user in user_id(),
        sdk_app_id in 1..=u32::MAX,
        key in "[0-9a-f]{64}",
        issued_at in 0..=2_000_000_000_i64,
        lifetime_s in 1..=2_000_000_000_u32,
        room in prop::option::of((room(), 1..=255_u32)),
    ) {
        let grant = room.as_ref().map(|(room, bits)| RoomGrant {
            room,
            privileges: RoomPrivileges::parse(*bits).unwrap(),
        });
        let (key, user) = (key.as_str(), &user);
        let request =
            UserSigRequest { sdk_app_id, key, user, issued_at, lifetime_s, room: grant };
        let token = mint_usersig(&request).unwrap();

        let expected = Expected {
            sdk_app_id,
            user: Some(user.as_str()),
            room: grant.map_or(RoomBinding::Unbound, |grant| RoomBinding::Room(grant.room)),
            needs_room: grant.map_or(RoomPrivileges::NONE, |grant| grant.privileges),
            ..Expected::default()
        };
        let slot = Slot::Secondary;
        let candidate = Candidate { purpose: Purpose::UserSig, slot, secret: key };
        let verdict = verify(&token, &expected, &[candidate], issued_at, 0).unwrap();
        prop_assert_eq!(verdict.refusal, None);
        let Some(Claims::UserSig(claims)) = verdict.trusted() else { panic!("other claims") };
        prop_assert_eq!(claims.expires_at, issued_at + i64::from(lifetime_s));
    }

    #[test]
    fn a_minted_access_token_is_valid_in_both_generations(
        channel in channel(),
        user in prop::option::of(user_id()),
        privileges in privileges(),
        issued_at in 0..=4_000_000_000_i64,
        lifetime_s in 1..=100_000_u32,
        bits in any::<u32>(),
    ) {
        let salt = Salt::from_random(bits);
        let user = user.as_ref();
        let (app_id, certificate, channel) = (APP_ID, CERTIFICATE, &channel);
        let tokens = [
            mint_access_token2(&AccessToken2Request {
                app_id, certificate, channel, user, privileges, issued_at, lifetime_s, salt,
            }),
            mint_access_token(&AccessTokenRequest {
                app_id, certificate, channel, user, privileges, issued_at, lifetime_s, salt,
            }),
        ];
        let expected = Expected {
            channel: Some(channel.as_str()),
            user: user.map(UserId::as_str).or(Some("anyone")),
            needs_rtc: &[RtcPrivilege::JoinChannel],
            ..anything()
        };
        for token in tokens {
            prop_assert_eq!(check_at(&token.unwrap(), &expected, issued_at).refusal, None);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        for kind in [Kind::UserSig, Kind::AccessToken2, Kind::AccessToken] {
            let expected = Expected {
                kind: Some(kind), channel: Some("c"), user: Some("u"), ..anything()
            };
            for token in [
                text.clone(),
                format!("007{text}"),
                format!("006{APP_ID}{text}"),
                wrap_usersig(&text),
                wrap_007(&bytes),
                wrap_007(&[&[32, 0][..], &[0; 32], &[0, 0], &bytes].concat()),
                format!("006{APP_ID}{}", encoding::to_base64(&bytes)),
                encoding::to_b64t(&bytes),
            ] {
                prop_assert!(!check(&token, &expected).is_valid());
            }
        }
    }

    #[test]
    fn a_damaged_token_never_says_something_else(at in any::<prop::sample::Index>(), with: u8) {
        for (token, expected) in samples() {
            if let Some(damaged) = damage(&token, at, with) {
                prop_assert!(accepts_only_the_same(&damaged, &token, &expected), "{}", damaged);
            }
        }
    }

    #[test]
    fn damaged_content_never_says_something_else(at in any::<prop::sample::Index>(), with: u8) {
        let [(usersig, expected), (newer, _), (older, older_expected)] = samples();
        if let Some(json) = damage(&unwrap_usersig(&usersig), at, with) {
            let damaged = wrap_usersig(&json);
            prop_assert!(accepts_only_the_same(&damaged, &usersig, &expected), "{}", json);
        }

        let mut content = unwrap_007(&newer);
        let place = at.index(content.len());
        content[place] = with;
        prop_assert!(accepts_only_the_same(&wrap_007(&content), &newer, &expected));

        let mut content = standard(&older[35..]);
        let place = at.index(content.len());
        content[place] = with;
        let damaged = format!("006{APP_ID}{}", encoding::to_base64(&content));
        prop_assert!(accepts_only_the_same(&damaged, &older, &older_expected));
    }
}
