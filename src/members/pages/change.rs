//! `/members/{account}`: a member, and changing their role and reach.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::{AppPick, Offered, find, manager, picks, reaches, roles, trail};
use crate::audit::Act;
use crate::error::AppError;
use crate::members::ChangeMember;
use crate::members::forms::{ChangeInput, GrantForm};
use crate::members::store;
use crate::problem::{Problem, TeamProblem};
use crate::step_up::pages::begin;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Field, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::{Permission, Role};

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::ManageMembers);
    const MEMBER: &str = "/members/{account}";
    routes.page(MEMBER, MAY, show);
    routes.sensitive(MEMBER, MAY, Watched::Act(Act::ChangeMember), change);
}

#[derive(Template)]
#[template(path = "members/member.html")]
struct MemberPage {
    shell: Shell,
    trail: Vec<Crumb>,
    action: String,
    name: String,
    email: String,
    role: &'static str,
    reach: String,
    inactive: Option<&'static str>,
    version: i64,
    form: GrantForm,
    roles: Vec<Choice>,
    reaches: Vec<Choice>,
    apps: Vec<AppPick>,
    tags: Vec<String>,
    /// Why this member is not changed by this one; empty when they are.
    obstacle: &'static str,
    is_stale: bool,
    remove: Option<String>,
    hand_over: Option<String>,
    leave: Option<&'static str>,
}

impl MemberPage {
    fn new(
        cx: &Cx,
        by: &Member,
        found: &store::Member,
        form: GrantForm,
        offered: &Offered,
    ) -> Self {
        let (t, own) = (cx.t(), by.seat().role);
        let obstacle = obstacle(cx, by, found);
        let is_open = obstacle.is_empty();
        let may_follow = own.may(Permission::HandOver)
            && found.grant.role != Role::Owner
            && found.inactive.is_none();
        Self {
            shell: cx.shell(by, Section::Members, t.member_title(&found.name)),
            trail: trail(cx),
            action: urls::member(found.account),
            name: found.name.clone(),
            email: found.email.clone(),
            role: found.grant.role.name(t),
            reach: found.grant.reach.name(t),
            inactive: found.inactive.map(|inactive| inactive.name(t)),
            version: found.version,
            roles: roles(own, t),
            reaches: reaches(t),
            tags: offered.tags.clone(),
            apps: picks(&offered.apps, &form),
            form,
            obstacle,
            is_stale: false,
            remove: is_open.then(|| urls::remove_member(found.account)),
            hand_over: (is_open && may_follow).then(|| urls::hand_over(found.account)),
            leave: (found.account == by.person.account).then_some(urls::LEAVE),
        }
    }

    fn fields(&self) -> [&Field; 4] {
        self.form.fields()
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }
}

/// Why a member is not changed by another; empty when they are.
pub(super) fn obstacle(cx: &Cx, by: &Member, found: &store::Member) -> &'static str {
    if found.account == by.person.account {
        cx.t().member_self()
    } else if !by.seat().role.may_manage(found.grant.role) {
        cx.t().member_above()
    } else {
        ""
    }
}

/// `GET /members/{account}`.
async fn show(cx: Cx, member: Member, account: Path<String>) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let found = find(&cx, &member, &account).await?;
    let offered = Offered::to(&cx, &member).await?;
    let form = GrantForm::of(&found.grant);
    cx.page(&MemberPage::new(&cx, &member, &found, form, &offered))
}

/// `POST /members/{account}`: asks for it.
async fn change(
    cx: Cx,
    member: Member,
    account: Path<String>,
    Form(input): Form<ChangeInput>,
) -> Result<HttpResponse, AppError> {
    let (t, by) = (cx.t(), manager(&member)?);
    let found = find(&cx, &member, &account).await?;
    let offered = Offered::to(&cx, &member).await?;
    if !obstacle(&cx, &member, &found).is_empty() {
        let form = GrantForm::of(&found.grant);
        let page = MemberPage::new(&cx, &member, &found, form, &offered);
        return cx.answer(StatusCode::CONFLICT, &page);
    }
    let ids = offered.ids();
    let grant = match input.grant().parse(by, &ids, t) {
        Ok(grant) => grant,
        Err(form) => return cx.refuse(&MemberPage::new(&cx, &member, &found, *form, &offered)),
    };
    let again = input.grant().again();
    let blamed = |problem: &Problem| GrantForm {
        role: again.role.clone().blamed(problem, t),
        ..again.clone()
    };
    if input.version() != found.version {
        let form = blamed(&Problem::Team(TeamProblem::SavedMeanwhile));
        let page = MemberPage::new(&cx, &member, &found, form, &offered);
        return cx.refuse(&MemberPage { is_stale: true, ..page });
    }
    if grant == found.grant {
        let form = blamed(&Problem::Team(TeamProblem::NothingToChange));
        return cx.refuse(&MemberPage::new(&cx, &member, &found, form, &offered));
    }
    let act = ChangeMember {
        account: found.account,
        name: found.name,
        version: found.version,
        role: grant.role,
        reach: grant.reach,
    };
    begin(&cx, &member.person, &act).await
}
