//! Inviting, sending again, taking back. Accepting is in [`accept`].

mod accept;

pub use accept::{Accepted, Newcomer, NewcomerBy, accept, accept_anew};

use super::store::{self, Invitation, NewInvitation, Which};
use super::{
    OPEN_MAX, SEND_PAUSE, SENDS_MAX, SENT_MAX, SENT_TO_ADDRESS_MAX, SENT_WITHIN, Standing,
    VALID_FOR,
};
use crate::accounts::Email;
use crate::accounts::store::{Credentials, credentials_by_email};
use crate::audit::{self, Act, Event, Target};
use crate::clock::{UtcTime, Zone};
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::i18n::Language;
use crate::ids::{InvitationId, WorkspaceId};
use crate::members::actions::changes;
use crate::members::store::{
    MEMBERS_MAX, are_apps_there, manager, member, members_count, members_hold,
};
use crate::notify::{self, Mail, Message};
use crate::problem::{Problem, TeamProblem};
use crate::secret::{Secret, digest};
use crate::services::Services;
use crate::step_up::Asker;
use crate::step_up::forms::seconds;
use crate::web::urls;
use crate::workspaces::Grant;
use crate::workspaces::store::{time_zone, workspace_name};

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

    fn sent(self, base_url: &str) -> Sent {
        if self.is_mailed {
            return Sent::Mailed;
        }
        Sent::ByHand(Secret::new(format!("{base_url}{}", urls::invitation(self.token.expose()))))
    }
}

/// Invites an address. Whether it has an account makes no difference that whoever invites could see.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn invite(
    services: &Services,
    asker: &Asker,
    email: Email,
    grant: Grant,
) -> Result<Result<Sent, Problem>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let link = Link::new(services);
    let made = services.db.write::<_, Stop<Problem>>(move |conn| {
        members_hold(conn, workspace)?;
        if !manager(conn, workspace, by.account)?.may_manage(grant.role) {
            return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
        }
        let account = credentials_by_email(conn, &email.key)?;
        make_room(conn, workspace, &email, account.as_ref(), now)?;
        if link.is_mailed {
            count(conn, workspace, &email.key, now)?;
        }
        if !grant.is_possible() || !are_apps_there(conn, workspace, grant.reach.apps())? {
            return Err(Stop::Refused(Problem::UnknownChoice));
        }
        let expires_at = now.plus(VALID_FOR);
        let new = NewInvitation {
            workspace,
            email: &email,
            grant: &grant,
            by: by.account,
            link_digest: &link.digest,
            is_mailed: link.is_mailed,
            expires_at,
        };
        let id = store::invitation_insert(conn, &new, now)?;
        let name = workspace_name(conn, workspace)?;
        if link.is_mailed {
            let language = account.map_or(by.language, |account| account.language);
            let message = message(&link, &name, &by, &grant, expires_at);
            mail(conn, &tools, (workspace, id, 1), (&email.text, language), &message, now)?;
        }
        let event = Event::done(Act::InviteMember, Target::workspace(workspace, name));
        let what = changes(None, Some(&grant)).with("email", &email.text);
        audit::record(conn, &tools.vault, workspace, &by.actor, &event.changing(what), now)?;
        Ok(link)
    });
    let made = made.await.split()?;
    services.mail.ring();
    Ok(made.map(|link| link.sent(&services.settings.base_url)))
}

/// Sees that there is room for an invitation to an address. One that is too old makes room by itself.
fn make_room(
    conn: &mut Conn,
    workspace: WorkspaceId,
    email: &Email,
    account: Option<&Credentials>,
    now: UtcTime,
) -> Result<(), Stop<Problem>> {
    if let Some(account) = account
        && member(conn, workspace, account.id)?.is_some()
    {
        return Err(Stop::Refused(Problem::Team(TeamProblem::AlreadyMember)));
    }
    for open in store::invitations_open(conn, Which::To(workspace, &email.key))? {
        if open.standing(now) == Standing::Good {
            return Err(Stop::Refused(Problem::Team(TeamProblem::AlreadyInvited)));
        }
        store::invitation_cancel(conn, workspace, open.id, now)?;
        notify::withdraw(conn, &open.mail_key(), now)?;
    }
    if store::invitations_count(conn, workspace)? >= OPEN_MAX {
        return Err(Stop::Refused(Problem::Team(TeamProblem::TooManyInvitations {
            max: OPEN_MAX,
        })));
    }
    if members_count(conn, workspace)? >= MEMBERS_MAX {
        return Err(Stop::Refused(Problem::Team(TeamProblem::TooManyMembers { max: MEMBERS_MAX })));
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
    by: &Asker,
    grant: &Grant,
    expires_at: UtcTime,
) -> Message {
    Message::Invitation {
        token: link.token.clone(),
        workspace: workspace.to_owned(),
        inviter: by.actor.name.clone(),
        role: grant.role,
        expires_at,
    }
}

fn mail(
    conn: &mut Conn,
    services: &Services,
    (workspace, id, number): (WorkspaceId, InvitationId, i64),
    (recipient, language): (&str, Language),
    message: &Message,
    now: UtcTime,
) -> Result<(), DbError> {
    let zone = time_zone(conn, workspace)?.as_deref().and_then(Zone::named);
    let mail = Mail {
        key: &store::mail_key(id, number),
        recipient,
        language,
        zone: &zone.unwrap_or_else(Zone::utc),
        message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}

/// Sends an open invitation again, with another link and in the name of whoever does so. `None` when there is no
/// such invitation.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn resend(
    services: &Services,
    asker: &Asker,
    id: InvitationId,
) -> Result<Option<(String, Result<Sent, Problem>)>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let found = services
        .db
        .read::<_, DbError>(move |conn| store::invitations_open(conn, Which::One(workspace, id)));
    let Some(invitation) = found.await?.pop() else { return Ok(None) };
    let (link, email) = (Link::new(services), invitation.email.clone());
    let sent = services.db.write::<_, Stop<Problem>>(move |conn| {
        members_hold(conn, workspace)?;
        if !manager(conn, workspace, by.account)?.may_manage(invitation.grant.role) {
            return Err(Stop::Refused(Problem::Team(TeamProblem::NotYoursToManage)));
        }
        let account = credentials_by_email(conn, &invitation.email_key)?;
        renew(conn, &invitation, &by, &link, now)?;
        if link.is_mailed {
            let expires_at = now.plus(VALID_FOR);
            let language = account.map_or(by.language, |account| account.language);
            let name = &invitation.workspace_name;
            let message = message(&link, name, &by, &invitation.grant, expires_at);
            let which = (workspace, id, invitation.sends + 1);
            mail(conn, &tools, which, (&invitation.email, language), &message, now)?;
        }
        let target = Target::workspace(workspace, invitation.workspace_name.clone());
        let what = changes(None, Some(&invitation.grant)).with("email", &invitation.email);
        let event = Event::done(Act::InviteMember, target).changing(what);
        audit::record(conn, &tools.vault, workspace, &by.actor, &event, now)?;
        Ok(link)
    });
    let sent = sent.await.split()?;
    services.mail.ring();
    Ok(Some((email, sent.map(|link| link.sent(&services.settings.base_url)))))
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
