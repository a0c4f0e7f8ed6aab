//! Taking a batch in.

use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::stay::LONGEST;
use super::store::{self, Batch, Difference, Known, Refusal};
use super::{AHEAD_MAX, BatchReader, Fault, Form, Tally, Unread};
use crate::apps::owned::app_anywhere;
use crate::clock::{UtcTime, Zone, days, minutes};
use crate::db::{DbError, Split, Stop};
use crate::error::AppError;
use crate::ids::SdkAppId;
use crate::jobs::Job;
use crate::secret::hex;
use crate::services::Services;
use crate::stats::{DayRange, Metric};

/// How long what distinct counting needs is kept: events may be 30 days old.
pub const KEPT_FOR: Duration = days(35);
/// How long a batch is known again; senders are promised seven days.
pub const BATCHES_KEPT_FOR: Duration = days(8);
/// Rows of one transaction, so that batches wait for moments only.
const ROWS: i64 = 2_000;
/// Days whose peaks are found in one round.
const PEAKS: i64 = 100;

/// The most bytes of a batch, after decompression.
pub const BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// A batch that was read.
pub struct Whole {
    /// The digest of its body, without compression.
    pub digest: String,
    /// Its figures; of one that was counted before nothing but the digest is read.
    pub tally: Tally,
    /// How many events it has.
    pub events: usize,
}

/// Why a batch is not counted.
#[derive(Debug)]
pub enum Refused {
    /// Events of it are wrong: which, and what is wrong.
    Faults(Vec<(usize, Fault)>),
    /// It is not what it says it is.
    Broken(String),
    /// It has too many events.
    TooMany,
    /// It has too many bytes.
    TooLarge,
    /// Its key belongs to another one.
    OtherBody,
    /// A figure would leave the range.
    Overflow(Metric),
    /// The app is there no more.
    Gone,
}

/// What comes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How many events it has.
    pub events: i64,
    /// Whether it was counted before, and was not again.
    pub is_duplicate: bool,
}

/// How a body is to be read.
pub struct Reading<R> {
    /// The body.
    pub body: R,
    /// How its events are written.
    pub form: Form,
    /// Whether it is compressed.
    pub is_gzip: bool,
    /// Whether it was counted before: then it is only compared.
    pub is_known: bool,
}

/// Reads at most so many bytes, and fails at the next.
struct Capped<R> {
    body: R,
    left: usize,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(into)?;
        self.left = self.left.checked_sub(read).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

/// Digests what is read.
struct Digesting<R> {
    body: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(into)?;
        self.digest.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Reads a batch; this blocks its thread.
///
/// # Errors
/// [`Refused`].
pub fn read<R: Read>(reading: Reading<R>, zone: &Zone, now: UtcTime) -> Result<Whole, Refused> {
    let Reading { body, form, is_gzip, is_known } = reading;
    if is_gzip {
        return read_plain(MultiGzDecoder::new(body), (form, is_known), zone, now);
    }
    read_plain(body, (form, is_known), zone, now)
}

fn read_plain<R: Read>(
    body: R,
    (form, is_known): (Form, bool),
    zone: &Zone,
    now: UtcTime,
) -> Result<Whole, Refused> {
    let body = Capped { body, left: BYTES_MAX };
    let mut body = Digesting { body, digest: Sha256::new() };
    let mut reader = BatchReader::new(zone, now);
    let read = if is_known {
        io::copy(&mut body, &mut io::sink()).map(drop).map_err(Unread::Io)
    } else {
        reader.read(form, &mut body)
    };
    read.map_err(|unread| match unread {
        Unread::Broken(why) => Refused::Broken(why),
        Unread::TooMany => Refused::TooMany,
        Unread::Io(error) if error.kind() == ErrorKind::FileTooLarge => Refused::TooLarge,
        Unread::Io(error) => Refused::Broken(error.to_string()),
    })?;
    let BatchReader { tally, faults, events, .. } = reader;
    if !faults.is_empty() {
        return Err(Refused::Faults(faults));
    }
    Ok(Whole { digest: hex(&body.digest.finalize()), tally, events })
}

/// The batch of a key, if one was counted.
///
/// # Errors
/// The database's failure.
pub async fn known(
    services: &Services,
    app: SdkAppId,
    key: &str,
) -> Result<Option<Known>, DbError> {
    let key = key.to_owned();
    services.db.read(move |conn| store::batch_known(conn, app, &key)).await
}

/// What comes of a batch whose key was counted before.
///
/// # Errors
/// [`Refused::OtherBody`].
pub fn compare(known: &Known, digest: &str) -> Result<Accepted, Refused> {
    if known.digest != digest {
        return Err(Refused::OtherBody);
    }
    Ok(Accepted { events: known.accepted, is_duplicate: true })
}

/// Counts a batch: it is durable when this answers.
///
/// # Errors
/// A failure of ours.
pub async fn count(
    services: &Services,
    app: SdkAppId,
    key: String,
    whole: Whole,
    zone: Zone,
) -> Result<Result<Accepted, Refused>, AppError> {
    let now = services.clock.now();
    let Whole { digest, tally, events } = whole;
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    let batch = Batch { app, key, digest: digest.clone(), events };
    let counted = services.db.write::<_, Stop<Refusal>>(move |conn| {
        store::batch_count(conn, &batch, &tally, &zone, now)
    });
    match counted.await.split()? {
        Ok(()) => {
            metrics::counter!("events_total").increment(events.unsigned_abs());
            Ok(Ok(Accepted { events, is_duplicate: false }))
        }
        Err(Refusal::Known(known)) => Ok(compare(&known, &digest)),
        Err(Refusal::Overflow(metric)) => Ok(Err(Refused::Overflow(metric))),
        Err(Refusal::Gone) => Ok(Err(Refused::Gone)),
        // Its days were those of another zone a moment ago.
        Err(Refusal::ZoneChanged) => Err(AppError::Busy),
    }
}

/// Removes what is too old to be compared with.
///
/// # Errors
/// The database's failure.
pub async fn prune(services: &Services) -> Result<(), DbError> {
    let now = services.clock.now();
    for prune in store::PRUNES {
        let before = now.minus(KEPT_FOR);
        while services.db.write(move |conn| prune(conn, before, ROWS)).await? > 0 {}
    }
    let before = now.minus(BATCHES_KEPT_FOR);
    while services.db.write(move |conn| store::batches_sweep(conn, before, ROWS)).await? > 0 {}
    Ok(())
}

/// Finds the peaks of days that had too many stays to find them as each batch came.
///
/// # Errors
/// The database's failure.
pub async fn refresh_peaks(services: &Services) -> Result<(), DbError> {
    let stale = services.db.read::<_, DbError>(|conn| store::stale_peaks(conn, PEAKS)).await?;
    for (app, day) in stale {
        let found = app_anywhere(&services.db, app).await?;
        let zone = found.and_then(|(app, _)| Zone::named(&app.statistics_zone));
        let zone = zone.unwrap_or_else(Zone::utc);
        services
            .db
            .write::<_, DbError>(move |conn| store::peaks_refresh(conn, app, &day, &zone))
            .await?;
    }
    Ok(())
}

/// What came of counting anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rebuilt {
    /// Days of apps that were counted.
    pub days: usize,
    /// Figures that were compared.
    pub figures: usize,
    /// Figures that were wrong, by app.
    pub differences: Vec<(SdkAppId, Difference)>,
}

/// Counts the days anew of which all is kept that distinct counting needs, of all apps or one, and puts right what was
/// wrong if that is wanted. A transaction for each day of an app.
///
/// # Errors
/// The database's failure.
pub async fn rebuild(
    services: &Services,
    only: Option<SdkAppId>,
    repairs: bool,
) -> Result<Rebuilt, DbError> {
    let now = services.clock.now();
    let mut rebuilt = Rebuilt::default();
    for (app, zone) in services.db.read(move |conn| store::streams(conn, only)).await? {
        let zone = Zone::named(&zone).unwrap_or_else(Zone::utc);
        // A peak needs the stays of the day before, and a stay that goes on is open on the next day as well.
        let first = now.minus(KEPT_FOR).plus(days(2)).day(&zone);
        let last = now.plus(AHEAD_MAX).plus(LONGEST).day(&zone);
        let Some(range) = DayRange::new(first, last) else { continue };
        for day in range.days() {
            let zone = zone.clone();
            let counted = services.db.write::<_, DbError>(move |conn| {
                store::day_rebuild(conn, app, day, &zone, repairs)
            });
            let (figures, wrong) = counted.await?;
            rebuilt.days += 1;
            rebuilt.figures += figures;
            rebuilt.differences.extend(wrong.into_iter().map(|it| (app, it)));
        }
    }
    Ok(rebuilt)
}

/// The rounds of [`prune`], each hour on one of the nodes.
pub const PRUNE_JOB: Job = Job {
    name: "prune_events",
    every: minutes(60),
    longest: minutes(30),
    run: |services| Box::pin(async move { Ok(prune(&services).await?) }),
};

/// The rounds of [`refresh_peaks`].
pub const PEAKS_JOB: Job = Job {
    name: "peaks",
    every: minutes(1),
    longest: minutes(10),
    run: |services| Box::pin(async move { Ok(refresh_peaks(&services).await?) }),
};
