//! What a list of apps can be asked for: search, filters, order, page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{App, Service};
use crate::ids::SdkAppId;
use crate::problem::has_control;

crate::words! {
    /// A column that sorts.
    pub enum Sort {
        /// When apps were created.
        Created = "created",
        /// Their names.
        Name = "name",
        /// When their plans end.
        Expires = "expires",
    }
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub by: Sort,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

impl Order {
    /// The newest first.
    pub const NEWEST: Self = Self { by: Sort::Created, is_descending: true };

    /// Reads `name` or `-created`; anything else is the newest first.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (word, is_descending) = match text.strip_prefix('-') {
            Some(word) => (word, true),
            None => (text, false),
        };
        Some(Self { by: Sort::parse(word)?, is_descending })
    }

    /// The way it is written.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}{}", if self.is_descending { "-" } else { "" }, self.by)
    }
}

crate::words! {
    /// A state that a list can be narrowed to: the one that its rows show.
    pub enum StatusFilter {
        /// 开启, with more than seven days left.
        Enabled = "enabled",
        /// 即将到期.
        Due = "due",
        /// 到期.
        Expired = "expired",
        /// 停用.
        Disabled = "disabled",
    }
}

/// Rows of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(pub u16);

impl PageSize {
    /// The sizes on offer.
    pub const ALL: [u16; 3] = [10, 20, 50];
    /// The size when none is asked for.
    pub const DEFAULT: Self = Self(20);

    /// One of the sizes on offer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|size| Self::ALL.contains(size)).map(Self)
    }
}

/// Where a page begins: after or before a row, told by what it is sorted by and its number, so
/// that rows that come and go meanwhile shift nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The row's place in the order.
    pub place: Place,
    /// The row.
    pub id: SdkAppId,
}

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a number.
    Number(i64),
    /// By a name's key.
    Text(String),
}

impl Cursor {
    /// The place of an app in an order.
    #[must_use]
    pub fn of(app: &App, sort: Sort) -> Self {
        let place = match sort {
            Sort::Created => Place::Number(app.created_at.0),
            Sort::Expires => Place::Number(app.plan_ends_at.map_or(i64::MAX, |end| end.0)),
            Sort::Name => Place::Text(app.name_key.clone()),
        };
        Self { place, id: app.sdk_app_id }
    }

    /// The opaque form in addresses.
    #[must_use]
    pub fn encode(&self) -> String {
        let text = match &self.place {
            Place::Number(number) => format!("{} n{number}", self.id),
            Place::Text(text) => format!("{} t{text}", self.id),
        };
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads the opaque form; `None` for what we did not write, or for another order.
    #[must_use]
    pub fn decode(text: &str, sort: Sort) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, place) = text.split_once(' ')?;
        let place = match (sort, place.split_at_checked(1)?) {
            (Sort::Created | Sort::Expires, ("n", number)) => Place::Number(number.parse().ok()?),
            (Sort::Name, ("t", text)) if !has_control(text) => Place::Text(text.to_owned()),
            _ => return None,
        };
        Some(Self { place, id: id.parse().ok()? })
    }
}

/// Which page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// The first.
    #[default]
    Start,
    /// The one that follows a row.
    After(Cursor),
    /// The one that leads up to a row.
    Before(Cursor),
}

/// What a list is asked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// A part of a name, a number, an App ID or a tag; empty for all.
    pub search: String,
    /// Only apps with a service.
    pub service: Option<Service>,
    /// Only apps in a state.
    pub status: Option<StatusFilter>,
    /// The order.
    pub order: Order,
    /// Rows of a page.
    pub size: PageSize,
    /// Which page.
    pub at: At,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            search: String::new(),
            service: None,
            status: None,
            order: Order::NEWEST,
            size: PageSize::DEFAULT,
            at: At::Start,
        }
    }
}

impl Filter {
    /// Whether anything is narrowed.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.search.is_empty() || self.service.is_some() || self.status.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_for_its_own_order_only() {
        let cursor = Cursor { place: Place::Text("课堂 a".into()), id: SdkAppId(1_400_000_001) };
        assert_eq!(Cursor::decode(&cursor.encode(), Sort::Name), Some(cursor.clone()));
        assert_eq!(Cursor::decode(&cursor.encode(), Sort::Created), None);
    }

    #[test]
    fn a_cursor_holds_nothing_that_a_name_cannot() {
        let forged = URL_SAFE_NO_PAD.encode("1 ta\0b");
        assert_eq!(Cursor::decode(&forged, Sort::Name), None);
    }

    #[test]
    fn an_order_is_a_column_and_a_direction() {
        for text in ["created", "-created", "name", "-expires"] {
            assert_eq!(Order::parse(text).unwrap().text(), text);
        }
        assert_eq!(Order::parse("--name"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}") {
            for sort in Sort::ALL {
                drop(Cursor::decode(&text, *sort));
                drop(Cursor::decode(&URL_SAFE_NO_PAD.encode(&text), *sort));
            }
        }
    }
}
