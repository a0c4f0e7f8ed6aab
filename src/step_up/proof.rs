//! Proofs: what a sensitive act cannot be done without.
//!
//! A [`Proof`] is for one kind of act. Only a challenge that was passed makes one ([`Granted::proof`]), it is
//! used up by value, and the database uses it up once more, in the transaction of the act, by a statement that
//! compares person, sign-in, workspace, act, target and every parameter. What that answers, a [`Spent`], is
//! what the stores of sensitive acts ask for.
//!
//! What is done with them is this:
//!
//! ```
//! use switchroom::apps::switching::{DeleteApp, DisableApp};
//! use switchroom::step_up::{Granted, Holder, Method, Proof, Spent};
//! fn right(granted: Granted) -> Proof<DisableApp> {
//!     granted.proof()
//! }
//! fn how(spent: &Spent<DeleteApp>, _: Holder) -> Method {
//!     spent.method()
//! }
//! ```
//!
//! Neither can be made up:
//!
//! ```compile_fail,E0451
//! use switchroom::apps::switching::DisableApp;
//! use switchroom::step_up::Spent;
//! fn forge(act: DisableApp) -> Spent<DisableApp> {
//!     Spent { method: switchroom::step_up::Method::Totp, act }
//! }
//! ```
//!
//! ```compile_fail,E0624
//! use switchroom::apps::switching::DisableApp;
//! use switchroom::step_up::{Granted, Proof};
//! fn forge(by: switchroom::step_up::Holder) -> Proof<DisableApp> {
//!     Proof::new(String::new(), by, switchroom::step_up::Method::Totp)
//! }
//! ```
//!
//! nor does a proof for one act do for another:
//!
//! ```compile_fail,E0308
//! use switchroom::apps::switching::{DeleteApp, DisableApp};
//! use switchroom::step_up::Proof;
//! fn swap(proof: Proof<DisableApp>) -> Proof<DeleteApp> {
//!     proof
//! }
//! ```
//!
//! nor twice:
//!
//! ```compile_fail,E0382
//! use switchroom::apps::switching::DisableApp;
//! use switchroom::step_up::Proof;
//! fn twice(proof: Proof<DisableApp>) -> (Proof<DisableApp>, Proof<DisableApp>) {
//!     (proof, proof)
//! }
//! ```

use std::marker::PhantomData;

use super::Method;
use super::act::{Sensitive, Written};
use super::challenge::{Challenge, Holder};
use super::store::{self, Failed};
use crate::audit::Reason;
use crate::clock::UtcTime;
use crate::db::{Conn, DbError};

/// A challenge that was passed, and whose act has not run.
pub struct Granted {
    challenge: Challenge,
    by: Holder,
}

impl Granted {
    pub(super) const fn new(challenge: Challenge, by: Holder) -> Self {
        Self { challenge, by }
    }

    /// The challenge.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The act that waits; `None` when it is another kind of act, or was written by another version.
    #[must_use]
    pub fn act<A: Sensitive>(&self) -> Option<A> {
        (self.challenge.act == A::ACT)
            .then(|| serde_json::from_str(&self.challenge.body).ok())
            .flatten()
    }

    /// The proof. For an act that the challenge was not made for, the database refuses it.
    #[must_use]
    pub fn proof<A: Sensitive>(self) -> Proof<A> {
        Proof::new(self.challenge.id, self.by, self.challenge.method)
    }
}

/// Proof that whoever asks for an act has proved who they are, for this act.
pub struct Proof<A> {
    challenge: String,
    by: Holder,
    method: Method,
    act: PhantomData<fn() -> A>,
}

impl<A: Sensitive> Proof<A> {
    const fn new(challenge: String, by: Holder, method: Method) -> Self {
        Self { challenge, by, method, act: PhantomData }
    }

    /// The challenge that it comes from.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// Uses the proof up, in the transaction of the act. Inside, why it does not do for this act; then nothing
    /// of the act may be written.
    ///
    /// # Errors
    /// The database's failure.
    pub fn spend(
        self,
        conn: &mut Conn,
        act: A,
        now: UtcTime,
    ) -> Result<Result<Spent<A>, Reason>, DbError> {
        let written = Written::new(&act).map_err(|error| DbError::Broken(error.to_string()))?;
        Ok(match store::challenge_spend(conn, &self.challenge, &self.by, &written, now)? {
            Ok(()) => Ok(Spent { method: self.method, act }),
            Err(Failed(reason)) => Err(reason),
        })
    }
}

/// A proof that was used up in this transaction, with the act that it was for.
pub struct Spent<A> {
    method: Method,
    act: A,
}

impl<A> Spent<A> {
    /// How the person proved who they are.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The act: what may be written, and nothing else.
    #[must_use]
    pub const fn act(&self) -> &A {
        &self.act
    }
}
