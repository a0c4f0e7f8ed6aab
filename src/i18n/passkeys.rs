//! The wordings of passkeys.

use super::Texts;
use crate::problem::PasskeyProblem;

texts! {
    to_add_passkey = "添加通行密钥", "add the passkey";
    to_remove_passkey = "移除通行密钥", "remove the passkey";
    effect_add_passkey = "以后可以用它直接登录和确认操作。只用密码登录时，也会要求它、身份验证器或恢复码。其他登录全部退出。", "It will sign you in by itself and confirm your actions. Whoever signs in by password is then asked for it too, or for your authenticator or a recovery code. All other sign-ins end.";
    effect_remove_passkey = "它不能再用于登录和确认操作。其他登录全部退出。", "It will no longer sign you in or confirm your actions. All other sign-ins end.";

    passkeys = "通行密钥", "Passkeys";
    passkeys_lead = "用指纹、面容、PIN 或安全密钥登录和确认敏感操作。钓鱼网站骗不走它，是最安全的方式。", "Sign in and confirm sensitive actions with your fingerprint, face, PIN or security key. They cannot be phished, so this is the safest method.";
    passkeys_none = "还没有添加", "None yet";
    passkeys_count(count: i64) = "{count} 个", one "{count} passkey", "{count} passkeys";
    passkeys_manage = "管理通行密钥", "Manage passkeys";
    passkeys_impossible = "通行密钥需要通过 HTTPS 和域名访问本系统。请联系平台管理员。", "Passkeys need this console to be reached over HTTPS by a host name. Ask the operator.";
    passkey_add = "添加通行密钥", "Add a passkey";
    passkey_name = "名称", "Name";
    passkey_name_hint = "便于以后辨认，例如「办公电脑」", "To know it by, such as “Work laptop”";
    passkey_added(day: &str) = "添加于 {day}", "Added {day}";
    passkey_used(at: &str) = "最近使用 {at}", "Last used {at}";
    passkey_unused = "尚未使用", "Never used";
    passkey_remove = "移除", "Remove";
    passkey_ends_others = "添加后，只有密码不能再登录，其他浏览器上的登录会立即退出。", "From then on the password alone no longer signs you in, and sign-ins in other browsers end at once.";
    passkey_no_codes = "你还没有恢复码。设备丢失时，只有恢复码能让你登录，请先生成。", "You have no recovery codes. Should you lose the device, only they let you in: make some first.";
    passkey_use = "使用通行密钥", "Use a passkey";
    passkey_use_hint = "按照浏览器的提示操作", "Follow what your browser asks";
    passkey_sign_in = "使用通行密钥登录", "Sign in with a passkey";
    passkey_unsupported = "使用通行密钥需要支持它的浏览器，并启用 JavaScript。", "Passkeys need JavaScript and a browser that knows them.";
    passkey_cancelled = "没有完成。请重试，或换一种方式。", "That was not completed. Try again, or use another method.";
    passkey_failed = "浏览器无法使用通行密钥。请换一种方式。", "The browser could not use a passkey. Use another method.";
    second_factor_passkey_lead = "使用你的通行密钥完成登录。", "Use your passkey to finish signing in.";

    flash_passkey_added = "通行密钥已添加，其他登录已全部退出", "Passkey added. All other sign-ins have ended";
    flash_passkey_removed = "通行密钥已移除，其他登录已全部退出", "Passkey removed. All other sign-ins have ended";

    problem_passkey_no_answer = "浏览器没有使用通行密钥。请启用 JavaScript，或换一种方式", "The browser used no passkey. Turn JavaScript on, or use another method";
    problem_passkey = "此通行密钥无效，请换一个或换一种方式", "This passkey is not accepted. Try another one, or another method";
    problem_passkey_late = "页面打开太久，请重试", "This page was open for too long. Try again";
    problem_passkey_known = "此设备的通行密钥已经添加过", "A passkey of this device has been added already";
    problem_passkeys_full(max: usize) = "最多可以有 {max} 个通行密钥，请先移除不用的", "You can have at most {max} passkeys. Remove one first";
}

impl PasskeyProblem {
    /// The wording.
    #[must_use]
    pub fn text(self, t: Texts) -> String {
        match self {
            Self::NoAnswer => t.problem_passkey_no_answer().into(),
            Self::NotAccepted => t.problem_passkey().into(),
            Self::TooLate => t.problem_passkey_late().into(),
            Self::KnownAlready => t.problem_passkey_known().into(),
            Self::TooMany { max } => t.problem_passkeys_full(max),
        }
    }
}
