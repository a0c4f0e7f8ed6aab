//! `AccessToken`, 006.

use super::{super::*, *};

const PUBLISHED: &str = "0060123456789abcdef0123456789ABCDEFIAD1me4kE1fgKY7n/DsqmfNzpnMqfZAYE8cTd\
                         7ZUeZ1AMAYI9L5XoFHlIgBOYbwAgEJVZQQAAQAQ/1NlAgAQ/1NlAwAQ/1NlBAAQ/1Nl";

/// Mints the published vector, changed by `change`.
pub(super) fn mint(change: impl FnOnce(&mut AccessTokenRequest<'_>)) -> String {
    mint_for("room-1", "2882341273", change)
}

fn mint_for(channel: &str, user: &str, change: impl FnOnce(&mut AccessTokenRequest<'_>)) -> String {
    let channel = ChannelName::parse(channel).unwrap();
    let user = UserId::parse(user).unwrap();
    let mut request = AccessTokenRequest {
        app_id: APP_ID,
        certificate: CERTIFICATE,
        channel: &channel,
        user: Some(&user),
        privileges: RtcPrivileges::of(Role::Publisher, 3600),
        issued_at: NOW,
        lifetime_s: 86_400,
        salt: Salt::new(12_345_678).unwrap(),
    };
    change(&mut request);
    mint_access_token(&request).unwrap()
}

fn named<'a>(channel: &'a str, user: &'a str) -> Expected<'a> {
    Expected { channel: Some(channel), user: Some(user), ..anything() }
}

#[test]
fn the_published_token_is_made_and_read() {
    assert_eq!(mint(|_| {}), PUBLISHED);

    let verdict = check(PUBLISHED, &named("room-1", "2882341273"));
    assert_eq!((verdict.refusal, verdict.signed_with), (None, Some(Slot::Primary)));
    let Some(Claims::AccessToken(claims)) = verdict.trusted() else {
        panic!("not a 006 token");
    };
    assert_eq!(claims.expires_at, NOW + 86_400);
    assert_eq!(claims.salt, 12_345_678);
    assert_eq!(claims.privileges.len(), 4);
    assert_eq!(claims.privileges[3].name, Some("publish_data"));
    assert_eq!(claims.privileges[3].expires_at, NOW + 3600);
}

#[test]
fn each_reason_is_the_exact_one() {
    let any_user = mint(|request| request.user = None);
    let user = "2882341273";
    let join = &[RtcPrivilege::JoinChannel];
    let needs_join = Expected { needs_rtc: join, ..named("room-1", user) };
    let lapsed = Lack::RtcLapsed { privilege: RtcPrivilege::JoinChannel, since: NOW + 3600 };
    for (token, expected, now, refusal) in [
        (PUBLISHED, Expected { app_id: "x", ..anything() }, NOW, Some(Refusal::WrongApp)),
        (PUBLISHED, named("room-2", user), NOW, Some(Refusal::WrongChannel)),
        (PUBLISHED, named("room-1", "1"), NOW, Some(Refusal::WrongUser)),
        (PUBLISHED, named("room-1", user), NOW + 86_399, None),
        (
            PUBLISHED,
            named("room-1", user),
            NOW + 86_400,
            Some(Refusal::Expired { since: NOW + 86_400 }),
        ),
        (PUBLISHED, needs_join, NOW + 3599, None),
        (PUBLISHED, needs_join, NOW + 3600, Some(Refusal::MissingPrivilege(lapsed))),
        (&any_user, named("room-1", "9"), NOW, None),
        (&any_user, Expected { channel: Some("room-1"), ..anything() }, NOW, None),
    ] {
        assert_eq!(check_at(token, &expected, now).refusal, refusal, "{expected:?} at {now}");
    }
}

#[test]
fn only_the_checksums_tell_where_the_channel_ends() {
    let token = mint_for("room1", "23", |_| {});
    assert_eq!(check(&token, &named("room1", "23")).refusal, None);
    assert_eq!(check(&token, &named("room12", "3")).refusal, Some(Refusal::WrongChannel));
}

#[test]
fn a_forged_checksum_does_not_help() {
    let mut content = standard(&PUBLISHED[35..]);
    content[34..38].copy_from_slice(&crc32fast::hash(b"room-2").to_le_bytes());
    let forged = format!("006{APP_ID}{}", encoding::to_base64(&content));
    let verdict = check(&forged, &named("room-2", "2882341273"));
    assert_eq!(verdict.refusal, Some(Refusal::BadSignature));

    // Nor does pretending to be for any user.
    let mut content = standard(&PUBLISHED[35..]);
    content[38..42].copy_from_slice(&[0; 4]);
    let forged = format!("006{APP_ID}{}", encoding::to_base64(&content));
    let verdict = check(&forged, &named("room-1", "2882341273"));
    assert_eq!(verdict.refusal, Some(Refusal::BadSignature));
}

#[test]
fn each_malformed_place_is_named() {
    let content = standard(&PUBLISHED[35..]);
    let with = |content: &[u8]| format!("006{APP_ID}{}", encoding::to_base64(content));
    let mut swapped = content.clone();
    swapped[54] = 9;
    for (token, flaw) in [
        ("006".to_owned(), Flaw::AppId),
        (format!("006{}é", &APP_ID[1..]), Flaw::AppId),
        (PUBLISHED.replacen("006", "005", 1), Flaw::Prefix),
        (PUBLISHED[..PUBLISHED.len() - 1].to_owned(), Flaw::Base64),
        (format!("{PUBLISHED} "), Flaw::Base64),
        (with(&content[..20]), Flaw::Truncated),
        (with(&content[..content.len() - 1]), Flaw::Truncated),
        (with(&[&content[..], &[0]].concat()), Flaw::TrailingBytes),
        (with(&[&[31, 0], &content[2..]].concat()), Flaw::SignatureLength),
        (with(&swapped), Flaw::PrivilegeOrder),
    ] {
        let expected = Expected { kind: Some(Kind::AccessToken), ..anything() };
        let refusal = check(&token, &expected).refusal;
        assert_eq!(refusal, Some(Refusal::Malformed(flaw)), "{token}");
    }
}
