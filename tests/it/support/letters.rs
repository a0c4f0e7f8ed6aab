//! Mail in the outbox, as its readers see it.

use switchroom::accounts::links::Purpose;
use switchroom::accounts::links::store::link_insert;
use switchroom::notify::render;
use switchroom::notify::store::outbox_latest;

use super::TestApp;
use super::app::email;
use super::db::run;
use super::factors::account;

/// A mail.
#[derive(Debug)]
pub struct Letter {
    pub to: String,
    pub language: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter {
    /// The addresses in its text.
    pub fn links(&self) -> Vec<String> {
        let words = self.text.split_whitespace();
        words.filter(|word| word.contains("://")).map(str::to_owned).collect()
    }
}

impl TestApp {
    /// All mails.
    pub fn letters(&self) -> Vec<Letter> {
        let vault = &self.services().vault;
        let mails = self.db(|conn| outbox_latest(conn, vault, 500)).expect("mails");
        let base = &self.services().settings.base_url;
        let read = mails.into_iter().filter_map(|mail| {
            // One that was taken back has no text.
            let words = render(&mail.letter?, mail.language, base).expect("words");
            Some(Letter {
                to: mail.recipient,
                language: mail.language.to_string(),
                subject: words.subject,
                text: words.text.expose().to_owned(),
                html: words.html.expose().to_owned(),
            })
        });
        read.collect()
    }

    /// All mails; they are forgotten then.
    pub fn take_letters(&self) -> Vec<Letter> {
        let letters = self.letters();
        self.db(|conn| run(conn, "DELETE FROM outbox"));
        letters
    }

    /// The only mail; it is forgotten then.
    #[track_caller]
    pub fn take_letter(&self) -> Letter {
        let mut letters = self.take_letters();
        assert_eq!(letters.len(), 1, "{letters:#?}");
        letters.remove(0)
    }

    /// The path of the only link in the only mail, which must be to somebody and lead to a page.
    #[track_caller]
    pub fn take_link(&self, to: &str, page: &str) -> String {
        let letter = self.take_letter();
        assert_eq!(letter.to, to, "{letter:#?}");
        let links = letter.links();
        assert_eq!(links.len(), 1, "{letter:#?}");
        let path = links[0].strip_prefix(&self.services().settings.base_url).expect("our link");
        assert!(path.starts_with(&format!("{page}?key=")), "{path}");
        path.to_owned()
    }

    /// A link about one of the cast, past the pages: its path. It was mailed to some address.
    pub fn has_link(&self, name: &str, purpose: Purpose, to: &str) -> String {
        let (random, now) = (&self.services().random, self.clock().now());
        let issued = self.db(|conn| {
            link_insert(conn, random, (account(name), purpose), (to, to), now).expect("a link")
        });
        switchroom::web::urls::link(purpose, issued.token.expose())
    }

    /// Somebody's address was never confirmed.
    pub fn has_unconfirmed(&self, name: &str) {
        let address = email(name);
        let query =
            format!("UPDATE accounts SET email_verified_at = NULL WHERE email_key = '{address}'");
        self.db(|conn| run(conn, &query));
    }
}
