//! The wordings of minutes and of their ledger.

use super::Texts;
use crate::minutes::{PackageKind, PostingKind};

texts! {
    minutes_ledger = "分钟数明细", "Ledger";
    minutes_on_page(count: i64) = "本页 {count} 条明细", one "{count} entry on this page", "{count} entries on this page";
    minutes_lead(zone: &str) = "应用每天的用量在当天结束 24 小时后从套餐包中扣除，先到期的先扣。时间按 {zone} 时区显示。", "What apps use on a day is deducted 24 hours after its end, from the package that expires first. Times follow {zone}.";
    minutes_lead_scoped(zone: &str) = "余额属于整个项目，明细只列出你负责的应用。用量在当天结束 24 小时后扣除，时间按 {zone} 时区显示。", "The balance is that of the whole workspace; the ledger shows the apps in your reach. Usage is deducted 24 hours after its day. Times follow {zone}.";
    minutes_balance = "余额", "Balance";
    minutes_export = "导出 CSV", "Export CSV";

    alert_line = "低于多少分钟时提醒", "Alert at (minutes)";
    alert_line_hint = "余额降到此值时，邮件通知所有者和财务成员一次。填 0 不提醒；留空为有效套餐包总量的 10%", "Owners and finance members get one mail when the balance falls to it. 0 for no mail; empty for a tenth of the valid packages";
    alert_line_save = "保存提醒设置", "Save alert";
    alert_line_now(line: &str) = "余额降到 {line} 分钟时邮件提醒", "Mail is sent when {line} minutes are left";
    alert_line_off = "余额不足时不发送邮件", "No mail is sent when few minutes are left";
    alert_line_tenth = "有效套餐包总量的 10%", "A tenth of the valid packages";
    flash_minutes_alert_set = "分钟数提醒已保存", "Alert saved";

    packages = "套餐包", "Packages";
    packages_some(count: usize) = "只列出最后到期的 {count} 个", "The {count} that expire last";
    packages_none = "还没有套餐包", "No packages yet";
    packages_none_words = "请联系平台管理员增加分钟数。", "Ask the operator for minutes.";
    package_newcomer = "新手套餐包", "Newcomer package";
    package_granted = "平台发放", "Granted";
    package_purchased = "已购套餐包", "Purchased";
    package_remaining = "剩余", "Left";
    package_total = "总量", "Total";
    package_starts = "生效时间", "Valid from";
    package_expires = "到期时间", "Expires";
    package_state = "状态", "State";
    package_valid = "有效", "Valid";
    package_upcoming = "未生效", "Not yet valid";
    package_used_up = "已用完", "Used up";
    package_expired = "已到期", "Expired";
    package_until(kind: &str, day: &str) = "{kind}（{day} 到期）", "{kind} (expires {day})";
    package_none = "无可用套餐包", "No package covered it";

    ledger_none = "还没有明细", "No entries yet";
    ledger_none_words = "增加分钟数和每天的用量会记录在这里。", "Granted minutes and each day's usage will show here.";
    posting_kind = "类型", "Kind";
    posting_day = "用量日期", "Usage day";
    posting_amount = "分钟数", "Minutes";
    posting_package = "套餐包", "Package";
    posting_opening = "期初余额", "Opening balance";
    posting_grant = "增加", "Grant";
    posting_usage = "用量扣除", "Usage";
    posting_uncovered = "用量（未抵扣）", "Usage (not covered)";
    posting_adjustment = "用量调整", "Adjustment";
    posting_expiry = "到期失效", "Expired";
    csv_posting_word = "类型代码", "Kind (word)";
    csv_minutes_in = "增加分钟数", "Minutes added";
    csv_minutes_out = "扣除分钟数", "Minutes deducted";

    mail_minutes_lead = "你所在项目的用户分钟数：", "The user minutes of a workspace of yours:";
    mail_minutes_low(workspace: &str) = "「{workspace}」的用户分钟数即将用完", "{workspace} is running low on minutes";
    mail_minutes_none(workspace: &str) = "「{workspace}」的用户分钟数已用完", "{workspace} has no minutes left";
    mail_minutes_none_more = "增加分钟数之前不能创建实时音视频应用，之后的用量没有套餐包可以抵扣。", "Until minutes are added, RTC apps cannot be created, and no package covers what is used.";
    mail_minutes_next = "查看余额、套餐包和明细：", "See the balance, the packages and the ledger:";
}

impl PackageKind {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Newcomer => t.package_newcomer(),
            Self::Granted => t.package_granted(),
            Self::Purchased => t.package_purchased(),
        }
    }
}

impl PostingKind {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Opening => t.posting_opening(),
            Self::Grant => t.posting_grant(),
            Self::Usage => t.posting_usage(),
            Self::Adjustment => t.posting_adjustment(),
            Self::Expiry => t.posting_expiry(),
        }
    }
}
