//! Sample data: a workspace with members of every role, apps in all states and daily figures that
//! grow, breathe with the week and have their incidents. The same seed gives the same figures;
//! secrets are random whatever the seed.

pub mod cast;
pub mod figures;
pub mod load;

pub use load::{Loaded, Size, load};
