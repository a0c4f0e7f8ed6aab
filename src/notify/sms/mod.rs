//! Text messages: the gateways that send them, behind one trait.
//!
//! A gateway says what is to be asked and what an answer means; [`http`] asks. So all of them share the same
//! limits: encryption unless it is on this machine, no redirects, seconds and not minutes, short answers, and not
//! a word of the gateway's that is shown or kept.

mod address;
mod countries;
mod http;
mod tencent;
mod twilio;
mod webhook;

use url::Url;

pub use countries::Countries;
pub use http::Sender;

use super::relay::Trouble;
use crate::clock::UtcTime;
use crate::i18n::Language;
pub use crate::outgoing::Limits;
use crate::secret::Secret;

/// A message as a gateway gets it.
pub struct Text<'a> {
    /// The row's key: the same each time the message is tried.
    pub id: &'a str,
    /// To whom, in E.164.
    pub number: &'a str,
    /// What it says, one line.
    pub words: &'a Secret,
    /// The code in it, for gateways that bring their own words.
    pub code: &'a Secret,
    /// Minutes that the code works still, rounded up; at least one.
    pub minutes: i64,
    /// In which language it is.
    pub language: Language,
    /// Now.
    pub at: UtcTime,
}

/// What is asked of a gateway: always a `POST`.
pub struct Request {
    /// Where.
    pub url: Url,
    /// With which headers; some hold secrets.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body.
    pub body: Secret,
}

/// What a gateway answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, bounded.
    pub body: Vec<u8>,
}

/// A gateway for text messages.
pub trait Gateway: Send + Sync {
    /// The request that hands a message over.
    ///
    /// # Errors
    /// Why it can never be handed over.
    fn request(&self, text: &Text<'_>) -> Result<Request, Trouble>;

    /// Whether it was taken.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when it is this message's own, [`Trouble::Away`] when the gateway is of no use now.
    fn judge(&self, answer: &Answer) -> Result<(), Trouble>;
}

/// Reads a gateway as `SWITCHROOM_SMS_URL` names it:
///
/// - `twilio://SID:TOKEN@host[:port]?from=+1…`
/// - `tencent://SECRET_ID:SECRET_KEY@host[:port]?sdk_app_id=…&sign=…&template=…&region=…`
/// - `webhook+https://host/path?secret=whsec_…`
///
/// The first two take `tls=off` for a gateway on this machine; `webhook+http://` is for the same.
///
/// # Errors
/// What is wrong; the URL is not repeated, since it holds secrets.
pub fn parse(text: &str) -> Result<Box<dyn Gateway>, String> {
    let url = Url::parse(text).ok();
    match url.as_ref().map(Url::scheme) {
        Some("twilio") => twilio::Twilio::parse(text).map(boxed),
        Some("tencent") => tencent::Tencent::parse(text).map(boxed),
        Some("webhook+https" | "webhook+http") => webhook::Webhook::parse(text).map(boxed),
        _ => Err("must be a URL that begins with twilio://, tencent:// or webhook+https://".into()),
    }
}

fn boxed(gateway: impl Gateway + 'static) -> Box<dyn Gateway> {
    Box::new(gateway)
}

/// What a status means where the body says no more. Statuses that depend on the settings, such as a wrong
/// password or path, leave the message waiting.
fn by_status(status: u16) -> Result<(), Trouble> {
    match status {
        200..=299 => Ok(()),
        401 | 403 | 404 | 405 | 407 | 408 | 410 | 425 | 429 => Err(away(status)),
        400..=499 => Err(Trouble::Refused(format!("http {status}"))),
        _ => Err(away(status)),
    }
}

fn away(status: u16) -> Trouble {
    Trouble::Away(format!("http {status}"))
}

/// For an answer that makes no sense.
fn nonsense(status: u16) -> Trouble {
    Trouble::Away(format!("http {status}: an answer of another kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whose_trouble_it_is() {
        for status in [200, 201, 202, 204] {
            assert!(by_status(status).is_ok(), "{status}");
        }
        for status in [400, 402, 409, 413, 422] {
            assert!(matches!(by_status(status), Err(Trouble::Refused(_))), "{status}");
        }
        for status in [100, 301, 302, 307, 401, 403, 404, 408, 429, 500, 502, 503, 504, 999] {
            assert!(matches!(by_status(status), Err(Trouble::Away(_))), "{status}");
        }
    }

    #[test]
    fn what_is_no_gateway_is_refused_without_repeating_it() {
        let key = "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==";
        for url in [
            "",
            "hunter2",
            "https://AC1:hunter2@sms.test",
            "twilio:",
            "twilio://sms.test?from=%2B15550100",
            "twilio://AC1@sms.test?from=%2B15550100",
            "twilio://AC1:hunter2@sms.test",
            "twilio://AC1:hunter2@sms.test?from=",
            "twilio://AC1:hunter2@sms.test?from=%2B15550100&from=%2B15550101",
            "twilio://AC1:hunter2@sms.test?from=%2B15550100&colour=red",
            "twilio://AC1:hunter2@sms.test?from=%2B15550100&tls=off",
            "twilio://AC1:hunter2@sms.test?from=%2B15550100&tls=maybe",
            "twilio://AC1:hunter2@sms.test/inbox?from=%2B15550100",
            "twilio://AC1:hunter2@sms.test?from=%2B15550100#x",
            "twilio://AC%2F1:hunter2@sms.test?from=%2B15550100",
            "twilio://AC1:hunter2%ff@sms.test?from=%2B15550100",
            "twilio://AC1:hunter2@sms.test:99999?from=%2B15550100",
            "tencent://id:hunter2@sms.test?sign=a&template=1",
            "tencent://id:hunter2@sms.test?sdk_app_id=1&sign=a",
            "tencent://id:hunter2@sms.test?sdk_app_id=1&template=1&sign=",
            "tencent://id:hunter2@sms.test?sdk_app_id=1&template=1&region=a%0Ab",
            "webhook+https://sms.test/hook",
            "webhook+https://sms.test/hook?secret=hunter2",
            "webhook+https://sms.test/hook?secret=whsec_aHVudGVyMg==",
            &format!("webhook+https://u:hunter2@sms.test/hook?secret={key}"),
            &format!("webhook+http://sms.test/hook?secret={key}"),
            &format!("webhook+ftp://sms.test/hook?secret={key}"),
        ] {
            let problem = parse(url).map(drop).expect_err(url);
            assert!(
                !problem.contains("hunter2") && !problem.contains("whsec_a"),
                "{url}: {problem}"
            );
        }
        for url in [
            "twilio://AC1:t@api.twilio.com?from=+15550100",
            "twilio://AC1:t@localhost:1?from=Switchroom&tls=off",
            "twilio://AC1:t@[::1]:1?from=Switchroom&tls=off",
            "twilio://AC1:t@127.0.0.1?from=Switchroom&tls=required",
            "tencent://id:key@sms.tencentcloudapi.com?sdk_app_id=1&template=2&sign=%E8%AF%BE",
            "webhook+http://localhost:9/hook?secret=whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==",
        ] {
            assert!(parse(url).is_ok(), "{url}: {:?}", parse(url).map(drop));
        }
    }
}
