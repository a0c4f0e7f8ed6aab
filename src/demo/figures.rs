//! Made-up daily figures that look and add up like real ones.
//!
//! Every figure follows from seed, app and day: people come in the rhythm of the app's scenario,
//! more from month to month, few at first; holidays and three incidents disturb it. What they do is
//! derived from how many came, in an order that keeps the identities of real counting: sums of
//! one-to-one and group, senders that are users, peaks below the number of users, package minutes
//! exactly by the ratios. All arithmetic is on integers, so a seed gives the same figures everywhere.

use jiff::{ToSpan, civil::Date};

use super::cast::{AppProfile, Rhythm};
use crate::stats::metric::Metric;

/// Days before today on which little worked at all.
pub const OUTAGE_DAYS_AGO: u32 = 17;
/// Days before today on which a campaign brought a crowd.
pub const SPIKE_DAYS_AGO: u32 = 9;
/// Days before today of a few weak days.
pub const DIP_DAYS_AGO: std::ops::RangeInclusive<u32> = 44..=47;
/// Days until a new app has found its users.
const RAMP_DAYS: i64 = 45;

/// Hundredths of a package minute for one minute of each kind, by the ratios that minutes are
/// settled with. The demonstration records and relays in HD.
pub const PACKAGE_HUNDREDTHS: [(Metric, i64); 8] = [
    (Metric::RtcAudioMinutes, 100),
    (Metric::RtcHdMinutes, 400),
    (Metric::RtcFullHdMinutes, 900),
    (Metric::Rtc2kMinutes, 1_600),
    (Metric::Rtc2kPlusMinutes, 3_600),
    (Metric::RecordingMinutes, 440),
    (Metric::RelayMinutes, 600),
    (Metric::MiniProgramMinutes, 390),
];

/// The figures of an app for the `days` days before today, oldest day first.
///
/// Days before the app's creation have none, and neither has today. The figures of a day depend on
/// how far it is from today and not on `days`. Apps without `im` have no figures of messages, apps
/// without `rtc` none of calls; after its stop an app counts zeros while its totals stand.
pub fn figures(
    seed: u64,
    app: &AppProfile,
    today: Date,
    days: u32,
) -> impl Iterator<Item = (Date, Metric, i64)> + use<> {
    let mut model = Model::new(seed, app);
    // Totals need the days before the first one asked for, too.
    (1..=app.created_days_ago).rev().flat_map(move |days_ago| {
        let day = today.checked_sub(i64::from(days_ago).days()).ok();
        let rows = day.map(|day| model.count(day, days_ago)).unwrap_or_default();
        let rows = if days_ago <= days { rows } else { Vec::new() };
        rows.into_iter().filter_map(move |(metric, value)| Some((day?, metric, value)))
    })
}

/// splitmix64: a stream of numbers that is the same for a seed in every version of everything.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both possible.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.roll() % high.abs_diff(low).saturating_add(1)).unwrap_or(0)
    }

    /// A share of a whole, the share lying between two per mille.
    fn share(&mut self, whole: i64, low: i64, high: i64) -> i64 {
        permille(whole, self.between(low, high))
    }
}

/// So many thousandths of a whole, halves rounded up.
fn permille(whole: i64, thousandths: i64) -> i64 {
    (whole * thousandths + 500) / 1000
}

/// An app's habits, and the totals that grow from day to day.
struct Model {
    key: u64,
    popularity: i64,
    rhythm: Rhythm,
    has_im: bool,
    has_rtc: bool,
    is_recording: bool,
    created_days_ago: u32,
    stopped_days_ago: u32,
    registered: i64,
    groups: i64,
    friends: i64,
}

impl Model {
    fn new(seed: u64, app: &AppProfile) -> Self {
        // The name goes into the key, so that an app's figures do not depend on its neighbours.
        let key = app
            .name
            .en
            .bytes()
            .fold(Dice(seed).roll(), |key, byte| Dice(key ^ u64::from(byte)).roll());
        Self {
            key,
            popularity: i64::from(app.popularity),
            rhythm: app.rhythm,
            has_im: app.has_service("im"),
            has_rtc: app.has_service("rtc"),
            is_recording: app.is_recording,
            created_days_ago: app.created_days_ago,
            stopped_days_ago: app.stopped_days_ago().unwrap_or(0),
            registered: 0,
            groups: 0,
            friends: 0,
        }
    }

    /// Counts one day; to be called day by day.
    fn count(&mut self, day: Date, days_ago: u32) -> Vec<(Metric, i64)> {
        let mut dice = Dice(self.key ^ Dice(u64::from(days_ago)).roll());
        let users = self.users(day, days_ago, &mut dice);

        let mut rows = Vec::with_capacity(Metric::ALL.len());
        self.count_people(&mut rows, users, days_ago, &mut dice);
        if self.has_im {
            self.count_messages(&mut rows, users, &mut dice);
        }
        if self.has_rtc {
            self.count_calls(&mut rows, users, &mut dice);
        }
        rows
    }

    /// How many people come.
    fn users(&self, day: Date, days_ago: u32, dice: &mut Dice) -> i64 {
        let noise = dice.between(955, 1_045);
        if days_ago < self.stopped_days_ago {
            return 0;
        }
        let age = i64::from(self.created_days_ago.saturating_sub(days_ago));
        // In thousandths of a user until the end, or small apps would stand still.
        let crowd = [
            1_000 - i64::from(days_ago.min(450)),
            (120 + 880 * age / RAMP_DAYS).min(1_000),
            weekday_permille(self.rhythm, day),
            holiday_permille(self.rhythm, day),
            incident_permille(days_ago),
            noise,
        ];
        let crowd = crowd.into_iter().fold(self.popularity * 1_000, permille);
        ((crowd + 500) / 1_000).max(1)
    }

    fn count_people(
        &mut self,
        rows: &mut Vec<(Metric, i64)>,
        users: i64,
        days_ago: u32,
        dice: &mut Dice,
    ) {
        let rate = dice.between(36, 52) * if days_ago == SPIKE_DAYS_AGO { 3 } else { 1 };
        // Nobody comes who has not registered.
        let newcomers = permille(users, rate).max(users - self.registered);
        self.registered += newcomers;

        rows.extend([
            (Metric::ActiveUserNum, users),
            (Metric::RegistUserNumOneDay, newcomers),
            (Metric::RegistUserNumTotal, self.registered),
            (Metric::MaxOnlineNum, dice.share(users, 240, 310).max(users.min(1))),
            (Metric::LoginTimes, dice.share(users, 2_100, 2_600)),
            (Metric::LoginUserNum, users),
        ]);
    }

    fn count_messages(&mut self, rows: &mut Vec<(Metric, i64)>, users: i64, dice: &mut Dice) {
        let created = dice.share(users, 8, 14).max(if self.groups == 0 { users.min(1) } else { 0 });
        let destroyed = dice.share(created, 300, 600).min(self.groups);
        self.groups += created - destroyed;

        let c2c = c2c_traffic(users, dice);
        let group = group_traffic(users, self.groups, dice);
        // Some write to both, so the senders are more than either and fewer than the sum.
        let (fewest, most) = (c2c.senders.max(group.senders), c2c.senders + group.senders);
        let senders = fewest + dice.share(most.min(users) - fewest, 500, 800);
        let joined = created + dice.share(users, 20, 40);
        let befriended = dice.share(users, 15, 30);
        let parted = dice.share(befriended, 100, 250).min(self.friends);
        self.friends += befriended - parted;

        rows.extend([
            (Metric::UpMsgNum, c2c.up + group.up),
            (Metric::DownMsgNum, c2c.down + group.down),
            (Metric::SendMsgUserNum, senders),
            (Metric::APNSMsgNum, c2c.pushes + group.pushes),
            (Metric::C2CUpMsgNum, c2c.up),
            (Metric::C2CDownMsgNum, c2c.down),
            (Metric::C2CSendMsgUserNum, c2c.senders),
            (Metric::C2CAPNSMsgNum, c2c.pushes),
            (Metric::GroupUpMsgNum, group.up),
            (Metric::GroupDownMsgNum, group.down),
            (Metric::GroupSendMsgUserNum, group.senders),
            (Metric::GroupAPNSMsgNum, group.pushes),
            (Metric::GroupSendMsgGroupNum, group.groups),
            (Metric::GroupJoinGroupTimes, joined),
            (Metric::GroupQuitGroupTimes, dice.share(joined, 350, 600)),
            (Metric::GroupNewGroupNum, created),
            (Metric::GroupAllGroupNum, self.groups),
            (Metric::GroupDestroyGroupNum, destroyed),
            (Metric::ChainIncrease, befriended),
            (Metric::ChainDecrease, parted),
        ]);
    }

    fn count_calls(&self, rows: &mut Vec<(Metric, i64)>, users: i64, dice: &mut Dice) {
        // Where people can also write, only some of them call.
        let share = if self.has_im { 250 } else { 880 };
        let callers = dice.share(users, share - 20, share + 20).max(users.min(1));
        let habit = call_habit(self.rhythm);
        let minutes = dice.share(callers * habit.minutes, 900, 1_100);

        let [hd, full_hd, two_k, two_k_plus] = habit.video.map(|part| permille(minutes, part));
        let audio = minutes - hd - full_hd - two_k - two_k_plus;
        let recorded = if self.is_recording { dice.share(minutes, 60, 90) } else { 0 };
        let (relayed, mini) = (permille(minutes, habit.relay), permille(minutes, habit.mini));
        let parts = [audio, hd, full_hd, two_k, two_k_plus, recorded, relayed, mini];

        let priced = PACKAGE_HUNDREDTHS.iter().zip(parts);
        rows.extend(priced.clone().map(|((metric, _), part)| (*metric, part)));
        rows.extend([
            (Metric::RtcPackageMinutes, priced.map(|((_, price), part)| price * part).sum()),
            (Metric::RtcUserNum, callers),
            (Metric::RtcRoomNum, (callers / habit.room_size).max(callers.min(1))),
            (Metric::RtcMaxOnlineNum, dice.share(callers, 200, 290).max(callers.min(1))),
        ]);
    }
}

/// A day's messages of one kind.
struct Traffic {
    senders: i64,
    up: i64,
    down: i64,
    pushes: i64,
    groups: i64,
}

fn c2c_traffic(users: i64, dice: &mut Dice) -> Traffic {
    let senders = dice.share(users, 380, 440);
    let up = dice.share(senders, 11_000, 13_500);
    let down = dice.share(up, 1_020, 1_110);
    Traffic { senders, up, down, pushes: dice.share(down, 110, 150), groups: 0 }
}

fn group_traffic(users: i64, groups: i64, dice: &mut Dice) -> Traffic {
    // Without a group there is nobody to write to.
    let senders = if groups > 0 { dice.share(users, 250, 310) } else { 0 };
    let up = dice.share(senders, 7_000, 9_000);
    let down = dice.share(up, 8_200, 9_800);
    let spoken_in = dice.share(senders, 180, 240).min(groups).max(senders.min(1));
    Traffic { senders, up, down, pushes: dice.share(down, 60, 80), groups: spoken_in }
}

/// How people of a scenario call; shares are per mille of the minutes.
struct CallHabit {
    /// Minutes of an average caller in a day.
    minutes: i64,
    /// People in a room.
    room_size: i64,
    /// Shares of HD, full HD, 2K and above; the rest is audio.
    video: [i64; 4],
    /// Share that is relayed as well.
    relay: i64,
    /// Share that is spent in mini programs as well.
    mini: i64,
}

fn call_habit(rhythm: Rhythm) -> CallHabit {
    let (minutes, room_size, video, relay, mini) = match rhythm {
        Rhythm::School => (24, 7, [430, 90, 12, 0], 15, 0),
        Rhythm::Office => (17, 3, [520, 160, 30, 4], 0, 40),
        Rhythm::Leisure => (23, 5, [35, 5, 0, 0], 0, 20),
        Rhythm::Everyday => (8, 12, [560, 120, 8, 0], 60, 90),
    };
    CallHabit { minutes, room_size, video, relay, mini }
}

fn weekday_permille(rhythm: Rhythm, day: Date) -> i64 {
    let (monday, midweek, friday, saturday, sunday) = match rhythm {
        Rhythm::School => (1_000, 1_025, 960, 580, 500),
        Rhythm::Office => (1_025, 1_035, 940, 290, 230),
        Rhythm::Leisure => (880, 890, 1_050, 1_250, 1_200),
        Rhythm::Everyday => (1_000, 985, 1_020, 1_070, 1_045),
    };
    match day.weekday() {
        jiff::civil::Weekday::Monday => monday,
        jiff::civil::Weekday::Friday => friday,
        jiff::civil::Weekday::Saturday => saturday,
        jiff::civil::Weekday::Sunday => sunday,
        _ => midweek,
    }
}

fn holiday_permille(rhythm: Rhythm, day: Date) -> i64 {
    match rhythm {
        Rhythm::School if is_holiday(day) => 300,
        Rhythm::School if (7..=8).contains(&day.month()) => 780,
        Rhythm::Office if is_holiday(day) => 250,
        Rhythm::Leisure if is_holiday(day) => 1_180,
        Rhythm::Everyday if is_holiday(day) => 1_060,
        _ => 1_000,
    }
}

/// New Year, Labour Day, National Day, and the Spring Festival of the years that are listed.
fn is_holiday(day: Date) -> bool {
    /// New Year's Eve of the lunar calendar, when eight days off begin.
    const EVES: [(i16, i8, i8); 8] = [
        (2024, 2, 9),
        (2025, 1, 28),
        (2026, 2, 16),
        (2027, 2, 5),
        (2028, 1, 25),
        (2029, 2, 12),
        (2030, 2, 2),
        (2031, 1, 22),
    ];
    let is_spring_festival = EVES.iter().any(|(year, month, first)| {
        let eve = Date::new(*year, *month, *first).unwrap_or(Date::MIN);
        day >= eve && eve.duration_until(day).as_hours() < 8 * 24
    });
    is_spring_festival || matches!((day.month(), day.day()), (1, 1) | (5, 1..=5) | (10, 1..=7))
}

fn incident_permille(days_ago: u32) -> i64 {
    match days_ago {
        OUTAGE_DAYS_AGO => 60,
        SPIKE_DAYS_AGO => 1_450,
        _ if DIP_DAYS_AGO.contains(&days_ago) => 640,
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::{Weekday, date};

    use super::super::cast::{APPS_MAX, apps};
    use super::*;
    use crate::stats::metric::{Origin, Tab};

    const TODAY: Date = date(2026, 11, 20);

    type Days = BTreeMap<Date, BTreeMap<Metric, i64>>;

    fn days_of(app: &AppProfile, today: Date) -> Days {
        let mut days = Days::new();
        for (day, metric, value) in figures(7, app, today, 400) {
            let twice = days.entry(day).or_default().insert(metric, value);
            assert_eq!(twice, None, "{metric:?} on {day}");
        }
        days
    }

    fn named(name: &str) -> AppProfile {
        apps(12).into_iter().find(|app| app.name.en == name).unwrap()
    }

    fn active(days: &Days, filter: impl Fn(Date) -> bool) -> i64 {
        let chosen = days.iter().filter(|(day, _)| filter(**day));
        let users: Vec<i64> = chosen.map(|(_, row)| row[&Metric::ActiveUserNum]).collect();
        users.iter().sum::<i64>() / i64::try_from(users.len()).unwrap()
    }

    /// Every identity and bound of one day's figures; `before` is the day before.
    fn check_day(row: &BTreeMap<Metric, i64>, before: Option<&BTreeMap<Metric, i64>>) {
        use Metric as M;
        let of = |metric| row.get(&metric).copied().unwrap_or(0);
        let was = |metric| before.and_then(|row| row.get(&metric)).copied().unwrap_or(0);
        let users = of(M::ActiveUserNum);

        assert!(row.values().all(|value| *value >= 0));
        assert_eq!(of(M::UpMsgNum), of(M::C2CUpMsgNum) + of(M::GroupUpMsgNum));
        assert_eq!(of(M::DownMsgNum), of(M::C2CDownMsgNum) + of(M::GroupDownMsgNum));
        assert_eq!(of(M::APNSMsgNum), of(M::C2CAPNSMsgNum) + of(M::GroupAPNSMsgNum));
        assert_eq!(of(M::LoginUserNum), users);
        let registered = was(M::RegistUserNumTotal) + of(M::RegistUserNumOneDay);
        assert_eq!(of(M::RegistUserNumTotal), registered);
        let groups = was(M::GroupAllGroupNum) + of(M::GroupNewGroupNum);
        assert_eq!(of(M::GroupAllGroupNum), groups - of(M::GroupDestroyGroupNum));
        let package: i64 = PACKAGE_HUNDREDTHS.iter().map(|(m, price)| of(*m) * price).sum();
        assert_eq!(of(M::RtcPackageMinutes), package);

        for (small, large) in [
            (M::ActiveUserNum, M::RegistUserNumTotal),
            (M::ActiveUserNum, M::LoginTimes),
            (M::MaxOnlineNum, M::ActiveUserNum),
            (M::SendMsgUserNum, M::ActiveUserNum),
            (M::C2CSendMsgUserNum, M::SendMsgUserNum),
            (M::GroupSendMsgUserNum, M::SendMsgUserNum),
            (M::C2CSendMsgUserNum, M::C2CUpMsgNum),
            (M::GroupSendMsgUserNum, M::GroupUpMsgNum),
            (M::GroupSendMsgGroupNum, M::GroupAllGroupNum),
            (M::GroupSendMsgGroupNum, M::GroupUpMsgNum),
            (M::C2CAPNSMsgNum, M::C2CDownMsgNum),
            (M::GroupAPNSMsgNum, M::GroupDownMsgNum),
            (M::GroupQuitGroupTimes, M::GroupJoinGroupTimes),
            (M::RtcUserNum, M::ActiveUserNum),
            (M::RtcRoomNum, M::RtcUserNum),
            (M::RtcMaxOnlineNum, M::RtcUserNum),
        ] {
            if row.contains_key(&large) {
                assert!(of(small) <= of(large), "{small:?} <= {large:?}: {row:?}");
            }
        }
        assert!(of(M::SendMsgUserNum) <= of(M::C2CSendMsgUserNum) + of(M::GroupSendMsgUserNum));
        let calls = Tab::Rtc.columns().iter().take(5).map(|m| of(*m)).sum::<i64>();
        assert!(calls <= of(M::RtcUserNum) * 1_440 && (calls > 0) == (of(M::RtcUserNum) > 0));
        for (people, messages) in
            [(M::C2CSendMsgUserNum, M::C2CUpMsgNum), (M::GroupSendMsgUserNum, M::GroupUpMsgNum)]
        {
            assert_eq!(of(people) > 0, of(messages) > 0);
        }
        assert_eq!(of(M::GroupSendMsgGroupNum) > 0, of(M::GroupUpMsgNum) > 0);
    }

    #[test]
    fn every_day_of_every_app_adds_up() {
        for app in apps(APPS_MAX).iter().step_by(29).chain(&apps(12)) {
            let mut before = None;
            for row in days_of(app, TODAY).into_values() {
                check_day(&row, before.as_ref());
                before = Some(row);
            }
        }
    }

    #[test]
    fn an_app_has_the_figures_of_its_services_from_its_creation_until_yesterday() {
        for app in apps(12) {
            let days = days_of(&app, TODAY);

            assert_eq!(days.keys().next_back(), Some(&date(2026, 11, 19)));
            assert_eq!(days.len(), usize::try_from(app.created_days_ago).unwrap());
            for metric in Metric::ALL {
                let is_expected = match metric.origin() {
                    Origin::People => true,
                    Origin::Messaging => app.has_service("im"),
                    Origin::Calls => app.has_service("rtc"),
                };
                assert!(days.values().all(|row| row.contains_key(metric) == is_expected));
            }
        }
    }

    #[test]
    fn a_seed_gives_the_same_figures_and_another_seed_others() {
        let app = named("Classroom");
        let all = |seed, days| figures(seed, &app, TODAY, days).collect::<Vec<_>>();

        assert_eq!(all(7, 400), all(7, 400));
        assert_ne!(all(7, 400), all(8, 400));
        assert!(all(7, 400).ends_with(&all(7, 30)), "fewer days are the end of more");
        assert_eq!(all(7, 30).len(), 30 * Metric::ALL.len());
        assert_eq!(all(7, 0), []);
    }

    #[test]
    fn the_stream_of_numbers_is_the_published_one() {
        let mut dice = Dice(1_234_567);

        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
        assert!((0..1_000).all(|_| (3..=5).contains(&dice.between(3, 5))));
    }

    #[test]
    fn a_year_shows_growth_and_a_launch_shows_a_ramp() {
        let days = days_of(&named("Voice rooms"), TODAY);
        let quarter = |first, last| active(&days, |day| (first..=last).contains(&day));

        let a_year_ago = quarter(date(2026, 1, 5), date(2026, 2, 1));
        let lately = quarter(date(2026, 10, 12), date(2026, 11, 1));
        assert!(lately * 100 > a_year_ago * 120, "{a_year_ago} then, {lately} now");

        let days = days_of(&named("Squad voice"), TODAY);
        let first_week = active(&days, |day| day < date(2026, 10, 11));
        let last_week = active(&days, |day| day > date(2026, 11, 12));
        assert!(last_week > first_week * 3, "{first_week} then, {last_week} now");
    }

    #[test]
    fn classes_rest_on_weekends_when_voice_rooms_fill() {
        let is_weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let weekend_percent = |name| {
            let days = days_of(&named(name), TODAY);
            100 * active(&days, is_weekend) / active(&days, |day| !is_weekend(day))
        };

        assert!(weekend_percent("Classroom") < 65);
        assert!(weekend_percent("Clinic follow-up") < 40);
        assert!(weekend_percent("Voice rooms") > 120);
    }

    #[test]
    fn incidents_stand_out_on_any_today() {
        for today in [date(2025, 3, 3), TODAY, date(2027, 8, 1)] {
            let days = days_of(&named("Support chat"), today);
            let ago = |days_ago: u32| today - i64::from(days_ago).days();
            let week = |days_ago: u32| {
                active(&days, |day| day > ago(days_ago + 4) && day < ago(days_ago - 3))
            };

            let on = |days_ago| days[&ago(days_ago)][&Metric::ActiveUserNum];
            assert!(on(OUTAGE_DAYS_AGO) * 8 < week(OUTAGE_DAYS_AGO));
            assert!(on(SPIKE_DAYS_AGO) * 10 > week(SPIKE_DAYS_AGO) * 12);
            assert!(on(*DIP_DAYS_AGO.start()) * 10 < on(DIP_DAYS_AGO.end() + 2) * 8);
        }
    }

    #[test]
    fn after_its_stop_an_app_counts_nothing_and_keeps_its_totals() {
        let days = days_of(&named("Matchmaking"), TODAY);
        let last_used = &days[&date(2026, 11, 11)];

        assert!(last_used[&Metric::UpMsgNum] > 0);
        for (_, row) in days.range(date(2026, 11, 12)..) {
            for (metric, value) in row {
                let expected = if metric.is_running_total() { last_used[metric] } else { 0 };
                assert_eq!(*value, expected, "{metric:?}");
            }
        }
    }

    #[test]
    fn trials_stay_within_their_hundred_users() {
        for app in apps(12).iter().filter(|app| app.plan.is_some_and(|p| p.word == "trial")) {
            let (_, row) = days_of(app, TODAY).pop_last().unwrap();
            assert!((10..=100).contains(&row[&Metric::RegistUserNumTotal]), "{:?}", app.name);
        }
    }
}
