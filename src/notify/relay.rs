//! The server that takes our mail, and how it is spoken to.
//!
//! The steps of a delivery are taken one by one, since what a refusal means depends on the step: a
//! refused certificate or password is the installation's trouble, and the mail waits; a refused
//! recipient is that mail's own.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::email::Rendered;
use super::message::one_line;
use crate::accounts::{Email, email};
use crate::clock::UtcTime;
use crate::secret::Secret;

/// How long the server is waited for.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Until it has greeted, encrypted and let us in.
    pub connect: Duration,
    /// Until it has taken one mail.
    pub send: Duration,
    /// Until it has said goodbye.
    pub quit: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let [connect, send, quit] = [15, 30, 2].map(Duration::from_secs);
        Self { connect, send, quit }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS, without which nothing is sent.
    StartTls,
    /// None.
    Off,
}

/// A server of mail as `SWITCHROOM_SMTP_URL` names it.
#[derive(Debug)]
pub struct Relay {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, Secret)>,
    authority: Option<PathBuf>,
}

impl Relay {
    /// Reads `smtp://user:password@host:587?tls=required`, which needs STARTTLS, or `smtps://…`.
    /// `tls=off` is for a server nearby and takes no password. `ca=FILE` names the authority
    /// (PEM) that the server's certificate must come from, in place of the system's.
    ///
    /// # Errors
    /// What is wrong; the URL is not repeated, since it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "smtp" | "smtps"))
            .ok_or("must be a URL that begins with smtp:// or smtps://")?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let host = decoded(host.trim_start_matches('[').trim_end_matches(']'))?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("must end after host, port and options".into());
        }
        let is_smtps = url.scheme() == "smtps";
        let mut security = if is_smtps { Security::Tls } else { Security::StartTls };
        let mut authority = None;
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("tls", "required") => {}
                ("tls", "off") if !is_smtps => security = Security::Off,
                ("tls", _) => return Err("tls must be required, or off with smtp://".into()),
                ("ca", file) if !file.is_empty() => authority = Some(PathBuf::from(file)),
                _ => return Err("knows the options tls and ca=FILE alone".into()),
            }
        }
        let user = decoded(url.username())?;
        let login = match url.password() {
            Some(password) if !user.is_empty() => Some((user, Secret::new(decoded(password)?))),
            None if user.is_empty() => None,
            _ => return Err("needs a user with a password, or neither".into()),
        };
        if security == Security::Off && login.is_some() {
            return Err("would send the password in the clear: tls=off takes none".into());
        }
        let port = url.port().unwrap_or(match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::Off => 25,
        });
        Ok(Self { host, port, security, login, authority })
    }

    /// Gets ready to speak to it. The name we give is that of the console.
    ///
    /// # Errors
    /// An authority that cannot be read, or a system without authorities.
    pub fn ready(self, base_url: &str, sender: &Email, limits: Limits) -> anyhow::Result<Post> {
        let tls = match self.security {
            Security::Off => None,
            Security::Tls | Security::StartTls => {
                let mut builder = TlsParameters::builder(self.host.clone());
                if let Some(file) = &self.authority {
                    let pem = std::fs::read(file)
                        .with_context(|| format!("smtp_url: ca: {}", file.display()))?;
                    builder =
                        builder.certificate_store(CertificateStore::None).add_root_certificate(
                            Certificate::from_pem(&pem)
                                .with_context(|| format!("smtp_url: ca: {}", file.display()))?,
                        );
                }
                Some(builder.build().context("smtp_url: preparing TLS")?)
            }
        };
        let base = Url::parse(base_url).ok();
        let hello = match base.as_ref().and_then(Url::host) {
            Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
            Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
            Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
            None => ClientId::Domain("localhost".to_owned()),
        };
        let sender = address(&sender.text).context("mail_from")?;
        Ok(Post { relay: self, tls, hello, sender, limits })
    }
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "is not UTF-8 once its % escapes are read".to_owned())
}

/// An address for SMTP: as it was written, or in its canonical form.
fn address(text: &str) -> Result<Address, lettre::address::AddressError> {
    text.parse().or_else(|_| email::canonical(text).parse())
}

/// Why a mail was not taken. The texts hold codes and our own words, never those of the server,
/// which may repeat what the mail says.
#[derive(Debug)]
pub enum Trouble {
    /// The server cannot be used: it is away, too slow, not to be trusted, or does not let us in.
    Away(String),
    /// It does not take this mail now.
    Later(String),
    /// It never takes this mail.
    Refused(String),
}

/// A server of mail with all that is needed to speak to it.
pub struct Post {
    relay: Relay,
    tls: Option<TlsParameters>,
    hello: ClientId,
    sender: Address,
    limits: Limits,
}

/// A connection that mail can be sent by.
pub struct Line {
    connection: AsyncSmtpConnection,
    quit_within: Duration,
}

impl Post {
    /// Connects, encrypts and signs in.
    ///
    /// # Errors
    /// [`Trouble::Away`].
    pub async fn connect(&self) -> Result<Line, Trouble> {
        match tokio::time::timeout(self.limits.connect, self.connect_now()).await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err((step, error))) => Err(Trouble::Away(reason(step, &error))),
            Err(_) => Err(Trouble::Away("connect: no answer in time".into())),
        }
    }

    async fn connect_now(&self) -> Result<Line, (&'static str, Error)> {
        let Relay { host, port, security, login, .. } = &self.relay;
        let at_once = self.tls.clone().filter(|_| *security == Security::Tls);
        let server = (host.as_str(), *port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.limits.connect),
            &self.hello,
            at_once,
            None,
        )
        .await
        .map_err(|error| ("connect", error))?;
        if *security == Security::StartTls
            && let Some(tls) = &self.tls
        {
            let encrypted = connection.starttls(tls.clone(), &self.hello).await;
            encrypted.map_err(|error| ("starttls", error))?;
        }
        if let Some((user, password)) = login {
            let login = Credentials::new(user.clone(), password.expose().to_owned());
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
            known.map_err(|error| ("auth", error))?;
        }
        Ok(Line { connection, quit_within: self.limits.quit })
    }

    /// The mail as it travels. Its Message-ID is made of the row's key, so that a mail that is
    /// sent twice can be told to be one.
    ///
    /// # Errors
    /// Why it can never be sent.
    pub fn letter(
        &self,
        id: &str,
        recipient: &str,
        mail: &Rendered,
        written: UtcTime,
    ) -> Result<(Address, Vec<u8>), Trouble> {
        let refused = |what: &str| Trouble::Refused(what.to_owned());
        let to = address(recipient).map_err(|_| refused("not an address that SMTP knows"))?;
        let domain = self.sender.domain();
        let domain = if domain.is_ascii() { domain } else { "switchroom.invalid" };
        let since = Duration::from_micros(u64::try_from(written.0).unwrap_or(0));
        let by_itself = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(Mailbox::new(Some("Switchroom".to_owned()), self.sender.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&mail.subject))
            .date(UNIX_EPOCH + since)
            .message_id(Some(format!("<{id}@{domain}>")))
            .raw_header(HeaderValue::new(by_itself, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(
                mail.text.expose().to_owned(),
                mail.html.expose().to_owned(),
            ))
            .map_err(|_| refused("cannot be written as a mail"))?;
        Ok((to, message.formatted()))
    }

    /// Sends one mail by a connection, which is of no use after a failure.
    ///
    /// # Errors
    /// What became of it.
    pub async fn send(&self, line: &mut Line, to: &Address, mail: &[u8]) -> Result<(), Trouble> {
        let sent = self.send_now(&mut line.connection, to, mail);
        match tokio::time::timeout(self.limits.send, sent).await {
            Ok(sent) => sent,
            Err(_) => Err(Trouble::Away("send: no answer in time".into())),
        }
    }

    async fn send_now(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: &Address,
        mail: &[u8],
    ) -> Result<(), Trouble> {
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        let mut options = Vec::new();
        if !is_ascii(to) || !is_ascii(&self.sender) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Trouble::Refused("the server does not know SMTPUTF8".into()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let from = connection.command(Mail::new(Some(self.sender.clone()), options)).await;
        // Refusing the sender is a matter of settings, not of this mail.
        from.map_err(|error| match trouble("mail", &error) {
            Trouble::Refused(reason) => Trouble::Later(reason),
            other => other,
        })?;
        let rcpt = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
        rcpt.map_err(|error| trouble("rcpt", &error))?;
        connection.command(Data).await.map_err(|error| trouble("data", &error))?;
        connection.message(mail).await.map_err(|error| trouble("content", &error))?;
        Ok(())
    }
}

impl Line {
    /// Takes leave.
    pub async fn quit(mut self) {
        drop(tokio::time::timeout(self.quit_within, self.connection.quit()).await);
    }
}

fn trouble(step: &str, error: &Error) -> Trouble {
    let reason = reason(step, error);
    // 421 is the server's goodbye, whatever it was asked (RFC 5321 §3.8).
    let is_goodbye = error.status().is_some_and(|code| u16::from(code) == 421);
    match error {
        _ if is_goodbye => Trouble::Away(reason),
        error if error.is_permanent() => Trouble::Refused(reason),
        error if error.is_transient() => Trouble::Later(reason),
        _ => Trouble::Away(reason),
    }
}

/// What went wrong at a step: the server's codes, or what our own side says.
fn reason(step: &str, error: &Error) -> String {
    let Some(code) = error.status() else {
        // What does not parse is the server's text.
        let said = if error.is_response() { "an answer that is not SMTP" } else { "" };
        let said = if said.is_empty() { one_line(&error.to_string()) } else { said.to_owned() };
        return format!("{step}: {said}");
    };
    let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match text.split_whitespace().next().filter(|word| is_enhanced(word)) {
        Some(enhanced) => format!("{step}: {code} {enhanced}"),
        None => format!("{step}: {code}"),
    }
}

/// Whether a word is a status code of RFC 3463, such as 5.1.1.
fn is_enhanced(word: &str) -> bool {
    let parts: Vec<_> = word.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    parts.len() == 3 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::UtcTime;

    fn post(sender: &str) -> Post {
        let relay = Relay::parse("smtp://127.0.0.1?tls=off").unwrap();
        let sender = Email::parse(sender).unwrap();
        relay.ready("http://127.0.0.1:8080", &sender, Limits::default()).unwrap()
    }

    #[test]
    fn encryption_is_required_unless_it_is_switched_off_without_a_password() {
        let read = |text: &str| Relay::parse(text).unwrap();
        for (url, security, port) in [
            ("smtp://mail.test", Security::StartTls, 587),
            ("smtp://mail.test/?tls=required", Security::StartTls, 587),
            ("smtp://u:p@mail.test:2525", Security::StartTls, 2525),
            ("smtps://u:p@mail.test", Security::Tls, 465),
            ("smtps://mail.test?tls=required", Security::Tls, 465),
            ("smtp://[::1]:25?tls=off", Security::Off, 25),
            ("smtp://localhost?tls=off", Security::Off, 25),
        ] {
            let relay = read(url);
            assert_eq!((relay.security, relay.port), (security, port), "{url}");
        }
        let relay = read("smtp://me%40x.test:a%2Fb%3F@mail.test?ca=/etc/own.pem");
        let (user, password) = relay.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("me@x.test", "a/b?"));
        assert_eq!(relay.authority.as_deref(), Some(std::path::Path::new("/etc/own.pem")));
        assert_eq!(read("smtp://[::1]:25?tls=off").host, "::1");
    }

    #[test]
    fn what_is_no_relay_is_refused_without_repeating_it() {
        for url in [
            "",
            "mail.test",
            "http://mail.test",
            "smtp:",
            "smtp://u@mail.test",
            "smtp://:p@mail.test",
            "smtp://u:hunter2@mail.test?tls=off",
            "smtps://mail.test?tls=off",
            "smtp://mail.test?tls=opportunistic",
            "smtp://mail.test?verify=no",
            "smtp://mail.test?ca=",
            "smtp://mail.test/inbox",
            "smtp://u:%ff@mail.test",
        ] {
            let problem = Relay::parse(url).unwrap_err();
            assert!(!problem.contains("hunter2"), "{url}: {problem}");
        }
    }

    #[test]
    fn an_authority_that_is_none_is_named() {
        let relay = Relay::parse("smtp://mail.test?ca=/nowhere/ca.pem").unwrap();
        let sender = Email::parse("switchroom@localhost").unwrap();
        let ready = relay.ready("http://127.0.0.1:8080", &sender, Limits::default());
        let problem = ready.err().unwrap();
        assert!(problem.to_string().contains("/nowhere/ca.pem"), "{problem}");
    }

    #[test]
    fn status_codes_are_told_from_text() {
        for (word, is_one) in [
            ("5.1.1", true),
            ("4.7.0", true),
            ("5.1", false),
            ("a.b.c", false),
            ("1.2.3456", false),
        ] {
            assert_eq!(is_enhanced(word), is_one, "{word}");
        }
    }

    /// The lines before the first empty one, unfolded.
    fn headers(mail: &[u8]) -> Vec<String> {
        let text = String::from_utf8(mail.to_vec()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        assert!(!head.replace("\r\n", "").contains(['\r', '\n']), "{head:?}");
        head.split("\r\n").map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn no_subject_and_no_name_makes_a_header(subject in "(.|\r|\n|\u{0}|\r\nBcc: x@evil\\.test){0,60}") {
            let post = post("switchroom@console.test");
            let text = || Secret::new(subject.clone());
            let mail = Rendered { subject: subject.clone(), text: text(), html: text() };
            let (to, bytes) =
                post.letter("0a1b", "li@example.com", &mail, UtcTime::from_seconds(0)).unwrap();

            prop_assert_eq!(to.to_string(), "li@example.com");
            let mut names: Vec<String> = headers(&bytes)
                .iter()
                .map(|line| line.split(':').next().unwrap().to_ascii_lowercase())
                .collect();
            names.sort();
            prop_assert_eq!(names, [
                "auto-submitted", "content-type", "date", "from", "message-id", "mime-version",
                "subject", "to",
            ]);
        }

        #[test]
        fn an_address_with_more_than_an_address_is_refused(
            name in "[a-z]{1,8}", odd in "(\r\n|\n|\r|\u{0}| |,|;|>|<)"
        ) {
            let post = post("switchroom@console.test");
            let mail = Rendered {
                subject: String::new(), text: Secret::default(), html: Secret::default(),
            };
            let recipient = format!("{name}{odd}evil@example.com");
            let written = UtcTime::from_seconds(0);
            prop_assert!(post.letter("0a1b", &recipient, &mail, written).is_err());
        }
    }
}
