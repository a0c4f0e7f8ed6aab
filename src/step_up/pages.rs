//! `/step-up/{id}`: proving who one is, and what comes of it.

mod link;
mod view;

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;

use self::view::{EndedPage, ended, form, no_method};
use super::actions::{self, Asked, Refusal, Unperformed};
use super::forms::{self, AnswerInput, MethodInput, Nothing};
use super::registry;
use super::store::Sending;
use super::{Asker, Challenge, Granted, Method, Sensitive, State};
use crate::audit::Reason;
use crate::db::DbError;
use crate::error::AppError;
use crate::problem::Problem;
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::web::body::Form;
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Cx, Flash, Need, Routes, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const WATCHED: Watched = Watched::Challenge;
    const METHOD: &str = "/step-up/{id}/method";
    const CODE: &str = "/step-up/{id}/code";
    const CONTINUE: &str = "/step-up/{id}/continue";
    const CANCEL: &str = "/step-up/{id}/cancel";
    routes.page("/step-up/{id}", WHO, show);
    routes.sensitive("/step-up/{id}", WHO, WATCHED, answer);
    for path in [METHOD, CODE, CONTINUE, CANCEL] {
        routes.page(path, WHO, to_challenge);
    }
    routes.form(METHOD, WHO, choose);
    routes.form(CODE, WHO, send_again);
    routes.sensitive(CONTINUE, WHO, WATCHED, go_on);
    routes.form(CANCEL, WHO, cancel);
    routes.page("/step-up/{id}/state", WHO, state);
    link::routes(routes);
}

/// Asks for an act, and leads to where the person proves who they are.
///
/// # Errors
/// A failure of ours.
pub async fn begin<A: Sensitive>(
    cx: &Cx,
    person: &Person,
    act: &A,
) -> Result<HttpResponse, AppError> {
    lead(cx, actions::ask(&cx.services, &cx.asker(person), act).await?)
}

/// Leads to a challenge, or says that there is no way to pass one.
///
/// # Errors
/// A template that fails to print.
pub fn lead(cx: &Cx, asked: Asked) -> Result<HttpResponse, AppError> {
    match asked {
        Asked::Challenge(id) => Ok(cx.see_other(&urls::step_up(&id))),
        Asked::NoMethod(lack) => cx.refuse(&no_method(cx, lack)),
    }
}

/// A challenge of the person's, in this sign-in and workspace.
async fn find(cx: &Cx, asker: &Asker, id: &str) -> Result<Challenge, AppError> {
    let found = actions::find(&cx.services, &asker.holder, &asker.actor, id).await?;
    found.ok_or(AppError::NotFound)
}

/// The same for who only looks: nothing is written down.
async fn look_at(cx: &Cx, person: &Person, id: String) -> Result<Challenge, AppError> {
    let by = cx.asker(person).holder;
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let found = super::store::challenge_of(conn, &by, &id)?;
        Ok(found.filter(|it| it.refused_to(&by).is_none()))
    });
    found.await?.ok_or(AppError::NotFound)
}

/// `GET /step-up/{id}`.
async fn show(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let challenge = look_at(&cx, &person, id.into_inner()).await?;
    match challenge.state(cx.now()) {
        State::Open => cx.page(&form(&cx, &person, &challenge, forms::empty()).await?),
        // Back to it after it was done: what came of it.
        State::Spent => {
            let waiting = registry::waiting(&challenge).ok_or(AppError::NotFound)?;
            Ok(cx.see_other(&waiting.result()))
        }
        State::Granted => cx.page(&ended(&cx, &challenge, State::Granted)),
        state => cx.answer(StatusCode::GONE, &ended(&cx, &challenge, state)),
    }
}

/// `GET /step-up/{id}/state`: the word of its state, for the page that waits for it.
async fn state(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let challenge = look_at(&cx, &person, id.into_inner()).await?;
    let word = challenge.state(cx.now()).as_str();
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(word))
}

/// `POST /step-up/{id}`: a code, or a passkey's answer. The right one does the act.
async fn answer(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(input): Form<AnswerInput>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    let (services, by, actor) = (&cx.services, &asker.holder, &asker.actor);
    let answered = if challenge.method == Method::Passkey {
        let answer = input.passkey();
        actions::answer_with_passkey(services, by, actor, &challenge, &answer).await?
    } else {
        actions::answer(services, by, actor, &challenge, &input.code).await?
    };
    match answered {
        Ok(granted) => run(&cx, &session, &person, &asker, granted).await,
        Err(refusal) => refused(&cx, &person, &challenge, &refusal).await,
    }
}

/// After a code that did not pass the challenge: the form again, or what became of the challenge.
async fn refused(
    cx: &Cx,
    person: &Person,
    challenge: &Challenge,
    refusal: &Refusal,
) -> Result<HttpResponse, AppError> {
    match refusal {
        Refusal::Ended(State::Spent) => {
            let waiting = registry::waiting(challenge).ok_or(AppError::NotFound)?;
            Ok(cx.see_other(&waiting.result()))
        }
        Refusal::Ended(State::Granted) => Ok(cx.see_other(&urls::step_up(&challenge.id))),
        Refusal::Wrong { left: 0 } => {
            cx.answer(StatusCode::GONE, &ended(cx, challenge, State::Locked))
        }
        Refusal::Ended(state) => cx.answer(StatusCode::GONE, &ended(cx, challenge, *state)),
        refusal => {
            let field = forms::refused((refusal, challenge.method), cx.now(), cx.t());
            cx.refuse(&form(cx, person, challenge, field).await?)
        }
    }
}

/// Does the act, gives the browser a new key, and leads to the result.
async fn run(
    cx: &Cx,
    session: &Session,
    person: &Person,
    asker: &Asker,
    granted: Granted,
) -> Result<HttpResponse, AppError> {
    let challenge = granted.challenge().clone();
    match registry::run(&cx.services, asker, granted).await? {
        Ok(done) => {
            open(session, person.session)?;
            cx.see_other_with(&done.path, &done.flash)
        }
        Err(Unperformed::Denied(Reason::Forbidden)) => Err(AppError::Forbidden),
        Err(Unperformed::Denied(reason)) => {
            let state = if reason == Reason::Expired { State::Expired } else { State::Cancelled };
            cx.answer(StatusCode::GONE, &ended(cx, &challenge, state))
        }
        Err(Unperformed::Refused(problem)) => {
            let t = cx.t();
            let words = match problem {
                Problem::ChangedMeanwhile => t.step_up_changed_words(),
                _ => t.step_up_impossible_words(),
            };
            let page = EndedPage {
                title: t.step_up_changed(),
                words,
                ..ended(cx, &challenge, State::Cancelled)
            };
            cx.answer(StatusCode::CONFLICT, &page)
        }
    }
}

/// `GET` of what only takes forms: where they are, after a reload or another language.
async fn to_challenge(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let challenge = look_at(&cx, &person, id.into_inner()).await?;
    Ok(cx.see_other(&urls::step_up(&challenge.id)))
}

/// `POST /step-up/{id}/continue`: does an act that was proved for and has not run.
async fn go_on(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    let granted =
        actions::granted(&cx.services, &asker.holder, &asker.actor, challenge.clone()).await?;
    match granted {
        Ok(granted) => run(&cx, &session, &person, &asker, granted).await,
        Err(Refusal::Ended(State::Open)) => Ok(cx.see_other(&urls::step_up(&challenge.id))),
        Err(refusal) => refused(&cx, &person, &challenge, &refusal).await,
    }
}

/// `POST /step-up/{id}/method`: chooses another method.
async fn choose(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(input): Form<MethodInput>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    let method = input.method().ok_or_else(|| AppError::BadRequest("no such method".into()))?;
    let sending = actions::choose(&cx.services, &asker, &challenge, method).await?;
    after_sending(&cx, &person, &asker, &challenge.id, sending.unwrap_or(Sending::Now)).await
}

/// `POST /step-up/{id}/code`: sends another code.
async fn send_again(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    if challenge.method.channel().is_none() || challenge.state(cx.now()) != State::Open {
        return Ok(cx.see_other(&urls::step_up(&challenge.id)));
    }
    let sending = actions::send_again(&cx.services, &asker, &challenge).await?;
    after_sending(&cx, &person, &asker, &challenge.id, sending).await
}

/// The form again; where nothing was sent, with when a code can be.
async fn after_sending(
    cx: &Cx,
    person: &Person,
    asker: &Asker,
    id: &str,
    sending: Sending,
) -> Result<HttpResponse, AppError> {
    if matches!(sending, Sending::Now | Sending::Ended) {
        return Ok(cx.see_other(&urls::step_up(id)));
    }
    let challenge = find(cx, asker, id).await?;
    let field = forms::sent(sending, cx.now(), cx.t());
    cx.refuse(&form(cx, person, &challenge, field).await?)
}

/// `POST /step-up/{id}/cancel`: calls the act off.
async fn cancel(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    if !actions::cancel(&cx.services, &asker.actor, &challenge).await? {
        // It was done, or has ended otherwise: its page says what is so.
        return Ok(cx.see_other(&urls::step_up(&challenge.id)));
    }
    let waiting = registry::waiting(&challenge).ok_or(AppError::NotFound)?;
    cx.see_other_with(&waiting.way_back(), &Flash::StepUpCancelled)
}
