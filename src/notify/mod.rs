//! Mail and text messages. A message is put into the outbox by the transaction of the act that it tells of,
//! sealed, and sent by a worker afterwards: a server of mail or a gateway that is away, slow or refuses slows
//! no page and loses nothing. What the message says is wiped once it is sent or given up. Each of the two
//! channels has workers and a bell of its own, so that neither holds up the other.

mod email;
pub mod message;
pub mod pages;
pub mod relay;
pub mod sms;
pub mod store;
mod text;
pub mod worker;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::UtcTime;
use crate::db::{Conn, DbError};
use crate::services::Services;

pub use email::{Rendered, render};
pub use message::{
    Channel, FactorChange, KeyMade, Letter, Mail, MembershipChange, Message, Sms, SmsQueued,
};
pub use relay::Relay;
pub use store::{State, enqueue, state, withdraw};
pub use text::line;
pub use worker::Worker;

/// Whether mail gets anywhere: to a server, or to the outbox that the demonstration shows. Where it
/// does not, it waits.
#[must_use]
pub fn is_set_up(services: &Services) -> bool {
    services.settings.smtp_url.is_some() || services.is_demo
}

/// Whether text messages get anywhere, likewise.
#[must_use]
pub fn sms_is_set_up(services: &Services) -> bool {
    services.settings.sms_url.is_some() || services.is_demo
}

/// By what messages get anywhere here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// Mail does.
    pub mail: bool,
    /// Text messages do.
    pub sms: bool,
}

impl Channels {
    /// Those of the installation.
    #[must_use]
    pub fn of(services: &Services) -> Self {
        Self { mail: is_set_up(services), sms: sms_is_set_up(services) }
    }
}

/// Puts a text message into the outbox, in the transaction of the act that it belongs to, and counts it; ring
/// `services.sms` after it. Each costs money: there is a budget for a day, and countries that are not served.
/// When the database cannot tell how many were sent, nothing is.
///
/// # Errors
/// The database's failure.
pub fn enqueue_sms(
    conn: &mut Conn,
    services: &Services,
    sms: &Sms<'_>,
    now: UtcTime,
) -> Result<SmsQueued, DbError> {
    let settings = &services.settings;
    if !settings.sms_countries.serve(sms.number) {
        return Ok(SmsQueued::CountryNotServed);
    }
    let budget = i64::from(settings.sms_budget);
    let queued = store::sms_enqueue(conn, (&services.vault, &services.random), sms, budget, now)?;
    if queued == SmsQueued::OverBudget {
        metrics::counter!("text_messages_total", "kind" => sms.message.kind().as_str(), "outcome" => "over_budget")
            .increment(1);
        tracing::warn!("a text message is not sent: the day's sms_budget of {budget} is spent");
    }
    Ok(queued)
}

/// Wakes the worker of this process. Whoever put a message into the outbox rings it after the
/// transaction; messages that nobody rang for are found within seconds.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// There is a message.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it is rung, or was since somebody last waited.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
