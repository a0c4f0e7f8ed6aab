//! Postings and packages in words.

use std::collections::BTreeMap;

use crate::clock::{UtcTime, Zone};
use crate::i18n::{Texts, grouped};
use crate::ids::{PackageId, SdkAppId};
use crate::minutes::store::{Entry, Page};
use crate::minutes::{Package, PackageState, PostingKind};

/// A moment as it is shown.
pub(super) struct Moment {
    pub(super) words: String,
    pub(super) iso: String,
}

impl Moment {
    pub(super) fn new(at: UtcTime, zone: &Zone) -> Self {
        let at = at.in_zone(zone);
        Self {
            words: at.strftime("%Y-%m-%d %H:%M").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// Hundredths of minutes, exactly: 1,234.5.
pub(super) fn exactly(hundredths: u64) -> String {
    let whole = grouped(i64::try_from(hundredths / 100).unwrap_or(i64::MAX));
    match hundredths % 100 {
        0 => whole,
        tenths if tenths % 10 == 0 => format!("{whole}.{}", tenths / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

/// What changed, with its sign.
pub(super) fn signed(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "+" };
    format!("{sign}{}", exactly(hundredths.unsigned_abs()))
}

/// What entries refer to, by number.
pub(super) struct Names {
    packages: BTreeMap<PackageId, Package>,
    apps: BTreeMap<SdkAppId, String>,
}

impl Names {
    pub(super) fn of(page: &Page) -> Self {
        let packages = page.packages.iter().map(|it| (it.id, it.clone()));
        Self { packages: packages.collect(), apps: page.apps.iter().cloned().collect() }
    }

    pub(super) fn package(&self, entry: &Entry) -> Option<&Package> {
        self.packages.get(&entry.package?)
    }

    /// The app's name; its number once it is gone.
    pub(super) fn app(&self, entry: &Entry, t: Texts) -> String {
        let name =
            |id: SdkAppId| self.apps.get(&id).cloned().unwrap_or_else(|| t.audit_gone_app(id.0));
        entry.app.map(name).unwrap_or_default()
    }

    /// Whether the app can be looked at.
    pub(super) fn has_app(&self, id: SdkAppId) -> bool {
        self.apps.contains_key(&id)
    }
}

/// Why something was posted. Usage that no package covered says so.
pub(super) const fn kind(entry: &Entry, t: Texts) -> &'static str {
    match (entry.kind, entry.package) {
        (PostingKind::Usage, None) => t.posting_uncovered(),
        (kind, _) => kind.name(t),
    }
}

/// The shape that a state has, and its word.
pub(super) const fn state(state: PackageState, t: Texts) -> (&'static str, &'static str) {
    match state {
        PackageState::Valid => ("on", t.package_valid()),
        PackageState::Upcoming => ("due", t.package_upcoming()),
        PackageState::UsedUp => ("off", t.package_used_up()),
        PackageState::Expired => ("over", t.package_expired()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_minutes_are_not_lost() {
        for (hundredths, text) in [
            (-45_000, "−450"),
            (13_250, "+132.5"),
            (-105, "−1.05"),
            (123_456_789, "+1,234,567.89"),
            (i64::MIN, "−92,233,720,368,547,758.08"),
        ] {
            assert_eq!(signed(hundredths), text);
        }
    }
}
