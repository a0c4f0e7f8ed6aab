//! `/api-keys/{api_key}/roll` and `/revoke`.

use std::future::ready;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;

use super::list::app_words;
use crate::api_keys::forms::{self, RollInput};
use crate::api_keys::{ApiScope, Key, Overlap, RevokeApiKey, Roll, RollApiKey, actions, store};
use crate::error::AppError;
use crate::ids::ApiKeyId;
use crate::problem::Problem;
use crate::step_up::forms::Nothing;
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::{Crumb, Cx, Field, Flash, Member, Section, Shell, guard, urls};

/// A key of a page's path, within the member's reach.
pub(super) struct One {
    member: Member,
    key: Key,
}

impl FromRequest for One {
    type Error = AppError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let member = match Member::from_request(req, payload).into_inner() {
            Ok(member) => member,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        let id = req.match_info().get("api_key").and_then(|id| id.parse::<ApiKeyId>().ok());
        let services = guard::services(req);
        Box::pin(async move {
            let (id, scope) = (id.ok_or(AppError::NotFound)?, member.seat().scope.clone());
            let found = services?.db.read(move |conn| store::key(conn, &scope, id)).await?;
            Ok(Self { member, key: found.ok_or(AppError::NotFound)? })
        })
    }
}

/// What is done to a key, before it is asked for.
#[derive(Template)]
#[template(path = "api_keys/act.html")]
struct ActPage {
    shell: Shell,
    trail: Vec<Crumb>,
    title: &'static str,
    effect: &'static str,
    name: String,
    shown: String,
    scopes: String,
    app: String,
    /// How long the old key works on, where another takes its place.
    overlap: Option<Field>,
    overlaps: Vec<Choice>,
    button: &'static str,
    is_dangerous: bool,
}

impl ActPage {
    fn new(cx: &Cx, one: &One, title: &'static str, effect: &'static str) -> Self {
        let (t, key) = (cx.t(), &one.key);
        Self {
            shell: cx.shell(&one.member, Section::ApiKeys, title),
            trail: vec![Crumb { href: urls::API_KEYS.into(), words: t.api_keys().into() }],
            title,
            effect,
            name: key.name.clone(),
            shown: key.shown(),
            scopes: ApiScope::names(&key.scopes, t),
            app: app_words(key, t),
            overlap: None,
            overlaps: Vec::new(),
            button: title,
            is_dangerous: true,
        }
    }

    fn roll(cx: &Cx, one: &One, overlap: Field) -> Self {
        let t = cx.t();
        let overlaps = Overlap::ALL.iter().map(|one| Choice::new(one.as_str(), one.name(t)));
        let button = if one.key.writes() { t.go_verify() } else { t.api_key_roll() };
        Self {
            overlap: Some(overlap),
            overlaps: overlaps.collect(),
            button,
            is_dangerous: false,
            ..Self::new(cx, one, t.api_key_roll(), t.api_key_roll_effect())
        }
    }

    fn problems(&self) -> i64 {
        self.overlap.as_ref().map_or(0, |overlap| field::problems(&[overlap]))
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        self.overlap.as_ref().map_or_else(Vec::new, |overlap| {
            field::summary([overlap], &[t.api_key_roll_overlap()], t.colon())
        })
    }
}

/// `GET …/roll`.
pub(super) async fn show_roll(cx: Cx, one: One) -> Result<HttpResponse, AppError> {
    if !one.key.can_be_rolled(cx.now()) {
        return Ok(cx.see_other(urls::API_KEYS));
    }
    cx.page(&ActPage::roll(&cx, &one, forms::overlap()))
}

/// `POST …/roll`: asks for it when the key can change something or is somebody else's, and else does it.
pub(super) async fn roll(
    cx: Cx,
    one: One,
    Form(input): Form<RollInput>,
) -> Result<HttpResponse, AppError> {
    if !one.key.can_be_rolled(cx.now()) {
        // A second click, or somebody was quicker.
        return Ok(cx.see_other(urls::API_KEYS));
    }
    let overlap = match input.parse(cx.t()) {
        Ok(overlap) => overlap,
        Err(field) => return cx.refuse(&ActPage::roll(&cx, &one, field)),
    };
    let (key, person) = (&one.key, &one.member.person);
    let (name, expires_at) = (key.name.clone(), key.renewed(cx.now(), &cx.zone()));
    if key.writes() || is_anothers(&one) {
        let (last_four, overlap_h) = (key.last_four.clone(), overlap.hours());
        let act = RollApiKey { api_key: key.id, name, last_four, overlap_h, expires_at };
        return begin(&cx, person, &act).await;
    }
    let roll = Roll { overlap, expires_at };
    match actions::roll_read_only(&cx.services, &cx.asker(person), key.id, roll).await? {
        Ok(()) => cx.see_other_with(urls::API_KEYS, &Flash::ApiKeyRolled { name }),
        Err(Problem::ChangedMeanwhile) => Ok(cx.see_other(urls::API_KEYS)),
        Err(problem) => {
            let field = input.blame(&problem, cx.t());
            cx.answer(StatusCode::UNPROCESSABLE_ENTITY, &ActPage::roll(&cx, &one, field))
        }
    }
}

/// Whether revoking a key waits for a proof: it would stop somebody else's program.
fn is_anothers(one: &One) -> bool {
    !one.key.is_made_by(one.member.person.account)
}

/// `GET …/revoke`.
pub(super) async fn show_revoke(cx: Cx, one: One) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    if !one.key.works(cx.now()) {
        return Ok(cx.see_other(urls::API_KEYS));
    }
    let page = ActPage::new(&cx, &one, t.api_key_revoke(), t.effect_revoke_api_key());
    let button = if is_anothers(&one) { t.go_verify() } else { t.api_key_revoke() };
    cx.page(&ActPage { button, ..page })
}

/// `POST …/revoke`: asks for it when somebody else made the key, and does it when the person did.
pub(super) async fn revoke(
    cx: Cx,
    one: One,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (key, person) = (&one.key, &one.member.person);
    if !key.works(cx.now()) {
        return Ok(cx.see_other(urls::API_KEYS));
    }
    let name = key.name.clone();
    if is_anothers(&one) {
        let act = RevokeApiKey { api_key: key.id, name, last_four: key.last_four.clone() };
        return begin(&cx, person, &act).await;
    }
    match actions::revoke_own(&cx.services, &cx.asker(person), key.id).await? {
        Ok(()) => cx.see_other_with(urls::API_KEYS, &Flash::ApiKeyRevoked { name }),
        // It has ended meanwhile, which the list shows.
        Err(_) => Ok(cx.see_other(urls::API_KEYS)),
    }
}
