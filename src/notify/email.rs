//! A message in words: subject, text and HTML in the recipient's language.

mod key;
mod place;

use askama::Template;

use super::message::{FactorChange, Letter, Message, one_line};
use crate::accounts::links::Purpose;
use crate::clock::{UtcTime, Zone};
use crate::i18n::{Language, Texts, grouped};
use crate::minutes::Level;
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
    /// What else there is to know, line by line.
    more: Vec<String>,
    at: String,
    address: &'a str,
    /// Empty where there is none, as the address may be.
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
        | Message::ActDisowned { .. }
        | Message::MinutesLow { .. } => notice(message, dress),
        Message::ApiKeyMade { .. } => key::made(message, dress),
        Message::Invitation { .. }
        | Message::MemberJoined { .. }
        | Message::MembershipChanged { .. } => place::place(message, dress),
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
        Message::FactorChanged { change, at, address, browser, freeze, codes_left, new_email } => {
            let (lead, at) = (t.mail_factor_lead(), told(*at, zone));
            let what = what(*change, t).to_owned();
            let (if_you, if_not, path) = advice(*change, freeze.as_ref(), t);
            let link = format!("{base_url}{path}");
            let codes = codes_left.map(|left| t.mail_recovery_codes_left(left));
            let email = new_email.as_ref().map(|email| t.mail_new_email(&one_line(email)));
            let more = codes.into_iter().chain(email).collect();
            let notice = Notice { t, lead, what, more, at, address, browser, if_you, if_not, link };
            put_notice(notice)
        }
        Message::CodesWrong { act, at, address, browser } => {
            let (lead, what) = (t.mail_codes_wrong_lead(), t.mail_codes_wrong(&one_line(act)));
            let (if_you, if_not) = (t.mail_factor_you(), t.mail_factor_not_you());
            let (at, link) = (told(*at, zone), profile());
            let more = Vec::new();
            put_notice(Notice { t, lead, what, more, at, address, browser, if_you, if_not, link })
        }
        Message::NewDevice { at, address, browser } => {
            let (lead, what) = (t.mail_new_device_lead(), t.mail_new_device().to_owned());
            let (if_you, if_not) = (t.mail_factor_you(), t.mail_new_device_not_you());
            let (at, link) = (told(*at, zone), format!("{base_url}{}", urls::SESSIONS));
            let more = Vec::new();
            put_notice(Notice { t, lead, what, more, at, address, browser, if_you, if_not, link })
        }
        Message::ActDisowned { act, target, who, at, address, browser } => {
            let what = t.mail_disowned(&one_line(who), &one_line(act), &one_line(target));
            let (lead, at, link) = (t.mail_disowned_lead(), told(*at, zone), profile());
            let (if_you, if_not) = ("", t.mail_disowned_next());
            let more = Vec::new();
            put_notice(Notice { t, lead, what, more, at, address, browser, if_you, if_not, link })
        }
        Message::MinutesLow { workspace, left, level, at } => {
            let workspace = one_line(workspace);
            let (what, more) = match level {
                Level::None => {
                    (t.mail_minutes_none(&workspace), vec![t.mail_minutes_none_more().into()])
                }
                Level::Low | Level::Fine => {
                    (t.mail_minutes_low(&workspace), vec![t.minutes_left(&grouped(left.minutes()))])
                }
            };
            let (lead, at) = (t.mail_minutes_lead(), told(*at, zone));
            let link = format!("{base_url}{}", urls::MINUTES);
            let (address, browser) = ("", "");
            let (if_you, if_not) = ("", t.mail_minutes_next());
            put_notice(Notice { t, lead, what, more, at, address, browser, if_you, if_not, link })
        }
        _ => Err(askama::Error::Fmt),
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
    // Nobody reads a browser's own name. What the host does has none, and no address.
    let browser = match m.browser {
        "" => String::new(),
        browser => Device::of(browser).name(m.t),
    };
    let (address, browser) = (&one_line(m.address), &browser);
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
mod tests;
