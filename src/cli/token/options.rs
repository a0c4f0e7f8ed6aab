//! The options of `switchroom token`, parsed as far as one can be by itself.

use std::path::PathBuf;

use clap::Args;

use super::{Misuse, misuse};
use crate::problem::Problem;
use crate::secret::Secret;
use crate::tokens::order;
use crate::tokens::{
    ACCESS_TOKEN_LIFETIME_S_MAX, ChannelName, MintProblem, Role, Room, RoomPrivileges,
    USERSIG_LIFETIME_S_DEFAULT, USERSIG_LIFETIME_S_MAX, UserId,
};

#[derive(Args)]
pub(in crate::cli) struct UserSigApp {
    /// The app's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) sdk_app_id: u32,
    #[command(flatten)]
    pub(super) key: Key,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Key {
    /// The app's key; other users of this host can see it in the list of processes
    #[arg(long, value_name = "K", value_parser = secret)]
    key: Option<Secret>,
    /// A file that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct AccessTokenApp {
    /// The App ID, 32 hex digits
    #[arg(long, value_name = "HEX", value_parser = app_id)]
    pub(super) app_id: String,
    #[command(flatten)]
    pub(super) certificate: Certificate,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Certificate {
    /// The App certificate; other users of this host can see it in the list of processes
    #[arg(long, value_name = "HEX", value_parser = secret)]
    certificate: Option<Secret>,
    /// A file that holds the certificate
    #[arg(long, value_name = "FILE")]
    certificate_file: Option<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct MintUserSig {
    #[command(flatten)]
    pub(super) app: UserSigApp,
    /// The user, not digits only
    #[arg(long, value_name = "U", value_parser = usersig_user)]
    pub(super) user: UserId,
    /// For how many seconds
    #[arg(long, value_name = "S", default_value_t = USERSIG_LIFETIME_S_DEFAULT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(USERSIG_LIFETIME_S_MAX)))]
    pub(super) expires_in: u32,
    /// A room: digits are a numeric room, anything else a string room
    #[arg(long, value_name = "R", value_parser = room)]
    pub(super) room: Option<Room>,
    /// The rights in the room, the sum of 1 create, 2 enter, 4 send and 8 receive audio, 16 send
    /// and 32 receive video, 64 send and 128 receive the screen
    #[arg(long, value_name = "P", requires = "room", value_parser = privileges)]
    pub(super) privileges: Option<RoomPrivileges>,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Args)]
pub(in crate::cli) struct MintAccessToken {
    #[command(flatten)]
    pub(super) app: AccessTokenApp,
    /// The channel
    #[arg(long, value_name = "C", value_parser = channel)]
    pub(super) channel: ChannelName,
    /// The user; without one any user may use the token
    #[arg(long, value_name = "U", value_parser = user)]
    pub(super) user: Option<UserId>,
    /// publisher joins and publishes, subscriber only joins
    #[arg(long, value_name = "publisher|subscriber", default_value = "publisher",
          value_parser = role)]
    pub(super) role: Role,
    /// For how many seconds
    #[arg(long, value_name = "S", default_value_t = ACCESS_TOKEN_LIFETIME_S_MAX,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(ACCESS_TOKEN_LIFETIME_S_MAX)))]
    pub(super) expires_in: u32,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Args)]
pub(in crate::cli) struct Output {
    /// Print JSON with the token and when it ends
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
pub(in crate::cli) struct VerifyUserSig {
    #[command(flatten)]
    pub(super) app: UserSigApp,
    /// The user it must be for
    #[arg(long, value_name = "U")]
    pub(super) user: Option<String>,
    /// The room it must be for: digits are a numeric room, anything else a string room
    #[arg(long, value_name = "R", value_parser = room)]
    pub(super) room: Option<Room>,
    /// The rights in the room that it must grant
    #[arg(long, value_name = "P", value_parser = privileges)]
    pub(super) privileges: Option<RoomPrivileges>,
    #[command(flatten)]
    pub(super) checked: Checked,
}

#[derive(Args)]
pub(in crate::cli) struct VerifyAccessToken {
    #[command(flatten)]
    pub(super) app: AccessTokenApp,
    /// The channel it must be for; a 006 token cannot be checked without
    #[arg(long, value_name = "C")]
    pub(super) channel: Option<String>,
    /// The user it must be for
    #[arg(long, value_name = "U")]
    pub(super) user: Option<String>,
    /// What it must allow
    #[arg(long, value_name = "publisher|subscriber", value_parser = role)]
    pub(super) role: Option<Role>,
    #[command(flatten)]
    pub(super) checked: Checked,
}

#[derive(Args)]
pub(in crate::cli) struct Checked {
    /// The token
    #[arg(long, value_name = "T")]
    pub(super) token: String,
    /// Taken so that the options of mint fit; the token itself says how long it lasts
    #[arg(long, value_name = "S", hide = true)]
    pub(super) expires_in: Option<u32>,
}

impl Key {
    pub(super) fn read(self) -> Result<Secret, Misuse> {
        let key = either(self.key, self.key_file.as_deref(), "--key-file")?;
        if key.expose().is_empty() { Err(misuse(MintProblem::Key)) } else { Ok(key) }
    }
}

impl Certificate {
    pub(super) fn read(self) -> Result<Secret, Misuse> {
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

/// Any text: its shape is checked later, where the message does not repeat it.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text.trim().to_owned()))
}

fn app_id(text: &str) -> Result<String, String> {
    order::app_id(text).map_err(|problem| words(&problem))
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
