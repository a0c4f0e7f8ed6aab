//! Step-up: who asks for what can do harm proves first who they are, again.
//!
//! A form becomes an act ([`Sensitive`]), which waits in a [`Challenge`] until the person has used a passkey or entered
//! a code: of an authenticator, or one that was sent. A try is counted, in a transaction of its own, before the code is
//! compared ([`actions::answer`]). A passed challenge gives a [`Proof`], which [`actions::perform`] uses up in
//! the transaction of the act, together with the act's event in the audit log. `registry` lists all sensitive
//! acts. Signing in with an authenticator is a challenge too, of a browser instead of a sign-in.

mod act;
pub mod actions;
mod asker;
mod challenge;
mod code;
pub mod forms;
mod method;
pub mod pages;
mod proof;
pub mod registry;
pub mod store;

pub use act::{Doing, Sensitive, Waiting, Written};
pub use asker::Asker;
pub use challenge::{
    ATTEMPTS_MAX, CHALLENGE_LIFETIME, CODE_LIFETIME, CONSECUTIVE_MAX, Challenge, FACTOR_YOUNG_FOR,
    Holder, NUMBERS_MAX, PROOF_LIFETIME, Purpose, State,
};
pub use code::{Code, masked, reference};
pub use method::Method;
pub use proof::{Granted, Proof, Spent};
