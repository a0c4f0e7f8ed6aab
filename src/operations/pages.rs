//! The probes and the numbers.

use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::error::AppError;
use crate::web::{Routes, address, assets, guard};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts counting; once per process.
pub fn install_metrics() {
    METRICS.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // Fails when another recorder counts already, in a process that embeds us.
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is installed");
        }
        handle
    });
}

/// Mounts the probes, the static files and robots.txt.
pub fn routes(routes: &mut Routes) {
    routes.open("/healthz", health);
    routes.open("/readyz", ready);
    routes.open("/metrics", numbers);
    routes.open("/assets/{name}", assets::serve);
    routes.open("/robots.txt", assets::robots);
}

/// `GET /healthz`: the process answers.
async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database answers and is up to date.
async fn ready(req: HttpRequest) -> Result<HttpResponse, AppError> {
    let services = guard::services(&req)?;
    let (mut answer, text) = match services.db.is_current().await {
        Ok(true) => (HttpResponse::Ok(), "ready\n"),
        Ok(false) => (HttpResponse::ServiceUnavailable(), "migrations are waiting\n"),
        Err(error) => {
            tracing::error!("not ready: {error}");
            (HttpResponse::ServiceUnavailable(), "the database does not answer\n")
        }
    };
    Ok(answer.content_type("text/plain; charset=utf-8").body(text))
}

/// `GET /metrics`: Prometheus' text format, for the addresses that may read it.
async fn numbers(req: HttpRequest) -> Result<HttpResponse, AppError> {
    let services = guard::services(&req)?;
    let allowed = &services.settings.metrics_allowed;
    let client = address::client(&req, &services.settings.trusted_proxies);
    if !allowed.is_empty() && !allowed.contain(client) {
        return Err(AppError::NotFound);
    }
    metrics::counter!("database_statements_total").absolute(services.db.statements());
    metrics::counter!("password_checks_total").absolute(services.passwords.checks());
    let text = METRICS.get().map(PrometheusHandle::render).unwrap_or_default();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
