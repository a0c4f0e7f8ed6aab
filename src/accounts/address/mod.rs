//! The address of an account: confirming that it is its owner's, and changing it.
//!
//! Changing it is a sensitive act, whose effect is a link in a mail to the new address. Until that is followed, the
//! account keeps the one it has, which is told afterwards. Whether the new address belongs to somebody else is not
//! to be learned: everything looks the same then, but for the mail, which goes to that person and has no link.

pub mod actions;
mod acts;
pub mod forms;
pub mod pages;
pub mod store;

pub use acts::ChangeEmail;
