//! An OpenID Connect provider on loopback: a real server that checks what it receives as the real ones do, and that
//! says what it is told to, also what no honest one would.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchroom::clock::UtcTime;
use url::Url;

/// What the console is called there.
pub const CLIENT_ID: &str = "console";
/// What it proves itself with.
pub const CLIENT_SECRET: &str = "s3cret/of the client";

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// As it should.
    Works,
    /// Hangs up.
    Drops,
    /// Takes longer than anybody waits.
    Slow,
    /// With this status and body.
    Says(u16, String),
    /// Sends elsewhere.
    Redirects(String),
    /// Without an end.
    Endless,
}

/// What an ID token is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The key that it shows.
    Own,
    /// Another key under the same name.
    Other,
    /// A key under a name that it shows from now on.
    New,
    /// A key under a name that it never shows.
    Hidden,
    /// Nothing: `none`.
    Nothing,
    /// The secret of the client: `HS256`.
    Secret,
    /// Its public key, taken for a secret.
    PublicKeyAsSecret,
}

/// An ID token while it is made up.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it says.
    pub claims: Value,
    /// What it is signed with.
    pub sign: Sign,
}

impl Token {
    /// Says something else, or nothing more of it.
    pub fn set(&mut self, claim: &str, value: Value) {
        let claims = self.claims.as_object_mut().expect("claims");
        if value.is_null() {
            claims.remove(claim);
        } else {
            claims.insert(claim.to_owned(), value);
        }
    }
}

struct Grant {
    challenge: String,
    redirect: String,
    token: String,
}

struct State {
    service: Service,
    /// How the token endpoint alone answers.
    token_service: Service,
    /// What discovery says beyond the usual, or otherwise.
    metadata: Value,
    /// What is told of people apart from ID tokens.
    names: Value,
    now: UtcTime,
    grants: BTreeMap<String, Grant>,
    has_new_key: bool,
    /// What was wrong with requests.
    wrong: Vec<String>,
    is_over: bool,
}

struct Shared {
    port: u16,
    state: Mutex<State>,
    discoveries: AtomicUsize,
    exchanges: AtomicUsize,
}

/// A running provider.
pub struct TestProvider(Arc<Shared>);

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).expect("a key")
}

fn coded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

impl TestProvider {
    /// One that is honest, by a clock that stands.
    pub fn start(now: UtcTime) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = State {
            service: Service::Works,
            token_service: Service::Works,
            metadata: json!({}),
            names: Value::Null,
            now,
            grants: BTreeMap::new(),
            has_new_key: false,
            wrong: Vec::new(),
            is_over: false,
        };
        let (discoveries, exchanges) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new(Shared { port, state: Mutex::new(state), discoveries, exchanges });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if serving.state().is_over {
                    return;
                }
                let (Ok(connection), serving) = (connection, Arc::clone(&serving)) else {
                    continue;
                };
                std::thread::spawn(move || serving.serve(connection));
            }
        });
        Self(shared)
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        self.0.issuer()
    }

    /// From now on it answers so, everywhere.
    pub fn behave(&self, service: Service) {
        self.0.state().service = service;
    }

    /// From now on it answers so where codes are exchanged.
    pub fn behave_for_tokens(&self, service: Service) {
        self.0.state().token_service = service;
    }

    /// From now on it says so of itself.
    pub fn says_of_itself(&self, metadata: Value) {
        self.0.state().metadata = metadata;
    }

    /// From now on it tells names apart from ID tokens, these.
    pub fn tells_names_apart(&self, names: Value) {
        self.0.state().names = names;
    }

    /// Its clock is wound.
    pub fn is_at(&self, now: UtcTime) {
        self.0.state().now = now;
    }

    /// How often it was asked who it is.
    pub fn discoveries(&self) -> usize {
        self.0.discoveries.load(Ordering::SeqCst)
    }

    /// How often a code was to be exchanged.
    pub fn exchanges(&self) -> usize {
        self.0.exchanges.load(Ordering::SeqCst)
    }

    /// What was wrong with requests.
    pub fn wrong(&self) -> Vec<String> {
        self.0.state().wrong.clone()
    }

    /// Somebody logs in after they were sent to it; where it sends them back to: path and query.
    pub fn log_in(&self, sent_to: &str, subject: &str) -> String {
        self.log_in_with(sent_to, subject, |_| {})
    }

    /// The same with something else in the ID token.
    pub fn log_in_with(
        &self,
        sent_to: &str,
        subject: &str,
        alter: impl FnOnce(&mut Token),
    ) -> String {
        let url = Url::parse(sent_to).unwrap_or_else(|error| panic!("{sent_to}: {error}"));
        assert!(sent_to.starts_with(&format!("{}/authorize?", self.issuer())), "{sent_to}");
        let asked = query(&url);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["code_challenge_method"], "S256");
        let scopes: Vec<_> = asked["scope"].split(' ').collect();
        assert_eq!(scopes, ["openid", "email", "profile"]);
        assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43, "{asked:?}");
        let now = self.0.state().now.seconds();
        let mut token = Token {
            claims: json!({
                "iss": self.issuer(),
                "sub": subject,
                "aud": CLIENT_ID,
                "exp": now + 300,
                "iat": now,
                "nonce": asked["nonce"],
                "name": format!("The {subject}"),
                "email": format!("{subject}@id.test"),
                "email_verified": true,
            }),
            sign: Sign::Own,
        };
        alter(&mut token);
        let code = format!("code-{}-{}", asked["state"], self.0.state().grants.len());
        let grant = Grant {
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
            token: self.0.signed(&token),
        };
        self.0.state().grants.insert(code.clone(), grant);
        let back = Url::parse(&asked["redirect_uri"]).expect("a URL");
        let mut all = form_urlencoded::Serializer::new(String::new());
        all.append_pair("code", &code).append_pair("state", &asked["state"]);
        all.append_pair("iss", &self.issuer());
        format!("{}?{}", back.path(), all.finish())
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.0.port)));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn signed(&self, token: &Token) -> String {
        let (alg, kid, number) = match token.sign {
            Sign::Own => ("ES256", "one", 1),
            Sign::Other => ("ES256", "one", 9),
            Sign::New => ("ES256", "two", 2),
            Sign::Hidden => ("ES256", "three", 3),
            Sign::Nothing => ("none", "one", 0),
            Sign::Secret | Sign::PublicKeyAsSecret => ("HS256", "one", 0),
        };
        if token.sign == Sign::New {
            self.state().has_new_key = true;
        }
        let header = json!({"alg": alg, "typ": "JWT", "kid": kid});
        let signed = format!("{}.{}", coded(&header), coded(&token.claims));
        let signature = match token.sign {
            Sign::Nothing => Vec::new(),
            Sign::Secret => mac(CLIENT_SECRET.as_bytes(), signed.as_bytes()),
            Sign::PublicKeyAsSecret => mac(&point(1), signed.as_bytes()),
            _ => {
                let signature: Signature = key(number).sign(signed.as_bytes());
                signature.to_bytes().to_vec()
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn serve(&self, mut connection: TcpStream) {
        drop(connection.set_read_timeout(Some(Duration::from_secs(20))));
        let mut reader = BufReader::new(connection.try_clone().expect("a clone"));
        let Some((line, head, body)) = request(&mut reader) else { return };
        let is_token = line.starts_with("POST /token ");
        if is_token {
            self.exchanges.fetch_add(1, Ordering::SeqCst);
        }
        let service = match self.state() {
            state if is_token && state.service == Service::Works => state.token_service.clone(),
            state => state.service.clone(),
        };
        let answer = match service {
            Service::Works => self.answer(&line, &head, &body),
            Service::Drops => return,
            Service::Says(status, body) => whole(status, &body),
            Service::Redirects(to) => {
                format!("HTTP/1.1 302 Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
            }
            Service::Slow => {
                while !self.state().is_over && self.state().service == Service::Slow {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return;
            }
            Service::Endless => {
                let start =
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"issuer\":\"";
                let mut goes_on = connection.write_all(start.as_bytes()).is_ok();
                while goes_on {
                    goes_on = connection.write_all(&[b'a'; 10_000]).is_ok();
                }
                return;
            }
        };
        drop(connection.write_all(answer.as_bytes()));
    }

    fn answer(&self, line: &str, head: &Head, body: &str) -> String {
        let issuer = self.issuer();
        match line.split(' ').take(2).collect::<Vec<_>>().join(" ").as_str() {
            "GET /.well-known/openid-configuration" => {
                self.discoveries.fetch_add(1, Ordering::SeqCst);
                let mut metadata = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/jwks"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    // A provider that others use in ways that we do not.
                    "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
                });
                if !self.state().names.is_null() {
                    metadata["userinfo_endpoint"] = json!(format!("{issuer}/me"));
                }
                let more = self.state().metadata.clone();
                for (name, value) in more.as_object().into_iter().flatten() {
                    metadata[name] = value.clone();
                }
                whole(200, &metadata.to_string())
            }
            "GET /jwks" => {
                let mut keys = vec![jwk("one", 1)];
                if self.state().has_new_key {
                    keys.push(jwk("two", 2));
                }
                // What must not be taken for a key: the secret.
                keys.push(json!({
                    "kty": "oct", "kid": "secret", "k": URL_SAFE_NO_PAD.encode(CLIENT_SECRET),
                }));
                whole(200, &json!({ "keys": keys }).to_string())
            }
            "GET /me" if head.get("authorization").is_some_and(|it| it == "Bearer x") => {
                whole(200, &self.state().names.to_string())
            }
            "POST /token" => match self.exchange(head, body) {
                Ok(token) => whole(
                    200,
                    &json!({"access_token": "x", "token_type": "Bearer", "id_token": token})
                        .to_string(),
                ),
                Err(what) => {
                    self.state().wrong.push(what.clone());
                    whole(
                        400,
                        &json!({"error": "invalid_grant", "error_description": what}).to_string(),
                    )
                }
            },
            _ => whole(404, "{}"),
        }
    }

    /// A code works once, for whom it was given to, with the verifier whose digest was named before.
    fn exchange(&self, head: &Head, body: &str) -> Result<String, String> {
        let fields: BTreeMap<String, String> =
            form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.get(name).cloned().ok_or_else(|| format!("no {name}"));
        let coded =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let login = format!("{}:{}", coded(CLIENT_ID), coded(CLIENT_SECRET));
        let login = format!("Basic {}", STANDARD.encode(login));
        if head.get("authorization") != Some(&login) {
            return Err("another client".into());
        }
        if field("grant_type")? != "authorization_code" {
            return Err("another grant".into());
        }
        let grant = self.state().grants.remove(&field("code")?).ok_or("an unknown or used code")?;
        if field("redirect_uri")? != grant.redirect {
            return Err("another redirect URI".into());
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")?));
        if challenge != grant.challenge {
            return Err("another verifier".into());
        }
        Ok(grant.token)
    }
}

fn point(number: u8) -> Vec<u8> {
    key(number).verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn jwk(kid: &str, number: u8) -> Value {
    let point = point(number);
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y})
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

type Head = BTreeMap<String, String>;

fn whole(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Head, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut head = Head::new();
    loop {
        let mut text = String::new();
        reader.read_line(&mut text).ok()?;
        let Some((name, value)) = text.trim_end().split_once(": ") else { break };
        head.insert(name.to_lowercase(), value.to_owned());
    }
    let length: usize = head.get("content-length").map_or(Some(0), |it| it.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line, head, String::from_utf8(body).ok()?))
}
