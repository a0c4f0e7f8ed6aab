//! Minting and checking with the keys of an app: what pages and API share.

use std::sync::Arc;

use super::{
    Candidate, Claims, Expected, Kind, Minted, NeedsChannelAndUser, Purpose, Refusal, Room,
    RoomBinding, Slot, UserSigOrder, Verdict, order::AccessTokenOrder, verify,
};
use crate::apps::{App, Switch};
use crate::clock::{UtcTime, Zone};
use crate::credentials::{self, store::Certificate};
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::SdkAppId;
use crate::services::Services;

/// How far the clocks of whoever issues tokens may run ahead of ours.
pub const LEEWAY_S: u32 = 60;

/// Why an app mints nothing and accepts nothing, whatever is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// It is disabled.
    AppDisabled,
    /// What is asked belongs to calls, which it does not have.
    NoRtc,
}

impl Denial {
    /// Whether something stands in the way. Access tokens and rooms belong to calls; a plain
    /// `UserSig` is for both services.
    #[must_use]
    pub const fn of(app: &App, needs_rtc: bool) -> Option<Self> {
        match app.switch {
            Switch::Disabled => Some(Self::AppDisabled),
            Switch::Enabled if needs_rtc && !app.services().rtc => Some(Self::NoRtc),
            Switch::Enabled => None,
        }
    }

    /// The reason for which tokens are refused meanwhile.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::AppDisabled => Refusal::AppDisabled,
            Self::NoRtc => Refusal::ServiceDisabled,
        }
    }
}

/// Mints an access token with the app's certificate.
///
/// # Errors
/// A failure of ours.
pub async fn mint_access_token(
    services: &Services,
    app: &App,
    order: &AccessTokenOrder,
) -> Result<Minted, AppError> {
    let now = services.clock.now();
    let certificate = primary(services, app, credentials::Purpose::AccessToken, now).await?;
    let minted = order.mint(&app.app_id.0, &certificate.secret, now, &services.random);
    minted.map_err(|problem| AppError::Internal(problem.into()))
}

/// Mints a `UserSig` with the app's key, with a room the `PrivateMapKey`.
///
/// # Errors
/// A failure of ours.
pub async fn mint_usersig(
    services: &Services,
    app: &App,
    orders: &[UserSigOrder],
) -> Result<Vec<Minted>, AppError> {
    let now = services.clock.now();
    let id = wire(app.sdk_app_id)?;
    let certificate = primary(services, app, credentials::Purpose::UserSig, now).await?;
    orders
        .iter()
        .map(|order| order.mint(id, &certificate.secret, now))
        .collect::<Result<_, _>>()
        .map_err(|problem| AppError::Internal(problem.into()))
}

fn wire(id: SdkAppId) -> Result<u32, AppError> {
    let broken = || AppError::Internal(anyhow::anyhow!("SDKAppID {id} does not fit 32 bits"));
    id.wire().ok_or_else(broken)
}

/// The certificate that signs, with its use remembered.
async fn primary(
    services: &Services,
    app: &App,
    purpose: credentials::Purpose,
    now: UtcTime,
) -> Result<Certificate, AppError> {
    let mut all = certificates(services, app.sdk_app_id, purpose, now).await?.into_iter();
    let primary = all.find(|certificate| certificate.slot == credentials::Slot::Primary);
    let missing = || anyhow::anyhow!("app {} has no {purpose} certificate", app.sdk_app_id);
    let primary = primary.ok_or_else(missing)?;
    remember_use(services, app, &primary, now).await;
    Ok(primary)
}

async fn certificates(
    services: &Services,
    app: SdkAppId,
    purpose: credentials::Purpose,
    now: UtcTime,
) -> Result<Vec<Certificate>, DbError> {
    let vault = Arc::clone(&services.vault);
    let job = move |conn: &mut _| {
        credentials::store::certificates_of_app(conn, &vault, app, purpose, now)
    };
    services.db.read(job).await
}

/// Remembers the day on which a certificate was last used: one write a day. That it fails is no
/// reason to refuse a token.
async fn remember_use(services: &Services, app: &App, certificate: &Certificate, now: UtcTime) {
    let zone = Zone::named(&app.statistics_zone).unwrap_or_else(Zone::utc);
    let today = now.day(&zone).to_string();
    if certificate.used_day.as_ref().is_some_and(|day| *day >= today) {
        return;
    }
    let id = certificate.id.clone();
    let job = move |conn: &mut _| credentials::store::certificate_used(conn, &id, &today);
    let done: Result<(), DbError> = services.db.write(job).await;
    if let Err(error) = done {
        tracing::warn!(certificate = certificate.id, "its use is not remembered: {error}");
    }
}

/// A token and what it must be for.
#[derive(Clone, Default)]
pub struct Question {
    /// The token.
    pub token: String,
    /// The format; `None` to tell it from the token.
    pub kind: Option<Kind>,
    /// The user.
    pub user: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The room.
    pub room: Option<Room>,
}

impl Question {
    /// The format that is asked for, or that the token looks like.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or_else(|| Kind::of(&self.token))
    }

    /// Which secrets can have signed it.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match self.kind() {
            Kind::UserSig => Purpose::UserSig,
            Kind::AccessToken2 | Kind::AccessToken => Purpose::AccessToken,
        }
    }

    /// Answers it for an app with some candidates.
    ///
    /// # Errors
    /// A 006 token needs channel and user to be checked at all.
    pub fn answer(
        &self,
        (app_id, sdk_app_id): (&str, u32),
        candidates: &[Candidate<'_>],
        now: UtcTime,
    ) -> Result<Verdict, NeedsChannelAndUser> {
        let expected = Expected {
            kind: self.kind,
            sdk_app_id,
            app_id,
            user: self.user.as_deref(),
            channel: self.channel.as_deref(),
            room: self.room.as_ref().map_or(RoomBinding::Any, RoomBinding::Room),
            ..Expected::default()
        };
        verify(&self.token, &expected, candidates, now.seconds(), LEEWAY_S)
    }
}

/// Checks a token against an app and its keys.
///
/// # Errors
/// A failure of ours; inside, that a 006 token needs channel and user.
pub async fn check(
    services: &Services,
    app: &App,
    question: &Question,
) -> Result<Result<Verdict, NeedsChannelAndUser>, AppError> {
    let now = services.clock.now();
    let names = (app.app_id.0.as_str(), wire(app.sdk_app_id)?);
    let purpose = question.purpose();
    if let Some(denial) = Denial::of(app, purpose == Purpose::AccessToken) {
        return Ok(Ok(denied(denial, question.answer(names, &[], now))));
    }
    let stored = match purpose {
        Purpose::AccessToken => credentials::Purpose::AccessToken,
        Purpose::UserSig => credentials::Purpose::UserSig,
    };
    let certificates = certificates(services, app.sdk_app_id, stored, now).await?;
    let candidates: Vec<_> = certificates
        .iter()
        .map(|it| Candidate { purpose, slot: slot(it.slot), secret: it.secret.expose() })
        .collect();
    let verdict = match question.answer(names, &candidates, now) {
        Ok(verdict) => verdict,
        Err(needs) => return Ok(Err(needs)),
    };
    let by = certificates.iter().find(|it| Some(slot(it.slot)) == verdict.signed_with);
    if let Some(by) = by.filter(|it| it.slot != credentials::Slot::Retired) {
        remember_use(services, app, by, now).await;
    }
    // That a UserSig is for a room is known only now.
    let is_for_room =
        matches!(&verdict.as_written, Some(Claims::UserSig(claims)) if claims.room_key.is_some());
    Ok(Ok(match Denial::of(app, is_for_room) {
        Some(denial) if verdict.is_valid() => denied(denial, Ok(verdict)),
        _ => verdict,
    }))
}

/// The verdict on whatever token while an app accepts none; what it says is shown all the same.
fn denied(denial: Denial, read: Result<Verdict, NeedsChannelAndUser>) -> Verdict {
    let refusal = Some(denial.refusal());
    match read {
        Ok(verdict) => Verdict { refusal, ..verdict },
        Err(needs) => Verdict { refusal, as_written: Some(*needs.as_written), signed_with: None },
    }
}

const fn slot(stored: credentials::Slot) -> Slot {
    match stored {
        credentials::Slot::Primary => Slot::Primary,
        credentials::Slot::Secondary => Slot::Secondary,
        credentials::Slot::Retired => Slot::Retired,
    }
}
