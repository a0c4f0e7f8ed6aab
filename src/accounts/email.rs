//! E-mail addresses: what is written to, and the one canonical form that sign-in, counters and
//! uniqueness all use.

use unicode_normalization::UnicodeNormalization;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};

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

    /// Reads an address that nobody has used here yet: besides, it must not look like another one. An account that
    /// somebody takes for a colleague's would be asked into a workspace.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse_new(text: &str) -> Result<Self, Problem> {
        let email = Self::parse(text)?;
        if email.key.split(['@', '.']).any(is_lookalike) {
            return Err(Problem::LookalikeEmail);
        }
        Ok(email)
    }
}

/// Whether a part of an address may be taken for another: scripts that are not written together (UTS #39 §5.2,
/// highly restrictive), or letters of another script that all look Latin.
fn is_lookalike(part: &str) -> bool {
    if part.is_ascii() {
        return false;
    }
    let is_mixed = part.detect_restriction_level() > RestrictionLevel::HighlyRestrictive;
    is_mixed || skeleton(part).all(|c| c.is_ascii())
}

/// The canonical form of whatever was typed, an address or not.
#[must_use]
pub fn canonical(text: &str) -> String {
    let folded = fold(text);
    // A domain as it is on the wire is the same domain (RFC 5891 §2.3.2.1).
    match folded.rsplit_once('@') {
        Some((local, domain)) if domain.contains("xn--") => match idna::domain_to_unicode(domain) {
            (written, Ok(())) => fold(&format!("{local}@{written}")),
            _ => folded,
        },
        _ => folded,
    }
}

fn fold(text: &str) -> String {
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
    fn a_domain_has_one_key_as_it_is_written_and_as_it_is_on_the_wire() {
        for text in [
            "li@bücher.example",
            "LI@BÜCHER.EXAMPLE",
            "li@xn--bcher-kva.example",
            "li@bu\u{308}cher.example.",
        ] {
            assert_eq!(Email::parse(text).unwrap().key, "li@bücher.example", "{text}");
        }
        assert_eq!(canonical("li@xn--\u{7f}"), "li@xn--\u{7f}");
    }

    #[test]
    fn addresses_that_look_like_others_are_not_taken_anew() {
        for text in [
            "li@ex\u{430}mple.com",
            "\u{430}dmin@example.com",
            "g\u{3bf}\u{3bf}gle@example.com",
            "li@\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
            "li@xn--80ak6aa92e.com",
            "li@\u{131}stanbul.example",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}: who has it already can sign in");
            assert_eq!(Email::parse_new(text), Err(Problem::LookalikeEmail), "{text}");
        }
        for text in [
            "li@example.com",
            "李明@例子.公司",
            "李ming@example.com",
            "müller@bücher.example",
            "почта@пример.example",
        ] {
            assert!(Email::parse_new(text).is_ok(), "{text}");
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
