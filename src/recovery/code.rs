//! One recovery code: 80 random bits as sixteen letters and digits that are not taken for each other.

use unicode_normalization::UnicodeNormalization;

use crate::ids::AccountId;
use crate::problem::Problem;
use crate::random::Random;
use crate::secret::Secret;
use crate::vault::Vault;

/// Codes that are made at once.
pub const CODES: usize = 10;
/// Crockford's base 32: without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 16;
/// Characters that are looked at.
const TYPED_CHARS_MAX: usize = 60;

/// Sixteen characters of the alphabet.
pub struct RecoveryCode(Secret);

impl RecoveryCode {
    /// A code out of 80 random bits.
    #[must_use]
    pub fn random(random: &Random) -> Self {
        let bits =
            random.bytes::<10>().iter().fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
        let chars = (0..CHARS).rev().map(|at| {
            let index = usize::try_from((bits >> (5 * at)) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        });
        Self(Secret::new(chars.collect()))
    }

    /// Reads what was typed: in whatever width and case, with or without hyphens and blanks, and letters that look like
    /// digits read as those.
    ///
    /// # Errors
    /// [`Problem::Missing`] or [`Problem::NotARecoveryCode`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.chars().nth(TYPED_CHARS_MAX).is_some() {
            return Err(Problem::NotARecoveryCode);
        }
        let is_between =
            |c: &char| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let code: String = typed
            .nfkc()
            .filter(is_between)
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect();
        match code.len() {
            0 => Err(Problem::Missing),
            CHARS if code.bytes().all(|byte| ALPHABET.contains(&byte)) => {
                Ok(Self(Secret::new(code)))
            }
            _ => Err(Problem::NotARecoveryCode),
        }
    }

    /// As people read it: four groups of four.
    #[must_use]
    pub fn grouped(&self) -> String {
        let chars: Vec<char> = self.0.expose().chars().collect();
        let groups = chars.chunks(4).map(|group| group.iter().collect::<String>());
        groups.collect::<Vec<_>>().join("-")
    }

    /// What is stored of it: a keyed digest that belongs to one account.
    #[must_use]
    pub fn digest(&self, vault: &Vault, account: AccountId) -> String {
        vault.code_digest(&format!("recovery {account}"), self.0.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_code_are_one_code() {
        let read = |typed| RecoveryCode::parse(typed).map(|code| code.grouped());
        for typed in [
            "7K2M-9QXB-01AC-DE5F",
            "7k2m9qxbo1acde5f",
            " 7K2M 9QXB 0IAC DE5F\n",
            "７Ｋ２Ｍ－９ＱＸＢ－０１ＡＣ－ＤＥ５Ｆ",
            "7k2m–9qxb–olac–de5f",
        ] {
            assert_eq!(read(typed).as_deref(), Ok("7K2M-9QXB-01AC-DE5F"), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        let read = |typed: &str| RecoveryCode::parse(typed).map(drop);
        assert_eq!(read(" - "), Err(Problem::Missing));
        for typed in ["7K2M-9QXB-01AC-DE5", "7K2M-9QXB-01AC-DE5U", "123456", &"7".repeat(61)] {
            assert_eq!(read(typed), Err(Problem::NotARecoveryCode), "{typed:?}");
        }
    }

    #[test]
    fn codes_differ_and_come_back_as_they_were_made() {
        let random = Random::seeded(1);
        let codes: std::collections::BTreeSet<_> =
            (0..1_000).map(|_| RecoveryCode::random(&random).grouped()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in codes {
            assert_eq!(RecoveryCode::parse(&code).map(|read| read.grouped()), Ok(code.clone()));
        }
    }
}
