//! `/sign-in/sso`, where it leads back to, and `/profile/identity`.

mod callback;
mod ended;
mod identity;

use actix_web::HttpResponse;
use serde::Deserialize;

use self::ended::Ended;
use super::provider::Trouble;
use super::{Provider, Purpose, actions};
use crate::error::AppError;
use crate::sessions::pages::with_cookie;
use crate::web::body::Query;
use crate::web::{Cx, Need, Routes, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::SSO, Need::Nothing, sign_in);
    routes.page(urls::SSO_CALLBACK, Need::Nothing, callback::callback);
    identity::routes(routes);
}

/// Characters of a path that is led back to.
const RETURN_CHARS_MAX: usize = 1_000;

/// A way of signing in or accepting, beside the form of a page.
pub struct Offer {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub words: String,
}

/// Signing in through the provider, back to where the sign-in page would lead; `None` where none is set up.
#[must_use]
pub fn offer_to_sign_in(cx: &Cx) -> Option<Offer> {
    let provider = cx.services.provider.as_ref()?;
    let query = cx.here.split_once('?').map_or("", |(_, query)| query);
    let pairs = form_urlencoded::parse(query.as_bytes());
    let return_to = pairs.filter(|(name, _)| name == "return_to").map(|(_, path)| path).next();
    let href = urls::sso_to(return_to.as_deref().unwrap_or_default());
    Some(Offer { href, words: cx.t().sso_sign_in(provider.name()) })
}

/// Accepting an invitation with an identity; `None` where no provider is set up.
#[must_use]
pub fn offer_to_accept(cx: &Cx, token: &str) -> Option<Offer> {
    let provider = cx.services.provider.as_ref()?;
    let href = urls::accept_by_identity(token);
    Some(Offer { href, words: cx.t().sso_accept(provider.name()) })
}

/// Where to go afterwards.
#[derive(Deserialize)]
struct Return {
    #[serde(default)]
    return_to: String,
}

fn provider(cx: &Cx) -> Result<&Provider, AppError> {
    cx.services.provider.as_deref().ok_or(AppError::NotFound)
}

/// `GET /sign-in/sso`: leads to the provider. Nothing changes by it: what comes of it takes the cookie and what the
/// provider says.
async fn sign_in(
    cx: Cx,
    Query(Return { return_to }): Query<Return>,
) -> Result<HttpResponse, AppError> {
    // What the browser keeps must fit into a cookie, with all that is around it.
    let is_short = return_to.len() <= RETURN_CHARS_MAX;
    let return_to = urls::local(if is_short { &return_to } else { urls::OVERVIEW }).to_owned();
    if cx.person.is_some() {
        provider(&cx)?;
        return Ok(cx.see_other(&return_to));
    }
    lead(&cx, Purpose::SignIn { return_to }).await
}

/// Leads a browser to the provider.
///
/// # Errors
/// [`AppError::NotFound`] where none is set up, or a failure of ours.
pub async fn lead(cx: &Cx, purpose: Purpose) -> Result<HttpResponse, AppError> {
    let provider = provider(cx)?;
    match actions::begin(&cx.services, provider, purpose.clone()).await {
        Ok((url, sealed)) => with_cookie(cx.see_other(&url), &cx.flow_cookie(Some(sealed))),
        Err(trouble) => ended::answer(cx, &Ended::of(trouble), Some(&purpose)),
    }
}

impl Ended {
    const fn of(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away => Self::Away,
            Trouble::Code => Self::Gone,
            Trouble::Untrusted => Self::Untrusted,
        }
    }
}
