//! Mail about places in workspaces: invitations, and what becomes of members.

use askama::Template;

use super::{Dress, Rendered, put, told};
use crate::i18n::Texts;
use crate::notify::message::{MembershipChange, Message, one_line};
use crate::web::urls;

struct Invitation<'a> {
    t: Texts,
    workspace: &'a str,
    inviter: &'a str,
    /// Their name with their address.
    inviter_in_full: String,
    role: &'static str,
    reach: &'a str,
    until: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/invitation/subject.txt")]
struct InvitationSubject<'a> {
    m: &'a Invitation<'a>,
}

#[derive(Template)]
#[template(path = "mail/invitation/body.txt")]
struct InvitationText<'a> {
    m: &'a Invitation<'a>,
}

#[derive(Template)]
#[template(path = "mail/invitation/body.html")]
struct InvitationHtml<'a> {
    m: &'a Invitation<'a>,
}

struct Membership<'a> {
    t: Texts,
    lead: String,
    what: String,
    /// The member whose place it is; empty for the recipient's own.
    who: String,
    /// Empty for who is in no place any more.
    role: &'static str,
    /// Empty where it goes without saying.
    reach: String,
    by_label: &'static str,
    by: &'a str,
    at: String,
    /// What to do where it is not right, and where.
    if_not: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/membership/subject.txt")]
struct MembershipSubject<'a> {
    m: &'a Membership<'a>,
}

#[derive(Template)]
#[template(path = "mail/membership/body.txt")]
struct MembershipText<'a> {
    m: &'a Membership<'a>,
}

#[derive(Template)]
#[template(path = "mail/membership/body.html")]
struct MembershipHtml<'a> {
    m: &'a Membership<'a>,
}

/// Mail about somebody's place in a workspace.
pub(super) fn place(
    message: &Message,
    (t, zone, base_url): Dress<'_>,
) -> Result<Rendered, askama::Error> {
    match message {
        Message::Invitation {
            token,
            workspace,
            inviter,
            inviter_email,
            role,
            reach,
            expires_at,
        } => {
            let m = Invitation {
                t,
                workspace: &one_line(workspace),
                inviter: &one_line(inviter),
                inviter_in_full: with_address(inviter, inviter_email),
                role: role.name(t),
                reach: &one_line(reach),
                until: told(*expires_at, zone),
                link: format!("{base_url}{}", urls::invitation(token.expose())),
            };
            put(&InvitationSubject { m: &m }, &InvitationText { m: &m }, &InvitationHtml { m: &m })
        }
        Message::MembershipChanged { change, workspace, role, reach, by, at } => {
            let workspace = &one_line(workspace);
            let is_in = !matches!(change, MembershipChange::Removed | MembershipChange::Left);
            let is_own = *change == MembershipChange::HandedOver;
            put_membership(&Membership {
                t,
                lead: t.mail_membership_lead(workspace),
                what: became(*change, workspace, t),
                who: String::new(),
                role: if is_in { role.name(t) } else { "" },
                reach: if is_in { one_line(reach) } else { String::new() },
                by_label: match change {
                    MembershipChange::Added => t.invitation_by(),
                    _ => t.mail_membership_by(),
                },
                by: &one_line(by),
                at: told(*at, zone),
                if_not: if is_own { t.mail_factor_not_you() } else { t.mail_membership_not_you() },
                link: {
                    let path = if is_own { urls::PROFILE } else { urls::WORKSPACES };
                    format!("{base_url}{path}")
                },
            })
        }
        Message::MemberJoined { workspace, name, email, role, by, at } => {
            let workspace = &one_line(workspace);
            put_membership(&Membership {
                t,
                lead: t.mail_joined_lead(workspace),
                what: t.mail_joined(&one_line(name), workspace),
                who: with_address(name, email),
                role: role.name(t),
                reach: String::new(),
                by_label: t.invitation_by(),
                by: &one_line(by),
                at: told(*at, zone),
                if_not: t.mail_joined_not_right(),
                link: format!("{base_url}{}", urls::MEMBERS),
            })
        }
        _ => Err(askama::Error::Fmt),
    }
}

fn put_membership(m: &Membership<'_>) -> Result<Rendered, askama::Error> {
    put(&MembershipSubject { m }, &MembershipText { m }, &MembershipHtml { m })
}

/// Names are anyone's, addresses are not.
pub(super) fn with_address(name: &str, email: &str) -> String {
    match email {
        "" => one_line(name),
        email => format!("{} <{}>", one_line(name), one_line(email)),
    }
}

fn became(change: MembershipChange, workspace: &str, t: Texts) -> String {
    match change {
        MembershipChange::Added => t.mail_membership_added(workspace),
        MembershipChange::Changed => t.mail_membership_changed(workspace),
        MembershipChange::Removed => t.mail_membership_removed(workspace),
        MembershipChange::Left => t.mail_membership_left(workspace),
        MembershipChange::TookOver => t.mail_membership_took_over(workspace),
        MembershipChange::HandedOver => t.mail_membership_handed_over(workspace),
    }
}
