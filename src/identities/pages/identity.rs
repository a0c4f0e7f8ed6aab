//! `/profile/identity`: connecting an identity, and disconnecting it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::{lead, provider};
use crate::audit::Act;
use crate::error::AppError;
use crate::identities::Purpose;
use crate::identities::actions;
use crate::sessions::Person;
use crate::step_up::forms::Nothing;
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Need, Routes, Section, Shell, urls};

/// Mounts the pages.
pub(super) fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const DISCONNECTING: Watched = Watched::Act(Act::DisconnectIdentity);
    routes.page(urls::IDENTITY, WHO, show);
    routes.page(urls::CONNECT_IDENTITY, WHO, connect);
    routes.page(urls::DISCONNECT_IDENTITY, WHO, to_page);
    routes.sensitive(urls::DISCONNECT_IDENTITY, WHO, DISCONNECTING, disconnect);
}

/// The identity that is connected, in words.
struct Connected {
    name: String,
    since: String,
    last_used: String,
}

#[derive(Template)]
#[template(path = "identities/identity.html")]
struct IdentityPage {
    shell: Shell,
    trail: Vec<Crumb>,
    provider: String,
    connected: Option<Connected>,
    has_password: bool,
}

impl IdentityPage {
    async fn new(cx: &Cx, person: &Person) -> Result<Self, AppError> {
        let (t, zone, provider) = (cx.t(), cx.zone(), provider(cx)?);
        let standing = actions::standing(&cx.services, provider, person).await?;
        let connected = standing.identity.map(|identity| Connected {
            name: identity.name,
            since: t.identity_since(&identity.since.day(&zone).to_string()),
            last_used: identity.last_used_at.map_or_else(
                || t.identity_not_used().to_owned(),
                |at| {
                    t.identity_last_used(&at.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string())
                },
            ),
        });
        Ok(Self {
            shell: cx.member_shell(Section::Profile, t.identity()),
            trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
            provider: provider.name().to_owned(),
            connected,
            has_password: standing.has_password,
        })
    }
}

/// `GET /profile/identity`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    cx.page(&IdentityPage::new(&cx, &person).await?)
}

/// `GET /profile/identity/connect`: leads to the provider. Whoever is led here by another site loses nothing: what
/// comes back is who they are there themselves, and is not connected without a proof.
async fn connect(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let standing = actions::standing(&cx.services, provider(&cx)?, &person).await?;
    if standing.identity.is_some() {
        return Ok(cx.see_other(urls::IDENTITY));
    }
    lead(&cx, Purpose::Connect { session: person.session }).await
}

/// `GET` of what only takes forms: where it is, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> Result<HttpResponse, AppError> {
    provider(&cx)?;
    Ok(cx.see_other(urls::IDENTITY))
}

/// `POST …/disconnect`: asks for it.
async fn disconnect(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (provider, asker) = (provider(&cx)?, cx.asker(&person));
    match actions::ask_to_disconnect(&cx.services, provider, &asker, &person).await? {
        Some(challenge) => step_up::lead(&cx, challenge),
        // It is not there any more, or there is no other way in: the page says which.
        None => cx.answer(StatusCode::CONFLICT, &IdentityPage::new(&cx, &person).await?),
    }
}
