//! An authenticator app: what a person has on the telephone beside the browser.

use std::time::Duration;

use switchroom::authenticators::totp;
use switchroom::clock::minutes;
use switchroom::secret::Secret;

use crate::visit::Visit;

/// The length of a code's time.
const STEP: Duration = Duration::from_secs(30);

/// An app with a seed in it.
pub struct Authenticator(Secret);

impl Authenticator {
    /// Reads the text key off the page that sets one up, as people do who cannot scan.
    pub async fn read_off(visit: &Visit) -> Self {
        let key = visit.page.evaluate("document.querySelector('.steps .secret code').textContent");
        let key = key.await.as_str().unwrap_or_default().replace(' ', "");
        assert_eq!(key.len(), 32, "{key} is no key");
        Self(Secret::new(key))
    }

    /// Sets one up in the profile of whoever is signed in and has none.
    pub async fn set_up(visit: &Visit) -> Self {
        let (page, t) = (&visit.page, visit.t);
        visit.goto("/profile/authenticator").await;
        if page.count("[name=password]").await == 1 {
            page.fill(t.authenticator_password(), &visit.console.password).await;
        }
        page.submit(t.authenticator_start()).await;
        let app = Self::read_off(visit).await;
        page.fill(t.code_of_totp(), &app.next_code(visit)).await;
        page.submit(t.authenticator_confirm()).await;
        Self::prove_by_mail(visit).await;
        visit.expect_said(t.flash_authenticator_added()).await;
        // One younger than a day does not confirm what is dangerous.
        visit.console.change("UPDATE authenticators SET confirmed_at = confirmed_at - 172800000000 WHERE state = 'active'");
        // The pause before the next code is mailed.
        visit.console.clock.forward(minutes(1));
        app
    }

    /// Enters the code that was mailed, where mail is sent.
    pub async fn prove_by_mail(visit: &Visit) {
        if visit.path().await.starts_with("/step-up/") {
            visit.page.fill(visit.t.code_of_email(), &visit.mailed_code().await).await;
            visit.send().await;
        }
    }

    /// What the app shows once the code of before, which works once only, has made way for another.
    pub fn next_code(&self, visit: &Visit) -> String {
        visit.console.clock.forward(STEP);
        totp::code_at(&self.0, visit.console.clock.now()).expect("a code")
    }

    /// Six digits that the app shows neither now nor soon.
    pub fn wrong_code(&self, visit: &Visit) -> String {
        let now = visit.console.clock.now();
        let near = [now.minus(STEP), now, now.plus(STEP)];
        let near = near.map(|at| totp::code_at(&self.0, at).expect("a code"));
        let all = (0..=near.len()).map(|number| format!("{number:06}"));
        all.into_iter().find(|code| !near.contains(code)).expect("more codes than are right")
    }
}
