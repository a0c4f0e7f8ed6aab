//! How hard a new password is to guess, by zxcvbn and by what is known of its owner.

use zxcvbn::{Score, zxcvbn};

use crate::problem::Problem;

/// Characters that are looked at: what comes after them makes a password no easier to guess, and zxcvbn takes its
/// time with long ones.
pub const CHARS_LOOKED_AT: usize = 72;
/// The fewest guesses: throttled ones would take centuries.
const GUESSES_MIN: u64 = 1_000_000;
/// Letters that must be left of a password without the words that belong to its owner.
const OWN_LETTERS_MIN: usize = 4;

/// Words that stand in every list for this console and for Chinese passwords, which zxcvbn's lists lack.
const COMMON: [&str; 18] = [
    "switchroom",
    "console",
    "woaini",
    "woaini1314",
    "woaini520",
    "woaini521",
    "wo ai ni",
    "5201314",
    "1314520",
    "1314521",
    "woshishui",
    "nihao",
    "zhongguo",
    "beijing",
    "shanghai",
    "shenzhen",
    "mima",
    "密码",
];

/// How strong a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    score: u8,
    is_guessable: bool,
    is_personal: bool,
}

impl Strength {
    /// Judges a password, with what may be known of its owner: address, name. Takes up to a tenth of a second, so
    /// ask [`super::Passwords::judge`] where others wait.
    #[must_use]
    pub fn of(password: &str, personal: &[&str]) -> Self {
        let looked_at: String = password.chars().take(CHARS_LOOKED_AT).collect();
        let words = words(personal);
        let inputs: Vec<&str> = words.iter().map(String::as_str).chain(COMMON).collect();
        let entropy = zxcvbn(&looked_at, &inputs);
        let score = match entropy.score() {
            Score::Zero => 0,
            Score::One => 1,
            Score::Two => 2,
            Score::Three => 3,
            _ => 4,
        };
        let is_guessable = score < 2 || entropy.guesses() < GUESSES_MIN;
        let is_personal = is_personal(&looked_at, &words);
        // Whoever knows the owner guesses it first, whatever the lists say.
        let score = if is_guessable || is_personal { score.min(1) } else { score };
        Self { score, is_guessable, is_personal }
    }

    /// From 0, guessed at once, to 4.
    #[must_use]
    pub const fn score(self) -> u8 {
        self.score
    }

    /// Whether it will do.
    ///
    /// # Errors
    /// Why not.
    pub const fn check(self) -> Result<(), Problem> {
        match self {
            Self { is_personal: true, .. } => Err(Problem::PersonalPassword),
            Self { is_guessable: true, .. } => Err(Problem::GuessablePassword),
            _ => Ok(()),
        }
    }
}

/// The texts and the words that they are made of, in lower case, the longest first.
fn words(personal: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in personal.iter().map(|text| text.to_lowercase()) {
        let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        words.extend(parts.filter(|part| part.chars().count() > 1));
        words.push(text);
    }
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words
}

/// Whether hardly a letter is left of a password without the words that belong to its owner or to this console.
fn is_personal(password: &str, words: &[String]) -> bool {
    let lower = password.to_lowercase();
    let mut rest = lower.clone();
    for word in words.iter().map(String::as_str).chain(["switchroom"]) {
        rest = rest.replace(word, " ");
    }
    rest != lower && rest.chars().filter(|c| c.is_alphabetic()).count() < OWN_LETTERS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    const LI: [&str; 2] = ["li.chen@example.com", "陈丽"];

    #[test]
    fn what_is_guessed_first_is_refused() {
        for password in [
            "password",
            "Password1!",
            "12345678",
            "aaaaaaaaaa",
            "abcdefgh",
            "qwertyuiop",
            "iloveyou1",
            "abc123456",
            "woaini1314",
            "5201314a",
            "qwer1234",
            "letmein123",
        ] {
            let strength = Strength::of(password, &LI);
            assert_eq!(strength.check(), Err(Problem::GuessablePassword), "{password}");
            assert!(strength.score() < 2, "{password}");
        }
    }

    #[test]
    fn what_is_made_of_its_owners_words_is_refused_and_said_so() {
        for password in [
            "li.chen@example.com",
            "LI.CHEN2024",
            "chenli1990!",
            "Switchroom1",
            "陈丽陈丽陈丽陈丽",
            "example.com1",
            "switchroom@example",
        ] {
            assert_eq!(
                Strength::of(password, &LI).check(),
                Err(Problem::PersonalPassword),
                "{password}"
            );
        }
    }

    #[test]
    fn unrelated_words_will_do_in_any_language() {
        for password in
            ["correct horse", "battery staple", "chen likes battery horses", "我的窗外有三棵树"]
        {
            let strength = Strength::of(password, &LI);
            assert_eq!(strength.check(), Ok(()), "{password}");
            assert!(strength.score() >= 2, "{password}");
        }
        assert_eq!(Strength::of("staple battery horse", &LI).score(), 4);
    }

    #[test]
    fn the_longest_password_is_judged_in_bounded_time_and_empty_words_hide_nothing() {
        assert!(Strength::of(&"4@8({[<3€|!1/|5$+70%2".repeat(12), &[""]).check().is_ok());
        assert!(Strength::of("", &[]).check().is_err());
        // What comes after the bound does not count.
        assert!(Strength::of(&format!("{}Zq7!xW", "a".repeat(72)), &[]).check().is_err());
    }
}
