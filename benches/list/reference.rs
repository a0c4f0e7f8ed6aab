//! The reference: as little as a server can do and still answer with this page.
//!
//! A plain session lookup by the digest of the cookie, the rows, their tags, one template: three
//! prepared statements on one pool, a blocking hop for the lookup and one for the rest, in one
//! language. No checks, no headers, no log, no metrics. Its page is the program's, so that both
//! print the same; the benchmark fails when they drift apart in size.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use actix_web::error::ErrorInternalServerError as broken;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use askama::Template;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use switchroom::db::schema::{accounts, app_tags, apps, plans, sessions, workspaces};
use switchroom::secret::digest;

use crate::support::Failure;

/// The cookie that the reference's database knows.
pub const COOKIE: &str = "session=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

type Connections = Pool<ConnectionManager<SqliteConnection>>;
type Made<T> = Result<T, Failure>;

/// Makes the reference's database from the program's, with a key for the newest session.
pub fn copy_database(from: &str, to: &str) -> Made<()> {
    let mut conn = SqliteConnection::establish(from)?;
    diesel::sql_query("VACUUM INTO $1")
        .bind::<diesel::sql_types::Text, _>(to)
        .execute(&mut conn)?;
    let mut conn = SqliteConnection::establish(to)?;
    conn.batch_execute("PRAGMA journal_mode = WAL;")?;
    let key = COOKIE.split_once('=').map_or("", |(_, key)| key);
    let newest: i64 =
        sessions::table.select(sessions::id).order(sessions::id.desc()).first(&mut conn)?;
    diesel::update(sessions::table.find(newest))
        .set(sessions::key_digest.eq(digest(key)))
        .execute(&mut conn)?;
    Ok(())
}

/// Serves until the process is ended.
pub fn serve(database: &str, port: u16) -> Made<()> {
    let pool = Pool::builder().max_size(8).build(ConnectionManager::new(database))?;
    let state = Data::new(State { pool, zone: TimeZone::get("Asia/Shanghai")? });
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            App::new().app_data(state.clone()).route("/apps", web::get().to(list))
        })
        .bind(("127.0.0.1", port))?
        .run()
        .await?;
        Ok(())
    })
}

struct State {
    pool: Connections,
    zone: TimeZone,
}

#[derive(Queryable)]
struct Person {
    name: String,
    email: String,
    workspace_id: i64,
    workspace: String,
    rtc_apps: i64,
    rtc_apps_max: i64,
    im_apps: i64,
    im_apps_max: i64,
}

#[derive(Queryable)]
struct AppRow {
    id: i64,
    app_id: String,
    name: String,
    scenario: String,
    rtc: bool,
    im: bool,
    switch: String,
    plan: String,
    plan_ends_at: Option<i64>,
    recording: bool,
    created_at: i64,
    users_max: Option<i64>,
    friends_max: Option<i64>,
    groups_per_user_max: Option<i64>,
    group_members_max: Option<i64>,
    groups_max: Option<i64>,
    live_groups_max: Option<i64>,
    history_days: Option<i64>,
}

#[derive(Queryable)]
struct Tag {
    app: i64,
    key: String,
    value: String,
}

#[derive(Template)]
#[template(path = "../benches/list/page.html")]
struct Page {
    zone: TimeZone,
    now: i64,
    person: Person,
    apps: Vec<AppRow>,
    tags: HashMap<i64, Vec<Tag>>,
}

async fn list(request: HttpRequest, state: Data<State>) -> actix_web::Result<HttpResponse> {
    let cookie = request.cookie("session");
    let key = digest(cookie.as_ref().map_or("", |cookie| cookie.value()));
    #[expect(clippy::disallowed_methods, reason = "a bare handler has no clock to wind")]
    let now = Timestamp::now().as_microsecond();
    let pool = state.pool.clone();
    let person = web::block(move || person(&mut *pool.get()?, &key, now)).await?.map_err(broken)?;
    let pool = state.pool.clone();
    let workspace = person.workspace_id;
    let (apps, tags) =
        web::block(move || content(&mut *pool.get()?, workspace)).await?.map_err(broken)?;
    let page = Page { zone: state.zone.clone(), now, person, apps, tags };
    let html = page.render().map_err(broken)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

fn person(conn: &mut SqliteConnection, key: &str, now: i64) -> Made<Person> {
    Ok(sessions::table
        .inner_join(accounts::table)
        .inner_join(workspaces::table.on(workspaces::id.nullable().eq(sessions::workspace_id)))
        .filter(sessions::key_digest.eq(key))
        .filter(sessions::expires_at.gt(now))
        .select((
            accounts::name,
            accounts::email,
            workspaces::id,
            workspaces::name,
            workspaces::rtc_apps,
            workspaces::rtc_apps_max,
            workspaces::im_apps,
            workspaces::im_apps_max,
        ))
        .first(conn)?)
}

type Content = (Vec<AppRow>, HashMap<i64, Vec<Tag>>);

fn content(conn: &mut SqliteConnection, workspace: i64) -> Made<Content> {
    let rows = apps::table
        .inner_join(plans::table)
        .filter(apps::workspace_id.eq(workspace))
        .filter(apps::deleted_at.is_null())
        .order((apps::created_at.desc(), apps::sdk_app_id.desc()))
        .limit(50)
        .select((
            apps::sdk_app_id,
            apps::app_id,
            apps::name,
            apps::scenario,
            apps::rtc,
            apps::im,
            apps::switch,
            apps::plan,
            apps::plan_ends_at,
            apps::recording,
            apps::created_at,
            plans::users_max,
            plans::friends_max,
            plans::groups_per_user_max,
            plans::group_members_max,
            plans::groups_max,
            plans::live_groups_max,
            plans::history_days,
        ))
        .load(conn)?;
    let listed: Vec<Tag> = app_tags::table
        .inner_join(apps::table)
        .filter(apps::workspace_id.eq(workspace))
        .filter(apps::deleted_at.is_null())
        .order((app_tags::sdk_app_id, app_tags::key))
        .select((app_tags::sdk_app_id, app_tags::key, app_tags::value))
        .load(conn)?;
    let mut tags: HashMap<i64, Vec<Tag>> = HashMap::new();
    for tag in listed {
        tags.entry(tag.app).or_default().push(tag);
    }
    Ok((rows, tags))
}

impl Page {
    fn day(&self, moment: i64) -> jiff::civil::Date {
        let moment = Timestamp::from_microsecond(moment).unwrap_or_default();
        moment.to_zoned(self.zone.clone()).date()
    }

    /// An app of each plan that has limits.
    fn plans(&self) -> impl Iterator<Item = &AppRow> {
        let limited = self.apps.iter().filter(|app| app.has_limits());
        limited.map(|app| (&app.plan, app)).collect::<BTreeMap<_, _>>().into_values()
    }

    fn last_day(&self, app: &AppRow) -> Option<jiff::civil::Date> {
        app.plan_ends_at.map(|end| self.day(end))
    }
}

impl AppRow {
    fn scenario_word(&self) -> &'static str {
        match self.scenario.as_str() {
            "interactive_teaching" => "互动教学",
            "voice_chat_room" => "语音聊天室",
            "e_commerce" => "电商",
            "pk_live" => "PK 直播连麦",
            "online_dating" => "线上交友",
            "online_meeting" => "在线会议",
            "online_education" => "在线教育",
            "smart_customer_service" => "智能客服",
            "telemedicine" => "远程医疗",
            "finance_insurance" => "金融保险",
            _ => "其他",
        }
    }

    fn plan_word(&self) -> &'static str {
        match self.plan.as_str() {
            "trial" => "体验版",
            "standard" => "专业版",
            "pro" => "旗舰版",
            "pro_plus" => "旗舰版 Plus",
            "enterprise" => "企业版",
            "trtc_trial" => "TRTC 体验版",
            "im_legacy" => "IM",
            _ => "TRTC",
        }
    }

    fn has_limits(&self) -> bool {
        self.history_days.is_some()
    }

    fn days_left(&self, now: i64) -> Option<i64> {
        const DAY: i64 = 86_400_000_000;
        let left = self.plan_ends_at? - now;
        (self.switch == "enabled" && (1..=7 * DAY).contains(&left)).then(|| left / DAY + 1)
    }

    fn state(&self, now: i64) -> (&'static str, &'static str) {
        match self.plan_ends_at {
            _ if self.switch == "disabled" => ("off", "停用"),
            Some(end) if end <= now => ("over", "到期"),
            _ if self.days_left(now).is_some() => ("due", "即将到期"),
            _ => ("on", "开启"),
        }
    }

    fn app_id_head(&self) -> &str {
        self.app_id.get(..8).unwrap_or_default()
    }

    fn app_id_tail(&self) -> &str {
        self.app_id.get(28..).unwrap_or_default()
    }
}

/// A limit in words.
struct Limit(Option<i64>);

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => out.write_str("不限"),
            Some(limit) if limit < 1_000 => write!(out, "{limit}"),
            Some(limit) => write!(out, "{},{:03}", limit / 1_000, limit % 1_000),
        }
    }
}
