//! Events as an app of some size reports them: in the order of time, the same in every run.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::support::Failure;

/// Events of a batch.
pub const BATCH: usize = 500;
/// Users of the app.
const USERS: u64 = 150_000;
/// Milliseconds between two events: four million of them fill ten days.
const STEP_MS: i64 = 216;

/// What happened, as far as the reference must know.
pub enum What {
    Login { user: String },
    Message { user: String, group: Option<String>, deliveries: i64 },
    Online { source: String, count: i64 },
    Registered { user: String },
    Joined { user: String, room: String, stay: String },
    Left { user: String, room: String, stay: String },
    Usage { user: String, room: String, seconds: i64, pixels: i64 },
    GroupJoined { user: String, group: String },
}

/// An event.
pub struct Event {
    pub at: Timestamp,
    pub what: What,
}

/// Makes events, one batch after the other.
pub struct Traffic {
    state: u64,
    at: Timestamp,
    made: u64,
    open: Vec<(String, String, String)>,
}

impl Traffic {
    /// Some that begins at a moment.
    pub fn since(at: Timestamp) -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15, at, made: 0, open: Vec::new() }
    }

    /// The next batch.
    pub fn batch(&mut self) -> Vec<Event> {
        (0..BATCH).map(|_| self.event()).collect()
    }

    /// xorshift64*, so that every run has the same events.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.next() >> 16) % most
    }

    /// Some are far more active than others: the square of an even share.
    fn user(&mut self) -> String {
        let share = self.below(1_000_000);
        format!("user{:06}", share * share / 1_000_000 * USERS / 1_000_000)
    }

    fn group(&mut self) -> String {
        let group = self.below(4_000);
        format!("@TGS#{group:05}")
    }

    fn room(&mut self) -> String {
        let room = self.below(800);
        format!("room-{room}")
    }

    fn event(&mut self) -> Event {
        self.made += 1;
        self.at += jiff::SignedDuration::from_millis(STEP_MS);
        let what = match self.below(100) {
            0..=21 => What::Login { user: self.user() },
            22..=41 => What::Message { user: self.user(), group: None, deliveries: 1 },
            42..=59 => {
                let (user, group) = (self.user(), Some(self.group()));
                What::Message { user, group, deliveries: 1 + (self.below(60)).cast_signed() }
            }
            60..=63 => What::Online {
                source: format!("node-{}", self.below(8)),
                count: self.below(9_000).cast_signed(),
            },
            64..=65 => What::Registered { user: format!("new{:08}", self.made) },
            66..=69 => What::GroupJoined { user: self.user(), group: self.group() },
            70..=79 => self.joined(),
            80..=89 => self.left(),
            _ => {
                let pixels = [0, 230_400, 921_600, 2_073_600];
                let pixels = pixels.get(usize::try_from(self.below(4)).unwrap_or(0));
                What::Usage {
                    user: self.user(),
                    room: self.room(),
                    seconds: 30 + self.below(300).cast_signed(),
                    pixels: pixels.copied().unwrap_or(0),
                }
            }
        };
        Event { at: self.at, what }
    }

    fn joined(&mut self) -> What {
        // Names of stays are random, as most servers make them.
        let stay = format!("PA_{:016x}", self.next());
        let (user, room) = (self.user(), self.room());
        self.open.push((user.clone(), room.clone(), stay.clone()));
        What::Joined { user, room, stay }
    }

    fn left(&mut self) -> What {
        match self.open.len() {
            0 => self.joined(),
            open => {
                let at = usize::try_from(self.below(open as u64)).unwrap_or(0);
                let (user, room, stay) = self.open.swap_remove(at);
                What::Left { user, room, stay }
            }
        }
    }
}

/// A batch as it is sent.
pub fn json(batch: &[Event]) -> Result<String, Failure> {
    let mut out = String::with_capacity(batch.len() * 120);
    out.push_str("{\"events\":[");
    for (at, event) in batch.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_event(&mut out, event)?;
    }
    out.push_str("]}");
    Ok(out)
}

fn write_event(out: &mut String, Event { at, what }: &Event) -> Result<(), Failure> {
    let written: std::fmt::Result = match what {
        What::Login { user } => {
            write!(out, r#"{{"type":"user.login","at":"{at}","user":"{user}","platform":"ios"}}"#)
        }
        What::Message { user, group: None, deliveries } => write!(
            out,
            r#"{{"type":"message.sent","at":"{at}","user":"{user}","scope":"c2c","deliveries":{deliveries}}}"#
        ),
        What::Message { user, group: Some(group), deliveries } => write!(
            out,
            r#"{{"type":"message.sent","at":"{at}","user":"{user}","scope":"group","group":"{group}","deliveries":{deliveries}}}"#
        ),
        What::Online { source, count } => write!(
            out,
            r#"{{"type":"online.sampled","at":"{at}","source":"{source}","count":{count}}}"#
        ),
        What::Registered { user } => {
            write!(out, r#"{{"type":"user.registered","at":"{at}","user":"{user}"}}"#)
        }
        What::Joined { user, room, stay } => write!(
            out,
            r#"{{"type":"room.joined","at":"{at}","room":"{room}","user":"{user}","stay":"{stay}"}}"#
        ),
        What::Left { user, room, stay } => write!(
            out,
            r#"{{"type":"room.left","at":"{at}","room":"{room}","user":"{user}","stay":"{stay}"}}"#
        ),
        What::Usage { user, room, seconds, pixels } => write!(
            out,
            r#"{{"type":"room.usage","at":"{at}","room":"{room}","user":"{user}","seconds":{seconds},"pixels":{pixels}}}"#
        ),
        What::GroupJoined { user, group } => write!(
            out,
            r#"{{"type":"group.joined","at":"{at}","group":"{group}","user":"{user}"}}"#
        ),
    };
    written?;
    Ok(())
}
