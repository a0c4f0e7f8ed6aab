//! The forms of members: what somebody is given, and leaving.

use serde::Deserialize;

use crate::apps::Tags;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::problem::{Problem, TeamProblem, has_control};
use crate::web::Field;
use crate::workspaces::{Grant, REACH_APPS_MAX, Reach, ReachKind, Role};

/// The most characters of what is typed as a tag.
const TAG_CHARS_MAX: usize = 129;

/// What was sent as a role and a reach.
pub struct GrantInput<'a> {
    /// The word of a role.
    pub role: &'a str,
    /// The word of a reach.
    pub reach: &'a str,
    /// Numbers of apps.
    pub apps: &'a [String],
    /// `key=value`.
    pub tag: &'a str,
}

/// The fields of a grant as they are shown.
#[derive(Clone)]
pub struct GrantForm {
    /// The role.
    pub role: Field,
    /// The word of the reach.
    pub reach: Field,
    /// The numbers of the apps, separated by commas.
    pub apps: Field,
    /// The tag.
    pub tag: Field,
}

impl GrantForm {
    /// The fields with what is stored.
    #[must_use]
    pub fn of(grant: &Grant) -> Self {
        let apps = grant.reach.apps().iter().map(ToString::to_string).collect::<Vec<_>>();
        let tag = grant.reach.tag().map(|(key, value)| format!("{key}={value}"));
        Self {
            role: Field::new("role", grant.role.as_str()),
            reach: Field::new("reach", grant.reach.kind().as_str()),
            apps: Field::new("apps", apps.join(",")),
            tag: Field::new("tag", tag.unwrap_or_default()),
        }
    }

    /// The fields of a new member, with nothing chosen that anybody would have to take back.
    #[must_use]
    pub fn new() -> Self {
        let reach = Field::new("reach", ReachKind::All.as_str());
        Self { reach, role: Field::new("role", ""), ..Self::of(&Grant::whole(Role::Viewer)) }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 4] {
        [&self.role, &self.reach, &self.apps, &self.tag]
    }
}

impl Default for GrantForm {
    fn default() -> Self {
        Self::new()
    }
}

impl GrantInput<'_> {
    /// A grant that somebody of a role may give, of the apps that they are offered; or the fields with every problem
    /// marked.
    ///
    /// # Errors
    /// The fields.
    pub fn parse(&self, by: Role, offered: &[SdkAppId], t: Texts) -> Result<Grant, Box<GrantForm>> {
        let role = self.role(by);
        let apps = self.apps(offered);
        let tag = self.tag();
        let reach = self.kind();
        match (role, reach, apps, tag) {
            (Ok(role), Ok(kind), Ok(apps), Ok(tag)) => {
                Ok(Grant { role, reach: Reach::stored(kind, tag.unzip(), apps) })
            }
            (role, reach, apps, tag) => Err(Box::new(GrantForm {
                role: Field::again("role", self.role, &role, t),
                reach: Field::again("reach", self.reach, &reach, t),
                apps: Field::again("apps", self.apps.join(","), &apps, t),
                tag: Field::again("tag", self.tag, &tag, t),
            })),
        }
    }

    /// The fields with what was sent.
    #[must_use]
    pub fn again(&self) -> GrantForm {
        GrantForm {
            role: Field::new("role", self.role),
            reach: Field::new("reach", self.reach),
            apps: Field::new("apps", self.apps.join(",")),
            tag: Field::new("tag", self.tag),
        }
    }

    fn role(&self, by: Role) -> Result<Role, Problem> {
        if self.role.trim().is_empty() {
            return Err(Problem::NothingChosen);
        }
        let role = Role::parse(self.role).ok_or(Problem::UnknownChoice)?;
        if by.may_manage(role) {
            Ok(role)
        } else {
            Err(Problem::Team(TeamProblem::NotYoursToManage))
        }
    }

    /// The reach; some roles have all of it, whatever the form says, which hides it then.
    fn kind(&self) -> Result<ReachKind, Problem> {
        if self.is_unlimited() {
            return Ok(ReachKind::All);
        }
        ReachKind::parse(self.reach).ok_or(Problem::UnknownChoice)
    }

    fn is_unlimited(&self) -> bool {
        Role::parse(self.role).is_some_and(Role::is_unlimited)
    }

    fn has(&self, kind: ReachKind) -> bool {
        !self.is_unlimited() && self.reach == kind.as_str()
    }

    /// The apps; what was ticked is not looked at where they are not asked for.
    fn apps(&self, offered: &[SdkAppId]) -> Result<Vec<SdkAppId>, Problem> {
        if !self.has(ReachKind::Apps) {
            return Ok(Vec::new());
        }
        let known = |text: &String| {
            let app = text.parse::<SdkAppId>().ok()?;
            offered.contains(&app).then_some(app)
        };
        let apps = self.apps.iter().map(known).collect::<Option<Vec<_>>>();
        let mut apps = apps.ok_or(Problem::UnknownChoice)?;
        apps.sort_unstable();
        apps.dedup();
        if apps.len() > REACH_APPS_MAX {
            return Err(Problem::Team(TeamProblem::TooManyApps { max: REACH_APPS_MAX }));
        }
        if apps.is_empty() {
            return Err(Problem::Team(TeamProblem::NoAppChosen));
        }
        Ok(apps)
    }

    /// The tag; one that is not asked for may be left half written.
    fn tag(&self) -> Result<Option<(String, String)>, Problem> {
        if has_control(self.tag) {
            return Err(Problem::ControlCharacters);
        }
        if self.tag.chars().count() > TAG_CHARS_MAX {
            return Err(Problem::TooLong { max: TAG_CHARS_MAX });
        }
        if !self.has(ReachKind::Tag) {
            return Ok(None);
        }
        let text = self.tag.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        let (key, value) = text.split_once('=').ok_or(Problem::Team(TeamProblem::NotOneTag))?;
        let tags = Tags::of_pairs([(key.to_owned(), value.to_owned())]);
        let tags = tags.map_err(|problem| match problem {
            Problem::NotATag => Problem::Team(TeamProblem::NotOneTag),
            problem => problem,
        })?;
        let tag = tags.all().first().ok_or(Problem::Team(TeamProblem::NotOneTag))?;
        Ok(Some((tag.key.clone(), tag.value.clone())))
    }
}

/// What was sent to change a member.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeInput {
    #[serde(default)]
    version: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    reach: String,
    #[serde(default)]
    apps: Vec<String>,
    #[serde(default)]
    tag: String,
}

impl ChangeInput {
    /// Role and reach.
    #[must_use]
    pub fn grant(&self) -> GrantInput<'_> {
        GrantInput { role: &self.role, reach: &self.reach, apps: &self.apps, tag: &self.tag }
    }

    /// The version that the form was made from; one that nothing has counts as outdated.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version.parse().unwrap_or(0)
    }
}

/// What was sent to leave.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveInput {
    #[serde(default)]
    sure: String,
}

impl LeaveInput {
    /// Insists that the box was ticked.
    ///
    /// # Errors
    /// The field to show again.
    pub fn check(&self, t: Texts) -> Result<(), Field> {
        if self.sure == "yes" {
            return Ok(());
        }
        Err(Field::new("sure", "").blamed(&Problem::Team(TeamProblem::NotSure), t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn parsed(fields: (&str, &str, &[&str], &str), by: Role) -> Result<Grant, Vec<&'static str>> {
        let apps: Vec<_> = fields.2.iter().map(|app| (*app).to_owned()).collect();
        let input = GrantInput { role: fields.0, reach: fields.1, apps: &apps, tag: fields.3 };
        let offered = [SdkAppId(1), SdkAppId(2)];
        input.parse(by, &offered, Language::English.texts()).map_err(|form| {
            let bad = form.fields().into_iter().filter(|field| field.is_bad());
            bad.map(|field| field.name).collect()
        })
    }

    #[test]
    fn a_role_with_a_reach_is_a_grant() {
        let apps = Reach::Apps(vec![SdkAppId(1), SdkAppId(2)]);
        let tag = Reach::Tag { key: "team".into(), value: "a=b".into() };
        for (fields, role, reach) in [
            (("viewer", "all", &[][..], ""), Role::Viewer, Reach::All),
            (("owner", "all", &["1"][..], "half"), Role::Owner, Reach::All),
            (("engineer", "apps", &["2", "1", "2"][..], ""), Role::Engineer, apps),
            (("admin", "tag", &[][..], ""), Role::Admin, Reach::All),
            (("finance", "tag", &[][..], " team = a=b "), Role::Finance, tag),
        ] {
            assert_eq!(parsed(fields, Role::Owner), Ok(Grant { role, reach }), "{fields:?}");
        }
    }

    #[test]
    fn each_field_is_blamed_for_what_is_wrong_with_it() {
        for (fields, bad) in [
            (("", "", &[][..], ""), vec!["role", "reach"]),
            (("king", "some", &["3"][..], "a\u{0}"), vec!["role", "reach", "tag"]),
            (("viewer", "apps", &["3"][..], ""), vec!["apps"]),
            (("viewer", "tag", &[][..], "a\u{0}=b"), vec!["tag"]),
            (("owner", "all", &[][..], ""), vec!["role"]),
            (("viewer", "apps", &[][..], ""), vec!["apps"]),
            (("viewer", "tag", &[][..], ""), vec!["tag"]),
            (("viewer", "tag", &[][..], "=b"), vec!["tag"]),
            (("viewer", "tag", &[][..], "b"), vec!["tag"]),
        ] {
            assert_eq!(parsed(fields, Role::Admin), Err(bad), "{fields:?}");
        }
    }
}
