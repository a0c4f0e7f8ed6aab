//! Request ids, the log line and the numbers of each request.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use super::guard;

/// Names a request in the log, on error pages and in answers.
#[derive(Clone, Debug, Default)]
pub struct RequestId(pub String);

impl std::fmt::Display for RequestId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Gives a request its id; counts and logs it when it is answered.
///
/// # Errors
/// The handler's.
pub async fn observe(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let services = guard::services(req.request())?;
    let id = services.random.hex::<8>();
    req.extensions_mut().insert(RequestId(id.clone()));
    let method = req.method().clone();
    let began = Instant::now();

    let mut response = next.call(req).await?;

    let took = began.elapsed();
    let status = response.status();
    // The pattern, not the path: bounded in number, and free of what people typed.
    let route = response.request().match_pattern().unwrap_or_else(|| "none".into());
    if status.is_server_error() {
        tracing::error!(%id, %method, route, status = status.as_u16(), ?took, "request failed");
    } else if method.is_safe() {
        tracing::debug!(%id, %method, route, status = status.as_u16(), ?took, "request");
    } else {
        tracing::info!(%id, %method, route, status = status.as_u16(), ?took, "request");
    }
    let class = match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("http_requests_total", "route" => route.clone(), "status" => class)
        .increment(1);
    metrics::histogram!("http_request_seconds", "route" => route).record(took.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}
