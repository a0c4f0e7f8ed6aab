//! An app and what can be said of it without looking anything up.

use super::Tags;
use crate::clock::UtcTime;
use crate::ids::{AppId, SdkAppId};
use crate::plans::PlanCode;
use crate::plans::validity::DUE_DAYS;
use crate::problem::Problem;

crate::words! {
    /// What an app is used for (seed 000's eleven).
    pub enum Scenario {
        /// 互动教学.
        InteractiveTeaching = "interactive_teaching",
        /// 语音聊天室.
        VoiceChatRoom = "voice_chat_room",
        /// 电商.
        ECommerce = "e_commerce",
        /// PK 直播连麦.
        PkLive = "pk_live",
        /// 线上交友.
        OnlineDating = "online_dating",
        /// 在线会议.
        OnlineMeeting = "online_meeting",
        /// 在线教育.
        OnlineEducation = "online_education",
        /// 智能客服.
        SmartCustomerService = "smart_customer_service",
        /// 远程医疗.
        Telemedicine = "telemedicine",
        /// 金融保险.
        FinanceInsurance = "finance_insurance",
        /// 其他.
        Other = "other",
    }
}

crate::words! {
    /// The kind of product an app belongs to.
    pub enum AppType {
        /// 游戏.
        Game = "game",
        /// 社交.
        Social = "social",
        /// 教育.
        Education = "education",
        /// 电商.
        ECommerce = "e_commerce",
        /// 金融.
        Finance = "finance",
        /// 医疗.
        Medical = "medical",
        /// 企业.
        Enterprise = "enterprise",
        /// 娱乐.
        Entertainment = "entertainment",
        /// 工具.
        Tools = "tools",
        /// 其他.
        Other = "other",
    }
}

crate::words! {
    /// What an app can do.
    pub enum Service {
        /// Real-time audio and video.
        Rtc = "rtc",
        /// Messaging.
        Im = "im",
    }
}

crate::words! {
    /// Whether an app is switched on.
    pub enum Switch {
        /// 开启.
        Enabled = "enabled",
        /// 停用.
        Disabled = "disabled",
    }
}

crate::words! {
    /// Who switched an app off.
    pub enum DisabledBy {
        /// A member of the workspace.
        Member = "member",
        /// An operator of the installation.
        Operator = "operator",
        /// Its plan, by ending.
        Plan = "plan",
        /// Unpaid bills.
        Arrears = "arrears",
    }
}

/// The services of an app: one or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Services {
    /// Real-time audio and video.
    pub rtc: bool,
    /// Messaging.
    pub im: bool,
}

impl Services {
    /// Reads words.
    ///
    /// # Errors
    /// The first problem found.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, Problem> {
        let mut services = Self { rtc: false, im: false };
        for word in words {
            match Service::parse(word) {
                Some(Service::Rtc) => services.rtc = true,
                Some(Service::Im) => services.im = true,
                None => return Err(Problem::UnknownChoice),
            }
        }
        if services.rtc || services.im { Ok(services) } else { Err(Problem::NoService) }
    }

    /// Whether a service is among them.
    #[must_use]
    pub const fn has(self, service: Service) -> bool {
        match service {
            Service::Rtc => self.rtc,
            Service::Im => self.im,
        }
    }

    /// The services that there are.
    pub fn each(self) -> impl Iterator<Item = Service> {
        Service::ALL.iter().copied().filter(move |service| self.has(*service))
    }
}

/// The platforms that an app's clients run on.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Platforms {
    /// iOS.
    pub ios: bool,
    /// Android.
    pub android: bool,
    /// Windows.
    pub windows: bool,
    /// Browsers.
    pub web: bool,
}

impl Platforms {
    /// All there are.
    pub const ALL: Self = Self { ios: true, android: true, windows: true, web: true };

    /// Reads words.
    ///
    /// # Errors
    /// The first word that is not a platform.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, &'w str> {
        let mut platforms = Self::default();
        for word in words {
            match word {
                "ios" => platforms.ios = true,
                "android" => platforms.android = true,
                "windows" => platforms.windows = true,
                "web" => platforms.web = true,
                other => return Err(other),
            }
        }
        Ok(platforms)
    }

    /// The words of those that are there.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        self.those(["ios", "android", "windows", "web"])
    }

    /// What people call those that are there.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.those(["iOS", "Android", "Windows", "Web"])
    }

    fn those(self, all: [&'static str; 4]) -> impl Iterator<Item = &'static str> {
        let on = [self.ios, self.android, self.windows, self.web];
        all.into_iter().zip(on).filter(|(_, on)| *on).map(|(one, _)| one)
    }
}

/// An app as it is stored.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::apps)]
pub struct App {
    /// Its number.
    pub sdk_app_id: SdkAppId,
    /// Its name for clients.
    pub app_id: AppId,
    /// The kind of its accounts, a number given at creation.
    pub account_type: i64,
    /// The name.
    pub name: String,
    /// The key by which names are compared and sorted.
    pub name_key: String,
    /// What it is used for.
    pub scenario: Scenario,
    /// The kind of product.
    pub app_type: Option<AppType>,
    /// A few words for later.
    pub description: String,
    rtc: bool,
    im: bool,
    ios: bool,
    android: bool,
    windows: bool,
    web: bool,
    /// Whether it is switched on.
    pub switch: Switch,
    /// Who switched it off.
    pub disabled_by: Option<DisabledBy>,
    /// Its plan.
    pub plan: PlanCode,
    /// When the plan ends; `None` for never.
    pub plan_ends_at: Option<UtcTime>,
    /// Whether cloud recording is on.
    pub recording: bool,
    /// The zone in which its days are counted.
    pub statistics_zone: String,
    /// When it was created.
    pub created_at: UtcTime,
    /// When it was last changed.
    pub changed_at: UtcTime,
    /// Counts changes, so that two people do not overwrite each other.
    pub version: i64,
    /// Its tags.
    #[diesel(select_expression = super::store::tag_lines())]
    #[diesel(deserialize_as = Option<String>)]
    pub tags: Tags,
}

/// The state of an app as lists show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 开启.
    Enabled,
    /// 即将到期: at most seven days left.
    Due {
        /// When it ends.
        ends_at: UtcTime,
    },
    /// 到期: works still, until it is switched off.
    Expired,
    /// 停用.
    Disabled,
}

/// The state of a switch and a plan at a moment.
#[must_use]
pub fn status(switch: Switch, plan_ends_at: Option<UtcTime>, now: UtcTime) -> Status {
    const DAY: i64 = 86_400_000_000;
    match (switch, plan_ends_at) {
        (Switch::Disabled, _) => Status::Disabled,
        (Switch::Enabled, None) => Status::Enabled,
        (Switch::Enabled, Some(end)) if end <= now => Status::Expired,
        (Switch::Enabled, Some(end)) => {
            let is_due = end.0.saturating_sub(now.0) <= DUE_DAYS * DAY;
            if is_due { Status::Due { ends_at: end } } else { Status::Enabled }
        }
    }
}

impl App {
    /// Its state at a moment.
    #[must_use]
    pub fn status(&self, now: UtcTime) -> Status {
        status(self.switch, self.plan_ends_at, now)
    }

    /// Its services.
    #[must_use]
    pub const fn services(&self) -> Services {
        Services { rtc: self.rtc, im: self.im }
    }

    /// Why a member cannot delete it now; `None` when they can.
    #[must_use]
    pub const fn why_not_deletable(&self) -> Option<Problem> {
        match (self.switch, self.plan.is_paid()) {
            (_, true) => Some(Problem::PaidFor),
            (Switch::Enabled, false) => Some(Problem::NotDisabled),
            (Switch::Disabled, false) => None,
        }
    }

    /// Its platforms.
    #[must_use]
    pub const fn platforms(&self) -> Platforms {
        Platforms { ios: self.ios, android: self.android, windows: self.windows, web: self.web }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{days, hours};

    #[test]
    fn the_state_follows_switch_plan_and_clock() {
        let now = UtcTime::from_seconds(1_700_000_000);
        let after = |span| Some(now.plus(span));
        for (switch, end, state) in [
            (Switch::Enabled, None, Status::Enabled),
            (Switch::Enabled, after(days(8)), Status::Enabled),
            (Switch::Enabled, after(days(7)), Status::Due { ends_at: now.plus(days(7)) }),
            (Switch::Enabled, after(hours(1)), Status::Due { ends_at: now.plus(hours(1)) }),
            (Switch::Enabled, Some(now), Status::Expired),
            (Switch::Disabled, after(days(1)), Status::Disabled),
            (Switch::Disabled, None, Status::Disabled),
        ] {
            assert_eq!(status(switch, end, now), state, "{switch} {end:?}");
        }
    }

    #[test]
    fn platforms_are_read_and_written_by_their_words() {
        let platforms = Platforms::parse(["web", "ios"]).unwrap();
        assert_eq!(platforms.words().collect::<Vec<_>>(), ["ios", "web"]);
        assert_eq!(Platforms::parse(["linux"]), Err("linux"));
    }
}
