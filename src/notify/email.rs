//! A message in words: subject, text and HTML in the recipient's language.

use askama::Template;

use super::message::{FactorChange, Letter, MembershipChange, Message, one_line};
use crate::clock::{UtcTime, Zone};
use crate::i18n::{Language, Texts};
use crate::secret::Secret;
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

/// A letter in words. Links begin with `base_url`, which is the setting's and never a request's.
///
/// # Errors
/// A template that fails to print.
pub fn render(
    letter: &Letter,
    language: Language,
    base_url: &str,
) -> Result<Rendered, askama::Error> {
    let t = language.texts();
    let zone = Zone::named(&letter.zone).unwrap_or_else(Zone::utc);
    let link = format!("{base_url}{}", urls::PROFILE);
    match &letter.message {
        Message::StepUpCode { code, act, target, address, reference, expires_at } => {
            let m = Challenge {
                t,
                code: code.expose(),
                act: &one_line(act),
                target: &one_line(target),
                address: one_line(address),
                reference: one_line(reference),
                until: told(*expires_at, &zone),
                link,
            };
            put(&CodeSubject { m: &m }, &CodeText { m: &m }, &CodeHtml { m: &m })
        }
        Message::FactorChanged { change, at, address, browser } => {
            let lead = t.mail_factor_lead();
            let what = what(*change, t).to_owned();
            notice(Notice { t, lead, what, at: told(*at, &zone), address, browser, link })
        }
        Message::CodesWrong { act, at, address, browser } => {
            let (lead, what) = (t.mail_codes_wrong_lead(), t.mail_codes_wrong(&one_line(act)));
            notice(Notice { t, lead, what, at: told(*at, &zone), address, browser, link })
        }
        Message::Invitation { token, workspace, inviter, role, expires_at } => {
            let m = Invitation {
                t,
                workspace: &one_line(workspace),
                inviter: &one_line(inviter),
                role: role.name(t),
                until: told(*expires_at, &zone),
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
                at: told(*at, &zone),
                link: format!("{base_url}{}", urls::WORKSPACES),
            };
            put(&MembershipSubject { m: &m }, &MembershipText { m: &m }, &MembershipHtml { m: &m })
        }
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

fn notice(m: Notice<'_>) -> Result<Rendered, askama::Error> {
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
        FactorChange::AuthenticatorAdded => t.mail_authenticator_added(),
        FactorChange::AuthenticatorReplaced => t.mail_authenticator_replaced(),
        FactorChange::AuthenticatorRemoved => t.mail_authenticator_removed(),
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

        如果不是你本人操作，请不要输入验证码，并尽快修改密码：
        https://console.test/profile

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
}
