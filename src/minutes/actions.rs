//! Settling what was used, and the line of alerts.

use jiff::civil::Date;

use super::store::{self, Ledger, Unsettled};
use super::{
    AlertLine, Hundredths, LAPSE_AFTER, OfDay, Posting, PostingKind, Standing, Taking, day_span,
    give_back, settles_at, take,
};
use crate::audit::{self, Act, Actor, Changes, Event, Target};
use crate::clock::{UtcTime, Zone, hours, minutes};
use crate::db::{Conn, DbError};
use crate::events::store::stream_wait;
use crate::ids::{PackageId, SdkAppId, WorkspaceId};
use crate::jobs::Job;
use crate::notify::{self, Mail, Message};
use crate::services::Services;
use crate::stats::Metric;
use crate::stats::store::figure;
use crate::workspaces::Scope;
use crate::workspaces::store::{reader_zone, told_of_minutes, workspace_name};

/// Rows that are read at once.
const ROWS: i64 = 200;
/// Members who are told that minutes are few.
const TOLD_MAX: i64 = 50;

/// One round: settles the days that are due, lets expire what is left of packages, and looks after balances that fell by
/// the clock. It costs what has changed since the last one.
///
/// # Errors
/// The database's failure. What was settled before it stays settled, and the next round goes on from there.
pub async fn settle(services: &Services) -> Result<(), DbError> {
    let now = services.clock.now();
    settle_days(services, now).await?;
    lapse(services, now).await?;
    look_after_lapsing(services, now).await
}

/// The rounds of [`settle`], each hour on one of the nodes.
pub const SETTLE_JOB: Job = Job {
    name: "settle",
    every: hours(1),
    longest: minutes(30),
    run: |services| Box::pin(async move { Ok(settle(&services).await?) }),
};

/// Each day of an app is a transaction of its own.
async fn settle_days(services: &Services, now: UtcTime) -> Result<(), DbError> {
    // Where days begin first, at UTC+14, a day is due 34 hours after it began in UTC. The zone of each app decides.
    let until = now.minus(hours(34)).day(&Zone::utc());
    let mut after: Option<(Date, SdkAppId)> = None;
    loop {
        let page = services
            .db
            .read::<_, DbError>(move |conn| store::unsettled_days(conn, until, after, ROWS))
            .await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.day.0, last.app));
        for unsettled in page {
            let zone = Zone::named(&unsettled.zone).unwrap_or_else(Zone::utc);
            if settles_at(unsettled.day.0, &zone).is_none_or(|due| due > now) {
                continue;
            }
            let tools = services.clone();
            let settled =
                services.db.write(move |conn| settle_day(conn, &tools, &unsettled, &zone, now));
            settled.await?;
            services.mail.ring();
        }
    }
}

/// Posts by what the figure of a day differs from what was settled of it. Batches of the app wait, and so do other changes
/// of the workspace's packages: whoever comes second finds no difference.
fn settle_day(
    conn: &mut Conn,
    services: &Services,
    unsettled: &Unsettled,
    zone: &Zone,
    now: UtcTime,
) -> Result<(), DbError> {
    let Unsettled { day, app, workspace, .. } = *unsettled;
    stream_wait(conn, app)?;
    let mut ledger = store::ledger_hold(conn, workspace)?;
    let figure = figure(conn, app, Metric::RtcPackageMinutes, day.0)?;
    let before = store::settled_of(conn, app, day.0)?;
    let (part, settled) = before.unwrap_or_default();
    let more = figure.saturating_sub(settled.0);
    if more != 0 {
        let takings = if more > 0 {
            let span = day_span(day.0, zone).unwrap_or((now, now));
            let packages = store::packages_left(conn, workspace, span.0)?;
            take(&packages, span, Hundredths(more))
        } else {
            // Counting only ever adds seconds, so that figures do not fall by it; but they can be counted anew.
            let taken = store::taken_of(conn, app, day.0)?;
            let ids = taken.iter().filter_map(|taking| taking.package).collect::<Vec<_>>();
            let packages = store::packages_named(conn, workspace, ids)?;
            give_back(&taken, &packages, Hundredths(more.saturating_neg()))
        };
        let kind = if part == 0 { PostingKind::Usage } else { PostingKind::Adjustment };
        let postings = postings_of((app, day.0), kind, (part, settled), (&takings, more.signum()));
        let postings: Vec<_> = postings.map(|posting| (now, posting)).collect();
        store::packages_move(conn, &takings, -more.signum())?;
        store::ledger_append(conn, &mut ledger, &postings)?;
        follow(conn, services, &mut ledger, now)?;
    }
    store::day_done(conn, app, day.0)
}

/// The postings of takings, after those that a day has already. `sign` is 1 for what is taken, -1 for what is given back.
pub fn postings_of(
    (app, day): (SdkAppId, Date),
    kind: PostingKind,
    (part, settled): (i64, Hundredths),
    (takings, sign): (&[Taking], i64),
) -> impl Iterator<Item = Posting> + '_ {
    let mut settled = settled.0;
    (part + 1..).zip(takings).map(move |(part, taking)| {
        settled += sign * taking.amount.0;
        Posting {
            kind,
            amount: Hundredths(-sign * taking.amount.0),
            package: taking.package,
            of: Some(OfDay { app, day, part, settled: Hundredths(settled) }),
        }
    })
}

/// Lets expire what is left of packages whose days are all settled.
async fn lapse(services: &Services, now: UtcTime) -> Result<(), DbError> {
    let until = now.minus(LAPSE_AFTER);
    loop {
        let page = services
            .db
            .read::<_, DbError>(move |conn| store::packages_lapsed(conn, until, ROWS))
            .await?;
        if page.is_empty() {
            return Ok(());
        }
        for (package, workspace) in page {
            services
                .db
                .write::<_, DbError>(move |conn| lapse_one(conn, (workspace, package), until, now))
                .await?;
        }
    }
}

fn lapse_one(
    conn: &mut Conn,
    (workspace, id): (WorkspaceId, PackageId),
    until: UtcTime,
    now: UtcTime,
) -> Result<(), DbError> {
    let mut ledger = store::ledger_hold(conn, workspace)?;
    let package = store::packages_named(conn, workspace, [id])?.pop();
    // Another node may have been quicker.
    let Some(package) = package.filter(|it| it.remaining > 0 && it.expires_at <= until) else {
        return Ok(());
    };
    let lost = Taking { package: Some(id), amount: Hundredths(package.remaining) };
    store::packages_move(conn, &[lost], -1)?;
    let amount = Hundredths(-package.remaining);
    let posting = Posting { kind: PostingKind::Expiry, amount, package: Some(id), of: None };
    store::ledger_append(conn, &mut ledger, &[(now, posting)])
}

/// A balance also falls when a package ends, without anything being posted yet.
async fn look_after_lapsing(services: &Services, now: UtcTime) -> Result<(), DbError> {
    let span = (now.minus(LAPSE_AFTER), now);
    let mut after = WorkspaceId(i64::MIN);
    loop {
        let page = services
            .db
            .read::<_, DbError>(move |conn| store::workspaces_lapsing(conn, span, after, ROWS))
            .await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = *last;
        for workspace in page {
            let tools = services.clone();
            let looked = services.db.write::<_, DbError>(move |conn| {
                let mut ledger = store::ledger_hold(conn, workspace)?;
                follow(conn, &tools, &mut ledger, now)
            });
            looked.await?;
            services.mail.ring();
        }
    }
}

/// Tells owners and those who look after the minutes when the balance of a ledger that is held has fallen to its line, or
/// to nothing: once, until it has risen again.
fn follow(
    conn: &mut Conn,
    services: &Services,
    ledger: &mut Ledger,
    now: UtcTime,
) -> Result<(), DbError> {
    let Some(Standing { balance, .. }) = store::level_follow(conn, ledger, now)? else {
        return Ok(());
    };
    let workspace = ledger.workspace;
    let message = Message::MinutesLow {
        workspace: workspace_name(conn, workspace)?,
        left: balance.remaining,
        level: ledger.level,
        at: now,
    };
    for (id, email, language) in told_of_minutes(conn, workspace, TOLD_MAX)? {
        let mail = Mail {
            key: &format!("minutes {}", services.random.hex::<16>()),
            recipient: &email,
            language,
            zone: &reader_zone(conn, id, Some(workspace))?,
            message: &message,
        };
        notify::enqueue(conn, &services.vault, &services.random, &mail, now)?;
    }
    Ok(())
}

/// Sets the line of alerts of a workspace.
///
/// # Errors
/// The database's failure.
pub async fn set_alert_line(
    services: &Services,
    scope: Scope,
    by: Actor,
    line: AlertLine,
) -> Result<(), DbError> {
    let (vault, now) = (std::sync::Arc::clone(&services.vault), services.clock.now());
    let workspace = scope.workspace;
    services
        .db
        .write::<_, DbError>(move |conn| {
            let mut ledger = store::ledger_hold(conn, workspace)?;
            let (before, after) = (in_words(ledger.line), in_words(line));
            store::alert_line_set(conn, &mut ledger, line)?;
            // Whoever sets it sees how the minutes stand: only what is used from now on sets the alert off.
            store::level_follow(conn, &mut ledger, now)?;
            let target = Target::workspace(workspace, workspace_name(conn, workspace)?);
            let changes = Changes::default().from_to("alert_line", before, after);
            let event = Event::done(Act::SetMinutesAlert, target).changing(changes);
            audit::record(conn, &vault, workspace, &by, &event, now)
        })
        .await
}

/// As the audit log has it.
fn in_words(line: AlertLine) -> String {
    match line {
        AlertLine::Tenth => "tenth".to_owned(),
        AlertLine::Off => "0".to_owned(),
        AlertLine::At(line) => line.minutes().to_string(),
    }
}
