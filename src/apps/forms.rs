//! The forms of apps: raw input in, a whole value or the form to show again out.

use serde::Deserialize;

use super::store::{AppChange, NewApp};
use super::{App, AppName, AppType, Platforms, Scenario, Service, Services, Tags};
use crate::clock::Zone;
use crate::i18n::Texts;
use crate::problem::{Problem, lines};
use crate::submissions;
use crate::web::Field;

/// The most characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 300;

/// What was sent to create an app.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInput {
    #[serde(default)]
    submission: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scenario: String,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    app_type: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: String,
}

/// The form of a new app as it is shown.
pub struct CreateForm {
    /// The key that makes a second sending harmless.
    pub submission: String,
    /// The name.
    pub name: Field,
    /// The scenario.
    pub scenario: Field,
    /// The services, separated by commas.
    pub services: Field,
    /// The type.
    pub app_type: Field,
    /// The description.
    pub description: Field,
    /// The tags, a line each.
    pub tags: Field,
}

impl CreateForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn new(submission: String) -> Self {
        Self {
            submission,
            name: Field::new("name", ""),
            scenario: Field::new("scenario", Scenario::InteractiveTeaching.as_str()),
            services: Field::new("services", Service::Rtc.as_str()),
            app_type: Field::new("app_type", ""),
            description: Field::new("description", ""),
            tags: Field::new("tags", ""),
        }
    }

    /// The form where there is no room for another app with audio and video: messaging is chosen.
    #[must_use]
    pub fn for_messaging(self) -> Self {
        Self { services: Field::new("services", Service::Im.as_str()), ..self }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 6] {
        [&self.name, &self.scenario, &self.services, &self.app_type, &self.description, &self.tags]
    }
}

/// The fields that creating and editing share, as they were read.
struct Common {
    name: Result<AppName, Problem>,
    scenario: Result<Scenario, Problem>,
    app_type: Result<Option<AppType>, Problem>,
    description: Result<String, Problem>,
    tags: Result<Tags, Problem>,
}

impl Common {
    fn read(name: &str, scenario: &str, app_type: &str, description: &str, tags: &str) -> Self {
        Self {
            name: AppName::parse(name),
            scenario: Scenario::parse(scenario).ok_or(Problem::UnknownChoice),
            app_type: match app_type {
                "" => Ok(None),
                word => AppType::parse(word).map(Some).ok_or(Problem::UnknownChoice),
            },
            description: lines(description, DESCRIPTION_CHARS_MAX),
            tags: Tags::parse_lines(tags),
        }
    }
}

impl CreateInput {
    /// A whole app and the form's key, or the form to show again with every problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(&self, t: Texts) -> Result<(NewApp, String), Box<CreateForm>> {
        let common =
            Common::read(&self.name, &self.scenario, &self.app_type, &self.description, &self.tags);
        let services = self.read_services();
        let has_key = submissions::is_key(&self.submission);
        match (common, services) {
            (
                Common {
                    name: Ok(name),
                    scenario: Ok(scenario),
                    app_type: Ok(app_type),
                    description: Ok(description),
                    tags: Ok(tags),
                },
                Ok(services),
            ) if has_key => Ok((
                NewApp { name, scenario, app_type, description, services, tags },
                self.submission.clone(),
            )),
            (common, services) => Err(Box::new(self.form(&common, &services, t))),
        }
    }

    fn read_services(&self) -> Result<Services, Problem> {
        Services::parse(self.services.iter().map(String::as_str))
    }

    fn form(&self, common: &Common, services: &Result<Services, Problem>, t: Texts) -> CreateForm {
        CreateForm {
            submission: self.submission.clone(),
            name: Field::again("name", &self.name, &common.name, t),
            scenario: Field::again("scenario", &self.scenario, &common.scenario, t),
            services: Field::again("services", self.services.join(","), services, t),
            app_type: Field::again("app_type", &self.app_type, &common.app_type, t),
            description: Field::again("description", &self.description, &common.description, t),
            tags: Field::again("tags", &self.tags, &common.tags, t),
        }
    }

    /// The form with a problem that only the database or the member's scope could know.
    #[must_use]
    pub fn blame(&self, problem: &Problem, t: Texts) -> CreateForm {
        let services = self.read_services();
        let common =
            Common::read(&self.name, &self.scenario, &self.app_type, &self.description, &self.tags);
        let form = self.form(&common, &services, t);
        match problem {
            Problem::RtcQuota { .. } | Problem::ImQuota { .. } | Problem::NoMinutes => {
                CreateForm { services: form.services.blamed(problem, t), ..form }
            }
            Problem::TooManyTags { .. } => {
                CreateForm { tags: form.tags.blamed(problem, t), ..form }
            }
            _ => CreateForm { name: form.name.blamed(problem, t), ..form },
        }
    }
}

/// What was sent to edit an app.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditInput {
    #[serde(default)]
    version: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scenario: String,
    #[serde(default)]
    app_type: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(default)]
    tags: String,
    #[serde(default)]
    statistics_zone: String,
}

/// The form of an app as it is shown.
pub struct EditForm {
    /// The version that was shown; saving another's work away needs to be seen first.
    pub version: i64,
    /// The name.
    pub name: Field,
    /// The scenario.
    pub scenario: Field,
    /// The type.
    pub app_type: Field,
    /// The description.
    pub description: Field,
    /// The platforms, separated by commas.
    pub platforms: Field,
    /// The tags, a line each.
    pub tags: Field,
    /// The zone that its days are of.
    pub statistics_zone: Field,
}

impl EditForm {
    /// The form with what is stored.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let platforms: Vec<_> = app.platforms().words().collect();
        Self {
            version: app.version,
            name: Field::new("name", app.name.clone()),
            scenario: Field::new("scenario", app.scenario.as_str()),
            app_type: Field::new("app_type", app.app_type.map_or("", AppType::as_str)),
            description: Field::new("description", app.description.clone()),
            platforms: Field::new("platforms", platforms.join(",")),
            tags: Field::new("tags", app.tags.lines()),
            statistics_zone: Field::new("statistics_zone", app.statistics_zone.clone()),
        }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 7] {
        let Self { name, scenario, app_type, platforms, description, tags, .. } = self;
        [name, scenario, app_type, platforms, description, tags, &self.statistics_zone]
    }

    /// The form after somebody else saved: what was typed stays, each field that differs says what
    /// is stored now, and sending it again replaces that.
    #[must_use]
    pub fn beside(mut self, stored: &Self, t: Texts) -> Self {
        self.version = stored.version;
        let mut any = false;
        let words = stored.words(t);
        let pairs = [
            (&mut self.name, &stored.name),
            (&mut self.scenario, &stored.scenario),
            (&mut self.app_type, &stored.app_type),
            (&mut self.description, &stored.description),
            (&mut self.platforms, &stored.platforms),
            (&mut self.tags, &stored.tags),
            (&mut self.statistics_zone, &stored.statistics_zone),
        ];
        for ((typed, stored), words) in pairs.into_iter().zip(words) {
            if !holds_the_same(typed, stored) {
                any = true;
                let is_empty = words.is_empty();
                let said = if is_empty { t.stored_empty().into() } else { t.stored_now(&words) };
                typed.problem = Some(said);
            }
        }
        if !any {
            self.name = self.name.blamed(&Problem::ChangedMeanwhile, t);
        }
        self
    }

    /// What the fields hold in words, in the order of the page.
    fn words(&self, t: Texts) -> [String; 7] {
        let scenario = Scenario::parse(&self.scenario.value).map_or("", |one| one.name(t));
        let app_type = AppType::parse(&self.app_type.value).map_or("", |one| one.name(t));
        let platforms = Platforms::parse(self.platforms.words()).unwrap_or_default();
        let platforms = platforms.names().collect::<Vec<_>>();
        let tags = self.tags.value.lines().collect::<Vec<_>>();
        [
            self.name.value.clone(),
            scenario.to_owned(),
            app_type.to_owned(),
            self.description.value.clone(),
            platforms.join(" · "),
            tags.join(", "),
            self.statistics_zone.value.clone(),
        ]
    }
}

/// Whether two values of a field say the same: tags and platforms in whatever order, and browsers
/// end lines in their own way.
fn holds_the_same(typed: &Field, stored: &Field) -> bool {
    let platforms = |field: &Field| Platforms::parse(field.words()).ok();
    match typed.name {
        "tags" => Tags::parse_lines(&typed.value) == Tags::parse_lines(&stored.value),
        "platforms" => platforms(typed) == platforms(stored),
        _ => typed.value.trim().lines().eq(stored.value.trim().lines()),
    }
}

impl EditInput {
    /// A whole change and the version it was made from, or the form to show again with every
    /// problem marked.
    ///
    /// # Errors
    /// The form.
    pub fn parse(&self, t: Texts) -> Result<(AppChange, i64), Box<EditForm>> {
        let common =
            Common::read(&self.name, &self.scenario, &self.app_type, &self.description, &self.tags);
        let (platforms, zone) = (self.read_platforms(), self.read_zone());
        match (common, platforms, zone) {
            (
                Common {
                    name: Ok(name),
                    scenario: Ok(scenario),
                    app_type: Ok(app_type),
                    description: Ok(description),
                    tags: Ok(tags),
                },
                Ok(platforms),
                Ok(statistics_zone),
            ) => Ok((
                AppChange {
                    name,
                    scenario,
                    app_type,
                    description,
                    platforms,
                    tags,
                    statistics_zone,
                },
                self.version(),
            )),
            (common, platforms, _) => Err(Box::new(self.form(&common, &platforms, t))),
        }
    }

    fn read_platforms(&self) -> Result<Platforms, Problem> {
        Platforms::parse(self.platforms.iter().map(String::as_str))
            .map_err(|_| Problem::UnknownChoice)
    }

    /// The zone; `None` where the form has no choice of it.
    fn read_zone(&self) -> Result<Option<String>, Problem> {
        match self.statistics_zone.as_str() {
            "" => Ok(None),
            name => match Zone::named(name) {
                Some(_) => Ok(Some(name.to_owned())),
                None => Err(Problem::UnknownChoice),
            },
        }
    }

    /// A version that nothing has counts as outdated.
    fn version(&self) -> i64 {
        self.version.parse().unwrap_or(0)
    }

    fn form(&self, common: &Common, platforms: &Result<Platforms, Problem>, t: Texts) -> EditForm {
        EditForm {
            version: self.version(),
            name: Field::again("name", &self.name, &common.name, t),
            scenario: Field::again("scenario", &self.scenario, &common.scenario, t),
            app_type: Field::again("app_type", &self.app_type, &common.app_type, t),
            description: Field::again("description", &self.description, &common.description, t),
            platforms: Field::again("platforms", self.platforms.join(","), platforms, t),
            tags: Field::again("tags", &self.tags, &common.tags, t),
            statistics_zone: Field::again(
                "statistics_zone",
                &self.statistics_zone,
                &self.read_zone(),
                t,
            ),
        }
    }

    /// The form with what was typed.
    #[must_use]
    pub fn again(&self, t: Texts) -> EditForm {
        let common =
            Common::read(&self.name, &self.scenario, &self.app_type, &self.description, &self.tags);
        self.form(&common, &self.read_platforms(), t)
    }

    /// The form with a problem that only the database or the member's scope could know.
    #[must_use]
    pub fn blame(&self, problem: &Problem, t: Texts) -> EditForm {
        let form = self.again(t);
        match problem {
            Problem::TooManyTags { .. } => EditForm { tags: form.tags.blamed(problem, t), ..form },
            Problem::Days(_) => {
                EditForm { statistics_zone: form.statistics_zone.blamed(problem, t), ..form }
            }
            _ => EditForm { name: form.name.blamed(problem, t), ..form },
        }
    }
}
