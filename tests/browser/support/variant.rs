//! On what a page is looked at: screen, theme, language, scripts, motion.

use std::fmt;

/// The language that the browser asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    /// As in `Accept-Language` and `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// One way of looking at a page.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Variant {
    pub width: u32,
    pub height: u32,
    /// A touch screen whose browser obeys `<meta name="viewport">`.
    pub mobile: bool,
    pub dark: bool,
    pub language: Language,
    pub javascript: bool,
    pub reduced_motion: bool,
    /// High contrast, with the system's colours in place of the page's.
    pub forced_colors: bool,
}

impl Variant {
    /// A desk: 1440 × 900, light, Chinese.
    pub const DESKTOP: Self = Self {
        width: 1440,
        height: 900,
        mobile: false,
        dark: false,
        language: Language::Chinese,
        javascript: true,
        reduced_motion: false,
        forced_colors: false,
    };

    /// A telephone: 390 × 844, dark, English.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        mobile: true,
        dark: true,
        language: Language::English,
        javascript: true,
        reduced_motion: true,
        forced_colors: false,
    };

    /// What journeys run in: the two above, or under `./test --browser-matrix` every combination.
    pub fn chosen() -> Vec<Self> {
        match std::env::var_os("SWITCHROOM_TEST_BROWSER_MATRIX") {
            Some(value) if value != "0" => Self::matrix(),
            _ => vec![Self::DESKTOP, Self::PHONE],
        }
    }

    /// Both screens × both themes × with and without scripts, in both languages.
    pub fn matrix() -> Vec<Self> {
        let mut matrix = Vec::new();
        for language in [Language::Chinese, Language::English] {
            for screen in [Self::DESKTOP, Self::PHONE] {
                for dark in [false, true] {
                    for javascript in [true, false] {
                        matrix.push(Self { dark, language, javascript, ..screen });
                    }
                }
            }
        }
        matrix
    }

    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    pub fn without_javascript(self) -> Self {
        Self { javascript: false, ..self }
    }
}

/// Fit for a file's name: `zh-CN-1440-light`, `en-390-dark-noscript`.
impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let theme = if self.dark { "dark" } else { "light" };
        write!(f, "{}-{}-{theme}", self.language.tag(), self.width)?;
        if self.forced_colors {
            write!(f, "-forced")?;
        }
        if !self.javascript {
            write!(f, "-noscript")?;
        }
        Ok(())
    }
}
