//! `GET …/statistics/{tab}.csv`: what the page shows, of all days that are asked for, as a file.

use actix_web::http::Method;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::{Subject, show, tab};
use crate::apps::Owned;
use crate::apps::store::{Listed, apps_after};
use crate::clock::{Clock, Zone};
use crate::csv::{BYTE_ORDER_MARK, Record};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SdkAppId, SessionId};
use crate::sessions::store::may_still;
use crate::stats::range::{EXPORT_DAYS_MAX, RangeInput, Reading};
use crate::stats::store::series_of_each;
use crate::stats::{DayRange, Series, Tab, cells};
use crate::web::body::Query;
use crate::web::stream::{csv_file, pieces};
use crate::web::{Cx, Member, urls};
use crate::workspaces::{Extent, Permission, Scope};

/// Days of apps that are read, and sent, at once.
const PIECE: u32 = 4_096;

/// A file while it is made.
#[derive(Clone)]
struct File {
    db: Db,
    /// Whose sign-in it is for, and what is seen with it.
    by: (AccountId, SessionId, Scope),
    clock: Clock,
    /// The apps that it is about: one, or what is seen.
    of: Scope,
    tab: Tab,
    range: DayRange,
    t: Texts,
}

/// How far it has come.
enum Stage {
    Head {
        mark: &'static str,
    },
    /// After an app.
    Body(SdkAppId),
}

/// What was read of it.
enum Read {
    Rows(Bytes, Stage),
    Over,
    /// Whoever asks is no longer who may see them.
    Refused,
}

impl File {
    async fn piece(self, stage: Stage) -> Result<Option<(Bytes, Stage)>, AppError> {
        match stage {
            Stage::Head { mark } => {
                let head = Bytes::from(format!("{mark}{}", self.head()));
                Ok(Some((head, Stage::Body(SdkAppId(0)))))
            }
            Stage::Body(after) => {
                let file = self.clone();
                let read = self.db.read::<_, DbError>(move |conn| file.rows(conn, after));
                match read.await? {
                    Read::Rows(rows, left) => Ok(Some((rows, left))),
                    Read::Over => Ok(None),
                    Read::Refused => Err(AppError::Forbidden),
                }
            }
        }
    }

    fn names_apps(&self) -> bool {
        !matches!(self.of.extent, Extent::One(_))
    }

    fn head(&self) -> String {
        let mut record = Record::default();
        record.text(self.t.statistics_day());
        if self.names_apps() {
            record.text("SDKAppID");
            record.text(self.t.column_app());
        }
        for metric in self.tab.columns() {
            record.text(metric.name(self.t));
        }
        record.end();
        record.into_text()
    }

    /// The rows of the next apps.
    fn rows(&self, conn: &mut crate::db::Conn, after: SdkAppId) -> Result<Read, DbError> {
        let (account, session, scope) = &self.by;
        let may = (Permission::ReadStatistics, scope);
        if !may_still(conn, (*account, *session), may, self.clock.now())? {
            return Ok(Read::Refused);
        }
        let apps = i64::from((PIECE / self.range.count()).max(1));
        let apps = apps_after(conn, &self.of, after, apps)?;
        let Some(last) = apps.last().map(|app| app.sdk_app_id) else { return Ok(Read::Over) };
        let born = |app: &Listed| {
            let zone = Zone::named(&app.statistics_zone).unwrap_or_else(Zone::utc);
            (app.sdk_app_id, app.created_at.day(&zone))
        };
        let of: Vec<_> = apps.iter().map(born).collect();
        let columns = self.tab.columns();
        let series = series_of_each(conn, &of, columns, self.range)?;
        let mut record = Record::default();
        for (app, series) in apps.iter().zip(&series) {
            self.write(&mut record, app, series);
        }
        Ok(Read::Rows(Bytes::from(record.into_text()), Stage::Body(last)))
    }

    fn write(&self, record: &mut Record, app: &Listed, series: &[Series]) {
        for (at, day) in self.range.days().enumerate() {
            record.plain(&day.to_string());
            if self.names_apps() {
                record.number(Some(app.sdk_app_id.0));
                record.text(&app.name);
            }
            cells::write(record, self.tab.columns(), series, at);
            record.end();
        }
    }
}

/// `GET /apps/{sdk_app_id}/statistics/{tab}.csv`.
pub(super) async fn of_app(
    cx: Cx,
    owned: Owned,
    request: HttpRequest,
    path: Path<(String, String)>,
    Query(input): Query<RangeInput>,
) -> Result<HttpResponse, AppError> {
    let (tab, subject) = (tab(&path.1)?, Subject::of_app(&cx, &owned));
    let name = owned.id().to_string();
    let seen = &owned.member.seat().scope;
    let of = Scope { workspace: seen.workspace, extent: Extent::One(owned.id()) };
    match input.read(subject.today, EXPORT_DAYS_MAX, cx.t()) {
        Reading::Asked(asked, _) => {
            let what = (of, tab, asked.range);
            Ok(file(&cx, &owned.member, &request, what, &name, input.has_bom()))
        }
        Reading::Refused(_) => {
            let place = show::place_of_app(&owned, |app| urls::statistics(app, tab), cx.t());
            show::page(&cx, &owned.member, subject, (place, tab), (&input, EXPORT_DAYS_MAX)).await
        }
        Reading::Unknown => Err(AppError::NotFound),
    }
}

/// `GET /statistics/{tab}.csv`.
pub(super) async fn of_all(
    cx: Cx,
    member: Member,
    request: HttpRequest,
    path: Path<String>,
    Query(input): Query<RangeInput>,
) -> Result<HttpResponse, AppError> {
    let (tab, subject) = (tab(&path)?, Subject::of_all(&cx, &member).await?);
    match input.read(subject.today, EXPORT_DAYS_MAX, cx.t()) {
        Reading::Asked(asked, _) => {
            let what = (member.seat().scope.clone(), tab, asked.range);
            Ok(file(&cx, &member, &request, what, "apps", input.has_bom()))
        }
        Reading::Refused(_) => {
            let place = show::place_of_all(&cx, &member, |app| urls::statistics(app, tab)).await?;
            show::page(&cx, &member, subject, (place, tab), (&input, EXPORT_DAYS_MAX)).await
        }
        Reading::Unknown => Err(AppError::NotFound),
    }
}

fn file(
    cx: &Cx,
    member: &Member,
    request: &HttpRequest,
    (of, tab, range): (Scope, Tab, DayRange),
    name: &str,
    has_bom: bool,
) -> HttpResponse {
    let name = format!("{name}-{}-{}-{}.csv", tab.key(), range.first(), range.last());
    let mut response = csv_file(&name);
    if request.method() == Method::HEAD {
        return response.finish();
    }
    let by = (member.person.account, member.person.session, member.seat().scope.clone());
    let (db, clock) = (cx.services.db.clone(), cx.services.clock.clone());
    let file = File { db, by, clock, of, tab, range, t: cx.t() };
    let mark = if has_bom { BYTE_ORDER_MARK } else { "" };
    let pieces = pieces(Stage::Head { mark }, move |stage| file.clone().piece(stage));
    response.streaming(pieces)
}
