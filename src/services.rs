//! What handlers and commands work with: the database, keys, time, randomness, settings.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::Semaphore;

use crate::accounts::Passwords;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::identities::Provider;
use crate::notify::Bell;
use crate::random::Random;
use crate::vault::Vault;
use crate::web::body::Patience;

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
    /// How long a request's body is waited for.
    pub patience: Patience,
    /// Whether the first run is known to be over; once true, always true. Another process may end
    /// it: [`crate::setup::actions::is_over`] asks.
    pub is_set_up: Arc<AtomicBool>,
    /// Whether this is the demonstration, which a banner says on every page.
    pub is_demo: bool,
}
