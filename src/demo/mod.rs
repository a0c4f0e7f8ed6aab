//! Sample data: a workspace with members of every role, apps in all states and daily figures that
//! grow, breathe with the week and have their incidents. The same seed gives the same figures;
//! secrets are random whatever the seed.

pub mod cast;
pub mod figures;
mod keys;
mod ledger;
pub mod load;
mod log;

pub use load::{Loaded, Size, load};

/// The members besides the owner: their roles and addresses. They share the owner's password.
pub fn colleagues() -> impl Iterator<Item = (&'static str, &'static str)> {
    cast::PEOPLE.into_iter().skip(1).map(|person| (person.role, person.email))
}
