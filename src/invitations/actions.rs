//! Inviting, sending again, taking back. Accepting is in [`accept`].

mod accept;

pub use accept::{Accepted, Newcomer, NewcomerBy, accept, accept_anew};

use super::store::{self, Invitation, NewInvitation, Which};
use super::{
    InviteMember, OPEN_MAX, SEND_PAUSE, SENDS_MAX, SENT_MAX, SENT_TO_ADDRESS_MAX, SENT_WITHIN,
    Standing, VALID_FOR,
};
use crate::accounts::Email;
use crate::accounts::store::{Credentials, credentials_by_email};
use crate::apps::switching::actions::reach;
use crate::audit::{self, Act, Changes, Event, Target};
use crate::clock::{UtcTime, Zone};
use crate::db::{Conn, DbError, Split, Stop};
use crate::disclosures::Subject;
use crate::disclosures::store::{disclosure, disclosure_keep};
use crate::error::AppError;
use crate::i18n::Language;
use crate::ids::{AccountId, InvitationId, SessionId, WorkspaceId};
use crate::members::actions::changes;
use crate::members::store::{
    MEMBERS_MAX, are_apps_there, manager, member, members_count, members_hold,
};
use crate::notify::{self, Mail, Message};
use crate::problem::{Problem, TeamProblem};
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::step_up::actions::{Asked, Unperformed, ask, perform};
use crate::step_up::forms::seconds;
use crate::step_up::{Asker, Proof};
use crate::web::urls;
use crate::workspaces::Grant;
use crate::workspaces::store::{reader_zone, time_zone, workspace_name};

/// How a link reaches whoever is invited.
pub enum Sent {
    /// By mail.
    Mailed,
    /// By whoever invites, since no mail goes out: the link, to be shown this once.
    ByHand(Secret),
}

/// A link for an invitation: the token and its digest.
struct Link {
    token: Secret,
    digest: String,
    is_mailed: bool,
}

impl Link {
    fn new(services: &Services) -> Self {
        let token = services.random.token();
        let digest = digest(&token);
        Self { token: Secret::new(token), digest, is_mailed: notify::is_set_up(services) }
    }

    fn sent(&self, base_url: &str) -> Sent {
        if self.is_mailed {
            return Sent::Mailed;
        }
        Sent::ByHand(Secret::new(format!("{base_url}{}", urls::invitation(self.token.expose()))))
    }
}

/// What comes of inviting.
pub enum Outcome {
    /// The invitation went out.
    Sent(Sent),
    /// It waits for a proof.
    Asked(Asked),
}

/// Invites an address; what has keys or members in hand only after a proof. Whether it has an account makes no
/// difference that whoever invites could see.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn invite(
    services: &Services,
    asker: &Asker,
    email: Email,
    grant: Grant,
) -> Result<Result<Outcome, Problem>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    if InviteMember::is_needed_for(grant.role) {
        let (by, checked, wanted, now) =
            (asker.account, email.clone(), grant.clone(), services.clock.now());
        let found = services.db.read::<_, Stop<Problem>>(move |conn| {
            let account = credentials_by_email(conn, &checked.key)?;
            obstacle(conn, (workspace, by), &checked, account.as_ref(), &wanted, now)?;
            Ok(workspace_name(conn, workspace)?)
        });
        let name = match found.await.split()? {
            Ok(name) => name,
            Err(problem) => return Ok(Err(problem)),
        };
        let Grant { role, reach } = grant;
        let act =
            InviteMember { workspace, name, email: email.text, role, reach, invitation: None };
        return Ok(Ok(Outcome::Asked(ask(services, asker, &act).await?)));
    }
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let link = Link::new(services);
    let made = services.db.write::<_, Stop<Problem>>(move |conn| {
        let (name, what) = insert(conn, &tools, &by, (workspace, &email, &grant), &link, now)?;
        let event = Event::done(Act::InviteMember, Target::workspace(workspace, name));
        audit::record(conn, &tools.vault, workspace, &by.actor, &event.changing(what), now)?;
        Ok(link)
    });
    let made = made.await.split()?;
    services.mail.ring();
    Ok(made.map(|link| Outcome::Sent(link.sent(&services.settings.base_url))))
}

/// Invites somebody, or sends another link, with a proof. Where no mail goes out the sign-in may look at the link for
/// a while.
///
/// # Errors
/// A failure of ours.
pub async fn invite_with_proof(
    services: &Services,
    asker: &Asker,
    act: InviteMember,
    proof: Proof<InviteMember>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let link = Link::new(services);
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let (act, workspace) = (spent.act(), reach(scope)?.workspace);
        let what = match act.invitation {
            None => {
                let email = Email::parse(&act.email).map_err(Stop::Refused)?;
                insert(conn, &tools, &by, (workspace, &email, &act.grant()), &link, now)?.1
            }
            Some(id) => {
                let found = store::invitations_open(conn, Which::One(workspace, id))?.pop();
                let is_it = |it: &Invitation| it.email == act.email && it.grant == act.grant();
                let invitation = found.filter(is_it).ok_or(CHANGED)?;
                send_again(conn, &tools, &by, &invitation, &link, now)?
            }
        };
        if let Sent::ByHand(url) = link.sent(&tools.settings.base_url)
            && let Some(session) = by.holder.session()
        {
            let keys = (&*tools.vault, &tools.random);
            let of = (Subject::Invitation, workspace.0);
            disclosure_keep(conn, keys, session, of, &url, now)?;
        }
        Ok(((), what))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

const CHANGED: Stop<Problem> = Stop::Refused(Problem::ChangedMeanwhile);

/// The link of an invitation to a workspace that this sign-in has just sent and nobody mails.
///
/// # Errors
/// The database's failure.
pub async fn link_by_hand(
    services: &Services,
    session: SessionId,
    workspace: WorkspaceId,
) -> Result<Option<Secret>, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let found = services
        .db
        .read(move |conn| disclosure(conn, &tools.vault, session, Subject::Invitation, now));
    Ok(found.await?.filter(|it| it.of == workspace.0).map(|it| it.secret))
}

/// Puts an invitation and its mail into a transaction; the workspace's name, and what the log says.
fn insert(
    conn: &mut Conn,
    services: &Services,
    by: &Asker,
    (workspace, email, grant): (WorkspaceId, &Email, &Grant),
    link: &Link,
    now: UtcTime,
) -> Result<(String, Changes), Stop<Problem>> {
    members_hold(conn, workspace)?;
    let account = credentials_by_email(conn, &email.key)?;
    obstacle(conn, (workspace, by.account), email, account.as_ref(), grant, now)?;
    // One that is too old makes room by itself.
    for old in store::invitations_open(conn, Which::To(workspace, &email.key))? {
        store::invitation_cancel(conn, workspace, old.id, now)?;
        notify::withdraw(conn, &old.mail_key(), now)?;
    }
    if link.is_mailed {
        count(conn, workspace, &email.key, now)?;
    }
    let expires_at = now.plus(VALID_FOR);
    let new = NewInvitation {
        workspace,
        email,
        grant,
        by: by.account,
        link_digest: &link.digest,
        is_mailed: link.is_mailed,
        expires_at,
    };
    let id = store::invitation_insert(conn, &new, now)?;
    let name = workspace_name(conn, workspace)?;
    if link.is_mailed {
        let language = account.as_ref().map_or(by.language, |account| account.language);
        let zone = zone_of(conn, account.as_ref(), workspace)?;
        let message = message(link, &name, (by, language), grant, expires_at);
        mail(conn, services, (id, 1), (&email.text, language, &zone), &message, now)?;
    }
    Ok((name, changes(None, Some(grant)).with("email", &email.text)))
}

/// Sees that nothing is in the way of an invitation: who invites, whom and to what, and that there is room.
fn obstacle(
    conn: &mut Conn,
    (workspace, by): (WorkspaceId, AccountId),
    email: &Email,
    account: Option<&Credentials>,
    grant: &Grant,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let refused = |problem| Err(Stop::Refused(Problem::Team(problem)));
    if !manager(conn, workspace, by)?.may_manage(grant.role) {
        return refused(TeamProblem::NotYoursToManage);
    }
    if let Some(account) = account
        && member(conn, workspace, account.id)?.is_some()
    {
        return refused(TeamProblem::AlreadyMember);
    }
    let open = store::invitations_open(conn, Which::To(workspace, &email.key))?;
    if open.iter().any(|one| one.standing(now) == Standing::Good) {
        return refused(TeamProblem::AlreadyInvited);
    }
    let too_old = i64::try_from(open.len()).unwrap_or_default();
    if store::invitations_count(conn, workspace)? - too_old >= OPEN_MAX {
        return refused(TeamProblem::TooManyInvitations { max: OPEN_MAX });
    }
    if members_count(conn, workspace)? >= MEMBERS_MAX {
        return refused(TeamProblem::TooManyMembers { max: MEMBERS_MAX });
    }
    if !grant.is_possible() || !are_apps_there(conn, workspace, grant.reach.apps())? {
        return Err(Stop::Refused(Problem::UnknownChoice));
    }
    Ok(())
}

/// Sees that a workspace has not sent too many mails, while its members are held.
fn count(
    conn: &mut Conn,
    workspace: WorkspaceId,
    email_key: &str,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    let since = now.minus(SENT_WITHIN);
    let (to_address, in_all) = store::invitations_sent(conn, workspace, email_key, since)?;
    if to_address >= SENT_TO_ADDRESS_MAX || in_all >= SENT_MAX {
        return Err(Stop::Refused(Problem::Team(TeamProblem::InvitationsFull)));
    }
    Ok(())
}

fn message(
    link: &Link,
    workspace: &str,
    (by, language): (&Asker, Language),
    grant: &Grant,
    expires_at: UtcTime,
) -> Message {
    Message::Invitation {
        token: link.token.clone(),
        workspace: workspace.to_owned(),
        inviter: by.actor.name.clone(),
        inviter_email: by.email.clone(),
        role: grant.role,
        reach: grant.reach.name(language.texts()),
        expires_at,
    }
}

/// The zone that whoever is invited is told times in: their own, or the workspace's.
fn zone_of(
    conn: &mut Conn,
    account: Option<&Credentials>,
    workspace: WorkspaceId,
) -> Result<Zone, DbError> {
    match account {
        Some(account) => reader_zone(conn, account.id, Some(workspace)),
        None => {
            let name = time_zone(conn, workspace)?;
            Ok(name.as_deref().and_then(Zone::named).unwrap_or_else(Zone::utc))
        }
    }
}

fn mail(
    conn: &mut Conn,
    services: &Services,
    (id, number): (InvitationId, i64),
    (recipient, language, zone): (&str, Language, &Zone),
    message: &Message,
    now: UtcTime,
) -> Result<(), DbError> {
    let mail = Mail { key: &store::mail_key(id, number), recipient, language, zone, message };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}

/// Sends an open invitation again, with another link and in the name of whoever does so; as for inviting, perhaps only
/// after a proof. `None` when there is no such invitation.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn resend(
    services: &Services,
    asker: &Asker,
    id: InvitationId,
) -> Result<Option<(String, Result<Outcome, Problem>)>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let found = services.db.read::<_, Stop<Problem>>(move |conn| {
        let manager = manager(conn, workspace, by.account)?;
        let found = store::invitations_open(conn, Which::One(workspace, id))?.pop();
        Ok(found.map(|it| (manager.may_manage(it.grant.role), it)))
    });
    // Whoever manages nobody any more finds no invitation.
    let Some((is_theirs, invitation)) = found.await.split()?.ok().flatten() else {
        return Ok(None);
    };
    let email = invitation.email.clone();
    if !is_theirs {
        let problem = Problem::Team(TeamProblem::NotYoursToManage);
        return Ok(Some((email, Err(problem))));
    }
    if InviteMember::is_needed_for(invitation.grant.role) {
        let (name, Grant { role, reach }) = (invitation.workspace_name, invitation.grant);
        let invitation = Some(id);
        let act = InviteMember { workspace, name, email: email.clone(), role, reach, invitation };
        let waits = Outcome::Asked(ask(services, asker, &act).await?);
        return Ok(Some((email, Ok(waits))));
    }
    let (link, by) = (Link::new(services), asker.clone());
    let sent = services.db.write::<_, Stop<Problem>>(move |conn| {
        let what = send_again(conn, &tools, &by, &invitation, &link, now)?;
        let target = Target::workspace(workspace, invitation.workspace_name);
        let event = Event::done(Act::InviteMember, target).changing(what);
        audit::record(conn, &tools.vault, workspace, &by.actor, &event, now)?;
        Ok(link)
    });
    let sent = sent.await.split()?;
    services.mail.ring();
    let sent = sent.map(|link| Outcome::Sent(link.sent(&services.settings.base_url)));
    Ok(Some((email, sent)))
}

/// Puts another link for an invitation and its mail into a transaction; what the log says.
fn send_again(
    conn: &mut Conn,
    services: &Services,
    by: &Asker,
    invitation: &Invitation,
    link: &Link,
    now: UtcTime,
) -> Result<Changes, Stop<Problem>> {
    let (workspace, grant) = (invitation.workspace, &invitation.grant);
    members_hold(conn, workspace)?;
    if !manager(conn, workspace, by.account)?.may_manage(grant.role) {
        return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
    }
    let account = credentials_by_email(conn, &invitation.email_key)?;
    renew(conn, invitation, by, link, now)?;
    if link.is_mailed {
        let language = account.as_ref().map_or(by.language, |account| account.language);
        let zone = zone_of(conn, account.as_ref(), workspace)?;
        let (name, until) = (&invitation.workspace_name, now.plus(VALID_FOR));
        let message = message(link, name, (by, language), grant, until);
        let which = (invitation.id, invitation.sends + 1);
        mail(conn, services, which, (&invitation.email, language, &zone), &message, now)?;
    }
    Ok(changes(None, Some(grant)).with("email", &invitation.email))
}

fn renew(
    conn: &mut Conn,
    invitation: &Invitation,
    by: &Asker,
    link: &Link,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    if link.is_mailed {
        count(conn, invitation.workspace, &invitation.email_key, now)?;
    }
    let renewed = (by.account, &*link.digest, link.is_mailed);
    if store::invitation_renew(conn, invitation.id, renewed, now.plus(VALID_FOR), now)? {
        notify::withdraw(conn, &invitation.mail_key(), now)?;
        return Ok(());
    }
    // As it was read a moment ago, or somebody was quicker and it was just sent.
    let until = invitation.sent_at.plus(SEND_PAUSE);
    let problem = if link.is_mailed && invitation.sends >= SENDS_MAX {
        Problem::Team(TeamProblem::InvitationsFull)
    } else {
        Problem::Team(TeamProblem::InvitationPause { seconds: seconds(until, now).max(1) })
    };
    Err(Stop::Refused(problem))
}

/// Takes an invitation back; to which address, or `None` when there is no such open one.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn cancel(
    services: &Services,
    asker: &Asker,
    id: InvitationId,
) -> Result<Option<String>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let cancelled = services.db.write::<_, DbError>(move |conn| {
        let found = store::invitations_open(conn, Which::One(workspace, id))?.pop();
        let Some(invitation) = found else { return Ok(None) };
        if !store::invitation_cancel(conn, workspace, id, now)? {
            return Ok(None);
        }
        notify::withdraw(conn, &invitation.mail_key(), now)?;
        let target = Target::workspace(workspace, invitation.workspace_name);
        let what = changes(Some(&invitation.grant), None).from_to("email", &invitation.email, "");
        let event = Event::done(Act::CancelInvitation, target).changing(what);
        audit::record(conn, &tools.vault, workspace, &by.actor, &event, now)?;
        Ok(Some(invitation.email))
    });
    Ok(cancelled.await?)
}

/// The open invitation behind a link's token, with whether its address has an account; `None` for a link that leads
/// nowhere.
///
/// # Errors
/// The database's failure.
pub async fn find(services: &Services, token: &str) -> Result<Option<(Invitation, bool)>, DbError> {
    let link = digest(token);
    let found = services.db.read(move |conn| {
        let Some(invitation) = store::invitations_open(conn, Which::Link(&link))?.pop() else {
            return Ok(None);
        };
        let is_known = credentials_by_email(conn, &invitation.email_key)?.is_some();
        Ok(Some((invitation, is_known)))
    });
    found.await
}
