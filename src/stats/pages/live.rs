//! `/live` and `/apps/{sdk_app_id}/live`: what goes on right now, and a stream that says when it has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use askama::Template;
use tokio::sync::OwnedSemaphorePermit;

use super::show::{Place, place_of_all, place_of_app};
use super::{Subject, tabs};
use crate::apps::Owned;
use crate::apps::store::{Listed, apps_after};
use crate::clock::{UtcTime, Zone};
use crate::db::{Conn, DbError};
use crate::error::AppError;
use crate::events::OpenRoom;
use crate::events::store::{Live, live};
use crate::i18n::{Texts, grouped};
use crate::ids::{AccountId, SdkAppId, SessionId};
use crate::services::Services;
use crate::sessions::store::may_still;
use crate::stats::view::Tile;
use crate::stats::{Metric, Tab};
use crate::web::shell::Link;
use crate::web::stream::pieces;
use crate::web::{Cx, Member, Section, Shell, urls};
use crate::workspaces::{Extent, Permission, Scope};

/// Rooms of the page.
const ROOMS_MAX: usize = 50;
/// Apps that are looked at.
const APPS_MAX: i64 = 1_000;

#[derive(Template)]
#[template(path = "stats/live.html")]
struct LivePage {
    shell: Shell,
    place: Place,
    as_of: String,
    here: String,
    stream: String,
    tabs: Vec<Link>,
    tiles: Vec<Tile>,
    rooms: Vec<Room>,
    /// How many of the rooms are shown, where that is not all.
    fullest: Option<String>,
}

/// A room in words.
struct Room {
    name: String,
    app: String,
    stays: String,
    since: String,
}

/// The apps of a scope as far as they are looked at.
fn apps(conn: &mut Conn, of: &Scope) -> Result<Vec<Listed>, DbError> {
    apps_after(conn, of, SdkAppId(0), APPS_MAX)
}

fn look(conn: &mut Conn, apps: &[Listed], now: UtcTime) -> Result<Live, DbError> {
    let zone = |app: &Listed| Zone::named(&app.statistics_zone).unwrap_or_else(Zone::utc);
    let zones: Vec<_> = apps.iter().map(|app| (app.sdk_app_id, zone(app))).collect();
    live(conn, &zones, now)
}

/// `GET /apps/{sdk_app_id}/live`.
pub(super) async fn of_app(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    let place = place_of_app(&owned, urls::live, cx.t());
    let subject = Subject::of_app(&cx, &owned);
    page(&cx, &owned.member, subject, place, one(&owned)).await
}

/// `GET /live`.
pub(super) async fn of_all(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let place = place_of_all(&cx, &member, urls::live).await?;
    let subject = Subject::of_all(&cx, &member).await?;
    let of = member.seat().scope.clone();
    page(&cx, &member, subject, place, of).await
}

fn one(owned: &Owned) -> Scope {
    let workspace = owned.member.seat().workspace();
    Scope { workspace, extent: Extent::One(owned.id()) }
}

async fn page(
    cx: &Cx,
    member: &Member,
    subject: Subject,
    place: Place,
    of: Scope,
) -> Result<HttpResponse, AppError> {
    let (t, zone, now) = (cx.t(), cx.zone(), cx.now());
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let apps = apps(conn, &of)?;
        Ok((look(conn, &apps, now)?, apps))
    });
    let (live, apps) = found.await?;
    let names: BTreeMap<_, _> = apps.into_iter().map(|app| (app.sdk_app_id, app.name)).collect();
    let time = |at: UtcTime, form: &str| at.in_zone(&zone).strftime(form).to_string();
    let room = |(app, room): &(SdkAppId, OpenRoom)| Room {
        name: room.room.clone(),
        app: names.get(app).cloned().unwrap_or_default(),
        stays: grouped(room.stays),
        since: time(room.since, "%m-%d %H:%M"),
    };
    let is_cut = live.rooms.len() > ROOMS_MAX;
    let here = urls::live(subject.app);
    let page = LivePage {
        as_of: t.live_as_of(&time(now, "%Y-%m-%d %H:%M:%S")),
        stream: format!("{here}/events"),
        here,
        tabs: tabs(&subject, None, "", t),
        tiles: tiles(&live, &subject, t),
        rooms: live.rooms.iter().take(ROOMS_MAX).map(room).collect(),
        fullest: is_cut.then(|| t.live_fullest(i64::try_from(ROOMS_MAX).unwrap_or(i64::MAX))),
        shell: cx.shell(member, Section::Statistics, t.tab_live()),
        place,
    };
    cx.page(&page)
}

/// Each leads to the metric that keeps it day by day.
fn tiles(live: &Live, subject: &Subject, t: Texts) -> Vec<Tile> {
    let rooms = i64::try_from(live.rooms.len()).unwrap_or(i64::MAX);
    let all = [
        (t.live_online(), live.online, Tab::Overview, Metric::MaxOnlineNum),
        (t.live_stays(), live.stays, Tab::Rtc, Metric::RtcMaxOnlineNum),
        (t.live_rooms(), rooms, Tab::Rtc, Metric::RtcRoomNum),
        (t.live_messages(), live.messages, Tab::Overview, Metric::UpMsgNum),
    ];
    let tile = |(name, figure, tab, metric): (&'static str, i64, Tab, Metric)| Tile {
        href: format!("{}?metric={}", subject.href(tab), metric.key()),
        is_current: false,
        name,
        how: "",
        figure: grouped(figure),
        change: None,
        trend: "muted",
        against: "",
    };
    all.into_iter().map(tile).collect()
}

/// A page that is told of changes, as long as its reader may see them.
#[derive(Clone)]
struct Follower {
    services: Services,
    by: (AccountId, SessionId, Scope),
    of: Scope,
    _stream: Arc<OwnedSemaphorePermit>,
}

/// What a stream has told.
struct Told {
    live: Option<Live>,
    looks: u32,
}

/// `GET /apps/{sdk_app_id}/live/events`.
pub(super) async fn follow_app(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    let of = one(&owned);
    follow(&cx, &owned.member, of)
}

/// `GET /live/events`.
pub(super) async fn follow_all(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let of = member.seat().scope.clone();
    follow(&cx, &member, of)
}

fn follow(cx: &Cx, member: &Member, of: Scope) -> Result<HttpResponse, AppError> {
    let services = cx.services.clone();
    let stream = Arc::clone(&services.following.streams).try_acquire_owned();
    let Ok(stream) = stream else { return Err(AppError::Busy) };
    let by = (member.person.account, member.person.session, member.seat().scope.clone());
    let follower = Follower { services, by, of, _stream: Arc::new(stream) };
    let told = Told { live: None, looks: follower.services.following.looks };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Proxies would keep it to themselves until it ends.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces(told, move |told| follower.clone().next(told))))
}

impl Follower {
    /// Waits, looks, and says whether anything has changed; the first look is what the page shows already.
    async fn next(self, told: Told) -> Result<Option<(Bytes, Told)>, AppError> {
        let Some(looks) = told.looks.checked_sub(1) else { return Ok(None) };
        let following = &self.services.following;
        let mut stop = following.stopper.to_tell();
        if stop.is_told() {
            return Ok(None);
        }
        if told.live.is_some() {
            tokio::select! {
                () = stop.told() => return Ok(None),
                () = tokio::time::sleep(following.every) => {}
            }
        }
        let Some(live) = self.look().await? else { return Ok(None) };
        let says = match &told.live {
            Some(before) if *before != live => "data: changed\n\n",
            // So that whoever is gone is noticed.
            Some(_) => ":\n\n",
            None => "retry: 5000\n\n",
        };
        Ok(Some((Bytes::from_static(says.as_bytes()), Told { live: Some(live), looks })))
    }

    /// What goes on; `None` for somebody who may no longer see it.
    async fn look(&self) -> Result<Option<Live>, DbError> {
        let (account, session, scope) = self.by.clone();
        let (of, now) = (self.of.clone(), self.services.clock.now());
        let look = self.services.db.read::<_, DbError>(move |conn| {
            let may = (Permission::ReadStatistics, &scope);
            if !may_still(conn, (account, session), may, now)? {
                return Ok(None);
            }
            let apps = apps(conn, &of)?;
            look(conn, &apps, now).map(Some)
        });
        look.await
    }
}
