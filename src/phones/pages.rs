//! `/profile/phone`: setting a telephone, another one, and removing it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::actions::{self, Standing, Unsent};
use super::forms::{self, NumberInput};
use super::masked;
use super::store::Pending;
use crate::audit::Act;
use crate::error::AppError;
use crate::notify::{self, State as SmsState};
use crate::sessions::Person;
use crate::step_up::Method;
use crate::step_up::actions::Refusal;
use crate::step_up::forms::{CodeInput, Nothing, empty, refused, seconds};
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::field::{self, Field};
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Need, Routes, Section, Shell, urls};

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    const CODE: &str = "/profile/phone/code";
    const CONFIRM: &str = "/profile/phone/confirm";
    const CANCEL: &str = "/profile/phone/cancel";
    const REMOVE: &str = "/profile/phone/remove";
    routes.page(urls::PHONE, WHO, show);
    routes.form(urls::PHONE, WHO, begin);
    for path in [CODE, CONFIRM, CANCEL, REMOVE] {
        routes.page(path, WHO, to_page);
    }
    routes.form(CODE, WHO, send_again);
    routes.sensitive(CONFIRM, WHO, Watched::Act(Act::ChangePhone), confirm);
    routes.form(CANCEL, WHO, give_up);
    routes.sensitive(REMOVE, WHO, Watched::Act(Act::RemovePhone), remove);
}

/// A number while it is confirmed.
struct Confirming {
    number: String,
    /// Whether its code was entered, and a proof is all that is missing.
    is_confirmed: bool,
    hint: String,
    reference: Option<String>,
    /// The words of the button that sends a code.
    resend: &'static str,
    /// Seconds until another code can be sent.
    pause_s: i64,
    trouble: Option<&'static str>,
}

impl Confirming {
    fn new(cx: &Cx, pending: &Pending, standing: &Standing) -> Self {
        let (t, now) = (cx.t(), cx.now());
        let until = pending.code_expires_at.filter(|until| *until > now);
        let number = masked(&pending.number);
        let is_lost = until.is_some() && standing.sms == Some(SmsState::Failed);
        Self {
            hint: match until {
                Some(until) => {
                    let time = until.in_zone(&cx.zone()).strftime("%H:%M").to_string();
                    t.code_sent_to(&number, &time)
                }
                None => t.code_to_send_to(&number),
            },
            number,
            is_confirmed: pending.is_confirmed(),
            reference: pending.code_reference.clone().filter(|_| until.is_some()),
            resend: if until.is_some() { t.code_resend() } else { t.code_send() },
            pause_s: standing.paused_until.map_or(0, |until| seconds(until, now)),
            trouble: (is_lost && !pending.is_confirmed()).then(|| t.phone_not_delivered()),
        }
    }
}

#[derive(Template)]
#[template(path = "phones/phone.html")]
struct PhonePage {
    shell: Shell,
    trail: Vec<Crumb>,
    /// Whether text messages are sent here.
    has_sms: bool,
    can_prove: bool,
    /// The number that counts, masked, and since when.
    current: Option<(String, String)>,
    confirming: Option<Confirming>,
    number: Field,
    code: Field,
    /// What has become of a number that was being confirmed.
    lost: Option<&'static str>,
}

impl PhonePage {
    async fn new(cx: &Cx, person: &Person, number: Field, code: Field) -> Result<Self, AppError> {
        let t = cx.t();
        let standing = actions::standing(&cx.services, person).await?;
        let waiting = standing.pending.as_ref();
        let is_locked = waiting.is_some_and(|it| !it.is_confirmed() && it.left() == 0);
        let waiting = waiting.filter(|_| !is_locked);
        let since = |phone: &super::store::Phone| {
            let day = phone.since.day(&cx.zone()).to_string();
            (masked(&phone.number), t.phone_since(&day))
        };
        Ok(Self {
            shell: cx.member_shell(Section::Profile, t.phone()),
            trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
            has_sms: notify::sms_is_set_up(&cx.services),
            can_prove: standing.can_prove,
            current: standing.phone.as_ref().map(since),
            confirming: waiting.map(|waiting| Confirming::new(cx, waiting, &standing)),
            number,
            code,
            lost: is_locked.then(|| t.phone_locked()),
        })
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.number, &self.code])
    }

    /// What the field of the number is called.
    const fn label(&self) -> &'static str {
        match self.current {
            Some(_) => self.shell.t.phone_number(),
            None => self.shell.t.phone(),
        }
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        let t = self.shell.t;
        let labels = [self.label(), t.code_of_sms()];
        field::summary([&self.number, &self.code], &labels, t.colon())
    }
}

/// `GET /profile/phone`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    cx.page(&PhonePage::new(&cx, &person, forms::number(), empty()).await?)
}

/// `GET` of what only takes forms: where they are, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::PHONE)
}

/// `POST /profile/phone`: sends a code to a number.
async fn begin(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<NumberInput>,
) -> Result<HttpResponse, AppError> {
    if !notify::sms_is_set_up(&cx.services) {
        return conflict(&cx, &person, None).await;
    }
    let (number, field) = match input.parse(cx.t().language()) {
        Ok(parsed) => parsed,
        Err(field) => return refuse_number(&cx, &person, field).await,
    };
    match actions::begin(&cx.services, &cx.asker(&person), &person, number).await? {
        Ok(()) => Ok(cx.see_other(urls::PHONE)),
        Err(Unsent::NotSetUp | Unsent::NoMethod) => conflict(&cx, &person, None).await,
        Err(unsent) => {
            let field = forms::unsent(field, unsent, cx.now(), cx.t());
            refuse_number(&cx, &person, field).await
        }
    }
}

/// The form of the number again, also while another one is being confirmed.
async fn refuse_number(cx: &Cx, person: &Person, field: Field) -> Result<HttpResponse, AppError> {
    let page = PhonePage::new(cx, person, field, empty()).await?;
    if !page.can_prove {
        return conflict(cx, person, None).await;
    }
    cx.refuse(&PhonePage { confirming: None, lost: None, ..page })
}

/// The page, since what was sent does not fit to how things are.
async fn conflict(
    cx: &Cx,
    person: &Person,
    lost: Option<&'static str>,
) -> Result<HttpResponse, AppError> {
    let page = PhonePage::new(cx, person, forms::number(), empty()).await?;
    let lost = page.lost.or(lost);
    cx.answer(StatusCode::CONFLICT, &PhonePage { lost, ..page })
}

/// `POST …/code`: sends another code.
async fn send_again(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    match actions::send_again(&cx.services, &cx.asker(&person), &person).await? {
        Ok(()) | Err(Unsent::Gone) => Ok(cx.see_other(urls::PHONE)),
        Err(unsent) => {
            let code = forms::unsent(empty(), unsent, cx.now(), cx.t());
            cx.refuse(&PhonePage::new(&cx, &person, forms::number(), code).await?)
        }
    }
}

/// `POST …/confirm`: the code that was sent, or, once it was entered, asking for the proof again.
async fn confirm(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<CodeInput>,
) -> Result<HttpResponse, AppError> {
    let (t, asker) = (cx.t(), cx.asker(&person));
    match actions::confirm(&cx.services, &asker, &person, &input.code).await? {
        Ok(challenge) => step_up::lead(&cx, challenge),
        Err(Refusal::Ended(_) | Refusal::Wrong { left: 0 }) => {
            conflict(&cx, &person, Some(t.phone_changed())).await
        }
        Err(refusal) => {
            let code = refused((&refusal, Method::SmsCode), cx.now(), t);
            let page = PhonePage::new(&cx, &person, forms::number(), code).await?;
            match &page.confirming {
                Some(one) if !one.is_confirmed => cx.refuse(&page),
                // The code was used by another click: what is left is to go on.
                _ => conflict(&cx, &person, None).await,
            }
        }
    }
}

/// `POST …/cancel`.
async fn give_up(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    actions::give_up(&cx.services, &person).await?;
    Ok(cx.see_other(urls::PHONE))
}

/// `POST …/remove`: asks for it.
async fn remove(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    match actions::ask_to_remove(&cx.services, &cx.asker(&person), &person).await? {
        Some(asked) => step_up::lead(&cx, asked),
        None => Ok(cx.see_other(urls::PHONE)),
    }
}
