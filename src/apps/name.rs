//! The name of an app.

use unicode_normalization::UnicodeNormalization;

use crate::problem::{Problem, line};

/// The fewest characters.
pub const NAME_CHARS_MIN: usize = 2;
/// The most.
pub const NAME_CHARS_MAX: usize = 32;

/// A name with the key by which it is unique in its workspace: case and width make no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName {
    /// As it is shown.
    pub text: String,
    /// NFKC in lower case.
    pub key: String,
}

impl AppName {
    /// Reads a name.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = line(text, NAME_CHARS_MIN, NAME_CHARS_MAX)?;
        let key = folded(&text);
        Ok(Self { text, key })
    }
}

/// What makes two names the same.
#[must_use]
pub fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_width_make_no_difference() {
        let key = |text: &str| AppName::parse(text).unwrap().key;
        assert_eq!(key("Blue ＡＢ"), key("BLUE ab"));
        assert_eq!(key("课堂（测试）"), key("课堂(测试)"));
        assert_ne!(key("Blue"), key("Blues"));
    }

    #[test]
    fn a_name_has_2_to_32_characters_and_no_control_characters() {
        for (text, problem) in [
            ("", Problem::Missing),
            ("  ", Problem::Missing),
            ("a", Problem::TooShort { min: 2 }),
            (&*"课".repeat(33), Problem::TooLong { max: 32 }),
            ("a\0b", Problem::ControlCharacters),
            ("a\nb", Problem::ControlCharacters),
        ] {
            assert_eq!(AppName::parse(text), Err(problem), "{text:?}");
        }
        assert!(AppName::parse(&"课".repeat(32)).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_is_read_back_and_found_by_its_key_in_any_case(text in "\\PC{0,40}|.{0,40}") {
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
            let Ok(name) = AppName::parse(&text) else { return Ok(()) };
            prop_assert!((NAME_CHARS_MIN..=NAME_CHARS_MAX).contains(&name.text.chars().count()));
            prop_assert!(!crate::problem::has_control(&name.text));
            prop_assert_eq!(AppName::parse(&name.text), Ok(name.clone()));
            prop_assert_eq!(folded(&name.text), name.key);
        }
    }
}
