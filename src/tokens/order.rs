//! What somebody asks to be minted, whole and parsed: pages, API and command line make one from
//! what was sent and give it a key.

use super::{
    AccessToken2Request, AccessTokenRequest, ChannelName, MintProblem, NameProblem, Role, Room,
    RoomGrant, RoomPrivileges, RtcPrivileges, Salt, UserId, UserSigRequest, mint_access_token,
    mint_access_token2, mint_usersig,
};
use crate::clock::UtcTime;
use crate::ids::AppId;
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;

/// The longest lifetime of a `UserSig` that is offered, in seconds: 3,650 days.
pub const USERSIG_LIFETIME_S_MAX: u32 = 3_650 * 86_400;

crate::words! {
    /// The two formats of access tokens.
    pub enum Format {
        /// `AccessToken2`.
        Token007 = "007",
        /// `AccessToken`, for old SDKs.
        Token006 = "006",
    }
}

/// An access token to be minted.
#[derive(Clone)]
pub struct AccessTokenOrder {
    /// Which channel.
    pub channel: ChannelName,
    /// For whom; `None` for any user.
    pub user: Option<UserId>,
    /// What it allows.
    pub role: Role,
    /// In which format.
    pub format: Format,
    /// For how long, in seconds.
    pub lifetime_s: u32,
}

/// A `UserSig` to be minted.
#[derive(Clone)]
pub struct UserSigOrder {
    /// For whom.
    pub user: UserId,
    /// For how long, in seconds.
    pub lifetime_s: u32,
    /// A room and the rights in it, which make it a `PrivateMapKey`.
    pub room: Option<(Room, RoomPrivileges)>,
}

/// A token that was minted.
pub struct Minted {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: UtcTime,
}

impl AccessTokenOrder {
    /// Mints it.
    ///
    /// # Errors
    /// An App ID or certificate of another shape.
    pub fn mint(
        &self,
        app_id: &str,
        certificate: &Secret,
        now: UtcTime,
        random: &Random,
    ) -> Result<Minted, MintProblem> {
        let (certificate, issued_at) = (certificate.expose(), now.seconds());
        let (channel, user, lifetime_s) = (&self.channel, self.user.as_ref(), self.lifetime_s);
        let privileges = RtcPrivileges::of(self.role, lifetime_s);
        let salt = Salt::from_random(random.number());
        let token = match self.format {
            Format::Token007 => mint_access_token2(&AccessToken2Request {
                app_id,
                certificate,
                channel,
                user,
                privileges,
                issued_at,
                lifetime_s,
                salt,
            }),
            Format::Token006 => mint_access_token(&AccessTokenRequest {
                app_id,
                certificate,
                channel,
                user,
                privileges,
                issued_at,
                lifetime_s,
                salt,
            }),
        }?;
        Ok(Minted { token, expires_at: end(now, lifetime_s) })
    }
}

impl UserSigOrder {
    /// Mints it: with a room the `PrivateMapKey`.
    ///
    /// # Errors
    /// An empty key, an `SDKAppID` of 0, a room without any right, a user of digits alone.
    pub fn mint(&self, sdk_app_id: u32, key: &Secret, now: UtcTime) -> Result<Minted, MintProblem> {
        let room = self.room.as_ref();
        let token = mint_usersig(&UserSigRequest {
            sdk_app_id,
            key: key.expose(),
            user: &self.user,
            issued_at: now.seconds(),
            lifetime_s: self.lifetime_s,
            room: room.map(|(room, privileges)| RoomGrant { room, privileges: *privileges }),
        })?;
        Ok(Minted { token, expires_at: end(now, self.lifetime_s) })
    }

    /// The same without its room: the plain `UserSig` that a `PrivateMapKey` accompanies.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self { room: None, ..self.clone() }
    }
}

/// Tokens count in whole seconds.
fn end(now: UtcTime, lifetime_s: u32) -> UtcTime {
    UtcTime::from_seconds(now.seconds().saturating_add(lifetime_s.into()))
}

/// Reads the App ID of a certificate that is not the console's, as it was typed: its case counts.
///
/// # Errors
/// What is wrong with it.
pub fn app_id(text: &str) -> Result<String, Problem> {
    if AppId::looks_like(text) { Ok(text.to_owned()) } else { Err(Problem::NotAnAppId) }
}

/// Reads a user.
///
/// # Errors
/// What is wrong with it.
pub fn user(text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).map_err(|problem| named(problem, Problem::NotAUserId))
}

/// Reads a user of a `UserSig`.
///
/// # Errors
/// What is wrong with it.
pub fn usersig_user(text: &str) -> Result<UserId, Problem> {
    let user = user(text)?;
    user.allowed_in_usersig().map_err(|problem| named(problem, Problem::NotAUserId))?;
    Ok(user)
}

/// Reads a channel.
///
/// # Errors
/// What is wrong with it.
pub fn channel(text: &str) -> Result<ChannelName, Problem> {
    ChannelName::parse(text).map_err(|problem| named(problem, Problem::NotAChannelName))
}

/// Reads a room where one field is offered for both sorts.
///
/// # Errors
/// What is wrong with it.
pub fn room(text: &str) -> Result<Room, Problem> {
    Room::parse(text).map_err(room_problem)
}

/// What is wrong with a room.
#[must_use]
pub const fn room_problem(problem: NameProblem) -> Problem {
    match problem {
        NameProblem::OutOfRange { .. } => Problem::NotARoom,
        other => named(other, Problem::NotARoom),
    }
}

/// Checks a lifetime in seconds.
///
/// # Errors
/// [`Problem::NotInRange`].
pub fn lifetime(seconds: i64, max: u32) -> Result<u32, Problem> {
    u32::try_from(seconds)
        .ok()
        .filter(|seconds| (1..=max).contains(seconds))
        .ok_or(Problem::NotInRange { min: 1, max: max.into() })
}

/// The problem of a name in terms of its field.
const fn named(problem: NameProblem, characters: Problem) -> Problem {
    match problem {
        NameProblem::Empty => Problem::Missing,
        NameProblem::TooLong { bytes_max } => Problem::TooManyBytes { max: bytes_max },
        NameProblem::BadCharacter(_) | NameProblem::Wildcard => characters,
        NameProblem::AllDigits => Problem::AllDigits,
        NameProblem::OutOfRange { min, max } => {
            Problem::NotInRange { min: min as i64, max: max as i64 }
        }
    }
}

/// The role of a word.
#[must_use]
pub fn role(word: &str) -> Option<Role> {
    match word {
        "publisher" => Some(Role::Publisher),
        "subscriber" => Some(Role::Subscriber),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_in_the_words_of_their_field() {
        assert_eq!(user("a b").err(), Some(Problem::NotAUserId));
        assert_eq!(user("").err(), Some(Problem::Missing));
        assert_eq!(usersig_user("10086").err(), Some(Problem::AllDigits));
        assert!(user("10086").is_ok());
        assert_eq!(channel("1*a").err(), Some(Problem::NotAChannelName));
        assert_eq!(channel(&"c".repeat(64)).err(), Some(Problem::TooManyBytes { max: 63 }));
        assert_eq!(room("0").err(), Some(Problem::NotARoom));
        assert_eq!(room("4294967296").err(), Some(Problem::NotARoom));
        assert_eq!(room("房间").err(), Some(Problem::NotARoom));
        assert!(room("room-1").is_ok());
    }

    #[test]
    fn a_lifetime_is_at_least_a_second_and_has_an_end() {
        let out_of_range = Err(Problem::NotInRange { min: 1, max: 86_400 });
        for seconds in [i64::MIN, -1, 0, 86_401, 1 << 32, i64::MAX] {
            assert_eq!(lifetime(seconds, 86_400), out_of_range, "{seconds}");
        }
        assert_eq!(lifetime(1, 86_400), Ok(1));
        assert_eq!(lifetime(86_400, 86_400), Ok(86_400));
    }

    #[test]
    fn the_longest_usersig_with_a_room_can_be_minted() {
        let order = UserSigOrder {
            user: user("alice").unwrap(),
            lifetime_s: USERSIG_LIFETIME_S_MAX,
            room: Some((room("101").unwrap(), RoomPrivileges::ALL)),
        };
        let now = UtcTime::from_seconds(1_800_000_000);
        let key = Secret::new("0".repeat(64));
        let minted = order.mint(1_400_000_001, &key, now).unwrap();
        assert_eq!(minted.expires_at.seconds(), 1_800_000_000 + 315_360_000);
        assert_ne!(order.plain().mint(1_400_000_001, &key, now).unwrap().token, minted.token);
    }
}
