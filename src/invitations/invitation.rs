//! An invitation: how long it works, how often it is sent, and what it depends on.

use std::time::Duration;

use crate::clock::{UtcTime, days, hours, minutes};
use crate::ids::AccountId;
use crate::workspaces::{ReachKind, Role};

/// How long an invitation works after it was sent.
pub const VALID_FOR: Duration = days(7);
/// Open invitations of a workspace.
pub const OPEN_MAX: i64 = 100;
/// Between two mails of one invitation.
pub const SEND_PAUSE: Duration = minutes(1);
/// Mails of one invitation.
pub const SENDS_MAX: i64 = 5;
/// Within this while a workspace sends at most [`SENT_TO_ADDRESS_MAX`] mails to one address and [`SENT_MAX`] in all,
/// however often it cancels and invites again.
pub const SENT_WITHIN: Duration = hours(24);
/// See [`SENT_WITHIN`].
pub const SENT_TO_ADDRESS_MAX: i64 = 10;
/// See [`SENT_WITHIN`].
pub const SENT_MAX: i64 = 200;

/// Whoever invited, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inviter {
    /// Whose account.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their role and reach; `None` when they are not a member any more.
    pub place: Option<(Role, ReachKind)>,
    /// Whether they can sign in.
    pub is_active: bool,
}

impl Inviter {
    /// Whether they could invite somebody to a role now.
    #[must_use]
    pub fn stands_behind(&self, role: Role) -> bool {
        let place = self.place.filter(|(_, reach)| *reach == ReachKind::All);
        self.is_active && place.is_some_and(|(own, _)| own.may_manage(role))
    }
}

/// What can be done with an open invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be accepted.
    Good,
    /// It is too old.
    Expired,
    /// Whoever sent it could not send it now.
    Void,
}

impl Standing {
    /// How an invitation stands at a moment.
    #[must_use]
    pub fn of(inviter: &Inviter, role: Role, expires_at: UtcTime, now: UtcTime) -> Self {
        if !inviter.stands_behind(role) {
            Self::Void
        } else if expires_at <= now {
            Self::Expired
        } else {
            Self::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_lives_as_long_as_the_power_of_its_inviter() {
        let by = |place, is_active| Inviter {
            account: AccountId(1),
            name: String::new(),
            place,
            is_active,
        };
        let whole = |role| Some((role, ReachKind::All));
        let (now, later) = (UtcTime(1), UtcTime(2));
        for (place, is_active, role, until, standing) in [
            (whole(Role::Owner), true, Role::Owner, later, Standing::Good),
            (whole(Role::Admin), true, Role::Admin, later, Standing::Good),
            (whole(Role::Admin), true, Role::Owner, later, Standing::Void),
            (whole(Role::Engineer), true, Role::Viewer, later, Standing::Void),
            (Some((Role::Admin, ReachKind::Tag)), true, Role::Viewer, later, Standing::Void),
            (whole(Role::Owner), false, Role::Viewer, later, Standing::Void),
            (None, true, Role::Viewer, later, Standing::Void),
            (whole(Role::Owner), true, Role::Viewer, now, Standing::Expired),
        ] {
            let found = Standing::of(&by(place, is_active), role, until, now);
            assert_eq!(found, standing, "{place:?} {is_active} {role}");
        }
    }
}
