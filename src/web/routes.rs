//! The table of routes: a path, a method, what it needs, a handler. The need is enforced by the
//! guard that the table wraps around the handler, so a route cannot be mounted without one.

use std::collections::BTreeMap;

use actix_web::guard::{Any, Get, Head};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, Responder, Route};

use super::guard;
use super::refusals::{self, Watched};
use crate::api_keys::ApiScope;
use crate::audit::Reason;
use crate::error::AppError;
use crate::workspaces::Permission;

/// What a request must bring to reach a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Somebody signed in, in any workspace or none.
    SignedIn,
    /// A member whose role has a permission.
    May(Permission),
    /// An API key with a scope.
    Key(ApiScope),
}

impl std::fmt::Display for Need {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => out.write_str("nothing"),
            Self::SignedIn => out.write_str("signed in"),
            Self::May(permission) => write!(out, "may {permission}"),
            Self::Key(scope) => write!(out, "key {scope}"),
        }
    }
}

/// How a body is taken and guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads without a session: probes and static files.
    Open,
    /// Reads; no body.
    Page,
    /// A form with its token.
    Form,
    /// JSON in and out.
    Api,
}

/// One route, as the golden list shows it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path with its parameters.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
    /// How a body is taken.
    pub kind: Kind,
    /// The sensitive act that it asks for or carries out; refusals are events of the audit log.
    pub watched: Option<Watched>,
}

/// The table while it is made.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Entry>,
    routes: Vec<Route>,
}

impl Routes {
    /// `GET` of what needs nobody and no session: probes and static files.
    pub fn open<F, Args>(&mut self, path: &'static str, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, Need::Nothing, Kind::Open, read().to(handler));
    }

    /// `GET`: a page, or a file to download.
    pub fn page<F, Args>(&mut self, path: &'static str, need: Need, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, need, Kind::Page, read().to(handler));
    }

    /// `POST` of a form that carries its token.
    pub fn form<F, Args>(&mut self, path: &'static str, need: Need, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::post().to(handler);
        self.add(Method::POST, path, need, Kind::Form, route);
    }

    /// `POST` of a form that asks for a sensitive act or answers its challenge.
    pub fn sensitive<F, Args>(
        &mut self,
        path: &'static str,
        need: Need,
        watched: Watched,
        handler: F,
    ) where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let guarded = from_fn(move |req, next| refusals::watch((watched, need), req, next));
        self.routes.push(web::post().to(handler).wrap(guarded));
        let (method, kind) = (Method::POST, Kind::Form);
        self.entries.push(Entry { method, path, need, kind, watched: Some(watched) });
    }

    /// A route of the JSON API.
    pub fn api<F, Args>(&mut self, method: Method, path: &'static str, need: Need, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::method(method.clone()).to(handler);
        self.add(method, path, need, Kind::Api, route);
    }

    fn add(&mut self, method: Method, path: &'static str, need: Need, kind: Kind, route: Route) {
        self.routes.push(match kind {
            Kind::Open | Kind::Page | Kind::Api => {
                route.wrap(from_fn(move |req, next| guard::check(need, req, next)))
            }
            Kind::Form => route.wrap(from_fn(move |req, next| guard::check_form(need, req, next))),
        });
        self.entries.push(Entry { method, path, need, kind, watched: None });
    }

    /// All routes in the order of their paths.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        entries.sort_by(|a, b| (a.path, a.method.as_str()).cmp(&(b.path, b.method.as_str())));
        entries
    }

    /// Mounts the routes that have to do with sessions, or all others.
    pub fn mount(self, with_session: bool, config: &mut ServiceConfig) {
        type Resource = (Vec<&'static str>, Vec<Route>, Option<Watched>);
        let mut resources: BTreeMap<&'static str, Resource> = BTreeMap::new();
        for (entry, route) in self.entries.iter().zip(self.routes) {
            if matches!(entry.kind, Kind::Page | Kind::Form) == with_session {
                let (methods, routes, watched) = resources.entry(entry.path).or_default();
                *watched = watched.or(entry.watched);
                methods.push(match (&entry.method, entry.kind) {
                    (&Method::GET, Kind::Api) => "GET",
                    (&Method::GET, _) => "GET, HEAD",
                    (&Method::POST, _) => "POST",
                    _ => "PATCH",
                });
                routes.push(route);
            }
        }
        // A pattern takes what a longer one with the same beginning is for, such as a file beside its page.
        let mut resources: Vec<_> = resources.into_iter().collect();
        resources.sort_by_key(|(path, _)| format!("{path}\u{7f}"));
        for (path, (methods, routes, watched)) in resources {
            let allow = methods.join(", ");
            let refuse = move |req: HttpRequest| {
                let allow = allow.clone();
                async move {
                    if let Some(watched) = watched {
                        refusals::note(&req, watched, Reason::WrongMethod).await;
                    }
                    Err::<String, _>(AppError::MethodNotAllowed { allow })
                }
            };
            let resource = routes.into_iter().fold(web::resource(path), actix_web::Resource::route);
            config.service(resource.default_service(web::to(refuse)));
        }
    }
}

/// `GET`, and `HEAD`, whose answer the server cuts the body from.
fn read() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}
