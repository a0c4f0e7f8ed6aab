//! The forms of API keys.

use jiff::civil::Date;
use serde::Deserialize;

use super::key::{NAME_CHARS, end_of};
use super::{ApiScope, Lifetime, NewKey, Overlap};
use crate::clock::Zone;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::problem::{Problem, line};
use crate::submissions;
use crate::web::Field;

/// What was sent to create a key.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInput {
    #[serde(default)]
    submission: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    /// The app as it was sent; empty for all of them.
    #[serde(default)]
    pub app: String,
    #[serde(default)]
    lifetime: String,
    #[serde(default)]
    until: String,
}

/// The form of a new key as it is shown.
pub struct CreateForm {
    /// The key that makes a second sending harmless.
    pub submission: String,
    /// The name.
    pub name: Field,
    /// The permissions, separated by commas.
    pub scopes: Field,
    /// The app.
    pub app: Field,
    /// When it ends.
    pub lifetime: Field,
    /// The last day, for a day that is given.
    pub until: Field,
}

impl CreateForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn new(submission: String) -> Self {
        Self {
            submission,
            name: Field::new("name", ""),
            scopes: Field::new("scopes", ""),
            app: Field::new("app", ""),
            lifetime: Field::new("lifetime", Lifetime::Quarter.as_str()),
            until: Field::new("until", ""),
        }
    }

    /// All fields in the order of the page.
    #[must_use]
    pub const fn fields(&self) -> [&Field; 5] {
        [&self.name, &self.scopes, &self.app, &self.lifetime, &self.until]
    }

    /// A form without a key of the right shape gets one, or it could never be sent.
    #[must_use]
    pub fn renewed(self, submission: String) -> Self {
        if submissions::is_key(&self.submission) { self } else { Self { submission, ..self } }
    }
}

/// The fields as they were read.
struct Read {
    name: Result<String, Problem>,
    scopes: Result<Vec<ApiScope>, Problem>,
    app: Result<Option<SdkAppId>, Problem>,
    lifetime: Result<Lifetime, Problem>,
    /// Fine where no day is asked for.
    last_day: Result<Option<Date>, Problem>,
}

impl CreateInput {
    fn read(&self, app: Result<Option<SdkAppId>, Problem>, today: Date) -> Read {
        let lifetime = Lifetime::parse(&self.lifetime).ok_or(Problem::UnknownChoice);
        let last_day = match &lifetime {
            Ok(lifetime) => lifetime.last_day(&self.until, today),
            Err(_) => Ok(None),
        };
        let (min, max) = NAME_CHARS;
        Read {
            name: line(&self.name, min, max),
            scopes: self.read_scopes(),
            app,
            lifetime,
            last_day,
        }
    }

    fn read_scopes(&self) -> Result<Vec<ApiScope>, Problem> {
        let all: Option<Vec<_>> = self.scopes.iter().map(|word| ApiScope::parse(word)).collect();
        let mut all = all.ok_or(Problem::UnknownChoice)?;
        all.sort_unstable();
        all.dedup();
        if all.is_empty() { Err(Problem::NoScope) } else { Ok(all) }
    }

    /// A whole key and the form's key, or the form to show again with every problem marked. `app` is what
    /// [`Self::app`] is, as far as it is within reach.
    ///
    /// # Errors
    /// The form.
    pub fn parse(
        &self,
        app: Result<Option<SdkAppId>, Problem>,
        (today, zone): (Date, &Zone),
        t: Texts,
    ) -> Result<(NewKey, String), Box<CreateForm>> {
        let has_key = submissions::is_key(&self.submission);
        match self.read(app, today) {
            Read {
                name: Ok(name),
                scopes: Ok(scopes),
                app: Ok(app),
                lifetime: Ok(_),
                last_day: Ok(last_day),
            } if has_key => {
                let expires_at = last_day.and_then(|day| end_of(day, zone));
                Ok((NewKey { name, scopes, app, expires_at }, self.submission.clone()))
            }
            read => Err(Box::new(self.form(&read, t))),
        }
    }

    fn form(&self, read: &Read, t: Texts) -> CreateForm {
        CreateForm {
            submission: self.submission.clone(),
            name: Field::again("name", &*self.name, &read.name, t),
            scopes: Field::again("scopes", self.scopes.join(","), &read.scopes, t),
            app: Field::again("app", &*self.app, &read.app, t),
            lifetime: Field::again("lifetime", &*self.lifetime, &read.lifetime, t),
            until: Field::again("until", &*self.until, &read.last_day, t),
        }
    }

    /// The form with a problem that only the database could know.
    #[must_use]
    pub fn blame(&self, problem: &Problem, t: Texts) -> CreateForm {
        let form = self.form(
            &Read {
                name: Ok(String::new()),
                scopes: Ok(Vec::new()),
                app: Ok(None),
                lifetime: Ok(Lifetime::Never),
                last_day: Ok(None),
            },
            t,
        );
        match problem {
            // The app has gone meanwhile, or out of reach.
            Problem::ChangedMeanwhile => {
                CreateForm { app: form.app.blamed(&Problem::UnknownChoice, t), ..form }
            }
            _ => CreateForm { name: form.name.blamed(problem, t), ..form },
        }
    }
}

/// What was sent to roll a key.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollInput {
    #[serde(default)]
    overlap: String,
}

/// The overlap as it is first shown.
#[must_use]
pub fn overlap() -> Field {
    Field::new("overlap", Overlap::Day.as_str())
}

impl RollInput {
    /// How long the old key works on.
    ///
    /// # Errors
    /// The field to show again.
    pub fn parse(&self, t: Texts) -> Result<Overlap, Field> {
        let parsed = Overlap::parse(&self.overlap).ok_or(Problem::UnknownChoice);
        parsed.map_err(|problem| self.blame(&problem, t))
    }

    /// The field with a problem.
    #[must_use]
    pub fn blame(&self, problem: &Problem, t: Texts) -> Field {
        Field::new("overlap", &*self.overlap).blamed(problem, t)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::i18n::Language;

    fn good() -> CreateInput {
        CreateInput {
            submission: "0".repeat(32),
            name: " 报表 ".into(),
            scopes: vec!["statistics:read".into(), "apps:read".into(), "apps:read".into()],
            app: String::new(),
            lifetime: "30".into(),
            until: "nonsense".into(),
        }
    }

    fn parse(input: &CreateInput) -> Result<NewKey, Vec<&'static str>> {
        let day = (date(2026, 3, 2), &Zone::utc());
        let parsed = input.parse(Ok(None), day, Language::English.texts());
        parsed.map(|(key, _)| key).map_err(|form| {
            form.fields().into_iter().filter(|field| field.is_bad()).map(|it| it.name).collect()
        })
    }

    #[test]
    fn a_form_is_a_whole_key() {
        let key = parse(&good()).expect("a key");
        assert_eq!(key.name, "报表");
        assert_eq!(key.scopes, [ApiScope::AppsRead, ApiScope::StatisticsRead]);
        let end = key.expires_at.expect("an end");
        assert_eq!(end.to_string(), "2026-04-02T00:00:00Z");
        let never = CreateInput { lifetime: "never".into(), ..good() };
        assert_eq!(parse(&never).expect("a key").expires_at, None);
    }

    #[test]
    fn every_problem_is_marked_at_once() {
        let wrong =
            CreateInput { name: "a".into(), scopes: vec![], lifetime: "date".into(), ..good() };
        assert_eq!(parse(&wrong).expect_err("refused"), ["name", "scopes", "until"]);
        let wrong = CreateInput {
            name: "x".repeat(33),
            scopes: vec!["apps:read".into(), "nonsense".into()],
            lifetime: "31".into(),
            ..good()
        };
        assert_eq!(parse(&wrong).expect_err("refused"), ["name", "scopes", "lifetime"]);
        let no_key = CreateInput { submission: "x".into(), ..good() };
        assert_eq!(parse(&no_key).expect_err("refused"), Vec::<&str>::new());
    }
}
