//! The overview: what a workspace has, used, and must look after.

pub mod pages;
mod summary;
mod trend;

pub use summary::Summary;
pub use trend::{Of, Trend, TrendFigures, TrendQuery, trend};
