//! What the pages of a challenge show.

use std::borrow::Cow;

use askama::Template;

use crate::accounts::store::email_is_verified;
use crate::audit::{Act, TargetKind};
use crate::clock::UtcTime;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::notify::{self, Channel, Channels, State as MailState};
use crate::passkeys::{self, Ceremony, Host};
use crate::phones;
use crate::phones::store::active_phone;
use crate::problem::Problem;
use crate::recovery::store::recovery_codes_left;
use crate::sessions::Person;
use crate::step_up::actions::{self, Barred, Choice, Lack};
use crate::step_up::forms;
use crate::step_up::registry;
use crate::step_up::store::sends_paused_until;
use crate::step_up::{Challenge, Method, State, Waiting, masked};
use crate::web::field::{self, Field};
use crate::web::{Crumb, Cx, Section, Shell, urls};

/// Another way of proving who one is.
struct Alternative {
    method: Method,
    icon: &'static str,
    name: &'static str,
    words: String,
    /// The words of its button.
    choose: String,
}

/// A way that the person cannot use: not here, or not yet.
struct Missing {
    name: &'static str,
    words: &'static str,
    /// Where to set it up, with the words of the link; `None` when it is not the person's to do.
    next: Option<(&'static str, &'static str)>,
}

/// What an act is done to, and what it does.
pub(super) struct Subject {
    target_label: &'static str,
    target: String,
    which: Option<(&'static str, Cow<'static, str>)>,
    effect: Cow<'static, str>,
}

impl Subject {
    fn new(waiting: &dyn Waiting, challenge: &Challenge, t: Texts) -> Self {
        Self {
            target_label: target_label(challenge, t),
            target: challenge.target_name.clone(),
            which: waiting.which(t),
            effect: waiting.effect(t),
        }
    }
}

#[derive(Template)]
#[template(path = "step_up/step_up.html")]
pub(super) struct StepUpPage {
    shell: Shell,
    trail: Vec<Crumb>,
    name: &'static str,
    title: String,
    button: String,
    is_dangerous: bool,
    subject: Subject,
    action: String,
    field: Field,
    /// What asks for a passkey, where that is the method.
    passkey: Option<Ceremony>,
    label: &'static str,
    hint: String,
    reference: Option<String>,
    /// What the reference is called.
    reference_label: &'static str,
    /// The two digits that the page of the mailed link asks for.
    number: Option<String>,
    method: Method,
    /// Whether codes are sent, and another one can be asked for.
    is_sent: bool,
    /// The words of the button for that.
    resend: &'static str,
    /// Seconds until another code can be sent, and what the button says meanwhile.
    pause_s: i64,
    wait: &'static str,
    /// That it takes longer than anybody would watch.
    full: Option<String>,
    trouble: Option<&'static str>,
    others: Vec<Alternative>,
    missing: Vec<Missing>,
    are_others_open: bool,
}

impl StepUpPage {
    fn is_recovery(&self) -> bool {
        self.method == Method::RecoveryCode
    }

    /// Whether there is something to enter: a code that is sent must be on its way first.
    fn asks_code(&self) -> bool {
        !self.is_sent || self.reference.is_some() || self.field.is_bad()
    }

    fn problems(&self) -> i64 {
        field::problems(&[&self.field])
    }

    fn summary(&self) -> Vec<(&'static str, String)> {
        field::summary([&self.field], &[self.label], self.shell.t.colon())
    }
}

/// A longer wait is told in minutes instead of counted down.
const WATCHED_S_MAX: i64 = 120;

/// What the page needs beside the challenge.
struct Around {
    choice: Choice,
    codes_left: i64,
    /// The telephone, masked.
    phone: Option<String>,
    channels: Channels,
    /// Whether browsers have passkeys here.
    has_passkeys: bool,
    is_email_verified: bool,
    paused_until: Option<UtcTime>,
    mail: Option<MailState>,
}

async fn around(cx: &Cx, challenge: &Challenge) -> Result<Around, AppError> {
    let (account, now) = (challenge.account, cx.now());
    let about = (challenge.act, challenge.workspace);
    let (tools, key) = (cx.services.clone(), challenge.mail_key());
    let channel = challenge.method.channel().unwrap_or(Channel::Mail);
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        Ok(Around {
            choice: actions::choice(conn, &tools, account, about)?,
            codes_left: recovery_codes_left(conn, account)?,
            phone: active_phone(conn, account)?.map(|phone| phones::masked(&phone.number)),
            channels: Channels::of(&tools),
            has_passkeys: Host::of(&tools.settings).is_some(),
            is_email_verified: email_is_verified(conn, account)?,
            paused_until: sends_paused_until(conn, account, channel, now)?,
            mail: notify::state(conn, &key)?,
        })
    });
    Ok(found.await?)
}

const fn method_icon(method: Method) -> &'static str {
    match method {
        Method::Passkey => "fingerprint",
        Method::Totp => "clock",
        Method::SmsCode => "phone",
        Method::EmailCode | Method::EmailLink => "mail",
        Method::RecoveryCode => "key",
    }
}

fn method_words(method: Method, email: &str, to: &Around, t: Texts) -> String {
    match method {
        Method::Passkey => t.method_passkey_words().to_owned(),
        Method::Totp => t.method_totp_words().to_owned(),
        Method::RecoveryCode => t.method_recovery_words(to.codes_left),
        Method::SmsCode => t.method_sms_words(to.phone.as_deref().unwrap_or_default()),
        Method::EmailCode | Method::EmailLink => t.method_email_words(&masked(email)),
    }
}

/// The form of a challenge that waits.
pub(super) async fn form(
    cx: &Cx,
    person: &Person,
    challenge: &Challenge,
    field: Field,
) -> Result<StepUpPage, AppError> {
    let (t, now) = (cx.t(), cx.now());
    let waiting = registry::waiting(challenge).ok_or(AppError::NotFound)?;
    let around = around(cx, challenge).await?;
    let passkey = match challenge.method {
        Method::Passkey => passkeys::actions::for_challenge(&cx.services, challenge).await?,
        _ => None,
    };
    let name = challenge.act.name(t);
    let is_sent = challenge.method.channel().is_some();
    let others = around.choice.methods.iter().filter(|method| **method != challenge.method);
    let others = others.map(|method| Alternative {
        method: *method,
        icon: method_icon(*method),
        name: method.name(t),
        words: method_words(*method, &person.email, &around, t),
        choose: t.step_up_choose(&t.inside(method.name(t))),
    });
    let others: Vec<_> = others.collect();
    let has_code = is_sent && code_until(challenge, now).is_some();
    let pause_s = around.paused_until.map_or(0, |until| forms::seconds(until, now));
    let trouble =
        (has_code && around.mail == Some(MailState::Failed)).then(|| t.code_not_delivered());
    Ok(StepUpPage {
        shell: cx.member_shell(section(challenge), t.step_up()),
        trail: trail(&*waiting, challenge, t),
        title: t.step_up_title(waiting.in_sentence(t)),
        button: t.step_up_button(waiting.in_sentence(t)),
        name,
        is_dangerous: is_dangerous(challenge),
        subject: Subject::new(&*waiting, challenge, t),
        action: urls::step_up(&challenge.id),
        label: match challenge.method {
            Method::Passkey => t.method_passkey(),
            Method::RecoveryCode => t.code_of_recovery(),
            Method::Totp => t.code_of_totp(),
            Method::SmsCode => t.code_of_sms(),
            _ => t.code_of_email(),
        },
        reference_label: match challenge.method {
            Method::SmsCode => t.sms_reference(),
            _ => t.code_reference(),
        },
        number: challenge.link_number.clone().filter(|_| has_code),
        method: challenge.method,
        hint: hint(cx, challenge, &person.email, around.phone.as_deref()),
        reference: challenge.code_reference.clone().filter(|_| has_code),
        resend: if has_code { t.code_resend() } else { t.code_send() },
        pause_s,
        wait: if has_code { t.code_resend_wait() } else { t.code_send_wait() },
        full: (pause_s > WATCHED_S_MAX)
            .then(|| Problem::SendsFull { minutes: (pause_s + 59) / 60 }.text(t)),
        // Whoever has trouble with one method may want another.
        are_others_open: !others.is_empty() && (field.is_bad() || trouble.is_some()),
        trouble,
        others,
        missing: missing(&around, challenge.act, t),
        field,
        passkey,
        is_sent,
    })
}

/// Whether the act destroys or interrupts something.
fn is_dangerous(challenge: &Challenge) -> bool {
    registry::find(challenge.act).is_some_and(|act| act.is_dangerous)
}

/// What its target is called.
pub(super) fn target_label(challenge: &Challenge, t: Texts) -> &'static str {
    match section(challenge) {
        // Somebody else's account, and not one's own.
        Section::Members if challenge.audit_target().kind == TargetKind::Account => {
            t.mail_joined_member()
        }
        _ => challenge.audit_target().kind.name(t),
    }
}

/// Where the act belongs: what people do to their own account is not what they do to a member's.
fn section(challenge: &Challenge) -> Section {
    let is_own = registry::find(challenge.act).is_some_and(|act| act.is_own);
    if challenge.act == Act::InviteMember {
        return Section::Members;
    }
    match challenge.audit_target().kind {
        TargetKind::App => Section::Apps,
        TargetKind::ApiKey => Section::ApiKeys,
        TargetKind::Workspace => Section::Workspace,
        TargetKind::Account if !is_own => Section::Members,
        TargetKind::Account | TargetKind::Installation => Section::Profile,
    }
}

fn trail(waiting: &dyn Waiting, challenge: &Challenge, t: Texts) -> Vec<Crumb> {
    let crumb = |href: &str, words: &str| Crumb { href: href.to_owned(), words: words.to_owned() };
    let here = || crumb(&waiting.way_back(), &challenge.target_name);
    match section(challenge) {
        Section::Apps => vec![crumb(urls::APPS, t.apps()), here()],
        Section::Members => vec![crumb(urls::MEMBERS, t.members()), here()],
        Section::ApiKeys => vec![crumb(urls::API_KEYS, t.api_keys())],
        Section::Workspace => vec![crumb(urls::WORKSPACE, t.workspace_settings())],
        _ => vec![crumb(urls::PROFILE, t.profile())],
    }
}

/// Until when the code works that was sent by the method's channel; `None` when none does.
fn code_until(challenge: &Challenge, now: UtcTime) -> Option<UtcTime> {
    let sent = challenge.code_digest.as_ref();
    sent.filter(|_| challenge.code_channel == challenge.method.channel())
        .and(challenge.code_expires_at)
        .filter(|until| *until > now)
}

fn hint(cx: &Cx, challenge: &Challenge, email: &str, phone: Option<&str>) -> String {
    let t = cx.t();
    let to = match (challenge.method, phone) {
        (Method::SmsCode, Some(phone)) => phone.to_owned(),
        _ => masked(email),
    };
    match (challenge.method, code_until(challenge, cx.now())) {
        (Method::Passkey, _) => t.passkey_use_hint().to_owned(),
        (Method::Totp, _) => t.code_of_totp_hint().to_owned(),
        (Method::RecoveryCode, _) => t.code_of_recovery_hint().to_owned(),
        (_, None) => t.code_to_send_to(&to),
        (_, Some(until)) => {
            // The minute that has begun: whoever enters it by then is in time.
            let time = until.in_zone(&cx.zone()).strftime("%H:%M").to_string();
            t.code_sent_to(&to, &time)
        }
    }
}

/// Methods that the person does not have, or that do not do for this act. An authenticator that is being set up is not
/// one to fetch first, and where no text messages are sent nobody misses them.
fn missing(around: &Around, act: Act, t: Texts) -> Vec<Missing> {
    let set_up = |href| Some((href, t.method_set_up()));
    let (has_mail, has_sms) = (around.channels.mail, around.channels.sms);
    let all =
        [Method::Passkey, Method::Totp, Method::SmsCode, Method::EmailCode, Method::RecoveryCode];
    let of = |method: Method| {
        if around.choice.methods.contains(&method) {
            return None;
        }
        let barred = around.choice.barred.iter().find(|(barred, _)| *barred == method);
        let (words, next) = match (method, barred) {
            (_, Some((_, Barred::Young))) => (t.method_young(), None),
            (_, Some((_, Barred::Policy))) => (t.method_too_weak(), None),
            (Method::Passkey, None) if around.has_passkeys && act != Act::AddPasskey => {
                (t.method_passkey_missing(), set_up(urls::PASSKEYS))
            }
            (Method::Totp, None) if act != Act::AddAuthenticator => {
                (t.method_totp_missing(), set_up(urls::AUTHENTICATOR))
            }
            (Method::SmsCode, None) if has_sms => (t.method_sms_missing(), set_up(urls::PHONE)),
            (Method::EmailCode, None) if !has_mail => (t.method_email_missing(), None),
            (Method::EmailCode, None) if !around.is_email_verified => {
                (t.method_email_unconfirmed(), Some((urls::EMAIL, t.method_email_confirm())))
            }
            _ => return None,
        };
        Some(Missing { name: method.name(t), words, next })
    };
    all.into_iter().filter_map(of).collect()
}

/// A challenge that does not wait, and what to do about it.
#[derive(Template)]
#[template(path = "step_up/ended.html")]
pub(super) struct EndedPage {
    pub(super) shell: Shell,
    /// Empty where there is no challenge.
    pub(super) trail: Vec<Crumb>,
    pub(super) title: &'static str,
    pub(super) words: &'static str,
    pub(super) next: Option<(String, &'static str)>,
    /// Methods to get first, where there is none yet.
    pub(super) ways: Vec<Way>,
    /// The act that was proved for already.
    pub(super) granted: Option<Unfinished>,
}

/// An act that was proved for and waits to be done.
pub(super) struct Unfinished {
    subject: Subject,
    /// Where it is carried on with, and the challenge, below which it is called off.
    go_on: String,
    action: String,
    button: &'static str,
    is_dangerous: bool,
}

pub(super) fn ended(cx: &Cx, challenge: &Challenge, state: State) -> EndedPage {
    let t = cx.t();
    let waiting = registry::waiting(challenge);
    let start = waiting.as_ref().map(|waiting| waiting.start());
    let trail = waiting.as_ref().map(|waiting| trail(&**waiting, challenge, t));
    let granted = waiting.filter(|_| state == State::Granted).map(|waiting| Unfinished {
        subject: Subject::new(&*waiting, challenge, t),
        go_on: urls::step_up_continue(&challenge.id),
        action: urls::step_up(&challenge.id),
        button: challenge.act.name(t),
        is_dangerous: is_dangerous(challenge),
    });
    let (title, words) = match state {
        State::Locked => (t.step_up_locked(), t.step_up_locked_words()),
        State::Expired => (t.step_up_expired(), t.step_up_expired_words()),
        State::Granted => (t.step_up_granted(), t.step_up_granted_words()),
        State::Spent => (t.step_up_spent(), t.step_up_spent_words()),
        State::Disowned => (t.step_up_disowned(), t.step_up_disowned_words()),
        State::Cancelled | State::Open => (t.step_up_cancelled(), t.step_up_cancelled_words()),
    };
    EndedPage {
        shell: cx.member_shell(section(challenge), t.step_up()),
        trail: trail.unwrap_or_default(),
        title,
        words,
        next: start.map(|start| (start, t.step_up_again())),
        ways: Vec::new(),
        granted,
    }
}

/// A method that somebody does not have yet, and where they get it.
pub(super) struct Way {
    icon: &'static str,
    name: &'static str,
    words: &'static str,
    href: &'static str,
    action: &'static str,
}

/// The page for an act that somebody has no way to prove themselves for.
pub(super) fn no_method(cx: &Cx, lack: Lack) -> EndedPage {
    let t = cx.t();
    let (title, words) = match lack {
        Lack::Policy => (t.step_up_policy(), t.step_up_policy_words()),
        Lack::Young => (t.step_up_young(), t.step_up_young_words()),
        Lack::Confirmation => (t.step_up_no_method(), t.step_up_unconfirmed_words()),
        Lack::Everything => (t.step_up_no_method(), t.step_up_no_method_words()),
    };
    let has_passkeys = Host::of(&cx.services.settings).is_some();
    let methods = [Method::EmailCode, Method::Passkey, Method::Totp].into_iter();
    let ways = methods.filter_map(|method| {
        let (words, href, action) = match (method, lack) {
            (_, Lack::Young) => return None,
            (Method::EmailCode, Lack::Confirmation) => {
                (t.method_email_unconfirmed(), urls::EMAIL, t.method_email_confirm())
            }
            (Method::Passkey, _) if has_passkeys => {
                (t.method_passkey_words(), urls::PASSKEYS, t.passkey_add())
            }
            (Method::Totp, _) => {
                (t.method_totp_words(), urls::AUTHENTICATOR, t.authenticator_set_up())
            }
            _ => return None,
        };
        Some(Way { icon: method_icon(method), name: method.name(t), words, href, action })
    });
    EndedPage {
        shell: cx.member_shell(Section::None, t.step_up()),
        trail: Vec::new(),
        title,
        words,
        next: None,
        ways: ways.collect(),
        granted: None,
    }
}
