//! Every way a request ends other than well.
//!
//! What the user can mend is not here: that is a value ([`crate::problem::Problem`]) and shows
//! the form again. Handlers return [`AppError`] for policy (sign in first, not yours, too fast)
//! and for our own failures; [`crate::web::errors`] dresses it as a page or as problem+json.

use actix_web::http::StatusCode;

use crate::accounts::password::Unchecked;
use crate::db::DbError;

/// The only error that handlers return.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Does not exist, or belongs to someone else: nobody learns which.
    #[error("no such thing")]
    NotFound,
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut,
    /// The person has no place in any workspace.
    #[error("the person is in no workspace")]
    NoWorkspace,
    /// The role does not allow it.
    #[error("the role does not allow this")]
    Forbidden,
    /// The request came from another site.
    #[error("the request came from another site")]
    ForeignOrigin,
    /// The form's token belongs to another session, or the session has ended.
    #[error("the form has expired")]
    FormExpired,
    /// The form was shown in another workspace than the one the person is in by now.
    #[error("the form belongs to another workspace")]
    WorkspaceChanged,
    /// The link to set the installation up is wrong, too old or used.
    #[error("the set-up link does not work")]
    SetupLink,
    /// The session ended while a form was filled in, which is not lost.
    #[error("the session has ended")]
    SessionEnded,
    /// The request is not of the form that the route takes.
    #[error("{0}")]
    BadRequest(String),
    /// The request is of the right form, and refused; an API's answer.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No or a wrong API key.
    #[error("a valid API key is needed")]
    NoKey,
    /// The API key lacks a scope.
    #[error("the API key lacks the scope {0}")]
    ScopeMissing(&'static str),
    /// A sensitive act, which a key cannot prove itself for.
    #[error("this act belongs to people, who prove who they are in the console")]
    StepUpRequired,
    /// The route has no such method.
    #[error("this address does not take this method")]
    MethodNotAllowed {
        /// What it takes.
        allow: String,
    },
    /// The body's media type is not the route's.
    #[error("the body must be {0}")]
    UnsupportedMediaType(&'static str),
    /// The body is larger than the route takes.
    #[error("the body is larger than {max} bytes")]
    TooLarge {
        /// The most bytes.
        max: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// Too many attempts.
    #[error("too many attempts")]
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// More is waiting than can be served soon.
    #[error("too busy")]
    Busy,
    /// A failure of ours.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// Why an API request of the right form is refused, with a stable word.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// The status: 409 or 422.
    pub status: u16,
    /// The stable word, last part of the problem's type.
    pub word: &'static str,
    /// What is wrong.
    pub detail: String,
    /// Field by field.
    pub fields: Vec<FieldRefusal>,
}

/// What is wrong with one field of an API request.
#[derive(Debug, serde::Serialize)]
pub struct FieldRefusal {
    /// Which of several things it is a field of, from 0; none where there is one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The field.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl AppError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::SetupLink => StatusCode::NOT_FOUND,
            Self::SignedOut | Self::NoWorkspace => StatusCode::SEE_OTHER,
            Self::Forbidden
            | Self::ForeignOrigin
            | Self::ScopeMissing(_)
            | Self::StepUpRequired => StatusCode::FORBIDDEN,
            Self::FormExpired | Self::WorkspaceChanged | Self::SessionEnded => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Refused(refusal) => {
                StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
            }
            Self::NoKey => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word, last part of the problem's type.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::SignedOut => "signed-out",
            Self::NoWorkspace => "no-workspace",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign-origin",
            Self::FormExpired => "form-expired",
            Self::WorkspaceChanged => "workspace-changed",
            Self::SetupLink => "setup-link",
            Self::SessionEnded => "session-ended",
            Self::BadRequest(_) => "bad-request",
            Self::Refused(refusal) => refusal.word,
            Self::NoKey => "api-key-needed",
            Self::ScopeMissing(_) => "scope-missing",
            Self::StepUpRequired => "step-up-required",
            Self::MethodNotAllowed { .. } => "method-not-allowed",
            Self::UnsupportedMediaType(_) => "unsupported-media-type",
            Self::TooLarge { .. } => "too-large",
            Self::BodyTimeout => "body-timeout",
            Self::Throttled { .. } => "too-many-requests",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<DbError> for AppError {
    /// A database that is gone for the moment may be back soon, and a full disk have room again; anything else is a
    /// bug.
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy => Self::Busy,
            DbError::Unavailable(_) | DbError::Full(_) | DbError::Stopped => {
                tracing::error!("{error}");
                Self::Busy
            }
            DbError::Query(_) | DbError::Broken(_) => Self::Internal(error.into()),
        }
    }
}

impl From<Unchecked> for AppError {
    fn from(error: Unchecked) -> Self {
        match error {
            Unchecked::Busy => Self::Busy,
            Unchecked::Failed(_) => Self::Internal(error.into()),
        }
    }
}

/// Says the status only; the dress comes later, where the request is known.
impl actix_web::ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> actix_web::HttpResponse {
        actix_web::HttpResponse::new(self.status())
    }
}
