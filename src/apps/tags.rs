//! Tags: `key=value` pairs by which apps are found and members limited.

use std::fmt::Write as _;

use crate::problem::{Problem, has_control};

/// The most tags of an app.
pub const TAGS_MAX: usize = 20;
/// The most characters of a key, and of a value.
const PART_CHARS_MAX: usize = 64;

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The key, unique in an app.
    pub key: String,
    /// The value; may be empty.
    pub value: String,
}

/// The tags of an app, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Reads a line a tag.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse_lines(text: &str) -> Result<Self, Problem> {
        let pairs = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let (key, value) = line.split_once('=').ok_or(Problem::NotATag)?;
            Ok((key.to_owned(), value.to_owned()))
        });
        Self::of_pairs(pairs.collect::<Result<Vec<_>, Problem>>()?)
    }

    /// Reads pairs of key and value.
    ///
    /// # Errors
    /// The first problem found.
    pub fn of_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        for (key, value) in pairs {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            if has_control(&key) || has_control(&value) {
                return Err(Problem::ControlCharacters);
            }
            if key.is_empty() || key.contains('=') {
                return Err(Problem::NotATag);
            }
            if key.chars().count() > PART_CHARS_MAX || value.chars().count() > PART_CHARS_MAX {
                return Err(Problem::TooLong { max: PART_CHARS_MAX });
            }
            tags.push(Tag { key, value });
        }
        if tags.len() > TAGS_MAX {
            return Err(Problem::TooManyTags { max: TAGS_MAX });
        }
        tags.sort();
        if tags.windows(2).any(|pair| matches!(pair, [a, b] if a.key == b.key)) {
            return Err(Problem::TagTwice);
        }
        Ok(Self(tags))
    }

    /// Adds or replaces a tag.
    ///
    /// # Errors
    /// [`Problem::TooManyTags`]: nobody could save the app again.
    pub fn set(&mut self, tag: Tag) -> Result<(), Problem> {
        let others = self.0.iter().filter(|kept| kept.key != tag.key).count();
        if others >= TAGS_MAX {
            return Err(Problem::TooManyTags { max: TAGS_MAX });
        }
        self.0.retain(|kept| kept.key != tag.key);
        self.0.push(tag);
        self.0.sort();
        Ok(())
    }

    /// The tags by key.
    #[must_use]
    pub fn all(&self) -> &[Tag] {
        &self.0
    }

    /// A line a tag, as the form shows them.
    #[must_use]
    pub fn lines(&self) -> String {
        self.0.iter().fold(String::new(), |mut out, tag| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}={}", tag.key, tag.value);
            out
        })
    }
}

impl From<Option<String>> for Tags {
    /// Takes lines of what was stored, as it was checked then.
    fn from(lines: Option<String>) -> Self {
        let lines = lines.unwrap_or_default();
        let pairs = lines.lines().filter_map(|line| line.split_once('='));
        let tags = pairs.map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() });
        let mut tags: Vec<Tag> = tags.collect();
        tags.sort();
        Self(tags)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_a_tag() {
        let tags = Tags::parse_lines(" team = 教学 \r\n\nenv=prod\nurl=a=b\nempty=").unwrap();
        assert_eq!(tags.lines(), "empty=\nenv=prod\nteam=教学\nurl=a=b\n");
        assert_eq!(Tags::parse_lines(&tags.lines()).unwrap(), tags);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for (text, problem) in [
            ("prod", Problem::NotATag),
            ("=prod", Problem::NotATag),
            ("a=1\na=2", Problem::TagTwice),
            ("a=\u{0}", Problem::ControlCharacters),
        ] {
            assert_eq!(Tags::parse_lines(text), Err(problem), "{text:?}");
        }
        let many: Vec<String> = (0..21).map(|n| format!("k{n}=v")).collect();
        let many = many.join("\n");
        assert_eq!(Tags::parse_lines(&many), Err(Problem::TooManyTags { max: 20 }));
        let long = format!("k={}", "v".repeat(65));
        assert_eq!(Tags::parse_lines(&long), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn a_tag_that_is_set_counts_against_the_limit() {
        let full: Vec<String> = (0..TAGS_MAX).map(|n| format!("k{n}=v")).collect();
        let mut tags = Tags::parse_lines(&full.join("\n")).unwrap();
        let tag = |key: &str| Tag { key: key.to_owned(), value: "new".to_owned() };
        assert_eq!(tags.set(tag("more")), Err(Problem::TooManyTags { max: TAGS_MAX }));
        assert_eq!(tags.lines().lines().count(), TAGS_MAX);
        assert_eq!(tags.set(tag("k7")), Ok(()), "it takes the place of another");
        assert!(tags.all().contains(&tag("k7")), "{tags:?}");
    }

    proptest! {
        #[test]
        fn tags_are_written_as_they_are_read(text in "([ a-c=课\r\t]{0,8}\n?){0,25}|\\PC{0,200}") {
            let Ok(tags) = Tags::parse_lines(&text) else { return Ok(()) };
            prop_assert!(tags.all().len() <= TAGS_MAX);
            prop_assert!(tags.all().is_sorted());
            prop_assert!(tags.all().windows(2).all(|pair| pair[0].key != pair[1].key));
            for Tag { key, value } in tags.all() {
                prop_assert!(!key.is_empty() && !key.contains('='), "{key:?}");
                prop_assert!(!has_control(key) && !has_control(value), "{key:?} {value:?}");
            }
            prop_assert_eq!(Tags::parse_lines(&tags.lines()), Ok(tags.clone()));
            prop_assert_eq!(Tags::from(Some(tags.lines())), tags, "as the database gives them");
        }
    }
}
