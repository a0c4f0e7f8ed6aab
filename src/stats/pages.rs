//! The pages of statistics and their export, for an app and for all of a workspace.

mod export;
mod live;
mod show;

use actix_web::HttpResponse;
use jiff::civil::Date;

use super::Tab;
use crate::apps::Owned;
use crate::apps::store::{ids_in_scope, oldest_app};
use crate::clock::Zone;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::web::shell::Link;
use crate::web::{Cx, Member, Need, Routes, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    let read = Need::May(Permission::ReadStatistics);
    routes.page(urls::STATISTICS, read, first_tab);
    routes.page("/statistics/{tab}.csv", read, export::of_all);
    routes.page("/statistics/{tab}", read, show::of_all);
    routes.page("/apps/{sdk_app_id}/statistics/{tab}.csv", read, export::of_app);
    routes.page("/apps/{sdk_app_id}/statistics/{tab}", read, show::of_app);
    routes.page("/live", read, live::of_all);
    routes.page("/live/events", read, live::follow_all);
    routes.page("/apps/{sdk_app_id}/live", read, live::of_app);
    routes.page("/apps/{sdk_app_id}/live/events", read, live::follow_app);
}

/// Whose figures are shown.
struct Subject {
    /// The app; `None` for all that the member may see.
    app: Option<SdkAppId>,
    /// The apps whose figures are added.
    apps: Vec<SdkAppId>,
    /// The zone that decides which day it is.
    zone: Zone,
    /// The day from which on there can be figures; `None` without apps.
    born: Option<Date>,
    /// Today there.
    today: Date,
}

impl Subject {
    fn of_app(cx: &Cx, owned: &Owned) -> Self {
        let zone = Zone::named(&owned.app.statistics_zone).unwrap_or_else(Zone::utc);
        Self {
            app: Some(owned.id()),
            apps: vec![owned.id()],
            born: Some(owned.app.created_at.day(&zone)),
            today: cx.now().day(&zone),
            zone,
        }
    }

    async fn of_all(cx: &Cx, member: &Member) -> Result<Self, AppError> {
        let seat = member.seat();
        let zone = Zone::named(&seat.time_zone).unwrap_or_else(Zone::utc);
        let scope = seat.scope.clone();
        let found = cx.services.db.read::<_, DbError>(move |conn| {
            Ok((ids_in_scope(conn, &scope, None)?, oldest_app(conn, &scope)?))
        });
        let (apps, oldest) = found.await?;
        let born = oldest.map(|at| at.day(&zone));
        Ok(Self { app: None, apps, born, today: cx.now().day(&zone), zone })
    }

    fn href(&self, tab: Tab) -> String {
        urls::statistics(self.app, tab)
    }
}

/// The reports, and what goes on now; `current` is `None` for the latter.
fn tabs(subject: &Subject, current: Option<Tab>, query: &str, t: Texts) -> Vec<Link> {
    let link = |tab: &Tab| Link {
        href: format!("{}{query}", subject.href(*tab)),
        words: tab.name(t).to_owned(),
        is_current: Some(*tab) == current,
    };
    let live = Link {
        href: urls::live(subject.app),
        words: t.tab_live().to_owned(),
        is_current: current.is_none(),
    };
    Tab::ALL.iter().map(link).chain([live]).collect()
}

fn tab(word: &str) -> Result<Tab, AppError> {
    Tab::from_key(word).ok_or(AppError::NotFound)
}

/// `GET /statistics`.
async fn first_tab(cx: Cx, _: Member) -> HttpResponse {
    cx.see_other(&urls::statistics(None, Tab::Overview))
}
