//! A workspace's settings: its name and time zone, and how acts that destroy something are confirmed in it. The
//! latter is such an act itself, or whoever finds a browser open could make the next one easier.

pub mod actions;
mod acts;
pub mod forms;
pub mod pages;
pub mod store;

pub use acts::ChangePolicy;
