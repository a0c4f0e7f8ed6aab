//! Mail as it is read.

use super::*;
use crate::minutes::Hundredths;
use crate::notify::KeyMade;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn code(target: &str) -> Letter {
    let message = Message::StepUpCode {
        code: Secret::new("731946".into()),
        act: "重置证书".into(),
        target: target.into(),
        address: "203.0.113.7".into(),
        reference: "K7Q2".into(),
        expires_at: UtcTime::from_seconds(1_772_438_700),
        link: Secret::new("AbC-_1".into()),
    };
    Letter { zone: "Asia/Shanghai".into(), message }
}

#[test]
fn a_code_is_in_the_body_alone_and_names_are_escaped() {
    let base = "https://console.test";
    let mail = render(&code("a<b>\r\nc"), Language::Chinese, base).unwrap();

    assert_eq!(mail.subject, "验证码：重置证书「a<b> c」");
    insta::assert_snapshot!(mail.text.expose(), @r"
    有人用你的账号请求执行以下操作：

    操作：重置证书
    对象：a<b> c
    来自地址：203.0.113.7

    验证码：731946
    编号：K7Q2
    有效期至：2026-03-02 16:05 (Asia/Shanghai)

    与页面上的编号一致时才输入验证码。
    验证码只能使用一次。我们不会向你索要它，请不要告诉任何人。

    也可以在任何设备上打开以下链接，输入页面上显示的两位数字来确认：
    https://console.test/step-up/link/AbC-_1

    如果不是你本人操作，请打开同一链接并选择“不是我”，发起请求的登录会立即退出：
    https://console.test/step-up/link/AbC-_1

    -- 
    这封邮件由 Switchroom 自动发送，请勿回复。
    ");
    assert!(mail.html.expose().contains("<b>a&#60;b&#62; c</b>"), "{}", mail.html.expose());
    assert!(mail.html.expose().contains("731946"));
    let links = mail.html.expose().matches("href=").count();
    assert_eq!(links, mail.html.expose().matches("href=\"https://console.test/").count());
}

#[test]
fn a_notice_says_what_when_and_from_where() {
    let message = Message::FactorChanged {
        change: FactorChange::AuthenticatorRemoved,
        at: UtcTime::from_seconds(1_772_438_400),
        address: "203.0.113.7".into(),
        browser: FIREFOX.into(),
        freeze: None,
        codes_left: None,
        new_email: None,
    };
    let letter = Letter { zone: "no such zone".into(), message };
    let mail = render(&letter, Language::English, "https://console.test").unwrap();

    assert_eq!(mail.subject, "Authenticator removed");
    insta::assert_snapshot!(mail.text.expose(), @r"
    This was changed on your Switchroom account:

    Authenticator removed

    When: 2026-03-02 08:00 (UTC)
    From address: 203.0.113.7
    Browser: Firefox · Linux

    If this was you, there is nothing to do.
    If it was not you, change your password at once, and tell the operator:
    https://console.test/profile

    -- 
    Switchroom sent this mail by itself. Replies are not read.
    ");
}

#[test]
fn a_notice_of_a_new_device_leads_to_the_sign_ins() {
    let message = Message::NewDevice {
        at: UtcTime::from_seconds(1_772_438_400),
        address: "203.0.113.7".into(),
        browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
    };
    let letter = Letter { zone: "Asia/Shanghai".into(), message };
    let mail = render(&letter, Language::Chinese, "https://console.test").unwrap();

    assert_eq!(mail.subject, "你的账号在新设备上登录");
    insta::assert_snapshot!(mail.text.expose(), @r"
    有一个未曾登录过的浏览器刚刚登录了你的 Switchroom 账号：

    你的账号在新设备上登录

    时间：2026-03-02 16:00 (Asia/Shanghai)
    来自地址：203.0.113.7
    浏览器：Firefox · Linux

    如果是你本人操作，无需处理。
    如果不是你本人操作，请立即修改密码，并退出所有其他登录：
    https://console.test/profile/sessions

    -- 
    这封邮件由 Switchroom 自动发送，请勿回复。
    ");
}

#[test]
fn a_notice_of_wrong_codes_says_what_they_were_for() {
    let message = Message::CodesWrong {
        act: "登录".into(),
        at: UtcTime::from_seconds(1_772_438_400),
        address: "203.0.113.7".into(),
        browser: format!("{FIREFOX}\r\nBcc: x@y.test"),
    };
    let letter = Letter { zone: "Asia/Shanghai".into(), message };
    let mail = render(&letter, Language::Chinese, "https://console.test").unwrap();

    assert_eq!(mail.subject, "验证码错误次数过多：登录");
    insta::assert_snapshot!(mail.text.expose(), @r"
    有人用你的账号请求以下操作，连续输错验证码，请求已被锁定，操作没有执行：

    验证码错误次数过多：登录

    时间：2026-03-02 16:00 (Asia/Shanghai)
    来自地址：203.0.113.7
    浏览器：Firefox · Linux

    如果是你本人操作，无需处理。
    如果不是你本人操作，请立即修改密码，并联系平台管理员：
    https://console.test/profile

    -- 
    这封邮件由 Switchroom 自动发送，请勿回复。
    ");
}

#[test]
fn a_notice_to_a_confirmed_address_leads_to_freezing_the_account() {
    let message = Message::FactorChanged {
        change: FactorChange::EmailChanged,
        at: UtcTime::from_seconds(1_772_438_400),
        address: "203.0.113.7".into(),
        browser: FIREFOX.into(),
        freeze: Some(Secret::new("token".into())),
        codes_left: None,
        new_email: Some("new@example.com\r\nBcc: x@y.test".into()),
    };
    let letter = Letter { zone: "Asia/Shanghai".into(), message };
    let mail = render(&letter, Language::Chinese, "https://console.test").unwrap();

    assert_eq!(mail.subject, "邮箱已更换");
    let text = mail.text.expose();
    assert!(text.contains("邮箱已更换\n新邮箱：new@example.com Bcc: x@y.test\n\n时间："), "{text}");
    assert!(
        mail.html.expose().contains("<br>新邮箱：new@example.com Bcc"),
        "{}",
        mail.html.expose()
    );
    assert!(text.contains(
        "如果不是你本人操作，请立即冻结账号（链接 72 小时内有效）：\nhttps://console.test/freeze?key=token\n"
    ), "{text}");
}

#[test]
fn a_mail_about_a_taken_address_says_that_nothing_happened() {
    let at = UtcTime::from_seconds(1_772_438_400);
    let message = Message::EmailTaken { at, address: "203.0.113.7\r\nBcc: x@y.test".into() };
    let letter = Letter { zone: "UTC".into(), message };
    let mail = render(&letter, Language::English, "https://console.test").unwrap();

    assert_eq!(mail.subject, "Somebody tried to use your e-mail address");
    insta::assert_snapshot!(mail.text.expose(), @r"
    Somebody wanted to use this address for another Switchroom account. It belongs to yours, so nothing was changed and there is nothing to do. If it was you, sign in with it:

    https://console.test/sign-in

    When: 2026-03-02 08:00 (UTC)

    From address: 203.0.113.7 Bcc: x@y.test

    -- 
    Switchroom sent this mail by itself. Replies are not read.
    ");
}

#[test]
fn what_the_host_does_has_no_address_and_what_is_left_is_said() {
    let message = Message::FactorChanged {
        change: FactorChange::RecoveryCodeUsed,
        at: UtcTime::from_seconds(1_772_438_400),
        address: String::new(),
        browser: String::new(),
        freeze: None,
        codes_left: Some(1),
        new_email: None,
    };
    let letter = Letter { zone: "UTC".into(), message };
    let mail = render(&letter, Language::English, "https://console.test").unwrap();

    assert_eq!(mail.subject, "A recovery code was used");
    let text = mail.text.expose();
    assert!(text.contains("A recovery code was used\n1 recovery code is left\n\nWhen: "), "{text}");
    assert!(!text.contains("From address") && !text.contains("Browser"), "{text}");
}

#[test]
fn mail_about_minutes_says_how_many_are_left_and_where_to_look() {
    let mail = |level, left, language| {
        let message = Message::MinutesLow {
            workspace: "Alpha\r\nBcc: x".into(),
            left: Hundredths(left),
            level,
            at: UtcTime::from_seconds(1_772_438_400),
        };
        let letter = Letter { zone: "Asia/Shanghai".into(), message };
        render(&letter, language, "https://console.test").unwrap()
    };

    let low = mail(Level::Low, 123_450, Language::English);
    assert_eq!(low.subject, "Alpha Bcc: x is running low on minutes");
    assert!(low.text.expose().contains("\n1,234 minutes left\n"), "{}", low.text.expose());
    assert!(low.text.expose().contains("\nhttps://console.test/minutes\n"));
    assert!(low.html.expose().contains("1,234 minutes left"));
    let none = mail(Level::None, 0, Language::Chinese);
    assert_eq!(none.subject, "「Alpha Bcc: x」的用户分钟数已用完");
    assert!(none.text.expose().contains("不能创建实时音视频应用"), "{}", none.text.expose());
}

/// What a mail about a key says in English, which Li made.
fn of_key(made: KeyMade, is_own: bool) -> Rendered {
    let message = Message::ApiKeyMade {
        made,
        is_own,
        workspace: "Alpha\r\nBcc: x@y.test".into(),
        name: "deploy".into(),
        scopes: "apps:write,tokens:write".into(),
        by: "Li".into(),
        by_email: "li@example.com".into(),
        at: UtcTime::from_seconds(1_772_438_400),
        address: "203.0.113.7".into(),
        browser: FIREFOX.into(),
    };
    let letter = Letter { zone: "UTC".into(), message };
    render(&letter, Language::English, "https://console.test").unwrap()
}

#[test]
fn a_notice_of_a_key_says_what_it_may_and_who_made_it() {
    let mail = of_key(KeyMade::Created, false);

    assert_eq!(mail.subject, "An API key that can write was created");
    insta::assert_snapshot!(mail.text.expose(), @r"
    In the Switchroom workspace Alpha Bcc: x@y.test:

    An API key that can write was created
    Name: deploy
    Permissions: Create and edit apps, Mint tokens
    By: Li <li@example.com>

    When: 2026-03-02 08:00 (UTC)
    From address: 203.0.113.7
    Browser: Firefox · Linux

    If this is as it should be, there is nothing to do.
    If it is not, revoke the key at once:
    https://console.test/api-keys

    -- 
    Switchroom sent this mail by itself. Replies are not read.
    ");
    let own = of_key(KeyMade::Rolled, true);
    assert_eq!(own.subject, "An API key that can write was rolled");
    let text = own.text.expose();
    assert!(text.contains("If it was not you, revoke the key and change your password"), "{text}");
}
