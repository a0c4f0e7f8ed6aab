//! The switches of language and theme, which work before sign-in and without script.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Deserialize;

use super::body::Form;
use super::cx::Choice;
use super::{Cx, Need, Routes, urls};
use crate::accounts::store::language_update;
use crate::error::AppError;
use crate::i18n::Language;

/// Mounts them.
pub fn routes(routes: &mut Routes) {
    for path in ["/language", "/step-up/link/{token}/language"] {
        routes.form(path, Need::Nothing, set_language);
    }
    for path in ["/theme", "/step-up/link/{token}/theme"] {
        routes.form(path, Need::Nothing, set_theme);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageInput {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    return_to: String,
}

async fn set_language(cx: Cx, Form(input): Form<LanguageInput>) -> Result<HttpResponse, AppError> {
    let language = Language::parse(&input.lang)
        .ok_or_else(|| AppError::BadRequest("no such language".into()))?;
    // Forms of a mailed link are bound to the link, and not to whoever is signed in to the browser: their account is
    // none of its business.
    if let Some(person) = cx.person.as_ref().filter(|_| cx.link().is_none()) {
        let (account, now) = (person.account, cx.now());
        let saved = cx.services.db.write(move |conn| language_update(conn, account, language, now));
        saved.await?;
    }
    Ok(back(&cx, Choice::Language(language), &input.return_to))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeInput {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    return_to: String,
}

async fn set_theme(cx: Cx, Form(input): Form<ThemeInput>) -> Result<HttpResponse, AppError> {
    let theme = match input.theme.as_str() {
        "light" => "light",
        "dark" => "dark",
        _ => return Err(AppError::BadRequest("no such theme".into())),
    };
    Ok(back(&cx, Choice::Theme(theme), &input.return_to))
}

fn back(cx: &Cx, choice: Choice, return_to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, urls::local(return_to)))
        .cookie(cx.remember(choice))
        .finish()
}
