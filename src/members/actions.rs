//! Changing and removing members, handing a workspace over, leaving it.

use super::store::{self, Member};
use super::{ChangeMember, HandOver, RemoveMember};
use crate::accounts::store::owner;
use crate::apps::switching::actions::reach;
use crate::audit::{self, Act, Changes, Event, Target};
use crate::clock::UtcTime;
use crate::db::{Conn, DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::{AccountId, WorkspaceId};
use crate::invitations::Inviter;
use crate::notify::{self, Mail, MembershipChange, Message};
use crate::problem::Problem;
use crate::services::Services;
use crate::step_up::actions::{Unperformed, end_in_workspace, perform};
use crate::step_up::store::tries_hold;
use crate::step_up::{Asker, Proof};
use crate::workspaces::Permission;
use crate::workspaces::store::{owners, reader_zone, workspace_name};
use crate::workspaces::{Grant, Role};

/// What the audit log says of what somebody is given and had before.
#[must_use]
pub fn changes(before: Option<&Grant>, after: Option<&Grant>) -> Changes {
    let role = |grant: Option<&Grant>| grant.map_or("", |grant| grant.role.as_str());
    let reach =
        |grant: Option<&Grant>| grant.map(|grant| grant.reach.in_full()).unwrap_or_default();
    Changes::default().from_to("role", role(before), role(after)).from_to(
        "reach",
        reach(before),
        reach(after),
    )
}

/// Gives a member another role or reach.
///
/// # Errors
/// A failure of ours.
pub async fn change(
    services: &Services,
    asker: &Asker,
    act: ChangeMember,
    proof: Proof<ChangeMember>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let workspace = reach(scope)?.workspace;
        let before = store::member_change(conn, spent, workspace, by.account)?;
        let grant = spent.act().grant();
        let told = (MembershipChange::Changed, &grant, &*by.actor.name);
        tell(conn, &tools, workspace, &before, told, now)?;
        Ok(((), changes(Some(&before.grant), Some(&grant))))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Removes a member: from the next request on they reach nothing here.
///
/// # Errors
/// A failure of ours.
pub async fn remove(
    services: &Services,
    asker: &Asker,
    act: RemoveMember,
    proof: Proof<RemoveMember>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let account = act.account;
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let workspace = reach(scope)?.workspace;
        let before = store::member_remove(conn, spent, workspace, by.account, now)?;
        let told = (MembershipChange::Removed, &before.grant, &*by.actor.name);
        tell(conn, &tools, workspace, &before, told, now)?;
        Ok((workspace, changes(Some(&before.grant), None)))
    });
    match done.await? {
        Ok(workspace) => {
            services.mail.ring();
            end_waiting(services, (account, workspace)).await?;
            Ok(Ok(()))
        }
        Err(unperformed) => Ok(Err(unperformed)),
    }
}

/// Ends what somebody who is a member no more was asked to prove. None of it could have been done; in a transaction
/// of its own, since two who remove each other would wait for each other's challenges in a circle.
async fn end_waiting(
    services: &Services,
    (account, workspace): (AccountId, WorkspaceId),
) -> Result<(), DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let ended = services.db.write(move |conn| {
        tries_hold(conn, account)?;
        end_in_workspace(conn, &tools, (account, workspace), now)
    });
    ended.await
}

/// Makes another member the owner, and whoever asks an admin.
///
/// # Errors
/// A failure of ours.
pub async fn hand_over(
    services: &Services,
    asker: &Asker,
    act: HandOver,
    proof: Proof<HandOver>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, scope| {
        let workspace = reach(scope)?.workspace;
        let (next, last) = store::member_hand_over(conn, spent, workspace, by.account)?;
        for (member, change, role) in [
            (&next, MembershipChange::TookOver, Role::Owner),
            (&last, MembershipChange::HandedOver, Role::Admin),
        ] {
            let told = (change, &Grant::whole(role), &*by.actor.name);
            tell(conn, &tools, workspace, member, told, now)?;
        }
        let (owner, admin) = (Grant::whole(Role::Owner), Role::Admin.as_str());
        let changes = changes(Some(&next.grant), Some(&owner));
        Ok(((), changes.from_to("own_role", last.grant.role.as_str(), admin)))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// Takes whoever asks out of the workspace that they are in. Refused to its last owner.
///
/// # Errors
/// [`AppError::NoWorkspace`], or a failure of ours.
pub async fn leave(services: &Services, asker: &Asker) -> Result<Result<(), Problem>, AppError> {
    let workspace = asker.scope.as_ref().ok_or(AppError::NoWorkspace)?.workspace;
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let left = services.db.write::<_, Stop<Problem>>(move |conn| {
        tries_hold(conn, by.account)?;
        let before = store::member_leave(conn, workspace, by.account)?;
        let told = (MembershipChange::Left, &before.grant, &*by.actor.name);
        tell(conn, &tools, workspace, &before, told, now)?;
        end_in_workspace(conn, &tools, (by.account, workspace), now)?;
        let target = Target::account(before.account, before.name);
        let event = Event::done(Act::LeaveWorkspace, target);
        let event = event.changing(changes(Some(&before.grant), None));
        Ok(audit::record(conn, &tools.vault, workspace, &by.actor, &event, now)?)
    });
    let left = left.await.split()?;
    services.mail.ring();
    Ok(left)
}

/// Owners of a workspace who are told that somebody has joined.
const TOLD_MAX: i64 = 20;

/// Puts the mail into the outbox that says that somebody has accepted an invitation: for whoever invited, and for
/// everybody who is an owner where the newcomer manages members too.
///
/// # Errors
/// The database's failure.
pub fn tell_of_newcomer(
    conn: &mut Conn,
    services: &Services,
    (workspace, newcomer, inviter): (WorkspaceId, &Member, &Inviter),
    now: UtcTime,
) -> Result<(), DbError> {
    let role = newcomer.grant.role;
    let inviting = owner(conn, inviter.account)?.map(|it| (it.id, it.email, it.language));
    let mut told: Vec<_> = inviting.into_iter().collect();
    if role.may(Permission::ManageMembers) {
        let owners = owners(conn, workspace, TOLD_MAX)?;
        told.extend(owners.into_iter().filter(|(id, ..)| *id != inviter.account));
    }
    told.retain(|(id, ..)| *id != newcomer.account);
    let message = Message::MemberJoined {
        workspace: workspace_name(conn, workspace)?,
        name: newcomer.name.clone(),
        email: newcomer.email.clone(),
        role,
        by: inviter.name.clone(),
        at: now,
    };
    for (id, email, language) in told {
        let mail = Mail {
            key: &format!("joined {}", services.random.hex::<16>()),
            recipient: &email,
            language,
            zone: &reader_zone(conn, id, Some(workspace))?,
            message: &message,
        };
        notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    }
    Ok(())
}

/// Puts the mail into the outbox that tells somebody what has become of their place.
///
/// # Errors
/// The database's failure.
pub fn tell(
    conn: &mut Conn,
    services: &Services,
    workspace: WorkspaceId,
    member: &Member,
    (change, grant, by): (MembershipChange, &Grant, &str),
    now: UtcTime,
) -> Result<(), DbError> {
    let message = Message::MembershipChanged {
        change,
        workspace: workspace_name(conn, workspace)?,
        role: grant.role,
        reach: grant.reach.name(member.language.texts()),
        by: by.to_owned(),
        at: now,
    };
    let mail = Mail {
        key: &format!("membership {}", services.random.hex::<16>()),
        recipient: &member.email,
        language: member.language,
        zone: &reader_zone(conn, member.account, Some(workspace))?,
        message: &message,
    };
    notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    Ok(())
}
