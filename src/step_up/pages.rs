//! `/step-up/{id}`: proving who one is, and what comes of it.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::actions::{self, Asked, Refusal, Unperformed};
use super::forms::{self, CodeInput, MethodInput, Nothing};
use super::registry::{self, Waiting};
use super::store::{Sending, sends_paused_until};
use super::{Asker, Challenge, Granted, Method, Sensitive, State, masked};
use crate::clock::UtcTime;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::notify::{self, State as MailState};
use crate::problem::Problem;
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::web::body::Form;
use crate::web::field;
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Field, Flash, Need, Routes, Section, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const WATCHED: Watched = Watched::Challenge;
    routes.page("/step-up/{id}", WHO, show);
    routes.sensitive("/step-up/{id}", WHO, WATCHED, answer);
    routes.form("/step-up/{id}/method", WHO, choose);
    routes.form("/step-up/{id}/code", WHO, send_again);
    routes.sensitive("/step-up/{id}/continue", WHO, WATCHED, go_on);
    routes.form("/step-up/{id}/cancel", WHO, cancel);
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
        Asked::NoMethod => {
            let t = cx.t();
            let page = EndedPage {
                shell: cx.member_shell(Section::None, t.step_up()),
                title: t.step_up_no_method(),
                words: t.step_up_no_method_words(),
                next: Some((urls::AUTHENTICATOR.to_owned(), t.authenticator_set_up())),
                is_granted: None,
            };
            cx.refuse(&page)
        }
    }
}

/// Another way of proving who one is.
struct Alternative {
    method: Method,
    icon: &'static str,
    name: &'static str,
    words: String,
}

/// A way that the person could use and has not set up.
struct Missing {
    name: &'static str,
    words: &'static str,
    /// Where to set it up; `None` when it is not the person's to do.
    href: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "step_up/step_up.html")]
struct StepUpPage {
    shell: Shell,
    trail: Vec<Crumb>,
    name: &'static str,
    title: String,
    button: String,
    is_dangerous: bool,
    target_label: &'static str,
    target: String,
    which: &'static str,
    effect: &'static str,
    action: String,
    field: Field,
    label: &'static str,
    hint: String,
    reference: Option<String>,
    /// Whether codes come by mail, and another one can be asked for.
    is_sent: bool,
    /// Seconds until another code can be sent.
    pause_s: i64,
    trouble: Option<&'static str>,
    others: Vec<Alternative>,
    missing: Vec<Missing>,
    are_others_open: bool,
}

impl StepUpPage {
    fn problems(&self) -> i64 {
        field::problems(&[&self.field])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        field::summary([&self.field], &[self.label], self.shell.t.colon())
    }
}

/// What the page needs beside the challenge.
struct Around {
    methods: Vec<Method>,
    paused_until: Option<UtcTime>,
    mail: Option<MailState>,
}

async fn around(cx: &Cx, challenge: &Challenge) -> Result<Around, AppError> {
    let (account, now) = (challenge.account, cx.now());
    let (has_mail, key) = (notify::is_set_up(&cx.services), challenge.mail_key());
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        Ok(Around {
            methods: actions::methods(conn, account, has_mail)?,
            paused_until: sends_paused_until(conn, account, now)?,
            mail: notify::state(conn, &key)?,
        })
    });
    Ok(found.await?)
}

const fn method_name(method: Method, t: Texts) -> &'static str {
    match method {
        Method::Totp => t.method_totp(),
        Method::EmailCode => t.method_email(),
    }
}

const fn method_icon(method: Method) -> &'static str {
    match method {
        Method::Totp => "clock",
        Method::EmailCode => "mail",
    }
}

fn method_words(method: Method, email: &str, t: Texts) -> String {
    match method {
        Method::Totp => t.method_totp_words().to_owned(),
        Method::EmailCode => t.method_email_words(&masked(email)),
    }
}

/// The form of a challenge that waits.
async fn form(
    cx: &Cx,
    person: &Person,
    challenge: &Challenge,
    field: Field,
) -> Result<StepUpPage, AppError> {
    let (t, now) = (cx.t(), cx.now());
    let waiting = Waiting::read(challenge).ok_or(AppError::NotFound)?;
    let Around { methods, paused_until, mail } = around(cx, challenge).await?;
    let name = registry::name(challenge.act, t);
    let is_sent = challenge.method == Method::EmailCode;
    let others = methods.iter().filter(|method| **method != challenge.method);
    let others = others.map(|method| Alternative {
        method: *method,
        icon: method_icon(*method),
        name: method_name(*method, t),
        words: method_words(*method, &person.email, t),
    });
    let is_app = challenge.audit_target().sdk_app_id().is_some();
    Ok(StepUpPage {
        shell: cx.member_shell(section(is_app), t.step_up()),
        trail: trail(&waiting, challenge, is_app, t),
        title: t.step_up_title(&lower(name, t)),
        button: t.step_up_button(&lower(name, t)),
        name,
        is_dangerous: waiting.is_dangerous(),
        target_label: if is_app { t.column_app() } else { t.account() },
        target: challenge.target_name.clone(),
        which: waiting.which(t),
        effect: waiting.effect(t),
        action: urls::step_up(&challenge.id),
        label: if is_sent { t.code_of_email() } else { t.code_of_totp() },
        hint: hint(challenge, &person.email, now, t),
        reference: challenge.code_reference.clone().filter(|_| is_sent && has_code(challenge, now)),
        pause_s: paused_until.map_or(0, |until| forms::seconds(until, now)),
        trouble: (is_sent && mail == Some(MailState::Failed) && has_code(challenge, now))
            .then(|| t.code_not_delivered()),
        are_others_open: false,
        others: others.collect(),
        missing: missing(&methods, t),
        field,
        is_sent,
    })
}

/// English acts begin small inside a sentence.
fn lower(name: &str, t: Texts) -> String {
    match t.language() {
        crate::i18n::Language::Chinese => name.to_owned(),
        crate::i18n::Language::English => {
            let mut chars = name.chars();
            chars
                .next()
                .map(|first| first.to_lowercase().chain(chars).collect())
                .unwrap_or_default()
        }
    }
}

const fn section(is_app: bool) -> Section {
    if is_app { Section::Apps } else { Section::Profile }
}

fn trail(waiting: &Waiting, challenge: &Challenge, is_app: bool, t: Texts) -> Vec<Crumb> {
    let here = Crumb { href: waiting.way_back(), words: challenge.target_name.clone() };
    let above = if is_app {
        Crumb { href: urls::APPS.to_owned(), words: t.apps().to_owned() }
    } else {
        Crumb { href: urls::PROFILE.to_owned(), words: t.profile().to_owned() }
    };
    if is_app { vec![above, here] } else { vec![above] }
}

fn has_code(challenge: &Challenge, now: UtcTime) -> bool {
    challenge.code_digest.is_some() && challenge.code_expires_at.is_some_and(|until| until > now)
}

fn hint(challenge: &Challenge, email: &str, now: UtcTime, t: Texts) -> String {
    match challenge.method {
        Method::Totp => t.code_of_totp_hint().to_owned(),
        Method::EmailCode if has_code(challenge, now) => t.code_sent_to(&masked(email)),
        Method::EmailCode => t.code_to_send_to(&masked(email)),
    }
}

fn missing(methods: &[Method], t: Texts) -> Vec<Missing> {
    let all = [
        Missing {
            name: t.method_totp(),
            words: t.method_totp_missing(),
            href: Some(urls::AUTHENTICATOR),
        },
        Missing { name: t.method_email(), words: t.method_email_missing(), href: None },
    ];
    let lacks = Method::ALL.iter().zip(all).filter(|(method, _)| !methods.contains(method));
    lacks.map(|(_, missing)| missing).collect()
}

/// A challenge that does not wait, and what to do about it.
#[derive(Template)]
#[template(path = "step_up/ended.html")]
struct EndedPage {
    shell: Shell,
    title: &'static str,
    words: &'static str,
    next: Option<(String, &'static str)>,
    /// Where the act is carried on with that was proved for already.
    is_granted: Option<String>,
}

fn ended(cx: &Cx, challenge: &Challenge, state: State) -> EndedPage {
    let t = cx.t();
    let waiting = Waiting::read(challenge);
    let start = waiting.map(|waiting| waiting.start());
    let (title, words) = match state {
        State::Locked => (t.step_up_locked(), t.step_up_locked_words()),
        State::Expired => (t.step_up_expired(), t.step_up_expired_words()),
        State::Granted => (t.step_up_granted(), t.step_up_granted_words()),
        State::Spent => (t.step_up_spent(), t.step_up_spent_words()),
        State::Cancelled | State::Open => (t.step_up_cancelled(), t.step_up_cancelled_words()),
    };
    EndedPage {
        shell: cx.member_shell(Section::None, t.step_up()),
        title,
        words,
        next: start.map(|start| (start, t.step_up_again())),
        is_granted: (state == State::Granted).then(|| urls::step_up_continue(&challenge.id)),
    }
}

/// A challenge of the person's, in this sign-in and workspace.
async fn find(cx: &Cx, asker: &Asker, id: &str) -> Result<Challenge, AppError> {
    let found = actions::find(&cx.services, &asker.holder, &asker.actor, id).await?;
    found.ok_or(AppError::NotFound)
}

/// `GET /step-up/{id}`.
async fn show(
    cx: Cx,
    SignedIn(person): SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let (id, by) = (id.into_inner(), asker.holder.clone());
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let found = super::store::challenge_of(conn, &by, &id)?;
        Ok(found.filter(|it| super::store::why_not_theirs(it, &by).is_none()))
    });
    let challenge = found.await?.ok_or(AppError::NotFound)?;
    match challenge.state(cx.now()) {
        State::Open => cx.page(&form(&cx, &person, &challenge, forms::empty()).await?),
        // Back to it after it was done: what came of it.
        State::Spent => {
            let waiting = Waiting::read(&challenge).ok_or(AppError::NotFound)?;
            Ok(cx.see_other(&waiting.result()))
        }
        State::Granted => cx.page(&ended(&cx, &challenge, State::Granted)),
        state => cx.answer(StatusCode::GONE, &ended(&cx, &challenge, state)),
    }
}

/// `POST /step-up/{id}`: a code. The right one does the act.
async fn answer(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Form(input): Form<CodeInput>,
) -> Result<HttpResponse, AppError> {
    let asker = cx.asker(&person);
    let challenge = find(&cx, &asker, &id).await?;
    let (services, by, actor) = (&cx.services, &asker.holder, &asker.actor);
    match actions::answer(services, by, actor, &challenge, &input.code).await? {
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
            let waiting = Waiting::read(challenge).ok_or(AppError::NotFound)?;
            Ok(cx.see_other(&waiting.result()))
        }
        Refusal::Ended(State::Granted) => Ok(cx.see_other(&urls::step_up(&challenge.id))),
        Refusal::Wrong { left: 0 } => {
            cx.answer(StatusCode::GONE, &ended(cx, challenge, State::Locked))
        }
        Refusal::Ended(state) => cx.answer(StatusCode::GONE, &ended(cx, challenge, *state)),
        refusal => {
            let field = forms::refused(refusal, cx.now(), cx.t());
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
        Err(Unperformed::Denied(_)) => {
            cx.answer(StatusCode::GONE, &ended(cx, &challenge, State::Cancelled))
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
    match actions::choose(&cx.services, &asker, &challenge, method).await? {
        None | Some(Sending::Now) => Ok(cx.see_other(&urls::step_up(&challenge.id))),
        Some(sending) => not_sent(&cx, &person, &asker, &challenge.id, sending).await,
    }
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
    if challenge.method != Method::EmailCode || challenge.state(cx.now()) != State::Open {
        return Ok(cx.see_other(&urls::step_up(&challenge.id)));
    }
    match actions::send_again(&cx.services, &asker, &challenge).await? {
        Sending::Now => Ok(cx.see_other(&urls::step_up(&challenge.id))),
        sending => not_sent(&cx, &person, &asker, &challenge.id, sending).await,
    }
}

/// The form again, with when a code can be sent.
async fn not_sent(
    cx: &Cx,
    person: &Person,
    asker: &Asker,
    id: &str,
    sending: Sending,
) -> Result<HttpResponse, AppError> {
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
    actions::cancel(&cx.services, &asker.actor, &challenge).await?;
    let waiting = Waiting::read(&challenge).ok_or(AppError::NotFound)?;
    cx.see_other_with(&waiting.way_back(), &Flash::StepUpCancelled)
}
