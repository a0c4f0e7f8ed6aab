//! `/profile/sessions`: where a person is signed in.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::clock::{UtcTime, Zone};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::SessionId;
use crate::sessions::store::{self, Living};
use crate::sessions::{Device, actions};
use crate::step_up::forms::Nothing;
use crate::web::body::Form;
use crate::web::guard::SignedIn;
use crate::web::{Crumb, Cx, Flash, Need, Routes, Section, Shell, urls};

/// Sign-ins that are listed; all can be ended.
const SHOWN_MAX: i64 = 100;

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const END: &str = "/profile/sessions/{session}/end";
    routes.page(urls::SESSIONS, WHO, show);
    routes.page(urls::END_OTHER_SESSIONS, WHO, to_list);
    routes.form(urls::END_OTHER_SESSIONS, WHO, end_others);
    routes.page(END, WHO, to_list);
    routes.form(END, WHO, end);
}

#[derive(Template)]
#[template(path = "sessions/list.html")]
struct SessionsPage {
    shell: Shell,
    trail: Vec<Crumb>,
    rows: Vec<Row>,
    count: String,
    has_others: bool,
}

/// A moment as it is shown.
struct Moment {
    words: String,
    iso: String,
}

/// A sign-in in a row.
struct Row {
    device: String,
    address: String,
    began: Moment,
    seen: Moment,
    /// Where it is ended; `None` for the one that looks.
    end: Option<String>,
}

fn moment(at: UtcTime, zone: &Zone) -> Moment {
    let at = at.in_zone(zone);
    Moment {
        words: at.strftime("%Y-%m-%d %H:%M").to_string(),
        iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}

impl Row {
    fn new(cx: &Cx, this: SessionId, living: &Living) -> Self {
        let zone = cx.zone();
        Self {
            device: Device::of(&living.user_agent).name(cx.t()),
            address: living.address.clone(),
            began: moment(living.created_at, &zone),
            seen: moment(living.last_seen_at, &zone),
            end: (living.id != this).then(|| urls::end_session(living.id)),
        }
    }
}

/// `GET /profile/sessions`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let (t, account, this, now) = (cx.t(), person.account, person.session, cx.now());
    let found = cx
        .services
        .db
        .read::<_, DbError>(move |conn| store::sessions_living(conn, account, now, SHOWN_MAX));
    let (mut living, count) = found.await?;
    // This one on top.
    living.sort_by_key(|one| one.id != this);
    let page = SessionsPage {
        shell: cx.member_shell(Section::Profile, t.sessions()),
        trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
        rows: living.iter().map(|one| Row::new(&cx, this, one)).collect(),
        count: if count > 1 { t.sessions_count(count) } else { t.sessions_no_others().to_owned() },
        has_others: count > 1,
    };
    cx.page(&page)
}

/// `GET` of what only takes forms: where the buttons are, after a reload.
async fn to_list(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::SESSIONS)
}

/// `POST /profile/sessions/{session}/end`.
async fn end(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let id: SessionId = id.parse().map_err(|_| AppError::NotFound)?;
    if id == person.session {
        actions::sign_out(&cx.services, &person, cx.actor()).await?;
        session.purge();
        return cx.see_other_with(urls::SIGN_IN, &Flash::SignedOut);
    }
    if !actions::end_session(&cx.services, &person, id, cx.actor()).await? {
        return Err(AppError::NotFound);
    }
    cx.see_other_with(urls::SESSIONS, &Flash::SessionEnded)
}

/// `POST /profile/sessions/end-others`.
async fn end_others(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    actions::end_others(&cx.services, &person, cx.actor()).await?;
    cx.see_other_with(urls::SESSIONS, &Flash::OtherSessionsEnded)
}
