//! Stays in rooms: when they begin and end, and how many are open at once.

use std::collections::BTreeMap;
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

/// A stay from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where.
    pub room: String,
    /// The moment of the join.
    pub began: UtcTime,
    /// The moment at which it is over; it may be ahead.
    pub ends: UtcTime,
}

/// Stays, with their names, as far as they have begun: each until it is left, until the same user's next one begins, since
/// a user is in one room at a time, or for [`LONGEST`].
#[must_use]
pub fn spans(stays: Vec<(String, Stay)>) -> Vec<Span> {
    let begun = stays.into_iter().filter_map(|(name, stay)| {
        let (began, user, room) = stay.joined?;
        Some((user, began, name, stay.left, room))
    });
    let mut begun: Vec<_> = begun.collect();
    begun.sort_unstable();
    let nexts: Vec<_> = begun.iter().skip(1).map(|next| Some((next.0.clone(), next.1))).collect();
    let span = |((user, began, _, left, room), next): (_, Option<(String, UtcTime)>)| {
        let next = next.filter(|next| next.0 == user).map(|next| next.1);
        let ends =
            [left, next].into_iter().flatten().fold(UtcTime::plus(began, LONGEST), UtcTime::min);
        Span { room, began, ends }
    };
    begun.into_iter().zip(nexts.into_iter().chain([None])).map(span).collect()
}

/// The largest number of stays that are open at one instant of `[from, until)`. The stays, with their names, are those
/// that began less than [`LONGEST`] before `from` or later.
#[must_use]
pub fn peak(stays: Vec<(String, Stay)>, from: UtcTime, until: UtcTime) -> i64 {
    let mut edges = Vec::new();
    for span in spans(stays) {
        let (begins, ends) = (span.began.max(from), span.ends.min(until));
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

/// A room with somebody in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRoom {
    /// Its name.
    pub room: String,
    /// Stays that are open in it.
    pub stays: i64,
    /// When the earliest of the stays began for which it is open.
    pub since: UtcTime,
}

/// A room is shown for so long after its last stay has ended.
const ROOM_LINGERS: Duration = Duration::from_secs(30);

/// The rooms that are open at a moment, the fullest first.
#[must_use]
pub fn open_rooms(stays: Vec<(String, Stay)>, now: UtcTime) -> Vec<OpenRoom> {
    let mut rooms: BTreeMap<String, (i64, UtcTime)> = BTreeMap::new();
    for span in spans(stays) {
        // One that ended as it began was never open.
        if span.began > now || span.ends.plus(ROOM_LINGERS) <= now || span.ends <= span.began {
            continue;
        }
        let room = rooms.entry(span.room).or_insert((0, span.began));
        room.0 += i64::from(span.ends > now);
        room.1 = room.1.min(span.began);
    }
    let mut rooms: Vec<_> =
        rooms.into_iter().map(|(room, (stays, since))| OpenRoom { room, stays, since }).collect();
    rooms.sort_by(|a, b| b.stays.cmp(&a.stays).then(a.since.cmp(&b.since)));
    rooms
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
    fn a_room_is_open_while_somebody_stays_and_a_little_longer() {
        let stays = [("a", "u", 0, Some(100)), ("b", "v", 50, None), ("c", "w", 60, Some(60))];
        let open_at = |now: i64| {
            let stays = stays.iter().map(|(name, user, joined, left)| {
                let mut stay = stay(user, *joined, *left);
                if *name == "b" {
                    stay.joined.as_mut().unwrap().2 = "s".into();
                }
                ((*name).to_owned(), stay)
            });
            let rooms = open_rooms(stays.collect(), UtcTime::from_seconds(now));
            let room = |it: OpenRoom| (it.room, it.stays, it.since.seconds());
            rooms.into_iter().map(room).collect::<Vec<_>>()
        };
        let (r, s) = (|stays| ("r".to_owned(), stays, 0), |stays| ("s".to_owned(), stays, 50));
        assert_eq!(open_at(-1), []);
        assert_eq!(open_at(0), [r(1)]);
        assert_eq!(open_at(99), [r(1), s(1)]);
        assert_eq!(open_at(100), [s(1), r(0)], "a room lingers");
        assert_eq!(open_at(130), [s(1)]);
        assert_eq!(open_at(50 + 86_400), [s(0)]);
        assert_eq!(open_at(80 + 86_400), []);
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
