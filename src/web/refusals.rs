//! Refusals of sensitive acts that never reach their handler: a role that may not, a form of another sign-in,
//! another method or media type, a program. Each is an event of the audit log.

use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;

use super::{Cx, Need, guard};
use crate::api_keys::ApiCaller;
use crate::api_keys::store::key;
use crate::apps::store::app_by_id;
use crate::audit::{self, Act, Actor, Event, Reason, Target};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::WorkspaceId;
use crate::members::store::member;
use crate::step_up::store::challenge_anywhere;
use crate::workspaces::Scope;

/// What a sensitive route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// It asks for an act.
    Act(Act),
    /// It answers the challenge of its path.
    Challenge,
}

/// Checks a sensitive form as any other, and writes down that it was refused, if it was.
///
/// # Errors
/// The handler's.
pub async fn watch<B: MessageBody + 'static>(
    (watched, need): (Watched, Need),
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    // A program is told what it is told everywhere else, whatever it sends.
    if guard::person_of(req.request()).is_none()
        && req.headers().contains_key(header::AUTHORIZATION)
    {
        let error = program(req.request(), watched).await;
        return Ok(guard::stop(req, error));
    }
    let response = guard::check_form(need, req, next).await?;
    let error = response.response().error().and_then(|error| error.as_error::<AppError>());
    if let Some(reason) = error.and_then(reason) {
        note(response.request(), watched, reason).await;
    }
    Ok(response)
}

/// Why a request was refused before it was looked at; `None` where it is no refusal of an act.
const fn reason(error: &AppError) -> Option<Reason> {
    match error {
        AppError::Forbidden => Some(Reason::Forbidden),
        AppError::FormExpired => Some(Reason::ForeignForm),
        AppError::WorkspaceChanged => Some(Reason::OtherWorkspace),
        AppError::UnsupportedMediaType(_) => Some(Reason::NotAForm),
        AppError::MethodNotAllowed { .. } => Some(Reason::WrongMethod),
        AppError::BadRequest(_) | AppError::TooLarge { .. } | AppError::BodyTimeout => {
            Some(Reason::Unreadable)
        }
        _ => None,
    }
}

/// Writes down that somebody's request for a sensitive act was refused. That it fails is logged: the refusal
/// stands.
pub async fn note(req: &HttpRequest, watched: Watched, reason: Reason) {
    if let Err(error) = try_note(req, watched, reason).await {
        tracing::error!("a refused act is not in the audit log: {error:#}");
    }
}

async fn try_note(req: &HttpRequest, watched: Watched, reason: Reason) -> Result<(), AppError> {
    let cx = Cx::of(req)?;
    let Some(person) = cx.person.as_deref() else { return Ok(()) };
    let scope = person.seat.as_ref().map(|seat| seat.scope.clone());
    let own = Target::from(person);
    let Some((act, target, chain)) = about(&cx, req, watched, scope.as_ref()).await? else {
        return Ok(());
    };
    let chain = chain.unwrap_or_else(|| person.audit_chain());
    write(&cx, cx.actor(), (act, target.unwrap_or(own), chain), reason).await
}

type About = (Act, Option<Target>, Option<WorkspaceId>);

/// What a request is about: the act, its target unless that is whoever asks, and the chain unless that is
/// theirs. `None` for what does not exist for them.
async fn about(
    cx: &Cx,
    req: &HttpRequest,
    watched: Watched,
    scope: Option<&Scope>,
) -> Result<Option<About>, AppError> {
    let path = req.match_info();
    match watched {
        Watched::Challenge => {
            let id = path.get("id").unwrap_or_default().to_owned();
            let found = cx
                .services
                .db
                .read::<_, DbError>(move |conn| challenge_anywhere(conn, &id))
                .await?;
            Ok(found.map(|it| (it.act, Some(it.audit_target()), Some(it.audit_chain()))))
        }
        Watched::Act(act) => {
            if let Some(id) = path.get("api_key") {
                let (Ok(id), Some(scope)) = (id.parse(), scope.cloned()) else { return Ok(None) };
                let chain = scope.workspace;
                let found = cx.services.db.read(move |conn| key(conn, &scope, id)).await?;
                let target = found.map(|key| Target {
                    kind: audit::TargetKind::ApiKey,
                    id: key.id.0,
                    name: key.name,
                });
                return Ok(target.map(|target| (act, Some(target), Some(chain))));
            }
            if let Some(account) = path.get("account") {
                return about_member(cx, act, account, scope).await;
            }
            let Some(id) = path.get("sdk_app_id") else { return Ok(Some((act, None, None))) };
            let (Ok(id), Some(scope)) = (id.parse(), scope.cloned()) else { return Ok(None) };
            let chain = scope.workspace;
            let found = cx.services.db.read(move |conn| app_by_id(conn, &scope, id)).await?;
            Ok(found.map(|app| (act, Some(Target::from(&app)), Some(chain))))
        }
    }
}

/// The same where the path names a member.
async fn about_member(
    cx: &Cx,
    act: Act,
    account: &str,
    scope: Option<&Scope>,
) -> Result<Option<About>, AppError> {
    let (Ok(account), Some(scope)) = (account.parse(), scope) else { return Ok(None) };
    let workspace = scope.workspace;
    let found = cx.services.db.read::<_, DbError>(move |conn| member(conn, workspace, account));
    let found = found.await?;
    Ok(found.map(|it| (act, Some(Target::account(it.account, it.name)), Some(workspace))))
}

async fn write(
    cx: &Cx,
    actor: Actor,
    (act, target, chain): (Act, Target, WorkspaceId),
    reason: Reason,
) -> Result<(), AppError> {
    let event = Event::denied(act, reason, target);
    Ok(audit::actions::deny(&cx.services, chain, &actor, event).await?)
}

/// What a program is answered that asks for what belongs to people.
async fn program(req: &HttpRequest, watched: Watched) -> AppError {
    match try_program(req, watched).await {
        Ok(error) | Err(error) => error,
    }
}

async fn try_program(req: &HttpRequest, watched: Watched) -> Result<AppError, AppError> {
    let caller = guard::key_of(req).await?;
    let cx = Cx::of(req)?;
    let Some((act, target, chain)) = about(&cx, req, watched, Some(&caller.scope)).await? else {
        return Ok(AppError::NotFound);
    };
    let own = caller.scope.workspace;
    if chain.is_some_and(|chain| chain != own) {
        return Ok(AppError::NotFound);
    }
    note_program(&cx, &caller, act, target).await?;
    Ok(AppError::StepUpRequired)
}

/// Writes down that a program asked for a sensitive act.
///
/// # Errors
/// A failure of ours.
pub async fn note_program(
    cx: &Cx,
    caller: &ApiCaller,
    act: Act,
    target: Option<Target>,
) -> Result<(), AppError> {
    let actor = cx.actor().as_program(caller);
    let name = caller.name.clone();
    let own = Target { kind: audit::TargetKind::ApiKey, id: caller.id.0, name };
    let what = (act, target.unwrap_or(own), caller.scope.workspace);
    write(cx, actor, what, Reason::ApiKey).await
}
