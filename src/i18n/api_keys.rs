//! The wordings of API keys.

use super::Texts;
use crate::api_keys::{ApiScope, Overlap};

texts! {
    api_keys = "API 密钥", "API keys";
    api_keys_lead = "服务器凭密钥调用接口，不需要登录。请只保存在服务器上，并定期轮换。", "Servers call the API with a key instead of signing in. Keep keys on your servers, and roll them now and then.";
    api_key_create = "创建 API 密钥", "Create API key";
    api_key_create_lead = "只勾选需要的权限。密钥只在创建后显示一次。", "Tick only what is needed. The key is shown once, right after it is created.";
    api_keys_none = "还没有 API 密钥", "No API keys yet";
    api_keys_none_words = "你的服务器可以用密钥创建应用、签发 Token、上报用量等，不需要登录。", "With a key, your servers create apps, mint tokens, report usage and more, without signing in.";
    api_keys_living(count: i64) = "{count} 个有效密钥", one "{count} key in use", "{count} keys in use";
    api_keys_ended = "已失效的密钥", "Keys that have ended";
    api_keys_ended_words(count: usize) = "最近 {count} 个，更早的见审计日志", "The latest {count}. The audit log knows the earlier ones";

    api_key_name = "名称", "Name";
    api_key_name_hint = "2–32 个字符，写明由哪个程序使用", "2–32 characters: say which program uses it";
    api_key_scopes = "权限", "Permissions";
    api_key_scopes_read = "只读", "Reading";
    api_key_scopes_write = "可写，创建时需要验证身份", "Writing: you verify your identity to create such a key";
    api_key_everything = "全部权限", "Everything";
    api_key_app = "应用范围", "Apps";
    api_key_app_all = "项目中的所有应用", "All apps of the workspace";
    api_key_app_choose = "请选择应用", "Choose an app";
    api_key_app_gone = "已删除的应用", "A deleted app";
    api_key_lifetime = "有效期", "Expires";
    api_key_lifetime_hint = "到期当天结束后，密钥不再可用", "The key works until the end of its last day";
    api_key_lifetime_30 = "30 天", "In 30 days";
    api_key_lifetime_90 = "90 天", "In 90 days";
    api_key_lifetime_365 = "1 年", "In a year";
    api_key_lifetime_never = "永不过期", "Never";
    api_key_lifetime_date = "指定日期", "On a date";
    api_key_until = "最后一天（指定日期时填写）", "Last day (for a date)";

    api_key_key = "密钥", "Key";
    api_key_made = "创建", "Created";
    api_key_made_by_host = "主机命令行", "From the host";
    api_key_used = "最近使用", "Last used";
    api_key_unused = "尚未使用", "Never";
    api_key_state = "状态", "State";
    api_key_active = "有效", "Active";
    api_key_due = "即将到期", "Expires soon";
    api_key_overlap = "轮换中", "Being rolled";
    api_key_replaced = "已轮换", "Rolled";
    api_key_expired = "到期", "Expired";
    api_key_revoked = "已吊销", "Revoked";
    api_key_works_until(time: &str) = "有效期至 {time}", "Until {time}";
    api_key_ended_at(time: &str) = "{time} 失效", "Since {time}";
    api_key_never_ends = "永不过期", "Never expires";

    api_key_fresh(name: &str) = "新密钥：{name}", "New key: {name}";
    api_key_fresh_words = "请立即复制并妥善保存，之后无法再查看完整密钥。", "Copy it now and keep it safe. The whole key cannot be seen again.";
    api_key_fresh_until(time: &str) = "最晚显示到 {time}，或到你将它收起为止", "Shown until {time} at the latest, or until you put it away";
    api_key_copy(name: &str) = "复制密钥「{name}」", "Copy the key {name}";
    api_key_file = "下载 .txt", "Download as .txt";
    api_key_put_away = "已保存，收起密钥", "Put the key away";

    api_key_roll = "轮换密钥", "Roll key";
    api_key_roll_short = "轮换", "Roll";
    api_key_roll_effect = "生成一个名称、权限、应用范围和有效期长短都相同的新密钥。旧密钥在重叠时间结束后失效。", "A new key with the same name, permissions, apps and time to live takes its place. The old one stops working after the overlap.";
    api_key_roll_overlap = "旧密钥继续可用", "The old key goes on working";
    api_key_roll_overlap_hint = "留出更换的时间；若密钥已泄露，请选择立即失效", "Time to put the new one in place. Choose none if the key has leaked";
    api_key_overlap_none = "立即失效", "Not at all";
    api_key_overlap_hour = "1 小时", "For 1 hour";
    api_key_overlap_day = "24 小时", "For 24 hours";
    api_key_revoke = "吊销密钥", "Revoke key";
    api_key_revoke_short = "吊销", "Revoke";

    to_create_api_key = "创建 API 密钥", "create the API key";
    to_roll_api_key = "轮换 API 密钥", "roll the API key";
    to_revoke_api_key = "吊销 API 密钥", "revoke the API key";
    effect_create_api_key(scopes: &str) = "持有密钥的程序无需登录即可：{scopes}。密钥会在创建后显示一次。", "Whoever holds the key can do this without signing in: {scopes}. The key is shown once, afterwards.";
    effect_roll_api_key_now = "旧密钥立即失效，仍在使用它的程序会被拒绝。新密钥会在轮换后显示一次。", "The old key stops working at once: programs that still use it are refused. The new one is shown once, afterwards.";
    effect_roll_api_key(hours: i64) = "旧密钥 {hours} 小时后失效。新密钥会在轮换后显示一次。", one "The old key stops working in {hours} hour. The new one is shown once, afterwards.", "The old key stops working in {hours} hours. The new one is shown once, afterwards.";
    effect_revoke_api_key = "密钥立即失效，且无法恢复。使用它的程序会被拒绝。", "The key stops working at once and for good. Programs that use it are refused.";

    flash_api_key_created = "API 密钥已创建，请立即保存", "API key created. Save it now";
    flash_api_key_rolled = "API 密钥已轮换，请立即保存新密钥", "API key rolled. Save the new key now";
    flash_api_key_revoked = "API 密钥已吊销", "API key revoked";
    flash_api_key_put_away = "密钥已收起", "The key is put away";

    mail_api_key_lead(workspace: &str) = "Switchroom 项目「{workspace}」中：", "In the Switchroom workspace {workspace}:";
    mail_api_key_created = "已创建可写的 API 密钥", "An API key that can write was created";
    mail_api_key_rolled = "已轮换可写的 API 密钥", "An API key that can write was rolled";
    mail_api_key_not_you = "如果不是你本人操作，请立即吊销密钥并修改密码：", "If it was not you, revoke the key and change your password at once:";
    mail_api_key_right = "如果没有问题，无需处理。", "If this is as it should be, there is nothing to do.";
    mail_api_key_not_right = "如果有问题，请立即吊销密钥：", "If it is not, revoke the key at once:";

    problem_no_scope = "请至少选择一项权限", "Choose at least one permission";
    problem_too_many_keys(max: i64) = "最多 {max} 个有效密钥，请先吊销不用的密钥", "A workspace has at most {max} keys in use. Revoke one that is not needed";
    problem_no_room_to_overlap(max: i64) = "已有 {max} 个有效密钥，只能选择立即失效，或先吊销不用的密钥", "All {max} keys are in use: choose no overlap, or revoke a key that is not needed";
    problem_day_ahead(years: i64) = "请选择明天起 {years} 年以内的日期", "Choose a day after today and within {years} years";

    scope_apps_read = "查看应用", "See apps";
    scope_apps_read_words = "列出应用，读取名称、状态和标签", "List apps; read names, states and tags";
    scope_apps_write = "创建和编辑应用", "Create and edit apps";
    scope_apps_write_words = "停用和删除仍只能由成员操作", "Disabling and deleting stay with members";
    scope_config_read = "读取配置", "Read configuration";
    scope_config_read_words = "应用的功能和参数", "What apps can do, and their settings";
    scope_config_write = "修改配置", "Change configuration";
    scope_config_write_words = "应用的功能和参数", "What apps can do, and their settings";
    scope_events_write = "上报用量事件", "Report usage";
    scope_events_write_words = "由媒体和消息服务器使用", "For servers of media and messages";
    scope_statistics_read = "读取统计数据", "Read statistics";
    scope_statistics_read_words = "每日用量", "Daily figures";
    scope_tokens_write = "签发 Token", "Mint tokens";
    scope_tokens_write_words = "以任意用户的身份加入频道或登录", "Join channels and sign in as any user";
    scope_tokens_verify = "校验 Token", "Check tokens";
    scope_tokens_verify_words = "判断 Token 是否有效", "Tell whether a token is good";
    scope_webhooks_write = "管理回调", "Manage webhooks";
    scope_webhooks_write_words = "设置回调地址和事件", "Set where events are sent, and which";
    scope_recordings_read = "查看录制", "See recordings";
    scope_recordings_read_words = "列出和下载录制文件", "List and download recordings";
    scope_recordings_write = "管理录制", "Manage recordings";
    scope_recordings_write_words = "上报和删除录制文件", "Report and delete recordings";
}

impl ApiScope {
    /// What it lets a program do.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::AppsRead => t.scope_apps_read(),
            Self::AppsWrite => t.scope_apps_write(),
            Self::ConfigRead => t.scope_config_read(),
            Self::ConfigWrite => t.scope_config_write(),
            Self::EventsWrite => t.scope_events_write(),
            Self::StatisticsRead => t.scope_statistics_read(),
            Self::TokensWrite => t.scope_tokens_write(),
            Self::TokensVerify => t.scope_tokens_verify(),
            Self::WebhooksWrite => t.scope_webhooks_write(),
            Self::RecordingsRead => t.scope_recordings_read(),
            Self::RecordingsWrite => t.scope_recordings_write(),
        }
    }

    /// More about it.
    #[must_use]
    pub const fn words(self, t: Texts) -> &'static str {
        match self {
            Self::AppsRead => t.scope_apps_read_words(),
            Self::AppsWrite => t.scope_apps_write_words(),
            Self::ConfigRead => t.scope_config_read_words(),
            Self::ConfigWrite => t.scope_config_write_words(),
            Self::EventsWrite => t.scope_events_write_words(),
            Self::StatisticsRead => t.scope_statistics_read_words(),
            Self::TokensWrite => t.scope_tokens_write_words(),
            Self::TokensVerify => t.scope_tokens_verify_words(),
            Self::WebhooksWrite => t.scope_webhooks_write_words(),
            Self::RecordingsRead => t.scope_recordings_read_words(),
            Self::RecordingsWrite => t.scope_recordings_write_words(),
        }
    }

    /// Several of them in a sentence; all of them have a name of their own.
    #[must_use]
    pub fn names(scopes: &[Self], t: Texts) -> String {
        if scopes.len() == Self::ALL.len() {
            return t.api_key_everything().to_owned();
        }
        let names: Vec<_> = scopes.iter().map(|scope| scope.name(t)).collect();
        names.join(t.list_comma())
    }
}

impl Overlap {
    /// How long that is.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::None => t.api_key_overlap_none(),
            Self::Hour => t.api_key_overlap_hour(),
            Self::Day => t.api_key_overlap_day(),
        }
    }
}
