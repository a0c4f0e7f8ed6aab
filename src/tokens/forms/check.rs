//! The form that checks a token.

use serde::Deserialize;

use super::super::actions::Question;
use super::super::order;
use super::super::{Purpose, Room};
use super::{both, certificate, optional, sdk_app_id, usersig_key};
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

/// What was sent. (A form's field `token` is the one that binds it to its session.)
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckInput {
    #[serde(default)]
    credential: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    room: String,
    /// The App ID of a pasted certificate or the `SDKAppID` of a pasted key.
    #[serde(default)]
    app: String,
    #[serde(default)]
    key: Secret,
}

/// What is to be checked, and against which key unless the app's own.
pub struct Check {
    /// The token and what it must be for.
    pub question: Question,
    /// The app and key that were pasted.
    pub pasted: Option<Pasted>,
}

/// An app and its key that were pasted.
pub struct Pasted {
    /// The App ID, for access tokens; empty for a `UserSig`.
    pub app_id: String,
    /// The `SDKAppID`, for a `UserSig`; 0 for access tokens.
    pub sdk_app_id: u32,
    /// The certificate or key.
    pub key: Secret,
}

/// The form as it is shown.
pub struct CheckForm {
    /// Fields in the order of the page.
    pub credential: Field,
    /// See above.
    pub channel: Field,
    /// See above.
    pub user: Field,
    /// See above.
    pub room: Field,
    /// See above.
    pub app: Field,
    /// See above.
    pub key: Field,
}

impl Default for CheckForm {
    fn default() -> Self {
        CheckInput::default().form()
    }
}

impl CheckForm {
    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 6] {
        [&self.credential, &self.channel, &self.user, &self.room, &self.app, &self.key]
    }

    /// Whether the part about another key holds something.
    #[must_use]
    pub fn has_key(&self) -> bool {
        !self.app.value.is_empty() || self.app.is_bad() || self.key.is_bad()
    }

    /// The form after a 006 token came without what it takes to check it.
    #[must_use]
    pub fn needs_names(self, t: Texts) -> Self {
        let needs = &Problem::NeedsChannelAndUser;
        if self.channel.value.trim().is_empty() {
            Self { channel: self.channel.blamed(needs, t), ..self }
        } else {
            Self { user: self.user.blamed(needs, t), ..self }
        }
    }
}

impl CheckInput {
    /// The form as it was sent.
    #[must_use]
    pub fn form(&self) -> CheckForm {
        CheckForm {
            credential: Field::new("credential", self.credential.clone()),
            channel: Field::new("channel", self.channel.clone()),
            user: Field::new("user", self.user.clone()),
            room: Field::new("room", self.room.clone()),
            app: Field::new("app", self.app.clone()),
            key: Field::new("key", ""),
        }
    }

    /// A whole question, or the form to show again with every problem marked. Names are only
    /// compared, so only what cannot be read at all is a problem.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, t: Texts) -> Result<Check, Box<CheckForm>> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        // Mail and terminals break long lines, and no token has blanks.
        let token: String = self.credential.split_whitespace().collect();
        let token = text(&token).ok_or(Problem::Missing);
        let room: Result<Option<Room>, Problem> = optional(&self.room, order::room);
        let question = Question {
            token: token.clone().unwrap_or_default(),
            kind: None,
            user: text(&self.user),
            channel: text(&self.channel),
            room: room.clone().unwrap_or_default(),
        };
        let purpose = question.purpose();
        let app = optional(&self.app, |text| match purpose {
            Purpose::AccessToken => order::app_id(text).map(|app_id| (app_id, 0)),
            Purpose::UserSig => sdk_app_id(text).map(|id| (String::new(), id)),
        });
        let key = optional(self.key.expose(), |text| match purpose {
            Purpose::AccessToken => certificate(text),
            Purpose::UserSig => usersig_key(text),
        });
        let (app, key) = both(app, key);
        match (token, room, app, key) {
            (Ok(_), Ok(_), Ok(app), Ok(key)) => {
                let pasted = app.zip(key).map(|((app_id, sdk_app_id), key)| Pasted {
                    app_id,
                    sdk_app_id,
                    key,
                });
                Ok(Check { question, pasted })
            }
            (token, room, app, key) => Err(Box::new(CheckForm {
                credential: Field::again("credential", self.credential, &token, t),
                channel: Field::new("channel", self.channel),
                user: Field::new("user", self.user),
                room: Field::again("room", self.room, &room, t),
                app: Field::again("app", self.app, &app, t),
                key: Field::again("key", "", &key, t),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn parsed(input: CheckInput) -> Result<Check, Box<CheckForm>> {
        input.parse(Language::English.texts())
    }

    #[test]
    fn a_token_is_enough_whatever_it_is() {
        for token in ["007x", "006x", "eJx", "垃圾", "\u{0}"] {
            let input = CheckInput { credential: format!(" {token}\n"), ..CheckInput::default() };
            let check = parsed(input).ok().unwrap();
            assert_eq!(check.question.token, token);
            assert!(check.question.channel.is_none() && check.pasted.is_none());
        }
        assert!(parsed(CheckInput::default()).err().unwrap().credential.is_bad());
    }

    #[test]
    fn a_token_that_was_broken_into_lines_is_put_together() {
        let input = CheckInput { credential: "007eJx\r\n  abc\n".into(), ..CheckInput::default() };
        assert_eq!(parsed(input).ok().unwrap().question.token, "007eJxabc");
    }

    #[test]
    fn the_pasted_key_is_read_as_the_token_asks() {
        let sent = |credential: &str, app: &str, key: &str| CheckInput {
            credential: credential.into(),
            app: app.into(),
            key: Secret::new(key.into()),
            ..CheckInput::default()
        };
        let (hex, long) = ("0123456789abcdef0123456789ABCDEF", "5".repeat(64));
        let pasted = parsed(sent("007x", hex, hex)).ok().unwrap().pasted.unwrap();
        assert_eq!((pasted.app_id.as_str(), pasted.sdk_app_id), (hex, 0));
        let pasted = parsed(sent("eJx", "1400000001", &long)).ok().unwrap().pasted.unwrap();
        assert_eq!((pasted.app_id.as_str(), pasted.sdk_app_id), ("", 1_400_000_001));

        for (token, app, key) in
            [("007x", "1400000001", hex), ("eJx", hex, long.as_str()), ("007x", "", hex)]
        {
            let form = parsed(sent(token, app, key)).err().unwrap();
            assert!(form.app.is_bad() && form.key.value.is_empty(), "{token} {app}");
        }
        let form = parsed(sent("eJx", "1400000001", "")).err().unwrap();
        assert!(form.key.is_bad() && form.has_key());
    }

    #[test]
    fn a_006_token_says_which_name_it_lacks() {
        let t = Language::Chinese.texts();
        assert!(CheckForm::default().needs_names(t).channel.is_bad());
        let input = CheckInput { channel: "c1".into(), ..CheckInput::default() };
        assert!(input.form().needs_names(t).user.is_bad());
    }
}
