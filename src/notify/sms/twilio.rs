//! Gateways that are spoken to as Twilio is: `POST /2010-04-01/Accounts/{SID}/Messages.json`.
//! <https://www.twilio.com/docs/messaging/api/message-resource>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;

use super::address::Address;
use super::{Answer, Gateway, Request, Text, by_status, nonsense};
use crate::notify::relay::Trouble;
use crate::secret::Secret;

/// Errors that are about the sender and not about this message: an account, a number, a limit.
const OF_THE_SENDER: [i64; 12] = [
    20_003, 20_404, 20_429, 21_210, 21_212, 21_603, 21_606, 21_611, 21_659, 21_703, 21_705, 30_001,
];

/// Such a gateway.
pub(super) struct Twilio {
    url: Url,
    authorization: Secret,
    sender: String,
}

impl Twilio {
    /// Reads `twilio://SID:TOKEN@host[:port]?from=+1…`. `from` is a number, a name, or the SID of a messaging
    /// service, which begins with `MG`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let address = Address::parse(text, &["from"])?;
        let is_sid = address.user.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_sid {
            return Err("names an account that is no SID".into());
        }
        let path = format!("2010-04-01/Accounts/{}/Messages.json", address.user);
        let url = address.base.join(&path).map_err(|_| "names no host")?;
        let login = format!("{}:{}", address.user, address.password.expose());
        let authorization = Secret::new(format!("Basic {}", STANDARD.encode(login)));
        let sender = address.required("from")?;
        // A plus is a blank in a query, unless somebody knows that and writes %2B.
        let is_number = sender.bytes().all(|byte| byte.is_ascii_digit()) && sender.len() > 6;
        let sender = if is_number { format!("+{sender}") } else { sender };
        Ok(Self { url, authorization, sender })
    }
}

/// What both a message that was taken and an error may hold.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    sid: String,
    #[serde(default)]
    code: i64,
}

impl Gateway for Twilio {
    fn request(&self, text: &Text<'_>) -> Result<Request, Trouble> {
        let service = self.sender.starts_with("MG") && self.sender.len() == 34;
        let sender = if service { "MessagingServiceSid" } else { "From" };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", text.number)
            .append_pair(sender, &self.sender)
            .append_pair("Body", text.words.expose())
            // Seconds that it may wait at Twilio's.
            .append_pair("ValidityPeriod", &(text.minutes * 60).to_string())
            .finish();
        let form = "application/x-www-form-urlencoded".to_owned();
        Ok(Request {
            url: self.url.clone(),
            headers: vec![
                ("authorization", self.authorization.clone()),
                ("content-type", Secret::new(form)),
                ("accept", Secret::new("application/json".to_owned())),
            ],
            body: Secret::new(body),
        })
    }

    fn judge(&self, answer: &Answer) -> Result<(), Trouble> {
        let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
        let code = said.as_ref().map_or(0, |said| said.code);
        match by_status(answer.status) {
            Ok(()) if said.is_some_and(|said| !said.sid.is_empty()) => Ok(()),
            Ok(()) => Err(nonsense(answer.status)),
            Err(_) if OF_THE_SENDER.contains(&code) => {
                Err(Trouble::Away(format!("http {}: {code}", answer.status)))
            }
            // Five digits are Twilio's; six could be a code of ours.
            Err(Trouble::Refused(reason)) if (10_000..100_000).contains(&code) => {
                Err(Trouble::Refused(format!("{reason}: {code}")))
            }
            Err(trouble) => Err(trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_and_only_their_codes_are_kept() {
        let twilio = Twilio::parse("twilio://AC1:t@api.test?from=+15550100").unwrap();
        assert_eq!(twilio.sender, "+15550100");
        assert_eq!(twilio.url.as_str(), "https://api.test/2010-04-01/Accounts/AC1/Messages.json");
        for (status, body, outcome) in [
            (201, r#"{"sid": "SM1", "status": "queued"}"#, "sent"),
            (200, r#"{"sid": "SM1", "code": null}"#, "Away http 200: an answer of another kind"),
            (200, "<html>", "Away http 200: an answer of another kind"),
            (204, "", "Away http 204: an answer of another kind"),
            (400, r#"{"code": 21211, "message": "731946"}"#, "Refused http 400: 21211"),
            (400, r#"{"code": 731946}"#, "Refused http 400"),
            (400, "731946", "Refused http 400"),
            (400, r#"{"code": 21606}"#, "Away http 400: 21606"),
            (401, r#"{"code": 20003}"#, "Away http 401: 20003"),
            (429, r#"{"code": 20429}"#, "Away http 429: 20429"),
            (503, "", "Away http 503"),
        ] {
            let answer = Answer { status, body: body.as_bytes().to_vec() };
            let said = match twilio.judge(&answer) {
                Ok(()) => "sent".to_owned(),
                Err(Trouble::Away(reason)) => format!("Away {reason}"),
                Err(Trouble::Later(reason)) => format!("Later {reason}"),
                Err(Trouble::Refused(reason)) => format!("Refused {reason}"),
            };
            assert_eq!(said, outcome, "{status} {body}");
        }
    }
}
