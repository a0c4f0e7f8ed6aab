//! E-mail addresses: what is written to, and the one canonical form that sign-in, counters and
//! uniqueness all use.

use unicode_normalization::UnicodeNormalization;

use crate::problem::Problem;

/// The most bytes of an address (RFC 5321 §4.5.3.1.3 less the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// An address with its canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As it was typed, trimmed.
    pub text: String,
    /// NFKC, lower case, no trailing dot: equal for what a person would call the same address.
    pub key: String,
}

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let key = canonical(text);
        if key.is_empty() {
            return Err(Problem::Missing);
        }
        if text.len() > EMAIL_BYTES_MAX || key.len() > EMAIL_BYTES_MAX {
            return Err(Problem::TooLong { max: EMAIL_BYTES_MAX });
        }
        let (local, domain) = key.rsplit_once('@').ok_or(Problem::NotAnEmail)?;
        let plain = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
                && !part.starts_with('.')
                && !part.ends_with('.')
                && !part.contains("..")
        };
        let is_host = domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        if !plain(local) || !plain(domain) || !is_host {
            return Err(Problem::NotAnEmail);
        }
        Ok(Self { text: text.trim().to_owned(), key })
    }
}

/// The canonical form of whatever was typed, an address or not.
#[must_use]
pub fn canonical(text: &str) -> String {
    let folded: String = text.trim().nfkc().collect();
    let lower: String = folded.trim().to_lowercase().nfkc().collect();
    lower.trim_start().trim_end_matches(|c: char| c == '.' || c.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for text in ["Li@Example.com", " li@example.com ", "ＬＩ@example.com", "li@example.com."]
        {
            assert_eq!(Email::parse(text).unwrap().key, "li@example.com", "{text}");
        }
    }

    #[test]
    fn dots_and_blanks_at_the_end_go_in_any_order() {
        assert_eq!(canonical("x. . "), "x");
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for text in [
            "",
            " ",
            "li",
            "@example.com",
            "li@",
            "li@@example.com",
            "a b@example.com",
            "li@exa mple.com",
            "li\r\nBcc: x@example.com",
            "li@example..com",
            ".li@example.com",
            "li@example.com\0",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own_canonical_form(text in "\\PC{0,40}") {
            let once = canonical(&text);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
