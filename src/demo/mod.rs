//! Sample data.

pub mod cast;
pub mod figures;
