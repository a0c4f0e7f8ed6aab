//! Both languages, side by side, checked by the compiler.
//!
//! A message is a method of [`Texts`]; its two wordings stand next to each other in the table of
//! its feature. A missing wording, key or argument does not compile, nothing is looked up by
//! name at run time, and a message without arguments is a `&'static str`. (Fluent was weighed:
//! see ARCHITECTURE.md.)

#[macro_use]
mod table;
mod apps;
mod overview;
mod problems;
mod setup;
mod shell;
mod tokens;

crate::words! {
    /// A language of the interface, by its BCP 47 tag.
    pub enum Language {
        /// Simplified Chinese.
        Chinese = "zh-CN",
        /// English.
        English = "en",
    }
}

impl Language {
    /// The language that an `Accept-Language` header asks for; English when it asks for neither.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (0_u32, Self::English);
        for range in header.split(',').take(20) {
            let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
            let weight = match rest.trim().strip_prefix("q=") {
                Some(q) => permille(q.trim()),
                None => 1_000,
            };
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "zh" => Self::Chinese,
                "en" => Self::English,
                _ => continue,
            };
            // The first of equal weight wins.
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The other one, which the switch in the bar offers.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// Its own name.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// Its messages.
    #[must_use]
    pub const fn texts(self) -> Texts {
        Texts(self)
    }
}

/// A weight such as `0.9` in thousandths (RFC 9110 §12.4.2); what is not one weighs nothing.
fn permille(q: &str) -> u32 {
    let (whole, part) = q.split_once('.').unwrap_or((q, ""));
    let part = format!("{part:0<3}");
    match (whole, part.len(), part.parse()) {
        ("0", 3, Ok(part)) => part,
        ("1", 3, Ok(0)) => 1_000,
        _ => 0,
    }
}

/// All messages of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts(Language);

impl Texts {
    /// Which language these are.
    #[must_use]
    pub const fn language(self) -> Language {
        self.0
    }
}

/// A whole number with groups of three digits, the same in both languages.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_chooses_by_weight_and_falls_back_to_english() {
        for (header, language) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::English),
            ("fr, zh-TW;q=0.3", Language::Chinese),
            ("fr", Language::English),
            ("", Language::English),
            ("zh;q=0", Language::English),
            ("zh;q=bogus, en;q=0.1", Language::English),
            (";;;,,,q=", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-48_210, "-48,210"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
