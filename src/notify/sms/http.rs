//! Asking a gateway.

use anyhow::Context;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request as Asking};

use super::{Answer, Gateway, Request, Text};
use crate::notify::relay::Trouble;
use crate::outgoing::{Limits, Outgoing};

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A gateway with all that is needed to ask it.
pub struct Sender {
    gateway: Box<dyn Gateway>,
    outgoing: Outgoing,
}

impl Sender {
    /// Gets ready to ask a gateway.
    ///
    /// # Errors
    /// A system without authorities for certificates.
    pub fn new(gateway: Box<dyn Gateway>, limits: Limits) -> anyhow::Result<Self> {
        // Which gateways may be asked without encryption, their settings have said.
        let outgoing = Outgoing::new(limits, false).context("sms_url")?;
        Ok(Self { gateway, outgoing })
    }

    /// Hands a message over.
    ///
    /// # Errors
    /// What became of it.
    pub async fn send(&self, text: &Text<'_>) -> Result<(), Trouble> {
        let asking = written(self.gateway.request(text)?)?;
        let answer = self.outgoing.ask(asking, ANSWER_BYTES_MAX).await.map_err(Trouble::Away)?;
        self.gateway.judge(&Answer { status: answer.status.as_u16(), body: answer.body })
    }
}

fn written(request: Request) -> Result<Asking, Trouble> {
    let mut asking = Asking::new(Method::POST, request.url);
    *asking.body_mut() = Some(request.body.expose().to_owned().into());
    for (name, value) in request.headers {
        let Ok(mut value) = HeaderValue::from_str(value.expose()) else {
            return Err(Trouble::Away("a setting that no header can hold".into()));
        };
        value.set_sensitive(true);
        asking.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(asking)
}
