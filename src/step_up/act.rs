//! Sensitive acts: what a proof is for.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::audit::{Act, Target};
use crate::secret::digest;
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
