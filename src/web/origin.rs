//! Refuses state-changing requests that another site made a browser send.

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;

use super::guard;
use crate::error::AppError;

/// Lets reads through, and everything else only from our own pages.
///
/// # Errors
/// The handler's.
pub async fn same_origin<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let reads = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads {
        match is_ours(&req) {
            Ok(true) => {}
            Ok(false) => return Ok(guard::stop(req, AppError::ForeignOrigin)),
            Err(error) => return Ok(guard::stop(req, error)),
        }
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// The browser's own word (`Sec-Fetch-Site`) first, `Origin` for older ones. A request with
/// neither is not a browser's and has nobody's cookies to abuse; its form token is checked still.
fn is_ours(req: &ServiceRequest) -> Result<bool, AppError> {
    let text =
        |name: &str| req.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
    if let Some(site) = text("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Ok(false);
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return Ok(true) };
    let services = guard::services(req.request())?;
    if origin == services.settings.origin() {
        return Ok(true);
    }
    // Reached by another name than the configured one (a tunnel, an address): the host counts.
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let named = origin.split_once("://").map(|(_, host)| host);
    Ok(!services.settings.is_https() && named == Some(host.as_str()))
}
