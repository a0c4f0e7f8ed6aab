//! Members: who is in a workspace, as what, and with which apps.
//!
//! Changing and removing a member and handing the workspace over wait for a proof; leaving does not. A workspace
//! always has an owner: whatever could take the last one away first holds the workspace's row and then counts.
//! Roles and reach are read anew with each request, so a change counts from the next one on.

pub mod actions;
mod acts;
pub mod forms;
pub mod pages;
pub mod store;

pub use acts::{ChangeMember, HandOver, RemoveMember};
pub use store::Member;
