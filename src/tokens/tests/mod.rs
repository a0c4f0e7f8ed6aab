//! The formats against their published vectors, each reason for a refusal, and random input.

use base64::Engine as _;

use super::{
    Candidate, Claims, Expected, NeedsChannelAndUser, Purpose, Role, RtcPrivilege, RtcPrivileges,
    Slot, Verdict, deflate, encoding, verify,
};

mod access_token;
mod access_token2;
mod crafted;
mod properties;
mod usersig;

/// The instant of every vector.
const NOW: i64 = 1_700_000_000;
const SDK_APP_ID: u32 = 1_400_001_234;
const USERSIG_KEY: &str = "7d1f5c0e9b3a4826b1c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081920";
const APP_ID: &str = "0123456789abcdef0123456789ABCDEF";
const CERTIFICATE: &str = "fedcba9876543210fedcba9876543210";

/// What fits the vectors' app, and anything else about the token.
fn anything() -> Expected<'static> {
    Expected { sdk_app_id: SDK_APP_ID, app_id: APP_ID, ..Expected::default() }
}

/// The vectors' secrets, each as primary.
fn keys() -> [Candidate<'static>; 2] {
    [
        Candidate { purpose: Purpose::UserSig, slot: Slot::Primary, secret: USERSIG_KEY },
        Candidate { purpose: Purpose::AccessToken, slot: Slot::Primary, secret: CERTIFICATE },
    ]
}

/// Verifies with the vectors' secrets and a minute of leeway.
fn check_at(token: &str, expected: &Expected<'_>, now: i64) -> Verdict {
    verify(token, expected, &keys(), now, 60).unwrap()
}

fn check(token: &str, expected: &Expected<'_>) -> Verdict {
    check_at(token, expected, NOW)
}

fn standard(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A `UserSig` around any text.
fn wrap_usersig(json: &str) -> String {
    encoding::to_b64t(&deflate::deflate(json.as_bytes()))
}

/// The JSON text inside a `UserSig`.
fn unwrap_usersig(token: &str) -> String {
    String::from_utf8(encoding::inflate(&encoding::from_b64t(token).unwrap()).unwrap()).unwrap()
}

/// An `AccessToken2` around any content.
fn wrap_007(content: &[u8]) -> String {
    format!("007{}", encoding::to_base64(&deflate::deflate(content)))
}

/// The content of an `AccessToken2`.
fn unwrap_007(token: &str) -> Vec<u8> {
    encoding::inflate(&standard(&token[3..])).unwrap()
}

#[test]
fn claims_serialise_in_the_order_of_the_token() {
    let token = access_token2::mint(|_| {});
    let verdict = check(&token, &anything());
    assert_eq!(
        serde_json::to_string(&verdict).unwrap(),
        concat!(
            r#"{"valid":true,"claims":{"kind":"access_token","#,
            r#""app_id":"0123456789abcdef0123456789ABCDEF","channel":"room-1","user":"user-7","#,
            r#""issued_at":1700000000,"expires_in":3600,"expires_at":1700003600,"salt":12345678,"#,
            r#""services":[{"code":1,"service":"rtc","channel":"room-1","user":"user-7","#,
            r#""privileges":[{"code":1,"name":"join_channel","written":3600,"#,
            r#""expires_at":1700003600},{"code":2,"name":"publish_audio","written":3600,"#,
            r#""expires_at":1700003600},{"code":3,"name":"publish_video","written":3600,"#,
            r#""expires_at":1700003600},{"code":4,"name":"publish_data","written":3600,"#,
            r#""expires_at":1700003600}]}]},"signed_with":"primary"}"#,
        )
    );
}

#[test]
fn a_refusal_names_its_reason_and_place() {
    for (token, json) in [
        ("007junk!", r#"{"valid":false,"reason":"malformed","where":"base64"}"#),
        ("", r#"{"valid":false,"reason":"malformed","where":"empty"}"#),
        (
            wrap_usersig(r#"{"TLS.ver":"2.0"}"#).as_str(),
            r#"{"valid":false,"reason":"malformed","where":"field_missing","field":"TLS.time"}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&check(token, &anything())).unwrap(), json);
    }
}

#[test]
fn a_refusal_of_a_readable_token_says_what_is_missing_or_over() {
    let token = access_token2::mint(|_| {});
    let json = |verdict| serde_json::to_value::<Verdict>(verdict).unwrap();

    let late = json(check_at(&token, &anything(), NOW + 4000));
    assert_eq!((&late["reason"], &late["since"]), (&"expired".into(), &(NOW + 3600).into()));
    assert_eq!(late["signed_with"], "primary");

    let token = access_token2::mint(|request| {
        request.privileges = RtcPrivileges::of(Role::Subscriber, 0);
    });
    let needs_rtc = &[RtcPrivilege::PublishVideo];
    let lacking = json(check(&token, &Expected { needs_rtc, ..anything() }));
    assert_eq!(lacking["missing"], serde_json::json!(["publish_video"]));
    assert_eq!(lacking["claims"]["channel"], "room-1");
}

#[test]
fn a_secret_signs_only_what_it_is_for() {
    let [_, certificate] = keys();
    let as_usersig_key = Candidate { purpose: Purpose::UserSig, ..certificate };
    let token = access_token2::mint(|_| {});
    let verdict = verify(&token, &anything(), &[as_usersig_key], NOW, 0).unwrap();
    assert_eq!(verdict.refusal.map(super::Refusal::wire_name), Some("bad_signature"));
    assert_eq!(verdict.trusted(), None);
    assert!(matches!(verdict.as_written, Some(Claims::AccessToken2(_))));
}

#[test]
fn a_006_token_asks_for_its_channel_and_user() {
    let token = access_token::mint(|_| {});
    let answer = verify(&token, &anything(), &keys(), NOW, 0);
    let Err(NeedsChannelAndUser { as_written }) = answer else {
        panic!("verified without channel and user: {answer:?}");
    };
    assert_eq!(as_written.expires_at(), NOW + 86_400);
}
