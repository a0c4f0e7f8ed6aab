//! All sensitive acts. A new one is an act of its feature that is [`Sensitive`] and [`Waiting`], and a line here.

use super::actions::Unperformed;
use super::{Asker, Challenge, Granted, Sensitive, Waiting};
use crate::accounts::address::ChangeEmail;
use crate::api_keys::{CreateApiKey, RevokeApiKey, RollApiKey};
use crate::apps::switching::{DeleteApp, DisableApp};
use crate::audit::Act;
use crate::authenticators::{AddAuthenticator, RemoveAuthenticator, ReplaceAuthenticator};
use crate::credentials::{ResetCertificate, RevealKey};
use crate::error::AppError;
use crate::identities::{ConnectIdentity, DisconnectIdentity};
use crate::invitations::InviteMember;
use crate::members::{ChangeMember, HandOver, RemoveMember};
use crate::passkeys::{AddPasskey, RemovePasskey};
use crate::phones::{ChangePhone, RemovePhone};
use crate::recovery::RenewRecoveryCodes;
use crate::services::Services;
use crate::web::Flash;
use crate::workspaces::settings::ChangePolicy;

/// An act that needs a proof.
pub struct Registered {
    /// Its word.
    pub act: Act,
    /// Whether it destroys or interrupts something.
    pub is_dangerous: bool,
    /// Whether people do it to their own account.
    pub is_own: bool,
    read: fn(&str) -> Option<Box<dyn Waiting>>,
}

const fn registered<A: Sensitive + Waiting>() -> Registered {
    Registered {
        act: A::ACT,
        is_dangerous: A::IS_DANGEROUS,
        is_own: A::NEEDS.is_none(),
        read: read_as::<A>,
    }
}

fn read_as<A: Sensitive + Waiting>(body: &str) -> Option<Box<dyn Waiting>> {
    serde_json::from_str::<A>(body).ok().map(|act| Box::new(act) as Box<dyn Waiting>)
}

/// The acts that need a proof.
pub const SENSITIVE: &[Registered] = &[
    registered::<DisableApp>(),
    registered::<DeleteApp>(),
    registered::<ResetCertificate>(),
    registered::<RevealKey>(),
    registered::<CreateApiKey>(),
    registered::<RollApiKey>(),
    registered::<RevokeApiKey>(),
    registered::<InviteMember>(),
    registered::<ChangeMember>(),
    registered::<RemoveMember>(),
    registered::<HandOver>(),
    registered::<ChangePolicy>(),
    registered::<ReplaceAuthenticator>(),
    registered::<RemoveAuthenticator>(),
    registered::<AddPasskey>(),
    registered::<RemovePasskey>(),
    registered::<RenewRecoveryCodes>(),
    registered::<ChangePhone>(),
    registered::<RemovePhone>(),
    registered::<ChangeEmail>(),
    registered::<ConnectIdentity>(),
    registered::<DisconnectIdentity>(),
    registered::<AddAuthenticator>(),
];

/// An act by its word; `None` for what needs no proof.
#[must_use]
pub fn find(act: Act) -> Option<&'static Registered> {
    SENSITIVE.iter().find(|registered| registered.act == act)
}

/// Reads an act as it waits; `None` for one of another version of the program, and for what needs no proof.
#[must_use]
pub fn read(act: Act, body: &str) -> Option<Box<dyn Waiting>> {
    (find(act)?.read)(body)
}

/// Reads the act of a challenge, likewise.
#[must_use]
pub fn waiting(challenge: &Challenge) -> Option<Box<dyn Waiting>> {
    read(challenge.act, &challenge.body)
}

/// What was done, and where it is seen.
pub struct Done {
    /// The page.
    pub path: String,
    /// What it says.
    pub flash: Flash,
}

/// Does the act of a challenge that was passed.
///
/// # Errors
/// A failure of ours; an act of another version of the program counts as one that does not exist.
pub async fn run(
    services: &Services,
    asker: &Asker,
    granted: Granted,
) -> Result<Result<Done, Unperformed>, AppError> {
    let act = waiting(granted.challenge()).ok_or(AppError::NotFound)?;
    let done = Done { path: act.result(), flash: act.flash() };
    Ok(act.perform(services, asker, granted).await?.map(|()| done))
}
