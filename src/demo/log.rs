//! The last days of the sample workspace, as its audit log tells them.

use std::collections::BTreeMap;

use super::cast::PEOPLE;
use crate::audit::{Act, Actor, Changes, Event, Outcome, Reason, Target, record};
use crate::clock::{UtcTime, Zone, hours};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, SdkAppId, SessionId, WorkspaceId};
use crate::sessions::LIFETIME;
use crate::sessions::store::{NewSession, session_end, session_insert};
use crate::step_up::Method;
use crate::vault::Vault;

/// People by their place in the cast.
const OWNER: usize = 0;
const ADMIN: usize = 1;
const ENGINEER: usize = 2;
const OPERATIONS: usize = 3;
const FINANCE: usize = 4;
const VIEWER: usize = 5;

/// What somebody did.
enum Deed {
    SignIn,
    SignOut,
    /// An app was created.
    Create(usize),
    /// An app was edited: a field, what it was, what it became.
    Edit(usize, &'static str, &'static str, &'static str),
    /// Something sensitive was asked for; it is done or refused in the next line.
    Ask(Act, usize),
    Done(Act, usize, Method),
    Denied(Act, usize, Reason),
    CalledOff(Act, usize),
    /// The key of a purpose was looked at.
    Reveal(usize, &'static str),
    Profile(&'static str, &'static str, &'static str),
    Password,
    Minutes(&'static str),
}

/// A day before today, hours and minutes, who, what.
type Line = (u8, i8, i8, usize, Deed);

use Deed::{
    Ask, CalledOff, Create, Denied, Done, Edit, Minutes, Password, Profile, Reveal, SignIn, SignOut,
};

/// In the order of time; apps by their place in the cast.
const LINES: [Line; 54] = [
    // As the cast has it: an app that was disabled, one that is new.
    (34, 15, 2, ADMIN, SignIn),
    (34, 15, 12, ADMIN, Ask(Act::DisableApp, 4)),
    (34, 15, 13, ADMIN, Done(Act::DisableApp, 4, Method::EmailCode)),
    (12, 9, 30, ENGINEER, SignIn),
    (12, 9, 36, ENGINEER, Create(5)),
    (6, 9, 2, ENGINEER, SignIn),
    (6, 9, 10, ENGINEER, Edit(0, "description", "小班直播课", "小班直播课，举手、板书与课后录像")),
    (6, 9, 31, OWNER, SignIn),
    (6, 9, 40, OWNER, Edit(7, "scenario", "other", "online_dating")),
    (6, 10, 5, OPERATIONS, SignIn),
    (
        6,
        14,
        22,
        ENGINEER,
        Edit(3, "tags", "env=prod\nteam=health", "env=prod\nlevel=critical\nteam=health"),
    ),
    (6, 18, 3, ENGINEER, SignOut),
    (5, 8, 55, ADMIN, SignIn),
    (5, 9, 12, ADMIN, Ask(Act::RevealKey, 2)),
    (5, 9, 13, ADMIN, Reveal(2, "usersig")),
    (5, 9, 20, ADMIN, Done(Act::HideKey, 2, Method::EmailCode)),
    (5, 10, 47, FINANCE, SignIn),
    (5, 11, 0, FINANCE, Profile("time_zone", "", "Asia/Shanghai")),
    (5, 15, 36, ENGINEER, SignIn),
    (5, 15, 44, ENGINEER, Edit(1, "platforms", "ios", "ios android")),
    (5, 16, 2, ENGINEER, Ask(Act::ResetCertificate, 1)),
    (5, 16, 3, ENGINEER, Denied(Act::ResetCertificate, 1, Reason::WrongCode)),
    (5, 16, 4, ENGINEER, Done(Act::ResetCertificate, 1, Method::EmailCode)),
    (4, 9, 1, OPERATIONS, SignIn),
    (4, 9, 30, VIEWER, SignIn),
    (4, 9, 33, VIEWER, Denied(Act::DisableApp, 6, Reason::Forbidden)),
    (4, 10, 15, ENGINEER, SignIn),
    (4, 10, 26, ENGINEER, Edit(6, "scenario", "other", "e_commerce")),
    (4, 11, 8, OWNER, SignIn),
    (4, 11, 20, OWNER, Minutes("100000")),
    (4, 17, 45, OWNER, SignOut),
    (3, 9, 4, ADMIN, SignIn),
    (3, 9, 16, ADMIN, Ask(Act::DisableApp, 6)),
    (3, 9, 18, ADMIN, CalledOff(Act::DisableApp, 6)),
    (3, 10, 2, ENGINEER, SignIn),
    (3, 10, 9, ENGINEER, Edit(5, "description", "公司内部的会议群组", "公司内部的会议群组与通知")),
    (3, 13, 50, FINANCE, SignIn),
    (3, 14, 20, FINANCE, Password),
    (3, 16, 31, ENGINEER, Ask(Act::RevealKey, 0)),
    (3, 16, 32, ENGINEER, Denied(Act::RevealKey, 0, Reason::ExpiredCode)),
    (3, 16, 34, ENGINEER, Ask(Act::RevealKey, 0)),
    (3, 16, 35, ENGINEER, Reveal(0, "access_token")),
    (2, 8, 58, OWNER, SignIn),
    (2, 9, 21, OWNER, Edit(0, "type", "", "education")),
    (2, 10, 40, OPERATIONS, SignIn),
    (2, 11, 12, ENGINEER, SignIn),
    (2, 11, 48, ENGINEER, Edit(4, "tags", "env=test", "env=test\nteam=social")),
    (2, 15, 5, ADMIN, SignIn),
    (1, 9, 0, ENGINEER, SignIn),
    (1, 9, 26, ENGINEER, Edit(2, "platforms", "ios android", "ios android web")),
    (1, 9, 58, VIEWER, SignIn),
    (1, 10, 10, OWNER, SignIn),
    (1, 10, 22, OWNER, Profile("language", "en", "zh-CN")),
    (1, 14, 8, ADMIN, SignIn),
];

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
];

/// What the log is made with.
pub(super) struct Sample<'s> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its people, in the order of the cast.
    pub people: &'s [AccountId],
    /// Its apps with their names, in the order of the cast.
    pub apps: &'s [(SdkAppId, String)],
    /// The zone of its days.
    pub zone: &'s Zone,
    /// What determines seconds, addresses and numbers of requests.
    pub seed: u64,
}

impl Sample<'_> {
    /// Writes the log of the days before a moment; events of apps that were not loaded are left out.
    ///
    /// # Errors
    /// The database's failure.
    pub(super) fn write(
        &self,
        conn: &mut Conn,
        vault: &Vault,
        now: UtcTime,
    ) -> Result<(), DbError> {
        let mut sessions = BTreeMap::new();
        for (number, (days_ago, hour, minute, who, deed)) in (0_u64..).zip(&LINES) {
            let dice = mixed(self.seed, number);
            let second = i8::try_from(dice % 60).unwrap_or(0);
            let day = now.day(self.zone).checked_sub(jiff::Span::new().days(*days_ago));
            let at = day.ok().and_then(|day| self.zone.moment(day.at(*hour, *minute, second, 0)));
            let (Some(at), Some(event)) = (at, self.event(*who, deed)) else { continue };
            let mut actor = match deed {
                Minutes(_) => Actor::host(),
                _ => self.actor(*who, dice),
            };
            if let (SignIn, Some(account)) = (deed, self.people.get(*who)) {
                sessions.insert(*who, sign_in(conn, *account, &actor, at, now)?);
            }
            actor.session = sessions.get(who).copied().filter(|_| actor.id.is_some());
            record(conn, vault, self.workspace, &actor, &event, at)?;
        }
        Ok(())
    }

    fn actor(&self, who: usize, dice: u64) -> Actor {
        let steady = mixed(self.seed, 1_000 + who as u64);
        let address = format!("192.0.2.{}", 10 + steady % 200);
        let browser = BROWSERS.get(who % BROWSERS.len()).copied().unwrap_or_default();
        let actor = Actor::at(address, browser.to_owned(), format!("{dice:016x}"));
        match (self.people.get(who), PEOPLE.get(who)) {
            (Some(id), Some(person)) => actor.as_person(*id, &person.name.zh, person.email),
            _ => actor,
        }
    }

    fn app(&self, app: usize) -> Option<Target> {
        self.apps.get(app).map(|(id, name)| Target::app(*id, name.clone()))
    }

    fn event(&self, who: usize, deed: &Deed) -> Option<Event> {
        let person = || {
            let name = PEOPLE.get(who).map(|person| person.name.zh.to_string());
            self.people.get(who).map(|id| Target::account(*id, name.unwrap_or_default()))
        };
        let became = |field, before, after| Changes::default().from_to(field, before, after);
        Some(match *deed {
            SignIn => Event::done(Act::SignIn, person()?),
            SignOut => Event::done(Act::SignOut, person()?),
            Password => Event::done(Act::ChangePassword, person()?),
            Profile(field, before, after) => {
                Event::done(Act::EditProfile, person()?).changing(became(field, before, after))
            }
            Create(app) => {
                let target = self.app(app)?;
                let changes = Changes::default().with("name", target.name.clone());
                Event::done(Act::CreateApp, target).changing(changes)
            }
            Edit(app, field, before, after) => {
                Event::done(Act::EditApp, self.app(app)?).changing(became(field, before, after))
            }
            Ask(act, app) => Event::done(act, self.app(app)?).ending(Outcome::Requested),
            CalledOff(act, app) => Event::done(act, self.app(app)?).ending(Outcome::Cancelled),
            Done(Act::DisableApp, app, method) => Event::done(Act::DisableApp, self.app(app)?)
                .by(method)
                .changing(became("status", "enabled", "disabled")),
            Done(Act::HideKey, app, _) => Event::done(Act::HideKey, self.app(app)?),
            Done(act, app, method) => Event::done(act, self.app(app)?).by(method),
            Denied(act, app, reason) => Event::denied(act, reason, self.app(app)?),
            Reveal(app, purpose) => Event::done(Act::RevealKey, self.app(app)?)
                .by(Method::EmailCode)
                .changing(Changes::default().with("purpose", purpose)),
            Minutes(count) => {
                let name = super::cast::WORKSPACE.zh.to_string();
                Event::done(Act::GrantMinutes, Target::workspace(self.workspace, name))
                    .changing(Changes::default().with("minutes", count))
            }
        })
    }
}

/// A sign-in that was over in the evening, so that the list of members says when somebody was last seen.
fn sign_in(
    conn: &mut Conn,
    account: AccountId,
    from: &Actor,
    at: UtcTime,
    now: UtcTime,
) -> Result<SessionId, DbError> {
    let (address, user_agent) = (&*from.address, &*from.user_agent);
    let new = NewSession { account, address, user_agent, expires_at: at.plus(LIFETIME) };
    let (id, _) = session_insert(conn, &new, at)?;
    session_end(conn, id, at.plus(hours(8)).min(now))?;
    Ok(id)
}

/// A number that is the same for a seed in every version of everything (splitmix64).
const fn mixed(seed: u64, number: u64) -> u64 {
    let z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number);
    let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_stand_in_the_order_of_time_and_name_who_and_what_there_is() {
        let moment = |line: &Line| (u8::MAX - line.0, line.1, line.2);
        assert!(LINES.is_sorted_by_key(moment));
        assert!(LINES.iter().all(|line| line.0 > 0 && line.3 < PEOPLE.len()));
        assert_ne!(mixed(1, 2), mixed(2, 1));
    }
}
