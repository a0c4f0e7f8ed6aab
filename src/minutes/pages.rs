//! The page of minutes, and their ledger as a file.

mod export;
mod list;
mod words;

use super::Standing;
use crate::i18n::{Texts, grouped};
use crate::web::{Need, Routes, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    let read = Need::May(Permission::ReadMinutes);
    routes.page(urls::MINUTES, read, list::show);
    routes.form(urls::MINUTES, Need::May(Permission::ManageMinutes), list::set_alert_line);
    routes.page(urls::MINUTES_LEDGER, read, export::download);
}

/// What is left and what was used, as a meter shows it.
pub struct Meter {
    /// What is left, in words.
    pub left: String,
    /// What was used of what, in words.
    pub used: String,
    /// What was used.
    pub value: i64,
    /// Of what.
    pub max: i64,
    /// Whether that is little.
    pub is_low: bool,
}

impl Meter {
    /// The meter of a standing.
    #[must_use]
    pub fn of(standing: Standing, t: Texts) -> Self {
        let balance = standing.balance;
        let (left, all) = (balance.remaining.minutes(), balance.granted.minutes());
        // Whole minutes that add up: parts of one count as used.
        let used = all - left;
        Self {
            left: t.minutes_left(&grouped(left)),
            used: t.minutes_used(&grouped(used), &grouped(all)),
            value: used,
            max: all.max(1),
            is_low: standing.is_low(),
        }
    }
}
