//! Gateways for text messages on loopback: real servers that check what they receive as the real ones do, and do as
//! they are told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchroom::clock::UtcTime;
use switchroom::secret::hex;

/// The name of the key at Tencent's.
pub const SECRET_ID: &str = "AKIDtest";
/// The key.
pub const SECRET_KEY: &str = "p@ss/word";
const HOOK_SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Whose gateway it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Twilio,
    Tencent,
    Webhook,
}

/// What it does with a message.
#[derive(Clone, Debug, Default)]
pub enum Behaviour {
    /// Checks it and takes it.
    #[default]
    Take,
    /// Answers with this, whatever comes.
    Answer(u16, String),
    /// Sends the answer's head after this, and then a byte now and then.
    Slow,
    /// Does not answer until it behaves otherwise.
    Hold,
    /// Hangs up once the request is whole.
    Drop,
    /// Sends elsewhere.
    Redirect(String),
    /// Answers without an end.
    Endless,
}

/// A message that it has taken, or was asked to.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub number: String,
    /// All that it says; at Tencent's the parameters.
    pub words: String,
    /// The name that is the same each time.
    pub id: String,
    /// The request as it came.
    pub head: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Default)]
struct State {
    behaviour: Behaviour,
    arrived: Vec<Arrived>,
    /// What was wrong with requests.
    wrong: Vec<String>,
    /// What came that was no request.
    noise: Vec<u8>,
    is_over: bool,
}

struct Shared {
    kind: Kind,
    port: u16,
    state: Mutex<State>,
    changed: Condvar,
}

/// A running gateway.
pub struct SmsGateway(Arc<Shared>);

impl SmsGateway {
    /// One that takes what is right.
    pub fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared =
            Arc::new(Shared { kind, port, state: Mutex::default(), changed: Condvar::new() });
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

    /// Its address with what it asks for, as the settings take it.
    pub fn url(&self) -> String {
        let port = self.0.port;
        match self.0.kind {
            Kind::Twilio => format!("twilio://AC1:t%40ken@127.0.0.1:{port}?from=+15550100&tls=off"),
            Kind::Tencent => format!(
                "tencent://{SECRET_ID}:p%40ss%2Fword@127.0.0.1:{port}?sdk_app_id=1400006666\
                 &sign=%E8%AF%BE%E5%A0%82&template=449739&region=ap-beijing&tls=off"
            ),
            Kind::Webhook => {
                format!("webhook+http://127.0.0.1:{port}/hook?a=b&secret=whsec_{HOOK_SECRET}")
            }
        }
    }

    /// The same for somebody who does not know its secret.
    pub fn url_with_wrong_secret(&self) -> String {
        self.url()
            .replace("t%40ken", "wrong")
            .replace("p%40ss", "wrong")
            .replace(HOOK_SECRET, &HOOK_SECRET.replace("MfKQ", "AAAA"))
    }

    /// From now on it does as it is told.
    pub fn behave(&self, behaviour: Behaviour) {
        self.0.state().behaviour = behaviour;
        self.0.changed.notify_all();
    }

    /// What has arrived, once it is so many; fails when it never is, or something was wrong with it.
    #[track_caller]
    pub fn expect(&self, count: usize) -> Vec<Arrived> {
        let until = Instant::now() + Duration::from_secs(20);
        let mut state = self.0.state();
        while state.arrived.len() < count && Instant::now() < until {
            let waited = self.0.changed.wait_timeout(state, Duration::from_millis(100));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        assert_eq!(state.wrong, Vec::<String>::new());
        assert_eq!(state.arrived.len(), count, "{:#?}", state.arrived);
        state.arrived.clone()
    }

    /// What was wrong with requests.
    pub fn wrong(&self) -> Vec<String> {
        self.0.state().wrong.clone()
    }

    /// What came that was no request, such as the beginning of TLS.
    pub fn noise(&self) -> Vec<u8> {
        self.0.state().noise.clone()
    }
}

impl Drop for SmsGateway {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.changed.notify_all();
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.0.port)));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, connection: TcpStream) {
        drop(connection.set_read_timeout(Some(Duration::from_secs(20))));
        let mut reader = BufReader::new(connection.try_clone().expect("a clone"));
        let Some((line, head, body)) = request(&mut reader, |noise| {
            self.state().noise.extend_from_slice(noise);
        }) else {
            return;
        };
        let checked = self.check(&line, &head, &body);
        let behaviour = {
            let mut state = self.state();
            match &checked {
                Ok(arrived) => state.arrived.push(arrived.clone()),
                Err(what) => state.wrong.push(what.clone()),
            }
            self.changed.notify_all();
            state.behaviour.clone()
        };
        self.answer(connection, &behaviour, checked.is_ok());
    }

    fn answer(&self, mut connection: TcpStream, behaviour: &Behaviour, is_right: bool) {
        let mut put = |text: &str| connection.write_all(text.as_bytes()).is_ok();
        match behaviour {
            Behaviour::Take if is_right => put(&whole(200, &self.taken())),
            Behaviour::Take => put(&whole(401, r#"{"code": 20003, "message": "Authenticate"}"#)),
            Behaviour::Answer(status, body) => put(&whole(*status, body)),
            Behaviour::Drop => true,
            Behaviour::Redirect(to) => put(&format!(
                "HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
            )),
            Behaviour::Slow => {
                put("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
                while put(" ") && !self.state().is_over {
                    std::thread::sleep(Duration::from_millis(50));
                }
                true
            }
            Behaviour::Endless => {
                put("HTTP/1.1 200 OK\r\n\r\n");
                while put(&" ".repeat(10_000)) {}
                true
            }
            Behaviour::Hold => {
                let mut state = self.state();
                while matches!(state.behaviour, Behaviour::Hold) && !state.is_over {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                true
            }
        };
    }

    /// The answer to what was right.
    fn taken(&self) -> String {
        match self.kind {
            Kind::Twilio => json!({"sid": "SM1", "status": "queued", "error_code": null}),
            Kind::Tencent => json!({"Response": {"SendStatusSet": [{"Code": "Ok"}]}}),
            Kind::Webhook => json!({}),
        }
        .to_string()
    }

    fn check(&self, line: &str, head: &Head, body: &str) -> Result<Arrived, String> {
        match self.kind {
            Kind::Twilio => twilio(line, head, body),
            Kind::Tencent => tencent(line, head, body),
            Kind::Webhook => webhook(line, head, body),
        }
    }
}

type Head = BTreeMap<String, String>;

fn whole(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} Said\r\ncontent-type: x/y\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn request(
    reader: &mut BufReader<TcpStream>,
    noise: impl FnOnce(&[u8]),
) -> Option<(String, Head, String)> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    if !line.ends_with(b"HTTP/1.1\r\n") {
        noise(&line);
        return None;
    }
    let mut head = Head::new();
    loop {
        let mut text = String::new();
        reader.read_line(&mut text).ok()?;
        let Some((name, value)) = text.trim_end().split_once(": ") else { break };
        head.insert(name.to_lowercase(), value.to_owned());
    }
    let length: usize = head.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((String::from_utf8(line).ok()?, head, String::from_utf8(body).ok()?))
}

fn is(what: &str, left: &str, right: &str) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("{what}: {left:?} is not {right:?}")) }
}

fn of<'h>(head: &'h Head, name: &str) -> Result<&'h str, String> {
    head.get(name).map(String::as_str).ok_or_else(|| format!("no {name}"))
}

fn twilio(line: &str, head: &Head, body: &str) -> Result<Arrived, String> {
    is("line", line.trim(), "POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1")?;
    let login = format!("Basic {}", STANDARD.encode("AC1:t@ken"));
    is("authorization", of(head, "authorization")?, &login)?;
    is("type", of(head, "content-type")?, "application/x-www-form-urlencoded")?;
    let fields: BTreeMap<String, String> =
        form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).cloned().ok_or_else(|| format!("no {name}"));
    is("From", &field("From")?, "+15550100")?;
    Ok(Arrived {
        number: field("To")?,
        words: field("Body")?,
        id: String::new(),
        head: head.clone(),
        body: body.to_owned(),
    })
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

fn tencent(line: &str, head: &Head, body: &str) -> Result<Arrived, String> {
    is("line", line.trim(), "POST / HTTP/1.1")?;
    is("action", of(head, "x-tc-action")?, "SendSms")?;
    is("version", of(head, "x-tc-version")?, "2021-01-11")?;
    is("region", of(head, "x-tc-region")?, "ap-beijing")?;
    let at = of(head, "x-tc-timestamp")?;
    let day = UtcTime::from_seconds(at.parse().map_err(|_| "no time")?).timestamp();
    let scope = format!("{}/sms/tc3_request", day.strftime("%Y-%m-%d"));
    let request = format!(
        "POST\n/\n\ncontent-type:{}\nhost:{}\n\ncontent-type;host\n{}",
        of(head, "content-type")?,
        of(head, "host")?,
        hex(&Sha256::digest(body))
    );
    let text = format!("TC3-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = mac(format!("TC3{SECRET_KEY}").as_bytes(), &scope.as_bytes()[..10]);
    let key = mac(&mac(&key, b"sms"), b"tc3_request");
    let expected = format!(
        "TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, SignedHeaders=content-type;host, \
         Signature={}",
        hex(&mac(&key, text.as_bytes()))
    );
    is("authorization", of(head, "authorization")?, &expected)?;
    let said: Value = serde_json::from_str(body).map_err(|_| "no JSON")?;
    is("app", said["SmsSdkAppId"].as_str().unwrap_or_default(), "1400006666")?;
    is("sign", said["SignName"].as_str().unwrap_or_default(), "课堂")?;
    is("template", said["TemplateId"].as_str().unwrap_or_default(), "449739")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("no text");
    let [code, minutes] = [0, 1].map(|at| text(&said["TemplateParamSet"][at]));
    Ok(Arrived {
        number: text(&said["PhoneNumberSet"][0])?,
        words: format!("{} {}", code?, minutes?),
        id: text(&said["SessionContext"])?,
        head: head.clone(),
        body: body.to_owned(),
    })
}

fn webhook(line: &str, head: &Head, body: &str) -> Result<Arrived, String> {
    is("line", line.trim(), "POST /hook?a=b HTTP/1.1")?;
    is("type", of(head, "content-type")?, "application/json")?;
    let id = of(head, "webhook-id")?;
    let signed = format!("{id}.{}.{body}", of(head, "webhook-timestamp")?);
    let key = STANDARD.decode(HOOK_SECRET).expect("base64");
    let expected = format!("v1,{}", STANDARD.encode(mac(&key, signed.as_bytes())));
    is("signature", of(head, "webhook-signature")?, &expected)?;
    let said: Value = serde_json::from_str(body).map_err(|_| "no JSON")?;
    is("kind", said["type"].as_str().unwrap_or_default(), "sms.requested")?;
    let text = |name: &str| said["data"][name].as_str().map(str::to_owned).ok_or("no text");
    Ok(Arrived {
        number: text("to")?,
        words: text("text")?,
        id: id.to_owned(),
        head: head.clone(),
        body: body.to_owned(),
    })
}
