//! API keys of the sample workspace, one of each state. Nobody knows them: they are drawn and forgotten.

use crate::api_keys::store::{key_disguise, key_insert};
use crate::api_keys::{ApiScope, Fresh, NewKey};
use crate::clock::{UtcTime, days, hours, minutes};
use crate::db::{Conn, DbError};
use crate::ids::{AccountId, ApiKeyId, SdkAppId, WorkspaceId};
use crate::random::Random;

/// People by their place in the cast.
const OWNER: usize = 0;
const ADMIN: usize = 1;

/// When a key ends: days from today.
type Ends = Option<i64>;

/// Name, scopes, the place of its app in the cast, who made it, how many days ago, when it ends, minutes since its last
/// use, days since it was revoked.
type Line =
    (&'static str, &'static [ApiScope], Option<usize>, usize, u64, Ends, Option<u64>, Option<u64>);

const LINES: [Line; 6] = [
    ("压测脚本", &[ApiScope::TokensWrite], Some(4), ADMIN, 102, Some(-12), Some(20_160), None),
    ("旧发布脚本", &[ApiScope::AppsWrite], None, OWNER, 300, None, Some(50_400), Some(30)),
    (
        "报表系统",
        &[ApiScope::AppsRead, ApiScope::StatisticsRead],
        None,
        ADMIN,
        120,
        Some(245),
        Some(180),
        None,
    ),
    ("客服机器人", &[ApiScope::AppsRead], Some(2), ADMIN, 85, Some(5), Some(42), None),
    (
        "媒体节点",
        &[ApiScope::EventsWrite, ApiScope::RecordingsWrite],
        None,
        OWNER,
        60,
        None,
        Some(3),
        None,
    ),
    ("移动端灰度", &[ApiScope::ConfigRead], Some(11), ADMIN, 9, Some(81), None, None),
];

/// The key that is being rolled.
const ROLLED: (&str, &[ApiScope]) = ("课堂后端", &[ApiScope::TokensWrite, ApiScope::TokensVerify]);

/// What the keys are made with.
pub(super) struct Sample<'s> {
    pub(super) workspace: WorkspaceId,
    pub(super) people: &'s [AccountId],
    pub(super) apps: &'s [(SdkAppId, String)],
    pub(super) random: &'s Random,
}

fn from_today(now: UtcTime, count: i64) -> UtcTime {
    let span = days(count.unsigned_abs());
    if count < 0 { now.minus(span) } else { now.plus(span) }
}

impl Sample<'_> {
    fn insert(
        &self,
        conn: &mut Conn,
        (name, scopes, app, by): (&str, &[ApiScope], Option<usize>, usize),
        expires_at: Option<UtcTime>,
        made: UtcTime,
    ) -> Result<ApiKeyId, DbError> {
        // With fewer apps than the cast has, some keys are of the whole workspace.
        let app = app.and_then(|at| self.apps.get(at)).map(|(id, _)| *id);
        let new = NewKey { name: name.to_owned(), scopes: scopes.to_vec(), app, expires_at };
        let fresh = Fresh::new(&self.random.token());
        key_insert(conn, self.workspace, &new, &fresh, self.people.get(by).copied(), made)
    }

    /// Writes the keys.
    pub(super) fn write(&self, conn: &mut Conn, now: UtcTime) -> Result<(), DbError> {
        for (name, scopes, app, by, age, ends, used, revoked) in LINES {
            let ends = ends.map(|count| from_today(now, count));
            let made = now.minus(days(age));
            let id = self.insert(conn, (name, scopes, app, by), ends, made)?;
            let used = used.map(|ago| now.minus(minutes(ago)));
            let revoked = revoked.map(|ago| now.minus(days(ago)));
            key_disguise(conn, id, (used, revoked), None)?;
        }
        let (name, scopes) = ROLLED;
        let rolled_at = now.minus(hours(4));
        let (made, ends) = (now.minus(days(170)), rolled_at.plus(hours(24)));
        let old = self.insert(conn, (name, scopes, Some(0), OWNER), Some(ends), made)?;
        let next = Some(from_today(now, 179));
        let new = self.insert(conn, (name, scopes, Some(0), OWNER), next, rolled_at)?;
        key_disguise(conn, old, (Some(now.minus(minutes(11))), None), Some(new))?;
        key_disguise(conn, new, (Some(now.minus(minutes(2))), None), None)
    }
}
