//! A small HTTP/1.1 client on a plain socket: it sends exactly what it is told, also what no
//! browser would, and knows neither redirects nor cookies.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than anything the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request while it is put together.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A `GET`.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A form.
    pub fn form(path: &str, fields: &[(String, String)]) -> Self {
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self::new("POST", path).body("application/x-www-form-urlencoded", body)
    }

    /// A JSON body.
    pub fn json(method: &str, path: &str, body: &Value) -> Self {
        Self::new(method, path).body("application/json", body.to_string())
    }

    /// One more header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// A body of a type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.without("content-type").header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// Whether it carries a header.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Line and headers as they are sent; `framing` says how long the body is.
    fn head(&self, server: SocketAddr, framing: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.has("host") {
            let _ = write!(head, "host: {server}\r\n");
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head + "connection: close\r\n" + framing + "\r\n"
    }

    /// Sends it and reads the answer.
    pub fn send(&self, server: SocketAddr) -> Response {
        let framing = if self.body.is_empty() && self.method == "GET" {
            String::new()
        } else {
            format!("content-length: {}\r\n", self.body.len())
        };
        let mut line = Line::open(server);
        line.write(self.head(server, &framing).as_bytes());
        line.write(&self.body);
        line.answer_to(&self.method)
    }

    /// Sends the head, says that `bytes` will follow, and sends none of them.
    pub fn announce(&self, server: SocketAddr, bytes: usize) -> Line {
        let mut line = Line::open(server);
        line.write(self.head(server, &format!("content-length: {bytes}\r\n")).as_bytes());
        line
    }

    /// Sends `bytes` of body in chunks, or as many as the server takes, and reads the answer.
    pub fn flood(&self, server: SocketAddr, bytes: usize) -> Response {
        let mut line = Line::open(server);
        line.write(self.head(server, "transfer-encoding: chunked\r\n").as_bytes());
        let chunk = [b"1000\r\n".as_slice(), &[b'a'; 0x1000], b"\r\n"].concat();
        let sent = (0..bytes / 0x1000).all(|_| line.write(&chunk));
        if sent {
            line.write(b"0\r\n\r\n");
        }
        line.answer()
    }
}

/// An open connection.
pub struct Line {
    stream: TcpStream,
}

impl Line {
    /// Connects.
    pub fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Self { stream }
    }

    /// Sends bytes; `false` when the server takes no more. An answer may be waiting then.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Reads one whole answer.
    pub fn answer(self) -> Response {
        self.answer_to("GET")
    }

    /// Reads one whole answer; the one to `HEAD` has no body.
    fn answer_to(mut self, method: &str) -> Response {
        let mut bytes = Vec::new();
        let mut piece = [0; 16_384];
        loop {
            if let Some(response) = Response::parse(&bytes, method == "HEAD") {
                return response;
            }
            match self.stream.read(&mut piece) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
                end => panic!("{end:?} after {:?}", String::from_utf8_lossy(&bytes)),
            }
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    /// `None` while something is missing.
    fn parse(bytes: &[u8], is_bare: bool) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let rest = &bytes[end + 4..];
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().expect("a status");
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let body = match length {
            _ if is_bare => Vec::new(),
            Some((_, length)) => rest.get(..length.parse().expect("a length"))?.to_vec(),
            None if headers.iter().any(|(name, _)| name == "transfer-encoding") => dechunk(rest)?,
            None => Vec::new(),
        };
        Some(Self { status, headers, body })
    }

    /// A header; several are joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let all: Vec<_> = self.headers_named(name).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// All headers of a name.
    pub fn headers_named<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Insists on a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{:#?}\n{}",
            self.headers,
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// Insists on a problem of the API: its status and its word.
    #[track_caller]
    pub fn problem(self, status: u16, word: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
        assert_eq!(answer.json()["type"], format!("urn:switchroom:problem:{word}"));
        answer
    }
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size in hex");
        let chunk = rest.get(line + 2..line + 2 + size)?;
        rest = rest.get(line + 2 + size + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk);
    }
}
