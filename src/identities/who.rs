//! Who somebody is at the provider.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a subject, by OpenID Connect Core 1.0, section 2.
const SUBJECT_CHARS_MAX: usize = 255;
/// Characters of a name that are kept.
const NAME_CHARS_MAX: usize = 100;

/// Somebody as the provider knows them. Issuer and subject say who it is; the names are for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The provider.
    pub issuer: String,
    /// The number or name that stays the same there.
    pub subject: String,
    /// What tells them apart from others there, as far as it can be read: their address or user name.
    pub label: String,
    /// What they are called.
    pub name: String,
    /// Whether they have shown more than one factor there (`amr` has `mfa`, RFC 8176).
    pub has_second_factor: bool,
}

impl Who {
    /// Somebody by name, user name and address, as far as the provider tells; `None` for a subject that is none.
    #[must_use]
    pub fn new(
        issuer: &str,
        subject: &str,
        [name, username, email]: [Option<&str>; 3],
        has_second_factor: bool,
    ) -> Option<Self> {
        let is_subject = !subject.is_empty()
            && subject.chars().count() <= SUBJECT_CHARS_MAX
            && !subject.chars().any(char::is_control);
        if !is_subject {
            return None;
        }
        let first = |texts: [Option<&str>; 3]| {
            let mut read = texts.into_iter().flatten().map(readable);
            read.find(|text| !text.is_empty()).unwrap_or_else(|| readable(subject))
        };
        Some(Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            label: first([email, username, name]),
            name: first([name, username, email]),
            has_second_factor,
        })
    }
}

/// A text of the provider's as one line of bounded length, without what changes the order of letters.
fn readable(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = text.nfc().filter(|c| !is_hidden(*c)).take(NAME_CHARS_MAX).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_called_by_what_the_provider_tells_of_them() {
        let who = |names| Who::new("https://id.test", "42", names, false).expect("somebody");
        let all = who([Some("Zoe Example"), Some("zoe"), Some("zoe@example.com")]);
        assert_eq!((&*all.label, &*all.name), ("zoe@example.com", "Zoe Example"));
        let some = who([None, Some("zoe"), Some(" ")]);
        assert_eq!((&*some.label, &*some.name), ("zoe", "zoe"));
        let none = who([None, None, None]);
        assert_eq!((&*none.label, &*none.name), ("42", "42"));
        let odd = who([Some("Z\u{202e}o\ne"), None, None]);
        assert_eq!(odd.name, "Zoe");
        assert_eq!(who([Some(&"z".repeat(500)), None, None]).name.len(), 100);
    }

    #[test]
    fn a_subject_is_a_line_of_bounded_length() {
        for subject in ["", "a\nb", &"a".repeat(256)] {
            assert_eq!(Who::new("https://id.test", subject, [None; 3], false), None);
        }
    }
}
