//! `/profile/recovery-codes`: making recovery codes, and looking at new ones once.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;

use super::actions::{self, Standing};
use super::{CODES, RenewRecoveryCodes};
use crate::audit::Act;
use crate::error::AppError;
use crate::secret::Secret;
use crate::step_up::forms::Nothing;
use crate::step_up::pages as step_up;
use crate::web::body::Form;
use crate::web::guard::SignedIn;
use crate::web::refusals::Watched;
use crate::web::{Crumb, Cx, Need, Routes, Section, Shell, urls};

const FILE: &str = "/profile/recovery-codes/codes.txt";
const PUT_AWAY: &str = "/profile/recovery-codes/put-away";

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    const WHO: Need = Need::SignedIn;
    routes.page(urls::RECOVERY_CODES, WHO, show);
    routes.sensitive(urls::RECOVERY_CODES, WHO, Watched::Act(Act::RenewRecoveryCodes), renew);
    routes.page(FILE, WHO, file);
    routes.page(PUT_AWAY, WHO, to_page);
    routes.form(PUT_AWAY, WHO, put_away);
}

/// Codes while they are shown.
struct Fresh {
    codes: Vec<String>,
    /// The same as they are copied.
    lines: Secret,
    until: String,
}

#[derive(Template)]
#[template(path = "recovery/recovery_codes.html")]
struct RecoveryCodesPage {
    shell: Shell,
    trail: Vec<Crumb>,
    left: i64,
    state: String,
    fresh: Option<Fresh>,
    file: &'static str,
    put_away: &'static str,
}

/// `GET /profile/recovery-codes`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let (t, zone) = (cx.t(), cx.zone());
    let Standing { left, fresh } = actions::standing(&cx.services, &person).await?;
    let fresh = fresh.map(|fresh| Fresh {
        codes: fresh.secret.expose().lines().map(str::to_owned).collect(),
        lines: fresh.secret.clone(),
        until: t.recovery_until(&fresh.expires_at.in_zone(&zone).strftime("%H:%M").to_string()),
    });
    let all = i64::try_from(CODES).unwrap_or(i64::MAX);
    cx.page(&RecoveryCodesPage {
        shell: cx.member_shell(Section::Profile, t.recovery_codes()),
        trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
        state: if left == 0 { t.recovery_none().into() } else { t.recovery_left(left, all) },
        left,
        fresh,
        file: FILE,
        put_away: PUT_AWAY,
    })
}

/// `POST /profile/recovery-codes`: asks for new ones.
async fn renew(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    let act = RenewRecoveryCodes { account: person.account, name: person.name.clone() };
    step_up::begin(&cx, &person, &act).await
}

/// `GET …/codes.txt`: the same as a file, while they are shown.
async fn file(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let Standing { fresh, .. } = actions::standing(&cx.services, &person).await?;
    let fresh = fresh.ok_or(AppError::NotFound)?;
    let day = cx.now().day(&cx.zone()).to_string();
    let about = cx.t().recovery_file(&person.email, &cx.services.settings.base_url, &day);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"switchroom-recovery-codes.txt\"",
        ))
        .body(format!("{about}\n\n{}\n", fresh.secret.expose())))
}

/// `GET` of what only takes forms: where they are, after a reload.
async fn to_page(cx: Cx, _: SignedIn) -> HttpResponse {
    cx.see_other(urls::RECOVERY_CODES)
}

/// `POST …/put-away`.
async fn put_away(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, AppError> {
    actions::put_away(&cx.services, &person).await?;
    Ok(cx.see_other(urls::RECOVERY_CODES))
}
