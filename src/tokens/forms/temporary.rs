//! The form of temporary tokens.

use serde::Deserialize;

use super::super::order::{self, AccessTokenOrder, Format};
use super::super::{ACCESS_TOKEN_LIFETIME_S_MAX, UserId};
use super::{both, certificate, optional};
use crate::i18n::Texts;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::web::Field;

/// What was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemporaryInput {
    #[serde(default)]
    channel: String,
    /// Empty for any user.
    #[serde(default)]
    user: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    format: String,
    /// Of a pasted certificate.
    #[serde(default)]
    app_id: String,
    #[serde(default)]
    certificate: Secret,
}

/// What is to be minted, and with which certificate unless the app's own.
pub struct Temporary {
    /// The token.
    pub order: AccessTokenOrder,
    /// The App ID and certificate that were pasted.
    pub pasted: Option<(String, Secret)>,
}

/// The form as it is shown.
pub struct TemporaryForm {
    /// Fields in the order of the page.
    pub channel: Field,
    /// See above.
    pub user: Field,
    /// See above.
    pub role: Field,
    /// See above.
    pub format: Field,
    /// See above.
    pub app_id: Field,
    /// See above.
    pub certificate: Field,
}

impl Default for TemporaryForm {
    fn default() -> Self {
        Self {
            channel: Field::new("channel", ""),
            user: Field::new("user", ""),
            role: Field::new("role", "publisher"),
            format: Field::new("format", Format::Token007.as_str()),
            app_id: Field::new("app_id", ""),
            certificate: Field::new("certificate", ""),
        }
    }
}

impl TemporaryForm {
    /// All fields.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 6] {
        [&self.channel, &self.user, &self.role, &self.format, &self.app_id, &self.certificate]
    }

    /// Whether the part for special cases holds something.
    #[must_use]
    pub fn is_special(&self) -> bool {
        !self.format.has(Format::Token007.as_str())
            || !self.app_id.value.is_empty()
            || [&self.format, &self.app_id, &self.certificate].iter().any(|field| field.is_bad())
    }
}

impl TemporaryInput {
    /// The form as it was sent.
    #[must_use]
    pub fn form(&self) -> TemporaryForm {
        TemporaryForm {
            channel: Field::new("channel", self.channel.clone()),
            user: Field::new("user", self.user.clone()),
            role: Field::new("role", self.role.clone()),
            format: Field::new("format", self.format.clone()),
            app_id: Field::new("app_id", self.app_id.clone()),
            certificate: Field::new("certificate", ""),
        }
    }

    /// A whole order, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(self, t: Texts) -> Result<Temporary, Box<TemporaryForm>> {
        let channel = order::channel(self.channel.trim());
        let user: Result<Option<UserId>, Problem> = optional(&self.user, order::user);
        let role = order::role(&self.role).ok_or(Problem::UnknownChoice);
        let format = Format::parse(&self.format).ok_or(Problem::UnknownChoice);
        let (app_id, certificate) = both(
            optional(&self.app_id, order::app_id),
            optional(self.certificate.expose(), certificate),
        );
        match (channel, user, role, format, app_id, certificate) {
            (Ok(channel), Ok(user), Ok(role), Ok(format), Ok(app_id), Ok(certificate)) => {
                let lifetime_s = ACCESS_TOKEN_LIFETIME_S_MAX;
                let order = AccessTokenOrder { channel, user, role, format, lifetime_s };
                Ok(Temporary { order, pasted: app_id.zip(certificate) })
            }
            (channel, user, role, format, app_id, certificate) => Err(Box::new(TemporaryForm {
                channel: Field::again("channel", self.channel, &channel, t),
                user: Field::again("user", self.user, &user, t),
                role: Field::again("role", self.role, &role, t),
                format: Field::again("format", self.format, &format, t),
                app_id: Field::again("app_id", self.app_id, &app_id, t),
                certificate: Field::again("certificate", "", &certificate, t),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn input() -> TemporaryInput {
        TemporaryInput {
            channel: " room-101 ".into(),
            role: "subscriber".into(),
            format: "007".into(),
            ..TemporaryInput::default()
        }
    }

    fn refused(input: TemporaryInput) -> Box<TemporaryForm> {
        input.parse(Language::English.texts()).err().expect("refused")
    }

    #[test]
    fn a_channel_is_enough() {
        let temporary = input().parse(Language::English.texts()).ok().unwrap();
        assert_eq!(temporary.order.channel.as_str(), "room-101");
        assert_eq!(temporary.order.lifetime_s, 86_400);
        assert!(temporary.order.user.is_none() && temporary.pasted.is_none());
    }

    #[test]
    fn every_problem_is_marked_at_once() {
        let sent = TemporaryInput {
            channel: "会议".into(),
            user: "a b".into(),
            role: "host".into(),
            format: "005".into(),
            app_id: "x".into(),
            certificate: Secret::new("y".into()),
        };
        let form = refused(sent);
        assert!(form.fields().iter().all(|field| field.is_bad()));
        assert_eq!(form.channel.value, "会议");
        assert!(form.is_special());
    }

    #[test]
    fn a_pasted_certificate_never_comes_back() {
        let certificate = Secret::new("0123456789abcdef0123456789abcdef".into());
        let sent = TemporaryInput { certificate, ..input() };
        assert!(sent.form().certificate.value.is_empty());
        let form = refused(sent);
        assert!(form.app_id.is_bad(), "it needs its App ID");
        assert!(form.certificate.value.is_empty());
    }
}
