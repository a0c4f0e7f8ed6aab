//! Freezing: whoever is told by mail of a change that was not theirs stops everything with the link in that mail,
//! also when somebody else holds password, factors and the new address by then. Only the host lifts it.

pub mod actions;
pub mod pages;
