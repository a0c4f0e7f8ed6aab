//! Whether somebody can tell by the answers, or by how long they take, which addresses have an account.
//!
//! `cargo bench --bench enumeration`. Each question is asked of an address that has an account and of one that has
//! none, in turn (A B, then B A), 200 times each: signing in, asking for a new password, changing one's address to
//! it, and having that mail sent again. Status and bytes must be the same but for what differs with every request,
//! and the medians of the wall times within 5 ms. Counters are emptied between, in the database's file. Ends with 1
//! when a goal is missed.

#[expect(dead_code, unused_imports, reason = "each benchmark uses its part")]
mod support;

use std::cell::RefCell;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use support::{Browser, Caller, Failure, Server, Site, judge, spread};
use switchroom::db::DatabaseUrl;
use switchroom::db::conn::{Manager, Use};
use switchroom::notify::Message;
use switchroom::notify::store::outbox_latest;
use switchroom::vault::{MasterKey, Vault};

const PAIRS: usize = 200;
/// How far the medians may be apart, in milliseconds.
const APART_MAX: f64 = 5.0;
/// A server of mail that nobody reaches: mail stays in the outbox.
const SMTP: (&str, &str) = ("SWITCHROOM_SMTP_URL", "smtp://127.0.0.1:9?tls=off");
/// Addresses of the same length; the sample has the first.
const KNOWN: &str = "zhou.ming@example.com";
const UNKNOWN: &str = "zhou.meng@example.com";

/// What is asked of an address.
type Question<'a> = &'a dyn Fn(&Place<'_>, &str) -> Result<Vec<u8>, Failure>;

struct Place<'a> {
    site: &'a Site,
    server: &'a Server,
    visitor: (Browser, String),
    /// Each right code gives the browser another cookie; the token of its forms stays.
    member: RefCell<Browser>,
    token: String,
}

impl Place<'_> {
    /// The database's file, past the program.
    fn past(&self, statements: &str) -> Result<(), Failure> {
        let mut conn = SqliteConnection::establish(&self.site.database())?;
        Ok(conn.batch_execute(&format!("PRAGMA busy_timeout = 5000; {statements}"))?)
    }

    /// A form of the member's with one field.
    fn ask(&self, path: &str, field: &str, text: &str) -> Vec<u8> {
        let fields = [("token", self.token.as_str()), (field, text)];
        self.member.borrow().post(path, &fields)
    }

    /// The code that was mailed last.
    fn code(&self) -> Result<String, Failure> {
        let key = std::fs::read_to_string(self.site.path("master.key"))?;
        let vault = Vault::new(&MasterKey::parse(key.trim()).ok_or("no master key")?);
        let url = DatabaseUrl::parse(&self.site.database_url())?;
        let mut conn = Manager::new(url, Use::Read, Arc::default()).establish()?;
        let mails = outbox_latest(&mut conn, &vault, 50)?;
        let code = mails.into_iter().find_map(|mail| match mail.letter?.message {
            Message::StepUpCode { code, .. } => Some(code.expose().to_owned()),
            _ => None,
        });
        Ok(code.ok_or("no code was mailed")?)
    }
}

/// An answer without what differs with every request. Headers are in the order of their names: each of the server's
/// threads has an order of its own.
fn plain(head: &str, body: &str, email: &str) -> String {
    let keep = |line: &&str| {
        let line = line.to_lowercase();
        !["date:", "x-request-id:", "set-cookie:"].iter().any(|name| line.starts_with(name))
    };
    let mut lines: Vec<_> = head.lines().filter(keep).collect();
    if let Some(headers) = lines.get_mut(1..) {
        headers.sort_unstable();
    }
    let mut text = format!("{}\n{body}", lines.join("\n")).replace(email, "[address]");
    // The token of the page's forms.
    while let Some((before, rest)) = text.split_once("name=\"token\" value=\"") {
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        text = format!("{before}[token]{after}");
    }
    // Where a challenge has its number.
    match text.split_once("/step-up/") {
        Some((before, rest)) => format!("{before}{}", rest.get(32..).unwrap_or_default()),
        None => text,
    }
}

/// Puts a question to both addresses in turn.
fn compare(name: &str, place: &Place<'_>, question: Question<'_>) -> Result<bool, Failure> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut answers: Vec<String> = Vec::new();
    for pair in 0..PAIRS {
        let order = if pair % 2 == 0 { [KNOWN, UNKNOWN] } else { [UNKNOWN, KNOWN] };
        for email in order {
            place.past(
                "DELETE FROM throttles; DELETE FROM code_sends; DELETE FROM factor_attempts; \
                 DELETE FROM challenges; DELETE FROM outbox; DELETE FROM account_links \
                 WHERE purpose <> 'change_email'; UPDATE account_links SET created_at = 0;",
            )?;
            let request = question(place, email)?;
            let mut caller = Caller::new(place.server.port)?;
            let began = Instant::now();
            let answer = caller.ask(&request)?;
            let took = began.elapsed().as_secs_f64() * 1e3;
            if answer.head.contains("set-cookie: session=") {
                place.member.borrow_mut().keep(&answer);
            }
            if email == KNOWN {
                known.push(took);
            } else {
                unknown.push(took);
            }
            let said = plain(&answer.head, &answer.text(), email);
            if !answers.contains(&said) {
                answers.push(said);
            }
        }
    }
    let (known, unknown) = (spread(&known), spread(&unknown));
    println!("  {name:<28}{known:.2}   {unknown:.2}");
    let status = answers.first().and_then(|it| it.lines().next()).unwrap_or_default();
    let is_same = answers.len() == 1;
    if !is_same {
        println!(
            "  MISSED {name}: {} different answers\n{}",
            answers.len(),
            answers.join("\n---\n")
        );
    }
    let apart = (known.median - unknown.median).abs();
    Ok(judge(&format!("{name} ({status})"), apart, APART_MAX, " ms") && is_same)
}

/// Waits until the program has asked for a code for a change to an address; the path that takes it, and the code.
fn begin_change(place: &Place<'_>, email: &str) -> Result<(String, String), Failure> {
    let answer =
        Caller::new(place.server.port)?.ask(&place.ask("/profile/email", "email", email))?;
    let path = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
    let path = path.filter(|path| path.starts_with("/step-up/")).map(str::to_owned);
    Ok((path.ok_or_else(|| format!("no challenge: {}", answer.head))?, place.code()?))
}

fn main() -> Result<ExitCode, Failure> {
    let site = Site::with_sample(12, 30)?;
    let server = site.serve_with(&[SMTP])?;
    let mut visitor = Browser::new(&server);
    let token = visitor.form_token()?;
    let member = Browser::signed_in(&server, &site)?;
    let place = Place {
        site: &site,
        server: &server,
        visitor: (visitor, token),
        token: member.token_on("/profile/email")?,
        member: RefCell::new(member),
    };
    place.past(&format!(
        "UPDATE accounts SET email = '{KNOWN}', email_key = '{KNOWN}' \
         WHERE id = (SELECT MAX(id) FROM accounts);"
    ))?;

    println!("wall ms, median of {PAIRS} [least – most]: known address, unknown address\n");
    let mut is_met = compare("sign-in", &place, &|place, email| {
        let (browser, token) = &place.visitor;
        Ok(browser.sign_in(token, email, "not the password"))
    })?;
    is_met &= compare("forgotten password", &place, &|place, email| {
        let (browser, token) = &place.visitor;
        Ok(browser.post("/forgot-password", &[("token", token), ("email", email)]))
    })?;
    is_met &= compare("change of address, asked", &place, &|place, email| {
        Ok(place.ask("/profile/email", "email", email))
    })?;
    is_met &= compare("change of address, proved", &place, &|place, email| {
        let (path, code) = begin_change(place, email)?;
        Ok(place.ask(&path, "code", &code))
    })?;
    is_met &= compare("the same mail again", &place, &|place, email| {
        place.past(&format!(
            "DELETE FROM account_links; INSERT INTO account_links \
             (id, digest, account_id, purpose, email, email_key, created_at, expires_at) \
             SELECT 'a', 'a', id, 'change_email', '{email}', '{email}', 0, 9000000000000000 \
             FROM accounts WHERE email = '{}';",
            place.site.email
        ))?;
        let fields = [("token", place.token.as_str())];
        Ok(place.member.borrow().post("/profile/email/again", &fields))
    })?;
    if is_met {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nA goal is missed.");
    Ok(ExitCode::FAILURE)
}
