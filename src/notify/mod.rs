//! Mail. A message is put into the outbox by the transaction of the act that it tells of, sealed,
//! and sent by the worker afterwards: a server of mail that is away, slow or refuses slows no page
//! and loses nothing. What the message says is wiped once it is sent or given up.

mod email;
pub mod message;
pub mod pages;
pub mod relay;
pub mod store;
pub mod worker;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::services::Services;

pub use email::{Rendered, render};
pub use message::{Channel, FactorChange, Letter, Mail, MembershipChange, Message, Whence};
pub use relay::Relay;
pub use store::{State, enqueue, state, withdraw};
pub use worker::Worker;

/// Whether mail gets anywhere: to a server, or to the outbox that the demonstration shows. Where it
/// does not, it waits.
#[must_use]
pub fn is_set_up(services: &Services) -> bool {
    services.settings.smtp_url.is_some() || services.is_demo
}

/// Wakes the worker of this process. Whoever put mail into the outbox rings it after the
/// transaction; mail that nobody rang for is found within seconds.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// There is mail.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it is rung, or was since somebody last waited.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
