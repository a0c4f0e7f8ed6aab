//! What data planes report: events come in by the batch, are counted and not kept.
//!
//! A batch is read as a stream, so that memory follows its events and not its bytes, and becomes a [`Tally`]: what it adds
//! to each day. One transaction merges the tally into what was counted before; its order does not matter, so that late
//! and repeated events end in the same figures. Sources: the specification of statistics.

pub mod actions;
pub mod api;
mod event;
mod read;
mod stay;
pub mod store;
mod tally;
mod tier;

pub use event::{AHEAD_MAX, Event, Fault, OLD_MAX, What};
pub use read::{BatchReader, EVENTS_MAX, Form, Unread};
pub use stay::{OpenRoom, Stay, open_rooms, peak};
pub use tally::Tally;
pub use tier::{Service, Tier};
