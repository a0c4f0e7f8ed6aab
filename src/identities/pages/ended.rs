//! What is said when nobody is signed in and nothing is connected, with a way back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::error::AppError;
use crate::identities::Purpose;
use crate::web::{Cx, Shell, urls};

/// Why a flow ended without success.
pub(super) enum Ended {
    /// It is nobody's, too old, or was used.
    Gone,
    /// The person has called it off.
    Cancelled,
    /// The provider gave no answer that makes sense.
    Away,
    /// What it says does not hold.
    Untrusted,
    /// Nobody here has connected the identity that is called so.
    Unknown(String),
    /// Its account is disabled or frozen.
    Barred,
    /// It is connected to somebody else's account.
    Taken(String),
    /// The account is connected to another one.
    Other,
    /// It has an account already and needs no new one.
    HasAccount(String),
}

#[derive(Template)]
#[template(path = "identities/ended.html")]
struct EndedPage {
    shell: Shell,
    words: String,
    href: String,
    next: &'static str,
}

/// The page that says so.
pub(super) fn answer(
    cx: &Cx,
    ended: &Ended,
    purpose: Option<&Purpose>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let name = cx.services.provider.as_ref().map_or("", |provider| provider.name());
    let (status, title, words) = match ended {
        Ended::Gone => (StatusCode::GONE, t.sso_gone().into(), t.sso_gone_words().into()),
        Ended::Cancelled => {
            (StatusCode::FORBIDDEN, t.sso_cancelled().into(), t.sso_cancelled_words(name))
        }
        Ended::Away => (StatusCode::BAD_GATEWAY, t.sso_away(name), t.sso_away_words().into()),
        Ended::Untrusted => {
            (StatusCode::BAD_GATEWAY, t.sso_untrusted(name), t.sso_untrusted_words().into())
        }
        Ended::Unknown(label) => {
            (StatusCode::FORBIDDEN, t.sso_unknown().into(), t.sso_unknown_words(label))
        }
        Ended::Barred => {
            (StatusCode::FORBIDDEN, t.sso_barred().into(), t.sso_barred_words().into())
        }
        Ended::Taken(label) => {
            (StatusCode::CONFLICT, t.sso_taken().into(), t.sso_taken_words(label))
        }
        Ended::Other => (StatusCode::CONFLICT, t.sso_other().into(), t.sso_other_words().into()),
        Ended::HasAccount(label) => {
            (StatusCode::CONFLICT, t.sso_has_account().into(), t.sso_has_account_words(label))
        }
    };
    let (href, next) = way_back(cx, ended, purpose);
    // Where the page is would lead back into what has ended, and holds the code.
    let shell = Shell { here: href.clone(), ..cx.plain_shell(title) };
    cx.answer(status, &EndedPage { shell, words, href, next })
}

fn way_back(cx: &Cx, ended: &Ended, purpose: Option<&Purpose>) -> (String, &'static str) {
    let t = cx.t();
    match (purpose, ended) {
        (Some(Purpose::Connect { .. }), _) => (urls::IDENTITY.to_owned(), t.sso_to_identity()),
        (Some(Purpose::Accept { token }), Ended::HasAccount(_)) => {
            (urls::sso_to(&urls::invitation(token)), t.invitation_sign_in())
        }
        (Some(Purpose::Accept { token }), _) => (urls::invitation(token), t.sso_to_invitation()),
        (Some(Purpose::SignIn { .. }), Ended::Unknown(_)) => {
            (urls::sign_in_to(Some(urls::IDENTITY)), t.sso_unknown_next())
        }
        (Some(Purpose::SignIn { return_to }), _) => {
            let path = Some(return_to.as_str()).filter(|path| *path != urls::OVERVIEW);
            (urls::sign_in_to(path), t.sso_to_sign_in())
        }
        (None, _) if cx.person.is_some() => (urls::OVERVIEW.to_owned(), t.to_overview()),
        (None, _) => (urls::SIGN_IN.to_owned(), t.sso_again()),
    }
}
