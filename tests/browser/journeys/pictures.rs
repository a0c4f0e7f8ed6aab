//! The pictures of the pages in `docs/screenshots`.

use std::path::Path;

use serde_json::json;

use crate::console::Console;
use crate::support::{Language, Variant};
use crate::tour;
use crate::visit::{Visit, in_each};

/// Set to make the pictures anew.
const WANTED: &str = "SWITCHROOM_TEST_SCREENSHOTS";

/// The stops of the tours that are worth a picture.
const PAGES: [&str; 71] = [
    "setup",
    "overview-empty",
    "apps-empty",
    "sign-in",
    "overview",
    "apps",
    "apps-no-match",
    "minutes",
    "app-new",
    "app-new-refused",
    "app",
    "app-edit",
    "statistics",
    "statistics-c2c",
    "statistics-group",
    "statistics-rtc",
    "statistics-of-all",
    "statistics-refused",
    "live",
    "token",
    "token-generated",
    "usersig",
    "usersig-generated",
    "verify",
    "verify-valid",
    "verify-refused",
    "profile",
    "workspaces",
    "403",
    "404",
    "expired",
    "signed-out",
    "429",
    "step-up",
    "step-up-refused",
    "step-up-by-mail",
    "step-up-locked",
    "certificates-shown",
    "app-delete",
    "authenticator-set-up",
    "sign-in-code",
    "phone-none",
    "phone-code",
    "phone",
    "profile-unconfirmed",
    "email-not-sent",
    "reset-password-refused",
    "freeze",
    "members",
    "member",
    "roles",
    "invite-refused",
    "invitation",
    "workspace",
    "step-up-with-link",
    "mail-link",
    "recovery-codes",
    "api-keys",
    "api-key-created",
    "help",
    "sessions",
    "activity",
    "passkeys",
    "step-up-by-passkey",
    "sign-in-with-passkey",
    "sign-in-passkey",
    "sign-in-sso",
    "sso-away",
    "profile-sso",
    "identity-none",
    "identity",
];

#[tokio::test]
async fn pictures_of_an_empty_console() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::empty, async |visit| {
        tour::through_an_empty_console(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_a_full_console() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo, async |visit| {
        tour::through_apps(visit, async |name| take(visit, name).await).await;
        tour::through_tokens(visit, async |name| take(visit, name).await).await;
        tour::through_errors(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_proofs_and_authenticators() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_proofs(visit, async |name| take(visit, name).await).await;
    })
    .await;
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_phones(visit, async |name| take(visit, name).await).await;
    })
    .await;
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_authenticators(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_accounts() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_accounts(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_single_sign_on() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo_with_provider, async |visit| {
        tour::through_single_sign_on(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_people() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_members(visit, async |name| take(visit, name).await).await;
    })
    .await;
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_links(visit, async |name| take(visit, name).await).await;
    })
    .await;
    in_each(&variants(), Console::demo_with_banner, async |visit| {
        tour::through_keys(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_help() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo, async |visit| {
        tour::through_help(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_passkeys() {
    if std::env::var_os(WANTED).is_none() {
        return;
    }
    in_each(&variants(), Console::demo_by_name, async |visit| {
        tour::through_passkeys(visit, async |name| take(visit, name).await).await;
    })
    .await;
}

/// Each language once on each screen and in each theme: half of all, which shows as much.
fn variants() -> [Variant; 4] {
    [
        Variant { dark: true, language: Language::Chinese, ..Variant::DESKTOP },
        Variant { dark: false, language: Language::English, ..Variant::DESKTOP },
        Variant { dark: false, language: Language::Chinese, ..Variant::PHONE },
        Variant { dark: true, language: Language::English, ..Variant::PHONE },
    ]
}

async fn take(visit: &Visit, name: &str) {
    if !PAGES.contains(&name) {
        return;
    }
    let variant = visit.variant;
    let language = variant.language.tag().split('-').next().unwrap_or_default();
    let screen = if variant.mobile { "phone" } else { "desktop" };
    let theme = if variant.dark { "dark" } else { "light" };
    // One pixel for one: twice as many would say no more and weigh four times as much.
    let size = json!({
        "width": variant.width,
        "height": variant.height,
        "deviceScaleFactor": 1,
        "mobile": variant.mobile,
    });
    // The banner of the demonstration, where mail can be read, is not part of the console.
    visit.page.evaluate("document.querySelector('aside.banner')?.remove()").await;
    // The bar sticks to the top of what is in sight.
    visit.page.evaluate("scrollTo(0, 0)").await;
    visit.page.ask("Emulation.setDeviceMetricsOverride", size).await;
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screenshots"));
    let file = format!("{name}-{language}-{screen}-{theme}.png");
    visit.page.screenshot(folder.join(file)).await;
}
