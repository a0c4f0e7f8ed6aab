//! The ledger of the sample workspace: what its figures have taken from its packages, as if each day had been settled when
//! it was due.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::clock::{UtcTime, Zone, days, minutes};
use crate::db::{Conn, DbError};
use crate::ids::{SdkAppId, WorkspaceId};
use crate::minutes::actions::postings_of;
use crate::minutes::store::{
    days_note, ledger_append, ledger_hold, level_follow, package_disguise, packages,
};
use crate::minutes::{
    Hundredths, LAPSE_AFTER, OfDay, Package, Posting, PostingKind, day_span, settles_at, take,
};
use crate::workspaces::Scope;

/// Every so many days of apps some usage came late.
const LATE_EVERY: usize = 41;
/// How long after the rest it was settled.
const LATE_BY: std::time::Duration = days(2);
/// How long after a day was due its round came.
const ROUND: std::time::Duration = minutes(17);

/// What an app used, in hundredths by day.
pub(super) type Used = (SdkAppId, Vec<(Date, i64)>);

/// Something that was settled at a moment: the whole of what was known by then.
struct Settling {
    at: UtcTime,
    app: SdkAppId,
    day: Date,
    until_now: i64,
}

/// Posts all that is due to a ledger that has its grants. The days that are not are noted for the rounds that come.
pub(super) fn write(
    conn: &mut Conn,
    workspace: WorkspaceId,
    used: &[Used],
    (zone, now): (&Zone, UtcTime),
) -> Result<(), DbError> {
    let mut ledger = ledger_hold(conn, workspace)?;
    let mut held = packages(conn, &Scope::whole(workspace), 10)?;
    let mut postings = lapsed(&mut held, now);
    let (settlings, waiting) = settlings(used, zone, now);
    let mut posted: BTreeMap<(SdkAppId, Date), (i64, i64)> = BTreeMap::new();
    for Settling { at, app, day, until_now } in settlings {
        let (part, settled) = posted.get(&(app, day)).copied().unwrap_or_default();
        let kind = if part == 0 { PostingKind::Usage } else { PostingKind::Adjustment };
        let span = day_span(day, zone).unwrap_or((at, at));
        let takings = take(&held, span, Hundredths(until_now - settled));
        for taking in &takings {
            let from = held.iter_mut().find(|it| Some(it.id) == taking.package);
            if let Some(package) = from {
                package.remaining -= taking.amount.0;
            }
        }
        let before = (part, Hundredths(settled));
        for posting in postings_of((app, day), kind, before, (&takings, 1)) {
            if let Some(OfDay { part, settled, .. }) = posting.of {
                posted.insert((app, day), (part, settled.0));
            }
            postings.push((at, posting));
        }
    }
    postings.sort_by_key(|(at, _)| *at);
    ledger_append(conn, &mut ledger, &postings)?;
    for package in &held {
        package_disguise(conn, package.id, Hundredths(package.remaining))?;
    }
    for (app, days) in waiting {
        days_note(conn, app, days)?;
    }
    level_follow(conn, &mut ledger, now).map(drop)
}

/// What was left of packages that have ended.
fn lapsed(held: &mut [Package], now: UtcTime) -> Vec<(UtcTime, Posting)> {
    let ended = held.iter_mut().filter(|it| it.expires_at.plus(LAPSE_AFTER) <= now);
    let mut postings = Vec::new();
    for package in ended.filter(|it| it.remaining > 0) {
        let amount = Hundredths(-package.remaining);
        let (kind, id) = (PostingKind::Expiry, Some(package.id));
        package.remaining = 0;
        let at = package.expires_at.plus(LAPSE_AFTER).plus(ROUND);
        postings.push((at, Posting { kind, amount, package: id, of: None }));
    }
    postings
}

type Waiting = Vec<(SdkAppId, Vec<Date>)>;

/// What was settled, in the order of time, and the days that are not yet.
fn settlings(used: &[Used], zone: &Zone, now: UtcTime) -> (Vec<Settling>, Waiting) {
    let (mut settlings, mut waiting) = (Vec::new(), Waiting::new());
    let mut count = 0_usize;
    for (app, days) in used {
        let mut not_yet = Vec::new();
        for (day, value) in days.iter().copied().filter(|(_, value)| *value > 0) {
            let due = settles_at(day, zone).map(|due| due.plus(ROUND)).filter(|due| *due <= now);
            let Some(at) = due else {
                not_yet.push(day);
                continue;
            };
            count += 1;
            let late = at.plus(LATE_BY);
            let is_late = count.is_multiple_of(LATE_EVERY) && late <= now && value >= 100;
            let first = if is_late { value - value / 50 } else { value };
            settlings.push(Settling { at, app: *app, day, until_now: first });
            if is_late {
                settlings.push(Settling { at: late, app: *app, day, until_now: value });
            }
        }
        waiting.push((*app, not_yet));
    }
    settlings.sort_by_key(|it| (it.at, it.app, it.day));
    (settlings, waiting)
}
