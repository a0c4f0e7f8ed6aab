//! The wordings of [`Problem`]: what is wrong and how to mend it.

use super::Texts;
use crate::accounts::Inactive;
use crate::api_keys::YEARS_MAX;
use crate::problem::{PhoneProblem, Problem, TeamProblem};

texts! {
    problem_missing = "请填写此项", "Fill in this field";
    problem_too_short(min: usize) = "至少 {min} 个字符", "Use at least {min} characters";
    problem_too_long(max: usize) = "最多 {max} 个字符", "Use at most {max} characters";
    problem_too_many_bytes(max: usize) = "最多 {max} 个字节", "Use at most {max} bytes";
    problem_control = "不能包含控制字符", "Remove the control characters";
    problem_email = "请输入有效的邮箱地址，例如 li@example.com", "Enter an e-mail address such as li@example.com";
    problem_choice = "请从列出的选项中选择", "Choose one of the options";
    problem_range(min: i64, max: i64) = "请输入 {min} 到 {max} 之间的整数", "Enter a whole number from {min} to {max}";
    problem_name_taken = "此项目中已有同名应用，请换一个名称", "Another app in this workspace has this name. Choose a different one";
    problem_email_taken = "此邮箱已被使用", "This e-mail address is already in use";
    problem_lookalike = "邮箱混用了不同文字或易混淆的字母，请用键盘直接输入，不要粘贴", "This address mixes scripts or has letters that look like others. Type it instead of pasting it";
    problem_own_email = "这是你现在的邮箱，请输入新的邮箱", "This is your address already. Enter a different one";
    problem_mails_full(minutes: i64) = "邮件发送过于频繁，请在 {minutes} 分钟后再试", one "Too many mails were asked for. Try again in {minutes} minute", "Too many mails were asked for. Try again in {minutes} minutes";
    problem_user_id = "只能使用字母、数字、下划线和连字符", "Use letters, digits, underscores and hyphens only";
    problem_all_digits = "UserID 不能全为数字", "A UserID cannot be digits only";
    problem_channel = "频道名含有不允许的字符", "The channel name has a character that is not allowed";
    problem_room = "请输入 1 到 4294967295 的房间号，或由可见 ASCII 字符组成的房间名", "Enter a room number from 1 to 4294967295, or a room name of visible ASCII characters";
    problem_no_service = "请至少选择一项服务", "Choose at least one service";
    problem_rtc_quota(max: i64) = "已达到 {max} 个实时音视频应用的上限（停用的应用也计入）", "This workspace has {max} RTC apps, the most it may have. Disabled apps count";
    problem_im_quota(max: i64) = "已达到 {max} 个即时通信应用的上限（停用的应用也计入）", "This workspace has {max} IM apps, the most it may have. Disabled apps count";
    problem_no_minutes = "用户分钟数为 0，无法创建实时音视频应用", "No minutes are left, and an RTC app needs some";
    problem_too_many_tags(max: usize) = "最多 {max} 个标签", "Use at most {max} tags";
    problem_tag = "每行一个标签，写作 键=值", "Write one tag per line, as key=value";
    problem_tag_twice = "标签键不能重复", "Use each tag key once";
    problem_sent_before = "这份表单已经提交过，应用已创建。如要再创建一个，请再次提交", "This form was sent before, and its app was created. Send it again to create another one";
    problem_changed = "此应用已被他人修改。下面是你填写的内容，请核对后再次提交", "Somebody else has changed this app. Below is what you entered: check it and send it again";
    problem_wrong_password = "当前密码不正确", "The current password is not right";
    problem_guessable = "密码太容易被猜到。请用更长的密码，例如几个不相干的词", "This password is easy to guess. Use a longer one, such as a few unrelated words";
    problem_personal = "密码不能只由姓名、邮箱或 Switchroom 组成。请改用几个不相干的词", "Do not make the password of your name, your address or Switchroom. Use a few unrelated words";
    problem_passwords_differ = "两次输入的密码不一致", "The two passwords differ";
    problem_credentials = "邮箱或密码不正确", "The e-mail address or the password is not right";
    problem_disabled = "此账号已停用，请联系平台管理员", "This account is disabled. Ask the operator";
    problem_frozen = "此账号已冻结，请联系平台管理员核实并解除冻结", "This account is frozen. Ask the operator to lift it";
    problem_same_password = "这是现在的密码，请换一个", "This is your current password. Choose a different one";
    problem_nothing_chosen = "请选择一项", "Choose one of these";
    problem_wrong_recovery_code(left: i64) = "恢复码不正确，还可以再试 {left} 次", one "That recovery code is not right. {left} try left", "That recovery code is not right. {left} tries left";
    problem_other_name = "名称不一致，请输入应用的完整名称", "This is not the name of the app. Type the whole name";
    problem_not_disabled = "应用仍在使用，请先停用再删除", "The app is enabled. Disable it first";
    problem_paid_for = "应用使用付费套餐，不能自行删除。请联系平台管理员", "The app is on a paid plan, so members cannot delete it. Ask the operator";
    problem_not_yours_to_enable = "应用不是由成员停用的，不能自行开启。请联系平台管理员", "A member did not disable this app, so members cannot enable it. Ask the operator";
    problem_used_recovery_code = "此恢复码已经用过，请使用另一个", "That recovery code has been used. Use another one";
    problem_not_a_recovery_code = "恢复码由 16 个字母和数字组成，例如 7K2M-9QXB-01AC-DE5F", "A recovery code has 16 letters and digits, such as 7K2M-9QXB-01AC-DE5F";
    problem_not_a_number_from_screen = "请输入另一个屏幕上显示的两位数字", "Enter the two digits that your other screen shows";
    problem_wrong_number(left: i64) = "数字不正确，还可以再试 {left} 次", one "Those are not the digits. {left} try left", "Those are not the digits. {left} tries left";
    problem_not_a_code = "验证码是 6 位数字", "A code has 6 digits";
    problem_wrong_code(left: i64) = "验证码不正确，还可以再试 {left} 次", one "That code is not right. {left} try left", "That code is not right. {left} tries left";
    problem_not_its_code = "验证码不正确。请确认手机时间准确，并输入最新的验证码", "That code is not right. Check that your phone shows the right time, and enter the latest code";
    problem_used_code = "此验证码已经用过，请等待下一个", "That code has been used. Wait for the next one";
    problem_expired_code = "验证码已过期，请重新发送", "That code is too old. Send another one";
    problem_no_code_sent = "还没有可用的验证码，请先发送", "There is no code to enter yet. Send one first";
    problem_codes_on_hold(minutes: i64) = "验证码错误次数过多，请在 {minutes} 分钟后再试。在此之前，正确的验证码也不会被接受", one "Too many wrong codes. Try again in {minutes} minute. Until then the right code is refused too", "Too many wrong codes. Try again in {minutes} minutes. Until then the right code is refused too";
    problem_codes_stopped = "连续输错的验证码过多，验证已停用。请联系平台管理员解除", "Too many wrong codes in a row. Codes are refused until the operator unlocks your account";
    problem_send_pause(seconds: i64) = "{seconds} 秒后可重新发送", one "Another code can be sent in {seconds} second", "Another code can be sent in {seconds} seconds";
    problem_sends_full(minutes: i64) = "发送的验证码过多，{minutes} 分钟后可再次发送", one "Too many codes were sent. Another one can be sent in {minutes} minute", "Too many codes were sent. Another one can be sent in {minutes} minutes";
    problem_key = "密钥格式不正确", "This is not a complete key";
    problem_app_id = "App ID 是 32 位十六进制数", "An App ID has 32 hex digits";
    problem_needs_channel_and_user = "006 格式的 Token 不含频道名和用户，请填写后再校验", "A 006 token does not carry channel and user. Fill them in to check it";
    problem_day = "请输入有效的日期，例如 2026-11-19", "Enter a day such as 2026-11-19";
}

impl Problem {
    /// The wording.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match *self {
            Self::Missing => t.problem_missing().into(),
            Self::TooShort { min } => t.problem_too_short(min),
            Self::TooLong { max } => t.problem_too_long(max),
            Self::TooManyBytes { max } => t.problem_too_many_bytes(max),
            Self::ControlCharacters => t.problem_control().into(),
            Self::NotAnEmail => t.problem_email().into(),
            Self::UnknownChoice => t.problem_choice().into(),
            Self::NotInRange { min, max } => t.problem_range(min, max),
            Self::NameTaken => t.problem_name_taken().into(),
            Self::EmailTaken => t.problem_email_taken().into(),
            Self::LookalikeEmail => t.problem_lookalike().into(),
            Self::OwnEmail => t.problem_own_email().into(),
            Self::MailsFull { minutes } => t.problem_mails_full(minutes),
            Self::NotAUserId => t.problem_user_id().into(),
            Self::AllDigits => t.problem_all_digits().into(),
            Self::NotAChannelName => t.problem_channel().into(),
            Self::NotARoom => t.problem_room().into(),
            Self::NoService => t.problem_no_service().into(),
            Self::RtcQuota { max } => t.problem_rtc_quota(max),
            Self::ImQuota { max } => t.problem_im_quota(max),
            Self::NoMinutes => t.problem_no_minutes().into(),
            Self::TooManyTags { max } => t.problem_too_many_tags(max),
            Self::NotATag => t.problem_tag().into(),
            Self::TagTwice => t.problem_tag_twice().into(),
            Self::SentBefore => t.problem_sent_before().into(),
            Self::ChangedMeanwhile => t.problem_changed().into(),
            Self::WrongPassword => t.problem_wrong_password().into(),
            Self::GuessablePassword => t.problem_guessable().into(),
            Self::PersonalPassword => t.problem_personal().into(),
            Self::PasswordsDiffer => t.problem_passwords_differ().into(),
            Self::WrongCredentials => t.problem_credentials().into(),
            Self::Inactive(inactive) => inactive.problem(t).into(),
            Self::SamePassword => t.problem_same_password().into(),
            Self::NothingChosen => t.problem_nothing_chosen().into(),
            Self::WrongRecoveryCode { left } => t.problem_wrong_recovery_code(left),
            Self::OtherName => t.problem_other_name().into(),
            Self::NotDisabled => t.problem_not_disabled().into(),
            Self::PaidFor => t.problem_paid_for().into(),
            Self::NotYoursToEnable => t.problem_not_yours_to_enable().into(),
            Self::Phone(problem) => problem.text(t).into(),
            Self::NotACode => t.problem_not_a_code().into(),
            Self::UsedRecoveryCode => t.problem_used_recovery_code().into(),
            Self::NotARecoveryCode => t.problem_not_a_recovery_code().into(),
            Self::NotANumberFromScreen => t.problem_not_a_number_from_screen().into(),
            Self::WrongNumber { left } => t.problem_wrong_number(left),
            Self::WrongCode { left } => t.problem_wrong_code(left),
            Self::NotItsCode => t.problem_not_its_code().into(),
            Self::UsedCode => t.problem_used_code().into(),
            Self::ExpiredCode => t.problem_expired_code().into(),
            Self::NoCodeSent => t.problem_no_code_sent().into(),
            Self::CodesOnHold { minutes } => t.problem_codes_on_hold(minutes),
            Self::CodesStopped => t.problem_codes_stopped().into(),
            Self::SendPause { seconds } => t.problem_send_pause(seconds),
            Self::SendsFull { minutes } => t.problem_sends_full(minutes),
            Self::Passkey(problem) => problem.text(t),
            Self::Team(ref problem) => problem.text(t),
            Self::NotAKey => t.problem_key().into(),
            Self::NotAnAppId => t.problem_app_id().into(),
            Self::NeedsChannelAndUser => t.problem_needs_channel_and_user().into(),
            Self::NotADay => t.problem_day().into(),
            Self::Days(problem) => problem.text(t),
            Self::NoScope => t.problem_no_scope().into(),
            Self::TooManyKeys { max } => t.problem_too_many_keys(max),
            Self::NoRoomToOverlap { max } => t.problem_no_room_to_overlap(max),
            Self::DayNotAhead => t.problem_day_ahead(YEARS_MAX),
        }
    }
}

impl PhoneProblem {
    const fn text(self, t: Texts) -> &'static str {
        match self {
            Self::NotOne => t.problem_phone(),
            Self::NoCountryCode => t.problem_country_code(),
            Self::NotAMobile => t.problem_mobile(),
            Self::Same => t.problem_same_phone(),
            Self::CountryNotServed => t.problem_country(),
            Self::NoMoreSms => t.problem_no_more_sms(),
        }
    }
}

impl Inactive {
    /// What is said to whoever has the password.
    const fn problem(self, t: Texts) -> &'static str {
        match self {
            Self::Disabled => t.problem_disabled(),
            Self::Frozen => t.problem_frozen(),
        }
    }
}

impl TeamProblem {
    /// The wording.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match *self {
            Self::NotOneTag => t.problem_one_tag().into(),
            Self::NoAppChosen => t.problem_no_app().into(),
            Self::TooManyApps { max } => t.problem_too_many_apps(max),
            Self::NotYoursToManage => t.problem_not_yours_to_manage().into(),
            Self::LastOwner => t.problem_last_owner().into(),
            Self::AlreadyMember => t.problem_already_member().into(),
            Self::AlreadyInvited => t.problem_already_invited().into(),
            Self::TooManyMembers { max } => t.problem_too_many_members(max),
            Self::TooManyInvitations { max } => t.problem_too_many_invitations(max),
            Self::InvitationPause { seconds } => t.problem_invitation_pause(seconds),
            Self::InvitationsFull => t.problem_invitations_full().into(),
            Self::NotSure => t.problem_not_sure().into(),
            Self::OwnFactorTooYoung => t.problem_own_factor_young().into(),
            Self::NothingToChange => t.problem_nothing_to_change().into(),
            Self::SavedMeanwhile => t.problem_saved_meanwhile().into(),
        }
    }
}
