//! `/outbox`: what the demonstration would have sent, mail and text messages.

use actix_web::HttpResponse;
use askama::Template;

use super::store::{Shown, outbox_latest};
use super::{Channel, line, render};
use crate::db::DbError;
use crate::error::AppError;
use crate::web::guard::SignedIn;
use crate::web::{Cx, Need, Routes, Shell, urls};

/// Messages that are shown.
const SHOWN: i64 = 50;

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::OUTBOX, Need::SignedIn, show);
}

struct Entry {
    is_sms: bool,
    recipient: String,
    lang: &'static str,
    written: String,
    iso: String,
    subject: Option<String>,
    /// The lines, and whether each is a link of this console.
    lines: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "notify/outbox.html")]
struct OutboxPage {
    shell: Shell,
    mails: Vec<Entry>,
}

/// `GET /outbox`: there is none outside the demonstration, where mail is its recipient's alone.
async fn show(cx: Cx, _: SignedIn) -> Result<HttpResponse, AppError> {
    if !cx.services.is_demo {
        return Err(AppError::NotFound);
    }
    let vault = cx.services.vault.clone();
    let shown =
        cx.services.db.read::<_, DbError>(move |conn| outbox_latest(conn, &vault, SHOWN)).await?;
    let mails = shown.iter().map(|mail| entry(&cx, mail)).collect::<Result<_, _>>()?;
    cx.page(&OutboxPage { shell: cx.plain_shell(cx.t().outbox()), mails })
}

fn entry(cx: &Cx, mail: &Shown) -> Result<Entry, AppError> {
    let base = format!("{}/", cx.services.settings.base_url);
    let written = mail.created_at.in_zone(&cx.zone());
    let (subject, text) = match (mail.channel, &mail.letter) {
        (Channel::Mail, Some(letter)) => {
            let rendered = render(letter, mail.language, &cx.services.settings.base_url);
            let rendered = rendered.map_err(anyhow::Error::from)?;
            (Some(rendered.subject), rendered.text.expose().to_owned())
        }
        (Channel::Sms, Some(letter)) => {
            let line = line(&letter.message, mail.language, mail.created_at);
            let text = line.map(|line| line.words.expose().to_owned()).unwrap_or_default();
            (Some(mail.language.texts().outbox_sms().to_owned()), text)
        }
        (_, None) => (None, String::new()),
    };
    Ok(Entry {
        is_sms: mail.channel == Channel::Sms,
        recipient: mail.recipient.clone(),
        lang: mail.language.as_str(),
        written: written.strftime("%Y-%m-%d %H:%M").to_string(),
        iso: written.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        lines: text.lines().map(|line| (line.to_owned(), line.starts_with(&base))).collect(),
        subject,
    })
}
