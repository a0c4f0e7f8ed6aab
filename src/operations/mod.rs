//! What operators watch: `/healthz`, `/readyz`, `/metrics`.

mod pages;

pub use pages::{install_metrics, routes};
