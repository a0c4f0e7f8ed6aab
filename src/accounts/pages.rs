//! `/profile`: the person's own page.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

use super::forms::{PasswordForm, PasswordInput, ProfileForm, ProfileInput};
use super::links::Purpose;
use super::links::store::link_waiting;
use super::{actions, store};
use crate::authenticators::store::authenticator_since;
use crate::clock::zone_names;
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::{Language, Texts};
use crate::identities::store::identity_of_account;
use crate::notify;
use crate::passkeys::Host;
use crate::passkeys::store::passkeys_of;
use crate::phones::masked;
use crate::phones::store::active_phone;
use crate::recovery::CODES;
use crate::recovery::store::recovery_codes_left;
use crate::sessions::Person;
use crate::sessions::pages::open;
use crate::web::body::Form;
use crate::web::cx::Choice as Remembered;
use crate::web::field::{self, Choice};
use crate::web::guard::SignedIn;
use crate::web::{Cx, Field, Flash, Need, Routes, Shell, urls};
use crate::workspaces::Role;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::PROFILE, Need::SignedIn, show);
    routes.form(urls::PROFILE, Need::SignedIn, save);
    routes.page(urls::PASSWORD, Need::SignedIn, to_profile);
    routes.form(urls::PASSWORD, Need::SignedIn, change_password);
}

#[derive(Template)]
#[template(path = "accounts/profile.html")]
struct ProfilePage {
    shell: Shell,
    email: String,
    role: &'static str,
    profile: ProfileForm,
    password: PasswordForm,
    languages: Vec<Choice>,
    zones: Vec<Choice>,
    follow: String,
    is_email_verified: bool,
    /// The address that is to be, until its link is opened.
    pending_email: Option<String>,
    /// Whether a mail that confirms it can be asked for.
    has_mail: bool,
    /// Since when there is an authenticator, in words.
    authenticator: Option<String>,
    /// How many passkeys there are, in words.
    passkeys: Option<String>,
    /// How many recovery codes are left, in words.
    recovery: String,
    /// The telephone, masked.
    phone: Option<String>,
    /// Whether there is a password: not for whoever accepted an invitation through a provider.
    has_password: bool,
    /// The provider that one may sign in through, and who the person is there.
    identity: Option<(String, Option<String>)>,
}

impl ProfilePage {
    async fn new(
        cx: &Cx,
        person: &Person,
        profile: ProfileForm,
        password: PasswordForm,
    ) -> Result<Self, AppError> {
        let (t, account, now) = (cx.t(), person.account, cx.now());
        let host = Host::of(&cx.services.settings).map(|host| host.name().to_owned());
        let provider = cx.services.provider.as_ref();
        let issuer = provider.map_or_else(String::new, |it| it.issuer().to_owned());
        let factors = cx.services.db.read::<_, DbError>(move |conn| {
            let passkeys = match host {
                Some(host) => passkeys_of(conn, account, &host)?.len(),
                None => 0,
            };
            Ok((
                passkeys,
                authenticator_since(conn, account)?,
                recovery_codes_left(conn, account)?,
                active_phone(conn, account)?,
                store::email_is_verified(conn, account)?,
                identity_of_account(conn, account, &issuer)?,
                store::password_hash(conn, account)?.is_some(),
                link_waiting(conn, account, Purpose::ChangeEmail, now)?.map(|link| link.email),
            ))
        });
        let (
            passkeys,
            since,
            left,
            phone,
            is_email_verified,
            identity,
            has_password,
            pending_email,
        ) = factors.await?;
        let all = i64::try_from(CODES).unwrap_or(i64::MAX);
        let since = since.map(|since| t.authenticator_since(&since.day(&cx.zone()).to_string()));
        let seat = person.seat.as_ref();
        let zone = seat.map_or("UTC", |seat| seat.time_zone.as_str());
        let languages = Language::ALL.iter().map(|one| Choice::new(one.as_str(), one.own_name()));
        Ok(Self {
            shell: cx.plain_shell(t.profile()),
            authenticator: since,
            passkeys: (passkeys > 0)
                .then(|| t.passkeys_count(i64::try_from(passkeys).unwrap_or(i64::MAX))),
            recovery: if left == 0 {
                t.recovery_lead().to_owned()
            } else {
                t.recovery_left(left, all)
            },
            phone: phone.map(|phone| masked(&phone.number)),
            identity: provider
                .map(|it| (it.name().to_owned(), identity.map(|identity| identity.name))),
            is_email_verified,
            pending_email,
            has_password,
            has_mail: notify::is_set_up(&cx.services),
            email: person.email.clone(),
            role: seat.map(|seat| role_name(seat.role, t)).unwrap_or_default(),
            follow: t.profile_follow(zone),
            profile,
            password,
            languages: languages.collect(),
            zones: zone_names().iter().map(|zone| Choice::new(zone, zone)).collect(),
        })
    }

    /// All fields of both forms in the order of the page.
    const fn fields(&self) -> [&Field; 6] {
        let [name, language, time_zone] = self.profile.fields();
        let [current, password, again] = self.password.fields();
        [name, language, time_zone, current, password, again]
    }

    fn problems(&self) -> i64 {
        field::problems(&self.fields())
    }
}

/// The name of a role.
#[must_use]
pub const fn role_name(role: Role, t: Texts) -> &'static str {
    role.name(t)
}

async fn stored(cx: &Cx, person: &Person) -> Result<ProfileForm, AppError> {
    let account = person.account;
    let profile =
        cx.services.db.read::<_, DbError>(move |conn| store::profile(conn, account)).await?;
    Ok(ProfileForm::of(&profile))
}

/// `GET /profile`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let profile = stored(&cx, &person).await?;
    cx.page(&ProfilePage::new(&cx, &person, profile, PasswordForm::default()).await?)
}

/// `POST /profile`: saves name, language and time zone.
async fn save(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<ProfileInput>,
) -> Result<HttpResponse, AppError> {
    let profile = match input.parse(cx.t()) {
        Ok(profile) => profile,
        Err(form) => {
            let page = ProfilePage::new(&cx, &person, *form, PasswordForm::default()).await?;
            return cx.refuse(&page);
        }
    };
    let language = profile.language;
    actions::edit_profile(&cx.services, &person, profile, cx.actor()).await?;
    let mut response = cx.see_other_with(urls::PROFILE, &Flash::ProfileSaved)?;
    // The browser's own choice of language would otherwise hide the new one.
    let cookie = cx.remember(Remembered::Language(language));
    response.add_cookie(&cookie).map_err(|error| AppError::Internal(error.into()))?;
    Ok(response)
}

/// `GET /profile/password`: where a refused form was, after a reload.
async fn to_profile(cx: Cx) -> HttpResponse {
    cx.see_other(urls::PROFILE)
}

/// `POST /profile/password`: changes the password and gives this browser a new key.
async fn change_password(
    cx: Cx,
    session: Session,
    SignedIn(person): SignedIn,
    Form(input): Form<PasswordInput>,
) -> Result<HttpResponse, AppError> {
    let again = async |form| -> Result<HttpResponse, AppError> {
        let profile = stored(&cx, &person).await?;
        cx.refuse(&ProfilePage::new(&cx, &person, profile, form).await?)
    };
    let personal = [person.email.as_str(), person.name.as_str()];
    let strength = cx.services.passwords.judge(input.password(), &personal).await?;
    let change = match input.parse(strength, cx.t()) {
        Ok(change) => change,
        Err(form) => return again(*form).await,
    };
    match actions::change_password(&cx.services, &person, change, cx.actor()).await? {
        Ok(()) => {
            open(&session, person.session)?;
            cx.see_other_with(urls::PROFILE, &Flash::PasswordChanged)
        }
        Err(_) => again(PasswordForm::wrong(cx.t())).await,
    }
}
