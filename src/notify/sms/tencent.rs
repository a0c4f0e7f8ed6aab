//! Tencent Cloud SMS: `SendSms` of the version 2021-01-11, signed with TC3-HMAC-SHA256.
//! <https://cloud.tencent.com/document/product/382/55981>
//! <https://cloud.tencent.com/document/api/382/52072>
//!
//! The words are those of a template that was approved beforehand: its first parameter is the code, its second the
//! minutes that it works. What is confirmed is not in it; the page says that.

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::address::Address;
use super::{Answer, Gateway, Request, Text, by_status, nonsense};
use crate::notify::relay::Trouble;
use crate::secret::{Secret, hex};
use crate::vault::hmac;

const SERVICE: &str = "sms";
const ACTION: &str = "SendSms";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json";

/// What a status of a message begins with when the message is not to blame but the account, its template, its
/// signature or the service.
const OF_THE_SENDER: [&str; 13] = [
    "AuthFailure",
    "FailedOperation.FailResolvePacket",
    "FailedOperation.InsufficientBalance",
    "FailedOperation.JsonParseFail",
    "FailedOperation.MissingSignature",
    "FailedOperation.MissingTemplate",
    "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.TemplateIncorrectOrUnapproved",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
    "InternalError",
    "LimitExceeded.AppDailyLimit",
    "RequestLimitExceeded",
    "UnauthorizedOperation",
];

/// The gateway.
pub(super) struct Tencent {
    url: Url,
    /// As the header has it, which is signed.
    host: String,
    id: String,
    key: Secret,
    app: String,
    sign: Option<String>,
    template: String,
    region: String,
}

impl Tencent {
    /// Reads `tencent://SECRET_ID:SECRET_KEY@host[:port]?sdk_app_id=…&sign=…&template=…&region=…`. `sign` may be
    /// missing where only numbers outside of China are served, `region` is `ap-guangzhou` unless it is given.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let address = Address::parse(text, &["sdk_app_id", "sign", "template", "region"])?;
        let number = |name: &str| {
            let text = address.required(name)?;
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(text).ok_or_else(|| format!("needs a number for {name}"))
        };
        let (app, template) = (number("sdk_app_id")?, number("template")?);
        let sign = match address.option("sign") {
            Some("") => return Err("needs a text for sign, or none of it".into()),
            given => given.map(str::to_owned),
        };
        let region = address.option("region").unwrap_or("ap-guangzhou").to_owned();
        let is_word =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_word(&region) || !is_word(&address.user) {
            return Err("has a region or a secret id that is none".into());
        }
        let url = address.base;
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Self { host, url, id: address.user, key: address.password, app, sign, template, region })
    }

    /// The header that signs a body.
    fn authorization(&self, body: &str, at: i64, day: &str) -> Secret {
        let hashed = |text: &str| hex(&Sha256::digest(text.as_bytes()));
        let signed = "content-type;host";
        let request = format!(
            "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{}\n\n{signed}\n{}",
            self.host,
            hashed(body)
        );
        let scope = format!("{day}/{SERVICE}/tc3_request");
        let text = format!("TC3-HMAC-SHA256\n{at}\n{scope}\n{}", hashed(&request));
        let first = Secret::new(format!("TC3{}", self.key.expose()));
        let key = hmac(first.expose().as_bytes(), day.as_bytes());
        let key = hmac(&hmac(&key, SERVICE.as_bytes()), b"tc3_request");
        let signature = hex(&hmac(&key, text.as_bytes()));
        Secret::new(format!(
            "TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            self.id
        ))
    }
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "Response")]
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "Error")]
    error: Option<Status>,
    #[serde(default, rename = "SendStatusSet")]
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "Code")]
    code: String,
}

impl Status {
    /// The code, if it is one: nothing else of the gateway's is kept.
    fn word(&self) -> &str {
        let is_code = |code: &str| {
            code.len() <= 80 && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
        };
        if is_code(&self.code) { &self.code } else { "another code" }
    }
}

impl Gateway for Tencent {
    fn request(&self, text: &Text<'_>) -> Result<Request, Trouble> {
        let mut body = json!({
            "PhoneNumberSet": [text.number],
            "SmsSdkAppId": self.app,
            "TemplateId": self.template,
            "TemplateParamSet": [text.code.expose(), text.minutes.to_string()],
            "SessionContext": text.id,
        });
        if let (Some(sign), Some(fields)) = (&self.sign, body.as_object_mut()) {
            fields.insert("SignName".to_owned(), json!(sign));
        }
        let body = Secret::new(body.to_string());
        let at = text.at.seconds();
        let day = text.at.timestamp().strftime("%Y-%m-%d").to_string();
        let header = |text: &str| Secret::new(text.to_owned());
        Ok(Request {
            url: self.url.clone(),
            headers: vec![
                ("authorization", self.authorization(body.expose(), at, &day)),
                ("content-type", header(CONTENT_TYPE)),
                ("host", header(&self.host)),
                ("x-tc-action", header(ACTION)),
                ("x-tc-region", header(&self.region)),
                ("x-tc-timestamp", header(&at.to_string())),
                ("x-tc-version", header(VERSION)),
            ],
            body,
        })
    }

    fn judge(&self, answer: &Answer) -> Result<(), Trouble> {
        by_status(answer.status)?;
        let said: Said =
            serde_json::from_slice(&answer.body).map_err(|_| nonsense(answer.status))?;
        // An error of the whole request is about keys, limits or the shape of what we sent.
        if let Some(error) = &said.response.error {
            return Err(Trouble::Away(error.word().to_owned()));
        }
        let [status] = said.response.statuses.as_slice() else {
            return Err(nonsense(answer.status));
        };
        let word = status.word();
        if word == "Ok" {
            Ok(())
        } else if OF_THE_SENDER.iter().any(|start| word.starts_with(start)) {
            Err(Trouble::Away(word.to_owned()))
        } else {
            Err(Trouble::Refused(word.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_and_only_their_codes_are_kept() {
        let url = "tencent://id:key@sms.test?sdk_app_id=1&template=2&sign=a";
        let tencent = Tencent::parse(url).unwrap();
        let of = |code: &str| {
            format!(
                r#"{{"Response": {{"SendStatusSet": [{{"Code": "{code}", "Message": "731946"}}]}}}}"#
            )
        };
        let error = r#"{"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound", "Message": "731946"}}}"#;
        for (status, body, outcome) in [
            (200, of("Ok"), "sent"),
            (
                200,
                of("FailedOperation.PhoneNumberInBlacklist"),
                "Refused FailedOperation.PhoneNumberInBlacklist",
            ),
            (
                200,
                of("LimitExceeded.PhoneNumberDailyLimit"),
                "Refused LimitExceeded.PhoneNumberDailyLimit",
            ),
            (
                200,
                of("FailedOperation.InsufficientBalanceInSmsPackage"),
                "Away FailedOperation.InsufficientBalanceInSmsPackage",
            ),
            (200, of("code 731946"), "Refused another code"),
            (200, error.to_owned(), "Away AuthFailure.SecretIdNotFound"),
            (
                200,
                r#"{"Response": {"SendStatusSet": []}}"#.to_owned(),
                "Away http 200: an answer of another kind",
            ),
            (200, "Ok".to_owned(), "Away http 200: an answer of another kind"),
            (502, String::new(), "Away http 502"),
        ] {
            let said = match tencent.judge(&Answer { status, body: body.clone().into_bytes() }) {
                Ok(()) => "sent".to_owned(),
                Err(Trouble::Away(reason)) => format!("Away {reason}"),
                Err(Trouble::Later(reason)) => format!("Later {reason}"),
                Err(Trouble::Refused(reason)) => format!("Refused {reason}"),
            };
            assert_eq!(said, outcome, "{status} {body}");
        }
    }
}
