//! Telephone numbers.

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};
use unicode_normalization::UnicodeNormalization;

use crate::i18n::Language;
use crate::problem::{PhoneProblem, Problem};

/// Characters that are looked at: the longest number with all its decoration is shorter.
const TYPED_CHARS_MAX: usize = 60;

/// A number that text messages can be sent to, in E.164: `+8613800138000`. There is one value for all spellings of a
/// number, so that none slips past what counts messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads what was typed. What stands between digits is passed over, other widths are read as ASCII, `00` as `+`.
    /// A number without a country is one of China where the interface is Chinese, provided that it looks like a
    /// mobile number there.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::Phone(PhoneProblem::NotOne)`], [`Problem::Phone(PhoneProblem::NoCountryCode)`] or [`Problem::Phone(PhoneProblem::NotAMobile)`].
    pub fn parse(typed: &str, language: Language) -> Result<Self, Problem> {
        if typed.chars().nth(TYPED_CHARS_MAX).is_some() {
            return Err(Problem::Phone(PhoneProblem::NotOne));
        }
        let digits = plain(typed);
        if digits.is_empty() {
            return Err(Problem::Missing);
        }
        let international = international(&digits, language)?;
        let number = phonenumber::parse(None, &international)
            .map_err(|_| Problem::Phone(PhoneProblem::NotOne))?;
        if !number.is_valid() {
            return Err(Problem::Phone(PhoneProblem::NotOne));
        }
        match number.number_type(&DATABASE) {
            Type::Mobile
            | Type::FixedLineOrMobile
            | Type::PersonalNumber
            | Type::Voip
            | Type::Unknown => {}
            _ => return Err(Problem::Phone(PhoneProblem::NotAMobile)),
        }
        let canonical = number.format().mode(Mode::E164).to_string();
        // What cannot be read again would be another number tomorrow.
        let is_stable = |text: &str| {
            let again = phonenumber::parse(None, text).ok();
            again.is_some_and(|again| {
                again.is_valid() && again.format().mode(Mode::E164).to_string() == text
            })
        };
        if is_e164(&canonical) && is_stable(&canonical) {
            Ok(Self(canonical))
        } else {
            Err(Problem::Phone(PhoneProblem::NotOne))
        }
    }

    /// In E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it to know it again: `+86 138 **** 5678`.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What was typed without what people and programs put between digits: blanks, brackets, hyphens, dots, strokes, and
/// the invisible marks of direction that numbers are copied with.
fn plain(typed: &str) -> String {
    let is_between = |c: &char| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | ')' | '[' | ']' | '-' | '.' | '/' | '\u{2010}'
                    ..='\u{2015}' | '\u{2212}' | '·'
            )
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = typed.nfkc().filter(|c| !is_between(c)).collect();
    let text = text.strip_prefix("tel:").unwrap_or(&text);
    match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text.to_owned(),
    }
}

/// Plus and digits.
fn international(text: &str, language: Language) -> Result<String, Problem> {
    let (digits, has_plus) = match text.strip_prefix('+') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::Phone(PhoneProblem::NotOne));
    }
    if has_plus {
        return Ok(text.to_owned());
    }
    let is_mobile = |digits: &&str| {
        digits.len() == 11
            && digits.starts_with('1')
            && !matches!(digits.as_bytes().get(1), Some(b'0'..=b'2'))
    };
    let chinese = [Some(digits), digits.strip_prefix("86"), digits.strip_prefix('0')];
    let chinese = chinese.into_iter().flatten().find(is_mobile);
    match chinese {
        Some(national) if language == Language::Chinese => Ok(format!("+86{national}")),
        _ => Err(Problem::Phone(PhoneProblem::NoCountryCode)),
    }
}

/// A number in E.164 of which enough is shown to know it again: `+86 138 **** 5678`.
#[must_use]
pub fn masked(number: &str) -> String {
    let parsed = phonenumber::parse(None, number).ok();
    let country = parsed.map(|parsed| format!("+{}", parsed.code().value()));
    let national = country.as_ref().and_then(|country| number.strip_prefix(country));
    let (Some(country), Some(national)) = (&country, national) else {
        return "****".to_owned();
    };
    // At least four digits stay hidden.
    let length = national.len();
    let tail = (if length >= 10 { 4 } else { 2 }).min(length.saturating_sub(4));
    let head = length.saturating_sub(tail + 4).min(3);
    let part = |range: std::ops::Range<usize>| national.get(range).unwrap_or_default();
    let parts = [country, part(0..head), "****", part(length - tail..length)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(typed: &str, language: Language) -> Result<String, Problem> {
        PhoneNumber::parse(typed, language).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn all_spellings_of_a_number_are_one_number() {
        for typed in [
            "+8613800138000",
            "+86 138 0013 8000",
            "+86-138-0013-8000",
            "+86 (138) 0013-8000",
            "(+86)13800138000",
            "008613800138000",
            "00 86 138 0013 8000",
            "＋８６１３８００１３８０００",
            "＋８６　１３８　００１３　８０００",
            "００８６（１３８）００１３－８０００",
            "+86\u{a0}138\u{a0}0013\u{a0}8000",
            "\u{202a}+86 138 0013 8000\u{202c}",
            "+86.138.0013.8000",
            "tel:+86-138-0013-8000",
            " +86–138–0013–8000\n",
        ] {
            for language in [Language::Chinese, Language::English] {
                assert_eq!(read(typed, language).as_deref(), Ok("+8613800138000"), "{typed:?}");
            }
        }
        for typed in [
            "13800138000",
            "138 0013 8000",
            "１３８００１３８０００",
            "86 13800138000",
            "013800138000",
        ] {
            assert_eq!(read(typed, Language::Chinese).as_deref(), Ok("+8613800138000"), "{typed}");
            assert_eq!(
                read(typed, Language::English),
                Err(Problem::Phone(PhoneProblem::NoCountryCode)),
                "{typed}"
            );
        }
        assert_eq!(read("+1 (202) 555-0123", Language::Chinese).as_deref(), Ok("+12025550123"));
        assert_eq!(read("+44 7911 123456", Language::English).as_deref(), Ok("+447911123456"));
    }

    #[test]
    fn what_is_no_number_for_text_messages_is_none() {
        let long = "1".repeat(60);
        for (typed, problem) in [
            ("", Problem::Missing),
            (" \u{3000}-() ", Problem::Missing),
            ("+", Problem::Phone(PhoneProblem::NotOne)),
            ("abc", Problem::Phone(PhoneProblem::NotOne)),
            ("+86 138 0013 800", Problem::Phone(PhoneProblem::NotOne)),
            ("+86 138 0013 80000", Problem::Phone(PhoneProblem::NotOne)),
            ("+86 128 0013 8000", Problem::Phone(PhoneProblem::NotOne)),
            ("+8613800138000;ext=5", Problem::Phone(PhoneProblem::NotOne)),
            ("+86 13800138000 x5", Problem::Phone(PhoneProblem::NotOne)),
            ("+999 12345678", Problem::Phone(PhoneProblem::NotOne)),
            ("+8613800138000\u{0}", Problem::Phone(PhoneProblem::NotOne)),
            ("++8613800138000", Problem::Phone(PhoneProblem::NotOne)),
            ("13800138000, 13800138001", Problem::Phone(PhoneProblem::NotOne)),
            ("+٨٦١٣٨٠٠١٣٨٠٠٠", Problem::Phone(PhoneProblem::NotOne)),
            ("010 6552 9988", Problem::Phone(PhoneProblem::NoCountryCode)),
            ("12345678901", Problem::Phone(PhoneProblem::NoCountryCode)),
            ("+86 10 6552 9988", Problem::Phone(PhoneProblem::NotAMobile)),
            ("+1 900 234 5678", Problem::Phone(PhoneProblem::NotAMobile)),
            ("+1 800 234 5678", Problem::Phone(PhoneProblem::NotAMobile)),
            (&long, Problem::Phone(PhoneProblem::NoCountryCode)),
            (&"1".repeat(100_000), Problem::Phone(PhoneProblem::NotOne)),
        ] {
            assert_eq!(read(typed, Language::Chinese), Err(problem), "{typed:.40?}");
        }
    }

    #[test]
    fn a_number_is_masked_but_for_its_ends() {
        for (number, shown) in [
            ("+8613812345678", "+86 138 **** 5678"),
            ("+12025550123", "+1 20 **** 0123"),
            ("+6591234567", "+65 91 **** 67"),
            ("+447911123456", "+44 79 **** 3456"),
            ("", "****"),
            ("nonsense", "****"),
        ] {
            assert_eq!(masked(number), shown);
        }
    }

    proptest! {
        #[test]
        fn reading_a_number_again_changes_nothing(
            typed in "(\\+|00|＋)?(86|1|44|39|49|54|65|852)?[ ()-]{0,2}[0-9０-９]{3,12}([ -][0-9]{1,5})?"
        ) {
            for language in [Language::Chinese, Language::English] {
                if let Ok(number) = PhoneNumber::parse(&typed, language) {
                    prop_assert!(is_e164(number.as_str()));
                    for language in [Language::Chinese, Language::English] {
                        prop_assert_eq!(
                            PhoneNumber::parse(number.as_str(), language), Ok(number.clone())
                        );
                    }
                    let masked = number.masked();
                    prop_assert!(masked.contains("****") && !masked.contains(&number.as_str()[5..]));
                }
            }
        }

        #[test]
        fn anything_can_be_typed(typed in "\\PC{0,70}") {
            let _ = PhoneNumber::parse(&typed, Language::Chinese);
        }
    }
}
