//! The wordings of mail and of the outbox.

texts! {
    mail_code_subject(act: &str, target: &str) = "验证码：{act}「{target}」", "Code to confirm: {act} “{target}”";
    mail_code_title = "身份验证", "Verify your identity";
    mail_code_lead = "有人用你的账号请求执行以下操作：", "Somebody using your account asked for this:";
    mail_code_code = "验证码", "Code";
    mail_code_reference = "编号", "Reference";
    mail_code_reference_hint = "与页面上的编号一致时才输入验证码。", "Enter the code only where the page shows the same reference.";
    mail_code_until = "有效期至", "Valid until";
    mail_code_once = "验证码只能使用一次。我们不会向你索要它，请不要告诉任何人。", "It works once. We never ask for it: do not give it to anyone.";
    mail_code_not_you = "如果不是你本人操作，请不要输入验证码，并尽快修改密码：", "If this was not you, do not use the code, and change your password soon:";
    mail_act = "操作", "What";
    mail_target = "对象", "On";
    mail_from_address = "来自地址", "From address";
    mail_browser = "浏览器", "Browser";
    mail_when = "时间", "When";
    mail_factor_lead = "你的 Switchroom 账号发生了以下变化：", "This was changed on your Switchroom account:";
    mail_factor_you = "如果是你本人操作，无需处理。", "If this was you, there is nothing to do.";
    mail_factor_not_you = "如果不是你本人操作，请立即修改密码，并联系平台管理员：", "If it was not you, change your password at once, and tell the operator:";
    mail_password_changed = "密码已修改", "Password changed";
    mail_authenticator_added = "已设置身份验证器", "Authenticator set up";
    mail_authenticator_replaced = "已更换身份验证器", "Authenticator replaced";
    mail_authenticator_removed = "已移除身份验证器", "Authenticator removed";
    mail_recovery_codes_renewed = "已生成新的恢复码", "New recovery codes made";
    mail_recovery_code_used = "恢复码已使用", "A recovery code was used";
    mail_recovery_codes_left(left: i64) = "剩余 {left} 个恢复码", one "{left} recovery code is left", "{left} recovery codes are left";
    mail_code_link = "也可以在任何设备上打开以下链接，输入页面上显示的两位数字来确认：", "Or open this link on any device and enter the two digits that the page shows:";
    mail_code_link_not_you = "如果不是你本人操作，请打开同一链接并选择“不是我”，发起请求的登录会立即退出：", "If this was not you, open the same link and choose “This was not me”. The sign-in that asked ends at once:";
    mail_disowned(who: &str, act: &str, target: &str) = "已阻止：{who} 的账号请求{act}「{target}」", "Stopped: {who}’s account asked for this: {act} “{target}”";
    mail_disowned_lead = "收件人确认不是本人操作。操作没有执行，发起请求的登录已退出。", "Whoever got the mail said that it was not them. Nothing was done, and the sign-in that asked has ended.";
    mail_disowned_next = "请检查该账号的密码和登录：", "Look at the password and the sign-ins of that account:";
    mail_phone_changed = "已设置手机号", "Phone number set";
    mail_phone_removed = "已移除手机号", "Phone number removed";
    mail_passkey_added = "已添加通行密钥", "Passkey added";
    mail_passkey_removed = "已移除通行密钥", "Passkey removed";
    mail_identity_connected = "已关联单点登录", "Single sign-on connected";
    mail_identity_disconnected = "已解除单点登录关联", "Single sign-on disconnected";
    mail_codes_wrong(act: &str) = "验证码错误次数过多：{act}", "Too many wrong codes: {act}";
    mail_codes_wrong_lead = "有人用你的账号请求以下操作，连续输错验证码，请求已被锁定，操作没有执行：", "Somebody using your account asked for this and entered wrong codes until the request was locked. Nothing was done:";
    mail_foot = "这封邮件由 Switchroom 自动发送，请勿回复。", "Switchroom sent this mail by itself. Replies are not read.";

    outbox = "发件箱", "Outbox";
    outbox_lead = "演示环境不发送邮件和短信。这里列出本应发出的内容，最新的在前。", "The demo sends no mail and no text messages. These are what it would have sent, the latest first.";
    outbox_to = "收件人", "To";
    outbox_number = "手机号", "Phone number";
    outbox_sms = "短信", "Text message";
    outbox_written = "生成时间", "Written";
    outbox_wiped = "正文已清除", "The text has been wiped";
    outbox_empty = "还没有邮件", "No mail yet";
    outbox_empty_words = "修改密码等操作产生的邮件会出现在这里。", "Mail shows here once something asks for it, such as a change of password.";
    outbox_open = "查看发件箱", "Open the outbox";
}
