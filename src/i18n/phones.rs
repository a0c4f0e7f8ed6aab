//! The wordings of text messages and of telephones.

texts! {
    sms_code(code: &str, reference: &str, act: &str, target: &str, minutes: i64) = "Switchroom 验证码 {code}（编号 {reference}），用于{act}：{target}，{minutes} 分钟内有效。我们不会向你索要验证码，请勿告诉任何人。", "Switchroom code {code} (ref. {reference}) for: {act}, {target}. Valid {minutes} min. We never ask for it: tell nobody.";
    sms_reference = "短信中的编号", "Reference in the text message";
    code_of_sms = "短信验证码", "Code from the text message";

    to_change_phone = "设置手机号", "set the phone number";
    to_remove_phone = "移除手机号", "remove the phone number";
    effect_change_phone(number: &str) = "以后可以用发送到 {number} 的短信验证码确认操作，原来的手机号立即失效。其他登录全部退出。", "Codes can be sent to {number} from now on, and a number from before stops working at once. All other sign-ins end.";
    effect_remove_phone = "不再向它发送验证码。其他登录全部退出。", "No more codes are sent to it. All other sign-ins end.";

    phone = "手机号", "Phone number";
    phone_lead = "用短信验证码确认操作。短信可能被转移或拦截，身份验证器更安全。", "Confirm actions with codes by text message. Text messages can be diverted or read by others: an authenticator app is safer.";
    phone_since(day: &str) = "已启用，设置于 {day}", "On since {day}";
    phone_none = "还没有设置", "Not set";
    phone_manage = "管理手机号", "Manage phone number";
    phone_set_up = "设置手机号", "Set phone number";
    phone_number = "新手机号", "New phone number";
    phone_number_hint = "中国大陆以外的号码请加上国家或地区代码，例如 +65\u{a0}9123\u{a0}4567", "With the country code, such as +86\u{a0}138\u{a0}0013\u{a0}8000";
    phone_confirm = "确认手机号", "Confirm number";
    phone_confirmed(number: &str) = "手机号 {number} 已确认，验证身份后生效。", "{number} is confirmed. It counts once you have verified your identity.";
    phone_then_proof = "手机号确认后，还需要用现有的方式验证身份才会生效。", "Once the number is confirmed, you verify your identity the way you can already. Only then does it count.";
    phone_ends_others = "生效后，其他浏览器上的登录会立即退出。", "Sign-ins in other browsers end at once.";
    phone_give_up = "放弃设置", "Cancel set-up";
    phone_remove = "移除手机号", "Remove phone number";
    phone_not_delivered = "验证码未能送达。请检查手机号，或稍后重新发送。", "The code could not be delivered. Check the number, or send another one later.";
    phone_locked = "验证码错误次数过多，请重新输入手机号。", "Too many wrong codes. Enter the number again.";
    phone_changed = "此次设置已失效，请重新开始。", "This set-up is no longer valid. Start again.";
    phone_no_sms = "此系统没有设置短信服务，不能发送短信验证码。请联系平台管理员。", "This installation sends no text messages. Ask the operator.";
    phone_needs_factor = "设置手机号需要先验证身份，但此系统没有设置邮件服务器，你也还没有通行密钥或身份验证器。请先设置。", "Setting a phone number needs proof of who you are, but this installation sends no mail and you have no passkey or authenticator. Set one up first.";

    flash_phone_changed = "手机号已设置，其他登录已全部退出", "Phone number set. All other sign-ins have ended";
    flash_phone_removed = "手机号已移除，其他登录已全部退出", "Phone number removed. All other sign-ins have ended";

    problem_phone = "请输入有效的手机号，例如 +86 138 0013 8000", "Enter a phone number such as +86 138 0013 8000";
    problem_country_code = "请加上国家或地区代码，例如 +86 138 0013 8000", "Begin with the country code, as in +86 138 0013 8000";
    problem_mobile = "此号码不能接收短信，请输入手机号", "This number cannot receive text messages. Enter a mobile number";
    problem_same_phone = "这就是你现在的手机号", "This is your phone number already";
    problem_country = "此系统不向这个国家或地区发送短信，请换一个手机号", "This installation sends no text messages to that country. Use another number";
    problem_no_more_sms = "今天的短信已达上限，请明天再试，或联系平台管理员", "No more text messages can be sent today. Try again tomorrow, or ask the operator";
}
