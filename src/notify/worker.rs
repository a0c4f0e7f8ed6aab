//! Sends what is in the outbox. Several lanes of several nodes may do so at once: a row is taken by
//! one conditional statement and a lease, and what came of it is noted by its owner alone. A
//! process that dies between sending and noting sends once more, under the same Message-ID. Mail and text
//! messages have workers of their own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::relay::{Limits, Line, Post, Trouble};
use super::store::{
    Taken, Tried, outbox_due, outbox_expire, outbox_expired, outbox_note, outbox_take, outbox_waits,
};
use super::{Bell, Channel, Relay, line, render, sms};
use crate::clock::{hours, minutes};
use crate::db::DbError;
use crate::jobs::{Stop, count};
use crate::random::Random;
use crate::services::Services;

/// How long a row is held to be sent; longer than sending may take.
const LEASE: Duration = minutes(2);
/// Between two looks when nobody rings.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Rows of one look.
const ROWS: i64 = 20;
/// Mails that are on their way at once, so that a slow one holds up few others.
pub const LANES: usize = 3;
/// Text messages that are, likewise.
pub const SMS_LANES: usize = 2;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that a server has taken.
    pub sent: u32,
    /// Messages that are tried again.
    pub again: u32,
    /// Messages that were given up: refused, or ended before they could be sent.
    pub failed: u32,
}

/// By what messages go.
enum Way {
    Mail(Box<Post>),
    Sms(sms::Sender),
}

/// Sends the messages of one channel for one node.
pub struct Worker {
    services: Services,
    channel: Channel,
    way: Option<Way>,
    has_warned: AtomicBool,
    is_away: AtomicBool,
}

impl Worker {
    /// A worker for mail by the server of the settings, if there is one.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn new(services: Services) -> anyhow::Result<Self> {
        Self::with_limits(services, Limits::default())
    }

    /// The same, waiting for the server within other limits.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn with_limits(services: Services, limits: Limits) -> anyhow::Result<Self> {
        let settings = &services.settings;
        let post = match &settings.smtp_url {
            Some(url) => {
                let relay = Relay::parse(url.expose())
                    .map_err(|problem| anyhow::anyhow!("smtp_url {problem}"))?;
                let post = relay.ready(&settings.base_url, &settings.mail_from, limits)?;
                Some(Way::Mail(Box::new(post)))
            }
            None => None,
        };
        Ok(Self::on(services, Channel::Mail, post))
    }

    /// A worker for text messages by the gateway of the settings, if there is one, waiting for it within limits.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn sms(services: Services, limits: sms::Limits) -> anyhow::Result<Self> {
        let sender = match &services.settings.sms_url {
            Some(url) => {
                let gateway = sms::parse(url.expose())
                    .map_err(|problem| anyhow::anyhow!("sms_url {problem}"))?;
                Some(Way::Sms(sms::Sender::new(gateway, limits)?))
            }
            None => None,
        };
        Ok(Self::on(services, Channel::Sms, sender))
    }

    fn on(services: Services, channel: Channel, way: Option<Way>) -> Self {
        Self { services, channel, way, has_warned: false.into(), is_away: false.into() }
    }

    /// The name of its rounds among jobs, and of its counter.
    const fn names(&self) -> (&'static str, &'static str) {
        match self.channel {
            Channel::Mail => ("outbox", "mails_total"),
            Channel::Sms => ("text_messages", "text_messages_total"),
        }
    }

    const fn bell(&self) -> &Bell {
        match self.channel {
            Channel::Mail => &self.services.mail,
            Channel::Sms => &self.services.sms,
        }
    }

    /// Sends messages until told to stop.
    pub async fn run(&self, mut stop: Stop) {
        let (job, _) = self.names();
        loop {
            let began = Instant::now();
            match self.round(&stop).await {
                Ok(tally) if tally == Tally::default() => {}
                Ok(_) => count(job, "done", began.elapsed()),
                Err(error) => {
                    tracing::warn!(channel = %self.channel, "sending messages: {error}");
                    count(job, "failed", began.elapsed());
                }
            }
            tokio::select! {
                () = stop.told() => return,
                () = self.bell().rung() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Sends all that is due, one after the other. Ends early when the server cannot be used.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn round(&self, stop: &Stop) -> Result<Tally, DbError> {
        let mut tally = Tally::default();
        self.expire(&mut tally).await?;
        let Some(way) = &self.way else {
            self.warn_once().await?;
            return Ok(tally);
        };
        let mut line = None;
        let done = self.send_due(way, &mut line, &mut tally, stop).await;
        if let Some(line) = line {
            line.quit().await;
        }
        done.map(|()| tally)
    }

    async fn send_due(
        &self,
        way: &Way,
        line: &mut Option<Line>,
        tally: &mut Tally,
        stop: &Stop,
    ) -> Result<(), DbError> {
        let channel = self.channel;
        loop {
            let now = self.services.clock.now();
            let due = self.services.db.read(move |conn| outbox_due(conn, channel, now, ROWS));
            let due = due.await?;
            let mut has_taken = false;
            for id in due {
                if stop.is_told() {
                    return Ok(());
                }
                let owner = self.services.random.hex::<16>();
                let Some(row) = self.take(id, owner.clone()).await? else { continue };
                has_taken = true;
                let sent = match way {
                    Way::Mail(post) => self.send(post, line, &row).await,
                    Way::Sms(sender) => self.send_sms(sender, &row).await,
                };
                let is_away = matches!(sent, Err(Trouble::Away(_)));
                self.note(row, owner, sent, tally).await?;
                if is_away {
                    return Ok(());
                }
            }
            if !has_taken {
                return Ok(());
            }
        }
    }

    async fn take(&self, id: String, owner: String) -> Result<Option<Taken>, DbError> {
        let now = self.services.clock.now();
        let until = now.plus(LEASE);
        self.services.db.write(move |conn| outbox_take(conn, &id, &owner, now, until)).await
    }

    async fn send(&self, post: &Post, line: &mut Option<Line>, row: &Taken) -> Result<(), Trouble> {
        let refused = |what: &str| Trouble::Refused(what.to_owned());
        let letter = row.open(&self.services.vault).ok_or_else(|| refused("cannot be opened"))?;
        let mail = render(&letter, row.language, &self.services.settings.base_url)
            .map_err(|_| refused("cannot be put into words"))?;
        let (to, bytes) = post.letter(&row.id, &row.recipient, &mail, row.created_at)?;
        let bytes = zeroize::Zeroizing::new(bytes);
        // A connection that failed is not used again.
        let mut used = match line.take() {
            Some(line) => line,
            None => post.connect().await?,
        };
        post.send(&mut used, &to, &bytes).await?;
        *line = Some(used);
        Ok(())
    }

    async fn send_sms(&self, sender: &sms::Sender, row: &Taken) -> Result<(), Trouble> {
        let refused = |what: &str| Trouble::Refused(what.to_owned());
        let letter = row.open(&self.services.vault).ok_or_else(|| refused("cannot be opened"))?;
        let at = self.services.clock.now();
        let line = line(&letter.message, row.language, at)
            .ok_or_else(|| refused("cannot be put into words"))?;
        let text = sms::Text {
            id: &row.id,
            number: &row.recipient,
            words: &line.words,
            code: &line.code,
            minutes: line.minutes,
            language: row.language,
            at,
        };
        sender.send(&text).await
    }

    async fn note(
        &self,
        row: Taken,
        owner: String,
        sent: Result<(), Trouble>,
        tally: &mut Tally,
    ) -> Result<(), DbError> {
        let now = self.services.clock.now();
        self.tell(&sent);
        let random = &self.services.random;
        let (outcome, tried) = match sent {
            Ok(()) => ("sent", Tried::Sent),
            Err(Trouble::Away(reason)) => {
                let pause = pause(row.attempts, AWAY, random);
                ("again", Tried::Again { at: now.plus(pause), reason })
            }
            Err(Trouble::Later(reason)) => {
                let pause = pause(row.attempts, LATER, random);
                ("again", Tried::Again { at: now.plus(pause), reason })
            }
            Err(Trouble::Refused(reason)) => {
                tracing::warn!(
                    channel = %self.channel, id = row.id, kind = %row.kind,
                    "a message is given up: {reason}"
                );
                ("refused", Tried::Failed { reason })
            }
        };
        match &tried {
            Tried::Sent => tally.sent += 1,
            Tried::Again { .. } => tally.again += 1,
            Tried::Failed { .. } => tally.failed += 1,
        }
        let (_, counter) = self.names();
        metrics::counter!(counter, "kind" => row.kind.as_str(), "outcome" => outcome).increment(1);
        let id = row.id;
        let noted = self.services.db.write(move |conn| outbox_note(conn, &id, &owner, &tried, now));
        if !noted.await? {
            tracing::warn!("a message took longer than its lease and may be sent twice");
        }
        Ok(())
    }

    /// Says when the server goes away and when it is back, not each time it is tried.
    fn tell(&self, sent: &Result<(), Trouble>) {
        match sent {
            Err(Trouble::Away(reason)) => {
                if !self.is_away.swap(true, Ordering::Relaxed) {
                    let channel = self.channel;
                    tracing::warn!(%channel, "messages wait: they cannot be sent: {reason}");
                }
            }
            Ok(()) | Err(Trouble::Later(_) | Trouble::Refused(_)) => {
                if self.is_away.swap(false, Ordering::Relaxed) {
                    tracing::info!(channel = %self.channel, "messages can be sent again");
                }
            }
        }
    }

    /// Gives up what has ended, with a server or without.
    async fn expire(&self, tally: &mut Tally) -> Result<(), DbError> {
        let (db, channel) = (&self.services.db, self.channel);
        let (_, counter) = self.names();
        loop {
            let now = self.services.clock.now();
            // Looked for first, since a look costs others nothing.
            if db.read(move |conn| outbox_expired(conn, channel, now, 1)).await?.is_empty() {
                return Ok(());
            }
            let gone = db.write(move |conn| outbox_expire(conn, channel, now, ROWS)).await?;
            for kind in gone {
                tally.failed += 1;
                metrics::counter!(counter, "kind" => kind.as_str(), "outcome" => "expired")
                    .increment(1);
            }
        }
    }

    async fn warn_once(&self) -> Result<(), DbError> {
        let channel = self.channel;
        if self.has_warned.load(Ordering::Relaxed)
            || !self.services.db.read(move |conn| outbox_waits(conn, channel)).await?
            || self.has_warned.swap(true, Ordering::Relaxed)
        {
            return Ok(());
        }
        match channel {
            Channel::Mail => tracing::warn!("mail waits to be sent, and smtp_url is not set"),
            Channel::Sms => tracing::warn!("text messages wait, and sms_url is not set"),
        }
        Ok(())
    }
}

/// The first and the longest pause after a failure.
type Pauses = (Duration, Duration);

/// The server is tried often enough that mail follows its return within half a minute.
const AWAY: Pauses = (Duration::from_secs(5), Duration::from_secs(20));
/// A mail that the server does not take now.
const LATER: Pauses = (Duration::from_secs(30), hours(1));

/// Twice as long after each failure, less up to half by chance, so that not all come back at once.
fn pause(attempts: i64, (first, longest): Pauses, random: &Random) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let whole = first.saturating_mul(2_u32.saturating_pow(doublings)).min(longest);
    whole.mul_f64(1.0 - 0.5 * f64::from(random.number()) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_end_and_vary() {
        let random = Random::seeded(1);
        for (attempts, least, most) in [(1, 15, 30), (2, 30, 60), (3, 60, 120), (9, 1_800, 3_600)] {
            for _ in 0..100 {
                let pause = pause(attempts, LATER, &random);
                let range = Duration::from_secs(least)..=Duration::from_secs(most);
                assert!(range.contains(&pause), "{attempts}: {pause:?}");
            }
        }
        assert!(pause(i64::MAX, AWAY, &random) <= Duration::from_secs(20));
        assert!(pause(0, AWAY, &random) <= Duration::from_secs(5));
        assert_ne!(pause(5, LATER, &random), pause(5, LATER, &random));
    }
}
