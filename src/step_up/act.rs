//! Sensitive acts: what a proof is for.

use std::borrow::Cow;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::actions::Unperformed;
use super::{Asker, Granted};
use crate::audit::{Act, Target};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::secret::digest;
use crate::services::Services;
use crate::web::Flash;
use crate::workspaces::Permission;

/// An act that nobody does without having proved who they are: all that will be written, with the version of
/// what it is written to.
///
/// Fields are written and compared as JSON in the order of their declaration. None of them is a secret: acts
/// wait in the database.
pub trait Sensitive: Serialize + DeserializeOwned + Send + 'static {
    /// Its word.
    const ACT: Act;
    /// What a member needs to do it; `None` for what people do to their own account.
    const NEEDS: Option<Permission>;
    /// Whether it destroys or interrupts something: then it is confirmed by the stronger methods, as the
    /// workspace's policy says.
    const IS_DANGEROUS: bool;

    /// What it is done to.
    fn target(&self) -> Target;
}

/// An act as it waits for its proof.
pub struct Written {
    /// Its word.
    pub act: Act,
    /// What it is done to, as it is compared: kind and number.
    pub target: String,
    /// The act as JSON.
    pub body: String,
    /// Of all of it.
    pub digest: String,
}

impl Written {
    /// Writes an act.
    ///
    /// # Errors
    /// An act that cannot be written as JSON.
    pub fn new<A: Sensitive>(act: &A) -> Result<Self, serde_json::Error> {
        let target = act.target();
        let target = format!("{} {}", target.kind, target.id);
        let body = serde_json::to_string(act)?;
        // No part can run into the next: neither words nor targets hold a line break.
        let digest = digest(&format!("{}\n{target}\n{body}", A::ACT));
        Ok(Self { act: A::ACT, target, body, digest })
    }
}

/// What comes of doing an act.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<Result<(), Unperformed>, AppError>> + 'a>>;

/// A sensitive act that was read from its challenge: what its pages say, and what does it.
pub trait Waiting: Send {
    /// What it is called inside a sentence.
    fn in_sentence(&self, t: Texts) -> &'static str;

    /// What happens when it is done, before it is.
    fn effect(&self, t: Texts) -> Cow<'static, str>;

    /// Which of the things of its target it is about, or what it is to be: what that is called, and the thing. `None`
    /// where the target says it all.
    fn which(&self, t: Texts) -> Option<(&'static str, Cow<'static, str>)> {
        let _ = t;
        None
    }

    /// Where it begins.
    fn start(&self) -> String;

    /// Where one goes who calls it off.
    fn way_back(&self) -> String {
        self.start()
    }

    /// Where its result is seen.
    fn result(&self) -> String {
        self.start()
    }

    /// What its result says.
    fn flash(&self) -> Flash;

    /// Does it.
    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a>;
}
