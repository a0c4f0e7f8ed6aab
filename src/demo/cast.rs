//! The people and apps of the demonstration, as data.
//!
//! Twelve apps cover all eleven scenarios and every state a list can show: running, switched off by
//! a member, by arrears and by the end of a plan, due to expire, expired, on trial and paid. Moments
//! are days before "today", so a demonstration never ages. Words of the wire (scenarios, roles,
//! plans …) are spelled as in the API; whoever loads the cast parses them.

use std::borrow::Cow;

/// The same thing said in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

const fn words(zh: &'static str, en: &'static str) -> Words {
    Words { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
}

/// The workspace that all of it belongs to.
pub const WORKSPACE: Words = words("山茶互动", "Camellia Interactive");

/// A member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Full name.
    pub name: Words,
    /// Address to sign in with.
    pub email: &'static str,
    /// Role on the wire.
    pub role: &'static str,
}

/// One member of each role, the owner first.
pub const PEOPLE: [Person; 6] = [
    Person { name: words("陈立", "Li Chen"), email: "li.chen@example.com", role: "owner" },
    Person { name: words("王芳", "Fang Wang"), email: "fang.wang@example.com", role: "admin" },
    Person { name: words("刘洋", "Yang Liu"), email: "yang.liu@example.com", role: "engineer" },
    Person {
        name: words("赵静", "Jing Zhao"), email: "jing.zhao@example.com", role: "operations"
    },
    Person { name: words("孙丽", "Li Sun"), email: "li.sun@example.com", role: "finance" },
    Person { name: words("周凯", "Kai Zhou"), email: "kai.zhou@example.com", role: "viewer" },
];

/// When in a week and a year an app's users come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// On school days.
    School,
    /// On working days.
    Office,
    /// On evenings, weekends and holidays.
    Leisure,
    /// Every day, a little more on weekends.
    Everyday,
}

/// Whether an app works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Switched on.
    Enabled,
    /// 到期: its plan has ended, and its users came for the last time so many days ago.
    Expired {
        /// Days before today.
        days_ago: u32,
    },
    /// Switched off.
    Disabled {
        /// By whom, on the wire: `member`, `plan` or `arrears`.
        by: &'static str,
        /// Days before today.
        days_ago: u32,
    },
}

/// The plan of an app's `im` service: a validity of so many months from a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Key in the plan catalogue.
    pub word: &'static str,
    /// Days before today on which it was bought.
    pub anchor_days_ago: u32,
    /// Months bought, renewals included.
    pub months: u32,
}

const fn plan(word: &'static str, anchor_days_ago: u32, months: u32) -> Plan {
    Plan { word, anchor_days_ago, months }
}

/// An app, and what its figures are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppProfile {
    /// Unique in the workspace.
    pub name: Words,
    /// What it is for.
    pub about: Words,
    /// Scenario on the wire.
    pub scenario: &'static str,
    /// App type on the wire.
    pub app_type: &'static str,
    /// Services on the wire: `rtc`, `im` or both.
    pub services: &'static [&'static str],
    /// Whether it works.
    pub state: State,
    /// Plan of the `im` service; none without it.
    pub plan: Option<Plan>,
    /// Whether cloud recording is on.
    pub is_recording: bool,
    /// Days before today on which it was created, at least 1.
    pub created_days_ago: u32,
    /// Users on an ordinary day of late.
    pub popularity: u32,
    /// When its users come.
    pub rhythm: Rhythm,
    /// Platforms on the wire.
    pub platforms: &'static [&'static str],
    /// Tags: key and value.
    pub tags: &'static [(&'static str, &'static str)],
}

impl AppProfile {
    /// Whether it has a service, by its word on the wire.
    pub fn has_service(&self, service: &str) -> bool {
        self.services.contains(&service)
    }

    /// How many days ago its users came for the last time; `None` while they come.
    pub fn stopped_days_ago(&self) -> Option<u32> {
        match self.state {
            State::Enabled => None,
            State::Expired { days_ago } | State::Disabled { days_ago, .. } => Some(days_ago),
        }
    }
}

const RTC: &[&str] = &["rtc"];
const IM: &[&str] = &["im"];
const BOTH: &[&str] = &["rtc", "im"];
const PHONES: &[&str] = &["ios", "android"];
const PHONES_AND_WEB: &[&str] = &["ios", "android", "web"];
const ALL_PLATFORMS: &[&str] = &["ios", "android", "windows", "web"];

/// The apps, in the order in which they are to be created. Eight of them have `rtc`, so that a
/// visitor can still create one under the limit of ten.
static APPS: [AppProfile; 12] = [
    AppProfile {
        name: words("课堂互动", "Classroom"),
        about: words("小班直播课，举手、板书与课后录像", "Small live classes with recordings"),
        scenario: "interactive_teaching",
        app_type: "education",
        services: BOTH,
        state: State::Enabled,
        plan: Some(plan("pro", 150, 12)),
        is_recording: true,
        created_days_ago: 398,
        popularity: 1_240,
        rhythm: Rhythm::School,
        platforms: ALL_PLATFORMS,
        tags: &[("env", "prod"), ("team", "education")],
    },
    AppProfile {
        name: words("语音房", "Voice rooms"),
        about: words("多人语音聊天室", "Open rooms to talk in"),
        scenario: "voice_chat_room",
        app_type: "social",
        services: RTC,
        state: State::Enabled,
        plan: None,
        is_recording: false,
        created_days_ago: 380,
        popularity: 860,
        rhythm: Rhythm::Leisure,
        platforms: PHONES,
        tags: &[("env", "prod"), ("team", "social")],
    },
    AppProfile {
        name: words("客服消息", "Support chat"),
        about: words("网站与 App 内的在线客服", "Customer service on the site and in the app"),
        scenario: "smart_customer_service",
        app_type: "enterprise",
        services: IM,
        state: State::Enabled,
        // Due: three or four days are left of it, whatever the day.
        plan: Some(plan("standard", 361, 12)),
        is_recording: false,
        created_days_ago: 361,
        popularity: 13_100,
        rhythm: Rhythm::Everyday,
        platforms: PHONES_AND_WEB,
        tags: &[("env", "prod"), ("team", "service")],
    },
    AppProfile {
        name: words("门诊随访", "Clinic follow-up"),
        about: words("复诊视频与医患沟通", "Video visits and messages after treatment"),
        scenario: "telemedicine",
        app_type: "medical",
        services: BOTH,
        state: State::Enabled,
        plan: Some(plan("enterprise", 300, 24)),
        is_recording: true,
        created_days_ago: 312,
        popularity: 420,
        rhythm: Rhythm::Office,
        platforms: PHONES_AND_WEB,
        tags: &[("env", "prod"), ("team", "health"), ("level", "critical")],
    },
    AppProfile {
        name: words("直播连麦（测试）", "Live co-host (test)"),
        about: words("PK 连麦的试验环境", "Trying out live battles"),
        scenario: "pk_live",
        app_type: "entertainment",
        services: RTC,
        state: State::Disabled { by: "member", days_ago: 34 },
        plan: None,
        is_recording: false,
        created_days_ago: 104,
        popularity: 70,
        rhythm: Rhythm::Leisure,
        platforms: PHONES,
        tags: &[("env", "test"), ("team", "social")],
    },
    AppProfile {
        name: words("内部会议", "Internal meetings"),
        about: words("公司内部的会议群组与通知", "Meeting groups and notices for staff"),
        scenario: "online_meeting",
        app_type: "enterprise",
        services: IM,
        state: State::Enabled,
        plan: Some(plan("trial", 12, 1)),
        is_recording: false,
        created_days_ago: 12,
        popularity: 46,
        rhythm: Rhythm::Office,
        platforms: ALL_PLATFORMS,
        tags: &[("env", "staging"), ("team", "office")],
    },
    AppProfile {
        name: words("电商直播间", "Shop live"),
        about: words("主播带货与弹幕互动", "Live selling with comments"),
        scenario: "e_commerce",
        app_type: "e_commerce",
        services: BOTH,
        state: State::Enabled,
        plan: Some(plan("pro_plus", 100, 12)),
        is_recording: false,
        created_days_ago: 286,
        popularity: 1_950,
        rhythm: Rhythm::Everyday,
        platforms: PHONES_AND_WEB,
        tags: &[("env", "prod"), ("team", "commerce")],
    },
    AppProfile {
        name: words("相亲角", "Matchmaking"),
        about: words("红娘牵线的一对一聊天", "One-to-one chats arranged by a matchmaker"),
        scenario: "online_dating",
        app_type: "social",
        services: IM,
        state: State::Disabled { by: "arrears", days_ago: 9 },
        plan: Some(plan("standard", 210, 12)),
        is_recording: false,
        created_days_ago: 240,
        popularity: 730,
        rhythm: Rhythm::Leisure,
        platforms: PHONES,
        tags: &[("env", "prod"), ("team", "social")],
    },
    AppProfile {
        name: words("双录面签", "Signing desk"),
        about: words("录音录像的远程面签", "Recorded signing with an adviser"),
        scenario: "finance_insurance",
        app_type: "finance",
        services: RTC,
        state: State::Enabled,
        plan: None,
        is_recording: true,
        created_days_ago: 203,
        popularity: 64,
        rhythm: Rhythm::Office,
        platforms: PHONES,
        tags: &[("env", "prod"), ("team", "finance"), ("level", "critical")],
    },
    AppProfile {
        name: words("校园社团", "Campus clubs"),
        about: words("社团招新与活动通知", "Clubs, newcomers and events"),
        scenario: "other",
        app_type: "other",
        services: IM,
        // A trial and its one extension have run out.
        state: State::Disabled { by: "plan", days_ago: 19 },
        plan: Some(plan("trial", 80, 2)),
        is_recording: false,
        created_days_ago: 80,
        popularity: 24,
        rhythm: Rhythm::School,
        platforms: PHONES_AND_WEB,
        tags: &[("env", "test")],
    },
    AppProfile {
        name: words("在线自习室", "Study room"),
        about: words("开着摄像头一起学习", "Studying together with cameras on"),
        scenario: "online_education",
        app_type: "education",
        services: BOTH,
        state: State::Expired { days_ago: 2 },
        plan: Some(plan("standard", 93, 3)),
        is_recording: false,
        created_days_ago: 178,
        popularity: 310,
        rhythm: Rhythm::School,
        platforms: PHONES_AND_WEB,
        tags: &[("env", "prod"), ("team", "education")],
    },
    AppProfile {
        name: words("游戏开黑", "Squad voice"),
        about: words("组队游戏的小队语音", "Voice for teams in a game"),
        scenario: "voice_chat_room",
        app_type: "game",
        services: RTC,
        state: State::Enabled,
        plan: None,
        is_recording: false,
        created_days_ago: 47,
        popularity: 520,
        rhythm: Rhythm::Leisure,
        platforms: &["android", "windows"],
        tags: &[("env", "prod"), ("team", "game")],
    },
];

/// Branches for which the apps exist again, once more than twelve are wanted.
static CITIES: [Words; 24] = [
    words("上海", "Shanghai"),
    words("北京", "Beijing"),
    words("广州", "Guangzhou"),
    words("深圳", "Shenzhen"),
    words("成都", "Chengdu"),
    words("杭州", "Hangzhou"),
    words("重庆", "Chongqing"),
    words("武汉", "Wuhan"),
    words("西安", "Xi'an"),
    words("苏州", "Suzhou"),
    words("天津", "Tianjin"),
    words("南京", "Nanjing"),
    words("长沙", "Changsha"),
    words("郑州", "Zhengzhou"),
    words("青岛", "Qingdao"),
    words("沈阳", "Shenyang"),
    words("宁波", "Ningbo"),
    words("昆明", "Kunming"),
    words("大连", "Dalian"),
    words("厦门", "Xiamen"),
    words("合肥", "Hefei"),
    words("福州", "Fuzhou"),
    words("济南", "Jinan"),
    words("贵阳", "Guiyang"),
];

/// The most apps that [`apps`] gives.
pub const APPS_MAX: usize = 300;

/// The first `count` apps, at most [`APPS_MAX`]: the twelve, then their branches in other cities.
///
/// Always the same ones, with names all different. Branches have `im` alone, because a workspace
/// may have ten apps with `rtc`.
pub fn apps(count: usize) -> Vec<AppProfile> {
    let branches = CITIES.iter().flat_map(|city| APPS.iter().map(move |app| branch(app, city)));
    let numbered = branches.zip(0_u32..).map(|(app, number)| varied(app, number));
    APPS.iter().cloned().chain(numbered).take(count.min(APPS_MAX)).collect()
}

fn branch(app: &AppProfile, city: &Words) -> AppProfile {
    let name = Words {
        zh: format!("{} · {}", app.name.zh, city.zh).into(),
        en: format!("{} · {}", app.name.en, city.en).into(),
    };
    let plan = app.plan.or(Some(plan("standard", 30, 12)));
    AppProfile { name, services: IM, plan, is_recording: false, ..app.clone() }
}

/// Another age and popularity, from the number alone; never younger than the plan or the stop.
fn varied(app: AppProfile, number: u32) -> AppProfile {
    let oldest_mark = app.plan.map_or(0, |plan| plan.anchor_days_ago);
    let oldest_mark = oldest_mark.max(app.stopped_days_ago().unwrap_or(0) + 14);
    AppProfile {
        created_days_ago: oldest_mark.max(20 + number * 97 % 379),
        popularity: 30 + number * 211 % 1_459,
        ..app
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::plans::validity::{Phase, Validity};

    #[test]
    fn every_scenario_role_and_paid_plan_occurs() {
        let scenarios: BTreeSet<_> = apps(12).iter().map(|app| app.scenario).collect();
        let roles: Vec<_> = PEOPLE.iter().map(|person| person.role).collect();
        let plans: BTreeSet<_> = apps(12).iter().filter_map(|a| Some(a.plan?.word)).collect();

        assert_eq!(
            scenarios.into_iter().collect::<Vec<_>>().join(" "),
            "e_commerce finance_insurance interactive_teaching online_dating online_education \
             online_meeting other pk_live smart_customer_service telemedicine voice_chat_room"
        );
        assert_eq!(roles, ["owner", "admin", "engineer", "operations", "finance", "viewer"]);
        assert_eq!(plans, BTreeSet::from(["enterprise", "pro", "pro_plus", "standard", "trial"]));
    }

    #[test]
    fn any_number_of_apps_keeps_to_the_rules() {
        assert_eq!(apps(0), []);
        assert_eq!(apps(5), apps(APPS_MAX)[..5]);
        let all = apps(1_000);
        assert_eq!(all.len(), APPS_MAX);
        assert_eq!(all.iter().filter(|app| app.has_service("rtc")).count(), 8);

        let names = all.iter().flat_map(|app| [&app.name.zh, &app.name.en]);
        assert!(names.clone().all(|name| (2..=32).contains(&name.chars().count())));
        assert_eq!(names.map(|name| name.to_lowercase()).collect::<BTreeSet<_>>().len(), 600);
        for app in all {
            assert_eq!(app.plan.is_some(), app.has_service("im"), "{:?}", app.name);
            assert!(app.plan.is_none_or(|plan| plan.anchor_days_ago <= app.created_days_ago));
            assert!(app.stopped_days_ago().is_none_or(|stop| stop < app.created_days_ago));
            assert!(app.created_days_ago >= 1 && app.popularity > 0);
        }
    }

    #[test]
    fn plans_are_running_due_or_over_as_the_state_says_on_any_day() {
        for today in date(2024, 1, 1).series(1.day()).take(1_500) {
            let now = today.at(18, 0, 0, 0);
            for app in apps(12) {
                let Some(plan) = app.plan else { continue };
                let anchor = now - i64::from(plan.anchor_days_ago).days() - 8.hours();
                let phase = Validity::new(anchor, plan.months).unwrap().phase(now);
                let expected = match app.state {
                    State::Expired { .. } | State::Disabled { by: "plan", .. } => Phase::Over,
                    _ if app.name.en == "Support chat" => Phase::Due,
                    _ => Phase::Running,
                };
                assert_eq!(phase, expected, "{} on {today}", app.name.en);
            }
        }
    }
}
