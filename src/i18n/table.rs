//! The macro that makes message tables.

/// Makes methods of [`super::Texts`]: `key = "中文", "English";`, with arguments
/// `key(name: &str) = "…{name}…", "…{name}…";`, and with an English singular for a count
/// `key(count: i64) = "…", one "…", "…";`.
macro_rules! texts {
    (@each) => {};
    (@each $key:ident = $zh:literal, $en:literal; $($rest:tt)*) => {
        #[must_use]
        pub const fn $key(self) -> &'static str {
            match self.language() {
                $crate::i18n::Language::Chinese => $zh,
                $crate::i18n::Language::English => $en,
            }
        }
        texts!(@each $($rest)*);
    };
    (@each $key:ident($($arg:ident: $type:ty),+) = $zh:literal, $en:literal; $($rest:tt)*) => {
        #[must_use]
        pub fn $key(self, $($arg: $type),+) -> String {
            match self.language() {
                $crate::i18n::Language::Chinese => format!($zh),
                $crate::i18n::Language::English => format!($en),
            }
        }
        texts!(@each $($rest)*);
    };
    (@each $key:ident($count:ident: i64) = $zh:literal, one $one:literal, $en:literal; $($rest:tt)*) => {
        #[must_use]
        pub fn $key(self, $count: i64) -> String {
            let one = $count == 1;
            let $count = $crate::i18n::grouped($count);
            match self.language() {
                $crate::i18n::Language::Chinese => format!($zh),
                $crate::i18n::Language::English if one => format!($one),
                $crate::i18n::Language::English => format!($en),
            }
        }
        texts!(@each $($rest)*);
    };
    ($($rest:tt)*) => {
        #[expect(missing_docs, reason = "the wordings say what a message is")]
        impl $crate::i18n::Texts { texts!(@each $($rest)*); }
    };
}
