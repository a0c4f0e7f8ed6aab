//! The wordings of the list of one's sign-ins, of new devices, and of one's own activity.

texts! {
    sessions = "登录设备", "Sign-ins";
    sessions_lead = "正在登录此账号的浏览器。如有不认识的，请将其退出，并修改密码。", "The browsers that are signed in to your account. If you do not know one, sign it out and change your password.";
    sessions_row = "查看正在登录的浏览器，并退出其他登录", "See where you are signed in, and sign out other browsers";
    sessions_manage = "查看登录", "See sign-ins";
    sessions_count(count: i64) = "{count} 个登录", one "{count} sign-in", "{count} sign-ins";
    session_device = "设备", "Device";
    session_this = "当前登录", "This one";
    session_unknown_device = "未知设备", "Unknown device";
    session_signed_in = "登录时间", "Signed in";
    session_last_seen = "最近活动", "Last seen";
    session_end = "退出此登录", "Sign out";
    sessions_end_others = "退出所有其他登录", "Sign out all others";
    sessions_no_others = "没有其他登录", "There are no other sign-ins";
    flash_session_ended = "已退出该登录", "That sign-in has ended";
    flash_other_sessions_ended = "已退出所有其他登录", "All other sign-ins have ended";

    activity = "我的操作记录", "My activity";
    activity_lead(zone: &str) = "你在所有项目中的操作，包括已退出的项目。时间按 {zone} 时区显示。", "What you did, in all workspaces, also those you have left. Times follow {zone}.";
    activity_row = "你在所有项目中的操作", "What you did, in all workspaces";
    activity_see = "查看记录", "See activity";
    activity_none = "还没有记录", "Nothing yet";
    activity_none_words = "登录、创建和编辑应用等操作都会记录在这里。", "Sign-ins, new and edited apps and more will show here.";
    activity_no_workspace = "不属于任何项目", "No workspace";

    mail_new_device = "你的账号在新设备上登录", "New device signed in to your account";
    mail_new_device_lead = "有一个未曾登录过的浏览器刚刚登录了你的 Switchroom 账号：", "A browser that was not used before has signed in to your Switchroom account:";
    mail_new_device_not_you = "如果不是你本人操作，请立即修改密码，并退出所有其他登录：", "If it was not you, change your password at once, and sign out all others:";
}
