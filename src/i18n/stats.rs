//! The wordings of statistics, and the names of their metrics.
//!
//! The names are those of the field in both languages: other consoles and their exports have the same.

use super::Texts;
use crate::problem::DaysProblem;
use crate::stats::{Aggregate, Metric, Tab};

texts! {
    statistics_title = "统计分析", "Statistics";
    all_statistics = "全部统计", "All statistics";
    statistics_tabs = "统计类别", "Reports";
    tab_overview = "数据总览", "Overview";
    tab_c2c = "单聊统计", "One-to-one chat";
    tab_group = "群聊统计", "Group chat";
    tab_rtc = "用量统计", "RTC usage";
    tab_live = "实时", "Live";
    live_as_of(time: &str) = "{time} 的状态", "As of {time}";
    live_reload = "刷新", "Refresh";
    live_figures = "实时指标", "Right now";
    live_online = "当前在线人数", "Online now";
    live_stays = "通话中人数", "In calls now";
    live_rooms = "进行中的房间", "Open rooms";
    live_messages = "今日上行消息数", "Messages sent today";
    live_room = "房间", "Room";
    live_in_it = "人数", "People";
    live_since = "开始时间", "Since";
    live_no_rooms = "没有进行中的房间", "No rooms are open";
    live_no_rooms_words = "服务端上报 room.joined 事件后，进行中的房间显示在这里。", "Rooms show here once your servers report room.joined events.";
    live_fullest(count: i64) = "人数最多的 {count} 个房间", one "The fullest room", "The {count} fullest rooms";
    days_of_zone(zone: &str) = "日期按 {zone} 时区计算", "Days follow {zone} time";
    data_as_of(time: &str) = "数据截至 {time}", "Data as of {time}";
    no_events_words(path: &str) = "还没有收到事件。服务端向 {path} 上报事件后，这里显示统计数据。", "No events have arrived yet. Figures show here once your servers report them to {path}.";
    added_of_apps = "各应用数据之和", "All apps added";
    added_of_apps_words = "各应用数据之和。每个应用按自己的统计时区计日，同一用户在多个应用中会重复计算。", "Figures of all apps, added. Each app counts its own days, and a user of several apps counts in each.";
    minutes_are_whole = "时长单位为分钟。每个用户每天每个档位的时长向上取整后相加。", "Times are in minutes: each user's time of a day and tier is rounded up, then added.";
    today_is_not_over = "今天尚未结束，数据还会增加。", "Today is not over: its figures still grow.";
    range = "时间范围", "Range";
    range_yesterday = "昨天", "Yesterday";
    range_7d = "最近 7 天", "Last 7 days";
    range_30d = "最近 30 天", "Last 30 days";
    range_custom = "自定义", "Custom";
    range_from = "开始日期", "From";
    range_to = "结束日期", "To";
    range_apply = "确定", "Apply";
    range_before = "上一周期", "Previous period";
    range_after = "下一周期", "Next period";
    all_apps_word = "全部应用", "All apps";
    figures_of_period = "指标", "Figures";
    trend_over(metric: &str, from: &str, to: &str) = "{metric}，{from} 至 {to}", "{metric}, {from} to {to}";
    period_now = "本期", "This period";
    period_before = "上期", "Period before";
    per_day = "日均", "daily average";
    in_sum = "合计", "total";
    at_most = "最高", "highest";
    at_the_end = "期末", "at the end";
    against_before = "较上期", "vs period before";
    details = "详细数据", "Details";
    statistics_day = "统计日期", "Date";
    days_newest_first(count: i64) = "{count} 天，最新在前", one "{count} day", "{count} days, newest first";
    days_from_to(first: usize, last: usize, all: usize) = "第 {first}–{last} 天，共 {all} 天", "Days {first}–{last} of {all}";
    export_data = "导出数据", "Export data";
    statistics_no_apps = "还没有应用", "There are no apps yet";
    statistics_no_apps_words = "创建应用并上报事件后，这里显示统计数据。", "Create an app and report its events to see figures here.";

    problem_day_in_future = "请选择今天或更早的日期", "Choose today or an earlier day";
    problem_too_many_days(most: i64) = "一次最多 {most} 天", one "At most {most} day at a time", "At most {most} days at a time";
    problem_zone_fixed = "已有事件按原时区计入统计，不能再修改", "Events were counted by the days of the old zone. It cannot change any more";
    statistics_zone_hint = "决定统计日期从何时开始。收到第一个事件后不能修改", "It decides when a day of the statistics begins, and is fixed with the first event";
    problem_days_reversed = "结束日期不能早于开始日期", "The last day comes before the first";
    metric_active_user_num = "活跃用户数", "Active users (DAU)";
    metric_regist_user_num_one_day = "新增注册人数", "Newly registered users";
    metric_regist_user_num_total = "累计注册人数", "Total registered users";
    metric_up_msg_num = "上行消息数", "Upstream messages";
    metric_down_msg_num = "下行消息数", "Downstream messages";
    metric_send_msg_user_num = "发消息人数", "Message senders";
    metric_apns_msg_num = "APNS推送数", "APNs pushes";
    metric_max_online_num = "最高同时在线人数", "Peak concurrent online users";
    metric_c2c_up_msg_num = "单聊上行消息数", "C2C upstream messages";
    metric_c2c_down_msg_num = "单聊下行消息数", "C2C downstream messages";
    metric_c2c_send_msg_user_num = "单聊发消息人数", "C2C senders";
    metric_c2c_apns_msg_num = "单聊APNS推送数", "C2C APNs pushes";
    metric_group_up_msg_num = "群聊上行消息数", "Group upstream messages";
    metric_group_down_msg_num = "群聊下行消息数", "Group downstream messages";
    metric_group_send_msg_user_num = "群聊发消息人数", "Group senders";
    metric_group_apns_msg_num = "群聊APNS推送数", "Group APNs pushes";
    metric_group_send_msg_group_num = "发消息群组数", "Groups with messages";
    metric_group_join_group_times = "入群总次数", "Group joins";
    metric_group_quit_group_times = "退群总次数", "Group quits";
    metric_group_new_group_num = "新增群组数", "New groups";
    metric_group_all_group_num = "累计群组数", "Total groups";
    metric_group_destroy_group_num = "解散群个数", "Disbanded groups";
    metric_rtc_audio_minutes = "语音时长", "Audio minutes";
    metric_rtc_hd_minutes = "高清时长", "HD minutes";
    metric_rtc_full_hd_minutes = "全高清时长", "Full HD minutes";
    metric_rtc2k_minutes = "2K 时长", "2K minutes";
    metric_rtc2k_plus_minutes = "2K+ 时长", "2K+ minutes";
    metric_rtc_package_minutes = "套餐分钟数", "Package minutes";
    metric_rtc_user_num = "通话人数", "Users in calls";
    metric_rtc_room_num = "通话房间数", "Rooms in calls";
    metric_rtc_max_online_num = "峰值同时在线人数", "Peak concurrent users";
}

impl Metric {
    /// The name as pages and exports show it; that of a metric which only the API has is its key.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::ActiveUserNum => t.metric_active_user_num(),
            Self::RegistUserNumOneDay => t.metric_regist_user_num_one_day(),
            Self::RegistUserNumTotal => t.metric_regist_user_num_total(),
            Self::UpMsgNum => t.metric_up_msg_num(),
            Self::DownMsgNum => t.metric_down_msg_num(),
            Self::SendMsgUserNum => t.metric_send_msg_user_num(),
            Self::APNSMsgNum => t.metric_apns_msg_num(),
            Self::MaxOnlineNum => t.metric_max_online_num(),
            Self::C2CUpMsgNum => t.metric_c2c_up_msg_num(),
            Self::C2CDownMsgNum => t.metric_c2c_down_msg_num(),
            Self::C2CSendMsgUserNum => t.metric_c2c_send_msg_user_num(),
            Self::C2CAPNSMsgNum => t.metric_c2c_apns_msg_num(),
            Self::GroupUpMsgNum => t.metric_group_up_msg_num(),
            Self::GroupDownMsgNum => t.metric_group_down_msg_num(),
            Self::GroupSendMsgUserNum => t.metric_group_send_msg_user_num(),
            Self::GroupAPNSMsgNum => t.metric_group_apns_msg_num(),
            Self::GroupSendMsgGroupNum => t.metric_group_send_msg_group_num(),
            Self::GroupJoinGroupTimes => t.metric_group_join_group_times(),
            Self::GroupQuitGroupTimes => t.metric_group_quit_group_times(),
            Self::GroupNewGroupNum => t.metric_group_new_group_num(),
            Self::GroupAllGroupNum => t.metric_group_all_group_num(),
            Self::GroupDestroyGroupNum => t.metric_group_destroy_group_num(),
            Self::RtcAudioMinutes => t.metric_rtc_audio_minutes(),
            Self::RtcHdMinutes => t.metric_rtc_hd_minutes(),
            Self::RtcFullHdMinutes => t.metric_rtc_full_hd_minutes(),
            Self::Rtc2kMinutes => t.metric_rtc2k_minutes(),
            Self::Rtc2kPlusMinutes => t.metric_rtc2k_plus_minutes(),
            Self::RtcPackageMinutes => t.metric_rtc_package_minutes(),
            Self::RtcUserNum => t.metric_rtc_user_num(),
            Self::RtcRoomNum => t.metric_rtc_room_num(),
            Self::RtcMaxOnlineNum => t.metric_rtc_max_online_num(),
            _ => self.key(),
        }
    }
}

impl DaysProblem {
    /// What is wrong, in words.
    #[must_use]
    pub fn text(self, t: Texts) -> String {
        match self {
            Self::Reversed => t.problem_days_reversed().into(),
            Self::InFuture => t.problem_day_in_future().into(),
            Self::TooMany { most } => t.problem_too_many_days(most),
            Self::ZoneFixed => t.problem_zone_fixed().into(),
        }
    }
}

impl Aggregate {
    /// How the days of a period are put together.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Sum => t.in_sum(),
            Self::Average => t.per_day(),
            Self::Max => t.at_most(),
            Self::Last => t.at_the_end(),
        }
    }
}

impl Tab {
    /// The name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Overview => t.tab_overview(),
            Self::C2c => t.tab_c2c(),
            Self::Group => t.tab_group(),
            Self::Rtc => t.tab_rtc(),
        }
    }
}
