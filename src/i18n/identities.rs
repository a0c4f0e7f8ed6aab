//! The wordings of signing in through an identity provider.

texts! {
    identity = "单点登录", "Single sign-on";
    identity_row(provider: &str) = "使用你在 {provider} 的账号登录", "Sign in with your account at {provider}";
    identity_lead(provider: &str) = "关联后，可以使用你在 {provider} 的账号登录，无需输入密码。", "Once it is connected, you sign in with your account at {provider} and need no password.";
    identity_since(day: &str) = "已关联，关联于 {day}", "Connected since {day}";
    identity_last_used(time: &str) = "上次使用：{time}", "Last used {time}";
    identity_not_used = "还没有用它登录过", "Not used to sign in yet";
    identity_connect(provider: &str) = "关联 {provider} 账号", "Connect {provider}";
    identity_then_proof(provider: &str) = "先在 {provider} 登录，回来后验证身份，关联才会生效。生效后，其他浏览器上的登录会立即退出。", "Sign in at {provider} first, then verify your identity here. Only then is it connected. Sign-ins in other browsers end at once.";
    identity_disconnect = "解除关联", "Disconnect";
    identity_no_password = "你的账号没有密码，解除关联后将无法登录。请先退出登录，用“忘记密码”设置密码，再来解除关联。", "Your account has no password, so you could not sign in without this. Sign out, choose a password with “Forgot your password?”, then come back.";
    identity_set_up = "设置单点登录", "Set up single sign-on";
    identity_manage = "管理单点登录", "Manage single sign-on";

    to_connect_identity = "关联单点登录", "connect single sign-on";
    to_disconnect_identity = "解除单点登录关联", "disconnect single sign-on";
    effect_connect_identity(name: &str) = "以后可以用 {name} 登录此账号。其他登录全部退出。", "{name} can sign in to this account from now on. All other sign-ins end.";
    effect_disconnect_identity(name: &str) = "{name} 不能再登录此账号。其他登录全部退出。", "{name} can no longer sign in to this account. All other sign-ins end.";
    flash_identity_connected = "单点登录已关联，其他登录已全部退出", "Single sign-on connected. All other sign-ins have ended";
    flash_identity_disconnected = "单点登录已解除关联，其他登录已全部退出", "Single sign-on disconnected. All other sign-ins have ended";

    or_else = "或", "or";
    sso_sign_in(provider: &str) = "使用 {provider} 登录", "Sign in with {provider}";
    sso_accept(provider: &str) = "使用 {provider} 接受邀请", "Accept with {provider}";

    sso_again = "重新登录", "Sign in again";
    sso_to_sign_in = "返回登录", "Back to sign-in";
    sso_to_identity = "返回单点登录", "Back to single sign-on";
    sso_to_invitation = "返回邀请", "Back to the invitation";
    sso_gone = "此登录请求已失效", "This sign-in request is no longer valid";
    sso_gone_words = "可能已超过 10 分钟、已经用过，或不是在此浏览器中开始的。请重新开始。", "It may be older than 10 minutes, used already, or begun in another browser. Start again.";
    sso_cancelled = "登录已取消", "The sign-in was cancelled";
    sso_cancelled_words(provider: &str) = "你没有在 {provider} 完成登录，没有任何改动。", "You did not finish signing in at {provider}. Nothing has changed.";
    sso_away(provider: &str) = "{provider} 暂时无法使用", "{provider} cannot be used right now";
    sso_away_words = "没有收到有效的答复。请稍后再试，或使用密码登录。", "There was no valid answer. Try again later, or sign in with your password.";
    sso_untrusted(provider: &str) = "无法确认来自 {provider} 的登录", "The sign-in from {provider} could not be verified";
    sso_untrusted_words = "收到的答复不可信，没有任何改动。请重新开始；如果仍然如此，请联系平台管理员。", "The answer cannot be trusted, so nothing has changed. Start again. If it stays so, tell the operator.";
    sso_unknown = "此身份没有关联账号", "No account is connected to this identity";
    sso_unknown_words(label: &str) = "{label} 没有关联这里的任何账号。已有账号：请用密码登录，再到个人资料中关联。收到邀请：请打开邀请链接。", "{label} is not connected to any account here. If you have an account, sign in with your password and connect it on your profile. If you were invited, follow the link of the invitation.";
    sso_unknown_next = "用密码登录并关联", "Sign in with a password and connect";
    sso_barred = "此账号现在不能登录", "This account cannot sign in now";
    sso_barred_words = "账号已停用或冻结。如果是冻结，可以用“忘记密码”设置新密码来恢复；否则请联系平台管理员。", "It is disabled or frozen. A frozen account works again once you choose a new password with “Forgot your password?”. Otherwise ask the operator.";
    sso_taken = "此身份已关联其他账号", "This identity is connected to another account";
    sso_taken_words(label: &str) = "{label} 已关联这里的另一个账号。请换一个身份，或先在那个账号中解除关联。", "{label} is connected to another account here. Use another identity, or disconnect it from that account first.";
    sso_other = "你的账号已关联另一个身份", "Your account is connected to another identity";
    sso_other_words = "请先解除现有的关联，再关联新的身份。", "Disconnect the present one first, then connect the new one.";
    sso_has_account = "此身份已有账号", "This identity has an account";
    sso_has_account_words(label: &str) = "{label} 已关联这里的一个账号。请用该账号登录，再接受邀请。", "{label} is connected to an account here. Sign in to it, then accept the invitation.";
}
