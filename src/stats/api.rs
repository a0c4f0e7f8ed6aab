//! `GET /v1/apps/{sdk_app_id}/statistics/{tab}`: the figures of an app for programs.

use actix_web::http::Method;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::metric::Unit;
use super::store::series_of;
use super::{DayRange, Metric, Series, Tab};
use crate::api_keys::ApiScope;
use crate::apps::OwnedByKey;
use crate::clock::Zone;
use crate::db::DbError;
use crate::error::AppError;
use crate::events::store::newest_event;
use crate::problem::Problem;
use crate::web::body::Query;
use crate::web::faults::Faults;
use crate::web::{Cx, Need, Routes};

/// The most days of a request.
const DAYS_MAX: u32 = 3_660;
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
            Some(range) if range.count() <= DAYS_MAX => return Ok(range),
            Some(_) => faults.refuse("from", format!("at most {DAYS_MAX} days at a time")),
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

/// Hundredths as a decimal number with at most two places.
#[must_use]
pub fn decimal(hundredths: i64) -> String {
    let (whole, rest) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
    match rest {
        0 => whole.to_string(),
        tenths if tenths % 10 == 0 => format!("{whole}.{}", tenths / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

/// `GET /v1/apps/{sdk_app_id}/statistics/{tab}?from=&to=`.
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
        Ok((series_of(conn, id, &asked, range, born)?, newest_event(conn, id)?))
    });
    let (series, newest) = found.await?;
    let json = StatisticsJson {
        sdk_app_id: id.0,
        tab: tab.key(),
        time_zone: app.statistics_zone.clone(),
        data_as_of: newest.map(|at| at.to_string()),
        days: days(range, &metrics, &series),
    };
    Ok(HttpResponse::Ok().json(json))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_have_at_most_two_places() {
        for (value, text) in
            [(0, "0"), (45_000, "450"), (45_025, "450.25"), (45_050, "450.5"), (105, "1.05")]
        {
            assert_eq!(decimal(value), text);
        }
    }
}
