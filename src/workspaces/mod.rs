//! Workspaces: the tenants. A workspace owns apps, members, minutes and API keys; a person
//! reaches it through a membership, whose [`Role`] says what they may do and whose [`Scope`]
//! says with which apps.

pub mod actions;
pub mod pages;
mod policy;
mod reach;
mod role;
mod scope;
pub mod settings;
pub mod store;

pub use policy::DangerPolicy;
pub use reach::{Grant, REACH_APPS_MAX, Reach, ReachKind};
pub use role::{Permission, PermissionGroup, Role};
pub use scope::{Extent, Quota, Scope};
