//! Packages of minutes, and which of them pays.

use jiff::civil::Date;

use super::Hundredths;
use crate::clock::{UtcTime, Zone, hours};
use crate::ids::PackageId;

crate::words! {
    /// Where a package comes from.
    pub enum PackageKind {
        /// Every workspace gets it once.
        Newcomer = "newcomer",
        /// Whoever runs the installation gave it.
        Granted = "granted",
        /// It was bought.
        Purchased = "purchased",
    }
}

/// A package of minutes.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Package {
    /// Its number.
    pub id: PackageId,
    /// Where it comes from.
    pub kind: PackageKind,
    /// What it held at first, in hundredths.
    pub granted: i64,
    /// What is left of it, in hundredths.
    pub remaining: i64,
    /// From when on it is valid.
    pub starts_at: UtcTime,
    /// When it is not valid any more.
    pub expires_at: UtcTime,
}

/// What has become of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageState {
    /// It can be used.
    Valid,
    /// It can be used later.
    Upcoming,
    /// Nothing is left of it.
    UsedUp,
    /// Its time is over.
    Expired,
}

impl Package {
    /// Its state at a moment.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> PackageState {
        if self.expires_at <= now {
            PackageState::Expired
        } else if self.remaining == 0 {
            PackageState::UsedUp
        } else if self.starts_at > now {
            PackageState::Upcoming
        } else {
            PackageState::Valid
        }
    }

    /// What packages are used in the order of: the newcomer package, then by their ends.
    #[must_use]
    pub fn turn(&self) -> (bool, UtcTime, PackageId) {
        (self.kind != PackageKind::Newcomer, self.expires_at, self.id)
    }
}

/// Minutes that a package gives, or gets back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking {
    /// The package; `None` for what no package covers.
    pub package: Option<PackageId>,
    /// How many; always more than none.
    pub amount: Hundredths,
}

/// From when until when a day lasts in a zone, by its clocks; `None` at the end of time.
#[must_use]
pub fn day_span(day: Date, zone: &Zone) -> Option<(UtcTime, UtcTime)> {
    let begins = |day: Date| zone.moment(day.at(0, 0, 0, 0));
    Some((begins(day)?, begins(day.tomorrow().ok()?)?))
}

/// When a day is settled: 24 hours after it has ended.
#[must_use]
pub fn settles_at(day: Date, zone: &Zone) -> Option<UtcTime> {
    day_span(day, zone).map(|(_, ends)| ends.plus(hours(24)))
}

/// Takes what was used in a span of time from the packages whose validity it touches, and leaves the rest uncovered.
/// The takings add up to what was used.
#[must_use]
pub fn take(
    packages: &[Package],
    (begins, ends): (UtcTime, UtcTime),
    used: Hundredths,
) -> Vec<Taking> {
    let is_valid = |it: &&Package| it.starts_at < ends && it.expires_at > begins;
    let mut valid: Vec<&Package> = packages.iter().filter(is_valid).collect();
    valid.sort_by_key(|package| package.turn());
    let mut left = used.0.max(0);
    let mut takings = Vec::new();
    for (package, amount) in
        valid.iter().map(|it| (Some(it.id), it.remaining)).chain([(None, left)])
    {
        let amount = left.min(amount).max(0);
        left -= amount;
        if amount > 0 {
            takings.push(Taking { package, amount: Hundredths(amount) });
        }
    }
    takings
}

/// Gives minutes back that were taken for a day: what was taken last comes first, so that it is as if they had never been
/// taken. `taken` is what the day took of each package, `packages` has these among others.
#[must_use]
pub fn give_back(taken: &[Taking], packages: &[Package], amount: Hundredths) -> Vec<Taking> {
    let turn = |taking: &&Taking| {
        let package = packages.iter().find(|it| Some(it.id) == taking.package);
        // What no package covered comes after all of them.
        (package.is_none(), package.map(Package::turn))
    };
    let mut order: Vec<&Taking> = taken.iter().collect();
    order.sort_by_key(turn);
    let mut left = amount.0.max(0);
    let mut back = Vec::new();
    for taking in order.into_iter().rev() {
        let amount = left.min(taking.amount.0).max(0);
        left -= amount;
        if amount > 0 {
            back.push(Taking { package: taking.package, amount: Hundredths(amount) });
        }
    }
    back
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn package(
        id: i64,
        kind: PackageKind,
        remaining: i64,
        (starts, expires): (i64, i64),
    ) -> Package {
        Package {
            id: PackageId(id),
            kind,
            granted: remaining.max(1),
            remaining,
            starts_at: UtcTime(starts),
            expires_at: UtcTime(expires),
        }
    }

    const DAY: (UtcTime, UtcTime) = (UtcTime(100), UtcTime(200));

    fn taken(packages: &[Package], used: i64) -> Vec<(i64, i64)> {
        let takings = take(packages, DAY, Hundredths(used));
        takings.iter().map(|it| (it.package.map_or(0, |id| id.0), it.amount.0)).collect()
    }

    #[test]
    fn the_newcomer_package_goes_first_and_then_what_ends_first() {
        use PackageKind::{Granted, Newcomer, Purchased};
        let packages = [
            package(1, Purchased, 50, (0, 900)),
            package(2, Granted, 50, (0, 500)),
            package(3, Newcomer, 50, (0, 999)),
            package(4, Granted, 50, (0, 500)),
        ];
        assert_eq!(taken(&packages, 0), []);
        assert_eq!(taken(&packages, 50), [(3, 50)]);
        assert_eq!(taken(&packages, 120), [(3, 50), (2, 50), (4, 20)]);
        assert_eq!(taken(&packages, 205), [(3, 50), (2, 50), (4, 50), (1, 50), (0, 5)]);
    }

    #[test]
    fn a_package_pays_for_the_days_that_touch_its_validity() {
        let of = |starts, expires| [package(1, PackageKind::Granted, 50, (starts, expires))];
        for (starts, expires, pays) in
            [(0, 100, false), (0, 101, true), (199, 900, true), (200, 900, false), (120, 130, true)]
        {
            let expected = if pays { [(1, 7)] } else { [(0, 7)] };
            assert_eq!(taken(&of(starts, expires), 7), expected, "{starts}..{expires}");
        }
    }

    fn settled(zone: &str, day: Date) -> String {
        settles_at(day, &Zone::named(zone).unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_day_is_settled_24_hours_after_the_clocks_of_its_zone_say_that_it_is_over() {
        assert_eq!(settled("Asia/Shanghai", date(2026, 3, 1)), "2026-03-02T16:00:00Z");
        // Midnight was skipped: 2018-11-03 ended an hour before the clocks would have said so.
        assert_eq!(settled("America/Sao_Paulo", date(2018, 11, 2)), "2018-11-04T03:00:00Z");
        assert_eq!(settled("America/Sao_Paulo", date(2018, 11, 3)), "2018-11-05T03:00:00Z");
        assert_eq!(settled("America/Sao_Paulo", date(2018, 11, 4)), "2018-11-06T02:00:00Z");
        // An hour before midnight came twice: the day was 25 hours long.
        assert_eq!(settled("America/Sao_Paulo", date(2018, 2, 16)), "2018-02-18T02:00:00Z");
        assert_eq!(settled("America/Sao_Paulo", date(2018, 2, 17)), "2018-02-19T03:00:00Z");
        let zone = Zone::named("America/Sao_Paulo").unwrap();
        let (begins, ends) = day_span(date(2018, 2, 17), &zone).unwrap();
        assert_eq!(ends.since(begins), hours(25));
        assert_eq!(settles_at(Date::MAX, &zone), None);
    }

    fn any_packages() -> impl Strategy<Value = Vec<Package>> {
        let kinds = prop::sample::select(PackageKind::ALL);
        let one = (kinds, 0_i64..300, 0_i64..250, 0_i64..250);
        prop::collection::vec(one, 0..6).prop_map(|all| {
            let all = all.into_iter().enumerate();
            all.map(|(at, (kind, left, from, span))| {
                package(i64::try_from(at).unwrap() + 1, kind, left, (from, from + span))
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn takings_add_up_and_take_from_no_package_more_than_it_holds(
            packages in any_packages(), used in -5_i64..2_000,
        ) {
            let takings = take(&packages, DAY, Hundredths(used));
            let sum: i64 = takings.iter().map(|it| it.amount.0).sum();
            prop_assert_eq!(sum, used.max(0));
            prop_assert!(takings.iter().all(|it| it.amount.0 > 0));
            let of = |id: Option<PackageId>| packages.iter().find(|it| Some(it.id) == id);
            let paying: Vec<&Package> = takings.iter().filter_map(|it| of(it.package)).collect();
            for (package, taking) in paying.iter().zip(&takings) {
                prop_assert!(taking.amount.0 <= package.remaining);
                prop_assert!(package.starts_at < DAY.1 && package.expires_at > DAY.0);
            }
            // In order, each emptied before the next is touched; what is uncovered comes last and once.
            prop_assert!(paying.windows(2).all(|two| two[0].turn() < two[1].turn()));
            let all_but_last = takings.len().saturating_sub(1);
            for (package, taking) in paying.iter().zip(&takings).take(all_but_last) {
                prop_assert_eq!(taking.amount.0, package.remaining);
            }
            for skipped in packages.iter().filter(|it| !paying.contains(it) && it.remaining > 0) {
                let is_valid = skipped.starts_at < DAY.1 && skipped.expires_at > DAY.0;
                let is_later = paying.iter().all(|it| it.turn() < skipped.turn());
                prop_assert!(!is_valid || (is_later && takings.iter().all(|it| it.package.is_some())));
            }
        }

        #[test]
        fn what_is_given_back_was_never_taken(
            packages in any_packages(), used in 0_i64..1_500, less in 0_i64..1_500,
        ) {
            let less = less.min(used);
            let takings = take(&packages, DAY, Hundredths(used));
            let back = give_back(&takings, &packages, Hundredths(less));
            prop_assert_eq!(back.iter().map(|it| it.amount.0).sum::<i64>(), less);
            let left: Vec<Taking> = takings.iter().filter_map(|taking| {
                let back = back.iter().find(|it| it.package == taking.package);
                let amount = taking.amount.0 - back.map_or(0, |it| it.amount.0);
                (amount > 0).then_some(Taking { amount: Hundredths(amount), ..*taking })
            }).collect();
            prop_assert_eq!(left, take(&packages, DAY, Hundredths(used - less)));
        }
    }
}
