//! `/sign-in/sso/callback`: where the provider sends people back to.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::ended::{self, Ended};
use super::provider;
use crate::audit::Reason;
use crate::error::AppError;
use crate::identities::actions::{self, Entered, Met, Obstacle};
use crate::identities::{Flow, Purpose, Who};
use crate::invitations;
use crate::secret::{Secret, same};
use crate::sessions::pages::{open, with_cookie};
use crate::step_up::pages as step_up;
use crate::web::body::Query;
use crate::web::cx::sealed_flow;
use crate::web::{Cx, urls};

/// Characters of a code.
const CODE_CHARS_MAX: usize = 4_000;

/// What the provider sends along; it may say more.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    code: Secret,
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    error: String,
}

/// `GET /sign-in/sso/callback`. It does nothing without the cookie of the flow that its state is of, which it takes
/// away. That it is a `GET` is the protocol's wish.
pub(super) async fn callback(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    Query(answer): Query<Answer>,
) -> Result<HttpResponse, AppError> {
    let provider = provider(&cx)?;
    let services = &cx.services;
    let flow = sealed_flow(&req, services)
        .and_then(|sealed| Flow::open(&sealed, &services.vault, cx.now()))
        // An answer that belongs to another flow leaves this one alone.
        .filter(|flow| flow.is_of(&answer.state));
    let Some(flow) = flow else { return ended::answer(&cx, &Ended::Gone, None) };
    let end = |why: Ended| {
        let response = ended::answer(&cx, &why, Some(&flow.purpose))?;
        with_cookie(response, &cx.flow_cookie(None))
    };
    if !answer.iss.is_empty() && !same(&answer.iss, provider.issuer()) {
        return end(Ended::Untrusted);
    }
    if !answer.error.is_empty() {
        // Its description is anybody's text and shown to nobody.
        return end(if answer.error == "access_denied" { Ended::Cancelled } else { Ended::Away });
    }
    let is_code = (1..=CODE_CHARS_MAX).contains(&answer.code.expose().len());
    if !is_code {
        return end(Ended::Gone);
    }
    let returned = (answer.code, answer.iss.as_str());
    let who = match actions::meet(services, provider, &flow, returned, cx.address).await? {
        Met::Somebody(who) => who,
        Met::Trouble(trouble) => return end(Ended::of(trouble)),
        Met::Throttled { retry_after_s } => return Err(AppError::Throttled { retry_after_s }),
    };
    let response = match flow.purpose.clone() {
        Purpose::SignIn { return_to } => sign_in((&cx, &req), &session, who, return_to).await?,
        Purpose::Connect { session } => {
            let Some(person) = cx.person.clone() else { return end(Ended::Gone) };
            let (asker, label) = (cx.asker(&person), who.label.clone());
            if person.session != session {
                actions::deny_connecting(services, &asker, Reason::OtherSession).await?;
                return end(Ended::Gone);
            }
            match actions::ask_to_connect(services, &asker, &person, who).await? {
                Ok(challenge) => step_up::lead(&cx, challenge)?,
                Err(Obstacle::Connected) => cx.see_other(urls::IDENTITY),
                Err(Obstacle::Taken) => return end(Ended::Taken(label)),
                Err(Obstacle::Other) => return end(Ended::Other),
            }
        }
        Purpose::Accept { token } => {
            if actions::is_connected(services, &who).await? {
                return end(Ended::HasAccount(who.label));
            }
            invitations::pages::accept_by_identity((&cx, &req), &session, &token, who).await?
        }
    };
    with_cookie(response, &cx.flow_cookie(None))
}

async fn sign_in(
    (cx, req): (&Cx, &HttpRequest),
    session: &Session,
    who: Who,
    return_to: String,
) -> Result<HttpResponse, AppError> {
    let device = cx.device(req);
    let before = cx.person.as_ref().map(|person| person.session);
    let (label, by) = (who.label.clone(), (cx.actor(), device.clone()));
    let purpose = Purpose::SignIn { return_to: return_to.clone() };
    match actions::sign_in(&cx.services, who, by, before).await? {
        Entered::Open(id) => {
            open(session, id)?;
            with_cookie(cx.see_other(urls::local(&return_to)), &cx.device_cookie(device))
        }
        Entered::SecondFactor(token) => {
            let response = cx.see_other(&urls::second_factor_to(&return_to));
            with_cookie(response, &cx.second_factor_cookie(Some(token)))
        }
        Entered::Unknown => ended::answer(cx, &Ended::Unknown(label), Some(&purpose)),
        Entered::Barred => ended::answer(cx, &Ended::Barred, Some(&purpose)),
    }
}
