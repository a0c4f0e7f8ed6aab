//! The metrics a console shows, and the facts about each that never change.
//!
//! A metric is known by its key everywhere: in addresses, in the API's JSON, in the daily table and
//! here, where the variant *is* the key. One table says for each its unit, how a period of several
//! days is summarised, and which part of an app it comes from; the enum, the list of all and the
//! look-ups are made from that table, so a metric cannot be forgotten in one of them.
//!
//! Every value is an `i64`. Package minutes, which ratios can make fractional, are hundredths.

/// What one unit of a metric's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// People, each counted once.
    Users,
    /// Messages, or copies of messages delivered.
    Messages,
    /// Notifications handed to APNs.
    Pushes,
    /// Groups, each counted once.
    Groups,
    /// Rooms, each counted once.
    Rooms,
    /// Occurrences of an event.
    Times,
    /// Friendships between two users.
    Pairs,
    /// Whole minutes.
    Minutes,
    /// Hundredths of a package minute: 450.25 package minutes are the value 45025.
    PackageMinuteHundredths,
}

/// How the days of a period become one figure.
///
/// A sum of daily distinct users counts a person once for every day they came, which is the size of
/// nothing; such metrics are averaged instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// All days added up: events and amounts.
    Sum,
    /// The average day: distinct people, groups and rooms.
    Average,
    /// The largest day: peaks.
    Max,
    /// The newest day: running totals.
    Last,
}

/// Which part of an app a metric comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Users and their logins: any app.
    People,
    /// Messages, groups and friends: apps with the `im` service.
    Messaging,
    /// Rooms and metered time: apps with the `rtc` service.
    Calls,
}

macro_rules! metrics {
    ($($(#[$doc:meta])+ $name:ident: $unit:ident, $aggregate:ident, $origin:ident;)+) => {
        /// A figure that is kept for each app and day.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$doc])+ $name,)+
        }

        impl Metric {
            /// Every metric, once.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name of the metric in addresses, JSON and the daily table.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What one unit of the value is.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            /// How the days of a period become one figure.
            pub const fn aggregate(self) -> Aggregate {
                match self { $(Self::$name => Aggregate::$aggregate,)+ }
            }

            /// Which part of an app the metric comes from.
            pub const fn origin(self) -> Origin {
                match self { $(Self::$name => Origin::$origin,)+ }
            }
        }
    };
}

metrics! {
    /// Distinct users that logged in that day.
    ActiveUserNum: Users, Average, People;
    /// Users whose earliest registration fell on that day.
    RegistUserNumOneDay: Users, Sum, People;
    /// Users registered up to the end of that day.
    RegistUserNumTotal: Users, Last, People;
    /// Messages sent to the service: `C2CUpMsgNum + GroupUpMsgNum`.
    UpMsgNum: Messages, Sum, Messaging;
    /// Copies delivered: `C2CDownMsgNum + GroupDownMsgNum`.
    DownMsgNum: Messages, Sum, Messaging;
    /// Distinct users that sent a message of either kind.
    SendMsgUserNum: Users, Average, Messaging;
    /// Pushes through APNs: `C2CAPNSMsgNum + GroupAPNSMsgNum`.
    APNSMsgNum: Pushes, Sum, Messaging;
    /// The largest number of users online in one minute of the day.
    MaxOnlineNum: Users, Max, People;
    /// One-to-one messages sent.
    C2CUpMsgNum: Messages, Sum, Messaging;
    /// Copies of one-to-one messages delivered.
    C2CDownMsgNum: Messages, Sum, Messaging;
    /// Distinct users that sent a one-to-one message.
    C2CSendMsgUserNum: Users, Average, Messaging;
    /// APNs pushes of one-to-one messages.
    C2CAPNSMsgNum: Pushes, Sum, Messaging;
    /// Group messages sent.
    GroupUpMsgNum: Messages, Sum, Messaging;
    /// Copies of group messages delivered.
    GroupDownMsgNum: Messages, Sum, Messaging;
    /// Distinct users that sent a group message.
    GroupSendMsgUserNum: Users, Average, Messaging;
    /// APNs pushes of group messages.
    GroupAPNSMsgNum: Pushes, Sum, Messaging;
    /// Distinct groups in which a message was sent.
    GroupSendMsgGroupNum: Groups, Average, Messaging;
    /// Times a user joined a group.
    GroupJoinGroupTimes: Times, Sum, Messaging;
    /// Times a user left a group.
    GroupQuitGroupTimes: Times, Sum, Messaging;
    /// Groups created that day.
    GroupNewGroupNum: Groups, Sum, Messaging;
    /// Groups that exist at the end of that day.
    GroupAllGroupNum: Groups, Last, Messaging;
    /// Groups destroyed that day.
    GroupDestroyGroupNum: Groups, Sum, Messaging;
    /// Minutes without video.
    RtcAudioMinutes: Minutes, Sum, Calls;
    /// Minutes with up to 921,600 pixels of video.
    RtcHdMinutes: Minutes, Sum, Calls;
    /// Minutes with up to 2,073,600 pixels of video.
    RtcFullHdMinutes: Minutes, Sum, Calls;
    /// Minutes with up to 3,686,400 pixels of video.
    Rtc2kMinutes: Minutes, Sum, Calls;
    /// Minutes with more pixels than that.
    Rtc2kPlusMinutes: Minutes, Sum, Calls;
    /// What the minutes of all services take from the packages, in hundredths.
    RtcPackageMinutes: PackageMinuteHundredths, Sum, Calls;
    /// Distinct users that joined a room.
    RtcUserNum: Users, Average, Calls;
    /// Distinct rooms that were joined.
    RtcRoomNum: Rooms, Average, Calls;
    /// The largest number of stays open at one instant of the day.
    RtcMaxOnlineNum: Users, Max, Calls;
    /// Logins.
    LoginTimes: Times, Sum, People;
    /// Distinct users that logged in.
    LoginUserNum: Users, Average, People;
    /// Friendships made.
    ChainIncrease: Pairs, Sum, Messaging;
    /// Friendships ended.
    ChainDecrease: Pairs, Sum, Messaging;
    /// Minutes of cloud recording.
    RecordingMinutes: Minutes, Sum, Calls;
    /// Minutes of relayed streams.
    RelayMinutes: Minutes, Sum, Calls;
    /// Minutes in mini programs.
    MiniProgramMinutes: Minutes, Sum, Calls;
}

impl Metric {
    /// The metric of that key, spelled exactly; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.key() == key)
    }

    /// Whether a day without a figure has the figure of the day before, as a running total does,
    /// instead of zero.
    pub fn is_running_total(self) -> bool {
        self.aggregate() == Aggregate::Last
    }
}

/// Hundredths as a decimal number with at most two places.
#[must_use]
pub fn decimal(hundredths: i64) -> String {
    format!("{}{}", hundredths.div_euclid(100), places(hundredths))
}

/// What stands behind the whole of hundredths: nothing, `.5` or `.25`.
#[must_use]
pub fn places(hundredths: i64) -> String {
    match hundredths.rem_euclid(100) {
        0 => String::new(),
        rest if rest % 10 == 0 => format!(".{}", rest / 10),
        rest => format!(".{rest:02}"),
    }
}

/// A tab of the statistics pages, which is also a table, a CSV file and an answer of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    /// 数据总览
    Overview,
    /// 单聊统计
    C2c,
    /// 群聊统计
    Group,
    /// 用量统计
    Rtc,
}

impl Tab {
    /// Every tab, in the order in which the pages show them.
    pub const ALL: &[Self] = &[Self::Overview, Self::C2c, Self::Group, Self::Rtc];

    /// The tab's word in addresses, file names and JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::C2c => "c2c",
            Self::Group => "group",
            Self::Rtc => "rtc",
        }
    }

    /// The tab of that word, spelled exactly; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|tab| tab.key() == key)
    }

    /// The columns of table, CSV and JSON, in their documented order. The first is the chart's
    /// metric while none is chosen.
    pub const fn columns(self) -> &'static [Metric] {
        use Metric as M;
        match self {
            Self::Overview => &[
                M::ActiveUserNum,
                M::RegistUserNumOneDay,
                M::RegistUserNumTotal,
                M::UpMsgNum,
                M::DownMsgNum,
                M::SendMsgUserNum,
                M::APNSMsgNum,
                M::MaxOnlineNum,
            ],
            Self::C2c => {
                &[M::C2CUpMsgNum, M::C2CDownMsgNum, M::C2CSendMsgUserNum, M::C2CAPNSMsgNum]
            }
            Self::Group => &[
                M::GroupUpMsgNum,
                M::GroupDownMsgNum,
                M::GroupSendMsgUserNum,
                M::GroupAPNSMsgNum,
                M::GroupSendMsgGroupNum,
                M::GroupJoinGroupTimes,
                M::GroupQuitGroupTimes,
                M::GroupNewGroupNum,
                M::GroupAllGroupNum,
                M::GroupDestroyGroupNum,
            ],
            Self::Rtc => &[
                M::RtcAudioMinutes,
                M::RtcHdMinutes,
                M::RtcFullHdMinutes,
                M::Rtc2kMinutes,
                M::Rtc2kPlusMinutes,
                M::RtcPackageMinutes,
                M::RtcUserNum,
                M::RtcRoomNum,
                M::RtcMaxOnlineNum,
            ],
        }
    }

    /// What the API's JSON has after the columns, and nothing else shows.
    pub const fn json_extras(self) -> &'static [Metric] {
        use Metric as M;
        match self {
            Self::Overview => &[M::LoginTimes, M::LoginUserNum, M::ChainIncrease, M::ChainDecrease],
            Self::C2c | Self::Group => &[],
            Self::Rtc => &[M::RecordingMinutes, M::RelayMinutes, M::MiniProgramMinutes],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_back_to_their_metric() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_key(metric.key()), Some(*metric));
        }
        for tab in Tab::ALL {
            assert_eq!(Tab::from_key(tab.key()), Some(*tab));
        }
        assert_eq!(Metric::from_key("activeusernum"), None);
        assert_eq!(Tab::from_key(""), None);
    }

    #[test]
    fn hundredths_have_at_most_two_places() {
        for (value, text) in
            [(0, "0"), (45_000, "450"), (45_025, "450.25"), (45_050, "450.5"), (105, "1.05")]
        {
            assert_eq!(decimal(value), text);
        }
    }

    #[test]
    fn the_tabs_show_every_metric_once() {
        let columns = Tab::ALL.iter().flat_map(|tab| tab.columns());
        let extras = Tab::ALL.iter().flat_map(|tab| tab.json_extras());

        let mut shown: Vec<Metric> = columns.chain(extras).copied().collect();
        shown.sort_unstable();

        let mut all = Metric::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(shown, all);
    }

    #[test]
    fn columns_are_in_the_documented_order() {
        let keys = |tab: Tab| tab.columns().iter().map(|m| m.key()).collect::<Vec<_>>().join(" ");

        assert_eq!(
            keys(Tab::Overview),
            "ActiveUserNum RegistUserNumOneDay RegistUserNumTotal UpMsgNum DownMsgNum \
             SendMsgUserNum APNSMsgNum MaxOnlineNum"
        );
        assert_eq!(keys(Tab::C2c), "C2CUpMsgNum C2CDownMsgNum C2CSendMsgUserNum C2CAPNSMsgNum");
        assert_eq!(
            keys(Tab::Group),
            "GroupUpMsgNum GroupDownMsgNum GroupSendMsgUserNum GroupAPNSMsgNum \
             GroupSendMsgGroupNum GroupJoinGroupTimes GroupQuitGroupTimes GroupNewGroupNum \
             GroupAllGroupNum GroupDestroyGroupNum"
        );
        assert_eq!(
            keys(Tab::Rtc),
            "RtcAudioMinutes RtcHdMinutes RtcFullHdMinutes Rtc2kMinutes Rtc2kPlusMinutes \
             RtcPackageMinutes RtcUserNum RtcRoomNum RtcMaxOnlineNum"
        );
    }

    #[test]
    fn distinct_people_are_never_added_up() {
        for metric in Metric::ALL {
            if metric.aggregate() == Aggregate::Sum && metric.unit() == Unit::Users {
                // A person registers once, so these days may be added.
                assert_eq!(*metric, Metric::RegistUserNumOneDay);
            }
        }
    }
}
