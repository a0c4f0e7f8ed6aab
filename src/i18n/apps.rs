//! The wordings of apps.

use super::Texts;
use crate::apps::{AppType, DisabledBy, Scenario, Service, Status};
use crate::plans::PlanCode;

texts! {
    apps = "应用管理", "Apps";
    apps_created = "已创建", "Created";
    rtc_quota(count: i64, max: i64) = "{count} / {max} 个实时音视频应用", "{count} of {max} RTC apps";
    im_quota(count: i64, max: i64) = "{count} / {max} 个即时通信应用", "{count} of {max} IM apps";
    app_list = "应用列表", "App list";
    app_filter = "筛选应用", "Filter apps";
    app_search = "搜索名称、App ID、SDKAppID 或标签", "Search name, App ID, SDKAppID or tag";
    app_search_label = "名称、App ID、SDKAppID 或标签", "Name, App ID, SDKAppID or tag";
    all_services = "全部服务", "All services";
    all_statuses = "全部状态", "All statuses";
    sort_by = "排序", "Sort by";
    sort_created_desc = "最近创建", "Newest first";
    sort_created = "最早创建", "Oldest first";
    sort_name = "按名称", "By name";
    sort_name_desc = "按名称倒序", "By name, reversed";
    sort_expires = "最早到期", "Expiring first";
    sort_expires_desc = "最晚到期", "Expiring last";
    filter = "筛选", "Filter";
    page_size = "每页", "Per page";
    per_page(count: u16) = "每页 {count} 个", "{count} per page";
    column_app = "应用", "App";
    column_ids = "标识", "Identifiers";
    column_status = "状态", "Status";
    column_plan = "套餐", "Plan";
    column_recording = "云录制", "Recording";
    column_dates = "创建与到期", "Created, expires";
    column_actions = "操作", "Actions";
    created = "创建", "Created";
    expires = "到期", "Expires";
    never = "长期有效", "Never";
    on = "开启", "On";
    off = "关闭", "Off";
    tags = "标签", "Tags";
    copy_app_id(name: &str) = "复制「{name}」的 App ID", "Copy the App ID of {name}";
    copy_sdk_app_id(name: &str) = "复制「{name}」的 SDKAppID", "Copy the SDKAppID of {name}";
    more_actions(name: &str) = "「{name}」的更多操作", "More actions for {name}";
    statistics = "统计", "Statistics";
    token_short = "临时 Token", "Token";
    of_app(name: &str) = "：{name}", ": {name}";
    developer_tools = "开发辅助工具", "Developer tools";
    apps_total(count: i64) = "共 {count} 个应用", one "{count} app", "{count} apps";
    pages = "分页", "Pages";
    previous_page = "上一页", "Previous";
    next_page = "下一页", "Next";
    apps_none = "还没有应用", "No apps yet";
    apps_none_reached = "没有你可以访问的应用", "No app is in your reach";
    apps_none_reached_words = "项目中的应用不在你的应用范围内。请联系项目所有者或管理员。", "The apps of this workspace are not among those that you were given. Ask an owner or admin.";
    apps_none_words = "每个应用都有自己的 App ID、证书和统计数据。创建后即可生成临时 Token 并接入 SDK。", "Each app has its own App ID, certificates and statistics. Create one, then generate a temporary token and connect your SDK.";
    apps_none_readonly = "你的角色不能创建应用。请联系项目所有者或管理员。", "Your role cannot create apps. Ask an owner or admin of the workspace.";
    create_first_app = "创建第一个应用", "Create your first app";
    apps_no_match = "没有符合条件的应用", "No apps match";
    apps_no_match_words = "请换个条件，或清除筛选。", "Try something else, or clear the filter.";
    clear_filter = "清除筛选", "Clear filter";
    plan_limits = "的额度", ": limits";
    limits_of(plan: &str) = "{plan}的额度", "Limits of {plan}";
    limit_users = "用户数", "Users";
    limit_friends = "好友数", "Friends of a user";
    limit_groups_per_user = "每个用户的群组数", "Groups of a user";
    limit_group_members = "单群人数", "Members of a group";
    limit_groups = "群组数", "Groups";
    limit_live_groups = "直播群数", "Live groups";
    limit_history = "历史消息（天）", "History (days)";
    unlimited = "不限", "No limit";

    create_app = "创建应用", "Create app";
    create_lead(rtc: &str, im: &str) = "新应用默认开启，云录制默认关闭。还可以创建 {rtc}、{im}。", "A new app is enabled, its recording off. There is room for {rtc} and {im}.";
    more_rtc_apps(count: i64) = "{count} 个实时音视频应用", one "{count} more RTC app", "{count} more RTC apps";
    more_im_apps(count: i64) = "{count} 个即时通信应用", one "{count} more IM app", "{count} more IM apps";
    app_name = "应用名称", "Name";
    app_name_hint = "2–32 个字符，在项目内唯一，建议加上后缀标明是测试还是正式应用", "2 to 32 characters, unique in the workspace. A suffix such as test or prod helps";
    scenario = "使用场景", "Scenario";
    services = "服务", "Services";
    services_hint = "两项共用一个 SDKAppID", "Both share one SDKAppID";
    service_rtc_hint = "按用户分钟数计费", "Billed by user minutes";
    service_im_hint = "从一个月的体验版开始", "Starts with a one-month trial";
    app_type = "应用类型（选填）", "Type (optional)";
    app_type_short = "应用类型", "Type";
    not_chosen = "未选择", "Not chosen";
    description_label = "应用简介（选填）", "Description (optional)";
    description_short = "应用简介", "Description";
    description_hint = "最多 300 个字符，方便以后维护", "Up to 300 characters, for whoever looks after it later";
    tags_label = "标签（选填）", "Tags (optional)";
    tags_hint = "每行一个，写作 键=值，最多 20 个", "One tag per line, written key=value, up to 20";
    platforms = "应用平台（选填）", "Platforms (optional)";
    platforms_short = "应用平台", "Platforms";
    quota_full = "已达到应用数量上限", "The quota is full";
    quota_full_rtc(max: i64) = "此项目已有 {max} 个实时音视频应用，停用的应用也计入。需要更多时，请联系平台管理员。", "This workspace has {max} RTC apps, and disabled ones count. To have more, ask the operator.";
    quota_full_im(max: i64) = "此项目已有 {max} 个即时通信应用，停用的应用也计入。需要更多时，请联系平台管理员。", "This workspace has {max} IM apps, and disabled ones count. To have more, ask the operator.";
    quota_no_minutes = "用户分钟数为 0，暂时不能创建实时音视频应用。请联系平台管理员增加分钟数；即时通信应用不受影响。", "No minutes are left, so RTC apps cannot be created now. Ask the operator for more. IM apps are not affected.";
    quota_see_apps = "查看现有应用", "See the apps";

    edit_app = "编辑应用", "Edit app";
    save_app = "保存应用", "Save app";
    recording_state = "云录制", "Cloud recording";
    stored_empty = "目前保存的内容为空", "Saved now: nothing";
    stored_now(value: &str) = "目前保存的内容：{value}", "Saved now: {value}";

    app_overview = "应用概览", "App overview";
    change_app = "切换应用，当前：", "Change app, now: ";
    basics = "基本信息", "Basics";
    account_type = "帐号类型", "Account type";
    created_at = "创建时间", "Created";
    changed_at = "上次修改", "Last changed";
    statistics_zone = "统计时区", "Statistics zone";
    plan = "套餐", "Plan";
    expires_at = "到期时间", "Expires";
    copy_this_app_id = "复制 App ID", "Copy the App ID";
    copy_this_sdk_app_id = "复制 SDKAppID", "Copy the SDKAppID";
    note_disabled_by_member = "应用已由成员停用：通话和登录都会失败。", "A member disabled this app: calls and sign-ins fail.";
    note_disabled_by_operator = "应用已由平台管理员停用，项目成员不能自行开启。", "An operator disabled this app. Members cannot enable it.";
    note_disabled_by_plan = "套餐结束后应用已停用。如需开启，请联系平台管理员。", "This app was disabled when its plan ended. To have it enabled, ask the operator.";
    note_disabled_by_arrears = "应用因欠费停用。如需开启，请联系平台管理员。", "This app was disabled for unpaid bills. To have it enabled, ask the operator.";
    note_due(day: &str) = "套餐将于 {day} 到期。", "The plan ends on {day}.";
    note_expired(day: &str) = "套餐已于 {day} 到期，停用前仍可使用。", "The plan ended on {day}. The app works until it is disabled.";

    status_enabled = "开启", "Enabled";
    status_disabled = "停用", "Disabled";
    status_due = "即将到期", "Expiring soon";
    status_expired = "到期", "Expired";
    ends_today = "今天到期", "Ends today";
    days_left(count: i64) = "还有 {count} 天", one "{count} day left", "{count} days left";

    scenario_interactive_teaching = "互动教学", "Interactive teaching";
    scenario_voice_chat_room = "语音聊天室", "Voice chat room";
    scenario_e_commerce = "电商", "E-commerce";
    scenario_pk_live = "PK 直播连麦", "Live PK";
    scenario_online_dating = "线上交友", "Online dating";
    scenario_online_meeting = "在线会议", "Online meeting";
    scenario_online_education = "在线教育", "Online education";
    scenario_smart_customer_service = "智能客服", "Smart customer service";
    scenario_telemedicine = "远程医疗", "Telemedicine";
    scenario_finance_insurance = "金融保险", "Finance and insurance";
    other = "其他", "Other";

    type_game = "游戏", "Game";
    type_social = "社交", "Social";
    type_education = "教育", "Education";
    type_e_commerce = "电商", "E-commerce";
    type_finance = "金融", "Finance";
    type_medical = "医疗", "Medical";
    type_enterprise = "企业", "Enterprise";
    type_entertainment = "娱乐", "Entertainment";
    type_tools = "工具", "Tools";

    service_rtc = "实时音视频", "Audio and video (RTC)";
    service_im = "即时通信", "Messaging (IM)";

    plan_trial = "体验版", "Trial";
    plan_standard = "专业版", "Standard";
    plan_pro = "旗舰版", "Pro";
    plan_pro_plus = "旗舰版 Plus", "Pro Plus";
    plan_enterprise = "企业版", "Enterprise";
    plan_trtc = "TRTC", "TRTC";
    plan_trtc_trial = "TRTC 体验版", "TRTC trial";
    plan_im_legacy = "IM", "IM";
}

impl Scenario {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::InteractiveTeaching => t.scenario_interactive_teaching(),
            Self::VoiceChatRoom => t.scenario_voice_chat_room(),
            Self::ECommerce => t.scenario_e_commerce(),
            Self::PkLive => t.scenario_pk_live(),
            Self::OnlineDating => t.scenario_online_dating(),
            Self::OnlineMeeting => t.scenario_online_meeting(),
            Self::OnlineEducation => t.scenario_online_education(),
            Self::SmartCustomerService => t.scenario_smart_customer_service(),
            Self::Telemedicine => t.scenario_telemedicine(),
            Self::FinanceInsurance => t.scenario_finance_insurance(),
            Self::Other => t.other(),
        }
    }
}

impl AppType {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Game => t.type_game(),
            Self::Social => t.type_social(),
            Self::Education => t.type_education(),
            Self::ECommerce => t.type_e_commerce(),
            Self::Finance => t.type_finance(),
            Self::Medical => t.type_medical(),
            Self::Enterprise => t.type_enterprise(),
            Self::Entertainment => t.type_entertainment(),
            Self::Tools => t.type_tools(),
            Self::Other => t.other(),
        }
    }
}

impl Service {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Rtc => t.service_rtc(),
            Self::Im => t.service_im(),
        }
    }
}

impl Status {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Enabled => t.status_enabled(),
            Self::Due { .. } => t.status_due(),
            Self::Expired => t.status_expired(),
            Self::Disabled => t.status_disabled(),
        }
    }

    /// The shape of its dot.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Enabled => "on",
            Self::Due { .. } => "due",
            Self::Expired => "over",
            Self::Disabled => "off",
        }
    }
}

impl DisabledBy {
    /// What it means for the app.
    #[must_use]
    pub const fn note(self, t: Texts) -> &'static str {
        match self {
            Self::Member => t.note_disabled_by_member(),
            Self::Operator => t.note_disabled_by_operator(),
            Self::Plan => t.note_disabled_by_plan(),
            Self::Arrears => t.note_disabled_by_arrears(),
        }
    }
}

impl PlanCode {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Trial => t.plan_trial(),
            Self::Standard => t.plan_standard(),
            Self::Pro => t.plan_pro(),
            Self::ProPlus => t.plan_pro_plus(),
            Self::Enterprise => t.plan_enterprise(),
            Self::Trtc => t.plan_trtc(),
            Self::TrtcTrial => t.plan_trtc_trial(),
            Self::ImLegacy => t.plan_im_legacy(),
        }
    }
}
