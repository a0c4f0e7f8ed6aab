//! Figures as cells of a file of comma-separated values.

use super::metric::{Unit, decimal};
use super::{Metric, Series};
use crate::csv::Record;

/// Writes the figures of the day at a place of the range: whole numbers, package minutes as a decimal number, and nothing
/// for a day that has none.
pub fn write(record: &mut Record, metrics: &[Metric], series: &[Series], at: usize) {
    for (metric, series) in metrics.iter().zip(series) {
        let value = series.values().get(at).copied().flatten();
        match (metric.unit(), value) {
            (Unit::PackageMinuteHundredths, Some(value)) => record.plain(&decimal(value)),
            (_, value) => record.number(value),
        }
    }
}
