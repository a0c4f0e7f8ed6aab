//! `/members/invite`, `/members/invitations/{invitation}/…`, and `/invitations/{token}` for whoever is invited.

mod accept;

pub use accept::accept_by_identity;

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::actions::{self, Outcome, Sent};
use super::forms::{InviteForm, InviteInput};
use crate::audit::Act;
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::members::pages::{AppPick, Offered, manager, picks, reaches, roles};
use crate::notify;
use crate::problem::{Problem, TeamProblem};
use crate::secret::Secret;
use crate::step_up::forms::Nothing;
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::field::{self, Choice};
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Field, Flash, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::ManageMembers);
    const WATCHED: Watched = Watched::Act(Act::InviteMember);
    const RESEND: &str = "/members/invitations/{invitation}/resend";
    const CANCEL: &str = "/members/invitations/{invitation}/cancel";
    routes.page(urls::INVITE, MAY, show);
    routes.sensitive(urls::INVITE, MAY, WATCHED, invite);
    routes.page(urls::INVITED, MAY, invited);
    for path in [RESEND, CANCEL] {
        routes.page(path, MAY, to_members);
    }
    routes.sensitive(RESEND, MAY, WATCHED, resend);
    routes.form(CANCEL, MAY, cancel);
    accept::routes(routes);
}

/// The way to what is below the members.
pub(crate) fn trail(cx: &Cx) -> Vec<Crumb> {
    vec![Crumb { href: urls::MEMBERS.into(), words: cx.t().members().into() }]
}

#[derive(Template)]
#[template(path = "invitations/invite.html")]
struct InvitePage {
    shell: Shell,
    trail: Vec<Crumb>,
    form: InviteForm,
    roles: Vec<Choice>,
    reaches: Vec<Choice>,
    apps: Vec<AppPick>,
    tags: Vec<String>,
    is_mailed: bool,
}

impl InvitePage {
    fn new(cx: &Cx, member: &Member, form: InviteForm, offered: &Offered) -> Self {
        let t = cx.t();
        Self {
            shell: cx.shell(member, Section::Members, t.invite()),
            trail: trail(cx),
            roles: roles(member.seat().role, t),
            reaches: reaches(t),
            tags: offered.tags.clone(),
            apps: picks(&offered.apps, &form.grant),
            is_mailed: notify::is_set_up(&cx.services),
            form,
        }
    }

    fn fields(&self) -> [&Field; 5] {
        self.form.fields()
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }
}

/// `GET /members/invite`.
async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let offered = Offered::to(&cx, &member).await?;
    cx.page(&InvitePage::new(&cx, &member, InviteForm::new(), &offered))
}

/// `POST /members/invite`.
async fn invite(
    cx: Cx,
    member: Member,
    Form(input): Form<InviteInput>,
) -> Result<HttpResponse, AppError> {
    let (t, by) = (cx.t(), manager(&member)?);
    let offered = Offered::to(&cx, &member).await?;
    let ids = offered.ids();
    let (email, grant) = match input.parse(by, &ids, t) {
        Ok(whole) => whole,
        Err(form) => return cx.refuse(&InvitePage::new(&cx, &member, *form, &offered)),
    };
    let address = email.text.clone();
    match actions::invite(&cx.services, &cx.asker(&member.person), email, grant).await? {
        Ok(outcome) => answer(&cx, &member, address, outcome),
        Err(problem) => {
            let form = input.again().blamed(&problem, t);
            cx.refuse(&InvitePage::new(&cx, &member, form, &offered))
        }
    }
}

#[derive(Template)]
#[template(path = "invitations/link.html")]
struct LinkPage {
    shell: Shell,
    trail: Vec<Crumb>,
    words: String,
    link: Secret,
}

/// After an invitation went out; where none can, the link itself, this once. Or where it waits for a proof.
fn answer(
    cx: &Cx,
    member: &Member,
    email: String,
    outcome: Outcome,
) -> Result<HttpResponse, AppError> {
    match outcome {
        Outcome::Asked(waits) => step_up::lead(cx, waits),
        Outcome::Sent(Sent::Mailed) => {
            cx.see_other_with(urls::MEMBERS, &Flash::MemberInvited { name: email })
        }
        Outcome::Sent(Sent::ByHand(link)) => {
            cx.page(&LinkPage::new(cx, member, cx.t().invite_by_hand_words(&email), link))
        }
    }
}

impl LinkPage {
    fn new(cx: &Cx, member: &Member, words: String, link: Secret) -> Self {
        let shell = cx.shell(member, Section::Members, cx.t().invite_by_hand());
        Self { shell, trail: trail(cx), words, link }
    }
}

/// `GET /members/invite/link`: after a proof, the link where no mail goes out, and else the members.
async fn invited(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let (session, workspace) = (member.person.session, member.seat().workspace());
    match actions::link_by_hand(&cx.services, session, workspace).await? {
        Some(link) => {
            let words = cx.t().invite_by_hand_again().to_owned();
            cx.page(&LinkPage::new(&cx, &member, words, link))
        }
        None => Ok(cx.see_other(urls::MEMBERS)),
    }
}

#[derive(Template)]
#[template(path = "invitations/refused.html")]
struct RefusedPage {
    shell: Shell,
    trail: Vec<Crumb>,
    email: String,
    problem: String,
}

/// `GET` of what only takes forms: where they are, after a reload or another language.
async fn to_members(cx: Cx, _: Member) -> HttpResponse {
    cx.see_other(urls::MEMBERS)
}

/// `POST …/resend`.
async fn resend(
    cx: Cx,
    member: Member,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let t = cx.t();
    let sent = actions::resend(&cx.services, &cx.asker(&member.person), number(&id)?).await?;
    let (email, sent) = sent.ok_or(AppError::NotFound)?;
    match sent {
        Ok(outcome) => answer(&cx, &member, email, outcome),
        Err(Problem::Team(TeamProblem::NotYoursToManage)) => Err(AppError::Forbidden),
        Err(problem) => cx.refuse(&RefusedPage {
            shell: cx.shell(&member, Section::Members, t.invitation_resend()),
            trail: trail(&cx),
            email,
            problem: problem.text(t) + t.stop(),
        }),
    }
}

/// `POST …/cancel`.
async fn cancel(
    cx: Cx,
    member: Member,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    manager(&member)?;
    let cancelled = actions::cancel(&cx.services, &cx.asker(&member.person), number(&id)?).await?;
    let name = cancelled.ok_or(AppError::NotFound)?;
    cx.see_other_with(urls::MEMBERS, &Flash::InvitationCancelled { name })
}

fn number(id: &str) -> Result<InvitationId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}
