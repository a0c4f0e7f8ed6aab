//! `GET /minutes/ledger.csv`: the ledger, all of it, as a file.

use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::words::{self, Names};
use crate::audit::At;
use crate::clock::{Clock, Zone};
use crate::csv::Record;
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SessionId};
use crate::minutes::forms::PageQuery;
use crate::minutes::store::{self, Entry, Page};
use crate::sessions::store::{place, session_is_alive};
use crate::stats::metric::decimal;
use crate::web::body::Query;
use crate::web::stream::pieces;
use crate::web::{Cx, Member};
use crate::workspaces::{Permission, Scope};

/// Postings that are read, and sent, at once.
const PIECE: i64 = 1_000;
/// Without it Excel takes UTF-8 for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

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
    Head(&'static str),
    Body(At),
    Over,
}

impl File {
    /// The newest come first: what is posted meanwhile is not part of the file, which so has an end.
    async fn piece(self, stage: Stage) -> Result<Option<(Bytes, Stage)>, AppError> {
        let at = match stage {
            Stage::Head(mark) => {
                let head = Bytes::from(format!("{mark}{}", head(self.t)));
                return Ok(Some((head, Stage::Body(At::Newest))));
            }
            Stage::Body(at) => at,
            Stage::Over => return Ok(None),
        };
        let page = self.page(at).await?;
        if page.entries.is_empty() {
            return Ok(None);
        }
        let (names, mut record) = (Names::of(&page), Record::default());
        page.entries.iter().for_each(|it| write(&mut record, it, &names, (&self.zone, self.t)));
        let left = page.older.map_or(Stage::Over, Stage::Body);
        Ok(Some((Bytes::from(record.into_text()), left)))
    }

    /// The next postings, while whoever asks is still who may see them: a ledger can be long, and clients slow.
    async fn page(&self, at: At) -> Result<Page, AppError> {
        let (scope, (account, session), now) = (self.scope.clone(), self.by, self.clock.now());
        let page = self.db.read::<_, DbError>(move |conn| {
            let is_theirs = session_is_alive(conn, session, now)?
                && place(conn, account, scope.workspace)?.is_some_and(|(role, reached)| {
                    role.may(Permission::ReadMinutes) && reached == scope
                });
            if is_theirs {
                store::postings_page(conn, &scope, at, PIECE).map(Some)
            } else {
                Ok(None)
            }
        });
        page.await?.ok_or(AppError::Forbidden)
    }
}

fn head(t: Texts) -> String {
    let mut record = Record::default();
    for name in [
        t.audit_time(),
        t.audit_position(),
        t.posting_kind(),
        t.csv_posting_word(),
        "SDKAppID",
        t.column_app(),
        t.posting_day(),
        t.csv_minutes_in(),
        t.csv_minutes_out(),
        t.posting_package(),
        t.package_expires(),
    ] {
        record.text(name);
    }
    record.end();
    record.into_text()
}

fn write(record: &mut Record, entry: &Entry, names: &Names, (zone, t): (&Zone, Texts)) {
    let package = names.package(entry);
    let moment = |at: crate::clock::UtcTime| {
        at.in_zone(zone).strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string()
    };
    // Two columns without signs: a number that begins with one would be taken for a formula.
    let amount = decimal(entry.amount.saturating_abs());
    let (added, taken) = if entry.amount > 0 { (&*amount, "") } else { ("", &*amount) };
    record.text(&moment(entry.at));
    record.number(Some(entry.position));
    record.text(words::kind(entry, t));
    record.text(entry.kind.as_str());
    record.number(entry.app.map(|id| id.0));
    record.text(&names.app(entry, t));
    record.text(&entry.day.map(|day| day.0.to_string()).unwrap_or_default());
    record.text(added);
    record.text(taken);
    record.text(package.map_or_else(|| t.package_none(), |it| it.kind.name(t)));
    record.text(&package.map(|it| moment(it.expires_at)).unwrap_or_default());
    record.end();
}

/// `GET /minutes/ledger.csv`.
pub(super) async fn download(
    cx: Cx,
    member: Member,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let (zone, scope) = (cx.zone(), member.seat().scope.clone());
    let name = format!("minutes-ledger-{}.csv", cx.now().day(&zone));
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let by = (member.person.account, member.person.session);
    let (db, clock) = (cx.services.db.clone(), cx.services.clock.clone());
    let file = File { db, by, clock, scope, zone, t: cx.t() };
    let mark = if query.has_bom() { BYTE_ORDER_MARK } else { "" };
    let pieces = pieces(Stage::Head(mark), move |stage| file.clone().piece(stage));
    Ok(response.streaming(pieces))
}
