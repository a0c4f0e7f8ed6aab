//! Asking a gateway, within limits.

use std::error::Error as _;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::{Answer, Gateway, Request, Text};
use crate::notify::relay::Trouble;

/// How long a gateway is waited for.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Until there is a connection, encrypted.
    pub connect: Duration,
    /// Until it has answered, in all.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let [connect, total] = [3, 10].map(Duration::from_secs);
        Self { connect, total }
    }
}

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A gateway with all that is needed to ask it.
pub struct Sender {
    gateway: Box<dyn Gateway>,
    client: Client,
}

impl Sender {
    /// Gets ready to ask a gateway.
    ///
    /// # Errors
    /// A system without authorities for certificates.
    pub fn new(gateway: Box<dyn Gateway>, limits: Limits) -> anyhow::Result<Self> {
        let client = Client::builder()
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            // Elsewhere, neither the code nor the login is anybody's business.
            .redirect(Policy::none())
            .referer(false)
            // The settings alone say where it goes, not the environment.
            .no_proxy()
            // Messages are few: a connection that was kept would mostly be a broken one.
            .pool_max_idle_per_host(0)
            .user_agent("Switchroom")
            .build()
            .context("sms_url: preparing TLS")?;
        Ok(Self { gateway, client })
    }

    /// Hands a message over.
    ///
    /// # Errors
    /// What became of it.
    pub async fn send(&self, text: &Text<'_>) -> Result<(), Trouble> {
        let request = self.gateway.request(text)?;
        let answer = self.ask(request).await.map_err(|error| Trouble::Away(reason(&error)))??;
        self.gateway.judge(&answer)
    }

    async fn ask(&self, request: Request) -> Result<Result<Answer, Trouble>, reqwest::Error> {
        let mut asking = self.client.post(request.url).body(request.body.expose().to_owned());
        for (name, value) in request.headers {
            let Ok(mut value) = HeaderValue::from_str(value.expose()) else {
                return Ok(Err(Trouble::Away("a setting that no header can hold".into())));
            };
            value.set_sensitive(true);
            asking = asking.header(HeaderName::from_static(name), value);
        }
        let response = asking.send().await?;
        let status = response.status().as_u16();
        let body = whole(response).await?;
        let too_long = || Trouble::Away(format!("http {status}: an answer that is too long"));
        Ok(body.map(|body| Answer { status, body }).ok_or_else(too_long))
    }
}

/// The body; `None` when it is too long.
async fn whole(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// What went wrong, in our own words: those of the error name the address, which may hold secrets.
fn reason(error: &reqwest::Error) -> String {
    let step = if error.is_connect() { "connect" } else { "ask" };
    if error.is_timeout() {
        return format!("{step}: no answer in time");
    }
    let mut source = error.source();
    let mut said = "no answer that is HTTP".to_owned();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            let inner = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            let is_tls = inner.is_some();
            said = if is_tls {
                "no TLS, or no trusted certificate".into()
            } else {
                io.kind().to_string()
            };
        }
        source = cause.source();
    }
    format!("{step}: {said}")
}
