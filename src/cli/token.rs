//! `switchroom token`: minting and checking without a database, with keys from the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::clock::Clock;
use crate::ids::AppId;
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;
use crate::tokens::actions::LEEWAY_S;
use crate::tokens::order::{self, AccessTokenOrder, Format, UserSigOrder};
use crate::tokens::{
    ACCESS_TOKEN_LIFETIME_S_MAX, Candidate, ChannelName, Expected, Kind, MintProblem, Minted,
    Purpose, Role, Room, RoomBinding, RoomPrivileges, RtcPrivilege, Slot,
    USERSIG_LIFETIME_S_DEFAULT, USERSIG_LIFETIME_S_MAX, UserId, Verdict, verify,
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

#[derive(Args)]
pub(super) struct UserSigApp {
    /// The app's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sdk_app_id: u32,
    #[command(flatten)]
    key: Key,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Key {
    /// The app's key; other users of this host can see it in the list of processes
    #[arg(long, value_name = "K", value_parser = secret)]
    key: Option<Secret>,
    /// A file that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct AccessTokenApp {
    /// The App ID, 32 hex digits
    #[arg(long, value_name = "HEX", value_parser = app_id)]
    app_id: String,
    #[command(flatten)]
    certificate: Certificate,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Certificate {
    /// The App certificate; other users of this host can see it in the list of processes
    #[arg(long, value_name = "HEX", value_parser = secret)]
    certificate: Option<Secret>,
    /// A file that holds the certificate
    #[arg(long, value_name = "FILE")]
    certificate_file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct MintUserSig {
    #[command(flatten)]
    app: UserSigApp,
    /// The user, not digits only
    #[arg(long, value_name = "U", value_parser = usersig_user)]
    user: UserId,
    /// For how many seconds
    #[arg(long, value_name = "S", default_value_t = USERSIG_LIFETIME_S_DEFAULT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(USERSIG_LIFETIME_S_MAX)))]
    expires_in: u32,
    /// A room: digits are a numeric room, anything else a string room
    #[arg(long, value_name = "R", value_parser = room)]
    room: Option<Room>,
    /// The rights in the room, the sum of 1 create, 2 enter, 4 send and 8 receive audio, 16 send
    /// and 32 receive video, 64 send and 128 receive the screen
    #[arg(long, value_name = "P", requires = "room", value_parser = privileges)]
    privileges: Option<RoomPrivileges>,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub(super) struct MintAccessToken {
    #[command(flatten)]
    app: AccessTokenApp,
    /// The channel
    #[arg(long, value_name = "C", value_parser = channel)]
    channel: ChannelName,
    /// The user; without one any user may use the token
    #[arg(long, value_name = "U", value_parser = user)]
    user: Option<UserId>,
    /// publisher joins and publishes, subscriber only joins
    #[arg(long, value_name = "publisher|subscriber", default_value = "publisher",
          value_parser = role)]
    role: Role,
    /// For how many seconds
    #[arg(long, value_name = "S", default_value_t = ACCESS_TOKEN_LIFETIME_S_MAX,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(ACCESS_TOKEN_LIFETIME_S_MAX)))]
    expires_in: u32,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub(super) struct Output {
    /// Print JSON with the token and when it ends
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct VerifyUserSig {
    #[command(flatten)]
    app: UserSigApp,
    /// The user it must be for
    #[arg(long, value_name = "U")]
    user: Option<String>,
    /// The room it must be for: digits are a numeric room, anything else a string room
    #[arg(long, value_name = "R", value_parser = room)]
    room: Option<Room>,
    /// The rights in the room that it must grant
    #[arg(long, value_name = "P", value_parser = privileges)]
    privileges: Option<RoomPrivileges>,
    #[command(flatten)]
    checked: Checked,
}

#[derive(Args)]
pub(super) struct VerifyAccessToken {
    #[command(flatten)]
    app: AccessTokenApp,
    /// The channel it must be for; a 006 token cannot be checked without
    #[arg(long, value_name = "C")]
    channel: Option<String>,
    /// The user it must be for
    #[arg(long, value_name = "U")]
    user: Option<String>,
    /// What it must allow
    #[arg(long, value_name = "publisher|subscriber", value_parser = role)]
    role: Option<Role>,
    #[command(flatten)]
    checked: Checked,
}

#[derive(Args)]
pub(super) struct Checked {
    /// The token
    #[arg(long, value_name = "T")]
    token: String,
    /// Taken so that the options of mint fit; the token itself says how long it lasts
    #[arg(long, value_name = "S", hide = true)]
    expires_in: Option<u32>,
}

/// An option of the wrong sort: it is named, and a secret in it is not repeated.
struct Misuse(String);

impl Token {
    pub(super) fn run(self) -> ExitCode {
        let (clock, random) = (Clock::system(), Random::system());
        match self.carry_out(&clock, &random) {
            Ok((text, code)) => {
                println!("{text}");
                code
            }
            Err(Misuse(text)) => {
                eprintln!("error: {text}");
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

impl Key {
    fn read(self) -> Result<Secret, Misuse> {
        let key = either(self.key, self.key_file.as_deref(), "--key-file")?;
        if key.expose().is_empty() { Err(misuse(MintProblem::Key)) } else { Ok(key) }
    }
}

impl Certificate {
    fn read(self) -> Result<Secret, Misuse> {
        either(self.certificate, self.certificate_file.as_deref(), "--certificate-file")
    }
}

/// A secret that was given, or the first line's worth of a file.
fn either(
    given: Option<Secret>,
    file: Option<&std::path::Path>,
    option: &str,
) -> Result<Secret, Misuse> {
    match (given, file) {
        (Some(given), _) => Ok(given),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| Secret::new(text.trim().to_owned()))
            .map_err(|error| Misuse(format!("{option}: {}: {error}", path.display()))),
        (None, None) => Err(Misuse(format!("{option} is missing"))),
    }
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

/// Any text: its shape is checked later, where the message does not repeat it.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text.trim().to_owned()))
}

fn app_id(text: &str) -> Result<String, String> {
    if AppId::looks_like(text) { Ok(text.to_owned()) } else { Err(words(&Problem::NotAnAppId)) }
}

fn user(text: &str) -> Result<UserId, String> {
    order::user(text).map_err(|problem| words(&problem))
}

fn usersig_user(text: &str) -> Result<UserId, String> {
    order::usersig_user(text).map_err(|problem| words(&problem))
}

fn channel(text: &str) -> Result<ChannelName, String> {
    order::channel(text).map_err(|problem| words(&problem))
}

fn room(text: &str) -> Result<Room, String> {
    order::room(text).map_err(|problem| words(&problem))
}

fn role(text: &str) -> Result<Role, String> {
    order::role(text).ok_or_else(|| "it is publisher or subscriber".to_owned())
}

fn privileges(text: &str) -> Result<RoomPrivileges, String> {
    let max = RoomPrivileges::ALL.bits();
    text.parse()
        .ok()
        .filter(|bits| *bits > 0)
        .and_then(|bits| RoomPrivileges::parse(bits).ok())
        .ok_or_else(|| words(&Problem::NotInRange { min: 1, max: max.into() }))
}

fn words(problem: &Problem) -> String {
    problem.text(crate::i18n::Language::English.texts())
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
