//! A message in words: subject, text and HTML in the recipient's language.

use askama::Template;

use super::message::{FactorChange, Letter, Message, one_line};
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

struct Changed {
    t: Texts,
    what: &'static str,
    at: String,
    address: String,
    browser: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/factor_changed/subject.txt")]
struct ChangedSubject<'a> {
    m: &'a Changed,
}

#[derive(Template)]
#[template(path = "mail/factor_changed/body.txt")]
struct ChangedText<'a> {
    m: &'a Changed,
}

#[derive(Template)]
#[template(path = "mail/factor_changed/body.html")]
struct ChangedHtml<'a> {
    m: &'a Changed,
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
            let m = Changed {
                t,
                what: what(*change, t),
                at: told(*at, &zone),
                address: one_line(address),
                browser: one_line(browser),
                link,
            };
            put(&ChangedSubject { m: &m }, &ChangedText { m: &m }, &ChangedHtml { m: &m })
        }
    }
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
