//! `POST /v1/apps/{sdk_app_id}/events`.

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, header::HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::Form;
use super::actions::{self, Accepted, BYTES_MAX, Reading, Refused};
use crate::api_keys::ApiScope;
use crate::apps::OwnedByKey;
use crate::clock::Zone;
use crate::error::{AppError, FieldRefusal, Refusal};
use crate::web::body::{declared, is_type, pieces};
use crate::web::{Cx, Need, Routes};

/// The most characters of an idempotency key.
const KEY_CHARS_MAX: usize = 255;
/// Bytes that may be sent beyond those of the batch: what compression adds to what cannot be compressed.
const SENT_BYTES_MAX: usize = BYTES_MAX + 64 * 1_024;

/// Mounts the route.
pub fn routes(routes: &mut Routes) {
    const NEED: Need = Need::Key(ApiScope::EventsWrite);
    routes.api(Method::POST, "/v1/apps/{sdk_app_id}/events", NEED, take);
}

#[derive(Serialize)]
struct AcceptedJson {
    accepted: i64,
    duplicate: bool,
}

/// `POST /v1/apps/{sdk_app_id}/events`: counts a batch, once.
async fn take(
    cx: Cx,
    req: HttpRequest,
    owned: OwnedByKey,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    let (services, app) = (&cx.services, owned.app.sdk_app_id);
    let (form, is_gzip) = written(req.headers())?;
    let key = idempotency_key(req.headers())?;
    let Ok(_turn) = services.batches.try_acquire() else { return Err(AppError::Busy) };
    let zone = Zone::named(&owned.app.statistics_zone).unwrap_or_else(Zone::utc);
    let known = actions::known(services, app, &key).await?;
    let payload = (payload.into_inner(), declared(req.headers()));
    let (body, bring) = pieces(payload, SENT_BYTES_MAX, services.patience);
    let reading = Reading { body, form, is_gzip, is_known: known.is_some() };
    let (own_zone, now) = (zone.clone(), cx.now());
    let read = tokio::task::spawn_blocking(move || actions::read(reading, &own_zone, now));
    let (brought, read) = tokio::join!(bring, read);
    brought?;
    let read = read.map_err(anyhow::Error::from)?;
    let accepted = match (read, known) {
        (Err(refused), _) => Err(refused),
        (Ok(whole), Some(known)) => actions::compare(&known, &whole.digest),
        (Ok(whole), None) => actions::count(services, app, key, whole, zone).await?,
    };
    match accepted {
        Ok(Accepted { events, is_duplicate }) => {
            let json = AcceptedJson { accepted: events, duplicate: is_duplicate };
            Ok(HttpResponse::Ok().json(json))
        }
        Err(refused) => Err(refusal(refused)),
    }
}

/// How the events are written, and whether they are compressed.
fn written(headers: &HeaderMap) -> Result<(Form, bool), AppError> {
    let form = if is_type(headers, "application/json") {
        Form::Json
    } else if is_type(headers, "application/x-ndjson") {
        Form::Lines
    } else {
        return Err(AppError::UnsupportedMediaType("application/json or application/x-ndjson"));
    };
    let mut codings = headers.get_all(header::CONTENT_ENCODING);
    let coding = codings.next().map(|value| value.to_str().unwrap_or_default().trim());
    match (coding, codings.next()) {
        (None, _) => Ok((form, false)),
        (Some(word), None) if word.eq_ignore_ascii_case("identity") => Ok((form, false)),
        (Some(word), None) if word.eq_ignore_ascii_case("gzip") => Ok((form, true)),
        _ => Err(AppError::UnsupportedMediaType("compressed with gzip or not at all")),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, AppError> {
    let mut keys = headers.get_all(HeaderName::from_static("idempotency-key"));
    let key = keys.next().and_then(|key| key.to_str().ok()).filter(|key| {
        (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match (key, keys.next()) {
        (Some(key), None) => Ok(key.to_owned()),
        _ => Err(AppError::BadRequest(
            "the header Idempotency-Key is needed, once: 1 to 255 visible ASCII characters".into(),
        )),
    }
}

fn refusal(refused: Refused) -> AppError {
    let (status, word, detail) = match refused {
        Refused::Faults(faults) => {
            let fields = faults.into_iter().map(|(index, fault)| FieldRefusal {
                index: Some(index),
                field: fault.field,
                detail: fault.reason,
            });
            return AppError::Refused(Box::new(Refusal {
                status: 422,
                word: "invalid",
                detail: "some events are not valid, and none was counted".into(),
                fields: fields.collect(),
            }));
        }
        Refused::Broken(why) => return AppError::BadRequest(why),
        Refused::TooLarge => return AppError::TooLarge { max: BYTES_MAX },
        Refused::Gone => return AppError::NotFound,
        Refused::TooMany => (413, "too-many-events", "a batch has at most 10000 events".to_owned()),
        Refused::OtherBody => (
            409,
            "idempotency-key-used",
            "a batch with another body was sent under this idempotency key".to_owned(),
        ),
        Refused::Overflow(metric) => {
            let key = metric.key();
            (422, "overflow", format!("the figure {key} of a day would become too large"))
        }
    };
    AppError::Refused(Box::new(Refusal { status, word, detail, fields: vec![] }))
}
