//! The vendors' own packages judge our tokens, and we judge theirs.
//!
//! * `tls-sig-api-v2` for Node and Python has no verifier: ours must equal what the package makes
//!   at the same instant, text for text inside the compression, and its signing routine must
//!   give our signature.
//! * `agora-token` for Node also verifies 007 tokens, of all ten services.
//! * 006 tokens are not compressed, so ours and theirs (Node, Python) must be the same string.
//!
//! Input is random, from a seed that is printed and can be given again.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use switchroom::tokens::{
    Candidate, Claims, Expected, Purpose, Refusal, Room, RoomBinding, RoomPrivileges, RtcPrivilege,
    Slot, UserId, Verdict, verify,
};

#[path = "cases.rs"]
mod cases;
#[path = "judge.rs"]
mod judge;

use cases::{AccessTokenCase, UserSigCase, words};
use judge::{Judge, with};

pub use judge::are_judges_prepared;

/// A new seed.
pub fn any_seed() -> u64 {
    rand::random()
}

/// Asks the SDK of Tencent Cloud about a text message: to sign it, or to send it.
///
/// # Errors
/// What it says is wrong.
pub fn about_sms(what: &str, request: &Value) -> Result<Value, String> {
    Judge::python()?.ask(what, request)
}

/// Has the packages mint `cases` tokens of each kind, which must verify here as what they are
/// and as nothing else. Returns how many were judged.
///
/// # Errors
/// The first disagreement.
pub fn mint_there_verify_here(cases: usize, seed: u64) -> Result<usize, String> {
    println!("mint there, verify here: {cases} cases of each kind, seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut node, mut python) = (Judge::node()?, Judge::python()?);
    for _ in 0..cases {
        let case = UserSigCase::random(&mut random)?;
        for judge in [&mut node, &mut python] {
            is_usersig_of(&case, &judge.mint(&case.request())?)?;
        }

        let case = AccessTokenCase::random(&mut random)?;
        is_007_of(&case, &node.mint(&case.request("access_token"))?)?;
        for judge in [&mut node, &mut python] {
            is_006_of(&case, &judge.mint(&case.request("access_token_006"))?)?;
        }
        by_role(&mut node, &mut random, &case)?;
        all_services(&mut node, &mut random, &case)?;
    }
    Ok(cases * 7)
}

/// Mints `cases` tokens of each kind here, which the packages must accept, and must make
/// themselves for the same request. Returns how many judgements were made.
///
/// # Errors
/// The first disagreement.
pub fn mint_here_check_there(cases: usize, seed: u64) -> Result<usize, String> {
    println!("mint here, check there: {cases} cases of each kind, seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut node, mut python) = (Judge::node()?, Judge::python()?);
    for judge in [&mut node, &mut python] {
        refuses_others(judge, &mut random)?;
    }
    for _ in 0..cases {
        let case = UserSigCase::random(&mut random)?;
        let token = case.mint()?;
        node.check(&case.request(), &token)?;
        python.check(&case.request(), &token)?;

        let case = AccessTokenCase::random(&mut random)?;
        node.check(&case.request("access_token"), &case.mint_007()?)?;
        let token = case.mint_006()?;
        node.check(&case.request("access_token_006"), &token)?;
        python.check(&case.request("access_token_006"), &token)?;
    }
    Ok(cases * 5)
}

/// A judge that finds everything right is none.
fn refuses_others(judge: &mut Judge, random: &mut StdRng) -> Result<(), String> {
    let (one, other) = (UserSigCase::random(random)?, UserSigCase::random(random)?);
    let accepts_usersig = judge.check(&one.request(), &other.mint()?).is_ok();
    let (one, other) = (AccessTokenCase::random(random)?, AccessTokenCase::random(random)?);
    let accepts_006 = judge.check(&one.request("access_token_006"), &other.mint_006()?).is_ok();
    if accepts_usersig || accepts_006 {
        return Err("a judge accepts the token of another request".to_owned());
    }
    Ok(())
}

fn is_usersig_of(case: &UserSigCase, token: &str) -> Result<(), String> {
    let expected = Expected {
        sdk_app_id: case.sdk_app_id,
        user: Some(case.user.as_str()),
        room: case.room.as_ref().map_or(RoomBinding::Unbound, |(room, _)| RoomBinding::Room(room)),
        needs_room: case.room.as_ref().map_or(RoomPrivileges::NONE, |(_, rights)| *rights),
        ..Expected::default()
    };
    let asked = Asked { purpose: Purpose::UserSig, secret: &case.key, token, expected };
    let verdict = asked.answer_at(case.now)?;
    let Some(Claims::UserSig(claims)) = verdict.trusted() else {
        return Err(format!("{token} of {case:?}: {verdict:?}"));
    };
    let end = case.now + i64::from(case.expires_in);
    same(token, &(claims.issued_at, claims.expires_at), &(case.now, end))?;
    let has_name = matches!(case.room, Some((Room::Text(_), _)));
    let written = claims.room_key.as_ref();
    same(token, &written.is_some_and(|room_key| room_key.room_name.is_some()), &has_name)?;

    asked.must_be(None, end)?;
    asked.must_be(Some("expired"), end + 1)?;
    asked.nothing_else_fits(case.now)
}

fn is_007_of(case: &AccessTokenCase, token: &str) -> Result<(), String> {
    let asked = Asked::about(case, token);
    let verdict = asked.answer_at(case.now)?;
    let Some(Claims::AccessToken2(claims)) = verdict.trusted() else {
        return Err(format!("{token} of {case:?}: {verdict:?}"));
    };
    let end = case.now + i64::from(case.expires_in);
    same(token, &(claims.issued_at, claims.expires_at), &(case.now, end))?;
    same(token, &claims.salt, &case.salt)?;
    same(token, &claims.user.as_deref(), &Some(case.user.as_ref().map_or("", UserId::as_str)))?;
    let written = claims.services.iter().flat_map(|service| &service.privileges);
    let written: Vec<_> = written.map(|grant| (grant.code, grant.written)).collect();
    let granted = case.privileges.granted();
    same(token, &written, &granted.map(|(it, seconds)| (it.code(), seconds)).collect())?;

    asked.without_needs().must_be(Some("expired"), end)?;
    asked.without_needs().must_be(Some("not_yet_valid"), case.now - 1)?;
    asked.nothing_else_fits(case.now)
}

fn is_006_of(case: &AccessTokenCase, token: &str) -> Result<(), String> {
    same(token, &case.mint_006()?.as_str(), &token)?;
    let asked = Asked::about(case, token);
    asked.must_be(None, case.now)?;
    asked.without_needs().must_be(Some("expired"), case.now + i64::from(case.expires_in))?;
    asked.nothing_else_fits(case.now)
}

/// A token from the builder that applications use.
fn by_role(node: &mut Judge, random: &mut StdRng, case: &AccessTokenCase) -> Result<(), String> {
    let is_publisher = random.random_bool(0.5);
    let role = if is_publisher { "publisher" } else { "subscriber" };
    let request = with(&case.request("access_token_by_role"), "role", role);
    let token = node.mint(&with(&request, "privilege_in", 0))?;
    let mut asked = Asked::about(case, &token);
    asked.must_be(None, case.now)?;
    asked.expected.needs_rtc = &RtcPrivilege::ALL;
    asked.must_be((!is_publisher).then_some("missing_privilege"), case.now)
}

/// A token with any services.
fn all_services(
    node: &mut Judge,
    random: &mut StdRng,
    case: &AccessTokenCase,
) -> Result<(), String> {
    let (made, shown) = cases::services(random);
    let request = case.request("access_token_services");
    let token = node.mint(&with(&request, "services", made.clone()))?;
    let expected = Expected { app_id: &case.app_id, ..Expected::default() };
    let verdict = Asked { expected, ..Asked::about(case, &token) }.answer_at(case.now)?;
    let Some(Claims::AccessToken2(claims)) = verdict.trusted() else {
        return Err(format!("{token} of {made:?}: {verdict:?}"));
    };
    let mut written = serde_json::to_value(&claims.services).map_err(words)?;
    for (written, service) in written.as_array_mut().into_iter().flatten().zip(&claims.services) {
        // Names and ends of privileges are ours; code and value are the token's.
        let grants: Vec<_> = service.privileges.iter().map(|it| (it.code, it.written)).collect();
        *written = with(written, "privileges", json!(grants));
    }
    same(&token, &written, &Value::Array(shown))
}

/// A question about a token.
#[derive(Clone, Copy)]
struct Asked<'a> {
    purpose: Purpose,
    secret: &'a str,
    token: &'a str,
    expected: Expected<'a>,
}

impl<'a> Asked<'a> {
    fn about(case: &'a AccessTokenCase, token: &'a str) -> Self {
        let user = case.user.as_ref().map_or("whoever", UserId::as_str);
        let expected = Expected {
            app_id: &case.app_id,
            user: Some(user),
            channel: Some(case.channel.as_str()),
            needs_rtc: &[RtcPrivilege::JoinChannel],
            ..Expected::default()
        };
        Self { purpose: Purpose::AccessToken, secret: &case.certificate, token, expected }
    }

    fn without_needs(self) -> Self {
        Self { expected: Expected { needs_rtc: &[], ..self.expected }, ..self }
    }

    fn answer_at(&self, now: i64) -> Result<Verdict, String> {
        let Self { purpose, secret, token, expected } = *self;
        let candidate = Candidate { purpose, slot: Slot::Primary, secret };
        verify(token, &expected, &[candidate], now, 0).map_err(words)
    }

    fn must_be(&self, reason: Option<&str>, now: i64) -> Result<(), String> {
        let refusal = self.answer_at(now)?.refusal;
        same(self.token, &refusal.map(Refusal::wire_name), &reason)
    }

    /// Another app, another key, another user and another channel are each refused.
    fn nothing_else_fits(&self, now: i64) -> Result<(), String> {
        let expected = self.expected;
        let other_app = Expected { sdk_app_id: 0, app_id: "", ..expected };
        Self { expected: other_app, ..*self }.must_be(Some("wrong_app"), now)?;
        Self { secret: "another", ..*self }.must_be(Some("bad_signature"), now)?;
        let other_user = Expected { user: Some("*"), ..expected };
        let any_user = expected.user == Some("whoever");
        let reason = (!any_user).then_some("wrong_user");
        Self { expected: other_user, ..*self }.must_be(reason, now)?;
        if expected.channel.is_some() {
            let other_channel = Expected { channel: Some("*"), ..expected };
            Self { expected: other_channel, ..*self }.must_be(Some("wrong_channel"), now)?;
        }
        Ok(())
    }
}

fn same<T: PartialEq + std::fmt::Debug>(token: &str, got: &T, wanted: &T) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    Err(format!("{token}: got {got:?}, wanted {wanted:?}"))
}
