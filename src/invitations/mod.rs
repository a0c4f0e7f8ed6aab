//! Invitations: how somebody becomes a member.
//!
//! A member who manages others invites an address; the link in the mail leads to a page that changes nothing until
//! its form is sent. A token is 256 random bits, of which the row keeps a digest; each mail has another one, and the
//! latest alone works. One statement uses it up, in the transaction that makes the membership. An invitation lives as
//! long as the power of whoever sent it last.

pub mod actions;
mod acts;
pub mod forms;
mod invitation;
pub mod pages;
pub mod store;

pub use acts::InviteMember;
pub use invitation::{
    Inviter, OPEN_MAX, SEND_PAUSE, SENDS_MAX, SENT_MAX, SENT_TO_ADDRESS_MAX, SENT_WITHIN, Standing,
    VALID_FOR,
};
