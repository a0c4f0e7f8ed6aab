//! What a member is given: a role, and how much of the workspace it is for.

use serde::{Deserialize, Serialize};

use super::Role;
use crate::ids::SdkAppId;

crate::words! {
    /// How much of a workspace a member reaches, in a word.
    pub enum ReachKind {
        /// Every app.
        All = "all",
        /// The apps that are listed for the member.
        Apps = "apps",
        /// The apps that carry a tag.
        Tag = "tag",
    }
}

/// The most apps that are listed for a member.
pub const REACH_APPS_MAX: usize = 100;

/// How much of a workspace a member reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every app.
    All,
    /// These, in the order of their numbers.
    Apps(Vec<SdkAppId>),
    /// Those that carry a tag, also apps of later.
    Tag {
        /// Its key.
        key: String,
        /// Its value.
        value: String,
    },
}

impl Reach {
    /// Puts together what is stored apart. A tag without its words reaches nothing rather than everything.
    #[must_use]
    pub fn stored(
        kind: ReachKind,
        (key, value): (Option<String>, Option<String>),
        mut apps: Vec<SdkAppId>,
    ) -> Self {
        apps.sort_unstable();
        match (kind, key, value) {
            (ReachKind::All, ..) => Self::All,
            (ReachKind::Tag, Some(key), Some(value)) => Self::Tag { key, value },
            (ReachKind::Apps | ReachKind::Tag, ..) => Self::Apps(apps),
        }
    }

    /// Its word.
    #[must_use]
    pub const fn kind(&self) -> ReachKind {
        match self {
            Self::All => ReachKind::All,
            Self::Apps(_) => ReachKind::Apps,
            Self::Tag { .. } => ReachKind::Tag,
        }
    }

    /// The apps that are listed.
    #[must_use]
    pub fn apps(&self) -> &[SdkAppId] {
        match self {
            Self::Apps(apps) => apps,
            Self::All | Self::Tag { .. } => &[],
        }
    }

    /// Key and value of the tag.
    #[must_use]
    pub fn tag(&self) -> Option<(&str, &str)> {
        match self {
            Self::Tag { key, value } => Some((key, value)),
            Self::All | Self::Apps(_) => None,
        }
    }

    /// All of it, as the audit log keeps it: `all`, `apps 1400000001 1400000002`, `tag team=a`.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Apps(apps) => {
                apps.iter().fold("apps".to_owned(), |out, app| format!("{out} {app}"))
            }
            Self::Tag { key, value } => format!("tag {key}={value}"),
        }
    }
}

/// What a member is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What they may do.
    pub role: Role,
    /// With which apps.
    pub reach: Reach,
}

impl Grant {
    /// A role for all apps.
    #[must_use]
    pub const fn whole(role: Role) -> Self {
        Self { role, reach: Reach::All }
    }

    /// Whether there is such a thing: some roles are never limited.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        !self.role.is_unlimited() || self.reach == Reach::All
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_put_together_as_it_was_taken_apart() {
        let tag = Reach::Tag { key: "team".into(), value: "a".into() };
        let apps = Reach::Apps(vec![SdkAppId(1), SdkAppId(2)]);
        for (reach, words) in [(Reach::All, "all"), (apps, "apps 1 2"), (tag, "tag team=a")] {
            let tag = reach.tag().map(|(key, value)| (key.to_owned(), value.to_owned())).unzip();
            let back =
                Reach::stored(reach.kind(), tag, reach.apps().iter().rev().copied().collect());
            assert_eq!(back, reach);
            assert_eq!(reach.in_full(), words);
        }
    }

    #[test]
    fn a_tag_without_its_words_reaches_nothing() {
        let reach = Reach::stored(ReachKind::Tag, (Some("team".into()), None), vec![]);
        assert_eq!(reach, Reach::Apps(vec![]));
    }
}
