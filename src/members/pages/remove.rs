//! `/members/{account}/remove` and `/members/{account}/hand-over`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::change::obstacle;
use super::{find, manager, trail};
use crate::audit::Act;
use crate::error::AppError;
use crate::members::store;
use crate::members::{HandOver, RemoveMember};
use crate::step_up::forms::Nothing;
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::{Permission, Role};

/// Mounts the pages.
pub(super) fn routes(routes: &mut Routes) {
    const MANAGE: Need = Need::May(Permission::ManageMembers);
    const HANDS_OVER: Need = Need::May(Permission::HandOver);
    const REMOVE: &str = "/members/{account}/remove";
    const HAND_OVER: &str = "/members/{account}/hand-over";
    routes.page(REMOVE, MANAGE, show_remove);
    routes.sensitive(REMOVE, MANAGE, Watched::Act(Act::RemoveMember), remove);
    routes.page(HAND_OVER, HANDS_OVER, show_hand_over);
    routes.sensitive(HAND_OVER, HANDS_OVER, Watched::Act(Act::HandOver), hand_over);
}

/// The page that an act begins with: its form asks for it.
#[derive(Template)]
#[template(path = "members/act.html")]
struct ActPage {
    shell: Shell,
    trail: Vec<Crumb>,
    title: &'static str,
    effect: String,
    name: String,
    email: String,
    role: &'static str,
    action: String,
    cancel: String,
    /// Why it cannot be; empty when it can.
    obstacle: &'static str,
}

impl ActPage {
    fn new(
        cx: &Cx,
        by: &Member,
        found: &store::Member,
        (title, effect, action): (&'static str, String, String),
    ) -> Self {
        let own = urls::member(found.account);
        let mut trail = trail(cx);
        trail.push(Crumb { href: own.clone(), words: found.name.clone() });
        Self {
            shell: cx.shell(by, Section::Members, title),
            trail,
            title,
            effect,
            name: found.name.clone(),
            email: found.email.clone(),
            role: found.grant.role.name(cx.t()),
            action,
            cancel: own,
            obstacle: obstacle(cx, by, found),
        }
    }

    fn removal(cx: &Cx, by: &Member, found: &store::Member) -> Self {
        let t = cx.t();
        let words = (
            t.member_remove(),
            t.effect_remove_member().to_owned(),
            urls::remove_member(found.account),
        );
        Self::new(cx, by, found, words)
    }

    fn handover(cx: &Cx, by: &Member, found: &store::Member) -> Self {
        let t = cx.t();
        let effect = t.effect_hand_over(&found.name);
        let words = (t.member_hand_over(), effect, urls::hand_over(found.account));
        let page = Self::new(cx, by, found, words);
        let obstacle = match (page.obstacle, found.inactive) {
            ("", _) if found.grant.role == Role::Owner => t.member_is_owner(),
            ("", Some(inactive)) => inactive.name(t),
            (obstacle, _) => obstacle,
        };
        Self { obstacle, ..page }
    }
}

/// `GET …/remove`.
async fn show_remove(
    cx: Cx,
    member: Member,
    account: Path<String>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let found = find(&cx, &member, &account).await?;
    cx.page(&ActPage::removal(&cx, &member, &found))
}

/// `POST …/remove`: asks for it.
async fn remove(
    cx: Cx,
    member: Member,
    account: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let found = find(&cx, &member, &account).await?;
    let page = ActPage::removal(&cx, &member, &found);
    if !page.obstacle.is_empty() {
        return cx.answer(StatusCode::CONFLICT, &page);
    }
    let store::Member { account, name, version, .. } = found;
    begin(&cx, &member.person, &RemoveMember { account, name, version }).await
}

/// `GET …/hand-over`.
async fn show_hand_over(
    cx: Cx,
    member: Member,
    account: Path<String>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let found = find(&cx, &member, &account).await?;
    cx.page(&ActPage::handover(&cx, &member, &found))
}

/// `POST …/hand-over`: asks for it.
async fn hand_over(
    cx: Cx,
    member: Member,
    account: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let found = find(&cx, &member, &account).await?;
    let page = ActPage::handover(&cx, &member, &found);
    if !page.obstacle.is_empty() {
        return cx.answer(StatusCode::CONFLICT, &page);
    }
    let store::Member { account, name, version, .. } = found;
    let workspace_name = member.seat().workspace_name.clone();
    begin(&cx, &member.person, &HandOver { account, name, version, workspace_name }).await
}
