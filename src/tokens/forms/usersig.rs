//! The form of `UserSig`s.

use serde::Deserialize;

use super::super::order::{self, UserSigOrder};
use super::super::{Room, RoomPrivileges, USERSIG_LIFETIME_S_DEFAULT, USERSIG_LIFETIME_S_MAX};
use super::{both, optional, sdk_app_id, usersig_key};
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

const DAY_S: u32 = 86_400;
/// The most days that a `UserSig` lasts.
const DAYS_MAX: u32 = USERSIG_LIFETIME_S_MAX / DAY_S;
/// How many it usually lasts.
const DAYS_DEFAULT: u32 = USERSIG_LIFETIME_S_DEFAULT / DAY_S;

/// What was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSigInput {
    #[serde(default)]
    user: String,
    #[serde(default)]
    days: String,
    /// Empty for a plain `UserSig`.
    #[serde(default)]
    room: String,
    #[serde(default)]
    privileges: Vec<String>,
    /// Of a pasted key.
    #[serde(default)]
    sdk_app_id: String,
    #[serde(default)]
    key: Secret,
}

/// What is to be minted, and with which key unless the app's own.
pub struct UserSig {
    /// The `UserSig`, perhaps with a room.
    pub order: UserSigOrder,
    /// The `SDKAppID` and key that were pasted.
    pub pasted: Option<(u32, Secret)>,
}

/// The form as it is shown.
pub struct UserSigForm {
    /// Fields in the order of the page.
    pub user: Field,
    /// See above.
    pub days: Field,
    /// See above.
    pub room: Field,
    /// See above.
    pub privileges: Field,
    /// See above.
    pub sdk_app_id: Field,
    /// See above.
    pub key: Field,
}

impl Default for UserSigForm {
    fn default() -> Self {
        let all: Vec<_> = RoomPrivileges::ALL.names().collect();
        Self {
            user: Field::new("user", ""),
            days: Field::new("days", DAYS_DEFAULT.to_string()),
            room: Field::new("room", ""),
            privileges: Field::new("privileges", all.join(",")),
            sdk_app_id: Field::new("sdk_app_id", ""),
            key: Field::new("key", ""),
        }
    }
}

impl UserSigForm {
    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 6] {
        [&self.user, &self.days, &self.room, &self.privileges, &self.sdk_app_id, &self.key]
    }

    /// Whether the part about a room holds something.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.room.value.is_empty() || self.room.is_bad() || self.privileges.is_bad()
    }

    /// Whether the part about another key holds something.
    #[must_use]
    pub fn has_key(&self) -> bool {
        !self.sdk_app_id.value.is_empty() || self.sdk_app_id.is_bad() || self.key.is_bad()
    }
}

impl UserSigInput {
    /// The form as it was sent.
    #[must_use]
    pub fn form(&self) -> UserSigForm {
        UserSigForm {
            user: Field::new("user", self.user.clone()),
            days: Field::new("days", self.days.clone()),
            room: Field::new("room", self.room.clone()),
            privileges: Field::new("privileges", self.privileges.join(",")),
            sdk_app_id: Field::new("sdk_app_id", self.sdk_app_id.clone()),
            key: Field::new("key", ""),
        }
    }

    /// A whole order, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, t: Texts) -> Result<UserSig, Box<UserSigForm>> {
        let user = order::usersig_user(self.user.trim());
        let days = days(self.days.trim());
        let room: Result<Option<Room>, Problem> = optional(&self.room, order::room);
        let privileges = privileges(&self.privileges);
        let privileges = match (&room, privileges) {
            // Without a room nobody looks at them.
            (Ok(None), Ok(_)) => Ok(RoomPrivileges::NONE),
            (_, Ok(none)) if none.is_none() => Err(Problem::UnknownChoice),
            (_, privileges) => privileges,
        };
        let (sdk_app_id, key) =
            both(optional(&self.sdk_app_id, sdk_app_id), optional(self.key.expose(), usersig_key));
        match (user, days, room, privileges, sdk_app_id, key) {
            (Ok(user), Ok(days), Ok(room), Ok(privileges), Ok(sdk_app_id), Ok(key)) => {
                let room = room.map(|room| (room, privileges));
                let order = UserSigOrder { user, lifetime_s: days.saturating_mul(DAY_S), room };
                Ok(UserSig { order, pasted: sdk_app_id.zip(key) })
            }
            (user, days, room, privileges, sdk_app_id, key) => Err(Box::new(UserSigForm {
                user: Field::again("user", self.user, &user, t),
                days: Field::again("days", self.days, &days, t),
                room: Field::again("room", self.room, &room, t),
                privileges: Field::again("privileges", self.privileges.join(","), &privileges, t),
                sdk_app_id: Field::again("sdk_app_id", self.sdk_app_id, &sdk_app_id, t),
                key: Field::again("key", "", &key, t),
            })),
        }
    }
}

fn days(text: &str) -> Result<u32, Problem> {
    let out_of_range = Problem::NotInRange { min: 1, max: DAYS_MAX.into() };
    text.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)).ok_or(out_of_range)
}

fn privileges(words: &[String]) -> Result<RoomPrivileges, Problem> {
    words.iter().try_fold(RoomPrivileges::NONE, |all, word| {
        let named = RoomPrivileges::NAMED.iter().find(|(name, _)| name == word);
        named.map(|(_, bit)| all | *bit).ok_or(Problem::UnknownChoice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn input() -> UserSigInput {
        UserSigInput { user: "teacher_01".into(), days: "180".into(), ..UserSigInput::default() }
    }

    fn parsed(input: UserSigInput) -> Result<UserSig, Box<UserSigForm>> {
        input.parse(Language::English.texts())
    }

    #[test]
    fn a_user_is_enough() {
        let usersig = parsed(input()).ok().unwrap();
        assert_eq!(usersig.order.lifetime_s, 15_552_000);
        assert!(usersig.order.room.is_none() && usersig.pasted.is_none());
    }

    #[test]
    fn a_room_takes_the_chosen_privileges_and_at_least_one() {
        let names = ["enter_room", "receive_audio", "receive_video"].map(str::to_owned);
        let sent = UserSigInput { room: "101".into(), privileges: names.to_vec(), ..input() };
        let (room, privileges) = parsed(sent.clone()).ok().unwrap().order.room.unwrap();
        assert_eq!((room, privileges), (Room::numeric(101).unwrap(), RoomPrivileges::AUDIENCE));

        let none = parsed(UserSigInput { privileges: vec![], ..sent.clone() }).err().unwrap();
        assert!(none.privileges.is_bad() && none.has_room());
        let unknown = UserSigInput { privileges: vec!["fly".into()], ..sent };
        assert!(parsed(unknown).err().unwrap().privileges.is_bad());
    }

    #[test]
    fn users_and_days_have_their_limits() {
        for user in ["10086", "a b", "", &"x".repeat(33)] {
            let form = parsed(UserSigInput { user: user.into(), ..input() }).err().unwrap();
            assert!(form.user.is_bad(), "{user}");
        }
        for days in ["0", "3651", "-1", "1.5", "", "x"] {
            let form = parsed(UserSigInput { days: days.into(), ..input() }).err().unwrap();
            assert!(form.days.is_bad(), "{days}");
        }
        assert!(parsed(UserSigInput { days: "3650".into(), ..input() }).is_ok());
    }

    #[test]
    fn a_pasted_key_never_comes_back() {
        let key = Secret::new("5".repeat(64));
        let sent = UserSigInput { sdk_app_id: "0".into(), key, ..input() };
        let form = parsed(sent).err().unwrap();
        assert!(form.sdk_app_id.is_bad() && form.has_key());
        assert!(form.key.value.is_empty());
    }
}
