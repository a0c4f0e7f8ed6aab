//! The reference on SQLite: the same tables, a prepared statement for each row, one transaction for each batch, and
//! nothing else. No HTTP, no JSON, no checks, no peaks, one thread; events come as values.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use crate::support::Failure;
use crate::traffic::{Event, What};

/// Counts batches of an app.
pub struct Reference {
    conn: Connection,
    app: i64,
    zone: TimeZone,
    counted: usize,
}

struct Statements<'c> {
    kinds: Statement<'c>,
    name: Statement<'c>,
    registration: Statement<'c>,
    online: Statement<'c>,
    usage: Statement<'c>,
    joined: Statement<'c>,
    left: Statement<'c>,
    figure: Statement<'c>,
}

type Figures = HashMap<(&'static str, String), i64>;

impl Reference {
    /// Opens a database that the program has migrated.
    pub fn open(database: &str, app: i64) -> Result<Self, Failure> {
        let conn = Connection::open(database)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(Self { conn, app, zone: TimeZone::get("Asia/Shanghai")?, counted: 0 })
    }

    /// Counts batches, a transaction each.
    pub fn count(&mut self, batches: &[Vec<Event>]) -> Result<(), Failure> {
        let (conn, app) = (&self.conn, self.app);
        let mut statements = Statements::of(conn)?;
        let mut known =
            conn.prepare("SELECT digest FROM event_batches WHERE sdk_app_id = ? AND key = ?")?;
        let mut batch_row = conn.prepare(
            "INSERT INTO event_batches (sdk_app_id, key, digest, accepted, created_at) VALUES (?, ?, ?, ?, ?)",
        )?;
        let (mut begin, mut commit) = (conn.prepare("BEGIN IMMEDIATE")?, conn.prepare("COMMIT")?);
        for batch in batches {
            begin.execute([])?;
            let key = format!("batch-{}", self.counted);
            self.counted += 1;
            if known.exists(params![app, key])? {
                return Err("a batch that is known".into());
            }
            let newest = batch.last().map_or(0, |event| event.at.as_microsecond());
            batch_row.execute(params![
                app,
                key,
                "0".repeat(64),
                i64::try_from(batch.len())?,
                newest
            ])?;
            let mut figures = Figures::new();
            for event in batch {
                statements.count(app, &self.zone, event, &mut figures)?;
            }
            for ((metric, day), number) in figures {
                statements.figure.execute(params![app, metric, day, number])?;
            }
            commit.execute([])?;
        }
        Ok(())
    }
}

impl<'c> Statements<'c> {
    fn of(conn: &'c Connection) -> Result<Self, Failure> {
        Ok(Self {
            kinds: conn.prepare(
                "SELECT kinds FROM event_names WHERE day = ? AND sdk_app_id = ? AND name = ?",
            )?,
            name: conn.prepare(
                "INSERT INTO event_names (day, sdk_app_id, name, kinds) VALUES (?, ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET kinds = excluded.kinds",
            )?,
            registration: conn.prepare(
                "INSERT INTO registrations (sdk_app_id, user_name, day) VALUES (?, ?, ?) \
                 ON CONFLICT DO NOTHING",
            )?,
            online: conn.prepare(
                "INSERT INTO online_samples (day, sdk_app_id, minute, source, online) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET online = excluded.online WHERE online < excluded.online",
            )?,
            usage: conn.prepare(
                "INSERT INTO usage_seconds (day, sdk_app_id, service, tier, user_name, seconds) \
                 VALUES (?, ?, 'rtc', ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET seconds = seconds + excluded.seconds",
            )?,
            joined: conn.prepare(
                "INSERT INTO room_stays (sdk_app_id, stay, user_name, room, joined_at) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET user_name = excluded.user_name, room = excluded.room, \
                 joined_at = excluded.joined_at",
            )?,
            left: conn.prepare(
                "INSERT INTO room_stays (sdk_app_id, stay, left_at) VALUES (?, ?, ?) \
                 ON CONFLICT DO UPDATE SET left_at = excluded.left_at",
            )?,
            figure: conn.prepare(
                "INSERT INTO daily_figures (sdk_app_id, metric, day, value) VALUES (?, ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET value = value + excluded.value",
            )?,
        })
    }

    fn count(
        &mut self,
        app: i64,
        zone: &TimeZone,
        Event { at, what }: &Event,
        figures: &mut Figures,
    ) -> Result<(), Failure> {
        let day = day_of(*at, zone);
        let mut add = |metric, number| *figures.entry((metric, day.clone())).or_default() += number;
        let mut name = |name: &str, metrics: &[(i64, &'static str)]| -> Result<(), Failure> {
            let known =
                self.kinds.query_row(params![day, app, name], |row| row.get(0)).optional()?;
            let known: i64 = known.unwrap_or(0);
            let mut kinds = known;
            for (kind, metric) in metrics.iter().filter(|(kind, _)| known & kind == 0) {
                kinds |= kind;
                add(metric, 1);
            }
            if kinds != known {
                self.name.execute(params![day, app, name, kinds])?;
            }
            Ok(())
        };
        match what {
            What::Login { user } => {
                name(user, &[(1, "ActiveUserNum")])?;
                add("LoginTimes", 1);
            }
            What::Message { user, group, deliveries } => {
                if let Some(group) = group {
                    name(user, &[(2, "SendMsgUserNum"), (8, "GroupSendMsgUserNum")])?;
                    name(group, &[(16, "GroupSendMsgGroupNum")])?;
                    add("GroupUpMsgNum", 1);
                    add("GroupDownMsgNum", *deliveries);
                } else {
                    name(user, &[(2, "SendMsgUserNum"), (4, "C2CSendMsgUserNum")])?;
                    add("C2CUpMsgNum", 1);
                    add("C2CDownMsgNum", *deliveries);
                }
                add("UpMsgNum", 1);
                add("DownMsgNum", *deliveries);
            }
            What::Online { source, count } => {
                let minute = at.as_second() / 60;
                self.online.execute(params![day, app, minute, source, count])?;
            }
            What::Registered { user } => {
                let new = self.registration.execute(params![app, user, day])?;
                add("RegistUserNumOneDay", i64::try_from(new)?);
                add("RegistUserNumTotal", i64::try_from(new)?);
            }
            What::Joined { user, room, stay } => {
                name(user, &[(32, "RtcUserNum")])?;
                name(room, &[(64, "RtcRoomNum")])?;
                self.joined.execute(params![app, stay, user, room, at.as_microsecond()])?;
            }
            What::Left { stay, .. } => {
                self.left.execute(params![app, stay, at.as_microsecond()])?;
            }
            What::Usage { user, seconds, pixels, .. } => {
                let tier = if *pixels == 0 { "audio" } else { "hd" };
                self.usage.execute(params![day, app, tier, user, seconds])?;
                add("RtcAudioMinutes", seconds / 60);
                add("RtcPackageMinutes", seconds / 60 * 100);
            }
            What::GroupJoined { .. } => add("GroupJoinGroupTimes", 1),
        }
        Ok(())
    }
}

fn day_of(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).date().to_string()
}
