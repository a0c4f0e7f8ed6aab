//! HTTP/1.1 over one kept-alive connection, no more than the benchmarks need.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::{Failure, Server, Site};

/// What browsers send beside the cookie, so that the servers parse what they usually parse.
const HEADERS: &str = "host: 127.0.0.1\r\n\
    user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36\r\n\
    accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\
    \r\naccept-language: zh-CN,zh;q=0.9,en;q=0.8\r\nsec-fetch-site: same-origin\r\n\
    sec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\nupgrade-insecure-requests: 1\r\n";

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers with the status line.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The cookies that it sets, `name=value` each.
    fn cookies(&self) -> impl Iterator<Item = &str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, cookie)| cookie.split(';').next())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection.
pub struct Caller {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Caller {
    /// Connects.
    pub fn new(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(128 * 1_024) })
    }

    /// Sends a request and reads its answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        let (head, length) = self.exchange(request)?;
        let text = String::from_utf8_lossy(self.buffer.get(..head).unwrap_or_default());
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let body = self.buffer.get(head..head + length).unwrap_or_default();
        Ok(Answer {
            status: status.ok_or("an answer without a status")?,
            head: text.clone().into_owned(),
            body: body.to_vec(),
        })
    }

    /// Sends a request that must be answered with 200 and reads past the answer.
    pub fn skip(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.exchange(request)?;
        if self.buffer.starts_with(b"HTTP/1.1 200 ") {
            Ok(())
        } else {
            Err("an answer other than 200 under load".into())
        }
    }

    /// Leaves an answer in the buffer: the lengths of its head and its body.
    fn exchange(&mut self, request: &[u8]) -> Result<(usize, usize), Failure> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1_024];
        let mut lengths = None;
        loop {
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                return Err("the server hung up".into());
            }
            self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if lengths.is_none() {
                lengths = lengths_of(&self.buffer);
            }
            if let Some((head, body)) = lengths
                && self.buffer.len() >= head + body
            {
                return Ok((head, body));
            }
        }
    }
}

/// The lengths of head and body, once the head is there.
fn lengths_of(answer: &[u8]) -> Option<(usize, usize)> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(answer.get(..head)?).to_lowercase();
    let body = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    Some((head, body.unwrap_or(0)))
}

/// Somebody's cookies.
pub struct Browser {
    port: u16,
    cookie: String,
}

impl Browser {
    /// One that comes for the first time.
    pub fn new(server: &Server) -> Self {
        Self { port: server.port, cookie: String::new() }
    }

    /// One that has a cookie.
    pub fn with_cookie(server: &Server, cookie: &str) -> Self {
        Self { port: server.port, cookie: cookie.to_owned() }
    }

    /// One whose owner has signed in.
    pub fn signed_in(server: &Server, site: &Site) -> Result<Self, Failure> {
        let mut browser = Self::new(server);
        let token = browser.form_token()?;
        let request = browser.sign_in(&token, &site.email, &site.password);
        let answer = Caller::new(server.port)?.ask(&request)?;
        if answer.status != 303 {
            return Err(format!("signing in is answered with {}", answer.status).into());
        }
        browser.keep(&answer);
        Ok(browser)
    }

    /// Opens the sign-in page, for the token of its form.
    pub fn form_token(&mut self) -> Result<String, Failure> {
        let answer = Caller::new(self.port)?.ask(&self.get("/sign-in"))?;
        self.keep(&answer);
        let text = answer.text();
        let token =
            text.split("name=\"token\" value=\"").nth(1).and_then(|it| it.split('"').next());
        Ok(token.ok_or("a sign-in page without a token")?.to_owned())
    }

    /// The token of the forms on a page.
    pub fn token_on(&self, path: &str) -> Result<String, Failure> {
        let text = Caller::new(self.port)?.ask(&self.get(path))?.text();
        let token =
            text.split("name=\"token\" value=\"").nth(1).and_then(|it| it.split('"').next());
        Ok(token.ok_or("a page without a token")?.to_owned())
    }

    /// Takes the cookies of an answer in place of those from before.
    pub fn keep(&mut self, answer: &Answer) {
        self.cookie = answer.cookies().collect::<Vec<_>>().join("; ");
    }

    /// A request for a page.
    pub fn get(&self, path: &str) -> Vec<u8> {
        let cookie = self.cookie_header();
        format!("GET {path} HTTP/1.1\r\n{HEADERS}{cookie}\r\n").into_bytes()
    }

    /// A request to sign in.
    pub fn sign_in(&self, token: &str, email: &str, password: &str) -> Vec<u8> {
        self.post("/sign-in", &[("token", token), ("email", email), ("password", password)])
    }

    /// A form.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let (cookie, length) = (self.cookie_header(), body.len());
        format!(
            "POST {path} HTTP/1.1\r\n{HEADERS}{cookie}content-type: \
             application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    fn cookie_header(&self) -> String {
        match self.cookie.as_str() {
            "" => String::new(),
            cookie => format!("cookie: {cookie}\r\n"),
        }
    }
}
