//! People and programs: they keep their cookies, and send what a browser sends.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::app::email;
use super::page::Page;
use super::{Request, Response, TestApp};

/// Somebody who uses the program. A clone is the same browser; see [`Actor::copied`].
#[derive(Clone)]
pub struct Actor<'a> {
    app: &'a TestApp,
    address: IpAddr,
    key: Option<String>,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
}

impl<'a> Actor<'a> {
    /// Somebody at a network address.
    pub fn new(app: &'a TestApp, address: IpAddr) -> Self {
        Self { app, address, key: None, jar: Arc::default() }
    }

    /// The same with an API key.
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// The same from another network address.
    pub fn at(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an address");
        self
    }

    /// The same from a network address that nobody has used.
    pub fn at_any(&self) -> Self {
        Self { address: self.app.visitor().address, ..self.clone() }
    }

    /// Another browser that has the same cookies now.
    pub fn copied(&self) -> Self {
        let jar = self.with_jar(|jar| jar.clone());
        Self { jar: Arc::new(Mutex::new(jar)), ..self.clone() }
    }

    /// The key's text.
    pub fn key(&self) -> &str {
        self.key.as_deref().expect("a program")
    }

    fn with_jar<T>(&self, job: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        job(&mut self.jar.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.with_jar(|jar| jar.get(name).cloned())
    }

    /// Puts a cookie into the browser.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.with_jar(|jar| jar.insert(name.to_owned(), value.to_owned()));
    }

    /// Sends a request with cookies, key and address, and keeps the cookies of the answer.
    pub fn send(&self, request: Request) -> Response {
        let response = self.dressed(request).send(self.app.address());
        self.with_jar(|jar| response.headers_named("set-cookie").for_each(|line| keep(jar, line)));
        response
    }

    /// The request as this actor sends it.
    pub fn dressed(&self, mut request: Request) -> Request {
        if !request.has("x-forwarded-for") {
            request = request.header("x-forwarded-for", self.address.to_string());
        }
        let cookies: Vec<_> =
            self.with_jar(|jar| jar.iter().map(|(name, text)| format!("{name}={text}")).collect());
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        match &self.key {
            Some(key) if !request.has("authorization") => {
                request.header("authorization", format!("Bearer {key}"))
            }
            _ => request,
        }
    }

    /// `GET`, as it is answered.
    pub fn get(&self, path: &str) -> Response {
        self.send(Request::get(path))
    }

    /// Opens a page as a browser does, led on by redirects.
    #[track_caller]
    pub fn visit(&self, path: &str) -> Page<'a> {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let response = self.get(&path);
            match response.header("location") {
                Some(location) if response.status == 303 => path = location,
                _ => return Page::new(self.clone(), &path, response),
            }
        }
        panic!("{path} leads in circles");
    }

    /// Posts a form as a browser does: with its origin, not following where it leads.
    pub fn post(&self, path: &str, fields: &[(String, String)]) -> Response {
        self.send(self.by_browser(Request::form(path, fields)))
    }

    /// What a browser adds to requests that a page of ours makes.
    pub fn by_browser(&self, request: Request) -> Request {
        request.header("origin", self.app.origin()).header("sec-fetch-site", "same-origin")
    }

    /// Posts fields with the token that this actor's forms carry now.
    pub fn post_with_token(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut all = vec![("token".to_owned(), self.token())];
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(path, &all)
    }

    /// The token that this actor's forms carry: the one on the page for what does not exist, which
    /// anybody may see.
    pub fn token(&self) -> String {
        self.visit("/no-such-page").form("/language").value("token")
    }

    /// Signs in by the form.
    #[track_caller]
    pub fn sign_in(&self, name: &str, password: &str) -> Response {
        self.sign_in_as(&email(name), password)
    }

    /// Signs in by the form with an address as it is typed.
    #[track_caller]
    pub fn sign_in_as(&self, email: &str, password: &str) -> Response {
        let page = self.visit("/sign-in").expect(200);
        page.form("Sign in").fill("email", email).fill("password", password).send()
    }

    /// Sends JSON.
    pub fn json(&self, method: &str, path: &str, body: &Value) -> Response {
        self.send(Request::json(method, path, body))
    }
}

fn keep(jar: &mut BTreeMap<String, String>, line: &str) {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').expect("a cookie has a name");
    let is_over = attributes.split(';').any(|part| part.trim().eq_ignore_ascii_case("max-age=0"));
    if is_over || value.is_empty() {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}
