//! Both languages, side by side, checked by the compiler.
//!
//! A message is a method of [`Texts`]; its two wordings stand next to each other in the table of
//! its feature. A missing wording, key or argument does not compile, nothing is looked up by
//! name at run time, and a message without arguments is a `&'static str`. (Fluent was weighed:
//! see ARCHITECTURE.md.)

#[macro_use]
mod table;
mod accounts;
mod api_keys;
mod apps;
mod audit;
mod help;
mod identities;
mod mail;
mod members;
mod minutes;
mod overview;
mod passkeys;
mod phones;
mod problems;
mod sessions;
mod setup;
mod shell;
mod stats;
mod step_up;
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
            let weight = match rest.split_once('=') {
                Some((name, q)) if name.trim().eq_ignore_ascii_case("q") => permille(q.trim()),
                _ => 1_000,
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
    if part.len() > 3 || part.bytes().any(|byte| !byte.is_ascii_digit()) {
        return 0;
    }
    match (whole, format!("{part:0<3}").parse()) {
        ("0", Ok(part)) => part,
        ("1", Ok(0)) => 1_000,
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

    /// A name as it stands inside a sentence, where English names begin small.
    #[must_use]
    pub fn inside(self, name: &str) -> String {
        let mut chars = name.chars();
        match (self.language(), chars.next()) {
            (Language::English, Some(first)) => first.to_lowercase().chain(chars).collect(),
            _ => name.to_owned(),
        }
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
    use proptest::prelude::*;

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
    fn a_weight_is_read_in_either_case_and_only_when_it_is_one() {
        for (header, language) in [
            ("zh;Q=0.1, en;q=0.2", Language::English),
            ("zh; q=0.2, en ; q=0.1", Language::Chinese),
            ("zh;q=0.+5, en;q=0.1", Language::English),
            ("zh;q=0.9999, en;q=0.1", Language::English),
            ("zh;q=1.5, en;q=0.1", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    /// A language range with its weight in thousandths.
    fn range() -> impl Strategy<Value = (&'static str, u32)> {
        let tags = ["zh", "zh-CN", "ZH-Hant-TW", "en", "en-GB", "EN", "fr", "*", "zhx"];
        (prop::sample::select(Vec::from(tags)), 0_u32..=1_000)
    }

    proptest! {
        #[test]
        fn any_header_leads_to_a_language(header in "\\PC{0,60}|[a-zA-Z0-9,;=. *-]{0,60}") {
            let language = Language::accepted(&header);
            let names = |name: &str| header.to_ascii_lowercase().contains(name);
            prop_assert!(language == Language::English || names("zh"), "{header}");
        }

        #[test]
        fn the_first_of_the_greatest_weight_wins(ranges in prop::collection::vec(range(), 0..8)) {
            let header: Vec<_> = ranges
                .iter()
                .map(|(tag, weight)| format!("{tag};q={}.{:03}", weight / 1_000, weight % 1_000))
                .collect();
            let ours = |tag: &str| match tag.to_ascii_lowercase().split('-').next() {
                Some("zh") => Some(Language::Chinese),
                Some("en") => Some(Language::English),
                _ => None,
            };
            let known = ranges.iter().filter_map(|(tag, weight)| Some((ours(tag)?, *weight)));
            // max_by_key takes the last of equals.
            let best = known.rev().filter(|(_, weight)| *weight > 0).max_by_key(|(_, weight)| *weight);
            let expected = best.map_or(Language::English, |(language, _)| language);
            prop_assert_eq!(Language::accepted(&header.join(", ")), expected);
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
