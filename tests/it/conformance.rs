//! The vendors' own packages judge our tokens and requests, and we judge theirs. `tests/conformance/prepare`
//! installs the packages.

use serde_json::{Value, json};

use crate::sms::{put, round_of, worker};
use crate::support::db::Filling;
use crate::support::gateway::{Kind, SECRET_ID, SECRET_KEY, SmsGateway};
use crate::support::{Sqlite, is_required, start};

#[path = "../conformance/judges.rs"]
mod judges;

/// Of each kind.
const CASES: usize = 25;

/// Whether the official packages are installed; fails where they must be.
pub fn are_judges_here() -> bool {
    let here = judges::are_judges_prepared();
    assert!(here || !is_required("conformance"), "run tests/conformance/prepare");
    if !here {
        eprintln!("SKIPPED: the official packages; run tests/conformance/prepare");
    }
    here
}

#[test]
fn what_the_official_packages_mint_is_verified_here() {
    if are_judges_here() {
        let judged = judges::mint_there_verify_here(CASES, judges::any_seed());
        assert_eq!(judged, Ok(CASES * 7));
    }
}

#[test]
fn what_is_minted_here_is_accepted_by_the_official_packages() {
    if are_judges_here() {
        let judged = judges::mint_here_check_there(CASES, judges::any_seed());
        assert_eq!(judged, Ok(CASES * 5));
    }
}

#[test]
fn text_messages_are_asked_for_and_signed_as_by_the_official_package() {
    if !are_judges_here() {
        return;
    }
    let gateway = SmsGateway::start(Kind::Tencent);
    let url = gateway.url();
    let app = start(Sqlite, Filling::Cast, &[("sms_url", url.as_str())]).expect("SQLite");
    put(&app, "one");
    round_of(&worker(&app));
    let ours = gateway.expect(1).remove(0);
    let said: Value = serde_json::from_str(&ours.body).expect("JSON");
    let mut request = json!({
        "secret_id": SECRET_ID,
        "secret_key": SECRET_KEY,
        "host": ours.head["host"],
        "region": "ap-beijing",
        "now": app.clock().now().seconds(),
        "body": ours.body,
    });

    let theirs = judges::about_sms("sign_sms", &request).expect("an answer");

    assert_eq!(theirs["body"], said);
    let of_theirs = theirs["headers"].as_object().expect("headers");
    // Who asks, and in which language errors are: we read their codes alone.
    let optional = ["x-tc-requestclient", "x-tc-language"];
    let needed = of_theirs.iter().filter(|(name, _)| !optional.contains(&name.as_str()));
    for (name, value) in needed.clone() {
        assert_eq!(ours.head.get(name).map(String::as_str), value.as_str(), "{name}");
    }
    assert_eq!(needed.count(), 7, "{of_theirs:?}");

    // The server of our tests takes what the package sends, and nothing of it with another key.
    let sent = judges::about_sms("send_sms", &request).expect("an answer");
    assert_eq!(sent["status"], "Ok");
    let both = gateway.expect(2);
    assert_eq!((&both[0].number, &both[0].words), (&both[1].number, &both[1].words));
    request["secret_key"] = json!("another");
    assert!(judges::about_sms("send_sms", &request).is_err());
    assert_eq!(gateway.wrong().len(), 1);
}
