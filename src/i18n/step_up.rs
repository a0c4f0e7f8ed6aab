//! The wordings of sensitive acts, of proving who one is, of certificates and authenticators.

use super::Texts;
use crate::credentials::Purpose;
use crate::step_up::Method;

texts! {
    to_disable_app = "停用应用", "disable the app";
    to_delete_app = "删除应用", "delete the app";
    to_reset_certificate = "重置证书", "reset the certificate";
    to_reveal_key = "显示密钥", "show the key";
    to_add_authenticator = "设置身份验证器", "set up the authenticator";
    to_replace_authenticator = "更换身份验证器", "replace the authenticator";
    to_remove_authenticator = "移除身份验证器", "remove the authenticator";
    effect_disable_app = "通话和登录立即失败，所有 Token 都会被拒绝，直到重新开启。", "Calls and sign-ins fail at once, and every token is refused until the app is enabled again.";
    effect_delete_app = "应用、证书、标签和统计数据都不能再访问，且无法恢复。", "The app, its certificates, tags and statistics are gone, and nothing brings them back.";
    effect_reset_access_token = "现有证书立即失效，用它签发的 Token 都无法加入频道。新证书会在重置后显示。", "The current certificate stops working at once: nobody can join a channel with a token that it signed. The new one is shown afterwards.";
    effect_reset_usersig = "现有密钥立即失效，用它签发的 UserSig 都无法登录。新密钥会在重置后显示。", "The current key stops working at once: nobody can sign in with a UserSig that it signed. The new one is shown afterwards.";
    effect_reveal_key = "密钥会显示 5 分钟，期间可再次显示此应用的密钥，无需验证。每次显示都会记入审计日志。", "The key is shown for 5 minutes. Until then, keys of this app can be shown again without a code. Each time is recorded in the audit log.";
    effect_add_authenticator = "登录和敏感操作会要求身份验证器的验证码，其他登录全部退出。", "Signing in and sensitive actions ask for its codes, and all other sign-ins end.";
    effect_replace_authenticator = "原来的身份验证器立即失效，其他登录全部退出。", "The old authenticator stops working at once, and all other sign-ins end.";
    effect_remove_authenticator = "登录不再需要验证码，敏感操作改用你的其他验证方式。其他登录全部退出。", "Signing in no longer asks for a code, and sensitive actions ask for another method of yours. All other sign-ins end.";

    step_up = "身份验证", "Verify your identity";
    step_up_title(act: &str) = "验证身份以{act}", "Verify your identity to {act}";
    step_up_lead(act: &str) = "{act}是敏感操作，需要再次确认是你本人。", "This is a sensitive action, so we check again that it is you.";
    step_up_button(act: &str) = "验证并{act}", "Verify and {act}";
    step_up_which = "类型", "Type";
    step_up_effect = "影响", "Effect";
    step_up_after = "验证仅用于这一次操作，并会记入审计日志。", "Verifying is for this one action, which is recorded in the audit log.";
    step_up_others = "使用备选校验方式", "Use another method";
    step_up_choose(method: &str) = "改用{method}", "Use {method}";
    code_of_totp = "身份验证器中的验证码", "Code from your authenticator";
    code_of_totp_hint = "打开身份验证器 App，输入 6 位验证码", "Open your authenticator app and enter the 6 digits";
    code_of_email = "邮件验证码", "Code from the e-mail";
    code_sent_to(email: &str, time: &str) = "已发送到 {email}，{time} 前有效", "Sent to {email}. Valid until {time}";
    code_to_send_to(email: &str) = "将发送到 {email}", "It will be sent to {email}";
    code_reference = "邮件中的编号", "Reference in the e-mail";
    code_resend = "重新发送", "Send again";
    code_resend_wait = "% 秒后可重新发送", "Send again in % s";
    code_send_wait = "% 秒后可发送", "Send a code in % s";
    code_none_yet = "还没有为此操作发送验证码。", "No code has been sent for this action yet.";
    code_send = "发送验证码", "Send a code";
    code_not_delivered = "验证码未能送达。请检查邮箱地址，或换一种验证方式。", "The code could not be delivered. Check the address, or use another method.";
    method_passkey = "通行密钥", "Passkey";
    method_passkey_words = "用指纹、面容、PIN 或安全密钥确认，最安全", "Confirm with your fingerprint, face, PIN or security key: the safest method";
    method_passkey_missing = "还没有添加。它不会被钓鱼网站骗走，最安全", "None yet. It cannot be phished, so it is the safest";
    method_totp = "身份验证器", "Authenticator app";
    method_totp_words = "输入身份验证器 App 中的 6 位验证码，比邮件更安全", "Enter the 6 digits from your app: safer than e-mail";
    method_totp_missing = "还没有设置。它不依赖邮件，更安全", "Not set up yet. It needs no e-mail and is safer";
    method_sms = "手机验证", "Text message";
    method_sms_words(phone: &str) = "发送验证码到 {phone}", "Send a code to {phone}";
    method_sms_missing = "还没有设置手机号", "No phone number yet";
    method_email = "邮箱验证", "E-mail";
    method_email_link = "邮件链接", "Link in the e-mail";
    method_recovery_code = "恢复码", "Recovery code";
    method_email_words(email: &str) = "发送验证码到 {email}", "Send a code to {email}";
    method_email_missing = "此系统没有设置邮件服务器（SWITCHROOM_SMTP_URL），请联系平台管理员", "This installation sends no mail (SWITCHROOM_SMTP_URL is not set). Ask the operator";
    method_email_unconfirmed = "邮箱还没有确认", "Your address is not confirmed yet";
    method_email_confirm = "确认邮箱", "Confirm it";
    method_young = "设置不足 24 小时，不能用于此操作", "Set up less than 24 hours ago, so it cannot be used for this action yet";
    method_too_weak = "此项目不允许用它确认此操作", "This workspace does not accept it for this action";
    method_set_up = "去设置", "Set it up";
    method_recovery_words(left: i64) = "设备都不在身边时使用，剩余 {left} 个", one "For when you have lost the rest. {left} left", "For when you have lost the rest. {left} left";
    code_of_recovery = "恢复码", "Recovery code";
    code_of_recovery_hint = "16 个字母和数字，每个恢复码只能使用一次", "16 letters and digits. Each code works once";
    link_number = "在其他设备上打开邮件中的链接时，输入这两位数字：", "If you open the link in the e-mail on another device, enter there:";
    link_carry_on = "已在链接中批准，继续", "I approved it there: carry on";
    link_title = "有人请求你的批准", "Approve this?";
    link_lead = "如果是你本人发起的，请输入发起页面上显示的两位数字。", "If you asked for this, enter the two digits that the page shows where you asked.";
    link_act = "操作", "Action";
    link_number_label = "两位数字", "Two digits";
    link_approve = "批准", "Approve";
    link_not_me = "不是我", "This was not me";
    link_not_me_words = "不是你本人操作？选择「不是我」，操作会立即取消，发起请求的登录也会退出。", "If it was not you, that button stops the action and ends the sign-in that asked.";
    link_approved = "已批准", "Approved";
    link_approved_words = "回到发起操作的页面继续。这台设备不会登录。", "Carry on where you asked. This device is not signed in.";
    link_disowned = "已阻止", "Stopped";
    link_disowned_words = "操作没有执行，发起请求的登录已退出。请尽快修改密码。", "Nothing was done, and the sign-in that asked has ended. Change your password soon.";
    link_over_words = "请求已结束、已过期或已有新的邮件。没有因为打开此链接而发生任何改变。", "The request is over or has expired, or a newer e-mail took its place. Opening this link changed nothing.";
    step_up_disowned = "验证已被否认", "This request was disowned";
    step_up_disowned_words = "收到邮件的人表示不是本人操作。操作没有执行。", "Whoever got the e-mail said that it was not them. Nothing was done.";
    step_up_young = "请在 24 小时后再试", "Try again in 24 hours";
    step_up_young_words = "此项目规定，危险操作只能用通行密钥或身份验证器确认。你的设置还不到 24 小时，为防止他人冒用，暂时不能用于此操作。", "Dangerous actions of this workspace are confirmed by a passkey or an authenticator. Yours was set up less than 24 hours ago, so it cannot be used for this action yet.";
    step_up_policy = "此项目要求使用通行密钥或身份验证器", "This workspace asks for a passkey or an authenticator";
    step_up_policy_words = "此项目规定，危险操作只能用通行密钥或身份验证器确认，而你还没有设置。请先设置，24 小时后再回来继续。", "Dangerous actions of this workspace are confirmed by a passkey or an authenticator only, and you have none yet. Set one up, then come back after 24 hours.";
    to_renew_recovery_codes = "生成恢复码", "make recovery codes";
    effect_renew_recovery_codes = "会生成 10 个新的恢复码，之前的全部失效，其他登录全部退出。", "Ten new codes are made. Those from before stop working, and all other sign-ins end.";
    recovery_codes = "恢复码", "Recovery codes";
    recovery_lead = "手机丢失或收不到验证码时，用恢复码登录和确认敏感操作。每个只能使用一次。", "Sign in and confirm sensitive actions with them when you have lost your phone or get no codes. Each works once.";
    recovery_none = "还没有恢复码", "None yet";
    recovery_left(left: i64, all: i64) = "剩余 {left} 个，共 {all} 个", "{left} of {all} left";
    recovery_make = "生成恢复码", "Make recovery codes";
    recovery_renew = "重新生成恢复码", "Make new codes";
    recovery_manage = "管理恢复码", "Manage recovery codes";
    recovery_once = "请立即保存。离开此页后不再显示。", "Save them now. They are not shown again.";
    recovery_until(time: &str) = "{time} 自动隐藏", "Hidden automatically at {time}";
    recovery_copy = "复制全部", "Copy all";
    recovery_file(account: &str, place: &str, day: &str) = "Switchroom 恢复码\n账号：{account}\n网址：{place}\n生成日期：{day}\n每个恢复码只能使用一次。", "Switchroom recovery codes\nAccount: {account}\nAt: {place}\nMade: {day}\nEach works once.";
    recovery_done = "我已保存", "I have saved them";
    second_factor_recovery = "设备不在身边？使用恢复码", "Device not at hand? Use a recovery code";
    flash_recovery_codes_made = "恢复码已生成，其他登录已全部退出", "Recovery codes made. All other sign-ins have ended";
    step_up_no_method = "没有可用的验证方式", "There is no way to verify your identity";
    step_up_no_method_words = "此操作需要验证身份，但此系统没有设置邮件服务器，你也还没有通行密钥或身份验证器。请先设置，再回来继续。", "This action needs proof of who you are, but this installation sends no mail and you have no passkey or authenticator. Set one up, then come back.";
    step_up_unconfirmed_words = "此操作需要验证身份，但你的邮箱还没有确认，也没有通行密钥或身份验证器。请先完成其中一项，再回来继续。", "This action needs proof of who you are, but your address is not confirmed and you have no passkey or authenticator. See to one of them, then come back.";
    step_up_again = "重新开始", "Start again";
    step_up_locked = "验证已锁定", "This request is locked";
    step_up_locked_words = "验证码错误次数过多，此次请求已作废，操作没有执行。你可以重新开始，但错误次数会继续累计。", "Too many wrong codes were entered, so this request has ended and nothing was done. You can start again, but wrong codes go on counting.";
    step_up_expired = "验证已过期", "This request has expired";
    step_up_expired_words = "没有在规定时间内完成验证，操作没有执行。", "It was not verified in time, and nothing was done.";
    step_up_cancelled = "验证已结束", "This request has ended";
    step_up_cancelled_words = "此验证已取消，或被新的请求取代，操作没有执行。", "It was cancelled, or a newer one took its place. Nothing was done.";
    step_up_spent = "操作已完成", "This is done already";
    step_up_spent_words = "此验证已经用过，不能再次使用。", "It has been used, and works only once.";
    step_up_granted = "身份已验证", "Your identity is verified";
    step_up_granted_words = "操作还没有执行，请在 5 分钟内继续。", "Nothing has been done yet. Continue within 5 minutes.";
    step_up_changed = "操作没有执行", "Nothing was done";
    step_up_changed_words = "你发起操作后，对象已有改动。请核对后重新开始。", "It has changed since you asked. Look at it and start again.";
    step_up_impossible_words = "现在的状态不允许此操作。请核对后重新开始。", "It is not possible as things are now. Look at it and start again.";

    certificates = "证书与密钥", "Certificates and keys";
    certificates_lead = "用于签发 Token。请只保存在服务器上，不要写进客户端、代码仓库或聊天记录。", "They sign tokens. Keep them on your servers, never in clients, repositories or chats.";
    certificate_access_token = "App 证书", "App certificate";
    certificate_access_token_words = "签发加入频道的 AccessToken", "Signs the access tokens for joining channels";
    certificate_usersig = "UserSig 密钥", "UserSig key";
    certificate_usersig_words = "签发登录用的 UserSig 和 PrivateMapKey", "Signs the UserSigs for signing in, and PrivateMapKeys";
    certificate_made = "创建时间", "Created";
    certificate_used = "最近使用", "Last used";
    certificate_unused = "尚未使用", "Never";
    key_hidden = "已隐藏", "Hidden";
    key_show = "显示密钥", "Show key";
    key_hide = "隐藏密钥", "Hide key";
    key_file = "下载 .txt", "Download .txt";
    key_copy(which: &str) = "复制 {which}", "Copy the {which}";
    key_until(time: &str) = "{time} 自动隐藏", "Hidden automatically at {time}";
    key_again = "刚刚验证过身份，可直接显示", "You verified your identity a moment ago, so it is shown at once";
    reset_title(which: &str) = "重置 {which}", "Reset the {which}";
    reset_sure = "请先确认所有用户都会升级到重置后的证书。", "First make sure that your servers are ready to take the new one.";
    go_verify = "继续验证身份", "Verify your identity";

    app_state = "应用状态", "State of the app";
    app_enable = "开启应用", "Enable app";
    app_disable = "停用应用", "Disable app";
    app_delete = "删除应用", "Delete app";
    app_enabled_words = "应用已开启，客户端可以登录和通话。", "The app is enabled: clients can sign in and call.";
    app_delete_words = "删除后无法恢复。只有停用的应用才能删除。", "Deleting cannot be undone. Only a disabled app can be deleted.";
    app_delete_name = "输入应用名称以确认", "Type the name of the app to confirm";
    app_delete_name_hint(name: &str) = "请输入：{name}", "Type: {name}";
    copy_name = "复制名称", "Copy the name";
    danger_zone = "状态与删除", "State and deletion";
    disable_first = "先停用应用", "Disable it first";

    security = "安全", "Security";
    authenticator = "身份验证器", "Authenticator app";
    authenticator_lead = "用手机 App 生成的验证码登录和确认敏感操作，比邮件更安全。", "Sign in and confirm sensitive actions with codes from an app on your phone. Safer than e-mail.";
    authenticator_since(day: &str) = "已启用，设置于 {day}", "On since {day}";
    authenticator_young = "设置不足 24 小时，暂时不能用于停用、删除、重置等危险操作；在此之前请使用其他方式。", "Set up less than 24 hours ago: until then, confirm dangerous actions such as disabling, deleting and resetting by another method.";
    authenticator_manage = "管理身份验证器", "Manage authenticator";
    authenticator_set_up = "设置身份验证器", "Set up an authenticator";
    authenticator_replace = "更换身份验证器", "Replace authenticator";
    authenticator_remove = "移除身份验证器", "Remove authenticator";
    authenticator_password = "当前密码", "Current password";
    authenticator_password_hint = "用于确认是你本人在设置", "To make sure that it is you";
    authenticator_start = "开始设置", "Start set-up";
    authenticator_step_scan = "扫描二维码", "Scan the QR code";
    authenticator_step_scan_words = "用身份验证器 App 扫描，例如 Google Authenticator、Microsoft Authenticator、1Password 或 FreeOTP。", "Use an authenticator app, such as Google Authenticator, Microsoft Authenticator, 1Password or FreeOTP.";
    authenticator_step_key = "无法扫描？手动输入密钥", "Cannot scan it? Type the key";
    authenticator_key_copy = "复制密钥", "Copy the key";
    authenticator_qr = "二维码：在身份验证器 App 中添加 Switchroom", "QR code that adds Switchroom to an authenticator app";
    authenticator_step_code = "输入 App 显示的验证码", "Enter the code that the app shows";
    authenticator_confirm = "继续验证身份", "Continue to verify your identity";
    authenticator_give_up = "放弃设置", "Cancel set-up";
    authenticator_ends_others = "启用后，其他浏览器上的登录会立即退出。", "Sign-ins in other browsers end at once.";
    authenticator_lost = "手机丢失时，可以用恢复码登录，再通过邮件或恢复码更换；都不行时，请联系平台管理员。", "If you lose the phone, sign in with a recovery code and replace it, confirmed by e-mail or another code. Where that does not work, ask the operator.";
    authenticator_changed = "此次设置已失效，请重新开始。", "This set-up is no longer valid. Start again.";

    second_factor = "输入验证码", "Enter your code";
    second_factor_lead = "打开身份验证器 App，输入 6 位验证码完成登录。", "Open your authenticator app and enter the 6 digits to finish signing in.";
    second_factor_expired = "登录已超时，请重新输入密码。", "That took too long. Enter your password again.";
    second_factor_locked = "验证码错误次数过多，请重新登录。", "Too many wrong codes. Sign in again.";
    second_factor_lost = "恢复码也丢失了？请联系平台管理员。", "Lost the recovery codes too? Ask the operator.";
    second_factor_back = "使用其他账号登录", "Sign in as somebody else";

    flash_app_enabled = "应用已开启", "App enabled";
    flash_app_disabled = "应用已停用", "App disabled";
    flash_app_deleted = "应用已删除", "App deleted";
    flash_certificate_reset = "证书已重置", "Certificate reset";
    flash_key_revealed = "密钥已显示", "Key shown";
    flash_key_hidden = "密钥已隐藏", "Key hidden";
    flash_authenticator_added = "身份验证器已启用，其他登录已全部退出", "Authenticator set up. All other sign-ins have ended";
    flash_authenticator_replaced = "身份验证器已更换，其他登录已全部退出", "Authenticator replaced. All other sign-ins have ended";
    flash_authenticator_removed = "身份验证器已移除，其他登录已全部退出", "Authenticator removed. All other sign-ins have ended";
    flash_step_up_cancelled = "已取消，没有做任何修改", "Cancelled. Nothing was changed";
}

impl Purpose {
    /// What people call the certificate of this purpose.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::AccessToken => t.certificate_access_token(),
            Self::UserSig => t.certificate_usersig(),
        }
    }
}

impl Method {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Passkey => t.method_passkey(),
            Self::Totp => t.method_totp(),
            Self::SmsCode => t.method_sms(),
            Self::EmailCode => t.method_email(),
            Self::EmailLink => t.method_email_link(),
            Self::RecoveryCode => t.method_recovery_code(),
        }
    }
}
