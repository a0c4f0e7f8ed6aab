//! A challenge: one request to prove who one is, for one act.

use std::time::Duration;

use super::Method;
use crate::audit::{Act, INSTALLATION, Reason, Target, TargetKind};
use crate::clock::{UtcTime, hours, minutes};
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::notify::Channel;

/// How long a challenge waits.
pub const CHALLENGE_LIFETIME: Duration = minutes(10);
/// How long a code works that was sent.
pub const CODE_LIFETIME: Duration = minutes(5);
/// How long a proof that was not used at once works.
pub const PROOF_LIFETIME: Duration = minutes(5);
/// Codes that are compared for one challenge.
pub const ATTEMPTS_MAX: i64 = 5;
/// Numbers that are compared for the link of one challenge.
pub const NUMBERS_MAX: i64 = 3;
/// Challenges of one account that wait at once.
pub const OPEN_MAX: i64 = 3;

/// Codes of an account that are compared within a while, over all challenges, methods and sign-ins: the most,
/// and the while.
pub const WINDOWS: [(i64, Duration); 2] = [(10, hours(1)), (20, hours(24))];
/// Wrong codes in a row, without any right one, after which no code is compared until somebody else lifts it.
pub const CONSECUTIVE_MAX: i64 = 50;

/// A factor that is younger than this does not confirm dangerous acts and changes of factors where there is an older one.
pub const FACTOR_YOUNG_FOR: Duration = hours(24);

/// Between two codes that are sent to somebody by one channel, and to one address or number.
pub const SEND_PAUSE: Duration = minutes(1);
/// Codes that are sent to an account within a while.
pub const SENDS: [(i64, Duration); 2] = [(5, hours(1)), (10, hours(24))];
/// Codes that are sent to one address or number within a while, whoever asks.
pub const DESTINATION_SENDS: (i64, Duration) = (10, hours(24));
/// Codes that a network address has sent within an hour.
pub const NETWORK_SENDS: (i64, Duration) = (20, hours(1));

crate::words! {
    /// How far a challenge is.
    pub enum State {
        /// It waits for a code.
        Open = "open",
        /// The code was right, the act has not run.
        Granted = "granted",
        /// The act has run.
        Spent = "spent",
        /// Too many wrong codes.
        Locked = "locked",
        /// Nobody entered the right code in time.
        Expired = "expired",
        /// It was called off, or another took its place.
        Cancelled = "cancelled",
        /// Whoever got the mail said that it was not them.
        Disowned = "disowned",
    }
}

crate::words! {
    /// What codes are asked for; each has tries of its own.
    pub enum Purpose {
        /// A sensitive act.
        StepUp = "step_up",
        /// Signing in.
        SignIn = "sign_in",
    }
}

/// Who may answer a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A sign-in of a person, in a workspace or none.
    Session {
        /// The person.
        account: AccountId,
        /// The sign-in.
        session: SessionId,
        /// The workspace.
        workspace: Option<WorkspaceId>,
    },
    /// A browser that has begun to sign in: the digest of what its cookie holds.
    Browser(String),
}

impl Holder {
    /// The sign-in, if it is one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Session { session, .. } => Some(*session),
            Self::Browser(_) => None,
        }
    }
}

/// A challenge as it is stored.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::challenges)]
pub struct Challenge {
    /// Its name in addresses: 128 random bits.
    pub id: String,
    /// Whose.
    #[diesel(column_name = account_id)]
    pub account: AccountId,
    /// The sign-in that asked; `None` for signing in.
    #[diesel(column_name = session_id)]
    pub session: Option<SessionId>,
    /// The browser that is signing in.
    pub browser_digest: Option<String>,
    /// The workspace in which the act is.
    #[diesel(column_name = workspace_id)]
    pub workspace: Option<WorkspaceId>,
    /// The act.
    pub act: Act,
    /// What it is done to: kind and number.
    pub target: String,
    /// The name of that.
    pub target_name: String,
    /// The act as JSON.
    pub body: String,
    /// See [`super::act::Written`].
    pub digest: String,
    /// How far it is.
    pub state: State,
    /// The method that was chosen.
    pub method: Method,
    /// Codes that were tried.
    pub attempts: i64,
    /// A keyed digest of the code that was sent.
    pub code_digest: Option<String>,
    /// By what it was sent.
    pub code_channel: Option<Channel>,
    /// What page and mail both show.
    pub code_reference: Option<String>,
    /// Codes that were sent for it.
    pub code_sends: i64,
    /// When the last one was.
    pub code_sent_at: Option<UtcTime>,
    /// Until when it works.
    pub code_expires_at: Option<UtcTime>,
    /// The digest of the link that was sent with it.
    pub link_digest: Option<String>,
    /// The two digits that this page shows and the link's page asks for.
    pub link_number: Option<String>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Until when it waits.
    pub expires_at: UtcTime,
    /// Until when its proof works.
    pub proof_expires_at: Option<UtcTime>,
}

impl Challenge {
    /// How far it is at a moment: time ends what waits.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> State {
        let ends_at = match self.state {
            // The process ended before the last try was found wrong.
            State::Open if self.attempts >= ATTEMPTS_MAX => return State::Locked,
            State::Open => self.expires_at,
            State::Granted => self.proof_expires_at.unwrap_or(self.expires_at),
            ended => return ended,
        };
        if ends_at <= now { State::Expired } else { self.state }
    }

    /// Why it is not a holder's to answer where they are; `None` when it is.
    #[must_use]
    pub fn refused_to(&self, by: &Holder) -> Option<Reason> {
        match by {
            Holder::Session { account, .. } if *account != self.account => {
                Some(Reason::OtherAccount)
            }
            Holder::Session { session, .. } if Some(*session) != self.session => {
                Some(Reason::OtherSession)
            }
            Holder::Session { workspace, .. } if *workspace != self.workspace => {
                Some(Reason::OtherWorkspace)
            }
            Holder::Browser(digest) if self.browser_digest.as_ref() != Some(digest) => {
                Some(Reason::OtherSession)
            }
            Holder::Session { .. } | Holder::Browser(_) => None,
        }
    }

    /// What its codes are asked for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        if self.session.is_some() { Purpose::StepUp } else { Purpose::SignIn }
    }

    /// Tries that are left.
    #[must_use]
    pub fn left(&self) -> i64 {
        (ATTEMPTS_MAX - self.attempts).max(0)
    }

    /// What its act is done to, for the audit log.
    #[must_use]
    pub fn audit_target(&self) -> Target {
        let name = self.target_name.clone();
        let parts = self.target.split_once(' ');
        let parts = parts.and_then(|(kind, id)| Some((TargetKind::parse(kind)?, id.parse().ok()?)));
        match parts {
            Some((kind, id)) => Target { kind, id, name },
            None => Target::account(self.account, name),
        }
    }

    /// The chain of the audit log that its act belongs to.
    #[must_use]
    pub fn audit_chain(&self) -> WorkspaceId {
        self.workspace.unwrap_or(INSTALLATION)
    }

    /// The key of the mail that brought the latest code.
    #[must_use]
    pub fn mail_key(&self) -> String {
        mail_key(&self.id, self.code_sends)
    }
}

/// The key of the mail with the code that was sent as the `number`th for a challenge.
#[must_use]
pub fn mail_key(challenge: &str, number: i64) -> String {
    format!("step-up {challenge} {number}")
}
