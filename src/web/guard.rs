//! What stands before every handler: the need of its route, and for a form its body and token.

use std::rc::Rc;

use actix_session::SessionExt;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};

use super::{Need, body, cx, urls};
use crate::api_keys::{self, ApiCaller};
use crate::error::AppError;
use crate::services::Services;
use crate::sessions::backing::{self, Failure};
use crate::sessions::{Person, Seat};
use crate::vault::FormOrigin;

/// Answers with an error while the request is still known, so that its dress can be chosen.
pub fn stop<B>(req: ServiceRequest, error: AppError) -> ServiceResponse<EitherBody<B, BoxBody>> {
    // Not `into_response`, which forgets the error behind an answer.
    req.error_response(error).map_into_right_body()
}

/// Reads who is signed in, once per request.
///
/// # Errors
/// The handler's.
pub async fn identify<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let session = req.get_session();
    let person = match session.get::<Failure>(backing::FAILED) {
        Ok(Some(Failure { is_passing: true, .. })) => Err(AppError::Busy),
        Ok(Some(Failure { reason, .. })) => {
            Err(anyhow::anyhow!("reading the session: {reason}").into())
        }
        Ok(None) => {
            session.get::<Person>(backing::PERSON).map_err(|error| AppError::Internal(error.into()))
        }
        Err(error) => Err(AppError::Internal(error.into())),
    };
    match person {
        Ok(Some(person)) => drop(req.extensions_mut().insert(Rc::new(person))),
        Ok(None) => {}
        Err(error) => return Ok(stop(req, error)),
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// Whoever is signed in on a request.
#[must_use]
pub fn person_of(req: &HttpRequest) -> Option<Rc<Person>> {
    req.extensions().get::<Rc<Person>>().cloned()
}

/// Lets a request through to its handler when it brings what the route needs.
///
/// # Errors
/// The handler's.
pub async fn check<B: MessageBody + 'static>(
    need: Need,
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if let Err(error) = satisfy(need, &req).await {
        return Ok(stop(req, error));
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// The same for a form: afterwards its body is read, within limits of size and time, and its
/// token compared.
///
/// # Errors
/// The handler's.
pub async fn check_form<B: MessageBody + 'static>(
    need: Need,
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let checked = match satisfy(need, &req).await {
        Ok(()) => check_token(need, &mut req).await,
        Err(AppError::SignedOut) => Err(keep_typed(&mut req).await),
        refused => refused,
    };
    if let Err(error) = checked {
        return Ok(stop(req, error));
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// What becomes of a form whose session ended while it was filled in: shown again when something
/// was typed, forgotten otherwise.
async fn keep_typed(req: &mut ServiceRequest) -> AppError {
    match body::form_pairs(req).await {
        Ok(pairs) => {
            let pairs = body::Pairs(pairs);
            let has_typed = pairs.to_send_again().is_some();
            req.extensions_mut().insert(pairs);
            if has_typed { AppError::SessionEnded } else { AppError::SignedOut }
        }
        Err(error) => error,
    }
}

async fn check_token(need: Need, req: &mut ServiceRequest) -> Result<(), AppError> {
    let pairs = body::form_pairs(req).await?;
    let mut tokens = pairs.iter().filter(|(name, _)| name == cx::TOKEN_FIELD);
    let sent = tokens.next();
    if tokens.next().is_some() {
        return Err(AppError::BadRequest("the form has two tokens".into()));
    }
    let origin =
        sent.map_or(FormOrigin::Foreign, |(_, token)| cx::form_origin(req.request(), token));
    req.extensions_mut().insert(body::Pairs(pairs));
    match origin {
        // What a member does is for the workspace that the form showed; other tabs may have
        // switched since. The rest has nothing to do with workspaces.
        FormOrigin::OtherWorkspace if matches!(need, Need::May(_)) => {
            Err(AppError::WorkspaceChanged)
        }
        FormOrigin::Here | FormOrigin::OtherWorkspace => Ok(()),
        FormOrigin::Foreign => Err(AppError::FormExpired),
    }
}

async fn satisfy(need: Need, req: &ServiceRequest) -> Result<(), AppError> {
    match need {
        Need::Nothing => Ok(()),
        Need::SignedIn => person_of(req.request()).map(drop).ok_or(AppError::SignedOut),
        Need::May(permission) => {
            let person = person_of(req.request()).ok_or(AppError::SignedOut)?;
            match &person.seat {
                Some(seat) if seat.may(permission) => Ok(()),
                Some(_) => Err(AppError::Forbidden),
                None => Err(AppError::NoWorkspace),
            }
        }
        Need::Key(scope) => {
            let key = key_of(req.request()).await?;
            if !key.scopes.contains(&scope) {
                return Err(AppError::ScopeMissing(scope.as_str()));
            }
            req.extensions_mut().insert(Rc::new(key));
            Ok(())
        }
    }
}

/// The program behind a request, by the key it comes with.
///
/// # Errors
/// [`AppError::NoKey`], or a failure of ours.
pub async fn key_of(req: &HttpRequest) -> Result<ApiCaller, AppError> {
    let services = services(req)?;
    let sent = req
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim().to_owned())
        .ok_or(AppError::NoKey)?;
    api_keys::actions::recognise(&services, &sent).await?.ok_or(AppError::NoKey)
}

/// The services of the application.
///
/// # Errors
/// When the application was put together without them.
pub fn services(req: &HttpRequest) -> Result<Services, AppError> {
    req.app_data::<Data<Services>>()
        .map(|services| services.get_ref().clone())
        .ok_or_else(|| AppError::Internal(anyhow::anyhow!("the services are not mounted")))
}

/// Proof that a member of a workspace is signed in and has what the route needs. Only the guard's
/// work makes it.
#[derive(Clone)]
pub struct Member {
    /// The person.
    pub person: Rc<Person>,
    seat: Seat,
}

impl Member {
    /// The person's place in the workspace.
    #[must_use]
    pub const fn seat(&self) -> &Seat {
        &self.seat
    }
}

impl FromRequest for Member {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready((|| {
            let person = person_of(req).ok_or(AppError::SignedOut)?;
            let seat = person.seat.clone().ok_or(AppError::NoWorkspace)?;
            Ok(Self { person, seat })
        })())
    }
}

/// Proof that somebody is signed in.
#[derive(Clone)]
pub struct SignedIn(pub Rc<Person>);

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(person_of(req).map(Self).ok_or(AppError::SignedOut))
    }
}

/// Where to go after sign-in: the page that was asked for, when it was a page.
#[must_use]
pub fn sign_in_for(req: &HttpRequest) -> String {
    let wanted = (*req.method() == Method::GET)
        .then(|| req.uri().path_and_query().map(|path| path.as_str().to_owned()))
        .flatten()
        .filter(|path| path != "/");
    urls::sign_in_to(wanted.as_deref())
}
