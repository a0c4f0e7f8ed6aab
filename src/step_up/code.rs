//! Six-digit codes.

use unicode_normalization::UnicodeNormalization;

use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;

/// Digits of a code, of whatever method.
const DIGITS: usize = 6;
/// Characters that are looked at: people paste codes with a sentence around them, and worse.
const TYPED_CHARS_MAX: usize = 40;

/// Six ASCII digits. There is one value for all spellings of a code, so that none slips past what counts or
/// remembers codes.
pub struct Code(Secret);

impl Code {
    /// Reads what was typed: white space and hyphens are passed over, digits of other widths and scripts that
    /// have a compatible ASCII digit are read as that.
    ///
    /// # Errors
    /// [`Problem::Missing`] or [`Problem::NotACode`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.chars().nth(TYPED_CHARS_MAX).is_some() {
            return Err(Problem::NotACode);
        }
        let is_between =
            |c: &char| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let code: String = typed.nfkc().filter(is_between).collect();
        match code.len() {
            0 => Err(Problem::Missing),
            DIGITS if code.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self(Secret::new(code))),
            _ => Err(Problem::NotACode),
        }
    }

    /// A code of which each of the million is as likely as the others.
    #[must_use]
    pub fn random(random: &Random) -> Self {
        const ALL: u32 = 1_000_000;
        // Above the last whole million, small codes would be likelier.
        const END: u32 = u32::MAX - u32::MAX % ALL;
        loop {
            let number = random.number();
            if number < END {
                return Self(Secret::new(format!("{:06}", number % ALL)));
            }
        }
    }

    /// The digits.
    #[must_use]
    pub const fn digits(&self) -> &Secret {
        &self.0
    }
}

/// What a mail and the page that waits for its code both show, so that people see that the two belong
/// together: two characters that are not taken for others.
#[must_use]
pub fn reference(random: &Random) -> String {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    const NUMBERS: &[u8; 8] = b"23456789";
    let pick = |from: &[u8], by: u32| {
        let at = usize::try_from(by).unwrap_or_default() % from.len().max(1);
        char::from(from.get(at).copied().unwrap_or(b'A'))
    };
    let by = random.number();
    [pick(LETTERS, by >> 16), pick(NUMBERS, by & 0xffff)].iter().collect()
}

/// An address of which enough is shown to know it again: `li***@example.com`.
#[must_use]
pub fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let shown = local.chars().count().saturating_sub(1).min(2);
    let shown: String = local.chars().take(shown).collect();
    format!("{shown}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, Problem> {
        Code::parse(typed).map(|code| code.digits().expose().to_owned())
    }

    #[test]
    fn all_spellings_of_a_code_are_one_code() {
        for typed in [
            "123456",
            " 123456\n",
            "123 456",
            "12 34 56",
            "123-456",
            "１２３４５６",
            "１２３　４５６",
            "123\u{a0}456",
            "①②③④⑤⑥",
            "𝟏𝟐𝟑456",
        ] {
            assert_eq!(read(typed).as_deref(), Ok("123456"), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        assert_eq!(read("").unwrap_err(), Problem::Missing);
        assert_eq!(read(" \u{3000} ").unwrap_err(), Problem::Missing);
        let long = "1".repeat(40);
        for typed in [
            "12345",
            "1234567",
            &long,
            "12345a",
            "１２３４５",
            "٣٣٣٣٣٣",
            "12345\u{0}",
            "null",
            "[]",
            "½23456",
        ] {
            assert_eq!(read(typed).unwrap_err(), Problem::NotACode, "{typed:?}");
        }
        assert_eq!(read(&"1".repeat(100_000)).unwrap_err(), Problem::NotACode);
    }

    #[test]
    fn codes_are_spread_evenly() {
        let random = Random::seeded(5);
        let mut counts = [0_u32; 100];
        for _ in 0..100_000 {
            let code = Code::random(&random);
            assert_eq!(code.digits().expose().len(), 6);
            let head: usize = code.digits().expose()[..2].parse().unwrap();
            counts[head] += 1;
        }
        // χ² with 99 degrees of freedom is below 148 with a probability of 0.999.
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi < 148.0, "{chi}");
    }

    #[test]
    fn an_address_is_masked_but_for_its_beginning_and_its_domain() {
        for (email, shown) in [
            ("li.chen@example.com", "li***@example.com"),
            ("li@example.com", "l***@example.com"),
            ("l@example.com", "***@example.com"),
            ("\"a@b\"@example.com", "\"a***@example.com"),
        ] {
            assert_eq!(masked(email), shown);
        }
    }
}
