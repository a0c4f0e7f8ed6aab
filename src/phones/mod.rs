//! Telephones: a second factor by text message.
//!
//! A number is pending until the code that was sent to it was entered. Then the act of setting it waits for a proof
//! by what the person has already, and only that makes it count. Removing it is a sensitive act too. A code is used
//! up by one statement ([`store::phone_code_use`]), which is the one place that sees to it.

pub mod actions;
mod acts;
pub mod forms;
mod number;
pub mod pages;
pub mod store;

pub use acts::{ChangePhone, RemovePhone};
pub use number::{PhoneNumber, masked};
