//! What programs send of apps: JSON in, a whole value or all that is wrong with it out.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::forms::DESCRIPTION_CHARS_MAX;
use super::store::{AppChange, NewApp};
use super::{App, AppName, AppType, Platforms, Scenario, Services, Tags};
use crate::problem::{Problem, lines};
use crate::web::faults::Faults;

/// A new app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateJson {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scenario: String,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default, rename = "type")]
    app_type: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: Pairs,
}

fn scenario(word: &str) -> Result<Scenario, Problem> {
    Scenario::parse(word).ok_or(Problem::UnknownChoice)
}

fn app_type(word: &str) -> Result<AppType, Problem> {
    AppType::parse(word).ok_or(Problem::UnknownChoice)
}

impl CreateJson {
    /// A whole app.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn parse(self) -> Result<NewApp, Faults> {
        let mut faults = Faults::default();
        let name = faults.take("name", AppName::parse(&self.name));
        let scenario = faults.take("scenario", scenario(&self.scenario));
        let services = self.services.iter().map(String::as_str);
        let services = faults.take("services", Services::parse(services));
        let app_type = faults.take("type", self.app_type.as_deref().map(app_type).transpose());
        let description =
            faults.take("description", lines(&self.description, DESCRIPTION_CHARS_MAX));
        let tags = faults.take("tags", Tags::of_pairs(self.tags.0));
        match (name, scenario, services, app_type, description, tags) {
            (
                Some(name),
                Some(scenario),
                Some(services),
                Some(app_type),
                Some(description),
                Some(tags),
            ) => Ok(NewApp { name, scenario, app_type, description, services, tags }),
            _ => Err(faults),
        }
    }
}

/// What may be changed; what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditJson {
    #[serde(default)]
    name: Given<String>,
    #[serde(default)]
    scenario: Given<String>,
    /// The one that `null` empties.
    #[serde(default, rename = "type")]
    app_type: Given<String>,
    #[serde(default)]
    description: Given<String>,
    #[serde(default)]
    platforms: Given<Vec<String>>,
    #[serde(default)]
    tags: Given<Pairs>,
    #[serde(default)]
    status: Given<String>,
    /// The version that was read; another one in between refuses the change.
    #[serde(default)]
    version: Given<i64>,
}

impl EditJson {
    /// Whether it would turn the switch of an app, which belongs to people, who prove who they are.
    #[must_use]
    pub fn switches(&self, app: &App) -> bool {
        matches!(&self.status, Given::Value(status) if status != app.switch.as_str())
    }

    /// A whole change of an app and the version that it is made from.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn parse(self, app: &App) -> Result<(AppChange, i64), Faults> {
        let mut faults = Faults::default();
        let stored = || AppName { text: app.name.clone(), key: app.name_key.clone() };
        let name = faults.take("name", self.name.read(|text| AppName::parse(&text), stored));
        let scenario = self.scenario.read(|word| scenario(&word), || app.scenario);
        let scenario = faults.take("scenario", scenario);
        let app_type = match self.app_type {
            Given::Null => Ok(None),
            given => given.read(|word| app_type(&word).map(Some), || app.app_type),
        };
        let app_type = faults.take("type", app_type);
        let description = self.description;
        let description = description
            .read(|text| lines(&text, DESCRIPTION_CHARS_MAX), || app.description.clone());
        let description = faults.take("description", description);
        let platforms = |words: Vec<String>| {
            let words = words.iter().map(String::as_str);
            Platforms::parse(words).map_err(|_| Problem::UnknownChoice)
        };
        let platforms = self.platforms.read(platforms, || app.platforms());
        let platforms = faults.take("platforms", platforms);
        let tags = self.tags.read(|pairs| Tags::of_pairs(pairs.0), || app.tags.clone());
        let tags = faults.take("tags", tags);
        faults.take("status", self.status.read(Ok, String::new));
        let version = faults.take("version", self.version.read(Ok, || app.version));
        match (name, scenario, app_type, description, platforms, tags, version) {
            (
                Some(name),
                Some(scenario),
                Some(app_type),
                Some(description),
                Some(platforms),
                Some(tags),
                Some(version),
            ) if faults.is_empty() => {
                let statistics_zone = None;
                let change = AppChange {
                    name,
                    scenario,
                    app_type,
                    description,
                    platforms,
                    tags,
                    statistics_zone,
                };
                Ok((change, version))
            }
            _ => Err(faults),
        }
    }
}

/// A field of a change.
#[derive(Default)]
enum Given<T> {
    /// Left out: what is stored stays.
    #[default]
    Absent,
    /// `null`, which serde alone would take for left out.
    Null,
    /// A value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Null, Self::Value))
    }
}

impl<T> Given<T> {
    /// The value that is read, or the stored one; what is stored must not become nothing.
    fn read<U>(
        self,
        parse: impl FnOnce(T) -> Result<U, Problem>,
        stored: impl FnOnce() -> U,
    ) -> Result<U, Problem> {
        match self {
            Self::Absent => Ok(stored()),
            Self::Null => Err(Problem::Missing),
            Self::Value(value) => parse(value),
        }
    }
}

/// An object of texts as it came: a map would keep the last of two with one key.
#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        from.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn created(input: Value) -> Result<NewApp, Vec<&'static str>> {
        let input: CreateJson = serde_json::from_value(input).unwrap();
        input.parse().map_err(|faults| faults.fields().collect())
    }

    #[test]
    fn a_key_that_comes_twice_is_not_passed_over() {
        let text =
            r#"{"name":"Blue","scenario":"other","services":["im"],"tags":{"a":"1","a":"2"}}"#;
        let input: CreateJson = serde_json::from_str(text).unwrap();
        let faults = input.parse().map_err(|faults| faults.fields().collect::<Vec<_>>());
        assert_eq!(faults.unwrap_err(), ["tags"]);
    }

    #[test]
    fn null_is_neither_a_value_nor_left_out() {
        for (text, is_null) in [("{}", false), (r#"{"name":null}"#, true)] {
            let input: EditJson = serde_json::from_str(text).unwrap();
            assert_eq!(matches!(input.name, Given::Null), is_null, "{text}");
            assert_eq!(matches!(input.name, Given::Absent), !is_null, "{text}");
        }
    }

    /// Any JSON, as deep as programs nest it.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,40}".prop_map(Value::from),
            prop::sample::select(vec!["rtc", "im", "other", "game", "web", "Blue"])
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_field_holds_it_is_read_or_blamed_and_nothing_else_is(
            field in prop::sample::select(
                vec!["name", "scenario", "services", "type", "description", "tags"],
            ),
            value in any_json(),
        ) {
            let mut input = json!({"name": "Blue", "scenario": "other", "services": ["im"]});
            input[field] = value;
            let Ok(read) = serde_json::from_value::<CreateJson>(input.clone()) else { return Ok(()) };
            if let Err(faults) = read.parse() {
                prop_assert_eq!(faults.fields().collect::<Vec<_>>(), [field], "{}", input);
            }
        }

        #[test]
        fn what_was_read_of_an_app_is_what_was_sent(
            name in "[A-Za-z课堂]{2,32}",
            tags in prop::collection::btree_map("[a-z课]{1,64}", "[A-Za-z0-9 =堂]{0,64}", 0..20),
            rtc in any::<bool>(),
        ) {
            let services = if rtc { vec!["im", "rtc"] } else { vec!["im"] };
            let app = created(json!({
                "name": name, "scenario": "other", "services": services, "tags": tags,
            })).unwrap();
            prop_assert_eq!(app.name.text, name);
            prop_assert_eq!(app.services, Services { rtc, im: true });
            let read: Vec<_> = app.tags.all().iter().map(|tag| (&*tag.key, &*tag.value)).collect();
            let sent: Vec<_> = tags.iter().map(|(key, value)| (&**key, value.trim())).collect();
            prop_assert_eq!(read, sent);
        }

        #[test]
        fn no_bytes_make_the_readers_panic(
            body in prop::collection::vec(any::<u8>(), 0..200),
            text in "\\{(\"(name|tags|type|status|version|platforms)\":(null|1|\"a\"|\\{\"a\":\"b\"\\}|\\[\"web\"\\]),?){0,6}\\}",
        ) {
            for body in [&body[..], text.as_bytes()] {
                if let Ok(input) = serde_json::from_slice::<CreateJson>(body) {
                    drop(input.parse());
                }
                drop(serde_json::from_slice::<EditJson>(body));
            }
        }
    }
}
