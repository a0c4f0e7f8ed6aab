//! `/invitations/{token}`: what whoever is invited sees and does.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::accounts::email::canonical;
use crate::clock::Zone;
use crate::db::DbError;
use crate::error::AppError;
use crate::identities::pages::{Offer, lead, offer_to_accept};
use crate::identities::{Purpose, Who};
use crate::invitations::Standing;
use crate::invitations::actions::{self, Accepted, Newcomer, NewcomerBy};
use crate::invitations::forms::{AcceptForm, AcceptInput};
use crate::invitations::store::Invitation;
use crate::members::store::member;
use crate::problem::{NAME_CHARS_MAX, line};
use crate::sessions::pages::{open, with_cookie};
use crate::web::body::Form;
use crate::web::field;
use crate::web::{Cx, Field, Flash, Need, Routes, Shell, urls};

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    const INVITATION: &str = "/invitations/{token}";
    routes.page(INVITATION, Need::Nothing, show);
    routes.form(INVITATION, Need::Nothing, accept);
    routes.page("/invitations/{token}/sso", Need::Nothing, to_provider);
}

/// Whoever has opened the link, as far as the invitation is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Signed in with its address.
    Invited,
    /// The same, and a member already.
    Member,
    /// Signed in with another address.
    Other,
    /// Not signed in, and its address has an account.
    Known,
    /// Not signed in, and its address has none.
    New,
}

#[derive(Template)]
#[template(path = "invitations/invitation.html")]
struct InvitationPage {
    shell: Shell,
    reader: Reader,
    lead: String,
    workspace: String,
    email: String,
    role: &'static str,
    reach: String,
    until: String,
    /// Who is signed in with another address.
    other: String,
    sign_in: String,
    form: AcceptForm,
    /// What keeps the invitation from being accepted now.
    obstacle: Option<String>,
    /// Accepting it with an identity.
    sso: Option<Offer>,
}

impl InvitationPage {
    fn new(
        cx: &Cx,
        token: &str,
        (invitation, reader): (&Invitation, Reader),
        form: AcceptForm,
    ) -> Self {
        let t = cx.t();
        let zone = if cx.person.is_some() { None } else { Zone::named(&invitation.workspace_zone) };
        let zone = zone.unwrap_or_else(|| cx.zone());
        // Also where an identity has led here from elsewhere.
        let here = urls::invitation(token);
        let name = &invitation.workspace_name;
        let until = invitation.expires_at.in_zone(&zone).strftime("%Y-%m-%d %H:%M");
        Self {
            sign_in: urls::sign_in_to(Some(&here)),
            shell: Shell { here, ..cx.plain_shell(t.invitation()) },
            reader,
            lead: t.invitation_lead(&invitation.inviter.name, name),
            workspace: name.clone(),
            email: invitation.email.clone(),
            role: invitation.grant.role.name(t),
            reach: invitation.grant.reach.name(t),
            until: format!("{until} ({})", zone.name()),
            other: cx.person.as_ref().map(|person| person.email.clone()).unwrap_or_default(),
            form,
            obstacle: None,
            sso: offer_to_accept(cx, token),
        }
    }

    fn fields(&self) -> [&Field; 3] {
        self.form.fields()
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }

    /// Who reads it; for templates, which see no paths.
    fn is(&self, reader: &str) -> bool {
        let own = match self.reader {
            Reader::Invited => "invited",
            Reader::Member => "member",
            Reader::Other => "other",
            Reader::Known => "known",
            Reader::New => "new",
        };
        own == reader
    }
}

#[derive(Template)]
#[template(path = "invitations/gone.html")]
struct GonePage {
    shell: Shell,
    words: &'static str,
    is_signed_in: bool,
}

/// The page for a link that does not work: 404 for one that leads nowhere, 410 for one that did.
fn gone(cx: &Cx, standing: Option<Standing>) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let (status, words) = match standing {
        Some(Standing::Expired) => (StatusCode::GONE, t.invitation_expired_words()),
        Some(Standing::Void) => (StatusCode::GONE, t.invitation_void_words()),
        Some(Standing::Good) | None => (StatusCode::NOT_FOUND, t.invitation_gone_words()),
    };
    let shell = cx.plain_shell(t.invitation_gone());
    cx.answer(status, &GonePage { shell, words, is_signed_in: cx.person.is_some() })
}

/// The invitation behind a token and who reads it, or the page that says why there is none.
async fn find(
    cx: &Cx,
    token: &str,
) -> Result<Result<(Invitation, Reader), HttpResponse>, AppError> {
    let Some((invitation, is_known)) = actions::find(&cx.services, token).await? else {
        return gone(cx, None).map(Err);
    };
    let standing = invitation.standing(cx.now());
    if standing != Standing::Good {
        return gone(cx, Some(standing)).map(Err);
    }
    let reader = match cx.person.as_deref() {
        Some(person) if canonical(&person.email) == invitation.email_key => {
            let (workspace, account) = (invitation.workspace, person.account);
            let read = cx
                .services
                .db
                .read::<_, DbError>(move |conn| Ok(member(conn, workspace, account)?.is_some()));
            if read.await? { Reader::Member } else { Reader::Invited }
        }
        Some(_) => Reader::Other,
        None if is_known => Reader::Known,
        None => Reader::New,
    };
    Ok(Ok((invitation, reader)))
}

/// `GET /invitations/{token}`: changes nothing, whoever opens it.
async fn show(cx: Cx, token: Path<String>) -> Result<HttpResponse, AppError> {
    match find(&cx, &token).await? {
        Ok((invitation, reader)) => {
            cx.page(&InvitationPage::new(&cx, &token, (&invitation, reader), AcceptForm::default()))
        }
        Err(gone) => Ok(gone),
    }
}

/// `POST /invitations/{token}`: accepts it, with the account that is signed in or with a new one.
async fn accept(
    cx: Cx,
    req: HttpRequest,
    session: Session,
    token: Path<String>,
    Form(input): Form<AcceptInput>,
) -> Result<HttpResponse, AppError> {
    let (invitation, reader) = match find(&cx, &token).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone),
    };
    match (reader, cx.person.clone()) {
        (Reader::Invited | Reader::Member, Some(person)) => {
            let done = actions::accept(&cx.services, &person, &token, cx.actor()).await?;
            match done {
                Some(Ok(accepted)) => welcome(&cx, accepted),
                refused => again(&cx, &token, refused.and_then(Result::err)).await,
            }
        }
        (Reader::New, None) => {
            let (password, name) = input.password();
            let personal = [name, &*invitation.email_key, &*invitation.workspace_name];
            let strength = cx.services.passwords.judge(password, &personal).await?;
            let newcomer = match input.parse(strength, cx.language) {
                Ok(newcomer) => newcomer,
                Err(form) => {
                    return cx.refuse(&InvitationPage::new(
                        &cx,
                        &token,
                        (&invitation, reader),
                        *form,
                    ));
                }
            };
            join(&cx, &req, &session, &token, newcomer).await
        }
        // What the page offers them is not this form.
        _ => again(&cx, &token, None).await,
    }
}

/// `GET /invitations/{token}/sso`: leads to the provider, whose answer accepts the invitation.
async fn to_provider(cx: Cx, token: Path<String>) -> Result<HttpResponse, AppError> {
    match find(&cx, &token).await? {
        Ok((_, Reader::New)) => lead(&cx, Purpose::Accept { token: token.into_inner() }).await,
        // What the page offers them is something else.
        Ok(_) => Ok(cx.see_other(&urls::invitation(&token))),
        Err(gone) => Ok(gone),
    }
}

/// Accepts an invitation as somebody new who has shown an identity that nobody here has. That its address may be
/// another one does not matter: who holds the link is who was invited.
///
/// # Errors
/// A failure of ours.
pub async fn accept_by_identity(
    (cx, req): (&Cx, &HttpRequest),
    session: &Session,
    token: &str,
    who: Who,
) -> Result<HttpResponse, AppError> {
    let (invitation, reader) = match find(cx, token).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone),
    };
    if reader != Reader::New {
        return Ok(cx.see_other(&urls::invitation(token)));
    }
    let name: String = who.name.chars().take(NAME_CHARS_MAX).collect();
    let name = line(&name, 1, NAME_CHARS_MAX)
        .unwrap_or_else(|_| invitation.email.split('@').next().unwrap_or_default().to_owned());
    let newcomer = Newcomer { name, by: NewcomerBy::Identity(who), language: cx.language };
    join(cx, req, session, token, newcomer).await
}

/// Makes somebody's account, accepts the invitation and signs them in.
async fn join(
    cx: &Cx,
    req: &HttpRequest,
    session: &Session,
    token: &str,
    newcomer: Newcomer,
) -> Result<HttpResponse, AppError> {
    let device = cx.device(req);
    let by = (cx.actor(), device.clone());
    match actions::accept_anew(&cx.services, token, newcomer, by).await? {
        Some(Ok((id, name))) => {
            open(session, id)?;
            let response = welcome(cx, Accepted::Joined(name))?;
            with_cookie(response, &cx.device_cookie(device))
        }
        refused => again(cx, token, refused.and_then(Result::err)).await,
    }
}

fn welcome(cx: &Cx, accepted: Accepted) -> Result<HttpResponse, AppError> {
    let flash = match accepted {
        Accepted::Joined(name) => Flash::InvitationAccepted { name },
        Accepted::WasMember(name) => Flash::AlreadyMember { name },
    };
    cx.see_other_with(urls::OVERVIEW, &flash)
}

/// The page as it is now, after something else than acceptance came of a form.
async fn again(
    cx: &Cx,
    token: &str,
    problem: Option<crate::problem::Problem>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    match find(cx, token).await? {
        Ok((invitation, reader)) => {
            let page = InvitationPage::new(cx, token, (&invitation, reader), AcceptForm::default());
            let obstacle = problem.map(|problem| problem.text(t) + t.stop());
            cx.answer(StatusCode::CONFLICT, &InvitationPage { obstacle, ..page })
        }
        Err(gone) => Ok(gone),
    }
}
