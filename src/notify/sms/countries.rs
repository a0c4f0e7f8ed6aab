//! The countries that text messages are sent to.

/// Prefixes of numbers in E.164, such as `+86`. Each message costs money, and strangers' numbers in far countries
/// are what those who earn by it ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Countries {
    /// All.
    All,
    /// Those whose numbers begin so.
    Some(Vec<String>),
}

impl Countries {
    /// Reads prefixes that commas or blanks separate, or `*`.
    ///
    /// # Errors
    /// Which of them is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(str::to_owned).collect();
        if parts == ["*"] {
            return Ok(Self::All);
        }
        let is_prefix = |part: &String| {
            part.strip_prefix('+').is_some_and(|digits| {
                (1..=7).contains(&digits.len())
                    && !digits.starts_with('0')
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        match parts.iter().find(|part| !is_prefix(part)) {
            Some(odd) => Err(format!("{odd} is not a prefix such as +86")),
            None if parts.is_empty() => Err("names no prefix such as +86, nor * for all".into()),
            None => Ok(Self::Some(parts)),
        }
    }

    /// Whether messages go to a number in E.164.
    #[must_use]
    pub fn serve(&self, number: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(prefixes) => prefixes.iter().any(|prefix| number.starts_with(prefix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_listed_countries_are_served() {
        let some = Countries::parse("+86, +1").unwrap();
        for (number, is_served) in [
            ("+8613800138000", true),
            ("+12025550123", true),
            ("+447911123456", false),
            ("+85251234567", false),
        ] {
            assert_eq!(some.serve(number), is_served, "{number}");
            assert!(Countries::parse("*").unwrap().serve(number));
        }
    }

    #[test]
    fn what_is_no_list_of_prefixes_is_named() {
        for (text, odd) in [
            ("86", "86 is not"),
            ("+86,CN", "CN is not"),
            ("+86 *", "* is not"),
            ("+", "+ is not"),
            ("+086", "+086 is not"),
            ("+12345678", "+12345678 is not"),
            ("", "names no prefix"),
            (" , ", "names no prefix"),
        ] {
            let problem = Countries::parse(text).unwrap_err();
            assert!(problem.starts_with(odd), "{text}: {problem}");
        }
    }
}
