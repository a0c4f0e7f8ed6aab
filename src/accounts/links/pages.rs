//! What the pages of links share: one with a button, and the one for a link that does not work.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::Purpose;
use crate::error::AppError;
use crate::web::{Cx, Shell, urls};

/// What a link's address carries.
#[derive(Deserialize)]
pub struct Key {
    /// The token.
    #[serde(default)]
    pub key: String,
}

/// A page with one button, which does what the link is for.
#[derive(Template)]
#[template(path = "accounts/link.html")]
pub struct LinkPage {
    /// What stands around it.
    pub shell: Shell,
    /// What happens.
    pub lead: &'static str,
    /// The address that it is about.
    pub email: String,
    /// What to know before.
    pub note: &'static str,
    /// The button.
    pub button: &'static str,
    /// Whether it takes something away.
    pub is_dangerous: bool,
}

#[derive(Template)]
#[template(path = "accounts/link_over.html")]
struct OverPage {
    shell: Shell,
    words: &'static str,
    href: &'static str,
    next: &'static str,
}

/// The page for a link that does not work: unknown, used or too old, it is the same.
///
/// # Errors
/// A template that fails to print.
pub fn over(cx: &Cx, purpose: Purpose) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let (words, href, next) = match purpose {
        Purpose::ConfirmEmail | Purpose::ChangeEmail => {
            (t.link_over_email(), urls::EMAIL, t.link_over_to_email())
        }
        Purpose::ResetPassword => (t.link_over_reset(), urls::FORGOT, t.forgot_again()),
        Purpose::Freeze => (t.link_over_freeze(), urls::PROFILE, t.link_over_to_profile()),
    };
    let page = OverPage { shell: cx.plain_shell(t.link_over()), words, href, next };
    cx.answer(StatusCode::NOT_FOUND, &page)
}
