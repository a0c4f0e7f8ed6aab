//! Stays in rooms: when they begin and end, and how many are open at once.

use std::time::Duration;

use crate::clock::{UtcTime, hours};

/// A stay ends by itself after so long.
pub const LONGEST: Duration = hours(24);

/// What is known of a stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stay {
    /// The earliest `room.joined`: when, who, where. Of two at one instant the smaller user and room count, so that
    /// their order makes no difference.
    pub joined: Option<(UtcTime, String, String)>,
    /// The latest `room.left`.
    pub left: Option<UtcTime>,
}

impl Stay {
    /// Takes in what else is known of the same stay.
    pub fn merge(&mut self, other: Self) {
        self.joined = match (self.joined.take(), other.joined) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.left = self.left.max(other.left);
    }
}

/// The largest number of stays that are open at one instant of `[from, until)`. The stays, with their names, are those
/// that began less than [`LONGEST`] before `from` or later.
#[must_use]
pub fn peak(stays: Vec<(String, Stay)>, from: UtcTime, until: UtcTime) -> i64 {
    let begun = stays.into_iter().filter_map(|(name, stay)| {
        let (began, user, _) = stay.joined?;
        Some((user, began, name, stay.left))
    });
    let mut begun: Vec<_> = begun.collect();
    begun.sort_unstable();
    let mut edges = Vec::new();
    for (at, (user, began, _, left)) in begun.iter().enumerate() {
        // A user is in one room at a time.
        let next = begun.get(at + 1).filter(|next| next.0 == *user).map(|next| next.1);
        let ends = [*left, next].into_iter().flatten().fold(began.plus(LONGEST), UtcTime::min);
        let (begins, ends) = ((*began).max(from), ends.min(until));
        if begins < ends {
            edges.push((begins, 1));
            edges.push((ends, -1));
        }
    }
    // At one instant what ends comes before what begins.
    edges.sort_unstable();
    let (mut open, mut largest) = (0_i64, 0_i64);
    for (_, step) in edges {
        open += step;
        largest = largest.max(open);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(user: &str, joined: i64, left: Option<i64>) -> Stay {
        let joined = Some((UtcTime::from_seconds(joined), user.to_owned(), "r".to_owned()));
        Stay { joined, left: left.map(UtcTime::from_seconds) }
    }

    fn peak_of(stays: &[(&str, &str, i64, Option<i64>)]) -> i64 {
        let stays = stays
            .iter()
            .map(|(name, user, joined, left)| ((*name).to_owned(), stay(user, *joined, *left)));
        peak(stays.collect(), UtcTime::from_seconds(0), UtcTime::from_seconds(86_400))
    }

    #[test]
    fn stays_that_meet_do_not_overlap() {
        assert_eq!(peak_of(&[]), 0);
        assert_eq!(peak_of(&[("a", "u", 10, Some(20)), ("b", "v", 20, Some(30))]), 1);
        assert_eq!(peak_of(&[("a", "u", 10, Some(21)), ("b", "v", 20, Some(30))]), 2);
        assert_eq!(peak_of(&[("a", "u", 10, Some(10))]), 0, "it was over when it began");
        assert_eq!(peak_of(&[("a", "u", 10, Some(5))]), 0);
    }

    #[test]
    fn a_user_is_in_one_room_at_a_time() {
        assert_eq!(peak_of(&[("a", "u", 10, Some(90)), ("b", "u", 20, Some(30))]), 1);
        assert_eq!(peak_of(&[("a", "u", 10, None), ("b", "u", 10, None)]), 1, "at one instant");
    }

    #[test]
    fn a_stay_ends_after_a_day_and_counts_on_each_day_that_it_touches() {
        assert_eq!(peak_of(&[("a", "u", -86_400, None)]), 0);
        assert_eq!(peak_of(&[("a", "u", -86_399, None)]), 1);
        assert_eq!(peak_of(&[("a", "u", -86_399, None), ("b", "v", 1, None)]), 1);
        assert_eq!(peak_of(&[("a", "u", 86_400, None)]), 0, "tomorrow");
        assert_eq!(peak_of(&[("a", "u", 86_399, None), ("b", "v", -5, Some(0))]), 1);
    }

    #[test]
    fn what_is_known_of_a_stay_merges_in_any_order() {
        let parts = [
            stay("b", 20, Some(50)),
            stay("a", 20, None),
            Stay { joined: None, left: Some(UtcTime::from_seconds(90)) },
            stay("c", 30, Some(40)),
        ];
        let merged = |order: &[usize]| {
            order.iter().fold(Stay::default(), |mut all, at| {
                all.merge(parts[*at].clone());
                all
            })
        };
        let expected = stay("a", 20, Some(90));
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            assert_eq!(merged(&order), expected, "{order:?}");
        }
    }
}
