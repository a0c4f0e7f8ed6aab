//! Dresses errors: a page in the shell, or problem+json below `/v1`.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use super::body::Pairs;
use super::observe::RequestId;
use super::{Cx, Shell, guard, urls};
use crate::error::AppError;
use crate::i18n::Texts;

/// Turns errors of handlers, guards and the router into answers that say what to do next.
///
/// # Errors
/// None: an error becomes an answer.
pub async fn dress<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(req).await?.map_into_boxed_body();
    let Some(error) = response.response().error() else { return Ok(response) };
    let status = response.status();
    let answer = answer(response.request(), error.as_error::<AppError>(), status, error);
    let kept: Vec<_> = response.headers().get_all(header::SET_COOKIE).cloned().collect();
    let mut dressed = response.into_response(answer.map_into_boxed_body());
    for cookie in kept {
        dressed.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(dressed)
}

fn answer(
    req: &HttpRequest,
    error: Option<&AppError>,
    status: StatusCode,
    source: &Error,
) -> HttpResponse {
    let id = req.extensions().get::<RequestId>().cloned().unwrap_or_default();
    if status.is_server_error() && !matches!(error, Some(AppError::Busy)) {
        // The chain, with its causes, only here: nobody outside sees it.
        match error {
            Some(AppError::Internal(error)) => tracing::error!(%id, "{error:#}"),
            _ => tracing::error!(%id, "{source}"),
        }
    }
    let elsewhere = match error {
        Some(AppError::SignedOut) => Some(guard::sign_in_for(req)),
        Some(AppError::NoWorkspace) => Some(urls::WORKSPACES.to_owned()),
        _ => None,
    };
    if let Some(path) = elsewhere.filter(|_| !is_api(req)) {
        return HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish();
    }
    // What the framework refused by itself (a path or header it cannot read).
    let foreign;
    let error = match error {
        Some(error) => error,
        None if status.is_server_error() => {
            foreign = AppError::Internal(anyhow::anyhow!("{source}"));
            &foreign
        }
        None if status == StatusCode::NOT_FOUND => &AppError::NotFound,
        None => {
            foreign = AppError::BadRequest(source.to_string());
            &foreign
        }
    };
    let mut answer = if is_api(req) {
        problem(error, &id)
    } else {
        page(req, error, &id).unwrap_or_else(|| HttpResponse::new(error.status()))
    };
    let headers = answer.headers_mut();
    match error {
        AppError::Throttled { retry_after_s } => {
            headers.insert(header::RETRY_AFTER, (*retry_after_s).into());
        }
        AppError::Busy => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        AppError::MethodNotAllowed { allow } => {
            if let Ok(allow) = HeaderValue::from_str(allow) {
                headers.insert(header::ALLOW, allow);
            }
        }
        AppError::NoKey => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        AppError::BodyTimeout | AppError::TooLarge { .. } => {
            // The rest of the body is not read.
            headers
                .insert(HeaderName::from_static("connection"), HeaderValue::from_static("close"));
        }
        _ => {}
    }
    answer
}

fn is_api(req: &HttpRequest) -> bool {
    req.path().starts_with("/v1/") || req.path() == "/v1"
}

#[derive(serde::Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [crate::error::FieldRefusal]>,
}

/// RFC 9457.
fn problem(error: &AppError, id: &RequestId) -> HttpResponse {
    let status = error.status();
    let status = if status.is_redirection() { StatusCode::UNAUTHORIZED } else { status };
    let detail = match error {
        AppError::Internal(_) => "a failure of ours; the log has it under the request id".into(),
        error => error.to_string(),
    };
    let problem = Problem {
        r#type: format!("urn:switchroom:problem:{}", error.word()),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        request_id: &id.0,
        errors: match error {
            AppError::Refused(refusal) if !refusal.fields.is_empty() => Some(&refusal.fields),
            _ => None,
        },
    };
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(serde_json::to_string(&problem).unwrap_or_default())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    icon: &'static str,
    words: String,
    /// What to quote: the status and the request's id.
    reference: String,
    /// The fields of an expired form, to send again without typing.
    again: Option<Again>,
    /// Whether one must sign in first.
    has_ended: bool,
    /// Whether one is in another workspace by now.
    has_moved: bool,
}

struct Again {
    action: String,
    fields: Vec<(String, String)>,
    /// The page with the empty form.
    start_over: String,
}

/// The error as a page; `None` when even that fails, and the status must do.
fn page(req: &HttpRequest, error: &AppError, id: &RequestId) -> Option<HttpResponse> {
    let cx = Cx::of(req).ok()?;
    let t = cx.t();
    let workspace = cx.person.as_ref().and_then(|person| person.seat.as_ref());
    let workspace = workspace.map_or("", |seat| seat.workspace_name.as_str());
    let (icon, title, words) = match error {
        AppError::WorkspaceChanged => ("building", t.moved_title(), t.moved_words(workspace)),
        error => wording(error, t),
    };
    let is_expired = matches!(
        error,
        AppError::FormExpired | AppError::WorkspaceChanged | AppError::SessionEnded
    );
    let again = is_expired.then(|| again(req)).flatten();
    let page = ErrorPage {
        shell: cx.plain_shell(title),
        icon,
        words,
        reference: format!("{} · {} {id}", error.status().as_u16(), t.request_id()),
        has_ended: matches!(error, AppError::SessionEnded),
        has_moved: matches!(error, AppError::WorkspaceChanged),
        again,
    };
    cx.answer(error.status(), &page).ok()
}

/// What was typed into a form that expired, so that nothing is lost. A form with a secret must be
/// filled in anew.
fn again(req: &HttpRequest) -> Option<Again> {
    let extensions = req.extensions();
    let fields = extensions.get::<Pairs>()?.to_send_again()?;
    let came_from = fields.iter().find(|(name, _)| name == "return_to");
    let action = req.path().to_owned();
    Some(Again {
        // The switches of the shell have no page of their own.
        start_over: came_from.map_or_else(|| action.clone(), |(_, to)| urls::local(to).to_owned()),
        action,
        fields,
    })
}

fn wording(error: &AppError, t: Texts) -> (&'static str, &'static str, String) {
    match error {
        AppError::NotFound => ("search", t.not_found_title(), t.not_found_words().into()),
        AppError::Forbidden => ("lock", t.forbidden_title(), t.forbidden_words().into()),
        AppError::ForeignOrigin => ("shield", t.foreign_title(), t.foreign_words().into()),
        AppError::FormExpired => ("clock", t.expired_title(), t.expired_words().into()),
        AppError::SetupLink => ("link", t.setup_link_title(), t.setup_link_words().into()),
        AppError::SessionEnded => ("clock", t.ended_title(), t.ended_words().into()),
        AppError::Throttled { retry_after_s } => {
            let minutes = i64::try_from(retry_after_s.div_ceil(60)).unwrap_or(i64::MAX);
            ("clock", t.throttled_title(), t.throttled_words(minutes))
        }
        AppError::Busy => ("clock", t.busy_title(), t.busy_words().into()),
        AppError::TooLarge { .. } => ("alert", t.too_large_title(), t.too_large_words().into()),
        AppError::BodyTimeout => ("clock", t.body_timeout_title(), t.body_timeout_words().into()),
        AppError::MethodNotAllowed { .. } => ("alert", t.method_title(), t.method_words().into()),
        AppError::Internal(_) => ("alert", t.internal_title(), t.internal_words().into()),
        AppError::BadRequest(_)
        | AppError::Refused(_)
        | AppError::SignedOut
        | AppError::NoWorkspace
        | AppError::WorkspaceChanged
        | AppError::NoKey
        | AppError::ScopeMissing(_)
        | AppError::StepUpRequired
        | AppError::UnsupportedMediaType(_) => {
            ("alert", t.bad_request_title(), t.bad_request_words().into())
        }
    }
}
