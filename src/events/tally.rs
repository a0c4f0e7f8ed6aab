//! What the events of a batch add to the figures, before it is known what was counted already.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Event, Service, Stay, Tier, What};
use crate::clock::{UtcTime, Zone};
use crate::stats::Metric;

/// What a name is counted once a day as. Names of users, groups and rooms may be the same: no kind is of two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NameKind {
    /// Who logged in.
    Login,
    /// Who sent a message.
    Sender,
    /// Who sent one to another user.
    C2cSender,
    /// Who sent one to a group.
    GroupSender,
    /// A group in which one was sent.
    ActiveGroup,
    /// Who joined a room.
    RoomUser,
    /// A room that was joined.
    Room,
}

impl NameKind {
    /// All of them. The database has their places, so that none may move.
    pub const ALL: [Self; 7] = [
        Self::Login,
        Self::Sender,
        Self::C2cSender,
        Self::GroupSender,
        Self::ActiveGroup,
        Self::RoomUser,
        Self::Room,
    ];

    /// The metrics that count it.
    #[must_use]
    pub const fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Login => &[Metric::ActiveUserNum, Metric::LoginUserNum],
            Self::Sender => &[Metric::SendMsgUserNum],
            Self::C2cSender => &[Metric::C2CSendMsgUserNum],
            Self::GroupSender => &[Metric::GroupSendMsgUserNum],
            Self::ActiveGroup => &[Metric::GroupSendMsgGroupNum],
            Self::RoomUser => &[Metric::RtcUserNum],
            Self::Room => &[Metric::RtcRoomNum],
        }
    }
}

/// What a name was counted as on a day: a bit for each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameKinds(pub i64);

impl NameKinds {
    /// These and one more.
    #[must_use]
    pub const fn with(self, kind: NameKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without others.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Each of them.
    pub fn kinds(self) -> impl Iterator<Item = NameKind> {
        NameKind::ALL.into_iter().filter(move |kind| self.with(*kind) == self)
    }
}

/// The figures of a batch, by day of the app's statistics zone. Tallies of the same events in another order are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What is simply added.
    pub added: BTreeMap<(Metric, Date), i64>,
    /// Names that count once a day.
    pub names: BTreeMap<(Date, String), NameKinds>,
    /// The day of each user's earliest registration.
    pub registered: BTreeMap<String, Date>,
    /// The largest sample of a source in a minute since 1970-01-01 UTC.
    pub online: BTreeMap<(Date, i64, String), i64>,
    /// Seconds of each user.
    pub usage: BTreeMap<(Date, Service, Tier, String), i64>,
    /// Stays by their names.
    pub stays: BTreeMap<String, Stay>,
    /// The latest moment of an event.
    pub newest: Option<UtcTime>,
}

impl Tally {
    /// Counts an event. No sum of a batch can leave the range: ten thousand numbers of at most 10⁹.
    pub fn add(&mut self, event: Event, zone: &Zone) {
        let (at, day) = (event.at, event.at.day(zone));
        self.newest = self.newest.max(Some(at));
        match event.what {
            What::Registered { user } => {
                let earliest = self.registered.entry(user).or_insert(day);
                *earliest = day.min(*earliest);
            }
            What::Login { user } => {
                self.count(Metric::LoginTimes, day, 1);
                self.name(day, NameKind::Login, user);
            }
            What::Online { source, count } => {
                let minute = at.seconds().div_euclid(60);
                let largest = self.online.entry((day, minute, source)).or_default();
                *largest = count.max(*largest);
            }
            What::Messages { user, group, count, deliveries, apns } => {
                let parts = [count, deliveries, apns];
                self.messages(day, (user, group), parts);
            }
            What::GroupCreated => {
                self.count(Metric::GroupNewGroupNum, day, 1);
                self.count(Metric::GroupAllGroupNum, day, 1);
            }
            What::GroupDestroyed => {
                self.count(Metric::GroupDestroyGroupNum, day, 1);
                self.count(Metric::GroupAllGroupNum, day, -1);
            }
            What::GroupJoined => self.count(Metric::GroupJoinGroupTimes, day, 1),
            What::GroupQuit => self.count(Metric::GroupQuitGroupTimes, day, 1),
            What::FriendAdded => self.count(Metric::ChainIncrease, day, 1),
            What::FriendRemoved => self.count(Metric::ChainDecrease, day, 1),
            What::RoomJoined { room, user, stay } => {
                self.name(day, NameKind::RoomUser, user.clone());
                self.name(day, NameKind::Room, room.clone());
                let joined = Stay { joined: Some((at, user, room)), left: None };
                self.stays.entry(stay).or_default().merge(joined);
            }
            What::RoomLeft { stay } => {
                let left = Stay { joined: None, left: Some(at) };
                self.stays.entry(stay).or_default().merge(left);
            }
            What::Usage { user, seconds, pixels, service } => {
                *self.usage.entry((day, service, Tier::of(pixels), user)).or_default() += seconds;
            }
        }
    }

    fn messages(&mut self, day: Date, (user, group): (String, Option<String>), parts: [i64; 3]) {
        use Metric as M;
        let own = match group {
            None => {
                self.name(day, NameKind::C2cSender, user.clone());
                [M::C2CUpMsgNum, M::C2CDownMsgNum, M::C2CAPNSMsgNum]
            }
            Some(group) => {
                self.name(day, NameKind::GroupSender, user.clone());
                self.name(day, NameKind::ActiveGroup, group);
                [M::GroupUpMsgNum, M::GroupDownMsgNum, M::GroupAPNSMsgNum]
            }
        };
        self.name(day, NameKind::Sender, user);
        let both = [M::UpMsgNum, M::DownMsgNum, M::APNSMsgNum];
        for metrics in [own, both] {
            for (metric, number) in metrics.into_iter().zip(parts) {
                self.count(metric, day, number);
            }
        }
    }

    fn count(&mut self, metric: Metric, day: Date, number: i64) {
        *self.added.entry((metric, day)).or_default() += number;
    }

    fn name(&mut self, day: Date, kind: NameKind, name: String) {
        let kinds = self.names.entry((day, name)).or_default();
        *kinds = kinds.with(kind);
    }
}
