//! `GET /audit/export.csv`: what the page shows under the same filter, all of it, as a file.

use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::{list, words};
use crate::audit::At;
use crate::audit::forms::LogInput;
use crate::audit::store::{self, Asked, Row};
use crate::clock::{Clock, Zone};
use crate::csv::{BYTE_ORDER_MARK, Record};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SessionId};
use crate::sessions::store::may_still;
use crate::web::body::Query;
use crate::web::stream::{csv_file, pieces};
use crate::web::{Cx, Member};
use crate::workspaces::{Permission, Scope};

/// Events that are read, and sent, at once.
const PIECE: i64 = 1_000;

/// A file while it is made.
#[derive(Clone)]
struct File {
    db: Db,
    /// Whose sign-in it is for.
    by: (AccountId, SessionId),
    clock: Clock,
    scope: Scope,
    zone: Zone,
    t: Texts,
}

/// How far it has come.
enum Stage {
    Head { mark: &'static str, asked: Asked },
    Body(Asked),
    Over,
}

impl File {
    async fn piece(self, stage: Stage) -> Result<Option<(Bytes, Stage)>, AppError> {
        let mut asked = match stage {
            Stage::Head { mark, asked } => {
                let head = Bytes::from(format!("{mark}{}", head(self.t)));
                return Ok(Some((head, Stage::Body(asked))));
            }
            Stage::Body(asked) => asked,
            Stage::Over => return Ok(None),
        };
        // A walk that finds nothing for a while goes on: an empty piece would end the answer.
        loop {
            let page = self.page(asked.clone()).await?;
            let next = page.older.map(|at| Asked { at, ..asked.clone() });
            let mut record = Record::default();
            page.rows.iter().for_each(|row| write(&mut record, row, &self.zone, self.t));
            match (page.rows.is_empty(), next) {
                (true, Some(next)) => asked = next,
                (true, None) => return Ok(None),
                (false, next) => {
                    let left = next.map_or(Stage::Over, Stage::Body);
                    return Ok(Some((Bytes::from(record.into_text()), left)));
                }
            }
        }
    }

    /// The next events, while whoever asks is still who may see them: a log can be long, and clients slow.
    async fn page(&self, asked: Asked) -> Result<store::Page, AppError> {
        let (scope, (account, session), now) = (self.scope.clone(), self.by, self.clock.now());
        let page = self.db.read::<_, DbError>(move |conn| {
            let may = (Permission::ReadAudit, &scope);
            let is_theirs = may_still(conn, (account, session), may, now)?;
            if is_theirs { store::events_page(conn, &scope, &asked).map(Some) } else { Ok(None) }
        });
        page.await?.ok_or(AppError::Forbidden)
    }
}

fn head(t: Texts) -> String {
    let mut record = Record::default();
    for name in [
        t.audit_time(),
        t.audit_position(),
        t.audit_kind(),
        t.csv_name(),
        t.email(),
        t.audit_session(),
        t.audit_address(),
        t.audit_user_agent(),
        t.audit_act(),
        t.csv_act_word(),
        t.audit_outcome(),
        t.audit_reason(),
        t.audit_method(),
        t.csv_target_kind(),
        t.csv_target_id(),
        t.csv_target_name(),
        t.request_id(),
        t.csv_changes(),
        t.audit_hash(),
    ] {
        record.text(name);
    }
    record.end();
    record.into_text()
}

fn write(record: &mut Record, row: &Row, zone: &Zone, t: Texts) {
    record.text(&row.at.in_zone(zone).strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string());
    record.number(Some(row.position));
    record.text(words::actor_kind(&row.actor_kind, t));
    record.text(&row.actor_name);
    record.text(&row.actor_email);
    record.number(row.session.map(|it| it.0));
    record.text(&row.address);
    record.text(&row.user_agent);
    record.text(words::act(&row.act, t));
    record.text(&row.act);
    record.text(words::outcome(&row.outcome, t));
    record.text(words::reason(&row.reason, t));
    record.text(words::method(&row.method, t));
    record.text(words::target_kind(&row.target_kind, t));
    record.number(Some(row.target_id));
    record.text(&row.target_name);
    record.text(&row.request_id);
    record.text(&row.changes);
    record.text(&row.hash);
    record.end();
}

/// `GET /audit/export.csv`.
pub(super) async fn download(
    cx: Cx,
    member: Member,
    request: HttpRequest,
    Query(input): Query<LogInput>,
) -> Result<HttpResponse, AppError> {
    let filter = match input.parse(cx.t()) {
        Ok((filter, _)) => filter,
        Err(refused) => return list::refuse(&cx, &member, *refused).await,
    };
    let (zone, scope) = (cx.zone(), member.seat().scope.clone());
    let (workspace, moments) = (scope.workspace, filter.days.moments(&zone));
    // The end is settled now, or a log that is written meanwhile would have none.
    let span = cx
        .services
        .db
        .read::<_, DbError>(move |conn| store::span(conn, workspace, moments))
        .await?;
    let last = filter.days.to.unwrap_or_else(|| cx.now().day(&zone));
    let name = match filter.days.from {
        Some(first) => format!("audit-log-{first}--{last}.csv"),
        None => format!("audit-log-{last}.csv"),
    };
    let mut response = csv_file(&name);
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let by = (member.person.account, member.person.session);
    let (db, clock) = (cx.services.db.clone(), cx.services.clock.clone());
    let file = File { db, by, clock, scope, zone, t: cx.t() };
    let asked = Asked { filter, span, at: At::Newest, size: PIECE };
    let mark = if input.has_bom() { BYTE_ORDER_MARK } else { "" };
    let pieces = pieces(Stage::Head { mark, asked }, move |stage| file.clone().piece(stage));
    Ok(response.streaming(pieces))
}
