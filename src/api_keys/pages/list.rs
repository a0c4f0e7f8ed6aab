//! `GET /api-keys`: the keys, with the one that was just made on top.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;

use crate::api_keys::actions;
use crate::api_keys::store::{SHOWN_MAX, keys_ended, keys_living};
use crate::api_keys::{ApiScope, Key, Standing};
use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::disclosures::store::Disclosure;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::secret::Secret;
use crate::step_up::forms::Nothing;
use crate::web::body::Form;
use crate::web::{Cx, Flash, Member, Section, Shell, urls};

/// Keys that have ended which are listed.
const ENDED_MAX: i64 = 50;

#[derive(Template)]
#[template(path = "api_keys/list.html")]
struct ListPage {
    shell: Shell,
    fresh: Option<Shown>,
    count: String,
    living: Vec<Row>,
    ended: Vec<Row>,
}

impl ListPage {
    /// Whether there may be more that have ended than are listed.
    fn has_more_ended(&self) -> bool {
        i64::try_from(self.ended.len()).is_ok_and(|count| count >= ENDED_MAX)
    }
}

/// The key that was just made.
struct Shown {
    title: String,
    key: Secret,
    copy: String,
    until: String,
    iso: String,
}

/// A moment as it is shown.
struct Moment {
    words: String,
    iso: String,
}

impl Moment {
    fn new(at: UtcTime, zone: &Zone) -> Self {
        let at = at.in_zone(zone);
        Self {
            words: at.strftime("%Y-%m-%d %H:%M").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// A key in a row.
struct Row {
    name: String,
    shown: String,
    scopes: String,
    app: String,
    made: Moment,
    made_by: String,
    used: Option<Moment>,
    state: &'static str,
    state_words: &'static str,
    note: String,
    /// Where it is rolled, unless another has its place already.
    roll: Option<String>,
    revoke: String,
}

/// The app that a key is limited to, in words.
pub(super) fn app_words(key: &Key, t: Texts) -> String {
    match (key.app, &key.app_name) {
        (None, _) => t.api_key_app_all().to_owned(),
        (Some(_), Some(name)) => name.clone(),
        (Some(_), None) => t.api_key_app_gone().to_owned(),
    }
}

/// The shape of a state, its word, and what else there is to say.
fn standing(
    key: &Key,
    now: UtcTime,
    zone: &Zone,
    t: Texts,
) -> (&'static str, &'static str, String) {
    let time = |at| Moment::new(at, zone).words;
    let until = |at| t.api_key_works_until(&time(at));
    let since = |at| t.api_key_ended_at(&time(at));
    match key.standing(now) {
        Standing::Active(None) => ("on", t.api_key_active(), t.api_key_never_ends().to_owned()),
        Standing::Active(Some(at)) => ("on", t.api_key_active(), until(at)),
        Standing::Due(at) => ("due", t.api_key_due(), until(at)),
        Standing::Overlapping(at) => ("due", t.api_key_overlap(), until(at)),
        Standing::Replaced(at) => ("off", t.api_key_replaced(), since(at)),
        Standing::Expired(at) => ("over", t.api_key_expired(), since(at)),
        Standing::Revoked(at) => ("off", t.api_key_revoked(), since(at)),
    }
}

impl Row {
    fn new(key: &Key, now: UtcTime, zone: &Zone, t: Texts) -> Self {
        let (state, state_words, note) = standing(key, now, zone, t);
        let made_by = key.made_by.as_ref().map(|maker| maker.name.clone());
        Self {
            name: key.name.clone(),
            shown: key.shown(),
            scopes: ApiScope::names(&key.scopes, t),
            app: app_words(key, t),
            made: Moment::new(key.created_at, zone),
            made_by: made_by.unwrap_or_else(|| t.api_key_made_by_host().to_owned()),
            used: key.last_used_at.map(|at| Moment::new(at, zone)),
            state,
            state_words,
            note,
            roll: key.can_be_rolled(now).then(|| urls::roll_api_key(key.id)),
            revoke: urls::revoke_api_key(key.id),
        }
    }
}

impl Shown {
    fn new((key, shown): (Key, Disclosure), zone: &Zone, t: Texts) -> Self {
        let until = shown.expires_at.in_zone(zone);
        Self {
            title: t.api_key_fresh(&key.name),
            copy: t.api_key_copy(&key.name),
            key: shown.secret,
            until: t.api_key_fresh_until(&until.strftime("%H:%M").to_string()),
            iso: until.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// `GET /api-keys`.
pub(super) async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let (t, zone, now) = (cx.t(), cx.zone(), cx.now());
    let scope = member.seat().scope.clone();
    let fresh = actions::fresh(&cx.services, &member.person).await?;
    let keys = cx.services.db.read::<_, DbError>(move |conn| {
        Ok((keys_living(conn, &scope, now)?, keys_ended(conn, &scope, now, ENDED_MAX)?))
    });
    let (living, ended) = keys.await?;
    let rows = |keys: &[Key]| keys.iter().map(|key| Row::new(key, now, &zone, t)).collect();
    let count = i64::try_from(living.len()).unwrap_or(SHOWN_MAX);
    let page = ListPage {
        shell: cx.shell(&member, Section::ApiKeys, t.api_keys()),
        fresh: fresh.map(|fresh| Shown::new(fresh, &zone, t)),
        count: t.api_keys_living(count),
        living: rows(&living),
        ended: rows(&ended),
    };
    cx.page(&page)
}

/// `GET /api-keys/put-away`: where the button is, after a reload.
pub(super) async fn to_list(cx: Cx, _: Member) -> HttpResponse {
    cx.see_other(urls::API_KEYS)
}

/// `POST /api-keys/put-away`: the new key is not shown any more.
pub(super) async fn put_away(
    cx: Cx,
    member: Member,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let Some((key, _)) = actions::fresh(&cx.services, &member.person).await? else {
        return Ok(cx.see_other(urls::API_KEYS));
    };
    actions::put_away(&cx.services, &cx.asker(&member.person), &key).await?;
    cx.see_other_with(urls::API_KEYS, &Flash::ApiKeyPutAway { name: key.name })
}

/// `GET /api-keys/key.txt`: the new key as a file, while it is shown.
pub(super) async fn file(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let Some((key, shown)) = actions::fresh(&cx.services, &member.person).await? else {
        return Ok(cx.see_other(urls::API_KEYS));
    };
    let text = format!(
        "{}: {}\r\n{}: {}\r\n{}: {}\r\n",
        t.api_key_name(),
        key.name,
        t.api_key_scopes(),
        ApiScope::list(&key.scopes),
        t.api_key_key(),
        shown.secret.expose()
    );
    let name = format!("attachment; filename=\"api-key-{}.txt\"", key.id);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(text))
}
