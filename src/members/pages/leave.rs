//! `/members/leave`: leaving the workspace.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::trail;
use crate::db::DbError;
use crate::error::AppError;
use crate::members::forms::LeaveInput;
use crate::members::{actions, store};
use crate::problem::{Problem, TeamProblem};
use crate::web::body::Form;
use crate::web::field;
use crate::web::{Crumb, Cx, Field, Flash, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::{Permission, Role};

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    // Every member has it; the form is for the workspace that it was shown in.
    const MAY: Need = Need::May(Permission::ReadMembers);
    routes.page(urls::LEAVE, MAY, show);
    routes.form(urls::LEAVE, MAY, leave);
}

#[derive(Template)]
#[template(path = "members/leave.html")]
struct LeavePage {
    shell: Shell,
    trail: Vec<Crumb>,
    words: String,
    sure: Field,
    /// Whether the workspace would have no owner.
    is_needed: bool,
}

impl LeavePage {
    async fn new(cx: &Cx, member: &Member, sure: Field) -> Result<Self, AppError> {
        let (t, seat) = (cx.t(), member.seat());
        let (workspace, account) = (seat.workspace(), member.person.account);
        let has_other = cx
            .services
            .db
            .read::<_, DbError>(move |conn| store::has_other_owner(conn, workspace, account));
        Ok(Self {
            shell: cx.shell(member, Section::Members, t.leave()),
            trail: trail(cx),
            words: t.leave_words(&seat.workspace_name),
            sure,
            is_needed: seat.role == Role::Owner && !has_other.await?,
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.sure])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        field::summary([&self.sure], &[t.leave_confirm()], t.colon())
    }
}

/// `GET /members/leave`.
async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    cx.page(&LeavePage::new(&cx, &member, Field::new("sure", "")).await?)
}

/// `POST /members/leave`.
async fn leave(
    cx: Cx,
    member: Member,
    Form(input): Form<LeaveInput>,
) -> Result<HttpResponse, AppError> {
    let page = LeavePage::new(&cx, &member, Field::new("sure", "")).await?;
    if page.is_needed {
        return cx.answer(StatusCode::CONFLICT, &page);
    }
    if let Err(sure) = input.check(cx.t()) {
        return cx.refuse(&LeavePage { sure, ..page });
    }
    let name = member.seat().workspace_name.clone();
    match actions::leave(&cx.services, &cx.asker(&member.person)).await? {
        Ok(()) => cx.see_other_with(urls::WORKSPACES, &Flash::WorkspaceLeft { name }),
        Err(Problem::Team(TeamProblem::LastOwner)) => {
            let page = LeavePage::new(&cx, &member, Field::new("sure", "")).await?;
            cx.answer(StatusCode::CONFLICT, &page)
        }
        // Somebody has removed them meanwhile.
        Err(_) => Ok(cx.see_other(urls::WORKSPACES)),
    }
}
