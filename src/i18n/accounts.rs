//! The wordings of addresses, passwords and the links that are mailed about an account.

use crate::accounts::Strength;
use crate::i18n::Texts;

texts! {
    password_strength = "密码强度", "Strength";
    strength_0 = "极弱", "Very weak";
    strength_1 = "弱", "Weak";
    strength_2 = "一般", "Fair";
    strength_3 = "强", "Strong";
    strength_4 = "很强", "Very strong";

    link_over = "链接已失效", "This link does not work any more";
    link_over_email = "链接可能已经用过、已过期，或被新的链接取代。请登录后重新发送。", "It may have been used, be too old, or a newer one took its place. Sign in and send another one.";
    link_over_reset = "链接可能已经用过、已超过 30 分钟，或被取消。请重新申请。", "It may have been used, be older than 30 minutes, or called off. Ask for another one.";
    link_over_freeze = "链接可能已经用过，或已超过 72 小时。账号已经冻结时，请联系平台管理员解除；没有冻结而有人动过你的账号时，请登录并修改密码。", "It may have been used, or be older than 72 hours. If your account is frozen, ask the operator to lift it. If it is not and somebody was in it, sign in and change your password.";
    link_over_to_email = "登录并重新发送", "Sign in and send another";
    link_over_to_profile = "登录并修改密码", "Sign in and change the password";

    email_address = "邮箱地址", "E-mail address";
    email_confirmed = "已确认", "Confirmed";
    email_unconfirmed = "未确认", "Not confirmed";
    email_unconfirmed_words = "请打开邮件中的链接，确认这个邮箱是你的。", "Open the link in the mail to confirm that this address is yours.";
    email_confirm_send = "发送确认邮件", "Send confirmation mail";
    email_change = "更换邮箱", "Change e-mail address";
    email_change_lead = "新邮箱会收到一封邮件。打开其中的链接之前，仍使用现在的邮箱。", "A mail goes to the new address. The current one stays until its link is opened.";
    email_new = "新邮箱", "New e-mail address";
    email_change_next = "继续验证身份", "Continue to verify your identity";
    email_pending = "等待确认的新邮箱", "Waiting to be confirmed";
    email_pending_words(email: &str, until: &str) = "已向 {email} 发送邮件，请在 {until} 前打开其中的链接。", "A mail was sent to {email}. Open its link before {until}.";
    email_pending_again = "重新发送", "Send again";
    email_pending_off = "取消更换", "Cancel change";
    email_no_mail = "此平台没有设置邮件服务器（SWITCHROOM_SMTP_URL），无法确认或更换邮箱。请联系平台管理员。", "No mail is sent from here (SWITCHROOM_SMTP_URL is not set), so addresses can be neither confirmed nor changed. Ask the operator.";
    email_confirm_title = "确认邮箱", "Confirm your e-mail address";
    email_confirm_lead = "请确认这是你的邮箱：", "Confirm that this address is yours:";
    email_confirm_note = "不是你的邮箱？关闭此页面即可，不会有任何改动。", "Not yours? Close this page, and nothing changes.";
    email_confirm_button = "确认邮箱", "Confirm address";
    email_switch_title = "更换邮箱", "Change your e-mail address";
    email_switch_lead = "请确认今后使用这个邮箱登录：", "Confirm that you sign in with this address from now on:";
    email_switch_note = "更换后，其他浏览器上的登录会立即退出，原邮箱会收到通知。", "Sign-ins in other browsers end at once, and the address from before is told.";
    email_switch_button = "更换邮箱", "Change address";
    to_change_email = "更换邮箱", "change the e-mail address";
    effect_change_email(email: &str) = "向 {email} 发送确认链接。打开链接之前，仍使用现在的邮箱。", "A link goes to {email}. The current address stays until it is opened.";

    forgot = "忘记密码", "Forgotten password";
    forgot_link = "忘记密码？", "Forgot your password?";
    forgot_lead = "输入账号的邮箱，我们会发送链接，用来设置新密码。", "Enter the address of your account. A link to choose a new password will be mailed to it.";
    forgot_send = "发送链接", "Send link";
    forgot_again = "重新申请", "Ask for another link";
    forgot_back = "返回登录", "Back to sign-in";
    forgot_sent = "请查收邮件", "Look at your mail";
    forgot_sent_lead = "如果这个邮箱有账号，你会收到一封邮件。其中的链接 30 分钟内有效。", "If the address has an account, a mail is on its way. Its link works for 30 minutes.";
    forgot_sent_hint = "几分钟内没有收到？请检查垃圾邮件，并确认邮箱没有输错。", "Nothing after a few minutes? Check your spam folder, and the address.";
    forgot_no_mail = "此平台没有设置邮件服务器，无法自行重置密码。请联系平台管理员。", "No mail is sent from here, so a password cannot be replaced by oneself. Ask the operator.";
    reset_password = "设置新密码", "Choose a new password";
    reset_password_lead = "保存后，所有登录都会退出，请用新密码重新登录。", "All sign-ins end. Sign in with the new password afterwards.";
    reset_password_save = "保存新密码", "Save new password";

    freeze_title = "冻结账号", "Freeze your account";
    freeze_lead = "有人动过你的账号？冻结以下账号后，任何人都不能登录：", "Was somebody in your account? Nobody signs in to it once it is frozen:";
    freeze_note = "所有登录会立即退出。平台管理员核实后才能解除冻结。", "All sign-ins end at once. Only the operator can lift it.";
    freeze_button = "冻结账号", "Freeze account";

    flash_email_confirmation_sent = "确认邮件已发送", "Confirmation mail sent";
    flash_email_confirmed = "邮箱已确认", "E-mail address confirmed";
    flash_email_change_sent = "邮件已发送，请打开其中的链接确认新邮箱", "Mail sent. Open its link to confirm the new address";
    flash_email_change_off = "已取消更换邮箱", "The address stays as it is";
    flash_email_changed = "邮箱已更换，其他登录已全部退出", "E-mail address changed. All other sign-ins have ended";
    flash_password_reset = "新密码已保存，请用它登录", "New password saved. Sign in with it";
    flash_account_frozen = "账号已冻结，所有登录都已退出。请联系平台管理员核实并解除冻结，之后才能登录", "Account frozen, and all sign-ins have ended. Nobody signs in until the operator lifts it: ask them";

    mail_confirm_subject = "确认你的邮箱", "Confirm your e-mail address";
    mail_confirm_lead = "请打开以下链接并点击按钮，确认这个邮箱是你的：", "Open this link and press the button to confirm that this address is yours:";
    mail_confirm_not_you = "如果你没有 Switchroom 账号，请忽略这封邮件。", "If you have no Switchroom account, ignore this mail.";
    mail_change_subject = "确认新邮箱", "Confirm your new e-mail address";
    mail_change_lead = "有人要将自己的 Switchroom 账号改用这个邮箱。如果是你，请打开以下链接并点击按钮：", "Somebody wants to use this address for their Switchroom account. If it was you, open this link and press the button:";
    mail_change_not_you = "如果不是你，请忽略这封邮件，不会有任何改动。", "If it was not you, ignore this mail: nothing changes.";
    mail_taken_subject = "有人尝试使用你的邮箱", "Somebody tried to use your e-mail address";
    mail_taken_lead = "有人要将另一个 Switchroom 账号改用这个邮箱，但它已属于你的账号。没有任何改动，无需处理。如果是你本人操作，请直接用这个邮箱登录：", "Somebody wanted to use this address for another Switchroom account. It belongs to yours, so nothing was changed and there is nothing to do. If it was you, sign in with it:";
    mail_reset_subject = "设置新密码", "Choose a new password";
    mail_reset_lead = "有人为你的 Switchroom 账号申请重置密码。如果是你，请打开以下链接设置新密码：", "Somebody asked for a new password for your Switchroom account. If it was you, open this link and choose one:";
    mail_reset_not_you = "如果不是你，请忽略这封邮件，密码不会改变。", "If it was not you, ignore this mail: your password stays as it is.";
    mail_link_once = "链接只能使用一次，请不要转发。", "It works once. Do not pass it on.";
    mail_email_changed = "邮箱已更换", "E-mail address changed";
    mail_new_email(email: &str) = "新邮箱：{email}", "New address: {email}";
    mail_account_frozen = "账号已冻结", "Account frozen";
    mail_factor_freeze = "如果不是你本人操作，请立即冻结账号（链接 72 小时内有效）：", "If it was not you, freeze your account at once. This link works for 72 hours:";
    mail_frozen_you = "所有登录都已退出，解除冻结之前谁都不能登录。", "All sign-ins have ended, and nobody signs in until it is lifted.";
    mail_frozen_next = "请联系平台管理员核实并解除冻结，然后再登录：", "Ask the operator to lift it, then sign in again:";
}

impl Strength {
    /// What it is called.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self.score() {
            0 => t.strength_0(),
            1 => t.strength_1(),
            2 => t.strength_2(),
            3 => t.strength_3(),
            _ => t.strength_4(),
        }
    }
}
