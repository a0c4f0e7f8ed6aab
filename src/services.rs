//! What handlers and commands work with: the database, keys, time, randomness, settings.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::accounts::Passwords;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::identities::Provider;
use crate::jobs::Stopper;
use crate::notify::Bell;
use crate::random::Random;
use crate::vault::Vault;
use crate::web::body::Patience;

/// Streams that tell pages what goes on.
#[derive(Clone)]
pub struct Following {
    /// Streams at a time; more are asked to come again.
    pub streams: Arc<Semaphore>,
    /// From one look to the next.
    pub every: Duration,
    /// Looks of a stream; whoever goes on watching comes again.
    pub looks: u32,
    /// Ends them when the process stops.
    pub stopper: Arc<Stopper>,
}

/// Shared by all requests of a process; cloning is cheap.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Random bytes.
    pub random: Random,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The password hasher.
    pub passwords: Passwords,
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// Wakes the worker that sends mail; rung after mail was put into the outbox.
    pub mail: Bell,
    /// Wakes the worker that sends text messages, likewise.
    pub sms: Bell,
    /// The provider that people may sign in through.
    pub provider: Option<Arc<Provider>>,
    /// Batches of events that may be read at a time; more are asked to come again.
    pub batches: Arc<Semaphore>,
    /// How pages that follow what goes on are told of it.
    pub following: Following,
    /// How long a request's body is waited for.
    pub patience: Patience,
    /// Whether the first run is known to be over; once true, always true. Another process may end
    /// it: [`crate::setup::actions::is_over`] asks.
    pub is_set_up: Arc<AtomicBool>,
    /// Whether this is the demonstration, which a banner says on every page.
    pub is_demo: bool,
}
