//! A message in words: subject, text and HTML in the recipient's language.

use askama::Template;

use super::message::{FactorChange, Letter, MembershipChange, Message, one_line};
use crate::accounts::links::Purpose;
use crate::clock::{UtcTime, Zone};
use crate::i18n::{Language, Texts};
use crate::secret::Secret;
use crate::sessions::Device;
use crate::web::urls;

/// A mail as it is read. Its parts may hold a code, so they are wiped when it is dropped.
pub struct Rendered {
    /// The subject: one line.
    pub subject: String,
    /// The plain text.
    pub text: Secret,
    /// The same as HTML.
    pub html: Secret,
}

struct Challenge<'a> {
    t: Texts,
    code: &'a str,
    act: &'a str,
    target: &'a str,
    address: String,
    reference: String,
    until: String,
    link: String,
    /// Where the act is approved or disowned; empty for none.
    approve: String,
}

#[derive(Template)]
#[template(path = "mail/step_up_code/subject.txt")]
struct CodeSubject<'a> {
    m: &'a Challenge<'a>,
}

#[derive(Template)]
#[template(path = "mail/step_up_code/body.txt")]
struct CodeText<'a> {
    m: &'a Challenge<'a>,
}

#[derive(Template)]
#[template(path = "mail/step_up_code/body.html")]
struct CodeHtml<'a> {
    m: &'a Challenge<'a>,
}

struct Notice<'a> {
    t: Texts,
    lead: &'a str,
    what: String,
    at: String,
    address: &'a str,
    browser: &'a str,
    /// What to do when it was the recipient.
    if_you: &'static str,
    /// And when it was not.
    if_not: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/notice/subject.txt")]
struct NoticeSubject<'a> {
    m: &'a Notice<'a>,
}

#[derive(Template)]
#[template(path = "mail/notice/body.txt")]
struct NoticeText<'a> {
    m: &'a Notice<'a>,
}

#[derive(Template)]
#[template(path = "mail/notice/body.html")]
struct NoticeHtml<'a> {
    m: &'a Notice<'a>,
}

struct Invitation<'a> {
    t: Texts,
    workspace: &'a str,
    inviter: &'a str,
    role: &'static str,
    until: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/invitation/subject.txt")]
struct InvitationSubject<'a> {
    m: &'a Invitation<'a>,
}

#[derive(Template)]
#[template(path = "mail/invitation/body.txt")]
struct InvitationText<'a> {
    m: &'a Invitation<'a>,
}

#[derive(Template)]
#[template(path = "mail/invitation/body.html")]
struct InvitationHtml<'a> {
    m: &'a Invitation<'a>,
}

struct Membership<'a> {
    t: Texts,
    what: String,
    workspace: &'a str,
    /// Empty for who is in no place any more.
    role: &'static str,
    by: &'a str,
    at: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/membership/subject.txt")]
struct MembershipSubject<'a> {
    m: &'a Membership<'a>,
}

#[derive(Template)]
#[template(path = "mail/membership/body.txt")]
struct MembershipText<'a> {
    m: &'a Membership<'a>,
}

#[derive(Template)]
#[template(path = "mail/membership/body.html")]
struct MembershipHtml<'a> {
    m: &'a Membership<'a>,
}

/// A mail whose point is a link.
struct LinkMail {
    t: Texts,
    subject: &'static str,
    lead: &'static str,
    link: String,
    /// When the link ends; `None` for one that does nothing.
    until: Option<String>,
    /// When it was asked for, where that matters.
    at: Option<String>,
    /// The network address that asked for it; may be empty.
    address: String,
    if_not: &'static str,
}

#[derive(Template)]
#[template(path = "mail/link/subject.txt")]
struct LinkSubject<'a> {
    m: &'a LinkMail,
}

#[derive(Template)]
#[template(path = "mail/link/body.txt")]
struct LinkText<'a> {
    m: &'a LinkMail,
}

#[derive(Template)]
#[template(path = "mail/link/body.html")]
struct LinkHtml<'a> {
    m: &'a LinkMail,
}

/// A letter in words. Links begin with `base_url`, which is the setting's and never a request's.
///
/// # Errors
/// A template that fails to print.
pub fn render(
    letter: &Letter,
    language: Language,
    base_url: &str,
) -> Result<Rendered, askama::Error> {
    let zone = Zone::named(&letter.zone).unwrap_or_else(Zone::utc);
    let (message, dress) = (&letter.message, (language.texts(), &zone, base_url));
    match message {
        Message::StepUpCode { .. } => code(message, dress),
        Message::FactorChanged { .. }
        | Message::CodesWrong { .. }
        | Message::NewDevice { .. }
        | Message::ActDisowned { .. } => notice(message, dress),
        Message::Invitation { .. } | Message::MembershipChanged { .. } => place(message, dress),
        Message::ConfirmEmail { .. }
        | Message::ChangeEmail { .. }
        | Message::ResetPassword { .. }
        | Message::EmailTaken { .. } => link(message, dress),
    }
}

type Dress<'a> = (Texts, &'a Zone, &'a str);

/// Mail with a code, and the link that stands beside it.
fn code(message: &Message, (t, zone, base_url): Dress<'_>) -> Result<Rendered, askama::Error> {
    let Message::StepUpCode { code, act, target, address, reference, expires_at, link } = message
    else {
        return Err(askama::Error::Fmt);
    };
    let m = Challenge {
        t,
        code: code.expose(),
        act: &one_line(act),
        target: &one_line(target),
        address: one_line(address),
        reference: one_line(reference),
        until: told(*expires_at, zone),
        link: format!("{base_url}{}", urls::PROFILE),
        approve: match link.expose() {
            "" => String::new(),
            token => format!("{base_url}{}", urls::step_up_link(token)),
        },
    };
    put(&CodeSubject { m: &m }, &CodeText { m: &m }, &CodeHtml { m: &m })
}

/// Mail about something that has happened.
fn notice(message: &Message, (t, zone, base_url): Dress<'_>) -> Result<Rendered, askama::Error> {
    let profile = || format!("{base_url}{}", urls::PROFILE);
    match message {
        Message::FactorChanged { change, at, address, browser, freeze } => {
            let (lead, at) = (t.mail_factor_lead(), told(*at, zone));
            let what = what(*change, t).to_owned();
            let (if_you, if_not, path) = advice(*change, freeze.as_ref(), t);
            let link = format!("{base_url}{path}");
            put_notice(Notice { t, lead, what, at, address, browser, if_you, if_not, link })
        }
        Message::CodesWrong { act, at, address, browser } => {
            let (lead, what) = (t.mail_codes_wrong_lead(), t.mail_codes_wrong(&one_line(act)));
            let (if_you, if_not) = (t.mail_factor_you(), t.mail_factor_not_you());
            let (at, link) = (told(*at, zone), profile());
            put_notice(Notice { t, lead, what, at, address, browser, if_you, if_not, link })
        }
        Message::NewDevice { at, address, browser } => {
            let (lead, what) = (t.mail_new_device_lead(), t.mail_new_device().to_owned());
            let browser = &Device::of(browser).name(t);
            let (if_you, if_not) = (t.mail_factor_you(), t.mail_new_device_not_you());
            let (at, link) = (told(*at, zone), format!("{base_url}{}", urls::SESSIONS));
            put_notice(Notice { t, lead, what, at, address, browser, if_you, if_not, link })
        }
        Message::ActDisowned { act, target, who, at, address, browser } => {
            let what = t.mail_disowned(&one_line(who), &one_line(act), &one_line(target));
            let (lead, at, link) = (t.mail_disowned_lead(), told(*at, zone), profile());
            let (if_you, if_not) = ("", t.mail_disowned_next());
            put_notice(Notice { t, lead, what, at, address, browser, if_you, if_not, link })
        }
        _ => Err(askama::Error::Fmt),
    }
}

/// Mail about somebody's place in a workspace.
fn place(message: &Message, (t, zone, base_url): Dress<'_>) -> Result<Rendered, askama::Error> {
    match message {
        Message::Invitation { token, workspace, inviter, role, expires_at } => {
            let m = Invitation {
                t,
                workspace: &one_line(workspace),
                inviter: &one_line(inviter),
                role: role.name(t),
                until: told(*expires_at, zone),
                link: format!("{base_url}{}", urls::invitation(token.expose())),
            };
            put(&InvitationSubject { m: &m }, &InvitationText { m: &m }, &InvitationHtml { m: &m })
        }
        Message::MembershipChanged { change, workspace, role, by, at } => {
            let workspace = &one_line(workspace);
            let is_in = matches!(change, MembershipChange::Added | MembershipChange::Changed);
            let m = Membership {
                t,
                what: became(*change, workspace, t),
                workspace,
                role: if is_in { role.name(t) } else { "" },
                by: &one_line(by),
                at: told(*at, zone),
                link: format!("{base_url}{}", urls::WORKSPACES),
            };
            put(&MembershipSubject { m: &m }, &MembershipText { m: &m }, &MembershipHtml { m: &m })
        }
        _ => Err(askama::Error::Fmt),
    }
}

fn became(change: MembershipChange, workspace: &str, t: Texts) -> String {
    match change {
        MembershipChange::Added => t.mail_membership_added(workspace),
        MembershipChange::Changed => t.mail_membership_changed(workspace),
        MembershipChange::Removed => t.mail_membership_removed(workspace),
        MembershipChange::Left => t.mail_membership_left(workspace),
    }
}

/// Mail whose point is a link.
fn link(message: &Message, dress: Dress<'_>) -> Result<Rendered, askama::Error> {
    let (t, zone, _) = dress;
    match message {
        Message::ConfirmEmail { token, expires_at } => {
            let words = (t.mail_confirm_subject(), t.mail_confirm_lead(), t.mail_confirm_not_you());
            let path = urls::link(Purpose::ConfirmEmail, token.expose());
            put_link(&link_mail(words, &path, Some(*expires_at), "", dress))
        }
        Message::ChangeEmail { token, expires_at, address } => {
            let words = (t.mail_change_subject(), t.mail_change_lead(), t.mail_change_not_you());
            let path = urls::link(Purpose::ChangeEmail, token.expose());
            put_link(&link_mail(words, &path, Some(*expires_at), address, dress))
        }
        Message::ResetPassword { token, expires_at, address } => {
            let words = (t.mail_reset_subject(), t.mail_reset_lead(), t.mail_reset_not_you());
            let path = urls::link(Purpose::ResetPassword, token.expose());
            put_link(&link_mail(words, &path, Some(*expires_at), address, dress))
        }
        Message::EmailTaken { at, address } => {
            let words = (t.mail_taken_subject(), t.mail_taken_lead(), "");
            let m = link_mail(words, urls::SIGN_IN, None, address, dress);
            put_link(&LinkMail { at: Some(told(*at, zone)), ..m })
        }
        _ => Err(askama::Error::Fmt),
    }
}

/// Its subject, what leads to the link, and what to do when it was not the recipient.
fn link_mail(
    (subject, lead, if_not): (&'static str, &'static str, &'static str),
    path: &str,
    until: Option<UtcTime>,
    address: &str,
    (t, zone, base_url): Dress<'_>,
) -> LinkMail {
    LinkMail {
        t,
        subject,
        lead,
        link: format!("{base_url}{path}"),
        until: until.map(|until| told(until, zone)),
        at: None,
        address: one_line(address),
        if_not,
    }
}

fn put_link(m: &LinkMail) -> Result<Rendered, askama::Error> {
    put(&LinkSubject { m }, &LinkText { m }, &LinkHtml { m })
}

/// What the owner of an account does about a change: when it was them, when it was not, and the path of the page
/// for that.
fn advice(
    change: FactorChange,
    freeze: Option<&Secret>,
    t: Texts,
) -> (&'static str, &'static str, String) {
    match (change, freeze) {
        (FactorChange::AccountFrozen, _) => {
            (t.mail_frozen_you(), t.mail_frozen_next(), urls::SIGN_IN.to_owned())
        }
        (_, Some(token)) => {
            let path = urls::link(Purpose::Freeze, token.expose());
            (t.mail_factor_you(), t.mail_factor_freeze(), path)
        }
        (_, None) => (t.mail_factor_you(), t.mail_factor_not_you(), urls::PROFILE.to_owned()),
    }
}

fn put_notice(m: Notice<'_>) -> Result<Rendered, askama::Error> {
    let (address, browser) = (&one_line(m.address), &one_line(m.browser));
    let m = Notice { address, browser, ..m };
    put(&NoticeSubject { m: &m }, &NoticeText { m: &m }, &NoticeHtml { m: &m })
}

fn put(
    subject: &impl Template,
    text: &impl Template,
    html: &impl Template,
) -> Result<Rendered, askama::Error> {
    Ok(Rendered {
        subject: one_line(&subject.render()?),
        text: Secret::new(text.render()?),
        html: Secret::new(html.render()?),
    })
}

const fn what(change: FactorChange, t: Texts) -> &'static str {
    match change {
        FactorChange::PasswordChanged => t.mail_password_changed(),
        FactorChange::EmailChanged => t.mail_email_changed(),
        FactorChange::AccountFrozen => t.mail_account_frozen(),
        FactorChange::AuthenticatorAdded => t.mail_authenticator_added(),
        FactorChange::AuthenticatorReplaced => t.mail_authenticator_replaced(),
        FactorChange::AuthenticatorRemoved => t.mail_authenticator_removed(),
        FactorChange::RecoveryCodesRenewed => t.mail_recovery_codes_renewed(),
        FactorChange::RecoveryCodeUsed => t.mail_recovery_code_used(),
        FactorChange::PhoneChanged => t.mail_phone_changed(),
        FactorChange::PhoneRemoved => t.mail_phone_removed(),
        FactorChange::PasskeyAdded => t.mail_passkey_added(),
        FactorChange::PasskeyRemoved => t.mail_passkey_removed(),
        FactorChange::IdentityConnected => t.mail_identity_connected(),
        FactorChange::IdentityDisconnected => t.mail_identity_disconnected(),
    }
}

/// A moment with the zone it is told in.
fn told(at: UtcTime, zone: &Zone) -> String {
    format!("{} ({})", at.in_zone(zone).strftime("%Y-%m-%d %H:%M"), zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

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

        assert_eq!(mail.subject, "重置证书「a<b> c」的验证码");
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
            browser: "Firefox".into(),
            freeze: None,
        };
        let letter = Letter { zone: "no such zone".into(), message };
        let mail = render(&letter, Language::English, "https://console.test").unwrap();

        assert_eq!(mail.subject, "Authenticator removed");
        insta::assert_snapshot!(mail.text.expose(), @r"
        This was changed on your Switchroom account:

        Authenticator removed

        When: 2026-03-02 08:00 (UTC)
        From address: 203.0.113.7
        Browser: Firefox

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
            browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
                .into(),
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
            browser: "Firefox\r\nBcc: x@y.test".into(),
        };
        let letter = Letter { zone: "Asia/Shanghai".into(), message };
        let mail = render(&letter, Language::Chinese, "https://console.test").unwrap();

        assert_eq!(mail.subject, "验证码错误次数过多：登录");
        insta::assert_snapshot!(mail.text.expose(), @r"
        有人用你的账号请求以下操作，连续输错验证码，请求已被锁定，操作没有执行：

        验证码错误次数过多：登录

        时间：2026-03-02 16:00 (Asia/Shanghai)
        来自地址：203.0.113.7
        浏览器：Firefox Bcc: x@y.test

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
            browser: "Firefox".into(),
            freeze: Some(Secret::new("token".into())),
        };
        let letter = Letter { zone: "Asia/Shanghai".into(), message };
        let mail = render(&letter, Language::Chinese, "https://console.test").unwrap();

        assert_eq!(mail.subject, "邮箱已更换");
        let text = mail.text.expose();
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
}
