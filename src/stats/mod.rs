//! Statistics: daily figures of apps, and how they are summarised and drawn.

pub mod api;
pub mod cells;
pub mod chart;
pub mod metric;
pub mod pages;
pub mod range;
pub mod series;
pub mod store;
pub mod view;

pub use metric::{Aggregate, Metric, Tab};
pub use series::{DayRange, Series};
