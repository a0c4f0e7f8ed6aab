//! `switchroom token`: minting and checking without a database, with keys from the command line.

mod options;

use std::process::ExitCode;

use clap::Subcommand;

use options::{MintAccessToken, MintUserSig, Output, VerifyAccessToken, VerifyUserSig};

use super::output::{complain, say};
use crate::clock::Clock;
use crate::ids::AppId;
use crate::random::Random;
use crate::secret::Secret;
use crate::tokens::actions::LEEWAY_S;
use crate::tokens::order::{AccessTokenOrder, Format, UserSigOrder};
use crate::tokens::{
    Candidate, Expected, Kind, MintProblem, Minted, Purpose, Role, RoomBinding, RoomPrivileges,
    RtcPrivilege, Slot, Verdict, verify,
};

#[derive(Subcommand)]
pub(super) enum Token {
    /// Make a token; prints it alone on its line
    #[command(subcommand)]
    Mint(Mint),
    /// Check a token; prints its claims as JSON, exits 0 when it is valid and 1 when it is refused
    #[command(subcommand)]
    Verify(Verify),
}

#[derive(Subcommand)]
pub(super) enum Mint {
    /// A UserSig, or with a room the PrivateMapKey for it
    Usersig(MintUserSig),
    /// An AccessToken2 (007) for a channel
    AccessToken(MintAccessToken),
}

#[derive(Subcommand)]
pub(super) enum Verify {
    /// A UserSig or PrivateMapKey
    Usersig(VerifyUserSig),
    /// An access token, 007 or 006
    AccessToken(VerifyAccessToken),
}

/// An option of the wrong sort: it is named, and a secret in it is not repeated.
struct Misuse(String);

impl Token {
    pub(super) fn run(self) -> ExitCode {
        let (clock, random) = (Clock::system(), Random::system());
        match self.carry_out(&clock, &random) {
            Ok((text, code)) => match say!("{text}") {
                Ok(()) => code,
                Err(error) => super::report(Err(error.into())),
            },
            Err(Misuse(text)) => {
                complain!("error: {text}");
                ExitCode::from(2)
            }
        }
    }

    fn carry_out(self, clock: &Clock, random: &Random) -> Result<(String, ExitCode), Misuse> {
        let now = clock.now();
        let minted = |output: &Output, minted| (output.print(&minted), ExitCode::SUCCESS);
        match self {
            Self::Mint(Mint::Usersig(mint)) => {
                let privileges = mint.privileges.unwrap_or(RoomPrivileges::ALL);
                let room = mint.room.map(|room| (room, privileges));
                let order = UserSigOrder { user: mint.user, lifetime_s: mint.expires_in, room };
                let key = mint.app.key.read()?;
                let done = order.mint(mint.app.sdk_app_id, &key, now).map_err(misuse)?;
                Ok(minted(&mint.output, done))
            }
            Self::Mint(Mint::AccessToken(mint)) => {
                let order = AccessTokenOrder {
                    channel: mint.channel,
                    user: mint.user,
                    role: mint.role,
                    format: Format::Token007,
                    lifetime_s: mint.expires_in,
                };
                let certificate = mint.app.certificate.read()?;
                let done = order.mint(&mint.app.app_id, &certificate, now, random);
                Ok(minted(&mint.output, done.map_err(misuse)?))
            }
            Self::Verify(Verify::Usersig(verify)) => told(&verify.verdict(now.seconds())?),
            Self::Verify(Verify::AccessToken(verify)) => told(&verify.verdict(now.seconds())?),
        }
    }
}

fn told(verdict: &Verdict) -> Result<(String, ExitCode), Misuse> {
    let text = serde_json::to_string(verdict).map_err(|error| Misuse(error.to_string()))?;
    let code = if verdict.is_valid() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    Ok((text, code))
}

impl Output {
    fn print(&self, minted: &Minted) -> String {
        if !self.json {
            return minted.token.clone();
        }
        let expires_at = minted.expires_at.to_string();
        serde_json::json!({ "token": minted.token, "expires_at": expires_at }).to_string()
    }
}

impl VerifyUserSig {
    fn verdict(self, now: i64) -> Result<Verdict, Misuse> {
        let key = self.app.key.read()?;
        let expected = Expected {
            kind: Some(Kind::UserSig),
            sdk_app_id: self.app.sdk_app_id,
            user: self.user.as_deref(),
            room: self.room.as_ref().map_or(RoomBinding::Any, RoomBinding::Room),
            needs_room: self.privileges.unwrap_or_default(),
            ..Expected::default()
        };
        judge(&self.checked.token, &expected, Purpose::UserSig, &key, now)
    }
}

impl VerifyAccessToken {
    fn verdict(self, now: i64) -> Result<Verdict, Misuse> {
        let certificate = self.app.certificate.read()?;
        if !AppId::looks_like(certificate.expose()) {
            return Err(misuse(MintProblem::Certificate));
        }
        let kind = match Kind::of(&self.checked.token) {
            Kind::AccessToken => Kind::AccessToken,
            Kind::AccessToken2 | Kind::UserSig => Kind::AccessToken2,
        };
        let all = RtcPrivilege::ALL;
        let needs_rtc: &[_] = match self.role {
            None => &[],
            Some(Role::Publisher) => &all,
            Some(Role::Subscriber) => &[RtcPrivilege::JoinChannel],
        };
        let expected = Expected {
            kind: Some(kind),
            app_id: &self.app.app_id,
            user: self.user.as_deref(),
            channel: self.channel.as_deref(),
            needs_rtc,
            ..Expected::default()
        };
        judge(&self.checked.token, &expected, Purpose::AccessToken, &certificate, now)
    }
}

fn judge(
    token: &str,
    expected: &Expected<'_>,
    purpose: Purpose,
    secret: &Secret,
    now: i64,
) -> Result<Verdict, Misuse> {
    let candidate = Candidate { purpose, slot: Slot::Primary, secret: secret.expose() };
    verify(token, expected, &[candidate], now, LEEWAY_S)
        .map_err(|needs| Misuse(format!("--channel and --user: {needs}")))
}

/// Names the option behind a problem. Whoever runs the program has read the others' limits.
fn misuse(problem: MintProblem) -> Misuse {
    let option = match problem {
        MintProblem::User(_) => "--user",
        MintProblem::SdkAppId => "--sdk-app-id",
        MintProblem::AppId => "--app-id",
        MintProblem::Certificate => "--certificate",
        MintProblem::Key => "--key",
        MintProblem::Lifetime | MintProblem::Time => "--expires-in",
        MintProblem::NoPrivilege => "--privileges",
    };
    Misuse(format!("{option}: {problem}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::clock::UtcTime;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        token: Token,
    }

    const APP: &str = "--app-id 6f2c91d07be34a58a07d4416c3fe92b1";
    const CERTIFICATE: &str = "--certificate 0123456789abcdef0123456789abcdef";

    fn run(line: &str) -> Result<(String, bool), String> {
        let words = std::iter::once("token").chain(line.split_whitespace());
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        let clock = Clock::standing_at(UtcTime::from_seconds(1_800_000_000));
        let done = line.token.carry_out(&clock, &Random::seeded(1));
        done.map(|(text, code)| (text, code == ExitCode::SUCCESS)).map_err(|misuse| misuse.0)
    }

    #[test]
    fn what_is_minted_verifies_with_the_same_options() {
        for (kind, options) in [
            ("usersig", "--sdk-app-id 1400000001 --key k3y --user u1"),
            ("usersig", "--sdk-app-id 1 --key k --user u1 --room 7 --privileges 42"),
            ("access-token", &format!("{APP} {CERTIFICATE} --channel c1")),
            (
                "access-token",
                &format!("{APP} {CERTIFICATE} --channel c1 --user 5 --role subscriber"),
            ),
        ] {
            let (token, _) = run(&format!("mint {kind} {options} --expires-in 60")).unwrap();
            assert!(!token.contains(char::is_whitespace));
            let again = format!("verify {kind} {options} --expires-in 60 --token {token}");
            let (json, is_valid) = run(&again).unwrap();
            assert!(is_valid, "{json}");
            assert!(json.starts_with(r#"{"valid":true,"claims":{"kind":"#), "{json}");
        }
    }

    #[test]
    fn a_refusal_has_its_reason_and_fails() {
        let (token, _) =
            run(&format!("mint access-token {APP} {CERTIFICATE} --channel c1")).unwrap();
        let (json, is_valid) =
            run(&format!("verify access-token {APP} {CERTIFICATE} --channel c2 --token {token}"))
                .unwrap();
        assert!(!is_valid && json.contains(r#""reason":"wrong_channel""#), "{json}");
        let (json, is_valid) =
            run("verify usersig --sdk-app-id 1 --key k --token rubbish").unwrap();
        assert!(!is_valid && json.contains(r#""reason":"malformed""#), "{json}");
    }

    #[test]
    fn an_option_of_the_wrong_sort_is_named_and_no_secret_repeated() {
        for (line, option) in [
            ("mint usersig --sdk-app-id 1 --user u", "--key"),
            ("mint usersig --sdk-app-id 0 --key k --user u", "--sdk-app-id"),
            ("mint usersig --sdk-app-id 1 --key k --user 10086", "--user"),
            ("mint usersig --sdk-app-id 1 --key k --user u --expires-in 0", "--expires-in"),
            ("mint usersig --sdk-app-id 1 --key k --user u --expires-in 315360001", "--expires-in"),
            ("mint usersig --sdk-app-id 1 --key k --user u --room 0", "--room"),
            ("mint usersig --sdk-app-id 1 --key k --user u --privileges 1", "--room"),
            ("mint usersig --sdk-app-id 1 --key-file /none --user u", "--key-file"),
            ("mint access-token --app-id x --certificate s3cr3t --channel c", "--app-id"),
            (&format!("mint access-token {APP} --certificate s3cr3t --channel c"), "--certificate"),
            (&format!("mint access-token {APP} {CERTIFICATE} --channel c*"), "--channel"),
            (&format!("mint access-token {APP} {CERTIFICATE} --channel c --role x"), "--role"),
            (
                &format!("mint access-token {APP} {CERTIFICATE} --channel c --expires-in 86401"),
                "--expires-in",
            ),
        ] {
            let message = run(line).expect_err(line);
            assert!(message.contains(option), "{line}: {message}");
            assert!(!message.contains("s3cr3t"), "{message}");
        }
    }

    #[test]
    fn json_says_when_it_ends() {
        let (json, _) =
            run("mint usersig --sdk-app-id 1 --key k --user u --expires-in 60 --json").unwrap();
        assert!(json.contains(r#""expires_at":"2027-01-15T08:01:00Z""#), "{json}");
    }
}
