//! `GET /v1/apps/{sdk_app_id}/statistics/{tab}`: the figures of an app for programs.

use actix_web::http::Method;
use actix_web::http::header::{Accept, Header as _};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::metric::{Unit, decimal};
use super::range::EXPORT_DAYS_MAX;
use super::store::series_of;
use super::{DayRange, Metric, Series, Tab, cells};
use crate::api_keys::ApiScope;
use crate::apps::OwnedByKey;
use crate::clock::Zone;
use crate::csv::Record;
use crate::db::DbError;
use crate::error::AppError;
use crate::events::store::newest_event;
use crate::problem::Problem;
use crate::web::body::Query;
use crate::web::faults::Faults;
use crate::web::stream::csv_file;
use crate::web::{Cx, Need, Routes};

/// Days where none are asked for.
const DAYS_DEFAULT: u32 = 7;

/// Mounts the route.
pub fn routes(routes: &mut Routes) {
    const NEED: Need = Need::Key(ApiScope::StatisticsRead);
    routes.api(Method::GET, "/v1/apps/{sdk_app_id}/statistics/{tab}", NEED, show);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeQuery {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl RangeQuery {
    /// The days that are asked for; the last seven where none are.
    fn parse(&self, today: Date) -> Result<DayRange, Faults> {
        let mut faults = Faults::default();
        let day = |text: &str| match text {
            "" => Ok(None),
            text => text.parse::<Date>().map(Some).map_err(|_| Problem::NotADay),
        };
        let (from, to) = (faults.take("from", day(&self.from)), faults.take("to", day(&self.to)));
        let (Some(from), Some(to)) = (from, to) else { return Err(faults) };
        let last = to.unwrap_or(today);
        let range = match from {
            Some(first) => DayRange::new(first, last),
            None => DayRange::ending(last, DAYS_DEFAULT),
        };
        match range {
            Some(range) if range.count() <= EXPORT_DAYS_MAX => return Ok(range),
            Some(_) => faults.refuse("from", format!("at most {EXPORT_DAYS_MAX} days at a time")),
            None => faults.refuse("to", "comes before from"),
        }
        Err(faults)
    }
}

#[derive(Serialize)]
struct StatisticsJson {
    sdk_app_id: i64,
    tab: &'static str,
    time_zone: String,
    data_as_of: Option<String>,
    days: Vec<DayJson>,
}

/// A day with its figures under their keys, in the documented order.
struct DayJson {
    date: Date,
    figures: Vec<(Metric, i64)>,
}

impl Serialize for DayJson {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.figures.len() + 1))?;
        map.serialize_entry("date", &self.date.to_string())?;
        for (metric, value) in &self.figures {
            match metric.unit() {
                Unit::PackageMinuteHundredths => {
                    map.serialize_entry(metric.key(), &decimal(*value))?;
                }
                _ => map.serialize_entry(metric.key(), value)?,
            }
        }
        map.end()
    }
}

/// `GET /v1/apps/{sdk_app_id}/statistics/{tab}?from=&to=`: JSON, or CSV where a program prefers it.
async fn show(
    cx: Cx,
    req: HttpRequest,
    owned: OwnedByKey,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let tab = Tab::from_key(&path.1).ok_or(AppError::NotFound)?;
    let query = <Query<RangeQuery> as actix_web::FromRequest>::extract(&req).await?.0;
    let app = &owned.app;
    let zone = Zone::named(&app.statistics_zone).unwrap_or_else(Zone::utc);
    let range = query.parse(cx.now().day(&zone))?;
    let (id, born) = (app.sdk_app_id, app.created_at.day(&zone));
    let metrics: Vec<_> = tab.columns().iter().chain(tab.json_extras()).copied().collect();
    let asked = metrics.clone();
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        Ok((series_of(conn, &[id], &asked, range, born)?, newest_event(conn, &[id])?))
    });
    let (series, newest) = found.await?;
    if takes_csv(&req) {
        let (first, last) = (range.first(), range.last());
        let mut response = csv_file(&format!("{id}-{}-{first}-{last}.csv", tab.key()));
        return Ok(response.body(csv(range, &metrics, &series)));
    }
    let json = StatisticsJson {
        sdk_app_id: id.0,
        tab: tab.key(),
        time_zone: app.statistics_zone.clone(),
        data_as_of: newest.map(|at| at.to_string()),
        days: days(range, &metrics, &series),
    };
    Ok(HttpResponse::Ok().json(json))
}

/// Whether a program asks for a file rather than JSON, which it gets by itself.
fn takes_csv(req: &HttpRequest) -> bool {
    Accept::parse(req).is_ok_and(|accept| accept.preference() == "text/csv")
}

/// The same as a file, under the keys of the metrics. A day before the app has no figures in it.
fn csv(range: DayRange, metrics: &[Metric], series: &[Series]) -> String {
    let mut record = Record::default();
    record.plain("date");
    for metric in metrics {
        record.plain(metric.key());
    }
    record.end();
    for (at, day) in range.days().enumerate() {
        record.plain(&day.to_string());
        cells::write(&mut record, metrics, series, at);
        record.end();
    }
    record.into_text()
}

fn days(range: DayRange, metrics: &[Metric], series: &[Series]) -> Vec<DayJson> {
    let figure = |at: usize, (metric, series): (&Metric, &Series)| {
        // Programs read numbers: a day before the app is one on which nothing was counted.
        (*metric, series.values().get(at).copied().flatten().unwrap_or_default())
    };
    let day = |(at, date)| {
        let figures = metrics.iter().zip(series).map(|one| figure(at, one));
        DayJson { date, figures: figures.collect() }
    };
    range.days().enumerate().map(day).collect()
}
