//! The context of a request: services, who asks, in which language, and how to answer.

use std::net::IpAddr;
use std::rc::Rc;

use actix_web::cookie::{Cookie, CookieJar, SameSite};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::guard::{self, person_of};
use super::shell::{Section, Shell};
use super::{Flash, Member, address, observe::RequestId, urls};
use crate::audit::Actor;
use crate::clock::{UtcTime, Zone};
use crate::devices;
use crate::error::AppError;
use crate::i18n::{Language, Texts};
use crate::identities::FLOW_LIFETIME;
use crate::services::Services;
use crate::sessions::actions::network;
use crate::sessions::{Person, Seat};
use crate::step_up::{self, Asker, CHALLENGE_LIFETIME};
use crate::vault::{FormOrigin, Holder as FormHolder};

/// The hidden field that binds a form to whoever it was shown to.
pub const TOKEN_FIELD: &str = "token";
/// The cookie that knows an anonymous visitor again, so that their forms can be bound.
const VISITOR_COOKIE: &str = "visitor";
/// The cookie that actix-session keeps the key of a sign-in in.
pub const SESSION_COOKIE: &str = "session";
const LANGUAGE_COOKIE: &str = "lang";
const THEME_COOKIE: &str = "theme";
const FLASH_COOKIE: &str = "flash";
/// The cookie of a browser whose password was right and whose code is awaited.
const SECOND_FACTOR_COOKIE: &str = "factor";
/// The cookie of a browser that is at the provider to sign in. Sealed: what is in it must not be read there.
const FLOW_COOKIE: &str = "sso";
/// The cookie that knows a browser again which has signed in.
const DEVICE_COOKIE: &str = "device";
/// Most pages need less; a longer one grows.
const PAGE_BYTES: usize = 32 * 1_024;

/// The context of a request.
pub struct Cx {
    /// The services.
    pub services: Services,
    /// Whoever is signed in.
    pub person: Option<Rc<Person>>,
    /// The language of the answer.
    pub language: Language,
    /// `light` or `dark`; `None` follows the system.
    pub theme: Option<&'static str>,
    /// The client's network address.
    pub address: IpAddr,
    /// The browser's name for itself, cut to a bounded length.
    pub user_agent: String,
    /// The request's id.
    pub request_id: RequestId,
    /// Path and query, for links that lead back here.
    pub here: String,
    visitor: Visitor,
    /// What the link of a mail ends in that this is a page of. Such pages leave no cookie.
    link: Option<String>,
    flash: Option<Flash>,
}

/// An anonymous visitor.
#[derive(Clone)]
struct Visitor {
    id: String,
    /// Whether the cookie must still be set.
    is_new: bool,
}

/// A name that on https binds the cookie to this host, path and TLS.
#[must_use]
pub fn cookie_name(services: &Services, name: &str) -> String {
    if services.settings.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie<'c>(services: &Services, name: &str, value: String) -> Cookie<'c> {
    Cookie::build(cookie_name(services, name), value)
        .path("/")
        .secure(services.settings.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// A cookie that only we could have written.
fn signed_cookie(req: &HttpRequest, services: &Services, name: &str) -> Option<String> {
    let name = cookie_name(services, name);
    let mut jar = CookieJar::new();
    jar.add_original(req.cookie(&name)?);
    jar.signed(&services.vault.cookie_key()).get(&name).map(|cookie| cookie.value().to_owned())
}

fn sign(services: &Services, cookie: Cookie<'static>) -> Cookie<'static> {
    let name = cookie.name().to_owned();
    let mut jar = CookieJar::new();
    jar.signed_mut(&services.vault.cookie_key()).add(cookie);
    jar.get(&name).cloned().unwrap_or_else(|| Cookie::new(name, ""))
}

fn holder<'a>(person: Option<&'a Person>, visitor: Option<&'a str>) -> Option<FormHolder<'a>> {
    match (person, visitor) {
        (Some(person), _) => Some(FormHolder::Session {
            session: person.session,
            workspace: person.seat.as_ref().map(|seat| seat.scope.workspace),
        }),
        (None, Some(visitor)) => Some(FormHolder::Visitor(visitor)),
        (None, None) => None,
    }
}

/// What the link ends in that a request is of. Its forms are bound to it and not to the browser, which may be anybody's
/// and gains nothing by it.
fn link_of(req: &HttpRequest) -> Option<String> {
    let is_link = req.match_pattern().is_some_and(|path| path.starts_with(urls::STEP_UP_LINK));
    is_link.then(|| req.match_info().get("token").map(str::to_owned)).flatten()
}

/// Whose form a token came from, as seen from this requester.
#[must_use]
pub fn form_origin(req: &HttpRequest, token: &str) -> FormOrigin {
    let Ok(services) = guard::services(req) else { return FormOrigin::Foreign };
    if let Some(link) = link_of(req) {
        return services.vault.form_origin(token, &FormHolder::Link(&link));
    }
    let (person, visitor) = (person_of(req), signed_cookie(req, &services, VISITOR_COOKIE));
    holder(person.as_deref(), visitor.as_deref())
        .map_or(FormOrigin::Foreign, |holder| services.vault.form_origin(token, &holder))
}

/// What a browser keeps between its password and its code.
#[must_use]
pub fn second_factor_token(req: &HttpRequest, services: &Services) -> Option<String> {
    signed_cookie(req, services, SECOND_FACTOR_COOKIE)
}

/// The flow that a browser comes back from, sealed.
#[must_use]
pub fn sealed_flow(req: &HttpRequest, services: &Services) -> Option<String> {
    Some(req.cookie(&cookie_name(services, FLOW_COOKIE))?.value().to_owned())
}

/// Whether a request comes with the cookie of a session, alive or not.
#[must_use]
pub fn had_session(req: &HttpRequest, services: &Services) -> bool {
    req.cookie(&cookie_name(services, SESSION_COOKIE)).is_some()
}

/// The language of a request: its cookie, the account's, what the browser accepts.
fn language(req: &HttpRequest, services: &Services, person: Option<&Person>) -> Language {
    let accepted = || {
        let header = req.headers().get(header::ACCEPT_LANGUAGE);
        Language::accepted(header.and_then(|value| value.to_str().ok()).unwrap_or_default())
    };
    req.cookie(LANGUAGE_COOKIE)
        .and_then(|cookie| Language::parse(cookie.value()))
        // The people of the demonstration are everybody's.
        .or_else(|| person.filter(|_| !services.is_demo).map(|person| person.language))
        .unwrap_or_else(accepted)
}

impl Cx {
    /// Reads the context of a request.
    ///
    /// # Errors
    /// When the application was put together without its services.
    pub fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let services = guard::services(req)?;
        let person = person_of(req);
        let theme = match req.cookie(THEME_COOKIE).as_ref().map(Cookie::value) {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            _ => None,
        };
        let visitor = signed_cookie(req, &services, VISITOR_COOKIE).map_or_else(
            || Visitor { id: services.random.hex::<16>(), is_new: true },
            |id| Visitor { id, is_new: false },
        );
        let user_agent = req
            .headers()
            .get(header::USER_AGENT)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(400).collect())
            .unwrap_or_default();
        let flash = signed_cookie(req, &services, FLASH_COOKIE)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|json| serde_json::from_slice(&json).ok());
        Ok(Self {
            language: language(req, &services, person.as_deref()),
            theme,
            address: address::client(req, &services.settings.trusted_proxies),
            user_agent,
            request_id: req.extensions().get::<RequestId>().cloned().unwrap_or_default(),
            here: req.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned(),
            visitor,
            link: link_of(req),
            flash,
            person,
            services,
        })
    }

    /// The messages of the answer's language.
    #[must_use]
    pub const fn t(&self) -> Texts {
        self.language.texts()
    }

    /// The moment of the request.
    #[must_use]
    pub fn now(&self) -> UtcTime {
        self.services.clock.now()
    }

    /// The zone that times are shown in: the person's, the workspace's, or UTC.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let person = self.person.as_deref();
        let own = person.and_then(|person| person.time_zone.as_deref());
        let workspace = person.and_then(|person| person.seat.as_ref());
        own.or_else(|| workspace.map(|seat| seat.time_zone.as_str()))
            .and_then(Zone::named)
            .unwrap_or_else(Zone::utc)
    }

    /// Who acts, for the audit log: the person, or somebody who is not signed in.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let (address, agent) = (self.address.to_string(), self.user_agent.clone());
        let actor = Actor::at(address, agent, self.request_id.0.clone());
        match self.person.as_deref() {
            Some(person) => actor
                .as_person(person.account, &person.name, &person.email)
                .in_session(person.session),
            None => actor,
        }
    }

    /// Who asks for a sensitive act.
    #[must_use]
    pub fn asker(&self, person: &Person) -> Asker {
        let seat = person.seat.as_ref();
        Asker {
            account: person.account,
            holder: step_up::Holder::Session {
                account: person.account,
                session: person.session,
                workspace: seat.map(Seat::workspace),
            },
            scope: seat.map(|seat| seat.scope.clone()),
            actor: self.actor(),
            email: person.email.clone(),
            language: person.language,
            network: network(self.address),
        }
    }

    /// What the mailed link ends in that this is a page of.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// The token for forms shown in this answer.
    #[must_use]
    pub fn token(&self) -> String {
        if let Some(link) = &self.link {
            return self.services.vault.form_token(&FormHolder::Link(link));
        }
        let visitor = FormHolder::Visitor(&self.visitor.id);
        let holder = holder(self.person.as_deref(), None).unwrap_or(visitor);
        self.services.vault.form_token(&holder)
    }

    /// What a member's page needs around its content.
    #[must_use]
    pub fn shell(&self, _: &Member, section: Section, title: impl Into<String>) -> Shell {
        Shell::new(self, section, title.into(), self.flash.clone())
    }

    /// The same for a page that somebody sees who is signed in, in a workspace or none.
    #[must_use]
    pub fn member_shell(&self, section: Section, title: impl Into<String>) -> Shell {
        Shell::new(self, section, title.into(), self.flash.clone())
    }

    /// The same for a page that needs no place in a workspace.
    #[must_use]
    pub fn plain_shell(&self, title: impl Into<String>) -> Shell {
        Shell::new(self, Section::None, title.into(), self.flash.clone())
    }

    /// A page.
    ///
    /// # Errors
    /// A template that fails to print.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse, AppError> {
        self.answer(StatusCode::OK, page)
    }

    /// A form that was refused, shown again: 422.
    ///
    /// # Errors
    /// A template that fails to print.
    pub fn refuse(&self, page: &impl Template) -> Result<HttpResponse, AppError> {
        self.answer(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    /// A page of any status.
    ///
    /// # Errors
    /// A template that fails to print.
    pub fn answer(
        &self,
        status: StatusCode,
        page: &impl Template,
    ) -> Result<HttpResponse, AppError> {
        let mut html = String::with_capacity(PAGE_BYTES);
        page.render_into(&mut html).map_err(anyhow::Error::from)?;
        let mut response = HttpResponse::build(status);
        response.content_type("text/html; charset=utf-8");
        if self.flash.is_some() {
            let mut gone = cookie(&self.services, FLASH_COOKIE, String::new());
            gone.make_removal();
            response.cookie(gone);
        }
        if self.person.is_none() && self.visitor.is_new && self.link.is_none() {
            let visitor = cookie(&self.services, VISITOR_COOKIE, self.visitor.id.clone());
            response.cookie(sign(&self.services, visitor));
        }
        Ok(response.body(html))
    }

    /// Leads on after a form was accepted: 303.
    #[must_use]
    pub fn see_other(&self, path: &str) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
    }

    /// Leads on with a message for the next page.
    ///
    /// # Errors
    /// A message that cannot be written as JSON.
    pub fn see_other_with(&self, path: &str, flash: &Flash) -> Result<HttpResponse, AppError> {
        let json = serde_json::to_vec(flash).map_err(anyhow::Error::from)?;
        // Names may hold what a cookie cannot.
        let mut message = cookie(&self.services, FLASH_COOKIE, URL_SAFE_NO_PAD.encode(json));
        message.set_max_age(actix_web::cookie::time::Duration::minutes(5));
        Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, path))
            .cookie(sign(&self.services, message))
            .finish())
    }

    /// What the browser keeps between its password and its code; `None` removes it.
    #[must_use]
    pub fn second_factor_cookie(&self, token: Option<String>) -> Cookie<'static> {
        let Some(token) = token else {
            let mut gone = cookie(&self.services, SECOND_FACTOR_COOKIE, String::new());
            gone.make_removal();
            return gone;
        };
        let mut kept = cookie(&self.services, SECOND_FACTOR_COOKIE, token);
        kept.set_max_age(actix_web::cookie::time::Duration::try_from(CHALLENGE_LIFETIME).ok());
        sign(&self.services, kept)
    }

    /// What the browser keeps, sealed, while it is at the provider; `None` removes it.
    #[must_use]
    pub fn flow_cookie(&self, sealed: Option<String>) -> Cookie<'static> {
        let is_gone = sealed.is_none();
        let mut kept = cookie(&self.services, FLOW_COOKIE, sealed.unwrap_or_default());
        if is_gone {
            kept.make_removal();
        } else {
            kept.set_max_age(actix_web::cookie::time::Duration::try_from(FLOW_LIFETIME).ok());
        }
        kept
    }

    /// What the browser is known by, or will be once it has signed in.
    #[must_use]
    pub fn device(&self, req: &HttpRequest) -> String {
        let known = signed_cookie(req, &self.services, DEVICE_COOKIE);
        known.unwrap_or_else(|| self.services.random.token())
    }

    /// The cookie that knows the browser again.
    #[must_use]
    pub fn device_cookie(&self, token: String) -> Cookie<'static> {
        let mut kept = cookie(&self.services, DEVICE_COOKIE, token);
        kept.set_max_age(actix_web::cookie::time::Duration::try_from(devices::KEPT_FOR).ok());
        sign(&self.services, kept)
    }

    /// A cookie that remembers a choice of the browser for a year.
    #[must_use]
    pub fn remember(&self, choice: Choice) -> Cookie<'static> {
        let (name, value) = match choice {
            Choice::Language(language) => (LANGUAGE_COOKIE, language.as_str()),
            Choice::Theme(theme) => (THEME_COOKIE, theme),
        };
        Cookie::build(name, value)
            .path("/")
            .secure(self.services.settings.is_https())
            .same_site(SameSite::Lax)
            .max_age(actix_web::cookie::time::Duration::days(365))
            .finish()
    }
}

/// What a browser remembers by itself. (The theme's cookie is also written by script.)
#[derive(Clone, Copy)]
pub enum Choice {
    /// The language.
    Language(Language),
    /// `light` or `dark`.
    Theme(&'static str),
}

impl FromRequest for Cx {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(req))
    }
}
