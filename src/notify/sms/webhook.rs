//! A gateway of one's own: a signed request to an address, in the manner of Standard Webhooks.
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use super::{Answer, Gateway, Request, Text, by_status};
use crate::notify::relay::Trouble;
use crate::outgoing::is_near;
use crate::secret::Secret;
use crate::vault::hmac;

/// Bytes of a secret that are too few, and too many.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Such a gateway.
pub(super) struct Webhook {
    url: Url,
    secret: Secret,
}

impl Webhook {
    /// Reads `webhook+https://host/path?secret=whsec_…`; other parts of the query stay in the address that is asked.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("webhook+").ok_or("is not a URL")?;
        let mut url = Url::parse(text).map_err(|_| "is not a URL")?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err("names no host".into());
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("takes a host, a path and a query, and nothing else".into());
        }
        if url.scheme() == "http" && !is_near(&url) {
            return Err("would send codes in the clear: webhook+http:// is for this machine".into());
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (secrets, rest): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| name == "secret");
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        let [(_, secret)] = secrets.as_slice() else {
            return Err("needs the option secret, once".into());
        };
        // A plus is a blank in a query.
        let secret = secret.replace(' ', "+");
        let secret = Secret::new(secret.strip_prefix("whsec_").unwrap_or_default().to_owned());
        if !key(&secret).is_some_and(|key| SECRET_BYTES.contains(&key.len())) {
            return Err("has a secret that is not whsec_ and 24 to 64 bytes of base64".into());
        }
        Ok(Self { url, secret })
    }
}

fn key(secret: &Secret) -> Option<Vec<u8>> {
    STANDARD.decode(secret.expose()).ok()
}

impl Gateway for Webhook {
    fn request(&self, text: &Text<'_>) -> Result<Request, Trouble> {
        let body = json!({
            "type": "sms.requested",
            "timestamp": text.at.timestamp().to_string(),
            "data": {
                "to": text.number,
                "text": text.words.expose(),
                "code": text.code.expose(),
                "minutes": text.minutes,
                "language": text.language,
            },
        });
        let (body, at) = (Secret::new(body.to_string()), text.at.seconds().to_string());
        let key = key(&self.secret).ok_or_else(|| Trouble::Away("no secret".into()))?;
        let signed = Secret::new(format!("{}.{at}.{}", text.id, body.expose()));
        let signature = STANDARD.encode(hmac(&key, signed.expose().as_bytes()));
        Ok(Request {
            url: self.url.clone(),
            headers: vec![
                ("content-type", Secret::new("application/json".to_owned())),
                ("webhook-id", Secret::new(text.id.to_owned())),
                ("webhook-timestamp", Secret::new(at)),
                ("webhook-signature", Secret::new(format!("v1,{signature}"))),
            ],
            body,
        })
    }

    fn judge(&self, answer: &Answer) -> Result<(), Trouble> {
        by_status(answer.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the specification and of the vendors' libraries.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let signature = STANDARD.encode(hmac(&key, signed.as_bytes()));
        assert_eq!(signature, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_secret_leaves_the_address_and_the_rest_stays() {
        let secret = "whsec_+fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let hook =
            Webhook::parse(&format!("webhook+https://sms.test/a?b=c%20d&secret={secret}")).unwrap();
        assert_eq!(hook.url.as_str(), "https://sms.test/a?b=c+d");
        assert_eq!(hook.secret.expose(), "+fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
