//! The audit log: who did what to what, from where, and what was refused.
//!
//! Whatever changes something writes its [`Event`] by [`record`] in the same transaction, so that there is
//! neither an act without its event nor an event without its act. A refused sensitive act writes one of its
//! own. The events of a workspace are a chain: each carries a keyed hash over itself and its predecessor's
//! hash, and the end of the chain is sealed, so that [`chain`] tells an altered, missing or reordered event.
//! The key is derived from the master key, which the database does not have. Triggers refuse to change or
//! remove an event on both databases.

pub mod actions;
pub mod chain;
pub(crate) mod csv;
mod event;
mod filter;
mod forms;
pub mod pages;
pub mod store;
pub mod verify;

pub use event::{
    Act, Actor, ActorKind, Change, Changes, Event, INSTALLATION, Outcome, Reason, Target,
    TargetKind,
};
pub use filter::{At, Days, Filter, Who};
pub use store::record;
