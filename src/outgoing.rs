//! Asking other servers over HTTP, within limits: encrypted unless they are on this machine, no redirects, seconds
//! and not minutes, short answers.

use std::error::Error as _;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, StatusCode};
use url::{Host, Url};

/// How long another server is waited for.
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

/// What another server answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, bounded.
    pub body: Vec<u8>,
}

/// What asks other servers.
pub struct Outgoing {
    client: Client,
}

impl Outgoing {
    /// Gets ready to ask; `is_encrypted` refuses everything but TLS.
    ///
    /// # Errors
    /// A system without authorities for certificates.
    pub fn new(limits: Limits, is_encrypted: bool) -> anyhow::Result<Self> {
        let client = Client::builder()
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .https_only(is_encrypted)
            // Elsewhere, neither what is asked nor the login is anybody's business.
            .redirect(Policy::none())
            .referer(false)
            // The settings alone say where it goes, not the environment.
            .no_proxy()
            // Requests are few: a connection that was kept would mostly be a broken one.
            .pool_max_idle_per_host(0)
            .user_agent("Switchroom")
            .build()
            .context("preparing TLS")?;
        Ok(Self { client })
    }

    /// Asks once; of the answer's body at most so many bytes are read.
    ///
    /// # Errors
    /// Why there is no answer, in our own words: those of the error name the address, which may hold secrets.
    pub async fn ask(
        &self,
        request: impl TryInto<Request>,
        bytes_max: usize,
    ) -> Result<Answer, String> {
        let request = request.try_into().map_err(|_| "a request that cannot be sent".to_owned())?;
        let mut response = self.client.execute(request).await.map_err(|error| reason(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
            if body.len() + chunk.len() > bytes_max {
                return Err(format!("http {}: an answer that is too long", status.as_u16()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

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

/// Whether a host is this machine.
#[must_use]
pub fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
