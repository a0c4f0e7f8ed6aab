//! Switching apps on and off, and deleting them.
//!
//! 停用 ends calls and sign-ins at once: every check of a token reads the switch. 删除 is for what is disabled
//! already, and leaves nothing of the app that could be read. Both wait for a proof; 开启 does not.

pub mod actions;
mod acts;
pub mod forms;
pub mod pages;
pub mod store;

pub use acts::{DeleteApp, DisableApp};
