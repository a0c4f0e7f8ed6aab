//! `/apps/{sdk_app_id}/certificates`: certificates, showing and hiding keys, resetting.
//!
//! A key is part of the page only while the sign-in may see it; such a page is never cached.

use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;

use super::store::{self, Facts};
use super::{Purpose, ResetCertificate, RevealKey, actions, reset_effect};
use crate::apps::Owned;
use crate::apps::pages::ActPage;
use crate::audit::Act;
use crate::clock::UtcTime;
use crate::db::DbError;
use crate::error::AppError;
use crate::secret::Secret;
use crate::step_up::forms::Nothing;
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::refusals::Watched;
use crate::web::shell::Link;
use crate::web::{Crumb, Cx, Flash, Need, Routes, Section, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::ManageCertificates);
    const RESET: &str = "/apps/{sdk_app_id}/certificates/{purpose}/reset";
    const REVEAL: &str = "/apps/{sdk_app_id}/certificates/{purpose}/reveal";
    const HIDE: &str = "/apps/{sdk_app_id}/certificates/{purpose}/hide";
    routes.page("/apps/{sdk_app_id}/certificates", MAY, show);
    routes.page(RESET, MAY, show_reset);
    routes.sensitive(RESET, MAY, Watched::Act(Act::ResetCertificate), reset);
    routes.page(REVEAL, MAY, to_certificates);
    routes.sensitive(REVEAL, MAY, Watched::Act(Act::RevealKey), reveal);
    routes.page(HIDE, MAY, to_certificates);
    routes.form(HIDE, MAY, hide);
    routes.page("/apps/{sdk_app_id}/certificates/{purpose}/key.txt", MAY, file);
}

/// A certificate of a page's path.
struct One {
    owned: Owned,
    facts: Facts,
}

impl FromRequest for One {
    type Error = AppError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let (req, owned) = (req.clone(), Owned::from_request(req, payload));
        Box::pin(async move {
            let owned = owned.await?;
            let purpose = req.match_info().get("purpose").and_then(Purpose::parse);
            let purpose = purpose.ok_or(AppError::NotFound)?;
            let db = crate::web::guard::services(&req)?.db;
            let id = owned.id();
            let all = db.read::<_, DbError>(move |conn| store::primaries(conn, id)).await?;
            let facts = all.into_iter().find(|facts| facts.purpose == purpose);
            Ok(Self { owned, facts: facts.ok_or(AppError::NotFound)? })
        })
    }
}

/// A certificate as the page shows it.
struct Card {
    word: &'static str,
    name: &'static str,
    words: &'static str,
    created: String,
    used: String,
    copy: String,
    key: Option<Shown>,
    reveal: String,
    hide: String,
    file: String,
    reset: String,
}

struct Shown {
    key: Secret,
    until: String,
    iso: String,
}

#[derive(Template)]
#[template(path = "credentials/certificates.html")]
struct CertificatesPage {
    shell: Shell,
    app: String,
    trail: Vec<Crumb>,
    picker: Vec<Link>,
    cards: Vec<Card>,
    /// Whether keys are shown without a new proof.
    may_again: bool,
}

/// `GET /apps/{sdk_app_id}/certificates`.
async fn show(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    let (t, id, session, now) = (cx.t(), owned.id(), owned.member.person.session, cx.now());
    let vault = cx.services.vault.clone();
    let found = cx.services.db.read::<_, DbError>(move |conn| {
        let facts = store::primaries(conn, id)?;
        let shown = store::revealed(conn, &vault, session, id, now)?;
        Ok((facts, shown, store::may_reveal_again(conn, session, id, now)?))
    });
    let (facts, shown, may_again) = found.await?;
    let page = CertificatesPage {
        shell: cx.shell(&owned.member, Section::Apps, t.certificates()),
        app: owned.app.name.clone(),
        trail: vec![Crumb { href: urls::APPS.into(), words: t.apps().into() }],
        picker: owned.picker(urls::certificates),
        cards: facts.iter().map(|facts| card(&cx, &owned, facts, &shown)).collect(),
        may_again,
    };
    cx.page(&page)
}

fn card(cx: &Cx, owned: &Owned, facts: &Facts, shown: &[(Purpose, Secret, UtcTime)]) -> Card {
    let (t, zone, id, purpose) = (cx.t(), cx.zone(), owned.id(), facts.purpose);
    let key = shown.iter().find(|(of, ..)| *of == purpose).map(|(_, key, until)| {
        let until = until.in_zone(&zone);
        Shown {
            key: key.clone(),
            until: t.key_until(&until.strftime("%H:%M").to_string()),
            iso: until.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    });
    Card {
        word: purpose.as_str(),
        name: purpose.name(t),
        words: match purpose {
            Purpose::AccessToken => t.certificate_access_token_words(),
            Purpose::UserSig => t.certificate_usersig_words(),
        },
        created: facts.created_at.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string(),
        used: facts.used_day.clone().unwrap_or_else(|| t.certificate_unused().to_owned()),
        copy: t.key_copy(purpose.name(t)),
        reveal: urls::reveal_key(id, purpose),
        hide: urls::hide_key(id, purpose),
        file: urls::key_file(id, purpose),
        reset: urls::reset_certificate(id, purpose),
        key,
    }
}

/// `GET …/reset`: what resetting a certificate does.
async fn show_reset(cx: Cx, One { owned, facts }: One) -> Result<HttpResponse, AppError> {
    let (t, here) = (cx.t(), urls::certificates(owned.id()));
    let title = t.reset_title(facts.purpose.name(t));
    let effect = reset_effect(facts.purpose, t);
    let page = ActPage::new(&cx, &owned, title, effect, here.clone())
        .below(Crumb { href: here, words: t.certificates().into() }, t.reset_sure());
    cx.page(&page)
}

/// `POST …/reset`: asks for it.
async fn reset(
    cx: Cx,
    One { owned, facts }: One,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (app, name, purpose) = (owned.id(), owned.app.name.clone(), facts.purpose);
    let act = ResetCertificate { app, name, purpose, certificate: facts.id };
    step_up::begin(&cx, &owned.member.person, &act).await
}

/// `GET …/reveal` and `GET …/hide`: where the buttons are, after a reload.
async fn to_certificates(cx: Cx, owned: Owned) -> HttpResponse {
    cx.see_other(&urls::certificates(owned.id()))
}

/// `POST …/reveal`: asks to show a key, or shows it when that was proved for a moment ago.
async fn reveal(
    cx: Cx,
    One { owned, facts }: One,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (id, name, purpose) = (owned.id(), owned.app.name.clone(), facts.purpose);
    let asker = cx.asker(&owned.member.person);
    if actions::reveal_again(&cx.services, &asker, &owned.app, purpose).await? {
        return cx.see_other_with(&urls::certificates(id), &Flash::KeyRevealed { name });
    }
    let act = RevealKey { app: id, name, purpose, certificate: facts.id };
    step_up::begin(&cx, &owned.member.person, &act).await
}

/// `POST …/hide`.
async fn hide(
    cx: Cx,
    owned: Owned,
    path: Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let purpose = Purpose::parse(&path.1).ok_or(AppError::NotFound)?;
    let asker = cx.asker(&owned.member.person);
    actions::hide(&cx.services, &asker, &owned.app, purpose).await?;
    let name = owned.app.name.clone();
    cx.see_other_with(&urls::certificates(owned.id()), &Flash::KeyHidden { name })
}

/// `GET …/key.txt`: the key as a file, while it is shown.
async fn file(cx: Cx, One { owned, facts }: One) -> Result<HttpResponse, AppError> {
    let (id, session, now) = (owned.id(), owned.member.person.session, cx.now());
    let vault = cx.services.vault.clone();
    let shown = cx.services.db.read(move |conn| store::revealed(conn, &vault, session, id, now));
    let shown = shown.await?;
    let Some((_, key, _)) = shown.iter().find(|(purpose, ..)| *purpose == facts.purpose) else {
        return Ok(cx.see_other(&urls::certificates(id)));
    };
    let text = format!(
        "App ID: {}\r\nSDKAppID: {id}\r\n{}: {}\r\n",
        owned.app.app_id,
        facts.purpose.name(cx.t()),
        key.expose()
    );
    let name = format!("attachment; filename=\"{id}-{}.txt\"", facts.purpose);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(text))
}
