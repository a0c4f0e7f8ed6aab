//! The support tried on pages of its own, so that a journey that fails means the product.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{Browser, Language, Page, Variant};

/// Serves [`answer`] on a port of its own until the process ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its number");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
    let request = lines.next().and_then(Result::ok).unwrap_or_default();
    let headers: Vec<String> =
        lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let (status, kind, body) = match request.split(' ').nth(1).unwrap_or_default() {
        "/" => ("200 OK", "text/html", FORM.to_owned()),
        "/style.css" => ("200 OK", "text/css", STYLE.to_owned()),
        "/icon.svg" => ("200 OK", "image/svg+xml", ICON.to_owned()),
        "/echo" => ("200 OK", "text/html", page("Echo", &headers.join("<br>"))),
        "/wide" => ("200 OK", "text/html", WIDE.to_owned()),
        "/loud" => ("200 OK", "text/html", LOUD.to_owned()),
        "/figures.csv" => ("200 OK", "text/csv", "day,users\r\n".to_owned()),
        path if path.starts_with("/sent") => {
            ("422 Unprocessable Content", "text/html", page("Sent", path))
        }
        _ => ("404 Not Found", "text/html", page("Nothing", "Not here")),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: default-src 'self'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn page(title: &str, main: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title><meta name=viewport \
         content='width=device-width'><link rel=stylesheet href=/style.css>\
         <link rel=icon href=/icon.svg></head><body><main><h1>{title}</h1><p>{main}</p></main></body></html>"
    )
}

const STYLE: &str = "p { overflow-wrap: anywhere } summary, a { display: block; padding: 1rem }";

const ICON: &str = "<svg xmlns='http://www.w3.org/2000/svg'></svg>";

const FORM: &str = r"<!doctype html><html lang=en><head><title>Form</title>
<meta name=viewport content='width=device-width'><link rel=stylesheet href=/style.css>
<link rel=icon href=/icon.svg></head><body>
<header><a href=/nowhere>Save</a></header><main><h1>Form</h1>
<noscript><p>No scripts</p></noscript>
<form action=/sent><label>App name <input name=title value=old></label>
<label for=day>Day</label><input id=day type=date name=day>
<label for=kind>Kind</label><select id=kind name=kind><option value=g>Game<option value=s>Social
</select><label><input type=checkbox name=agreed> Agreed</label><button>Save</button></form>
<a href=/figures.csv download>Export</a><details><summary>More</summary><p>Hidden words</p></details></main></body></html>";

const WIDE: &str = "<!doctype html><html><title></title><body><img src=/none.png>
<svg width=3000 height=10></svg></body></html>";

const LOUD: &str = "<!doctype html><html lang=en><title>Loud</title><body>
<script>alert(1)</script></body></html>";

async fn open(variant: Variant, path: &str) -> Option<(Browser, Page)> {
    let browser = Browser::launch(variant).await?;
    let page = browser.page().await;
    page.goto(&(serve() + path)).await;
    Some((browser, page))
}

#[tokio::test]
async fn a_form_is_filled_by_its_labels_and_sent_by_its_button_with_and_without_scripts() {
    for variant in [Variant::DESKTOP, Variant::PHONE, Variant::DESKTOP.without_javascript()] {
        let Some((_browser, page)) = open(variant, "/").await else { return };
        page.fill("App name", "蓝 & blue").await;
        page.fill("Day", "2026-11-20").await;
        page.choose("Kind", "Social").await;
        page.check("Agreed", true).await;
        page.check("Agreed", true).await;
        assert_eq!(page.value("title").await, "蓝 & blue");

        page.submit("Save").await;

        assert_eq!(page.status(), 422);
        assert_eq!(page.text("h1").await, "Sent");
        let sent = "title=%E8%93%9D+%26+blue&day=2026-11-20&kind=s&agreed=on";
        assert!(page.url().await.ends_with(sent), "{}", page.url().await);
        page.expect_quiet();
    }
}

#[tokio::test]
async fn keys_move_the_focus_and_press_what_has_it() {
    let Some((_browser, page)) = open(Variant::DESKTOP, "/").await else { return };
    assert_eq!(page.focused().await, "");
    page.press("Tab").await;
    assert_eq!(page.focused().await, "link Save");
    assert!(page.focus_is_visible().await);
    page.press("Tab").await;
    page.press("x").await;
    assert_eq!(page.focused().await, "textbox App name");

    page.arrive_after(page.press("Enter")).await;

    assert!(page.url().await.contains("title=x&"), "{}", page.url().await);
}

#[tokio::test]
async fn words_in_a_closed_box_are_waited_for_until_it_is_opened() {
    let Some((_browser, page)) = open(Variant::PHONE, "/").await else { return };
    assert!(!page.texts("main").await.concat().contains("Hidden words"));
    page.click_text("More").await;
    page.wait_for_text("Hidden words").await;
    page.wait_for("details[open] p").await;
}

#[tokio::test]
async fn a_variant_reaches_the_server_and_the_page() {
    let chinese = Variant::PHONE.in_language(Language::Chinese);
    for (variant, language) in [(Variant::PHONE, "en"), (chinese, "zh-CN")] {
        let Some((_browser, page)) = open(variant, "/echo").await else { return };
        let asked = format!("Accept-Language: {language}");
        assert!(page.text("p").await.contains(&asked), "{}", page.text("p").await);
        let seen = page
            .evaluate(
                "[matchMedia('(prefers-color-scheme: dark)').matches, innerWidth, \
                 matchMedia('(pointer: coarse)').matches, navigator.language]",
            )
            .await;
        assert_eq!(seen, serde_json::json!([true, 390, true, language]));
    }
    let still = Variant::DESKTOP.without_javascript();
    let Some((_browser, page)) = open(still, "/").await else { return };
    page.wait_for_text("No scripts").await;
}

#[tokio::test]
async fn windows_share_no_cookies_and_pages_of_one_do() {
    let address = serve();
    let Some(one) = Browser::launch(Variant::DESKTOP).await else { return };
    let Some(other) = Browser::launch(Variant::DESKTOP).await else { return };
    one.set_cookie(&address, "who", "alice").await;
    for (browser, expected) in [(&one, true), (&other, false), (&one, true)] {
        let page = browser.page().await;
        page.goto(&format!("{address}/echo")).await;
        assert_eq!(page.text("p").await.contains("who=alice"), expected);
    }
    one.clear_cookies().await;
    assert!(one.cookies().await.is_empty());
}

#[tokio::test]
async fn faults_of_a_page_are_seen() {
    let Some((_browser, page)) = open(Variant::DESKTOP, "/wide").await else { return };
    assert!(page.sideways_scroll().await > 1500);
    let rules: Vec<String> = page.axe().await.into_iter().map(|found| found.rule).collect();
    for rule in ["document-title", "html-has-lang", "image-alt", "landmark-one-main"] {
        assert!(rules.iter().any(|found| found == rule), "{rule} is not among {rules:?}");
    }
    let missing: Vec<String> = page.console_messages().iter().map(ToString::to_string).collect();
    assert!(missing.concat().contains("404"), "{missing:?}");

    let Some((_browser, page)) = open(Variant::DESKTOP, "/loud").await else { return };
    let forbidden = page.csp_violations();
    assert!(forbidden.concat().contains("script-src"), "{forbidden:?}");
}

#[tokio::test]
async fn a_page_is_weighed_and_drawn() {
    for variant in [Variant::PHONE, Variant::PHONE.without_javascript()] {
        let Some((_browser, page)) = open(variant, "/").await else { return };
        page.expect_accessible().await;
        let transfer = page.transfer().await;
        assert_eq!(transfer.total.requests, 2, "{transfer:?}");
        assert!(transfer.of("Stylesheet").bytes > 18, "{transfer:?}");
        assert!(transfer.of("Document").bytes > FORM.len() as u64, "{transfer:?}");
        assert_eq!(page.sideways_scroll().await, 0);
        assert!(page.layout_shift().await < 0.001);

        let folder = tempfile::tempdir().expect("a folder");
        let picture = folder.path().join(format!("deep/{}.png", page.variant));
        page.screenshot(&picture).await;
        assert!(std::fs::read(picture).expect("a picture").starts_with(b"\x89PNG"));
    }
}

#[tokio::test]
async fn a_file_is_downloaded_and_the_page_stays() {
    let Some((_browser, page)) = open(Variant::DESKTOP.without_javascript(), "/").await else {
        return;
    };
    for _ in 0..2 {
        let file = page.download_after(page.click_text("Export")).await;
        assert_eq!(file.name, "figures.csv");
        assert_eq!(file.bytes, b"day,users\r\n");
        assert_eq!(page.title().await, "Form");
    }
    page.expect_quiet();
}

#[tokio::test]
#[should_panic(expected = "waited in vain for exactly one control called `Nonsense`")]
async fn what_is_not_there_cannot_be_pressed() {
    let Some((_browser, mut page)) = open(Variant::DESKTOP, "/").await else {
        panic!("waited in vain for exactly one control called `Nonsense`");
    };
    page.patience = Duration::from_millis(300);
    page.click_text("Nonsense").await;
}

#[tokio::test]
async fn a_passkey_is_made_by_the_authenticator_plugged_in() {
    let Some(browser) = Browser::launch(Variant::DESKTOP).await else { return };
    let page = browser.page().await;
    page.plug_in_authenticator().await;
    // A passkey belongs to a name; an address has none.
    page.goto(&serve().replace("127.0.0.1", "localhost")).await;
    let made = page
        .evaluate(
            "navigator.credentials.create({ publicKey: {
               challenge: new Uint8Array(16),
               rp: { name: 'Switchroom' },
               user: { id: new Uint8Array(4), name: 'alice', displayName: 'Alice' },
               pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
             } }).then(credential => credential.type)",
        )
        .await;
    assert_eq!(made, "public-key");
}
