//! The first run: a one-time link in the log leads to a page that makes the first operator and
//! the first workspace. Closed for good afterwards.

pub mod actions;
pub mod forms;
pub mod pages;
pub mod store;
