//! Reading bodies: bounded in size and in time, strict about what they hold.

use std::task::Poll;
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::{cx, guard};
use crate::error::AppError;

/// The most bytes of a form.
pub const FORM_BYTES_MAX: usize = 64 * 1_024;
/// The most bytes of a JSON body.
pub const JSON_BYTES_MAX: usize = 256 * 1_024;
/// The most fields of a form.
const FIELDS_MAX: usize = 200;

/// How long a body is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest pause between two pieces.
    pub pause: Duration,
    /// The longest it may take.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { pause: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// Reads a whole body.
///
/// # Errors
/// [`AppError::TooLarge`], [`AppError::BodyTimeout`], or a connection that broke.
pub async fn read(
    payload: &mut Payload,
    declared: Option<usize>,
    max: usize,
    patience: Patience,
) -> Result<Bytes, AppError> {
    if declared.is_some_and(|bytes| bytes > max) {
        return Err(AppError::TooLarge { max });
    }
    let all = async {
        let mut body = BytesMut::new();
        let mut payload = std::pin::pin!(payload);
        loop {
            let piece = std::future::poll_fn(|task| payload.as_mut().poll_next(task));
            let piece = tokio::time::timeout(patience.pause, piece).await;
            let piece = piece.map_err(|_| AppError::BodyTimeout)?;
            match piece {
                None => return Ok(body.freeze()),
                Some(Ok(piece)) if body.len() + piece.len() <= max => {
                    body.extend_from_slice(&piece);
                }
                Some(Ok(_)) => return Err(AppError::TooLarge { max }),
                Some(Err(error)) => return Err(AppError::BadRequest(error.to_string())),
            }
        }
    };
    tokio::time::timeout(patience.total, all).await.map_err(|_| AppError::BodyTimeout)?
}

/// The pieces of a body, for a thread that reads them as they come. Few of them wait at a time, so that memory does
/// not follow the body.
pub struct Pieces {
    pieces: tokio::sync::mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl std::io::Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let read = self.piece.len().min(into.len());
        let (Some(into), now) = (into.get_mut(..read), self.piece.split_to(read)) else {
            return Ok(0);
        };
        into.copy_from_slice(&now);
        Ok(read)
    }
}

/// Both ends of a body that is read as it comes: what reads, and what brings the pieces. A body that ends too early
/// looks whole to the reader: what brings the pieces says that it is not.
pub fn pieces(
    (payload, declared): (Payload, Option<usize>),
    max: usize,
    patience: Patience,
) -> (Pieces, impl Future<Output = Result<(), AppError>>) {
    let (tell, told) = tokio::sync::mpsc::channel(4);
    let bring = async move {
        if declared.is_some_and(|bytes| bytes > max) {
            return Err(AppError::TooLarge { max });
        }
        let mut payload = std::pin::pin!(payload);
        let mut bytes = 0;
        loop {
            let piece = std::future::poll_fn(|task| payload.as_mut().poll_next(task));
            let piece = tokio::time::timeout(patience.pause, piece).await;
            match piece.map_err(|_| AppError::BodyTimeout)? {
                None => return Ok(()),
                Some(Err(error)) => return Err(AppError::BadRequest(error.to_string())),
                Some(Ok(piece)) => {
                    bytes += piece.len();
                    if bytes > max {
                        return Err(AppError::TooLarge { max });
                    }
                    // Nobody reads on: the reader says why. actix-http fills a buffer while this waits to send,
                    // then sleeps until it is asked for more, and dropping the payload does not wake it: what is
                    // there is taken, so that it goes on and gets rid of the rest.
                    if tell.send(piece).await.is_err() {
                        std::future::poll_fn(|task| {
                            while let Poll::Ready(Some(Ok(_))) = payload.as_mut().poll_next(task) {}
                            Poll::Ready(())
                        })
                        .await;
                        return Ok(());
                    }
                }
            }
        }
    };
    let bring = async move {
        tokio::time::timeout(patience.total, bring).await.map_err(|_| AppError::BodyTimeout)?
    };
    (Pieces { pieces: told, piece: Bytes::new() }, bring)
}

/// How long a body says that it is.
#[must_use]
pub fn declared(headers: &header::HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a body is of a media type, whatever its parameters.
#[must_use]
pub fn is_type(headers: &header::HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(expected))
}

/// The fields of a form as they came, in order; left on the request by the guard.
#[derive(Clone, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    /// The fields to send again as they are; `None` when there are none, or a secret is among
    /// them, which no page repeats.
    #[must_use]
    pub fn to_send_again(&self) -> Option<Vec<(String, String)>> {
        const SECRETS: &[&str] = &["password", "again", "current", "code", "key", "certificate"];
        let is_secret = |name: &str, value: &str| SECRETS.contains(&name) && !value.is_empty();
        let typed = self.0.iter().filter(|(name, _)| name != cx::TOKEN_FIELD);
        let typed: Vec<_> = typed.cloned().collect();
        let has_secret = typed.iter().any(|(name, value)| is_secret(name, value));
        (!has_secret && !typed.is_empty()).then_some(typed)
    }
}

/// Reads the fields of a form.
///
/// # Errors
/// A body of another type, too large, too slow, or not UTF-8.
pub async fn form_pairs(req: &mut ServiceRequest) -> Result<Vec<(String, String)>, AppError> {
    const TYPE: &str = "application/x-www-form-urlencoded";
    let declared = declared(req.headers());
    if !is_type(req.headers(), TYPE) {
        return Err(AppError::UnsupportedMediaType(TYPE));
    }
    let patience = guard::services(req.request())?.patience;
    let mut payload = req.take_payload();
    let body = read(&mut payload, declared, FORM_BYTES_MAX, patience).await?;
    decode(&body)
}

fn decode(body: &[u8]) -> Result<Vec<(String, String)>, AppError> {
    let broken = || AppError::BadRequest("the form is not UTF-8".into());
    let mut pairs = Vec::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == FIELDS_MAX {
            return Err(AppError::BadRequest("the form has too many fields".into()));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || -> Result<String, AppError> {
            let spaced: Vec<u8> = halves
                .next()
                .unwrap_or_default()
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            let text = percent_encoding::percent_decode(&spaced).decode_utf8();
            Ok(text.map_err(|_| broken())?.into_owned())
        };
        pairs.push((half()?, half()?));
    }
    Ok(pairs)
}

/// A form's fields, read by serde: an unknown or repeated field is refused.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = req.extensions();
        let pairs = extensions.get::<Pairs>().map_or(&[][..], |pairs| &pairs.0);
        std::future::ready(parse(fields(pairs)).map(Self))
    }
}

/// What a form holds beside its token, which the guard has read.
fn fields(pairs: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    pairs.iter().filter(|(name, _)| name != super::cx::TOKEN_FIELD)
}

fn parse<'p, T: DeserializeOwned>(
    pairs: impl IntoIterator<Item = &'p (String, String)>,
) -> Result<T, AppError> {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        text.append_pair(name, value);
    }
    serde_html_form::from_str(&text.finish())
        .map_err(|error| AppError::BadRequest(error.to_string()))
}

/// The query of a page, read by serde; what it cannot read is refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = decode(req.query_string().as_bytes()).and_then(|pairs| parse(&pairs));
        std::future::ready(query.map(Self))
    }
}

/// A JSON body, read by serde: an unknown or repeated field is refused.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = AppError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        const TYPE: &str = "application/json";
        let (is_json, declared) = (is_type(req.headers(), TYPE), declared(req.headers()));
        let services = guard::services(req);
        let mut payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(AppError::UnsupportedMediaType(TYPE));
            }
            let patience = services?.patience;
            let body = read(&mut payload, declared, JSON_BYTES_MAX, patience).await?;
            // serde would also take the fields as an array, in the order of their declaration.
            if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
                return Err(AppError::BadRequest("the body must be a JSON object".into()));
            }
            let value = serde_json::from_slice(&body);
            value.map(Self).map_err(|error| AppError::BadRequest(error.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Input {
        #[serde(default)]
        name: String,
        #[serde(default)]
        services: Vec<String>,
    }

    fn form(text: &str) -> Result<Input, AppError> {
        decode(text.as_bytes()).and_then(|pairs| parse(fields(&pairs)))
    }

    #[test]
    fn fields_are_decoded_and_repeated_ones_make_a_list() {
        let input = form("name=a%20b%2Bc+d&services=rtc&services=im&token=x").unwrap();
        assert_eq!(input.name, "a b+c d");
        assert_eq!(input.services, ["rtc", "im"]);
    }

    #[test]
    fn unknown_repeated_and_broken_fields_are_refused() {
        for text in ["name=a&role=owner", "name=a&name=b", "name=%FF", "%C3%28=a"] {
            assert!(form(text).is_err(), "{text}");
        }
        assert!(decode("a=1&".repeat(FIELDS_MAX + 1).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(decode(&body).and_then(|pairs| parse::<Input>(&pairs)));
        }
    }
}
