//! `GET /audit/{position}`: one event, all of it.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::words;
use crate::apps;
use crate::audit::store::{self, Row};
use crate::audit::{Act, ActorKind, Change, Changes};
use crate::clock::Zone;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::web::{Crumb, Cx, Member, Section, Shell, urls};

#[derive(Template)]
#[template(path = "audit/event.html")]
struct EventPage {
    shell: Shell,
    trail: Vec<Crumb>,
    title: String,
    state: &'static str,
    outcome: String,
    time: String,
    iso: String,
    zone: String,
    who: Vec<Fact>,
    what: Vec<Fact>,
    target: String,
    target_href: Option<String>,
    position: i64,
    request_id: String,
    hash: String,
    hash_short: String,
    changes: Vec<ChangeRow>,
}

/// A fact that is there.
struct Fact {
    name: &'static str,
    value: String,
    is_code: bool,
}

/// A change in words.
struct ChangeRow {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

fn facts<const N: usize>(all: [(&'static str, String, bool); N]) -> Vec<Fact> {
    let given = all.into_iter().filter(|(_, value, _)| !value.is_empty());
    given.map(|(name, value, is_code)| Fact { name, value, is_code }).collect()
}

fn number(number: Option<i64>) -> String {
    number.map(|it| it.to_string()).unwrap_or_default()
}

/// The facts about the actor.
fn who(row: &Row, t: Texts) -> Vec<Fact> {
    let (name, _) = words::who(row, t);
    let kind = ActorKind::parse(&row.actor_kind);
    let is_person = kind == Some(ActorKind::Person);
    let is_named = !matches!(kind, Some(ActorKind::Host | ActorKind::System));
    facts([
        (
            if is_person { t.name() } else { t.audit_name() },
            if is_named { name } else { String::new() },
            false,
        ),
        (t.email(), row.actor_email.clone(), true),
        (t.audit_kind(), words::actor_kind(&row.actor_kind, t).to_owned(), false),
        (t.audit_number(), number(row.actor_id), true),
        (t.audit_session(), number(row.session.map(|it| it.0)), true),
        (t.audit_address(), row.address.clone(), true),
        (t.audit_user_agent(), row.user_agent.clone(), true),
    ])
}

/// The facts about the act, but for its target.
fn what(row: &Row, t: Texts) -> Vec<Fact> {
    let target_id = if row.target_id == 0 { None } else { Some(row.target_id) };
    facts([
        (t.audit_kind(), words::target_kind(&row.target_kind, t).to_owned(), false),
        (t.audit_number(), number(target_id), true),
        (t.audit_reason(), words::reason(&row.reason, t).to_owned(), false),
        (t.audit_method(), words::method(&row.method, t).to_owned(), false),
    ])
}

/// What became different. A change that cannot be read, which a newer version may have written, is shown as it is.
fn changes(row: &Row, t: Texts) -> Vec<ChangeRow> {
    let Ok(Changes(all)) = serde_json::from_str(&row.changes) else {
        let (field, after) = (t.audit_changes_section().to_owned(), Some(row.changes.clone()));
        return vec![ChangeRow { field, before: None, after }];
    };
    let in_words = |Change { field, before, after }: Change| ChangeRow {
        before: before.map(|it| words::value(&field, &it, t)),
        after: after.map(|it| words::value(&field, &it, t)),
        field: words::field(&field, &row.target_kind, t).to_owned(),
    };
    all.into_iter().map(in_words).collect()
}

impl EventPage {
    fn new(cx: &Cx, member: &Member, zone: &Zone, row: Row, is_app_there: bool) -> Self {
        let t = cx.t();
        let at = row.at.in_zone(zone);
        let title = Act::parse(&row.act).map_or_else(|| row.act.clone(), |act| act.name(t).into());
        let short = |hash: &str| match (hash.get(..8), hash.len().checked_sub(4)) {
            (Some(head), Some(tail)) => format!("{head}…{}", hash.get(tail..).unwrap_or_default()),
            _ => hash.to_owned(),
        };
        Self {
            shell: cx.shell(member, Section::Audit, title.clone()),
            trail: vec![Crumb { href: urls::AUDIT.into(), words: t.nav_audit().into() }],
            title,
            state: words::outcome_state(&row.outcome),
            outcome: words::outcome(&row.outcome, t).to_owned(),
            time: at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            zone: format!("{} (UTC{})", zone.name(), at.strftime("%:z")),
            who: who(&row, t),
            what: what(&row, t),
            target_href: row.sdk_app_id.filter(|_| is_app_there).map(urls::app),
            position: row.position,
            hash_short: short(&row.hash),
            changes: changes(&row, t),
            target: row.target_name,
            request_id: row.request_id,
            hash: row.hash,
        }
    }
}

/// `GET /audit/{position}`.
pub(super) async fn show(
    cx: Cx,
    member: Member,
    position: Path<String>,
) -> Result<HttpResponse, AppError> {
    let position: i64 = position.parse().map_err(|_| AppError::NotFound)?;
    let scope = member.seat().scope.clone();
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let Some(row) = store::event(conn, &scope, position)? else { return Ok(None) };
        let is_app_there = match row.sdk_app_id {
            Some(app) => !apps::store::ids_in_scope(conn, &scope, Some(app))?.is_empty(),
            None => false,
        };
        Ok(Some((row, is_app_there)))
    });
    let (row, is_app_there) = found.await?.ok_or(AppError::NotFound)?;
    cx.page(&EventPage::new(&cx, &member, &cx.zone(), row, is_app_there))
}
