//! Accepting an invitation: by somebody who has an account, or by making one.

use crate::accounts::Email;
use crate::accounts::email::canonical;
use crate::accounts::store::{NewAccount, account_insert, email_confirm, email_is_verified};
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::clock::UtcTime;
use crate::db::{Conn, Split, Stop};
use crate::devices::{self, store::device_note};
use crate::error::AppError;
use crate::i18n::Language;
use crate::identities::Who;
use crate::identities::store::identity_insert;
use crate::ids::{AccountId, SessionId};
use crate::invitations::Standing;
use crate::invitations::store::{self, Invitation, Which};
use crate::members::actions::{changes, tell, tell_of_newcomer};
use crate::members::store::{MEMBERS_MAX, member, members_count, members_hold};
use crate::notify::MembershipChange;
use crate::problem::{Problem, TeamProblem};
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::sessions::store::{NewSession, session_enter, session_insert, session_is_alive};
use crate::sessions::{LIFETIME, Person};
use crate::workspaces::store::member_insert;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// They are a member of this workspace now.
    Joined(String),
    /// They were one before, and stay what they were.
    WasMember(String),
}

/// Why an invitation was not accepted.
enum Refusal {
    /// It does not work, or not for this person: its page says why.
    NotNow,
    /// Something that the person can mend.
    Problem(Problem),
}

/// The invitation behind a digest, used up, with the workspace's members held: of parallel uses one gets it.
fn take(conn: &mut Conn, link: &str, now: UtcTime) -> Result<Invitation, Stop<Refusal>> {
    let find = |conn: &mut Conn| store::invitations_open(conn, Which::Link(link));
    let gone = || Stop::Refused(Refusal::NotNow);
    let workspace = find(conn)?.pop().ok_or_else(gone)?.workspace;
    members_hold(conn, workspace)?;
    // As it is now that nobody can change who is what.
    let invitation = find(conn)?.pop().ok_or_else(gone)?;
    let is_used = invitation.standing(now) == Standing::Good
        && store::invitation_use(conn, invitation.id, link, now)?;
    if is_used { Ok(invitation) } else { Err(gone()) }
}

/// Makes an account a member as an invitation says, and tells them; what the audit log is to say, last.
fn join(
    conn: &mut Conn,
    services: &Services,
    invitation: &Invitation,
    account: AccountId,
    now: UtcTime,
) -> Result<Event, Stop<Refusal>> {
    let workspace = invitation.workspace;
    if members_count(conn, workspace)? >= MEMBERS_MAX {
        let problem = Problem::Team(TeamProblem::TooManyMembers { max: MEMBERS_MAX });
        return Err(Stop::Refused(Refusal::Problem(problem)));
    }
    member_insert(conn, workspace, account, &invitation.grant, now)?;
    // Whoever follows a link that was mailed reads the mail of the address.
    if invitation.sends > 0 && !email_is_verified(conn, account)? {
        email_confirm(conn, account, &invitation.email_key, now)?;
    }
    let Some(made) = member(conn, workspace, account)? else {
        return Err(Stop::Refused(Refusal::NotNow));
    };
    let told = (MembershipChange::Added, &invitation.grant, &*invitation.inviter.name);
    tell(conn, services, workspace, &made, told, now)?;
    tell_of_newcomer(conn, services, (workspace, &made, &invitation.inviter), now)?;
    let what = changes(None, Some(&invitation.grant)).with("invited_by", &invitation.inviter.name);
    let event = Event::done(Act::AcceptInvitation, Target::account(account, made.name));
    Ok(event.changing(what))
}

/// Accepts an invitation as somebody who is signed in with its address, and goes to the workspace. `None` when it does
/// not work, or is for somebody else.
///
/// # Errors
/// A failure of ours.
pub async fn accept(
    services: &Services,
    person: &Person,
    token: &str,
    actor: Actor,
) -> Result<Option<Result<Accepted, Problem>>, AppError> {
    let (tools, link, now) = (services.clone(), digest(token), services.clock.now());
    let (account, session, key) = (person.account, person.session, canonical(&person.email));
    let done = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let invitation = take(conn, &link, now)?;
        if invitation.email_key != key || !session_is_alive(conn, session, now)? {
            return Err(Stop::Refused(Refusal::NotNow));
        }
        let (workspace, name) = (invitation.workspace, invitation.workspace_name.clone());
        let was_member = member(conn, workspace, account)?.is_some();
        let joined =
            if was_member { None } else { Some(join(conn, &tools, &invitation, account, now)?) };
        session_enter(conn, session, account, workspace)?;
        if let Some(event) = joined {
            audit::record(conn, &tools.vault, workspace, &actor, &event, now)?;
        }
        Ok(if was_member { Accepted::WasMember(name) } else { Accepted::Joined(name) })
    });
    answered(services, done.await)
}

/// Somebody who makes an account to accept an invitation.
pub struct Newcomer {
    /// Their name.
    pub name: String,
    /// By what they will sign in.
    pub by: NewcomerBy,
    /// Their language.
    pub language: Language,
}

/// By what somebody who makes an account will sign in.
pub enum NewcomerBy {
    /// A password that they have chosen.
    Password(Secret),
    /// An identity that they have shown; the account has no password then.
    Identity(Who),
}

/// Makes an account for the address of an invitation, accepts it and signs in: all or nothing. `None` when the
/// invitation does not work, or its address has an account.
///
/// # Errors
/// A failure of ours.
pub async fn accept_anew(
    services: &Services,
    token: &str,
    newcomer: Newcomer,
    (from, device): (Actor, String),
) -> Result<Option<Result<(SessionId, String), Problem>>, AppError> {
    let (hash, who) = match newcomer.by {
        NewcomerBy::Password(password) => {
            (Some(services.passwords.hash(password, &services.random).await?), None)
        }
        NewcomerBy::Identity(who) => (None, Some(who)),
    };
    let (tools, link, now) = (services.clone(), digest(token), services.clock.now());
    let (name, language) = (newcomer.name, newcomer.language);
    let done = services.db.write::<_, Stop<Refusal>>(move |conn| {
        let invitation = take(conn, &link, now)?;
        let email = Email { text: invitation.email.clone(), key: invitation.email_key.clone() };
        let new = NewAccount {
            email: &email,
            name: &name,
            password_hash: hash.as_deref(),
            language,
            is_operator: false,
        };
        let account = account_insert(conn, &new, now).map_err(not_now)?;
        if let Some(who) = &who {
            identity_insert(conn, (&tools.random.hex::<16>(), account), who, now)
                .map_err(not_now)?;
        }
        let actor = from.as_person(account, &name, &email.text);
        let joined = join(conn, &tools, &invitation, account, now)?;
        let session = NewSession {
            account,
            address: &actor.address,
            user_agent: &actor.user_agent,
            expires_at: now.plus(LIFETIME),
        };
        let (session, _) = session_insert(conn, &session, now)?;
        device_note(conn, account, &devices::digest_of(account, &device), now)?;
        let connected = who.map(|who| {
            let what = Changes::default().with("identity", who.label);
            Event::done(Act::ConnectIdentity, Target::account(account, &*name)).changing(what)
        });
        for event in std::iter::once(joined).chain(connected) {
            let vault = &tools.vault;
            audit::record(conn, vault, invitation.workspace, &actor, &event, now)?;
        }
        Ok((session, invitation.workspace_name))
    });
    answered(services, done.await)
}

/// What somebody else has made meanwhile: the account, or the connection of the identity.
fn not_now(stop: Stop<Problem>) -> Stop<Refusal> {
    match stop {
        Stop::Refused(_) => Stop::Refused(Refusal::NotNow),
        Stop::Broken(error) => Stop::Broken(error),
    }
}

fn answered<T>(
    services: &Services,
    done: Result<T, Stop<Refusal>>,
) -> Result<Option<Result<T, Problem>>, AppError> {
    services.mail.ring();
    match done.split()? {
        Ok(done) => Ok(Some(Ok(done))),
        Err(Refusal::Problem(problem)) => Ok(Some(Err(problem))),
        Err(Refusal::NotNow) => Ok(None),
    }
}
